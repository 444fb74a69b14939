// lowerdev plan and apply: what would change for a lab, and doing it. Exit codes: cli/lab-change.ts.

import type { LabKernel } from '../../lab/apply/access.ts';
import { applyLab, planLab } from '../../lab/apply/apply.ts';
import type { Plan } from '../../lab/apply/plan.ts';
import type { Lab } from '../../lab/file/lab.ts';
import { answering, carryOut, show } from '../lab-change.ts';
import { type Engine, engineOf, openKernel, readLab } from '../lab-file.ts';
import { finished, remember } from '../lab-records.ts';
import { throughSandbox } from '../sandbox.ts';
import { Usage, wholeNumber } from '../usage.ts';

export interface PlanOptions {
  engine?: string;
  seed: string;
  json?: boolean;
}

export interface ApplyOptions extends PlanOptions {
  yes?: boolean;
}

export function plan(file: string, options: PlanOptions): Promise<number> {
  return answering(options, async () => {
    const lab = await readLab(file);
    const engine = engineOf(options.engine, lab.machine === null ? 'linux' : 'model');
    const through = await throughSandbox(engine, lab, 'look');
    if (through !== null) return through;
    const opened = await openKernel(engine, lab, wholeNumber('--seed', options.seed));
    try {
      const planned = planLab(opened.kernel, lab);
      show(planned, false, options);
      return planned.conflicts.length > 0 ? 3 : planned.steps.length > 0 ? 1 : 0;
    } finally {
      opened.close();
    }
  });
}

export function apply(file: string, options: ApplyOptions): Promise<number> {
  return answering(options, async () => {
    const lab = await readLab(file);
    if (lab.machine === null && options.engine === undefined) {
      throw new Usage('this lab stands on this host: say --engine linux to change it');
    }
    const engine = engineOf(options.engine, 'sandbox');
    const through = await throughSandbox(engine, lab, 'keep');
    if (through !== null) return through;
    const opened = await openKernel(engine, lab, wholeNumber('--seed', options.seed));
    const kernel: LabKernel & { nsSweep?(): string[] } = opened.kernel;
    const notes = await notesOf(engine, lab);
    const noted = (planned: Plan): Plan => ({ ...planned, notes: [...planned.notes, ...notes] });
    const change = {
      plan: () => {
        if (options.yes === true || engine === 'sandbox') kernel.nsSweep?.();
        return noted(planLab(kernel, lab));
      },
      carryOut: () => {
        const unwritten = engine === 'model' ? null : remember(lab, file);
        try {
          const done = noted(applyLab(kernel, lab));
          if (unwritten !== null)
            process.stderr.write(`lowerdev: not recorded, and applied all the same: ${unwritten}\n`);
          return done;
        } finally {
          if (engine !== 'model') finished(lab);
        }
      },
    };
    return carryOut(change, { real: engine !== 'model', asks: engine === 'linux' }, options).finally(opened.close);
  });
}

/** What the engine has not. */
async function notesOf(engine: Engine, lab: Lab): Promise<string[]> {
  if (engine !== 'sandbox' || lab.machine === null) return [];
  const { sandboxNotes } = await import('../../linux/sandbox/build.ts');
  return sandboxNotes(lab.machine);
}
