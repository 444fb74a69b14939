// What every link has, whatever its kind: ifinfomsg, counters, and the lines of the IFLA_* table without IFLA_LINKINFO.
// The whole tables are in link.ts (and bridge.ts for AF_BRIDGE); this file exists so that kinds may nest links (veth).
// Linux: include/uapi/linux/if_link.h; policies as in net/core/rtnetlink.c, ifla_policy.

import {
  attrs,
  bytes,
  ip6,
  listOf,
  mac,
  nested,
  nestedNoflag,
  pad,
  s32,
  s32s,
  string,
  struct,
  structOf,
  u8,
  u16,
  u32,
  u32s,
  u64,
  u64s,
  uint,
} from './attr.ts';

/** `change` is the mask of flags to be set; 0 means all for a NEWLINK without it. */
export const IFINFOMSG = struct('ifinfomsg', {
  family: u8,
  pad: pad(1),
  type: u16,
  index: s32,
  flags: u32,
  change: u32,
});
export type IfInfoMsg = NonNullable<typeof IFINFOMSG.sample>;

const COUNTERS = [
  'rxPackets',
  'txPackets',
  'rxBytes',
  'txBytes',
  'rxErrors',
  'txErrors',
  'rxDropped',
  'txDropped',
  'multicast',
  'collisions',
  'rxLengthErrors',
  'rxOverErrors',
  'rxCrcErrors',
  'rxFrameErrors',
  'rxFifoErrors',
  'rxMissedErrors',
  'txAbortedErrors',
  'txCarrierErrors',
  'txFifoErrors',
  'txHeartbeatErrors',
  'txWindowErrors',
  'rxCompressed',
  'txCompressed',
  'rxNohandler',
] as const;
export type LinkCounters = { [K in (typeof COUNTERS)[number]]: number };

/** The same counters twice: cut to 32 bits in IFLA_STATS, whole in IFLA_STATS64. */
export const LINK_STATS = struct<LinkCounters>('rtnl_link_stats', sameFields(COUNTERS, u32));
export const LINK_STATS64 = struct<LinkCounters & { rxOtherhostDropped: number }>('rtnl_link_stats64', {
  ...sameFields(COUNTERS, u64),
  rxOtherhostDropped: u64,
});

function sameFields<K extends string, F>(keys: readonly K[], field: F): { [P in K]: F } {
  const out = {} as { [P in K]: F };
  for (const key of keys) out[key] = field;
  return out;
}

export const LINK_IFMAP = struct('rtnl_link_ifmap', {
  memStart: u64,
  memEnd: u64,
  baseAddr: u64,
  irq: u16,
  dma: u8,
  port: u8,
  pad: pad(4),
});

export const IFLA_CACHEINFO = struct('ifla_cacheinfo', {
  maxReasmLen: u32,
  tstamp: u32,
  reachableTime: u32,
  retransTime: u32,
});

export const IFLA_INET = attrs('IFLA_INET', { conf: [1, u32s] });

// Places in IFLA_INET6_CONF. Linux: enum in include/uapi/linux/ipv6.h.
export const DEVCONF_ACCEPT_RA = 3;
export const DEVCONF_AUTOCONF = 5;
export const DEVCONF_DISABLE_IPV6 = 26;
export const DEVCONF_ACCEPT_DAD = 27;

export const IFLA_INET6 = attrs('IFLA_INET6', {
  flags: [1, u32],
  conf: [2, s32s],
  stats: [3, u64s],
  mcast: [4, bytes],
  cacheinfo: [5, structOf(IFLA_CACHEINFO)],
  icmp6stats: [6, u64s],
  token: [7, ip6],
  addrGenMode: [8, u8],
  raMtu: [9, u32],
});

/** IFLA_AF_SPEC: by address family. */
export const AF_SPEC = attrs('AF', {
  inet: [2, nestedNoflag(IFLA_INET)],
  inet6: [10, nestedNoflag(IFLA_INET6)],
});

