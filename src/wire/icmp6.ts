// ICMPv6 (RFC 4443): the common header and errors. Neighbour discovery is nd.ts. The checksum covers a pseudo header.
// Linux: include/uapi/linux/icmpv6.h.

import { concat, EMPTY, holds, setU16, setU32, slice, u16, u32 } from './bytes.ts';
import { l4Checksum6 } from './checksum.ts';
import { IPPROTO_ICMPV6 } from './ip6.ts';

export const ICMP6_HLEN = 8;
export const ICMPV6_DEST_UNREACH = 1;
export const ICMPV6_PKT_TOOBIG = 2;
export const ICMPV6_TIME_EXCEED = 3;
export const ICMPV6_PARAMPROB = 4;
export const ICMPV6_ECHO_REQUEST = 128;
export const ICMPV6_ECHO_REPLY = 129;
export const ICMPV6_MGM_QUERY = 130;
export const ICMPV6_MGM_REPORT = 131;
export const ICMPV6_MGM_REDUCTION = 132;
export const ICMPV6_MLD2_REPORT = 143;

/** Codes of DEST_UNREACH. */
export const ICMPV6_NOROUTE = 0;
export const ICMPV6_ADM_PROHIBITED = 1;
export const ICMPV6_ADDR_UNREACH = 3;
export const ICMPV6_PORT_UNREACH = 4;

export const ICMP6_CHECK = 2;

export function icmp6Type(b: Uint8Array, off: number): number {
  return b[off];
}

export function icmp6Code(b: Uint8Array, off: number): number {
  return b[off + 1];
}

export function icmp6Id(b: Uint8Array, off: number): number {
  return u16(b, off + 4);
}

export function icmp6Seq(b: Uint8Array, off: number): number {
  return u16(b, off + 6);
}

/** The second word whole: the MTU of PKT_TOOBIG. */
export function icmp6Rest(b: Uint8Array, off: number): number {
  return u32(b, off + 4);
}

export function setIcmp6(b: Uint8Array, off: number, type: number, code: number, rest: number): void {
  b[off] = type;
  b[off + 1] = code;
  setU16(b, off + ICMP6_CHECK, 0);
  setU32(b, off + 4, rest);
}

/** Computes the checksum of the message of `len` bytes under the IPv6 header at `ipOff`. */
export function setIcmp6Check(b: Uint8Array, ipOff: number, off: number, len: number): void {
  setU16(b, off + ICMP6_CHECK, 0);
  setU16(b, off + ICMP6_CHECK, l4Checksum6(b, ipOff, IPPROTO_ICMPV6, off, len));
}

export function icmp6CheckOk(b: Uint8Array, ipOff: number, off: number, len: number): boolean {
  return l4Checksum6(b, ipOff, IPPROTO_ICMPV6, off, len) === 0;
}

/** Types below 128 are errors. */
export function icmp6IsError(type: number): boolean {
  return type < 128;
}

export interface Icmp6Record {
  type: number;
  code: number;
  check: number;
  id: number;
  seq: number;
  payload: Uint8Array;
}

export function decodeIcmp6(b: Uint8Array, off: number, len: number): Icmp6Record | null {
  if (!holds(b, off, len, ICMP6_HLEN)) return null;
  return {
    type: icmp6Type(b, off),
    code: icmp6Code(b, off),
    check: u16(b, off + ICMP6_CHECK),
    id: icmp6Id(b, off),
    seq: icmp6Seq(b, off),
    payload: slice(b, off + ICMP6_HLEN, len - ICMP6_HLEN),
  };
}

export interface Icmp6Fields {
  type: number;
  code?: number;
  id?: number;
  seq?: number;
  payload?: Uint8Array;
  check?: number;
}

/** Checksum as given, or 0: frame() fills it in, since it needs the addresses. */
export function encodeIcmp6(r: Icmp6Fields): Uint8Array {
  const h = new Uint8Array(ICMP6_HLEN);
  setIcmp6(h, 0, r.type, r.code ?? 0, 0);
  setU16(h, ICMP6_CHECK, r.check ?? 0);
  setU16(h, 4, r.id ?? 0);
  setU16(h, 6, r.seq ?? 0);
  return concat(h, r.payload ?? EMPTY);
}
