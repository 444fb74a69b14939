// Router advertisements received: a default router, the link's numbers, prefixes and the addresses made from them (SLAAC).
// RFC 4861, 6.3.4; RFC 4862, 5.5.3; RFC 4191. Linux: net/ipv6/ndisc.c, ndisc_router_discovery(); addrconf_prefix_rcv().

import { Refusal } from '../net/linkops.ts';
import type { Skb } from '../net/skb.ts';
import {
  IFA_F_DEPRECATED,
  IFA_F_MANAGETEMPADDR,
  IFA_F_OPTIMISTIC,
  IFA_F_STABLE_PRIVACY,
  IFA_F_TENTATIVE,
  IFAPROT_KERNEL_RA,
} from '../uapi/addr.ts';
import { u16, u32 } from '../wire/bytes.ts';
import { In6 } from '../wire/in6.ts';
import { IP6_SRC } from '../wire/ip6.ts';
import { ND_OPT_MTU, ND_OPT_PREFIX_INFO, ND_OPT_SOURCE_LL_ADDR, ndOption } from '../wire/nd.ts';
import { GEN_RANDOM, GEN_STABLE_PRIVACY, setEui64, setStableIid } from './addr-gen6.ts';
import { getIfaddr6, hasAddress } from './addr6.ts';
import { addAddr6, addrScope6, tellAddr } from './addrconf-addr.ts';
import {
  acceptsRa,
  dadStart,
  IF_RA_MANAGED,
  IF_RA_OTHERCONF,
  IF_RA_RCVD,
  IF_RS_SENT,
  orConf6,
} from './addrconf-dad.ts';
import { verifySoon } from './addrconf-life.ts';
import * as dc from './conf6.ts';
import { type Route6, RTF_ADDRCONF, RTF_DEFAULT, RTF_EXPIRES, RTF_PREF_SHIFT, RTF_PREFIX_RT } from './fib6.ts';
import {
  addDefaultRouter6,
  defaultRouter6,
  delRoute6,
  findPrefixRoute6,
  mtuChanged6,
  prefixRoute6,
  rtInfoRoute6,
  setExpires6,
} from './fib6-sync.ts';
import { drawReachable } from './neigh-home.ts';
import { neigh6Learn } from './neigh6-table.ts';
import type { Ifaddr6, Inet6Dev } from './state6.ts';
import type { PrefixInfo } from './types6.ts';

const RA_LEN = 16;
const ND_OPT_ROUTE_INFO = 24;
const PREFIX_OPTION_LEN = 32;
/** PrefixInfo.flags */
const ON_LINK = 0x80;
const AUTONOMOUS = 0x40;
const PREFERS_PD = 0x10;
const INFINITY = 0xffffffff;
/** A router that nobody authenticated does not shorten a valid lifetime below this (RFC 4862, 5.5.3 e). */
const MIN_VALID_S = 7200;
const PREF_INVALID = 2;
const IPV6_MIN_MTU = 1280;

const router = new In6();

/** skb.net at the IPv6 header, skb.off at the message, which is a valid one from a link-local address. Borrows. */
export function routerAdvert(skb: Skb, d: Inet6Dev): void {
  const b = skb.bytes;
  const at = skb.off;
  const end = at + skb.len;
  router.read(b, skb.net + IP6_SRC);
  if (skb.len < RA_LEN || !router.isLinkLocal) return;
  const lladdr = ndOption(b, at + RA_LEN, end, ND_OPT_SOURCE_LL_ADDR);
  if (lladdr === -2) return;
  const accepted = acceptsRa(d);
  let notify = accepted && linkFlags(d, b[at + 5]);
  const route = accepted ? defaultRoute(d, b, at) : null;
  if (accepted) notify = linkTimes(d, b, at) || notify;
  if (lladdr >= 0) neigh6Learn(d, router, u16(b, lladdr + 2) * 0x1_0000_0000 + u32(b, lladdr + 4), true);
  if (!accepted) return;
  notify = options(d, b, at, end, route, lladdr >= 0) || notify;
  if (notify) d.i6.stack.hooks.linkInfoChanged(d.dev);
}

