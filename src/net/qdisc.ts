// What a queueing discipline is to the core, and the two that the core itself needs: noop (drops) and noqueue (has no
// queue at all). The others live in sched/. Linux: struct Qdisc, struct Qdisc_class_ops, net/sched/sch_generic.c.

import { Drop } from './drop.ts';
import { XMIT_CN } from './flags.ts';
import type { NetDevice, TxQueue } from './netdev.ts';
import { PacketQueue } from './packetqueue.ts';
import type { Skb } from './skb.ts';

/** The parent of a root, and of what hangs on the ingress hook. Linux: TC_H_ROOT, TC_H_INGRESS. */
export const ROOT = 0xffffffff;
export const INGRESS = 0xfffffff1;

/** One queueing discipline: on a txq, over all of a device, or in a class of another. Behaviour in fields, state in `priv`. */
export class Qdisc {
  readonly kind: string;
  readonly dev: NetDevice;
  /** The txq that it feeds, or the first of those that it feeds; null for one that queues nothing (mq, clsact). */
  readonly txq: TxQueue | null;
  /** Major:minor as tc shows it; 0: assigned by the kernel by default. */
  handle = 0;
  parent = ROOT;
  /** The qdisc in whose class it is. */
  up: Qdisc | null = null;
  /** Takes a frame: XMIT_SUCCESS, XMIT_DROP or XMIT_CN. null: the device sends directly (noqueue). */
  enqueue: ((skb: Skb, q: Qdisc) => number) | null = null;
  /** Gives the next frame, counted as sent (countSent). */
  dequeue: ((q: Qdisc) => Skb | null) | null = null;
  /** The frame that dequeue would give, if it can say so without dequeuing; null: it cannot (see peekFrame). */
  peek: ((q: Qdisc) => Skb | null) | null = null;
  reset: ((q: Qdisc) => void) | null = null;
  destroy: ((q: Qdisc) => void) | null = null;
  /** RTM_NEWQDISC's TCA_OPTIONS, when the kind has any; brings counters that are sums of others up to date. */
  dump: ((q: Qdisc) => Uint8Array | null) | null = null;
  /** TCA_STATS_APP, the kind's own counters. */
  dumpStats: ((q: Qdisc) => Uint8Array | null) | null = null;
  classes: QdiscClasses | null = null;
  /** Puts its children on the txqs when it has become the root (mq). */
  attach: ((q: Qdisc) => void) | null = null;
  /** An empty one may be bypassed straight to the driver. Linux: TCQ_F_CAN_BYPASS. */
  canBypass = false;
  /** noop: never shown, never run. Linux: TCQ_F_BUILTIN. */
  builtin = false;
  /** Hangs on the ingress queue. Linux: TCQ_F_INGRESS. */
  ingress = false;
  /** Not shown unless asked for. Linux: TCQ_F_INVISIBLE. */
  invisible = false;
  /** All its frames go to `txq`. Linux: TCQ_F_ONETXQUEUE. */
  oneTxq = true;
  /** Who holds it, as tc shows it. */
  refs = 1;
  qlen = 0;
  backlog = 0;
  /** Sent. */
  packets = 0;
  bytes = 0;
  drops = 0;
  overlimits = 0;
  requeues = 0;
  /** Frames that the driver gave back, or that were peeked at; they go out first. Linux: q->gso_skb. */
  readonly held = new PacketQueue();
  /** Frames that were dequeued for another txq than the one being filled. Linux: q->skb_bad_txq. */
  readonly badTxq = new PacketQueue();
  running = false;
  /** A later run is already asked for. */
  scheduled = false;
  active = true;
  priv: unknown = null;

  constructor(kind: string, dev: NetDevice, txq: TxQueue | null) {
    this.kind = kind;
    this.dev = dev;
    this.txq = txq;
  }
}

/** The classes of a qdisc. A class is a number of the kind's own choice; 0: none. Linux: struct Qdisc_class_ops. */
export interface QdiscClasses {
  find(q: Qdisc, classid: number): number;
  leaf(q: Qdisc, cl: number): Qdisc | null;
  /** Puts `fresh` into a class (null: what the kind has there by default) and gives what was there. */
  graft(q: Qdisc, cl: number, fresh: Qdisc | null): Qdisc | null;
  walk(q: Qdisc, visit: (cl: number) => void): void;
  show(q: Qdisc, cl: number): ClassView;
  /** Where filters of a class (0: of the qdisc itself) hang: sched's FilterBlock; absent or null: nowhere. */
  block?(q: Qdisc, cl: number): object | null;
  /** The txq that a qdisc in class `parent` would feed; absent: the parent's own. */
  selectQueue?(q: Qdisc, parent: number): TxQueue;
}

/** A class as RTM_NEWTCLASS shows it. */
export interface ClassView {
  readonly parent: number;
  readonly handle: number;
  /** Handle of the qdisc inside. */
  readonly info: number;
  /** Whose counters are its own, if anybody's. */
  readonly counts: Qdisc | null;
  readonly queue?: { readonly qlen: number; readonly backlog: number; readonly drops: number };
  readonly xstats?: Uint8Array;
}

