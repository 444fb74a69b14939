// RTM_NEWQDISC, RTM_DELQDISC, RTM_GETQDISC. A request puts a root qdisc on a device with one transmit queue, changes it
// or takes it away; classes and the children of mq are shown, not changed.
// Linux: net/sched/sch_api.c, tc_modify_qdisc(), tc_get_qdisc(), tc_dump_qdisc(), tc_fill_qdisc().

import { graft } from '../net/dev-queues.ts';
import type { NetDevice } from '../net/netdev.ts';
import { makeNoop, type Qdisc } from '../net/qdisc.ts';
import { closeAttr, encodeTo, openAttr } from '../netlink/attrs.ts';
import { NlError } from '../netlink/error.ts';
import { writeStruct } from '../netlink/struct.ts';
import type { Writer } from '../netlink/writer.ts';
import { RTM_DELQDISC, RTM_NEWQDISC } from '../uapi/msgtype.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../uapi/netlink.ts';
import { TC_H_ROOT, TCA, TCMSG, type TcMsg } from '../uapi/qdisc.ts';
import { RTNLGRP_TC } from '../uapi/rtnlgrp.ts';
import type { Dump } from './dump.ts';
import { notify } from './listeners.ts';
import type { Request } from './request.ts';
import type { Tb } from './tb.ts';

const KIND = 1;
const OPTIONS = 2;
const DUMP_INVISIBLE = 10;
/** A qdisc of a device: itself and its txq hold it. */
const REFCNT = 2;
const AUTO_FIRST = 0x80010000;
const MINOR = 0x10000;

interface Asked {
  readonly req: Request;
  readonly tcm: TcMsg;
  readonly tb: Tb;
  readonly dev: NetDevice;
}

function asked(req: Request): Asked {
  const tb = req.parse(TCMSG, TCA);
  const tcm = req.header(TCMSG);
  const dev = req.ns.devByIndex(tcm.ifindex);
  if (dev === null) throw new NlError('ENODEV');
  return { req, tcm, tb, dev };
}

export function newQdisc(req: Request): void {
  const a = asked(req);
  const q = toBeChanged(a);
  if (q === null) {
    create(a);
    return;
  }
  if ((req.flags & NLM_F_EXCL) !== 0) throw new NlError('EEXIST', 'Exclusivity flag on, cannot modify');
  if (a.tb.has(KIND) && a.tb.text(KIND) !== q.kind) throw new NlError('EINVAL', 'Invalid qdisc name');
  change(a, q);
}

/** The qdisc that the request changes; null: it asks for a new one. Linux: the first half of tc_modify_qdisc(). */
function toBeChanged(a: Asked): Qdisc | null {
  const { tcm, tb, dev, req } = a;
  const { flags } = req;
  if (tcm.parent === 0) {
    if (tcm.handle === 0) throw new NlError('EINVAL', 'Handle cannot be zero');
    const q = byHandle(dev, tcm.handle);
    if (q === null) throw new NlError('ENOENT', 'Specified qdisc not found');
    return q;
  }
  const root = rootOf(a);
  const q = root.handle === 0 ? null : root; // a default one is nobody's
  if (q !== null && tcm.handle !== 0 && q.handle === tcm.handle) return q;
  if (tcm.handle !== 0) {
    if (q !== null && (flags & NLM_F_REPLACE) === 0) throw new NlError('EEXIST', 'NLM_F_REPLACE needed to override');
    if (tcm.handle % MINOR !== 0) throw new NlError('EINVAL', 'Invalid minor handle');
    return null;
  }
  if (q === null) return null;
  const replace = NLM_F_CREATE | NLM_F_REPLACE;
  const other = tb.has(KIND) && tb.text(KIND) !== q.kind;
  return (flags & replace) === replace && ((flags & NLM_F_EXCL) !== 0 || other) ? null : q;
}

function change(a: Asked, q: Qdisc): void {
  if (a.tb.has(OPTIONS)) {
    const ops = a.req.kernel.qdiscKinds.get(q.kind);
    if (ops?.change === undefined) throw new NlError('EINVAL', 'Change operation not supported by specified qdisc');
    ops.change(q, a.tb.bytes(OPTIONS));
  }
  tell(a, null, q);
}

function create(a: Asked): void {
  const { req, tb, tcm, dev } = a;
  if ((req.flags & NLM_F_CREATE) === 0) {
    throw new NlError('ENOENT', 'Qdisc not found. To create specify NLM_F_CREATE flag');
  }
  const ops = tb.has(KIND) ? req.kernel.qdiscKinds.get(tb.text(KIND)) : undefined;
  if (ops === undefined) throw new NlError('ENOENT', 'Specified qdisc kind is unknown');
  if (dev.realNumTxQueues > 1 && ops.kind !== 'noqueue') {
    throw new NlError('EOPNOTSUPP', 'The model puts a qdisc only on a device with one transmit queue');
  }
  const old = dev.qdisc.kind === 'noop' ? null : dev.qdisc;
  const q = ops.create(dev, dev.txq[0], tb.has(OPTIONS) ? tb.bytes(OPTIONS) : null);
  q.handle = tcm.handle !== 0 ? tcm.handle : freeHandle(dev);
  q.parent = TC_H_ROOT;
  graft(dev, 0, q);
  dev.qdisc = q;
  if (dev.up) dev.core.activate(dev);
  tell(a, old, q);
}

