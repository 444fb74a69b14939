// A stopped queue (test d of the oracle): which errno a sender meets, who counts the drop, what is logged, whether the sender
// blocks; whether TCP survives it, alone and beside a flood.

import { beforeAll, describe, expect, test } from 'vitest';
import { createModel } from '../../src/lab/model.ts';
import { runText } from '../../src/shell/testing/run.ts';
import { moved, signs, transfer } from './compare.ts';
import { runInModel } from './model-arm.ts';
import { type Load, parseLoads } from './parse.ts';
import { MINUTES, truth } from './truth.ts';

let text = '';
let mine: Load[] = [];
beforeAll(async () => {
  text = await runInModel('d', edited);
  mine = parseLoads(text);
}, MINUTES);

/**
 * Without fq, which the model lacks; with all that was logged, not the last lines; and each load five seconds after the last,
 * so that the limit of the log never hides a row's lines. The guest's shortest round trip takes 1 to 1.5 ms of its emulated CPU,
 * for which TCP makes frames of 7 or 14 segments (tcp_tso_autosize()); the model's takes a tenth.
 */
const edited = (script: string): string =>
  script
    .replace(/^insmod .mod.sch_fq.ko.*$/gm, '')
    .replaceAll('dmesg -c | tail -3', 'dmesg -c')
    .replace('ip netns add net0;', '$& nx net0 sysctl -qw net.ipv4.tcp_tso_rtt_log=5;')
    .replace(/^(fl|tcpt)\(\) \{/gm, '$1() { sleep 5;');

const FQ = /^fq /;
/** A kernel after 6.1 has no byte limits of a device without qdisc in /sys, so there is nothing to raise. */
const LIMIT_MIN = /^BQL limit_min 1000000, ring 4096$/;
const rowsOf = (kind: Load['kind']): Array<readonly [string, Load]> =>
  truth.d_enetdown
    .filter((l) => l.kind === kind && !FQ.test(l.what) && !LIMIT_MIN.test(l.what))
    .map((l) => [`${l.case}: ${l.what}`, l] as const);

function found(as: Load): Load {
  const l = mine.find((m) => m.case === as.case && m.what === as.what && m.kind === as.kind);
  if (l === undefined) throw new Error(`${as.case}: ${as.what} was not run`);
  return l;
}

describe('d: errno, who counts the drop, whether the sender blocks', () => {
  test.each(rowsOf('udp flood'))('%s', (_, expected) => {
    expect(signs(found(expected))).toEqual(signs(expected));
  });
});

describe('d: what is logged', () => {
  const rows = [...rowsOf('udp flood'), ...rowsOf('tcp')].filter(([, l]) => l.dmesg !== undefined);
  test.each(rows)('%s', (_, expected) => {
    // A timer of the guest had the last word there; its TCP row shows what came before.
    const line = expected.dmesg?.startsWith('hrtimer') ? 'Virtual device port0 asks to queue packet!' : expected.dmesg;
    expect(found(expected).dmesg).toBe(line);
  });

  const silent = rowsOf('udp flood').filter(([, l]) => l.dmesg === undefined && !('ENETDOWN' in l.result[0]));
  test.each(silent)('nothing: %s', (_, expected) => {
    expect(found(expected).dmesg).toBeUndefined();
  });

  test('ten lines in five seconds, then how many were left out', () => {
    const times = [...text.matchAll(/dmesg \[ *([\d.]+)\] Virtual device/g)].map((m) => Number(m[1]));
    expect(times.length).toBeGreaterThan(50);
    for (let i = 10; i < times.length; i++) expect(times[i] - times[i - 10]).toBeGreaterThan(4.9);
    expect(text).toMatch(/net_ratelimit: \d+ callbacks suppressed\n.*Virtual device mv0 asks to queue packet!/);
  });
});

describe('d: a TCP transfer arrives whole', () => {
  test.each(rowsOf('tcp'))('%s', (_, expected) => {
    expect(transfer(found(expected))).toEqual(transfer(expected));
  });
});

describe('d: TCP beside a flood in the same namespace', () => {
  // In one FIFO with the flood TCP gets a tenth of the line, as much as its two frames of two segments are of all (docs/offload.md).
  const FIFO = /pfifo/;
  test.each(rowsOf('tcp + udp flood'))('%s', (name, expected) => {
    const [l, truth] = [found(expected), expected];
    expect(Object.keys(l.result[2]).includes('ENETDOWN')).toBe(Object.keys(truth.result[2]).includes('ENETDOWN'));
    if (FIFO.test(name)) {
      const rate = (of: Load): number => Number(of.result[0]['kbit/s']);
      expect(rate(l) / rate(truth)).toBeGreaterThan(0.85);
      expect(rate(l) / rate(truth)).toBeLessThan(1.15);
    } else expect(moved(l)).toBe(moved(truth));
  });
});

/** What a case printed that is no load. */
function printed(name: string): string {
  const from = text.indexOf(`@@CASE ${name}`);
  const to = text.indexOf('@@CASE ', from + 1);
  return text.slice(from, to < 0 ? undefined : to);
}

// The guest: 122 to 343 requeues, all but one to three by TCP: its large frames are cut before the queue is looked at, and each
// piece that finds it stopped counts. More in the model, whose frames have more pieces.
test('d: D2c, D3: a large frame that finds the queue stopped is requeued piece by piece', () => {
  const requeues = [...text.matchAll(/^ Sent .* requeues (\d+)\)/gm)].map((m) => Number(m[1]));
  expect(requeues).toHaveLength(3);
  for (const n of requeues) expect(n).toBeGreaterThan(100);
});

