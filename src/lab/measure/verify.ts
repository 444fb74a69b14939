// A lab's predicted matrix against the measured one, and both against what the lab expects. Pure: whoever calls has measured.

import type { Expectation, Lab } from '../file/lab.ts';
import { type Cell, cellKey, type Outcome, type Party } from './cells.ts';

export interface Compared {
  readonly cell: Cell;
  readonly predicted: Outcome;
  readonly measured: Outcome;
  /** Why it is predicted so, in a sentence. */
  readonly reason: string | null;
  /** What the lab expects of it; null: nothing. */
  readonly expected: boolean | null;
  readonly differs: boolean;
  /** The measurement is not what the lab expects. */
  readonly broken: boolean;
}

export interface Verification {
  readonly lab: string;
  /** In the order of the matrix. */
  readonly parties: readonly string[];
  readonly cells: readonly Compared[];
  /** What is not as the lab says on the kernel that was measured, and what else a reader should know. */
  readonly notes: readonly string[];
}

/** Predicted and measured are in the same order. Cells that neither side can ask (no such address) and nobody expects are left out. */
export function compare(
  lab: Pick<Lab, 'name' | 'expect'>,
  parties: readonly Party[],
  predicted: readonly Outcome[],
  measured: readonly Outcome[],
  reasons: readonly (string | null)[],
  notes: readonly string[],
): Verification {
  const expectations = new Map(lab.expect.map((e): [string, Expectation] => [cellKey(e), e]));
  const cells = predicted.flatMap((p, i): Compared[] => {
    const m = measured[i];
    const expected = expectations.get(cellKey(p.cell))?.reach ?? null;
    if (expected === null && p.stage === 'no-address' && m.stage === 'no-address') return [];
    const differs = p.reached !== m.reached;
    const broken = expected !== null && expected !== m.reached;
    return [{ cell: p.cell, predicted: p, measured: m, reason: reasons[i] ?? null, expected, differs, broken }];
  });
  return { lab: lab.name, parties: parties.map((p) => p.name), cells, notes };
}

/** What a second look at some cells gave, in place of the first. */
export function looked(first: readonly Outcome[], again: readonly Outcome[]): Outcome[] {
  const second = new Map(again.map((o) => [cellKey(o.cell), o]));
  return first.map((outcome) => {
    const later = second.get(cellKey(outcome.cell));
    if (later === undefined || later.reached === outcome.reached) return later ?? outcome;
    return { ...later, evidence: `${later.evidence} (at a second look; at the first: ${outcome.evidence})` };
  });
}

export function different(v: Verification): Compared[] {
  return v.cells.filter((c) => c.differs);
}

export function broken(v: Verification): Compared[] {
  return v.cells.filter((c) => c.broken);
}