/** Handles that the kernel gives itself begin at 8001:. */
function freeHandle(dev: NetDevice): number {
  let handle = AUTO_FIRST;
  while (byHandle(dev, handle) !== null) handle += MINOR;
  return handle;
}

export function delQdisc(req: Request): void {
  const a = asked(req);
  const { dev, tcm } = a;
  const q = lookup(a);
  if (tcm.parent === 0) throw new NlError('EINVAL', 'Classid cannot be zero');
  if (q.handle === 0) throw new NlError('ENOENT', 'Cannot delete qdisc with handle of zero');
  for (let i = 0; i < dev.txq.length; i++) graft(dev, i, makeNoop(dev, dev.txq[i]));
  dev.qdisc = dev.txq[0].qdiscSleeping;
  tell(a, q, null);
  if (dev.up) dev.core.activate(dev);
}

export function getQdisc(req: Request): void {
  const a = asked(req);
  const q = lookup(a);
  if (q.kind === 'noop') throw new NlError('ENOENT');
  req.reply(RTM_NEWQDISC, (w) => fill(w, q));
}

/** The qdisc that a request for an existing one means. */
function lookup(a: Asked): Qdisc {
  const { dev, tcm, tb } = a;
  let q: Qdisc | null;
  if (tcm.parent !== 0) {
    q = rootOf(a);
    if (tcm.handle !== 0 && q.handle !== tcm.handle) throw new NlError('EINVAL', 'Invalid handle');
  } else {
    q = byHandle(dev, tcm.handle);
    if (q === null) throw new NlError('ENOENT', 'Failed to find qdisc with specified handle');
  }
  if (tb.has(KIND) && tb.text(KIND) !== q.kind) throw new NlError('EINVAL', 'Invalid qdisc name');
  return q;
}

function rootOf({ dev, tcm }: Asked): Qdisc {
  if (tcm.parent === TC_H_ROOT) return dev.qdisc;
  const major = tcm.parent - (tcm.parent % MINOR);
  if (byHandle(dev, major) === null) throw new NlError('ENOENT', 'Failed to find qdisc with specified classid');
  throw new NlError('EOPNOTSUPP', 'The model changes root qdiscs only');
}

/** Every qdisc of a device that is shown: the root, then what hangs below it. */
function qdiscsOf(dev: NetDevice): Qdisc[] {
  const root = dev.qdisc;
  const out = [root];
  for (let i = dev.txq.length - 1; i >= 0; i--) {
    const q = dev.txq[i].qdiscSleeping;
    if (q !== root && root.txq === null) out.push(q);
  }
  return out;
}

function byHandle(dev: NetDevice, handle: number): Qdisc | null {
  return handle === 0 ? null : (qdiscsOf(dev).find((q) => q.handle === handle) ?? null);
}

export function dumpQdiscs(req: Request, out: Dump): void {
  const tb = req.parse(TCMSG, TCA);
  const { ifindex } = req.header(TCMSG);
  const invisible = tb.has(DUMP_INVISIBLE);
  for (const dev of req.ns.devices()) {
    if (ifindex !== 0 && req.strict && dev.ifindex !== ifindex) continue;
    for (const q of qdiscsOf(dev)) {
      if (q.kind === 'noop' && !invisible) continue;
      if (q.kind !== 'noop') out.message(RTM_NEWQDISC, (w) => fill(w, q));
    }
  }
}

/** Child of an mq: the class of its txq. One that is gone was the root. */
function parentOf(q: Qdisc): number {
  const { dev } = q;
  return q === dev.qdisc || dev.qdisc.txq !== null ? TC_H_ROOT : dev.qdisc.handle + (q.txq?.index ?? 0) + 1;
}

function fill(w: Writer, q: Qdisc): void {
  writeStruct(
    TCMSG,
    { family: 0, ifindex: q.dev.ifindex, handle: q.handle, parent: parentOf(q), info: q === q.dev.qdisc ? REFCNT : 1 },
    w,
  );
  encodeTo(TCA, { kind: q.kind }, w);
  const options = q.dump === null ? null : q.dump(q);
  if (options !== null) {
    const at = openAttr(w, OPTIONS, false);
    w.raw(options);
    closeAttr(w, at);
  }
  const packets = q.packets % 0x1_0000_0000;
  const queue = { qlen: q.qlen, backlog: q.backlog, drops: q.drops, requeues: q.requeues, overlimits: q.overlimits };
  const stats2 = { basic: { bytes: q.bytes, packets }, queue };
  const stats = {
    bytes: q.bytes,
    packets,
    drops: q.drops,
    overlimits: q.overlimits,
    bps: 0,
    pps: 0,
    qlen: q.qlen,
    backlog: q.backlog,
  };
  encodeTo(TCA, { hwOffload: 0, stats2, stats } as never, w);
}

function tell(a: Asked, old: Qdisc | null, fresh: Qdisc | null): void {
  const origin = { request: a.req, always: true };
  const { ns } = a.req;
  if (old !== null) notify(ns, RTNLGRP_TC, RTM_DELQDISC, origin, (w) => fill(w, old));
  if (fresh === null) return;
  notify(ns, RTNLGRP_TC, RTM_NEWQDISC, origin, (w) => fill(w, fresh), old === null ? 0 : NLM_F_REPLACE);
}
