// macvtap beside macvlan on one lowerdev, and frames through its character device.

import { expect, test } from 'vitest';
import { macvlanLink } from '../macvlan/macvlan.ts';
import { addLink, cable, counters, errnoOf, mac, makeKernel, send, settle, up } from '../testing.ts';
import { macvtapLink, tapOf } from './macvtap.ts';

test('a macvtap is a sibling of macvlans, with a file for the stack', () => {
  const { kernel, host } = makeKernel();
  const [h0] = cable(host, 'h0', mac('02:00:00:00:00:f0'), kernel.createNs('sw'), 's0', mac('02:00:00:00:00:f1'));
  const t = addLink(host, macvtapLink, 't0', { link: h0, data: { mode: 4 } });
  const m = addLink(host, macvlanLink, 'm0', { link: h0, data: { mode: 4 } });
  expect(t.txQueueLen).toBe(500);
  expect(errnoOf(() => addLink(host, macvlanLink, 'm1', { link: h0, data: { mode: 8 } }))).toBe(22);
  up(t);
  up(m);
  settle(kernel, 1100);
  const tap = tapOf(t);
  tap.open();
  send(m, t.addr, m.addr, 0x88b5, 60, 7);
  settle(kernel);
  const [frame] = tap.recvFrames();
  expect([frame.length, frame[14]]).toEqual([60, 7]);
  frame.copyWithin(0, 6, 12);
  expect(tap.sendFrame(frame)).toBe(0);
  settle(kernel);
  expect(counters(m)).toBe('rxPackets 1 txPackets 1 rxBytes 60 txBytes 60 rxDropped 1');
  expect(kernel.skbs.live).toBe(0);
  kernel.dev.delete(t);
  expect(t.rxHandler).toBeNull();
});
