// What every qdisc promises, whatever its kind: frames in are frames out, dropped or queued; a flow keeps its order; reset
// frees; the bound has its named consequence. A new kind runs it by being in the catalogue.

import { expect, test } from 'vitest';
import { Stream } from '../base/random.ts';
import { Drop } from '../net/drop.ts';
import { XMIT_SUCCESS } from '../net/flags.ts';
import { Kernel } from '../net/kernel.ts';
import { NetDevice } from '../net/netdev.ts';
import { type Qdisc, qdiscReset } from '../net/qdisc.ts';
import type { Skb } from '../net/skb.ts';
import { encode } from '../netlink/attrs.ts';
import { TCA_FQ_CODEL, TCA_TBF } from '../uapi/qdisc.ts';
import { attachSched, qdiscs } from './catalogue.ts';

const NO_PARMS = {
  ...{ cellLog: 0, linklayer: 1, overhead: 0, cellAlign: 0, mpu: 0, rate: 0 },
  ...{ peakCellLog: 0, peakLinklayer: 0, peakOverhead: 0, peakCellAlign: 0, peakMpu: 0, peakRate: 0 },
  ...{ limit: 0, buffer: 0, mtu: 0 },
};

/** Kinds that queue nothing themselves, and why the suite of a queue does not apply. */
const notAQueue: Record<string, string> = {
  noop: 'ends every frame',
  noqueue: 'has no enqueue: the driver is called directly',
  mq: 'frames go to its children',
  clsact: 'has no queue: filters stand at the doors',
  ingress: 'has no queue: filters stand at the door',
};

/** Options for kinds that want some. */
const wanted: Record<string, Uint8Array> = {
  tbf: encode(TCA_TBF, {
    parms: { ...NO_PARMS, rate: 1e9, limit: 20_000, buffer: 0xffffffff },
  }),
  // CoDel's clock has steps of 1024 ns: times that are whole steps come back as they went in.
  fq_codel: encode(TCA_FQ_CODEL, { target: 4096, interval: 102_400 }),
  prio: Uint8Array.of(3, 0, 0, 0, 1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1),
};
/** A limit for the tests of bounds, where txqueuelen is none. */
const bounded: Record<string, Uint8Array> = { ...wanted, fq_codel: encode(TCA_FQ_CODEL, { limit: 60 }) };

function rig(txQueues = 1): { kernel: Kernel; dev: NetDevice } {
  const kernel = new Kernel(1);
  attachSched(kernel);
  const dev = new NetDevice(kernel.dev, kernel.createNs(''), 'd0', null, txQueues);
  return { kernel, dev };
}

function frame(kernel: Kernel, len: number, priority = 0): Skb {
  const skb = kernel.skbs.alloc(len) as Skb;
  skb.priority = priority;
  skb.trace = kernel.newTrace();
  return skb;
}

const enqueue = (q: Qdisc, skb: Skb): number => q.enqueue!(skb, q);
const dequeue = (q: Qdisc): Skb | null => q.dequeue!(q);

for (const ops of qdiscs.filter((o) => notAQueue[o.kind] === undefined)) {
  test(`${ops.kind}: frames in = out + dropped + queued`, () => {
    const { kernel, dev } = rig();
    dev.txQueueLen = 20;
    const q = ops.create(dev, dev.txq[0], bounded[ops.kind] ?? null);
    const chance = new Stream(7, `contract:${ops.kind}`);
    let [sent, out, dropped] = [0, 0, 0];
    for (let i = 0; i < 3000; i++) {
      if (chance.chance(3, 5)) {
        sent++;
        enqueue(q, frame(kernel, 60 + chance.below(1400), chance.below(16)));
        dropped = q.drops; // of this frame, or of others in its stead
      } else {
        const skb = dequeue(q);
        if (skb === null) expect(q.qlen).toBe(0);
        else {
          out++;
          expect(skb.next).toBe(null);
          kernel.skbs.free(skb, Drop.None);
        }
      }
      expect(sent).toBe(out + dropped + q.qlen);
      expect(kernel.skbs.live).toBe(q.qlen);
    }
    expect(dropped).toBeGreaterThan(0);
    expect([q.packets, kernel.skbs.ended[Drop.QdiscCongested]]).toEqual([out, 0]);
    expect(kernel.skbs.ended[Drop.QdiscFull]).toBe(dropped);
    qdiscReset(q);
    expect(kernel.skbs.live).toBe(0);
  });

  test(`${ops.kind}: a flow keeps its order, and backlog is the bytes that wait`, () => {
    const { kernel, dev } = rig();
    const q = ops.create(dev, dev.txq[0], wanted[ops.kind] ?? null);
    const sent = [];
    let bytes = 0;
    for (let i = 0; i < 50; i++) {
      const skb = frame(kernel, 60 + i);
      sent.push(skb.trace);
      bytes += skb.len;
      expect(enqueue(q, skb)).toBe(XMIT_SUCCESS);
    }
    expect(q.backlog).toBe(bytes);
    const got = [];
    for (let skb = dequeue(q); skb !== null; skb = dequeue(q)) {
      got.push(skb.trace);
      kernel.skbs.free(skb, Drop.None);
    }
    expect(got).toEqual(sent);
    expect(q.backlog).toBe(0);
  });

  test(`${ops.kind}: reset ends what waits, and it works on`, () => {
    const { kernel, dev } = rig();
    const q = ops.create(dev, dev.txq[0], wanted[ops.kind] ?? null);
    for (let i = 0; i < 10; i++) enqueue(q, frame(kernel, 100));
    qdiscReset(q);
    expect([q.qlen, q.backlog, kernel.skbs.live]).toEqual([0, 0, 0]);
    expect(dequeue(q)).toBe(null);
    enqueue(q, frame(kernel, 100));
    kernel.skbs.free(dequeue(q) as Skb, Drop.None);
  });

  test(`${ops.kind}: its dump is what its create reads`, () => {
    const { dev } = rig();
    const q = ops.create(dev, dev.txq[0], wanted[ops.kind] ?? null);
    const options = q.dump === null ? null : q.dump(q);
    const again = ops.create(dev, dev.txq[0], options);
    expect(again.dump === null ? null : again.dump(again)).toEqual(options);
  });
}

test('noop ends every frame and says congestion', () => {
  const { kernel, dev } = rig();
  const q = kernel.qdiscKinds.get('noop')!.create(dev, dev.txq[0], null);
  expect(enqueue(q, frame(kernel, 60))).toBe(2);
  expect(kernel.skbs.live).toBe(0);
  expect(dequeue(q)).toBe(null);
});

test('mq needs several txqs, and is a root', () => {
  const one = rig(1);
  const mq = one.kernel.qdiscKinds.get('mq')!;
  expect(() => mq.create(one.dev, null, null)).toThrow();
  const four = rig(4);
  expect(() => mq.create(four.dev, four.dev.txq[0], null, { handle: 0, parent: 0x10001 })).toThrow();
  expect(mq.create(four.dev, null, null).txq).toBe(null);
});
