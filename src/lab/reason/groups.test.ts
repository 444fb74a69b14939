// Pairs in few words, however many there are.

import { expect, test } from 'vitest';
import { pairsText } from './groups.ts';
import type { Prediction } from './predict.ts';
import { predictionText } from './predict-text.ts';

const ring = (n: number): [string, string][] => Array.from({ length: n }, (_, i) => [`x${i}`, `x${(i + 1) % n}`]);

test('pairs that have nothing in common are told up to a number, and the rest counted', () => {
  const text = pairsText(ring(300), []);
  expect(text.split('; ').slice(0, 2)).toEqual(['x0 -> x1', 'x1 -> x2']);
  expect(text).toMatch(/; and 276 more pairs$/);
});

test('a few are all told', () => {
  expect(pairsText(ring(4), [])).toBe('x0 -> x1; x1 -> x2; x2 -> x3; x3 -> x0');
});

test('of very many parties there is no table, only the reasons', () => {
  const textOf = (n: number): string => {
    const reason = {
      ok: true,
      code: 'ok-software',
      text: 'ok in software',
      direction: null,
      where: '',
      evidence: [],
      cure: null,
      act: null,
    };
    const cells = ring(n).map(([from, to]) => ({
      cell: { from, to, traffic: 'ipv4' },
      outcome: { there: null },
      reason,
    }));
    const prediction = { parties: ring(n).map(([name]) => ({ name })), cells, expectations: [] };
    return predictionText(prediction as unknown as Prediction, { networks: [] } as never);
  };
  expect(textOf(100)).toContain('reachability (');
  expect(textOf(101)).not.toContain('reachability (');
  expect(textOf(101)).toContain('ok in software');
});
