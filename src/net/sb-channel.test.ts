// Subordinate channels and traffic classes: what may be bound to what, what ends it, and whose XPS counts (net/core/dev.c).

import { expect, test } from 'vitest';
import { setRealNumTxQueues } from './dev-queues.ts';
import { Drop } from './drop.ts';
import type { NetDevice } from './netdev.ts';
import { bindSbChannelQueue, sbChannel, setNumTc, setSbChannel, setTcQueue, unbindSbChannel } from './sb-channel.ts';
import { maySetXps, pickTx, setXps, xpsOf } from './steering.ts';
import { addDev, fakeDev, frame, makeCore } from './testing.ts';

const EINVAL = -22;
const ENODEV = -19;

/** A port of 8 txqs, the first four of them its own, and two devices that may be its channels. */
function lab() {
  const { kernel, ns } = makeCore();
  const port = addDev(ns, 'port', { txQueues: 8 });
  const m = addDev(ns, 'm');
  const n = addDev(ns, 'n');
  setNumTc(port, 1);
  setTcQueue(port, 0, 4, 0);
  const pick = (sbDev: NetDevice | null, change: (skb: ReturnType<typeof frame>) => void = () => {}): number => {
    const skb = frame(port, 2);
    change(skb);
    const { index } = pickTx(skb, port, sbDev);
    kernel.skbs.free(skb, Drop.None);
    return index;
  };
  return { kernel, ns, port, m, n, pick };
}

test('a channel is a device with one txq; 0 makes it an ordinary one again', () => {
  const { ns, m } = lab();
  expect([setSbChannel(m, 32767), sbChannel(m), m.numTc]).toEqual([0, 32767, -32767]);
  expect([setSbChannel(m, 32768), sbChannel(m)]).toEqual([EINVAL, 32767]);
  expect([setSbChannel(m, 0), sbChannel(m), m.numTc]).toEqual([0, 0, 0]);
  expect(setSbChannel(fakeDev(ns, 'wide', { txQueues: 2 }), 1)).toBe(ENODEV);
  expect(setSbChannel(fakeDev(ns, 'wider', { txQueues: 2 }), 40000)).toBe(ENODEV); // asked first
});

test('binding: a channel, a class of the port, and queues that are in use', () => {
  const { port, m } = lab();
  expect(bindSbChannelQueue(port, m, 0, 2, 4)).toBe(EINVAL);
  setSbChannel(m, 1);
  expect(bindSbChannelQueue(port, m, 1, 2, 4)).toBe(EINVAL);
  expect(bindSbChannelQueue(port, m, 0, 2, 7)).toBe(EINVAL);
  port.realNumTxQueues = 6;
  expect(bindSbChannelQueue(port, m, 0, 3, 4)).toBe(EINVAL);
  expect(port.txq.every((txq) => txq.sbDev === null)).toBe(true);
  expect(bindSbChannelQueue(port, m, 0, 2, 4)).toBe(0);
  expect(m.tcToTxq).toEqual([{ count: 2, offset: 4 }]);
  expect(port.txq.map((txq) => txq.sbDev?.name ?? '-').join(' ')).toBe('- - - - m m - -');
});

test('unbinding takes ranges, XPS and queues back, of that channel alone; new classes of the port take all', () => {
  const { port, m, n } = lab();
  [m, n].forEach((vdev, i) => {
    setSbChannel(vdev, i + 1);
    bindSbChannelQueue(port, vdev, 0, 2, 4 + 2 * i);
    setXps(port, 4 + 2 * i, 1);
  });
  unbindSbChannel(port, m);
  expect([m.tcToTxq, m.xps, n.tcToTxq.length]).toEqual([[], null, 1]);
  expect(port.txq.map((txq) => txq.sbDev?.name ?? '-').join(' ')).toBe('- - - - - - n n');
  setXps(port, 1, 1);
  setNumTc(port, 2);
  expect([n.tcToTxq, n.xps, port.xps, port.txq[6].sbDev]).toEqual([[], null, null, null]);
  expect([setNumTc(port, 17), port.numTc, setTcQueue(port, 2, 1, 0)]).toEqual([EINVAL, 2, EINVAL]);
});

test('frames of a channel go by its range and its XPS, those of the port by the port’s', () => {
  const { port, m, pick } = lab();
  setSbChannel(m, 1);
  bindSbChannelQueue(port, m, 0, 2, 4);
  expect([pick(m, (s) => (s.rxQueue = 2)), pick(null, (s) => (s.rxQueue = 2))]).toEqual([5, 1]);
  setXps(port, 3, 1);
  expect([0, 1, 2].map(() => pick(null))).toEqual([3, 3, 3]);
  expect(pick(m)).toBeGreaterThan(3);
  setXps(port, 5, 1);
  expect([pick(m), pick(null)]).toEqual([5, 3]);
  port.realNumTxQueues = 1;
  expect(pick(m)).toBe(0);
});

test('a class without queues: a warning, and any queue', () => {
  const { kernel, port, m, pick } = lab();
  setNumTc(port, 2);
  setTcQueue(port, 0, 4, 0);
  port.prioTcMap = new Uint8Array(16).fill(1, 3, 4);
  setSbChannel(m, 1);
  bindSbChannelQueue(port, m, 0, 2, 4);
  expect(pick(m, (s) => (s.rxQueue = 8))).toBe(5);
  expect(kernel.logLines).toEqual([]);
  expect(pick(m, (s) => ((s.rxQueue = 8), (s.priority = 3)))).toBe(7);
  expect(kernel.logLines).toEqual(['m: invalid qcount, qoffset 0 for tc 1']);
});

test('XPS: not on a channel itself, nor on a queue that no class has; gone with the queue', () => {
  const { port, m } = lab();
  setSbChannel(m, 1);
  expect([maySetXps(m, 0), setXps(m, 0, 1)]).toEqual([EINVAL, EINVAL]);
  expect([setXps(port, 4, 1), setXps(port, 3, 1), setXps(port, 2, 1)]).toEqual([EINVAL, 0, 0]);
  bindSbChannelQueue(port, m, 0, 2, 4);
  expect([setXps(port, 4, 1), xpsOf(port, 4), m.xps?.[4], port.xps?.[4]]).toEqual([0, 1, 1, 0]);
  setRealNumTxQueues(port, 3);
  setRealNumTxQueues(port, 8);
  expect([xpsOf(port, 2), xpsOf(port, 3)]).toEqual([1, 0]);
});
