// The transmit path (net/core/dev.c, __dev_queue_xmit(); net/sched/sch_generic.c).

import { describe, expect, test } from 'vitest';
import { frame as makeFrame } from '../wire/frame.ts';
import { Drop } from './drop.ts';
import { TX_BUSY, XMIT_CN, XOFF_DRV, XOFF_STACK } from './flags.ts';
import type { NetDevice } from './netdev.ts';
import type { Skb } from './skb.ts';
import { addDev, fakeOf, frame, makeCore, ownerOf, plainQueue, send, setUp, upDev, useQueue } from './testing.ts';
import { stopTxQueue, wakeTxQueue } from './tx.ts';

const ENETDOWN = -100;

function queued(limit = 3, canBypass = true): ReturnType<typeof makeCore> & { d: NetDevice } {
  const core = makeCore();
  useQueue(core.kernel, plainQueue(limit, canBypass));
  const d = upDev(core.ns, 'a', {
    tune: (dev) => {
      dev.privFlags = 0;
      dev.lltx = false;
    },
  });
  return { ...core, d };
}

describe('without a queue', () => {
  test('the driver gets it at once, and its answer is the sender’s', () => {
    const { ns } = makeCore();
    const d = upDev(ns, 'a');
    expect([send(d, 5), fakeOf(d).sent]).toEqual([0, [5]]);
    for (const answer of [1, XMIT_CN, -22]) {
      fakeOf(d).answer = answer;
      expect(send(d)).toBe(answer);
    }
    expect([d.coreTxDropped, d.core.kernel.skbs.live]).toEqual([0, 0]);
  });

  test.each([XOFF_DRV, XOFF_STACK])('a stopped txq (%i): ENETDOWN, a line in the log, a drop', (bit) => {
    const { kernel, ns } = makeCore();
    const d = upDev(ns, 'a');
    d.txq[0].state = bit;
    expect([send(d), d.coreTxDropped, kernel.skbs.ended[Drop.QueueStopped]]).toEqual([ENETDOWN, 1, 1]);
    expect(kernel.logLines).toEqual(['Virtual device a asks to queue packet!']);
  });

  test('a driver that is busy: the same', () => {
    const { kernel, ns } = makeCore();
    const d = upDev(ns, 'a');
    fakeOf(d).answer = TX_BUSY;
    expect([send(d), d.coreTxDropped, kernel.skbs.live]).toEqual([ENETDOWN, 1, 0]);
  });

  test('ten lines in five seconds, then a count of the others', () => {
    const { kernel, ns } = makeCore();
    const d = upDev(ns, 'a');
    d.txq[0].state = XOFF_DRV;
    for (let i = 0; i < 13; i++) send(d);
    expect(kernel.logLines.length).toBe(10);
    kernel.loop.runUntil(5e9);
    send(d);
    expect(kernel.logLines.slice(10)).toEqual([
      'net_ratelimit: 3 callbacks suppressed',
      'Virtual device a asks to queue packet!',
    ]);
  });

  test('down or never up: noop takes it, the sender hears of congestion', () => {
    const { kernel, ns } = makeCore();
    const d = addDev(ns, 'a');
    expect([send(d), d.coreTxDropped]).toEqual([XMIT_CN, 1]);
    setUp(d, true);
    kernel.linkWatch.carrierOff(d);
    kernel.loop.runUntil(1e9);
    expect([send(d), d.coreTxDropped, fakeOf(d).sent]).toEqual([XMIT_CN, 2, []]);
    kernel.linkWatch.carrierOn(d);
    expect(send(d)).toBe(XMIT_CN); // the link watch has not been there
    kernel.loop.runUntil(3e9);
    expect(send(d)).toBe(0);
  });
});

