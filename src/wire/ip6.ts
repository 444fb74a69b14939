// The IPv6 header (RFC 8200) and the walk over extension headers. Addresses stay bytes: compare them in place, or as
// four words. Linux: include/uapi/linux/ipv6.h, net/ipv6/exthdrs_core.c, ipv6_skip_exthdr().

import { concat, EMPTY, holds, setU16, setU32, slice, u16, u32 } from './bytes.ts';
import { ip6Text, mustSetIp6 } from './text.ts';

export const IP6_HLEN = 40;
export const NEXTHDR_HOP = 0;
export const NEXTHDR_ROUTING = 43;
export const NEXTHDR_FRAGMENT = 44;
export const NEXTHDR_ESP = 50;
export const NEXTHDR_AUTH = 51;
export const IPPROTO_ICMPV6 = 58;
export const NEXTHDR_NONE = 59;
export const NEXTHDR_DEST = 60;
export const IP6_FRAG_HLEN = 8;

export const IP6_PLEN = 4;
export const IP6_NEXT = 6;
export const IP6_HOP = 7;
export const IP6_SRC = 8;
export const IP6_DST = 24;

export function ip6Version(b: Uint8Array, off: number): number {
  return b[off] >>> 4;
}

/** Traffic class. */
export function ip6Class(b: Uint8Array, off: number): number {
  return (u16(b, off) >>> 4) & 0xff;
}

/** Flow label. */
export function ip6Flow(b: Uint8Array, off: number): number {
  return u32(b, off) & 0xfffff;
}

export function ip6PayloadLen(b: Uint8Array, off: number): number {
  return u16(b, off + IP6_PLEN);
}

export function ip6Next(b: Uint8Array, off: number): number {
  return b[off + IP6_NEXT];
}

export function ip6HopLimit(b: Uint8Array, off: number): number {
  return b[off + IP6_HOP];
}

/** Word 0 to 3 of the source, of the destination. */
export function ip6SrcWord(b: Uint8Array, off: number, i: number): number {
  return u32(b, off + IP6_SRC + 4 * i);
}

export function ip6DstWord(b: Uint8Array, off: number, i: number): number {
  return u32(b, off + IP6_DST + 4 * i);
}

/** Are the sixteen bytes at the two places equal? */
export function ip6Equals(a: Uint8Array, aOff: number, b: Uint8Array, bOff: number): boolean {
  for (let i = 0; i < 16; i++) if (a[aOff + i] !== b[bOff + i]) return false;
  return true;
}

/** These three look at the sixteen bytes at `at`. */
export function ip6IsMulticast(b: Uint8Array, at: number): boolean {
  return b[at] === 0xff;
}

export function ip6IsLinkLocal(b: Uint8Array, at: number): boolean {
  return b[at] === 0xfe && (b[at + 1] & 0xc0) === 0x80;
}

export function ip6IsUnspecified(b: Uint8Array, at: number): boolean {
  return u32(b, at) === 0 && u32(b, at + 4) === 0 && u32(b, at + 8) === 0 && u32(b, at + 12) === 0;
}

export function setIp6HopLimit(b: Uint8Array, off: number, hops: number): void {
  b[off + IP6_HOP] = hops;
}

export function setIp6PayloadLen(b: Uint8Array, off: number, len: number): void {
  setU16(b, off + IP6_PLEN, len);
}

/** The fixed part; the caller copies the addresses to off + IP6_SRC and off + IP6_DST. */
export function setIp6(
  b: Uint8Array,
  off: number,
  tclass: number,
  flow: number,
  payloadLen: number,
  next: number,
  hopLimit: number,
): void {
  setU32(b, off, 0x60000000 | (tclass << 20) | flow);
  setU16(b, off + IP6_PLEN, payloadLen);
  b[off + IP6_NEXT] = next;
  b[off + IP6_HOP] = hopLimit;
}

/** Is the header whole, and is all of the payload that it claims within `len` bytes? */
export function ip6HeaderOk(b: Uint8Array, off: number, len: number): boolean {
  return len >= IP6_HLEN && b[off] >>> 4 === 6 && IP6_HLEN + ip6PayloadLen(b, off) <= len;
}

export function ip6IsExtension(next: number): boolean {
  return (
    next === NEXTHDR_HOP ||
    next === NEXTHDR_ROUTING ||
    next === NEXTHDR_FRAGMENT ||
    next === NEXTHDR_AUTH ||
    next === NEXTHDR_DEST
  );
}

/** Length in bytes of the extension header of kind `next` at `at`. */
export function ip6ExtLen(b: Uint8Array, at: number, next: number): number {
  if (next === NEXTHDR_FRAGMENT) return IP6_FRAG_HLEN;
  if (next === NEXTHDR_AUTH) return (b[at + 1] + 2) << 2;
  return (b[at + 1] + 1) << 3;
}

