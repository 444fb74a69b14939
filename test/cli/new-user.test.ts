// The command line as somebody meets it who has never seen it: help, errors as data, completion, odd surroundings.

import { execFileSync, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { closeSync, constants, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleInto, NOT_FOR_EVERYBODY } from '../apply/cli-bundle.ts';

const root = join(import.meta.dirname, '../..');
const LAB = `machine: { nics: { eth0: {} } }\nnetworks: { lan: { lower: eth0 } }\nendpoints: { blue: {} }\n`;
let dir: string;
let main: string;

beforeAll(async () => {
  dir = mkdtempSync(join(root, 'node_modules/.cache/lowerdev-new-user-'));
  main = join(dir, 'main.mjs');
  await bundleInto(dir, [join(root, 'src/cli/main.ts')]);
  writeFileSync(join(dir, 'lab.yaml'), LAB);
  writeFileSync(join(dir, 'host.yaml'), LAB.replace(/^machine:.*$/m, 'host: true'));
  writeFileSync(join(dir, 'path.yaml'), LAB.replace('blue: {}', 'blue: { netns: { path: /proc/1/ns/net } }'));
  writeFileSync(join(dir, 'deep.yaml'), '['.repeat(20_000));
  writeFileSync(join(dir, 'two.yaml'), `${LAB}---\n${LAB}`);
  writeFileSync(join(dir, 'bad.yaml'), LAB.replace('lower: eth0', 'lower: eth0, mode: brigde'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function lowerdev(args: string[], node: string[] = []): SpawnSyncReturns<string> {
  const env = { ...process.env, LOWERDEV_NO_HISTORY: '1' };
  return spawnSync(process.execPath, [...node, main, ...args], { input: '', encoding: 'utf8', cwd: dir, env });
}

test('the help of every verb has its exit codes and examples', () => {
  const verbs = [...lowerdev(['--help']).stdout.matchAll(/^ {2}([a-z]+) /gm)].map((m) => m[1]);
  expect(verbs.length).toBeGreaterThan(14);
  for (const verb of verbs.filter((v) => v !== 'help' && v !== 'version')) {
    const { stdout, status } = lowerdev([verb, '--help']);
    expect([verb, status]).toEqual([verb, 0]);
    expect(stdout, verb).toMatch(/\nExit code: /);
    expect(stdout, verb).toMatch(/\nExamples?:\n {2}\S/);
  }
});

describe('with --json an error is one document', () => {
  test.each<[string, number, RegExp]>([
    ['run --json nosuch.sh', 127, /No such file/],
    ['run --json .', 126, /directory/i],
    ['run --json --seed x -', 2, /--seed wants/],
    ['run --json --nope -', 2, /unknown option/],
    ['plan --json bad.yaml', 2, /did you mean "bridge"/],
    ['apply --json host.yaml', 2, /--engine linux/],
    ['status --json --engine model', 2, /--lab/],
    ['doctor --json --snapshot lab.yaml', 2, /JSON/],
    ['verify --json --tries 101 lab.yaml', 2, /--tries wants 100 at most/],
    ['plan --json path.yaml', 2, /with a "machine", "netns" is a name or host/],
    ['plan --json deep.yaml', 2, /^[^\n]*nested too deeply\n?$/],
    ['plan --json two.yaml', 2, /a second document begins/],
    ['why --json a', 2, /missing required argument 'b'/],
  ])('%s', (command, exitCode, message) => {
    const ran = lowerdev(command.split(' '));
    expect(ran.status).toBe(exitCode);
    expect(JSON.parse(ran.stdout)).toEqual({ error: { message: expect.stringMatching(message), exitCode } });
    expect(ran.stderr).toMatch(message);
  });

  test('without it, standard output stays empty', () => {
    expect(lowerdev(['plan', 'bad.yaml'])).toMatchObject({ status: 2, stdout: '' });
    expect(lowerdev(['run', 'nosuch.sh', '--json'])).toMatchObject({ status: 127, stdout: '' });
  });
});

test('a snapshot in which somebody has written nonsense is no bug', () => {
  const whole = lowerdev(['snapshot', '--json', '--engine', 'model', '--lab', 'lab.yaml']).stdout;
  const file = join(dir, 'nonsense.json');
  writeFileSync(file, whole.replaceAll('"label":"eth0"', '"label":null').replaceAll(/"mtu":\d+/g, '"mtu":{}'));
  const ran = lowerdev(['why', '--snapshot', file, 'host', 'blue']);
  expect([ran.status, ran.stderr]).toEqual([
    2,
    expect.stringMatching(/nonsense\.json: the snapshot is damaged: .*\n$/),
  ]);
});

test('bash completes verbs, choices behind = too, and files with spaces', () => {
  const here = mkdtempSync(join(dir, 'files-'));
  mkdirSync(join(here, 'plan'));
  writeFileSync(join(here, 'my lab.yaml'), LAB);
  const script = `${lowerdev(['completion', 'bash']).stdout}
    c() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _lowerdev; printf '%s,' "\${COMPREPLY[@]}"; echo; }
    c lowerdev pla; c lowerdev plan --engine = mo; c lowerdev plan my; c lowerdev snapshot -o my; c lowerdev help ver; c lowerdev --v`;
  const ran = spawnSync('bash', ['-s'], { input: script, encoding: 'utf8', cwd: here });
  expect(ran.stdout.split('\n')).toEqual([
    'plan,',
    'model,',
    'my lab.yaml,',
    'my lab.yaml,',
    'verify,version,',
    '--version,',
    '',
  ]);
});

describe.skipIf(process.platform === 'win32')('odd surroundings', () => {
  test('standard input that somebody made non-blocking is waited for', async () => {
    const fifo = join(dir, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const reading = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
    const writing = openSync(fifo, constants.O_WRONLY);
    const child = spawn(process.execPath, [main, 'plan', '--no-matrix', '-'], { stdio: [reading, 'pipe', 'pipe'] });
    let out = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    const ended = new Promise((resolve) => child.on('close', resolve));
    closeSync(reading);
    await new Promise((resolve) => setTimeout(resolve, 700)); // it starts meanwhile, most probably
    writeSync(writing, LAB);
    closeSync(writing);
    expect(await ended).toBe(1);
    expect(out).toMatch(/3 to make|2 to make/);
  });

  test('the folder that one is in was removed', () => {
    const gone = mkdtempSync(join(dir, 'gone-'));
    const ran = spawnSync('sh', ['-c', `rmdir "$PWD"; exec "${process.execPath}" "${main}" init --lower eth0`], {
      encoding: 'utf8',
      cwd: gone,
    });
    expect([ran.status, ran.stderr]).toEqual([2, expect.stringMatching(/^lowerdev: the folder that you are in/)]);
  });

  const script = process.platform === 'linux' && process.geteuid?.() === 0 && spawnSync('script', ['-V']).status === 0;
  test.skipIf(!script)('a user without a home, whom nobody has written down, has a prompt', ({ skip }) => {
    execFileSync('chmod', ['-R', 'a+rX', dir]);
    const other = { uid: 54321, gid: 54321 };
    skip(spawnSync(process.execPath, [main, 'version'], other).status !== 0, NOT_FOR_EVERYBODY);
    const ran = spawnSync('script', ['-qec', `"${process.execPath}" "${main}" shell`, '/dev/null'], {
      ...{ input: 'echo here; exit 5\n', encoding: 'utf8', cwd: tmpdir(), ...other },
      env: { PATH: process.env['PATH'], TERM: 'dumb' },
    });
    expect(ran.stdout).toMatch(/\nhere\r?\n/);
    expect(ran.status).toBe(5);
  });
});

describe('on other systems', () => {
  const there = (platform: string, args: string[]): SpawnSyncReturns<string> => {
    const user = platform === 'win32' ? 'process.geteuid=process.getuid=undefined' : 'process.geteuid=()=>501';
    const pretend = `Object.defineProperty(process,'platform',{value:'${platform}'});${user}`;
    return lowerdev(args, ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`]);
  };

  test('the model is what it is on Linux', () => {
    expect(there('win32', ['plan', 'lab.yaml']).stdout).toBe(lowerdev(['plan', 'lab.yaml']).stdout);
  });

  test.each([
    ['win32', 'apply lab.yaml'],
    ['win32', 'destroy --engine sandbox web'],
    ['win32', 'run --engine sandbox host.yaml'],
    ['darwin', 'apply lab.yaml'],
  ])('%s: %s says that a sandbox takes Linux', (platform, command) => {
    const ran = there(platform, command.split(' '));
    expect(ran.stderr).toMatch(new RegExp(`no sandbox here: this is ${platform}, and a sandbox takes Linux`));
    expect(ran.status).toBe(4);
  });

  test.each([
    ['win32', 'status'],
    ['win32', 'plan host.yaml'],
    ['darwin', 'init --from-host -o -'],
  ])('%s: %s says what runs there', (platform, command) => {
    const ran = there(platform, command.split(' '));
    expect(ran.stderr).toMatch(new RegExp(`this is ${platform}: only the model runs here`));
    expect([ran.status, ran.stdout]).toEqual([4, '']);
  });
});

test('labs and machines with the line ends of Windows, and a byte order mark', () => {
  writeFileSync(join(dir, 'crlf.yaml'), `\ufeff${LAB.replaceAll('\n', '\r\n')}`);
  const odd = lowerdev(['plan', '--no-matrix', 'crlf.yaml']);
  expect(odd.stderr).toBe('');
  expect(odd.stdout).toContain('blue/eth0: macvlan on eth0');
});