describe('recursion', () => {
  const forwardTo = (to: NetDevice) => (skb: ReturnType<typeof frame>) => {
    skb.dev = to;
    return to.core.kernel.tx.devQueueXmit(skb, null);
  };

  test('a ring of devices ends after a few rounds with a cry', () => {
    const { kernel, ns } = makeCore();
    const [a, b] = [upDev(ns, 'a'), upDev(ns, 'b')];
    a.startXmit = forwardTo(b);
    b.startXmit = forwardTo(a);
    expect([send(a), kernel.logLines]).toEqual([ENETDOWN, ['Dead loop on virtual device b, fix it urgently!']]);
    expect([b.coreTxDropped, kernel.skbs.live]).toEqual([1, 0]);
  });

  test('nine devices over each other are no ring', () => {
    const { kernel, ns } = makeCore();
    const devs = Array.from({ length: 9 }, (_, i) => upDev(ns, `d${i}`));
    for (let i = 0; i < 8; i++) devs[i].startXmit = forwardTo(devs[i + 1]);
    expect([send(devs[0], 4), fakeOf(devs[8]).sent, kernel.logLines]).toEqual([0, [4], []]);
  });

  test('a device with a queue lock of its own is not entered twice', () => {
    const { kernel, ns } = makeCore();
    const d = upDev(ns, 'a', { tune: (dev) => (dev.lltx = false) });
    d.startXmit = forwardTo(d);
    expect([send(d), kernel.logLines]).toEqual([ENETDOWN, ['Dead loop on virtual device a, fix it urgently!']]);
  });

  test('devices with queues do not count', () => {
    const { kernel, ns } = makeCore();
    useQueue(kernel, plainQueue(9, true));
    const devs = Array.from({ length: 20 }, (_, i) => upDev(ns, `d${i}`, { tune: (d) => (d.privFlags = 0) }));
    for (let i = 0; i < 19; i++) devs[i].startXmit = forwardTo(devs[i + 1]);
    expect([send(devs[0], 4), fakeOf(devs[19]).sent]).toEqual([0, [4]]);
  });
});

describe('through a qdisc', () => {
  test('an empty one is bypassed and still counts', () => {
    const { d } = queued();
    expect([send(d, 1), fakeOf(d).sent]).toEqual([0, [1]]);
    const q = d.txq[0].qdisc;
    expect([q.packets, q.bytes, q.qlen]).toEqual([1, 60, 0]);
  });

  test('what the driver answers is not the sender’s business, what the qdisc answers is', () => {
    const { d } = queued(1);
    fakeOf(d).answer = -22;
    expect(send(d)).toBe(0);
    stopTxQueue(d.txq[0]);
    expect([send(d), send(d), send(d)]).toEqual([0, 0, 1]); // held, queued, full
  });

  test('a busy driver: the frame waits at the head, is asked for again, and order is kept', () => {
    const { kernel, d } = queued();
    fakeOf(d).answer = TX_BUSY;
    send(d, 1);
    send(d, 2);
    const q = d.txq[0].qdisc;
    expect([q.qlen, q.backlog, q.requeues]).toEqual([2, 120, 2]);
    fakeOf(d).answer = 0;
    kernel.loop.runUntil(1e6);
    expect([fakeOf(d).sent, q.qlen, q.backlog, q.packets]).toEqual([[1, 2], 0, 0, 2]);
  });

  test('a stopped txq, even when the qdisc is empty: held, and sent when the driver wakes it', () => {
    const { kernel, d } = queued();
    stopTxQueue(d.txq[0]);
    send(d, 1);
    send(d, 2);
    const q = d.txq[0].qdisc;
    expect([q.qlen, q.requeues, q.packets]).toEqual([2, 1, 1]);
    kernel.loop.runUntil(1e6);
    expect(fakeOf(d).sent).toEqual([]);
    wakeTxQueue(d.txq[0]);
    wakeTxQueue(d.txq[0]);
    kernel.loop.runUntil(2e6);
    expect([fakeOf(d).sent, q.qlen]).toEqual([[1, 2], 0]);
  });

  test('one run sends 64 frames, the rest a later one', () => {
    const { kernel, d } = queued(1000);
    stopTxQueue(d.txq[0]);
    for (let i = 0; i < 150; i++) send(d, i);
    wakeTxQueue(d.txq[0]);
    const seen: number[] = [];
    while (fakeOf(d).sent.length < 150) {
      kernel.loop.step();
      seen.push(fakeOf(d).sent.length);
    }
    expect(seen.filter((n) => n > 0)).toEqual([64, 128, 150]);
  });

  test('losing the carrier ends what waits; another qdisc under load as well', () => {
    const { kernel, d } = queued();
    stopTxQueue(d.txq[0]);
    for (const tag of [1, 2, 3]) send(d, tag);
    kernel.linkWatch.carrierOff(d);
    kernel.loop.runUntil(1e9);
    expect([kernel.skbs.live, kernel.skbs.ended[Drop.DeviceDown], d.txq[0].qdiscSleeping.qlen]).toEqual([0, 3, 0]);
    kernel.linkWatch.carrierOn(d);
    kernel.loop.runUntil(3e9);
    expect(d.txq[0].state).toBe(XOFF_DRV); // only the driver starts what it stopped
    wakeTxQueue(d.txq[0]);
    expect([send(d, 4), fakeOf(d).sent]).toEqual([0, [4]]);
  });

  test('the carrier goes while the driver has the frame', () => {
    const { kernel, d } = queued();
    d.startXmit = () => {
      d.carrier = false;
      kernel.dev.deactivate(d);
      return TX_BUSY;
    };
    expect([send(d), kernel.skbs.live, kernel.skbs.ended[Drop.DeviceDown]]).toEqual([0, 0, 1]);
  });
});

