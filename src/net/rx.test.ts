// The receive path (net/core/dev.c, __netif_receive_skb_core(); net/ethernet/eth.c).

import { describe, expect, test } from 'vitest';
import { Drop } from './drop.ts';
import { RX_ANOTHER, RX_CONSUMED, RX_EXACT, RX_PASS } from './flags.ts';
import type { NetDevice, Tap } from './netdev.ts';
import { forwardSkb, scrub } from './rx.ts';
import type { Skb } from './skb.ts';
import { addDev, frame, makeCore, ownerOf, receive, setUp, upDev } from './testing.ts';

const TYPE = 0x88b5;
const KINDS = ['HOST', 'BROADCAST', 'MULTICAST', 'OTHERHOST', 'OUTGOING', 'LOOPBACK'];

function lab() {
  const { kernel, ns } = makeCore();
  const seen: string[] = [];
  const look = (name: string): Tap & { protocol: number } => ({
    protocol: TYPE,
    owner: null,
    ignoreOutgoing: false,
    frame: (skb, dev) => seen.push(`${name} ${dev.name} ${KINDS[skb.pktType]}`),
  });
  const stack = (type = TYPE): void => {
    kernel.protocols.set(type, (skb, dev, orig) => {
      seen.push(`stack ${dev.name} from ${orig.name} ${KINDS[skb.pktType]}`);
      skb.slabs.free(skb, Drop.None);
    });
  };
  const take = (): string[] => seen.splice(0);
  return { kernel, ns, look, stack, take, seen };
}

test('whom a frame is for', () => {
  const { ns, stack, take } = lab();
  const d = upDev(ns, 'a');
  stack();
  for (const dst of [d.addr, 0x020000000077, 0xffffffffffff, 0x333300000001]) receive(d, dst);
  expect(take()).toEqual(['HOST', 'OTHERHOST', 'BROADCAST', 'MULTICAST'].map((kind) => `stack a from a ${kind}`));
});

test('a length instead of a type: LLC, or raw 802.3 by its first bytes, and never by bytes behind its end', () => {
  const { kernel, ns } = lab();
  const d = upDev(ns, 'a');
  const types: number[] = [];
  for (const [tag, length] of [
    [0x42, 60],
    [0xff, 60],
    [0xff, 15],
  ]) {
    const skb = frame(d, d.addr, tag, 40, length);
    skb.bytes[skb.off + 15] = 0xff;
    kernel.rx.ethTypeTrans(skb, d);
    types.push(skb.protocol);
    skb.slabs.free(skb, Drop.None);
  }
  expect(types).toEqual([4, 1, 4]);
});

test('watchers first, of all devices before those of this one; then the handler; then the protocol', () => {
  const { kernel, ns, look, stack, take, seen } = lab();
  const d = upDev(ns, 'a');
  d.taps.push(look('tap'));
  ns.taps.push(look('all'));
  ns.protoTaps.push(look('proto'));
  stack();
  kernel.dev.rxHandlerRegister(d, () => (seen.push('handler'), RX_PASS), null);
  receive(d);
  expect(take()).toEqual(['all a HOST', 'tap a HOST', 'handler', 'proto a HOST', 'stack a from a HOST']);
});

describe('what an rx handler decides', () => {
  test('consumed: nothing more; nobody frees twice', () => {
    const { kernel, ns, stack, take } = lab();
    const d = upDev(ns, 'a');
    stack();
    kernel.dev.rxHandlerRegister(d, (skb) => (skb.slabs.free(skb, Drop.None), RX_CONSUMED), null);
    receive(d);
    expect([take(), kernel.skbs.live]).toEqual([[], 0]);
  });

  test('another round on another device, whose watchers see it; receivers of the first device do when in the same namespace', () => {
    const { kernel, ns, look, stack, take } = lab();
    const [low, top] = [upDev(ns, 'low'), upDev(ns, 'top')];
    for (const d of [low, top]) {
      d.taps.push(look(`tap:${d.name}`));
      d.protoTaps.push(look(`proto:${d.name}`));
    }
    stack();
    let iif = 0;
    kernel.trace.deliver = (skb) => (iif = skb.iif);
    kernel.dev.rxHandlerRegister(low, (skb) => ((skb.dev = top), RX_ANOTHER), null);
    receive(low, 0x020000000077);
    expect(take()).toEqual([
      'tap:low low OTHERHOST',
      'tap:top top OTHERHOST',
      'proto:low top OTHERHOST',
      'proto:top top OTHERHOST',
      'stack top from low OTHERHOST',
    ]);
    expect(iif).toBe(top.ifindex);
    kernel.dev.moveToNs(top, kernel.createNs('n1'));
    receive(low);
    expect(take()).toEqual(['tap:low low HOST', 'tap:top top HOST', 'proto:top top HOST', 'stack top from low HOST']);
  });

  test('another skb in place of the one it was given', () => {
    const { kernel, ns, stack } = lab();
    const d = upDev(ns, 'a');
    stack();
    kernel.dev.rxHandlerRegister(
      d,
      (skb) => {
        kernel.rx.replaced = kernel.skbs.clone(skb);
        skb.slabs.free(skb, Drop.None);
        return RX_PASS;
      },
      null,
    );
    receive(d);
    expect([kernel.skbs.live, kernel.skbs.frames.live, kernel.rx.replaced]).toEqual([0, 0, null]);
  });

  test('exact: only receivers on this very device; without one it counts as nohandler', () => {
    const { kernel, ns, look, stack, take } = lab();
    const d = upDev(ns, 'a');
    stack();
    ns.protoTaps.push(look('any'));
    kernel.dev.rxHandlerRegister(d, () => RX_EXACT, null);
    receive(d);
    expect([take(), d.coreRxNohandler, d.coreRxDropped]).toEqual([[], 1, 0]);
    d.protoTaps.push(look('proto'));
    receive(d);
    expect([take(), d.coreRxNohandler, kernel.skbs.live]).toEqual([['proto a HOST'], 1, 0]);
  });
});

