// Settings of IP on a device, as far as netlink tells them: RTM_NEWNETCONF and its kin. Linux: include/uapi/linux/netconf.h.

import { attrs, s32, struct, u8 } from './attr.ts';

export const NETCONFMSG = struct('netconfmsg', { family: u8 });

export const NETCONFA_IFINDEX_ALL = -1;
export const NETCONFA_IFINDEX_DEFAULT = -2;

export const NETCONFA = attrs('NETCONFA', {
  ifindex: [1, s32],
  forwarding: [2, s32],
  rpFilter: [3, s32],
  mcForwarding: [4, s32],
  proxyNeigh: [5, s32],
  ignoreRoutesWithLinkdown: [6, s32],
  input: [7, s32],
  bcForwarding: [8, s32],
});
export type NetconfAttrs = NonNullable<typeof NETCONFA.sample>;
