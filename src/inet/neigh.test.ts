// The neighbour state machine in virtual time.

import { expect, test } from 'vitest';
import { NLM_F_CREATE } from '../uapi/netlink.ts';
import { ip4Of } from '../wire/text.ts';
import { NEIGH4, neighAdd, neighDump } from './control.ts';
import { inDev } from './state.ts';
import { sysctlWrite } from './sysctl.ts';
import { addr, cable, down, makeKernel, sendPing, up, watch } from './testing.ts';

const NAMES = new Map([
  [0, 'NONE'],
  [1, 'INCOMPLETE'],
  [2, 'REACHABLE'],
  [4, 'STALE'],
  [8, 'DELAY'],
  [16, 'PROBE'],
  [32, 'FAILED'],
  [64, 'NOARP'],
  [128, 'PERMANENT'],
]);

function lab() {
  const kernel = makeKernel();
  const a = kernel.createNs('a');
  const b = kernel.createNs('b');
  const [e0, e1] = cable(a, 'e0', b, 'e1');
  up(e0);
  up(e1);
  addr(e0, '10.0.0.1/24');
  addr(e1, '10.0.0.2/24');
  const state = (): string =>
    neighDump(NEIGH4, a, false)
      .map((n) => NAMES.get(n.state))
      .join(' ');
  const wait = (s: number): void => kernel.loop.runUntil(kernel.loop.now + s * 1e9);
  return { kernel, a, b, e0, e1, state, wait };
}

test('reachable, stale when unused, delayed and probed when used again', () => {
  const { a, e0, state, wait } = lab();
  sendPing(a, '10.0.0.2');
  wait(0.1);
  expect(state()).toBe('REACHABLE');
  wait(46);
  expect(state()).toBe('STALE');
  const seen = watch(e0);
  sendPing(a, '10.0.0.2');
  wait(1);
  expect(state()).toBe('DELAY');
  wait(4.5);
  expect(state()).toBe('REACHABLE');
  expect(seen.filter((l) => l.includes('> who-has'))).toEqual(['51100.0 > who-has 10.0.0.2 tell 10.0.0.1']);
});

test('a neighbour that is gone: five seconds of hope, three unicast probes, then failure', () => {
  const { a, e0, e1, state, wait } = lab();
  sendPing(a, '10.0.0.2');
  wait(60);
  expect(state()).toBe('STALE');
  down(e1);
  const seen = watch(e0);
  sendPing(a, '10.0.0.2');
  wait(4.9);
  expect(state()).toBe('DELAY');
  wait(0.2);
  expect(state()).toBe('PROBE');
  wait(3);
  expect(state()).toBe('FAILED');
  expect(seen.map((l) => l.split(' ')[0])).toEqual(['60000.0', '65000.0', '66000.0', '67000.0']);
});

test('the reachable time lies between half and one and a half of the base, by seed', () => {
  const times = [1, 2, 3, 4, 5, 6].map((seed) => {
    const kernel = makeKernel(seed);
    const [e0] = cable(kernel.createNs('a'), 'e0', kernel.createNs('b'), 'e1');
    return inDev(e0)!.parms.reachableNs / 1e9;
  });
  for (const t of times) expect(t >= 15 && t < 45).toBe(true);
  expect(new Set(times).size).toBe(6);
});

test('more than the queue holds: the oldest frame goes', () => {
  const { kernel, a, e1, wait } = lab();
  sysctlWrite(a, 'net/ipv4/neigh/e0/unres_qlen_bytes', '3000');
  down(e1);
  const before = kernel.skbs.ended[30];
  for (let i = 0; i < 5; i++) sendPing(a, '10.0.0.2', 56, i);
  expect(kernel.skbs.ended[30] - before).toBe(2);
  wait(5);
  expect(kernel.skbs.live).toBe(0);
});

test('permanent entries are neither asked for nor learned over', () => {
  const { a, b, e0, wait } = lab();
  const request = {
    ifindex: e0.ifindex,
    dst: ip4Of('10.0.0.2'),
    lladdr: 0x0200000000aa,
    lladdrShort: false,
    state: 0x80,
    flags: 0,
    flagsExt: 0,
    protocol: 0,
    nlFlags: NLM_F_CREATE,
  };
  neighAdd(NEIGH4, a, request);
  const seen = watch(e0);
  sendPing(b, '10.0.0.1');
  wait(1);
  sendPing(a, '10.0.0.2');
  wait(1);
  expect(neighDump(NEIGH4, a, false).map((n) => n.lladdr)).toEqual([0x0200000000aa]);
  expect(seen.filter((l) => l.includes('> who-has'))).toEqual([]);
  expect(() => neighAdd(NEIGH4, a, { ...request, dst: ip4Of('10.0.0.3'), lladdr: null })).toThrow(
    'No link layer address given',
  );
});

test('entries above gc_thresh1 that nobody uses go after gc_stale_time', () => {
  const { a, wait } = lab();
  sysctlWrite(a, 'net/ipv4/neigh/default/gc_thresh1', '4');
  for (let i = 10; i < 20; i++) sendPing(a, `10.0.0.${i}`);
  wait(4);
  const left = (): number => neighDump(NEIGH4, a, false).filter((n) => n.dev?.name === 'e0').length;
  expect(left()).toBe(10);
  wait(60);
  expect(left()).toBeLessThan(4);
});