/** The managed and other-configuration flags; true when they changed. */
function linkFlags(d: Inet6Dev, flags: number): boolean {
  if ((d.ifFlags & IF_RS_SENT) !== 0) d.ifFlags |= IF_RA_RCVD;
  const was = d.ifFlags;
  d.ifFlags &= ~(IF_RA_MANAGED | IF_RA_OTHERCONF);
  if ((flags & 0x80) !== 0) d.ifFlags |= IF_RA_MANAGED;
  if ((flags & 0x40) !== 0) d.ifFlags |= IF_RA_OTHERCONF;
  return was !== d.ifFlags;
}

function fromHere(d: Inet6Dev): boolean {
  return d.conf.v[dc.DC_ACCEPT_RA_FROM_LOCAL] === 0 && hasAddress(d.i6, router, d.dev, false) !== null;
}

/** The default route by this router: new, changed or gone. */
function defaultRoute(d: Inet6Dev, b: Uint8Array, at: number): Route6 | null {
  const v = d.conf.v;
  const lifetimeS = u16(b, at + 6);
  if (v[dc.DC_ACCEPT_RA_DEFRTR] === 0) return null;
  if (lifetimeS !== 0 && lifetimeS < v[dc.DC_ACCEPT_RA_MIN_LFT]) return null;
  if (fromHere(d)) return null;
  let pref = (b[at + 5] >>> 3) & 3;
  if (pref === PREF_INVALID || v[dc.DC_ACCEPT_RA_RTR_PREF] === 0) pref = 0;
  const metric = v[dc.DC_RA_DEFRTR_METRIC];
  let r = defaultRouter6(d, router);
  if (r !== null && (lifetimeS === 0 || r.metric !== metric)) {
    delRoute6(d.i6, r);
    r = null;
  }
  if (r === null && lifetimeS !== 0) r = addDefaultRouter6(d, router, pref, metric, lifetimeS);
  else if (r !== null) {
    r.pref = pref;
    r.rtf = (r.rtf & ~(3 << RTF_PREF_SHIFT)) | (pref << RTF_PREF_SHIFT);
    d.i6.genid++;
  }
  if (r !== null) setExpires6(r, d.i6.now + lifetimeS * 1e9);
  const hops = b[at + 4];
  if (hops !== 0 && v[dc.DC_ACCEPT_RA_MIN_HOP_LIMIT] <= hops) {
    v[dc.DC_HOPLIMIT] = hops;
    d.i6.genid++;
    if (r !== null) setMetric(r, 10, hops);
  }
  return r;
}

/** RTAX_HOPLIMIT 10, RTAX_MTU 2. Linux: fib6_metric_set(). */
function setMetric(r: Route6, type: number, value: number): void {
  r.metrics = [...r.metrics.filter(([t]) => t !== type), [type, value] as [number, number]].sort((x, y) => x[0] - y[0]);
  if (type === 10) r.hopLimit = value;
  else r.mtu = value;
}

/** Retransmission and reachable time; true when something changed. */
function linkTimes(d: Inet6Dev, b: Uint8Array, at: number): boolean {
  const p = d.parms;
  const reachableMs = u32(b, at + 8);
  const retransMs = u32(b, at + 12);
  let changed = false;
  if (retransMs !== 0 && retransMs < 0x7fffffff) {
    p.retransNs = Math.max(10, retransMs) * 1e6;
    d.tstampNs = d.i6.now;
    changed = true;
  }
  const baseNs = Math.max(100, reachableMs) * 1e6;
  if (reachableMs !== 0 && reachableMs < 0x7fffffff && baseNs !== p.baseReachableNs) {
    p.baseReachableNs = baseNs;
    p.gcStaleNs = 3 * baseNs;
    drawReachable(d);
    d.tstampNs = d.i6.now;
    changed = true;
  }
  return changed;
}

