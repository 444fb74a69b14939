// TCP on the cable, segment by segment: the same script (tcp.sh) in the model and on this machine's kernel, captured by
// tcpdump and compared side by side: flags, lengths, sequence numbers, windows, options and their order. Numbers that
// chance decides are made relative. A live run is asked again when it differs: processes race there.
// Needs root on Linux and the tools; says so and is skipped elsewhere.

import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { whyNot } from './sandbox.ts';

const missing = ['tcpdump', 'nc', 'bash'].find((tool) => spawnSync('which', [tool]).status !== 0);
const reason = whyNot() ?? (missing === undefined ? null : `needs ${missing}`);
const SCRIPT = 'test/live/tcp.sh';

function inModel(): string {
  return execFileSync(process.execPath, ['tools/run.mjs', 'src/cli/main.ts', 'run', SCRIPT], { encoding: 'utf8' });
}

function live(): string {
  const script =
    'mount --make-rprivate / && mkdir -p /run/netns && mount -t tmpfs none /run/netns && mount -t tmpfs none /tmp && ip link set lo up && exec bash "$0"';
  const args = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child', 'sh', '-c', script, SCRIPT];
  const ran = spawnSync('timeout', ['60', 'unshare', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return ran.stdout;
}

/** Each part's segments by direction, as text without what chance decides. */
function parts(text: string): Map<string, string> {
  const out = new Map<string, string>();
  let name = '';
  let sides: Record<'>' | '<', string[]> = { '>': [], '<': [] };
  let base = new Map<string, number>();
  const close = (): void => {
    if (name !== '') out.set(name, [...sides['>'], ...sides['<']].join('\n'));
  };
  for (const line of text.split('\n')) {
    if (line.startsWith('== ')) {
      close();
      name = line.slice(3);
      sides = { '>': [], '<': [] };
      base = new Map();
      continue;
    }
    const m = /^[\d:.]+ IP \S+\.(\d+) > \S+\.\d+: Flags (\S+), (.*)$/.exec(line);
    if (m === null) continue;
    const way = /^50\d\d$/.test(m[1]) ? '<' : '>';
    const other = way === '<' ? '>' : '<';
    const seq = /seq (\d+)/.exec(m[3]);
    if (m[2].includes('S') && seq !== null) base.set(way, Number(seq[1]));
    const relative = (n: string, of: string): number => (n === '0' ? 0 : (Number(n) - (base.get(of) ?? 0)) >>> 0);
    const rest = m[3]
      .replace(
        /seq (\d+)(?::(\d+))?/,
        (_, a, b) => `seq ${relative(a, way)}${b === undefined ? '' : `:${relative(b, way)}`}`,
      )
      .replace(/ack (\d+)/, (_, a) => `ack ${relative(a, other)}`)
      .replace(/TS val \d+ ecr (\d+)/, (_, ecr) => `TS val x ecr ${ecr === '0' ? 0 : 'x'}`);
    sides[way].push(`${way} ${m[2]} ${rest}`);
  }
  close();
  return out;
}

describe.skipIf(reason !== null)(`TCP on a live kernel${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  test('handshake, data, close, refusal, options, MTU, loopback', { timeout: 300_000 }, () => {
    const ours = parts(inModel());
    expect([...ours.keys()].length).toBe(7);
    const differ = new Map(ours);
    let theirs = new Map<string, string>();
    for (let attempt = 0; attempt < 4 && differ.size > 0; attempt++) {
      theirs = parts(live());
      for (const [name, lines] of theirs) if (lines === ours.get(name)) differ.delete(name);
    }
    for (const name of differ.keys()) expect(`${name}\n${ours.get(name)}`).toBe(`${name}\n${theirs.get(name)}`);
  });
});
