// The life of a device: made, registered, opened, changed, closed, unregistered. Everything here is configuration and
// tells the notifiers and rtnetlink what Linux tells them, in its order. Linux: net/core/dev.c. Namespaces' part is in
// dev-netns.ts, flags and filters in dev-flags.ts, queues in dev-queues.ts.

import { assert } from '../base/assert.ts';
import { initFeatures, updateFeatures } from './dev-features.ts';
import { changeFlags, configureLink, setAllmulti, setPromiscuity, setRxMode } from './dev-flags.ts';
import { exitNs, moveToNs } from './dev-netns.ts';
import { activate, deactivate, shutdown, txChanging } from './dev-queues.ts';
import {
  ADDR_PERM,
  ADDR_SET,
  IFF_ALLMULTI,
  IFF_DORMANT,
  IFF_LOWER_UP,
  IFF_PROMISC,
  IFF_RUNNING,
  IFF_UP,
  OPER_UNKNOWN,
  OPER_UP,
  PRIV_LIVE_ADDR_CHANGE,
  PRIV_NO_RX_HANDLER,
} from './flags.ts';
import type { Kernel } from './kernel.ts';
import { type LinkOps, Refusal } from './linkops.ts';
import { NetDevice, type RxHandler } from './netdev.ts';
import type { NetNs } from './netns.ts';
import { Ev } from './notifier.ts';

const E = { EEXIST: 17, EBUSY: 16, EINVAL: 22, ENFILE: 23, EMLINK: 31, EADDRNOTAVAIL: 99 } as const;
const IFNAMSIZ = 16;
/** Devices on top of each other. Linux: MAX_NEST_DEV. */
const MAX_NEST = 8;

export class DevCore {
  readonly kernel: Kernel;
  /** Bound forms of the parts that live in files of their own. */
  readonly activate = activate;
  readonly deactivate = deactivate;
  readonly txChanging = txChanging;
  readonly setRxMode = setRxMode;
  readonly setPromiscuity = setPromiscuity;
  readonly setAllmulti = setAllmulti;
  readonly changeFlags = changeFlags;
  readonly configureLink = configureLink;
  readonly updateFeatures = updateFeatures;
  readonly moveToNs = moveToNs;
  readonly exitNs = exitNs;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** A device of a kind, set up and not registered. Linux: alloc_netdev_mqs(). */
  alloc(ns: NetNs, name: string, ops: LinkOps, txQueues = ops.txQueues ?? 1, rxQueues = ops.rxQueues ?? 1): NetDevice {
    const dev = new NetDevice(this, ns, name, ops, txQueues, rxQueues);
    ops.setup(dev);
    return dev;
  }

  /** Would Linux take it? It counts bytes, and its white space is Latin-1's. Linux: dev_valid_name(). */
  validName(name: string): boolean {
    if (name === '' || name === '.' || name === '..') return false;
    const bytes = encodeURIComponent(name.replace(/[\ud800-\udfff]/g, '???')).replace(/%../g, 'x').length;
    return bytes < IFNAMSIZ && !/[/:\s]/.test(name);
  }

  /** Fills in a `%d` pattern with the lowest free number. Throws ENFILE when none is free. Linux: dev_alloc_name(). */
  allocName(ns: NetNs, pattern: string): string {
    if (!this.validName(pattern)) throw new Refusal(E.EINVAL);
    const at = pattern.indexOf('%');
    if (at < 0) {
      if (ns.byName.has(pattern)) throw new Refusal(E.EEXIST);
      return pattern;
    }
    if (pattern[at + 1] !== 'd' || pattern.indexOf('%', at + 1) >= 0) throw new Refusal(E.EINVAL);
    for (let i = ns.nextOfPattern.get(pattern) ?? 0; i < 32768; i++) {
      const name = pattern.replace('%d', String(i));
      if (ns.byName.has(name)) continue;
      ns.nextOfPattern.set(pattern, i);
      return name;
    }
    throw new Refusal(E.ENFILE);
  }

