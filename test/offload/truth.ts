// The recorded answers of a real kernel, for the tests that compare the model with them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case, Truth } from './parse.ts';

export const truth = JSON.parse(readFileSync(join(import.meta.dirname, 'oracle/truth-6.1.json'), 'utf8')) as Truth;

/** Time for a script; on a busy machine. */
export const MINUTES = 300_000;

export const caseOf = (cases: readonly Case[], name: string): Case =>
  cases.find((c) => c.case === name) ?? { case: name, steps: [] };
