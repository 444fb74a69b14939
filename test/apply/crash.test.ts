// lowerdev is killed (SIGKILL, a real process) at random points of apply, of an edit and of destroy. Afterwards apply converges,
// and destroy leaves the machine as it was: every link, address and namespace, the lower device's filter, and /run.
// LOWERDEV_KILLS=2000 LOWERDEV_SEED=7 npx vitest run test/apply/crash.test.ts

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundleInto } from './cli-bundle.ts';
import { whyNoNamespaces } from './namespaces.ts';

const root = join(import.meta.dirname, '../..');
const skip = whyNoNamespaces();
const kills = Number(process.env.LOWERDEV_KILLS ?? 200);
const seed = Number(process.env.LOWERDEV_SEED ?? Date.now() % 1_000_000);

test.skipIf(skip !== null)(
  `${kills} kills${skip === null ? '' : ` (skipped: ${skip})`}`,
  async () => {
    const cache = join(root, 'node_modules/.cache');
    mkdirSync(cache, { recursive: true });
    const dir = mkdtempSync(join(cache, 'lowerdev-crash-'));
    try {
      await bundleInto(
        dir,
        ['harness', 'worker'].map((name) => join(root, 'test/apply/crash', `${name}.ts`)),
      );
      const script = 'mount --make-rprivate / && mount -t tmpfs none /run && exec "$@"';
      const harness = [
        process.execPath,
        join(dir, 'harness.mjs'),
        join(dir, 'worker.mjs'),
        String(kills),
        String(seed),
      ];
      const ran = spawnSync(
        'unshare',
        ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child', 'sh', '-c', script, 'sh', ...harness],
        { encoding: 'utf8', cwd: root, timeout: 900_000 },
      );
      const told = JSON.parse(ran.stdout.trim().split('\n').pop() || '{}');
      console.log(`LOWERDEV_SEED=${seed}: ${JSON.stringify(told)}`);
      expect({ seed, failed: told.failed, stderr: ran.stderr }).toEqual({ seed, failed: undefined, stderr: '' });
      expect(told.atCall + told.atTime).toBeGreaterThanOrEqual(kills);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
  960_000,
);
