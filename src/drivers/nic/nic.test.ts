// Two ports on a cable: carrier, what passes the filter, counters, rings under load, and where every frame ends.

import { describe, expect, test } from 'vitest';
import { Stream } from '../../base/random.ts';
import { gbit, mbit, ms, us } from '../../base/units.ts';
import { Drop } from '../../net/drop.ts';
import { IFF_ALLMULTI, IFF_PROMISC, IFF_UP } from '../../net/flags.ts';
import { Kernel } from '../../net/kernel.ts';
import type { NetDevice } from '../../net/netdev.ts';
import type { Skb } from '../../net/skb.ts';
import { ownerOf } from '../../net/testing.ts';
import { attachSched } from '../../sched/catalogue.ts';
import { Cable, type CableOptions } from '../../sim/cable.ts';
import { createNic, type NicOptions, portOf } from './nic.ts';
import { findProfile, profiles } from './profiles.ts';

const GROUP = 0x01005e000001;

function nic(kernel: Kernel, name: string, options: Partial<NicOptions> = {}): NetDevice {
  return createNic(kernel.namespaces[0], {
    name,
    profile: findProfile('generic')!,
    mac: null,
    queues: null,
    ring: null,
    speedBps: null,
    mtu: null,
    busInfo: null,
    unicastFilters: null,
    timing: null,
    ...options,
  });
}

interface Pair {
  kernel: Kernel;
  a: NetDevice;
  b: NetDevice;
  /** What b's stack saw: time and bytes 14 and 15 of the frame as a number. */
  seen: Array<[timeNs: number, tag: number]>;
}

function pair(options: Partial<NicOptions> = {}, line: Partial<CableOptions> = {}, far = options): Pair {
  const kernel = new Kernel(1);
  attachSched(kernel);
  kernel.createNs('');
  const a = nic(kernel, 'a', options);
  const b = nic(kernel, 'b', far);
  const cable = new Cable<Skb>(kernel.loop, new Stream(1, 'cable:a/b'), {
    rateBps: gbit(10),
    delayNs: us(1),
    lossNum: 0,
    lossDen: 1,
    ...line,
  });
  portOf(a).plug(cable.a);
  portOf(b).plug(cable.b);
  const seen: Pair['seen'] = [];
  b.taps.push({
    owner: null,
    ignoreOutgoing: true,
    frame: (skb) => seen.push([kernel.loop.now, (skb.bytes[skb.off] << 8) | skb.bytes[skb.off + 1]]),
  });
  return { kernel, a, b, seen };
}

const up = (...devs: NetDevice[]): void => {
  for (const dev of devs) dev.core.changeFlags(dev, dev.flags | IFF_UP);
  settle(devs[0].core.kernel, 1);
};
const down = (dev: NetDevice): number => dev.core.changeFlags(dev, dev.flags & ~IFF_UP);
const settle = (kernel: Kernel, time = 50): void => kernel.loop.runUntil(kernel.loop.now + ms(time));

function send(dev: NetDevice, dst: number, tag = 0, len = 60, owner: Skb['owner'] = null): number {
  const kernel = dev.core.kernel;
  const skb = kernel.skbs.alloc(len) as Skb;
  const v = kernel.skbs.frames.view;
  skb.bytes.fill(0, skb.off, skb.off + len);
  v.setUint16(skb.off, Math.floor(dst / 0x100000000));
  v.setUint32(skb.off + 2, dst % 0x100000000);
  v.setUint16(skb.off + 6, Math.floor(dev.addr / 0x100000000));
  v.setUint32(skb.off + 8, dev.addr % 0x100000000);
  v.setUint16(skb.off + 12, 0x88b5);
  v.setUint16(skb.off + 14, tag);
  skb.dev = dev;
  skb.protocol = 0x88b5;
  skb.owner = owner;
  skb.trace = kernel.newTrace();
  return kernel.tx.devQueueXmit(skb, null);
}

describe('carrier', () => {
  test('comes with both ends up and goes with either', () => {
    const { kernel, a, b } = pair();
    expect([a.carrier, a.operState]).toEqual([false, 2]);
    up(a);
    settle(kernel);
    expect([a.carrier, a.core.userOperState(a)]).toEqual([false, 2]);
    up(b);
    settle(kernel);
    expect([a.carrier, b.carrier, a.operState, b.operState]).toEqual([true, true, 6, 6]);
    down(b);
    settle(kernel, 1100);
    expect([a.carrier, a.core.userOperState(a), a.txq[0].qdisc.kind]).toEqual([false, 2, 'noop']);
  });

  test('a port without a cable has none', () => {
    const kernel = new Kernel(1);
    kernel.createNs('');
    const dev = nic(kernel, 'a');
    up(dev);
    expect(dev.carrier).toBe(false);
  });
});

