// The transmit path: pick a txq, through its qdisc (or none), past the taps, into the driver.
// Linux: net/core/dev.c, __dev_queue_xmit(), dev_hard_start_xmit(); net/sched/sch_generic.c, sch_direct_xmit().

import { ETH_P_8021AD } from '../wire/ethernet.ts';
import { VLAN_HLEN, vlanInsert } from '../wire/vlan.ts';
import { Drop } from './drop.ts';
import { F_VLAN_CTAG_TX, F_VLAN_STAG_TX } from './features.ts';
import { TX_BUSY, TXQ_FROZEN, XMIT_DROP, XMIT_SUCCESS, XOFF_DRV, XOFF_STACK, xmitComplete } from './flags.ts';
import type { Kernel } from './kernel.ts';
import type { NetDevice, TxQueue } from './netdev.ts';
import type { Qdisc } from './qdisc.ts';
import type { Skb } from './skb.ts';
import { pickTx } from './steering.ts';

const ENOMEM = 12;
const ENETDOWN = 100;
const STOPPED = XOFF_DRV | XOFF_STACK;
/** Frames that one run of a qdisc may send. Linux: net.core.dev_weight. */
const QDISC_QUOTA = 64;
/** How deep software devices may hand a frame to each other. Linux: XMIT_RECURSION_LIMIT. */
const RECURSION_LIMIT = 8;

export class Xmit {
  private readonly kernel: Kernel;
  private depth = 0;
  private logWindowNs = -1;
  private logged = 0;
  private suppressed = 0;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /**
   * Sends a frame (skb.dev set, skb.off at the link header). Takes it. Returns XMIT_SUCCESS, XMIT_DROP, XMIT_CN or a
   * negative errno. `sbDev`: the upperdev whose sb channel picks the queue, or null.
   */
  devQueueXmit(skb: Skb, sbDev: NetDevice | null): number {
    const dev = skb.dev as NetDevice;
    const trace = this.kernel.trace;
    skb.mac = skb.off;
    if (trace.devQueueXmit !== null) trace.devQueueXmit(skb, dev, sbDev);
    const txq = dev.txq.length === 1 ? dev.txq[0] : pickTx(skb, dev, sbDev);
    const q = txq.qdisc;
    if (q.enqueue !== null) return this.xmitThroughQdisc(skb, q, dev, txq);
    return this.xmitDirect(skb, dev, txq);
  }

  /** noqueue: the driver at once, or -ENETDOWN. */
  private xmitDirect(skb: Skb, dev: NetDevice, txq: TxQueue): number {
    if (!dev.up) return this.refuse(skb, dev, Drop.DeviceDown);
    if (this.depth > RECURSION_LIMIT || (txq.owned && !dev.lltx)) {
      this.logLimited(`Dead loop on virtual device ${dev.name}, fix it urgently!`);
      return this.refuse(skb, dev, Drop.RecursionLimit);
    }
    if ((txq.state & STOPPED) === 0) {
      this.depth++;
      txq.owned = true;
      const rc = this.hardStartXmit(skb, dev, txq);
      txq.owned = false;
      this.depth--;
      if (xmitComplete(rc)) return rc;
    }
    this.logLimited(`Virtual device ${dev.name} asks to queue packet!`);
    return this.refuse(skb, dev, Drop.QueueStopped);
  }

  private refuse(skb: Skb, dev: NetDevice, reason: 3 | 8 | 7): number {
    dev.coreTxDropped++;
    skb.slabs.free(skb, reason);
    return -ENETDOWN;
  }

  /** __dev_xmit_skb(). */
  private xmitThroughQdisc(skb: Skb, q: Qdisc, dev: NetDevice, txq: TxQueue): number {
    if (!q.active) {
      skb.slabs.free(skb, Drop.DeviceDown);
      return XMIT_DROP;
    }
    // Even with a stopped txq: then the frame waits at the head, counted as requeued.
    if (q.canBypass && q.qlen === 0 && q.held === null && !q.running) {
      q.running = true;
      q.packets++;
      q.bytes += skb.len;
      const more = this.directXmit(skb, q, dev, txq);
      q.running = false;
      if (more && (q.qlen > 0 || q.held !== null)) this.qdiscRun(q);
      return XMIT_SUCCESS;
    }
    if (this.kernel.trace.qdiscEnqueue !== null) this.kernel.trace.qdiscEnqueue(skb, q);
    const rc = (q.enqueue as (skb: Skb, q: Qdisc) => number)(skb, q);
    if (!q.builtin) this.qdiscRun(q);
    return rc;
  }

  /** __qdisc_run(): sends what waits, up to the quota; the rest in a later softirq. */
  qdiscRun(q: Qdisc): void {
    const txq = q.txq;
    if (q.running || txq === null || q.dequeue === null) return;
    q.running = true;
    if (this.kernel.trace.qdiscRun !== null) this.kernel.trace.qdiscRun(q);
    let quota = QDISC_QUOTA;
    while ((txq.state & (STOPPED | TXQ_FROZEN)) === 0) {
      const skb = this.dequeue(q);
      if (skb === null) break;
      if (!this.directXmit(skb, q, q.dev, txq)) break;
      if (--quota === 0) {
        this.kernel.softirq.schedule(q);
        break;
      }
    }
    q.running = false;
  }

