// Addresses of links: RTM_NEWADDR and its kin. Linux: include/uapi/linux/if_addr.h; policies as in net/ipv4/devinet.c.

import { attrs, ip, s32, string, struct, structOf, u8, u32 } from './attr.ts';

export const IFADDRMSG = struct('ifaddrmsg', { family: u8, prefixlen: u8, flags: u8, scope: u8, index: u32 });
export type IfAddrMsg = NonNullable<typeof IFADDRMSG.sample>;

export const IFA_F_SECONDARY = 0x01;
/** The same bit, said of IPv6. */
export const IFA_F_TEMPORARY = IFA_F_SECONDARY;
export const IFA_F_NODAD = 0x02;
export const IFA_F_OPTIMISTIC = 0x04;
export const IFA_F_DADFAILED = 0x08;
export const IFA_F_HOMEADDRESS = 0x10;
export const IFA_F_DEPRECATED = 0x20;
export const IFA_F_TENTATIVE = 0x40;
export const IFA_F_PERMANENT = 0x80;
export const IFA_F_MANAGETEMPADDR = 0x100;
export const IFA_F_NOPREFIXROUTE = 0x200;
export const IFA_F_MCAUTOJOIN = 0x400;
export const IFA_F_STABLE_PRIVACY = 0x800;

export const IFAPROT_UNSPEC = 0;
export const IFAPROT_KERNEL_LO = 1;
export const IFAPROT_KERNEL_RA = 2;
export const IFAPROT_KERNEL_LL = 3;

/** Lifetimes in seconds; this one means forever. */
export const INFINITY_LIFE_TIME = 0xffffffff;

/** Lifetimes in seconds, stamps in hundredths of seconds since boot. */
export const IFA_CACHEINFO = struct('ifa_cacheinfo', { prefered: u32, valid: u32, cstamp: u32, tstamp: u32 });

export const IFA = attrs('IFA', {
  address: [1, ip, { min: 4 }],
  local: [2, ip, { min: 4 }],
  label: [3, string, { max: 15 }],
  broadcast: [4, ip, { min: 4 }],
  anycast: [5, ip],
  cacheinfo: [6, structOf(IFA_CACHEINFO)],
  multicast: [7, ip],
  flags: [8, u32],
  rtPriority: [9, u32],
  targetNetnsid: [10, s32],
  proto: [11, u8],
});
export type AddrAttrs = NonNullable<typeof IFA.sample>;
