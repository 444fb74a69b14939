// What fq_codel, tbf, prio and a qdisc over several txqs are particular in. Expected numbers follow from the kernel's own
// arithmetic; tbf's were seen on Linux 6.18 (a burst of 2000 bytes at 80 kbit/s lets two of five pings through).

import { expect, test } from 'vitest';
import { Drop } from '../net/drop.ts';
import { XMIT_CN, XMIT_SUCCESS, XOFF_DRV } from '../net/flags.ts';
import { Kernel } from '../net/kernel.ts';
import { NetDevice } from '../net/netdev.ts';
import { type Qdisc, ROOT } from '../net/qdisc.ts';
import type { Skb } from '../net/skb.ts';
import { wakeTxQueue } from '../net/tx.ts';
import { encode } from '../netlink/attrs.ts';
import { TCA_FQ_CODEL, TCA_TBF } from '../uapi/qdisc.ts';
import { attachSched } from './catalogue.ts';

const MS = 1_000_000;

function rig(txQueues = 1): { kernel: Kernel; dev: NetDevice } {
  const kernel = new Kernel(1);
  attachSched(kernel);
  const dev = new NetDevice(kernel.dev, kernel.createNs(''), 'd0', null, txQueues);
  return { kernel, dev };
}

function make(dev: NetDevice, kind: string, options: Uint8Array | null = null): Qdisc {
  return dev.core.kernel.qdiscKinds.get(kind)!.create(dev, dev.txq[0], options, { handle: 0x10000, parent: ROOT });
}

/** A UDP frame of a flow, with the given TOS byte. */
function frame(kernel: Kernel, flow: number, len = 1000, tos = 0): Skb {
  const skb = kernel.skbs.alloc(len) as Skb;
  skb.bytes.fill(0, skb.off, skb.off + len);
  skb.mac = skb.off;
  const b = skb.bytes;
  b[skb.off + 12] = 8;
  const ip = skb.off + 14;
  b[ip] = 0x45;
  b[ip + 1] = tos;
  b[ip + 9] = 17;
  b[ip + 20] = flow >> 8;
  b[ip + 21] = flow & 0xff;
  skb.trace = flow;
  return skb;
}

/** Dequeues all, and says whose frames came in which order. */
function drain(q: Qdisc): number[] {
  const out: number[] = [];
  for (let skb = q.dequeue!(q); skb !== null; skb = q.dequeue!(q)) {
    out.push(skb.trace);
    skb.slabs.free(skb, Drop.None);
  }
  return out;
}

test('fq_codel: a new flow goes before old ones, and each has its turn', () => {
  const { kernel, dev } = rig();
  const q = make(dev, 'fq_codel');
  for (let i = 0; i < 6; i++) q.enqueue!(frame(kernel, 1), q);
  for (let i = 0; i < 2; i++) q.enqueue!(frame(kernel, 2), q);
  // A quantum of 1514 bytes: two frames of 1000, then the next one.
  expect(drain(q)).toEqual([1, 1, 2, 2, 1, 1, 1, 1]);
  for (let i = 0; i < 4; i++) q.enqueue!(frame(kernel, 1), q);
  expect(q.dequeue!(q)!.trace).toBe(1);
  expect(kernel.skbs.live).toBe(4); // the one that was taken is still somebody's
});

test('fq_codel: beyond the limit the fattest flow loses half, and only its own sender is told', () => {
  const { kernel, dev } = rig();
  const q = make(dev, 'fq_codel', encode(TCA_FQ_CODEL, { limit: 10 }));
  const fat = Array.from({ length: 10 }, () => q.enqueue!(frame(kernel, 1), q));
  expect(fat.every((rc) => rc === XMIT_SUCCESS)).toBe(true);
  expect([q.enqueue!(frame(kernel, 2, 100), q), q.qlen, q.drops]).toEqual([XMIT_SUCCESS, 6, 5]);
  for (let i = 0; i < 4; i++) expect(q.enqueue!(frame(kernel, 1), q)).toBe(XMIT_SUCCESS);
  expect(q.enqueue!(frame(kernel, 1), q)).toBe(XMIT_CN);
  expect(q.backlog).toBe((q.qlen - 1) * 1000 + 100);
});

/** Keeps a queue 20 frames long, one frame out a millisecond, and says when frames were dropped or marked. */
function stand(kernel: Kernel, q: Qdisc, ms: number, tos: number): { at: number[]; marked: number } {
  const at: number[] = [];
  let marked = 0;
  for (let t = 0; t < ms; t++) {
    kernel.loop.now = t * MS;
    while (q.qlen < 20) q.enqueue!(frame(kernel, 7, 1000, tos), q);
    const before = q.drops;
    const skb = q.dequeue!(q) as Skb;
    if (q.drops > before) at.push(t);
    if ((skb.bytes[skb.off + 15] & 3) === 3) marked++;
    kernel.skbs.free(skb, Drop.None);
  }
  return { at, marked };
}

