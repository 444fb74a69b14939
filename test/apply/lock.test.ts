// The lock of changes: whoever waits for it in vain is told who has it, and what to do.

import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { lockMachine } from '../../src/cli/lab-file.ts';

const skip = process.platform === 'linux' ? null : 'needs Linux';

test.skipIf(skip !== null)(`it is held by somebody${skip === null ? '' : ` (skipped: ${skip})`}`, async () => {
  const what = `test/${process.pid}/${performance.now()}`;
  const unlock = await lockMachine(1000, what);
  const uid = process.geteuid?.();
  const refusal = lockMachine(100, what);
  await expect(refusal).rejects.toMatchObject({ exitCode: 3 });
  await expect(refusal).rejects.toThrow(
    new RegExp(
      `^nothing was changed: process ${process.pid} of user ${uid} \\(.+\\) has held the lock @lowerdev/${what} for 0.1 s; if it hangs, or is no lowerdev: kill ${process.pid}$`,
    ),
  );
  unlock();
  (await lockMachine(1000, what))();
});

test.skipIf(skip !== null)('it is free again when its holder lets go of it', async () => {
  const what = `test/${process.pid}/${performance.now()}`;
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(`\0lowerdev/${what}`, resolve));
  const waiting = lockMachine(60_000, what);
  await new Promise((resolve) => setImmediate(resolve));
  server.close();
  (await waiting)();
});
