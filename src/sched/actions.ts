// What filters do with a frame that they match: gact (a verdict), mirred (send it, or a copy, elsewhere), skbedit (change
// its priority, mark or queue). In the order of the request, until one does not say PIPE.
// Linux: net/sched/act_api.c, act_gact.c, act_mirred.c, act_skbedit.c.

import { TX_OK } from '../net/flags.ts';
import { Refusal } from '../net/linkops.ts';
import { LOG_NOTICE, LOG_WARNING } from '../net/log.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { packetLen } from '../net/qdisc.ts';
import type { Skb } from '../net/skb.ts';
import { encode } from '../netlink/attrs.ts';
import { Writer } from '../netlink/writer.ts';
import { TCA_ACT_MAX, TCA_ACTION, TCA_GACT, TCA_MIRRED, TCA_SKBEDIT } from '../uapi/tcfilter.ts';
import { type FilterBlock, TC_ACT_OK, TC_ACT_PIPE, TC_ACT_SHOT, TC_ACT_STOLEN } from './filter.ts';
import { readOptions } from './options.ts';

const EINVAL = 22;
const ENOENT = 2;
const ENODEV = 19;
const EOPNOTSUPP = 95;
const EGRESS_REDIR = 1;
const EGRESS_MIRROR = 2;
const INGRESS_REDIR = 3;
/** How deep frames may be redirected. Linux: MIRRED_NEST_LIMIT. */
const NEST_LIMIT = 4;

/** One action of one filter. */
class Action {
  readonly kind: string;
  readonly index: number;
  /** What it says at the end: TC_ACT_*. */
  verdict: number;
  /** mirred. */
  eaction = 0;
  target: NetDevice | null = null;
  /** skbedit; -1: not changed. */
  priority = -1;
  queue = -1;
  mark = -1;
  markMask = 0xffffffff;
  bytes = 0;
  packets = 0;
  drops = 0;
  overlimits = 0;
  readonly madeNs: number;
  usedNs = 0;
  firstNs = 0;

  constructor(kind: string, index: number, verdict: number, nowNs: number) {
    this.kind = kind;
    this.index = index;
    this.verdict = verdict;
    this.madeNs = nowNs;
    this.usedNs = nowNs;
  }
}

/** Numbers of actions by namespace and kind: the lowest free one. Linux: struct tc_action_net. */
function freeIndex(ns: NetNs, kind: string): number {
  const used = usedIn(ns, kind);
  let index = 1;
  while (used.has(index)) index++;
  used.add(index);
  return index;
}

function usedIn(ns: NetNs, kind: string): Set<number> {
  ns.sched ??= new Map<string, Set<number>>();
  const all = ns.sched as Map<string, Set<number>>;
  let used = all.get(kind);
  if (used === undefined) {
    used = new Set();
    all.set(kind, used);
  }
  return used;
}

/** All actions of one filter. Linux: struct tcf_exts. */
export class Actions {
  private readonly ns: NetNs;
  private readonly list: Action[] = [];

  /** `nest`: TCA_*_ACT, or null for none. Throws a Refusal, with nothing left. */
  constructor(ns: NetNs, nest: Uint8Array | undefined) {
    this.ns = ns;
    if (nest === undefined) return;
    try {
      for (const one of inOrder(nest)) this.list.push(makeAction(ns, one));
    } catch (e) {
      this.destroy();
      throw e;
    }
  }

  get empty(): boolean {
    return this.list.length === 0;
  }

  /** TC_ACT_UNSPEC: the filter does not match after all. Linux: tcf_exts_exec(), tcf_action_exec(). */
  run(skb: Skb, block: FilterBlock, ingress: boolean): number {
    const { list } = this;
    if (list.length === 0) return TC_ACT_OK;
    for (let i = 0; i < list.length; i++) {
      const verdict = act(list[i], skb, block, ingress);
      if (verdict !== TC_ACT_PIPE) return verdict;
    }
    return TC_ACT_OK;
  }

  destroy(): void {
    for (const a of this.list.splice(0)) usedIn(this.ns, a.kind).delete(a.index);
  }

