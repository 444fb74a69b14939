// Is this address ours? Questions about the addresses of a namespace. Linux: ipv6_chk_addr(), ipv6_chk_addr_and_flags(),
// ipv6_get_ifaddr(), ipv6_chk_prefix() in net/ipv6/addrconf.c.

import type { NetDevice } from '../net/netdev.ts';
import { IFA_F_OPTIMISTIC, IFA_F_TENTATIVE } from '../uapi/addr.ts';
import { type In6, in6PrefixEqual } from '../wire/in6.ts';
import { IFADDR_DEAD, type Ifaddr6, type Inet6Dev, type Inet6Ns } from './state6.ts';

/** Scope of an address by its kind: RT_SCOPE_HOST, LINK, SITE, UNIVERSE as numbers of net/ipv6.h. */
export const SCOPE6_NODELOCAL = 1;
export const SCOPE6_LINKLOCAL = 2;
export const SCOPE6_SITELOCAL = 5;
export const SCOPE6_GLOBAL = 14;

/** Linux: __ipv6_addr_src_scope(). */
export function scope6(a: In6): number {
  if (a.isMulticast) return a.mcScope;
  if (a.isLoopback) return SCOPE6_LINKLOCAL;
  if (a.isLinkLocal) return SCOPE6_LINKLOCAL;
  return a.a >>> 22 === 0x3fb ? SCOPE6_SITELOCAL : SCOPE6_GLOBAL;
}

/**
 * The address here without any of `banned` (IFA_F_*), on `dev` (null: any). With `onDev` false a global address of another
 * device counts, too. An optimistic address is not tentative. Linux: __ipv6_chk_addr_and_flags().
 */
export function chkAddrFlags(
  i6: Inet6Ns,
  addr: In6,
  dev: NetDevice | null,
  skipDevCheck: boolean,
  strict: boolean,
  banned: number,
): Ifaddr6 | null {
  const list = i6.addrHash.get(addr);
  if (list === null) return null;
  for (let i = 0; i < list.length; i++) {
    const ifa = list[i];
    const flags = (ifa.flags & IFA_F_OPTIMISTIC) !== 0 ? ifa.flags & ~IFA_F_TENTATIVE : ifa.flags;
    if ((flags & banned) !== 0) continue;
    if (dev === null || ifa.dev === dev || skipDevCheck) return ifa;
    if (!strict && (scope6(ifa.addr) & (SCOPE6_LINKLOCAL | SCOPE6_NODELOCAL)) === 0) return ifa;
  }
  return null;
}

/** Is it ours and no longer tentative? Linux: ipv6_chk_addr(). */
export function hasAddress(i6: Inet6Ns, addr: In6, dev: NetDevice | null, strict: boolean): Ifaddr6 | null {
  return chkAddrFlags(i6, addr, dev, dev === null, strict, IFA_F_TENTATIVE);
}

/** The address on `dev` (null: any), tentative or not. Linux: ipv6_get_ifaddr(). */
export function getIfaddr6(i6: Inet6Ns, addr: In6, dev: NetDevice | null, strict: boolean): Ifaddr6 | null {
  const list = i6.addrHash.get(addr);
  if (list === null) return null;
  for (let i = 0; i < list.length; i++) {
    const ifa = list[i];
    if (ifa.state === IFADDR_DEAD) continue;
    if (dev === null || ifa.dev === dev) return ifa;
    if (!strict && scope6(ifa.addr) !== SCOPE6_LINKLOCAL) return ifa;
  }
  return null;
}

/** Is `addr` in the subnet of one of this device's addresses? Linux: ipv6_chk_prefix(). */
export function onLink6(d: Inet6Dev, addr: In6): boolean {
  for (const ifa of d.addrs) if (in6PrefixEqual(addr, ifa.addr, ifa.prefixLen)) return true;
  return false;
}