describe('the filter', () => {
  const heard = (prepare: (b: NetDevice) => void, dst: (b: NetDevice) => number): [number, number] => {
    const { kernel, a, b, seen } = pair();
    up(a, b);
    prepare(b);
    send(a, dst(b));
    settle(kernel);
    expect(kernel.skbs.live).toBe(0);
    return [seen.length, portOf(b).filtered];
  };
  const nothing = (): void => {};

  test('its own address, and broadcast', () => {
    expect(heard(nothing, (b) => b.addr)).toEqual([1, 0]);
    expect(heard(nothing, () => 0xffffffffffff)).toEqual([1, 0]);
  });

  test('a stranger is filtered and not dropped', () => {
    const { kernel, a, b } = pair();
    up(a, b);
    send(a, 0x020000001234);
    settle(kernel);
    expect(portOf(b).filtered).toBe(1);
    expect([b.stats.rxPackets, b.stats.rxDropped, b.coreRxDropped, kernel.skbs.ended[Drop.None]]).toEqual([0, 0, 0, 1]);
  });

  test('unless it is on the list, or the port is promiscuous, or its table overflows', () => {
    const add = (b: NetDevice): void => {
      b.uc.add(0x020000001234);
      b.core.setRxMode(b);
    };
    expect(heard(add, () => 0x020000001234)).toEqual([1, 0]);
    expect(
      heard(
        (b) => b.core.changeFlags(b, b.flags | IFF_PROMISC),
        () => 0x020000001234,
      ),
    ).toEqual([1, 0]);
    const overflow = (b: NetDevice): void => {
      for (let i = 0; i < 200; i++) b.uc.add(0x020000002000 + i);
      b.core.setRxMode(b);
    };
    expect(heard(overflow, () => 0x020000001234)).toEqual([1, 0]);
  });

  test('a group: joined, or allmulti', () => {
    expect(heard(nothing, () => GROUP)).toEqual([0, 1]);
    const join = (b: NetDevice): void => {
      b.mc.add(GROUP);
      b.core.setRxMode(b);
    };
    expect(heard(join, () => GROUP)).toEqual([1, 0]);
    expect(
      heard(
        (b) => b.core.changeFlags(b, b.flags | IFF_ALLMULTI),
        () => GROUP,
      ),
    ).toEqual([1, 0]);
  });

  test('a new MAC counts at once, though the port is up', () => {
    const { kernel, a, b, seen } = pair();
    up(a, b);
    const old = b.addr;
    expect(b.core.setMacAddress(b, 0x02000000beef)).toBe(0);
    expect(b.core.setMacAddress(b, 0x01000000beef)).toBe(-99);
    send(a, old);
    send(a, 0x02000000beef);
    settle(kernel);
    expect(seen.length).toBe(1);
    expect(b.permAddr).toBe(old);
  });
});

test('a frame takes doorbell, line, delay and interrupt', () => {
  const { kernel, a, b, seen } = pair();
  up(a, b);
  const t0 = kernel.loop.now;
  send(a, b.addr, 7);
  settle(kernel);
  const t = kernel.timing;
  const least = t.nicTxNs + Math.ceil(84 * 0.8) + us(1) + t.nicIrqNs;
  expect(seen[0][1]).toBe(7);
  expect(seen[0][0] - t0).toBeGreaterThanOrEqual(least);
  expect(seen[0][0] - t0).toBeLessThan(least + t.nicIrqSpreadNs);
});

test('counters: bytes without FCS, multicast apart, per queue, as the driver names them', () => {
  const { kernel, a, b } = pair({ profile: findProfile('ixgbe')! });
  up(a, b);
  send(a, b.addr, 0, 100);
  send(a, 0xffffffffffff, 0, 60);
  b.mc.add(GROUP);
  b.core.setRxMode(b);
  send(a, GROUP, 0, 200);
  settle(kernel);
  expect([a.stats.txPackets, a.stats.txBytes]).toEqual([3, 360]);
  expect([b.stats.rxPackets, b.stats.rxBytes, b.stats.multicast]).toEqual([3, 360, 1]);
  const stats = new Map(b.ethtoolStats!(b));
  expect([stats.get('rx_packets'), stats.get('rx_bytes_nic'), stats.get('broadcast'), stats.get('multicast')]).toEqual([
    3, 372, 1, 1,
  ]);
  let perQueue = 0;
  for (let q = 0; q < 16; q++) perQueue += stats.get(`rx_queue_${q}_packets`) as number;
  expect(perQueue).toBe(3);
  expect(b.driverInfo!.driver).toBe('ixgbe');
});

