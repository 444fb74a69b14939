// Frames from records and back; and rubbish into every decoder.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeArp } from './arp.ts';
import { u16 } from './bytes.ts';
import { l4Checksum6 } from './checksum.ts';
import { decodeEth } from './ethernet.ts';
import { frameFlowHash } from './flow.ts';
import { decodeFrame, type FrameLayers, frame } from './frame.ts';
import { decodeIcmp } from './icmp.ts';
import { decodeIcmp6 } from './icmp6.ts';
import { decodeIgmp } from './igmp.ts';
import { decodeIp4 } from './ip4.ts';
import { decodeIp6 } from './ip6.ts';
import { decodeNd, ndOption, setSolicitedNode } from './nd.ts';
import { decodeTcp } from './tcp.ts';
import { ip6Of, ip6Text } from './text.ts';
import { decodeUdp, udpCheckOk4 } from './udp.ts';
import { decodeVlan } from './vlan.ts';

const eth = { dst: '02:00:00:00:00:01', src: '02:00:00:00:00:02' };
const ip4 = { src: '10.0.0.1', dst: '10.0.0.2' };
const ip6 = { src: 'fe80::1', dst: 'fe80::2' };
const payload = Uint8Array.from({ length: 9 }, (_, i) => i);

describe('frame() and decodeFrame()', () => {
  test('ARP, padded', () => {
    const arp = { op: 1, sha: eth.src, spa: '10.0.0.1', tha: '00:00:00:00:00:00', tpa: '10.0.0.2' };
    const b = frame({ eth: { ...eth, dst: 'ff:ff:ff:ff:ff:ff' }, arp, pad: true });
    expect(b.length).toBe(60);
    expect(decodeFrame(b)).toMatchObject({ dst: 'ff:ff:ff:ff:ff:ff', type: 0x0806, arp });
  });

  test('ICMP echo under two tags', () => {
    const b = frame({
      eth,
      vlan: [
        { vid: 10, tpid: 0x88a8 },
        { vid: 20, prio: 3 },
      ],
      ip4,
      icmp: { type: 8, id: 7, seq: 1 },
      payload,
    });
    const r = decodeFrame(b);
    expect(r?.vlan.map((t) => [t.vid, t.prio])).toEqual([
      [10, 0],
      [20, 3],
    ]);
    expect(r?.icmp).toEqual({ type: 8, code: 0, id: 7, seq: 1, checkOk: true, payload });
  });

  test('UDP carries a right checksum', () => {
    const b = frame({ eth, ip4, udp: { sport: 5000, dport: 53 }, payload });
    expect(udpCheckOk4(b, 14, 34)).toBe(true);
    expect(decodeFrame(b)).toMatchObject({ udp: { sport: 5000, dport: 53 }, payload });
  });

  test('TCP with options over IPv6', () => {
    const options = Uint8Array.of(2, 4, 5, 0xb4);
    const b = frame({ eth, ip6, tcp: { sport: 1, dport: 2, seq: 0xfffffff0, flags: 2, options }, payload });
    expect(l4Checksum6(b, 14, 6, 54, b.length - 54)).toBe(0);
    expect(decodeFrame(b)?.tcp).toMatchObject({ seq: 0xfffffff0, flags: 2, options, payload });
  });

  test('neighbour solicitation', () => {
    const nd = { type: 135, target: 'fe80::2', lladdr: eth.src, router: false, solicited: false, override: false };
    const b = frame({ eth, ip6, nd });
    expect(decodeFrame(b)?.nd).toEqual(nd);
    expect(l4Checksum6(b, 14, 58, 54, b.length - 54)).toBe(0);
  });

  test('IGMPv3 report', () => {
    const records = [
      { type: 4, group: '239.1.2.3', sources: [] },
      { type: 1, group: '239.1.2.4', sources: ['10.0.0.9'] },
    ];
    const b = frame({ eth, ip4: { ...ip4, options: Uint8Array.of(0x94, 4, 0, 0) }, igmp: { type: 0x22, records } });
    expect(decodeFrame(b)?.igmp).toEqual({ type: 0x22, maxResp: 0, group: '', records, checkOk: true });
  });

  test('a frame without an ethertype gets its length, as 802.3 wants', () => {
    expect(u16(frame({ eth, payload }), 12)).toBe(9);
  });
});

test('solicited-node group', () => {
  const to = new Uint8Array(16);
  setSolicitedNode(to, 0, ip6Of('2001:db8::12:3456') as Uint8Array, 0);
  expect(ip6Text(to, 0)).toBe('ff02::1:ff12:3456');
});

describe('rubbish', () => {
  const decoders = [
    decodeEth,
    decodeVlan,
    decodeArp,
    decodeIp4,
    decodeIp6,
    decodeIcmp,
    decodeIcmp6,
    decodeNd,
    decodeIgmp,
    decodeUdp,
    decodeTcp,
    decodeFrame,
  ] as Array<(b: Uint8Array, off: number, len: number) => unknown>;

  test('no decoder throws, and none looks outside its range', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.integer({ min: -4, max: 90 }),
        fc.integer({ min: -4, max: 300 }),
        (b, off, len) => {
          for (const decode of decoders) {
            const got = decode(b, off, len);
            if (got === null) continue;
            expect(off >= 0 && off + len <= b.length).toBe(true);
            const moved = new Uint8Array(b.length + 8).fill(0xee);
            moved.set(b.subarray(off, off + len), 5);
            expect(decode(moved, 5, len)).toEqual(got);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('frames with flipped bytes, cut anywhere', () => {
    const layers: FrameLayers[] = [
      { eth, ip4, tcp: { sport: 1, dport: 2, flags: 2, options: Uint8Array.of(2, 4, 5, 0xb4) }, payload },
      { eth, ip6, nd: { type: 136, target: 'fe80::2', lladdr: eth.src } },
      { eth, ip4, igmp: { type: 0x22, records: [{ type: 4, group: '239.1.2.3', sources: ['1.2.3.4'] }] } },
      { eth, vlan: [{ vid: 1 }], ip4, udp: { sport: 1, dport: 2 }, payload },
    ];
    const flips = fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...layers), flips, fc.nat(90), (f, flip, cut) => {
        const b = frame(f);
        for (const [at, v] of flip) if (at < b.length) b[at] = v;
        const len = Math.min(b.length, cut);
        decodeFrame(b, 0, len);
        expect(frameFlowHash(b, 0, len, 0)).toBeGreaterThanOrEqual(0);
        ndOption(b, 0, len, 1);
      }),
      { numRuns: 500 },
    );
  });
});
