// Random labs on a NIC with L2 forwarding offload, in the model: nothing that holds without it may break with it, and every fault
// that is planted is found. STORM_SEED gives other labs; `npm run storm:offload` runs many.

import { expect, test } from 'vitest';
import { OFFLOAD_CANARIES } from './offload-canaries.ts';
import { generateOffloadLab, stormOffload } from './offload-storm.ts';

const LABS = 20;
const seed = Number(process.env['STORM_SEED'] ?? 1);

test(`offload on, off and toggled: checkers hold, and alike where it must be (seeds ${seed} to ${seed + LABS - 1})`, () => {
  let [stations, refusals] = [0, 0];
  for (let i = 0; i < LABS; i++) {
    const lab = generateOffloadLab(seed + i);
    const result = stormOffload(lab);
    expect(result.wrong, `npm run storm:offload -- --labs 1 --seed ${lab.seed}`).toEqual([]);
    stations += result.stations;
    refusals += result.refusals;
  }
  expect(stations).toBeGreaterThan(LABS);
  expect(refusals).toBeGreaterThan(LABS / 10);
}, 540_000);

/** Labs until a planted fault shows. */
const ENOUGH = 12;

test.each(Object.entries(OFFLOAD_CANARIES))(
  'a planted fault is found: %s',
  (_, { plant, expects }) => {
    const said: string[] = [];
    for (let i = 0; i < ENOUGH && !said.some((line) => expects.test(line)); i++) {
      const unplant = plant();
      said.push(...stormOffload(generateOffloadLab(1 + i)).wrong);
      unplant();
    }
    expect(
      said.find((line) => expects.test(line)),
      said.slice(0, 3).join('\n'),
    ).toBeDefined();
  },
  540_000,
);
