// npm run storm:offload -- [--labs N] [--seed S] [--canary NAME|list]: many random labs on a NIC with L2 forwarding offload, in the
// model: each with the offload as the lab says, never, and always. Exit code: 0 no rule broken, 1 usage, 3 broken; with
// --canary 0 if the planted fault was found and called by its name, 3 if not.

import { parseArgs } from 'node:util';
import { OFFLOAD_CANARIES } from './offload-canaries.ts';
import { generateOffloadLab, stormOffload } from './offload-storm.ts';

const { values } = parseArgs({
  options: {
    labs: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    canary: { type: 'string' },
  },
});

function main(): number {
  const [labs, seed] = [Number(values.labs), Number(values.seed)];
  const { canary } = values;
  if (canary !== undefined && !(canary in OFFLOAD_CANARIES)) {
    for (const [name, { says }] of Object.entries(OFFLOAD_CANARIES)) console.log(`${name.padEnd(20)} ${says}`);
    return canary === 'list' ? 0 : 1;
  }
  if (![labs, seed].every((n) => Number.isSafeInteger(n) && n >= 0)) {
    console.error('storm:offload: --labs and --seed take whole numbers');
    return 1;
  }
  const planted = canary === undefined ? null : OFFLOAD_CANARIES[canary];
  const began = process.hrtime.bigint();
  const sum = { labs: 0, alike: 0, operations: 0, stations: 0, refusals: 0, frames: 0, failed: 0 };
  for (let i = 0; i < labs; i++) {
    const lab = generateOffloadLab(seed + i);
    const undo = planted?.plant();
    const result = stormOffload(lab);
    undo?.();
    sum.labs++;
    sum.operations += 3 * lab.ops.length;
    if (lab.alike) sum.alike++;
    sum.stations += result.stations;
    sum.refusals += result.refusals;
    sum.frames += result.frames;
    if (result.wrong.length === 0) continue;
    if (planted === null) {
      sum.failed++;
      console.log(`seed ${lab.seed}: ${result.wrong.slice(0, 3).join('\n  ')}`);
    } else if (result.wrong.some((line) => planted.expects.test(line))) {
      console.log(`found in lab ${i + 1}: ${result.wrong.find((line) => planted.expects.test(line))}`);
      return 0;
    }
    if (sum.labs % 500 === 0) console.log(`${sum.labs} labs, ${sum.failed} failed`);
  }
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const { frames, operations, stations, refusals, failed } = sum;
  console.log(
    `${sum.labs} labs (${sum.alike} that must be alike), ${operations} operations, ${frames} frames heard, ${stations} stations, ${refusals} refused, ${failed} failed, ${seconds.toFixed(0)} s`,
  );
  if (planted !== null) console.log('the planted fault was not found');
  return planted !== null || failed > 0 ? 3 : 0;
}

process.exitCode = main();
