// Runs every example and compares with the output that is checked in beside it. For examples/NAME/lab.sh:
//   expected.txt              what `lowerdev run examples/NAME/lab.sh` prints, stdout and stderr as a terminal shows them
//   expected.MODE=vepa.txt    the same with `--set MODE=vepa`; several settings are joined by commas
//   a last line "[exit N]"    when the exit code is not 0
// and for examples/NAME/lab.yaml:
//   plan.txt                  what `lowerdev plan examples/NAME/lab.yaml` prints
//   plan.mode=vepa.txt        the same with that "mode:" in the file; a bare word, as hostShim, is a line that is no comment any more
// With root on Linux, `lowerdev verify` must find that the sandbox agrees with each.
// Each is run twice, which must give the same bytes, and its capture must be read by tshark without a malformed frame.
//   node tools/run.mjs tools/examples.ts [--update] [NAME ...]

import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

declare const REPOSITORY: string;

const args = process.argv.slice(2);
const update = args.includes('--update') || process.env.UPDATE === '1';
const wanted = args.filter((arg) => !arg.startsWith('-'));
const folder = join(REPOSITORY, 'examples');
const scratch = mkdtempSync(join(tmpdir(), 'examples-'));
const tshark = spawnSync('tshark', ['--version']).status === 0;
const root = process.platform === 'linux' && process.getuid?.() === 0;
const counts = { passed: 0, failed: 0, skipped: 0 };

interface Case {
  name: string;
  script: string;
  file: string;
  settings: string[];
}

function casesOf(name: string): Case[] {
  const script = join('examples', name, 'lab.sh');
  if (!existsSync(join(REPOSITORY, script))) return [];
  const files = readdirSync(join(folder, name)).filter((file) => /^expected(?:\..+)?\.txt$/.test(file));
  return files.map((file) => {
    const set = file.slice('expected'.length, -'.txt'.length).replace(/^\./, '');
    return { name, script, file: join(folder, name, file), settings: set === '' ? [] : set.split(',') };
  });
}

interface Result {
  text: string;
  pcap: Uint8Array;
  ms: number;
}

function run({ script, settings }: Case, pcap: string): Result {
  const outFile = join(scratch, 'out');
  const out = openSync(outFile, 'w+');
  const argv = [join(REPOSITORY, 'dist/cli/main.js'), 'run', '--check', '--pcap', pcap];
  for (const setting of settings) argv.push('--set', setting);
  const started = process.hrtime.bigint();
  const { status, signal } = spawnSync(process.execPath, [...argv, script], {
    cwd: REPOSITORY,
    stdio: ['ignore', out, out],
    timeout: 60_000,
  });
  const ms = Number(process.hrtime.bigint() - started) / 1e6;
  closeSync(out);
  const end = status === 0 ? '' : `[exit ${status ?? signal}]\n`;
  return {
    text: readFileSync(outFile, 'utf8') + end,
    pcap: existsSync(pcap) ? readFileSync(pcap) : new Uint8Array(),
    ms,
  };
}

function malformed(pcap: string): string[] {
  if (!tshark) return [];
  const filter = '_ws.malformed || _ws.expert.severity == "Error" || _ws.expert.group == "Checksum"';
  const columns = ['-T', 'fields', '-e', 'frame.number', '-e', '_ws.col.Info'];
  const { stdout, status, stderr } = spawnSync('tshark', ['-r', pcap, '-Y', filter, ...columns], { encoding: 'utf8' });
  if (status !== 0) return [`tshark cannot read it: ${stderr.trim()}`];
  return stdout.trim() === '' ? [] : stdout.trim().split('\n');
}

interface Planned {
  name: string;
  file: string;
  lab: string;
}

