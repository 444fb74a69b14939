// Netlink itself: protocols, header flags, control messages, the extended acknowledgement.
// Linux: include/uapi/linux/netlink.h.

import { attrs, bytes, nested, string, u32, u64 } from './attr.ts';

export const NETLINK_ROUTE = 0;
export const NETLINK_SOCK_DIAG = 4;
export const NETLINK_GENERIC = 16;

export const NLM_F_REQUEST = 0x01;
export const NLM_F_MULTI = 0x02;
export const NLM_F_ACK = 0x04;
export const NLM_F_ECHO = 0x08;
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_DUMP_FILTERED = 0x20;
// GET requests
export const NLM_F_ROOT = 0x100;
export const NLM_F_MATCH = 0x200;
export const NLM_F_ATOMIC = 0x400;
export const NLM_F_DUMP = NLM_F_ROOT | NLM_F_MATCH;
// NEW requests
export const NLM_F_REPLACE = 0x100;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;
export const NLM_F_APPEND = 0x800;
// DEL requests
export const NLM_F_NONREC = 0x100;
export const NLM_F_BULK = 0x200;
// acknowledgements
export const NLM_F_CAPPED = 0x100;
export const NLM_F_ACK_TLVS = 0x200;

export const NLMSG_NOOP = 1;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const NLMSG_OVERRUN = 4;
/** Types below this one are control messages. */
export const NLMSG_MIN_TYPE = 0x10;

export const NLA_F_NESTED = 0x8000;
export const NLA_F_NET_BYTEORDER = 0x4000;
export const NLA_TYPE_MASK = 0x3fff;

// socket options that change what the kernel answers
export const NETLINK_CAP_ACK = 10;
export const NETLINK_EXT_ACK = 11;
export const NETLINK_GET_STRICT_CHK = 12;

/** What the kernel says about the policy that an attribute failed. */
export const NL_POLICY_TYPE_ATTR = attrs('NL_POLICY_TYPE_ATTR', {
  type: [1, u32],
  minValueS: [2, bytes],
  maxValueS: [3, bytes],
  minValueU: [4, u64],
  maxValueU: [5, u64],
  minLength: [6, u32],
  maxLength: [7, u32],
  policyIdx: [8, u32],
  policyMaxtype: [9, u32],
  bitfield32Mask: [10, u32],
  pad: [11, bytes],
  mask: [12, u64],
});

export type NlPolicy = NonNullable<typeof NL_POLICY_TYPE_ATTR.sample>;

// NL_ATTR_TYPE_*, as `type` has them
export const NL_ATTR_TYPE_FLAG = 1;
export const NL_ATTR_TYPE_U8 = 2;
export const NL_ATTR_TYPE_U16 = 3;
export const NL_ATTR_TYPE_U32 = 4;
export const NL_ATTR_TYPE_U64 = 5;
export const NL_ATTR_TYPE_S8 = 6;
export const NL_ATTR_TYPE_S16 = 7;
export const NL_ATTR_TYPE_S32 = 8;
export const NL_ATTR_TYPE_S64 = 9;
export const NL_ATTR_TYPE_BINARY = 10;
export const NL_ATTR_TYPE_STRING = 11;
export const NL_ATTR_TYPE_NUL_STRING = 12;
export const NL_ATTR_TYPE_NESTED = 13;

/** After an acknowledgement: what was wrong, in words and places. */
export const NLMSGERR_ATTR = attrs('NLMSGERR_ATTR', {
  msg: [1, string],
  offs: [2, u32],
  cookie: [3, bytes],
  policy: [4, nested(NL_POLICY_TYPE_ATTR)],
  missType: [5, u32],
  missNest: [6, u32],
});
