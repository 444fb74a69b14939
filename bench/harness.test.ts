// The arithmetic of the harness; the benches themselves run in `npm run bench -- --short`.

import { expect, test } from 'vitest';
import { type Bench, measure, median, meetsGoal } from './harness.ts';

test('medians', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
});

test('both sides run in turn, the first run of the value does not count, and the goal is held against the ratio', async () => {
  const calls: string[] = [];
  let closed = false;
  const bench: Bench = {
    name: 'b',
    what: '',
    unit: 'ms',
    better: 'lower',
    goal: { of: 'ratio', atMost: 2 },
    prepare: () => ({
      value: () => calls.push('a') * 10,
      baseline: { name: 'base', run: () => calls.push('b') * 5 },
      close: () => {
        closed = true;
      },
    }),
  };
  const result = await measure(bench, 3, 1);
  expect(calls.join('')).toBe('aababab');
  expect(result).toMatchObject({ value: 40, baseline: 25, baselineName: 'base', ratio: 1.6, runs: 3 });
  expect(meetsGoal(bench, result)).toBe(true);
  expect(closed).toBe(true);
});
