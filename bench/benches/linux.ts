// Labs on this machine's kernel against `ip -batch`, in turn: what applyLab() and destroyLab() take, plan and all. Both sides
// work in namespaces of their own (bench/linux/room.ts), on a veth that stands for the NIC; namespaces that endpoints live in
// are there before on both sides, and are not measured.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type Bench, type Goal, Skip } from '../harness.ts';

declare const REPOSITORY: string;

const PREPARE = [
  'mount --make-rprivate /',
  'mkdir -p /run/netns',
  'mount -t tmpfs none /run/netns',
  'exec "$@"', // the room
].join(' && ');
const UNSHARE = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child', 'sh', '-c', PREPARE, 'sh'];

class Room {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor() {
    const room = [process.execPath, 'tools/run.mjs', 'bench/linux/room.ts'];
    this.#child = spawn('unshare', [...UNSHARE, ...room], { cwd: REPOSITORY, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  /** Milliseconds. */
  async order(what: string, count: number): Promise<number> {
    this.#child.stdin?.write(`${what}:${count}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`${what}: the benchmark's room has ended`);
    if (Number.isNaN(Number(value))) throw new Error(`${what}: ${value}`);
    return Number(value);
  }

  close(): void {
    this.#child.stdin?.end();
  }
}

/** Throws Skip. */
function needRoom(): void {
  if (process.platform !== 'linux') throw new Skip('needs Linux');
  if (process.getuid?.() !== 0) throw new Skip('needs root');
  for (const tool of ['ip', 'unshare']) {
    if (spawnSync(tool, ['-V']).error !== undefined) throw new Skip(`needs ${tool}`);
  }
  const probe = 'ip link add p type veth peer name q && ip link add link p name m type macvlan';
  const { status, stderr } = spawnSync('unshare', ['--net', 'sh', '-c', probe], { encoding: 'utf8' });
  if (status !== 0) throw new Skip(`no macvlans can be made here: ${stderr.trim()}`);
}

function bench(name: string, what: string, order: string, most: number, baseline: string, goal?: Goal): Bench {
  return {
    ...{ name: `linux-${name}`, what, unit: 'ms', better: 'lower', ...(goal === undefined ? {} : { goal }) },
    prepare(scale) {
      needRoom();
      const count = Math.round(most * scale);
      const room = new Room();
      return {
        value: () => room.order(`${order} ours`, count),
        baseline: { name: baseline, run: () => room.order(`${order} ip`, count) },
        close: () => room.close(),
      };
    },
  };
}

export const linuxBenches: Bench[] = [
  bench('create', '1,000 macvlans made, tagged and up', 'create', 1000, 'ip -batch: link add, link set up', {
    ...{ of: 'ratio', atMost: 0.95 },
  }),
  bench(
    'create-raw',
    'the same as bare requests in one datagram',
    'raw',
    1000,
    'ip -batch: link add ... up, in one line',
  ),
  bench(
    'create-netns',
    '200 macvlans in 200 namespaces, address, up',
    'netns',
    200,
    'ip -batch: create, move, then ip -n',
    {
      ...{ of: 'ratio', atMost: 1 / 20, gate: true, slack: 2 },
    },
  ),
  bench('delete', '1,000 macvlans of a lab removed', 'delete', 1000, 'ip -batch: link del', {
    ...{ of: 'ratio', atMost: 1 / 50, gate: true, slack: 4 },
  }),
  bench('dump', '1,000 links read', 'dump', 1000, 'ip -d link > /dev/null'),
  bench(
    'snapshot',
    '1,000 macvlans in 200 namespaces, all of it',
    'snapshot',
    1000,
    'ip -n: links, addresses, routes, rules, neighbours',
    { of: 'value', atMost: 1000 },
  ),
];
