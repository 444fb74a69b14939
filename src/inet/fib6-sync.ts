// Routes that follow from addresses, devices and router advertisements, and what happens to routes when devices change.
// Linux: addrconf_prefix_route(), addrconf_f6i_alloc(), rt6_add_dflt_router(), fib6_ifdown(), fib6_ifup(), fib6_age().

import type { NetDevice } from '../net/netdev.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../uapi/netlink.ts';
import { RTN_ANYCAST, RTN_LOCAL, RTN_MULTICAST, RTNH_F_LINKDOWN, RTPROT_KERNEL, RTPROT_RA } from '../uapi/route.ts';
import { IN6_ANY, type In6, in6, in6Prefix } from '../wire/in6.ts';
import { DC_MTU6 } from './conf6.ts';
import {
  type Fib6Table,
  Route6,
  RTF_ADDRCONF,
  RTF_ANYCAST,
  RTF_DEFAULT,
  RTF_EXPIRES,
  RTF_GATEWAY,
  RTF_LOCAL,
  RTF_NONEXTHOP,
  RTF_PREF_SHIFT,
  RTF_ROUTEINFO,
  RTF_UP,
} from './fib6.ts';
import { table6Of } from './fib6-lookup.ts';
import { neighIfdown } from './neigh-table.ts';
import { type Ifaddr6, type Inet6Dev, type Inet6Ns, inet6Ns } from './state6.ts';

const ADDRCONF_METRIC = 256;
const RTAX_LOCK = 1;
const RTAX_MTU = 2;
const GROUPS = in6('ff00::');
/** Expired routes are looked for this often. Linux: net.ipv6.route.gc_interval. */
const GC_NS = 30e9;

/** Puts a finished route into its table and tells. 0 or -errno. Linux: ip6_ins_rt(). */
export function insertRoute6(i6: Inet6Ns, r: Route6, nlFlags: number): number {
  const flags = table6Of(i6, r.table).insert(r, nlFlags, forget);
  if (flags < 0) return flags;
  i6.genid++;
  i6.stack.hooks.routeChanged(false, i6.ns, r, flags & (NLM_F_REPLACE | NLM_F_CREATE | NLM_F_EXCL));
  if ((r.rtf & RTF_EXPIRES) !== 0) scheduleGc(i6);
  return 0;
}

function forget(old: Route6): void {
  old.exceptions = null;
}

/** Linux: ip6_del_rt(). */
export function delRoute6(i6: Inet6Ns, r: Route6): void {
  if (i6.tables.get(r.table)?.remove(r) !== true) return;
  i6.genid++;
  i6.stack.hooks.routeChanged(true, i6.ns, r, 0);
}

function hostRoute(d: Inet6Dev, addr: In6, type: number): Route6 {
  const r = new Route6(addr, 128, 255);
  r.type = type;
  r.dev = d.dev;
  r.protocol = RTPROT_KERNEL;
  r.rtf = RTF_UP | RTF_NONEXTHOP | (type === RTN_LOCAL ? RTF_LOCAL : RTF_ANYCAST);
  return r;
}

/** The route by which an address is ours. Linux: addrconf_f6i_alloc() and ip6_ins_rt(). */
export function hostRoute6(ifa: Ifaddr6): void {
  insertRoute6(ifa.d6.i6, hostRoute(ifa.d6, ifa.addr, RTN_LOCAL), NLM_F_CREATE);
}

export function unhostRoute6(ifa: Ifaddr6): void {
  removeHost(ifa.d6, ifa.addr, RTN_LOCAL);
}

/** The same for an anycast address. */
export function anycastRoute6(d: Inet6Dev, addr: In6): void {
  insertRoute6(d.i6, hostRoute(d, addr, RTN_ANYCAST), NLM_F_CREATE);
}

export function unanycastRoute6(d: Inet6Dev, addr: In6): void {
  removeHost(d, addr, RTN_ANYCAST);
}

function removeHost(d: Inet6Dev, addr: In6, type: number): void {
  const r = d.i6.local.bucket(addr, 128)?.find((x) => x.dev === d.dev && x.type === type);
  if (r !== undefined) delRoute6(d.i6, r);
}

/** Linux: addrconf_prefix_route(). `metric` 0: 256; `expiresNs` 0: never; `rtf`: RTF_ADDRCONF, RTF_PREFIX_RT. */
export function prefixRoute6(
  d: Inet6Dev,
  prefix: In6,
  len: number,
  metric: number,
  expiresNs: number,
  rtf: number,
  pref = 0,
): void {
  const r = new Route6(in6Prefix(prefix, len), len, 254);
  r.dev = d.dev;
  r.metric = metric === 0 ? ADDRCONF_METRIC : metric;
  r.protocol = RTPROT_KERNEL;
  r.rtf = RTF_UP | rtf;
  setPref(r, pref);
  lifetime(r, expiresNs);
  carrier(r, d.dev);
  insertRoute6(d.i6, r, NLM_F_CREATE);
}