test('a protocol that nobody speaks is dropped and counted, unless somebody watched', () => {
  const { kernel, ns, look } = lab();
  const d = upDev(ns, 'a');
  receive(d);
  expect([d.coreRxDropped, kernel.skbs.ended[Drop.NoHandler]]).toEqual([1, 1]);
  d.taps.push(look('tap'));
  receive(d);
  expect(d.coreRxDropped).toBe(1);
  kernel.dev.rxHandlerRegister(d, () => RX_PASS, null); // the handler came between
  receive(d);
  expect(d.coreRxDropped).toBe(2);
});

describe('802.1Q', () => {
  function tagged(d: NetDevice, ...tags: number[]): Skb {
    const skb = frame(d, d.addr, 0, 0x8100);
    tags.forEach((tci, i) => {
      skb.slabs.frames.view.setUint16(skb.off + 14 + 4 * i, tci);
      skb.slabs.frames.view.setUint16(skb.off + 16 + 4 * i, i === tags.length - 1 ? TYPE : 0x8100);
    });
    d.core.kernel.rx.ethTypeTrans(skb, d);
    return skb;
  }

  test('the tag moves beside the bytes; addresses stay in front of the type', () => {
    const { kernel, ns } = lab();
    const d = upDev(ns, 'a');
    const got: unknown[] = [];
    d.taps.push({
      owner: null,
      ignoreOutgoing: false,
      frame: (s) =>
        got.push(s.vlanProto, s.vlanTci, s.protocol, s.len, s.off - s.mac, s.slabs.frames.view.getUint16(s.mac + 4)),
    });
    kernel.rx.netifReceiveSkb(tagged(d, 0x6005));
    expect(got).toEqual([0x8100, 0x6005, TYPE, 42, 14, 1]);
  });

  test('a watcher does not save a tagged frame from being counted: the tag is looked at after it', () => {
    const { kernel, ns, look } = lab();
    const d = upDev(ns, 'a');
    d.taps.push(look('tap'));
    for (const tags of [[5], [0]]) kernel.rx.netifReceiveSkb(tagged(d, ...tags));
    expect([d.coreRxDropped, kernel.skbs.live]).toEqual([2, 0]);
  });

  test('nobody for the VLAN: for others; VLAN 0 only says how urgent it is, also before another tag', () => {
    const { kernel, ns, stack, take } = lab();
    const d = upDev(ns, 'a');
    stack();
    for (const tags of [[5], [0x6000], [0, 7], [0, 0]]) kernel.rx.netifReceiveSkb(tagged(d, ...tags));
    expect(take()).toEqual(['OTHERHOST', 'HOST', 'OTHERHOST', 'HOST'].map((kind) => `stack a from a ${kind}`));
  });

  test('bytes that others share are copied before the tag leaves them', () => {
    const { kernel, ns } = lab();
    const d = upDev(ns, 'a');
    const skb = tagged(d, 5);
    const other = kernel.skbs.clone(skb);
    const before = [...other.bytes.subarray(other.mac, other.off + other.len)];
    kernel.rx.netifReceiveSkb(skb);
    expect([...other.bytes.subarray(other.mac, other.off + other.len)]).toEqual(before);
    kernel.skbs.free(other, Drop.None);
    expect(kernel.skbs.frames.live).toBe(0);
  });

  test('too short for a tag and a type behind it', () => {
    const { kernel, ns } = lab();
    const d = upDev(ns, 'a');
    const skb = tagged(d, 5);
    skb.trim(5);
    kernel.rx.netifReceiveSkb(skb);
    expect([kernel.skbs.ended[Drop.Malformed], kernel.skbs.live]).toEqual([1, 0]);
  });
});

describe('dev_forward_skb', () => {
  test('a frame that the other side cannot take is its drop', () => {
    const { kernel, ns } = lab();
    const d = upDev(ns, 'a');
    expect([forwardSkb(d, frame(d, d.addr, 0, TYPE, 1518)), kernel.softirq.backlog]).toEqual([0, 1]);
    expect([forwardSkb(d, frame(d, d.addr, 0, TYPE, 1519)), d.coreRxDropped]).toEqual([1, 1]);
    const big = frame(d, d.addr, 0, TYPE, 9000);
    big.gsoSize = 1448;
    expect(forwardSkb(d, big)).toBe(0);
    kernel.loop.runUntil(1e6);
    setUp(d, false);
    expect([forwardSkb(d, frame(d, d.addr)), kernel.skbs.live]).toEqual([1, 0]);
  });

  test('what must not leak into another namespace', () => {
    const { kernel, ns } = lab();
    const skb = frame(addDev(ns, 'a'), 1);
    const done: number[] = [];
    skb.owner = ownerOf(() => done.push(1));
    Object.assign(skb, { mark: 7, priority: 6, iif: 3, pktType: 5, tstampNs: 9 });
    scrub(skb, ns, ns);
    expect([skb.mark, skb.priority, skb.iif, skb.pktType, skb.tstampNs, skb.owner, done.length]).toEqual([
      7,
      0,
      0,
      0,
      0,
      null,
      1,
    ]);
    scrub(skb, ns, kernel.createNs('n'));
    expect(skb.mark).toBe(0);
  });
});
