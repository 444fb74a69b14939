// Buffers with users: sizes, limits, reuse.

import { expect, test } from 'vitest';
import { FrameSlab } from './frameslab.ts';

test('three sizes, each buffer within its bounds and apart from the others', () => {
  const slab = new FrameSlab();
  const taken = [60, 2304, 2305, 10240, 10241, 66816].map((size) => ({ size, buf: slab.take(size) }));
  const sizes = taken.map(({ buf }) => slab.endOf(buf) - slab.startOf(buf));
  expect(new Set(sizes).size).toBe(3);
  taken.forEach(({ size }, i) => expect(sizes[i]).toBeGreaterThanOrEqual(size));
  const spans = taken.map(({ buf }) => [slab.startOf(buf), slab.endOf(buf)]).sort((a, b) => a[0] - b[0]);
  for (let i = 1; i < spans.length; i++) expect(spans[i][0]).toBeGreaterThanOrEqual(spans[i - 1][1]);
  expect(slab.endOf(taken[5].buf)).toBeLessThanOrEqual(slab.bytes.length);
  expect(() => slab.take(70000)).toThrow('a frame larger than 64 KiB');
});

test('the last user gives it back, and nobody does it twice', () => {
  const slab = new FrameSlab();
  const buf = slab.take(60);
  slab.hold(buf);
  expect(slab.shared(buf)).toBe(true);
  slab.release(buf);
  expect([slab.shared(buf), slab.live]).toEqual([false, 1]);
  slab.release(buf);
  expect([slab.live, slab.take(60)]).toEqual([0, buf]);
  slab.release(buf);
  expect(() => slab.release(buf)).toThrow('freed twice');
});

test('at its limit it says so, and goes on when something came back', () => {
  const slab = new FrameSlab(1 << 20);
  const all: number[] = [];
  for (let buf = slab.take(60); buf >= 0; buf = slab.take(60)) all.push(buf);
  expect(all.length).toBeGreaterThan(200);
  expect([slab.bytes.length <= 1 << 21, slab.take(60)]).toEqual([true, -1]);
  slab.release(all[9]);
  expect(slab.take(60)).toBe(all[9]);
});
