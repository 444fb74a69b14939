// The five ways in which tcpdump prints a packet's time. UTC: a lab has no time zone. tcpdump: util-print.c, ts_print().

/** Seconds since 1970 and nanoseconds: together they do not fit one number. */
export interface PacketTime {
  sec: number;
  nsec: number;
}

interface Times {
  first: PacketTime | null;
  previous: PacketTime | null;
}

const two = (n: number): string => String(n).padStart(2, '0');

function fraction(nsec: number, nano: boolean): string {
  return nano ? String(nsec).padStart(9, '0') : String(Math.floor(nsec / 1000)).padStart(6, '0');
}

function clock(sec: number): string {
  const s = sec % 86_400;
  return `${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

/** The date of a day number since 1970, from the civil calendar's 400-year cycles. */
function date(day: number): string {
  const z = day + 719_468;
  const era = Math.floor(z / 146_097);
  const doe = z - era * 146_097;
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365);
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const d = doy - Math.floor((153 * mp + 2) / 5) + 1;
  const m = mp < 10 ? mp + 3 : mp - 9;
  return `${yoe + era * 400 + (m <= 2 ? 1 : 0)}-${two(m)}-${two(d)}`;
}

function since(from: PacketTime, to: PacketTime, nano: boolean): string {
  const earlier = to.sec < from.sec || (to.sec === from.sec && to.nsec < from.nsec);
  const [a, b] = earlier ? [to, from] : [from, to];
  const borrow = b.nsec < a.nsec ? 1 : 0;
  const sec = b.sec - a.sec - borrow;
  return `${earlier ? '-' : ' '}${clock(sec)}.${fraction(b.nsec - a.nsec + borrow * 1e9, nano)} `;
}

/** `t` is how many times -t was given. */
export function timeText(t: PacketTime, how: number, nano: boolean, times: Times): string {
  const first = (times.first ??= t);
  const reference = how === 5 ? first : (times.previous ?? t);
  times.previous = t;
  const frac = fraction(t.nsec, nano);
  if (how === 1) return '';
  if (how === 2) return `${t.sec}.${frac} `;
  if (how === 3 || how === 5) return since(reference, t, nano);
  if (how === 4) return `${date(Math.floor(t.sec / 86_400))} ${clock(t.sec)}.${frac} `;
  return `${clock(t.sec)}.${frac} `;
}
