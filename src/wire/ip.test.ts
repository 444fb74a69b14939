import { describe, expect, test } from 'vitest';
import { concat } from './bytes.ts';
import {
  decodeIp4,
  encodeIp4,
  ip4CheckOk,
  ip4DecTtl,
  ip4FragOff,
  ip4Hlen,
  ip4IsFragment,
  ip4Src,
  ip4Ttl,
} from './ip4.ts';
import {
  decodeIp6,
  encodeIp6,
  encodeIp6Frag,
  encodeIp6Options,
  ip6FragHdrOff,
  ip6UpperOff,
  NEXTHDR_FRAGMENT,
  NEXTHDR_HOP,
} from './ip6.ts';

describe('IPv4', () => {
  const payload = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const b = encodeIp4({ src: '10.0.0.1', dst: '10.0.0.2', proto: 17, id: 7, mf: true, fragOff: 1480, payload });

  test('fields in place', () => {
    expect([ip4Hlen(b, 0), ip4FragOff(b, 0), ip4IsFragment(b, 0), ip4Src(b, 0)]).toEqual([20, 1480, true, 0x0a000001]);
  });

  test('one hop costs one TTL and keeps the checksum right', () => {
    const c = encodeIp4({ src: '10.0.0.1', dst: '10.0.0.2', proto: 1, ttl: 255, payload });
    for (let ttl = 254; ttl >= 0; ttl--) {
      ip4DecTtl(c, 0);
      expect([ip4Ttl(c, 0), ip4CheckOk(c, 0)]).toEqual([ttl, true]);
    }
  });

  test('padding behind the packet is no payload', () => {
    expect(decodeIp4(concat(b, new Uint8Array(18)), 0, b.length + 18)?.payload).toEqual(payload);
  });

  test('what claims more than there is, is refused', () => {
    expect(decodeIp4(b, 0, b.length - 1)).toBeNull();
    expect(decodeIp4(encodeIp4({ src: '1.1.1.1', dst: '2.2.2.2', proto: 1, totalLen: 19 }), 0, 20)).toBeNull();
    const long = b.slice();
    long[0] = 0x4f;
    expect(decodeIp4(long, 0, long.length)).toBeNull();
  });

  test('options', () => {
    const o = encodeIp4({ src: '1.1.1.1', dst: '2.2.2.2', proto: 2, options: Uint8Array.of(0x94, 4, 0, 0), payload });
    expect(decodeIp4(o, 0, o.length)).toMatchObject({ options: Uint8Array.of(0x94, 4, 0, 0), checkOk: true, payload });
  });
});

describe('IPv6', () => {
  const ends = { src: 'fe80::1', dst: 'ff02::1' };

  test('extension headers are walked', () => {
    const hop = encodeIp6Options(58, Uint8Array.of(5, 2, 0, 0));
    const b = encodeIp6({ ...ends, next: NEXTHDR_HOP, payload: concat(hop, Uint8Array.of(128, 0, 0, 0)) });
    expect(ip6UpperOff(b, 0, b.length)).toBe(48);
    expect(decodeIp6(b, 0, b.length)).toMatchObject({
      ...ends,
      next: 0,
      proto: 58,
      upper: Uint8Array.of(128, 0, 0, 0),
    });
  });

  test('a later fragment ends the walk behind its fragment header', () => {
    const frag = encodeIp6Frag({ next: NEXTHDR_HOP, fragOff: 8, mf: false, id: 5 });
    const b = encodeIp6({ ...ends, next: NEXTHDR_FRAGMENT, payload: concat(frag, new Uint8Array(8)) });
    expect([ip6FragHdrOff(b, 0, b.length), ip6UpperOff(b, 0, b.length)]).toEqual([40, 48]);
  });

  test('a header that runs over the end breaks the chain', () => {
    const hop = encodeIp6Options(58, new Uint8Array(0));
    hop[1] = 9;
    const b = encodeIp6({ ...ends, next: NEXTHDR_HOP, payload: hop });
    expect(decodeIp6(b, 0, b.length)?.proto).toBe(-1);
  });
});
