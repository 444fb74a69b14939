// A storm: many random labs, each on both kernels, several at a time (most of the time is the live kernel's link watch,
// which wakes once a second). A difference is looked at a second time and slowly, then made small.

import { compare, type Mismatch } from './compare.ts';
import { generateLab } from './generate.ts';
import type { Lab } from './lab.ts';
import { LiveArm, type Pace, QUICK, SLOW } from './live-arm.ts';
import { type ModelRun, runModel } from './model-arm.ts';
import { scriptOf } from './script.ts';
import { shrink } from './shrink.ts';

export interface StormOptions {
  seed: number;
  labs: number;
  /** Labs at the same time. */
  width: number;
  /** Make failing labs small; takes up to a few minutes each. */
  shrink: boolean;
  say: (line: string) => void;
}

export interface Failure {
  seed: number;
  /** 2: the model broke a rule of its own; 3: a difference, or a checker's complaint. */
  class: 2 | 3;
  report: string;
}

export interface Outcome {
  labs: number;
  ops: number;
  /** Differences that were gone when the kernel was given more time. */
  hasty: number;
  failures: Failure[];
}

export async function storm(options: StormOptions): Promise<Outcome> {
  const outcome: Outcome = { labs: 0, ops: 0, hasty: 0, failures: [] };
  let next = options.seed;
  const worker = async (_: unknown, number: number): Promise<void> => {
    const live = new LiveArm(number);
    try {
      while (next < options.seed + options.labs) await oneLab(next++, live, options, outcome);
    } finally {
      live.close();
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.width, options.labs) }, worker));
  return outcome;
}

async function oneLab(seed: number, live: LiveArm, options: StormOptions, outcome: Outcome): Promise<void> {
  const lab = generateLab(seed);
  outcome.labs++;
  outcome.ops += lab.ops.length;
  let found = await findings(lab, live, QUICK);
  if (found === null) return;
  if (found.mismatch !== null) {
    const hurried = found.mismatch;
    found = await findings(lab, live, SLOW);
    if (found === null) {
      outcome.hasty++;
      const where = JSON.stringify(lab.ops[hurried.at] ?? 'the end').slice(0, 200);
      options.say(
        [`seed ${seed}: differed when hurried, agreed when given time: ${where}`, ...hurried.lines.slice(0, 4)].join(
          '\n',
        ),
      );
      return;
    }
  }
  const small = options.shrink ? await shrink(lab, async (l) => (await findings(l, live, QUICK)) !== null) : lab;
  // A smaller lab may differ only when hurried: then the whole one is shown.
  const again = options.shrink ? await findings(small, live, SLOW) : null;
  const last = again ?? found;
  const failure: Failure = {
    seed,
    class: last.broken === null ? 3 : 2,
    report: reportOf(again === null ? lab : small, last),
  };
  outcome.failures.push(failure);
  options.say(failure.report);
}

interface Findings {
  model: ModelRun | null;
  mismatch: Mismatch | null;
  complaints: string[];
  /** The assertion that ended the model. */
  broken: string | null;
}

/** Null when all is well. */
async function findings(lab: Lab, live: LiveArm, pace: Pace): Promise<Findings | null> {
  let model: ModelRun;
  try {
    model = runModel(lab);
  } catch (e) {
    return { model: null, mismatch: null, complaints: [], broken: (e as Error).stack ?? String(e) };
  }
  const mismatch = compare(model, await live.run(lab, model, pace));
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
