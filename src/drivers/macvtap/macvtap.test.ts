// macvtap beside macvlan on one lowerdev, and frames through its character device.

import { expect, test } from 'vitest';
import { macvlanLink } from '../macvlan/macvlan.ts';
import { addLink, cable, counters, errnoOf, mac, makeKernel, send, settle, up } from '../testing.ts';
import { macvtapLink } from './macvtap.ts';
import { tapOf } from './tap.ts';

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

test('its file: one reader, a header before each frame, a queue as long as the device says', () => {
  const { kernel, host } = makeKernel();
  const far = kernel.createNs('far');
  const [h0, f0] = cable(host, 'h0', mac('02:00:00:00:00:f0'), far, 'f0', mac('02:00:00:00:00:f1'));
  const t = addLink(host, macvtapLink, 't0', { link: h0, data: { mode: 4 }, up: true });
  settle(kernel, 1100);
  const tap = tapOf(t);
  expect([tap.open(), tap.open(), tap.read()]).toEqual([0, -16, -11]);
  send(f0, t.addr, f0.addr, 0x88b5, 60, 9);
  settle(kernel);
  const got = tap.read() as Uint8Array;
  expect([got.length, got[24]]).toEqual([70, 9]);
  expect([tap.setHeaderSize(9), tap.setHeaderSize(12), tap.setFlags(0x1003), tap.setFlags(0x1002)]).toEqual([
    -22, 0, -22, 0,
  ]);
  t.txQueueLen = 1;
  for (const tag of [1, 2]) send(f0, t.addr, f0.addr, 0x88b5, 60, tag);
  settle(kernel);
  expect([(tap.read() as Uint8Array)[14], tap.read(), t.stats.rxDropped]).toEqual([1, -11, 1]);
  const frame = new Uint8Array(60);
  frame.set([2, 0, 0, 0, 0, 0xf1, 2, 0, 0, 0, 0, 0x33, 0x88, 0xb5]);
  expect([tap.write(frame), tap.write(frame.subarray(0, 13)), t.stats.txDropped]).toEqual([60, -22, 1]);
  settle(kernel);
  tap.close();
  expect([f0.core.kernel.skbs.live, tap.open()]).toEqual([0, 0]);
});
