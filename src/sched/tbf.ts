// tbf: a token bucket. Frames leave as tokens allow: `buffer` is the burst (in ns at `rate`), refilled with time; a second
// bucket bounds the peak rate. Frames wait in an inner qdisc, a bfifo of `limit` bytes unless another is grafted; one that
// is longer than the bucket can ever hold ends at once. Linux: net/sched/sch_tbf.c.

import { XMIT_SUCCESS } from '../net/flags.ts';
import { Refusal } from '../net/linkops.ts';
import { LOG_WARNING } from '../net/log.ts';
import {
  countSent,
  dropFrame,
  makeNoop,
  packetLen,
  peekFrame,
  Qdisc,
  type QdiscClasses,
  type QdiscOps,
  qdiscDestroy,
  qdiscList,
  qdiscPurge,
  qdiscReset,
  takePeeked,
} from '../net/qdisc.ts';
import type { Skb } from '../net/skb.ts';
import { encode } from '../netlink/attrs.ts';
import { TCA_TBF } from '../uapi/qdisc.ts';
import { bfifo } from './bfifo.ts';
import { options as fifoOptions } from './fifo.ts';
import { readOptions } from './options.ts';
import { Rate } from './rate.ts';
import { Watchdog } from './watchdog.ts';

const EINVAL = 22;
const XMIT_DROP = 1;
/** A tick of psched is 64 ns. */
const TICK = 64;

class Tbf {
  limit = 0;
  maxSize = 0;
  bufferNs = 0;
  mtuNs = 0;
  rate = new Rate(null, 0);
  peak: Rate | null = null;
  tokens = 0;
  ptokens = 0;
  /** When the tokens were counted. */
  atNs = 0;
  inner: Qdisc;
  readonly dog: Watchdog;

  constructor(q: Qdisc) {
    this.inner = makeNoop(q.dev, q.txq);
    this.dog = new Watchdog(q);
  }
}

const classes: QdiscClasses = {
  find: () => 1,
  leaf: (q) => (q.priv as Tbf).inner,
  graft: (q, _cl, fresh) => {
    const t = q.priv as Tbf;
    const old = t.inner;
    t.inner = fresh ?? makeNoop(q.dev, q.txq);
    t.inner.up = q;
    qdiscPurge(old);
    return old;
  },
  walk: (_q, visit) => visit(1),
  show: (q) => ({ parent: q.handle, handle: q.handle + 1, info: (q.priv as Tbf).inner.handle, counts: null }),
};

export const tbf: QdiscOps = {
  kind: 'tbf',
  create(dev, txq, options, place) {
    const q = new Qdisc('tbf', dev, txq);
    if (options === null) throw new Refusal(EINVAL);
    q.handle = place?.handle ?? 0;
    const t = new Tbf(q);
    q.priv = t;
    t.atNs = dev.core.kernel.loop.now;
    change(q, options);
    q.enqueue = enqueue;
    q.dequeue = dequeue;
    q.reset = reset;
    q.destroy = (of) => {
      (of.priv as Tbf).dog.disarm();
      qdiscDestroy((of.priv as Tbf).inner);
    };
    q.dump = dump;
    q.classes = classes;
    return q;
  },
  change,
};

function change(q: Qdisc, options: Uint8Array): void {
  const o = readOptions(TCA_TBF, options);
  const { parms } = o;
  if (parms === undefined) throw new Refusal(EINVAL);
  const t = q.priv as Tbf;
  const { dev } = q;
  const rate = new Rate(parms, o.rate64 ?? 0);
  let bufferNs = parms.buffer * TICK;
  let mtuNs = parms.mtu * TICK;
  let maxSize = o.burst ?? rate.bytesIn(Math.min(bufferNs, 0xffffffff));
  if (o.burst !== undefined) bufferNs = rate.timeOf(o.burst);
  let peak: Rate | null = null;
  if (parms.peakRate !== 0) {
    const spec = { ...parms, rate: parms.peakRate, overhead: parms.peakOverhead, linklayer: parms.peakLinklayer };
    peak = new Rate(spec, o.prate64 ?? 0);
    if (peak.bytesPerSecond <= rate.bytesPerSecond) {
      const text = `sch_tbf: peakrate ${peak.bytesPerSecond} is lower than or equals to rate ${rate.bytesPerSecond} !`;
      dev.core.kernel.log.limited(text, LOG_WARNING);
      throw new Refusal(EINVAL);
    }
    maxSize = Math.min(maxSize, o.pburst ?? peak.bytesIn(Math.min(mtuNs, 0xffffffff)));
    if (o.pburst !== undefined) mtuNs = peak.timeOf(o.pburst);
  }
  const mtu = dev.mtu + dev.hardHeaderLen;
  if (maxSize < mtu) {
    const text = `sch_tbf: burst ${maxSize} is lower than device ${dev.name} mtu (${mtu}) !`;
    dev.core.kernel.log.limited(text, LOG_WARNING);
  }
  if (maxSize === 0) throw new Refusal(EINVAL);
  setInnerLimit(q, t, parms.limit);
  t.limit = parms.limit;
  t.maxSize = maxSize;
  t.bufferNs = bufferNs;
  t.mtuNs = mtuNs;
  t.tokens = bufferNs;
  t.ptokens = mtuNs;
  t.rate = rate;
  t.peak = peak;
}

