// RTM_NEWTFILTER, RTM_DELTFILTER, RTM_GETTFILTER: filters put before qdiscs that have a place for them, taken away, shown.
// Chain 0, the only one, comes and goes with them.
// Linux: net/sched/cls_api.c, tc_new_tfilter(), tc_del_tfilter(), tc_dump_tfilter(), tcf_fill_node().

import type { NetDevice } from '../net/netdev.ts';
import type { Qdisc } from '../net/qdisc.ts';
import { closeAttr, encodeTo, openAttr } from '../netlink/attrs.ts';
import { NlError } from '../netlink/error.ts';
import { writeStruct } from '../netlink/struct.ts';
import type { Writer } from '../netlink/writer.ts';
import { classifiers } from '../sched/classifiers.ts';
import type { Classifier, FilterBlock, FilterElement } from '../sched/filter.ts';
import { RTM_DELCHAIN, RTM_DELTFILTER, RTM_NEWCHAIN, RTM_NEWTFILTER } from '../uapi/msgtype.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../uapi/netlink.ts';
import { TCA, TCMSG, type TcMsg } from '../uapi/qdisc.ts';
import { RTNLGRP_TC } from '../uapi/rtnlgrp.ts';
import type { Dump } from './dump.ts';
import { NOBODY, notify } from './listeners.ts';
import { major, minor, qdiscByHandle } from './qdisc-find.ts';
import type { Request } from './request.ts';
import type { Tb } from './tb.ts';

const KIND = 1;
const OPTIONS = 2;
const CHAIN = 11;
const FIRST_AUTO = 0xc000;
const NO_CHAIN = 'Cannot find specified filter chain';

interface Place {
  readonly req: Request;
  readonly tb: Tb;
  readonly tcm: TcMsg;
  readonly dev: NetDevice;
  readonly parent: number;
  readonly qdisc: Qdisc;
  readonly block: FilterBlock;
  /** Network order in the message, host order here; 0: any. */
  readonly protocol: number;
  readonly pref: number;
}

/** Linux: __tcf_qdisc_find(), __tcf_qdisc_cl_find(), __tcf_block_find(). */
function placeOf(req: Request): Place {
  const tb = req.parse(TCMSG, TCA);
  const tcm = req.header(TCMSG);
  const pref = Math.floor(tcm.info / 0x10000);
  if (pref === 0 && req.type === RTM_NEWTFILTER && (req.flags & NLM_F_CREATE) === 0) {
    throw new NlError('ENOENT', 'Invalid filter command with priority of zero');
  }
  if (pref === 0 && req.type === RTM_DELTFILTER && (tcm.info !== 0 || tcm.handle !== 0 || tb.has(KIND))) {
    throw new NlError('ENOENT', 'Cannot flush filters with protocol, handle or kind set');
  }
  const dev = req.ns.devByIndex(tcm.ifindex);
  if (dev === null) throw new NlError('ENODEV');
  const q = tcm.parent === 0 ? dev.qdisc : qdiscByHandle(dev, major(tcm.parent));
  if (q === null) throw new NlError('EINVAL', "Parent Qdisc doesn't exists");
  const block = blockOf(q, tcm.parent);
  if (tb.has(CHAIN) && tb.u32(CHAIN) !== 0) throw new NlError('EOPNOTSUPP', 'The model has filters on chain 0 only');
  const protocol = swap16(tcm.info % 0x10000);
  return { req, tb, tcm, dev, parent: tcm.parent === 0 ? q.handle : tcm.parent, qdisc: q, block, protocol, pref };
}

function blockOf(q: Qdisc, parent: number): FilterBlock {
  const { classes } = q;
  if (classes === null) throw new NlError('EINVAL', 'Qdisc not classful');
  if (classes.block === undefined) throw new NlError('EOPNOTSUPP', "Class doesn't support blocks");
  let cl = 0;
  if (minor(parent) !== 0) {
    cl = classes.find(q, parent);
    if (cl === 0) throw new NlError('ENOENT', "Specified class doesn't exist");
  }
  const block = classes.block(q, cl);
  if (block === null) throw new NlError('EINVAL');
  return block as FilterBlock;
}

const swap16 = (n: number): number => ((n & 0xff) << 8) | (n >> 8);

/** What has that preference; its protocol must be the one that is asked for. Linux: tcf_chain_tp_find(). */
function classifierAt({ block, pref, protocol }: Place): Classifier | null {
  const f = block.filters.find((one) => one.pref === pref) ?? null;
  if (f !== null && protocol !== 0 && f.protocol !== protocol) {
    throw new NlError('ENOENT', 'Protocol mismatch for filter with specified priority');
  }
  return f;
}

export function newFilter(req: Request): void {
  const p = placeOf(req);
  if (p.block.onChainEnd === null) beginChain(p);
  try {
    addFilter(p);
  } finally {
    p.block.endChain(); // unless it has a filter now
  }
}

/** Linux: tcf_chain_get() of one that is not there yet. */
function beginChain({ dev, qdisc, block }: Place): void {
  const { ns } = dev;
  const told = (type: number, flags: number): void =>
    notify(
      ns,
      RTNLGRP_TC,
      type,
      NOBODY,
      (w) => {
        writeStruct(TCMSG, { family: 0, ifindex: dev.ifindex, handle: 0, parent: qdisc.handle, info: 0 }, w);
        encodeTo(TCA, { chain: 0 } as never, w);
      },
      flags,
    );
  block.onChainEnd = () => told(RTM_DELCHAIN, 0);
  told(RTM_NEWCHAIN, NLM_F_CREATE | NLM_F_EXCL);
}