  /** Puts a device into its namespace. Throws a Refusal. `ifindex` 0: the next free. Linux: register_netdevice(). */
  register(dev: NetDevice, ifindex = dev.ifindex): void {
    assert(dev.regState === 'none', `${dev.name} is registered twice`);
    const ns = dev.ns;
    dev.name = this.allocName(ns, dev.name);
    if (dev.init !== null) {
      const err = dev.init(dev);
      if (err < 0) throw new Refusal(-err);
    }
    if (ifindex !== 0 && ns.byIndex.has(ifindex)) {
      if (dev.uninit !== null) dev.uninit(dev);
      throw new Refusal(E.EBUSY);
    }
    dev.ifindex = ifindex !== 0 ? ifindex : ns.newIndex();
    if (dev.permAddr === 0 && dev.addrAssignType === ADDR_PERM) dev.permAddr = dev.addr;
    initFeatures(dev);
    let err = this.kernel.notifiers.call(Ev.PostInit, dev);
    if (err < 0) {
      if (dev.uninit !== null) dev.uninit(dev);
      throw new Refusal(-err);
    }
    dev.regState = 'registered';
    updateFeatures.call(this, dev, true);
    this.kernel.linkWatch.init(dev);
    ns.list(dev);
    err = this.kernel.notifiers.call(Ev.Register, dev);
    if (err < 0) {
      this.unregisterMany([dev]); // those who heard of it hear of its end
      throw new Refusal(-err);
    }
    // A link made by request announces itself when it is configured (announceNew); others at once.
    if (dev.linkOps === null || dev.linkOps.newlink === undefined) this.announceNew(dev);
  }

  /** The first RTM_NEWLINK of a device. Linux: rtnl_configure_link(), all flags changed. */
  announceNew(dev: NetDevice): void {
    this.kernel.hooks.linkChanged(dev, 0xffffffff);
  }

  /** Brings it up. 0 or -errno; no messages. Linux: __dev_open(). */
  open(dev: NetDevice): number {
    const veto = this.kernel.notifiers.call(Ev.PreUp, dev);
    if (veto < 0) return veto;
    dev.running = true;
    const err = dev.open === null ? 0 : dev.open(dev);
    if (err < 0) {
      dev.running = false;
      return err;
    }
    dev.flags |= IFF_UP;
    setRxMode(dev);
    activate(dev);
    return 0;
  }

  /** Takes it down; no messages but the notifiers'. Linux: __dev_close(). */
  close(dev: NetDevice): void {
    this.closeMany([dev]);
  }

  /** Step by step for all of them, as some are each other's peers. Linux: __dev_close_many(). */
  private closeMany(list: readonly NetDevice[]): void {
    for (const dev of list) {
      this.kernel.notifiers.call(Ev.GoingDown, dev);
      dev.running = false;
    }
    for (const dev of list) deactivate(dev);
    for (const dev of list) {
      if (dev.stop !== null) dev.stop(dev);
      dev.flags &= ~IFF_UP;
    }
  }

  /** Takes those that are up down, and tells. Linux: dev_close_many(). */
  closeAndTell(...list: readonly NetDevice[]): void {
    const up = list.filter((dev) => dev.up);
    this.closeMany(up);
    for (const dev of up) {
      this.kernel.hooks.linkChanged(dev, IFF_UP | IFF_RUNNING);
      this.kernel.notifiers.call(Ev.Down, dev);
    }
  }

  /** ifi_flags as user space sees them. Linux: dev_get_flags(). */
  userFlags(dev: NetDevice): number {
    let flags =
      (dev.flags & ~(IFF_PROMISC | IFF_ALLMULTI | IFF_RUNNING | IFF_LOWER_UP | IFF_DORMANT)) |
      (dev.gflags & (IFF_PROMISC | IFF_ALLMULTI));
    if (dev.running) {
      if (dev.operState === OPER_UP || dev.operState === OPER_UNKNOWN) flags |= IFF_RUNNING;
      if (dev.carrier) flags |= IFF_LOWER_UP;
      if (dev.dormant) flags |= IFF_DORMANT;
    }
    return flags;
  }