/** The limit is the inner fifo's; another kind of qdisc there keeps its own. Linux: fifo_set_limit(). */
function setInnerLimit(q: Qdisc, t: Tbf, limit: number): void {
  if (!t.inner.builtin) {
    if (t.inner.kind.slice(1) !== 'fifo') return;
    q.dev.core.kernel.qdiscKinds.get(t.inner.kind)?.change?.(t.inner, fifoOptions(limit));
  } else if (limit > 0) {
    t.inner = bfifo.create(q.dev, q.txq, fifoOptions(limit));
    t.inner.parent = q.handle + 1;
    t.inner.up = q;
    qdiscList(t.inner, true);
  }
}

function enqueue(skb: Skb, q: Qdisc): number {
  const t = q.priv as Tbf;
  const len = packetLen(skb);
  if (len > t.maxSize) {
    dropFrame(q, skb);
    return XMIT_DROP;
  }
  const { inner } = t;
  const rc = (inner.enqueue as (skb: Skb, q: Qdisc) => number)(skb, inner);
  if (rc !== XMIT_SUCCESS) {
    q.drops++;
    return rc;
  }
  q.backlog += len;
  q.qlen++;
  return XMIT_SUCCESS;
}

function dequeue(q: Qdisc): Skb | null {
  const t = q.priv as Tbf;
  const first = peekFrame(t.inner);
  if (first === null) return null;
  const len = packetLen(first);
  const now = q.dev.core.kernel.loop.now;
  let tokens = now - t.atNs;
  if (tokens > t.bufferNs) tokens = t.bufferNs;
  let ptokens = 0;
  if (t.peak !== null) {
    ptokens = tokens + t.ptokens;
    if (ptokens > t.mtuNs) ptokens = t.mtuNs;
    ptokens -= Math.floor((len + t.peak.overhead) * t.peak.nsPerByte);
  }
  tokens += t.tokens;
  if (tokens > t.bufferNs) tokens = t.bufferNs;
  tokens -= Math.floor((len + t.rate.overhead) * t.rate.nsPerByte);
  if (tokens < 0 || ptokens < 0) {
    t.dog.armIn(tokens < ptokens ? -tokens : -ptokens);
    q.overlimits++;
    return null;
  }
  const skb = takePeeked(t.inner);
  if (skb === null) return null;
  t.atNs = now;
  t.tokens = tokens;
  t.ptokens = ptokens;
  q.backlog -= len;
  q.qlen--;
  countSent(q, skb);
  return skb;
}

function reset(q: Qdisc): void {
  const t = q.priv as Tbf;
  qdiscReset(t.inner);
  t.atNs = q.dev.core.kernel.loop.now;
  t.tokens = t.bufferNs;
  t.ptokens = t.mtuNs;
  t.dog.disarm();
}

function dump(q: Qdisc): Uint8Array {
  const t = q.priv as Tbf;
  const r = t.rate.spec();
  const p = t.peak?.spec();
  return encode(TCA_TBF, {
    parms: {
      ...r,
      peakCellLog: 0,
      peakLinklayer: p?.linklayer ?? 0,
      peakOverhead: p?.overhead ?? 0,
      peakCellAlign: 0,
      peakMpu: 0,
      peakRate: p?.rate ?? 0,
      limit: t.limit,
      buffer: Math.floor(t.bufferNs / TICK),
      mtu: Math.floor(t.mtuNs / TICK),
    },
    ...(t.rate.bytesPerSecond > 0xffffffff ? { rate64: t.rate.bytesPerSecond } : {}),
    ...(t.peak !== null && t.peak.bytesPerSecond > 0xffffffff ? { prate64: t.peak.bytesPerSecond } : {}),
  });
}
