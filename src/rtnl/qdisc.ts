// RTM_NEWQDISC, RTM_DELQDISC, RTM_GETQDISC: qdiscs made, changed, moved and shown, with the kernel's own order of checks.
// Linux: net/sched/sch_api.c, tc_modify_qdisc(), tc_get_qdisc(), qdisc_create(), qdisc_graft(), tc_dump_qdisc().

import { graftIngress, graftRoot, put } from '../net/dev-queues.ts';
import { PRIV_NO_QUEUE } from '../net/flags.ts';
import type { NetDevice } from '../net/netdev.ts';
import { INGRESS, type Qdisc, qdiscList, ROOT } from '../net/qdisc.ts';
import { NlError } from '../netlink/error.ts';
import { RTM_NEWQDISC } from '../uapi/msgtype.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../uapi/netlink.ts';
import { TCA, TCMSG, type TcMsg } from '../uapi/qdisc.ts';
import type { Dump } from './dump.ts';
import { fillQdisc, qdiscsOf, tellQdisc } from './qdisc-fill.ts';
import { classLeaf, major, minor, qdiscByHandle } from './qdisc-find.ts';
import type { Request } from './request.ts';
import type { Tb } from './tb.ts';

const KIND = 1;
const OPTIONS = 2;
const RATE = 5;
const STAB = 8;
const DUMP_INVISIBLE = 10;
const INGRESS_BLOCK = 13;
const EGRESS_BLOCK = 14;
const AUTO_FIRST = 0x80000000;

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

/** Linux: __tc_modify_qdisc(). */
export function newQdisc(req: Request): void {
  const a = asked(req);
  const { tcm, tb, dev } = a;
  const { parent, handle } = tcm;
  const has = (flag: number): boolean => (req.flags & flag) !== 0;
  let up: Qdisc | null = null;
  let q: Qdisc | null = null;
  if (parent !== 0) {
    if (parent === ROOT) q = dev.qdisc;
    else if (parent === INGRESS) q = dev.ingressQdisc;
    else {
      up = qdiscByHandle(dev, major(parent));
      if (up === null) throw new NlError('ENOENT', 'Failed to find specified qdisc');
      if (up.ingress) throw new NlError('EOPNOTSUPP', 'Cannot add children to ingress/clsact qdisc');
      q = classLeaf(up, parent);
    }
    if (q !== null && q.handle === 0) q = null; // a default one is nobody's
    if (q === null || handle === 0 || q.handle !== handle) {
      if (handle !== 0) {
        if (q !== null && !has(NLM_F_REPLACE)) throw new NlError('EEXIST', 'NLM_F_REPLACE needed to override');
        if (minor(handle) !== 0) throw new NlError('EINVAL', 'Invalid minor handle');
        q = qdiscByHandle(dev, handle);
        if (q === null) {
          create(a, up);
          return;
        }
        move(a, up, q);
        return;
      }
      const made = makesAnother(a, q);
      if (q === null || made) {
        create(a, up, made);
        return;
      }
    }
  } else {
    if (handle === 0) throw new NlError('EINVAL', 'Handle cannot be zero');
    q = qdiscByHandle(dev, handle);
  }
  if (q === null) throw new NlError('ENOENT', 'Specified qdisc not found');
  if (has(NLM_F_EXCL)) throw new NlError('EEXIST', 'Exclusivity flag on, cannot modify');
  if (tb.has(KIND) && tb.text(KIND) !== q.kind)
    throw new NlError('EINVAL', 'Invalid qdisc name: must match existing qdisc');
  change(a, q);
}

/** Another kind than what is there is made in its place: to add, to replace and, oddly, to change; not to link. */
function makesAnother({ req, tb }: Asked, q: Qdisc | null): boolean {
  if (q === null || !tb.has(KIND) || tb.text(KIND) === q.kind) return false;
  const flags = req.flags & (NLM_F_CREATE | NLM_F_EXCL | NLM_F_REPLACE);
  return flags === 0 || ((flags & NLM_F_CREATE) !== 0 && flags !== NLM_F_CREATE);
}