/** What a new qdisc is told about its place. */
export interface Place {
  readonly handle: number;
  readonly parent: number;
}

/** A kind of qdisc: one file in sched/, one line in its catalogue. */
export interface QdiscOps {
  readonly kind: string;
  /** Makes one; `options` are TCA_OPTIONS bytes or null for defaults. Throws a Refusal. */
  create(dev: NetDevice, txq: TxQueue | null, options: Uint8Array | null, place?: Place): Qdisc;
  /** Changes options of a live one; absent: not changeable. */
  change?(q: Qdisc, options: Uint8Array): void;
}

export function makeNoop(dev: NetDevice, txq: TxQueue | null): Qdisc {
  const q = new Qdisc('noop', dev, txq);
  q.enqueue = noopEnqueue;
  q.dequeue = noopDequeue;
  q.builtin = true;
  return q;
}

export function makeNoqueue(dev: NetDevice, txq: TxQueue | null): Qdisc {
  const q = new Qdisc('noqueue', dev, txq);
  q.dequeue = noopDequeue;
  return q;
}

function noopEnqueue(skb: Skb, q: Qdisc): number {
  q.dev.coreTxDropped++;
  skb.slabs.free(skb, Drop.QdiscNoop);
  return XMIT_CN;
}

function noopDequeue(): Skb | null {
  return null;
}

/**
 * Bytes that a frame counts in a qdisc: those of a GSO frame include the headers that its segments will have.
 * Linux: qdisc_pkt_len_init().
 */
export function packetLen(skb: Skb): number {
  if (skb.gsoSize === 0 || skb.gsoSegs < 2 || skb.transport < 0) return skb.len;
  const tcp = (skb.gsoType & (GSO_TCPV4 | GSO_TCPV6)) !== 0;
  const header = skb.transport - skb.off + (tcp ? (skb.bytes[skb.transport + 12] >> 4) * 4 : 8);
  return skb.len + (skb.gsoSegs - 1) * header;
}

/** Linux: SKB_GSO_TCPV4, SKB_GSO_TCPV6. */
const GSO_TCPV4 = 1;
const GSO_TCPV6 = 16;

/** A frame leaves the qdisc for good: count it. Linux: qdisc_bstats_update(). */
export function countSent(q: Qdisc, skb: Skb): void {
  q.bytes += packetLen(skb);
  q.packets += skb.gsoSegs > 1 ? skb.gsoSegs : 1;
}

/** A frame that a qdisc does not take ends. Linux: qdisc_drop(). */
export function dropFrame(q: Qdisc, skb: Skb): void {
  q.drops++;
  skb.slabs.free(skb, Drop.QdiscFull);
}

/** Frames that a qdisc had told its parents of are gone. Linux: qdisc_tree_reduce_backlog(). */
export function reduceBacklog(q: Qdisc, n: number, bytes: number): void {
  for (let p = q.up; p !== null; p = p.up) {
    p.qlen -= n;
    p.backlog -= bytes;
    p.drops += n;
  }
}

/** Empties a qdisc that leaves its class, or shrinks. Linux: qdisc_purge_queue(). */
export function qdiscPurge(q: Qdisc): void {
  const { qlen, backlog } = q;
  qdiscReset(q);
  reduceBacklog(q, qlen, backlog);
}

/** The next frame, which stays inside. Linux: q->ops->peek, qdisc_peek_dequeued(). */
export function peekFrame(q: Qdisc): Skb | null {
  if (q.peek !== null) return q.peek(q);
  if (q.held.head === null) {
    const skb = (q.dequeue as (q: Qdisc) => Skb | null)(q);
    if (skb === null) return null;
    q.held.push(skb);
    q.qlen++;
    q.backlog += packetLen(skb);
  }
  return q.held.head;
}

/** Takes the frame that was peeked at. Linux: qdisc_dequeue_peeked(). */
export function takePeeked(q: Qdisc): Skb | null {
  const skb = q.held.shift();
  if (skb === null) return (q.dequeue as (q: Qdisc) => Skb | null)(q);
  q.qlen--;
  q.backlog -= packetLen(skb);
  return skb;
}

/** Ends all that a qdisc holds for requeue, then what it queues. Linux: qdisc_reset(). */
export function qdiscReset(q: Qdisc): void {
  q.held.purge(Drop.DeviceDown);
  q.badTxq.purge(Drop.DeviceDown);
  if (q.reset !== null) q.reset(q);
  q.qlen = 0;
  q.backlog = 0;
}

/** A qdisc goes: what it holds ends, and its children with it. Linux: qdisc_put() of the last holder. */
export function qdiscDestroy(q: Qdisc): void {
  const { qdiscs } = q.dev;
  const at = qdiscs.indexOf(q);
  if (at >= 0) qdiscs.splice(at, 1);
  qdiscReset(q);
  q.active = false;
  if (q.destroy !== null) q.destroy(q);
}

/** Makes a qdisc one of those that are found by their handle. Linux: qdisc_hash_add(). */
export function qdiscList(q: Qdisc, invisible = false): void {
  if (q.parent === ROOT || q.ingress) return;
  q.dev.qdiscs.unshift(q);
  q.invisible = invisible;
}
