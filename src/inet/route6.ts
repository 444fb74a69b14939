// Where does an IPv6 packet go? Output lookups, input lookups, and what the nexthop learned. All fill a Dst6 that the
// caller owns; nothing is allocated. Linux: ip6_pol_route(), ip6_route_output_flags(), ip6_route_input(),
// ip6_dst_lookup_tail() in net/ipv6/route.c and ip6_output.c.

import { F_HW_CSUM, F_IPV6_CSUM } from '../net/features.ts';
import type { NetDevice } from '../net/netdev.ts';
import { IFA_F_OPTIMISTIC, IFA_F_TENTATIVE } from '../uapi/addr.ts';
import { RTN_ANYCAST, RTN_LOCAL, RTN_MULTICAST } from '../uapi/route.ts';
import { In6 } from '../wire/in6.ts';
import { getIfaddr6 } from './addr6.ts';
import { DC_FORWARDING, DC_HOPLIMIT, DC_MTU6 } from './conf6.ts';
import { EAFNOSUPPORT, ENETUNREACH, ENODEV } from './errno.ts';
import { LOOPBACK_IFINDEX } from './fib-rules.ts';
import { F6_IFACE, F6_REACHABLE, type Route6 } from './fib6.ts';
import { fib6Lookup, fib6Result, rule6Key } from './fib6-lookup.ts';
import type { Neigh } from './neigh.ts';
import { NUD_VALID } from './neigh.ts';
import { selectSource6 } from './saddr6.ts';
import { type Inet6Ns, in6Dev } from './state6.ts';

/** Dst6.flags. */
export const D6_LOCAL = 1;
export const D6_MULTICAST = 2;
export const D6_ANYCAST = 4;
export const D6_GATEWAY = 8;
export const D6_REDIRECTED = 16;

const MIN_MTU = 1280;
/** A packet is at most this long. Linux: IP6_MAX_MTU. */
const MAX_MTU = 65575;

/** The result of a lookup, which is also a socket's memory of its last one. Linux: struct rt6_info. */
export class Dst6 {
  /** i6.genid when it was made; 0: never. */
  genid = 0;
  type = 0;
  flags = 0;
  /** Where it leaves (lo for this host), and whose settings count (the address's own device). */
  dev: NetDevice | null = null;
  idev: NetDevice | null = null;
  route: Route6 | null = null;
  readonly daddr = new In6();
  readonly saddr = new In6();
  /** All zero: the destination itself is the next hop. */
  readonly gateway = new In6();
  mtu = 0;
  pmtu = 0;
  expiresNs = 0;
  /** -errno of a route that says no. */
  error = 0;
  hwCsum = false;
  /** Of a remembered input route: where it came in, and from whom. */
  iif = 0;
  neigh: Neigh | null = null;
}

/** Is a remembered result still true? */
export function dst6Valid(i6: Inet6Ns, d: Dst6): boolean {
  return d.genid === i6.genid && (d.expiresNs === 0 || i6.kernel.loop.now < d.expiresNs);
}

/** Path MTU for what this host sends. Linux: ip6_mtu(), ip6_mtu_from_fib6(). */
export function dst6Mtu(d: Dst6): number {
  if (d.pmtu !== 0) return d.pmtu;
  if (d.mtu !== 0) return d.mtu < MAX_MTU ? d.mtu : MAX_MTU;
  const dev = d.dev as NetDevice;
  const id = in6Dev(dev);
  const mtu = id === null ? MIN_MTU : id.conf.v[DC_MTU6];
  return mtu < MAX_MTU ? mtu : MAX_MTU;
}

/** Hop limit of what this host sends. Linux: ip6_dst_hoplimit(). */
export function dst6HopLimit(i6: Inet6Ns, d: Dst6): number {
  if (d.route !== null && d.route.hopLimit !== 0) return d.route.hopLimit;
  const id = d.dev === null ? null : in6Dev(d.dev);
  return id === null ? i6.confAll.v[DC_HOPLIMIT] : id.conf.v[DC_HOPLIMIT];
}

function needsStrict(a: In6): boolean {
  return a.isMulticast || a.isLinkLocal || a.isLoopback;
}

/** Fills in what the route says. Linux: ip6_rt_init_dst(), ip6_rt_copy_init(). */
function fill(i6: Inet6Ns, d: Dst6, err: number): void {
  const r = fib6Result.route;
  d.genid = i6.genid;
  d.route = r;
  d.error = err;
  d.neigh = null;
  d.flags = 0;
  d.mtu = 0;
  d.pmtu = 0;
  d.expiresNs = 0;
  d.gateway.clear();
  d.idev = r === null ? i6.loopback : r.dev;
  d.dev = r === null || r.isLocal ? i6.loopback : r.dev;
  if (r === null || d.dev === null) {
    if (err === 0) d.error = -ENODEV;
    return;
  }
  d.type = r.type;
  d.mtu = r.mtu;
  if (r.type === RTN_LOCAL) d.flags = D6_LOCAL;
  else if (r.type === RTN_ANYCAST) d.flags = D6_LOCAL | D6_ANYCAST;
  else if (r.dst.isMulticast) d.flags = D6_MULTICAST;
  if (d.daddr.isMulticast) {
    d.flags = D6_MULTICAST;
    d.type = RTN_MULTICAST;
  }
  if (r.gateway !== null) {
    d.gateway.set(r.gateway);
    d.flags |= D6_GATEWAY;
  }
  if (r.expiresNs !== 0) d.expiresNs = r.expiresNs;
  if (r.exceptions !== null) applyException(i6, d, r);
  d.hwCsum = (d.dev.features & (F_HW_CSUM | F_IPV6_CSUM)) !== 0n;
}