test('CoDel: the first drop after target and interval, the next ones after interval over the root of their number', () => {
  const { kernel, dev } = rig();
  const { at } = stand(kernel, make(dev, 'fq_codel'), 400, 0);
  expect(at[0]).toBeGreaterThan(100);
  expect(at[0]).toBeLessThan(110);
  const gaps = at.slice(1).map((t, i) => t - at[i]);
  // The kernel comes nearer to the root with every drop, by one step of Newton's method.
  let r = 1;
  for (let i = 0; i < gaps.length; i++) {
    expect(Math.abs(gaps[i] - 100 * r)).toBeLessThan(3);
    r = (r * (3 - (i + 2) * r * r)) / 2;
  }
  expect(kernel.skbs.ended[Drop.QdiscCongested]).toBe(at.length);
});

test('CoDel marks what understands it instead of dropping it', () => {
  const { kernel, dev } = rig();
  const q = make(dev, 'fq_codel');
  const { at, marked } = stand(kernel, q, 400, 2);
  expect(at).toEqual([]);
  expect(marked).toBeGreaterThan(4);
  const stats = new DataView(q.dumpStats!(q)!.buffer);
  expect(stats.getUint32(3 * 4, true)).toBe(marked);
});

const rates = {
  ...{ cellLog: 0, linklayer: 1, overhead: 0, cellAlign: 0, mpu: 0 },
  ...{ peakCellLog: 0, peakLinklayer: 1, peakOverhead: 0, peakCellAlign: 0, peakMpu: 0, peakRate: 0, mtu: 0 },
};

test('tbf: a burst at once, then a frame whenever its tokens are there', () => {
  const { kernel, dev } = rig();
  // 10 kB/s: a frame of 1000 bytes every 100 ms; 2000 bytes at once.
  const q = make(
    dev,
    'tbf',
    encode(TCA_TBF, { parms: { ...rates, rate: 10_000, limit: 8000, buffer: 0 }, burst: 2000 }),
  );
  const got: number[] = [];
  q.dev.txq[0].qdisc = q;
  dev.startXmit = (skb) => {
    got.push(kernel.loop.now / MS);
    skb.slabs.free(skb, Drop.None);
    return 0;
  };
  dev.up || (dev.flags |= 1);
  for (let i = 0; i < 6; i++) {
    const skb = frame(kernel, 1);
    skb.dev = dev;
    kernel.tx.devQueueXmit(skb, null);
  }
  kernel.loop.runUntil(1000 * MS);
  const softirq = kernel.timing.softirqNs / MS;
  expect(got.slice(0, 2)).toEqual([0, 0]);
  got.slice(2).forEach((t, i) => expect(Math.abs(t - (100 * (i + 1) + softirq))).toBeLessThan(1));
  expect([got.length, q.overlimits > 0, q.packets, q.bytes]).toEqual([6, true, 6, 6000]);
});

test('tbf: a frame that no bucket can hold is lost, and so is one that does not fit the inner queue', () => {
  const { kernel, dev } = rig();
  const q = make(
    dev,
    'tbf',
    encode(TCA_TBF, { parms: { ...rates, rate: 10_000, limit: 1500, buffer: 0 }, burst: 1200 }),
  );
  expect(q.enqueue!(frame(kernel, 1, 1300), q)).not.toBe(XMIT_SUCCESS);
  expect(q.enqueue!(frame(kernel, 1), q)).toBe(XMIT_SUCCESS);
  expect(q.enqueue!(frame(kernel, 1), q)).not.toBe(XMIT_SUCCESS);
  expect([q.drops, q.qlen, q.backlog, kernel.skbs.live]).toEqual([2, 1, 1000, 1]);
});

test('one qdisc over several txqs: a stopped one holds up all behind it, as in Linux', () => {
  const { kernel, dev } = rig(2);
  dev.flags |= 1;
  const q = make(dev, 'pfifo');
  q.oneTxq = false;
  q.canBypass = false;
  for (const txq of dev.txq) txq.qdisc = q;
  const sent: number[] = [];
  dev.startXmit = (skb) => {
    sent.push(skb.trace);
    skb.slabs.free(skb, Drop.None);
    return 0;
  };
  dev.selectQueue = (skb) => skb.trace & 1;
  const send = (flow: number): void => {
    const skb = frame(kernel, flow);
    skb.dev = dev;
    kernel.tx.devQueueXmit(skb, null);
  };
  dev.txq[1].state = XOFF_DRV;
  send(2);
  send(3);
  send(4);
  expect([sent, q.qlen]).toEqual([[2], 2]);
  wakeTxQueue(dev.txq[1]);
  kernel.loop.runUntil(MS);
  expect([sent, q.qlen, kernel.skbs.live]).toEqual([[2, 3, 4], 0, 0]);
});
