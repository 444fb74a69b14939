// Routes: RTM_NEWROUTE and its kin; kinds of routes, tables, scopes, who installed them, metrics.
// Linux: include/uapi/linux/rtnetlink.h; kinds as in net/ipv4/fib_frontend.c and net/ipv6/route.c.

import {
  attrs,
  be16,
  be32,
  bytes,
  headedList,
  ip,
  nestedNoflag,
  s32,
  string,
  struct,
  structOf,
  u8,
  u16,
  u32,
  u64,
} from './attr.ts';

export const RTN_UNSPEC = 0;
export const RTN_UNICAST = 1;
export const RTN_LOCAL = 2;
export const RTN_BROADCAST = 3;
export const RTN_ANYCAST = 4;
export const RTN_MULTICAST = 5;
export const RTN_BLACKHOLE = 6;
export const RTN_UNREACHABLE = 7;
export const RTN_PROHIBIT = 8;
export const RTN_THROW = 9;
export const RTN_NAT = 10;
export const RTN_XRESOLVE = 11;

/** Kinds of routes by number, as iproute2 spells them. */
export const RTN_NAMES = [
  'none',
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
  'nat',
  'xresolve',
] as const;

export const RTPROT_UNSPEC = 0;
export const RTPROT_REDIRECT = 1;
export const RTPROT_KERNEL = 2;
export const RTPROT_BOOT = 3;
export const RTPROT_STATIC = 4;
export const RTPROT_RA = 9;
export const RTPROT_DHCP = 16;

/** Who installed a route, by number: what /etc/iproute2/rt_protos says. */
export const RTPROT_NAMES: ReadonlyMap<number, string> = new Map([
  [RTPROT_UNSPEC, 'unspec'],
  [RTPROT_REDIRECT, 'redirect'],
  [RTPROT_KERNEL, 'kernel'],
  [RTPROT_BOOT, 'boot'],
  [RTPROT_STATIC, 'static'],
  [8, 'gated'],
  [RTPROT_RA, 'ra'],
  [10, 'mrt'],
  [11, 'zebra'],
  [12, 'bird'],
  [13, 'dnrouted'],
  [14, 'xorp'],
  [15, 'ntk'],
  [RTPROT_DHCP, 'dhcp'],
  [18, 'keepalived'],
  [42, 'babel'],
  [186, 'bgp'],
  [187, 'isis'],
  [188, 'ospf'],
  [189, 'rip'],
  [192, 'eigrp'],
]);

export const RT_SCOPE_UNIVERSE = 0;
export const RT_SCOPE_SITE = 200;
export const RT_SCOPE_LINK = 253;
export const RT_SCOPE_HOST = 254;
export const RT_SCOPE_NOWHERE = 255;

/** Scopes by number: what /etc/iproute2/rt_scopes says. */
export const RT_SCOPE_NAMES: ReadonlyMap<number, string> = new Map([
  [RT_SCOPE_UNIVERSE, 'global'],
  [RT_SCOPE_SITE, 'site'],
  [RT_SCOPE_LINK, 'link'],
  [RT_SCOPE_HOST, 'host'],
  [RT_SCOPE_NOWHERE, 'nowhere'],
]);

export const RT_TABLE_UNSPEC = 0;
/** In rtmsg for a table past 255; RTA_TABLE has the number. */
export const RT_TABLE_COMPAT = 252;
export const RT_TABLE_DEFAULT = 253;
export const RT_TABLE_MAIN = 254;
export const RT_TABLE_LOCAL = 255;

export const RT_TABLE_NAMES: ReadonlyMap<number, string> = new Map([
  [RT_TABLE_UNSPEC, 'unspec'],
  [RT_TABLE_DEFAULT, 'default'],
  [RT_TABLE_MAIN, 'main'],
  [RT_TABLE_LOCAL, 'local'],
]);

