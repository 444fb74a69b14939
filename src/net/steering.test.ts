// Which txq a frame takes (net/core/dev.c, netdev_core_pick_tx(), skb_tx_hash()).

import { expect, test } from 'vitest';
import { Drop } from './drop.ts';
import type { NetDevice } from './netdev.ts';
import { flowHash, pickTx, txHash } from './steering.ts';
import { fakeDev, frame, makeCore } from './testing.ts';

/** A UDP packet of a flow, as deep as the hash looks. */
function packet(dev: NetDevice, sport: number, fragment = 0) {
  const skb = frame(dev, 2, 0, 0x0800);
  const view = skb.slabs.frames.view;
  view.setUint8(skb.off + 14, 0x45);
  view.setUint16(skb.off + 20, fragment);
  view.setUint8(skb.off + 23, 17);
  view.setUint32(skb.off + 26, 0x0a000001);
  view.setUint32(skb.off + 30, 0x0a000002);
  view.setUint16(skb.off + 34, sport);
  return skb;
}

interface Ip6 {
  host?: number;
  sport?: number;
  label?: number;
  /** Extension headers of eight bytes between the header and UDP, by their numbers. */
  before?: readonly number[];
  tag?: boolean;
}

function packet6(dev: NetDevice, { host = 1, sport = 1, label = 0, before = [], tag = false }: Ip6) {
  const skb = frame(dev, 2, 0, tag ? 0x8100 : 0x86dd);
  skb.len = 120;
  const view = skb.slabs.frames.view;
  if (tag) view.setUint16(skb.off + 16, 0x86dd);
  const ip = skb.off + (tag ? 18 : 14);
  view.setUint32(ip, 0x60000000 | label);
  const chain = [...before, 17];
  view.setUint8(ip + 6, chain[0]);
  view.setUint32(ip + 8, 0xfd000000);
  view.setUint32(ip + 24, 0xfd000000);
  view.setUint8(ip + 39, host);
  before.forEach((_, i) => {
    view.setUint32(ip + 40 + 8 * i, chain[i + 1] << 24);
    view.setUint32(ip + 44 + 8 * i, 0);
  });
  view.setUint16(ip + 40 + 8 * before.length, sport);
  view.setUint16(ip + 42 + 8 * before.length, 9);
  return skb;
}

function lab(txQueues = 8) {
  const { kernel, ns } = makeCore();
  const dev = fakeDev(ns, 'a', { txQueues });
  const with_ = <T>(skb: ReturnType<typeof packet>, use: (s: typeof skb) => T): T => {
    const result = use(skb);
    kernel.skbs.free(skb, Drop.None);
    return result;
  };
  return { kernel, ns, dev, with_ };
}

test('a flow keeps its queue, flows are spread over all of them', () => {
  const { dev, with_ } = lab();
  const hits = new Array<number>(8).fill(0);
  for (let port = 1000; port < 1800; port++) {
    const pick = (): number => with_(packet(dev, port), (s) => pickTx(s, dev, null).index);
    const q = pick();
    expect(pick()).toBe(q);
    hits[q]++;
  }
  expect(Math.min(...hits)).toBeGreaterThan(60);
});

test('fragments of a datagram stay together', () => {
  const { dev, with_ } = lab();
  const hash = (port: number, fragment: number): number => with_(packet(dev, port, fragment), flowHash);
  expect(hash(1, 0x2000)).toBe(hash(2, 0x00b9));
  expect(hash(1, 0)).not.toBe(hash(2, 0));
  expect(hash(1, 0x4000)).not.toBe(hash(2, 0x4000)); // "don't fragment" is none
});

test('a recorded rx queue is kept, folded into what there is', () => {
  const { dev, with_ } = lab(4);
  const q = (rxQueue: number): number => with_(packet(dev, 1), (s) => ((s.rxQueue = rxQueue), txHash(s, dev, dev)));
  expect([1, 2, 4, 5, 10].map(q)).toEqual([0, 1, 3, 0, 1]);
});

test('queues that are lent to a device on top: counted from the first of them', () => {
  const { ns, dev, with_ } = lab();
  dev.numTc = 1;
  dev.tcToTxq.push({ count: 2, offset: 0 });
  const upper = fakeDev(ns, 'm');
  upper.tcToTxq.push({ count: 2, offset: 4 });
  const q = (from: NetDevice, rxQueue: number): number =>
    with_(packet(dev, 1), (s) => ((s.rxQueue = rxQueue), txHash(s, dev, from)));
  expect([1, 2, 3].map((r) => q(dev, r))).toEqual([0, 1, 0]);
  expect([1, 2, 5, 6].map((r) => q(upper, r))).toEqual([4, 5, 4, 5]);
  const picked = with_(packet(dev, 7), (s) => pickTx(s, dev, upper).index);
  expect([4, 5]).toContain(picked);
});

test('the driver’s choice counts, unless there is no such queue; fewer in use, fewer taken', () => {
  const { dev, with_ } = lab();
  let choice = 3;
  dev.selectQueue = () => choice;
  const pick = (): number => with_(packet(dev, 1), (s) => pickTx(s, dev, null).index);
  expect(pick()).toBe(3);
  choice = 8;
  expect(pick()).toBe(0);
  choice = 3;
  dev.realNumTxQueues = 2;
  expect(pick()).toBe(0);
  dev.realNumTxQueues = 1;
  expect(pick()).toBe(0);
});

test('IPv6: addresses and ports, behind options and tags; the flow label in place of ports; a fragment has none', () => {
  const { dev, with_ } = lab();
  const hash = (of: Ip6): number => with_(packet6(dev, of), flowHash);
  expect(hash({})).toBe(hash({}));
  expect(hash({ host: 2 })).not.toBe(hash({}));
  expect(hash({ sport: 2 })).not.toBe(hash({}));
  expect(hash({ before: [0], sport: 2 })).not.toBe(hash({ before: [0] }));
  expect([hash({ before: [0, 60] }), hash({ tag: true })]).toEqual([hash({}), hash({})]);
  expect(hash({ label: 5, sport: 2 })).toBe(hash({ label: 5 }));
  expect(hash({ label: 5 })).not.toBe(hash({ label: 6 }));
  expect(hash({ before: [44], sport: 2 })).toBe(hash({ before: [44] }));
  const queues = new Set(
    Array.from({ length: 64 }, (_, i) => with_(packet6(dev, { sport: i }), (s) => pickTx(s, dev, null).index)),
  );
  expect(queues.size).toBe(8);
});
