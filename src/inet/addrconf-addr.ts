// IPv6 addresses of devices: put there, told of, taken away, with the routes and groups that follow. Who asks for them is
// addr6-control.ts (requests), addrconf.ts (the link itself) and addrconf-ra.ts (routers); whether they may be used is
// addrconf-dad.ts. Linux: net/ipv6/addrconf.c, ipv6_add_addr(), ipv6_del_addr(), __ipv6_ifa_notify().

import { IFF_LOOPBACK, IFF_NOARP } from '../net/flags.ts';
import { Refusal } from '../net/linkops.ts';
import {
  IFA_F_MCAUTOJOIN,
  IFA_F_NODAD,
  IFA_F_NOPREFIXROUTE,
  IFA_F_PERMANENT,
  IFA_F_TENTATIVE,
  INFINITY_LIFE_TIME,
} from '../uapi/addr.ts';
import { RT_SCOPE_HOST, RT_SCOPE_LINK, RT_SCOPE_SITE, RT_SCOPE_UNIVERSE } from '../uapi/route.ts';
import { type In6, in6Prefix, in6PrefixEqual, solicitedNode } from '../wire/in6.ts';
import { acJoin, acLeave } from './anycast6.ts';
import { DC_DISABLE_IPV6, DC_FORWARDING } from './conf6.ts';
import { EACCES, EADDRNOTAVAIL, EEXIST, ENODEV } from './errno.ts';
import { RTF_DEFAULT, RTF_EXPIRES } from './fib6.ts';
import {
  delRoute6,
  findPrefixRoute6,
  hostRoute6,
  prefixRoute6,
  prefsrcLost6,
  setExpires6,
  unhostRoute6,
} from './fib6-sync.ts';
import { mc6Join, mc6Leave } from './mc6.ts';
import { IFADDR_DEAD, Ifaddr6, type Inet6Dev } from './state6.ts';

/** What a new address is made of. Linux: struct ifa6_config. */
export interface Addr6Config {
  readonly addr: In6;
  readonly prefixLen: number;
  readonly peer?: In6 | null;
  /** IFA_F_*. */
  readonly flags: number;
  /** RT_SCOPE_*. */
  readonly scope: number;
  readonly validLft?: number;
  readonly preferredLft?: number;
  readonly rtPriority?: number;
  readonly proto?: number;
}

/** RT_SCOPE_* of an address, as IFA messages show it. Linux: ipv6_addr_scope(), rt_scope(). */
export function addrScope6(a: In6): number {
  if (a.isLoopback) return RT_SCOPE_HOST;
  if (a.isLinkLocal) return RT_SCOPE_LINK;
  if (a.isMulticast) return [RT_SCOPE_UNIVERSE, RT_SCOPE_HOST, RT_SCOPE_LINK][a.mcScope] ?? RT_SCOPE_UNIVERSE;
  return a.a >>> 22 === 0x3fb ? RT_SCOPE_SITE : RT_SCOPE_UNIVERSE;
}

/** The scope as /proc/net/if_inet6 shows it: IFA_HOST 0x10, IFA_LINK 0x20, IFA_SITE 0x40. Linux: ipv6_addr_scope(). */
export function ifAddrScope(a: In6): number {
  if (a.isLoopback) return 0x10;
  if (a.isLinkLocal) return 0x20;
  if ((a.a | a.b | a.c) === 0) return 0x80; // ::a.b.c.d
  return a.a >>> 22 === 0x3fb ? 0x40 : 0;
}

/** In which a list of addresses is sorted: the wider first. Linux: ipv6_addr_src_scope(). */
function sortScope(a: In6): number {
  if (a.isMulticast) return -1;
  if (a.isLoopback || a.isLinkLocal) return 2;
  return a.a >>> 22 === 0x3fb ? 5 : 14;
}

