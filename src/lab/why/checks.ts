// What a probe does not show, or shows without saying why: addresses that two devices share, neighbour entries that are
// wrong, MTUs that differ. Read off the snapshot, for the devices that a question is about.

import { shellWord } from '../../base/shell-word.ts';
import { execIn } from '../snapshot/commands.ts';
import { findLink, linkName, lowerOf, type SnapLink, type SnapNamespace, type Snapshot } from '../snapshot/snapshot.ts';
import type { End } from './ends.ts';

export interface Warning {
  readonly code:
    | 'host-isolation'
    | 'rp-filter'
    | 'no-device'
    | 'duplicate-mac'
    | 'duplicate-address'
    | 'neighbour'
    | 'mtu'
    | 'prefix';
  readonly text: string;
  readonly cure: string | null;
  /** A probe, which asks by itself, would not show it: this decides. */
  readonly decides?: boolean;
}

interface At {
  readonly ns: SnapNamespace;
  readonly link: SnapLink;
}

export function warningsOf(snapshot: Snapshot, from: End, to: End): Warning[] {
  const ends = [...devicesOf(from), ...devicesOf(to)];
  return unique([
    ...ends.flatMap((at) => duplicateMac(snapshot, at)),
    ...[from, to].flatMap((end) => duplicateAddress(snapshot, end)),
    ...wrongNeighbours(snapshot, from, to),
    ...wrongNeighbours(snapshot, to, from),
    ...prefixes(from, to),
    ...mtus(from, to),
    ...isolation(snapshot, from, to),
    ...isolation(snapshot, to, from),
  ]);
}

function unique(warnings: readonly Warning[]): Warning[] {
  return warnings.filter((w, i) => warnings.findIndex((o) => o.text === w.text) === i);
}

function devicesOf({ ns, device }: End): At[] {
  if (ns === null) return [];
  const links = device === null ? ns.links.filter((l) => l.type === 1) : ns.links.filter((l) => l.name === device);
  return links.map((link) => ({ ns, link }));
}

/** What it stands on in the end; the two ends of a pair, and the ports of a bridge, are one wire. */
function wireOf(snapshot: Snapshot, at: At): At {
  const bottom = bottomOf(snapshot, at);
  const other = bottom.link.kind === 'veth' ? lowerOf(snapshot, bottom.ns, bottom.link) : null;
  for (const end of [bottom, ...(other === null ? [] : [other])]) {
    const master = findLink(end.ns, end.link.master);
    if (master?.kind === 'bridge') return { ns: end.ns, link: master };
  }
  if (other === null) return bottom;
  const key = (a: At): string => `${a.ns.id}/${a.link.index}`;
  return key(bottom) < key(other) ? bottom : other;
}

function bottomOf(snapshot: Snapshot, at: At): At {
  const lower = at.link.kind === 'veth' ? null : lowerOf(snapshot, at.ns, at.link);
  return lower === null ? at : bottomOf(snapshot, lower);
}

function vlansOf(snapshot: Snapshot, at: At): string {
  const lower = at.link.kind === 'veth' ? null : lowerOf(snapshot, at.ns, at.link);
  const own = at.link.vlan === null ? '' : `${at.link.vlan.id} `;
  return lower === null ? own : own + vlansOf(snapshot, lower);
}

/** Another device of the same wire with the same MAC; a device and what it is on may share theirs. */
function duplicateMac(snapshot: Snapshot, at: At): Warning[] {
  const { mac } = at.link;
  if (mac === null || mac === '00:00:00:00:00:00') return [];
  const [bottom, vlans] = [wireOf(snapshot, at), vlansOf(snapshot, at)];
  const others = snapshot.namespaces.flatMap((ns) =>
    ns.links.filter((l) => l.mac === mac && l !== at.link && l.up).map((link) => ({ ns, link })),
  );
  return others.flatMap((other) => {
    const same = wireOf(snapshot, other);
    if (same.link !== bottom.link || vlansOf(snapshot, other) !== vlans) return [];
    if (stands(snapshot, other, at) || stands(snapshot, at, other)) return [];
    const text = `${linkName(at.ns, at.link)} and ${linkName(other.ns, other.link)} have the same MAC address ${mac} on ${linkName(bottom.ns, bottom.link)}: only one of them gets what is sent to it`;
    return [
      {
        code: 'duplicate-mac',
        text,
        cure: `another address for one of them: ip link set dev ${shellWord(other.link.name)} address ...`,
      },
    ];
  });
}

/** Is `upper` on `lower`, perhaps through others, or a port of it? */
function stands(snapshot: Snapshot, upper: At, lower: At): boolean {
  if (upper.link.master === lower.link.index && upper.ns === lower.ns) return true;
  const next = upper.link.kind === 'veth' ? null : lowerOf(snapshot, upper.ns, upper.link);
  return next !== null && (next.link === lower.link || stands(snapshot, next, lower));
}

/** Global ones, of the device that is meant. */
export function addressesOf(end: End): { address: string; length: number; family: 4 | 6; dev: number }[] {
  const { ns } = end;
  if (ns === null) return [];
  const devs = new Set(devicesOf(end).map((at) => at.link.index));
  return ns.addresses.filter((a) => devs.has(a.dev) && a.scope === 'global');
}

