// The backlog: frames that netif_rx() took, processed later in one softirq run. One CPU. Also the place where qdiscs
// that used up their quota run again. Bound: netdev_max_backlog frames and one; more are dropped and counted on the device.
// Linux: net/core/dev.c, enqueue_to_backlog(), process_backlog(), net_tx_action().

import { assert } from '../base/assert.ts';
import { Drop } from './drop.ts';
import { RX_DROP, RX_SUCCESS } from './flags.ts';
import type { Kernel } from './kernel.ts';
import type { NetDevice } from './netdev.ts';
import type { Qdisc } from './qdisc.ts';
import { CSUM_NONE, CSUM_UNNECESSARY, PKT_LOOPBACK, type Skb } from './skb.ts';

export class Softirq {
  /** Linux: net.core.netdev_max_backlog. */
  maxBacklog = 1000;
  private readonly kernel: Kernel;
  private head: Skb | null = null;
  private tail: Skb | null = null;
  private length = 0;
  /** What the present run took from the backlog and has still to do. Linux: sd->process_queue. */
  private taken: Skb | null = null;
  private takenLength = 0;
  private running = false;
  private raised = false;
  private readonly qdiscs: Qdisc[] = [];
  private qdiscsRaised = false;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  get backlog(): number {
    return this.length + this.takenLength;
  }

  /** Queues a received frame (skb.dev set). Takes it. Linux: netif_rx(). */
  netifRx(skb: Skb): number {
    const dev = skb.dev;
    if (dev === null || !dev.running) return this.refuse(skb, Drop.DeviceDown);
    if (this.length > this.maxBacklog) return this.refuse(skb, Drop.BacklogFull);
    if (this.kernel.trace.netifRx !== null) this.kernel.trace.netifRx(skb, dev);
    skb.next = null;
    if (this.tail === null) this.head = skb;
    else this.tail.next = skb;
    this.tail = skb;
    this.length++;
    if (!this.raised) {
      this.raised = true;
      this.kernel.loop.post(this.kernel.timing.softirqNs, runBacklog, this as Softirq, 0);
    }
    return RX_SUCCESS;
  }

  /** A copy of a packet to a group comes in again as PACKET_LOOPBACK. Borrows. Linux: dev_loopback_xmit(). */
  loopbackXmit(skb: Skb, dev: NetDevice): void {
    const copy = skb.slabs.clone(skb);
    copy.mac = copy.off;
    copy.net = copy.off;
    copy.dev = dev;
    copy.iif = dev.ifindex;
    copy.pktType = PKT_LOOPBACK;
    copy.cb0 = skb.cb0;
    if (copy.ipSummed === CSUM_NONE) copy.ipSummed = CSUM_UNNECESSARY;
    this.netifRx(copy);
  }

  /** What waits now; frames that come while it runs wait for the next run. Linux: net_rx_action(). */
  run(): void {
    assert(!this.running, 'the backlog is processed within its own processing');
    this.running = true;
    this.raised = false;
    this.taken = this.head;
    this.takenLength = this.length;
    this.head = null;
    this.tail = null;
    this.length = 0;
    for (;;) {
      const skb: Skb | null = this.taken;
      if (skb === null) break;
      this.taken = skb.next;
      this.takenLength--;
      skb.next = null;
      this.kernel.rx.netifReceiveSkb(skb);
    }
    this.running = false;
    if (this.length > 0 && !this.raised) {
      this.raised = true;
      this.kernel.loop.post(this.kernel.timing.softirqNs, runBacklog, this as Softirq, 0);
    }
  }

  /** A worker floods frame by frame: bottom halves run between two of them. */
  runNow(): void {
    if (this.length > 0 && !this.running) this.run();
  }

  /** Frames of a dying device end here. Linux: flush_backlog(). */
  flush(devGone: (skb: Skb) => boolean): void {
    // netif_receive_skb() ends those that a run has taken already: their device is no longer registered.
    let skb = this.head;
    this.head = null;
    this.tail = null;
    this.length = 0;
    while (skb !== null) {
      const next = skb.next;
      skb.next = null;
      if (devGone(skb)) skb.slabs.free(skb, Drop.DeviceGone);
      else {
        if (this.tail === null) this.head = skb;
        else (this.tail as Skb).next = skb;
        this.tail = skb;
        this.length++;
      }
      skb = next;
    }
  }

  /** Linux: __netif_schedule(). */
  schedule(q: Qdisc): void {
    if (q.scheduled) return;
    q.scheduled = true;
    this.qdiscs.push(q);
    if (this.qdiscsRaised) return;
    this.qdiscsRaised = true;
    this.kernel.loop.post(this.kernel.timing.softirqNs, runQdiscs, this as Softirq, 0);
  }

  /** Linux: net_tx_action(). */
  runQdiscs(): void {
    this.qdiscsRaised = false;
    const n = this.qdiscs.length;
    for (let i = 0; i < n; i++) {
      const q = this.qdiscs[i];
      q.scheduled = false;
      if (q.active) this.kernel.tx.qdiscRun(q);
    }
    this.qdiscs.copyWithin(0, n);
    this.qdiscs.length -= n;
    if (this.qdiscs.length > 0 && !this.qdiscsRaised) {
      this.qdiscsRaised = true;
      this.kernel.loop.post(this.kernel.timing.softirqNs, runQdiscs, this as Softirq, 0);
    }
  }

  private refuse(skb: Skb, reason: 3 | 2): number {
    if (skb.dev !== null) skb.dev.coreRxDropped++;
    skb.slabs.free(skb, reason);
    return RX_DROP;
  }
}

function runBacklog(s: Softirq): void {
  s.run();
}

function runQdiscs(s: Softirq): void {
  s.runQdiscs();
}
