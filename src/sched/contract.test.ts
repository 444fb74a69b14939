// What every qdisc promises, whatever its kind: frames in are frames out, dropped or queued; a flow keeps its order; reset
// frees; the bound has its named consequence. A new kind runs it by being in the catalogue.

import { expect, test } from 'vitest';
import { Stream } from '../base/random.ts';
import { Drop } from '../net/drop.ts';
import { XMIT_DROP, XMIT_SUCCESS } from '../net/flags.ts';
import { Kernel } from '../net/kernel.ts';
import { NetDevice } from '../net/netdev.ts';
import { type Qdisc, qdiscReset } from '../net/qdisc.ts';
import type { Skb } from '../net/skb.ts';
import { attachSched, qdiscs } from './catalogue.ts';

/** Kinds that queue nothing themselves, and why the suite of a queue does not apply. */
const notAQueue: Record<string, string> = {
  noop: 'ends every frame',
  noqueue: 'has no enqueue: the driver is called directly',
  mq: 'frames go to its children',
};

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
    const q = ops.create(dev, dev.txq[0], null);
    const chance = new Stream(7, `contract:${ops.kind}`);
    let [sent, out, dropped] = [0, 0, 0];
    for (let i = 0; i < 3000; i++) {
      if (chance.chance(3, 5)) {
        sent++;
        const rc = enqueue(q, frame(kernel, 60 + chance.below(1400), chance.below(20)));
        if (rc === XMIT_DROP) dropped++;
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
    expect(q.drops).toBe(dropped);
    expect(kernel.skbs.ended[Drop.QdiscFull]).toBe(dropped);
    qdiscReset(q);
    expect(kernel.skbs.live).toBe(0);
  });

  test(`${ops.kind}: a flow keeps its order, and backlog is the bytes that wait`, () => {
    const { kernel, dev } = rig();
    const q = ops.create(dev, dev.txq[0], null);
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
    const q = ops.create(dev, dev.txq[0], null);
    for (let i = 0; i < 10; i++) enqueue(q, frame(kernel, 100));
    qdiscReset(q);
    expect([q.qlen, q.backlog, kernel.skbs.live]).toEqual([0, 0, 0]);
    expect(dequeue(q)).toBe(null);
    enqueue(q, frame(kernel, 100));
    kernel.skbs.free(dequeue(q) as Skb, Drop.None);
  });

  test(`${ops.kind}: its dump is what its create reads`, () => {
    const { dev } = rig();
    const q = ops.create(dev, dev.txq[0], null);
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
  expect(() => mq.create(four.dev, four.dev.txq[0], null)).toThrow();
  expect(mq.create(four.dev, null, null).txq).toBe(null);
});
