// What verbs that only look are pointed at: this machine, a saved snapshot, or a model of a lab after it was applied.

import { readFileSync } from 'node:fs';
import { applyLab } from '../lab/apply/apply.ts';
import type { DoctorKernel } from '../lab/doctor/fix.ts';
import type { Lab } from '../lab/file/lab.ts';
import { modelMeasure } from '../lab/measure/kernel.ts';
import { createModel } from '../lab/model.ts';
import { readSnapshot } from '../lab/snapshot/read.ts';
import { SNAPSHOT_FORMAT, SNAPSHOT_VERSION, type Snapshot } from '../lab/snapshot/snapshot.ts';
import { Refused, readLab } from './lab-file.ts';
import { reason } from './open-model.ts';
import { Usage, wholeNumber } from './usage.ts';

export interface LookOptions {
  engine?: string;
  lab?: string;
  snapshot?: string;
  seed: string;
}

export interface Look {
  /** null: a saved snapshot, which nothing more can be asked. */
  readonly kernel: DoctorKernel | null;
  readonly lab: Lab | null;
  read(): Snapshot;
  close(): void;
}

/** Throws Usage for options that do not go together, Refused where this machine's kernel cannot be had. */
export async function openLook(options: LookOptions): Promise<Look> {
  const { engine, snapshot } = options;
  if (snapshot !== undefined) {
    if (engine !== undefined) throw new Usage('--snapshot is of one moment: it goes with no --engine');
    const saved = snapshotOf(snapshot);
    const lab = options.lab === undefined ? null : await readLab(options.lab);
    return { kernel: null, lab, read: () => saved, close: () => {} };
  }
  if (engine === 'model') return openModel(options);
  const lab = options.lab === undefined ? null : await readLab(options.lab);
  const kernel = await openLinux();
  return { kernel, lab, read: () => readSnapshot(kernel), close: () => {} };
}

async function openModel({ lab: file, seed }: LookOptions): Promise<Look> {
  if (file === undefined) throw new Usage('--engine model looks at the model of a lab: add --lab FILE');
  const lab = await readLab(file);
  if (lab.machine === null) throw new Usage('the model needs a lab with a "machine"');
  const model = createModel({ seed: wholeNumber('--seed', seed), machine: lab.machine });
  applyLab(model.os, lab);
  const kernel = modelMeasure(model);
  await kernel.pause(SETTLE_NS);
  return { kernel, lab, read: () => readSnapshot(kernel), close: () => model.close() };
}

/** Until carriers are up and addresses have passed their tests. */
const SETTLE_NS = 5e9;

async function openLinux(): Promise<DoctorKernel> {
  const { LinuxOs } = await import('../linux/linux-os.ts');
  const { NoLinux } = await import('../linux/sys.ts');
  try {
    return await LinuxOs.open();
  } catch (error) {
    if (error instanceof NoLinux) throw new Refused(error.message, 4);
    throw error;
  }
}

function snapshotOf(file: string): Snapshot {
  let parsed: Partial<Snapshot>;
  try {
    parsed = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8')) as Partial<Snapshot>;
  } catch (error) {
    throw new Usage(`${file}: ${reason(error)}`);
  }
  if (parsed?.format !== SNAPSHOT_FORMAT)
    throw new Usage(`${file}: no snapshot: it has no "format": "${SNAPSHOT_FORMAT}"`);
  if (parsed.version !== SNAPSHOT_VERSION) {
    throw new Usage(`${file}: version ${parsed.version} of a snapshot; this lowerdev reads ${SNAPSHOT_VERSION}`);
  }
  return parsed as Snapshot;
}

/** Lab's lower devices: what `doctor --lab` asks after. */
export function lowersOf(lab: Lab | null): string[] {
  return lab === null ? [] : [...new Set(lab.networks.map((n) => n.lower))];
}
