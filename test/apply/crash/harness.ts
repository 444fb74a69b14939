// Kills lowerdev again and again, in namespaces that the test made, and looks at the machine afterwards. Each round: a worker (the
// command line as its own process) applies, edits or destroys a lab and is killed with SIGKILL, at a call of the kernel or at
// a random time; then what is to converge is done in this process by the same verbs, and the machine is compared.
// Arguments: the worker's file, how many kills, the seed. The last line is a JSON document. LOWERDEV_CALL=5: always before that
// call of apply, to look at one point again and again.

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stream } from '../../../src/base/random.ts';
import { apply } from '../../../src/cli/verbs/apply.ts';
import { destroy } from '../../../src/cli/verbs/destroy.ts';
import { gc } from '../../../src/cli/verbs/gc.ts';
import { planLab } from '../../../src/lab/apply/apply.ts';
import { groupOf } from '../../../src/lab/apply/names.ts';
import { parseLab } from '../../../src/lab/file/lab-yaml.ts';
import { LinuxOs } from '../../../src/linux/linux-os.ts';
import { look } from '../arms.ts';

const [, , workerFile, killsText, seedText] = process.argv;
const kills = Number(killsText);
const only = Number(process.env.LOWERDEV_CALL ?? 0);
const random = new Stream(Number(seedText), 'crash');
const dir = mkdtempSync('/tmp/lowerdev-crash-');
const [LAB, EDITED] = [join(dir, 'lab.yaml'), join(dir, 'edited.yaml')];
const YAML = `
lab: t
host: true
networks:
  lan: { lower: p0, hostShim: { addresses: [192.168.7.250/24] } }
  quiet: { lower: p0, mode: source, ipv6: false }
endpoints:
  a: { network: lan, addresses: [192.168.7.1/24], gateway: 192.168.7.254 }
  b: { network: quiet, netns: a, device: b0, sources: ["02:00:00:00:00:07"] }
  c: { network: lan, netns: { path: ${dir}/theirs }, device: c0, addresses: [192.168.7.3/24] }
`;
const REAL = { engine: 'linux', yes: true, json: true, seed: '1' };

function prepare(): void {
  const script = `
    ip link set lo up
    ip link add p0 type veth peer name far && ip link set far up && ip link set p0 up
    ip link add theirs link p0 group ${groupOf('t')} type macvlan && ip link set theirs up
    ip netns add other && ip -n other link add x0 type veth peer name x1
    touch ${dir}/theirs && unshare --net=${dir}/theirs ip link set lo up
  `;
  execFileSync('sh', ['-ec', script]);
  writeFileSync(LAB, YAML);
  writeFileSync(
    EDITED,
    YAML.replace('lower: p0, hostShim', 'lower: p0, mode: private, hostShim').replace('netns: a,', 'netns: d,'),
  );
}

/** Everything that a lab could have touched or left. */
function machine(os: LinuxOs): string[] {
  const fdb = execFileSync('bridge', ['fdb', 'show', 'dev', 'p0'], { encoding: 'utf8' }).trim().split('\n').sort();
  const there = execFileSync('nsenter', [`--net=${dir}/theirs`, 'ip', '-o', 'address'], { encoding: 'utf8' });
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((l) => l.includes(' nsfs ')).length;
  return [...look(os), ...fdb, there, ...tree('/run'), `${mounts} namespaces are mounted`];
}

function tree(path: string): string[] {
  const stat = lstatSync(path);
  const below = stat.isDirectory() ? readdirSync(path).flatMap((name) => tree(join(path, name))) : [];
  return [`${path} ${(stat.mode & 0o7777).toString(8)}`, ...below];
}

/** A verb in this process, without what it prints. */
async function verb(call: Promise<number>): Promise<number> {
  const write = process.stdout.write;
  process.stdout.write = () => true;
  try {
    return await call;
  } finally {
    process.stdout.write = write;
  }
}

interface Worker {
  readonly child: ChildProcess;
  readonly ready: Promise<unknown>;
  readonly ended: Promise<{ code: number | null; signal: string | null }>;
  said: string;
}

function hire(): Worker {
  const child = spawn(process.execPath, [workerFile], { stdio: ['pipe', 'ignore', 'pipe'] });
  const worker = { child, said: '' } as { -readonly [K in keyof Worker]: Worker[K] };
  worker.ready = new Promise((resolve) => {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      worker.said += text;
      if (worker.said.includes('ready\n')) resolve(null);
    });
  });
  worker.ended = new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal })));
  return worker;
}

const pool: Worker[] = [hire(), hire()];

