// npm run storm -- [--labs N] [--seed S] [--width W] [--no-shrink] [--record]
// Exit code: 1 usage or no live kernel, 2 the model broke a rule of its own, 3 a difference or a checker's complaint.

import { parseArgs } from 'node:util';
import { whyNotLive } from './live-arm.ts';
import { record } from './record.ts';
import { storm } from './storm.ts';

const { values } = parseArgs({
  options: {
    labs: { type: 'string', default: '50' },
    seed: { type: 'string' },
    width: { type: 'string', default: '8' },
    'no-shrink': { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  const why = whyNotLive();
  if (why !== null) {
    console.error(`storm: no live kernel to compare with: ${why}`);
    return 1;
  }
  const seed = values.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(values.seed);
  const [labs, width] = [Number(values.labs), Number(values.width)];
  if (![seed, labs, width].every((n) => Number.isSafeInteger(n) && n >= 0)) {
    console.error('storm: --labs, --seed and --width take whole numbers');
    return 1;
  }
  if (values.record) {
    for (let i = 0; i < labs; i++) await record(seed + i);
    return 0;
  }
  console.log(`storm --labs ${labs} --seed ${seed} --width ${width}`);
  const o = await storm({ seed, labs, width, shrink: !values['no-shrink'], say: (line) => console.log(line) });
  console.log(`${o.labs} labs, ${o.ops} operations, ${o.hasty} only when hurried, ${o.failures.length} failed`);
  return o.failures.reduce((worst, f) => (worst === 0 ? f.class : Math.min(worst, f.class)), 0);
}

process.exitCode = await main();