function options(d: Inet6Dev, b: Uint8Array, at: number, end: number, route: Route6 | null, sllao: boolean): boolean {
  const v = d.conf.v;
  each(b, at + RA_LEN, end, ND_OPT_ROUTE_INFO, (o) => {
    if (v[dc.DC_ACCEPT_RA_RTR_PREF] !== 0 && !fromHere(d)) routeInfo(d, b, o);
  });
  each(b, at + RA_LEN, end, ND_OPT_PREFIX_INFO, (o) => {
    if (v[dc.DC_ACCEPT_RA_PINFO] !== 0 && b[o + 1] << 3 >= PREFIX_OPTION_LEN) prefixInfo(d, b, o, sllao);
  });
  const o = ndOption(b, at + RA_LEN, end, ND_OPT_MTU);
  if (o < 0 || v[dc.DC_ACCEPT_RA_MTU] === 0) return false;
  return linkMtu(d, u32(b, o + 4), route);
}

function each(b: Uint8Array, from: number, end: number, type: number, visit: (at: number) => void): void {
  for (let at = from; at + 8 <= end && b[at + 1] !== 0; at += b[at + 1] << 3) if (b[at] === type) visit(at);
}

function linkMtu(d: Inet6Dev, mtu: number, route: Route6 | null): boolean {
  const changed = d.raMtu !== mtu;
  d.raMtu = mtu;
  if (mtu < IPV6_MIN_MTU || mtu > d.dev.mtu) {
    d.i6.kernel.hooks.log(`ICMPv6: RA: invalid mtu: ${mtu}`);
  } else if (d.conf.v[dc.DC_MTU6] !== mtu) {
    d.conf.v[dc.DC_MTU6] = mtu;
    if (route !== null) setMetric(route, 2, mtu);
    mtuChanged6(d, mtu);
  }
  return changed;
}

/** A more specific route (RFC 4191). Linux: rt6_route_rcv(). */
function routeInfo(d: Inet6Dev, b: Uint8Array, o: number): void {
  const v = d.conf.v;
  const len = b[o + 2];
  const words = b[o + 1];
  if (len > 128 || words > 3 || (words < 3 && len > 64) || (words < 2 && len > 0)) return;
  if (len === 0 && v[dc.DC_ACCEPT_RA_DEFRTR] === 0) return;
  if (len < v[dc.DC_ACCEPT_RA_RT_INFO_MIN_PLEN] || len > v[dc.DC_ACCEPT_RA_RT_INFO_MAX_PLEN]) return;
  const pref = (b[o + 3] >>> 3) & 3;
  if (pref === PREF_INVALID) return;
  const bytes = new Uint8Array(16);
  bytes.set(b.subarray(o + 8, o + (words << 3)));
  rtInfoRoute6(d, new In6().read(bytes, 0), len, router, pref, u32(b, o + 4));
}

/** Linux: addrconf_prefix_rcv(). */
function prefixInfo(d: Inet6Dev, b: Uint8Array, o: number, sllao: boolean): void {
  const v = d.conf.v;
  const info: PrefixInfo = {
    length: b[o + 2],
    flags: b[o + 3],
    validLft: u32(b, o + 4),
    preferredLft: u32(b, o + 8),
    prefix: new In6().read(b, o + 16),
  };
  if (info.prefix.isMulticast || info.prefix.isLinkLocal || info.length > 128) return;
  if (info.preferredLft > info.validLft) {
    d.i6.kernel.hooks.log('IPv6: addrconf: prefix option has invalid lifetime');
    return;
  }
  if (info.validLft !== 0 && info.validLft < v[dc.DC_ACCEPT_RA_MIN_LFT]) return;
  if ((info.flags & ON_LINK) !== 0) onLinkPrefix(d, info);
  const forHosts = (info.flags & AUTONOMOUS) !== 0 && v[dc.DC_AUTOCONF] !== 0;
  const leaveIt = v[dc.DC_RA_HONOR_PIO_PFLAG] !== 0 && (info.flags & PREFERS_PD) !== 0;
  if (forHosts && !leaveIt && !autoconf(d, info, sllao)) return;
  d.i6.stack.hooks.prefixHeard(d.dev, info);
}