/** Has a worker do it; how it ended, and what it took in ms. `afterMs`: killed then. */
async function work(argv: string[], kill: number, before: boolean, afterMs: number | null) {
  pool.push(hire());
  const worker = pool.shift() as Worker;
  await worker.ready;
  const began = performance.now();
  worker.child.stdin?.end(JSON.stringify({ argv, kill, before }));
  const timer = afterMs === null ? null : setTimeout(() => worker.child.kill('SIGKILL'), afterMs);
  const ended = await worker.ended;
  if (timer !== null) clearTimeout(timer);
  return { ...ended, ms: performance.now() - began, said: worker.said };
}

const VERBS: Record<string, string[]> = {
  apply: ['apply', '--engine', 'linux', '--yes', LAB],
  edit: ['apply', '--engine', 'linux', '--yes', EDITED],
  destroy: ['destroy', '--engine', 'linux', '--yes', 't'],
};

function must(what: string, is: unknown, should: unknown): void {
  const [a, b] = [JSON.stringify(is, null, 1), JSON.stringify(should, null, 1)];
  if (a !== b) throw new Error(`${what}: ${a}, and not ${b}`);
}

/** Namespaces die a while after their last name: one worker of the kernel's buries those of the whole machine, by turns. */
const SETTLE_MS = 60_000;
let slowestMs = 0;

async function settled(os: LinuxOs, before: string[], what: string): Promise<void> {
  const began = performance.now();
  while (performance.now() - began < SETTLE_MS) {
    const same = JSON.stringify(machine(os)) === JSON.stringify(before);
    slowestMs = Math.max(slowestMs, performance.now() - began);
    if (same) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  must(what, machine(os), before);
}

async function main(): Promise<void> {
  prepare();
  const os = await LinuxOs.open();
  // What the first apply leaves for good, as `ip netns` does: /run/netns.
  await verb(apply(LAB, REAL));
  await verb(destroy('t', REAL));
  const before = machine(os);
  const whole: Record<string, { calls: number; ms: number }> = {};
  for (const name of ['apply', 'edit', 'destroy']) {
    const { code, said, ms } = await work(VERBS[name], 0, true, null);
    must(`${name}: ${said}`, code, 0);
    whole[name] = { calls: Number(/^calls (\d+)$/m.exec(said)?.[1]), ms };
  }
  await settled(os, before, 'without a kill');
  const done: Record<string, number> = { apply: 0, edit: 0, destroy: 0, atCall: 0, atTime: 0, unfinished: 0, swept: 0 };
  for (let round = 0; done.atCall + done.atTime < kills; round++) {
    if (round > 4 * kills) throw new Error('most workers end before they are killed');
    const name = only > 0 ? 'apply' : ['apply', 'edit', 'destroy'][random.below(3)];
    if (name !== 'apply') must('apply before', await verb(apply(LAB, REAL)), 0);
    const timed = only === 0 && random.below(3) === 0;
    const at = timed ? 0 : only > 0 ? only : 1 + random.below(whole[name].calls);
    const afterMs = timed ? (random.below(1000) / 1000) * whole[name].ms : null;
    const before_ = only > 0 || random.below(2) === 0;
    const { signal } = await work(VERBS[name], at, before_, afterMs);
    const what = `round ${round}: ${name}, killed ${timed ? `after ${afterMs} ms` : `${before_ ? 'before' : 'after'} call ${at}`}`;
    if (signal === 'SIGKILL') {
      done[name]++;
      done[timed ? 'atTime' : 'atCall']++;
    }
    if (
      existsSync('/run/lowerdev/labs/t.json') &&
      /"unfinished":true/.test(readFileSync('/run/lowerdev/labs/t.json', 'utf8'))
    ) {
      done.unfinished++;
    }
    done.swept += os.nsLeftovers().length;
    const how = random.below(3);
    if (how === 0) {
      const file = name === 'edit' ? EDITED : LAB;
      must(`${what}: apply`, await verb(apply(file, REAL)), 0);
      must(`${what}: to do afterwards`, planLab(os, parseLab(readFileSync(file, 'utf8'), file)).steps, []);
    }
    if (how === 2) await verb(gc(REAL)); // it removes what was cut short, and what is whole stays
    must(`${what}: destroy`, await verb(destroy('t', REAL)), 0);
    await settled(os, before, what);
  }
  for (const worker of pool) worker.child.kill('SIGKILL');
  process.stdout.write(`${JSON.stringify({ ...done, whole, slowestMs: Math.round(slowestMs) })}\n`);
}

try {
  await main();
} catch (error) {
  for (const worker of pool) worker.child.kill('SIGKILL');
  process.stdout.write(`${JSON.stringify({ failed: (error as Error).message })}\n`);
  process.exitCode = 1;
} finally {
  spawnSync('umount', [join(dir, 'theirs')]);
  rmSync(dir, { recursive: true, force: true });
}
