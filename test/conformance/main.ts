// npm run conformance: every scenario on an engine, compared with what a real kernel answered.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compare, type Expectation } from './compare.ts';
import { type Engine, lowerdev, realKernel, runScenario } from './engine.ts';
import { judge, markdownTable, type Outcome, type Ratchet, show, textTable, tightened, withTable } from './report.ts';

declare const REPOSITORY: string;

const usage = `usage: npm run conformance -- [options] [GLOB ...]     (a glob of scenario names, e.g. '02*' or '*shim*')
  -j, --jobs N         scenarios at a time (default: the number of cores)
  -v, --verbose        every difference, not the first four of a scenario
  --real               on this machine's kernel (root), to check the expectations themselves
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
  const expectation = JSON.parse(readFileSync(join(folder, `${name}.expect.json`), 'utf8')) as Expectation;
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

async function main(): Promise<number> {
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const names = scenarios(positionals);
  if (names.length === 0) throw new Error(`no scenario is called ${positionals.join(' ')}`);
  const engine = chosenEngine();
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
