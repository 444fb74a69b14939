// lowerdev plan: what would change for a lab, who will reach whom and why, and what may go wrong. Changes nothing.
// Exit codes: 0 nothing to do, 1 something would change, 2 bad input, 3 it cannot be applied, 4 not allowed.

import { oneLine, printable } from '../../base/printable.ts';
import { planLab } from '../../lab/apply/apply.ts';
import { ApplyError } from '../../lab/apply/execute.ts';
import type { Plan } from '../../lab/apply/plan.ts';
import { planData, planText } from '../../lab/apply/plan-text.ts';
import { defaultsData, defaultsText } from '../../lab/file/defaults.ts';
import type { Lab } from '../../lab/file/lab.ts';
import { type Foresight, foresee } from '../../lab/reason/foresee.ts';
import { predictionData, predictionText } from '../../lab/reason/predict-text.ts';
import { risksText } from '../../lab/reason/risks.ts';
import type { SnapshotKernel } from '../../lab/snapshot/kernel.ts';
import { answering } from '../lab-change.ts';
import { engineOf, openKernel, readLab } from '../lab-file.ts';
import { begunBefore } from '../lab-records.ts';
import { throughSandbox } from '../sandbox.ts';
import { wholeNumber } from '../usage.ts';

export interface PlanOptions {
  engine?: string;
  seed: string;
  json?: boolean;
  matrix?: boolean;
  multicast?: boolean;
  adopt?: boolean;
}

/** What is known beforehand, or why the kernel would refuse. */
interface Known {
  readonly foresight: Foresight | null;
  readonly refused: string | null;
}

const NOTHING: Known = { foresight: null, refused: null };

export function plan(file: string, options: PlanOptions): Promise<number> {
  return answering(options, async () => {
    const lab = await readLab(file);
    const engine = engineOf(options.engine, lab.machine === null ? 'linux' : 'model');
    const through = await throughSandbox(engine, lab, 'look');
    if (through !== null) return through;
    const opened = await openKernel(engine, lab, wholeNumber('--seed', options.seed));
    try {
      const planned = planLab(opened.kernel, lab, {
        adopt: options.adopt,
        begun: engine === 'model' ? [] : begunBefore(lab.name),
      });
      const possible = planned.conflicts.length === 0;
      const known = possible ? await foresight(lab, opened.kernel as SnapshotKernel, options) : NOTHING;
      process.stdout.write(options.json ? jsonOf(planned, known, lab) : textOf(planned, known, lab));
      if (!possible || known.refused !== null) return 3;
      return planned.steps.length > 0 ? 1 : 0;
    } finally {
      opened.close();
    }
  });
}

async function foresight(lab: Lab, kernel: SnapshotKernel, options: PlanOptions): Promise<Known> {
  const progress = process.stderr.isTTY ? tell : undefined;
  const { matrix, multicast, adopt } = options;
  const seed = wholeNumber('--seed', options.seed);
  try {
    return { foresight: await foresee(lab, kernel, { seed, matrix, multicast, adopt, progress }), refused: null };
  } catch (error) {
    if (error instanceof ApplyError) return { foresight: null, refused: error.message };
    throw error;
  } finally {
    if (progress !== undefined) process.stderr.write('\r\x1b[K');
  }
}

/** On a terminal, now and then. */
function tell(done: number, all: number): void {
  if (done % 100 === 0) process.stderr.write(`\rpredicting: ${done} of ${all} cells`);
}

function textOf(planned: Plan, { foresight: f, refused }: Known, lab: Lab): string {
  const parts = [planText(planned, false), planned.conflicts.length > 0 ? '' : defaultsText(lab)];
  if (refused !== null) parts.push(`it would be refused: ${oneLine(refused)}\n`);
  if (f !== null) parts.push(predictionText(f.prediction, lab));
  if (f !== null && f.risks.length > 0) parts.push(risksText(f.risks));
  if (f !== null && f.notes.length > 0) parts.push(`notes\n${f.notes.map((n) => `  ${oneLine(n)}\n`).join('')}`);
  return printable(parts.filter((part) => part !== '').join('\n'));
}

function jsonOf(planned: Plan, { foresight: f, refused }: Known, lab: Lab): string {
  const data = {
    ...planData(planned, false),
    refused,
    defaults: defaultsData(lab),
    prediction: f === null ? null : predictionData(f.prediction),
    risks: f?.risks ?? [],
    predictionNotes: f?.notes ?? [],
  };
  return `${JSON.stringify(data, null, 2)}\n`;
}