/** Linux: qdisc_change(). */
function change(a: Asked, q: Qdisc): void {
  if (a.tb.has(OPTIONS)) {
    const ops = a.req.kernel.qdiscKinds.get(q.kind);
    if (ops?.change === undefined) throw new NlError('EINVAL', 'Change operation not supported by specified qdisc');
    if (a.tb.has(INGRESS_BLOCK) || a.tb.has(EGRESS_BLOCK)) {
      throw new NlError('EOPNOTSUPP', 'Change of blocks is not supported');
    }
    ops.change(q, a.tb.bytes(OPTIONS));
  }
  refuseAbsent(a.tb);
  tellQdisc(a.req, a.tcm.parent, null, q);
}

/** An existing qdisc, named by its handle, put where another is. It may only be where it is already. */
function move(a: Asked, up: Qdisc | null, q: Qdisc): void {
  const { tcm, tb, req } = a;
  if (q.parent !== tcm.parent) throw new NlError('EINVAL', 'Cannot move an existing qdisc to a different parent');
  if ((req.flags & NLM_F_EXCL) !== 0) throw new NlError('EEXIST', 'Exclusivity flag on, cannot override');
  if (tb.has(KIND) && tb.text(KIND) !== q.kind) {
    throw new NlError('EINVAL', 'Invalid qdisc name: must match existing qdisc');
  }
  if (q.ingress) throw new NlError('EINVAL', 'Cannot regraft ingress or clsact Qdiscs');
  if (q === up) throw new NlError('ELOOP', 'Qdisc parent/child loop detected');
  if (tcm.parent === INGRESS) throw new NlError('EINVAL', 'Ingress cannot graft directly');
  q.refs++;
  graft(a, up, q);
}

/** `instead`: of another, which needs no flag. Linux: qdisc_create(). */
function create(a: Asked, up: Qdisc | null, instead = false): void {
  const { req, tb, tcm, dev } = a;
  if (!instead && (req.flags & NLM_F_CREATE) === 0) {
    throw new NlError('ENOENT', 'Qdisc not found. To create specify NLM_F_CREATE flag');
  }
  const ops = tb.has(KIND) ? req.kernel.qdiscKinds.get(tb.text(KIND)) : undefined;
  // noop is no kind that can be asked for.
  if (ops === undefined || ops.kind === 'noop') throw new NlError('ENOENT', 'Specified qdisc kind is unknown');
  const { parent } = tcm;
  const txq = up === null ? dev.txq[0] : (up.classes?.selectQueue?.(up, parent) ?? up.txq ?? dev.txq[0]);
  const doors = ops.kind === 'clsact' || ops.kind === 'ingress';
  let { handle } = tcm;
  if (parent === INGRESS) {
    if (!doors) throw new NlError('EINVAL', 'Specified parent ID is reserved for ingress and clsact Qdiscs');
    handle = major(INGRESS);
  } else if (handle === 0) handle = freeHandle(req, dev);
  refuseAbsent(tb);
  // A device that was told to have no queue, in the old way, and is given one after all.
  if ((dev.privFlags & PRIV_NO_QUEUE) !== 0 && dev.txQueueLen === 0) {
    dev.txQueueLen = 1000;
    req.kernel.log.write(`${dev.name}: Caught tx_queue_len zero misconfig`);
  }
  const q = ops.create(dev, txq, tb.has(OPTIONS) ? tb.bytes(OPTIONS) : null, { handle, parent });
  q.handle = handle;
  q.parent = parent;
  q.oneTxq = dev.txq.length === 1;
  qdiscList(q);
  try {
    graft(a, up, q);
  } catch (e) {
    put(q);
    throw e;
  }
}

/** What a request may carry and the model has nothing for. */
function refuseAbsent(tb: Tb): void {
  if (tb.has(RATE)) throw new NlError('EOPNOTSUPP', 'The model has no rate estimators');
  if (tb.has(STAB)) throw new NlError('EOPNOTSUPP', 'The model has no size tables');
  if (tb.has(INGRESS_BLOCK) || tb.has(EGRESS_BLOCK)) throw new NlError('EOPNOTSUPP', 'The model has no shared blocks');
}

