// npm run storm -- [--labs N] [--seed S] [--width W] [--no-shrink] [--canary NAME|list] [--record] [--record-spec] [--ci]
// Exit code: 1 usage or no live kernel, 2 the model broke a rule of its own, 3 a difference or a checker's complaint.
// With --ci: a few labs that are always the same, 200 new ones (STORM_SEED fixes them), at most four minutes, and counts.
// With --canary: 0 if the storm found the planted fault, 3 if it did not.

import { parseArgs } from 'node:util';
import { CANARIES } from './canaries.ts';
import { generateLab } from './generate.ts';
import { whyNotLive } from './live-arm.ts';
import { record } from './record.ts';
import { SPEC_LABS } from './spec-labs.ts';
import { type Outcome, storm } from './storm.ts';

const { values } = parseArgs({
  options: {
    labs: { type: 'string', default: '50' },
    seed: { type: 'string' },
    width: { type: 'string', default: '8' },
    canary: { type: 'string' },
    'no-shrink': { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    'record-spec': { type: 'boolean', default: false },
    ci: { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  if (values.canary !== undefined && !(values.canary in CANARIES)) {
    for (const [name, { says }] of Object.entries(CANARIES)) console.log(`${name.padEnd(20)} ${says}`);
    return values.canary === 'list' ? 0 : 1;
  }
  const why = whyNotLive();
  if (values.ci) return await ci(why);
  if (why !== null) {
    console.error(`storm: no live kernel to compare with: ${why}`);
    return 1;
  }
  const seed = values.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(values.seed);
  const [labs, width] = [Number(values.labs), Number(values.width)];
  if (![seed, labs, width].every((n) => Number.isSafeInteger(n) && n >= 0)) {
    console.error('storm: --labs, --seed and --width take whole numbers');
    return 1;
  }
  if (values.record) {
    for (let i = 0; i < labs; i++) await record(String(seed + i), generateLab(seed + i));
    return 0;
  }
  if (values['record-spec']) {
    for (const [name, lab] of SPEC_LABS) await record(name, lab);
    return 0;
  }
  const canary = values.canary === undefined ? undefined : CANARIES[values.canary];
  console.log(`storm --labs ${labs} --seed ${seed} --width ${width}${canary === undefined ? '' : `: ${canary.says}`}`);
  const started = process.hrtime.bigint();
  const enough = canary === undefined ? undefined : 1;
  const say = (line: string): void => console.log(line);
  const o = await storm({ seed, labs, width, shrink: !values['no-shrink'], canary, enough, say });
  console.log(`${summary(o)}, ${(Number(process.hrtime.bigint() - started) / 1e9).toFixed(0)} s`);
  if (canary !== undefined) return o.failures.length > 0 ? 0 : 3;
  return o.failures.reduce((worst, f) => (worst === 0 ? f.class : Math.min(worst, f.class)), 0);
}

const FIXED = { seed: 7000, labs: 20 };

async function ci(why: string | null): Promise<number> {
  if (why !== null) {
    console.log(`no live kernel to compare with: ${why}\n0 passed, 0 failed, 1 skipped`);
    return 0;
  }
  const seed = Number(process.env['STORM_SEED'] ?? 1e6 + Math.floor(Math.random() * 1e9));
  let [passed, failed] = [0, 0];
  for (const part of [FIXED, { seed, labs: 200 }]) {
    console.log(`storm --labs ${part.labs} --seed ${part.seed}`);
    const say = (line: string): void => console.log(line);
    const o = await storm({ ...part, width: 8, shrink: true, seconds: 120, enough: 3, say });
    console.log(`${summary(o)}${o.labs < part.labs ? `; ${part.labs - o.labs} were not begun, for want of time` : ''}`);
    passed += o.labs - o.failures.length;
    failed += o.failures.length;
  }
  console.log(`${passed} passed, ${failed} failed, 0 skipped`);
  return failed === 0 ? 0 : 3;
}

function summary(o: Outcome): string {
  return [
    `${o.labs} labs`,
    `${o.ops} operations`,
    `${o.sent} frames sent`,
    `${o.lines} lines compared`,
    `${o.chance} with a group heard by chance`,
    `${o.hasty} different only when hurried`,
    `${o.failures.length} failed`,
  ].join(', ');
}

process.exitCode = await main();
