// Random labs, measured on this kernel and in the model: what differs, and what it takes to see it again.

import { DesiredError } from '../../src/lab/apply/desired.ts';
import { ApplyError } from '../../src/lab/apply/execute.ts';
import type { Lab } from '../../src/lab/file/lab.ts';
import { parseLab } from '../../src/lab/file/lab-yaml.ts';
import { cellKey } from '../../src/lab/measure/cells.ts';
import { different } from '../../src/lab/measure/verify.ts';
import { verifyLab } from '../../src/lab/measure/verify-lab.ts';
import { modelOf, openLinux } from './arms.ts';
import { randomLab } from './random-lab.ts';

export interface Result {
  readonly seed: number;
  readonly cells: number;
  /** Of these. */
  readonly reached: number;
  /** One line each; none: the kernels agree. */
  readonly differences: readonly string[];
}

/** One lab. A lab that cannot be applied is as good, where both kernels say so. */
export async function verifyRandom(seed: number): Promise<Result> {
  const lab = parseLab(randomLab(seed), 'lab.yaml');
  const [model, here] = [tried(() => modelOf(lab)), await triedLinux(lab)];
  try {
    if (model.what === null || here.what === null) {
      const same = model.what === null && here.what === null;
      return {
        seed,
        cells: 0,
        reached: 0,
        differences: same ? [] : [`applying: ${model.error} in the model, ${here.error} here`],
      };
    }
    const { verification } = await verifyLab(here.what.kernel, { model: model.what, lab }, lab);
    const differences = different(verification).map(
      (c) =>
        `${cellKey(c.cell)}: predicted ${c.predicted.stage} (${c.predicted.evidence}), measured ${c.measured.stage} (${c.measured.evidence})`,
    );
    const reached = verification.cells.filter((c) => c.measured.reached).length;
    return { seed, cells: verification.cells.length, reached, differences };
  } finally {
    model.what?.close();
    here.what?.close();
  }
}

function tried<T>(make: () => T): { what: T | null; error: string } {
  try {
    return { what: make(), error: '' };
  } catch (error) {
    return refused(error);
  }
}

async function triedLinux(lab: Lab): Promise<{ what: Awaited<ReturnType<typeof openLinux>> | null; error: string }> {
  try {
    return { what: await openLinux(lab), error: '' };
  } catch (error) {
    return refused(error);
  }
}

function refused(error: unknown): { what: null; error: string } {
  if (error instanceof ApplyError || error instanceof DesiredError) return { what: null, error: error.message };
  throw error;
}

/** `count` seeds from `first` on, some at a time, since each waits more than it works. Told of each as it ends. */
export async function verifyMany(
  first: number,
  count: number,
  atOnce: number,
  tell: (r: Result) => void,
): Promise<void> {
  let next = first;
  const worker = async (): Promise<void> => {
    while (next < first + count) tell(await verifyRandom(next++));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
