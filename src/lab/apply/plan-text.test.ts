// Names come from others, and a terminal obeys what is in them: what verbs print has neither orders nor more lines than meant.

import { expect, test } from 'vitest';
import { parseLab } from '../file/lab-yaml.ts';
import { verifyText } from '../measure/verify-text.ts';
import { createModel } from '../model.ts';
import { foresee } from '../reason/foresee.ts';
import { predictionText } from '../reason/predict-text.ts';
import { risksText } from '../reason/risks.ts';
import { applyLab, planLab } from './apply.ts';
import { planText } from './plan-text.ts';

const ODD = '\x1b[2J\x9b1m\x07';
const lab = parseLab(
  JSON.stringify({
    lab: 't',
    machine: { nics: { p0: {} } },
    networks: { lan: { lower: 'p0' } },
    endpoints: { a: { device: ODD, netns: `n${ODD}`, altnames: [ODD + ODD], addresses: ['10.0.0.1/24'] } },
  }),
  't.yaml',
);
/** Control characters but line breaks. */
const ORDERS = /(?!\n)\p{Cc}/u;

test('a plan', () => {
  const model = createModel({ seed: 1, machine: lab.machine ?? undefined });
  const planned = planLab(model.os, lab);
  expect(planned.steps.some((s) => ORDERS.test(s.text))).toBe(true); // for programs, as they are
  expect(planText(planned, false)).not.toMatch(ORDERS);
  expect(planText(planned, false)).toContain('+ n?[2J?1m?/?[2J');
  const odd = { ...planned, steps: [], notes: ['a\nb'], conflicts: [] };
  expect(planText(odd, false)).toBe('  a?b\nt: nothing to do\n');
  expect(planText({ ...odd, conflicts: ['c\x1bd\ne'] }, false)).toBe('t: cannot be applied\n  ! c?d?e\n');
  applyLab(model.os, lab);
});

test('what is foreseen, and what verify finds', async () => {
  const { risks } = await foresee(lab, null, {});
  expect(
    risksText([...risks, { code: 'x', severity: 'note', where: ODD, text: ODD, evidence: [], cure: null }]),
  ).not.toMatch(ORDERS);
  const cell = { from: 'a', to: 'host', traffic: 'ipv4' } as const;
  const outcome = { cell, reached: true, stage: 'reached', evidence: `at ${ODD}\nx`, there: null, back: null, arrivedAt: ODD, answeredAt: null, probes: [], tries: 1 } as const; // biome-ignore format: one look
  const found = {
    cell,
    predicted: outcome,
    measured: outcome,
    reason: ODD,
    expected: false,
    differs: true,
    broken: true,
  };
  const text = verifyText(
    { lab: 't', parties: ['a', 'host'], cells: [found], notes: [`${ODD}\n`] },
    { on: 'x', seed: 1, all: true },
  );
  expect(text).not.toMatch(ORDERS);
  expect(text).toContain('at ?[2J?1m??x');
  expect(predictionText({ parties: [], cells: [], expectations: [] }, lab)).toBe('');
});
