import { describe, expect, test } from 'vitest';
import { Stream } from '../base/random.ts';
import { Loop } from './loop.ts';
import { Timer } from './timer.ts';

describe('the loop', () => {
  test('runs events by time, and in the order of asking at the same time', () => {
    const loop = new Loop();
    const seen: string[] = [];
    const say = (_: null, what: string): void => {
      seen.push(`${loop.now}:${what}`);
    };
    loop.at(20, say, null, 'c');
    loop.at(10, say, null, 'a');
    loop.at(10, say, null, 'b');
    loop.at(20, say, null, 'd');
    loop.runUntil(100);
    expect(seen).toEqual(['10:a', '10:b', '20:c', '20:d']);
    expect(loop.now).toBe(100);
  });

  test('agrees with a sorted list on thousands of random events, cancellations included', () => {
    const seed = 7;
    const chance = new Stream(seed, 'loop');
    const loop = new Loop();
    const expected: Array<[number, number]> = [];
    const got: Array<[number, number]> = [];
    const ids: number[] = [];
    for (let i = 0; i < 5000; i++) {
      const at = chance.below(300);
      ids.push(loop.at(at, (_: null, n: number) => got.push([loop.now, n]), null, i));
      expected.push([at, i]);
    }
    const kept = expected.filter(([, i]) => {
      const cancel = chance.chance(1, 3);
      if (cancel) expect(loop.cancel(ids[i])).toBe(true);
      return !cancel;
    });
    kept.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    while (loop.step());
    expect(got, `seed ${seed}`).toEqual(kept);
    expect(loop.pending).toBe(0);
  });

  test('an id is good once: a cancelled or finished event cannot be cancelled again', () => {
    const loop = new Loop();
    const id = loop.at(5, () => {}, null, 0);
    expect(loop.cancel(id)).toBe(true);
    expect(loop.cancel(id)).toBe(false);
    const next = loop.at(6, () => {}, null, 0);
    loop.runUntil(10);
    expect(loop.cancel(next)).toBe(false);
    expect(loop.cancel(id)).toBe(false);
  });

  test('refuses the past', () => {
    const loop = new Loop();
    loop.runUntil(50);
    expect(() => loop.at(49, () => {}, null, 0)).toThrow(/past/);
  });
});

test('a timer re-armed fires once, at its last time', () => {
  const loop = new Loop();
  const fired: number[] = [];
  const t = new Timer(loop, () => fired.push(loop.now), null);
  t.armIn(10);
  t.armIn(30);
  loop.runUntil(100);
  expect(fired).toEqual([30]);
  expect(t.armed).toBe(false);
});
