// What pfifo and bfifo share: one queue, a limit in packets or in bytes, tail drop. Bound: the limit; a frame beyond it
// ends as QdiscFull and its sender is told XMIT_DROP. Linux: net/sched/sch_fifo.c.

import { Drop } from '../net/drop.ts';
import { XMIT_DROP, XMIT_SUCCESS } from '../net/flags.ts';
import { Refusal } from '../net/linkops.ts';
import type { NetDevice, TxQueue } from '../net/netdev.ts';
import { PacketQueue } from '../net/packetqueue.ts';
import { countSent, dropFrame, packetLen, Qdisc } from '../net/qdisc.ts';
import type { Skb } from '../net/skb.ts';

const EINVAL = 22;

/** State of a fifo. */
export class Fifo extends PacketQueue {
  limit = 0;
}

export function makeFifo(
  kind: string,
  dev: NetDevice,
  txq: TxQueue | null,
  enqueue: (skb: Skb, q: Qdisc) => number,
): Qdisc {
  const q = new Qdisc(kind, dev, txq);
  q.priv = new Fifo();
  q.enqueue = enqueue;
  q.dequeue = dequeue;
  q.peek = peek;
  q.reset = reset;
  q.dump = dump;
  return q;
}

/** struct tc_fifo_qopt of a limit. */
export function options(limit: number): Uint8Array {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, limit, true);
  return out;
}

/** struct tc_fifo_qopt: the limit. Linux: fifo_init(), "if (nla_len(opt) < sizeof(*ctl)) return -EINVAL". */
export function limitOf(options: Uint8Array): number {
  if (options.length < 4) throw new Refusal(EINVAL);
  return new DataView(options.buffer, options.byteOffset, 4).getUint32(0, true);
}

export function fifoAppend(skb: Skb, q: Qdisc): number {
  (q.priv as Fifo).push(skb);
  q.qlen++;
  q.backlog += packetLen(skb);
  return XMIT_SUCCESS;
}

export function fifoRefuse(skb: Skb, q: Qdisc): number {
  dropFrame(q, skb);
  return XMIT_DROP;
}

function dequeue(q: Qdisc): Skb | null {
  const skb = (q.priv as Fifo).shift();
  if (skb !== null) {
    q.qlen--;
    q.backlog -= packetLen(skb);
    countSent(q, skb);
  }
  return skb;
}

function peek(q: Qdisc): Skb | null {
  return q.held.head ?? (q.priv as Fifo).head;
}

function reset(q: Qdisc): void {
  (q.priv as Fifo).purge(Drop.DeviceDown);
}

function dump(q: Qdisc): Uint8Array {
  return options((q.priv as Fifo).limit);
}
