// Cutting in software: the pieces together are the frame, each is a right packet of its own, and the sender is told once.

import { expect, test } from 'vitest';
import { inetChecksum, l4Checksum4 } from '../wire/checksum.ts';
import { decodeFrame, frame as makeFrame } from '../wire/frame.ts';
import { gsoSegment } from './gso.ts';
import { type Skb, SkbSlab } from './skb.ts';
import { ownerOf } from './testing.ts';

test('three pieces of a frame of 2500 bytes', () => {
  const slabs = new SkbSlab();
  const payload = Uint8Array.from({ length: 2500 }, (_, i) => i);
  const frame = makeFrame({
    eth: { dst: '02:00:00:00:00:02', src: '02:00:00:00:00:01' },
    ip4: { src: '10.0.0.1', dst: '10.0.0.2', id: 65535 },
    tcp: { sport: 1, dport: 2, seq: 0xfffffff0, ack: 7, flags: 0x19 },
    payload,
  });
  const skb = slabs.alloc(frame.length) as Skb;
  skb.bytes.set(frame, skb.off);
  skb.gsoSize = 1000;
  skb.gsoSegs = 3;
  skb.gsoType = 1;
  skb.mac = skb.off;
  const told: number[] = [];
  skb.owner = ownerOf((size) => told.push(size));
  const { truesize } = skb;
  const seen: unknown[] = [];
  const joined: number[] = [];
  for (let piece = gsoSegment(skb); piece !== null; ) {
    const next: Skb | null = piece.next;
    piece.next = null;
    const f = decodeFrame(piece.bytes.slice(piece.off, piece.off + piece.len));
    const { tcp, ip4 } = f as NonNullable<typeof f>;
    if (tcp === null || ip4 === null) throw new Error('no TCP');
    seen.push([ip4.id, tcp.seq, tcp.flags, tcp.payload.length, piece.len]);
    const ip = piece.off + 14;
    expect([inetChecksum(piece.bytes, ip, 20), l4Checksum4(piece.bytes, ip, 6, ip + 20, piece.len - 34)]).toEqual([
      0, 0,
    ]);
    joined.push(...tcp.payload);
    slabs.free(piece, 0);
    piece = next;
  }
  expect(seen).toEqual([
    [65535, 0xfffffff0, 0x10, 1000, 1054],
    [0, 984, 0x10, 1000, 1054],
    [1, 1984, 0x19, 500, 554],
  ]);
  expect(joined).toEqual([...payload]);
  expect(told).toEqual([truesize]);
  expect([slabs.live, slabs.frames.live]).toEqual([0, 0]);
});
