// The IPv4 header (RFC 791) with options and fragment fields. Linux: include/uapi/linux/ip.h, net/ipv4/ip_input.c.

import { concat, EMPTY, holds, setU16, setU32, slice, u16, u32 } from './bytes.ts';
import { csumReplace16, inetChecksum } from './checksum.ts';
import { ip4Text, mustSetIp4 } from './text.ts';

export const IP4_HLEN = 20;
export const IPPROTO_ICMP = 1;
export const IPPROTO_IGMP = 2;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;

export const IP4_CE = 0x8000;
export const IP4_DF = 0x4000;
export const IP4_MF = 0x2000;
export const IP4_OFFSET_MASK = 0x1fff;

export const IP4_ID = 4;
export const IP4_FRAG = 6;
export const IP4_TTL = 8;
export const IP4_PROTO = 9;
export const IP4_CHECK = 10;
export const IP4_SRC = 12;
export const IP4_DST = 16;

export function ip4Version(b: Uint8Array, off: number): number {
  return b[off] >>> 4;
}

/** Header length in bytes, options included. */
export function ip4Hlen(b: Uint8Array, off: number): number {
  return (b[off] & 15) << 2;
}

export function ip4Tos(b: Uint8Array, off: number): number {
  return b[off + 1];
}

export function ip4TotalLen(b: Uint8Array, off: number): number {
  return u16(b, off + 2);
}

export function ip4Id(b: Uint8Array, off: number): number {
  return u16(b, off + IP4_ID);
}

/** The flags and the fragment offset as they are in the header. */
export function ip4Frag(b: Uint8Array, off: number): number {
  return u16(b, off + IP4_FRAG);
}

/** Fragment offset in bytes. */
export function ip4FragOff(b: Uint8Array, off: number): number {
  return (u16(b, off + IP4_FRAG) & IP4_OFFSET_MASK) << 3;
}

export function ip4MoreFrags(b: Uint8Array, off: number): boolean {
  return (b[off + IP4_FRAG] & 0x20) !== 0;
}

export function ip4DontFrag(b: Uint8Array, off: number): boolean {
  return (b[off + IP4_FRAG] & 0x40) !== 0;
}

/** A fragment: more follow, or some came before. Linux: ip_is_fragment(). */
export function ip4IsFragment(b: Uint8Array, off: number): boolean {
  return (u16(b, off + IP4_FRAG) & (IP4_MF | IP4_OFFSET_MASK)) !== 0;
}

export function ip4Ttl(b: Uint8Array, off: number): number {
  return b[off + IP4_TTL];
}

export function ip4Proto(b: Uint8Array, off: number): number {
  return b[off + IP4_PROTO];
}

export function ip4Check(b: Uint8Array, off: number): number {
  return u16(b, off + IP4_CHECK);
}

export function ip4Src(b: Uint8Array, off: number): number {
  return u32(b, off + IP4_SRC);
}

export function ip4Dst(b: Uint8Array, off: number): number {
  return u32(b, off + IP4_DST);
}

export function setIp4TotalLen(b: Uint8Array, off: number, len: number): void {
  setU16(b, off + 2, len);
}

export function setIp4Id(b: Uint8Array, off: number, id: number): void {
  setU16(b, off + IP4_ID, id);
}

/** Flags and offset in the header's own form. */
export function setIp4Frag(b: Uint8Array, off: number, frag: number): void {
  setU16(b, off + IP4_FRAG, frag);
}

export function setIp4Ttl(b: Uint8Array, off: number, ttl: number): void {
  b[off + IP4_TTL] = ttl;
}

export function setIp4Src(b: Uint8Array, off: number, addr: number): void {
  setU32(b, off + IP4_SRC, addr);
}

export function setIp4Dst(b: Uint8Array, off: number, addr: number): void {
  setU32(b, off + IP4_DST, addr);
}

/** Computes the header checksum anew. */
export function setIp4Check(b: Uint8Array, off: number): void {
  setU16(b, off + IP4_CHECK, 0);
  setU16(b, off + IP4_CHECK, inetChecksum(b, off, ip4Hlen(b, off)));
}

export function ip4CheckOk(b: Uint8Array, off: number): boolean {
  return inetChecksum(b, off, ip4Hlen(b, off)) === 0;
}

