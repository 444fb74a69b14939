// Everything that is wrong with a macvlan host, broken in the model and on this machine's kernel: `why` names it, real pings
// agree with its verdict before and after, and when the thing is mended it says reached.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Model } from '../../src/index.ts';
import type { SnapshotKernel } from '../../src/lab/snapshot/kernel.ts';
import { readSnapshot } from '../../src/lab/snapshot/read.ts';
import type { Snapshot } from '../../src/lab/snapshot/snapshot.ts';
import { type Answer, why } from '../../src/lab/why/why.ts';
import { Sandbox, whyNot } from '../live/sandbox.ts';
import { BROKEN, SETUP } from './broken.ts';
import { modelAfter, runIn } from './testing.ts';

interface Arm {
  readonly name: string;
  readonly skip: string | null;
  open(): Promise<Bench>;
}

interface Bench {
  sh(script: string): Promise<{ code: number; said: string }>;
  snapshot(): Snapshot;
  close(): void;
}

const ARMS: Arm[] = [
  { name: 'the model', skip: null, open: openModel },
  { name: 'this kernel', skip: whyNot(), open: openLinux },
];

async function openModel(): Promise<Bench> {
  const model: Model = await modelAfter('nics: {}', SETUP);
  return {
    sh: (script) => runIn(model, script),
    snapshot: () => readSnapshot(model.os),
    close: () => model.close(),
  };
}

async function openLinux(): Promise<Bench> {
  const box = new Sandbox();
  const sh = async (script: string): Promise<{ code: number; said: string }> => {
    const { rc, out, err } = box.sh(script);
    return { code: rc, said: out + err };
  };
  const { code, said } = await sh(`set -e\n${SETUP}`);
  if (code !== 0) throw new Error(said);
  const kernel = Object.assign(Object.create(box.os), { wallNs: () => 0 }) as SnapshotKernel;
  return { sh, snapshot: () => readSnapshot(kernel), close: () => box.close() };
}

function said(answer: Answer): string {
  const { text, where, evidence, cure } = answer;
  return [text, where ?? '', ...evidence, cure ?? ''].join('\n');
}

for (const arm of ARMS) {
  describe.skipIf(arm.skip !== null)(`${arm.name}${arm.skip === null ? '' : ` (${arm.skip})`}`, () => {
    let bench: Bench;
    beforeAll(async () => {
      bench = await arm.open();
    }, 60_000);
    afterAll(() => bench?.close());

    const ping = async ([netns, address]: readonly [string, string]): Promise<boolean> => {
      const inside = netns === '' ? '' : `ip netns exec ${netns} `;
      const { code } = await bench.sh(
        `${inside}ping -c 1 -W 1 ${address} >/dev/null 2>&1 || ${inside}ping -c 2 -i 0.3 -W 1 ${address}`,
      );
      return code === 0;
    };

    for (const b of BROKEN) {
      if (b.modelOnly === true && arm.name !== 'the model') continue;
      test(b.name, { timeout: 120_000 }, async () => {
        const question = { from: b.ask[0], to: b.ask[1], traffic: null };
        const broken = await bench.sh(b.break);
        expect(broken).toEqual({ code: 0, said: '' });
        expect(await ping(b.ping)).toBe(false);
        const answer = await why(bench.snapshot(), null, question);
        expect(said(answer)).toMatch(b.names);
        expect([answer.reached, answer.code]).toEqual([false, b.code]);
        const mended = await bench.sh(b.mend);
        expect(mended).toEqual({ code: 0, said: '' });
        expect(await ping(b.ping)).toBe(true);
        const after = await why(bench.snapshot(), null, question);
        expect([after.reached, said(after)]).toEqual([true, expect.anything()]);
        if (b.clean !== undefined) expect(await bench.sh(b.clean)).toEqual({ code: 0, said: '' });
      });
    }
  });
}
