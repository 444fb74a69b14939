// lowerdev plan, apply, destroy: what would change for a lab, doing it, and removing it again.
// Exit codes: 0 as wished, 1 differs (plan), 2 bad input, 3 refused, 4 not allowed.

import { applyLab, destroyLab, labsOn, planDestroy, planLab } from '../../lab/apply/apply.ts';
import { DesiredError, placesOf } from '../../lab/apply/desired.ts';
import { ApplyError } from '../../lab/apply/execute.ts';
import type { Plan } from '../../lab/apply/plan.ts';
import { errorData, planData, planText } from '../../lab/apply/plan-text.ts';
import { engineOf, labOrName, lockMachine, openKernel, Refused, readLab } from '../lab-file.ts';
import { Usage, wholeNumber } from '../usage.ts';

export interface PlanOptions {
  engine?: string;
  seed: string;
  json?: boolean;
}

export interface ApplyOptions extends PlanOptions {
  yes?: boolean;
}

const LOCK_WAIT_MS = 10_000;

export function plan(file: string, options: PlanOptions): Promise<number> {
  return answering(options, async () => {
    const lab = await readLab(file);
    const engine = engineOf(options.engine, lab.machine === null ? 'linux' : 'model');
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
    const engine = engineOf(options.engine, 'model');
    const opened = await openKernel(engine, lab, wholeNumber('--seed', options.seed));
    const { kernel } = opened;
    const change = { plan: () => planLab(kernel, lab), carryOut: () => applyLab(kernel, lab) };
    return carryOut(change, engine === 'linux', options).finally(opened.close);
  });
}

export interface DestroyOptions extends ApplyOptions {
  all?: boolean;
}

/** `what`: a file, or a lab's name. */
export function destroy(what: string | undefined, options: DestroyOptions): Promise<number> {
  return answering(options, async () => {
    if ((what === undefined) !== (options.all === true)) throw new Usage('destroy wants a lab, or --all');
    if (engineOf(options.engine, 'linux') !== 'linux') {
      throw new Usage('a model keeps nothing that could be removed: --engine linux');
    }
    const { kernel } = await openKernel('linux', null, 1);
    const doomed = what === undefined ? labsOn(kernel).map((name) => ({ name, lab: null })) : [await labOrName(what)];
    if (doomed.length === 0) process.stderr.write('lowerdev: no lab has anything here\n');
    let worst = 0;
    for (const { name, lab } of doomed) {
      const places = lab === null ? [] : placesOf(lab);
      const change = {
        plan: () => planDestroy(kernel, name, places),
        carryOut: () => destroyLab(kernel, name, places),
      };
      worst = Math.max(worst, await answering(options, () => carryOut(change, true, options)));
    }
    return worst;
  });
}

interface Change {
  plan(): Plan;
  carryOut(): Plan;
}

/** On this machine the plan is shown first, and one change comes after the other. */
async function carryOut(change: Change, real: boolean, options: ApplyOptions): Promise<number> {
  const unlock = real ? await lockMachine(LOCK_WAIT_MS) : () => {};
  try {
    const planned = change.plan();
    if (planned.conflicts.length > 0 || planned.steps.length === 0) {
      show(planned, planned.conflicts.length === 0, options);
      return planned.conflicts.length > 0 ? 3 : 0;
    }
    if (real && options.yes !== true) {
      show(planned, false, options);
      throw new Refused('nothing was changed; --yes does it', 3);
    }
    show(change.carryOut(), true, options);
    return 0;
  } finally {
    unlock();
  }
}

function show(plan: Plan, done: boolean, options: PlanOptions): void {
  process.stdout.write(options.json ? `${JSON.stringify(planData(plan, done), null, 2)}\n` : planText(plan, done));
}

/** Bad news in one line on standard error (with --json as a document), and its exit code. */
async function answering(options: PlanOptions, body: () => Promise<number>): Promise<number> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof DesiredError) throw new Usage(error.message);
    if (error instanceof Refused) {
      process.stderr.write(`lowerdev: ${error.message}\n`);
      return error.exitCode;
    }
    if (error instanceof ApplyError) return sayFailure(error, options);
    if (error instanceof Error && /\b(EPERM|EACCES)\b/.test(error.message)) {
      process.stderr.write(`lowerdev: ${error.message}: this takes root, or CAP_NET_ADMIN and CAP_SYS_ADMIN\n`);
      return 4;
    }
    throw error;
  }
}

function sayFailure(error: ApplyError, options: PlanOptions): number {
  if (options.json) process.stdout.write(`${JSON.stringify(errorData(error), null, 2)}\n`);
  process.stderr.write(`lowerdev: ${error.message}\n`);
  process.stderr.write(
    error.left.length === 0
      ? 'lowerdev: everything is as it was before\n'
      : error.left.map((l) => `lowerdev: could not be taken back: ${l}\n`).join(''),
  );
  return /\b(EPERM|EACCES)\b/.test(error.message) ? 4 : 3;
}
