// lowerdev apply: makes a machine as a lab says. Exit codes: cli/lab-change.ts.

import type { LabKernel } from '../../lab/apply/access.ts';
import { applyLab, type LabOptions, planLab } from '../../lab/apply/apply.ts';
import type { Plan } from '../../lab/apply/plan.ts';
import type { Lab } from '../../lab/file/lab.ts';
import { answering, carryOut } from '../lab-change.ts';
import { type Engine, engineOf, openKernel, readLab } from '../lab-file.ts';
import { begunBefore, remember, renew } from '../lab-records.ts';
import { throughSandbox } from '../sandbox.ts';
import { Usage, wholeNumber } from '../usage.ts';

export interface PlanOptions {
  engine?: string;
  seed: string;
  json?: boolean;
}

export interface ApplyOptions extends PlanOptions {
  yes?: boolean;
  adopt?: boolean;
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
    const last = (): LabOptions => ({ adopt: options.adopt, begun: engine === 'model' ? [] : begunBefore(lab.name) });
    let planned: Plan | null = null;
    const noted = (planned: Plan): Plan => ({ ...planned, notes: [...planned.notes, ...notes] });
    const change = {
      plan: () => {
        if (options.yes === true || engine === 'sandbox') kernel.nsSweep?.();
        planned = planLab(kernel, lab, last());
        return noted(planned);
      },
      nothing: () => {
        if (engine !== 'model') renew(lab, file);
      },
      carryOut: () => {
        const how = last();
        const record = engine === 'model' || planned === null ? null : remember(lab, file, planned);
        try {
          const done = noted(applyLab(kernel, lab, undefined, how));
          record?.done();
          const why = record?.unwritten ?? null;
          if (why !== null) process.stderr.write(`lowerdev: not recorded, and applied all the same: ${why}\n`);
          return done;
        } catch (error) {
          record?.takenBack();
          throw error;
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