  /** Operational state that user space sees: DOWN while the device is. Linux: rtnl_fill_ifinfo(). */
  userOperState(dev: NetDevice): number {
    return dev.running ? dev.operState : 2;
  }

  /** Something changed that is no flag. Linux: netdev_state_change(). */
  stateChange(dev: NetDevice): void {
    if (!dev.up) return;
    this.kernel.notifiers.call(Ev.Change, dev);
    this.kernel.hooks.linkChanged(dev, 0);
  }

  /** 0 or -errno, or a Refusal with words. Linux: dev_set_mtu_ext(). */
  setMtu(dev: NetDevice, mtu: number): number {
    if (mtu === dev.mtu) return 0;
    if (mtu < dev.minMtu) throw new Refusal(E.EINVAL, 'mtu less than device minimum');
    if (dev.maxMtu > 0 && mtu > dev.maxMtu) throw new Refusal(E.EINVAL, 'mtu greater than device maximum');
    const veto = this.kernel.notifiers.call(Ev.PreChangeMtu, dev, mtu);
    if (veto < 0) return veto;
    const old = dev.mtu;
    let err = storeMtu(dev, mtu);
    if (err < 0) return err;
    err = this.kernel.notifiers.call(Ev.ChangeMtu, dev);
    if (err >= 0) return 0;
    storeMtu(dev, old);
    this.kernel.notifiers.call(Ev.ChangeMtu, dev);
    return err;
  }

  /** 0 or -errno. Linux: dev_set_mac_address(). */
  setMacAddress(dev: NetDevice, mac: number): number {
    const veto = this.kernel.notifiers.call(Ev.PreChangeAddr, dev, mac);
    if (veto < 0) return veto;
    // The driver is not bothered with an address that it has.
    const err = mac === dev.addr ? 0 : dev.setMac === null ? this.ethMacAddr(dev, mac) : dev.setMac(dev, mac);
    if (err < 0) return err;
    dev.addrAssignType = ADDR_SET;
    this.kernel.notifiers.call(Ev.ChangeAddr, dev);
    return 0;
  }

  /** eth_mac_addr(): refuses while up unless the device allows a live change. */
  ethMacAddr(dev: NetDevice, mac: number): number {
    if (dev.running && (dev.privFlags & PRIV_LIVE_ADDR_CHANGE) === 0) return -E.EBUSY;
    if (!validUnicast(mac)) return -E.EADDRNOTAVAIL;
    dev.addr = mac;
    return 0;
  }

  /** 0, or a Refusal. An up device may be renamed since Linux 6.x. Linux: dev_change_name(). */
  rename(dev: NetDevice, pattern: string): void {
    if (dev.name === pattern) return;
    const name = this.allocName(dev.ns, pattern);
    const old = dev.name;
    this.kernel.hooks.log(`${name}: renamed from ${old}${dev.up ? ' (while UP)' : ''}`);
    setName(dev, name);
    const err = this.kernel.notifiers.call(Ev.ChangeName, dev);
    if (err >= 0) return;
    setName(dev, old);
    this.kernel.notifiers.call(Ev.ChangeName, dev);
    throw new Refusal(-err);
  }

  /** 0 or -errno. Linux: netdev_rx_handler_register(). */
  rxHandlerRegister(dev: NetDevice, handler: RxHandler, data: unknown): number {
    if (dev.rxHandler !== null) return -E.EBUSY;
    if ((dev.privFlags & PRIV_NO_RX_HANDLER) !== 0) return -E.EINVAL;
    dev.rxHandler = handler;
    dev.rxHandlerData = data;
    return 0;
  }

  rxHandlerUnregister(dev: NetDevice): void {
    dev.rxHandler = null;
    dev.rxHandlerData = null;
  }

