// The time before a message of a monitor (-t, -ts). iproute2: lib/utils.c, print_timestamp().

import { monthNames, WallTime, weekdayNames } from '../../walltime.ts';

const two = (n: number): string => String(n).padStart(2, '0');

/** `wallNs`: ns since 1970, UTC. `short`: [2026-11-22T18:36:42.000123], else ctime()'s form. */
export function timestamp(wallNs: number, short: boolean): string {
  const t = new WallTime(wallNs);
  const usec = Math.floor(t.nano / 1000);
  const clock = `${two(t.hour)}:${two(t.minute)}:${two(t.second)}`;
  if (short) return `[${t.year}-${two(t.month)}-${two(t.day)}T${clock}.${String(usec).padStart(6, '0')}] `;
  const date = `${weekdayNames[t.weekday]} ${monthNames[t.month - 1]} ${String(t.day).padStart(2)}`;
  return `Timestamp: ${date} ${clock} ${t.year} ${usec} usec\n`;
}
