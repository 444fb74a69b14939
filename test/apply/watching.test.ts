// Watching a descriptor: what fails leaves nothing behind.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundleInto } from './cli-bundle.ts';

const skip = process.platform === 'linux' ? null : 'needs Linux';

test.skipIf(skip !== null)(
  `a descriptor that cannot be watched${skip === null ? '' : ` (skipped: ${skip})`}`,
  async () => {
    const cache = join(import.meta.dirname, '../../node_modules/.cache');
    mkdirSync(cache, { recursive: true });
    const dir = mkdtempSync(join(cache, 'lowerdev-watching-'));
    try {
      await bundleInto(dir, [join(import.meta.dirname, 'watching.ts')]);
      const ran = spawnSync(process.execPath, [join(dir, 'watching.mjs')], {
        encoding: 'utf8',
        input: 'x',
        timeout: 60_000,
      });
      expect([ran.stdout, ran.stderr]).toEqual(['uv_poll: error -1; readable\n', '']);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
);
