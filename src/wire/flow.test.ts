import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flowHash, frameFlowHash, hashScale } from './flow.ts';
import { frame } from './frame.ts';

const eth = { dst: '02:00:00:00:00:01', src: '02:00:00:00:00:02' };

describe('flow hash', () => {
  test('both directions agree; ports matter', () => {
    const u32 = fc.nat(0xffffffff);
    const port = fc.nat(65535);
    fc.assert(
      fc.property(u32, u32, port, port, (a, b, p, q) => {
        expect(flowHash(a, b, 6, p, q, 1)).toBe(flowHash(b, a, 6, q, p, 1));
      }),
    );
    expect(flowHash(1, 2, 6, 80, 81, 0)).not.toBe(flowHash(1, 2, 6, 80, 82, 0));
  });

  test('fragments of one datagram agree, tagged frames agree with untagged ones', () => {
    const ip4 = { src: '10.0.0.1', dst: '10.0.0.2', id: 3 };
    const first = frame({ eth, ip4: { ...ip4, mf: true }, udp: { sport: 1, dport: 2 }, payload: new Uint8Array(16) });
    const later = frame({ eth, ip4: { ...ip4, proto: 17, fragOff: 24 }, payload: new Uint8Array(16) });
    expect(frameFlowHash(first, 0, first.length, 9)).toBe(frameFlowHash(later, 0, later.length, 9));
    const tagged = frame({
      eth,
      vlan: [{ vid: 4 }],
      ip4: { ...ip4, proto: 17, fragOff: 24 },
      payload: new Uint8Array(16),
    });
    expect(frameFlowHash(tagged, 0, tagged.length, 9)).toBe(frameFlowHash(later, 0, later.length, 9));
  });

  test('a thousand flows spread over eight queues', () => {
    const queues = new Array<number>(8).fill(0);
    for (let p = 0; p < 1000; p++) queues[hashScale(flowHash(0x0a000001, 0x0a000002, 17, 1024 + p, 7, 0), 8)]++;
    expect(Math.min(...queues)).toBeGreaterThan(80);
    expect(Math.max(...queues)).toBeLessThan(180);
  });
});
