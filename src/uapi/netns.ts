// Ids of network namespaces: RTM_NEWNSID and RTM_GETNSID. Linux: include/uapi/linux/net_namespace.h.

import { attrs, s32, struct, u8, u32 } from './attr.ts';

/** The header of messages that need only a family; attributes begin on four bytes. */
export const RTGENMSG = struct('rtgenmsg', { family: u8 });

export const NETNSA_NSID_NOT_ASSIGNED = -1;

export const NETNSA = attrs('NETNSA', {
  nsid: [1, s32],
  pid: [2, u32],
  fd: [3, u32],
  targetNsid: [4, s32],
  currentNsid: [5, s32],
});
export type NsidAttrs = NonNullable<typeof NETNSA.sample>;
