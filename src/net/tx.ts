// The transmit path: pick a txq, through its qdisc (or none), past the taps, into the driver.
// Linux: net/core/dev.c, __dev_queue_xmit(), dev_hard_start_xmit(); net/sched/sch_generic.c, sch_direct_xmit().

import { ETH_P_8021AD } from '../wire/ethernet.ts';
import { VLAN_HLEN, vlanInsert } from '../wire/vlan.ts';
import { Drop } from './drop.ts';
import { F_VLAN_CTAG_TX, F_VLAN_STAG_TX } from './features.ts';
import {
  TC_DROPPED,
  TC_PASS,
  TX_BUSY,
  TXQ_FROZEN,
  XMIT_DROP,
  XMIT_SUCCESS,
  XOFF_DRV,
  XOFF_STACK,
  xmitComplete,
} from './flags.ts';
import { gsoSegment, needsGso } from './gso.ts';
import type { Kernel } from './kernel.ts';
import type { NetDevice, TxQueue } from './netdev.ts';
import { countSent, packetLen, type Qdisc, takePeeked } from './qdisc.ts';
import type { Skb } from './skb.ts';
import { pickTx } from './steering.ts';

const ENOMEM = 12;
const ENETDOWN = 100;
const STOPPED = XOFF_DRV | XOFF_STACK;
/** Frames that one run of a qdisc may send. Linux: net.core.dev_weight. */
const QDISC_QUOTA = 64;
/** Frames that a qdisc over several txqs gives behind the first, at most. Linux: try_bulk_dequeue_skb_slow(). */
const BULK_SLOW = 8;
/** How deep software devices may hand a frame to each other. Linux: XMIT_RECURSION_LIMIT. */
const RECURSION_LIMIT = 8;

