// A lab and a kernel: plan, apply, destroy. Each opens what it needs and closes it again.

import type { Lab, NetnsRef } from '../file/lab.ts';
import { Access, type LabKernel } from './access.ts';
import { readCurrent } from './current.ts';
import { type BegunLink, type Desired, desiredOf, noneOf } from './desired.ts';
import { execute, Outrun, type Watcher } from './execute.ts';
import { labOf } from './names.ts';
import { type Plan, planOf } from './plan.ts';

/** How often somebody else may be quicker. */
const TRIES = 5;

export interface LabOptions {
  /** What is there already, is nobody's and is just as the lab says becomes the lab's. */
  readonly adopt?: boolean;
  /** What a change that was cut short was about to make: begunOf() its plan. */
  readonly begun?: readonly BegunLink[];
}

/** What would change. Throws DesiredError. */
export function planLab(kernel: LabKernel, lab: Lab, options: LabOptions = {}): Plan {
  return planned(kernel, { ...desiredOf(lab), ...options });
}

/** Makes the machine as the lab says; what was done. Throws DesiredError, and ApplyError when nothing was changed after all. */
export function applyLab(kernel: LabKernel, lab: Lab, watcher?: Watcher, options: LabOptions = {}): Plan {
  return done(kernel, { ...desiredOf(lab), ...options }, watcher);
}

/**
 * What would be removed: all that carries the lab's tag, in the host's namespace, in those that have a name and in `places`.
 * Needs no file.
 */
export function planDestroy(
  kernel: LabKernel,
  name: string,
  places: readonly NetnsRef[] = [],
  begun: readonly BegunLink[] = [],
): Plan {
  return planned(kernel, noneOf(name, places, begun));
}

/** Removes that, and nothing else. Throws ApplyError when nothing was changed after all. */
export function destroyLab(
  kernel: LabKernel,
  name: string,
  places: readonly NetnsRef[] = [],
  watcher?: Watcher,
  begun: readonly BegunLink[] = [],
): Plan {
  return done(kernel, noneOf(name, places, begun), watcher);
}

/** The links that a plan makes, or makes again when it is taken back. */
export function begunOf(plan: Plan): BegunLink[] {
  const actions = plan.steps.flatMap((s) => s.acts.flatMap(({ action, undo }) => [action, ...undo]));
  return actions.flatMap((a): BegunLink[] => {
    if (a.do !== 'link-add') return [];
    const { ifname, kind, lower, mac } = a.link;
    return [{ place: a.place, ifname, kind, lower, mac }];
  });
}

/** The names of all labs that have something in the host's namespace or in one that has a name. */
export function labsOn(kernel: LabKernel): string[] {
  return using(kernel, (access) => {
    const { namespaces } = readCurrent(access, noneOf('', []));
    const labs = namespaces.flatMap((ns) => ns.links.flatMap((link) => labOf(link.alias) ?? []));
    return [...new Set(labs)].sort((a, b) => (a < b ? -1 : 1));
  });
}

function planned(kernel: LabKernel, desired: Desired): Plan {
  return using(kernel, (access) => planOf(desired, readCurrent(access, desired)));
}

function done(kernel: LabKernel, desired: Desired, watcher: Watcher | undefined): Plan {
  for (let tries = 1; ; tries++) {
    try {
      return using(kernel, (access) => {
        const plan = planOf(desired, readCurrent(access, desired));
        execute(access, plan, watcher);
        return plan;
      });
    } catch (error) {
      if (!(error instanceof Outrun) || tries === TRIES) throw error;
    }
  }
}

function using<T>(kernel: LabKernel, body: (access: Access) => T): T {
  const access = new Access(kernel);
  try {
    return body(access);
  } finally {
    access.close();
  }
}
