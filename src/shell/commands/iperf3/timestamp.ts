// A time of day as iperf3's JSON has it (RFC 1123), without the host's calendar.

const DAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const two = (n: number): string => String(n).padStart(2, '0');

/** `ns` since 1970. */
export function timestamp(ns: number): { time: string; secs: number } {
  const secs = Math.floor(ns / 1e9);
  const days = Math.floor(secs / 86400);
  const rest = secs % 86400;
  let year = 1970;
  let left = days;
  const leap = (y: number): boolean => (y % 4 === 0 && y % 100 !== 0) || y % 400 === 0;
  while (left >= (leap(year) ? 366 : 365)) {
    left -= leap(year) ? 366 : 365;
    year++;
  }
  const lengths = [31, leap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  let month = 0;
  while (left >= lengths[month]) left -= lengths[month++];
  const clock = `${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`;
  return { time: `${DAYS[days % 7]}, ${two(left + 1)} ${MONTHS[month]} ${year} ${clock} GMT`, secs };
}
