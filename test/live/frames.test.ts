// Whole scripts in the model and on this machine's kernel: every frame that a packet socket sees at every device of every
// namespace. Scenarios whose frames do not depend on how fast the machine is. Needs root on Linux; skipped elsewhere.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { differ, inModel, onThisKernel } from './frames.ts';
import { whyNot } from './sandbox.ts';

const reason = whyNot();
const folder = join(process.cwd(), 'test/conformance/scenarios');

/** One frame under way at a time: the order on each device is compared. */
const IN_ORDER = ['009', '055', '150', '153', '243', '270', '275', '280', '393'];
/** Broadcasts that several answer, and switches that reflect: the order of what has the same addresses. */
const BY_PATH = ['001', '006', '050', '053', '058', '602'];

const scenarios = readdirSync(folder).filter((file) => file.endsWith('.sh'));
const cases = [...IN_ORDER.map((n) => [n, false] as const), ...BY_PATH.map((n) => [n, true] as const)].map(
  ([number, byPath]) => [scenarios.find((file) => file.startsWith(number)) as string, byPath] as const,
);

describe.skipIf(reason !== null)(`frames of whole scripts${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  test.each(cases)('%s', { timeout: 400_000 }, async (file, byPath) => {
    const script = readFileSync(join(folder, file), 'utf8');
    const model = await inModel(script);
    expect([...model.frames.values()].reduce((sum, lines) => sum + lines.length, 0)).toBeGreaterThan(30);
    // A busy machine lets timers run out that should not: asked again before it counts.
    let difference: string[] = [];
    for (let attempt = 0; attempt < 4; attempt++) {
      difference = differ(model.frames, onThisKernel(script).frames, byPath || attempt > 1);
      if (difference.length === 0) return;
    }
    expect(difference.join('\n')).toBe('');
  });
});
