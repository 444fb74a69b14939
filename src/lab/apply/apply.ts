// A lab and a kernel: plan, apply, destroy. Each opens what it needs and closes it again.

import type { Lab } from '../file/lab.ts';
import { Access, type LabKernel } from './access.ts';
import { readCurrent } from './current.ts';
import { type Desired, desiredOf } from './desired.ts';
import { execute, type Watcher } from './execute.ts';
import { groupOf } from './names.ts';
import { type Plan, planOf } from './plan.ts';

/** What would change. Throws DesiredError. */
export function planLab(kernel: LabKernel, lab: Lab): Plan {
  return using(kernel, (access) => planFor(access, desiredOf(lab)));
}

/** Makes the machine as the lab says; what was done. Throws DesiredError, and ApplyError when nothing was changed after all. */
export function applyLab(kernel: LabKernel, lab: Lab, watcher?: Watcher): Plan {
  return using(kernel, (access) => {
    const plan = planFor(access, desiredOf(lab));
    execute(access, plan, watcher);
    return plan;
  });
}

/** What would be removed: all that carries the lab's tag. Needs no file. */
export function planDestroy(kernel: LabKernel, name: string): Plan {
  return using(kernel, (access) => planFor(access, nothing(name)));
}

/** Removes all that carries the lab's tag, and nothing else. Throws ApplyError when nothing was changed after all. */
export function destroyLab(kernel: LabKernel, name: string, watcher?: Watcher): Plan {
  return using(kernel, (access) => {
    const plan = planFor(access, nothing(name));
    execute(access, plan, watcher);
    return plan;
  });
}

function planFor(access: Access, desired: Desired): Plan {
  return planOf(desired, readCurrent(access, desired));
}

function nothing(lab: string): Desired {
  return { lab, group: groupOf(lab), namespaces: [], lowers: [], links: [] };
}

function using<T>(kernel: LabKernel, body: (access: Access) => T): T {
  const access = new Access(kernel);
  try {
    return body(access);
  } finally {
    access.close();
  }
}
