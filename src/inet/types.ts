// What others say to inet and hear from it: requests as rtnetlink puts them, records as its dumps show them.
// Addresses are unsigned 32-bit numbers in host order, MACs 48-bit numbers. `null` means that the attribute was absent.
// Linux: struct fib_config, struct in_ifaddr, struct ndmsg with its attributes.

import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';

/** RTM_NEWADDR and RTM_DELADDR. Linux: rtm_to_ifaddr(). */
export interface AddrRequest {
  ifindex: number;
  prefixLen: number;
  scope: number;
  /** IFA_FLAGS, else ifa_flags. */
  flags: number;
  local: number | null;
  /** IFA_ADDRESS: the peer, or the same as local. */
  address: number | null;
  broadcast: number | null;
  label: string | null;
  rtPriority: number;
  proto: number;
  /** IFA_CACHEINFO, in seconds; null: forever. */
  validLft: number | null;
  preferredLft: number | null;
  /** nlmsg_flags: NLM_F_EXCL, NLM_F_REPLACE, NLM_F_CREATE. */
  nlFlags: number;
}

/** One address of a device. Linux: struct in_ifaddr. */
export interface AddrInfo {
  readonly dev: NetDevice;
  readonly local: number;
  /** The peer's, or the same as local. Linux: ifa_address. */
  readonly address: number;
  readonly prefixLen: number;
  /** 0: none. */
  readonly broadcast: number;
  readonly label: string;
  readonly scope: number;
  /** IFA_F_*. */
  readonly flags: number;
  readonly rtPriority: number;
  readonly proto: number;
  /** Seconds, as set; 0xffffffff: forever. addrLifetimes() tells what is left. */
  readonly validLft: number;
  readonly preferredLft: number;
  /** Virtual ns: made, last updated. */
  readonly cstampNs: number;
  readonly tstampNs: number;
}

/** What a route learned of one destination: a redirect, a path MTU (0: none). Linux: struct fib_nh_exception. */
export interface RouteException {
  readonly dst: number;
  readonly gateway: number;
  readonly redirected: boolean;
  readonly pmtu: number;
  readonly expiresNs: number;
}

/** RTM_NEWROUTE and RTM_DELROUTE. Linux: struct fib_config. */
export interface RouteRequest {
  dst: number;
  dstLen: number;
  tos: number;
  /** RTA_TABLE, else rtm_table; 0: main. */
  table: number;
  protocol: number;
  scope: number;
  type: number;
  /** rtm_flags (RTNH_F_ONLINK). */
  flags: number;
  oif: number;
  gateway: number | null;
  priority: number;
  prefsrc: number;
  /** RTA_FLOW, the realm; absent: 0. */
  flow?: number;
  /** RTA_METRICS, as (RTAX number, value) pairs; null: none. */
  metrics: Array<[number, number]> | null;
  /** Present when the request carries what the model refuses by name. */
  hasMultipath: boolean;
  hasEncap: boolean;
  hasVia6: boolean;
  nhId: number;
  nlFlags: number;
}

/** One route. Linux: struct fib_alias with its fib_info and only nexthop. */
export interface RouteInfo {
  readonly dst: number;
  readonly dstLen: number;
  readonly tos: number;
  readonly table: number;
  readonly protocol: number;
  readonly scope: number;
  readonly type: number;
  /** RTNH_F_DEAD, LINKDOWN, ONLINK. */
  readonly flags: number;
  readonly dev: NetDevice | null;
  /** 0: none. */
  readonly gateway: number;
  readonly priority: number;
  readonly prefsrc: number;
  /** The realm, 0: none. */
  readonly flow: number;
  readonly metrics: ReadonlyArray<readonly [number, number]>;
}

/** RTM_GETROUTE for one destination. */
export interface RouteGetRequest {
  dst: number;
  src: number;
  tos: number;
  oif: number;
  /** Not 0: as if the packet came in there. */
  iif: number;
  mark: number;
  ipProto: number;
  sport: number;
  dport: number;
  /** RTM_F_FIB_MATCH: the fib entry itself instead of the resolved route. */
  fibMatch: boolean;
}

export interface RouteGetAnswer {
  readonly dst: number;
  /** 0: the request gave none. */
  readonly src: number;
  /** Source that would be used; 0 for an input route. */
  readonly prefsrc: number;
  readonly type: number;
  readonly scope: number;
  readonly table: number;
  readonly protocol: number;
  readonly dev: NetDevice;
  readonly gateway: number;
  /** rtm_flags beside RTM_F_CLONED: RTNH_F_*, and RTCF_* (LOCAL, BROADCAST, REDIRECTED) in the high half. */
  readonly flags: number;
  readonly mark: number;
  /** ifindex of an input route, 0 for output. */
  readonly iif: number;
  /** Realms: from << 16 | to. */
  readonly flow: number;
  /** A learned path MTU, 0: none; and when it ends, virtual ns. */
  readonly pmtu: number;
  readonly expiresNs: number;
  readonly metrics: ReadonlyArray<readonly [number, number]>;
  /** The entry that matched, for fibMatch. */
  readonly route: RouteInfo | null;
}

/** RTM_NEWNEIGH and RTM_DELNEIGH; `A` is the family's address. */
export interface NeighRequest<A = number> {
  ifindex: number;
  dst: A | null;
  lladdr: number | null;
  /** NDA_LLADDR was there and too short for the device. */
  lladdrShort: boolean;
  state: number;
  /** NTF_*. */
  flags: number;
  flagsExt: number;
  protocol: number;
  nlFlags: number;
}

/** One neighbour, apart from its address. Linux: struct neighbour, or struct pneigh_entry when `proxy`. */
export interface NeighCommon {
  readonly dev: NetDevice | null;
  /** 0: NDA_LLADDR is absent. */
  readonly lladdr: number;
  readonly hasLladdr: boolean;
  readonly state: number;
  readonly flags: number;
  readonly flagsExt: number;
  /** RTN_UNICAST, RTN_LOCAL, RTN_BROADCAST, RTN_MULTICAST. */
  readonly type: number;
  readonly protocol: number;
  readonly probes: number;
  /** Virtual ns. */
  readonly confirmedNs: number;
  readonly usedNs: number;
  readonly updatedNs: number;
  readonly refcnt: number;
  readonly proxy: boolean;
}

export interface NeighInfo extends NeighCommon {
  readonly dst: number;
}

/** One group that a device listens to. Linux: struct ip_mc_list. */
export interface McInfo {
  readonly dev: NetDevice;
  readonly group: number;
  readonly users: number;
}

/** Notifications for rtnetlink's listeners. `nlFlags` go into nlmsg_flags (NLM_F_REPLACE and friends). */
export interface InetHooks {
  addrChanged: (gone: boolean, ns: NetNs, addr: AddrInfo) => void;
  routeChanged: (gone: boolean, ns: NetNs, route: RouteInfo, nlFlags: number) => void;
  neighChanged: (gone: boolean, ns: NetNs, neigh: NeighInfo) => void;
  /** A value of net.ipv4.conf changed, by its number in conf.ts; ifindex -1: all, -2: default. */
  netconfChanged: (ns: NetNs, ifindex: number, setting: number) => void;
}
