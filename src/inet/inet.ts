// IPv4's entry: attachInet() makes a kernel speak it. Registers the handlers of 0x0800 and 0x0806, the namespace hooks,
// and follows devices in the order of Linux's notifiers: arp.c, then devinet.c, then fib_frontend.c.

import { IFF_LOOPBACK, IFF_NOARP } from '../net/flags.ts';
import type { Kernel } from '../net/kernel.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { type DevEvent, Ev, Rank } from '../net/notifier.ts';
import { IFA_F_PERMANENT } from '../uapi/addr.ts';
import { RT_SCOPE_HOST } from '../uapi/route.ts';
import { ETH_P_ARP, ETH_P_IP } from '../wire/ethernet.ts';
import { arpAnnounce, arpRcv } from './arp.ts';
import { ARP_EVICT_NOCARRIER, ARP_NOTIFY, DISABLE_POLICY, DISABLE_XFRM } from './conf.ts';
import { addIfaddrRoutes, routesDown, routesNoCarrier, routesUp } from './fib-sync.ts';
import { defragForMacvlan } from './frag-in.ts';
import { mcDestroy, mcDown, mcJoin, mcLeave, mcUp } from './igmp.ts';
import { igmpRejoin } from './igmp-report.ts';
import { Ifaddr, insertAddr, removeAddr, renameLabels } from './inetdev.ts';
import { ipRcv } from './ip4-in.ts';
import { INADDR_LOOPBACK } from './ipaddr.ts';
import { drawReachable } from './neigh-home.ts';
import { dropDelayed } from './neigh-proxy.ts';
import { neighCarrierDown, neighFlush, neighIfdown } from './neigh-table.ts';
import { packetDeviceEvent } from './packet.ts';
import { rulesFollow } from './rule-control.ts';
import { andConf, InDevice, inDev, inetNs, maxConf } from './state.ts';
import { tcpNsExit } from './tcp-state.ts';

const MIN_MTU = 68;

export function attachInet(kernel: Kernel): void {
  kernel.protocols.set(ETH_P_IP, ipRcv);
  kernel.protocols.set(ETH_P_ARP, arpRcv);
  kernel.hooks.defrag = defragForMacvlan;
  kernel.hooks.mcJoin = (dev, group) => withInet(dev, mcJoin, group);
  kernel.hooks.mcLeave = (dev, group) => withInet(dev, mcLeave, group);
  kernel.hooks.nsInit.push((ns) => void inetNs(ns));
  kernel.hooks.nsExit.push(nsExit);
  kernel.notifiers.add(deviceEvent, Rank.Core);
}

function withInet(dev: NetDevice, change: (d: InDevice, group: number) => void, group: number): void {
  const d = inDev(dev);
  if (d !== null) change(d, group);
}

function nsExit(ns: NetNs): void {
  const ins = inetNs(ns);
  for (const s of [...ins.packets]) s.close();
  tcpNsExit(ins.tcp);
  ins.reasm.close();
}

function deviceEvent(event: DevEvent, dev: NetDevice): number {
  const d = inDev(dev);
  switch (event) {
    case Ev.Register:
    case Ev.MoveIn:
      rulesFollow(dev, false);
      if (dev.mtu >= MIN_MTU && d === null) inetInit(dev);
      break;
    case Ev.Up:
      if (d !== null) deviceUp(d);
      packetDeviceEvent(dev, true, false);
      break;
    case Ev.Down:
      if (d !== null) deviceDown(d);
      packetDeviceEvent(dev, false, false);
      break;
    case Ev.Change:
      if (d !== null) deviceChanged(d);
      break;
    case Ev.ChangeAddr:
      if (d !== null) addressChanged(d);
      break;
    case Ev.NotifyPeers:
      if (d !== null) arpAnnounce(d);
      break;
    case Ev.ResendIgmp:
      if (d !== null) igmpRejoin(d);
      break;
    case Ev.ChangeMtu:
      if (dev.mtu >= MIN_MTU && d === null) inetInit(dev);
      else if (dev.mtu < MIN_MTU && d !== null) inetDestroy(d);
      inetNs(dev.ns).genid++;
      break;
    case Ev.ChangeName:
      rulesFollow(dev, false);
      if (d !== null) renameLabels(d);
      break;
    case Ev.Unregister:
    case Ev.MoveOut:
      rulesFollow(dev, true);
      if (d !== null) inetDestroy(d);
      packetDeviceEvent(dev, false, true);
      break;
  }
  return 0;
}

/** Linux: inetdev_init(). */
function inetInit(dev: NetDevice): void {
  const ins = inetNs(dev.ns);
  const d = new InDevice(dev, ins);
  drawReachable(d);
  dev.inet = d;
  ins.genid++;
  if ((dev.flags & IFF_LOOPBACK) !== 0) {
    ins.loopback = dev;
    d.conf.v[DISABLE_XFRM] = 1;
    d.conf.v[DISABLE_POLICY] = 1;
  }
  if (dev.up) mcUp(d);
}

/** Linux: inetdev_destroy(), then fib_disable_ip(). */
function inetDestroy(d: InDevice): void {
  d.dead = true;
  mcDestroy(d);
  while (d.addrs.length > 0) removeAddr(d.addrs[0]);
  routesDown(d.ins, d.dev, true);
  neighIfdown(d);
  dropDelayed(d);
  d.dev.inet = null;
  d.ins.genid++;
  if (d.ins.loopback === d.dev) d.ins.loopback = null;
}

function deviceUp(d: InDevice): void {
  if ((d.dev.flags & IFF_LOOPBACK) !== 0 && d.addrs.length === 0) addLoopbackAddress(d);
  mcUp(d);
  for (const ifa of d.addrs) addIfaddrRoutes(ifa);
  routesUp(d.ins, d.dev, true);
  if (maxConf(d, ARP_NOTIFY) !== 0) arpAnnounce(d);
}

/** 127.0.0.1/8 comes by itself. */
function addLoopbackAddress(d: InDevice): void {
  const ifa = new Ifaddr(d);
  ifa.local = INADDR_LOOPBACK;
  ifa.address = INADDR_LOOPBACK;
  ifa.prefixLen = 8;
  ifa.scope = RT_SCOPE_HOST;
  ifa.flags = IFA_F_PERMANENT;
  d.conf.setAll();
  insertAddr(ifa);
}

function deviceDown(d: InDevice): void {
  mcDown(d);
  routesDown(d.ins, d.dev, false);
  neighIfdown(d);
}

/** Flags or carrier changed. */
function deviceChanged(d: InDevice): void {
  const dev = d.dev;
  const noArp = (dev.flags & IFF_NOARP) !== 0;
  if (noArp !== d.noArp) {
    d.noArp = noArp;
    neighFlush(d, false);
  }
  if (!dev.carrier && andConf(d, ARP_EVICT_NOCARRIER)) neighCarrierDown(d);
  if (dev.carrier) routesUp(d.ins, dev, false);
  else routesNoCarrier(d.ins, dev);
}

function addressChanged(d: InDevice): void {
  neighFlush(d, false);
  d.ins.genid++;
  if (d.dev.up && maxConf(d, ARP_NOTIFY) !== 0) arpAnnounce(d);
}
