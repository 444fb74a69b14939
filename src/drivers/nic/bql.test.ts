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

/** The rules as they are documented, on unbounded numbers: what is queued and completed in all, never wrapped. */
class Plain {
  queuedAll = 0;
  completedAll = 0;
  limit = 0;
  last = 0;
  before = { queued: 0, over: 0, last: 0 };
  lowest = Infinity;
  since = 0;

  queued(n: number): void {
    this.queuedAll += n;
    this.last = n;
  }

  get room(): number {
    return this.limit + this.completedAll - this.queuedAll;
  }

  completed(n: number, now: number): void {
    const { before } = this;
    const done = this.completedAll + n;
    const under = this.queuedAll - done;
    const underBefore = before.queued - this.completedAll;
    const all = done >= before.queued;
    let over = Math.max(0, this.queuedAll - this.completedAll - this.limit);
    let { limit } = this;
    if ((over > 0 && under === 0) || (before.over > 0 && all)) {
      limit += Math.max(0, done - before.queued) + before.over;
      this.since = now;
      this.lowest = Infinity;
    } else if (under > 0 && underBefore > 0 && !all) {
      const slack = Math.max(0, limit + before.over - 2 * n);
      const lastSlack = before.over > 0 ? Math.max(0, before.last - before.over) : 0;
      this.lowest = Math.min(this.lowest, Math.max(slack, lastSlack));
      if (now > this.since + 1e9) {
        limit = Math.max(0, limit - this.lowest);
        this.since = now;
        this.lowest = Infinity;
      }
    }
    if (limit !== this.limit) over = 0;
    this.limit = limit;
    this.completedAll = done;
    this.before = { queued: this.queuedAll, over, last: this.last };
  }
}

test('step by step it is what the documented rules give, across the wrap of 32 bits', () => {
  let shrunk = 0;
  let over4G = 0;
  for (let seed = 1; seed <= 8; seed++) {
    const chance = new Stream(seed, 'bql rules');
    const b = new Bql();
    const plain = new Plain();
    // Every other run near the wrap: so much came and went before.
    if (seed % 2 === 0) {
      plain.queuedAll = plain.completedAll = plain.before.queued = 0xfff00000;
      b.numQueued = b.numCompleted = b.adjLimit = 0xfff00000;
      (b as unknown as { prevNumQueued: number }).prevNumQueued = 0xfff00000;
    }
    let now = 0;
    for (let i = 0; i < 4000; i++) {
      now += chance.below(3_000_000);
      const flight = plain.queuedAll - plain.completedAll;
      if (plain.room >= 0 && chance.chance(3, 4)) {
        const n = 60 + chance.below(64_000);
        b.queued(n);
        plain.queued(n);
      } else if (flight > 0) {
        const n = chance.chance(1, 4) ? flight : 1 + chance.below(flight);
        const was = plain.limit;
        b.completed(n, now);
        plain.completed(n, now);
        if (plain.limit < was) shrunk++;
      }
      expect([b.limit, b.avail, b.inflight]).toEqual([plain.limit, plain.room, plain.queuedAll - plain.completedAll]);
    }
    if (plain.queuedAll > 0xffffffff) over4G++;
  }
  expect([shrunk > 10, over4G]).toEqual([true, 4]);
});
