// The TCP header (RFC 9293) and its options. Linux: include/uapi/linux/tcp.h.

import { concat, EMPTY, holds, setU16, setU32, slice, u16, u32 } from './bytes.ts';
import { l4Checksum4, l4Checksum6 } from './checksum.ts';
import { IPPROTO_TCP } from './ip4.ts';

export const TCP_HLEN = 20;
export const TCP_FIN = 0x01;
export const TCP_SYN = 0x02;
export const TCP_RST = 0x04;
export const TCP_PSH = 0x08;
export const TCP_ACK = 0x10;
export const TCP_URG = 0x20;
export const TCP_ECE = 0x40;
export const TCP_CWR = 0x80;

export const TCPOPT_EOL = 0;
export const TCPOPT_NOP = 1;
export const TCPOPT_MSS = 2;
export const TCPOPT_WINDOW = 3;
export const TCPOPT_SACK_PERM = 4;
export const TCPOPT_SACK = 5;
export const TCPOPT_TIMESTAMP = 8;

export const TCP_CHECK = 16;

export function tcpSport(b: Uint8Array, off: number): number {
  return u16(b, off);
}

export function tcpDport(b: Uint8Array, off: number): number {
  return u16(b, off + 2);
}

export function tcpSeq(b: Uint8Array, off: number): number {
  return u32(b, off + 4);
}

export function tcpAck(b: Uint8Array, off: number): number {
  return u32(b, off + 8);
}

/** Header length in bytes, options included. */
export function tcpHlen(b: Uint8Array, off: number): number {
  return (b[off + 12] >>> 4) << 2;
}

export function tcpFlags(b: Uint8Array, off: number): number {
  return b[off + 13];
}

export function tcpWindow(b: Uint8Array, off: number): number {
  return u16(b, off + 14);
}

export function tcpUrgent(b: Uint8Array, off: number): number {
  return u16(b, off + 18);
}

/** A header without options and with checksum 0. */
export function setTcp(
  b: Uint8Array,
  off: number,
  sport: number,
  dport: number,
  seq: number,
  ack: number,
  flags: number,
  window: number,
): void {
  setU16(b, off, sport);
  setU16(b, off + 2, dport);
  setU32(b, off + 4, seq);
  setU32(b, off + 8, ack);
  b[off + 12] = 0x50;
  b[off + 13] = flags;
  setU16(b, off + 14, window);
  setU32(b, off + 16, 0);
}

/** Computes the checksum of header and payload, `len` bytes, under the IP header at `ipOff`. */
export function setTcpCheck4(b: Uint8Array, ipOff: number, off: number, len: number): void {
  setU16(b, off + TCP_CHECK, 0);
  setU16(b, off + TCP_CHECK, l4Checksum4(b, ipOff, IPPROTO_TCP, off, len));
}

export function setTcpCheck6(b: Uint8Array, ipOff: number, off: number, len: number): void {
  setU16(b, off + TCP_CHECK, 0);
  setU16(b, off + TCP_CHECK, l4Checksum6(b, ipOff, IPPROTO_TCP, off, len));
}

export interface TcpRecord {
  sport: number;
  dport: number;
  seq: number;
  ack: number;
  flags: number;
  window: number;
  urgent: number;
  check: number;
  options: Uint8Array;
  payload: Uint8Array;
}

/** Null when it is short or its header length is impossible. */
export function decodeTcp(b: Uint8Array, off: number, len: number): TcpRecord | null {
  if (!holds(b, off, len, TCP_HLEN)) return null;
  const hlen = tcpHlen(b, off);
  if (hlen < TCP_HLEN || hlen > len) return null;
  return {
    sport: tcpSport(b, off),
    dport: tcpDport(b, off),
    seq: tcpSeq(b, off),
    ack: tcpAck(b, off),
    flags: tcpFlags(b, off),
    window: tcpWindow(b, off),
    urgent: tcpUrgent(b, off),
    check: u16(b, off + TCP_CHECK),
    options: slice(b, off + TCP_HLEN, hlen - TCP_HLEN),
    payload: slice(b, off + hlen, len - hlen),
  };
}

export interface TcpFields {
  sport: number;
  dport: number;
  seq?: number;
  ack?: number;
  flags: number;
  window?: number;
  urgent?: number;
  check?: number;
  /** Padded to a multiple of four with zeros (End of Option List). */
  options?: Uint8Array;
  payload?: Uint8Array;
}

/** Checksum as given, or 0: frame() fills it in, since it needs the addresses. */
export function encodeTcp(r: TcpFields): Uint8Array {
  const options = r.options ?? EMPTY;
  const hlen = TCP_HLEN + ((options.length + 3) & ~3);
  const h = new Uint8Array(hlen);
  setTcp(h, 0, r.sport, r.dport, r.seq ?? 0, r.ack ?? 0, r.flags, r.window ?? 65535);
  h[12] = (hlen >> 2) << 4;
  setU16(h, TCP_CHECK, r.check ?? 0);
  setU16(h, 18, r.urgent ?? 0);
  h.set(options, TCP_HLEN);
  return concat(h, r.payload ?? EMPTY);
}