function addFilter(p: Place): void {
  const { req, tb, tcm, block } = p;
  let f = p.pref === 0 ? null : classifierAt(p);
  let made = false;
  if (f === null) {
    if (!tb.has(KIND) || p.protocol === 0) throw new NlError('EINVAL', 'Filter kind and protocol must be specified');
    needCreate(req);
    const ops = classifiers.get(tb.text(KIND));
    if (ops === undefined) throw new NlError('ENOENT', 'TC classifier not found');
    f = ops.create(req.ns, block, p.protocol, p.pref === 0 ? autoPref(block) : p.pref);
    made = true;
  } else if (tb.has(KIND) && tb.text(KIND) !== f.kind) {
    throw new NlError('EINVAL', 'Specified filter kind does not match existing one');
  }
  try {
    const existing = tcm.handle === 0 ? null : f.find(tcm.handle);
    if (existing === null) needCreate(req);
    else if ((req.flags & NLM_F_EXCL) !== 0) throw new NlError('EEXIST', 'Filter already exists');
    const options = tb.has(OPTIONS) ? tb.bytes(OPTIONS) : null;
    const element = f.change({ handle: tcm.handle, options }, existing);
    if (made) block.add(f);
    tell(p, f, element, RTM_NEWTFILTER);
  } catch (e) {
    if (made) f.destroy();
    throw e;
  }
}

function needCreate(req: Request): void {
  if ((req.flags & NLM_F_CREATE) !== 0) return;
  throw new NlError('ENOENT', 'Need both RTM_NEWTFILTER and NLM_F_CREATE to create a new filter');
}

/** 49152, or one before the first that was given so. Linux: tcf_auto_prio(). */
function autoPref(block: FilterBlock): number {
  const next = block.filters.find((f) => f.pref >= 0x8000);
  return next === undefined ? FIRST_AUTO : next.pref - 1;
}

export function delFilter(req: Request): void {
  const p = placeOf(req);
  const { tb, tcm, block } = p;
  if (block.onChainEnd === null) {
    if (p.pref === 0) return;
    throw new NlError('ENOENT', NO_CHAIN);
  }
  if (p.pref === 0) {
    for (const f of [...block.filters]) tell(p, f, null, RTM_DELTFILTER);
    block.clear();
    return;
  }
  const f = classifierAt(p);
  if (f === null) throw new NlError('ENOENT', 'Filter with specified priority/protocol not found');
  if (tb.has(KIND) && tb.text(KIND) !== f.kind) {
    throw new NlError('EINVAL', 'Specified filter kind does not match existing one');
  }
  if (tcm.handle === 0) {
    tell(p, f, null, RTM_DELTFILTER);
    block.remove(f);
    return;
  }
  const element = f.find(tcm.handle);
  if (element === null) throw new NlError('ENOENT', 'Specified filter handle not found');
  tell(p, f, element, RTM_DELTFILTER);
  if (f.remove(element)) block.remove(f);
}

export function getFilter(req: Request): void {
  const p = placeOf(req);
  if (p.pref === 0) throw new NlError('ENOENT', 'Invalid filter command with priority of zero');
  if (p.block.onChainEnd === null) throw new NlError('EINVAL', NO_CHAIN);
  const f = classifierAt(p);
  if (f === null) throw new NlError('ENOENT', 'Filter with specified priority/protocol not found');
  const element = f.find(p.tcm.handle);
  if (element === null) throw new NlError('ENOENT', 'Specified filter handle not found');
  req.reply(RTM_NEWTFILTER, (w) => fill(w, p.dev, p.parent, f, element), req.flags);
}

/** Each classifier, then what it has. Linux: tc_dump_tfilter(), tcf_chain_dump(). */
export function dumpFilters(req: Request, out: Dump): void {
  req.parse(TCMSG, TCA);
  const tcm = req.header(TCMSG);
  const dev = req.ns.devByIndex(tcm.ifindex);
  if (dev === null) return;
  const q = tcm.parent === 0 ? dev.qdisc : qdiscByHandle(dev, major(tcm.parent));
  const classes = q?.classes ?? null;
  if (q === null || classes?.block === undefined) return;
  const cl = minor(tcm.parent) === 0 ? 0 : classes.find(q, tcm.parent);
  if (cl === 0 && minor(tcm.parent) !== 0) return;
  const block = classes.block(q, cl) as FilterBlock | null;
  if (block === null) return;
  const parent = tcm.parent === 0 ? q.handle : tcm.parent;
  const pref = Math.floor(tcm.info / 0x10000);
  const protocol = swap16(tcm.info % 0x10000);
  for (const f of block.filters) {
    if ((pref !== 0 && f.pref !== pref) || (protocol !== 0 && f.protocol !== protocol)) continue;
    out.message(RTM_NEWTFILTER, (w) => fill(w, dev, parent, f, null));
    for (const element of f.elements()) out.message(RTM_NEWTFILTER, (w) => fill(w, dev, parent, f, element));
  }
}

function fill(w: Writer, dev: NetDevice, parent: number, f: Classifier, element: FilterElement | null): void {
  const info = f.pref * 0x10000 + swap16(f.protocol);
  writeStruct(TCMSG, { family: 0, ifindex: dev.ifindex, handle: element?.handle ?? 0, parent, info }, w);
  encodeTo(TCA, { kind: f.kind, chain: 0 } as never, w);
  if (element === null) return;
  const at = openAttr(w, OPTIONS, false);
  w.raw(f.dump(element));
  closeAttr(w, at);
}

function tell(p: Place, f: Classifier, element: FilterElement | null, type: number): void {
  const { req } = p;
  notify(
    req.ns,
    RTNLGRP_TC,
    type,
    { request: req, always: true },
    (w) => fill(w, p.dev, p.parent, f, element),
    req.flags,
  );
}
