// npm run oracle:offload [-- [--update] [--out FOLDER] [-j N] TEST ...]: boots Debian's kernel with the fixture NIC in QEMU
// (run-oracle.sh says what it needs), reads what it said, and compares it with the recorded truth. --update records it.
// --out FOLDER: reads the output of an earlier run (out-a.txt ...) instead of booting. About six minutes on two idle cores.
// Exit code: 0 as recorded, 1 something differs, 2 bad usage or the guest did not finish.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lifeCycle, type Matrix, parseAll, type Truth } from '../parse.ts';

declare const REPOSITORY: string;
const folder = join(REPOSITORY, 'test/offload/oracle');
const file = join(folder, 'truth-6.1.json');

interface Options {
  update: boolean;
  out: string | null;
  jobs: string;
  tests: string[];
}

function options(args: readonly string[]): Options | null {
  const o: Options = { update: false, out: null, jobs: '2', tests: [] };
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '--update') o.update = true;
    else if (args[i] === '--out') o.out = args[++i];
    else if (args[i] === '-j') o.jobs = args[++i];
    else if (/^[a-e]$/.test(args[i])) o.tests.push(args[i]);
    else return null;
  }
  if (o.tests.length === 0) o.tests = ['a', 'b', 'c', 'e'];
  return o;
}

function boot(o: Options): string {
  const work = mkdtempSync(join(tmpdir(), 'l2fwd-'));
  const words = [join(folder, 'run-oracle.sh'), '-w', work, '-j', o.jobs, ...o.tests];
  const { status } = spawnSync('bash', words, { stdio: 'inherit' });
  if (status !== 0) {
    console.error(`the guest did not finish; what it said is in ${work}/out`);
    process.exit(2);
  }
  return join(work, 'out');
}

/** What differs, a line each. Only what two kernels agree on: not the hash of a flow, not how many sends failed. */
function differences(was: Truth, now: Truth, tests: readonly string[]): string[] {
  const out: string[] = [];
  if (tests.includes('a')) {
    for (const c of was.a_life_cycle) {
      const found = now.a_life_cycle.find((n) => n.case === c.case);
      if (found === undefined || lifeCycle(found).join('\n') !== lifeCycle(c).join('\n')) out.push(`a: ${c.case}`);
    }
  }
  const matrices = (name: string, a: readonly Matrix[], b: readonly Matrix[]): void => {
    for (const m of a) {
      const conf = JSON.stringify(m.conf);
      const found = b.find((n) => sameTopology(n.conf, m.conf));
      if (found === undefined) out.push(`${name}: ${conf} was not run`);
      else if (!same(found.ping, m.ping) || !same(found.l2, m.l2)) out.push(`${name}: ${conf}`);
    }
  };
  if (tests.includes('b')) matrices('b', was.b_modes, now.b_modes);
  if (tests.includes('e')) matrices('e', was.b_mixed_modes, now.b_mixed_modes);
  return out;
}

const sameTopology = (a: Record<string, string>, b: Record<string, string>): boolean =>
  ['mode', 'offload', 'hwmode', 'wire'].every((k) => a[k] === b[k]);
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const o = options(process.argv.slice(2));
if (o === null) {
  console.error('usage: npm run oracle:offload [-- [--update] [--out FOLDER] [-j N] a|b|c|d|e ...]');
  process.exit(2);
}
const from = o.out ?? boot(o);
const text = (test: string): string => {
  const path = join(from, `out-${test}.txt`);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};
const was = JSON.parse(readFileSync(file, 'utf8')) as Truth & Record<string, unknown>;
const now = parseAll(text);
const wrong = differences(was, now, o.tests);
for (const line of wrong) console.log(`DIFFERS ${line}`);
console.log(`${o.tests.join(' ')}: ${wrong.length === 0 ? 'as recorded' : `${wrong.length} differences`}`);
if (o.update) {
  const kept: Record<string, unknown> = { ...was };
  const parts: Record<string, Array<keyof Truth>> = {
    a: ['a_life_cycle'],
    b: ['b_modes'],
    c: ['c_tx_queue'],
    d: ['d_enetdown'],
    e: ['e_semantics', 'b_mixed_modes'],
  };
  for (const test of o.tests) for (const part of parts[test]) kept[part] = now[part];
  writeFileSync(file, `${JSON.stringify(kept, null, 1)}\n`);
  console.log(`recorded ${file}`);
}
process.exit(wrong.length > 0 && !o.update ? 1 : 0);
