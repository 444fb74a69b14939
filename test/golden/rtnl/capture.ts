// Records what this machine's kernel answers to the scenarios: node tools/run.mjs test/golden/rtnl/capture.ts [NAME ...]
// Needs root on Linux; nothing of the machine changes. Review the diff.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { SCENARIOS } from './scenarios.ts';
import type { Said } from './steps.ts';

const here = join(process.cwd(), 'test/golden/rtnl');
const wanted = process.argv.slice(2);

for (const [name, make] of Object.entries(SCENARIOS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const { steps, six } = make();
  const out = execFileSync('python3', [join(here, 'arm.py')], { input: JSON.stringify({ steps, six }), maxBuffer: 1 << 28 });
  const said = JSON.parse(out.toString()) as Said[];
  const golden = { kernel: release().split('-')[0], ...(six ? { six } : {}), steps, said };
  writeFileSync(join(here, `${name}.json`), `${JSON.stringify(golden, null, 1)}\n`);
  process.stdout.write(`${name}: ${steps.length} steps\n`);
}
