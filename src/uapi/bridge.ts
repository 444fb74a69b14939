// Bridges: a bridge's own settings (IFLA_BR_*), its ports' (IFLA_BRPORT_*), and links as AF_BRIDGE shows them.
// Linux: include/uapi/linux/if_link.h, if_bridge.h; kinds as in net/bridge/br_netlink.c.

import {
  attrs,
  be16,
  be32,
  bytes,
  flag,
  ip6,
  listOf,
  mac,
  nested,
  nestedNoflag,
  struct,
  structOf,
  u8,
  u16,
  u32,
  u64,
} from './attr.ts';
import { LINK_LINES } from './ifla.ts';

/** The priority is big-endian on the wire: 0x8000 is 32768. */
export const BRIDGE_ID = struct('ifla_bridge_id', { prio: be16, addr: mac });

export const BR_BOOLOPT_MULTI = struct('br_boolopt_multi', { optval: u32, optmask: u32 });

export const BRIDGE_QUERIER = attrs('BRIDGE_QUERIER', {
  ipAddress: [1, be32],
  ipPort: [2, u32],
  ipOtherTimer: [3, u64],
  ipv6Address: [5, ip6],
  ipv6Port: [6, u32],
  ipv6OtherTimer: [7, u64],
});

/** A bridge's own settings: IFLA_INFO_DATA of kind bridge. Times are in hundredths of seconds (USER_HZ). */
export const IFLA_BR = attrs('IFLA_BR', {
  forwardDelay: [1, u32],
  helloTime: [2, u32],
  maxAge: [3, u32],
  ageingTime: [4, u32],
  stpState: [5, u32],
  priority: [6, u16],
  vlanFiltering: [7, u8],
  vlanProtocol: [8, be16],
  groupFwdMask: [9, u16],
  rootId: [10, structOf(BRIDGE_ID)],
  bridgeId: [11, structOf(BRIDGE_ID)],
  rootPort: [12, u16],
  rootPathCost: [13, u32],
  topologyChange: [14, u8],
  topologyChangeDetected: [15, u8],
  helloTimer: [16, u64],
  tcnTimer: [17, u64],
  topologyChangeTimer: [18, u64],
  gcTimer: [19, u64],
  groupAddr: [20, mac],
  fdbFlush: [21, flag],
  mcastRouter: [22, u8],
  mcastSnooping: [23, u8],
  mcastQueryUseIfaddr: [24, u8],
  mcastQuerier: [25, u8],
  mcastHashElasticity: [26, u32],
  mcastHashMax: [27, u32],
  mcastLastMemberCnt: [28, u32],
  mcastStartupQueryCnt: [29, u32],
  mcastLastMemberIntvl: [30, u64],
  mcastMembershipIntvl: [31, u64],
  mcastQuerierIntvl: [32, u64],
  mcastQueryIntvl: [33, u64],
  mcastQueryResponseIntvl: [34, u64],
  mcastStartupQueryIntvl: [35, u64],
  nfCallIptables: [36, u8],
  nfCallIp6tables: [37, u8],
  nfCallArptables: [38, u8],
  vlanDefaultPvid: [39, u16],
  vlanStatsEnabled: [41, u8],
  mcastStatsEnabled: [42, u8],
  mcastIgmpVersion: [43, u8],
  mcastMldVersion: [44, u8],
  vlanStatsPerPort: [45, u8],
  multiBoolopt: [46, structOf(BR_BOOLOPT_MULTI)],
  mcastQuerierState: [47, nested(BRIDGE_QUERIER)],
  fdbNLearned: [48, u32, { reject: true }],
  fdbMaxLearned: [49, u32],
});

/** BR_STATE_*, by number. */
export const BR_STATES = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'] as const;

/** A port's settings: IFLA_INFO_SLAVE_DATA of kind bridge, and IFLA_PROTINFO under AF_BRIDGE. */
export const IFLA_BRPORT = attrs('IFLA_BRPORT', {
  state: [1, u8],
  priority: [2, u16],
  cost: [3, u32],
  /** Hairpin. */
  mode: [4, u8],
  guard: [5, u8],
  protect: [6, u8],
  fastLeave: [7, u8],
  learning: [8, u8],
  unicastFlood: [9, u8],
  proxyarp: [10, u8],
  learningSync: [11, u8],
  proxyarpWifi: [12, u8],
  rootId: [13, structOf(BRIDGE_ID)],
  bridgeId: [14, structOf(BRIDGE_ID)],
  designatedPort: [15, u16],
  designatedCost: [16, u16],
  id: [17, u16],
  no: [18, u16],
  topologyChangeAck: [19, u8],
  configPending: [20, u8],
  messageAgeTimer: [21, u64],
  forwardDelayTimer: [22, u64],
  holdTimer: [23, u64],
  flush: [24, flag],
  multicastRouter: [25, u8],
  mcastFlood: [27, u8],
  mcastToUcast: [28, u8],
  vlanTunnel: [29, u8],
  bcastFlood: [30, u8],
  groupFwdMask: [31, u16],
  neighSuppress: [32, u8],
  isolated: [33, u8],
  backupPort: [34, u32],
  mrpRingOpen: [35, u8],
  mrpInOpen: [36, u8],
  mcastEhtHostsLimit: [37, u32],
  mcastEhtHostsCnt: [38, u32],
  locked: [39, u8],
  mab: [40, u8],
  mcastNGroups: [41, u32, { reject: true }],
  mcastMaxGroups: [42, u32],
  neighVlanSuppress: [43, u8],
  backupNhid: [44, u32],
});

// IFLA_BRIDGE_FLAGS: whom a request under AF_BRIDGE is for
export const BRIDGE_FLAGS_MASTER = 1;
export const BRIDGE_FLAGS_SELF = 2;

// IFLA_BRIDGE_MODE: what a NIC's embedded switch does with frames between its own stations
export const BRIDGE_MODE_VEB = 0;
export const BRIDGE_MODE_VEPA = 1;
export const BRIDGE_MODE_UNDEF = 0xffff;

export const BRIDGE_VLAN_INFO_MASTER = 1;
export const BRIDGE_VLAN_INFO_PVID = 2;
export const BRIDGE_VLAN_INFO_UNTAGGED = 4;
export const BRIDGE_VLAN_INFO_RANGE_BEGIN = 8;
export const BRIDGE_VLAN_INFO_RANGE_END = 16;
export const BRIDGE_VLAN_INFO_BRENTRY = 32;

export const BRIDGE_VLAN_INFO = struct('bridge_vlan_info', { flags: u16, vid: u16 });

/** IFLA_AF_SPEC under AF_BRIDGE. Numbered from 0, unlike every other table. Several VLANs repeat vlanInfo. */
export const IFLA_BRIDGE = attrs('IFLA_BRIDGE', {
  flags: [0, u16],
  mode: [1, u16],
  vlanInfo: [2, structOf(BRIDGE_VLAN_INFO)],
  vlanTunnelInfo: [3, bytes],
});

/** The same nest in a dump that asked for VLANs: nothing but them. */
export const BRIDGE_VLANS = listOf(2, structOf(BRIDGE_VLAN_INFO), false);

/** A link as AF_BRIDGE shows it. */
export const IFLA_AF_BRIDGE = attrs('IFLA', {
  ...LINK_LINES,
  protinfo: [12, nested(IFLA_BRPORT)],
  linkinfo: [18, bytes],
  afSpec: [26, nestedNoflag(IFLA_BRIDGE)],
});
export type BridgeLinkAttrs = NonNullable<typeof IFLA_AF_BRIDGE.sample>;
