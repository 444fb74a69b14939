// Where does a packet go? Output lookups (with choice of the source) and input lookups (with the martian checks).
// Both fill a Dst that the caller owns; nothing is allocated. Linux: net/ipv4/route.c, ip_route_output_key_hash_rcu(),
// ip_route_input_slow(), __mkroute_output(), fib_validate_source().

import { F_HW_CSUM, F_IP_CSUM } from '../net/features.ts';
import { IFF_LOOPBACK } from '../net/flags.ts';
import type { NetDevice } from '../net/netdev.ts';
import { RT_SCOPE_HOST, RT_SCOPE_LINK, RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST, RTN_UNICAST } from '../uapi/route.ts';
import { ROUTE_LOCALNET } from './conf.ts';
import { EINVAL, ENETUNREACH, ENODEV } from './errno.ts';
import { type Exception, FibKey, fibResult, type Route } from './fib.ts';
import { fibLookup } from './fib-lookup.ts';
import { mcIsMember } from './igmp.ts';
import { findAddrDev, selectAddr } from './inetdev.ts';
import { INADDR_BROADCAST, INADDR_LOOPBACK, isLocalMulticast, isLoopback, isMulticast, isZeronet } from './ipaddr.ts';
import type { Neigh } from './neigh.ts';
import { type InetNs, inDev, orConf } from './state.ts';

/** Dst.flags; signed, so that they stay small integers. Linux: RTCF_*, in_route.h. */
export const RTCF_LOCAL = -0x80000000;
export const RTCF_BROADCAST = 0x10000000;
export const RTCF_MULTICAST = 0x20000000;
export const RTCF_REDIRECTED = 0x00040000;
export const RTCF_DOREDIRECT = 0x01000000;
const IPPROTO_IGMP = 2;

/** The result of a lookup, which is also a socket's memory of its last one. Linux: struct rtable, fib_result. */
export class Dst {
  /** ins.genid when it was made; 0: never. */
  genid = 0;
  type = 0;
  flags = 0;
  dev: NetDevice | null = null;
  route: Route | null = null;
  daddr = 0;
  saddr = 0;
  /** 0: the destination itself is the next hop. */
  gateway = 0;
  /** What a route or ICMP says about the MTU; 0: nothing. */
  mtu = 0;
  pmtu = 0;
  expiresNs = 0;
  /** Of an unreachable input route: positive errno. */
  error = 0;
  /** Looped to this host though it leaves. Linux: dst.output == ip_mc_output. */
  mcOutput = false;
  /** The device finishes UDP checksums. */
  hwCsum = false;
  /** Of a remembered input route: where it came in, and with which TOS. */
  iif = 0;
  tos = 0;
  /** Next hop's neighbour entry, when known and alive. */
  neigh: Neigh | null = null;
}

/** Path MTU. Linux: dst_mtu(), ipv4_mtu(). */
export function dstMtu(d: Dst): number {
  if (d.pmtu !== 0) return d.pmtu;
  if (d.mtu !== 0) return d.mtu;
  const mtu = (d.dev as NetDevice).mtu;
  return mtu > 65535 ? 65535 : mtu;
}

/** A learned MTU counts for forwarding only if asked for. Linux: ip_dst_mtu_maybe_forward(). */
export function forwardMtu(ins: InetNs, d: Dst): number {
  if (ins.set.ipForwardUsePmtu !== 0 || d.dev === null) return dstMtu(d);
  return d.mtu !== 0 ? d.mtu : d.dev.mtu;
}

/** Is a remembered result still true? */
export function dstValid(ins: InetNs, d: Dst): boolean {
  return d.genid === ins.genid && (d.expiresNs === 0 || ins.kernel.loop.now < d.expiresNs);
}

const key = new FibKey();

function makeOutput(
  ins: InetNs,
  d: Dst,
  type: number,
  dev: NetDevice,
  r: Route | null,
  flags: number,
  proto: number,
): number {
  const ind = inDev(dev);
  if (ind === null) return -EINVAL;
  const loop = (dev.flags & IFF_LOOPBACK) !== 0;
  if (isLoopback(d.saddr) && !loop && !orConf(ind, ROUTE_LOCALNET)) return -EINVAL;
  let t = type;
  if (d.daddr === INADDR_BROADCAST) t = RTN_BROADCAST;
  else if (isMulticast(d.daddr)) t = RTN_MULTICAST;
  else if (isZeronet(d.daddr)) return -EINVAL;
  let f = flags;
  let route = r;
  if (loop) f |= RTCF_LOCAL;
  if (t === RTN_BROADCAST) {
    f |= RTCF_BROADCAST | RTCF_LOCAL;
    route = null;
  } else if (t === RTN_MULTICAST) {
    f |= RTCF_MULTICAST | RTCF_LOCAL;
    if (!mcIsMember(ind, d.daddr, proto)) f &= ~RTCF_LOCAL;
    if (route !== null && route.dstLen < 4) route = null;
  }
  d.type = t;
  d.flags = f;
  d.dev = dev;
  d.mcOutput = (f & (RTCF_BROADCAST | RTCF_MULTICAST)) !== 0 && (f & RTCF_LOCAL) !== 0 && !loop;
  setNexthop(ins, d, route, dev);
  d.hwCsum = (dev.features & (F_HW_CSUM | F_IP_CSUM)) !== 0n;
  return 0;
}