  /** `upper` is on top of `dev`. 0 or -errno. Linux: netdev_upper_dev_link(), netdev_master_upper_dev_link(). */
  upperLink(dev: NetDevice, upper: NetDevice, master: boolean): number {
    if (dev === upper || reaches(upper, dev)) return -E.EBUSY;
    if (depthBelow(dev) + heightAbove(upper) > MAX_NEST) return -E.EMLINK;
    if (master && dev.master !== null) return dev.master === upper ? -E.EEXIST : -E.EBUSY;
    if (!master && reaches(dev, upper)) return -E.EEXIST;
    const veto = this.kernel.notifiers.call(Ev.PreChangeUpper, dev, upper);
    if (veto < 0) return veto;
    dev.uppers.push(upper);
    upper.lowers.push(dev);
    if (master) dev.master = upper;
    this.kernel.notifiers.call(Ev.ChangeUpper, dev, upper);
    this.kernel.hooks.linkChanged(dev, 0);
    return 0;
  }

  upperUnlink(dev: NetDevice, upper: NetDevice): void {
    const at = dev.uppers.indexOf(upper);
    if (at < 0) return;
    dev.uppers.splice(at, 1);
    upper.lowers.splice(upper.lowers.indexOf(dev), 1);
    if (dev.master === upper) dev.master = null;
    this.kernel.notifiers.call(Ev.ChangeUpper, dev, upper);
    if (dev.regState === 'registered') this.kernel.hooks.linkChanged(dev, 0);
  }

  /** Deletes links as their kind does. Linux: rtnl_delete_link(). */
  delete(dev: NetDevice): void {
    const list: NetDevice[] = [];
    const ops = dev.linkOps;
    if (ops?.dellink) ops.dellink(dev, list);
    else list.push(dev);
    this.unregisterMany(list);
  }

  /** Linux: unregister_netdevice_many_notify(). */
  unregisterMany(list: NetDevice[]): void {
    const todo = list.filter((d) => d.regState === 'registered');
    if (todo.length === 0) return;
    this.closeAndTell(...todo);
    for (const dev of todo) {
      if (dev.regState !== 'registered') continue; // an earlier one took it along
      dev.ns.unlist(dev);
      dev.regState = 'unregistering';
    }
    this.kernel.softirq.flush((skb) => skb.dev !== null && skb.dev.regState === 'unregistering');
    for (const dev of todo) this.finishUnregister(dev);
  }

  private finishUnregister(dev: NetDevice): void {
    if (dev.regState !== 'unregistering') return;
    const kernel = this.kernel;
    shutdown(dev);
    kernel.notifiers.call(Ev.Unregister, dev);
    dev.uc.flush();
    dev.mc.flush();
    // What the driver's end changes elsewhere is told before the end itself.
    if (dev.uninit !== null) dev.uninit(dev);
    kernel.hooks.linkGone(dev, null, 0, -1);
    kernel.linkWatch.forget(dev);
    assert(
      dev.uppers.length === 0 || dev.uppers.every((u) => u.regState !== 'registered'),
      `${dev.name} goes with devices on top`,
    );
    dev.regState = 'gone';
  }
}

/** Not multicast, not zero. Linux: is_valid_ether_addr(). */
export function validUnicast(mac: number): boolean {
  return mac !== 0 && Math.floor(mac / 0x10000000000) % 2 === 0;
}

function storeMtu(dev: NetDevice, mtu: number): number {
  const old = dev.mtu;
  const err = dev.changeMtu === null ? 0 : dev.changeMtu(dev, mtu);
  if (err >= 0 && dev.mtu === old) dev.mtu = mtu;
  return err;
}

function setName(dev: NetDevice, name: string): void {
  dev.ns.byName.delete(dev.name);
  dev.ns.nextOfPattern.clear();
  dev.name = name;
  dev.ns.byName.set(name, dev);
}

/** How many devices stand on each other, from this one down or up, itself included. Linux: lower_level, upper_level. */
function depthBelow(dev: NetDevice): number {
  return dev.lowers.reduce((most, d) => Math.max(most, depthBelow(d) + 1), 1);
}

function heightAbove(dev: NetDevice): number {
  return dev.uppers.reduce((most, d) => Math.max(most, heightAbove(d) + 1), 1);
}

/** Does `from` stand (directly or not) below `to`? Then linking would make a loop. */
function reaches(below: NetDevice, to: NetDevice): boolean {
  for (const upper of below.uppers) if (upper === to || reaches(upper, to)) return true;
  return false;
}
