// UDP (RFC 768). The checksum needs the addresses: see checksum.ts, l4Checksum4/6. Linux: include/uapi/linux/udp.h.

import { concat, EMPTY, holds, setU16, slice, u16 } from './bytes.ts';
import { l4Checksum4 } from './checksum.ts';
import { IPPROTO_UDP } from './ip4.ts';

export const UDP_HLEN = 8;
export const UDP_LEN = 4;
export const UDP_CHECK = 6;

export function udpSport(b: Uint8Array, off: number): number {
  return u16(b, off);
}

export function udpDport(b: Uint8Array, off: number): number {
  return u16(b, off + 2);
}

/** Header and payload. */
export function udpLen(b: Uint8Array, off: number): number {
  return u16(b, off + UDP_LEN);
}

export function udpCheck(b: Uint8Array, off: number): number {
  return u16(b, off + UDP_CHECK);
}

/** The header with checksum 0. */
export function setUdp(b: Uint8Array, off: number, sport: number, dport: number, len: number): void {
  setU16(b, off, sport);
  setU16(b, off + 2, dport);
  setU16(b, off + UDP_LEN, len);
  setU16(b, off + UDP_CHECK, 0);
}

/** Computes the checksum under the IPv4 header at `ipOff`; a computed 0 is sent as 0xffff. */
export function setUdpCheck4(b: Uint8Array, ipOff: number, off: number): void {
  setU16(b, off + UDP_CHECK, 0);
  const c = l4Checksum4(b, ipOff, IPPROTO_UDP, off, udpLen(b, off));
  setU16(b, off + UDP_CHECK, c === 0 ? 0xffff : c);
}

/** Right, or absent (0). */
export function udpCheckOk4(b: Uint8Array, ipOff: number, off: number): boolean {
  return udpCheck(b, off) === 0 || l4Checksum4(b, ipOff, IPPROTO_UDP, off, udpLen(b, off)) === 0;
}

export interface UdpRecord {
  sport: number;
  dport: number;
  check: number;
  payload: Uint8Array;
}

/** Null when it is short or its length field claims more, or less than the header. */
export function decodeUdp(b: Uint8Array, off: number, len: number): UdpRecord | null {
  if (!holds(b, off, len, UDP_HLEN)) return null;
  const n = udpLen(b, off);
  if (n < UDP_HLEN || n > len) return null;
  return {
    sport: udpSport(b, off),
    dport: udpDport(b, off),
    check: udpCheck(b, off),
    payload: slice(b, off + UDP_HLEN, n - UDP_HLEN),
  };
}

/** Checksum as given, or 0: frame() fills it in, since it needs the addresses. */
export function encodeUdp(r: { sport: number; dport: number; check?: number; payload?: Uint8Array }): Uint8Array {
  const h = new Uint8Array(UDP_HLEN);
  const payload = r.payload ?? EMPTY;
  setUdp(h, 0, r.sport, r.dport, UDP_HLEN + payload.length);
  setU16(h, UDP_CHECK, r.check ?? 0);
  return concat(h, payload);
}
