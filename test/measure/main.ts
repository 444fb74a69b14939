// npm run verify:labs -- [--seed N] [--count N] [--at-once N] [--show N]: random labs on this kernel against the model. Exit code 1
// where they differ; each seed can be run alone, and --show prints its lab.

import { parseArgs } from 'node:util';
import { randomLab } from './random-lab.ts';
import { verifyMany } from './random-verify.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '500' },
    'at-once': { type: 'string', default: '12' },
    show: { type: 'string' },
  },
});

if (values.show !== undefined) {
  process.stdout.write(randomLab(Number(values.show)));
} else {
  const [seed, count, atOnce] = [values.seed, values.count, values['at-once']].map(Number);
  console.log(`verify:labs --seed ${seed} --count ${count}`);
  let [labs, cells, reached, wrong] = [0, 0, 0, 0];
  await verifyMany(seed, count, atOnce, (r) => {
    labs++;
    cells += r.cells;
    reached += r.reached;
    if (r.differences.length > 0) wrong++;
    for (const line of r.differences) console.log(`seed ${r.seed}: ${line}`);
    if (process.stderr.isTTY) process.stderr.write(`\r${labs} of ${count} labs`);
  });
  console.log(
    `${labs} labs, ${cells} cells, ${reached} reached: ${wrong === 0 ? 'all as predicted' : `${wrong} labs differ`}`,
  );
  process.exitCode = wrong === 0 ? 0 : 1;
}
