// What verbs that only look are pointed at: this machine, a saved snapshot, or a model of a lab after it was applied.

import { AssertionError } from '../base/assert.ts';
import { applyLab } from '../lab/apply/apply.ts';
import type { DoctorKernel } from '../lab/doctor/fix.ts';
import type { Lab } from '../lab/file/lab.ts';
import type { Machine } from '../lab/machine.ts';
import { modelMeasure } from '../lab/measure/kernel.ts';
import { createModel } from '../lab/model.ts';
import { readSnapshot } from '../lab/snapshot/read.ts';
import { SNAPSHOT_FORMAT, SNAPSHOT_VERSION, type SnapLink, type Snapshot } from '../lab/snapshot/snapshot.ts';
import { openKernel, Refused, readLab } from './lab-file.ts';
import { reason } from './open-model.ts';
import { readInput } from './read-input.ts';
import { badNews, Usage, wholeNumber } from './usage.ts';

export interface LookOptions {
  engine?: string;
  lab?: string;
  snapshot?: string;
  seed: string;
  json?: boolean;
}

export interface Look {
  /** null: a saved snapshot, which nothing more can be asked. */
  readonly kernel: DoctorKernel | null;
  readonly lab: Lab | null;
  read(): Snapshot;
  close(): void;
}

/** Runs `body` where the options point to, and says in one line why it cannot be looked at. Throws Usage. */
export async function looking(options: LookOptions, body: (look: Look) => Promise<number>): Promise<number> {
  try {
    const look = await open(options);
    if (typeof look === 'number') return look;
    return await body(look).finally(look.close);
  } catch (error) {
    if (options.snapshot !== undefined && isSurprise(error)) {
      const why = (error as Error).message;
      throw new Usage(`${options.snapshot}: the snapshot is damaged: ${why} (if nobody edited it: a bug of lowerdev)`);
    }
    if (!(error instanceof Refused)) throw error;
    badNews(error.message, error.exitCode, options.json === true && !error.documented);
    return error.exitCode;
  }
}

/** What only code throws that was given something else than it was promised. */
function isSurprise(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof AssertionError;
}

/** A number: all was done inside a sandbox, with that exit code. */
async function open(options: LookOptions): Promise<Look | number> {
  const { engine, snapshot } = options;
  if (snapshot !== undefined && engine !== undefined) {
    throw new Usage('--snapshot is of one moment: it goes with no --engine');
  }
  const lab = options.lab === undefined ? null : await readLab(options.lab);
  if (snapshot !== undefined) {
    const saved = snapshotOf(snapshot);
    return { kernel: null, lab, read: () => saved, close: () => {} };
  }
  if (engine === 'model' || engine === 'sandbox') {
    if (lab === null) throw new Usage(`--engine ${engine} looks at a lab: add --lab FILE`);
    if (lab.machine === null) throw new Usage(`--engine ${engine} needs a lab with a "machine"`);
    const seed = wholeNumber('--seed', options.seed);
    return engine === 'model' ? openModel(lab, lab.machine, seed) : openSandbox(lab, seed);
  }
  const kernel = await openLinux();
  if (process.geteuid?.() !== 0) process.stderr.write('lowerdev: not as root: other namespaces are not seen\n');
  return { kernel, lab, read: () => readSnapshot(kernel), close: () => {} };
}

/** A fresh model, in which the lab was applied. */
async function openModel(lab: Lab, machine: Machine, seed: number): Promise<Look> {
  const model = createModel({ seed, machine });
  applyLab(model.os, lab);
  const kernel = modelMeasure(model);
  await kernel.pause(SETTLE_NS);
  return { kernel, lab, read: () => readSnapshot(kernel), close: () => model.close() };
}

/** The lab's sandbox; where it is applied nowhere, one that ends with this command. */
async function openSandbox(lab: Lab, seed: number): Promise<Look | number> {
  const { sandboxIsFresh, throughSandbox } = await import('./sandbox.ts');
  const through = await throughSandbox('sandbox', lab, 'look');
  if (through !== null) return through;
  const kernel = (await openKernel('sandbox', lab, seed)).kernel as DoctorKernel;
  if (sandboxIsFresh()) applyLab(kernel, lab);
  return { kernel, lab, read: () => readSnapshot(kernel), close: () => {} };
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
    parsed = JSON.parse(readInput(file)) as Partial<Snapshot>;
  } catch (error) {
    throw new Usage(`${file}: ${reason(error)}`);
  }
  if (parsed?.format !== SNAPSHOT_FORMAT)
    throw new Usage(`${file}: no snapshot: it has no "format": "${SNAPSHOT_FORMAT}"`);
  if (parsed.version !== SNAPSHOT_VERSION) {
    throw new Usage(`${file}: version ${parsed.version} of a snapshot; this lowerdev reads ${SNAPSHOT_VERSION}`);
  }
  const damage = damageOf(parsed as Snapshot);
  if (damage !== null) throw new Usage(`${file}: the snapshot is damaged: ${damage}`);
  return parsed as Snapshot;
}

const LISTS = ['names', 'paths', 'holders', 'nsids', 'links', 'addresses', 'routes', 'rules', 'neighbours', 'fdb', 'qdiscs'] as const; // biome-ignore format: one look

/** Cut or edited so that it cannot be read; null: it can. */
function damageOf({ namespaces, unseen, environment }: Snapshot): string | null {
  if (!Array.isArray(namespaces)) return 'no list of namespaces';
  if (!Array.isArray(unseen)) return 'no list of what was not seen';
  if (typeof environment !== 'object' || environment === null) return 'no environment';
  for (const [i, ns] of namespaces.entries()) {
    const where = `namespaces[${i}]`;
    for (const list of LISTS) if (!Array.isArray(ns?.[list])) return `no list of ${list} in ${where}`;
    const odd = ns.links.findIndex((l: SnapLink | null) => !Number.isInteger(l?.index) || typeof l?.name !== 'string');
    if (odd >= 0) return `${where}.links[${odd}] is no link`;
  }
  return namespaces.some((ns) => ns.host) ? null : 'no namespace of the host';
}

/** Lab's lower devices: what `doctor --lab` asks after. */
export function lowersOf(lab: Lab | null): string[] {
  return lab === null ? [] : [...new Set(lab.networks.map((n) => n.lower))];
}
