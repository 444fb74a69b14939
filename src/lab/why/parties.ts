// Ends of a question as the parties of a measurement in a loaded model.

import type { NetNs } from '../../net/netns.ts';
import { parseIp } from '../../uapi/format.ts';
import type { Traffic } from '../file/lab.ts';
import type { Party } from '../measure/cells.ts';
import type { Loaded } from '../snapshot/load.ts';
import { namespaceName } from '../snapshot/snapshot.ts';
import type { End } from './ends.ts';
import type { Exit } from './exit.ts';

/** IPv6 where an end is an IPv6 address, or where the two have no other family in common. */
export function trafficOf(from: End, to: End): Traffic {
  for (const { address } of [from, to]) if (address !== null) return address.includes(':') ? 'ipv6' : 'ipv4';
  const has = ({ ns, device }: End, family: 4 | 6): boolean => {
    const own =
      ns?.links.filter((l) => (device === null ? l.name !== 'lo' : l.name === device)).map((l) => l.index) ?? [];
    return ns?.addresses.some((a) => a.family === family && own.includes(a.dev) && a.scope === 'global') ?? false;
  };
  return !(has(from, 4) && has(to, 4)) && has(from, 6) && has(to, 6) ? 'ipv6' : 'ipv4';
}

/** An end outside is whoever answers behind the exit. */
export function partyOf(loaded: Loaded, end: End, exit: Exit | null): Party {
  const name = end.name;
  if (end.ns === null) {
    const { beyond, answers } = exit as Exit;
    const place = { kind: 'ns' as const, ns: beyond, name: beyond.label };
    return { name, place, device: answers.name, speaksFrom: [answers.name], addresses: addressOf(end) };
  }
  const ns = loaded.at(end.ns.id) as NetNs;
  const place = end.ns.host ? { kind: 'host' as const } : { kind: 'ns' as const, ns, name: namespaceName(end.ns) };
  return {
    name,
    place,
    device: end.device,
    speaksFrom: end.device === null ? null : [end.device],
    addresses: addressOf(end),
  };
}

export function addressOf({ address }: End): Party['addresses'] {
  if (address === null) return [];
  const six = typeof parseIp(address) !== 'number';
  return [{ family: six ? 6 : 4, address, length: six ? 128 : 32 }];
}
