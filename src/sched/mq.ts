// mq: the root of a multi-queue device. Queues nothing itself: each txq has a child, and frames go straight to it.
// Its numbers are the sums of its children's, taken by refresh(). Linux: net/sched/sch_mq.c.

import { Refusal } from '../net/linkops.ts';
import type { NetDevice, TxQueue } from '../net/netdev.ts';
import { Qdisc, type QdiscOps } from '../net/qdisc.ts';

const EOPNOTSUPP = 95;

export const mq: QdiscOps = {
  kind: 'mq',
  create(dev, txq) {
    if (txq !== null || dev.txq.length <= 1) throw new Refusal(EOPNOTSUPP);
    const q = new Qdisc('mq', dev, null);
    q.dump = refresh;
    return q;
  },
};

/** Class number of a txq's child under a root: `8001:1` is the first one's. Linux: TC_H_MAKE(sch->handle, ntx + 1). */
export function childParent(root: Qdisc, txq: TxQueue): number {
  return (((root.handle & 0xffff0000) | (txq.index + 1)) >>> 0) as number;
}

/** Makes the child of every txq and hands it to `attach`. */
export function attachChildren(
  root: Qdisc,
  dev: NetDevice,
  child: QdiscOps,
  attach: (txq: number, q: Qdisc) => void,
): void {
  for (let i = 0; i < dev.txq.length; i++) {
    const q = child.create(dev, dev.txq[i], null);
    q.parent = childParent(root, dev.txq[i]);
    attach(i, q);
  }
}

/** Sums up what the children count. It has no options. Linux: mq_dump(). */
function refresh(q: Qdisc): null {
  q.qlen = 0;
  q.backlog = 0;
  q.packets = 0;
  q.bytes = 0;
  q.drops = 0;
  q.overlimits = 0;
  q.requeues = 0;
  for (const txq of q.dev.txq) {
    const child = txq.qdiscSleeping;
    q.qlen += child.qlen;
    q.backlog += child.backlog;
    q.packets += child.packets;
    q.bytes += child.bytes;
    q.drops += child.drops;
    q.overlimits += child.overlimits;
    q.requeues += child.requeues;
  }
  return null;
}
