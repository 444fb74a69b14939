// One physical port: rings, filter, steering and the end of a cable. The line is shared by the tx rings in turn, one frame
// each; it is taken one frame ahead at most, so that a ring that fills does not delay the others. Everything between
// startXmit and the far port's poll happens here. Linux: the hot half of an Ethernet driver, e.g. ixgbe_main.c.

import type { Stream } from '../../base/random.ts';
import { Drop, type DropReason } from '../../net/drop.ts';
import { TX_BUSY, TX_OK, XOFF_DRV } from '../../net/flags.ts';
import type { Kernel } from '../../net/kernel.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { CSUM_NONE, type Skb } from '../../net/skb.ts';
import type { CableEnd } from '../../sim/cable.ts';
import { Counts } from './counts.ts';
import { RxFilter } from './filter.ts';
import { BUDGET, RxRing } from './rx-ring.ts';
import { Rss } from './steering.ts';
import { TxRing } from './tx-ring.ts';
import { finishForWire, framesOnLine, freshOffTheLine, lineBytesOf } from './wire-offload.ts';

/** Interrupt of a ring that fills, whatever the moderation. */
const HURRY_NS = 2_000;

/** How long this port takes: kernel.timing, unless the port is no host's. */
export interface PortTiming {
  txNs: number;
  irqNs: number;
  irqSpreadNs: number;
}

export interface PortOptions {
  txRing: number;
  rxRing: number;
  descNeeded: number;
  unicastFilters: number;
  speedBps: number;
  timing: PortTiming;
  /** Where the spread of the interrupts comes from: a stream of this port's own. */
  jitter: Stream;
}

export class NicPort {
  readonly dev: NetDevice;
  readonly kernel: Kernel;
  readonly timing: PortTiming;
  readonly tx: TxRing[] = [];
  readonly rx: RxRing[] = [];
  readonly filter: RxFilter;
  readonly rss: Rss;
  readonly sent = new Counts();
  readonly received = new Counts();
  /** The cable's end, once one is plugged in. */
  end: CableEnd<Skb> | null = null;
  running = false;
  /** Checksums of received frames are believed: F_RXCSUM, out of the bigint. */
  rxCsum = false;
  link = false;
  linkChanges = 0;
  /** Frames for somebody else, kept out by the hardware. */
  filtered = 0;
  /** Sent without a link; longer than this port receives. */
  droppedNoLink = 0;
  tooLong = 0;
  private readonly jitter: Stream;
  private readonly options: PortOptions;
  private waiting = 0;
  private fetching = false;
  private turn = 0;

  constructor(dev: NetDevice, options: PortOptions) {
    this.dev = dev;
    this.kernel = dev.core.kernel;
    this.timing = options.timing;
    this.jitter = options.jitter;
    this.options = options;
    this.filter = new RxFilter(options.unicastFilters);
    this.rss = new Rss(dev.realNumRxQueues);
    this.makeRings(options.txRing, options.rxRing);
  }

  private makeRings(txCount: number, rxCount: number): void {
    for (const [i, txq] of this.dev.txq.entries()) this.tx[i] = new TxRing(txq, txCount, this.options.descNeeded);
    for (let i = 0; i < this.dev.numRxQueues; i++) this.rx[i] = new RxRing(this, i, rxCount);
  }

  /** New rings in place of the old ones, whose frames end; what waits in the qdiscs goes on. */
  resize(txCount: number, rxCount: number): void {
    this.drain(Drop.DeviceDown);
    this.makeRings(txCount, rxCount);
    for (const txq of this.dev.txq) {
      txq.state &= ~XOFF_DRV;
      this.kernel.softirq.schedule(txq.qdisc);
    }
  }

  /** Plugs a cable in. */
  plug(end: CableEnd<Skb>): void {
    this.end = end;
    end.owner = this;
    end.arrive = arrive as (owner: unknown, skb: Skb) => void;
    end.lost = lost;
    end.linkChanged = linkChanged as (owner: unknown, on: boolean) => void;
  }

  /** Up: the link comes when the driver's service work has seen to it, so after open has returned. */
  start(): void {
    this.running = true;
    if (this.end !== null) this.kernel.loop.after(this.kernel.timing.workNs, runLinkUp, this as NicPort, 0);
  }

