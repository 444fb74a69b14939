// Names that `ip` gives to numbers of links.

import { parseNumber } from '../iproute/args.ts';

/** /etc/iproute2/group: the only name is `default`. */
export function groupName(group: number, numeric = false): string {
  return group === 0 && !numeric ? 'default' : String(group);
}

/** A group by name or number; null when it is none. */
export function parseGroup(text: string): number | null {
  return text === 'default' ? 0 : parseNumber(text);
}
