// Carrier and operational state. A change of carrier is not told at once: a work item picks it up, soon for stacked
// devices, at most one batch a second for the rest. Linux: net/core/link_watch.c.

import {
  LINK_MODE_DORMANT,
  LINK_MODE_TESTING,
  OPER_DORMANT,
  OPER_DOWN,
  OPER_LOWERLAYERDOWN,
  OPER_TESTING,
  OPER_UP,
} from './flags.ts';
import type { Kernel } from './kernel.ts';
import type { NetDevice } from './netdev.ts';

const BATCH_NS = 1_000_000_000;

export class LinkWatch {
  private readonly kernel: Kernel;
  private readonly pending = new Set<NetDevice>();
  private nextBatchNs = 0;
  private dueNs = -1;
  private event = 0;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** netif_carrier_on(). */
  carrierOn(dev: NetDevice): void {
    if (dev.carrier) return;
    dev.carrier = true;
    dev.carrierUpCount++;
    if (dev.regState === 'none') return;
    this.fire(dev);
  }

  /** netif_carrier_off(). */
  carrierOff(dev: NetDevice): void {
    if (!dev.carrier) return;
    dev.carrier = false;
    dev.carrierDownCount++;
    if (dev.regState === 'none') return;
    this.fire(dev);
  }

  /** linkwatch_fire_event(). */
  fire(dev: NetDevice): void {
    this.pending.add(dev);
    const now = this.kernel.loop.now;
    const soon = now + this.kernel.timing.workNs;
    const due = this.urgent(dev) ? soon : Math.max(soon, this.nextBatchNs);
    if (this.dueNs >= 0 && this.dueNs <= due) return;
    if (this.dueNs >= 0) this.kernel.loop.cancel(this.event);
    this.dueNs = due;
    this.event = this.kernel.loop.at(due, runBatch, this, 0);
  }

  /** The device is going: its event must not come later. Linux: linkwatch_forget_dev(). */
  forget(dev: NetDevice): void {
    this.sync(dev);
  }

  /** Somebody asks for the state: what is pending for this device is done first. Linux: linkwatch_sync_dev(). */
  sync(dev: NetDevice): void {
    if (this.pending.delete(dev)) this.handle(dev);
  }

  /** Is a change of carrier of this device still to be told? Linux: __LINK_STATE_LINKWATCH_PENDING. */
  isPending(dev: NetDevice): boolean {
    return this.pending.has(dev);
  }

  /** linkwatch_run_queue(): urgent ones always, others once a second. */
  run(): void {
    const now = this.kernel.loop.now;
    this.dueNs = -1;
    const batch = now >= this.nextBatchNs;
    const todo = [...this.pending];
    for (const dev of todo) {
      if (!this.pending.has(dev) || (!batch && !this.urgent(dev))) continue;
      this.pending.delete(dev);
      this.handle(dev);
    }
    if (batch) this.nextBatchNs = now + BATCH_NS;
    const left = this.pending.values().next().value;
    if (left !== undefined) this.fire(left);
  }

  /** linkwatch_do_dev(). */
  private handle(dev: NetDevice): void {
    if (dev.regState !== 'registered') return;
    this.updateOperState(dev);
    if (!dev.up) return;
    if (dev.carrier) this.kernel.dev.activate(dev);
    else this.kernel.dev.deactivate(dev);
    this.kernel.dev.stateChange(dev);
  }

  private urgent(dev: NetDevice): boolean {
    if (!dev.running) return false;
    if (dev.ifindex !== dev.iflink) return true;
    return dev.carrier && this.kernel.dev.txChanging(dev);
  }

  /** A device is being registered: without carrier its state is known at once. Linux: linkwatch_init_dev(). */
  init(dev: NetDevice): void {
    if (!dev.carrier || dev.dormant || dev.testing) this.updateOperState(dev);
  }

  /** RFC 2863 state; a link mode keeps it from being up until user space says so. Linux: rfc2863_policy(). */
  updateOperState(dev: NetDevice): void {
    const state = this.operState(dev);
    if (state === dev.operState) return;
    if (state !== OPER_UP || dev.linkMode === 0) dev.operState = state;
    else if (dev.linkMode === LINK_MODE_TESTING) dev.operState = OPER_TESTING;
    else if (dev.linkMode === LINK_MODE_DORMANT) dev.operState = OPER_DORMANT;
    else dev.operState = state;
  }

  /** Linux: default_operstate(). */
  private operState(dev: NetDevice): number {
    if (dev.testing) return OPER_TESTING;
    if (!dev.carrier) {
      const iflink = dev.iflink;
      if (iflink === dev.ifindex) return OPER_DOWN;
      const below = dev.ns.devByIndex(iflink);
      if (below === null) return OPER_DOWN;
      return below.carrier ? OPER_DOWN : OPER_LOWERLAYERDOWN;
    }
    return dev.dormant ? OPER_DORMANT : OPER_UP;
  }

  /** netif_stacked_transfer_operstate(): dormant and testing follow the state of the device below, carrier its carrier. */
  stackedTransfer(root: NetDevice, dev: NetDevice): void {
    const dormant = root.operState === OPER_DORMANT;
    const testing = root.operState === OPER_TESTING;
    const changed = dev.dormant !== dormant || dev.testing !== testing;
    dev.dormant = dormant;
    dev.testing = testing;
    if (changed && dev.regState !== 'none') this.fire(dev);
    if (root.carrier) this.carrierOn(dev);
    else this.carrierOff(dev);
  }
}

function runBatch(watch: LinkWatch): void {
  watch.run();
}
