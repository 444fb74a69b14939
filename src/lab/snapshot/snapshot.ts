// A snapshot: what a machine's network was at one moment, in every namespace that could be entered. Plain data for JSON,
// in the words of `ip`, so that people can read it; docs/why.md lists what is in it. read.ts takes one, load.ts makes a
// model of it.

export const SNAPSHOT_FORMAT = 'lowerdev-snapshot';
export const SNAPSHOT_VERSION = 1;

export interface Snapshot {
  readonly format: typeof SNAPSHOT_FORMAT;
  readonly version: typeof SNAPSHOT_VERSION;
  /** ISO 8601, UTC. */
  readonly taken: string;
  /** uname -r; `model` for the model. */
  readonly kernel: string;
  readonly hostname: string;
  /** The host's first. */
  readonly namespaces: readonly SnapNamespace[];
  readonly environment: SnapEnvironment;
  /** What could not be looked at, each a sentence with the reason. */
  readonly unseen: readonly string[];
}

/** What tells of the network that the machine hangs on. null: not known. */
export interface SnapEnvironment {
  /** DMI: who made the machine, real or virtual ("VMware, Inc.", "Amazon EC2", "QEMU"). */
  readonly vendor: string | null;
  readonly product: string | null;
  readonly bios: string | null;
  /** /sys/hypervisor/type. */
  readonly hypervisor: string | null;
}

export interface SnapNamespace {
  /** Inode number: the same number is the same namespace. */
  readonly id: number;
  /** The one that the snapshot was taken from. */
  readonly host: boolean;
  /** Under /run/netns. */
  readonly names: readonly string[];
  /** Other files that it is bound to (/run/docker/netns/...). */
  readonly paths: readonly string[];
  /** Some of the processes in it, lowest number first, at most MAX_HOLDERS. Empty for the host's. */
  readonly holders: readonly SnapHolder[];
  /** How many processes are in it; 0 for the host's, which are not counted. */
  readonly processes: number;
  /** How this namespace numbers others (link-netnsid). */
  readonly nsids: readonly SnapNsid[];
  readonly links: readonly SnapLink[];
  readonly addresses: readonly SnapAddress[];
  readonly routes: readonly SnapRoute[];
  readonly rules: readonly SnapRule[];
  readonly neighbours: readonly SnapNeighbour[];
  readonly fdb: readonly SnapFdb[];
  readonly qdiscs: readonly SnapQdisc[];
  /** Of the namespace and of conf/all and conf/default, as sysctl names them: `net.ipv4.conf.all.rp_filter`. */
  readonly sysctls: Readonly<Record<string, string>>;
}

export const MAX_HOLDERS = 8;

export interface SnapHolder {
  readonly pid: number;
  readonly comm: string;
  /** From its cgroup: `docker 3f2a...`, `kubepods ...`, `lxc web`; null: none is seen. */
  readonly container: string | null;
}

export interface SnapNsid {
  readonly nsid: number;
  /** `id` of the namespace, where it is in the snapshot. */
  readonly namespace: number | null;
}

