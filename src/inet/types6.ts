// What others say to IPv6 and hear from it: requests as rtnetlink puts them, records as its dumps show them; as types.ts
// does for IPv4. Addresses are In6. `null` means that the attribute was absent.
// Linux: struct fib6_config, struct inet6_ifaddr, struct ndmsg with its attributes.

import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import type { In6 } from '../wire/in6.ts';
import type { NeighCommon } from './types.ts';

/** One address of a device. Linux: struct inet6_ifaddr. */
export interface Addr6Info {
  readonly dev: NetDevice;
  readonly addr: In6;
  /** IFA_ADDRESS of a point-to-point address; null: none. */
  readonly peer: In6 | null;
  readonly prefixLen: number;
  /** RT_SCOPE_*. */
  readonly scope: number;
  /** IFA_F_*. */
  readonly flags: number;
  readonly rtPriority: number;
  readonly proto: number;
  /** Seconds, as set; 0xffffffff: forever. */
  readonly validLft: number;
  readonly preferredLft: number;
  /** Virtual ns: made, last updated. */
  readonly cstampNs: number;
  readonly tstampNs: number;
}

/** RTM_NEWROUTE and RTM_DELROUTE. Linux: struct fib6_config. */
export interface Route6Request {
  dst: In6;
  dstLen: number;
  /** RTA_SRC; CONFIG_IPV6_SUBTREES only: with srcLen > 0 it is refused. */
  srcLen: number;
  table: number;
  protocol: number;
  type: number;
  /** rtm_flags (RTNH_F_ONLINK), RTM_F_*. */
  flags: number;
  oif: number;
  gateway: In6 | null;
  /** 0: 1024 (IP6_RT_PRIO_USER), except for RTM_DELROUTE: any. */
  metric: number;
  prefsrc: In6 | null;
  /** RTA_METRICS, as (RTAX number, value) pairs; null: none. */
  metrics: Array<[number, number]> | null;
  /** RTA_EXPIRES in seconds; 0: forever. */
  expiresS: number;
  /** RTA_PREF: 0 medium, 1 high, 3 low. */
  pref: number;
  hasMultipath: boolean;
  hasEncap: boolean;
  hasVia: boolean;
  nhId: number;
  nlFlags: number;
}

/** One route. Linux: struct fib6_info with its only nexthop. */
export interface Route6Info {
  readonly dst: In6;
  readonly dstLen: number;
  readonly table: number;
  readonly protocol: number;
  readonly type: number;
  /** RTF_* (fib6_flags): GATEWAY, EXPIRES, ADDRCONF, DEFAULT, PREFIX_RT, PREF_*. */
  readonly rtf: number;
  /** RTNH_F_DEAD, LINKDOWN, ONLINK. */
  readonly nhFlags: number;
  readonly dev: NetDevice | null;
  readonly gateway: In6 | null;
  readonly metric: number;
  readonly prefsrc: In6 | null;
  readonly metrics: ReadonlyArray<readonly [number, number]>;
  /** Virtual ns; 0: never. */
  readonly expiresNs: number;
  readonly pref: number;
}

/** RTM_GETROUTE for one destination. */
export interface RouteGet6Request {
  dst: In6;
  src: In6 | null;
  tos: number;
  oif: number;
  iif: number;
  mark: number;
  ipProto: number;
  sport: number;
  dport: number;
  flowLabel: number;
  fibMatch: boolean;
}

export interface RouteGet6Answer {
  readonly dst: In6;
  /** Source that would be used; null for an input route without one. */
  readonly prefsrc: In6 | null;
  readonly src: In6 | null;
  readonly type: number;
  readonly table: number;
  readonly protocol: number;
  readonly dev: NetDevice;
  readonly gateway: In6 | null;
  readonly metric: number;
  readonly rtf: number;
  readonly nhFlags: number;
  /** rtm_flags: RTM_F_CLONED. */
  readonly flags: number;
  readonly iif: number;
  readonly pref: number;
  /** RTA_CACHEINFO's rta_error: 0 or -errno of an unreachable route. */
  readonly error: number;
  /** Of a learned entry; 0: never. */
  readonly expiresNs: number;
  readonly metrics: ReadonlyArray<readonly [number, number]>;
  readonly route: Route6Info | null;
}

export interface Neigh6Info extends NeighCommon {
  readonly dst6: In6;
}

/** Notifications for rtnetlink's listeners, installed by rtnl. */
export interface Inet6Hooks {
  addrChanged: (gone: boolean, ns: NetNs, addr: Addr6Info) => void;
  routeChanged: (gone: boolean, ns: NetNs, route: Route6Info, nlFlags: number) => void;
  neighChanged: (gone: boolean, ns: NetNs, neigh: Neigh6Info) => void;
  /** ifindex -1: all, -2: default. `type`: NETCONFA_*. */
  netconfChanged: (ns: NetNs, ifindex: number, type: number) => void;
  /** Its settings are there (all of them to be told), or gone. */
  netconfCame: (dev: NetDevice) => void;
  netconfWent: (dev: NetDevice) => void;
  /** What IPv6 says of a link changed (RTNLGRP_IPV6_IFINFO). */
  linkInfoChanged: (dev: NetDevice) => void;
  /** A router advertised a prefix (RTNLGRP_IPV6_PREFIX). */
  prefixHeard: (dev: NetDevice, prefix: PrefixInfo) => void;
}

/** A prefix information option (RFC 4861, 4.6.2). Lifetimes in seconds. */
export interface PrefixInfo {
  readonly prefix: In6;
  readonly length: number;
  /** On-link 0x80, autonomous 0x40, P 0x10. */
  readonly flags: number;
  readonly validLft: number;
  readonly preferredLft: number;
}
