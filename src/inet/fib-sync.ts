// Routes that come and go by themselves: with addresses (local, broadcast, connected), with devices (down, up, carrier),
// with a lost preferred source. The kernel tells rtnetlink of the first kind, and is silent when a device goes down.
// Linux: fib_add_ifaddr(), fib_del_ifaddr(), fib_sync_down_dev(), fib_sync_up(), net/ipv4/fib_frontend.c.

import { IFF_LOOPBACK } from '../net/flags.ts';
import { Refusal } from '../net/linkops.ts';
import type { NetDevice } from '../net/netdev.ts';
import { IFA_F_NOPREFIXROUTE, IFA_F_SECONDARY } from '../uapi/addr.ts';
import { NLM_F_APPEND, NLM_F_CREATE } from '../uapi/netlink.ts';
import {
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_UNICAST,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  RTPROT_KERNEL,
} from '../uapi/route.ts';
import type { Route } from './fib.ts';
import { addRoute, deleteMatching } from './fib-change.ts';
import { createRoute } from './fib-create.ts';
import { addrType } from './fib-lookup.ts';
import type { Ifaddr } from './inetdev.ts';
import { INADDR_BROADCAST, isZeronet, maskOf, sameNet } from './ipaddr.ts';
import { arpInvalidate } from './neigh-table.ts';
import { type InDevice, type InetNs, inDev } from './state.ts';
import type { RouteRequest } from './types.ts';

const request: RouteRequest = {
  dst: 0,
  dstLen: 0,
  tos: 0,
  table: 0,
  protocol: RTPROT_KERNEL,
  scope: 0,
  type: 0,
  flags: 0,
  oif: 0,
  gateway: null,
  priority: 0,
  prefsrc: 0,
  metrics: null,
  hasMultipath: false,
  hasEncap: false,
  hasVia6: false,
  nhId: 0,
  nlFlags: NLM_F_CREATE | NLM_F_APPEND,
};

/** One automatic route. Linux: fib_magic(). */
function magic(add: boolean, type: number, dst: number, len: number, ifa: Ifaddr, priority: number): void {
  const ins = ifa.ind.ins;
  const r: RouteRequest = {
    ...request,
    dst,
    dstLen: len,
    type,
    table: type === RTN_UNICAST ? 254 : 255,
    scope: type === RTN_LOCAL ? RT_SCOPE_HOST : RT_SCOPE_LINK,
    oif: ifa.ind.dev.ifindex,
    prefsrc: ifa.local,
    priority,
  };
  try {
    if (add) addRoute(ins, createRoute(ins, r), r.nlFlags);
    else deleteMatching(ins, r);
  } catch (e) {
    if (!(e instanceof Refusal)) throw e; // already there, or already gone
  }
}

/** The primary address of a prefix. Linux: inet_ifa_byprefix(). */
function primaryOf(d: InDevice, prefix: number, mask: number): Ifaddr | null {
  return d.addrs.find((a) => maskOf(a.prefixLen) === mask && sameNet(a.address, prefix, mask)) ?? null;
}

/** Linux: fib_add_ifaddr(). */
export function addIfaddrRoutes(ifa: Ifaddr): void {
  const dev = ifa.ind.dev;
  const mask = maskOf(ifa.prefixLen);
  const prefix = (ifa.address & mask) >>> 0;
  const secondary = (ifa.flags & IFA_F_SECONDARY) !== 0;
  const prim = secondary ? primaryOf(ifa.ind, prefix, mask) : ifa;
  if (prim === null) return;
  magic(true, RTN_LOCAL, ifa.local, 32, prim, 0);
  if (!dev.up) return;
  if (ifa.broadcast !== 0 && ifa.broadcast !== INADDR_BROADCAST) {
    magic(true, RTN_BROADCAST, ifa.broadcast, 32, prim, 0);
    arpInvalidate(ifa.ind, ifa.broadcast);
  }
  if (isZeronet(prefix) || secondary || (prefix === ifa.local && ifa.prefixLen === 32)) return;
  if ((ifa.flags & IFA_F_NOPREFIXROUTE) === 0) {
    magic(true, prefixType(dev), prefix, ifa.prefixLen, prim, ifa.rtPriority);
  }
  if (ifa.prefixLen < 31) {
    magic(true, RTN_BROADCAST, (prefix | ~mask) >>> 0, 32, prim, 0);
    arpInvalidate(ifa.ind, (prefix | ~mask) >>> 0);
  }
}

/** The prefix's route takes over another metric: first the new one, then the old one goes. Linux: fib_modify_prefix_metric(). */
export function movePrefixRoute(ifa: Ifaddr, metric: number): void {
  const { dev } = ifa.ind;
  const prefix = (ifa.address & maskOf(ifa.prefixLen)) >>> 0;
  const without = IFA_F_SECONDARY | IFA_F_NOPREFIXROUTE;
  if (!dev.up || (ifa.flags & without) !== 0 || isZeronet(prefix)) return;
  if (prefix === ifa.local && ifa.prefixLen === 32) return;
  magic(true, prefixType(dev), prefix, ifa.prefixLen, ifa, metric);
  magic(false, prefixType(dev), prefix, ifa.prefixLen, ifa, ifa.rtPriority);
}

function prefixType(dev: NetDevice): number {
  return (dev.flags & IFF_LOOPBACK) !== 0 ? RTN_LOCAL : RTN_UNICAST;
}

/** What other addresses of the device still need. */
class StillNeeded {
  local = false;
  broadcast = false;
  subnetBroadcast = false;
  gone = true;
}