// Seen in the guest, but kept in words only: 80 to 100 % lost and no error; with pfifo 5 of 5 at about 50 ms.
test('d: D4e ping during a flood loses most and prints no error; with a qdisc none', () => {
  const lost = /(\d+)% packet loss/.exec(printed('D4e'))?.[1];
  expect(Number(lost)).toBeGreaterThanOrEqual(60);
  expect(printed('D4e')).not.toMatch(/down|unreach|buffer/i);
  expect(printed('D4e')).toContain('pfifo 5 packets transmitted, 5 received, 0% packet loss');
});

// The guest: 340 of 340 and 5 of 5.
test('d: D5 another macvlan and the host are not disturbed', () => {
  expect(printed('D5')).toContain('5 packets transmitted, 5 received, 0% packet loss');
  expect(printed('D5')).toMatch(/net1 flood calls=(\d+) ok=\1 elapsed/);
  expect(printed('D5')).toMatch(/net0 flood .*ENETDOWN=/);
});

test.skip('d: fq on the macvlan, UDP and TCP (reason: the model has no fq; pfifo, bfifo, pfifo_fast, fq_codel, prio and tbf show the same)', () => {});
test.skip('d: BQL limit_min 1000000 with a ring of 4096 cures it (reason: only up to 6.1, which shows byte limits of a device without qdisc in /sys; the model is later)', () => {});
test.skip('d: D6 arping while the queue is stopped (reason: nothing was recorded, and a probe that gets through is luck)', () => {});

// Seen in the guest (D3, D4c), and the same on Linux 6.18.
test('d: the qdisc of a macvlan: none by default, no mq; it survives down and up, and is lost in another namespace', async () => {
  const { output } = await runText(
    `
ip link add v0 type veth peer name v1
sysctl -qw net.core.default_qdisc=pfifo_fast
ip link add m0 link v0 type macvlan mode bridge
ip link set v0 up
ip link set m0 up
tc qdisc show dev m0
tc qdisc add dev m0 root mq
tc qdisc add dev m0 root handle 1: pfifo limit 100
ip link set m0 down
ip link set m0 up
tc qdisc show dev m0
ip netns add n
ip link set m0 netns n
ip -n n link set m0 up
ip netns exec n tc qdisc show dev m0
`,
    { kernel: createModel({ seed: 1 }) },
  );
  expect(
    output
      .trimEnd()
      .split('\n')
      .map((line) => line.trimEnd()),
  ).toEqual([
    'qdisc noqueue 0: root refcnt 2',
    'RTNETLINK answers: Operation not supported',
    'qdisc pfifo 1: root refcnt 2 limit 100p',
    'qdisc noqueue 0: root refcnt 2',
  ]);
});
