// The backlog (net/core/dev.c, enqueue_to_backlog(), process_backlog()).

import { expect, test } from 'vitest';
import { Drop } from './drop.ts';
import type { NetDevice } from './netdev.ts';
import { frame, makeCore, setUp, upDev } from './testing.ts';

function arrive(dev: NetDevice, tag = 0): number {
  const skb = frame(dev, dev.addr, tag);
  dev.core.kernel.rx.ethTypeTrans(skb, dev);
  return dev.core.kernel.softirq.netifRx(skb);
}

test('keeps the order, and takes as many as the sysctl says and one', () => {
  const { kernel, ns } = makeCore();
  const d = upDev(ns, 'a');
  kernel.softirq.maxBacklog = 3;
  const seen: number[] = [];
  kernel.protocols.set(0x88b5, (skb) => {
    seen.push(skb.bytes[skb.off]);
    skb.slabs.free(skb, Drop.None);
  });
  expect([1, 2, 3, 4, 5].map((tag) => arrive(d, tag))).toEqual([0, 0, 0, 0, 1]);
  expect([d.coreRxDropped, kernel.skbs.ended[Drop.BacklogFull], kernel.softirq.backlog]).toEqual([1, 1, 4]);
  kernel.loop.runUntil(1e6);
  expect([seen, kernel.skbs.live]).toEqual([[1, 2, 3, 4], 0]);
});

test('frames that come while it runs wait for the next run, within a bound of their own', () => {
  const { kernel, ns } = makeCore();
  const d = upDev(ns, 'a');
  kernel.softirq.maxBacklog = 1;
  let times = 0;
  const answers: number[] = [];
  kernel.protocols.set(0x88b5, (skb) => {
    if (times++ === 0) for (let i = 0; i < 3; i++) answers.push(arrive(d));
    skb.slabs.free(skb, Drop.None);
  });
  arrive(d);
  arrive(d);
  kernel.loop.step();
  expect([times, answers, kernel.softirq.backlog]).toEqual([2, [0, 0, 1], 2]);
  const at = kernel.loop.now;
  kernel.loop.step();
  expect([times, kernel.loop.now - at]).toEqual([4, kernel.timing.softirqNs]);
});

test('a device that is down takes nothing', () => {
  const { kernel, ns } = makeCore();
  const d = upDev(ns, 'a');
  setUp(d, false);
  expect([arrive(d), d.coreRxDropped, kernel.skbs.ended[Drop.DeviceDown]]).toEqual([1, 1, 1]);
});

test('a worker lets it run at once, but never within itself', () => {
  const { kernel, ns } = makeCore();
  const d = upDev(ns, 'a');
  let deep = 0;
  kernel.protocols.set(0x88b5, (skb) => {
    skb.slabs.free(skb, Drop.None);
    if (deep++ === 0) {
      arrive(d);
      kernel.softirq.runNow();
      expect(deep).toBe(1);
    }
  });
  arrive(d);
  kernel.softirq.runNow();
  expect([deep, kernel.softirq.backlog]).toEqual([1, 1]);
  kernel.loop.runUntil(1e6);
  expect([deep, kernel.skbs.live]).toEqual([2, 0]);
});

test('a device that goes while the backlog runs: its frames end, and are counted once', () => {
  const { kernel, ns } = makeCore();
  const d = upDev(ns, 'a');
  kernel.protocols.set(0x88b5, (skb) => {
    skb.slabs.free(skb, Drop.None);
    kernel.dev.delete(d);
  });
  arrive(d);
  arrive(d);
  arrive(d);
  kernel.loop.runUntil(1e6);
  expect([kernel.skbs.ended[Drop.DeviceGone], kernel.skbs.live, kernel.softirq.backlog]).toEqual([2, 0, 0]);
});
