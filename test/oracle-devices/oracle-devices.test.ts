// The model against what Debian's kernel said (recorded/, by `npm run oracle:devices`): every scenario, step by step.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { differences, parseRecord, stepsOf } from './compare.ts';
import { runModel } from './model.ts';

const here = join(process.cwd(), 'test/oracle-devices');

for (const file of readdirSync(join(here, 'scenarios'))) {
  const record = readFileSync(join(here, 'recorded', file), 'utf8');
  const [from] = record.split('\n', 1);
  test(`${file}: as recorded ${from.replace('# ', 'on ')}`, async () => {
    const steps = stepsOf(readFileSync(join(here, 'scenarios', file), 'utf8'));
    expect(parseRecord(record).map((s) => s.command)).toEqual(steps);
    const model = await runModel(steps);
    expect([...differences(parseRecord(record), parseRecord(model.text)), ...model.complaints]).toEqual([]);
  });
}