  /** TCA_*_ACT. */
  dump(): Uint8Array {
    const w = new Writer(256);
    const now = this.ns.kernel.loop.now;
    this.list.forEach((a, i) => {
      const body = encode(TCA_ACTION, {
        kind: a.kind,
        stats: {
          basic: { bytes: a.bytes, packets: a.packets, pad: undefined },
          queue: { qlen: 0, backlog: 0, drops: a.drops, requeues: 0, overlimits: a.overlimits },
        },
        inHwCount: 0,
        options: dumpAction(a, now),
      });
      w.u16(body.length + 4);
      w.u16(i + 1);
      w.raw(body);
      w.grow((4 - (body.length & 3)) & 3);
    });
    return w.take();
  }
}

/** Nests 1 to 32 by their number. */
function inOrder(nest: Uint8Array): Uint8Array[] {
  const found: Array<Uint8Array | undefined> = [];
  const view = new DataView(nest.buffer, nest.byteOffset, nest.byteLength);
  for (let at = 0; at + 4 <= nest.length; ) {
    const length = view.getUint16(at, true);
    if (length < 4 || at + length > nest.length) break;
    found[view.getUint16(at + 2, true) & 0x3fff] = nest.subarray(at + 4, at + length);
    at += (length + 3) & ~3;
  }
  const out: Uint8Array[] = [];
  for (let i = 1; i <= TCA_ACT_MAX; i++) {
    const one = found[i];
    if (one === undefined) break;
    out.push(one);
  }
  return out;
}

function makeAction(ns: NetNs, bytes: Uint8Array): Action {
  const a = readOptions(TCA_ACTION, bytes.slice());
  if (a.kind === undefined) throw new Refusal(EINVAL, 'TC action kind must be specified');
  const make = KINDS.get(a.kind);
  if (make === undefined) throw new Refusal(ENOENT, 'Failed to load TC action module');
  if (a.options === undefined) throw new Refusal(EINVAL);
  return make(ns, a.options);
}

type Maker = (ns: NetNs, options: Uint8Array) => Action;

/** A number of one's own would share the action among filters. */
function newAction(ns: NetNs, kind: string, parms: { index: number; action: number }): Action {
  if (parms.index !== 0) throw new Refusal(EOPNOTSUPP, 'The model has no shared actions');
  if (parms.action > 8) throw new Refusal(EOPNOTSUPP, 'The model has no goto and no jump');
  return new Action(kind, freeIndex(ns, kind), parms.action, ns.kernel.loop.now);
}

const gact: Maker = (ns, options) => {
  const o = readOptions(TCA_GACT, options);
  if (o.parms === undefined) throw new Refusal(EINVAL);
  if (o.prob !== undefined) throw new Refusal(EOPNOTSUPP, 'The model has no random gact');
  return newAction(ns, 'gact', o.parms);
};

const mirred: Maker = (ns, options) => {
  const o = readOptions(TCA_MIRRED, options);
  if (o.parms === undefined) throw new Refusal(EINVAL, 'Missing required mirred parameters');
  const { eaction, ifindex } = o.parms;
  if (eaction < 1 || eaction > 4) throw new Refusal(EINVAL, 'Unknown mirred option');
  if (ifindex === 0) throw new Refusal(EINVAL, 'Specified device does not exist');
  const target = ns.devByIndex(ifindex);
  if (target === null) throw new Refusal(ENODEV);
  const a = newAction(ns, 'mirred', o.parms);
  a.eaction = eaction;
  a.target = target;
  return a;
};

const skbedit: Maker = (ns, options) => {
  const o = readOptions(TCA_SKBEDIT, options);
  if (o.parms === undefined) throw new Refusal(EINVAL);
  if (o.ptype !== undefined || o.flags !== undefined || o.queueMappingMax !== undefined) {
    throw new Refusal(EOPNOTSUPP, 'The model has no such option of skbedit');
  }
  if (o.priority === undefined && o.queueMapping === undefined && o.mark === undefined) throw new Refusal(EINVAL);
  const a = newAction(ns, 'skbedit', o.parms);
  a.priority = o.priority ?? -1;
  a.queue = o.queueMapping ?? -1;
  a.mark = o.mark ?? -1;
  a.markMask = o.mask ?? 0xffffffff;
  return a;
};

