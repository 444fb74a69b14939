// Flags, promiscuity and the receive filters of a device. Linux: net/core/dev.c, __dev_change_flags(),
// dev_set_promiscuity(), __dev_set_rx_mode(), __dev_notify_flags().

import {
  IFF_ALLMULTI,
  IFF_AUTOMEDIA,
  IFF_DEBUG,
  IFF_DYNAMIC,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_NOTRAILERS,
  IFF_PORTSEL,
  IFF_PROMISC,
  IFF_UP,
  IFF_VOLATILE,
  PRIV_UNICAST_FLT,
} from './flags.ts';
import type { NetDevice } from './netdev.ts';
import { Ev } from './notifier.ts';

const EOVERFLOW = 75;
const SETTABLE = IFF_DEBUG | IFF_NOTRAILERS | IFF_NOARP | IFF_DYNAMIC | IFF_MULTICAST | IFF_PORTSEL | IFF_AUTOMEDIA;

/** The lists or flags changed: the driver's filter follows. Linux: __dev_set_rx_mode(). */
export function setRxMode(dev: NetDevice): void {
  if (!dev.up) return;
  if ((dev.privFlags & PRIV_UNICAST_FLT) === 0) {
    if (dev.uc.size > 0 && !dev.ucPromisc) {
      dev.ucPromisc = true;
      promiscuity(dev, 1, false);
    } else if (dev.uc.size === 0 && dev.ucPromisc) {
      dev.ucPromisc = false;
      promiscuity(dev, -1, false);
    }
  }
  if (dev.setRxMode !== null) dev.setRxMode(dev);
}

function rxFlags(dev: NetDevice, flags: number): void {
  if (dev.changeRxFlags !== null) dev.changeRxFlags(dev, flags);
}

/** 0 or -EOVERFLOW. The count has 32 bits and no sign: a driver may take back what it never asked for. */
function promiscuity(dev: NetDevice, inc: number, notify: boolean): number {
  const old = dev.flags;
  const count = (dev.promiscuity + inc) >>> 0;
  if (count === 0 && inc > 0) {
    const words = 'promiscuity touches roof, set promiscuity failed. promiscuity feature of device might be broken.';
    dev.core.kernel.hooks.log(`${dev.name}: ${words}`, dev);
    return -EOVERFLOW;
  }
  dev.promiscuity = count;
  dev.flags |= IFF_PROMISC;
  if (dev.promiscuity === 0) dev.flags &= ~IFF_PROMISC;
  if (dev.flags !== old) {
    const did = (dev.flags & IFF_PROMISC) !== 0 ? 'entered' : 'left';
    dev.core.kernel.hooks.log(`${dev.name}: ${did} promiscuous mode`, dev);
    rxFlags(dev, IFF_PROMISC);
  }
  if (notify) notifyFlags(dev, old, IFF_PROMISC);
  return 0;
}

/** One more or one fewer reason to take every frame; 0 or -EOVERFLOW. Linux: dev_set_promiscuity(). */
export function setPromiscuity(dev: NetDevice, inc: number): number {
  const old = dev.flags;
  const err = promiscuity(dev, inc, true);
  if (dev.flags !== old) setRxMode(dev);
  return err;
}

/** Linux: dev_set_allmulti(). */
export function setAllmulti(dev: NetDevice, inc: number, notify = true): void {
  const old = dev.flags;
  const oldGflags = dev.gflags;
  dev.flags |= IFF_ALLMULTI;
  dev.allmulti = (dev.allmulti + inc) >>> 0;
  if (dev.allmulti === 0) dev.flags &= ~IFF_ALLMULTI;
  if (((dev.flags ^ old) & IFF_ALLMULTI) === 0) return;
  const did = (dev.flags & IFF_ALLMULTI) !== 0 ? 'entered' : 'left';
  dev.core.kernel.hooks.log(`${dev.name}: ${did} allmulticast mode`, dev);
  rxFlags(dev, IFF_ALLMULTI);
  setRxMode(dev);
  if (notify) notifyFlags(dev, old, dev.gflags ^ oldGflags);
}

/** What user space asks for with ifi_flags. 0 or -errno. Linux: dev_change_flags(). */
export function changeFlags(dev: NetDevice, flags: number): number {
  const old = dev.flags;
  const oldGflags = dev.gflags;
  const err = applyFlags(dev, flags);
  if (err < 0) return err;
  const changes = (old ^ dev.flags) | (oldGflags ^ dev.gflags);
  notifyFlags(dev, old, changes);
  return 0;
}

/**
 * A fresh link: the flags of its request (null: none), then its first message. 0 or -errno, and then no message.
 * Linux: rtnl_configure_link().
 */
export function configureLink(dev: NetDevice, flags: number | null): number {
  const old = dev.flags;
  if (flags !== null) {
    const err = applyFlags(dev, flags);
    if (err < 0) return err;
  }
  notifyFlags(dev, old, 0xffffffff);
  return 0;
}

function applyFlags(dev: NetDevice, flags: number): number {
  const old = dev.flags;
  dev.flags = (flags & SETTABLE) | (dev.flags & (IFF_UP | IFF_VOLATILE | IFF_PROMISC | IFF_ALLMULTI));
  if (((old ^ flags) & IFF_MULTICAST) !== 0) rxFlags(dev, IFF_MULTICAST);
  setRxMode(dev);
  let err = 0;
  if (((old ^ flags) & IFF_UP) !== 0) {
    if ((old & IFF_UP) !== 0) dev.core.close(dev);
    else err = dev.core.open(dev);
  }
  if (((flags ^ dev.gflags) & IFF_PROMISC) !== 0) {
    const inc = (flags & IFF_PROMISC) !== 0 ? 1 : -1;
    const before = dev.flags;
    dev.gflags ^= IFF_PROMISC;
    promiscuity(dev, inc, false);
    if (dev.flags !== before) setRxMode(dev);
  }
  if (((flags ^ dev.gflags) & IFF_ALLMULTI) !== 0) {
    const inc = (flags & IFF_ALLMULTI) !== 0 ? 1 : -1;
    dev.gflags ^= IFF_ALLMULTI;
    setAllmulti(dev, inc, false);
  }
  return err;
}

/** Linux: __dev_notify_flags(). */
function notifyFlags(dev: NetDevice, old: number, gchanges: number): void {
  const kernel = dev.core.kernel;
  const changes = dev.flags ^ old;
  if (gchanges !== 0) kernel.hooks.linkChanged(dev, gchanges);
  if ((changes & IFF_UP) !== 0) kernel.notifiers.call((dev.flags & IFF_UP) !== 0 ? Ev.Up : Ev.Down, dev);
  if ((dev.flags & IFF_UP) !== 0 && (changes & ~(IFF_UP | IFF_PROMISC | IFF_ALLMULTI | IFF_VOLATILE)) !== 0) {
    kernel.notifiers.call(Ev.Change, dev);
  }
}
