// A moment as text, as snapshots carry it: in UTC, by the calendar of base/civil.ts.

import { civilDate } from '../../base/civil.ts';

/** ISO 8601, UTC, to the second. `wallNs`: since 1970. */
export function isoTime(wallNs: number): string {
  const seconds = Math.floor(wallNs / 1e9);
  const days = Math.floor(seconds / 86400);
  const rest = seconds - days * 86400;
  const { year, month, day } = civilDate(days);
  const two = (n: number) => String(n).padStart(2, '0');
  const time = `${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`;
  return `${year}-${two(month)}-${two(day)}T${time}Z`;
}