describe('a bulk: as many frames at once as byte limits have room for', () => {
  const limits = (avail: number): NonNullable<NetDevice['txq'][0]['bql']> => ({
    limit: 0,
    minLimit: 0,
    maxLimit: 0,
    holdNs: 0,
    inflight: 0,
    avail,
  });

  /** Ten frames wait; the driver stops the txq after three. */
  function stoppedAfterThree(avail: number): { d: NetDevice; sent: number[] } {
    const { d } = queued(20, false);
    d.txq[0].bql = limits(avail);
    stopTxQueue(d.txq[0]);
    for (let i = 0; i < 10; i++) send(d, i);
    const { startXmit } = d;
    let taken = 0;
    d.startXmit = (skb, dev) => {
      const rc = startXmit(skb, dev);
      if (++taken === 3) stopTxQueue(d.txq[0]);
      return rc;
    };
    wakeTxQueue(d.txq[0]);
    d.core.kernel.loop.runUntil(1e9);
    return { d, sent: fakeOf(d).sent };
  }

  test('what the driver has no room for any more waits at the head, in order, counted as requeued', () => {
    const room = 60 * 6 + 1; // a seventh begins below the limit
    const { d, sent } = stoppedAfterThree(room);
    const q = d.txq[0].qdisc;
    expect([sent, q.held.length, q.requeues, q.qlen]).toEqual([[0, 1, 2], 4, 4, 7]);
    wakeTxQueue(d.txq[0]);
    d.core.kernel.loop.runUntil(2e9);
    expect([sent, q.requeues, q.qlen, q.backlog]).toEqual([[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 4, 0, 0]);
  });

  test('without room, or without byte limits, each goes alone: nothing is requeued', () => {
    const { d, sent } = stoppedAfterThree(0);
    expect([sent, d.txq[0].qdisc.requeues, d.txq[0].qdisc.qlen]).toEqual([[0, 1, 2], 0, 7]);
  });

  test('a byte limit that is passed in the middle of a bulk does not end it, a driver that stops does', () => {
    const { d } = queued(20, false);
    d.txq[0].bql = limits(1000);
    stopTxQueue(d.txq[0]);
    for (let i = 0; i < 5; i++) send(d, i);
    const { startXmit } = d;
    d.startXmit = (skb, dev) => {
      d.txq[0].state |= XOFF_STACK;
      return startXmit(skb, dev);
    };
    wakeTxQueue(d.txq[0]);
    d.core.kernel.loop.runUntil(1e9);
    expect([fakeOf(d).sent, d.txq[0].qdisc.requeues]).toEqual([[0, 1, 2, 3, 4], 0]);
  });
});

test('a bulk of a qdisc over several txqs: the first and eight more', () => {
  const { d } = queued(30, false);
  const [txq] = d.txq;
  txq.qdisc.oneTxq = false;
  stopTxQueue(txq);
  for (let i = 0; i < 20; i++) send(d, i);
  const { startXmit } = d;
  d.startXmit = (skb, dev) => {
    stopTxQueue(txq);
    return startXmit(skb, dev);
  };
  const before = txq.qdisc.requeues;
  wakeTxQueue(txq);
  d.core.kernel.loop.runUntil(1e9);
  // The first waited at the head already and goes alone; what comes behind it finds the driver full.
  expect([fakeOf(d).sent, txq.qdisc.requeues - before, txq.qdisc.held.length]).toEqual([[0], 9, 9]);
});

describe('a large frame for a device that cannot cut it', () => {
  function large(d: NetDevice): Skb {
    const bytes = makeFrame({
      eth: { dst: '02:00:00:00:00:02', src: '02:00:00:00:00:01' },
      ip4: { src: '10.0.0.1', dst: '10.0.0.2' },
      tcp: { sport: 1, dport: 2, seq: 0, ack: 0, flags: 0x10 },
      payload: new Uint8Array(3000),
    });
    const skb = d.core.kernel.skbs.alloc(bytes.length) as Skb;
    skb.bytes.set(bytes, skb.off);
    skb.dev = d;
    skb.gsoSize = 1000;
    skb.gsoSegs = 3;
    skb.gsoType = 1;
    return skb;
  }

  // Linux: sch_direct_xmit() cuts before it looks at the queue.
  test('each piece that finds the txq stopped is requeued', () => {
    const { kernel, d } = queued();
    const q = d.txq[0].qdisc;
    stopTxQueue(d.txq[0]);
    expect(kernel.tx.devQueueXmit(large(d), null)).toBe(0);
    expect([q.requeues, q.qlen, q.held.length, fakeOf(d).sent.length]).toEqual([3, 3, 3, 0]);
    wakeTxQueue(d.txq[0]);
    kernel.loop.runUntil(1e6);
    expect([q.requeues, q.qlen, fakeOf(d).sent.length]).toEqual([3, 0, 3]);
  });

  test('without a queue, the rest that the driver has no room for is one drop', () => {
    const { kernel, ns } = makeCore();
    const d = upDev(ns, 'a');
    const { startXmit } = d;
    d.startXmit = (skb, dev) => {
      stopTxQueue(d.txq[0]);
      return startXmit(skb, dev);
    };
    expect([kernel.tx.devQueueXmit(large(d), null), d.coreTxDropped, fakeOf(d).sent.length]).toEqual([ENETDOWN, 1, 1]);
    expect([kernel.skbs.live, kernel.skbs.ended[Drop.QueueStopped]]).toEqual([0, 2]);
  });
});

test('no memory to cut a large frame: the sender is told so, and it is a drop', () => {
  const { kernel, ns } = makeCore();
  const d = upDev(ns, 'a');
  const skb = frame(d, 1);
  skb.gsoSize = 10;
  kernel.skbs.alloc = () => null;
  expect([kernel.tx.devQueueXmit(skb, null), d.coreTxDropped, fakeOf(d).sent]).toEqual([-12, 1, []]);
  expect([kernel.skbs.live, kernel.logLines]).toEqual([0, []]);
});

test('watchers see what goes out, but not what they sent themselves', () => {
  const { ns } = makeCore();
  const d = upDev(ns, 'a');
  const owner = ownerOf(() => undefined);
  const seen: string[] = [];
  const tap = (name: string, own: unknown, ignoreOutgoing: boolean) => ({
    owner: own,
    ignoreOutgoing,
    frame: (skb: ReturnType<typeof frame>, dev: NetDevice, out: boolean) =>
      seen.push(`${name} ${dev.name} ${out} ${skb.len}`),
  });
  ns.taps.push(tap('all', null, false), tap('deaf', null, true));
  d.taps.push(tap('own', owner, false));
  const skb = frame(d, 2);
  skb.owner = owner;
  d.core.kernel.tx.devQueueXmit(skb, null);
  send(d);
  expect(seen).toEqual(['all a true 60', 'all a true 60', 'own a true 60']);
});
