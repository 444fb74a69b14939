// docs/fidelity.md says what its rows say and every proof is there; and each of the 25 traps is named by a test.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withFidelity, withoutNumbers } from '../../tools/fidelity.ts';

const root = process.cwd();

test('the table of docs/fidelity.md is up to date (npm run fidelity)', () => {
  const text = readFileSync(join(root, 'docs/fidelity.md'), 'utf8');
  expect(withoutNumbers(text)).toBe(withoutNumbers(withFidelity(root, text)));
});

test('each of the traps Q1 to Q25 has a test that is named after it', () => {
  const folder = join(root, 'src/drivers/macvlan');
  const files = readdirSync(folder).filter((file) => file.endsWith('.test.ts'));
  const titles = files.flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/^\s*test\(\s*(['"`])(.*)\1/gm)].map((match) => match[2]),
  );
  const named = new Set(titles.flatMap((title) => [...title.matchAll(/\bQ(\d+)\b/g)].map((match) => Number(match[1]))));
  expect(Array.from({ length: 25 }, (_, i) => i + 1).filter((trap) => !named.has(trap))).toEqual([]);
});
