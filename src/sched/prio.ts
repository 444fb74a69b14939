// prio: up to 16 bands, the lower number first; each band is a class with a qdisc of its own (pfifo by default). The band
// is what a filter says, else what the map says of skb.priority. Takes no frame itself: bounds are its children's.
// Linux: net/sched/sch_prio.c.

import { Drop } from '../net/drop.ts';
import { XMIT_DROP, XMIT_SUCCESS } from '../net/flags.ts';
import { Refusal } from '../net/linkops.ts';
import {
  countSent,
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
import { FilterBlock, TC_ACT_QUEUED, TC_ACT_SHOT, TC_ACT_STOLEN, TC_ACT_TRAP } from './filter.ts';
import { pfifo } from './pfifo.ts';

const EINVAL = 22;
const MAX_BANDS = 16;

class Prio {
  bands: Qdisc[] = [];
  map = new Uint8Array(16);
  readonly block = new FilterBlock();
}

const classes: QdiscClasses = {
  find: (q, classid) => {
    const band = classid & 0xffff;
    return band >= 1 && band <= (q.priv as Prio).bands.length ? band : 0;
  },
  leaf: (q, cl) => (q.priv as Prio).bands[cl - 1],
  graft: (q, cl, fresh) => {
    const { bands } = q.priv as Prio;
    const old = bands[cl - 1];
    bands[cl - 1] = fresh ?? makeBand(q, cl - 1);
    bands[cl - 1].up = q;
    qdiscPurge(old);
    return old;
  },
  walk: (q, visit) => {
    for (let i = 1; i <= (q.priv as Prio).bands.length; i++) visit(i);
  },
  show: (q, cl) => {
    const leaf = (q.priv as Prio).bands[cl - 1];
    return { parent: q.handle, handle: q.handle + cl, info: leaf.handle, counts: leaf };
  },
  block: (q, cl) => (cl === 0 ? (q.priv as Prio).block : null),
};

export const prio: QdiscOps = {
  kind: 'prio',
  create(dev, txq, options, place) {
    const q = new Qdisc('prio', dev, txq);
    if (options === null) throw new Refusal(EINVAL);
    q.handle = place?.handle ?? 0;
    q.priv = new Prio();
    tune(q, options);
    q.enqueue = enqueue;
    q.dequeue = dequeue;
    q.peek = peek;
    q.reset = (of) => {
      for (const band of (of.priv as Prio).bands) qdiscReset(band);
    };
    q.destroy = (of) => {
      for (const band of (of.priv as Prio).bands) qdiscDestroy(band);
    };
    q.dump = dump;
    q.classes = classes;
    return q;
  },
  change: tune,
};

/** struct tc_prio_qopt. Linux: prio_tune(). */
function tune(q: Qdisc, options: Uint8Array): void {
  if (options.length < 20) throw new Refusal(EINVAL);
  const count = new DataView(options.buffer, options.byteOffset, 4).getInt32(0, true);
  const map = options.slice(4, 20);
  if (count > MAX_BANDS || count < 2 || map.some((band) => band >= count)) throw new Refusal(EINVAL);
  const p = q.priv as Prio;
  p.map = map;
  while (p.bands.length > count) {
    const last = p.bands.pop() as Qdisc;
    qdiscPurge(last);
    qdiscDestroy(last);
  }
  while (p.bands.length < count) p.bands.push(makeBand(q, p.bands.length));
}

function makeBand(q: Qdisc, index: number): Qdisc {
  const band = pfifo.create(q.dev, q.txq, null);
  band.parent = q.handle + index + 1;
  band.up = q;
  qdiscList(band, true);
  return band;
}

/** The band of a frame; null: a filter ended it, with `verdict` saying whether as a loss. Linux: prio_classify(). */
function classify(skb: Skb, q: Qdisc, p: Prio): Qdisc | null {
  const { priority } = skb;
  const { bands, map, block } = p;
  let band: number;
  if (priority - (priority & 0xffff) === q.handle) band = priority;
  else {
    const verdict = block.filters.length === 0 ? -1 : block.classify(skb, false);
    if (verdict === TC_ACT_SHOT || verdict === TC_ACT_STOLEN || verdict === TC_ACT_QUEUED || verdict === TC_ACT_TRAP) {
      return null;
    }
    if (verdict < 0) return bands[map[priority > 0xffff ? 0 : priority & 15]];
    band = block.classid;
  }
  const index = (band & 0xffff) - 1;
  return index >= 0 && index < bands.length ? bands[index] : bands[map[0]];
}

function enqueue(skb: Skb, q: Qdisc): number {
  const p = q.priv as Prio;
  const band = classify(skb, q, p);
  if (band === null) {
    // The sender is told that all is well when an action took the frame.
    const shot = p.block.verdict === TC_ACT_SHOT;
    if (shot) q.drops++;
    if (!p.block.consumed) skb.slabs.free(skb, shot ? Drop.TcEgress : Drop.None);
    return shot ? XMIT_DROP : XMIT_SUCCESS;
  }
  const len = packetLen(skb);
  const rc = (band.enqueue as (skb: Skb, q: Qdisc) => number)(skb, band);
  if (rc !== XMIT_SUCCESS) {
    q.drops++;
    return rc;
  }
  q.backlog += len;
  q.qlen++;
  return XMIT_SUCCESS;
}

function dequeue(q: Qdisc): Skb | null {
  const { bands } = q.priv as Prio;
  for (let i = 0; i < bands.length; i++) {
    const skb = takePeeked(bands[i]);
    if (skb === null) continue;
    countSent(q, skb);
    q.backlog -= packetLen(skb);
    q.qlen--;
    return skb;
  }
  return null;
}

function peek(q: Qdisc): Skb | null {
  if (q.held.head !== null) return q.held.head;
  const { bands } = q.priv as Prio;
  for (let i = 0; i < bands.length; i++) {
    const skb = peekFrame(bands[i]);
    if (skb !== null) return skb;
  }
  return null;
}

function dump(q: Qdisc): Uint8Array {
  const p = q.priv as Prio;
  const out = new Uint8Array(20);
  new DataView(out.buffer).setInt32(0, p.bands.length, true);
  out.set(p.map, 4);
  return out;
}