test('every profile names each of its counters once', () => {
  for (const profile of profiles) {
    const kernel = new Kernel(1);
    kernel.createNs('');
    const dev = nic(kernel, 'a', { profile });
    const names = dev.ethtoolStats!(dev).map(([name]) => name);
    expect(new Set(names).size, profile.name).toBe(names.length);
    expect((dev.features & (1n << 48n)) !== 0n, `${profile.name} starts with l2-fwd-offload off`).toBe(false);
  }
});

test('a flow keeps its order through qdisc, ring and line; the sender is told when each frame has left', () => {
  const { kernel, a, b, seen } = pair(
    { ring: 64, queues: 1 },
    { rateBps: mbit(100), delayNs: 0, lossNum: 0, lossDen: 1 },
  );
  up(a, b);
  let done = 0;
  const owner = ownerOf(() => done++);
  for (let i = 0; i < 500; i++) expect(send(a, b.addr, i, 1000, owner)).toBe(0);
  expect(done).toBe(0);
  settle(kernel, 1000);
  expect(seen.map(([, tag]) => tag)).toEqual(Array.from({ length: 500 }, (_, i) => i));
  expect(done).toBe(500);
  expect(kernel.skbs.live).toBe(0);
});

test('a full ring stops the txq and a completion wakes it; BQL holds back before that', () => {
  const { kernel, a, b, seen } = pair(
    { ring: 64, queues: 1 },
    { rateBps: mbit(100), delayNs: 0, lossNum: 0, lossDen: 1 },
  );
  up(a, b);
  const ring = portOf(a).tx[0];
  send(a, b.addr, 0, 1000);
  expect(a.txq[0].state & 2, 'the first frame exceeds a limit of 0').toBe(2);
  settle(kernel);
  ring.bql!.minLimit = 1 << 20;
  ring.bql!.reset(kernel.loop.now);
  ring.bql!.adjLimit = 1 << 20;
  for (let i = 1; i < 300; i++) send(a, b.addr, i, 1000);
  expect(a.txq[0].state & 1).toBe(1);
  expect(ring.free).toBeLessThan(21);
  settle(kernel, 1000);
  expect(ring.restarts).toBeGreaterThan(0);
  expect(ring.used).toBe(0);
  expect(seen.length).toBe(300);
});

test('BQL keeps few bytes in flight on a slow line, and the line busy', () => {
  const { kernel, a, b } = pair({ queues: 1 }, { rateBps: mbit(100), delayNs: 0 });
  up(a, b);
  const t0 = kernel.loop.now;
  for (let i = 0; i < 900; i++) send(a, b.addr, i, 1476);
  settle(kernel, 60);
  const ring = portOf(a).tx[0];
  expect(ring.bql!.limit).toBeGreaterThan(1476);
  expect(ring.bql!.limit).toBeLessThan(20_000);
  settle(kernel, 400);
  // 900 frames of 1500 bytes on the line take 108 ms; the limit that is learned costs little.
  expect(b.stats.rxPackets).toBe(900);
  expect(portOf(b).end!.far.busyUntilNs - t0).toBeLessThan(ms(112));
});

test('the tx rings share the line in turn', () => {
  const { kernel, a, b, seen } = pair({ queues: 2 }, { rateBps: mbit(10), delayNs: 0 });
  up(a, b);
  for (const ring of portOf(a).tx) ring.bql!.adjLimit = 1 << 20;
  const queue = (dev: NetDevice, n: number): void => {
    dev.selectQueue = () => n;
  };
  queue(a, 0);
  for (let i = 0; i < 10; i++) send(a, b.addr, i, 1000);
  queue(a, 1);
  for (let i = 100; i < 105; i++) send(a, b.addr, i, 1000);
  settle(kernel, 100);
  expect(seen.map(([, tag]) => tag)).toEqual([0, 1, 100, 2, 101, 3, 102, 4, 103, 5, 104, 6, 7, 8, 9]);
});

test('a burst beyond the rx ring is missed and counted', () => {
  const { kernel, a, b, seen } = pair({ queues: 1 }, { rateBps: 0 }, { ring: 64, queues: 1 });
  up(a, b);
  portOf(a).tx[0].bql!.adjLimit = 1 << 24;
  for (let i = 0; i < 100; i++) send(a, b.addr, i);
  settle(kernel);
  expect(b.stats.rxMissedErrors).toBe(36);
  expect(seen.length + b.stats.rxMissedErrors).toBe(a.stats.txPackets);
  expect(kernel.skbs.ended[Drop.RingFull]).toBe(b.stats.rxMissedErrors);
});