export class Xmit {
  private readonly kernel: Kernel;
  private depth = 0;
  /** A filter on the way out chose the txq (skb.queue). Linux: netdev_xmit_skip_txqueue(). */
  useMapping = false;

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
    this.useMapping = false;
    if (dev.tcEgress !== null) {
      const verdict = dev.tcEgress(skb, dev);
      if (verdict !== TC_PASS) return verdict === TC_DROPPED ? XMIT_DROP : XMIT_SUCCESS;
    }
    const txq = dev.txq.length === 1 ? dev.txq[0] : this.useMapping ? mapped(skb, dev) : pickTx(skb, dev, sbDev);
    skb.queue = txq.index;
    const q = txq.qdisc;
    if (q.enqueue !== null) return this.xmitThroughQdisc(skb, q, dev, txq);
    return this.xmitDirect(skb, dev, txq);
  }

  /** noqueue: the driver at once, or -ENETDOWN. */
  private xmitDirect(skb: Skb, dev: NetDevice, txq: TxQueue): number {
    if (!dev.up) return this.refuse(skb, dev, Drop.DeviceDown);
    if (this.depth > RECURSION_LIMIT || (txq.owned && !dev.lltx)) {
      this.kernel.log.limited(`Dead loop on virtual device ${dev.name}, fix it urgently!`);
      return this.refuse(skb, dev, Drop.RecursionLimit);
    }
    if ((txq.state & STOPPED) === 0) {
      const first = skb.gsoSize === 0 ? skb : this.validated(skb, dev);
      if (first === null) return -ENOMEM;
      this.depth++;
      txq.owned = true;
      const rc = this.xmitChain(first, dev, txq);
      txq.owned = false;
      this.depth--;
      return xmitComplete(rc) ? rc : this.refuseRest(dev);
    }
    this.kernel.log.limited(`Virtual device ${dev.name} asks to queue packet!`);
    const rc = this.refuse(skb, dev, Drop.QueueStopped);
    return this.kernel.noqueueXoffDrops ? XMIT_DROP : rc;
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
    if (q.canBypass && q.qlen === 0 && q.held.head === null && !q.running) {
      q.running = true;
      countSent(q, skb);
      const more = this.directXmit(skb, q, dev, txq);
      q.running = false;
      if (more && q.qlen > 0) this.qdiscRun(q);
      return XMIT_SUCCESS;
    }
    if (this.kernel.trace.qdiscEnqueue !== null) this.kernel.trace.qdiscEnqueue(skb, q);
    const rc = (q.enqueue as (skb: Skb, q: Qdisc) => number)(skb, q);
    if (!q.builtin) this.qdiscRun(q);
    return rc;
  }

  /** __qdisc_run(): sends what waits, up to the quota; the rest in a later softirq. */
  qdiscRun(q: Qdisc): void {
    if (q.running || q.txq === null || q.dequeue === null || !q.active) return;
    q.running = true;
    if (this.kernel.trace.qdiscRun !== null) this.kernel.trace.qdiscRun(q);
    let quota = QDISC_QUOTA;
    for (;;) {
      const first = q.oneTxq ? this.dequeueOne(q, q.txq) : this.dequeueAny(q);
      if (first === null) break;
      const txq = q.oneTxq ? q.txq : q.dev.txq[first.queue];
      quota -= this.dequeued;
      if (!this.directXmit(first, q, q.dev, txq)) break;
      if (quota <= 0) {
        this.kernel.softirq.schedule(q);
        break;
      }
    }
    q.running = false;
  }

  /** Frames of the last chain that a qdisc gave. */
  private dequeued = 0;

  /**
   * The next frames of a qdisc with one txq, if that may send: a chain of as many as the byte limits have room for. What was
   * held goes alone. Linux: dequeue_skb(), try_bulk_dequeue_skb().
   */
  private dequeueOne(q: Qdisc, txq: TxQueue): Skb | null {
    if ((txq.state & (STOPPED | TXQ_FROZEN)) !== 0) return null;
    this.dequeued = 1;
    if (q.held.head !== null) return takePeeked(q);
    const next = q.dequeue as (q: Qdisc) => Skb | null;
    const first = next(q);
    if (first === null || txq.bql === null) return first;
    let room = txq.bql.avail - first.len;
    let last = first;
    while (room > 0) {
      const skb = next(q);
      if (skb === null) break;
      room -= skb.len;
      last.next = skb;
      last = skb;
      this.dequeued++;
    }
    return first;
  }

  /**
   * The next frames of a qdisc over several txqs, while they are for the same one. One whose txq is stopped waits first in line,
   * and all behind it with it. Linux: dequeue_skb(), qdisc_dequeue_skb_bad_txq(), try_bulk_dequeue_skb_slow().
   */
  private dequeueAny(q: Qdisc): Skb | null {
    const { txq } = q.dev;
    const next = q.dequeue as (q: Qdisc) => Skb | null;
    this.dequeued = 1;
    let first = q.held.head ?? q.badTxq.head;
    if (first !== null) {
      if ((txq[first.queue].state & (STOPPED | TXQ_FROZEN)) !== 0) return null;
      const held = q.held.head !== null;
      first = (held ? q.held : q.badTxq).shift() as Skb;
      q.qlen--;
      q.backlog -= packetLen(first);
      if (held) return first;
    } else {
      first = next(q);
      if (first === null) return null;
    }
    let last = first;
    while (this.dequeued <= BULK_SLOW) {
      const skb = next(q);
      if (skb === null) break;
      if (skb.queue !== first.queue) {
        q.badTxq.push(skb);
        q.qlen++;
        q.backlog += packetLen(skb);
        break;
      }
      last.next = skb;
      last = skb;
      this.dequeued++;
    }
    return first;
  }

  /** sch_direct_xmit(), of a chain: false when the driver was busy and the rest waits at the head, cut already. */
  private directXmit(chain: Skb, q: Qdisc, dev: NetDevice, txq: TxQueue): boolean {
    const first = chain.next === null && chain.gsoSize === 0 ? chain : this.validated(chain, dev);
    if (first === null) return true;
    this.rest = first;
    if ((txq.state & (STOPPED | TXQ_FROZEN)) === 0) {
      txq.owned = true;
      const rc = this.xmitChain(first, dev, txq);
      txq.owned = false;
      if (xmitComplete(rc)) return true;
    }
    return this.requeueRest(q);
  }

  /** Cuts of a chain what the device cannot cut; null: nothing is left. Linux: validate_xmit_skb_list(). */
  private validated(chain: Skb, dev: NetDevice): Skb | null {
    let first: Skb | null = null;
    let last: Skb | null = null;
    for (let skb: Skb | null = chain; skb !== null; ) {
      const next: Skb | null = skb.next;
      skb.next = null;
      if (skb.gsoSize !== 0 && needsGso(skb, dev)) {
        skb = gsoSegment(skb);
        if (skb === null) dev.coreTxDropped++;
      }
      if (skb !== null) {
        if (last === null) first = skb;
        else last.next = skb;
        last = skb;
        while (last.next !== null) last = last.next;
      }
      skb = next;
    }
    return first;
  }

  /** Frames of a chain that the driver did not take. */
  private rest: Skb | null = null;

  /**
   * One frame after the other. A driver that stops the txq ends it; byte limits do not, who made the chain looked at them. What is
   * left is in `rest`. Linux: dev_hard_start_xmit().
   */
  private xmitChain(first: Skb, dev: NetDevice, txq: TxQueue): number {
    let rc = XMIT_SUCCESS as number;
    let skb: Skb | null = first;
    while (skb !== null) {
      const next: Skb | null = skb.next;
      skb.next = null;
      rc = this.hardStartXmit(skb, dev, txq);
      if (!xmitComplete(rc)) {
        skb.next = next;
        break;
      }
      skb = next;
      if (skb !== null && (txq.state & XOFF_DRV) !== 0) {
        rc = TX_BUSY;
        break;
      }
    }
    this.rest = skb;
    return rc;
  }

  /** What is left of a large frame counts as one drop. Linux: kfree_skb_list() behind __dev_queue_xmit()'s recursion_alert. */
  private refuseRest(dev: NetDevice): number {
    this.kernel.log.limited(`Virtual device ${dev.name} asks to queue packet!`);
    dev.coreTxDropped++;
    for (let piece = this.rest; piece !== null; ) {
      const next: Skb | null = piece.next;
      piece.next = null;
      piece.slabs.free(piece, Drop.QueueStopped);
      piece = next;
    }
    this.rest = null;
    return this.kernel.noqueueXoffDrops ? XMIT_DROP : -ENETDOWN;
  }

  /** They go first when the txq can take them. Always false: the driver was busy. Linux: dev_requeue_skb(). */
  private requeueRest(q: Qdisc): boolean {
    let skb = this.rest;
    this.rest = null;
    while (skb !== null) {
      const next: Skb | null = skb.next;
      skb.next = null;
      if (q.active) {
        q.held.push(skb);
        q.requeues++;
        q.qlen++;
        q.backlog += packetLen(skb);
      } else skb.slabs.free(skb, Drop.DeviceDown); // deactivated while the driver had it: nobody would come back for it
      skb = next;
    }
    if (q.active) this.kernel.softirq.schedule(q);
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

/** The txq that the frame says. Linux: netdev_tx_queue_mapping(). */
function mapped(skb: Skb, dev: NetDevice): TxQueue {
  return dev.txq[skb.queue < dev.realNumTxQueues ? skb.queue : 0];
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
