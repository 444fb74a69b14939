// npm run conformance: every scenario on an engine, compared with what a real kernel answered.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compare, type Expectation } from './compare.ts';
import { type Engine, lowerdev, type Run, realKernel, runScenario } from './engine.ts';
import { expectFile, recording, refreshed } from './record.ts';
import { judge, markdownTable, type Outcome, type Ratchet, show, textTable, tightened, withTable } from './report.ts';

declare const REPOSITORY: string;

const usage = `usage: npm run conformance -- [options] [GLOB ...]     (a glob of scenario names, e.g. '02*' or '*shim*')
  -j, --jobs N         scenarios at a time (default: the number of cores)
  -v, --verbose        every difference, not the first four of a scenario
  --real               on this machine's kernel (root), to check the expectations themselves
  --live               afresh on this machine's kernel (root) and on the engine: kernel, record and engine are compared
  --record RUNS        write the expectations of the named scenarios from so many runs on this machine's kernel (root)
  --engine COMMAND     another command to run, in place of "node dist/cli/main.js run --check --engine model"
  --split              keep stdout and stderr apart
  --raw                print what each probe answered
  --timeout SECONDS    for one scenario (default 60)
  --update-readme      write the table of counts into README.md
  --update-ratchet     write test/conformance/ratchet.json after this run`;

const folder = join(REPOSITORY, 'test/conformance/scenarios');
const ratchetFile = join(REPOSITORY, 'test/conformance/ratchet.json');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    jobs: { type: 'string', short: 'j' },
    verbose: { type: 'boolean', short: 'v' },
    real: { type: 'boolean' },
    live: { type: 'boolean' },
    record: { type: 'string' },
    engine: { type: 'string' },
    split: { type: 'boolean' },
    raw: { type: 'boolean' },
    timeout: { type: 'string' },
    'update-readme': { type: 'boolean' },
    'update-ratchet': { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
});

let ratchet: Ratchet = existsSync(ratchetFile)
  ? (JSON.parse(readFileSync(ratchetFile, 'utf8')) as Ratchet)
  : { pass: [], missing: {} };

