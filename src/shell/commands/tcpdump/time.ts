// The five ways in which tcpdump prints a packet's time. UTC: a lab has no time zone. tcpdump: util-print.c, ts_print().

import { civilDate } from '../../../base/civil.ts';

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

/** The date of a day number since 1970. */
function date(day: number): string {
  const d = civilDate(day);
  return `${d.year}-${two(d.month)}-${two(d.day)}`;
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
