// The labs of spec-labs.ts on this machine's kernel and in the model, operation by operation. Without a live kernel: against
// what was recorded.

import { afterAll, describe, expect, test } from 'vitest';
import { compare } from './compare.ts';
import { LiveArm, QUICK, SLOW, whyNotLive } from './live-arm.ts';
import { runModel } from './model-arm.ts';
import { recordingOf, recordings, replay } from './record.ts';
import { SPEC_LABS } from './spec-labs.ts';

const why = whyNotLive();

describe.skipIf(why !== null)(`live${why === null ? '' : ` (skipped: ${why})`}`, { timeout: 300_000 }, () => {
  const live = why === null ? new LiveArm() : null;
  afterAll(() => live?.close());

  test.each([...SPEC_LABS.keys()])('%s', async (name) => {
    const lab = SPEC_LABS.get(name) as NonNullable<ReturnType<typeof SPEC_LABS.get>>;
    const model = runModel(lab);
    expect(model.complaints).toEqual([]);
    // Asked again where it differs: a group may be let through by chance, and on a busy machine a worker is late.
    for (const pace of [QUICK, { ...QUICK, ballast: 1 }, { ...SLOW, ballast: 2 }]) {
      const mismatch = compare(lab.ops, model, await (live as LiveArm).run(lab, model, pace));
      if (mismatch === null) return;
      if (pace.pause > 0) expect(`${JSON.stringify(lab.ops[mismatch.at])}\n${mismatch.lines.join('\n')}`).toBe('alike');
    }
  });
});

describe('recorded', () => {
  test.each([...SPEC_LABS.keys()])('%s', (name) => {
    const file = recordingOf(name);
    expect(recordings(), 'made by npm run storm -- --record-spec').toContain(file);
    expect(replay(file).lines).toEqual([]);
  });
});