export const IFLA_XDP = attrs('IFLA_XDP', {
  fd: [1, s32],
  attached: [2, u8],
  flags: [3, u32],
  progId: [4, u32],
  drvProgId: [5, u32],
  skbProgId: [6, u32],
  hwProgId: [7, u32],
  expectedFd: [8, s32],
});

export const IFLA_PROTO_DOWN_REASON = attrs('IFLA_PROTO_DOWN_REASON', { mask: [1, u32], value: [2, u32] });

/** Empty on a link without a devlink port. */
export const DEVLINK_ATTR = attrs('DEVLINK_ATTR', { busName: [1, string], devName: [2, string], portIndex: [3, u32] });

export const DPLL_A_PIN = attrs('DPLL_A_PIN', { id: [1, u32] });

const GSO_MIN = 192 + 1; // MAX_TCP_HEADER + 1; it is larger in kernels with IPv6 tunnels or wireless mesh

/** The lines that all tables of links share. */
export const LINK_LINES = {
  address: [1, mac, { min: 0, max: 32 }],
  broadcast: [2, mac, { min: 0, max: 32 }],
  ifname: [3, string, { max: 15 }],
  mtu: [4, u32],
  link: [5, u32],
  qdisc: [6, string],
  stats: [7, structOf(LINK_STATS)],
  cost: [8, bytes],
  priority: [9, bytes],
  master: [10, u32],
  wireless: [11, bytes],
  txqlen: [13, u32],
  map: [14, structOf(LINK_IFMAP)],
  weight: [15, u32],
  operstate: [16, u8],
  linkmode: [17, u8],
  netNsPid: [19, u32],
  ifalias: [20, string, { min: 0, max: 255 }],
  numVf: [21, u32],
  vfinfoList: [22, bytes],
  stats64: [23, structOf(LINK_STATS64)],
  vfPorts: [24, bytes],
  portSelf: [25, bytes],
  group: [27, u32],
  netNsFd: [28, u32],
  extMask: [29, u32],
  promiscuity: [30, u32],
  numTxQueues: [31, u32],
  numRxQueues: [32, u32],
  carrier: [33, u8],
  physPortId: [34, bytes, { max: 32 }],
  carrierChanges: [35, u32],
  physSwitchId: [36, bytes, { max: 32 }],
  linkNetnsid: [37, s32],
  physPortName: [38, string],
  protoDown: [39, u8],
  gsoMaxSegs: [40, u32],
  gsoMaxSize: [41, u32, { range: [GSO_MIN, 0xffffffff] }],
  xdp: [43, nestedNoflag(IFLA_XDP)],
  event: [44, u32],
  newNetnsid: [45, s32],
  targetNetnsid: [46, s32],
  carrierUpCount: [47, u32],
  carrierDownCount: [48, u32],
  newIfindex: [49, s32, { range: [1, 0x7fffffff] }],
  minMtu: [50, u32],
  maxMtu: [51, u32],
  propList: [52, listOf(53, string)],
  altIfname: [53, string, { max: 127 }],
  permAddress: [54, mac, { reject: true }],
  protoDownReason: [55, nested(IFLA_PROTO_DOWN_REASON)],
  parentDevName: [56, string, { nul: true }],
  parentDevBusName: [57, string],
  groMaxSize: [58, u32],
  tsoMaxSize: [59, u32, { reject: true }],
  tsoMaxSegs: [60, u32, { reject: true }],
  allmulti: [61, u32, { reject: true }],
  devlinkPort: [62, nested(DEVLINK_ATTR)],
  gsoIpv4MaxSize: [63, u32, { range: [GSO_MIN, 0xffffffff] }],
  groIpv4MaxSize: [64, u32],
  dpllPin: [65, nested(DPLL_A_PIN)],
  maxPacingOffloadHorizon: [66, uint],
  netnsImmutable: [67, u8, { reject: true }],
  headroom: [68, u16, { reject: true }],
  tailroom: [69, u16, { reject: true }],
} as const;
