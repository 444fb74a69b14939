// The invariants of byte queue limits, and the cases that the algorithm is known by.

import { expect, test } from 'vitest';
import { Stream } from '../../base/random.ts';
import { Bql } from './bql.ts';

test('the first frame after a reset exceeds the limit of 0; its completion makes room for it', () => {
  const b = new Bql();
  b.queued(1000);
  expect(b.avail).toBeLessThan(0);
  b.completed(1000, 0);
  expect(b.limit).toBe(1000);
  expect(b.avail).toBe(1000);
});

test('a line that starves doubles what it may hold', () => {
  const b = new Bql();
  const limits = [];
  for (let i = 0; i < 6; i++) {
    let sent = 0;
    while (b.avail >= 0) {
      b.queued(1500);
      sent += 1500;
    }
    b.completed(sent, i * 1000);
    limits.push(b.limit);
  }
  expect(limits).toEqual([...limits].sort((x, y) => x - y));
  expect(limits[5]).toBeGreaterThan(limits[0]);
});

test('slack that lasts longer than the hold time is given back', () => {
  const b = new Bql();
  b.queued(100_000);
  b.completed(100_000, 0);
  expect(b.limit).toBe(100_000);
  // From now on 3 frames are always under way and one at a time completes: most of the limit is slack.
  for (let i = 0; i < 3; i++) b.queued(1000);
  let now = 0;
  for (let i = 0; i < 3000; i++) {
    now += 1_000_000;
    b.queued(1000);
    b.completed(1000, now);
  }
  expect(b.limit).toBeLessThan(10_000);
});

test('at any time: completed <= queued, limit within its bounds, adjLimit = limit + completed', () => {
  for (let seed = 1; seed <= 4; seed++) {
    const chance = new Stream(seed, 'bql');
    const b = new Bql();
    // Near the wrap of 32 bits.
    b.numQueued = b.numCompleted = b.adjLimit = 0xffff0000;
    (b as unknown as { prevNumQueued: number }).prevNumQueued = 0xffff0000;
    let now = 0;
    let flight = 0;
    for (let i = 0; i < 1000; i++) {
      now += chance.below(5_000_000);
      if (b.avail >= 0 && chance.chance(2, 3)) {
        const n = 60 + chance.below(1440);
        b.queued(n);
        flight += n;
      } else if (flight > 0) {
        const n = 1 + chance.below(flight);
        b.completed(n, now);
        flight -= n;
        expect(b.adjLimit).toBe((b.limit + b.numCompleted) >>> 0);
      }
      expect(b.inflight).toBe(flight);
      expect(b.limit).toBeGreaterThanOrEqual(b.minLimit);
      expect(b.limit).toBeLessThanOrEqual(b.maxLimit);
      // No deadlock: nothing under way means that there is room, once something was completed.
      if (flight === 0 && b.numCompleted !== 0xffff0000) expect(b.avail).toBeGreaterThanOrEqual(0);
    }
  }
});

test('completing more than was queued is our mistake', () => {
  const b = new Bql();
  b.queued(10);
  expect(() => b.completed(11, 0)).toThrow(/BQL/);
});

test('minLimit lets the first frames pass', () => {
  const b = new Bql();
  b.minLimit = 5000;
  b.queued(1000);
  b.completed(1000, 0);
  expect(b.limit).toBe(5000);
});