/** A new address, tentative unless NODAD, on its device; nobody is told yet. Throws a Refusal. Linux: ipv6_add_addr(). */
export function addAddr6(d: Inet6Dev, cfg: Addr6Config): Ifaddr6 {
  const { addr } = cfg;
  if (addr.isAny) throw new Refusal(EADDRNOTAVAIL, 'ipv6: Invalid address');
  if (addr.isMulticast && (cfg.flags & IFA_F_MCAUTOJOIN) === 0) {
    throw new Refusal(EADDRNOTAVAIL, 'ipv6: Cannot assign multicast address without "IFA_F_MCAUTOJOIN" flag');
  }
  if (addr.isLoopback && (d.dev.flags & IFF_LOOPBACK) === 0) {
    throw new Refusal(EADDRNOTAVAIL, 'ipv6: Cannot assign loopback address on this device');
  }
  if (d.dead) throw new Refusal(ENODEV, 'ipv6: device is going away');
  if (d.conf.v[DC_DISABLE_IPV6] !== 0) throw new Refusal(EACCES, 'ipv6: IPv6 is disabled on this device');
  if (d.addrs.some((a) => a.addr.equals(addr))) throw new Refusal(EEXIST);
  const ifa = new Ifaddr6(d, addr);
  ifa.peer = cfg.peer?.copy() ?? null;
  ifa.prefixLen = cfg.prefixLen;
  ifa.scope = cfg.scope;
  ifa.flags = (cfg.flags & IFA_F_NODAD) !== 0 ? cfg.flags : cfg.flags | IFA_F_TENTATIVE;
  ifa.rtPriority = cfg.rtPriority ?? 0;
  ifa.proto = cfg.proto ?? 0;
  ifa.validLft = cfg.validLft ?? INFINITY_LIFE_TIME;
  ifa.preferredLft = cfg.preferredLft ?? INFINITY_LIFE_TIME;
  hashAdd(ifa);
  const scope = sortScope(addr);
  const at = d.addrs.findIndex((a) => scope >= sortScope(a.addr));
  d.addrs.splice(at < 0 ? d.addrs.length : at, 0, ifa);
  d.i6.genid++;
  return ifa;
}

function hashAdd(ifa: Ifaddr6): void {
  const h = ifa.d6.i6.addrHash;
  const list = h.get(ifa.addr);
  if (list === null) h.set(ifa.addr, [ifa]);
  else list.unshift(ifa);
}

export function hashDel(ifa: Ifaddr6): void {
  const h = ifa.d6.i6.addrHash;
  const list = h.get(ifa.addr);
  const at = list?.indexOf(ifa) ?? -1;
  if (list === null || at < 0) return;
  list.splice(at, 1);
  if (list.length === 0) h.delete(ifa.addr);
}

/** What becomes of the prefix's route when an address goes. Linux: enum cleanup_prefix_rt_t. */
type Cleanup = 'leave' | 'delete' | number;

/** A number: it is to end then, virtual ns. Linux: check_cleanup_prefix_route(). */
export function prefixCleanup(ifa: Ifaddr6): Cleanup {
  let action: Cleanup = 'delete';
  for (const other of ifa.d6.addrs) {
    if (other === ifa || other.prefixLen !== ifa.prefixLen) continue;
    if (!in6PrefixEqual(other.addr, ifa.addr, ifa.prefixLen)) continue;
    if ((other.flags & (IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE)) !== 0) return 'leave';
    const ends = other.tstampNs + other.validLft * 1e9;
    action = Math.max(action === 'delete' ? ifa.d6.i6.now : action, ends);
  }
  return action;
}

/** Linux: cleanup_prefix_route(). */
export function cleanPrefixRoute(ifa: Ifaddr6, prefix: In6, action: Cleanup): void {
  if (action === 'leave') return;
  const r = findPrefixRoute6(ifa.d6, in6Prefix(prefix, ifa.prefixLen), ifa.prefixLen, 0, RTF_DEFAULT);
  if (r === null) return;
  if (action === 'delete') delRoute6(ifa.d6.i6, r);
  else if ((r.rtf & RTF_EXPIRES) === 0) setExpires6(r, action);
}

