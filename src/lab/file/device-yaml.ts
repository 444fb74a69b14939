// What a lab file says of its devices beside addresses: the kind, flags, other names, and how IPv6 behaves on them.

import type { Cursor } from '../yaml-cursor.ts';
import type { DeviceTraits, Ipv6Settings, LabEndpoint } from './lab.ts';

/** Words of a lab that name a choice. */
export function choice<T extends string>(at: Cursor, what: string, values: readonly T[], otherwise: T): T {
  const text = at.text();
  if (text === null) return otherwise;
  const found = values.find((v) => v === text);
  if (found === undefined) at.unknown(what, text, values);
  return found ?? otherwise;
}

export const TRAIT_FIELDS = ['promisc', 'allmulti', 'arp', 'altnames'] as const;
type Fields = Partial<Record<(typeof TRAIT_FIELDS)[number], Cursor>>;

export function readKind(at: Cursor | undefined): LabEndpoint['kind'] {
  return at === undefined ? 'macvlan' : choice(at, 'kind', ['macvlan', 'macvtap'], 'macvlan');
}

export function readTraits(f: Fields, device: string): DeviceTraits {
  return {
    promisc: f.promisc?.flag() ?? null,
    allmulti: f.allmulti?.flag() ?? null,
    arp: f.arp?.flag() ?? null,
    altnames: f.altnames === undefined ? null : readAltnames(f.altnames.items(), device),
  };
}

/** Linux: at most 127 characters; one namespace knows a name once, whoever bears it. */
function readAltnames(items: readonly Cursor[], device: string): string[] {
  const seen = new Set([device]);
  return items.flatMap((at) => {
    const name = at.text();
    if (name === null) return [];
    if (name.length > 127 || !/^[^/\s]+$/.test(name)) {
      at.problem(`"${name}" is no other name of a device: at most 127 characters, no spaces, no "/"`);
    } else if (seen.has(name)) at.problem(`"${name}" is said already`);
    seen.add(name);
    return [name];
  });
}

/** `ipv6: false`, or a map of what differs from the kernel's. */
export function readIpv6(at: Cursor | undefined): { ipv6: boolean; ipv6Settings: Ipv6Settings } {
  if (at === undefined) return { ipv6: true, ipv6Settings: {} };
  if (at.isFlag || at.isText) return { ipv6: at.flag() ?? true, ipv6Settings: {} };
  const f = at.fields(['acceptRa', 'autoconf', 'acceptDad', 'addrGenMode']);
  const acceptRa = f.acceptRa?.integer(0, 2);
  const autoconf = f.autoconf?.flag();
  const acceptDad = f.acceptDad?.integer(0, 2);
  const genMode =
    f.addrGenMode === undefined ? null : choice(f.addrGenMode, 'mode', ['eui64', 'none', 'random'] as const, 'eui64');
  return {
    ipv6: true,
    ipv6Settings: {
      ...(acceptRa == null ? {} : { acceptRa }),
      ...(autoconf == null ? {} : { autoconf: autoconf ? 1 : 0 }),
      ...(acceptDad == null ? {} : { acceptDad }),
      ...(genMode === null ? {} : { addrGenMode: genMode }),
    },
  };
}
