import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { setU16, setU32, u16 } from './bytes.ts';
import { csumFinish, csumReplace16, csumReplace32, csumSeed, inetChecksum, l4Checksum4, pseudo4 } from './checksum.ts';

describe('Internet checksum', () => {
  test("RFC 1071's own example", () => {
    expect(inetChecksum(Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7), 0, 8)).toBe(~0xddf2 & 0xffff);
  });

  test('an odd last byte counts as if a zero followed', () => {
    expect(inetChecksum(Uint8Array.of(1, 2, 3), 0, 3)).toBe(inetChecksum(Uint8Array.of(1, 2, 3, 0), 0, 4));
  });

  test('data with its checksum inside sums to zero', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 99 }), (b) => {
        setU16(b, 2, 0);
        setU16(b, 2, inetChecksum(b, 0, b.length));
        expect(inetChecksum(b, 0, b.length)).toBe(0);
      }),
    );
  });

  test('an incremental update gives what a new sum gives (RFC 1624)', () => {
    const change = fc.tuple(fc.uint8Array({ minLength: 12, maxLength: 12 }), fc.nat(0xffffffff));
    fc.assert(
      fc.property(change, ([b, v]) => {
        b[8] = 0x45; // a sum over nothing but zeros has two representations
        const before = inetChecksum(b, 0, 12);
        const word = ((b[0] << 24) | (b[1] << 16) | (b[2] << 8) | b[3]) >>> 0;
        const half = u16(b, 4);
        setU32(b, 0, v);
        setU16(b, 4, v & 0xffff);
        expect(csumReplace16(csumReplace32(before, word, v), half, v & 0xffff)).toBe(inetChecksum(b, 0, 12));
      }),
    );
  });

  test('a seed finished by the device is the checksum made at once', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 28, maxLength: 80 }), (b) => {
        const len = b.length - 20;
        setU16(b, 26, 0);
        const whole = l4Checksum4(b, 0, 17, 20, len);
        const src = ((b[12] << 24) | (b[13] << 16) | (b[14] << 8) | b[15]) >>> 0;
        const dst = ((b[16] << 24) | (b[17] << 16) | (b[18] << 8) | b[19]) >>> 0;
        setU16(b, 26, csumSeed(pseudo4(src, dst, 17, len)));
        csumFinish(b, 20, 6, b.length);
        expect(u16(b, 26)).toBe(whole === 0 ? 0xffff : whole);
      }),
    );
  });
});
