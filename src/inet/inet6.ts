// IPv6's entry: attachInet6() makes a kernel speak it, after attachInet(). Follows devices in the order of Linux's
// notifiers: addrconf.c (through the door), then ndisc.c, then route.c.

import { IFF_LOOPBACK } from '../net/flags.ts';
import type { Kernel } from '../net/kernel.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { type DevEvent, Ev, Rank } from '../net/notifier.ts';
import { ETH_P_IPV6 } from '../wire/ethernet.ts';
import { attachAddrconf } from './addrconf.ts';
import { DC_MTU6, DC_NDISC_EVICT_NOCARRIER, DC_NDISC_NOTIFY } from './conf6.ts';
import { routes6Down } from './fib6-sync.ts';
import { ip6Rcv } from './ip6-in.ts';
import { mc6Destroy, mc6Join, mc6Leave } from './mc6.ts';
import { announce6 } from './nd-send.ts';
import { dropDelayed } from './neigh-proxy.ts';
import { neighCarrierDown, neighFlush, neighIfdown } from './neigh-table.ts';
import { Inet6Dev, Inet6Ns, in6Dev, inet6Ns, stack6Of } from './state6.ts';
import { attachTcp6 } from './tcp6.ts';

export function attachInet6(kernel: Kernel): void {
  const stack = stack6Of(kernel);
  attachAddrconf(kernel);
  attachTcp6(stack);
  kernel.protocols.set(ETH_P_IPV6, ip6Rcv);
  kernel.hooks.mcJoin6 = (dev, group) => {
    const d = in6Dev(dev);
    if (d !== null) mc6Join(d, group);
  };
  kernel.hooks.mcLeave6 = (dev, group) => {
    const d = in6Dev(dev);
    if (d !== null) mc6Leave(d, group);
  };
  kernel.hooks.nsInit.push(nsInit);
  kernel.hooks.nsExit.push(nsExit);
  kernel.notifiers.add((event, dev) => {
    if (dev.ns.inet6 === null) nsInit(dev.ns); // lo may come before our own hook runs
    stack.door.deviceEvent(event, dev, in6Dev(dev));
    deviceEvent(event, dev);
    return 0;
  }, Rank.Ipv6);
}

function nsInit(ns: NetNs): void {
  if (ns.inet6 !== null) return;
  ns.inet6 = new Inet6Ns(stack6Of(ns.kernel), ns);
}

function nsExit(ns: NetNs): void {
  const i6 = inet6Ns(ns);
  if (i6 === null) return;
  i6.reasm.close();
  if (i6.gcEvent !== 0) i6.kernel.loop.cancel(i6.gcEvent);
  i6.gcEvent = 0;
}

/** Linux: ndisc_netdev_event(). */
function deviceEvent(event: DevEvent, dev: NetDevice): void {
  const d = in6Dev(dev);
  if (d === null) return;
  switch (event) {
    case Ev.ChangeAddr:
      neighFlush(d, false);
      d.i6.genid++;
      if (dev.up) announceIfAsked(d);
      break;
    case Ev.Up:
      announceIfAsked(d);
      break;
    case Ev.Change:
      if (!dev.carrier && evictsWithoutCarrier(d)) neighCarrierDown(d);
      break;
    case Ev.Down:
      neighIfdown(d);
      break;
    case Ev.NotifyPeers:
      announce6(d);
      break;
  }
}

/** net.ipv6.conf.*.ndisc_notify */
function announceIfAsked(d: Inet6Dev): void {
  if (d.conf.v[DC_NDISC_NOTIFY] !== 0 || d.i6.confAll.v[DC_NDISC_NOTIFY] !== 0) announce6(d);
}

/** net.ipv6.conf.*.ndisc_evict_nocarrier */
function evictsWithoutCarrier(d: Inet6Dev): boolean {
  return d.conf.v[DC_NDISC_EVICT_NOCARRIER] !== 0 && d.i6.confAll.v[DC_NDISC_EVICT_NOCARRIER] !== 0;
}

/** IPv6's state for a device, on it. Groups and addresses are addrconf's. Linux: the first half of ipv6_add_dev(). */
export function dev6Init(dev: NetDevice): Inet6Dev {
  const i6 = inet6Ns(dev.ns) as Inet6Ns;
  const d = new Inet6Dev(dev, i6);
  d.conf.v[DC_MTU6] = dev.mtu;
  dev.inet6 = d;
  i6.genid++;
  if ((dev.flags & IFF_LOOPBACK) !== 0) i6.loopback = dev;
  return d;
}

/** The device has no IPv6 any more; its addresses are gone already. Linux: the end of addrconf_ifdown(). */
export function dev6Destroy(d: Inet6Dev): void {
  d.dead = true;
  routes6Down(d, true);
  dropDelayed(d);
  mc6Destroy(d);
  d.dev.inet6 = null;
  d.i6.genid++;
  if (d.i6.loopback === d.dev) d.i6.loopback = null;
}
