// The unicast and multicast addresses that a device is asked to receive, counted by who asked.
// Linux: net/core/dev_addr_lists.c, struct netdev_hw_addr.

import type { NetDevice } from './netdev.ts';

const EEXIST = 17;
const ENOENT = 2;

class HwAddr {
  readonly mac: number;
  refcount = 1;
  /** How many uppers synced it into this list. */
  synced = 0;
  /** How often it was synced out to a device below. */
  syncCount = 0;
  /** User space asked for it (SIOCADDMULTI, `bridge fdb add ... self`): that is counted once, however often it asks. */
  global = false;

  constructor(mac: number) {
    this.mac = mac;
  }
}

export class AddrList {
  /** In the order in which they were added. */
  readonly entries = new Map<number, HwAddr>();

  get size(): number {
    return this.entries.size;
  }

  has(mac: number): boolean {
    return this.entries.has(mac);
  }

  /** Adds one reference. Linux: __hw_addr_add(). */
  add(mac: number): void {
    const e = this.entries.get(mac);
    if (e === undefined) this.entries.set(mac, new HwAddr(mac));
    else e.refcount++;
  }

  /** As add, but a second reference is refused. Returns 0 or -EEXIST. Linux: dev_uc_add_excl(), dev_mc_add_excl(). */
  addExcl(mac: number): number {
    if (this.entries.has(mac)) return -EEXIST;
    const e = new HwAddr(mac);
    e.global = true;
    this.entries.set(mac, e);
    return 0;
  }

  /** Drops one reference. Returns 0 or -ENOENT. Linux: __hw_addr_del(). */
  del(mac: number): number {
    const e = this.entries.get(mac);
    if (e === undefined) return -ENOENT;
    if (--e.refcount === 0) this.entries.delete(mac);
    return 0;
  }

  flush(): void {
    this.entries.clear();
  }
}

/** Brings `to`'s list up to date with `from`'s. Linux: __hw_addr_sync(). */
export function syncAddrs(to: AddrList, from: AddrList): void {
  for (const e of [...from.entries.values()]) {
    if (e.syncCount === 0) {
      const there = to.entries.get(e.mac);
      if (there === undefined) {
        const fresh = new HwAddr(e.mac);
        fresh.synced = 1;
        to.entries.set(e.mac, fresh);
      } else {
        there.refcount++;
        there.synced++;
      }
      e.syncCount++;
      e.refcount++;
    } else if (e.refcount === 1) unsyncOne(to, from, e);
  }
}

/** Takes back all that syncAddrs() pushed. Linux: __hw_addr_unsync(). */
export function unsyncAddrs(to: AddrList, from: AddrList): void {
  for (const e of [...from.entries.values()]) if (e.syncCount > 0) unsyncOne(to, from, e);
}

/** An entry that `to` lost by a flush stays as it is: Linux goes on believing that it was synced. */
function unsyncOne(to: AddrList, from: AddrList, e: HwAddr): void {
  const there = to.entries.get(e.mac);
  if (there === undefined || there.synced === 0) return;
  there.synced--;
  to.del(e.mac);
  e.syncCount--;
  from.del(e.mac);
}

/** One more reason to receive a unicast address. Linux: dev_uc_add(). */
export function devUcAdd(dev: NetDevice, mac: number): void {
  dev.uc.add(mac);
  dev.core.setRxMode(dev);
}

/** One reason fewer; 0 or -ENOENT. Linux: dev_uc_del(). */
export function devUcDel(dev: NetDevice, mac: number): number {
  const err = dev.uc.del(mac);
  if (err === 0) dev.core.setRxMode(dev);
  return err;
}

/** User space wants a group: counted once, however often it asks; the device is told each time. Linux: dev_mc_add_global(). */
export function devMcAddGlobal(dev: NetDevice, mac: number): void {
  if (dev.mc.entries.get(mac)?.global !== true) {
    dev.mc.add(mac);
    (dev.mc.entries.get(mac) as HwAddr).global = true;
  }
  dev.core.setRxMode(dev);
}

/** And no longer: 0, or -ENOENT if user space did not ask for it. Linux: dev_mc_del_global(). */
export function devMcDelGlobal(dev: NetDevice, mac: number): number {
  const there = dev.mc.entries.get(mac);
  if (there === undefined || !there.global) return -ENOENT;
  there.global = false;
  dev.mc.del(mac);
  dev.core.setRxMode(dev);
  return 0;
}

/** dev_uc_sync(), dev_mc_sync(): then the lower device is told, whether or not its list changed. */
export function devUcSync(to: NetDevice, from: NetDevice): void {
  syncAddrs(to.uc, from.uc);
  to.core.setRxMode(to);
}

export function devMcSync(to: NetDevice, from: NetDevice): void {
  syncAddrs(to.mc, from.mc);
  to.core.setRxMode(to);
}

export function devUcUnsync(to: NetDevice, from: NetDevice): void {
  unsyncAddrs(to.uc, from.uc);
  to.core.setRxMode(to);
}

export function devMcUnsync(to: NetDevice, from: NetDevice): void {
  unsyncAddrs(to.mc, from.mc);
  to.core.setRxMode(to);
}
