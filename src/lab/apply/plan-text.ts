// A plan for people, and as plain data for programs.

import { oneLine } from '../../base/printable.ts';
import type { ApplyError } from './execute.ts';
import type { Plan } from './plan.ts';

/** One line a step; a closing line that says how much it is. `done`: it was carried out. */
export function planText(plan: Plan, done: boolean): string {
  if (plan.conflicts.length > 0) {
    return `${plan.lab}: cannot be applied\n${plan.conflicts.map((c) => `  ! ${oneLine(c)}\n`).join('')}`;
  }
  const lines = plan.steps.map((s) => `  ${s.sign} ${oneLine(s.text)}\n`);
  const notes = plan.notes.map((n) => `  ${oneLine(n)}\n`);
  return [...lines, ...notes, `${plan.lab}: ${count(plan, done)}\n`].join('');
}

function count(plan: Plan, done: boolean): string {
  if (plan.steps.length === 0) return 'nothing to do';
  const words = done ? ['made', 'changed', 'removed'] : ['to make', 'to change', 'to remove'];
  const parts = (['+', '~', '-'] as const).flatMap((sign, i) => {
    const n = plan.steps.filter((s) => s.sign === sign).length;
    return n === 0 ? [] : [`${n} ${words[i]}`];
  });
  return parts.join(', ');
}

export function planData(plan: Plan, done: boolean): object {
  const { lab, steps, conflicts, notes } = plan;
  return { lab, applied: done, steps: steps.map(({ sign, text }) => ({ sign, text })), conflicts, notes };
}

export function errorData({ step, code, extack, why, cure, left, message }: ApplyError): object {
  return { error: { step: step.text, code, extack, why, cure, left, message } };
}