/** The lab files of an example, edited as the names of its plan*.txt say. */
function plansOf(name: string): Planned[] {
  const path = join(folder, name, 'lab.yaml');
  if (!existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  const files = readdirSync(join(folder, name)).filter((file) => /^plan(?:\..+)?\.txt$/.test(file));
  return files.map((file) => {
    const set = file.slice('plan'.length, -'.txt'.length).replace(/^\./, '');
    let lab = text;
    for (const setting of set === '' ? [] : set.split(',')) {
      const [key, value] = setting.split('=');
      lab =
        value === undefined
          ? lab.replace(new RegExp(`^(\\s*)# (${key}:)`, 'm'), '$1$2')
          : lab.replace(new RegExp(`^(\\s*${key}:).*`, 'm'), `$1 ${value}`);
    }
    return { name: `${name} plan ${set}`.trimEnd(), file: join(folder, name, file), lab };
  });
}

function lowerdev(argv: string[], input: string): string {
  const options = { cwd: REPOSITORY, input, encoding: 'utf8', timeout: 120_000 } as const;
  const done = spawnSync(process.execPath, [join(REPOSITORY, 'dist/cli/main.js'), ...argv], options);
  const end = done.status === 0 ? '' : `[exit ${done.status ?? done.signal}]\n`;
  return done.stdout + done.stderr + end;
}

function checkPlan({ name, file, lab }: Planned): string[] {
  const complaints: string[] = [];
  const text = lowerdev(['plan', '-'], lab);
  if (lowerdev(['plan', '-'], lab) !== text) complaints.push('two runs differ');
  if (update) writeFileSync(file, text);
  const want = readFileSync(file, 'utf8');
  if (want !== text) complaints.push(`output differs: ${firstDifference(want, text)}`);
  if (root) {
    const verified = lowerdev(['verify', '--engine', 'sandbox', '-'], lab);
    if (!/the sandbox and the model agree/.test(verified)) complaints.push(`verify: ${verified.slice(-500)}`);
  }
  console.log(`${complaints.length === 0 ? 'ok  ' : 'FAIL'} ${name}`);
  for (const complaint of complaints) console.log(`      ${complaint}`);
  return complaints;
}

/** The first line that differs, with its neighbours in words that a person can use. */
function firstDifference(want: string, got: string): string {
  const a = want.split('\n');
  const b = got.split('\n');
  const at = a.findIndex((line, i) => line !== b[i]);
  const i = at < 0 ? a.length : at;
  return `line ${i + 1}\n        want ${JSON.stringify(a[i] ?? '(end)')}\n        got  ${JSON.stringify(b[i] ?? '(end)')}`;
}

function check(one: Case): string[] {
  const first = run(one, join(scratch, 'a.pcapng'));
  const second = run(one, join(scratch, 'b.pcapng'));
  const complaints: string[] = [];
  if (first.text !== second.text) complaints.push(`two runs differ: ${firstDifference(first.text, second.text)}`);
  if (Buffer.compare(first.pcap, second.pcap) !== 0) complaints.push('two runs write different captures');
  if (first.pcap.length === 0) complaints.push('--pcap wrote nothing');
  else complaints.push(...malformed(join(scratch, 'a.pcapng')).map((line) => `tshark: ${line}`));
  const broken = /^lowerdev: check: .*$/m.exec(first.text);
  if (broken !== null) complaints.push(broken[0]);
  else if (update) writeFileSync(one.file, first.text);
  const want = readFileSync(one.file, 'utf8');
  if (want !== first.text) complaints.push(`output differs: ${firstDifference(want, first.text)}`);
  const title = `${one.name} ${one.settings.join(' ')}`.trimEnd();
  console.log(`${complaints.length === 0 ? 'ok  ' : 'FAIL'} ${title} (${first.ms.toFixed(0)} ms)`);
  for (const complaint of complaints.slice(0, 10)) console.log(`      ${complaint}`);
  return complaints;
}

for (const name of readdirSync(folder).sort((a, b) => (a < b ? -1 : 1))) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const cases = casesOf(name);
  if (cases.length === 0 && existsSync(join(folder, name, 'lab.sh'))) {
    console.log(`FAIL ${name}: no expected.txt (write it with --update after creating an empty one)`);
    counts.failed++;
  }
  for (const one of cases) {
    if (check(one).length === 0) counts.passed++;
    else counts.failed++;
  }
  for (const planned of plansOf(name)) {
    if (checkPlan(planned).length === 0) counts.passed++;
    else counts.failed++;
  }
}
if (!root) {
  console.log('skipped: labs in the sandbox, since that takes root on Linux');
  counts.skipped++;
}
if (!tshark) {
  console.log('skipped: reading the captures, since tshark is not installed');
  counts.skipped++;
}
rmSync(scratch, { recursive: true, force: true });
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed === 0 ? 0 : 1;