  linkUp(): void {
    if (this.running && this.end !== null) this.end.setUp(true);
  }

  stop(): void {
    this.running = false;
    if (this.end !== null) this.end.setUp(false);
    this.setLink(false);
    this.drain(Drop.DeviceDown);
  }

  private drain(reason: DropReason): void {
    this.drainTx(reason);
    for (const ring of this.rx) ring.drain(reason);
  }

  setLink(on: boolean): void {
    if (this.link === on) return;
    this.link = on;
    this.linkChanges++;
    this.dev.speed = on ? this.lineSpeed() : 0;
    if (on) {
      for (const txq of this.dev.txq) txq.state &= ~XOFF_DRV; // the rings are empty. Linux: netif_tx_wake_all_queues()
      this.kernel.linkWatch.carrierOn(this.dev);
    } else {
      this.kernel.linkWatch.carrierOff(this.dev);
      this.drainTx(Drop.NoCarrier);
    }
  }

  /** In Mbit/s: the cable's rate, or the port's own when the cable sets no limit. */
  private lineSpeed(): number {
    const rate = this.end === null ? 0 : this.end.cable.rateBps;
    return Math.round((rate === 0 ? this.options.speedBps : rate) / 1e6);
  }

  private drainTx(reason: DropReason): void {
    for (const ring of this.tx) ring.drain(this.kernel.loop.now, reason);
    this.waiting = 0;
  }

  /** Frames that this port or the line out of it holds: for checkers. */
  get held(): number {
    let n = this.end === null ? 0 : this.end.inFlight;
    for (const ring of this.tx) n += ring.held;
    for (const ring of this.rx) n += ring.length;
    return n;
  }

  /** Takes the frame unless it is TX_BUSY. */
  transmit(skb: Skb): number {
    const ring = this.tx[skb.queue];
    if (!this.link || this.end === null) {
      this.droppedNoLink++;
      this.dev.stats.txCarrierErrors++;
      this.dev.stats.txErrors++;
      skb.slabs.free(skb, Drop.NoCarrier);
      return TX_OK;
    }
    if (!ring.post(skb, this.timing.txNs, framesOnLine(skb))) return TX_BUSY;
    if (ring.used * 2 >= ring.count && ring.interrupt !== 0) this.hurryCompletion(ring);
    this.waiting++;
    if (this.waiting === 1 && this.end.busyUntilNs <= this.kernel.loop.now + this.timing.txNs) this.putOnLine(ring);
    else this.askForFetch();
    return TX_OK;
  }

  /** The line is free again: the next ring's frame. */
  fetch(): void {
    this.fetching = false;
    if (this.waiting === 0) return;
    const rings = this.tx;
    for (let n = rings.length; n > 0; n--) {
      this.turn = this.turn + 1 >= rings.length ? 0 : this.turn + 1;
      if (rings[this.turn].waiting === 0) continue;
      this.putOnLine(rings[this.turn]);
      break;
    }
    if (this.waiting > 0) this.askForFetch();
  }

  private askForFetch(): void {
    if (this.fetching || this.end === null) return;
    this.fetching = true;
    const now = this.kernel.loop.now;
    const free = this.end.busyUntilNs;
    this.kernel.loop.post(free > now ? free - now : 0, runFetch, this as NicPort, 0);
  }

  private putOnLine(ring: TxRing): void {
    const end = this.end as CableEnd<Skb>;
    const wait = ring.readyIn;
    const skb = ring.fetch();
    this.waiting--;
    if (!finishForWire(skb)) {
      skb.slabs.free(skb, Drop.NoMemory);
    } else {
      const pieces = framesOnLine(skb);
      this.sent.count(skb, skb.len, pieces);
      const stats = this.dev.stats;
      stats.txPackets += pieces;
      stats.txBytes += skb.len;
      if (pieces === 1) end.send(skb, skb.len, wait);
      else end.sendLine(skb, skb.len, lineBytesOf(skb, pieces), wait);
      ring.leaves(end);
    }
    if (!ring.armed) this.armCompletion(ring, end.busyUntilNs - this.kernel.loop.now);
  }

  private hurryCompletion(ring: TxRing): void {
    if (!this.kernel.loop.cancel(ring.interrupt)) return;
    const delay = HURRY_NS < this.timing.irqNs ? HURRY_NS : this.timing.irqNs;
    this.kernel.loop.after(delay, runCompletion as (r: TxRing, p: NicPort) => void, ring, this as NicPort);
    ring.interrupt = 0;
  }