/**
 * Takes an address's routes away, except those that another address needs. `promoted`: the primary that is being
 * deleted while this secondary takes its place. Linux: fib_del_ifaddr().
 */
export function delIfaddrRoutes(ifa: Ifaddr, promoted: Ifaddr | null): void {
  const d = ifa.ind;
  const mask = maskOf(ifa.prefixLen);
  const last = (ifa.address | ~mask) >>> 0;
  const any = (ifa.address & mask) >>> 0;
  let prim: Ifaddr | null = ifa;
  let subnet = false;
  if ((ifa.flags & IFA_F_SECONDARY) !== 0) {
    prim = primaryOf(d, any, mask);
    if (prim === null || (promoted !== null && promoted !== prim)) return;
  } else if (!isZeronet(any) && (any !== ifa.local || ifa.prefixLen < 32)) {
    if ((ifa.flags & IFA_F_NOPREFIXROUTE) === 0) magic(false, prefixType(d.dev), any, ifa.prefixLen, prim, 0);
    subnet = true;
  }
  const need = new StillNeeded();
  if ((ifa.flags & IFA_F_NOPREFIXROUTE) === 0) surveyOthers(need, ifa, prim, promoted, last);
  if (!need.broadcast) magic(false, RTN_BROADCAST, ifa.broadcast, 32, prim, 0);
  if (subnet && ifa.prefixLen < 31 && !need.subnetBroadcast) magic(false, RTN_BROADCAST, last, 32, prim, 0);
  if (need.local) return;
  magic(false, RTN_LOCAL, ifa.local, 32, prim, 0);
  if (need.gone && addrType(d.ins, ifa.local) !== RTN_LOCAL) prefsrcLost(d.ins, ifa.local);
}

function surveyOthers(need: StillNeeded, ifa: Ifaddr, prim: Ifaddr, promoted: Ifaddr | null, last: number): void {
  const d = ifa.ind;
  let using: Ifaddr | null = null;
  let samePrefsrc = false;
  for (const other of d.addrs) {
    if (other === ifa) {
      need.gone = false; // it is only being promoted
      continue;
    }
    const m = maskOf(other.prefixLen);
    if (promoted !== null && other.prefixLen === promoted.prefixLen && sameNet(other.address, promoted.address, m))
      continue;
    if ((other.flags & IFA_F_SECONDARY) !== 0) {
      if (other.prefixLen === prim.prefixLen && sameNet(other.address, prim.address, m)) using = prim;
      else {
        if (!samePrefsrc) continue;
        if (using === null || using.prefixLen !== other.prefixLen || !sameNet(other.address, using.address, m)) {
          using = primaryOf(d, (other.address & m) >>> 0, m);
        }
        if (using === null || using.local !== prim.local) continue;
      }
    } else {
      if (prim.local !== other.local) continue;
      using = other;
      if (prim !== using) samePrefsrc = true;
    }
    if (ifa.local === other.local) need.local = true;
    if (ifa.broadcast === other.broadcast) need.broadcast = true;
    if (last === other.broadcast) need.subnetBroadcast = true;
    if (using !== other || other.prefixLen >= 31) continue;
    const last1 = (other.address | ~m) >>> 0;
    const any1 = (other.address & m) >>> 0;
    if (isZeronet(any1)) continue;
    if (ifa.broadcast === last1 || ifa.broadcast === any1) need.broadcast = true;
    if (last === last1 || last === any1) need.subnetBroadcast = true;
  }
}

/** Routes of main that prefer a source which is gone go as well, and that is told. Linux: fib_sync_down_addr(). */
function prefsrcLost(ins: InetNs, local: number): void {
  for (const r of [...ins.main.routes]) {
    if (r.prefsrc !== local) continue;
    ins.main.remove(r);
    ins.stack.hooks.routeChanged(true, ins.ns, r, 0);
  }
  ins.genid++;
}

/** A device went down or is going (`force`: its own addresses' routes too). Linux: fib_disable_ip(). */
export function routesDown(ins: InetNs, dev: NetDevice, force: boolean): void {
  for (const table of ins.tables.values()) {
    for (const r of [...table.routes]) {
      if (r.dev !== dev || (!force && r.nhScope === RT_SCOPE_NOWHERE)) continue;
      r.flags |= RTNH_F_DEAD | RTNH_F_LINKDOWN;
      table.remove(r);
    }
  }
  ins.genid++;
}

/** Carrier went. Linux: fib_sync_down_dev() on NETDEV_CHANGE. */
export function routesNoCarrier(ins: InetNs, dev: NetDevice): void {
  forNexthops(ins, dev, (r) => {
    if (r.nhScope !== RT_SCOPE_NOWHERE) r.flags |= RTNH_F_LINKDOWN;
  });
}

/** The device is up, or has carrier again. Linux: fib_sync_up(). */
export function routesUp(ins: InetNs, dev: NetDevice, dead: boolean): void {
  if (!dev.up || inDev(dev) === null) return;
  let clear = dead ? RTNH_F_DEAD : RTNH_F_LINKDOWN;
  if (dev.carrier) clear |= RTNH_F_LINKDOWN;
  forNexthops(ins, dev, (r) => {
    r.flags &= ~clear;
  });
}

function forNexthops(ins: InetNs, dev: NetDevice, change: (r: Route) => void): void {
  for (const table of ins.tables.values()) for (const r of table.routes) if (r.dev === dev) change(r);
  ins.genid++;
}
