// The kinds of qdisc there are, and which of them a device gets by default. A new kind costs its file and one line here.
// noqueue and noop are the core's own. Linux: register_qdisc(); net/sched/sch_generic.c, attach_default_qdiscs().

import type { Kernel } from '../net/kernel.ts';
import type { NetDevice } from '../net/netdev.ts';
import { makeNoop, makeNoqueue, type Qdisc, type QdiscOps, ROOT } from '../net/qdisc.ts';
import { bfifo } from './bfifo.ts';
import { clsact, ingress } from './clsact.ts';
import { fqCodel } from './fq-codel.ts';
import { mq } from './mq.ts';
import { pfifo } from './pfifo.ts';
import { pfifoFast } from './pfifo-fast.ts';
import { prio } from './prio.ts';
import { tbf } from './tbf.ts';

export const qdiscs: readonly QdiscOps[] = [
  { kind: 'noop', create: makeNoop },
  { kind: 'noqueue', create: makeNoqueue },
  pfifoFast,
  pfifo,
  bfifo,
  fqCodel,
  tbf,
  prio,
  mq,
  clsact,
  ingress,
];

/** The sysctl that names the default. Global: it lives in the first namespace. */
export const DEFAULT_QDISC = 'net/core/default_qdisc';
/** What Linux is built with unless its distribution says otherwise. Linux: CONFIG_DEFAULT_NET_SCH. */
const BUILT_IN = 'pfifo_fast';

/** Fills the kernel's catalogue of qdiscs and its doors for default ones. */
export function attachSched(kernel: Kernel): void {
  for (const ops of qdiscs) kernel.qdiscKinds.set(ops.kind, ops);
  kernel.hooks.defaultQdisc = (dev, attach) => attachDefault(kernel, dev, attach);
  kernel.hooks.leafQdisc = (dev, txq, place) => {
    const q = defaultOps(kernel).create(dev, txq, null, place);
    q.handle = place.handle;
    q.parent = place.parent;
    return q;
  };
}

/** One qdisc, or mq, whose attach() gives one to each txq. Returns the root. Linux: attach_default_qdiscs(). */
function attachDefault(kernel: Kernel, dev: NetDevice, attach: (txq: number, q: Qdisc) => void): Qdisc {
  if (dev.txq.length > 1) {
    const root = mq.create(dev, null, null);
    root.attach?.(root);
    return root;
  }
  const q = defaultOps(kernel).create(dev, dev.txq[0], null, { handle: 0, parent: ROOT });
  attach(0, q);
  return q;
}

/** What the sysctl names, as far as it is a kind there is. */
function defaultOps(kernel: Kernel): QdiscOps {
  const name = kernel.namespaces.length > 0 ? kernel.namespaces[0].sysctl.get(DEFAULT_QDISC) : undefined;
  return kernel.qdiscKinds.get(name ?? BUILT_IN) ?? pfifoFast;
}
