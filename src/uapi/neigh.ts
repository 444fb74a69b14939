// Neighbours (ARP, ND) and forwarding databases: RTM_NEWNEIGH and its kin. A bridge's and a NIC's fdb entries are the
// same messages under AF_BRIDGE. Linux: include/uapi/linux/neighbour.h; kinds as in net/core/neighbour.c, nda_policy.

import { attrs, be16, bytes, ip, mac, nested, pad, s32, struct, structOf, u8, u16, u32 } from './attr.ts';

export const NUD_NONE = 0x00;
export const NUD_INCOMPLETE = 0x01;
export const NUD_REACHABLE = 0x02;
export const NUD_STALE = 0x04;
export const NUD_DELAY = 0x08;
export const NUD_PROBE = 0x10;
export const NUD_FAILED = 0x20;
export const NUD_NOARP = 0x40;
export const NUD_PERMANENT = 0x80;

/** States as iproute2 prints them. */
export const NUD_NAMES: ReadonlyMap<number, string> = new Map([
  [NUD_NONE, 'NONE'],
  [NUD_INCOMPLETE, 'INCOMPLETE'],
  [NUD_REACHABLE, 'REACHABLE'],
  [NUD_STALE, 'STALE'],
  [NUD_DELAY, 'DELAY'],
  [NUD_PROBE, 'PROBE'],
  [NUD_FAILED, 'FAILED'],
  [NUD_NOARP, 'NOARP'],
  [NUD_PERMANENT, 'PERMANENT'],
]);

export const NTF_USE = 0x01;
export const NTF_SELF = 0x02;
export const NTF_MASTER = 0x04;
export const NTF_PROXY = 0x08;
export const NTF_EXT_LEARNED = 0x10;
export const NTF_OFFLOADED = 0x20;
export const NTF_STICKY = 0x40;
export const NTF_ROUTER = 0x80;

// NDA_FLAGS_EXT
export const NTF_EXT_MANAGED = 1;
export const NTF_EXT_LOCKED = 2;
export const NTF_EXT_EXT_VALIDATED = 4;

export const NDMSG = struct('ndmsg', { family: u8, pad: pad(3), ifindex: s32, state: u16, flags: u8, type: u8 });
export type NdMsg = NonNullable<typeof NDMSG.sample>;

/** Ages in hundredths of seconds. */
export const NDA_CACHEINFO = struct('nda_cacheinfo', { confirmed: u32, used: u32, updated: u32, refcnt: u32 });

export const NFEA = attrs('NFEA', { activityNotify: [1, u8], dontRefresh: [2, bytes] });

export const NDA = attrs('NDA', {
  dst: [1, ip, { min: 0, max: 32 }],
  lladdr: [2, mac, { min: 0, max: 32 }],
  cacheinfo: [3, structOf(NDA_CACHEINFO)],
  probes: [4, u32],
  vlan: [5, u16],
  port: [6, be16],
  vni: [7, u32],
  ifindex: [8, u32],
  master: [9, u32],
  linkNetnsid: [10, s32],
  srcVni: [11, u32],
  protocol: [12, u8],
  nhId: [13, u32],
  fdbExtAttrs: [14, nested(NFEA)],
  flagsExt: [15, u32],
  ndmStateMask: [16, u16],
  ndmFlagsMask: [17, u8],
});
export type NeighAttrs = NonNullable<typeof NDA.sample>;