function duplicateAddress(snapshot: Snapshot, end: End): Warning[] {
  return addressesOf(end).flatMap((own) => {
    const owners = snapshot.namespaces.flatMap((ns) =>
      ns.addresses
        .filter((a) => a.address === own.address)
        .map((a) => ({ ns, link: findLink(ns, a.dev), a }))
        .filter(({ link }) => link?.up === true),
    );
    const bottoms = owners.map(({ ns, link }) => wireOf(snapshot, { ns, link: link as SnapLink }).link);
    if (owners.length < 2 || !bottoms.some((b, i) => bottoms.indexOf(b) !== i)) return [];
    const names = owners.map(({ ns, link }) => linkName(ns, link as SnapLink)).join(' and ');
    return [
      {
        code: 'duplicate-address' as const,
        text: `${names} all have ${own.address}: who is quicker answers`,
        cure: 'an address of its own for each',
      },
    ];
  });
}

/** `from` believes in another MAC than the one that `to` has. */
function wrongNeighbours(snapshot: Snapshot, from: End, to: End): Warning[] {
  const { ns } = from;
  if (ns === null || to.ns === null) return [];
  const target = to.ns;
  return addressesOf(to).flatMap(({ address, dev }) => {
    const owner = findLink(target, dev);
    return ns.neighbours
      .filter((n) => n.address === address && n.mac !== null && !n.proxy && n.state !== 'FAILED')
      .filter(
        (n) =>
          !snapshot.namespaces.some((s) =>
            s.addresses.some((a) => a.address === address && findLink(s, a.dev)?.mac === n.mac),
          ),
      )
      .map((n): Warning => {
        const by = findLink(ns, n.dev)?.name ?? String(n.dev);
        const space = ns.host ? 'the host' : (ns.names[0] ?? 'it');
        return {
          code: 'neighbour',
          text: `${space} has ${n.mac} for ${address} on ${by} (${n.state}), and ${address} is at ${owner?.mac}`,
          cure: execIn(ns, `ip neigh del ${address} dev ${shellWord(by)}`),
          decides: n.state === 'PERMANENT',
        };
      });
  });
}

/** One believes the other to be on its link, which takes it for far away. */
function prefixes(from: End, to: End): Warning[] {
  return addressesOf(from).flatMap((a) =>
    addressesOf(to).flatMap((b): Warning[] => {
      if (a.family !== 4 || b.family !== 4 || a.length === b.length || a.length === 32 || b.length === 32) return [];
      const [inA, inB] = [within(b.address, a.address, a.length), within(a.address, b.address, b.length)];
      if (inA === inB) return [];
      return [
        {
          code: 'prefix',
          text: `${a.address}/${a.length} and ${b.address}/${b.length}: one takes the other for a neighbour, the other does not`,
          cure: 'the same prefix length on both sides',
        },
      ];
    }),
  );
}

/** IPv4. */
export function within(address: string, net: string, length: number): boolean {
  const number = (text: string): number => text.split('.').reduce((n, part) => n * 256 + Number(part), 0);
  const size = 2 ** (32 - length);
  return Math.floor(number(address) / size) === Math.floor(number(net) / size);
}

function mtus(from: End, to: End): Warning[] {
  const [a, b] = [from, to].map((end) => devicesOf(end).filter(({ link }) => link.type === 1));
  if (a.length !== 1 || b.length !== 1 || a[0].link.mtu === b[0].link.mtu) return [];
  const [small, large] = a[0].link.mtu < b[0].link.mtu ? [a[0], b[0]] : [b[0], a[0]];
  const text = `the MTU of ${linkName(large.ns, large.link)} is ${large.link.mtu}, of ${linkName(small.ns, small.link)} ${small.link.mtu}: longer packets may be lost between them`;
  return [
    { code: 'mtu', text, cure: execIn(large.ns, `ip link set ${shellWord(large.link.name)} mtu ${small.link.mtu}`) },
  ];
}

/** `end` is a namespace with the lower device of the other's macvlan in it, and without a macvlan of its own beside it. */
function isolation(snapshot: Snapshot, end: End, other: End): Warning[] {
  if (end.ns === null || other.ns === end.ns) return [];
  const { ns } = end;
  return devicesOf(other).flatMap(({ ns: where, link }): Warning[] => {
    const lower = link.macvlan === null ? null : lowerOf(snapshot, where, link);
    if (lower === null || lower.ns !== ns || (end.device !== null && end.device !== lower.link.name)) return [];
    const shim = ns.links.some((l) => l.macvlan !== null && l.up && l.linkNsid === null && l.link === lower.link.index);
    if (shim && end.device === null) return [];
    const on = linkName(ns, lower.link);
    const text = `host isolation: ${on} is not a sibling of its macvlans, and ${linkName(where, link)} is one`;
    return [
      {
        code: 'host-isolation',
        text,
        cure: `a macvlan for the host itself on ${on}, in bridge mode, with its address ("hostShim" in a lab)`,
      },
    ];
  });
}