function scenarios(globs: string[]): string[] {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.sh'))
    .map((file) => file.slice(0, -3));
  names.sort((a, b) => (a < b ? -1 : 1));
  const wanted = globs.map((glob) => glob.replace(/^.*\//, '').replace(/\.sh$/, ''));
  return names.filter((name) => wanted.length === 0 || wanted.some((glob) => glob === name || matchGlob(name, glob)));
}

/** path.matchesGlob came with Node 22; here only `*`, `?` and `[0-9]` are needed. */
function matchGlob(name: string, glob: string): boolean {
  const escaped = glob
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${escaped}$`).test(name);
}

function chosenEngine(): Engine {
  if (values.real) return realKernel();
  const command = values.engine?.split(' ') ?? [
    process.execPath,
    join(REPOSITORY, 'dist/cli/main.js'),
    'run',
    '--check',
    '--engine',
    'model',
  ];
  return lowerdev(command, values.split ?? false, Number(values.timeout ?? 60) * 1000);
}

async function one(name: string, engine: Engine): Promise<Outcome> {
  const expectation = JSON.parse(readFileSync(expectFile(folder, name), 'utf8')) as Expectation;
  const run = await runScenario(join(folder, `${name}.sh`), engine);
  const outcome = { expectation, ...compare(expectation, run), ms: run.ms };
  print(outcome);
  if (values.raw) {
    for (const { id, cmd, result } of run.probes) {
      console.log(`>>> ${cmd}\n${run.raw.get(id) ?? ''}    => ${JSON.stringify(result)}`);
    }
    console.log(`stray: ${JSON.stringify(run.stray)}  exit ${run.exit}`);
  }
  return outcome;
}

function print({ expectation, differences, fields, ms }: Outcome): void {
  const excused = !(values.real || values.engine) && ratchet.missing[expectation.scenario] !== undefined;
  if (excused && !values.verbose && positionals.length === 0) return;
  if (differences.length === 0) {
    if (values.verbose) console.log(`ok   ${expectation.scenario}: ${fields} fields, ${ms.toFixed(0)} ms`);
    return;
  }
  console.log(`FAIL ${expectation.scenario}: ${differences.length} of ${fields} fields, ${ms.toFixed(0)} ms`);
  for (const { cmd, field, want, got } of differences.slice(0, values.verbose ? undefined : 4)) {
    console.log(`      ${cmd} | ${field}\n        want ${show(want)}\n        got  ${show(got)}`);
  }
}

async function all(names: string[], engine: Engine, jobs: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = new Array(names.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < names.length; i = next++) outcomes[i] = await one(names[i], engine);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return outcomes;
}

/** One run on the kernel: a scenario that a busy machine disturbed is run once more before it counts. */
async function live(name: string, engine: Engine): Promise<number> {
  const record = JSON.parse(readFileSync(expectFile(folder, name), 'utf8')) as Expectation;
  const script = join(folder, `${name}.sh`);
  const ours = await runScenario(script, engine);
  let kernel: Run;
  let drift: number;
  let bad: ReturnType<typeof compare>;
  for (let attempt = 0; ; attempt++) {
    kernel = await runScenario(script, realKernel());
    drift = compare(record, kernel).differences.length;
    bad = compare(refreshed(record, kernel), ours);
    if ((drift === 0 && bad.differences.length === 0) || attempt > 0) break;
  }
  const stale = compare(record, ours).differences.length;
  const words = [`kernel/record ${drift}`, `engine/record ${stale}`, `engine/kernel ${bad.differences.length}`];
  console.log(`${bad.differences.length === 0 ? 'ok  ' : 'FAIL'} ${name}: differences ${words.join(', ')}`);
  for (const { cmd, field, want, got } of bad.differences.slice(0, values.verbose ? undefined : 4)) {
    console.log(`      ${cmd} | ${field}\n        kernel ${show(want)}\n        engine ${show(got)}`);
  }
  return bad.differences.length;
}

async function recordOne(name: string, times: number): Promise<void> {
  const script = join(folder, `${name}.sh`);
  const runs: Run[] = [];
  for (let i = 0; i < times; i++) runs.push(await runScenario(script, realKernel()));
  const found = recording(script, runs);
  writeFileSync(expectFile(folder, name), `${JSON.stringify(found, null, 1)}\n`);
  const chance = found.probes.flatMap((probe) => (probe as { unstable?: string[] }).unstable ?? []).length;
  console.log(`${name}: ${found.probes.length} probes, ${chance} fields left out, stray ${show(found.stray)}`);
}

async function main(): Promise<number> {
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const names = scenarios(positionals);
  if (names.length === 0) throw new Error(`no scenario is called ${positionals.join(' ')}`);
  if (values.record !== undefined) {
    if (positionals.length === 0) throw new Error('--record wants the names of scenarios');
    for (const name of names) await recordOne(name, Number(values.record));
    return 0;
  }
  const engine = chosenEngine();
  if (values.live) {
    let bad = 0;
    for (const name of names) if ((await live(name, engine)) > 0) bad++;
    console.log(`${names.length - bad} passed, ${bad} failed, 0 skipped`);
    return bad === 0 ? 0 : 1;
  }
  const outcomes = await all(names, engine, Number(values.jobs ?? cpus().length));
  console.log(`\n${textTable(outcomes)}\n`);
  if (values['update-readme']) updateReadme(outcomes);
  if (values.real || values.engine !== undefined) {
    const bad = outcomes.filter((outcome) => outcome.differences.length > 0).length;
    console.log(`${outcomes.length - bad} passed, ${bad} failed, 0 skipped`);
    return bad === 0 ? 0 : 1;
  }
  return judgeAgainst(outcomes);
}

function judgeAgainst(outcomes: Outcome[]): number {
  if (values['update-ratchet']) {
    ratchet = tightened(outcomes, ratchet);
    writeFileSync(ratchetFile, `${JSON.stringify(ratchet, null, 2)}\n`);
  }
  const verdicts = judge(outcomes, ratchet);
  for (const name of verdicts.missing) console.log(`known to fail: ${name}: ${ratchet.missing[name]}`);
  for (const name of verdicts.better) console.log(`passes now: ${name}: take it in with --update-ratchet`);
  for (const { expectation } of verdicts.regressed) console.log(`must pass and does not: ${expectation.scenario}`);
  const { passed, regressed, missing } = verdicts;
  console.log(`${passed.length} passed, ${regressed.length} failed, ${missing.length} skipped`);
  return regressed.length === 0 ? 0 : 1;
}

function updateReadme(outcomes: Outcome[]): void {
  const file = join(REPOSITORY, 'README.md');
  const text = existsSync(file) ? withTable(readFileSync(file, 'utf8'), markdownTable(outcomes)) : null;
  if (text === null) throw new Error('README.md has no marks for the table: see test/conformance/README.md');
  writeFileSync(file, text);
}

process.exitCode = await main();
