// mq: the root of a multi-queue device. Queues nothing itself: each txq has a child, and frames go straight to it.
// Its numbers are the sums of its children's, taken by refresh(). Linux: net/sched/sch_mq.c.

import { graftTxq, put } from '../net/dev-queues.ts';
import { Refusal } from '../net/linkops.ts';
import type { TxQueue } from '../net/netdev.ts';
import { Qdisc, type QdiscClasses, type QdiscOps, qdiscList, ROOT } from '../net/qdisc.ts';

const EOPNOTSUPP = 95;

const classes: QdiscClasses = {
  find: (q, classid) => {
    const n = classid & 0xffff;
    return n > q.dev.txq.length ? 0 : n;
  },
  leaf: (q, cl) => q.dev.txq[cl - 1].qdiscSleeping,
  graft: (q, cl, fresh) => {
    const { dev } = q;
    if (dev.up) dev.core.deactivate(dev);
    const old = graftTxq(dev, cl - 1, fresh);
    if (dev.up) dev.core.activate(dev);
    return old;
  },
  walk: (q, visit) => {
    for (let i = 1; i <= q.dev.txq.length; i++) visit(i);
  },
  show: (q, cl) => {
    const leaf = q.dev.txq[cl - 1].qdiscSleeping;
    return { parent: ROOT, handle: childParent(q, cl), info: leaf.handle, counts: leaf };
  },
  selectQueue: (q, parent) => q.dev.txq[(parent & 0xffff) - 1] ?? q.dev.txq[0],
};

export const mq: QdiscOps = {
  kind: 'mq',
  create(dev, _txq, _options, place = { handle: 0, parent: ROOT }) {
    if (place.parent !== ROOT || dev.txq.length <= 1) throw new Refusal(EOPNOTSUPP);
    const q = new Qdisc('mq', dev, null);
    q.handle = place.handle;
    q.dump = refresh;
    q.classes = classes;
    q.attach = attach;
    return q;
  },
};

/** Class of a txq's child under a root: `8001:1` is the first one's. Linux: TC_H_MAKE(sch->handle, ntx + 1). */
function childParent(root: Qdisc, cl: number): number {
  return ((root.handle & 0xffff0000) | cl) >>> 0;
}

/** The default qdisc on every txq. Linux: mq_attach(). */
function attach(root: Qdisc): void {
  for (const txq of root.dev.txq) {
    const child = childOf(root, txq);
    put(graftTxq(root.dev, txq.index, child));
    if (txq.index < root.dev.realNumTxQueues) qdiscList(child);
  }
}

function childOf(root: Qdisc, txq: TxQueue): Qdisc {
  const make = root.dev.core.kernel.hooks.leafQdisc;
  const q = make(root.dev, txq, { handle: 0, parent: childParent(root, txq.index + 1) });
  q.oneTxq = true;
  return q;
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