/** The prefix's route of an address. `expiresNs` 0: never. */
export function addPrefixRoute(ifa: Ifaddr6, prefix: In6, len: number, expiresNs: number): void {
  const rtf = expiresNs === 0 ? 0 : RTF_EXPIRES;
  prefixRoute6(ifa.d6, in6Prefix(prefix, len), len, ifa.rtPriority, expiresNs, rtf);
}

/** Takes an address away and tells. Linux: ipv6_del_addr(). */
export function delAddr6(ifa: Ifaddr6): void {
  if (ifa.state === IFADDR_DEAD) return;
  ifa.state = IFADDR_DEAD;
  const d = ifa.d6;
  hashDel(ifa);
  const permanent = (ifa.flags & IFA_F_PERMANENT) !== 0 && (ifa.flags & IFA_F_NOPREFIXROUTE) === 0;
  const action = permanent ? prefixCleanup(ifa) : 'leave';
  d.addrs.splice(d.addrs.indexOf(ifa), 1);
  cancelDad(ifa);
  if (!d.dead) addrGone(ifa);
  cleanPrefixRoute(ifa, ifa.addr, action);
  prefsrcLost6(d.i6, ifa.addr, d.dev);
}

export function cancelDad(ifa: Ifaddr6): void {
  if (ifa.dadEvent !== 0) ifa.d6.i6.kernel.loop.cancel(ifa.dadEvent);
  ifa.dadEvent = 0;
}

/** Listeners hear of it as it is; nothing follows. Linux: ipv6_ifa_notify(0). */
export function tellAddr(ifa: Ifaddr6): void {
  if (ifa.d6.dead) return;
  ifa.d6.i6.stack.hooks.addrChanged(false, ifa.d6.i6.ns, ifa);
}

/** It is good: listeners hear of it, it gets its route. Linux: ipv6_ifa_notify(RTM_NEWADDR). */
export function addrCame(ifa: Ifaddr6): void {
  const d = ifa.d6;
  if (d.dead) return;
  d.i6.stack.hooks.addrChanged(false, d.i6.ns, ifa);
  hostRoute6(ifa);
  if (d.conf.v[DC_FORWARDING] !== 0) joinAnycast(ifa);
  if (ifa.peer !== null) addPrefixRoute(ifa, ifa.peer, 128, 0);
  d.i6.genid++;
}

/** Linux: __ipv6_ifa_notify(RTM_DELADDR). */
export function addrGone(ifa: Ifaddr6): void {
  const d = ifa.d6;
  d.i6.stack.hooks.addrChanged(true, d.i6.ns, ifa);
  if (d.conf.v[DC_FORWARDING] !== 0) leaveAnycast(ifa);
  leaveSolicited(ifa);
  if (ifa.peer !== null) {
    const r = findPrefixRoute6(d, ifa.peer, 128, 0, 0, false);
    if (r !== null) delRoute6(d.i6, r);
  }
  unhostRoute6(ifa);
  d.i6.genid++;
}

/** Routers answer for the subnet's own address as well (RFC 4291, 2.6.1). Linux: addrconf_join_anycast(). */
export function joinAnycast(ifa: Ifaddr6): void {
  const subnet = subnetOf(ifa);
  if (subnet !== null) acJoin(ifa.d6, subnet);
}

export function leaveAnycast(ifa: Ifaddr6): void {
  const subnet = subnetOf(ifa);
  if (subnet !== null) acLeave(ifa.d6, subnet);
}

function subnetOf(ifa: Ifaddr6): In6 | null {
  if (ifa.prefixLen >= 127) return null; // RFC 6164
  const subnet = in6Prefix(ifa.addr, ifa.prefixLen);
  return subnet.isAny ? null : subnet;
}

export function joinSolicited(ifa: Ifaddr6): void {
  if ((ifa.dev.flags & (IFF_LOOPBACK | IFF_NOARP)) === 0) mc6Join(ifa.d6, solicitedNode(ifa.addr));
}

export function leaveSolicited(ifa: Ifaddr6): void {
  if ((ifa.dev.flags & (IFF_LOOPBACK | IFF_NOARP)) === 0) mc6Leave(ifa.d6, solicitedNode(ifa.addr));
}
