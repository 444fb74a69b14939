// Labs with a real kernel's answers, for machines that cannot ask one: the operations themselves are kept, so that a
// recording outlives changes of the generator.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareStep } from './compare.ts';
import type { Lab, Step } from './lab.ts';
import { LiveArm, SLOW } from './live-arm.ts';
import { runModel } from './model-arm.ts';

interface Recording {
  kernel: string;
  lab: Lab;
  /** State lines that the step before had as well are left out. */
  steps: Array<Step & { state: Array<string | number> }>;
}

const folder = join(process.cwd(), 'test/oracle/recorded');

export function recordings(): string[] {
  return readdirSync(folder).filter((f) => f.endsWith('.json'));
}

/** What the model does otherwise than the recorded kernel. */
export function replay(file: string): { kernel: string; lines: string[] } {
  const { kernel, lab, steps } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Recording;
  const model = runModel(lab);
  let before: string[] = [];
  for (let i = 0; i < steps.length; i++) {
    const state = steps[i].state.map((s): string => (typeof s === 'number' ? before[s] : s));
    const lines = compareStep(lab.ops[i], model.steps[i], { ...steps[i], state });
    if (lines.length > 0) return { kernel, lines: [`operation ${i}: ${JSON.stringify(lab.ops[i])}`, ...lines] };
    before = state;
  }
  return { kernel, lines: model.complaints };
}

/** Where a lab's recording is, by its name. */
export const recordingOf = (name: string): string => `${name.replaceAll(/[^\w]+/g, '-')}.json`;

/** `name`: a seed's number, or what a lab of spec-labs.ts is called. */
export async function record(name: string, lab: Lab): Promise<void> {
  const live = new LiveArm();
  const run = await live.run(lab, runModel(lab), { ...SLOW, stop: false });
  let before: string[] = [];
  const steps = run.steps.map((s) => {
    const state = s.state.map((line) => (before.includes(line) ? before.indexOf(line) : line));
    before = s.state;
    return { ...s, state };
  });
  const text = JSON.stringify({ kernel: await live.kernel(), lab, steps });
  writeFileSync(join(folder, recordingOf(name)), `${text}\n`);
  live.close();
}
