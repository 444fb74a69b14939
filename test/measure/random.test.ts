// A few random labs on this kernel and in the model; `npm run verify:labs` does five hundred.

import { expect, test } from 'vitest';
import { ARMS } from './arms.ts';
import { randomLab } from './random-lab.ts';
import { type Result, verifyMany } from './random-verify.ts';

const skip = ARMS.find((a) => a.name === 'this kernel')?.skip ?? null;
const FIRST = 1000;
const LABS = 12;

test.skipIf(skip !== null)(`random labs are as predicted${skip === null ? '' : ` (skipped: ${skip})`}`, async () => {
  const results: Result[] = [];
  await verifyMany(FIRST, LABS, 6, (r) => results.push(r));
  expect(results.flatMap((r) => r.differences.map((d) => `verify:labs --seed ${r.seed} --count 1: ${d}`))).toEqual([]);
  expect(results.reduce((sum, r) => sum + r.reached, 0)).toBeGreaterThan(0);
});

test('the same seed gives the same lab', () => {
  expect(randomLab(7)).toBe(randomLab(7));
  expect(randomLab(7)).not.toBe(randomLab(8));
});
