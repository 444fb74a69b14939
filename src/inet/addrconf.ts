// IPv6 on a link: comes with the device, makes a link-local address when the link is ready, goes when it is down or its MTU
// too small. Linux: net/ipv6/addrconf.c, addrconf_notify(), addrconf_ifdown(), ipv6_add_dev().

import { IFF_LOOPBACK, IFF_MULTICAST, IFF_NOARP, IFF_UP, OPER_UNKNOWN, OPER_UP } from '../net/flags.ts';
import type { Kernel } from '../net/kernel.ts';
import { Refusal } from '../net/linkops.ts';
import type { NetDevice } from '../net/netdev.ts';
import { type DevEvent, Ev } from '../net/notifier.ts';
import {
  IFA_F_NODAD,
  IFA_F_NOPREFIXROUTE,
  IFA_F_OPTIMISTIC,
  IFA_F_PERMANENT,
  IFA_F_STABLE_PRIVACY,
  IFA_F_TENTATIVE,
  IFAPROT_KERNEL_LL,
  IFAPROT_KERNEL_LO,
} from '../uapi/addr.ts';
import { RT_SCOPE_HOST, RT_SCOPE_LINK } from '../uapi/route.ts';
import { IN6_ALL_NODES, IN6_ALL_ROUTERS, IN6_IF_ALL_NODES, IN6_LOOPBACK, In6 } from '../wire/in6.ts';
import { GEN_EUI64, GEN_NONE, GEN_RANDOM, GEN_STABLE_PRIVACY, setEui64, setStableIid } from './addr-gen6.ts';
import {
  addAddr6,
  addPrefixRoute,
  addrCame,
  addrGone,
  cancelDad,
  hashDel,
  leaveAnycast,
  leaveSolicited,
} from './addrconf-addr.ts';
import {
  dadFailure,
  dadRun,
  dadStart,
  IF_RA_RCVD,
  IF_READY,
  IF_RS_SENT,
  isReady,
  orConf6,
  stopSoliciting,
} from './addrconf-dad.ts';
import { routerAdvert } from './addrconf-ra.ts';
import {
  DC_ACCEPT_DAD,
  DC_ADDR_GEN_MODE,
  DC_DISABLE_IPV6,
  DC_FORWARDING,
  DC_KEEP_ADDR_ON_DOWN,
  DC_MTU6,
  DC_OPTIMISTIC_DAD,
  DC_USE_TEMPADDR,
} from './conf6.ts';
import { groupRoute6, mtuChanged6, routes6Down, routes6Linkdown, routes6Up, unhostRoute6 } from './fib6-sync.ts';
import { dev6Destroy, dev6Init } from './inet6.ts';
import { mc6Down, mc6Join, mc6Up } from './mc6.ts';
import { mldMessage } from './mld-query.ts';
import { IFADDR_DEAD, IFADDR_PREDAD, type Ifaddr6, type Inet6Dev, in6Dev, stack6Of } from './state6.ts';

export const IPV6_MIN_MTU = 1280;
const ARPHRD_ETHER = 1;

/** Installs addresses and MLD behind the data path's door. */
export function attachAddrconf(kernel: Kernel): void {
  const { door } = stack6Of(kernel);
  door.deviceEvent = deviceEvent;
  door.dadConflict = dadFailure;
  door.routerAdvert = routerAdvert;
  door.mldMessage = mldMessage;
  door.disabled = (d) => ifDown(d.dev, d, false);
}

/** Is the link up, and does it have a qdisc that sends? Linux: addrconf_link_ready(). */
function linkReady(dev: NetDevice): boolean {
  if (dev.operState !== OPER_UP && dev.operState !== OPER_UNKNOWN) return false;
  return dev.txq.some((q) => q.qdisc.kind !== 'noop');
}

/** Linux: addrconf_notify(). */
function deviceEvent(event: DevEvent, dev: NetDevice, d: Inet6Dev | null): void {
  switch (event) {
    case Ev.Register:
    case Ev.MoveIn:
      if (d === null && dev.mtu >= IPV6_MIN_MTU) addDev6(dev);
      break;
    case Ev.ChangeMtu:
      mtuChanged(dev, d);
      break;
    case Ev.Up:
    case Ev.Change:
      linkChanged(event, dev, d, false);
      break;
    case Ev.Down:
      ifDown(dev, d, false);
      break;
    case Ev.Unregister:
    case Ev.MoveOut:
      ifDown(dev, d, true);
      break;
    case Ev.ChangeName:
      if (d === null) break;
      d.i6.stack.hooks.netconfWent(dev);
      d.i6.stack.hooks.netconfCame(dev);
      break;
  }
}

