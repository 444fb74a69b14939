// bfifo: one queue, at most `limit` bytes (default: txqueuelen full-sized frames). Linux: net/sched/sch_fifo.c.

import { packetLen, type Qdisc, type QdiscOps } from '../net/qdisc.ts';
import type { Skb } from '../net/skb.ts';
import { type Fifo, fifoAppend, fifoRefuse, limitOf, makeFifo } from './fifo.ts';

export const bfifo: QdiscOps = {
  kind: 'bfifo',
  create(dev, txq, options) {
    const q = makeFifo('bfifo', dev, txq, enqueue);
    const frame = dev.mtu + dev.hardHeaderLen; // psched_mtu()
    setLimit(q, options === null ? Math.max(dev.txQueueLen, 1) * frame : limitOf(options));
    return q;
  },
  change(q, options) {
    setLimit(q, limitOf(options));
  },
};

function setLimit(q: Qdisc, limit: number): void {
  (q.priv as Fifo).limit = limit;
  q.canBypass = limit >= q.dev.mtu + q.dev.hardHeaderLen;
}

function enqueue(skb: Skb, q: Qdisc): number {
  return q.backlog + packetLen(skb) <= (q.priv as Fifo).limit ? fifoAppend(skb, q) : fifoRefuse(skb, q);
}
