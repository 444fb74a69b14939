// The loopback device as every namespace has it.

import { expect, test } from 'vitest';
import { counters, makeKernel, Recorder, send, settle, up } from '../testing.ts';

test('every namespace has one, index 1, down, immovable', () => {
  const { kernel, host } = makeKernel();
  const other = kernel.createNs('other');
  for (const ns of [host, other]) {
    const lo = ns.dev('lo')!;
    expect([lo.ifindex, lo.type, lo.mtu, lo.minMtu, lo.maxMtu, lo.up, lo.addr]).toEqual([
      1,
      772,
      65536,
      0,
      0,
      false,
      0,
    ]);
    expect(lo.features.toString(16)).toBe('52e401d4c69');
    expect(lo.hwFeatures.toString(16)).toBe('a00000e401d4800');
    expect(() => kernel.dev.moveToNs(lo, ns === host ? other : host)).toThrow('The interface netns is immutable');
  }
});

test('what is sent comes back, counted once without its header', () => {
  const { kernel, host } = makeKernel();
  const lo = host.dev('lo')!;
  expect(up(lo)).toBe(0);
  expect([lo.operState, lo.txq[0].qdisc.kind, kernel.dev.userFlags(lo)]).toEqual([0, 'noqueue', 0x10049]);
  const seen = new Recorder([lo]);
  expect(send(lo, 0)).toBe(0);
  settle(kernel);
  expect(seen.take()).toEqual(['lo OUT', 'lo HOST']);
  expect(counters(lo)).toBe('rxPackets 1 txPackets 1 rxBytes 46 txBytes 46');
  expect(kernel.skbs.live).toBe(0);
});