const KINDS: ReadonlyMap<string, Maker> = new Map([
  ['gact', gact],
  ['mirred', mirred],
  ['skbedit', skbedit],
]);

function act(a: Action, skb: Skb, block: FilterBlock, ingress: boolean): number {
  const { dev } = skb;
  if (dev !== null) a.usedNs = dev.core.kernel.loop.now;
  if (a.firstNs === 0) a.firstNs = a.usedNs;
  a.packets += skb.gsoSegs > 1 ? skb.gsoSegs : 1;
  a.bytes += ingress ? skb.len : packetLen(skb);
  if (a.kind === 'gact') {
    if (a.verdict === TC_ACT_SHOT) a.drops++;
    return a.verdict;
  }
  if (a.kind === 'mirred') return mirror(a, skb, block, ingress);
  if (a.priority >= 0) skb.priority = a.priority;
  if (a.mark >= 0) skb.mark = ((skb.mark & ~a.markMask) | (a.mark & a.markMask)) >>> 0;
  if (a.queue >= 0 && dev !== null && a.queue < dev.realNumTxQueues) {
    skb.queue = a.queue;
    block.queueChosen = true;
  }
  return a.verdict;
}

let depth = 0;

/** Linux: tcf_mirred_act(). */
function mirror(a: Action, skb: Skb, block: FilterBlock, ingress: boolean): number {
  const redirect = a.eaction === EGRESS_REDIR || a.eaction === INGRESS_REDIR;
  const out = a.eaction === EGRESS_REDIR || a.eaction === EGRESS_MIRROR;
  const dev = a.target as NetDevice;
  const { log } = dev.core.kernel;
  const lost = redirect ? TC_ACT_SHOT : a.verdict;
  if (depth >= NEST_LIMIT) {
    log.limited(`Packet exceeded mirred recursion limit on dev ${skb.dev?.name}`, LOG_WARNING);
    return TC_ACT_SHOT;
  }
  if (dev.regState !== 'registered' || !dev.up) {
    log.limited(`tc mirred to Houston: device ${dev.name} is down`, LOG_NOTICE);
    a.overlimits++;
    return lost;
  }
  const frame = redirect ? skb : skb.slabs.clone(skb);
  // A driver's frame has its link header behind it on the way in, before it on the way out.
  if (ingress && out) frame.push(frame.off - frame.mac);
  depth++;
  if (out) {
    frame.dev = dev;
    if (dev.core.kernel.tx.devQueueXmit(frame, null) > TX_OK) a.overlimits++;
  } else {
    if (ingress) frame.push(frame.off - frame.mac);
    dev.core.kernel.rx.ethTypeTrans(frame, dev);
    if (ingress) dev.core.kernel.rx.netifReceiveSkb(frame);
    else dev.core.kernel.softirq.netifRx(frame);
  }
  depth--;
  if (redirect) block.consumed = true;
  return redirect ? TC_ACT_STOLEN : a.verdict;
}

function dumpAction(a: Action, nowNs: number): Uint8Array {
  const ago = (ns: number): number => Math.floor((nowNs - ns) / 10_000_000);
  const tm = {
    install: ago(a.madeNs),
    lastuse: ago(a.usedNs),
    expires: 0,
    firstuse: a.firstNs === 0 ? 0 : ago(a.firstNs),
  };
  const parms = { index: a.index, capab: 0, action: a.verdict, refcnt: 1, bindcnt: 1 };
  if (a.kind === 'gact') return encode(TCA_GACT, { parms, tm });
  if (a.kind === 'mirred') {
    return encode(TCA_MIRRED, { parms: { ...parms, eaction: a.eaction, ifindex: a.target?.ifindex ?? 0 }, tm });
  }
  return encode(TCA_SKBEDIT, {
    parms,
    ...(a.priority >= 0 ? { priority: a.priority } : {}),
    ...(a.queue >= 0 ? { queueMapping: a.queue } : {}),
    ...(a.mark >= 0 ? { mark: a.mark } : {}),
    ...(a.mark >= 0 && a.markMask !== 0xffffffff ? { mask: a.markMask } : {}),
    tm,
  });
}
