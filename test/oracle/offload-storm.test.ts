// Random labs on a NIC with L2 forwarding offload, in the model: nothing that holds without it may break with it.
// STORM_SEED gives other labs.

import { expect, test } from 'vitest';
import { generateOffloadLab, runOffload } from './offload-storm.ts';

const LABS = 20;
const seed = Number(process.env['STORM_SEED'] ?? 1);

test(`offload on, off and toggled: checkers hold, and alike where it must be (seeds ${seed} to ${seed + LABS - 1})`, () => {
  let [stations, refusals] = [0, 0];
  for (let i = 0; i < LABS; i++) {
    const lab = generateOffloadLab(seed + i);
    const again = `STORM_SEED=${lab.seed} npx vitest run test/oracle/offload-storm.test.ts`;
    const off = runOffload(lab, 'off');
    expect(off.complaints, again).toEqual([]);
    for (const arm of ['toggled', 'on'] as const) {
      const run = runOffload(lab, arm);
      expect(run.complaints, `${arm}: ${again}`).toEqual([]);
      if (lab.alike) {
        const heard = lab.ops.map((op, at) => ({ op: JSON.stringify(op), heard: run.heard[at] }));
        expect(heard, `${arm}: ${again}`).toEqual(
          lab.ops.map((op, at) => ({ op: JSON.stringify(op), heard: off.heard[at] })),
        );
      }
      stations += run.stations;
      refusals += run.refusals;
    }
  }
  expect(stations).toBeGreaterThan(LABS);
  expect(refusals).toBeGreaterThan(LABS / 10);
}, 540_000);
