// Frames: who owns bytes, who ends what, and what growth of the arena must not break.

import { describe, expect, test } from 'vitest';
import { Drop } from './drop.ts';
import { CSUM_PARTIAL, datagramTruesize, SkbSlab } from './skb.ts';
import { ownerOf } from './testing.ts';

describe('an skb', () => {
  test('push, pull, put and trim stay within the buffer', () => {
    const slab = new SkbSlab();
    const skb = slab.alloc(100)!;
    const at = skb.off;
    expect([skb.push(14), skb.len]).toEqual([at - 14, 114]);
    expect([skb.pull(20), skb.len]).toEqual([at + 6, 94]);
    expect([skb.put(6), skb.len]).toEqual([at + 100, 100]);
    skb.trim(10);
    skb.trim(50);
    expect(skb.len).toBe(10);
    expect(() => skb.pull(11)).toThrow('skb_pull beyond the end');
    expect(() => skb.push(1000)).toThrow('headroom');
    expect(() => skb.put(5000)).toThrow('tailroom');
  });

  test('ends once, and says why', () => {
    const slab = new SkbSlab();
    const why: number[] = [];
    slab.onDrop = (_, reason) => why.push(reason);
    const [a, b] = [slab.alloc(1)!, slab.alloc(1)!];
    slab.free(a, Drop.None);
    slab.free(b, Drop.TooBig);
    expect([why, slab.ended[Drop.None], slab.ended[Drop.TooBig], slab.live]).toEqual([[Drop.TooBig], 1, 1, 0]);
    expect(() => slab.free(a, Drop.None)).toThrow('a frame was ended twice');
  });

  test('comes back clean', () => {
    const slab = new SkbSlab();
    const fresh = JSON.stringify({ ...slab.alloc(8)!, slabs: 0, cbRef: 0 });
    const skb = slab.leaked()[0];
    Object.assign(skb, {
      mac: 1,
      net: 2,
      transport: 3,
      iif: 4,
      mark: 5,
      hash: 6,
      vlanTci: 7,
      gsoSize: 8,
      cb0: 9,
      rxQueue: 3,
      trace: 4,
    });
    slab.free(skb, Drop.None);
    expect(JSON.stringify({ ...slab.alloc(8)!, slabs: 0, cbRef: 0 })).toBe(fresh);
  });

  test('the sender is told once, whoever ends or orphans it; a clone is nobody’s', () => {
    const slab = new SkbSlab();
    let told = 0;
    const skb = slab.alloc(8)!;
    skb.owner = ownerOf(() => told++);
    const copy = slab.clone(skb);
    slab.free(copy, Drop.None);
    expect(told).toBe(0);
    slab.orphan(skb);
    slab.orphan(skb);
    slab.free(skb, Drop.None);
    expect(told).toBe(1);
  });
});

describe('shared bytes', () => {
  test('a clone sees the same bytes until one of them writes', () => {
    const slab = new SkbSlab();
    const a = slab.alloc(64)!;
    a.mac = a.off;
    a.pull(14);
    a.net = a.off;
    a.transport = a.off + 20;
    a.ipSummed = CSUM_PARTIAL;
    a.csumStart = a.transport;
    slab.frames.bytes.fill(7, a.mac, a.off + a.len);
    const b = slab.clone(a);
    expect(slab.unshare(a)).toBe(true);
    slab.frames.bytes.fill(9, a.mac, a.off + a.len);
    expect([...slab.frames.bytes.subarray(b.mac, b.off + b.len)].every((x) => x === 7)).toBe(true);
    expect([a.off - a.mac, a.net - a.off, a.transport - a.off, a.csumStart - a.transport]).toEqual([14, 0, 20, 0]);
    const buf = a.buf;
    expect([slab.unshare(a), a.buf, slab.unshare(b)]).toEqual([true, buf, true]); // alone now: nothing to do
    slab.free(a, Drop.None);
    slab.free(b, Drop.None);
    expect([slab.live, slab.frames.live]).toEqual([0, 0]);
  });

  test('the arena grows under frames in use: contents and offsets stay', () => {
    const slab = new SkbSlab();
    const first = slab.alloc(32)!;
    slab.frames.bytes.fill(5, first.off, first.off + 32);
    const held = slab.frames.bytes;
    const others = Array.from({ length: 3000 }, () => slab.alloc(1500)!);
    expect(slab.frames.bytes).not.toBe(held);
    expect(first.bytes).toBe(slab.frames.bytes);
    expect([...first.bytes.subarray(first.off, first.off + 32)].every((x) => x === 5)).toBe(true);
    expect(new Set(others.map((s) => s.off)).size).toBe(3000);
    for (const s of [...others, first]) slab.free(s, Drop.None);
    expect(slab.frames.live).toBe(0);
  });

  test('the arena grows while a shared frame is made private', () => {
    const slab = new SkbSlab();
    const a = slab.alloc(1500)!;
    slab.frames.bytes.fill(5, a.off, a.off + 1500);
    const clones = Array.from({ length: 2000 }, () => slab.clone(a));
    for (const c of clones) {
      expect(slab.unshare(c)).toBe(true);
      expect([slab.frames.bytes[c.off], slab.frames.bytes[c.off + 1499]]).toEqual([5, 5]);
    }
    expect(slab.frames.live).toBe(2001);
  });
});

// What `ss -uanm` says of a socket with one datagram under way, on Linux 6.18; sizes with the IP header.
test.each([
  [29, 832],
  [128, 832],
  [228, 1280],
  [669, 1280],
  [728, 2304],
  [1028, 2304],
  [1500, 2304],
])('a packet of %i bytes costs its sender %i', (len, truesize) => {
  expect(datagramTruesize(len)).toBe(truesize);
});
