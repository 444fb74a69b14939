// The default qdiscs of devices, as `ip link` and `tc qdisc` show them on Linux 6.18, and what each kind is particular in.

import { expect, test } from 'vitest';
import { attachInet } from '../inet/inet.ts';
import { sysctlRead, sysctlWrite } from '../inet/sysctl.ts';
import { Drop } from '../net/drop.ts';
import { Kernel } from '../net/kernel.ts';
import type { LinkOps } from '../net/linkops.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { Qdisc } from '../net/qdisc.ts';
import type { Skb } from '../net/skb.ts';
import { attachSched, DEFAULT_QDISC } from './catalogue.ts';

const tap: LinkOps = { kind: 'tap', setup() {} };

function up(txQueues: number, prepare: (kernel: Kernel, dev: NetDevice) => void = () => {}): NetDevice {
  const kernel = new Kernel(1);
  attachSched(kernel);
  attachInet(kernel);
  const dev = kernel.dev.alloc(kernel.createNs(''), 'd0', tap, txQueues);
  kernel.dev.register(dev);
  prepare(kernel, dev);
  kernel.dev.changeFlags(dev, 1);
  return dev;
}

test('one txq: pfifo_fast is the root itself', () => {
  const dev = up(1);
  expect(dev.qdisc.kind).toBe('pfifo_fast');
  expect(dev.qdisc).toBe(dev.txq[0].qdisc);
  expect([dev.qdisc.handle, dev.qdisc.parent]).toEqual([0, 0xffffffff]);
});

test('several txqs: mq 0: with pfifo_fast 0: under :1, :2, ...', () => {
  const dev = up(4);
  expect([dev.qdisc.kind, dev.qdisc.handle, dev.qdisc.parent]).toEqual(['mq', 0, 0xffffffff]);
  expect(dev.txq.map((t) => [t.qdisc.kind, t.qdisc.handle, t.qdisc.parent])).toEqual([
    ['pfifo_fast', 0, 1],
    ['pfifo_fast', 0, 2],
    ['pfifo_fast', 0, 3],
    ['pfifo_fast', 0, 4],
  ]);
});

test('net.core.default_qdisc names the one at the leaves', () => {
  const dev = up(2, (kernel) => kernel.namespaces[0].sysctl.set(DEFAULT_QDISC, 'pfifo'));
  expect([dev.qdisc.kind, dev.txq[1].qdisc.kind]).toEqual(['mq', 'pfifo']);
});

test('sysctl -w net.core.default_qdisc: only kinds that there are, only in the first namespace', () => {
  const dev = up(1);
  const path = 'net/core/default_qdisc';
  expect(sysctlWrite(dev.ns, path, 'fancy')).toBe(-2);
  expect(sysctlRead(dev.ns, path)).toBe('pfifo_fast\n');
  expect(sysctlWrite(dev.ns, path, 'bfifo')).toBe(0);
  expect(sysctlRead(dev.ns.kernel.createNs('pod'), path)).toBe(-2);
  const later = dev.core.alloc(dev.ns, 'd1', tap, 1);
  dev.core.register(later);
  dev.core.changeFlags(later, 1);
  expect(later.qdisc.kind).toBe('bfifo');
});

test('a device without a tx queue has noqueue', () => {
  const dev = up(1, (_, d) => (d.txQueueLen = 0));
  expect(dev.qdisc.kind).toBe('noqueue');
});

test('down and up again: the same qdisc, emptied', () => {
  const dev = up(1);
  const q = dev.qdisc;
  q.enqueue!(dev.core.kernel.skbs.alloc(60) as Skb, q);
  dev.core.changeFlags(dev, 0);
  expect([dev.txq[0].qdisc.kind, q.qlen, dev.core.kernel.skbs.live]).toEqual(['noop', 0, 0]);
  dev.core.changeFlags(dev, 1);
  expect(dev.txq[0].qdisc).toBe(q);
});

function order(q: Qdisc, priorities: number[]): number[] {
  const slab = q.dev.core.kernel.skbs;
  for (const priority of priorities) {
    const skb = slab.alloc(60) as Skb;
    skb.priority = priority;
    q.enqueue!(skb, q);
  }
  const out = [];
  for (let skb = q.dequeue!(q); skb !== null; skb = q.dequeue!(q)) {
    out.push(skb.priority);
    slab.free(skb, Drop.None);
  }
  return out;
}

test('pfifo_fast: interactive before best effort before bulk', () => {
  expect(order(up(1).qdisc, [2, 0, 6, 1, 7, 4])).toEqual([6, 7, 0, 4, 2, 1]);
});

test('pfifo_fast: the band of each of sixteen priorities', () => {
  const all = Array.from({ length: 16 }, (_, priority) => priority);
  expect(order(up(1).qdisc, all)).toEqual([6, 7, 0, 4, 8, 9, 10, 11, 12, 13, 14, 15, 1, 2, 3, 5]);
});

test('pfifo_fast: each band holds txqueuelen frames', () => {
  const dev = up(1, (_, d) => (d.txQueueLen = 2));
  expect(order(dev.qdisc, [6, 6, 6, 0, 0, 0, 1])).toEqual([6, 6, 0, 0, 1]);
  expect(dev.qdisc.drops).toBe(2);
});

test('pfifo and bfifo limits: txqueuelen packets, or that many full frames in bytes', () => {
  const dev = up(1, (_, d) => (d.txQueueLen = 32));
  const limit = (kind: string): number => {
    const q = dev.core.kernel.qdiscKinds.get(kind)!.create(dev, dev.txq[0], null);
    const bytes = q.dump!(q) as Uint8Array;
    return new DataView(bytes.buffer).getUint32(0, true);
  };
  expect([limit('pfifo'), limit('bfifo')]).toEqual([32, 48448]);
});

test('options that are too short are refused', () => {
  const dev = up(1);
  expect(() => dev.core.kernel.qdiscKinds.get('pfifo')!.create(dev, dev.txq[0], new Uint8Array(2))).toThrow();
});

test('mq counts what its children count', () => {
  const dev = up(2);
  dev.txq[0].qdisc.packets = 3;
  dev.txq[1].qdisc.packets = 4;
  dev.qdisc.dump!(dev.qdisc);
  expect(dev.qdisc.packets).toBe(7);
});
