// What a machine has now, as far as a lab is concerned: the links of every namespace that has a name or that the lab
// speaks of; of the lab's own links also addresses, routes and settings.

import { push } from '../../base/push.ts';
import type { Decoded } from '../../netlink/message.ts';
import { IFA_F_NODAD, IFA_F_PERMANENT, IFAPROT_KERNEL_LL } from '../../uapi/addr.ts';
import { formatIp } from '../../uapi/format.ts';
import { DEVCONF_DISABLE_IPV6, type IfInfoMsg } from '../../uapi/ifla.ts';
import { AF_INET, AF_INET6, type BriefLinkAttrs, IFF_UP } from '../../uapi/link.ts';
import { RT_SCOPE_LINK, RT_TABLE_MAIN, RTN_UNICAST, RTPROT_STATIC } from '../../uapi/route.ts';
import type { LabRoute, NetnsRef, Prefix } from '../file/lab.ts';
import { type Access, HOST, type Place, placeName } from './access.ts';
import type { Desired, MacvlanSettings } from './desired.ts';
import { eachAddress, eachLink, eachStaticRoute } from './dump.ts';
import { type FeatureState, readOffload } from './features.ts';
import { objectOf } from './names.ts';
import { Proof } from './proof.ts';
import { noteIndices } from './requests.ts';
import { type Traits, traitsOf } from './traits.ts';

export interface CurrentLink {
  readonly place: NetnsRef;
  readonly index: number;
  readonly ifname: string;
  /** IFLA_INFO_KIND; '' for hardware. */
  readonly kind: string;
  readonly alias: string;
  readonly group: number;
  readonly mac: number;
  readonly mtu: number;
  readonly queues: number;
  readonly txQueueLen: number;
  readonly up: boolean;
  /** ifindex of its lower or master, 0: none; `lowerHere`: it is in the same namespace. */
  readonly lower: number;
  readonly lowerHere: boolean;
  readonly master: number;
  readonly macvlan: MacvlanSettings | null;
  readonly vlan: number | null;
  /** disable_ipv6 is 0; null: no IPv6 on it. */
  readonly ipv6: boolean | null;
  readonly traits: Traits;
}

/** A link that belongs to the lab, with all that it carries. */
export interface OwnLink extends CurrentLink {
  /** '' when it was never tagged. */
  readonly object: string;
  /** What new devices of the namespace begin with. */
  readonly ipv6Default: boolean;
  readonly addresses: readonly Prefix[];
  readonly routes: readonly LabRoute[];
}

export interface CurrentNs {
  readonly ref: NetnsRef;
  readonly links: readonly CurrentLink[];
}

export interface Current {
  readonly host: CurrentNs;
  /** The host's first. A namespace with two names is here once. */
  readonly namespaces: readonly CurrentNs[];
  /** Lab's namespaces that are there, by placeName(). */
  readonly byName: ReadonlyMap<string, CurrentNs>;
  readonly own: readonly OwnLink[];
  /** Links without a tag in the places of wanted ones: made by somebody else, and perhaps as the lab says. */
  readonly strangers: readonly OwnLink[];
  /** Names of namespaces that the lab made. */
  readonly ownNamespaces: readonly string[];
  /** Namespaces that cannot be looked at, each with the reason; the lab names none of them. And links that may be anybody's. */
  readonly unseen: readonly string[];
  /** l2-fwd-offload of the lower devices that the lab asks it of. */
  readonly offload: ReadonlyMap<string, FeatureState | null>;
}

export function readCurrent(access: Access, desired: Desired): Current {
  const seen = new Map<Place, CurrentNs>();
  const byName = new Map<string, CurrentNs>();
  const unseen: string[] = [];
  for (const ref of refsOf(access, desired)) {
    const place = desired.places.includes(ref) ? access.find(ref) : findOrSay(access, ref, unseen);
    if (place === null) continue;
    let ns = seen.get(place);
    if (ns === undefined) {
      const links = eachLink(place.client, (m) => linkOf(ref, m));
      noteIndices(place, links);
      ns = { ref, links };
    }
    seen.set(place, ns);
    byName.set(placeName(ref), ns);
  }
  const host = seen.get(access.host) as CurrentNs;
  const own: OwnLink[] = [];
  const strangers: OwnLink[] = [];
  const proof = new Proof(desired, byName, host);
  for (const [place, ns] of seen) {
    const ours = ns.links.filter((l) => proof.isOwn(ns, l));
    const theirs = ns.links.filter((l) => !ours.includes(l) && isStranger(l, desired, byName));
    if (ours.length + theirs.length === 0) continue;
    const loads = loadsOf(access, place);
    own.push(...ours.map((l) => loads(l, desired)));
    strangers.push(...theirs.map((l) => loads(l, desired)));
  }
  const ownNamespaces = [...byName]
    .filter(([name, { links }]) => links.some((l) => objectOf(desired.lab, l.alias) === `netns/${name}`))
    .map(([name]) => name);
  const asked = desired.lowers.filter((l) => l.offload !== null);
  const offload = new Map(asked.map(({ ifname }) => [ifname, readOffload(access, ifname)]));
  unseen.push(
    ...proof.unproven.map(
      (name) => `${name} is in the group of ${desired.lab} and has no tag: it stays, since nothing shows whose it is`,
    ),
  );
  return { host, namespaces: [...seen.values()], byName, own, strangers, ownNamespaces, unseen, offload };
}