// rtm_flags
export const RTM_F_NOTIFY = 0x100;
export const RTM_F_CLONED = 0x200;
export const RTM_F_EQUALIZE = 0x400;
export const RTM_F_PREFIX = 0x800;
export const RTM_F_LOOKUP_TABLE = 0x1000;
export const RTM_F_FIB_MATCH = 0x2000;
export const RTM_F_OFFLOAD = 0x4000;
export const RTM_F_TRAP = 0x8000;
export const RTM_F_OFFLOAD_FAILED = 0x2000_0000;

// rtnh_flags; they are in rtm_flags too
export const RTNH_F_DEAD = 1;
export const RTNH_F_PERVASIVE = 2;
export const RTNH_F_ONLINK = 4;
export const RTNH_F_OFFLOAD = 8;
export const RTNH_F_LINKDOWN = 16;
export const RTNH_F_UNRESOLVED = 32;
export const RTNH_F_TRAP = 64;

export const RTMSG = struct('rtmsg', {
  family: u8,
  dstLen: u8,
  srcLen: u8,
  tos: u8,
  table: u8,
  protocol: u8,
  scope: u8,
  type: u8,
  flags: u32,
});
export type RtMsg = NonNullable<typeof RTMSG.sample>;

/** Metrics of a route: RTA_METRICS. */
export const RTAX = attrs('RTAX', {
  lock: [1, u32],
  mtu: [2, u32],
  window: [3, u32],
  rtt: [4, u32],
  rttvar: [5, u32],
  ssthresh: [6, u32],
  cwnd: [7, u32],
  advmss: [8, u32],
  reordering: [9, u32],
  hoplimit: [10, u32],
  initcwnd: [11, u32],
  features: [12, u32],
  rtoMin: [13, u32],
  initrwnd: [14, u32],
  quickack: [15, u32],
  ccAlgo: [16, string],
  fastopenNoCookie: [17, u32],
});

export const RTA_CACHEINFO = struct('rta_cacheinfo', {
  clntref: u32,
  lastuse: u32,
  expires: s32,
  error: u32,
  used: u32,
  id: u32,
  ts: u32,
  tsage: u32,
});

export const RTA_MFC_STATS = struct('rta_mfc_stats', { packets: u64, bytes: u64, wrongIf: u64 });

/** One of several next hops; its attributes follow, and its length, which the codec sees to, includes them. */
export const RTNEXTHOP = struct('rtnexthop', { len: u16, flags: u8, hops: u8, ifindex: s32 });

/** `hops` is the weight less one. */
export const RTA_NEXTHOP = attrs('RTA', {
  gateway: [5, ip],
  flow: [11, u32],
  via: [18, bytes],
  newdst: [19, bytes],
  encapType: [21, u16],
  encap: [22, bytes],
});

export const RTA = attrs('RTA', {
  dst: [1, ip, { min: 4 }],
  src: [2, ip, { min: 4 }],
  iif: [3, u32],
  oif: [4, u32],
  gateway: [5, ip, { min: 4 }],
  priority: [6, u32],
  prefsrc: [7, ip, { min: 4 }],
  metrics: [8, nestedNoflag(RTAX)],
  multipath: [9, headedList(RTNEXTHOP, RTA_NEXTHOP)],
  flow: [11, u32],
  cacheinfo: [12, structOf(RTA_CACHEINFO)],
  table: [15, u32],
  mark: [16, u32],
  mfcStats: [17, structOf(RTA_MFC_STATS)],
  via: [18, bytes],
  newdst: [19, bytes],
  pref: [20, u8],
  encapType: [21, u16],
  encap: [22, bytes],
  expires: [23, u32],
  uid: [25, u32],
  ttlPropagate: [26, u8],
  ipProto: [27, u8],
  sport: [28, be16],
  dport: [29, be16],
  nhId: [30, u32],
  flowlabel: [31, be32],
});
export type RouteAttrs = NonNullable<typeof RTA.sample>;
