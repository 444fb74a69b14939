// A storm: many random labs, each on both kernels, several at a time. What differs is looked at twice more, with time to
// spare and in other memory; what differs every time is made small and told.

import type { Canary } from './canaries.ts';
import { compare, type Mismatch } from './compare.ts';
import { generateLab } from './generate.ts';
import type { Lab } from './lab.ts';
import { LiveArm, type Pace, QUICK, SHRINKING, SLOW } from './live-arm.ts';
import { type ModelRun, runModel } from './model-arm.ts';
import { scriptOf } from './script.ts';
import { shrink } from './shrink.ts';

export interface StormOptions {
  seed: number;
  labs: number;
  /** Labs at the same time. */
  width: number;
  /** Make failing labs small; takes up to a minute each. */
  shrink: boolean;
  /** A fault that is planted in the model's arm. */
  canary?: Canary;
  /** Stop after so many failures. */
  enough?: number;
  /** Begin no lab after so many seconds. */
  seconds?: number;
  say: (line: string) => void;
}

export interface Failure {
  seed: number;
  /** 2: the model broke a rule of its own; 3: a difference, or a checker's complaint. */
  class: 2 | 3;
  /** What is left of the lab. */
  lab: Lab;
  report: string;
}

export interface Outcome {
  labs: number;
  ops: number;
  /** Labs that failed, as soon as that is known. */
  found: number;
  /** Frames that were sent; lines that were compared: frames seen, and links with all their counters. */
  sent: number;
  lines: number;
  /** Differences that were gone when the lab was run again: a group let through by Linux's filter of 256 bits, others. */
  chance: number;
  hasty: number;
  failures: Failure[];
}

export async function storm(options: StormOptions): Promise<Outcome> {
  const outcome: Outcome = { labs: 0, ops: 0, found: 0, sent: 0, lines: 0, chance: 0, hasty: 0, failures: [] };
  let next = options.seed;
  const started = process.hrtime.bigint();
  const late = (): boolean =>
    options.seconds !== undefined && process.hrtime.bigint() - started > BigInt(options.seconds) * 1_000_000_000n;
  const more = (): boolean =>
    !late() && next < options.seed + options.labs && outcome.found < (options.enough ?? Number.POSITIVE_INFINITY);
  const worker = async (_: unknown, number: number): Promise<void> => {
    const live = new LiveArm(number);
    try {
      while (more()) await oneLab(next++, live, options, outcome);
    } finally {
      live.close();
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.width, options.labs) }, worker));
  if (options.canary === undefined) await appeal(options, outcome);
  return outcome;
}

/** A machine that stood still for a while makes labs differ as often as they are run then: asked twice more, when all is quiet. */
async function appeal(options: StormOptions, outcome: Outcome): Promise<void> {
  const live = new LiveArm(0);
  try {
    for (const failure of [...outcome.failures]) {
      const lab = generateLab(failure.seed);
      const model = modelOf(lab);
      const agrees = async (): Promise<boolean> => (await findings(lab, live, SLOW, model)) === null;
      if (!(await agrees()) || !(await agrees())) continue;
      outcome.failures.splice(outcome.failures.indexOf(failure), 1);
      outcome.found--;
      outcome.hasty++;
      options.say(`seed ${failure.seed}: agreed twice when nothing else ran`);
    }
  } finally {
    live.close();
  }
}

async function oneLab(seed: number, live: LiveArm, options: StormOptions, outcome: Outcome): Promise<void> {
  const lab = generateLab(seed);
  const look = (l: Lab, pace: Pace): Promise<Findings | null> =>
    findings(l, live, pace, l === lab ? model : modelOf(l, options.canary));
  const model = modelOf(lab, options.canary);
  outcome.labs++;
  count(lab, model, outcome);
  let found = await look(lab, QUICK);
  if (found === null) return;
  // A group is heard by chance in one of some twenty devices: that may happen twice running.
  const tries = options.canary !== undefined || found.mismatch === null ? 0 : found.mismatch.stray ? 5 : 2;
  for (let ballast = 1; ballast <= tries; ballast++) {
    const before: Findings = found;
    found = await look(lab, { ...SLOW, ballast });
    if (found !== null) continue;
    const heard = (before.mismatch as Mismatch).stray;
    if (heard) outcome.chance++;
    else outcome.hasty++;
    const why = heard ? 'heard a group by chance' : 'differed when hurried';
    options.say(`seed ${seed}: ${why}, agreed when run again`);
    if (!heard) options.say(reportOf(lab, before).split('\n').slice(1, 8).join('\n'));
    return;
  }
  if (++outcome.found > (options.enough ?? Number.POSITIVE_INFINITY)) return;
  const small = options.shrink
    ? await shrink(lab, found.mismatch?.at ?? -1, async (l) => (await look(l, SHRINKING)) !== null)
    : lab;
  // A smaller lab may differ only when hurried: then the whole one is shown.
  const again = options.shrink ? await look(small, SLOW) : null;
  const left = again === null ? lab : small;
  const last = again ?? found;
  const failure: Failure = { seed, class: last.broken === null ? 3 : 2, lab: left, report: reportOf(left, last) };
  outcome.failures.push(failure);
  options.say(failure.report);
}

function count(lab: Lab, model: ModelRun | string, outcome: Outcome): void {
  outcome.ops += lab.ops.length;
  for (const op of lab.ops) if (op.do === 'send') outcome.sent += op.frames.length;
  if (typeof model === 'string') return;
  for (const step of model.steps) outcome.lines += step.frames.length + step.state.length;
}

interface Findings {
  model: ModelRun | null;
  mismatch: Mismatch | null;
  complaints: string[];
  /** The assertion that ended the model. */
  broken: string | null;
}

/** An assertion that ended the model comes as text. */
function modelOf(lab: Lab, canary?: Canary): ModelRun | string {
  try {
    return runModel(lab, canary);
  } catch (e) {
    return (e as Error).stack ?? String(e);
  }
}

/** Null when all is well. */
async function findings(lab: Lab, live: LiveArm, pace: Pace, model: ModelRun | string): Promise<Findings | null> {
  if (typeof model === 'string') return { model: null, mismatch: null, complaints: [], broken: model };
  const mismatch = compare(lab.ops, model, await live.run(lab, model, pace));
  if (mismatch === null && model.complaints.length === 0) return null;
  return { model, mismatch, complaints: model.complaints, broken: null };
}

function reportOf(lab: Lab, f: Findings): string {
  const lines = [`seed ${lab.seed}: again with npm run storm -- --labs 1 --seed ${lab.seed}`];
  if (f.broken !== null) lines.push(f.broken);
  if (f.mismatch !== null) {
    const at = f.mismatch.at < 0 ? 'the links at the end' : JSON.stringify(lab.ops[f.mismatch.at]);
    lines.push(`differs at ${at}`, ...f.mismatch.lines.slice(0, 40));
  }
  lines.push(...f.complaints.slice(0, 10).map((c) => `checker: ${c}`));
  lines.push(f.model === null ? JSON.stringify(lab) : scriptOf(lab, f.model.deeds));
  return lines.join('\n');
}