/** IPv6 on a device that has none. Linux: ipv6_add_dev(). */
function addDev6(dev: NetDevice): Inet6Dev {
  const d = dev6Init(dev);
  const v = d.conf.v;
  if (d.stableSecret !== null) v[DC_ADDR_GEN_MODE] = GEN_STABLE_PRIVACY;
  v[DC_MTU6] = dev.mtu;
  if ((dev.flags & (IFF_NOARP | IFF_LOOPBACK)) !== 0) v[DC_ACCEPT_DAD] = -1;
  if ((dev.flags & IFF_LOOPBACK) !== 0) v[DC_USE_TEMPADDR] = -1;
  if (dev.running && linkReady(dev)) d.ifFlags |= IF_READY;
  d.tstampNs = d.i6.now;
  d.i6.stack.hooks.netconfCame(dev);
  mc6Join(d, IN6_IF_ALL_NODES);
  mc6Join(d, IN6_ALL_NODES);
  if (v[DC_FORWARDING] !== 0 && (dev.flags & IFF_MULTICAST) !== 0) mc6Join(d, IN6_ALL_ROUTERS);
  return d;
}

/** IPv6 of a device, made if need be; null: its MTU is too small. Linux: ipv6_find_idev(). */
export function findDev6(dev: NetDevice): Inet6Dev | null {
  const d = in6Dev(dev) ?? (dev.mtu >= IPV6_MIN_MTU ? addDev6(dev) : null);
  if (d !== null && (dev.flags & IFF_UP) !== 0) mc6Up(d);
  return d;
}

/** Ready for addresses: with its multicast route. Null when IPv6 is switched off there. Linux: addrconf_add_dev(). */
export function addrconfDev(dev: NetDevice): Inet6Dev | null {
  const d = findDev6(dev);
  if (d === null || d.conf.v[DC_DISABLE_IPV6] !== 0) return null;
  if ((dev.flags & IFF_LOOPBACK) === 0) groupRoute6(d);
  return d;
}

function mtuChanged(dev: NetDevice, d: Inet6Dev | null): void {
  if (dev.mtu < IPV6_MIN_MTU) {
    ifDown(dev, d, (dev.flags & IFF_LOOPBACK) === 0);
    return;
  }
  if (d !== null) {
    mtuChanged6(d, dev.mtu);
    d.conf.v[DC_MTU6] = dev.mtu;
    return;
  }
  const fresh = addDev6(dev);
  if (isReady(fresh)) linkChanged(Ev.ChangeMtu, dev, fresh, true);
}

/** The common part of NETDEV_UP, NETDEV_CHANGE and an MTU that is large enough again. */
export function linkChanged(event: DevEvent, dev: NetDevice, known: Inet6Dev | null, pending: boolean): void {
  let d = known;
  let run = pending;
  if (d !== null && d.conf.v[DC_DISABLE_IPV6] !== 0) return;
  if (event === Ev.Up) {
    if (d !== null) restorePermanent(d);
    if (!linkReady(dev)) return;
    if (d === null && dev.mtu >= IPV6_MIN_MTU) d = addDev6(dev);
    if (d !== null) {
      d.ifFlags |= IF_READY;
      run = true;
    }
  } else if (event === Ev.Change) {
    if (!linkReady(dev)) {
      if (d !== null) routes6Linkdown(d);
      return;
    }
    if (d !== null && isReady(d)) {
      mc6Up(d); // we may hang on another switch now
      noArpChanged(d);
      routes6Up(d);
      return;
    }
    if (d !== null) d.ifFlags |= IF_READY;
    run = true;
  }
  initAutoAddrs(dev);
  if (d === null || d.dead) return;
  if (run) dadRun(d, false);
  routes6Up(d);
  if (d.conf.v[DC_MTU6] !== dev.mtu && dev.mtu >= IPV6_MIN_MTU) {
    mtuChanged6(d, dev.mtu);
    d.conf.v[DC_MTU6] = dev.mtu;
  }
  d.tstampNs = d.i6.now;
  d.i6.stack.hooks.linkInfoChanged(dev);
  if (dev.mtu < IPV6_MIN_MTU) ifDown(dev, d, (dev.flags & IFF_LOOPBACK) === 0);
}

/** ARP was switched on or off: who was never probed is, and the other way round. */
function noArpChanged(d: Inet6Dev): void {
  const noArp = (d.dev.flags & IFF_NOARP) !== 0;
  if (noArp === d.noArp) return;
  d.noArp = noArp;
  dadRun(d, true);
}

/** Addresses that were kept while the device was down, or given to it then. Linux: addrconf_permanent_addr(). */
function restorePermanent(d: Inet6Dev): void {
  for (const ifa of [...d.addrs]) {
    if ((ifa.flags & IFA_F_PERMANENT) === 0) continue;
    if ((ifa.flags & IFA_F_NOPREFIXROUTE) === 0) addPrefixRoute(ifa, ifa.addr, ifa.prefixLen, 0);
    if (ifa.state === IFADDR_PREDAD) dadStart(ifa);
  }
}

