// A transmit ring: descriptors that the driver fills and the hardware empties in order. A frame is posted, put on the line,
// and completed by a moderated interrupt; until then its sender's buffer stays charged. Bound: `count` descriptors; when
// fewer than `descNeeded` are free the txq is stopped, and woken when twice that many are. Linux: struct ixgbe_ring,
// ixgbe_maybe_stop_tx(), ixgbe_clean_tx_irq().

import { assert } from '../../base/assert.ts';
import { Drop, type DropReason } from '../../net/drop.ts';
import { XOFF_DRV } from '../../net/flags.ts';
import type { TxQueue } from '../../net/netdev.ts';
import type { Skb, SkbOwner } from '../../net/skb.ts';
import { stopTxQueue, wakeTxQueue } from '../../net/tx.ts';
import type { CableEnd } from '../../sim/cable.ts';
import type { Loop } from '../../sim/loop.ts';
import { Bql, bqlCompleted, bqlReset, bqlSent } from './bql.ts';
import type { Vsi } from './vsi.ts';
import { descriptorsOf } from './wire-offload.ts';

/** A power of two. */
const FIRST_SLOTS = 32;

export class TxRing {
  /** Whose state and byte limits count: the port's own txq, or an upperdev's that the ring was lent to. */
  txq: TxQueue;
  /** null: the driver has no byte limits. */
  bql: Bql | null;
  /** The station that it carries; null: the port itself. */
  vsi: Vsi | null = null;
  private readonly home: TxQueue;
  private readonly homeBql: Bql | null;
  private readonly loop: Loop;
  readonly count: number;
  readonly descNeeded: number;
  /** Frames as the queue counts them: TSO-sized ones as what they become. */
  packets = 0;
  bytes = 0;
  /** Times that the queue was woken; that a frame came while it was full. */
  restarts = 0;
  busy = 0;
  /** Descriptors in use. */
  used = 0;
  /** Frames posted, not yet on the line. */
  waiting = 0;
  /** It has a place among those that wait for the line. */
  inTurn = false;
  /** A completion interrupt is on its way. */
  armed = false;
  /** Its event; 0: none, or it may not be hurried any more. */
  interrupt = 0;
  /** Room for what is in use, not for `count`: it doubles when it is full, and stays in the cache until then. */
  private slots = FIRST_SLOTS;
  private frames = new Array<Skb | null>(FIRST_SLOTS).fill(null);
  /** Who is told when a frame that is on the line completes, and of how much. */
  private owners = new Array<SkbOwner | null>(FIRST_SLOTS).fill(null);
  private truesizes = new Int32Array(FIRST_SLOTS);
  private lens = new Int32Array(FIRST_SLOTS);
  private pieces = new Int32Array(FIRST_SLOTS);
  private descs = new Uint8Array(FIRST_SLOTS);
  /** Ready for the line from then on; once on the line, when its last bit left. */
  private timeNs = new Float64Array(FIRST_SLOTS);
  private head = 0;
  private next = 0;
  private tail = 0;

  constructor(txq: TxQueue, count: number, descNeeded: number, limited: boolean) {
    assert(count > descNeeded, 'a tx ring smaller than one frame may need');
    this.txq = txq;
    this.home = txq;
    this.homeBql = limited ? new Bql() : null;
    this.bql = this.homeBql;
    txq.bql = this.bql;
    this.loop = txq.dev.core.kernel.loop;
    this.count = count;
    this.descNeeded = descNeeded;
    txq.priv = this; // for who shows byte_queue_limits
  }

  /**
   * From now on it stops and wakes another txq, and all rings of that txq share its byte limits; null: its own again. Only
   * while it is empty. Linux: tx_ring->netdev = vdev, before 4.18.
   */
  lend(txq: TxQueue | null): void {
    assert(this.used === 0, 'a tx ring with frames is lent');
    this.txq = txq ?? this.home;
    if (txq === null || this.homeBql === null) this.bql = this.homeBql;
    else {
      if (!(txq.bql instanceof Bql)) txq.bql = new Bql();
      this.bql = txq.bql as Bql;
    }
  }

  get free(): number {
    return this.count - this.used;
  }

  /** Frames whose bytes it keeps. */
  get held(): number {
    return this.frames.reduce((n, skb) => n + (skb === null ? 0 : 1), 0);
  }

  /** Bytes of frames that were posted and have not completed: for checkers. */
  get bytesHeld(): number {
    let n = 0;
    for (let i = this.head; i !== this.tail; i = (i + 1) & (this.slots - 1)) n += this.lens[i];
    return n;
  }

