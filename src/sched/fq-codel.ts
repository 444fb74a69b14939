// fq_codel: a queue per flow (by hash), served in turns of `quantum` bytes, new flows before old ones, each under CoDel.
// Bounds: `limit` frames and `memory_limit` bytes of memory; beyond either the fattest flow loses half its backlog (at most
// `drop_batch` frames), and its sender is told XMIT_CN. Linux: net/sched/sch_fq_codel.c; RFC 8290.

import { Drop } from '../net/drop.ts';
import { XMIT_CN, XMIT_SUCCESS } from '../net/flags.ts';
import type { NetDevice } from '../net/netdev.ts';
import { countSent, packetLen, Qdisc, type QdiscClasses, type QdiscOps, reduceBacklog } from '../net/qdisc.ts';
import type { Skb } from '../net/skb.ts';
import { flowHash } from '../net/steering.ts';
import { CodelParams, type CodelQueue, CodelVars, codelDequeue, timeToUs } from './codel.ts';
import { changeFqCodel, dumpFqCodel } from './fq-codel-options.ts';

/** One flow: a chain of frames, and its place in the round of new or old ones. */
class Flow {
  head: Skb | null = null;
  tail: Skb | null = null;
  deficit = 0;
  backlog = 0;
  /** In a round; else it has nothing to send. */
  listed = false;
  next: Flow | null = null;
  readonly vars = new CodelVars();
}

/** A round of flows. Linux: struct list_head. */
class Round {
  head: Flow | null = null;
  private tail: Flow | null = null;
  length = 0;

  push(f: Flow): void {
    f.next = null;
    f.listed = true;
    if (this.tail === null) this.head = f;
    else this.tail.next = f;
    this.tail = f;
    this.length++;
  }

  shift(): Flow {
    const f = this.head as Flow;
    this.head = f.next;
    if (this.head === null) this.tail = null;
    f.next = null;
    f.listed = false;
    this.length--;
    return f;
  }
}

export class FqCodel implements CodelQueue {
  readonly q: Qdisc;
  readonly params: CodelParams;
  limit = 10240;
  memoryLimit = 32 << 20;
  dropBatch = 64;
  quantum: number;
  /** Made with the qdisc; their number does not change. */
  flows: Flow[] = [];
  flowsCount = 1024;
  readonly fresh = new Round();
  readonly old = new Round();
  memory = 0;
  newFlowCount = 0;
  dropOverlimit = 0;
  dropOvermemory = 0;
  now = 0;
  maxpacket = 0;
  ecnMark = 0;
  ceMark = 0;
  dropCount = 0;
  dropLen = 0;
  /** Whose turn it is. */
  flow: Flow = new Flow();

  constructor(q: Qdisc, dev: NetDevice) {
    this.q = q;
    const mtu = dev.mtu + dev.hardHeaderLen; // psched_mtu()
    this.quantum = mtu;
    this.params = new CodelParams(mtu);
    this.maxpacket = 0;
  }

  backlog(): number {
    return this.q.backlog;
  }

  lenOf(skb: Skb): number {
    return packetLen(skb);
  }

  /** The first frame of the flow at hand. */
  next(): Skb | null {
    const { flow, q } = this;
    const skb = flow.head;
    if (skb === null) return null;
    flow.head = skb.next;
    if (flow.head === null) flow.tail = null;
    skb.next = null;
    const len = packetLen(skb);
    flow.backlog -= len;
    q.backlog -= len;
    q.qlen--;
    this.memory -= skb.truesize;
    return skb;
  }

  lose(skb: Skb): void {
    this.q.drops++;
    skb.slabs.free(skb, Drop.QdiscCongested);
  }
}

const classes: QdiscClasses = {
  find: () => 0,
  leaf: () => null,
  graft: () => null,
  walk: (q, visit) => {
    const fq = q.priv as FqCodel;
    for (let i = 0; i < fq.flows.length; i++) if (fq.flows[i].listed) visit(i + 1);
  },
  show: (q, cl) => {
    const flow = (q.priv as FqCodel).flows[cl - 1];
    let qlen = 0;
    for (let skb = flow.head; skb !== null; skb = skb.next) qlen++;
    return {
      parent: q.handle,
      handle: q.handle + cl,
      info: 0,
      counts: null,
      queue: { qlen, backlog: flow.backlog, drops: 0 },
      xstats: flowStats(q, flow),
    };
  },
};

export const fqCodel: QdiscOps = {
  kind: 'fq_codel',
  create(dev, txq, options) {
    const q = new Qdisc('fq_codel', dev, txq);
    const fq = new FqCodel(q, dev);
    q.priv = fq;
    if (options !== null) changeFqCodel(fq, options, true);
    for (let i = 0; i < fq.flowsCount; i++) fq.flows.push(new Flow());
    q.enqueue = enqueue;
    q.dequeue = dequeue;
    q.reset = reset;
    q.dump = (of) => dumpFqCodel(of.priv as FqCodel);
    q.dumpStats = stats;
    q.classes = classes;
    q.canBypass = fq.limit >= 1;
    return q;
  },
  change(q, options) {
    const fq = q.priv as FqCodel;
    changeFqCodel(fq, options, false);
    while (q.qlen > fq.limit || fq.memory > fq.memoryLimit) {
      const skb = dequeue(q);
      if (skb === null) break;
      fq.dropLen += packetLen(skb);
      fq.dropCount++;
      skb.slabs.free(skb, Drop.QdiscFull);
    }
    tellParents(q, fq);
  },
};

