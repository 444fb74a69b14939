// When a transmit ring stops its txq and when it wakes it: fewer descriptors free than one frame may need, and twice as many.

import { expect, test } from 'vitest';
import { Drop } from '../../net/drop.ts';
import { XOFF_DRV } from '../../net/flags.ts';
import type { Skb } from '../../net/skb.ts';
import { addDev, frame, makeCore } from '../../net/testing.ts';
import type { CableEnd } from '../../sim/cable.ts';
import { findProfile } from './profiles.ts';
import { TxRing } from './tx-ring.ts';

test.each([
  ['ixgbe', 21],
  ['fm10k', 21],
  ['i40e', 23],
  ['ice', 23],
])('%s: stops with fewer than %i free, and wakes with twice as many', (name, needed) => {
  const { kernel, ns } = makeCore();
  const dev = addDev(ns, 'p');
  const ring = new TxRing(dev.txq[0], 128, findProfile(name)!.descNeeded, false);
  const stopped = (): boolean => (ring.txq.state & XOFF_DRV) !== 0;
  while (!stopped()) expect(ring.post(frame(dev, 2), 0, 1)).toBe(true);
  expect(ring.free).toBe(needed - 1);
  // All go out, one each microsecond, and complete one by one.
  for (let us = 1; ring.waiting > 0; us++) {
    const skb = ring.fetch();
    ring.leaves({ busyUntilNs: us * 1000 } as CableEnd<Skb>);
    kernel.skbs.free(skb, Drop.None);
  }
  for (let us = 1; stopped(); us++) {
    expect(ring.free).toBeLessThan(2 * needed);
    kernel.loop.runUntil(us * 1000);
    ring.complete();
  }
  expect([ring.free, ring.restarts]).toEqual([2 * needed, 1]);
});

test('no room at all: the frame stays with the caller, and the txq is stopped', () => {
  const { kernel, ns } = makeCore();
  const dev = addDev(ns, 'p');
  const ring = new TxRing(dev.txq[0], 32, 21, false);
  while (ring.free > 3) ring.post(frame(dev, 2), 0, 1);
  ring.txq.state = 0;
  const skb = frame(dev, 2);
  expect([ring.post(skb, 0, 1), ring.busy, ring.txq.state]).toEqual([false, 1, XOFF_DRV]);
  kernel.skbs.free(skb, Drop.None);
});
