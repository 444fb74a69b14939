// Generic netlink and its controller, nlctrl, which tells the ids of families by name.
// Linux: include/uapi/linux/genetlink.h; net/netlink/genetlink.c.

import { arrayOf, attrs, bytes, nestedNoflag, pad, string, struct, u8, u16, u32 } from './attr.ts';

export const GENLMSGHDR = struct('genlmsghdr', { cmd: u8, version: u8, pad: pad(2) });

export const GENL_ID_CTRL = 0x10;
export const GENL_NAMSIZ = 16;

export const GENL_ADMIN_PERM = 0x01;
export const GENL_CMD_CAP_DO = 0x02;
export const GENL_CMD_CAP_DUMP = 0x04;
export const GENL_CMD_CAP_HASPOL = 0x08;
export const GENL_UNS_ADMIN_PERM = 0x10;

export const CTRL_CMD_NEWFAMILY = 1;
export const CTRL_CMD_DELFAMILY = 2;
export const CTRL_CMD_GETFAMILY = 3;
export const CTRL_CMD_NEWMCAST_GRP = 7;
export const CTRL_CMD_DELMCAST_GRP = 8;
export const CTRL_CMD_GETPOLICY = 10;

export const CTRL_ATTR_OP = attrs('CTRL_ATTR_OP', { id: [1, u32], flags: [2, u32] });
export const CTRL_ATTR_MCAST_GRP = attrs('CTRL_ATTR_MCAST_GRP', { name: [1, string], id: [2, u32] });

export const CTRL_ATTR = attrs('CTRL_ATTR', {
  familyId: [1, u16],
  familyName: [2, string, { max: GENL_NAMSIZ - 1, nul: true }],
  version: [3, u32],
  hdrsize: [4, u32],
  maxattr: [5, u32],
  ops: [6, arrayOf(1, nestedNoflag(CTRL_ATTR_OP), false)],
  mcastGroups: [7, arrayOf(1, nestedNoflag(CTRL_ATTR_MCAST_GRP), false)],
  policy: [8, bytes],
  opPolicy: [9, bytes],
  op: [10, u32],
});
export type CtrlAttrs = NonNullable<typeof CTRL_ATTR.sample>;
