// IPv6's entry: attachInet6() makes a kernel speak it, after attachInet(). Follows devices in the order of Linux's
// notifiers: addrconf.c (through the door), then ndisc.c, then route.c.

import { IFF_LOOPBACK } from '../net/flags.ts';
import type { Kernel } from '../net/kernel.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import type { DevEvent } from '../net/notifier.ts';
import { attachAddrconf } from './addrconf.ts';
import { mc6Destroy } from './mc6.ts';
import { Inet6Dev, Inet6Ns, in6Dev, inet6Ns, stack6Of } from './state6.ts';

export function attachInet6(kernel: Kernel): void {
  const stack = stack6Of(kernel);
  attachAddrconf(kernel);
  kernel.hooks.nsInit.push(nsInit);
  kernel.notifiers.add((event, dev) => {
    if (dev.ns.inet6 === null) nsInit(dev.ns); // lo may come before our own hook runs
    stack.door.deviceEvent(event, dev, in6Dev(dev));
    deviceEvent(event, dev);
    return 0;
  });
}

function nsInit(ns: NetNs): void {
  if (ns.inet6 !== null) return;
  ns.inet6 = new Inet6Ns(stack6Of(ns.kernel), ns);
}

function deviceEvent(_event: DevEvent, _dev: NetDevice): void {}

/** IPv6's state for a device, on it. Groups and addresses are addrconf's. Linux: the first half of ipv6_add_dev(). */
export function dev6Init(dev: NetDevice): Inet6Dev {
  const i6 = inet6Ns(dev.ns) as Inet6Ns;
  const d = new Inet6Dev(dev, i6);
  dev.inet6 = d;
  i6.genid++;
  if ((dev.flags & IFF_LOOPBACK) !== 0) i6.loopback = dev;
  return d;
}

/** The device has no IPv6 any more; its addresses are gone already. Linux: the end of addrconf_ifdown(). */
export function dev6Destroy(d: Inet6Dev): void {
  d.dead = true;
  mc6Destroy(d);
  d.dev.inet6 = null;
  d.i6.genid++;
  if (d.i6.loopback === d.dev) d.i6.loopback = null;
}