export interface SnapLink {
  readonly index: number;
  readonly name: string;
  readonly altnames: readonly string[];
  /** IFLA_INFO_KIND; '' for hardware (and lo). */
  readonly kind: string;
  /** ARPHRD_*: 1 is Ethernet, 772 loopback. */
  readonly type: number;
  /** null: none, or not of six bytes. */
  readonly mac: string | null;
  /** The kernel made it up; null: not told (of namespaces other than the host's). */
  readonly macRandom: boolean | null;
  readonly broadcast: string | null;
  readonly permanentMac: string | null;
  /** As `ip link` prints them between the brackets. */
  readonly flags: readonly string[];
  readonly up: boolean;
  readonly carrier: boolean;
  /** As `ip link` prints it. */
  readonly operstate: string;
  readonly mtu: number;
  readonly minMtu: number;
  readonly maxMtu: number;
  readonly txqlen: number;
  readonly qdisc: string;
  readonly group: number;
  readonly alias: string;
  readonly promiscuity: number;
  readonly allmulti: number;
  /** How many there are, and of a host's device with more than one txq which class each belongs to ('' for none). */
  readonly queues: { readonly tx: number; readonly rx: number; readonly trafficClass: readonly string[] };
  /** ifindex of what it is on (lowerdev) or of its other end (veth); null: none. */
  readonly link: number | null;
  /** The number of the namespace where `link` is, and its `id` where it is in the snapshot; null: here, or not known. */
  readonly linkNsid: number | null;
  readonly linkNamespace: number | null;
  /** ifindex of the bridge or bond that it is a port of. */
  readonly master: number | null;
  /** `pci` and `0000:03:00.0`; '' for none. */
  readonly bus: string;
  readonly busDevice: string;
  /** '' when not known. */
  readonly driver: string;
  readonly wireless: boolean;
  readonly macvlan: SnapMacvlan | null;
  readonly vlan: { readonly id: number; readonly protocol: string; readonly flags: number } | null;
  /** Settings of a bridge, bond or tun: IFLA_BR_*, IFLA_BOND_*, IFLA_TUN_*; empty for other kinds. */
  readonly settings: SnapSettings;
  /** Settings as a port of its master: IFLA_BRPORT_*, IFLA_BOND_SLAVE_*. */
  readonly port: SnapSettings;
  /** How an IPv6 link-local address comes about: eui64, none, stable_secret, random; null: no IPv6. */
  readonly addrGenMode: string | null;
  /** net.ipv4.conf.DEV.*, net.ipv6.conf.DEV.*; null: the device has no such settings. */
  readonly ipv4: Readonly<Record<string, number>> | null;
  readonly ipv6: Readonly<Record<string, number>> | null;
  /** As `ethtool -k` names them; null: not told. */
  readonly features: SnapFeatures | null;
  readonly stats: SnapStats;
}

export type SnapSettings = Readonly<Record<string, number | string | readonly string[]>>;

export interface SnapMacvlan {
  /** private, vepa, bridge, passthru, source. */
  readonly mode: string;
  readonly nopromisc: boolean;
  readonly nodst: boolean;
  readonly sources: readonly string[];
  readonly bcQueueLen: number | null;
  readonly bcQueueLenUsed: number | null;
  /** 1 unless told. */
  readonly bcCutoff: number;
}

export interface SnapFeatures {
  readonly on: readonly string[];
  /** May be switched. */
  readonly changeable: readonly string[];
  /** Asked for, on or not. */
  readonly wanted: readonly string[];
}

export interface SnapStats {
  readonly rxPackets: number;
  readonly txPackets: number;
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly rxErrors: number;
  readonly txErrors: number;
  readonly rxDropped: number;
  readonly txDropped: number;
  readonly multicast: number;
  readonly rxNohandler: number;
  readonly rxOtherhostDropped: number;
  readonly carrierChanges: number;
}

export interface SnapAddress {
  /** ifindex. */
  readonly dev: number;
  readonly family: 4 | 6;
  readonly address: string;
  readonly length: number;
  /** Of a point-to-point link; null: none. */
  readonly peer: string | null;
  readonly broadcast: string | null;
  readonly scope: string;
  readonly label: string;
  /** permanent, tentative, dadfailed, secondary, ... as `ip addr` prints them, and permanent. */
  readonly flags: readonly string[];
  /** IFAPROT_*. */
  readonly proto: number;
  readonly metric: number;
  /** Seconds; null: forever. */
  readonly validSec: number | null;
  readonly preferredSec: number | null;
}

export interface SnapNexthop {
  readonly dev: number;
  readonly via: string | null;
  readonly weight: number;
  /** onlink, linkdown, dead. */
  readonly flags: readonly string[];
}

