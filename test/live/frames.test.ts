// Whole scripts in the model and on this machine's kernel: every frame that a packet socket sees at every device of every
// namespace, what is sent at random times as a set. Scenarios whose frames do not depend on how fast the machine is. Needs root on
// Linux; skipped elsewhere.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { differ, inModel, onThisKernel } from './frames.ts';
import { whyNot } from './sandbox.ts';
import { expectedOf, factsDiffer, slowed } from './unasked.ts';

const reason = whyNot();
const folder = join(process.cwd(), 'test/conformance/scenarios');

/** One frame under way at a time: the order on each device is compared. */
const IN_ORDER = ['009', '055', '150', '153', '243', '270', '275', '280', '393', '418', '425', '428'];
/** Broadcasts that several answer, and switches that reflect: the order of what has the same addresses. */
const BY_PATH = ['001', '006', '050', '053', '058', '415', '602'];

/** Chance decides otherwise with each; and a command takes that many seconds more. */
const SEEDS = [1, 2, 3];
const SLOW_S = [0.15, 1.2];

const scenarios = readdirSync(folder).filter((file) => file.endsWith('.sh'));
const cases = [...IN_ORDER.map((n) => [n, false] as const), ...BY_PATH.map((n) => [n, true] as const)].map(
  ([number, byPath]) => [scenarios.find((file) => file.startsWith(number)) as string, byPath] as const,
);

/** They wait more than they work: two at a time. */
let free = 2;
const waiting: Array<() => void> = [];
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (free === 0) await new Promise<void>((go) => waiting.push(go));
  else free--;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  }
}

describe.skipIf(reason !== null)(`frames of whole scripts${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  test.concurrent.each(cases)('%s', { timeout: 900_000 }, async (file, byPath) => {
    const script = readFileSync(join(folder, file), 'utf8');
    const runs = [];
    for (const seed of SEEDS) runs.push(await inModel(script, seed));
    const slow = [];
    for (const seconds of SLOW_S) slow.push(await inModel(slowed(script, seconds)));
    const [{ frames }] = runs;
    const expected = expectedOf(runs, slow);
    const seen = [...frames.values()].reduce((sum, lines) => sum + lines.length, 0) + expected.must.size;
    expect(seen).toBeGreaterThan(30);
    // A busy machine lets timers run out that should not, and chance may be rarer than that of all runs: what each attempt says counts.
    let order = ['not asked'];
    let chance: string[] | null = null;
    for (let attempt = 0; attempt < 4; attempt++) {
      const kernel = await inTurn(() => onThisKernel(script));
      if (order.length > 0) order = differ(frames, kernel.frames, byPath || attempt > 1);
      const now = factsDiffer(expected, kernel.facts);
      chance = chance === null ? now : chance.filter((fact) => now.includes(fact));
      if (order.length + chance.length === 0) return;
    }
    expect([...order, ...(chance ?? [])].join('\n')).toBe('');
  });
});
