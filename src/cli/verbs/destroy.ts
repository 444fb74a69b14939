// lowerdev destroy: removes what a lab has made, and nothing else; or ends its sandbox.

import type { LabKernel } from '../../lab/apply/access.ts';
import { destroyLab, labsOn, planDestroy } from '../../lab/apply/apply.ts';
import { desiredOf } from '../../lab/apply/desired.ts';
import type { Plan } from '../../lab/apply/plan.ts';
import type { Lab } from '../../lab/file/lab.ts';
import { answering, type ChangeOptions, carryOut } from '../lab-change.ts';
import { type Engine, engineOf, labOrName, openKernel, Refused } from '../lab-file.ts';
import { begunBefore, labRecords, placesKnown, rememberRemoval } from '../lab-records.ts';
import { endSandbox, liveSandbox, sandboxes } from '../sandbox.ts';
import { Usage } from '../usage.ts';

export interface DestroyOptions extends ChangeOptions {
  engine?: string;
  all?: boolean;
}

/** `what`: a file, or a lab's name. */
export function destroy(what: string | undefined, options: DestroyOptions): Promise<number> {
  return answering(options, async () => {
    if ((what === undefined) !== (options.all === true)) throw new Usage('destroy wants a lab, or --all');
    const found = what === undefined ? null : await labOrName(what);
    const engine = engineOfDestroy(options, found);
    if (engine === 'model') throw new Usage('a model keeps nothing that could be removed: --engine sandbox or linux');
    if (engine === 'sandbox') return endSandboxes(found === null ? sandboxes().names() : [found.name], options);
    const { kernel } = await openKernel('linux', null, 1);
    const doomed = found !== null ? [found] : allLabs(kernel).map((name) => ({ name, lab: null }));
    if (doomed.length === 0) process.stderr.write('lowerdev: no lab has anything here\n');
    const collect: object[] | undefined = found === null && options.json === true ? [] : undefined;
    let worst = 0;
    for (const { name, lab } of doomed) {
      worst = Math.max(worst, await removeOne(kernel, name, lab, { ...options, collect }));
    }
    if (collect !== undefined) process.stdout.write(`${JSON.stringify({ labs: collect }, null, 2)}\n`);
    return worst;
  });
}

/** A lab with a machine is in its sandbox; by name alone, where it is found. */
function engineOfDestroy(options: DestroyOptions, found: { name: string; lab: Lab | null } | null): Engine {
  if (options.engine !== undefined) return engineOf(options.engine, 'linux');
  if (found !== null && (found.lab === null ? liveSandbox(found.name) !== null : found.lab.machine !== null)) {
    return 'sandbox';
  }
  throw new Usage('where? --engine linux for this machine, --engine sandbox for a sandbox');
}

function allLabs(kernel: LabKernel): string[] {
  return [...new Set([...labsOn(kernel), ...labRecords().names()])].sort((a, b) => (a < b ? -1 : 1));
}

/** With --all, a lab that cannot be removed does not keep the others; where several are told of, each says whose it is. */
async function removeOne(kernel: LabKernel, name: string, lab: Lab | null, options: ChangeOptions): Promise<number> {
  const { collect } = options;
  if (collect === undefined) return answering(options, () => removeLab(kernel, name, lab, options));
  const own: object[] = [];
  const code = await answering({ ...options, collect: own }, () =>
    removeLab(kernel, name, lab, { ...options, collect: own }),
  );
  collect.push({ lab: name, exitCode: code, ...own[0] });
  return code;
}

/** All that carries its tag on this machine. Nothing of it is remembered afterwards. */
export async function removeLab(
  kernel: LabKernel & { nsSweep?(): string[] },
  name: string,
  lab: Lab | null,
  options: ChangeOptions,
): Promise<number> {
  const places = placesKnown(name, lab);
  const begun = [...(lab === null ? [] : desiredOf(lab).links), ...begunBefore(name)];
  let planned: Plan | null = null;
  const change = {
    plan: () => {
      if (options.yes === true) kernel.nsSweep?.();
      planned = planDestroy(kernel, name, places, begun);
      const barred = planned.notes.filter((note) => /\b(EPERM|EACCES)\b/.test(note));
      if (planned.steps.length === 0 && barred.length > 0) {
        throw new Refused(
          `nothing of ${name} is seen, and not every namespace may be looked at: ${barred[0]}: sudo`,
          4,
        );
      }
      return planned;
    },
    nothing: () => labRecords().remove(name),
    carryOut: () => {
      const record = planned === null ? null : rememberRemoval(name, planned);
      try {
        const done = destroyLab(kernel, name, places, undefined, begun);
        record?.done();
        return done;
      } catch (error) {
        record?.takenBack();
        throw error;
      }
    },
  };
  return carryOut(change, { real: true, asks: true }, options);
}

/** There is no plan to look at first: nothing but the sandbox is touched. */
async function endSandboxes(names: readonly string[], options: DestroyOptions): Promise<number> {
  const ended: string[] = [];
  for (const name of names) if (await endSandbox(name)) ended.push(name);
  if (options.json) process.stdout.write(`${JSON.stringify({ ended }, null, 2)}\n`);
  else for (const name of ended) process.stdout.write(`${name}: its sandbox has ended, and all that was in it\n`);
  if (ended.length === 0) process.stderr.write('lowerdev: there is no such sandbox\n');
  return 0;
}