/** One hop further: TTL minus one, checksum repaired in place. Linux: ip_decrease_ttl(). */
export function ip4DecTtl(b: Uint8Array, off: number): void {
  const was = u16(b, off + IP4_TTL);
  b[off + IP4_TTL]--;
  setU16(b, off + IP4_CHECK, csumReplace16(u16(b, off + IP4_CHECK), was, u16(b, off + IP4_TTL)));
}

/** A header without options, checksum included. */
export function setIp4(
  b: Uint8Array,
  off: number,
  tos: number,
  totalLen: number,
  id: number,
  frag: number,
  ttl: number,
  proto: number,
  src: number,
  dst: number,
): void {
  b[off] = 0x45;
  b[off + 1] = tos;
  setU16(b, off + 2, totalLen);
  setU16(b, off + IP4_ID, id);
  setU16(b, off + IP4_FRAG, frag);
  b[off + IP4_TTL] = ttl;
  b[off + IP4_PROTO] = proto;
  setU32(b, off + IP4_SRC, src);
  setU32(b, off + IP4_DST, dst);
  setIp4Check(b, off);
}

/** Is the header whole and consistent within `len` bytes? The checksum is a separate question. */
export function ip4HeaderOk(b: Uint8Array, off: number, len: number): boolean {
  if (len < IP4_HLEN || b[off] >>> 4 !== 4) return false;
  const hlen = ip4Hlen(b, off);
  const total = ip4TotalLen(b, off);
  return hlen >= IP4_HLEN && hlen <= len && total >= hlen && total <= len;
}

export function ip4IsMulticast(addr: number): boolean {
  return addr >>> 28 === 14;
}

export const IP4_BROADCAST = 0xffffffff;

export interface Ip4Record {
  tos: number;
  id: number;
  df: boolean;
  mf: boolean;
  /** In bytes. */
  fragOff: number;
  ttl: number;
  proto: number;
  src: string;
  dst: string;
  options: Uint8Array;
  checkOk: boolean;
  payload: Uint8Array;
}

/** Null when the header is short, no IPv4, or claims more than there is. Bytes after the packet are padding, not payload. */
export function decodeIp4(b: Uint8Array, off: number, len: number): Ip4Record | null {
  if (!holds(b, off, len, IP4_HLEN) || !ip4HeaderOk(b, off, len)) return null;
  const hlen = ip4Hlen(b, off);
  return {
    tos: ip4Tos(b, off),
    id: ip4Id(b, off),
    df: ip4DontFrag(b, off),
    mf: ip4MoreFrags(b, off),
    fragOff: ip4FragOff(b, off),
    ttl: ip4Ttl(b, off),
    proto: ip4Proto(b, off),
    src: ip4Text(ip4Src(b, off)),
    dst: ip4Text(ip4Dst(b, off)),
    options: slice(b, off + IP4_HLEN, hlen - IP4_HLEN),
    checkOk: ip4CheckOk(b, off),
    payload: slice(b, off + hlen, ip4TotalLen(b, off) - hlen),
  };
}

export interface Ip4Fields {
  tos?: number;
  id?: number;
  df?: boolean;
  mf?: boolean;
  fragOff?: number;
  ttl?: number;
  proto: number;
  src: string;
  dst: string;
  /** Padded to a multiple of four with zeros (End of Options). */
  options?: Uint8Array;
  payload?: Uint8Array;
  /** Lies, for tests: written as they are. */
  totalLen?: number;
  check?: number;
}

export function encodeIp4(r: Ip4Fields): Uint8Array {
  const options = r.options ?? EMPTY;
  const payload = r.payload ?? EMPTY;
  const hlen = IP4_HLEN + ((options.length + 3) & ~3);
  const h = new Uint8Array(hlen);
  setIp4(h, 0, r.tos ?? 0, r.totalLen ?? hlen + payload.length, r.id ?? 0, 0, r.ttl ?? 64, r.proto, 0, 0);
  h[0] = 0x40 | (hlen >> 2);
  setIp4Frag(h, 0, (r.df ? IP4_DF : 0) | (r.mf ? IP4_MF : 0) | ((r.fragOff ?? 0) >>> 3));
  mustSetIp4(h, IP4_SRC, r.src);
  mustSetIp4(h, IP4_DST, r.dst);
  h.set(options, IP4_HLEN);
  setIp4Check(h, 0);
  if (r.check !== undefined) setU16(h, IP4_CHECK, r.check);
  return concat(h, payload);
}