function applyException(i6: Inet6Ns, d: Dst6, r: Route6): void {
  const e = (r.exceptions as NonNullable<Route6['exceptions']>).get(d.daddr);
  if (e === null || (e.expiresNs !== 0 && e.expiresNs <= i6.now)) return;
  d.pmtu = e.pmtu;
  if (e.expiresNs !== 0) d.expiresNs = e.expiresNs;
  if (e.gateway === null) return;
  d.gateway.set(e.gateway);
  d.flags |= D6_GATEWAY | D6_REDIRECTED;
}

/** The way for d.daddr by `oif` (0: any). Linux: ip6_pol_route(). */
function policyRoute(i6: Inet6Ns, d: Dst6, oif: number, strict: number, iif = LOOPBACK_IFINDEX): void {
  if (i6.rules !== null) {
    rule6Key.src.set(d.saddr);
    rule6Key.iif = iif;
    rule6Key.oif = iif === LOOPBACK_IFINDEX ? oif : 0;
  }
  const reach = i6.confAll.v[DC_FORWARDING] === 0 ? F6_REACHABLE : 0;
  fill(i6, d, fib6Lookup(i6, d.daddr, oif, strict | reach));
}

/**
 * The way out for d.daddr, which the caller wrote, and for d.saddr (all zero: none yet). 0 or -errno. `bound`: the socket
 * is bound to `oif`. Linux: ip6_route_output_flags().
 */
export function routeOutput6(i6: Inet6Ns, d: Dst6, oif: number, bound: boolean): number {
  const strict = bound || needsStrict(d.daddr) || (oif !== 0 && d.saddr.isAny) ? F6_IFACE : 0;
  policyRoute(i6, d, oif, strict);
  return d.error;
}

/**
 * The way out with a source: d.saddr is chosen when it is all zero. 0 or -errno. `prefs`: PREFER_SRC_*.
 * Linux: ip6_dst_lookup_flow(), ip6_dst_lookup_tail().
 */
export function lookupOut6(i6: Inet6Ns, d: Dst6, oif: number, bound: boolean, prefs: number): number {
  let strict = bound || needsStrict(d.daddr) ? F6_IFACE : 0;
  let done = false;
  if (d.saddr.isAny) {
    if (oif !== 0) strict = F6_IFACE;
    policyRoute(i6, d, oif, strict);
    const r = d.error !== 0 ? null : d.route;
    if (r !== null && r.prefsrc !== null) d.saddr.set(r.prefsrc);
    else {
      const err = selectSource6(i6, r === null ? null : r.dev, d.daddr, prefs, d.saddr);
      if (err !== 0) {
        d.genid = 0;
        return err;
      }
    }
    done = d.error === 0;
  }
  if (!done) policyRoute(i6, d, oif, strict);
  if (d.error !== 0) {
    d.genid = 0;
    if (d.error === -ENETUNREACH) i6.ip.OutNoRoutes++;
    return d.error;
  }
  optimistic(i6, d, oif, strict);
  if (d.saddr.isMapped && !d.daddr.isMapped && !d.daddr.isAny) {
    d.genid = 0;
    return -EAFNOSUPPORT;
  }
  return 0;
}

/** From an optimistic address nobody is resolved: the first packets go by a router that is known. RFC 4429. */
function optimistic(i6: Inet6Ns, d: Dst6, oif: number, strict: number): void {
  const ifa = getIfaddr6(i6, d.saddr, d.dev, true);
  if (ifa === null || (ifa.flags & IFA_F_OPTIMISTIC) === 0 || (ifa.flags & IFA_F_TENTATIVE) === 0) return;
  const id = d.dev === null ? null : in6Dev(d.dev);
  const n = id === null ? null : id.neighs.get(d.gateway.isAny ? d.daddr : d.gateway);
  if (n !== null && (n.state & NUD_VALID) !== 0) return;
  const to = d.daddr.copy();
  d.daddr.clear();
  policyRoute(i6, d, oif, strict);
  d.daddr.set(to);
}

/** Where does a packet from `dev` go? d.daddr is written. Linux: ip6_route_input(). */
export function routeInput6(i6: Inet6Ns, d: Dst6, dev: NetDevice): void {
  policyRoute(i6, d, dev.ifindex, needsStrict(d.daddr) ? F6_IFACE : 0, dev.ifindex);
}

/** The way to `daddr` as it is now, or null; read at once. For what ICMPv6 says about it. Linux: ip6_route_output(). */
export function lookupKnown6(i6: Inet6Ns, daddr: In6, oif: number): Dst6 | null {
  const d = i6.tmpDst;
  d.daddr.set(daddr);
  d.saddr.clear();
  policyRoute(i6, d, oif, needsStrict(daddr) ? F6_IFACE : 0);
  return d.error === 0 ? d : null;
}
