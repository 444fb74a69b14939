// Prefixes that routers advertise: RTM_NEWPREFIX. Linux: include/uapi/linux/rtnetlink.h, struct prefixmsg.

import { attrs, ip6, pad, s32, struct, structOf, u8, u32 } from './attr.ts';

export const PREFIXMSG = struct('prefixmsg', {
  family: u8,
  pad: pad(3),
  ifindex: s32,
  type: u8,
  len: u8,
  flags: u8,
  pad2: pad(1),
});
export type PrefixMsg = NonNullable<typeof PREFIXMSG.sample>;

/** prefix_flags, as iproute2 reads them. */
export const IF_PREFIX_ONLINK = 0x01;
export const IF_PREFIX_AUTOCONF = 0x02;

/** Seconds. */
export const PREFIX_CACHEINFO = struct('prefix_cacheinfo', { preferred: u32, valid: u32 });

export const PREFIX = attrs('PREFIX', { address: [1, ip6], cacheinfo: [2, structOf(PREFIX_CACHEINFO)] });
export type PrefixAttrs = NonNullable<typeof PREFIX.sample>;
