// A dummy counts and forgets. A real kernel's answers to longer stories are in test/oracle-devices.

import { expect, test } from 'vitest';
import { addLink, BROADCAST, counters, errnoOf, mac, makeKernel, send, settle, up } from '../testing.ts';
import { dummyLink } from './dummy.ts';

test('frames in, none out', () => {
  const { kernel, host } = makeKernel();
  const d = addLink(host, dummyLink, 'd0', { up: true });
  send(d, BROADCAST);
  send(d, mac('02:00:00:00:00:09'), d.addr, 0x88b5, 100);
  settle(kernel);
  expect([counters(d), kernel.skbs.live]).toEqual(['txPackets 2 txBytes 160', 0]);
});

test('no ARP, any MTU, a random address, a carrier that can be taken away', () => {
  const { kernel, host } = makeKernel();
  const d = addLink(host, dummyLink, 'd0');
  expect([d.flags & 0x80, d.addrAssignType, kernel.dev.setMtu(d, 200_000)]).toEqual([0x80, 1, 0]);
  up(d);
  settle(kernel, 1100);
  expect([d.carrier, d.operState]).toEqual([true, 0]);
  expect(d.changeCarrier?.(d, false)).toBe(0);
  settle(kernel, 1100);
  expect([d.carrier, d.operState]).toEqual([false, 2]);
  expect(errnoOf(() => addLink(host, dummyLink, 'd1', { tb: { address: 0x010000000001 } }))).toBe(99);
});
