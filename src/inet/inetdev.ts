// Addresses of devices: adding, deleting, promoting secondaries, renaming labels, and choosing one as a source.
// What requests look like is addr-control.ts; the routes that follow are fib-sync.ts. Linux: net/ipv4/devinet.c.

import { Refusal } from '../net/linkops.ts';
import type { NetDevice } from '../net/netdev.ts';
import { IFA_F_SECONDARY } from '../uapi/addr.ts';
import { RT_SCOPE_HOST, RT_SCOPE_LINK } from '../uapi/route.ts';
import { PROMOTE_SECONDARIES, ROUTE_LOCALNET } from './conf.ts';
import { EEXIST, EINVAL } from './errno.ts';
import { fibResult } from './fib.ts';
import { isLocalAddr } from './fib-lookup.ts';
import { addIfaddrRoutes, delIfaddrRoutes, routesDown, routesUp } from './fib-sync.ts';
import { maskOf, sameNet } from './ipaddr.ts';
import { neighIfdown } from './neigh-table.ts';
import { type InDevice, type InetNs, inDev, orConf } from './state.ts';
import type { AddrInfo } from './types.ts';

/** NODAD, OPTIMISTIC, DADFAILED, HOMEADDRESS, TENTATIVE, MANAGETEMPADDR, STABLE_PRIVACY: not for IPv4. */
const IPV6_ONLY = 0x02 | 0x04 | 0x08 | 0x10 | 0x40 | 0x100 | 0x800;
const IFNAMSIZ = 16;

/** Linux: struct in_ifaddr. */
export class Ifaddr implements AddrInfo {
  readonly ind: InDevice;
  readonly dev: NetDevice;
  local = 0;
  address = 0;
  prefixLen = 32;
  broadcast = 0;
  label: string;
  scope = 0;
  flags = 0;
  rtPriority = 0;
  proto = 0;
  validLft = 0xffffffff;
  preferredLft = 0xffffffff;
  cstampNs = 0;
  tstampNs = 0;
  /** Event that ends it or its preferred time. */
  lifeEvent = 0;

  constructor(ind: InDevice) {
    this.ind = ind;
    this.dev = ind.dev;
    this.label = ind.dev.name;
    this.cstampNs = ind.ins.now;
    this.tstampNs = ind.ins.now;
  }
}

/** Same prefix as `b`? Linux: equal masks and inet_ifa_match(). */
export function samePrefix(a: Ifaddr, b: Ifaddr): boolean {
  return a.prefixLen === b.prefixLen && sameNet(a.address, b.address, maskOf(a.prefixLen));
}

/** Puts an address on its device and tells everyone. Throws a Refusal. Linux: __inet_insert_ifa(). */
export function insertAddr(ifa: Ifaddr): void {
  if (ifa.local === 0) return;
  const list = ifa.ind.addrs;
  ifa.flags &= ~(IFA_F_SECONDARY | IPV6_ONLY);
  let lastPrimary = 0;
  for (let i = 0; i < list.length; i++) {
    const other = list[i];
    if ((other.flags & IFA_F_SECONDARY) === 0 && ifa.scope <= other.scope) lastPrimary = i + 1;
    if (!samePrefix(other, ifa)) continue;
    if (other.local === ifa.local) throw new Refusal(EEXIST, 'ipv4: Address already assigned');
    if (other.scope !== ifa.scope) throw new Refusal(EINVAL, 'ipv4: Invalid scope value');
    ifa.flags |= IFA_F_SECONDARY;
  }
  list.splice((ifa.flags & IFA_F_SECONDARY) === 0 ? lastPrimary : list.length, 0, ifa);
  hashAdd(ifa);
  ifa.ind.ins.stack.hooks.addrChanged(false, ifa.ind.ins.ns, ifa);
  addressUp(ifa);
}

/** Linux: fib_inetaddr_event(NETDEV_UP). */
function addressUp(ifa: Ifaddr): void {
  addIfaddrRoutes(ifa);
  routesUp(ifa.ind.ins, ifa.dev, true);
}

/** Linux: fib_inetaddr_event(NETDEV_DOWN): IP stops when the last address is gone. */
function addressDown(ifa: Ifaddr): void {
  const d = ifa.ind;
  delIfaddrRoutes(ifa, null);
  if (d.addrs.length > 0) d.ins.genid++;
  else {
    routesDown(d.ins, d.dev, true);
    neighIfdown(d);
  }
}

/** Takes an address away; its secondaries go with it or one of them takes its place. Linux: __inet_del_ifa(). */
export function removeAddr(ifa: Ifaddr): void {
  const d = ifa.ind;
  const list = d.addrs;
  let promoted: Ifaddr | null = null;
  if (!d.dead && (ifa.flags & IFA_F_SECONDARY) === 0) {
    const promote = orConf(d, PROMOTE_SECONDARIES);
    for (const other of list.slice(list.indexOf(ifa) + 1)) {
      if ((other.flags & IFA_F_SECONDARY) === 0 || !samePrefix(other, ifa)) continue;
      if (promote) {
        promoted = other;
        break;
      }
      unlink(other);
      addressDown(other);
    }
  }
  const kin = promoted === null ? [] : list.slice(list.indexOf(promoted)).filter((a) => samePrefix(a, ifa));
  for (const a of kin) delIfaddrRoutes(a, ifa);
  const at = list.indexOf(ifa);
  unlink(ifa);
  addressDown(ifa);
  if (promoted !== null) promoteAddr(promoted, ifa.scope, at, kin);
}

