// Carries a plan out as one transaction: when anything fails, all that was done is taken back in reverse, and the error
// says which step it was, what the kernel answered and, where that is known, why.

import { NlError } from '../../netlink/error.ts';
import type { Access } from './access.ts';
import { type Action, perform } from './actions.ts';
import { explain } from './explain.ts';
import type { Plan, Step } from './plan.ts';

/** Something could not be done. The machine is as it was, unless `left` says otherwise. */
export class ApplyError extends Error {
  override readonly name = 'ApplyError';
  readonly step: Step;
  readonly action: Action;
  /** 'EBUSY'; null: not the kernel's refusal. */
  readonly code: string | null;
  /** The kernel's own words. */
  readonly extack: string | null;
  /** Found by looking at the machine. */
  readonly why: string | null;
  /** What could not be taken back. */
  readonly left: readonly string[];

  constructor(step: Step, action: Action, cause: Error, why: string | null, left: readonly string[]) {
    super(`${step.text}: ${cause.message}${why === null ? '' : `: ${why}`}`, { cause });
    this.step = step;
    this.action = action;
    this.code = cause instanceof NlError ? cause.code : null;
    this.extack = cause instanceof NlError ? (cause.extack.text ?? null) : null;
    this.why = why;
    this.left = left;
  }
}

export interface Watcher {
  /** Before each act. What it throws counts as a failure of the act. */
  onAct?(step: Step, action: Action): void;
}

/** Throws ApplyError. A plan with conflicts has no steps, and does nothing. */
export function execute(access: Access, plan: Plan, watcher: Watcher = {}): void {
  const undos: Action[][] = [];
  for (const step of plan.steps) {
    for (const { action, undo } of step.acts) {
      try {
        watcher.onAct?.(step, action);
        perform(access, action);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        const why = error instanceof NlError ? explain(access, action, error) : null;
        throw new ApplyError(step, action, error, why, takeBack(access, undos));
      }
      undos.push([...undo]);
    }
  }
}

/** What could not be. The rest is taken back all the same. */
function takeBack(access: Access, undos: readonly Action[][]): string[] {
  const left: string[] = [];
  for (const undo of [...undos].reverse()) {
    for (const action of undo) {
      try {
        perform(access, action);
      } catch (error) {
        left.push(`${action.do} ${JSON.stringify(action)}: ${(error as Error).message}`);
      }
    }
  }
  return left;
}
