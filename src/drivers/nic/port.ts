// One physical port: rings, filter, steering and the end of a cable. The line is shared by the tx rings in turn, one frame
// each; it is taken one frame ahead at most, so that a ring that fills does not delay the others. Everything between
// startXmit and the far port's poll happens here. Linux: the hot half of an Ethernet driver, e.g. ixgbe_main.c.

import type { Stream } from '../../base/random.ts';
import { Drop, type DropReason } from '../../net/drop.ts';
import { TX_BUSY, TX_OK, XOFF_DRV } from '../../net/flags.ts';
import type { Kernel } from '../../net/kernel.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { CSUM_NONE, type Skb } from '../../net/skb.ts';
import { wakeTxQueue } from '../../net/tx.ts';
import type { CableEnd } from '../../sim/cable.ts';
import { macIsMulticast } from '../../wire/ethernet.ts';
import { Counts } from './counts.ts';
import { RxFilter } from './filter.ts';
import { BUDGET, RxRing } from './rx-ring.ts';
import type { Stations } from './stations.ts';
import { Rss } from './steering.ts';
import { staysInside, takenByStation } from './switching.ts';
import { TxRing } from './tx-ring.ts';
import { Vsi } from './vsi.ts';
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
  /** Byte queue limits on every txq. */
  bql: boolean;
  /** The kernel's name of the driver's transmit function, for traces. */
  xmitName: string;
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
  /** The port's own inner port of the switch. */
  own: Vsi;
  /** Upperdevs that it carries; null: the family has no such offload. */
  stations: Stations | null = null;
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
  /** Rings with frames that wait for the line, each once, in turn: a ring buffer of their numbers. */
  private readonly turns: Int16Array;
  private turnHead = 0;
  private turnCount = 0;
  /** Frames between two inner ports of the switch. */
  private inside = 0;

  constructor(dev: NetDevice, options: PortOptions) {
    this.dev = dev;
    this.kernel = dev.core.kernel;
    this.timing = options.timing;
    this.jitter = options.jitter;
    this.options = options;
    this.filter = new RxFilter(options.unicastFilters);
    this.rss = new Rss(dev.realNumRxQueues);
    const all = { offset: 0, count: dev.realNumRxQueues };
    this.own = new Vsi(0, null, all, all);
    this.turns = new Int16Array(dev.txq.length);
    this.makeRings(options.txRing, options.rxRing);
  }

  private makeRings(txCount: number, rxCount: number): void {
    const { descNeeded, bql } = this.options;
    for (const [i, txq] of this.dev.txq.entries()) this.tx[i] = new TxRing(txq, txCount, descNeeded, bql);
    for (let i = 0; i < this.dev.numRxQueues; i++) this.rx[i] = new RxRing(this, i, rxCount);
  }

  /** New rings in place of the old ones, whose frames end; what waits in the qdiscs goes on. */
  resize(txCount: number, rxCount: number): void {
    this.drain(Drop.DeviceDown);
    this.makeRings(txCount, rxCount);
    this.stations?.ringsRenewed();
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

  /** Queues 0..count are the port's own. */
  setOwn(count: number): void {
    const range = { offset: 0, count };
    this.own = new Vsi(0, null, range, range);
    this.rss.spread(count);
  }

  /** The queues are dealt out anew: what is in them ends. `restart`: the link goes and comes back. */
  rearrange(restart: boolean, change: () => void): void {
    const { running } = this;
    if (restart && running) this.stop();
    else this.drain(Drop.DeviceDown);
    change();
    if (restart && running) this.start();
    else this.wakeAll();
  }

  private wakeAll(): void {
    for (const txq of this.dev.txq) {
      txq.state &= ~XOFF_DRV;
      this.kernel.softirq.schedule(txq.qdisc);
    }
  }

  /** A station gets its rings. `onUpper`: they stop the upperdev's txq. */
  lend(vsi: Vsi, onUpper: boolean): void {
    const { offset, count } = vsi.tx;
    for (let i = offset; i < offset + count; i++) this.drainRing(this.tx[i], Drop.DeviceDown);
    for (let i = offset; i < offset + count; i++) {
      this.tx[i].vsi = vsi;
      if (onUpper) this.tx[i].lend((vsi.upper as NetDevice).txq[0]);
    }
  }

  /** Frames in them end, and whoever was stopped goes on. */
  takeBack(vsi: Vsi): void {
    const { offset, count } = vsi.tx;
    for (let i = offset; i < offset + count; i++) {
      const ring = this.tx[i];
      this.drainRing(ring, Drop.DeviceDown);
      wakeTxQueue(ring.txq);
      ring.lend(null);
      ring.vsi = null;
    }
    if (count > 0) for (let i = vsi.rx.offset; i < vsi.rx.offset + vsi.rx.count; i++) this.rx[i].drain(Drop.DeviceDown);
  }

  private drainRing(ring: TxRing, reason: DropReason): void {
    this.waiting -= ring.waiting;
    ring.drain(this.kernel.loop.now, reason);
  }

  /** Up: the link comes when the driver's service work has seen to it, so after open has returned. */
  start(): void {
    this.running = true;
    this.stations?.opened();
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
      for (const ring of this.tx) ring.txq.state &= ~XOFF_DRV; // they are empty. Linux: netif_tx_wake_all_queues()
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
    n += this.inside;
    for (const ring of this.tx) n += ring.held;
    for (const ring of this.rx) n += ring.length;
    return n;
  }

  /** Takes the frame unless it is TX_BUSY. */
  transmit(skb: Skb): number {
    const ring = this.tx[skb.queue];
    const trace = this.kernel.trace;
    if (trace.step !== null) trace.step(this.options.xmitName, skb, this.dev);
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
    if (this.waiting === 1 && this.end.busyUntilNs <= this.kernel.loop.now + this.timing.txNs) {
      this.putOnLine(ring);
    } else {
      if (!ring.inTurn) this.queueTurn(skb.queue);
      this.askForFetch();
    }
    return TX_OK;
  }

  /** The line is free again: the next ring's frame. */
  fetch(): void {
    this.fetching = false;
    if (this.waiting === 0) return;
    while (this.turnCount > 0) {
      const index = this.turns[this.turnHead];
      this.turnHead = this.turnHead + 1 === this.turns.length ? 0 : this.turnHead + 1;
      this.turnCount--;
      const ring = this.tx[index];
      ring.inTurn = false;
      if (ring.waiting === 0) continue; // emptied meanwhile
      this.putOnLine(ring);
      if (ring.waiting > 0) this.queueTurn(index);
      break;
    }
    if (this.waiting > 0) this.askForFetch();
  }

  /** The ring has its turn after those that wait already. */
  private queueTurn(index: number): void {
    let at = this.turnHead + this.turnCount;
    if (at >= this.turns.length) at -= this.turns.length;
    this.tx[index].inTurn = true;
    this.turns[at] = index;
    this.turnCount++;
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
      if (
        this.stations !== null &&
        this.stations.fabric.all.length > 0 &&
        staysInside(this, this.stations, ring, skb, wait, pieces)
      ) {
        // went to another inner port
      } else if (pieces === 1) end.send(skb, skb.len, wait);
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

  /** Takes the frame to another inner port, in `waitNs`; negative: it was ready before. */
  passInside(skb: Skb, to: Vsi, waitNs: number): void {
    this.inside++;
    to.loopPackets++;
    skb.cbRef = to;
    this.kernel.loop.post(waitNs > 0 ? waitNs : 0, runInside, this as NicPort, skb);
  }

  /** A frame from inside is here. */
  arriveInside(skb: Skb): void {
    this.inside--;
    const to = skb.cbRef as Vsi;
    skb.cbRef = null;
    if (!this.running || !to.live) {
      skb.slabs.free(skb, Drop.DeviceDown);
      return;
    }
    freshOffTheLine(skb);
    this.store(skb, to.upper === null ? this.own : to);
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
    if (this.stations !== null && this.stations.fabric.all.length > 0 && takenByStation(this, this.stations, skb))
      return;
    if (!this.filter.accepts(dev, skb.bytes, skb.off)) {
      this.filtered++;
      if (this.kernel.trace.step !== null) this.kernel.trace.step('nic_rx_filter', skb, dev);
      skb.slabs.free(skb, Drop.None);
      return;
    }
    this.store(skb, this.own);
  }

  /** Into a receive ring of an inner port, and the interrupt asked for. Takes it. */
  store(skb: Skb, vsi: Vsi): void {
    const onUpper = vsi.upper !== null && (this.stations as Stations).profile.rxOnUpper;
    const ring = this.rx[vsi.upper === null ? this.rss.queue(skb) : vsi.rxQueue(skb)];
    vsi.rxPackets++;
    skb.dev = onUpper ? vsi.upper : null;
    if (!ring.store(skb)) {
      this.dev.stats.rxMissedErrors++;
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
      if (skb.dev !== null) {
        this.receiveOn(skb.dev, skb, len, pieces);
        continue;
      }
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

  /** A station's frame: straight to the upperdev, which counts it. Linux: ixgbe_process_skb_fields(), macvlan_count_rx(). */
  private receiveOn(upper: NetDevice, skb: Skb, len: number, pieces: number): void {
    if (!upper.running) {
      skb.slabs.free(skb, Drop.DeviceDown);
      return;
    }
    const { stats } = upper;
    stats.rxPackets += pieces;
    stats.rxBytes += len;
    if (macIsMulticast(skb.bytes, skb.off)) stats.multicast += pieces;
    if (!this.rxCsum) skb.ipSummed = CSUM_NONE;
    skb.tstampNs = this.kernel.loop.now;
    const rx = this.kernel.rx;
    rx.ethTypeTrans(skb, upper);
    rx.netifReceiveSkb(skb);
  }
}

function runInside(port: NicPort, skb: Skb): void {
  port.arriveInside(skb);
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