/** Gateway, MTU and what the nexthop learned. Linux: rt_set_nexthop(), find_exception(). */
function setNexthop(ins: InetNs, d: Dst, route: Route | null, dev: NetDevice): void {
  d.route = route;
  d.gateway = 0;
  d.mtu = 0;
  d.pmtu = 0;
  d.expiresNs = 0;
  d.error = 0;
  d.neigh = null;
  d.genid = ins.genid;
  if (route === null || route.dev !== dev) return;
  if (route.gateway !== 0 && route.nhScope === RT_SCOPE_LINK) d.gateway = route.gateway;
  d.mtu = route.mtu;
  if (route.exceptions !== null) applyException(ins, d, route.exceptions);
}

/** Linux: find_exception(), fill_route_from_fnhe(). */
function applyException(ins: InetNs, d: Dst, exceptions: Map<number, Exception>): void {
  const e = exceptions.get(d.daddr);
  if (e === undefined) return;
  if (e.expiresNs !== 0 && e.expiresNs <= ins.now) {
    exceptions.delete(d.daddr);
    return;
  }
  e.used = true;
  d.pmtu = e.pmtu;
  d.expiresNs = e.expiresNs;
  if (e.gateway !== 0) {
    d.gateway = e.gateway;
    d.flags |= RTCF_REDIRECTED;
  }
}

/**
 * The way out for `daddr`; 0 or -errno. `saddr` 0: one is chosen (d.saddr). `oif` 0: any. `anySrc`: a source that is not
 * ours is allowed. Linux: ip_route_output_key_hash_rcu().
 */
export function routeOutput(
  ins: InetNs,
  d: Dst,
  daddr: number,
  saddr: number,
  oif: number,
  tos: number,
  proto: number,
  anySrc = false,
): number {
  d.daddr = daddr;
  d.saddr = saddr;
  d.genid = 0;
  let dev: NetDevice | null = null;
  if (saddr !== 0) {
    if (isMulticast(saddr) || saddr === INADDR_BROADCAST || isZeronet(saddr)) return -EINVAL;
    if (oif === 0 && (isMulticast(daddr) || daddr === INADDR_BROADCAST)) {
      dev = findAddrDev(ins, saddr);
      if (dev === null) return -ENETUNREACH;
      return makeOutput(ins, d, 0, dev, null, 0, proto);
    }
    if (!anySrc && findAddrDev(ins, saddr) === null) return -ENETUNREACH;
  }
  if (oif !== 0) {
    dev = ins.ns.devByIndex(oif);
    if (dev === null) return -ENODEV;
    if (!dev.up || inDev(dev) === null) return -ENETUNREACH;
    if (isLocalMulticast(daddr) || daddr === INADDR_BROADCAST || proto === IPPROTO_IGMP) {
      if (saddr === 0) d.saddr = selectAddr(ins, dev, 0, RT_SCOPE_LINK);
      return makeOutput(ins, d, 0, dev, null, 0, proto);
    }
    if (saddr === 0) {
      if (isMulticast(daddr)) d.saddr = selectAddr(ins, dev, 0, 0);
      else if (daddr === 0) d.saddr = selectAddr(ins, dev, 0, RT_SCOPE_HOST);
    }
  }
  if (daddr === 0) return toSelf(ins, d, proto);
  key.dst = daddr;
  key.src = saddr;
  key.oif = oif;
  key.tos = tos;
  const err = fibLookup(ins, key);
  if (err !== 0) {
    if (dev === null) return err;
    if (d.saddr === 0) d.saddr = selectAddr(ins, dev, 0, RT_SCOPE_LINK);
    return makeOutput(ins, d, RTN_UNICAST, dev, null, 0, proto);
  }
  const r = fibResult.route as Route;
  if (r.type === RTN_LOCAL) {
    if (d.saddr === 0) d.saddr = r.prefsrc !== 0 ? r.prefsrc : daddr;
    if (ins.loopback === null) return -ENODEV;
    return makeOutput(ins, d, RTN_LOCAL, ins.loopback, r, RTCF_LOCAL, proto);
  }
  const out = r.dev as NetDevice;
  if (d.saddr === 0) d.saddr = routePrefsrc(ins, r);
  return makeOutput(ins, d, r.type, out, r, 0, proto);
}

/** The source that a route prefers. Linux: fib_result_prefsrc(). */
export function routePrefsrc(ins: InetNs, r: Route): number {
  return r.prefsrc !== 0 ? r.prefsrc : selectAddr(ins, r.dev as NetDevice, r.gateway, r.scope);
}

function toSelf(ins: InetNs, d: Dst, proto: number): number {
  d.daddr = d.saddr;
  if (d.daddr === 0) {
    d.daddr = INADDR_LOOPBACK;
    d.saddr = INADDR_LOOPBACK;
  }
  if (ins.loopback === null) return -ENODEV;
  return makeOutput(ins, d, RTN_LOCAL, ins.loopback, null, RTCF_LOCAL, proto);
}

/** For input lookups: gateway and learned values of the route on which a packet is forwarded. */
export function fillForward(ins: InetNs, d: Dst, r: Route): void {
  d.type = RTN_UNICAST;
  d.flags = 0;
  d.dev = r.dev;
  d.mcOutput = false;
  setNexthop(ins, d, r, r.dev as NetDevice);
}