function promoteAddr(promoted: Ifaddr, scope: number, from: number, kin: Ifaddr[]): void {
  const list = promoted.ind.addrs;
  let to = from;
  for (let i = from; i < list.length; i++) {
    if ((list[i].flags & IFA_F_SECONDARY) === 0 && scope <= list[i].scope) to = i + 1;
  }
  const at = list.indexOf(promoted);
  if (at > to) {
    list.splice(at, 1);
    list.splice(to, 0, promoted);
  }
  promoted.flags &= ~IFA_F_SECONDARY;
  promoted.ind.ins.stack.hooks.addrChanged(false, promoted.ind.ins.ns, promoted);
  addressUp(promoted);
  for (const a of kin) if (a !== promoted) addIfaddrRoutes(a);
}

function unlink(ifa: Ifaddr): void {
  const d = ifa.ind;
  d.addrs.splice(d.addrs.indexOf(ifa), 1);
  hashDel(ifa);
  if (ifa.lifeEvent !== 0) d.ins.kernel.loop.cancel(ifa.lifeEvent);
  ifa.lifeEvent = 0;
  d.ins.stack.hooks.addrChanged(true, d.ins.ns, ifa);
}

function hashAdd(ifa: Ifaddr): void {
  const h = ifa.ind.ins.addrHash;
  const list = h.get(ifa.local);
  if (list === undefined) h.set(ifa.local, [ifa]);
  else list.unshift(ifa);
}

function hashDel(ifa: Ifaddr): void {
  const h = ifa.ind.ins.addrHash;
  const list = h.get(ifa.local) as Ifaddr[];
  list.splice(list.indexOf(ifa), 1);
  if (list.length === 0) h.delete(ifa.local);
}

/** The device got another name: labels follow, the first without its suffix. Linux: inetdev_changename(). */
export function renameLabels(d: InDevice): void {
  const name = d.dev.name;
  d.addrs.forEach((ifa, i) => {
    if (i === 0) ifa.label = name;
    else {
      const colon = ifa.label.indexOf(':');
      const suffix = colon < 0 ? `:${i + 1}` : ifa.label.slice(colon);
      ifa.label = name.slice(0, IFNAMSIZ - 1 - suffix.length) + suffix;
    }
    d.ins.stack.hooks.addrChanged(false, d.ins.ns, ifa);
  });
}

/** Is there an address like this on any device of the namespace? Linux: __ip_dev_find(). */
export function findAddrDev(ins: InetNs, addr: number): NetDevice | null {
  const list = ins.addrHash.get(addr);
  if (list !== undefined) return list[0].dev;
  return isLocalAddr(ins, addr) && fibResult.route !== null ? fibResult.route.dev : null; // 127.1.2.3
}

/** A source address on `dev` for talking to `dst` (0: anyone) with at most this scope. Linux: inet_select_addr(). */
export function selectAddr(ins: InetNs, dev: NetDevice, dst: number, scope: number): number {
  const d = inDev(dev);
  let addr = 0;
  if (d !== null) {
    const most = orConf(d, ROUTE_LOCALNET) ? RT_SCOPE_LINK : RT_SCOPE_HOST;
    for (const ifa of d.addrs) {
      if ((ifa.flags & IFA_F_SECONDARY) !== 0) continue;
      if (Math.min(ifa.scope, most) > scope) continue;
      if (dst === 0 || sameNet(dst, ifa.address, maskOf(ifa.prefixLen))) return ifa.local;
      if (addr === 0) addr = ifa.local;
    }
    if (addr !== 0) return addr;
  }
  for (const other of ins.ns.registered()) {
    const o = inDev(other);
    if (o === null) continue;
    for (const ifa of o.addrs) {
      if ((ifa.flags & IFA_F_SECONDARY) !== 0) continue;
      if (ifa.scope !== RT_SCOPE_LINK && ifa.scope <= scope) return ifa.local;
    }
  }
  return 0;
}

/** Are both in one subnet of this device (`b` 0: only the first counts)? Linux: inet_addr_onlink(). */
export function onLink(d: InDevice, a: number, b: number): boolean {
  for (const ifa of d.addrs) {
    const mask = maskOf(ifa.prefixLen);
    if (sameNet(a, ifa.address, mask) && (b === 0 || sameNet(b, ifa.address, mask))) return true;
  }
  return false;
}

/**
 * Is `local` (0: any) an address here of at most this scope, with `dst` (0: anyone) in its subnet? `d` null: on any
 * device. Linux: inet_confirm_addr() != 0.
 */
export function confirmAddr(ins: InetNs, d: InDevice | null, dst: number, local: number, scope: number): boolean {
  if (d !== null) return confirmOn(d, dst, local, scope);
  for (const dev of ins.ns.registered()) {
    const o = inDev(dev);
    if (o !== null && confirmOn(o, dst, local, scope)) return true;
  }
  return false;
}

function confirmOn(d: InDevice, dst: number, local: number, scope: number): boolean {
  const most = orConf(d, ROUTE_LOCALNET) ? RT_SCOPE_LINK : RT_SCOPE_HOST;
  let found = false;
  let subnet = false;
  for (const ifa of d.addrs) {
    const s = Math.min(ifa.scope, most);
    const mask = maskOf(ifa.prefixLen);
    const match = (local === 0 || sameNet(local, ifa.address, mask)) && (dst === 0 || sameNet(dst, ifa.address, mask));
    if (!found && (local === ifa.local || local === 0) && s <= scope) {
      found = true;
      if (subnet) return true;
    }
    if (subnet) continue;
    subnet = match;
    if (!subnet || !found) continue;
    if (local !== 0 || dst === 0 || sameNet(dst, ifa.address, mask)) {
      if (s <= scope) return true;
      subnet = false;
    }
  }
  return found && subnet;
}
