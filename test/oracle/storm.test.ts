// A short storm. With a live kernel: fresh labs on both. Without: the model against what was recorded, and the reason.
// STORM_SEED fixes the labs' seeds; without it half of them are the fixed ones and half are new (and printed).

import { describe, expect, test } from 'vitest';
import { generateLab } from './generate.ts';
import { whyNotLive } from './live-arm.ts';
import { runModel } from './model-arm.ts';
import { recordings, replay } from './record.ts';
import { shrink } from './shrink.ts';
import { type Outcome, storm } from './storm.ts';

const FIXED_SEED = 7000;
const LABS = 15;
const why = whyNotLive();

function run(seed: number): Promise<Outcome> {
  console.log(`storm --labs ${LABS} --seed ${seed}`);
  return storm({ seed, labs: LABS, width: 15, shrink: false, say: (line) => console.log(line) });
}

describe.skipIf(why !== null)('live', () => {
  const given = process.env['STORM_SEED'];
  const seeds =
    given === undefined ? [FIXED_SEED, 1e6 + Math.floor(Math.random() * 1e9)] : [Number(given), Number(given) + LABS];
  test('random labs end alike on this kernel and in the model', async () => {
    for (const seed of seeds) {
      const outcome = await run(seed);
      expect(outcome.failures.map((f) => f.report)).toEqual([]);
      expect(outcome.labs).toBe(LABS);
    }
  }, 300_000);
});

test(`the model does what was recorded${why === null ? '' : ` (no live kernel here: ${why})`}`, () => {
  expect(recordings().length).toBeGreaterThan(2);
  for (const file of recordings()) expect(replay(file).lines, file).toEqual([]);
});

test('a seed is a lab, and a lab has one outcome', () => {
  expect(generateLab(41)).toEqual(generateLab(41));
  const [one, two] = [runModel(generateLab(41)), runModel(generateLab(41))];
  expect(two.deeds).toEqual(one.deeds);
  expect(two.steps).toEqual(one.steps);
});

test('the shrinker leaves what a failure needs', async () => {
  const lab = generateLab(3);
  const wanted = [lab.ops[4], lab.ops[9]];
  const small = await shrink(lab, -1, async (l) => wanted.every((op) => l.ops.includes(op)));
  expect(small.ops).toEqual(wanted);
});
