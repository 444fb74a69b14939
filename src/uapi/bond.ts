// Bonds: INFO_DATA and INFO_SLAVE_DATA of the link kind bond, and the names of its numbers as iproute2 spells them.
// Linux: include/uapi/linux/if_link.h (IFLA_BOND_*), if_bonding.h; policies as in drivers/net/bonding/bond_netlink.c.

import { attrs, ip4, ip6, listOf, mac, nestedNoflag, s32, u8, u16, u32 } from './attr.ts';

export const BOND_MODES = [
  'balance-rr',
  'active-backup',
  'balance-xor',
  'broadcast',
  '802.3ad',
  'balance-tlb',
  'balance-alb',
] as const;
export const BOND_MODE_ACTIVEBACKUP = 1;
export const BOND_PRIMARY_RESELECT = ['always', 'better', 'failure'] as const;
export const BOND_FAIL_OVER_MAC = ['none', 'active', 'follow'] as const;
export const BOND_ARP_VALIDATE = [
  'none',
  'active',
  'backup',
  'all',
  'filter',
  'filter_active',
  'filter_backup',
] as const;
export const BOND_ARP_ALL_TARGETS = ['any', 'all'] as const;
export const BOND_XMIT_HASH = ['layer2', 'layer3+4', 'layer2+3', 'encap2+3', 'encap3+4', 'vlan+srcmac'] as const;
export const BOND_LACP_ACTIVE = ['off', 'on'] as const;
export const BOND_LACP_RATE = ['slow', 'fast'] as const;
export const BOND_AD_SELECT = ['stable', 'bandwidth', 'count'] as const;

/** IFLA_BOND_SLAVE_STATE, IFLA_BOND_SLAVE_MII_STATUS. */
export const BOND_SLAVE_STATES = ['ACTIVE', 'BACKUP'] as const;
export const BOND_LINKS = ['UP', 'GOING_DOWN', 'DOWN', 'GOING_BACK'] as const;
export const BOND_LINK_UP = 0;
export const BOND_LINK_FAIL = 1;
export const BOND_LINK_DOWN = 2;
export const BOND_LINK_BACK = 3;

export const IFLA_BOND_AD_INFO = attrs('IFLA_BOND_AD_INFO', {
  aggregator: [1, u16],
  numPorts: [2, u16],
  actorKey: [3, u16],
  partnerKey: [4, u16],
  partnerMac: [5, mac],
});

export const IFLA_BOND = attrs('IFLA_BOND', {
  bondMode: [1, u8],
  activeSlave: [2, u32],
  miimon: [3, u32],
  updelay: [4, u32],
  downdelay: [5, u32],
  useCarrier: [6, u8],
  arpInterval: [7, u32],
  arpIpTarget: [8, listOf(0, ip4, false)],
  arpValidate: [9, u32],
  arpAllTargets: [10, u32],
  primary: [11, u32],
  primaryReselect: [12, u8],
  failOverMac: [13, u8],
  xmitHashPolicy: [14, u8],
  resendIgmp: [15, u32],
  numPeerNotif: [16, u8],
  allSlavesActive: [17, u8],
  minLinks: [18, u32],
  lpInterval: [19, u32],
  packetsPerSlave: [20, u32],
  adLacpRate: [21, u8],
  adSelect: [22, u8],
  adInfo: [23, nestedNoflag(IFLA_BOND_AD_INFO)],
  adActorSysPrio: [24, u16],
  adUserPortKey: [25, u16],
  adActorSystem: [26, mac],
  tlbDynamicLb: [27, u8],
  peerNotifDelay: [28, u32, { range: [0, 300_000] }],
  adLacpActive: [29, u8],
  missedMax: [30, u8],
  nsIp6Target: [31, listOf(0, ip6, false)],
  coupledControl: [32, u8],
  broadcastNeigh: [33, u8],
});
export type BondAttrs = NonNullable<typeof IFLA_BOND.sample>;

export const IFLA_BOND_SLAVE = attrs('IFLA_BOND_SLAVE', {
  bondState: [1, u8],
  miiStatus: [2, u8],
  linkFailureCount: [3, u32],
  permHwaddr: [4, mac],
  queueId: [5, u16],
  adAggregatorId: [6, u16],
  adActorOperPortState: [7, u8],
  adPartnerOperPortState: [8, u16],
  prio: [9, s32],
});
export type BondSlaveAttrs = NonNullable<typeof IFLA_BOND_SLAVE.sample>;
