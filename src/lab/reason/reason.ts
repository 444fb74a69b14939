// Why something arrives in a model, or does not: the probe is sent under a recorder, and what happened to it is read off.
// Nothing here looks up a table of modes: a reason names the rule that turned this packet away, at the device where it did.

import type { Cell, Outcome, Party } from '../measure/cells.ts';
import { modelMeasure } from '../measure/kernel.ts';
import { measure } from '../measure/measure.ts';
import type { Model } from '../model.ts';
import { type Code, isOk } from './codes.ts';
import { type Cure, wordsOf } from './cures.ts';
import { nsOf } from './place.ts';
import { Recorder } from './recorder.ts';
import { explain } from './stages.ts';

export interface Reason {
  readonly ok: boolean;
  readonly code: Code;
  /** One line, for people: `ok in software, never on the wire`. */
  readonly text: string;
  /** Which way it was lost; null when it was not. */
  readonly direction: 'there' | 'back' | null;
  /** `netns/device` where that was decided; null: nowhere in particular. */
  readonly where: string | null;
  readonly evidence: readonly string[];
  /** What to do about it, for people; null: nothing, or nothing that could be said. */
  readonly cure: string | null;
  /** The same as data. */
  readonly act: Cure | null;
}

export interface Explained {
  readonly outcome: Outcome;
  readonly reason: Reason;
}

/** Until neighbours that were asked for before have failed, so that they are asked for again. */
const QUIET_NS = 4e9;
/** One frame may be lost on a cable. */
const TRIES = 2;

/** Sends the cell's probe in the model and explains what came of it. Virtual time passes. */
export async function reasonOf(model: Model, parties: readonly Party[], cell: Cell): Promise<Explained> {
  model.loop.runUntil(model.loop.now + QUIET_NS);
  const recorder = new Recorder(model.kernel);
  const mates = matesOf(model, parties, new Set([cell.from, cell.to]));
  try {
    const [outcome] = await measure(modelMeasure(model), mates, [cell], { tries: TRIES });
    return { outcome, reason: reasonFrom(model, parties, outcome, recorder) };
  } finally {
    recorder.stop();
  }
}

/** Those of that name, and who shares their namespaces: a party's devices are what is no other's. */
export function matesOf(model: Model, parties: readonly Party[], names: ReadonlySet<string>): Party[] {
  const spaces = new Set(parties.filter((p) => names.has(p.name)).map((p) => nsOf(model, p)));
  return parties.filter((p) => spaces.has(nsOf(model, p)));
}

function reasonFrom(model: Model, parties: readonly Party[], outcome: Outcome, { packets }: Recorder): Reason {
  const { cell } = outcome;
  const from = parties.find((p) => p.name === cell.from) as Party;
  const to = parties.find((p) => p.name === cell.to) as Party;
  const [fromNs, toNs] = [nsOf(model, from), nsOf(model, to)];
  if (fromNs === null || toNs === null) return reasonFor(outcome);
  const { finding, direction } = explain({ model, outcome, from, to, fromNs, toNs, packets });
  const { code, text, where, evidence, cure } = finding;
  if (isOk(code) !== outcome.reached) return reasonFor(outcome); // what was measured decides
  return {
    ok: outcome.reached,
    code,
    text: direction === 'back' ? `the way back: ${text}` : text,
    direction,
    where: where === null ? null : where.label,
    evidence,
    cure: cure === null ? null : wordsOf(cure),
    act: cure,
  };
}

/** What is said where nothing more is known than how it went. */
export function reasonFor({ reached, evidence }: Outcome): Reason {
  const code: Code = reached ? 'ok-wire' : 'lost';
  return {
    ok: reached,
    code,
    text: evidence,
    direction: null,
    where: null,
    evidence: [evidence],
    cure: null,
    act: null,
  };
}
