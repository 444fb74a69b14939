// IPv6 of the model against this machine's kernel, frame by frame: both get the same frames, and what they send in answer,
// learn and count must be the same. Needs root on Linux with IPv6; says so and is skipped elsewhere.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createModel, openSession } from '../../src/index.ts';
import type { NetNs } from '../../src/net/netns.ts';
import { setU16 } from '../../src/wire/bytes.ts';
import { COUNTERS, SETUP, STIMULI } from './ip6-stimuli.ts';
import { whyNot } from './sandbox.ts';

const reason = whyNot() ?? (existsSync('/proc/sys/net/ipv6') ? null : 'needs a kernel with IPv6');

/** What chance decides becomes the same: the flow label, and the identifier of fragments. */
function normal(hex: string): string {
  const b = Uint8Array.from(hex.match(/../g) ?? [], (x) => Number.parseInt(x, 16));
  if (b[12] === 0x86 && b[13] === 0xdd) {
    b[15] &= 0xf0;
    setU16(b, 16, 0);
  }
  return Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('');
}

const hex = (b: Uint8Array): string => Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('');

function live(): string[] {
  const dir = mkdtempSync(join(tmpdir(), 'lowerdev-ip6-'));
  try {
    const lines = STIMULI.map((s) =>
      'sh' in s ? `SH ${s.sh}` : `SEND ${s.dev} ${s.waitS ?? 0} ${s.frames.map(hex).join(',')}`,
    );
    writeFileSync(join(dir, 'lines'), `${lines.join('\n')}\n`);
    writeFileSync(join(dir, 'setup'), SETUP);
    const script =
      'mount --make-rprivate / && mkdir -p /run/netns && mount -t tmpfs none /run/netns && sh "$0" && exec python3 "$1" "$2"';
    const unshare = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child', 'sh', '-c', script];
    const helper = join(process.cwd(), 'test/live/ip6-frames.py');
    const out = execFileSync('unshare', [...unshare, join(dir, 'setup'), helper, join(dir, 'lines')], {
      encoding: 'utf8',
      timeout: 100_000,
    });
    return out.trimEnd().split('\n').map(answer);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function answer(line: string): string {
  const a = JSON.parse(line) as string | Array<[string, string]>;
  return typeof a === 'string' ? a : a.map(([dev, data]) => `${dev} ${normal(data)}`).join('\n');
}

async function model(): Promise<string[]> {
  const m = createModel({ seed: 1, ipv6: true });
  let said = '';
  const session = openSession(m, { onOutput: (_, text) => void (said += text) });
  await session.run(SETUP);
  const named = (name: string): NetNs => m.os.nsByName(name) as NetNs;
  const sent: string[] = [];
  for (const dev of named('host').devices()) {
    if (dev.name === 'lo') continue;
    dev.taps.push({
      owner: sent,
      ignoreOutgoing: false,
      frame(skb, d, outgoing) {
        if (outgoing) sent.push(`${d.name} ${normal(hex(skb.bytes.slice(skb.mac, skb.off + skb.len)))}`);
      },
    });
  }
  const out: string[] = said === '' ? [] : [said];
  for (const s of STIMULI) {
    sent.length = 0;
    said = '';
    if ('sh' in s) {
      await session.run(s.sh);
      out.push(said);
      continue;
    }
    const ns = named('out');
    const socket = m.os.socket(ns, 'packet', 0);
    const ifindex = ns.dev(s.dev)?.ifindex ?? 0;
    if (typeof socket === 'number') throw new Error(`no packet socket: ${socket}`);
    for (const f of s.frames) socket.sendTo(f, { addr4: 0, port: 0, ifindex, protocol: 0, mac: 0 });
    m.loop.runUntil(m.loop.now + (s.waitS ?? 0.06) * 1e9);
    socket.close();
    out.push(sent.join('\n'));
  }
  m.close();
  return out;
}

/** The first list of counters goes, the last becomes the growth. */
function grown(answers: string[]): string[] {
  const of = (text: string): Array<[string, number]> =>
    text
      .trim()
      .split('\n')
      .map((line) => line.split(/\s+/) as [string, string])
      .map(([name, value]) => [name, Number(value)]);
  const at = STIMULI.map((s, i) => (s.name === COUNTERS ? i : -1)).filter((i) => i >= 0);
  const before = new Map(of(answers[at[0]]));
  const lines = of(answers[at[1]])
    .map(([name, value]) => [name, value - (before.get(name) ?? 0)] as const)
    .filter(([, value]) => value !== 0)
    .map(([name, value]) => `${name} ${value}`)
    .sort();
  return answers.map((a, i) => (i === at[0] ? '' : i === at[1] ? lines.join('\n') : a));
}

describe.skipIf(reason !== null)(`IPv6 on a live kernel${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  test('the same answers to the same frames', { timeout: 300_000 }, async () => {
    const ours = grown(await model());
    const differences = (): string[] => {
      const theirs = grown(live());
      return STIMULI.flatMap((s, i) =>
        theirs[i] === ours[i] ? [] : [`${s.name}\n  Linux ${theirs[i]}\n  model ${ours[i]}`],
      );
    };
    // A busy machine answers late: asked once more before it counts.
    let differ = differences();
    if (differ.length > 0) differ = differences();
    expect(differ.join('\n')).toBe('');
  });
});
