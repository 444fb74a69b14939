// lowerdev why: the question asked of a model of this machine (or of a lab), and then of the kernel itself.
// Exit codes: 0 reached, 1 not reached, 2 bad input, 4 not allowed.

import { applyLab } from '../../lab/apply/apply.ts';
import type { Lab, Traffic } from '../../lab/file/lab.ts';
import { modelMeasure } from '../../lab/measure/kernel.ts';
import { createModel } from '../../lab/model.ts';
import { EndError } from '../../lab/why/ends.ts';
import { probe } from '../../lab/why/probe.ts';
import { answerData, answerText, type Confirmed, isReached } from '../../lab/why/text.ts';
import { type Answer, type Question, whyInModel, why as whyOf } from '../../lab/why/why.ts';
import { answering } from '../lab-change.ts';
import { readLab } from '../lab-file.ts';
import { type Look, looking } from '../look.ts';
import { Usage, wholeNumber } from '../usage.ts';

export interface WhyOptions {
  engine?: string;
  lab?: string;
  snapshot?: string;
  traffic?: string;
  probe: boolean;
  json?: boolean;
  seed: string;
}

/** Until carriers are up and addresses have passed their tests. */
const SETTLE_NS = 5e9;

export function why(a: string, b: string, options: WhyOptions): Promise<number> {
  const question: Question = { from: a, to: b, traffic: (options.traffic ?? null) as Traffic | null };
  const seed = wholeNumber('--seed', options.seed);
  return answering(options, async () => {
    try {
      const lab = options.lab === undefined || options.snapshot !== undefined ? null : await readLab(options.lab);
      const ofLab = options.engine === 'model' || (options.engine === undefined && lab?.machine != null);
      if (ofLab) return tell(await inLab(lab, question, seed), null, options);
      return await looking(options, (look) => onMachine(look, question, seed, options));
    } catch (error) {
      if (error instanceof EndError) throw new Usage(error.message);
      throw error;
    }
  });
}

async function inLab(lab: Lab | null, question: Question, seed: number): Promise<Answer> {
  if (lab === null) throw new Usage('--engine model looks at a lab: add --lab FILE');
  if (lab.machine === null) throw new Usage('the model needs a lab with a "machine"');
  const model = createModel({ seed, machine: lab.machine });
  try {
    applyLab(model.os, lab);
    await modelMeasure(model).pause(SETTLE_NS);
    return await whyInModel(model, lab, question);
  } finally {
    model.close();
  }
}

async function onMachine(look: Look, question: Question, seed: number, options: WhyOptions): Promise<number> {
  const answer = await whyOf(look.read(), look.lab, question, seed);
  return tell(answer, await confirm(look, answer, options), options);
}

/** Null: nobody wanted it, or there is no kernel to ask. */
async function confirm({ kernel }: Look, answer: Answer, options: WhyOptions): Promise<Confirmed | null> {
  const { ends, traffic } = answer;
  if (kernel === null || ends === null || !options.probe) return null;
  if (answer.code === 'neighbour')
    return { not: 'it asks for the neighbour itself, and would not use the wrong entry' };
  try {
    return await probe(kernel, ends.from, ends.to, traffic);
  } catch (error) {
    return { not: (error as Error).message };
  }
}

function tell(answer: Answer, confirmed: Confirmed | null, options: WhyOptions): number {
  const json = (): string => `${JSON.stringify(answerData(answer, confirmed), null, 2)}\n`;
  process.stdout.write(options.json === true ? json() : answerText(answer, confirmed));
  return isReached(answer, confirmed) ? 0 : 1;
}
