// npm run oracle:offload [-- [--update] [--out FOLDER] [-j N] TEST ...]: boots Debian's kernel with the fixture NIC in QEMU
// (run-oracle.sh says what it needs), reads what it said, and compares it with the recorded truth. --update records it.
// --out FOLDER: reads the output of an earlier run (out-a.txt ...) instead of booting. docs/offload.md says how long it takes.
// Exit code: 0 as recorded, 1 something differs, 2 bad usage or the guest did not finish.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { combined, moved, said, signs, sources, transfer, xps } from '../compare.ts';
import { type Case, type Load, lifeCycle, type Matrix, parseAll, type Truth } from '../parse.ts';

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
    else if (/^[a-f]$/.test(args[i])) o.tests.push(args[i]);
    else return null;
  }
  if (o.tests.length === 0) o.tests = ['a', 'b', 'c', 'd', 'e', 'f'];
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
  /** Every recorded row must be there again and say the same. */
  const compare = <T>(
    test: string,
    rows: readonly T[],
    fresh: readonly T[],
    name: (row: T) => string,
    what: (row: T) => unknown,
  ): void => {
    if (!tests.includes(test)) return;
    for (const row of rows) {
      const found = fresh.find((f) => name(f) === name(row));
      if (found === undefined) out.push(`${test}: ${name(row)}: was not run`);
      else if (!same(what(found), what(row)))
        out.push(`${test}: ${name(row)}: ${firstDifference(what(row), what(found))}`);
    }
    for (const row of fresh) {
      if (!rows.some((r) => name(r) === name(row))) out.push(`${test}: ${name(row)}: is not recorded`);
    }
  };
  const cells = (m: Matrix): unknown => [m.ping, m.l2];
  const byCase = (c: Case): string => c.case;
  compare('a', was.a_life_cycle, now.a_life_cycle, byCase, lifeCycle);
  compare('b', was.b_modes, now.b_modes, topology, cells);
  compare('c', was.c_tx_queue, now.c_tx_queue, byCase, queues);
  compare('d', was.d_enetdown, now.d_enetdown, (l) => `${l.case}: ${l.kind}: ${l.what}`, load);
  compare('e', was.e_semantics.filter(notMixed), now.e_semantics.filter(notMixed), byCase, saidByOneCpu);
  compare('e', was.b_mixed_modes, now.b_mixed_modes, topology, cells);
  compare('f', was.f_combinations, now.f_combinations, byCase, combined);
  return out;
}

/** Test c by its queues; what hashes or connections decide is left to the tests that know the rule. */
function queues(of: Case): unknown {
  if (of.case.startsWith('C8')) return xps(of);
  if (of.case.startsWith('C0')) return of.steps.flatMap((s) => s.out ?? []);
  return /^C(9|9b|10) /.test(of.case) ? null : [...sources(of)].sort();
}

/** Test d: the errnos, who counts, who blocks; of a transfer, whether it arrived; of both at once, whether TCP lives. */
function load(l: Load): unknown {
  if (l.kind === 'udp flood') return signs(l);
  return l.kind === 'tcp' ? transfer(l) : moved(l) > 0;
}

/** With one CPU, who floods broadcasts and who sends take turns: how many are lost or overtaken is of the guest with two. */
const saidByOneCpu = (of: Case): string[] => said(of).map((line) => line.replace(/, all broadcasts .*/, ''));

const notMixed = (c: Case): boolean => !c.case.startsWith('E11');
const topology = (m: Matrix): string => ['mode', 'offload', 'hwmode', 'wire'].map((k) => m.conf[k]).join(', ');

function firstDifference(was: unknown, now: unknown): string {
  if (!Array.isArray(was) || !Array.isArray(now))
    return `${JSON.stringify(was)} was recorded, now ${JSON.stringify(now)}`;
  const at = was.findIndex((line, i) => !same(line, now[i]));
  if (at < 0) return `${now.length - was.length} lines more: ${JSON.stringify(now[was.length])}`;
  return `${JSON.stringify(was[at])} was recorded, now ${JSON.stringify(now[at] ?? null)}`;
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const o = options(process.argv.slice(2));
if (o === null) {
  console.error('usage: npm run oracle:offload [-- [--update] [--out FOLDER] [-j N] a|b|c|d|e|f ...]');
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
const counts: Record<string, number> = {
  a: now.a_life_cycle.length,
  b: now.b_modes.length,
  c: now.c_tx_queue.length,
  d: now.d_enetdown.length,
  e: now.e_semantics.length + now.b_mixed_modes.length,
  f: now.f_combinations.length,
};
const rows = o.tests.map((test) => `${test} ${counts[test]}`).join(', ');
console.log(`rows: ${rows}: ${wrong.length === 0 ? 'equal to what is recorded' : `${wrong.length} differences`}`);
if (o.update) {
  const kept: Record<string, unknown> = { ...was };
  const parts: Record<string, Array<keyof Truth>> = {
    a: ['a_life_cycle'],
    b: ['b_modes'],
    c: ['c_tx_queue'],
    d: ['d_enetdown'],
    e: ['e_semantics', 'b_mixed_modes'],
    f: ['f_combinations'],
  };
  for (const test of o.tests) for (const part of parts[test]) kept[part] = now[part];
  writeFileSync(file, `${JSON.stringify(kept, null, 1)}\n`);
  console.log(`recorded ${file}`);
}
process.exit(wrong.length > 0 && !o.update ? 1 : 0);