export interface SnapRoute {
  readonly family: 4 | 6;
  readonly table: number;
  /** unicast, local, broadcast, blackhole, ... */
  readonly type: string;
  /** null: the default route. */
  readonly to: { readonly address: string; readonly length: number } | null;
  /** null: only ways by next hop objects, or a route that leads nowhere. */
  readonly dev: number | null;
  readonly via: string | null;
  readonly src: string | null;
  readonly metric: number;
  /** kernel, boot, static, ra, dhcp: names where iproute2 has them, else the number. */
  readonly protocol: string;
  readonly scope: string;
  readonly tos: number;
  readonly flags: readonly string[];
  /** RTAX_* by name. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Empty unless there are several. */
  readonly nexthops: readonly SnapNexthop[];
  /** What the snapshot does not spell out: encap, nhid, via of another family. */
  readonly other: readonly string[];
}

export interface SnapRule {
  readonly family: 4 | 6;
  readonly priority: number;
  /** table, goto, nop, blackhole, unreachable, prohibit. */
  readonly action: string;
  readonly table: number;
  readonly not: boolean;
  /** `ip rule`'s words: { from: '10.0.0.0/8', iif: 'eth0', fwmark: '0x1/0xff' }. Empty: all packets. */
  readonly match: Readonly<Record<string, string>>;
  /** Other effects: { suppress_prefixlength: '0', goto: '100' }. */
  readonly effect: Readonly<Record<string, string>>;
}

export interface SnapNeighbour {
  readonly dev: number;
  readonly family: 4 | 6;
  readonly address: string;
  readonly mac: string | null;
  /** REACHABLE, STALE, PERMANENT, FAILED, ...; '' for a proxy entry. */
  readonly state: string;
  readonly router: boolean;
  readonly proxy: boolean;
}

export interface SnapFdb {
  readonly dev: number;
  readonly mac: string;
  /** ifindex of the bridge whose entry it is; null: the device's own list. */
  readonly master: number | null;
  readonly vlan: number | null;
  readonly permanent: boolean;
  readonly flags: readonly string[];
  readonly state: string;
}

export interface SnapQdisc {
  readonly dev: number;
  readonly kind: string;
  /** `8001:`, `root`, `1:2`, `ffff:fff1`. */
  readonly handle: string;
  readonly parent: string;
  readonly drops: number;
  readonly requeues: number;
  readonly overlimits: number;
  /** Packets that wait. */
  readonly backlog: number;
}

/** How people call a namespace: '' for the host's, a name, a process. */
export function namespaceName(ns: Pick<SnapNamespace, 'id' | 'host' | 'names' | 'paths' | 'holders'>): string {
  if (ns.host) return '';
  if (ns.names.length > 0) return ns.names[0];
  if (ns.paths.length > 0) return ns.paths[0];
  if (ns.holders.length > 0) return `pid:${ns.holders[0].pid}`;
  return `net:[${ns.id}]`;
}

/** `eth0` of the host's namespace, `blue/eth0` of others. */
export function linkName(ns: SnapNamespace, link: SnapLink): string {
  return ns.host ? link.name : `${namespaceName(ns)}/${link.name}`;
}

export function findLink(ns: SnapNamespace, index: number | null): SnapLink | null {
  return index === null ? null : (ns.links.find((l) => l.index === index) ?? null);
}

/** The device that a macvlan, macvtap, VLAN or veth is on (or its other end), wherever it is; null: none, or not seen. */
export function lowerOf(
  snapshot: Snapshot,
  ns: SnapNamespace,
  link: SnapLink,
): { readonly ns: SnapNamespace; readonly link: SnapLink } | null {
  const where = link.linkNsid === null ? ns : snapshot.namespaces.find((n) => n.id === link.linkNamespace);
  const lower = where === undefined ? null : findLink(where, link.link);
  return where === undefined || lower === null ? null : { ns: where, link: lower };
}
