// The whole of verify, on any kernel: measure the matrix in a model of the lab and on the kernel, compare, and look at what
// differs once more with every frame recorded.

import type { Lab } from '../file/lab.ts';
import type { Model } from '../model.ts';
import { reasonOf } from '../reason/reason.ts';
import { type Cell, cellKey, cellsOf, type Outcome, type Party, partiesOf } from './cells.ts';
import { type MeasureKernel, modelMeasure } from './kernel.ts';
import { type MeasureOptions, measure } from './measure.ts';
import type { Recorded } from './station.ts';
import { broken, compare, different, looked, type Verification } from './verify.ts';

/** So many cells are looked at again and explained. */
const CLOSER = 64;
const MOST_EXPLAINED = 1000;
/** So many frames are kept. */
const MOST_FRAMES = 50_000;

export interface VerifyLabOptions {
  readonly measure?: MeasureOptions;
  /** Told how far it is: a word for what is done, and cells of all. */
  readonly progress?: (what: string, done: number, all: number) => void;
  /** Reasons for all cells (of the first thousand), not only for those that differ. */
  readonly explainAll?: boolean;
  /** What the reader should know besides. */
  readonly notes?: readonly string[];
}

/** What the prediction is measured in: a model with the lab applied, in which virtual time passes. */
export interface Oracle {
  readonly model: Model;
  /** The lab as it is called there: a namespace that has only a path here has a name in the model. */
  readonly lab: Lab;
}

/** What one kernel gave at the second look. */
export interface Look {
  readonly outcomes: readonly Outcome[];
  readonly frames: readonly Recorded[];
}

export interface Verified {
  readonly verification: Verification;
  /** Both sides' second look at the cells that differ or are not as expected; null: there are none. */
  readonly closer: { readonly predicted: Look; readonly measured: Look } | null;
}

/** Throws DesiredError, and errors of measure(). */
export async function verifyLab(
  kernel: MeasureKernel,
  { model, lab: modelled }: Oracle,
  lab: Lab,
  options: VerifyLabOptions = {},
): Promise<Verified> {
  const parties = partiesOf(lab);
  const inModel = partiesOf(modelled);
  const cells = cellsOf(lab, parties);
  const notes = [...(options.notes ?? [])];
  const lost = (namespace: string, frames: number): void => void notes.push(lostText(namespace, frames));
  const ask = (on: MeasureKernel, what: string, some: readonly Cell[], record?: (f: Recorded) => void) => {
    const progress = (done: number, all: number): void => options.progress?.(what, done, all);
    return measure(on, on === kernel ? parties : inModel, some, { ...options.measure, progress, record, lost });
  };
  const oracle = modelMeasure(model);
  const predicted = await ask(oracle, 'predicting', cells);
  const measured = await ask(kernel, 'measuring', cells);
  const first = compare(lab, parties, predicted, measured, [], notes);
  const suspects = new Set([...different(first), ...broken(first)].slice(0, CLOSER).map((c) => c.cell));
  const told = options.explainAll ? new Set(cells.slice(0, MOST_EXPLAINED)) : suspects;
  if (suspects.size === 0) {
    if (told.size === 0) return { verification: first, closer: null };
    const reasons = await reasonsOf(model, inModel, cells, told);
    return { verification: compare(lab, parties, predicted, measured, reasons, notes), closer: null };
  }

  const some = cells.filter((c) => suspects.has(c));
  const looks: Look[] = [];
  for (const on of [oracle, kernel]) {
    const frames: Recorded[] = [];
    const record = (f: Recorded): void => void (frames.length < MOST_FRAMES && frames.push(f));
    looks.push({ outcomes: await ask(on, 'looking again', some, record), frames });
  }
  const [there, here] = looks;
  const finally_ = [looked(predicted, there.outcomes), looked(measured, here.outcomes)] as const;
  const second = compare(lab, parties, ...finally_, await reasonsOf(model, inModel, cells, told), notes);
  const bad = different(second).length + broken(second).length > 0;
  return { verification: second, closer: bad ? { predicted: there, measured: here } : null };
}

function lostText(namespace: string, frames: number): string {
  const what = frames === 1 ? '1 frame was' : `${frames} frames were`;
  return `${what} lost at the packet sockets in ${namespace || 'the host'}, whose queue was full: an answer may be among them (verify again when the machine is quiet)`;
}

/** Why the model says what it says, for the cells that are told. */
async function reasonsOf(
  model: Model,
  parties: readonly Party[],
  cells: readonly Cell[],
  told: ReadonlySet<Cell>,
): Promise<(string | null)[]> {
  const reasons: (string | null)[] = [];
  for (const cell of cells) {
    const reason = told.has(cell) ? (await reasonOf(model, parties, cell)).reason : null;
    reasons.push(reason === null ? null : `${reason.text}${reason.cure === null ? '' : `; ${reason.cure}`}`);
  }
  return reasons;
}

/** Whose probe a marker's number is. */
export function probesOf({ outcomes }: Look): Map<number, string> {
  return new Map(outcomes.flatMap((o) => o.probes.map((p): [number, string] => [p, cellKey(o.cell)])));
}