  private dequeue(q: Qdisc): Skb | null {
    const held = q.held;
    if (held !== null) {
      q.held = held.next;
      if (q.held === null) q.heldTail = null;
      held.next = null;
      q.qlen--;
      q.backlog -= held.len;
      return held;
    }
    const skb = (q.dequeue as (q: Qdisc) => Skb | null)(q);
    if (skb !== null) {
      q.packets++;
      q.bytes += skb.len;
    }
    return skb;
  }

  /** sch_direct_xmit(): false when the driver was busy and the frame waits at the head. */
  private directXmit(skb: Skb, q: Qdisc, dev: NetDevice, txq: TxQueue): boolean {
    let rc: number = TX_BUSY;
    if ((txq.state & (STOPPED | TXQ_FROZEN)) === 0) {
      txq.owned = true;
      rc = this.hardStartXmit(skb, dev, txq);
      txq.owned = false;
    }
    if (xmitComplete(rc)) return true;
    if (!q.active) {
      skb.slabs.free(skb, Drop.DeviceDown); // deactivated while the driver had it: nobody would come back for it
      return false;
    }
    skb.next = q.held;
    q.held = skb;
    if (q.heldTail === null) q.heldTail = skb;
    q.requeues++;
    q.qlen++;
    q.backlog += skb.len;
    this.kernel.softirq.schedule(q);
    return false;
  }

  /** dev_hard_start_xmit(): taps see it, the driver takes it. */
  private hardStartXmit(skb: Skb, dev: NetDevice, txq: TxQueue): number {
    const trace = this.kernel.trace;
    skb.queue = txq.index;
    if (skb.vlanProto !== 0 && !pushTag(skb, dev)) return -ENOMEM;
    if (dev.taps.length > 0 || dev.ns.taps.length > 0) showOutgoing(skb, dev);
    if (trace.startXmit !== null) trace.startXmit(skb, dev, txq);
    if (trace.xmitDone === null) return dev.startXmit(skb, dev);
    const number = skb.trace;
    const rc = dev.startXmit(skb, dev);
    trace.xmitDone(number, dev, rc);
    return rc;
  }

  /** printk_ratelimit() of the net core: 10 lines in 5 s, then a count of those that were left out. */
  private logLimited(line: string): void {
    const now = this.kernel.loop.now;
    if (this.logWindowNs < 0 || now - this.logWindowNs >= 5_000_000_000) {
      if (this.suppressed > 0) this.kernel.hooks.log(`net_ratelimit: ${this.suppressed} callbacks suppressed`);
      this.logWindowNs = now;
      this.logged = 0;
      this.suppressed = 0;
    }
    if (this.logged >= 10) this.suppressed++;
    else {
      this.logged++;
      this.kernel.hooks.log(line);
    }
  }
}

/**
 * A tag that is kept beside the frame goes back into it for a device that cannot insert it: before taps see the frame and
 * the driver counts it. False: no memory, and the frame is gone. Linux: validate_xmit_vlan().
 */
function pushTag(skb: Skb, dev: NetDevice): boolean {
  const canInsert = skb.vlanProto === ETH_P_8021AD ? F_VLAN_STAG_TX : F_VLAN_CTAG_TX;
  if ((dev.features & canInsert) !== 0n) return true;
  if (!skb.slabs.unshare(skb)) {
    dev.coreTxDropped++;
    skb.slabs.free(skb, Drop.NoMemory);
    return false;
  }
  vlanInsert(skb.bytes, skb.off, skb.vlanProto, skb.vlanTci);
  skb.mac = skb.push(VLAN_HLEN);
  skb.protocol = skb.vlanProto;
  skb.vlanProto = 0;
  skb.vlanTci = 0;
  return true;
}

/** dev_queue_xmit_nit(): every tap but the sender's own. */
function showOutgoing(skb: Skb, dev: NetDevice): void {
  const all = dev.ns.taps;
  for (let i = 0; i < all.length; i++) {
    const tap = all[i];
    if (!tap.ignoreOutgoing && (skb.owner === null || tap.owner !== skb.owner)) tap.frame(skb, dev, true);
  }
  const own = dev.taps;
  for (let i = 0; i < own.length; i++) {
    const tap = own[i];
    if (!tap.ignoreOutgoing && (skb.owner === null || tap.owner !== skb.owner)) tap.frame(skb, dev, true);
  }
}

/** The driver's ring is full. Linux: netif_tx_stop_queue(). */
export function stopTxQueue(txq: TxQueue): void {
  txq.state |= XOFF_DRV;
}

/** Room again: the qdisc runs. Linux: netif_tx_wake_queue(). */
export function wakeTxQueue(txq: TxQueue): void {
  if ((txq.state & XOFF_DRV) === 0) return;
  txq.state &= ~XOFF_DRV;
  txq.dev.core.kernel.softirq.schedule(txq.qdisc);
}
