// Rubbish into the shell: broken scripts end, with an exit code, in time, and alike in two runs.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runText } from '../../src/shell/testing/run.ts';

const folder = join(import.meta.dirname, 'corpus');
const lines = readdirSync(folder)
  .filter((file) => file.endsWith('.sh'))
  .flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'))
  .filter((line) => line !== '');

const words = [
  'if',
  'then',
  'fi',
  'do',
  'done',
  '{',
  '}',
  '(',
  ')',
  '$(',
  '`',
  '"',
  "'",
  '&&',
  '||',
  '&',
  '|',
  ';',
  ';;',
  '<<E',
  '>',
  '$x',
  '${x',
  '$((',
  '\\',
  '\n',
  '[[',
  ']]',
  '!',
  'case',
  'esac',
  '1',
  '-',
  '\u00e9',
  '\0',
];

const script = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...lines) },
      { weight: 2, arbitrary: fc.constantFrom(...words) },
      fc.string({ maxLength: 6 }),
    ),
    {
      maxLength: 6,
    },
  )
  .chain((parts) => fc.constantFrom(' ', '\n', '').map((glue) => parts.join(glue)));

test('any text ends with an exit code, and twice the same way', async () => {
  await fc.assert(
    fc.asyncProperty(script, async (text) => {
      const options = { maxCommands: 2000, seed: 5 };
      const ran = await runText(text, options);
      expect(ran.exitCode).toBeGreaterThanOrEqual(0);
      expect(ran.exitCode).toBeLessThan(256);
      expect(ran.output).not.toMatch(/is not a function|undefined \(reading|\bat .*\.ts:\d+/);
      const again = await runText(text, options);
      expect([again.output, again.exitCode]).toEqual([ran.output, ran.exitCode]);
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 150), seed: Number(process.env['FUZZ_SEED'] ?? 1) },
  );
});
