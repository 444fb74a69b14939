// npm test: every check of the repository, in stages, each with its time and its counts; the last line is the sum.
//   node tools/test.mjs [--only STAGE[,STAGE]] [--from STAGE] [--verbose] [--list]

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const scratch = join(root, 'node_modules/.cache/lowerdev');
const bin = (name) => join(root, 'node_modules/.bin', name);
const script = (...args) => [process.execPath, join(root, 'tools/run.mjs'), ...args];

/** Most of these tests wait for a kernel's timers or for other programs: more of them at a time than there are cores. */
const WAITING = ['--maxWorkers', '3'];

/** One stage: a command, and how its output is counted. No counter: the stage is one check. */
const stages = [
  { name: 'system', argv: ['sh', join(root, 'tools/setup-system.sh')], counts: () => ({}), show: true },
  { name: 'build', argv: [process.execPath, join(root, 'tools/build.mjs')] },
  { name: 'lint', argv: [bin('biome'), 'check', '--error-on-warnings', '.'] },
  { name: 'types', argv: [bin('tsc'), '--noEmit'] },
  vitest('layout', ['test/layout']),
  vitest('unit', ['src/', 'bench/']),
  // Live kernels answer late on a busy machine: what differs once is asked once more.
  vitest(
    'contract',
    ['test/'],
    ['--retry', '1', ...WAITING, '--exclude', 'test/layout/**', '--exclude', 'test/browser/**'],
  ),
  { name: 'storm', argv: script('test/oracle/main.ts', '--ci'), counts: lastLine, show: true },
  vitest('browser', ['test/browser']),
  { name: 'package', argv: [process.execPath, join(root, 'tools/check-package.mjs')], show: true },
  { name: 'examples', argv: script('tools/examples.ts'), counts: lastLine, when: () => folder('examples') },
  { name: 'conformance', argv: script('test/conformance/main.ts'), counts: lastLine, show: true },
  { name: 'bench', argv: script('bench/main.ts', '--short'), show: true },
];

function folder(name) {
  return existsSync(join(root, name)) && readdirSync(join(root, name)).length > 0 ? null : `there is no ${name}/`;
}

function vitest(name, filters, extra = []) {
  const file = join(scratch, `${name}-${process.pid}.json`);
  return {
    name,
    argv: [
      bin('vitest'),
      'run',
      '--passWithNoTests',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
      ...extra,
      ...filters,
    ],
    counts: () => {
      if (!existsSync(file)) return { failed: 1 };
      const report = JSON.parse(readFileSync(file, 'utf8'));
      rmSync(file);
      const broken = report.testResults.filter(
        (suite) => suite.status === 'failed' && suite.assertionResults.length === 0,
      );
      return {
        passed: report.numPassedTests,
        failed: report.numFailedTests + broken.length,
        skipped: report.numPendingTests + report.numTodoTests,
      };
    },
  };
}

/** Counts from a line `N passed, N failed, N skipped`. */
function lastLine(output) {
  const all = [...output.matchAll(/^(\d+) passed, (\d+) failed, (\d+) skipped$/gm)];
  const match = all[all.length - 1];
  if (match === undefined) return { failed: 1 };
  return { passed: Number(match[1]), failed: Number(match[2]), skipped: Number(match[3]) };
}

const stageLimitMs = 25 * 60_000;

/** Runs a command with its output kept, and printed as it comes when asked; a stage that hangs is ended. */
function run(argv, show) {
  return new Promise((resolve) => {
    const env = { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1' };
    const child = spawn(argv[0], argv.slice(1), { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let output = '';
    const take = (chunk) => {
      output += chunk;
      if (show) process.stdout.write(chunk);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    const timer = setTimeout(() => {
      take(`\nended after ${stageLimitMs / 60_000} minutes\n`);
      process.kill(-child.pid, 'SIGKILL');
    }, stageLimitMs);
    const stop = () => process.kill(-child.pid, 'SIGTERM');
    process.once('SIGINT', stop).once('SIGTERM', stop);
    child.on('error', (error) => take(`${error.message}\n`));
    child.on('close', (code) => {
      clearTimeout(timer);
      process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
      resolve({ code: code ?? 1, output });
    });
  });
}

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    from: { type: 'string' },
    verbose: { type: 'boolean', short: 'v' },
    list: { type: 'boolean' },
  },
});

function chosen() {
  const names = stages.map((stage) => stage.name);
  const wanted = values.only?.split(',') ?? names.slice(values.from === undefined ? 0 : names.indexOf(values.from));
  for (const name of [...wanted, ...(values.from === undefined ? [] : [values.from])]) {
    if (!names.includes(name)) throw new Error(`no stage "${name}"; there are: ${names.join(', ')}`);
  }
  return stages.filter((stage) => wanted.includes(stage.name));
}

async function main() {
  if (values.list) {
    for (const { name, argv } of stages) console.log(`${name.padEnd(12)} ${argv.join(' ').replaceAll(`${root}/`, '')}`);
    return 0;
  }
  mkdirSync(scratch, { recursive: true });
  const total = { passed: 0, failed: 0, skipped: 0 };
  const summary = [];
  for (const stage of chosen()) {
    console.log(`== ${stage.name}`);
    const started = process.hrtime.bigint();
    const idle = stage.when?.() ?? null;
    const show = stage.show || values.verbose;
    const { code, output } = idle === null ? await run(stage.argv, show) : { code: 0, output: '' };
    const seconds = (Number(process.hrtime.bigint() - started) / 1e9).toFixed(1);
    const counts = { passed: 0, failed: 0, skipped: 0, ...count(stage, idle, code, output) };
    if (counts.failed > 0 && !show) console.log(output.trimEnd());
    for (const key of Object.keys(total)) total[key] += counts[key];
    const words = `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
    summary.push(
      `${stage.name.padEnd(12)} ${`${seconds} s`.padStart(8)}   ${words}${idle === null ? '' : ` (${idle})`}`,
    );
    console.log(`== ${summary[summary.length - 1]}\n`);
  }
  console.log(summary.join('\n'));
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed === 0 ? 0 : 1;
}

function count(stage, idle, code, output) {
  if (idle !== null) return { skipped: 1 };
  if (stage.counts === undefined) return code === 0 ? { passed: 1 } : { failed: 1 };
  const counts = stage.counts(output);
  return code !== 0 && (counts.failed ?? 0) === 0 ? { ...counts, failed: 1 } : counts;
}

process.exitCode = await main();