/** Handles that the kernel gives itself begin at 8001:. Linux: qdisc_alloc_handle(). */
function freeHandle(req: Request, dev: NetDevice): number {
  const { kernel } = req;
  for (let i = 0; i < 0x8000; i++) {
    kernel.autoHandle += 0x10000;
    if (kernel.autoHandle >= 0xffff0000) kernel.autoHandle = AUTO_FIRST;
    if (qdiscByHandle(dev, kernel.autoHandle) === null) return kernel.autoHandle;
  }
  throw new NlError('ENOSPC', 'Maximum number of qdisc handles was exceeded');
}

/** Linux: qdisc_graft(). `fresh` null: what is there goes. */
function graft(a: Asked, up: Qdisc | null, fresh: Qdisc | null): void {
  const { req, tcm, dev } = a;
  const { parent } = tcm;
  if (up === null) {
    if (fresh?.ingress === true || parent === INGRESS) {
      if (parent === INGRESS) graftIngress(dev, fresh, (old) => tellQdisc(req, parent, old, fresh, true));
      else throw new NlError('ENOENT', 'Device does not have an ingress queue');
    } else graftRoot(dev, fresh, (old) => tellQdisc(req, parent, old, fresh));
    return;
  }
  const { classes } = up;
  if (classes === null) throw new NlError('EOPNOTSUPP');
  const cl = classes.find(up, parent);
  if (cl === 0) throw new NlError('ENOENT', 'Specified class not found');
  if (fresh?.kind === 'noqueue') throw new NlError('EINVAL', 'Cannot assign noqueue to a class');
  if (fresh !== null && up.attach !== null) fresh.oneTxq = true;
  const old = classes.graft(up, cl, fresh);
  tellQdisc(req, parent, old, fresh);
  if (old !== null) put(old);
}

export function delQdisc(req: Request): void {
  const a = asked(req);
  const { q, up } = lookup(a);
  if (a.tcm.parent === 0) throw new NlError('EINVAL', 'Classid cannot be zero');
  if (q.handle === 0) throw new NlError('ENOENT', 'Cannot delete qdisc with handle of zero');
  graft(a, up, null);
}

export function getQdisc(req: Request): void {
  const a = asked(req);
  const { q } = lookup(a);
  if (q.builtin || q.invisible) throw new NlError('EINVAL');
  req.reply(RTM_NEWQDISC, (w) => fillQdisc(w, q, a.tcm.parent, RTM_NEWQDISC));
}

/** The qdisc that a request for an existing one means, and whose class it is in. Linux: tc_get_qdisc(). */
function lookup(a: Asked): { q: Qdisc; up: Qdisc | null } {
  const { dev, tcm, tb } = a;
  const { parent } = tcm;
  let q: Qdisc | null = null;
  let up: Qdisc | null = null;
  if (parent !== 0) {
    if (parent === ROOT) q = dev.qdisc;
    else if (major(parent) === major(INGRESS)) q = dev.ingressQdisc;
    else {
      up = qdiscByHandle(dev, major(parent));
      if (up === null) throw new NlError('ENOENT', 'Failed to find qdisc with specified classid');
      q = classLeaf(up, parent);
    }
    if (q === null) throw new NlError('ENOENT', 'Cannot find specified qdisc on specified device');
    if (tcm.handle !== 0 && q.handle !== tcm.handle) throw new NlError('EINVAL', 'Invalid handle');
  } else {
    q = qdiscByHandle(dev, tcm.handle);
    if (q === null) throw new NlError('ENOENT', 'Failed to find qdisc with specified handle');
  }
  if (tb.has(KIND) && tb.text(KIND) !== q.kind)
    throw new NlError('EINVAL', 'Invalid qdisc name: must match existing qdisc');
  return { q, up };
}

export function dumpQdiscs(req: Request, out: Dump): void {
  const tb = req.parse(TCMSG, TCA);
  const invisible = tb.has(DUMP_INVISIBLE);
  for (const dev of req.ns.registered()) {
    for (const q of qdiscsOf(dev)) {
      if (q.builtin || (q.invisible && !invisible)) continue;
      out.message(RTM_NEWQDISC, (w) => fillQdisc(w, q, q.parent, RTM_NEWQDISC));
    }
  }
}
