// The macvlans that a machine has, as a lab: what `lowerdev init --from-host` writes. Who made them does not matter.

import type { LabMode } from '../file/lab.ts';
import type { SnapLink, SnapNamespace, Snapshot } from '../snapshot/snapshot.ts';
import type { Draft, DraftEndpoint, DraftNetwork } from './draft.ts';

interface Seen {
  readonly ns: SnapNamespace;
  readonly link: SnapLink;
  readonly lower: SnapLink;
}

export function draftFromSnapshot(lab: string, snapshot: Snapshot, machine: boolean): Draft {
  const host = snapshot.namespaces.find((ns) => ns.host);
  const notes: string[] = [];
  const seen: Seen[] = [];
  for (const ns of snapshot.namespaces) {
    for (const link of ns.links) {
      if (link.macvlan === null) continue;
      const away = link.linkNsid !== null && link.linkNamespace !== host?.id;
      const lower = away ? undefined : host?.links.find((l) => l.index === link.link);
      const inHost =
        ns.host || link.linkNamespace === host?.id || (link.linkNsid !== null && link.linkNamespace === null);
      if (lower === undefined || !inHost)
        notes.push(`Left out: ${placeOf(ns)}/${link.name}, whose lower device is in another namespace.`);
      else if (whereOf(ns) === null && !ns.host)
        notes.push(`Left out: ${link.name} in a namespace that nobody can be named for.`);
      else seen.push({ ns, link, lower });
    }
  }
  const networks = new Map<string, DraftNetwork>();
  const names = new Set(['host', 'outside']);
  const endpoints = seen.map((s) => endpointOf(s, networkOf(s, networks).name, names));
  const lowers = [...new Set(seen.map((s) => s.lower.name))];
  const hint = machine ? [] : ['It is in the way of what is there, until: lowerdev apply --engine linux --adopt FILE'];
  const head =
    seen.length === 0
      ? ['This machine has no macvlans that a lab could say.']
      : [`As it was on ${snapshot.hostname}.`, ...hint];
  return {
    ...{ lab, expect: [], endpoints },
    notes: [...head, ...notes],
    machine: machine ? { nics: lowers, peer: null } : null,
    networks: [...networks.values()],
  };
}

/** Macvlans with one set of settings on one device are a network. */
function networkOf({ link, lower }: Seen, networks: Map<string, DraftNetwork>): DraftNetwork {
  const m = link.macvlan as NonNullable<SnapLink['macvlan']>;
  const queue = m.bcQueueLen === 1000 ? null : m.bcQueueLen;
  const mtu = link.mtu === lower.mtu ? null : link.mtu;
  const ipv6 = ipv6Of(link);
  const key = [lower.name, m.mode, m.nopromisc, m.nodst, queue, m.bcCutoff, mtu, ipv6].join(' ');
  const known = networks.get(key);
  if (known !== undefined) return known;
  const plain = `${lower.name}-${m.mode}`.replace(/[^A-Za-z0-9_.-]/g, '-').replace(/^[^A-Za-z0-9]+/, 'x');
  const taken = [...networks.values()].map((n) => n.name);
  const network: DraftNetwork = {
    name: unused(plain, taken),
    ...{ lower: lower.name, mode: m.mode as LabMode, vlan: null, mtu, hostShim: null, broadcastQueue: queue },
    broadcastCutoff: m.bcCutoff === 1 ? null : m.bcCutoff,
    nopromisc: m.nopromisc && m.mode === 'passthru',
    nodst: m.nodst && m.mode === 'source',
    ipv6,
  };
  networks.set(key, network);
  return network;
}

/** What a new device has on Linux, unless its namespace says otherwise. */
const IPV6_BORN = { accept_ra: 1, autoconf: 1, accept_dad: 1 };

/** Null: as the kernel has it. `stable_secret` takes a secret that no file should hold, and is left out. */
function ipv6Of({ ipv6, addrGenMode }: SnapLink): string | null {
  if (ipv6 === null) return null;
  if (ipv6.disable_ipv6 === 1) return 'false';
  const { accept_ra: ra, autoconf, accept_dad: dad } = { ...IPV6_BORN, ...ipv6 };
  const said = [
    ...(ra === 1 ? [] : [`acceptRa: ${ra}`]),
    ...(autoconf === 1 ? [] : ['autoconf: false']),
    ...(dad === 1 ? [] : [`acceptDad: ${dad}`]),
    ...(addrGenMode === 'none' || addrGenMode === 'random' ? [`addrGenMode: ${addrGenMode}`] : []),
  ];
  return said.length === 0 ? null : `{ ${said.join(', ')} }`;
}

/** IFF_PROMISC and its like are told as somebody set them: what a packet socket asks for is not among them. */
function traitsOf({ kind, flags }: SnapLink): string[] {
  const has = (name: string): boolean => flags.some((f) => f.toLowerCase() === name);
  return [
    ...(kind === 'macvtap' ? ['kind: macvtap'] : []),
    ...(has('promisc') ? ['promisc: true'] : []),
    ...(has('allmulti') ? ['allmulti: true'] : []),
    ...(has('noarp') ? ['arp: false'] : []),
  ];
}

function endpointOf({ ns, link }: Seen, network: string, names: Set<string>): DraftEndpoint {
  const where = ns.host ? 'host' : (whereOf(ns) as string);
  const wanted = (ns.host || where.startsWith('{') ? link.name : where).replace(/[^A-Za-z0-9_.-]/g, '-');
  const name = unused(/^[A-Za-z0-9]/.test(wanted) ? wanted : `x${wanted}`, [...names]);
  names.add(name);
  const own = ns.addresses.filter((a) => a.dev === link.index && a.flags.includes('permanent') && a.scope !== 'link');
  const routes = ns.routes.filter(
    (r) => r.dev === link.index && r.type === 'unicast' && r.table === 254 && !/^(kernel|ra|dhcp)$/.test(r.protocol),
  );
  const via = (r: (typeof routes)[number]): string => (r.via === null ? '' : ` via ${r.via}`);
  const ways = routes.filter((r) => r.to !== null || r.via !== null);
  const text = ways.map((r) => (r.to === null ? `default${via(r)}` : `${r.to.address}/${r.to.length}${via(r)}`));
  return {
    ...{
      name,
      network,
      device: link.name,
      traits: traitsOf(link),
      altnames: link.altnames,
      gateway: null,
      routes: [...new Set(text)],
    },
    netns: where === name ? null : where,
    mac: link.macvlan?.mode === 'passthru' ? null : link.mac,
    addresses: own.map((a) => `${a.address}/${a.length}${a.family === 6 && a.flags.includes('nodad') ? ' nodad' : ''}`),
    sources: link.macvlan?.mode === 'source' ? link.macvlan.sources : [],
  };
}

/** As a lab file says it; null: nothing that would find it again. */
function whereOf(ns: SnapNamespace): string | null {
  if (ns.names.length > 0) return ns.names[0];
  if (ns.paths.length > 0) return `{ path: ${JSON.stringify(ns.paths[0])} }`;
  return ns.holders.length > 0 ? `{ pid: ${ns.holders[0].pid} }` : null;
}

function placeOf(ns: SnapNamespace): string {
  return ns.host ? 'host' : (ns.names[0] ?? `namespace ${ns.id}`);
}

function unused(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name;
  for (let i = 2; ; i++) if (!taken.includes(`${name}-${i}`)) return `${name}-${i}`;
}
