// npm run oracle:devices -- [SCENARIO...] [--no-record] [--model]
// Boots Debian's kernel in QEMU for every scenario, writes what it said to recorded/, and compares the model with it.
// --model: only the model against what is recorded. Exit code: 1 usage or no guest, 3 a difference.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { differences, parseRecord, stepsOf } from './compare.ts';
import { boot, prepare, whyNoGuest } from './guest.ts';
import { runModel } from './model.ts';

const here = join(process.cwd(), 'test/oracle-devices');

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { 'no-record': { type: 'boolean', default: false }, model: { type: 'boolean', default: false } },
  });
  const all = readdirSync(join(here, 'scenarios')).map((f) => f.replace(/\.txt$/, ''));
  const chosen = positionals.length > 0 ? positionals : all;
  const why = values.model ? null : whyNoGuest();
  if (why !== null) {
    console.error(`oracle:devices: no guest: ${why}`);
    return 1;
  }
  const release = values.model ? '' : prepare();
  let worst = 0;
  for (const name of chosen) {
    const steps = stepsOf(readFileSync(join(here, 'scenarios', `${name}.txt`), 'utf8'));
    const file = join(here, 'recorded', `${name}.txt`);
    const kernel = values.model
      ? readFileSync(file, 'utf8')
      : `# Linux ${release} (Debian), of scenarios/${name}.txt\n${boot(release, name)}`;
    if (!values.model && !values['no-record']) writeFileSync(file, kernel);
    const model = await runModel(steps);
    const lines = [...differences(parseRecord(kernel), parseRecord(model.text)), ...model.complaints];
    console.log(`${name}: ${steps.length} steps, ${lines.length === 0 ? 'equal' : 'DIFFERENT'}`);
    for (const line of lines) console.log(line);
    if (lines.length > 0) worst = 3;
  }
  return worst;
}

process.exitCode = await main();
