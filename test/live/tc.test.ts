// Our `tc` against iproute2 6.1 on this machine's kernel, on the lines of test/tools/tc.txt (where the model's kernel is
// held against what this one said). Needs root on Linux; says so and is skipped elsewhere.

import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { tcCommand } from '../../src/shell/commands/tc/tc.ts';
import { Lockstep } from './lockstep.ts';
import { whyNot } from './sandbox.ts';

const reason = whyNot();
const lines = readFileSync(`${process.cwd()}/test/tools/tc.txt`, 'utf8')
  .split('\n')
  .filter((line) => line.trim() !== '' && !line.startsWith('#'));
const setup = lines.filter((line) => line.startsWith('!ip link add') || line.startsWith('!for'));

/** Handles that a kernel gives itself count up over all that it ever made: in the order in which each box shows them. */
function numbered(): (text: string) => string {
  const seen = new Map<string, string>();
  return (text) =>
    text.replace(/\b8[0-9a-f]{3}(?=:|0000\])/g, (handle) => {
      if (!seen.has(handle)) seen.set(handle, `80${String(seen.size + 1).padStart(2, '0')}`);
      return seen.get(handle) as string;
    });
}

let both: Lockstep | null = null;
const alike = (): Lockstep => {
  const quiet = 'sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1';
  both = new Lockstep(
    `${quiet}\nip link set lo up\n${setup.map((line) => line.slice(1)).join('\n')}`,
    [tcCommand],
    numbered,
  );
  return both;
};
afterEach(() => {
  both?.close();
  both = null;
});

describe.skipIf(reason !== null)(`tc on a live kernel${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  test('changing and looking', { timeout: 180_000 }, async () => {
    const boxes = alike();
    const differ: string[] = [];
    for (const line of lines) {
      const difference = setup.includes(line) ? null : await boxes.step(line);
      if (difference !== null) differ.push(difference);
    }
    expect(differ.join('\n')).toBe('');
  });

  test('monitor', { timeout: 60_000 }, async () => {
    const script = `
      tc qdisc add dev x0 root handle 5: pfifo limit 3
      tc qdisc change dev x0 root handle 5: pfifo limit 4
      tc qdisc replace dev x0 root handle 6: tbf rate 1mbit burst 10k latency 50ms
      tc qdisc add dev x0 parent 6:1 handle 7: bfifo
      tc qdisc del dev x0 root
      tc qdisc add dev w0 root handle 8: mq
      tc qdisc del dev w0 root
      tc qdisc add dev x0 clsact
      tc filter add dev x0 egress prio 5 protocol ip u32 match u32 0 0
      tc filter replace dev x0 egress prio 5 protocol ip handle 800::800 u32 match u32 0 0
      tc filter add dev x0 ingress prio 5 protocol ip u32 match u32 0 0
      tc filter del dev x0 ingress prio 5
      tc filter add dev x0 ingress prio 5 protocol ip nosuch
      tc qdisc del dev x0 clsact`;
    for (const line of ['tc monitor', 'tc -s -d monitor']) {
      expect(await alike().monitor(line, script)).toBe(null);
      both?.close();
      both = null;
    }
  });
});
