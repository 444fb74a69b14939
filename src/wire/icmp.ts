// ICMP (RFC 792). Linux: include/uapi/linux/icmp.h.

import { concat, EMPTY, holds, setU16, setU32, slice, u16, u32 } from './bytes.ts';
import { inetChecksum } from './checksum.ts';

export const ICMP_HLEN = 8;
export const ICMP_ECHOREPLY = 0;
export const ICMP_DEST_UNREACH = 3;
export const ICMP_SOURCE_QUENCH = 4;
export const ICMP_REDIRECT = 5;
export const ICMP_ECHO = 8;
export const ICMP_TIME_EXCEEDED = 11;
export const ICMP_PARAMETERPROB = 12;
export const ICMP_TIMESTAMP = 13;
export const ICMP_TIMESTAMPREPLY = 14;

/** Codes of DEST_UNREACH. */
export const ICMP_NET_UNREACH = 0;
export const ICMP_HOST_UNREACH = 1;
export const ICMP_PROT_UNREACH = 2;
export const ICMP_PORT_UNREACH = 3;
export const ICMP_FRAG_NEEDED = 4;
/** Codes of TIME_EXCEEDED. */
export const ICMP_EXC_TTL = 0;
export const ICMP_EXC_FRAGTIME = 1;

export const ICMP_CHECK = 2;

export function icmpType(b: Uint8Array, off: number): number {
  return b[off];
}

export function icmpCode(b: Uint8Array, off: number): number {
  return b[off + 1];
}

export function icmpId(b: Uint8Array, off: number): number {
  return u16(b, off + 4);
}

export function icmpSeq(b: Uint8Array, off: number): number {
  return u16(b, off + 6);
}

/** The next hop's MTU of a FRAG_NEEDED. */
export function icmpMtu(b: Uint8Array, off: number): number {
  return u16(b, off + 6);
}

/** The second word whole: gateway of a redirect, identifier and sequence, unused and MTU. */
export function icmpRest(b: Uint8Array, off: number): number {
  return u32(b, off + 4);
}

export function setIcmp(b: Uint8Array, off: number, type: number, code: number, rest: number): void {
  b[off] = type;
  b[off + 1] = code;
  setU16(b, off + ICMP_CHECK, 0);
  setU32(b, off + 4, rest);
}

/** Computes the checksum over the whole message of `len` bytes. */
export function setIcmpCheck(b: Uint8Array, off: number, len: number): void {
  setU16(b, off + ICMP_CHECK, 0);
  setU16(b, off + ICMP_CHECK, inetChecksum(b, off, len));
}

export function icmpCheckOk(b: Uint8Array, off: number, len: number): boolean {
  return inetChecksum(b, off, len) === 0;
}

/** Errors may not be answered by errors. Linux: icmp_pointers[].error. */
export function icmpIsError(type: number): boolean {
  return (
    type === ICMP_DEST_UNREACH ||
    type === ICMP_SOURCE_QUENCH ||
    type === ICMP_REDIRECT ||
    type === ICMP_TIME_EXCEEDED ||
    type === ICMP_PARAMETERPROB
  );
}

export interface IcmpRecord {
  type: number;
  code: number;
  /** The second word as two halves: identifier and sequence number of an echo; the MTU is `seq`. */
  id: number;
  seq: number;
  checkOk: boolean;
  payload: Uint8Array;
}

export function decodeIcmp(b: Uint8Array, off: number, len: number): IcmpRecord | null {
  if (!holds(b, off, len, ICMP_HLEN)) return null;
  return {
    type: icmpType(b, off),
    code: icmpCode(b, off),
    id: icmpId(b, off),
    seq: icmpSeq(b, off),
    checkOk: icmpCheckOk(b, off, len),
    payload: slice(b, off + ICMP_HLEN, len - ICMP_HLEN),
  };
}

export interface IcmpFields {
  type: number;
  code?: number;
  id?: number;
  seq?: number;
  payload?: Uint8Array;
  /** A lie, for tests. */
  check?: number;
}

export function encodeIcmp(r: IcmpFields): Uint8Array {
  const h = new Uint8Array(ICMP_HLEN);
  setIcmp(h, 0, r.type, r.code ?? 0, 0);
  setU16(h, 4, r.id ?? 0);
  setU16(h, 6, r.seq ?? 0);
  const b = concat(h, r.payload ?? EMPTY);
  setIcmpCheck(b, 0, b.length);
  if (r.check !== undefined) setU16(b, ICMP_CHECK, r.check);
  return b;
}
