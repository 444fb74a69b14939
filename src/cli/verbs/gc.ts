// lowerdev gc: what dead labs and dead sandboxes have left, shown first, then removed.

import { oneLine } from '../../base/printable.ts';
import type { LabKernel } from '../../lab/apply/access.ts';
import { destroyLab, labsOn, planDestroy } from '../../lab/apply/apply.ts';
import { holderLives } from '../../linux/sandbox/holder.ts';
import { answering, type ChangeOptions } from '../lab-change.ts';
import { lockMachine, openKernel, Refused } from '../lab-file.ts';
import { labRecords, placesKnown, whyAbandoned } from '../lab-records.ts';
import { sandboxes } from '../sandbox.ts';

interface Leftover {
  readonly text: string;
  remove(): void;
}

type RealKernel = LabKernel & { nsLeftovers?(): string[]; nsSweep?(): string[] };

const LOCK_WAIT_MS = 60_000;

export function gc(options: ChangeOptions): Promise<number> {
  return answering(options, async () => {
    const kernel = process.geteuid?.() === 0 ? (await openKernel('linux', null, 1)).kernel : null;
    const unlock = await lockMachine(LOCK_WAIT_MS);
    try {
      const found = [...deadSandboxes(), ...(kernel === null ? [] : leftOnMachine(kernel))];
      const done = options.yes === true;
      if (done) for (const { remove } of found) remove();
      const notes = kernel === null ? [] : unrecorded(kernel);
      say(found, notes, done, options);
      if (found.length > 0 && !done) throw new Refused('nothing was removed; --yes does it', 3, true);
      return 0;
    } finally {
      unlock();
    }
  });
}

function deadSandboxes(): Leftover[] {
  const records = sandboxes();
  const dead = records.names().filter((name) => {
    const record = records.read(name);
    return record === null || !holderLives(record);
  });
  return [
    ...dead.map((name) => ({
      text: `the record of the sandbox of ${name}, which is dead`,
      remove: () => records.remove(name),
    })),
    ...[records, labRecords()].flatMap((r) =>
      r.drafts().map((name) => ({ text: `a record of ${name}, half written`, remove: () => r.removeDraft(name) })),
    ),
  ];
}

function leftOnMachine(kernel: RealKernel): Leftover[] {
  const found: Leftover[] = [];
  const files = kernel.nsLeftovers?.() ?? [];
  if (files.length > 0) {
    found.push({ text: `names without namespaces: ${files.join(', ')}`, remove: () => kernel.nsSweep?.() });
  }
  const records = labRecords();
  for (const name of records.names()) {
    const record = records.read(name);
    const why = record === null ? 'its record cannot be read' : whyAbandoned(record);
    const places = placesKnown(name, null);
    const begun = record?.begun ?? [];
    const { steps } = planDestroy(kernel, name, places, begun);
    if (why === null && steps.length > 0) continue;
    const forget = (): void => records.remove(name);
    if (steps.length === 0) found.push({ text: `the record of ${name}, of which nothing is left`, remove: forget });
    for (const [i, step] of steps.entries()) {
      const remove = (): void => {
        destroyLab(kernel, name, places, undefined, begun);
        forget();
      };
      found.push({ text: `${name} (${why}): ${step.text}`, remove: i === 0 ? remove : () => {} });
    }
  }
  return found;
}

/** Labs that this machine has and nobody has recorded. */
function unrecorded(kernel: RealKernel): string[] {
  const known = new Set(labRecords().names());
  return labsOn(kernel)
    .filter((name) => !known.has(name))
    .map((name) => `${name} has something here and no record; lowerdev destroy --engine linux ${name} removes it`);
}

function say(found: readonly Leftover[], notes: readonly string[], done: boolean, options: ChangeOptions): void {
  const leftovers = found.map((f) => f.text);
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ removed: done, leftovers, notes }, null, 2)}\n`);
    return;
  }
  for (const text of leftovers) process.stdout.write(`  - ${oneLine(text)}\n`);
  for (const note of notes) process.stdout.write(`  ${oneLine(note)}\n`);
  process.stdout.write(
    found.length === 0 ? 'nothing is left over\n' : `${found.length} ${done ? 'removed' : 'to remove'}\n`,
  );
}
