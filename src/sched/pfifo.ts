// pfifo: one queue, at most `limit` packets (default: the device's txqueuelen). Linux: net/sched/sch_fifo.c.

import type { Qdisc, QdiscOps } from '../net/qdisc.ts';
import type { Skb } from '../net/skb.ts';
import { type Fifo, fifoAppend, fifoRefuse, limitOf, makeFifo } from './fifo.ts';

export const pfifo: QdiscOps = {
  kind: 'pfifo',
  create(dev, txq, options) {
    const q = makeFifo('pfifo', dev, txq, enqueue);
    setLimit(q, options === null ? Math.max(dev.txQueueLen, 1) : limitOf(options));
    return q;
  },
  change(q, options) {
    setLimit(q, limitOf(options));
  },
};

function setLimit(q: Qdisc, limit: number): void {
  (q.priv as Fifo).limit = limit;
  q.canBypass = limit >= 1;
}

function enqueue(skb: Skb, q: Qdisc): number {
  return q.qlen < (q.priv as Fifo).limit ? fifoAppend(skb, q) : fifoRefuse(skb, q);
}
