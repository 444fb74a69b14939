// What only one kind of link has: IFLA_LINKINFO, its INFO_DATA tables by kind, and its INFO_SLAVE_DATA tables by the
// master's kind. A new link kind adds its table and one line to the catalogue. Linux: include/uapi/linux/if_link.h,
// veth.h, if_tun.h; kinds and policies as in drivers/net/macvlan.c, veth.c, tun.c and net/8021q/vlan_netlink.c.

import {
  attrs,
  be16,
  byKind,
  bytes,
  headed,
  type Kind,
  listOf,
  mac,
  nestedNoflag,
  s32,
  string,
  struct,
  structOf,
  u8,
  u16,
  u32,
} from './attr.ts';
import { IFLA_BOND, IFLA_BOND_SLAVE } from './bond.ts';
import { IFLA_BR, IFLA_BRPORT } from './bridge.ts';
import { IFINFOMSG, LINK_LINES } from './ifla.ts';

export const MACVLAN_MODE_PRIVATE = 1;
export const MACVLAN_MODE_VEPA = 2;
export const MACVLAN_MODE_BRIDGE = 4;
export const MACVLAN_MODE_PASSTHRU = 8;
export const MACVLAN_MODE_SOURCE = 16;

/** Modes by number, as iproute2 spells them. */
export const MACVLAN_MODES: ReadonlyMap<number, string> = new Map([
  [MACVLAN_MODE_PRIVATE, 'private'],
  [MACVLAN_MODE_VEPA, 'vepa'],
  [MACVLAN_MODE_BRIDGE, 'bridge'],
  [MACVLAN_MODE_PASSTHRU, 'passthru'],
  [MACVLAN_MODE_SOURCE, 'source'],
]);

export const MACVLAN_FLAG_NOPROMISC = 1;
export const MACVLAN_FLAG_NODST = 2;

// IFLA_MACVLAN_MACADDR_MODE: what to do with the list of source addresses
export const MACVLAN_MACADDR_ADD = 0;
export const MACVLAN_MACADDR_DEL = 1;
export const MACVLAN_MACADDR_FLUSH = 2;
export const MACVLAN_MACADDR_SET = 3;

export const IFLA_MACVLAN = attrs('IFLA_MACVLAN', {
  mode: [1, u32],
  flags: [2, u16],
  macaddrMode: [3, u32],
  macaddr: [4, mac, { min: 0, max: 32 }],
  macaddrData: [5, listOf(4, mac, false)],
  macaddrCount: [6, u32],
  bcQueueLen: [7, u32],
  bcQueueLenUsed: [8, u32, { reject: true }],
  bcCutoff: [9, s32],
});
export type MacvlanAttrs = NonNullable<typeof IFLA_MACVLAN.sample>;

/** The other end of a veth pair: a link of its own, whose kind is understood. */
export const IFLA_PEER = attrs('IFLA', { ...LINK_LINES });

export const VETH_INFO = attrs('VETH_INFO', { peer: [1, headed(IFINFOMSG, IFLA_PEER)] });

export const VLAN_FLAGS = struct('ifla_vlan_flags', { flags: u32, mask: u32 });

export const VLAN_QOS_MAPPING = struct('ifla_vlan_qos_mapping', { from: u32, to: u32 });

export const VLAN_FLAG_REORDER_HDR = 1;
export const VLAN_FLAG_GVRP = 2;
export const VLAN_FLAG_LOOSE_BINDING = 4;
export const VLAN_FLAG_MVRP = 8;
export const VLAN_FLAG_BRIDGE_BINDING = 16;

export const IFLA_VLAN = attrs('IFLA_VLAN', {
  id: [1, u16],
  // IFLA_VLAN_FLAGS; macvlan has flags of its own, and one record type shows all kinds' fields
  vlanFlags: [2, structOf(VLAN_FLAGS)],
  egressQos: [3, listOf(1, structOf(VLAN_QOS_MAPPING), false)],
  ingressQos: [4, listOf(1, structOf(VLAN_QOS_MAPPING), false)],
  protocol: [5, be16],
});

export const IFLA_TUN = attrs('IFLA_TUN', {
  owner: [1, u32],
  group: [2, u32],
  type: [3, u8],
  pi: [4, u8],
  vnetHdr: [5, u8],
  persist: [6, u8],
  multiQueue: [7, u8],
  numQueues: [8, u32],
  numDisabledQueues: [9, u32],
});

type Of<T extends { readonly sample?: unknown }> = NonNullable<T['sample']>;

/** INFO_DATA of any kind: which fields there are follows from the kind beside it. */
export type LinkInfoData = MacvlanAttrs &
  Of<typeof IFLA_BR> &
  Of<typeof VETH_INFO> &
  Of<typeof IFLA_VLAN> &
  Of<typeof IFLA_BOND> &
  Of<typeof IFLA_TUN>;

/** The catalogue: INFO_DATA by INFO_KIND. */
export const INFO_DATA: ReadonlyMap<string, Kind<unknown>> = new Map<string, Kind<unknown>>([
  ['macvlan', nestedNoflag(IFLA_MACVLAN)],
  ['macvtap', nestedNoflag(IFLA_MACVLAN)],
  ['bridge', nestedNoflag(IFLA_BR)],
  ['veth', nestedNoflag(VETH_INFO)],
  ['vlan', nestedNoflag(IFLA_VLAN)],
  ['tun', nestedNoflag(IFLA_TUN)],
  ['bond', nestedNoflag(IFLA_BOND)],
]);

/** The catalogue: INFO_SLAVE_DATA by INFO_SLAVE_KIND. */
export const INFO_SLAVE_DATA: ReadonlyMap<string, Kind<unknown>> = new Map<string, Kind<unknown>>([
  ['bridge', nestedNoflag(IFLA_BRPORT)],
  ['bond', nestedNoflag(IFLA_BOND_SLAVE)],
]);

export const LINKINFO = attrs('IFLA_INFO', {
  kind: [1, string],
  data: [2, byKind<LinkInfoData>('kind', INFO_DATA)],
  xstats: [3, bytes],
  slaveKind: [4, string],
  slaveData: [5, byKind<Of<typeof IFLA_BRPORT> & Of<typeof IFLA_BOND_SLAVE>>('slaveKind', INFO_SLAVE_DATA)],
});
export type LinkInfo = NonNullable<typeof LINKINFO.sample>;
