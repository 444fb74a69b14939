// How the verbs that change a machine go about it: the plan is shown first, one change comes after the other, and bad news has
// an exit code. 0 as wished, 1 differs (plan), 2 bad input, 3 refused, 4 not allowed.

import { oneLine } from '../base/printable.ts';
import { DesiredError } from '../lab/apply/desired.ts';
import { ApplyError } from '../lab/apply/execute.ts';
import type { Plan } from '../lab/apply/plan.ts';
import { errorData, planData, planText } from '../lab/apply/plan-text.ts';
import { lockMachine, Refused } from './lab-file.ts';
import { badNews, Usage } from './usage.ts';

const LOCK_WAIT_MS = 60_000;

export interface ShowOptions {
  json?: boolean;
  /** Takes what `json` would print, for a document of several labs. */
  collect?: object[];
}

export interface ChangeOptions extends ShowOptions {
  yes?: boolean;
}

export interface Change {
  plan(): Plan;
  carryOut(): Plan;
  /** Instead, where there is nothing to do. */
  nothing?(): void;
}

/**
 * `real`: a kernel that others change too. `asks`: without --yes it stays at the plan, since the host itself is at stake.
 */
export async function carryOut(
  change: Change,
  { real, asks }: { real: boolean; asks: boolean },
  options: ChangeOptions,
): Promise<number> {
  const unlock = real ? await lockMachine(LOCK_WAIT_MS) : () => {};
  try {
    const planned = change.plan();
    if (planned.conflicts.length > 0 || planned.steps.length === 0) {
      if (planned.conflicts.length === 0) change.nothing?.();
      show(planned, planned.conflicts.length === 0, options);
      return planned.conflicts.length > 0 ? 3 : 0;
    }
    if (asks && options.yes !== true) {
      show(planned, false, options);
      throw new Refused('nothing was changed; --yes does it', 3, true);
    }
    show(change.carryOut(), true, options);
    return 0;
  } finally {
    unlock();
  }
}

export function show(plan: Plan, done: boolean, options: ShowOptions): void {
  if (options.json) tellData(planData(plan, done), options);
  else process.stdout.write(planText(plan, done));
}

function tellData(data: object, { collect }: ShowOptions): void {
  if (collect !== undefined) collect.push(data);
  else process.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
}

/** Bad news in one line on standard error (with --json as a document), and its exit code. */
export async function answering(options: ShowOptions, body: () => Promise<number>): Promise<number> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof DesiredError) throw new Usage(error.message);
    if (error instanceof Refused) {
      return refused(oneLine(error.message), error.exitCode, options, error.documented);
    }
    if (error instanceof ApplyError) return sayFailure(error, options);
    if (error instanceof Error && /^this kernel has no processes and files/.test(error.message)) {
      throw new Usage(`${error.message}: with a "machine", "netns" is a name or host`);
    }
    if (error instanceof Error && notAllowed(error.message)) {
      return refused(`${oneLine(error.message)}: this takes root, or CAP_NET_ADMIN and CAP_SYS_ADMIN`, 4, options);
    }
    if (error instanceof Error && /^cannot enter the network namespace/.test(error.message)) {
      const why = /EINVAL/.test(error.message)
        ? 'that file is no namespace (`ip netns delete` removes it from its names)'
        : 'not allowed';
      return refused(`${oneLine(error.message)}: ${why}; nothing was changed`, 4, options);
    }
    throw error;
  }
}

function refused(message: string, exitCode: number, options: ShowOptions, documented = false): number {
  badNews(message, exitCode, false);
  if (options.json === true && !documented) tellData({ error: { message, exitCode } }, options);
  return exitCode;
}

function sayFailure(error: ApplyError, options: ShowOptions): number {
  if (options.json) tellData(errorData(error), options);
  process.stderr.write(`lowerdev: ${oneLine(error.message)}\n`);
  process.stderr.write(
    error.left.length === 0
      ? 'lowerdev: everything is as it was before\n'
      : error.left.map((l) => `lowerdev: could not be taken back: ${oneLine(l)}\n`).join(''),
  );
  return notAllowed(error.message) || /\bEROFS\b/.test(error.message) ? 4 : 3;
}

function notAllowed(message: string): boolean {
  return /\b(EPERM|EACCES)\b/.test(message);
}
