// How long a command takes from start to exit, in a process of its own, against an empty program in the same Node.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Bench, now, type Prepared, Skip } from '../harness.ts';

declare const REPOSITORY: string;

const timed = (args: string[]): number => {
  const from = now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return now() - from;
};

function starting(...args: string[]): Prepared {
  const main = join(REPOSITORY, 'dist/cli/main.js');
  if (!existsSync(main)) throw new Skip('dist/ is not built');
  return {
    value: () => timed([main, ...args]),
    baseline: { name: "node -e ''", run: () => timed(['-e', '']) },
  };
}

export const cliStart: Bench = {
  name: 'cli-start',
  what: 'lowerdev run examples/back-to-back/lab.sh, from start to exit',
  unit: 'ms',
  better: 'lower',
  goal: { of: 'value', atMost: 400 },
  prepare: () => starting('run', join(REPOSITORY, 'examples/back-to-back/lab.sh')),
};

export const cliVersion: Bench = {
  name: 'cli-version',
  what: 'lowerdev --version, from start to exit',
  unit: 'ms',
  better: 'lower',
  prepare: () => starting('--version'),
};