  /** The interrupt for frames that leave in `leavesNs`. */
  private armCompletion(ring: TxRing, leavesNs: number): void {
    ring.armed = true;
    const loop = this.kernel.loop;
    loop.post((leavesNs > 0 ? leavesNs : 0) + this.timing.irqNs, runCompletion, ring, this as NicPort);
    ring.interrupt = loop.lastId;
  }

  completion(ring: TxRing): void {
    ring.armed = false;
    ring.interrupt = 0;
    const left = ring.complete();
    if (left >= 0) this.armCompletion(ring, left);
  }

  /** A frame's last bit came in. Takes it. */
  arrive(skb: Skb): void {
    freshOffTheLine(skb);
    const dev = this.dev;
    if (!this.running || !this.link) {
      skb.slabs.free(skb, Drop.NoCarrier);
      return;
    }
    if (skb.gsoSize === 0 && skb.len > dev.mtu + 18) {
      this.tooLong++;
      dev.stats.rxLengthErrors++;
      dev.stats.rxErrors++;
      skb.slabs.free(skb, Drop.TooBig);
      return;
    }
    if (!this.filter.accepts(dev, skb.bytes, skb.off)) {
      this.filtered++;
      if (this.kernel.trace.step !== null) this.kernel.trace.step('nic_rx_filter', skb, dev);
      skb.slabs.free(skb, Drop.None);
      return;
    }
    const ring = this.rx[this.rss.queue(skb)];
    if (!ring.store(skb)) {
      dev.stats.rxMissedErrors++;
      return;
    }
    if (!ring.scheduled) {
      ring.scheduled = true;
      const spread = this.timing.irqSpreadNs;
      const delay = this.timing.irqNs + (spread > 0 ? this.jitter.below(spread) : 0);
      this.kernel.loop.post(delay, runPoll, ring, 0);
      ring.interrupt = this.kernel.loop.lastId;
    } else if (ring.length * 2 === ring.count && ring.interrupt !== 0) this.hurry(ring);
  }

  /** Half full: moderation that adapts has shortened its delay by then. Linux: net_dim(), ixgbe_update_itr(). */
  private hurry(ring: RxRing): void {
    if (!this.kernel.loop.cancel(ring.interrupt)) return;
    const delay = HURRY_NS < this.timing.irqNs ? HURRY_NS : this.timing.irqNs;
    this.kernel.loop.after(delay, runPoll, ring, 0);
    ring.interrupt = 0;
  }

  /** Up to a budget of frames; what is left is polled again at once, after whatever else is due. Linux: net_rx_action(). */
  poll(ring: RxRing): void {
    ring.interrupt = 0;
    const dev = this.dev;
    const stats = dev.stats;
    const rx = this.kernel.rx;
    for (let n = BUDGET; n > 0 && ring.length > 0; n--) {
      const skb = ring.take();
      const len = skb.len;
      const pieces = framesOnLine(skb);
      ring.packets += pieces;
      ring.bytes += len;
      stats.rxPackets += pieces;
      stats.rxBytes += len;
      if (this.received.count(skb, len, pieces)) stats.multicast += pieces;
      if (!this.rxCsum) skb.ipSummed = CSUM_NONE;
      skb.rxQueue = ring.index + 1;
      skb.tstampNs = this.kernel.loop.now;
      rx.ethTypeTrans(skb, dev);
      rx.netifReceiveSkb(skb);
    }
    if (ring.length > 0) this.kernel.loop.post(0, runPoll, ring, 0);
    else ring.scheduled = false;
  }
}

function arrive(port: NicPort, skb: Skb): void {
  port.arrive(skb);
}

function lost(_port: unknown, skb: Skb): void {
  skb.slabs.free(skb, Drop.CableLoss);
}

function linkChanged(port: NicPort, on: boolean): void {
  port.setLink(on);
}

function runLinkUp(port: NicPort): void {
  port.linkUp();
}

function runFetch(port: NicPort): void {
  port.fetch();
}

function runCompletion(ring: TxRing, port: NicPort): void {
  port.completion(ring);
}

function runPoll(ring: RxRing): void {
  (ring.port as NicPort).poll(ring);
}
