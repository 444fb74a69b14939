// What macvlan keeps per lowerdev (a port) and per macvlan, and how a MAC is looked up. The port exists while macvlans
// do; it owns the lowerdev's rx handler. Only macvlans that are up are found by MAC or hear floods.
// Linux: drivers/net/macvlan.c, struct macvlan_port, macvlan_port_create(), macvlan_hash_*(); if_macvlan.h.

import { assert } from '../../base/assert.ts';
import { MacTable } from '../../base/mactable.ts';
import { devUcAdd } from '../../net/addrlist.ts';
import { ARPHRD_ETHER, IFF_LOOPBACK, PRIV_MACVLAN_PORT } from '../../net/flags.ts';
import type { Kernel } from '../../net/kernel.ts';
import type { L2fwUpper, NetDevice } from '../../net/netdev.ts';
import type { OffloadOutcome } from '../../net/offload.ts';
import type { Skb } from '../../net/skb.ts';
import { E } from '../common.ts';
import { bucketOf } from './bucket.ts';
import { McFilter } from './mcfilter.ts';
import { BRIDGE, PASSTHRU, PRIVATE, VEPA } from './modes.ts';
import { SourceTable } from './source.ts';

const DEFAULT_BC_QUEUE_LEN = 1000;
export const DEFAULT_BC_CUTOFF = 1;

/** One macvlan. Counters are those of its device. Linux: struct macvlan_dev. */
export class Macvlan implements L2fwUpper {
  readonly dev: NetDevice;
  /** Set by newlink, before the device is registered. */
  lower: NetDevice;
  port: MacvlanPort;
  mode = VEPA;
  flags = 0;
  readonly mcFilter = new McFilter();
  accelPriv: unknown = null;
  outcome: OffloadOutcome | null = null;
  bcQueueLenReq = DEFAULT_BC_QUEUE_LEN;
  /** Its entries in the port's source table, and when each was added. */
  readonly sources = new Map<number, number>();
  /** Place in port.slots while up, else -1; bucket of its MAC there. */
  slot = -1;
  bucket = 0;

  constructor(dev: NetDevice, lower: NetDevice, port: MacvlanPort) {
    this.dev = dev;
    this.lower = lower;
    this.port = port;
  }

  destFilter(): boolean {
    return this.mode === PRIVATE || this.mode === VEPA || this.mode === BRIDGE;
  }

  release(): void {
    this.accelPriv = null;
    this.outcome = { atNs: this.port.kernel.loop.now, how: 'released', errno: 0 };
    devUcAdd(this.lower, this.dev.addr);
  }
}

/** Linux: struct macvlan_port. */
export class MacvlanPort {
  readonly kernel: Kernel;
  readonly dev: NetDevice;
  /** All macvlans, in the order in which they were made. */
  readonly vlans: Macvlan[] = [];
  /** Those that are up, in the order in which a flood reaches them. */
  readonly flood: Macvlan[] = [];
  private readonly slots: Array<Macvlan | null> = [];
  private readonly freeSlots: number[] = [];
  private readonly byMac = new MacTable();
  readonly sources = new SourceTable();
  /** Broadcasts that wait for the worker. */
  bcHead: Skb | null = null;
  bcTail: Skb | null = null;
  bcLength = 0;
  bcWork = 0;
  bcWorkPending = false;
  /** What the worker is at: its frames, who hears the first of them and from where on, and how long it has waited there. */
  bcTaken: Skb | null = null;
  readonly bcHearers: Macvlan[] = [];
  bcHearerCount = 0;
  bcTodo = -1;
  bcSteps = 0;
  bcQueueLenUsed = 0;
  bcCutoff = DEFAULT_BC_CUTOFF;
  readonly bcFilter = new McFilter();
  readonly mcFilter = new McFilter();
  passthru = false;
  /** The macvlan is changing the lowerdev's MAC, not the other way round. */
  addrChange = false;
  /** Registered macvlans; the port ends with the last one. */
  count = 0;
  /** The lowerdev's MAC to restore when a passthru macvlan goes. */
  permAddr: number;

  constructor(dev: NetDevice) {
    this.dev = dev;
    this.kernel = dev.core.kernel;
    this.permAddr = dev.addr;
  }

  /** The macvlan that is up with this MAC, or null. Linux: macvlan_hash_lookup(). */
  lookup(hi: number, lo: number): Macvlan | null {
    const slot = this.byMac.get(hi, lo);
    return slot < 0 ? null : this.slots[slot];
  }

  lookupKey(mac: number): Macvlan | null {
    const slot = this.byMac.getKey(mac);
    return slot < 0 ? null : this.slots[slot];
  }

  /** Linux: macvlan_hash_add(). */
  hashAdd(vlan: Macvlan): void {
    assert(vlan.slot < 0, `${vlan.dev.name} is hashed twice`);
    const slot = this.freeSlots.pop() ?? this.slots.length;
    this.slots[slot] = vlan;
    vlan.slot = slot;
    vlan.bucket = bucketOf(vlan.dev.addr);
    this.byMac.setKey(vlan.dev.addr, slot);
    let at = 0;
    while (at < this.flood.length && this.flood[at].bucket < vlan.bucket) at++;
    this.flood.splice(at, 0, vlan);
  }

  /** Linux: macvlan_hash_del(). */
  hashDel(vlan: Macvlan): void {
    if (vlan.slot < 0) return;
    if (this.lookupKey(vlan.dev.addr) === vlan) this.byMac.deleteKey(vlan.dev.addr);
    this.slots[vlan.slot] = null;
    this.freeSlots.push(vlan.slot);
    vlan.slot = -1;
    this.flood.splice(this.flood.indexOf(vlan), 1);
  }

  /** Is the MAC the lowerdev's own, or that of a macvlan that is up? Linux: macvlan_addr_busy(). */
  addrBusy(mac: number): boolean {
    if (!this.passthru && !this.addrChange && this.dev.addr === mac) return true;
    return this.lookupKey(mac) !== null;
  }

  /** The longest queue that any macvlan of the port asks for. Linux: update_port_bc_queue_len(). */
  updateBcQueueLen(): void {
    let most = 0;
    for (const vlan of this.vlans) if (vlan.bcQueueLenReq > most) most = vlan.bcQueueLenReq;
    this.bcQueueLenUsed = most;
  }

  setPassthru(vlan: Macvlan): void {
    assert(vlan.mode === PASSTHRU, 'only a passthru macvlan makes a passthru port');
    this.passthru = true;
  }
}

/** The port of a lowerdev, or null. Linux: macvlan_port_get_rtnl(). */
export function portOf(lower: NetDevice): MacvlanPort | null {
  return (lower.privFlags & PRIV_MACVLAN_PORT) !== 0 ? (lower.rxHandlerData as MacvlanPort) : null;
}

/** Makes the port of a lowerdev; 0 or -errno. Linux: macvlan_port_create(). */
export function portCreate(lower: NetDevice, handler: NonNullable<NetDevice['rxHandler']>): number {
  if (lower.type !== ARPHRD_ETHER || (lower.flags & IFF_LOOPBACK) !== 0) return -E.EINVAL;
  if (lower.rxHandler !== null) return -E.EBUSY;
  const port = new MacvlanPort(lower);
  const err = lower.core.rxHandlerRegister(lower, handler, port);
  if (err < 0) return err;
  lower.privFlags |= PRIV_MACVLAN_PORT;
  return 0;
}