  /** Takes the frame, ready for the line in `delayNs`, and gives true, or stops the txq and gives false: NETDEV_TX_BUSY. */
  post(skb: Skb, delayNs: number, pieces: number): boolean {
    const descs = descriptorsOf(skb);
    if (this.free < descs + 3) {
      this.busy++;
      stopTxQueue(this.txq);
      return false;
    }
    const i = this.tail;
    this.frames[i] = skb;
    this.lens[i] = skb.len;
    this.pieces[i] = pieces;
    this.descs[i] = descs;
    this.timeNs[i] = this.loop.now + delayNs;
    this.tail = (i + 1) & (this.slots - 1);
    if (this.tail === this.head) this.grow();
    this.used += descs;
    this.waiting++;
    if (this.bql !== null) bqlSent(this.bql, this.txq, skb.len);
    if (this.free < this.descNeeded) stopTxQueue(this.txq);
    return true;
  }

  /** In how long the next frame is ready for the line. Only with frames waiting. */
  get readyIn(): number {
    return this.timeNs[this.next] - this.loop.now;
  }

  /** The next frame, to be put on the line. Its sender stays charged until it completes, so the ring keeps who that is. */
  fetch(): Skb {
    const i = this.next;
    const skb = this.frames[i] as Skb;
    this.next = (i + 1) & (this.slots - 1);
    this.waiting--;
    this.owners[i] = skb.owner;
    this.truesizes[i] = skb.truesize;
    skb.owner = null;
    this.frames[i] = null;
    return skb;
  }

  /** The frame fetched last leaves when the line out of `end` is free again. */
  leaves(end: CableEnd<Skb>): void {
    this.timeNs[(this.next - 1) & (this.slots - 1)] = end.busyUntilNs;
  }

  /** Gives back the descriptors of all that left by now. In how long the oldest of the rest leaves, or -1: none on the line. */
  complete(): number {
    const nowNs = this.loop.now;
    let bytes = 0;
    let onLine = this.onLine();
    while (onLine > 0 && this.timeNs[this.head] <= nowNs) {
      bytes += this.lens[this.head];
      this.packets += this.pieces[this.head];
      this.bytes += this.lens[this.head];
      this.pop(Drop.None);
      onLine--;
    }
    if (this.bql !== null) bqlCompleted(this.bql, this.txq, bytes);
    if (bytes > 0 && (this.txq.state & XOFF_DRV) !== 0 && this.free >= 2 * this.descNeeded) {
      this.restarts++;
      wakeTxQueue(this.txq);
    }
    return onLine > 0 ? this.timeNs[this.head] - nowNs : -1;
  }

  /** The port stops: all that is in the ring ends. */
  drain(nowNs: number, reason: DropReason): void {
    let onLine = this.onLine();
    while (this.head !== this.tail) this.pop(onLine-- > 0 ? Drop.None : reason);
    this.next = this.head;
    this.waiting = 0;
    if (this.bql !== null) bqlReset(this.bql, this.txq, nowNs);
  }

  /** Frames on the line. The room is never quite full, so head = next means none. */
  private onLine(): number {
    return (this.next - this.head) & (this.slots - 1);
  }

  /** Twice the room, the oldest frame first. */
  private grow(): void {
    const { slots, head, frames, owners, truesizes, lens, pieces, descs, timeNs } = this;
    const n = slots * 2;
    this.slots = n;
    this.frames = new Array<Skb | null>(n).fill(null);
    this.owners = new Array<SkbOwner | null>(n).fill(null);
    this.truesizes = new Int32Array(n);
    this.lens = new Int32Array(n);
    this.pieces = new Int32Array(n);
    this.descs = new Uint8Array(n);
    this.timeNs = new Float64Array(n);
    for (let i = 0; i < slots; i++) {
      const from = (head + i) & (slots - 1);
      this.frames[i] = frames[from];
      this.owners[i] = owners[from];
      this.truesizes[i] = truesizes[from];
      this.lens[i] = lens[from];
      this.pieces[i] = pieces[from];
      this.descs[i] = descs[from];
      this.timeNs[i] = timeNs[from];
    }
    this.next = (this.next - head) & (slots - 1);
    this.head = 0;
    this.tail = slots;
  }

  private pop(reason: DropReason): void {
    const i = this.head;
    const skb = this.frames[i];
    if (skb !== null) {
      this.frames[i] = null;
      skb.slabs.free(skb, reason);
    }
    const owner = this.owners[i];
    if (owner !== null) {
      this.owners[i] = null;
      owner.sentDone(this.truesizes[i]);
    }
    this.used -= this.descs[i];
    this.head = (i + 1) & (this.slots - 1);
  }
}