function setPref(r: Route6, pref: number): void {
  r.pref = pref;
  r.rtf |= pref << RTF_PREF_SHIFT;
}

function lifetime(r: Route6, expiresNs: number): void {
  r.expiresNs = expiresNs;
  if (expiresNs !== 0) r.rtf |= RTF_EXPIRES;
  else r.rtf &= ~RTF_EXPIRES;
}

/** A route on a device without carrier says so. */
export function carrier(r: Route6, dev: NetDevice): void {
  if (!r.isLocal && !dev.carrier) r.nhFlags |= RTNH_F_LINKDOWN;
}

/** Linux: addrconf_get_prefix_route(). */
export function findPrefixRoute6(
  d: Inet6Dev,
  prefix: In6,
  len: number,
  rtfWanted: number,
  rtfNot: number,
  noGateway = true,
): Route6 | null {
  const list = d.i6.main.bucket(prefix, len);
  for (const r of list ?? []) {
    if (r.dev !== d.dev || (noGateway && r.gateway !== null)) continue;
    if ((r.rtf & rtfWanted) === rtfWanted && (r.rtf & rtfNot) === 0) return r;
  }
  return null;
}

/** Every group is on the link. Linux: addrconf_add_mroute(). */
export function groupRoute6(d: Inet6Dev): void {
  const r = new Route6(GROUPS, 8, 255);
  r.dev = d.dev;
  r.metric = ADDRCONF_METRIC;
  r.type = RTN_MULTICAST;
  r.protocol = RTPROT_KERNEL;
  carrier(r, d.dev);
  insertRoute6(d.i6, r, NLM_F_CREATE);
}

/** Linux: rt6_get_dflt_router(). */
export function defaultRouter6(d: Inet6Dev, gw: In6): Route6 | null {
  const want = RTF_ADDRCONF | RTF_DEFAULT;
  for (const r of d.i6.main.bucket(IN6_ANY, 0) ?? []) {
    if (r.dev === d.dev && (r.rtf & want) === want && r.gateway?.equals(gw) === true) return r;
  }
  return null;
}

/** Linux: rt6_add_dflt_router(). */
export function addDefaultRouter6(
  d: Inet6Dev,
  gw: In6,
  pref: number,
  metric: number,
  lifetimeS: number,
): Route6 | null {
  const r = gatewayRoute(d, IN6_ANY, 0, gw, pref, lifetimeS);
  r.metric = metric;
  r.rtf |= RTF_ADDRCONF | RTF_DEFAULT;
  insertRoute6(d.i6, r, NLM_F_CREATE);
  return defaultRouter6(d, gw);
}

function gatewayRoute(d: Inet6Dev, prefix: In6, len: number, gw: In6, pref: number, lifetimeS: number): Route6 {
  const r = new Route6(in6Prefix(prefix, len), len, 254);
  r.dev = d.dev;
  r.gateway = gw.copy();
  r.metric = 1024;
  r.protocol = RTPROT_RA;
  r.rtf = RTF_UP | RTF_GATEWAY;
  setPref(r, pref);
  lifetime(r, lifetimeS === 0xffffffff ? 0 : d.i6.now + lifetimeS * 1e9);
  carrier(r, d.dev);
  return r;
}

/** A more specific route of an advertisement (RFC 4191). Lifetime 0 takes it away. Linux: rt6_route_rcv(). */
export function rtInfoRoute6(d: Inet6Dev, prefix: In6, len: number, gw: In6, pref: number, lifetimeS: number): void {
  const i6 = d.i6;
  const known =
    len === 0
      ? defaultRouter6(d, gw)
      : (i6.main
          .bucket(prefix, len)
          ?.find((r) => r.dev === d.dev && (r.rtf & RTF_ROUTEINFO) !== 0 && r.gateway?.equals(gw) === true) ?? null);
  if (lifetimeS === 0) {
    if (known !== null) delRoute6(i6, known);
    return;
  }
  if (known === null) {
    const r = gatewayRoute(d, prefix, len, gw, pref, lifetimeS);
    r.rtf |= RTF_ADDRCONF | RTF_ROUTEINFO | (len === 0 ? RTF_DEFAULT : 0);
    insertRoute6(i6, r, NLM_F_CREATE);
    return;
  }
  known.rtf &= ~(3 << RTF_PREF_SHIFT);
  setPref(known, pref);
  setExpires6(known, lifetimeS === 0xffffffff ? 0 : i6.now + lifetimeS * 1e9);
}