/** Linux: addrconf_init_auto_addrs(). */
export function initAutoAddrs(dev: NetDevice): void {
  if ((dev.flags & IFF_LOOPBACK) !== 0) return loopbackAddress(dev);
  if (dev.type !== ARPHRD_ETHER) {
    const d = in6Dev(dev);
    if (d !== null && (dev.flags & IFF_UP) !== 0 && (dev.flags & IFF_MULTICAST) !== 0) mc6Up(d);
    return;
  }
  const d = addrconfDev(dev);
  if (d !== null) generate(d);
}

function loopbackAddress(dev: NetDevice): void {
  const d = findDev6(dev);
  if (d === null || d.conf.v[DC_DISABLE_IPV6] !== 0 || d.addrs.some((a) => a.addr.isLoopback)) return;
  const ifa = addAddr6(d, {
    addr: IN6_LOOPBACK,
    prefixLen: 128,
    flags: IFA_F_PERMANENT,
    scope: RT_SCOPE_HOST,
    proto: IFAPROT_KERNEL_LO,
  });
  ifa.flags &= ~IFA_F_TENTATIVE;
  addrCame(ifa);
}

/** The link-local address, as the device's mode says. Linux: addrconf_addr_gen(). */
function generate(d: Inet6Dev): void {
  const addr = new In6(0xfe800000, 0, 0, 0);
  const mode = d.conf.v[DC_ADDR_GEN_MODE];
  if (mode === GEN_NONE) return;
  if (mode === GEN_EUI64) {
    if (setEui64(addr, d.dev)) addLinkLocal(d, addr, 0);
    return;
  }
  if (mode === GEN_RANDOM && d.stableSecret === null) {
    const { confStream: s } = d.i6.stack;
    d.stableSecret = new In6(s.u32(), s.u32(), s.u32(), s.u32());
  }
  if (setStableIid(addr, 0, d)) addLinkLocal(d, addr, IFA_F_STABLE_PRIVACY);
}

/** Linux: addrconf_add_linklocal(). */
function addLinkLocal(d: Inet6Dev, addr: In6, flags: number): void {
  const optimistic = orConf6(d, DC_OPTIMISTIC_DAD) && d.i6.confAll.v[DC_FORWARDING] === 0 ? IFA_F_OPTIMISTIC : 0;
  let ifa: Ifaddr6;
  try {
    ifa = addAddr6(d, {
      addr,
      prefixLen: 64,
      flags: flags | optimistic | IFA_F_PERMANENT,
      scope: RT_SCOPE_LINK,
      proto: IFAPROT_KERNEL_LL,
    });
  } catch (e) {
    if (!(e instanceof Refusal)) throw e; // it is there already
    return;
  }
  addPrefixRoute(ifa, addr, 64, 0);
  dadStart(ifa);
}

const isLocal = (a: In6): boolean => a.isLinkLocal || a.isLoopback;

/** IPv6 stops on a device (`unregister`: for good). Linux: addrconf_ifdown(). */
export function ifDown(dev: NetDevice, d: Inet6Dev | null, unregister: boolean): void {
  if (d === null) return;
  routes6Down(d, unregister);
  if (unregister) d.dead = true;
  const wants = Math.max(d.i6.confAll.v[DC_KEEP_ADDR_ON_DOWN] || d.conf.v[DC_KEEP_ADDR_ON_DOWN], 0) > 0;
  const keepAny = !unregister && d.conf.v[DC_DISABLE_IPV6] === 0 && wants;
  const kept = (a: Ifaddr6): boolean => keepAny && (a.flags & IFA_F_PERMANENT) !== 0 && !isLocal(a.addr);
  for (const ifa of d.addrs) {
    cancelDad(ifa);
    if (!kept(ifa)) hashDel(ifa);
  }
  stopSoliciting(d);
  const wasReady = isReady(d);
  if (!unregister) d.ifFlags &= ~(IF_RS_SENT | IF_RA_RCVD | IF_READY);
  for (const ifa of [...d.addrs]) {
    if (kept(ifa)) keep(ifa);
    else drop(ifa);
  }
  if (!unregister && wasReady) mc6Down(d);
  d.tstampNs = d.i6.now;
  d.raMtu = 0;
  d.i6.genid++;
  if (!unregister) return;
  dev6Destroy(d);
  d.i6.stack.hooks.netconfWent(dev);
}

function keep(ifa: Ifaddr6): void {
  ifa.state = IFADDR_PREDAD;
  if ((ifa.flags & IFA_F_NODAD) === 0) ifa.flags |= IFA_F_TENTATIVE;
  unhostRoute6(ifa);
  if (ifa.d6.conf.v[DC_FORWARDING] !== 0) leaveAnycast(ifa);
  leaveSolicited(ifa);
}

function drop(ifa: Ifaddr6): void {
  const d = ifa.d6;
  if (ifa.state !== IFADDR_DEAD) {
    ifa.state = IFADDR_DEAD;
    addrGone(ifa);
  }
  d.addrs.splice(d.addrs.indexOf(ifa), 1);
}
