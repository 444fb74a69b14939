// The Internet checksum (RFC 1071) over ranges, pseudo headers, and its incremental update (RFC 1624).
// Sums are plain numbers, unfolded; nothing here allocates. Linux: lib/checksum.c, include/net/checksum.h.

import { u16, u32 } from './bytes.ts';

/** Adds a range to a running sum. An odd last byte counts as if a zero followed: only the last range may be odd. */
export function csumPartial(b: Uint8Array, off: number, len: number, sum: number): number {
  const end = off + (len & ~1);
  const end8 = off + (len & ~7);
  let s = sum;
  let i = off;
  for (; i < end8; i += 8) {
    s += ((b[i] + b[i + 2] + b[i + 4] + b[i + 6]) << 8) + b[i + 1] + b[i + 3] + b[i + 5] + b[i + 7];
  }
  for (; i < end; i += 2) s += (b[i] << 8) | b[i + 1];
  if ((len & 1) !== 0) s += b[end] << 8;
  return s;
}

/** The 16-bit checksum field for a running sum below 2^32 (any 64 KiB): folded and complemented. */
export function csumFold(sum: number): number {
  let s = sum;
  while (s > 0xffff) s = (s & 0xffff) + (s >>> 16);
  return ~s & 0xffff;
}

/** The checksum of a range. Over data with a right checksum inside it gives 0. */
export function inetChecksum(b: Uint8Array, off: number, len: number): number {
  return csumFold(csumPartial(b, off, len, 0));
}

/** Sum of the IPv4 pseudo header. `len` is that of the transport header and payload. */
export function pseudo4(src: number, dst: number, proto: number, len: number): number {
  return (src >>> 16) + (src & 0xffff) + (dst >>> 16) + (dst & 0xffff) + proto + len;
}

/** Sum of the IPv6 pseudo header, for the IPv6 header at `ipOff`. */
export function pseudo6(b: Uint8Array, ipOff: number, proto: number, len: number): number {
  return csumPartial(b, ipOff + 8, 32, 0) + proto + (len >>> 16) + (len & 0xffff);
}

/** Checksum of a transport header and payload under the IPv4 header at `ipOff`. The field itself must be 0, or the result is 0 when right. */
export function l4Checksum4(b: Uint8Array, ipOff: number, proto: number, l4Off: number, l4Len: number): number {
  return csumFold(csumPartial(b, l4Off, l4Len, pseudo4(u32(b, ipOff + 12), u32(b, ipOff + 16), proto, l4Len)));
}

export function l4Checksum6(b: Uint8Array, ipOff: number, proto: number, l4Off: number, l4Len: number): number {
  return csumFold(csumPartial(b, l4Off, l4Len, pseudo6(b, ipOff, proto, l4Len)));
}

/** A checksum after one 16-bit field changed. RFC 1624, equation 3: HC' = ~(~HC + ~m + m'). */
export function csumReplace16(check: number, from: number, to: number): number {
  return csumFold((~check & 0xffff) + (~from & 0xffff) + to);
}

/** The same for a 32-bit field. */
export function csumReplace32(check: number, from: number, to: number): number {
  const s = (~check & 0xffff) + (~(from >>> 16) & 0xffff) + (~from & 0xffff) + (to >>> 16) + (to & 0xffff);
  return csumFold(s);
}

/** Folds a running sum without complementing it: what CHECKSUM_PARTIAL leaves in the field for the device to finish. */
export function csumSeed(sum: number): number {
  return ~csumFold(sum) & 0xffff;
}

/**
 * What a device does for CHECKSUM_PARTIAL: sums from `start` to the end of the frame, the seed in the field included, and
 * stores the result at start + offset. Linux: skb_checksum_help().
 */
export function csumFinish(b: Uint8Array, start: number, offset: number, end: number): void {
  const c = csumFold(csumPartial(b, start, end - start, 0));
  const v = c === 0 ? 0xffff : c;
  b[start + offset] = v >>> 8;
  b[start + offset + 1] = v;
}

/** Is the 16-bit field at `at` zero? UDP over IPv4 says with it that there is no checksum. */
export function csumAbsent(b: Uint8Array, at: number): boolean {
  return u16(b, at) === 0;
}