test('a line at full rate misses nothing: the ring is polled when it is half full', () => {
  const { kernel, a, b, seen } = pair({ queues: 1 });
  up(a, b);
  const bql = portOf(a).tx[0].bql!;
  bql.minLimit = bql.adjLimit = 1 << 24; // it would take its time to learn
  let sent = 0;
  // 60-byte frames at 10 Gbit/s: one every 67.2 ns.
  const feed = (): void => {
    for (let i = 0; i < 15; i++) send(a, b.addr, sent++);
    if (sent < 3000) kernel.loop.after(1008, feed, null, 0);
  };
  feed();
  settle(kernel);
  expect([seen.length, b.stats.rxMissedErrors]).toEqual([3000, 0]);
  expect(seen.map(([, tag]) => tag)).toEqual(Array.from({ length: 3000 }, (_, i) => i));
});

test('a frame longer than the far port takes is an error there', () => {
  const { kernel, a, b } = pair();
  a.core.setMtu(a, 9000);
  up(a, b);
  send(a, b.addr, 0, 9014);
  settle(kernel);
  expect([b.stats.rxErrors, b.stats.rxLengthErrors, b.stats.rxPackets]).toEqual([1, 1, 0]);
});

test('losses of the cable end as such', () => {
  const { kernel, a, b, seen } = pair({}, { rateBps: gbit(1), delayNs: 0, lossNum: 1, lossDen: 4 });
  up(a, b);
  for (let i = 0; i < 100; i++) send(a, b.addr, i);
  settle(kernel);
  expect(kernel.skbs.ended[Drop.CableLoss]).toBe(100 - seen.length);
  expect(seen.length).toBeLessThan(90);
  expect(kernel.skbs.live).toBe(0);
});

test('down with frames everywhere: all end, and it comes up again', () => {
  const { kernel, a, b, seen } = pair({ queues: 1 }, { rateBps: mbit(10), delayNs: us(100) });
  up(a, b);
  let done = 0;
  for (let i = 0; i < 50; i++)
    send(
      a,
      b.addr,
      i,
      1000,
      ownerOf(() => done++),
    );
  kernel.loop.runUntil(kernel.loop.now + ms(2));
  down(a);
  expect(done).toBe(50);
  settle(kernel);
  expect(kernel.skbs.live).toBe(0);
  up(a);
  const before = seen.length;
  send(a, b.addr, 99);
  settle(kernel);
  expect(seen.length).toBe(before + 1);
});

test('the same seed gives the same MACs and times', () => {
  const run = (): unknown => {
    const { kernel, a, b, seen } = pair();
    up(a, b);
    for (let i = 0; i < 20; i++) {
      send(a, b.addr, i);
      settle(kernel, 1);
    }
    return [a.addr, b.addr, seen];
  };
  expect(run()).toEqual(run());
});

test('a port goes home when its namespace dies', () => {
  const { kernel, a } = pair();
  const pod = kernel.createNs('pod');
  a.core.moveToNs(a, pod);
  kernel.destroyNs(pod, kernel.namespaces[0]);
  expect(kernel.namespaces[0].dev('a')).toBe(a);
});

test('ethtool: link, queues and rings, and their changes under traffic', () => {
  const { kernel, a, b, seen } = pair({ profile: findProfile('i40e')!, queues: 8 });
  const ops = a.ethtool!;
  expect(ops.linkSettings!(a)?.speed).toBe(0);
  up(a, b);
  expect([ops.linkSettings!(a)?.speed, ops.linkSettings!(a)?.supported[2]]).toEqual([10000, '40000baseCR4/Full']);
  expect(ops.channels!(a).combinedMax).toBe(8);
  expect(ops.setChannels!(a, { ...ops.channels!(a), combinedCount: 2 })).toBe(0);
  expect(ops.setChannels!(a, { ...ops.channels!(a), rxCount: 2 })).toBe(-22);
  for (let i = 0; i < 50; i++) send(a, b.addr, i);
  expect(a.txq.slice(2).every((t) => t.qdiscSleeping.packets === 0)).toBe(true);
  expect(ops.setRings!(a, { ...ops.rings!(a), tx: 100, rx: 5000 })).toBe(0);
  expect(ops.rings!(a)).toEqual({ txMax: 4096, tx: 128, rxMax: 4096, rx: 4096 });
  settle(kernel);
  expect(seen.length).toBe(50); // one was on the line, the rest in the qdisc
  for (let i = 0; i < 50; i++) send(a, b.addr, i);
  settle(kernel);
  expect(seen.length).toBe(100);
  expect(kernel.skbs.live).toBe(0);
});
