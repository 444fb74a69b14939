// The same script in bash and in ours: both streams in their order, and the exit code. The answers of bash 5.2 lie
// beside the scripts; UPDATE=1 asks the bash of this machine again. Known differences: docs/scripts.md.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runText } from '../../src/shell/testing/run.ts';

const folder = join(import.meta.dirname, 'corpus');
const names = readdirSync(folder).filter((file) => file.endsWith('.sh'));
names.sort((a, b) => (a < b ? -1 : 1));

/** What differs from run to run: process ids. */
function settle(text: string): string {
  return text.replace(/line \d+: +\d+ (Killed|Terminated) +/g, 'line N: PID $1 ');
}

function askBash(text: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'lowerdev-golden-'));
  try {
    writeFileSync(join(dir, 'lab.sh'), text);
    const env = { PATH: process.env['PATH'] ?? '', HOME: '/root', LANG: 'C.UTF-8' };
    const ran = spawnSync('sh', ['-c', 'bash lab.sh 2>&1 </dev/null'], { cwd: dir, env, encoding: 'utf8' });
    return `${ran.stdout}exit ${ran.status}\n`;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

if (process.env['UPDATE']) {
  const version = execFileSync('bash', ['-c', 'echo $BASH_VERSION'], { encoding: 'utf8' });
  if (!version.startsWith('5.')) throw new Error(`bash 5 is wanted, not ${version}`);
  for (const name of names) {
    const text = readFileSync(join(folder, name), 'utf8');
    writeFileSync(join(folder, name.replace(/\.sh$/, '.out')), settle(askBash(text)));
  }
}

test.each(names)('%s as in bash', async (name) => {
  const text = readFileSync(join(folder, name), 'utf8');
  const expected = readFileSync(join(folder, name.replace(/\.sh$/, '.out')), 'utf8');
  const ran = await runText(text);
  expect(settle(`${ran.output}exit ${ran.exitCode}\n`)).toBe(expected);
});

test('a second run gives the same output', async () => {
  const text = 'echo $RANDOM $RANDOM; for i in 3 1 2; do (sleep 0.$i; echo $i $RANDOM) & done; wait; date';
  const first = await runText(text, { seed: 7 });
  const second = await runText(text, { seed: 7 });
  expect(second.output).toBe(first.output);
  expect((await runText('echo $RANDOM', { seed: 8 })).output).not.toBe(
    (await runText('echo $RANDOM', { seed: 7 })).output,
  );
});