/** What lies in /run/netns may be a file that nothing is bound to any more, or not for us to enter. */
function findOrSay(access: Access, ref: NetnsRef, unseen: string[]): Place | null {
  try {
    return access.find(ref);
  } catch (error) {
    unseen.push(`namespace ${placeName(ref)} was not looked at: ${(error as Error).message}`);
    return null;
  }
}

function refsOf(access: Access, desired: Desired): NetnsRef[] {
  const named = access.kernel.nsNames().map((name): NetnsRef => ({ kind: 'name', name }));
  return [HOST, ...desired.places, ...named];
}

export function linkOf(place: NetnsRef, message: Decoded<IfInfoMsg, BriefLinkAttrs>): CurrentLink {
  const { header, attrs } = message;
  const { kind = '', data } = attrs.linkinfo ?? {};
  const six = attrs.afSpec?.inet6?.conf?.[DEVCONF_DISABLE_IPV6];
  const isMacvlan = (kind === 'macvlan' || kind === 'macvtap') && data !== undefined;
  return {
    place,
    index: header.index,
    ifname: attrs.ifname ?? '',
    kind,
    alias: attrs.ifalias ?? '',
    group: attrs.group ?? 0,
    mac: attrs.address ?? 0,
    mtu: attrs.mtu ?? 0,
    queues: attrs.numTxQueues ?? 1,
    txQueueLen: attrs.txqlen ?? 0,
    up: (header.flags & IFF_UP) !== 0,
    lower: attrs.link ?? 0,
    lowerHere: attrs.linkNetnsid === undefined,
    master: attrs.master ?? 0,
    macvlan: !isMacvlan
      ? null
      : {
          mode: data.mode ?? 0,
          flags: data.flags ?? 0,
          sources: [...(data.macaddrData ?? [])].sort((a, b) => a - b),
          bcQueueLen: data.bcQueueLen ?? null,
          bcCutoff: data.bcCutoff ?? 1, // not told when it is 1
        },
    vlan: kind === 'vlan' ? (data?.id ?? null) : null,
    ipv6: six === undefined ? null : six === 0,
    traits: traitsOf(message),
  };
}

/** One that has no tag and no group, where the lab wants one: of another kind it may be anything. */
function isStranger(link: CurrentLink, desired: Desired, byName: ReadonlyMap<string, CurrentNs>): boolean {
  const { alias, group, kind, macvlan, ifname } = link;
  if (alias !== '' || group !== 0 || macvlan === null) return false;
  const here = byName.get(placeName(link.place));
  return desired.links.some((w) => w.ifname === ifname && w.kind === kind && byName.get(placeName(w.place)) === here);
}

/** What links of a namespace carry. */
function loadsOf(access: Access, place: Place): (link: CurrentLink, desired: Desired) => OwnLink {
  const addresses = addressesOf(place);
  const routes = routesOf(place);
  const text = access.kernel.readFile(place.ns, ipv6Path('default'));
  const ipv6Default = typeof text === 'string' && text.trim() === '0';
  return (link, { lab }) => ({
    ...link,
    object: objectOf(lab, link.alias) ?? '',
    ipv6Default,
    addresses: addresses.get(link.index) ?? [],
    routes: routes.get(link.index) ?? [],
  });
}

/** Those that somebody set: not what DHCP, a router or the kernel itself gave. By ifindex. */
function addressesOf(place: Place): Map<number, Prefix[]> {
  const found = eachAddress(place.client, ({ header, attrs }): [number, Prefix] | null => {
    const ip = attrs.local ?? attrs.address;
    const flags = attrs.flags ?? header.flags;
    const byKernel =
      attrs.proto === IFAPROT_KERNEL_LL || (header.family === AF_INET6 && header.scope === RT_SCOPE_LINK);
    if (ip === undefined || (flags & IFA_F_PERMANENT) === 0 || byKernel) return null;
    const family = header.family === AF_INET ? 4 : 6;
    const nodad = family === 6 && (flags & IFA_F_NODAD) !== 0 ? ({ nodad: true } as const) : {};
    return [header.index, { family, address: formatIp(ip), length: header.prefixlen, ...nodad }];
  });
  return byIndex(found);
}

/** Static ones of the main table, by ifindex. */
function routesOf(place: Place): Map<number, LabRoute[]> {
  const found = eachStaticRoute(place.client, ({ header, attrs }): [number, LabRoute] | null => {
    const { protocol, type, table, dstLen } = header;
    if (protocol !== RTPROT_STATIC || type !== RTN_UNICAST || (attrs.table ?? table) !== RT_TABLE_MAIN) return null;
    const family = header.family === AF_INET ? 4 : 6;
    const to: Prefix | null = attrs.dst === undefined ? null : { family, address: formatIp(attrs.dst), length: dstLen };
    const via = attrs.gateway === undefined ? null : formatIp(attrs.gateway);
    return [attrs.oif ?? 0, { to, via }];
  });
  return byIndex(found);
}

function byIndex<T>(items: readonly [index: number, item: T][]): Map<number, T[]> {
  const map = new Map<number, T[]>();
  for (const [index, item] of items) push(map, index, item);
  return map;
}

export function ipv6Path(ifname: string): string {
  return `/proc/sys/net/ipv6/conf/${ifname}/disable_ipv6`;
}