function onLinkPrefix(d: Inet6Dev, info: PrefixInfo): void {
  const rtf = RTF_ADDRCONF | RTF_PREFIX_RT;
  const ends = info.validLft === INFINITY ? 0 : d.i6.now + info.validLft * 1e9;
  const r = findPrefixRoute6(d, info.prefix, info.length, rtf, RTF_DEFAULT);
  if (r !== null) {
    if (info.validLft === 0) delRoute6(d.i6, r);
    else setExpires6(r, ends);
  } else if (info.validLft !== 0) {
    prefixRoute6(d, info.prefix, info.length, 0, ends, ends === 0 ? rtf : rtf | RTF_EXPIRES);
  }
}

/** An address from the prefix; false: it gives none. */
function autoconf(d: Inet6Dev, info: PrefixInfo, sllao: boolean): boolean {
  if (info.length !== 64) return false;
  const addr = info.prefix.copy();
  const mode = d.conf.v[dc.DC_ADDR_GEN_MODE];
  const stable = mode === GEN_STABLE_PRIVACY || mode === GEN_RANDOM;
  let flags = 0;
  const tokenized = !d.token.isAny;
  if (tokenized) {
    addr.c = d.token.c;
    addr.d = d.token.d;
  } else if (stable && setStableIid(addr, 0, d)) flags = IFA_F_STABLE_PRIVACY;
  else if (!setEui64(addr, d.dev)) return false;
  const there = getIfaddr6(d.i6, addr, d.dev, true);
  if (there !== null) {
    prolong(there, info);
    verifySoon(d.i6);
    return true;
  }
  if (info.validLft === 0) return true;
  const most = d.conf.v[dc.DC_MAX_ADDRESSES];
  if (most !== 0 && d.addrs.length >= most) return false;
  const optimistic = orConf6(d, dc.DC_OPTIMISTIC_DAD) && d.i6.confAll.v[dc.DC_FORWARDING] === 0 && sllao;
  return make(d, info, addr, optimistic ? flags | IFA_F_OPTIMISTIC : flags, tokenized);
}

/** Linux: addrconf_prefix_rcv_add_addr(). */
function make(d: Inet6Dev, info: PrefixInfo, addr: In6, flags: number, tokenized: boolean): boolean {
  try {
    const ifa = addAddr6(d, {
      addr,
      prefixLen: info.length,
      flags,
      scope: addrScope6(addr),
      validLft: info.validLft,
      preferredLft: info.preferredLft,
      proto: IFAPROT_KERNEL_RA,
    });
    ifa.flags |= IFA_F_MANAGETEMPADDR;
    ifa.tokenized = tokenized;
    dadStart(ifa);
  } catch (e) {
    if (!(e instanceof Refusal)) throw e;
    return false;
  }
  verifySoon(d.i6);
  return true;
}

/** An address that is there already gets the router's lifetimes, within limits. */
function prolong(ifa: Ifaddr6, info: PrefixInfo): void {
  const d = ifa.d6;
  const ageS = Math.floor((d.i6.now - ifa.tstampNs) / 1e9);
  const leftS = ifa.validLft > ageS ? ifa.validLft - ageS : 0;
  if (leftS === 0) return;
  let valid = info.validLft;
  if (d.conf.v[dc.DC_RA_HONOR_PIO_LIFE] === 0) valid = Math.max(valid, Math.min(leftS, MIN_VALID_S));
  ifa.validLft = valid;
  ifa.preferredLft = info.preferredLft;
  ifa.tstampNs = d.i6.now;
  const flags = ifa.flags;
  ifa.flags &= ~IFA_F_DEPRECATED;
  d.i6.genid++;
  if ((flags & IFA_F_TENTATIVE) === 0) tellAddr(ifa);
}
