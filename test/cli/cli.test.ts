// The command line as a user calls it, from source: options, exit codes, output that another program reads.

import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPcapng } from '../../src/wire/pcapng-read.ts';
import { bundleInto } from '../apply/cli-bundle.ts';

const root = join(import.meta.dirname, '../..');
let dir: string;
let main: string;

beforeAll(async () => {
  dir = mkdtempSync(join(root, 'node_modules/.cache/lowerdev-cli-'));
  main = join(dir, 'main.mjs');
  await bundleInto(dir, [join(root, 'src/cli/main.ts')]);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function lowerdev(args: string[], input = ''): SpawnSyncReturns<string> {
  const env = { ...process.env, LOWERDEV_NO_HISTORY: '1' };
  return spawnSync(process.execPath, [main, ...args], { input, encoding: 'utf8', cwd: tmpdir(), env });
}

test('run: the script, its arguments and variables, its exit code', () => {
  const ran = lowerdev(
    ['run', '--set', 'MODE=vepa', '-', 'a b', '--json'],
    'echo $MODE "$1" $2; ip link show dev lo | head -1; nosuch; exit 7',
  );
  expect(ran.stdout).toMatch(/^vepa a b --json\n1: lo: <LOOPBACK/);
  expect(ran.stderr).toBe('bash: line 1: nosuch: command not found\n');
  expect(ran.status).toBe(7);
});

test('run --json: one document, and the same twice', () => {
  const script = 'ip netns add x; ip netns exec x ip link show lo | cat >/dev/null; echo $RANDOM; sleep 1.5; false';
  const ran = lowerdev(['run', '--json', '--seed', '3', '-'], script);
  const document = JSON.parse(ran.stdout);
  expect(document).toMatchObject({ version: '0.0.0-test', seed: 3, exitCode: 1 });
  expect(document.commands.map((c: { argv: string[]; netns: string }) => [c.argv[0], c.netns])).toEqual([
    ['ip', ''],
    ['ip', 'x'],
    ['cat', ''],
    ['echo', ''],
    ['sleep', ''],
    ['false', ''],
  ]);
  const sleep = document.commands[4];
  expect(sleep.endNs - sleep.startNs).toBeGreaterThanOrEqual(1.5e9);
  expect(lowerdev(['run', '--json', '--seed', '3', '-'], script).stdout).toBe(ran.stdout);
});

test('run --pcap writes a capture', () => {
  const file = join(dir, 'x.pcapng');
  expect(lowerdev(['run', '--pcap', file, '-'], 'ping -c 1 127.0.0.1').status).toBe(0);
  expect(readFileSync(file).subarray(0, 4).toString('hex')).toBe('0a0d0d0a');
});

test('run --pcap-limit ends the capture, says so, and leaves a file that can be read', () => {
  const file = join(dir, 'small.pcapng');
  const ran = lowerdev(
    ['run', '--pcap', file, '--pcap-limit', '4K', '-'],
    'ping -c 50 -i 0.002 -q 127.0.0.1 >/dev/null',
  );
  expect(ran.stderr).toMatch(/--pcap: .*small\.pcapng is full \(4K\) at 0\.\d+ s; later frames are left out/);
  const missed = Number(/--pcap: (\d+) frames are not in/.exec(ran.stderr)?.[1]);
  const { packets } = readPcapng(readFileSync(file));
  expect(packets.length + missed).toBe(200); // each request and reply, out and in
  expect(readFileSync(file).length).toBeLessThan(5000);
  const bad = lowerdev(['run', '--pcap', file, '--pcap-limit', 'lots', '-'], ':');
  expect([bad.status, bad.stderr]).toEqual([2, expect.stringContaining('as 100M or 2G, or unlimited')]);
});

test('run takes the machine.yaml beside the script, and says what is wrong in one', () => {
  const script = join(dir, 'lab.sh');
  writeFileSync(script, 'ls /sys/class/net');
  writeFileSync(join(dir, 'machine.yaml'), 'nics:\n  eth7: {}\n');
  expect(lowerdev(['run', script]).stdout).toBe('eth7\nlo\n');
  writeFileSync(join(dir, 'machine.yaml'), 'nics:\n  eth7: { profil: x }\n');
  const bad = lowerdev(['run', script]);
  expect(bad.status).toBe(2);
  expect(bad.stderr).toMatch(/machine\.yaml:2:\d+: .*profil/);
});

test.each([
  [['run'], /missing required argument 'script'/],
  [['run', '--nope', 'x'], /unknown option '--nope'/],
  [['run', '--set', '1x=2', '-'], /--set wants NAME=VALUE/],
  [['run', '--seed', 'x', '-'], /--seed wants a whole number/],
  [['run', '--engine', 'linux', '-'], /Allowed choices are model, sandbox/],
  [['run', '--engine', 'other', '-'], /Allowed choices are model, sandbox/],
  [['run', '--machine', '/nonexistent.yaml', '-'], /nonexistent\.yaml: No such file/],
  [['run', '--pcap', '/nonexistent/x', '-'], /nonexistent\/x: No such file/],
  [['shel'], /unknown command 'shel'\n\(Did you mean shell\?\)/],
  [['completion', 'tcsh'], /no completion for 'tcsh'/],
])('bad usage: %j', (args, message) => {
  const ran = lowerdev(args);
  expect(ran.stderr).toMatch(message);
  expect(ran.stdout).toBe('');
  expect(ran.status).toBe(2);
});

test('scripts that do not end do end', () => {
  expect(lowerdev(['run', '--max-commands', '500', '-'], 'while :; do :; done')).toMatchObject({
    status: 4,
    stderr: expect.stringMatching(/500 commands/),
  });
  const storm = lowerdev(
    ['run', '--max-events', '200000', '-'],
    `ip link add br0 type bridge; ip link add br1 type bridge
     for i in 0 1; do ip link add v$i type veth peer name w$i; ip link set v$i master br0 up; ip link set w$i master br1 up; done
     ip link set br0 up; ip link set br1 up; ip addr add 10.0.0.1/24 dev br0; ping -c 30 10.0.0.2`,
  );
  expect(storm.stderr).toMatch(/no progress after 200000 events and frames.*busiest: (?:\w+, )*br0/);
  expect(storm.status).toBe(4);
});

test('Ctrl-C stops a script, and ping says its last word', async () => {
  for (const [text, out] of [
    ['echo ready; while :; do :; done', 'ready\n'],
    ["trap 'echo bye' EXIT; echo ready; ping 127.0.0.1 | cat; echo never", 'ready\n'],
  ]) {
    const child = spawn(
      process.execPath,
      [main, 'run', '--max-commands', '1000000000', '--max-events', '1000000000000', '--realtime', '-'],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    );
    let stdout = '';
    const begun = new Promise((resolve) => {
      child.stdout.on('data', (data) => {
        stdout += data;
        resolve(null);
      });
    });
    child.stdin.end(text);
    await begun;
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.on('exit', resolve));
    expect(code).toBe(130);
    expect(stdout.startsWith(out)).toBe(true);
  }
});

test('shell: inputs from a pipe keep their state', () => {
  const ran = lowerdev(
    ['shell'],
    'x=5\nf() {\n  echo "f $x"\n}\nf\ncd /tmp; pwd\nsleep 100 &\njobs | wc -l\nnosuch\ntrap "echo end" EXIT\nfalse\n',
  );
  expect(ran.stdout).toBe('f 5\n/tmp\n1\nend\n');
  expect(ran.stderr).toBe('bash: line 9: nosuch: command not found\n');
  expect(ran.status).toBe(1);
});

test('completion scripts are scripts', () => {
  const bash = lowerdev(['completion', 'bash']).stdout;
  expect(spawnSync('bash', ['-n'], { input: bash }).status).toBe(0);
  expect(lowerdev(['completion', 'zsh']).stdout).toMatch(/^#compdef lowerdev/);
  expect(lowerdev(['completion', 'fish']).stdout).toMatch(/complete -c lowerdev/);
});

test('version', () => {
  expect(lowerdev(['version']).stdout).toBe('lowerdev 0.0.0-test\n');
  expect(lowerdev(['--version']).stdout).toBe('0.0.0-test\n');
});

const onCable = `nics: {eth0: {profile: generic}, eth1: {profile: generic}}\ncables: [{between: [eth0, eth1]}]\n`;
const pingOnce =
  'ip link set eth0 up; ip link set eth1 up; ip addr add 10.9.0.1/24 dev eth0; sleep 3; ping -c1 -W1 10.9.0.9';

test('run --timeline: JSON lines, and a page that needs nothing else', () => {
  const [machine, lines, page] = ['m.yaml', 'out.jsonl', 'out.html'].map((name) => join(dir, name));
  writeFileSync(machine, onCable);
  const ran = lowerdev(['run', '--machine', machine, '--timeline', lines, '--timeline-step', '100us', '-'], pingOnce);
  expect(ran.stderr).toBe('');
  const records = readFileSync(lines, 'utf8')
    .trim()
    .split('\n')
    .map((l) => JSON.parse(l));
  expect(records[0]).toEqual({ kind: 'lowerdev timeline', version: 1, stepNs: 100_000 });
  expect(records.some((r) => r.dev === 'eth1' && r.rxPackets > 0)).toBe(true);
  const html = readFileSync(page, 'utf8');
  expect(html).toContain('uPlot');
  expect(html).not.toMatch(/(src|href)=/);
  const embedded = /id="records">(.*?)<\/script>/s.exec(html)?.[1] ?? '';
  expect(JSON.parse(embedded)).toEqual(records);
});

test('run --timeline: a step or a path that is not one', () => {
  expect(lowerdev(['run', '--timeline', 'x', '--timeline-step', '1', '-'], '').status).toBe(2);
  const ran = lowerdev(['run', '--timeline', '/nosuch/x', '-'], 'echo no');
  expect([ran.status, ran.stdout]).toEqual([2, '']);
  expect(ran.stderr).toMatch(/^lowerdev: \/nosuch\/x: /);
});

test('run --trace: text behind the output, data in --json, comments in the capture', () => {
  const [machine, pcap] = ['m.yaml', 'out.pcapng'].map((name) => join(dir, name));
  writeFileSync(machine, onCable);
  const filter = ['--trace-filter', 'arp', '--trace-count', '1'];
  const text = lowerdev(['run', '--machine', machine, ...filter, '--pcap', pcap, '-'], pingOnce);
  expect(text.stderr).toMatch(/^packet 1 at .*: ARP, Request who-has 10\.9\.0\.9.*\n +0\.000 us +arp_xmit +eth0/);
  expect(text.stderr).toContain('= received by arp_rcv on eth1');
  const json = lowerdev(['run', '--machine', machine, ...filter, '--json', '-'], pingOnce);
  const { trace } = JSON.parse(json.stdout);
  expect(trace).toHaveLength(1);
  expect(trace[0].steps[0]).toMatchObject({ fn: 'arp_xmit', dev: 'eth0' });
  const comments = readPcapng(readFileSync(pcap)).packets.flatMap((p) => p.comments);
  expect(comments.filter((c) => c.startsWith('packet 1: '))).toHaveLength(2);
  expect(lowerdev(['run', '--trace-filter', 'prot udp', '-'], '').status).toBe(2);
});

test('completion knows every verb and option', () => {
  const help = lowerdev(['--help']).stdout;
  const verbs = [...help.matchAll(/^ {2}([a-z]+) /gm)].map((m) => m[1]).filter((v) => v !== 'Options');
  const script = lowerdev(['completion', 'bash']).stdout;
  for (const verb of verbs) {
    expect(script, verb).toMatch(new RegExp(`compgen -W '[^']*\\b${verb}\\b`));
    if (!script.includes(`    ${verb}:-*)`)) continue;
    const options = [...lowerdev([verb, '--help']).stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map((m) => m[1]);
    const line = script.split('\n').find((l) => l.includes(`    ${verb}:-*)`)) ?? '';
    for (const option of options) expect(line, `${verb} ${option}`).toContain(option);
  }
});

test('offload: the report of the end, as text and as JSON', () => {
  const machine = join(dir, 'm.yaml');
  writeFileSync(machine, onCable);
  const script = 'ip link set eth0 up; ip link add m0 link eth0 type macvlan; ip link set m0 up; echo hidden; false';
  const text = lowerdev(['offload', '--machine', machine, '-'], script);
  expect(text.stdout).toMatch(/^eth0 \(generic\): l2-fwd-offload off, VEB\n/);
  expect(text.stdout).not.toContain('hidden');
  expect(text.status).toBe(1);
  const json = JSON.parse(lowerdev(['offload', '--json', '--machine', machine, '-'], script).stdout);
  expect(json.lowers[0].macvlans[0]).toMatchObject({ device: 'm0', offloaded: false });
});
