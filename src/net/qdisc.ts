// What a queueing discipline is to the core, and the two that the core itself needs: noop (drops) and noqueue (has no
// queue at all). The others live in sched/. Linux: struct Qdisc, net/sched/sch_generic.c.

import { Drop } from './drop.ts';
import { XMIT_CN } from './flags.ts';
import type { NetDevice, TxQueue } from './netdev.ts';
import type { Skb } from './skb.ts';

/** One queueing discipline on a txq (or the root over several). Behaviour in fields, state in `priv`. */
export class Qdisc {
  readonly kind: string;
  readonly dev: NetDevice;
  /** The txq that it feeds; null for a root over several (mq). */
  readonly txq: TxQueue | null;
  /** Major:minor as tc shows it; 0: assigned by the kernel by default. */
  handle = 0;
  parent = 0xffffffff;
  /** Takes a frame: XMIT_SUCCESS, XMIT_DROP or XMIT_CN. null: the device sends directly (noqueue). */
  enqueue: ((skb: Skb, q: Qdisc) => number) | null = null;
  dequeue: ((q: Qdisc) => Skb | null) | null = null;
  reset: ((q: Qdisc) => void) | null = null;
  destroy: ((q: Qdisc) => void) | null = null;
  /** RTM_NEWQDISC's TCA_OPTIONS, when the kind has any. */
  dump: ((q: Qdisc) => Uint8Array | null) | null = null;
  /** An empty one may be bypassed straight to the driver. Linux: TCQ_F_CAN_BYPASS. */
  canBypass = false;
  builtin = false;
  qlen = 0;
  backlog = 0;
  /** Sent. */
  packets = 0;
  bytes = 0;
  drops = 0;
  overlimits = 0;
  requeues = 0;
  /** Frames that the driver gave back; they go out first. Linux: q->gso_skb. */
  held: Skb | null = null;
  heldTail: Skb | null = null;
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

/** A kind of qdisc: one file in sched/, one line in its catalogue. */
export interface QdiscOps {
  readonly kind: string;
  /** Makes one; `options` are TCA_OPTIONS bytes or null for defaults. Throws NlError-like refusals. */
  create(dev: NetDevice, txq: TxQueue | null, options: Uint8Array | null): Qdisc;
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
  q.builtin = true;
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

/** Ends all that a qdisc holds for requeue, then what it queues. Linux: qdisc_reset(). */
export function qdiscReset(q: Qdisc): void {
  while (q.held !== null) {
    const skb: Skb = q.held;
    q.held = skb.next;
    skb.slabs.free(skb, Drop.DeviceDown);
  }
  q.heldTail = null;
  if (q.reset !== null) q.reset(q);
  q.qlen = 0;
  q.backlog = 0;
}
