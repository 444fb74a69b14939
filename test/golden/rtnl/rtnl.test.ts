// The model answers as the kernel did from which the captures are: message for message, attribute for attribute.
// Differences that are known are listed in known.ts, each with its reason; the list may only shrink.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { told } from './compare.ts';
import { KNOWN } from './known.ts';
import { runModel } from './model.ts';
import { SCENARIOS } from './scenarios.ts';
import type { Golden } from './steps.ts';

const here = join(process.cwd(), 'test/golden/rtnl');

describe.each(Object.keys(SCENARIOS))('%s', (name) => {
  const golden = JSON.parse(readFileSync(join(here, `${name}.json`), 'utf8')) as Golden;
  const said = runModel(golden.steps, golden.six === true);
  const known = KNOWN[name] ?? {};

  test('the capture is of these requests', () => {
    expect(SCENARIOS[name]().steps).toEqual(golden.steps);
  });

  test.each(golden.steps.map((step, i) => [`${i} ${step.what}`, i] as const))('%s', (_what, i) => {
    const step = golden.steps[i];
    const mine = told(step, said[i]);
    const theirs = told(step, golden.said[i]);
    if (known[step.what] === undefined) expect(mine).toEqual(theirs);
    else expect(mine, `no longer differs, remove it: ${known[step.what]}`).not.toEqual(theirs);
  });
});