/** `expiresNs` 0: it stays. Linux: fib6_set_expires(), fib6_clean_expires(). */
export function setExpires6(r: Route6, expiresNs: number): void {
  lifetime(r, expiresNs);
  const i6 = r.dev === null ? null : inet6Ns(r.dev.ns);
  if (expiresNs !== 0 && i6 !== null) scheduleGc(i6);
}

/** Every route that `goes` says goes, and that is told. Linux: fib6_clean_all(). */
function clean(i6: Inet6Ns, goes: (r: Route6) => boolean): void {
  for (const t of [...i6.tables.values()].sort((a: Fib6Table, b: Fib6Table) => (a.id & 255) - (b.id & 255))) {
    for (const r of [...t.routes]) if (goes(r)) delRoute6(i6, r);
  }
}

/** The device went down or goes for good: its routes and neighbours go. Linux: rt6_disable_ip(). */
export function routes6Down(d: Inet6Dev, _unregister: boolean): void {
  clean(d.i6, (r) => r.dev === d.dev);
  neighIfdown(d);
}

/** No carrier: routes that leave by the device say so. Linux: rt6_sync_down_dev(), NETDEV_CHANGE. */
export function routes6Linkdown(d: Inet6Dev): void {
  mark(d, true);
}

/** The carrier is back. Linux: rt6_sync_up(). */
export function routes6Up(d: Inet6Dev): void {
  mark(d, false);
}

function mark(d: Inet6Dev, down: boolean): void {
  for (const t of d.i6.tables.values()) {
    for (const r of t.routes) {
      if (r.dev !== d.dev || r.isLocal) continue;
      r.nhFlags = down ? r.nhFlags | RTNH_F_LINKDOWN : r.nhFlags & ~RTNH_F_LINKDOWN;
    }
  }
  d.i6.genid++;
}

/** A host that became a router forgets its routers. Linux: rt6_purge_dflt_routers(). */
export function purgeDefaultRouters6(i6: Inet6Ns, keep: (d: NetDevice) => boolean = () => false): void {
  clean(
    i6,
    (r) => (r.rtf & (RTF_DEFAULT | RTF_ADDRCONF)) === (RTF_DEFAULT | RTF_ADDRCONF) && r.dev !== null && !keep(r.dev),
  );
}

/** A router became a host: routes through it go. Linux: rt6_clean_tohost(). */
export function purgeRouter6(i6: Inet6Ns, gw: In6): void {
  const want = RTF_ADDRCONF | RTF_DEFAULT | RTF_GATEWAY;
  clean(i6, (r) => (r.rtf & want) === want && r.gateway !== null && r.gateway.equals(gw));
}

/** An address went: routes that prefer it as a source do so no longer. Linux: rt6_remove_prefsrc(). */
export function prefsrcLost6(i6: Inet6Ns, addr: In6, dev: NetDevice | null): void {
  for (const t of i6.tables.values()) {
    for (const r of t.routes) {
      if ((dev === null || r.dev === dev) && r.prefsrc !== null && r.prefsrc.equals(addr)) r.prefsrc = null;
    }
  }
  i6.genid++;
}

/** The device's MTU changed: routes with one of their own follow. Linux: rt6_mtu_change(). */
export function mtuChanged6(d: Inet6Dev, mtu: number): void {
  for (const t of d.i6.tables.values()) {
    for (const r of t.routes) {
      if (r.dev !== d.dev || isLocked(r)) continue;
      if (r.mtu !== 0 && (r.mtu >= mtu || r.mtu === d.conf.v[DC_MTU6])) {
        r.mtu = mtu;
        r.metrics = r.metrics.map(([k, v]) => [k, k === RTAX_MTU ? mtu : v]);
      }
      for (const e of r.exceptions?.values() ?? []) if (e.pmtu >= mtu) e.pmtu = mtu;
    }
  }
  d.i6.genid++;
}

/** `mtu lock` of a route. */
export function isLocked(r: Route6): boolean {
  return r.metrics.some(([k, v]) => k === RTAX_LOCK && (v & (1 << RTAX_MTU)) !== 0);
}

function scheduleGc(i6: Inet6Ns): void {
  if (i6.gcEvent !== 0) return;
  i6.gcEvent = i6.kernel.loop.after(GC_NS, runGc, i6, 0);
}

/** Expired routes go. Linux: fib6_run_gc(), fib6_age(). */
function runGc(i6: Inet6Ns): void {
  i6.gcEvent = 0;
  const now = i6.now;
  let more = false;
  clean(i6, (r) => {
    if ((r.rtf & RTF_EXPIRES) === 0) return false;
    if (now > r.expiresNs) return true;
    more = true;
    return false;
  });
  if (more) scheduleGc(i6);
}