const MAX_EXT = 16;

/**
 * Where the upper layer begins for the IPv6 header at `off`; `end` is where the packet ends. A later fragment has no upper
 * layer: the walk stops behind its fragment header. Negative when a header is cut or there are too many.
 * `ip6UpperProto` says which protocol it is.
 */
export function ip6UpperOff(b: Uint8Array, off: number, end: number): number {
  return walk(b, off, end, false);
}

/** The protocol at ip6UpperOff, or -1 when the chain is broken. */
export function ip6UpperProto(b: Uint8Array, off: number, end: number): number {
  return walk(b, off, end, true);
}

function walk(b: Uint8Array, off: number, end: number, wantProto: boolean): number {
  let next = ip6Next(b, off);
  let at = off + IP6_HLEN;
  if (at > end) return -1;
  for (let i = 0; i < MAX_EXT && ip6IsExtension(next); i++) {
    if (at + 8 > end) return -1;
    const n = ip6ExtLen(b, at, next);
    if (at + n > end) return -1;
    const later = next === NEXTHDR_FRAGMENT && (u16(b, at + 2) & 0xfff8) !== 0;
    next = b[at];
    at += n;
    if (later) return wantProto ? next : at;
  }
  if (ip6IsExtension(next)) return -1;
  return wantProto ? next : at;
}

/** Where the fragment header is, or -1. */
export function ip6FragHdrOff(b: Uint8Array, off: number, end: number): number {
  let next = ip6Next(b, off);
  let at = off + IP6_HLEN;
  for (let i = 0; i < MAX_EXT && ip6IsExtension(next) && at + 8 <= end; i++) {
    if (next === NEXTHDR_FRAGMENT) return at;
    const n = ip6ExtLen(b, at, next);
    next = b[at];
    at += n;
  }
  return -1;
}

export interface Ip6Record {
  tclass: number;
  flow: number;
  hopLimit: number;
  next: number;
  src: string;
  dst: string;
  /** Extension headers included. */
  payload: Uint8Array;
  /** The upper layer behind the extension headers; proto -1 when the chain is broken. */
  proto: number;
  upper: Uint8Array;
}

export function decodeIp6(b: Uint8Array, off: number, len: number): Ip6Record | null {
  if (!holds(b, off, len, IP6_HLEN) || !ip6HeaderOk(b, off, len)) return null;
  const end = off + IP6_HLEN + ip6PayloadLen(b, off);
  const at = ip6UpperOff(b, off, end);
  return {
    tclass: ip6Class(b, off),
    flow: ip6Flow(b, off),
    hopLimit: ip6HopLimit(b, off),
    next: ip6Next(b, off),
    src: ip6Text(b, off + IP6_SRC),
    dst: ip6Text(b, off + IP6_DST),
    payload: slice(b, off + IP6_HLEN, end - off - IP6_HLEN),
    proto: ip6UpperProto(b, off, end),
    upper: at < 0 ? EMPTY : slice(b, at, end - at),
  };
}

export interface Ip6Fields {
  tclass?: number;
  flow?: number;
  hopLimit?: number;
  next: number;
  src: string;
  dst: string;
  payload?: Uint8Array;
  /** A lie, for tests. */
  payloadLen?: number;
}

export function encodeIp6(r: Ip6Fields): Uint8Array {
  const h = new Uint8Array(IP6_HLEN);
  const payload = r.payload ?? EMPTY;
  setIp6(h, 0, r.tclass ?? 0, r.flow ?? 0, r.payloadLen ?? payload.length, r.next, r.hopLimit ?? 64);
  mustSetIp6(h, IP6_SRC, r.src);
  mustSetIp6(h, IP6_DST, r.dst);
  return concat(h, payload);
}

/** A hop-by-hop or destination header with one option list, padded with PadN to a multiple of eight. */
export function encodeIp6Options(next: number, options: Uint8Array): Uint8Array {
  const n = (2 + options.length + 7) & ~7;
  const b = new Uint8Array(n);
  b[0] = next;
  b[1] = (n >> 3) - 1;
  b.set(options, 2);
  const pad = n - 2 - options.length;
  if (pad > 1) {
    b[2 + options.length] = 1;
    b[3 + options.length] = pad - 2;
  }
  return b;
}

/** A fragment header. `fragOff` in bytes. */
export function encodeIp6Frag(r: { next: number; fragOff: number; mf: boolean; id: number }): Uint8Array {
  const b = new Uint8Array(IP6_FRAG_HLEN);
  b[0] = r.next;
  setU16(b, 2, (r.fragOff & 0xfff8) | (r.mf ? 1 : 0));
  setU32(b, 4, r.id);
  return b;
}