function enqueue(skb: Skb, q: Qdisc): number {
  const fq = q.priv as FqCodel;
  const index = Math.floor((flowHash(skb) * fq.flowsCount) / 0x1_0000_0000);
  const flow = fq.flows[index];
  skb.cb0 = Math.floor(q.dev.core.kernel.loop.now / 1024) | 0;
  skb.next = null;
  if (flow.tail === null) flow.head = skb;
  else flow.tail.next = skb;
  flow.tail = skb;
  const len = packetLen(skb);
  flow.backlog += len;
  q.backlog += len;
  if (!flow.listed) {
    fq.fresh.push(flow);
    fq.newFlowCount++;
    flow.deficit = fq.quantum;
  }
  fq.memory += skb.truesize;
  q.qlen++;
  const overMemory = fq.memory > fq.memoryLimit;
  if (q.qlen <= fq.limit && !overMemory) return XMIT_SUCCESS;
  return overfull(q, fq, flow, len, overMemory);
}

/** Too much: the fattest flow loses. */
function overfull(q: Qdisc, fq: FqCodel, mine: Flow, len: number, overMemory: boolean): number {
  const { qlen, backlog } = q;
  const fat = dropHalf(q, fq);
  const lost = qlen - q.qlen;
  const bytes = backlog - q.backlog;
  fq.dropOverlimit += lost;
  if (overMemory) fq.dropOvermemory += lost;
  // The parents have not counted this frame yet.
  const own = fat === mine;
  reduceBacklog(q, own ? lost - 1 : lost, own ? bytes - len : bytes);
  return own ? XMIT_CN : XMIT_SUCCESS;
}

/** Linux: fq_codel_drop(). */
function dropHalf(q: Qdisc, fq: FqCodel): Flow {
  let fat = fq.flows[0];
  for (let i = 1; i < fq.flows.length; i++) if (fq.flows[i].backlog > fat.backlog) fat = fq.flows[i];
  const threshold = Math.floor(fat.backlog / 2);
  const before = fat.backlog;
  const turn = fq.flow;
  fq.flow = fat;
  let n = 0;
  do {
    const skb = fq.next();
    if (skb === null) break;
    skb.slabs.free(skb, Drop.QdiscFull);
    n++;
  } while (n < fq.dropBatch && before - fat.backlog < threshold);
  fq.flow = turn;
  fat.vars.count = (fat.vars.count + n) | 0;
  q.drops += n;
  return fat;
}

function dequeue(q: Qdisc): Skb | null {
  const fq = q.priv as FqCodel;
  fq.now = Math.floor(q.dev.core.kernel.loop.now / 1024) | 0;
  for (;;) {
    const round = fq.fresh.head !== null ? fq.fresh : fq.old;
    const flow = round.head;
    if (flow === null) return null;
    if (flow.deficit <= 0) {
      flow.deficit += fq.quantum;
      fq.old.push(round.shift());
      continue;
    }
    fq.flow = flow;
    const skb = codelDequeue(fq, flow.vars);
    if (skb === null) {
      round.shift();
      // An empty new flow goes through the old ones once, so that it cannot come back as new at once.
      if (round === fq.fresh && fq.old.head !== null) fq.old.push(flow);
      continue;
    }
    countSent(q, skb);
    flow.deficit -= packetLen(skb);
    if (fq.dropCount > 0) tellParents(q, fq);
    return skb;
  }
}

/** What CoDel dropped. */
function tellParents(q: Qdisc, fq: FqCodel): void {
  reduceBacklog(q, fq.dropCount, fq.dropLen);
  fq.dropCount = 0;
  fq.dropLen = 0;
}

function reset(q: Qdisc): void {
  const fq = q.priv as FqCodel;
  while (fq.fresh.head !== null) fq.fresh.shift();
  while (fq.old.head !== null) fq.old.shift();
  for (const flow of fq.flows) {
    fq.flow = flow;
    for (let skb = fq.next(); skb !== null; skb = fq.next()) skb.slabs.free(skb, Drop.DeviceDown);
    flow.vars.reset();
  }
  fq.memory = 0;
}

/** struct tc_fq_codel_xstats of the qdisc. */
function stats(q: Qdisc): Uint8Array {
  const fq = q.priv as FqCodel;
  const out = new Uint32Array(10);
  out[1] = fq.maxpacket;
  out[2] = fq.dropOverlimit;
  out[3] = fq.ecnMark;
  out[4] = fq.newFlowCount;
  out[5] = fq.fresh.length;
  out[6] = fq.old.length;
  out[7] = fq.ceMark;
  out[8] = fq.memory;
  out[9] = fq.dropOvermemory;
  return new Uint8Array(out.buffer);
}

/** The same of a flow: TCA_FQ_CODEL_XSTATS_CLASS. */
function flowStats(q: Qdisc, flow: Flow): Uint8Array {
  const out = new Int32Array(10);
  const v = flow.vars;
  out[0] = 1;
  out[1] = flow.deficit;
  out[2] = timeToUs(v.ldelay);
  out[3] = v.count;
  out[4] = v.lastcount;
  out[5] = v.dropping ? 1 : 0;
  if (v.dropping) {
    const delta = (v.dropNext - (Math.floor(q.dev.core.kernel.loop.now / 1024) | 0)) | 0;
    out[6] = delta >= 0 ? timeToUs(delta) : -timeToUs(-delta);
  }
  return new Uint8Array(out.buffer);
}
