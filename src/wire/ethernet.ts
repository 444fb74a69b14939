// The Ethernet header: 48-bit addresses and the ethertype. VLAN tags are vlan.ts.
// Addresses are two 24-bit halves for tables, or one 48-bit number (exact in a double) elsewhere.
// Linux: include/uapi/linux/if_ether.h, include/linux/etherdevice.h.

import { concat, EMPTY, holds, setU16, setU24, slice, u16, u24 } from './bytes.ts';
import { macText, mustSetMac } from './text.ts';

export const ETH_ALEN = 6;
export const ETH_HLEN = 14;
/** Shortest frame without its FCS, longest payload, longest frame without its FCS. */
export const ETH_ZLEN = 60;
export const ETH_DATA_LEN = 1500;
export const ETH_FRAME_LEN = 1514;
export const ETH_DST = 0;
export const ETH_SRC = 6;
export const ETH_TYPE = 12;

export const ETH_P_ALL = 0x0003;
/** Below this, the type field is a length and an 802.2 LLC header follows. */
export const ETH_P_802_3_MIN = 0x0600;
export const ETH_P_IP = 0x0800;
export const ETH_P_ARP = 0x0806;
export const ETH_P_RARP = 0x8035;
export const ETH_P_8021Q = 0x8100;
export const ETH_P_IPV6 = 0x86dd;
export const ETH_P_PAUSE = 0x8808;
export const ETH_P_SLOW = 0x8809;
export const ETH_P_8021AD = 0x88a8;
export const ETH_P_LLDP = 0x88cc;
export const ETH_P_LOOPBACK = 0x9000;

const HALF = 0x1000000;
/** ff:ff:ff:ff:ff:ff as a 48-bit number. */
export const MAC_BROADCAST = 0xffffffffffff;

/** The first three bytes at `off`. */
export function macHi(b: Uint8Array, off: number): number {
  return u24(b, off);
}

/** The last three bytes of the address at `off`. */
export function macLo(b: Uint8Array, off: number): number {
  return u24(b, off + 3);
}

/** The address at `off` as a 48-bit number. */
export function macKey(b: Uint8Array, off: number): number {
  return u24(b, off) * HALF + u24(b, off + 3);
}

export function setMac(b: Uint8Array, off: number, hi: number, lo: number): void {
  setU24(b, off, hi);
  setU24(b, off + 3, lo);
}

export function setMacKey(b: Uint8Array, off: number, key: number): void {
  const hi = Math.floor(key / HALF);
  setU24(b, off, hi);
  setU24(b, off + 3, key - hi * HALF); // a double's % is a call into C
}

export function macKeyFrom(hi: number, lo: number): number {
  return hi * HALF + lo;
}

export function macKeyHi(key: number): number {
  return Math.floor(key / HALF);
}

export function macKeyLo(key: number): number {
  return key - Math.floor(key / HALF) * HALF;
}

/** Multicast or broadcast: the group bit. */
export function macIsMulticast(b: Uint8Array, off: number): boolean {
  return (b[off] & 1) !== 0;
}

export function macIsBroadcast(b: Uint8Array, off: number): boolean {
  return u24(b, off) === 0xffffff && u24(b, off + 3) === 0xffffff;
}

export function macIsZero(b: Uint8Array, off: number): boolean {
  return u24(b, off) === 0 && u24(b, off + 3) === 0;
}

export function macEquals(a: Uint8Array, aOff: number, b: Uint8Array, bOff: number): boolean {
  return u24(a, aOff) === u24(b, bOff) && u24(a, aOff + 3) === u24(b, bOff + 3);
}

export function keyIsMulticast(key: number): boolean {
  return (Math.floor(key / 0x10000000000) & 1) !== 0;
}

/** Unicast and not zero. Linux: is_valid_ether_addr(). */
export function keyIsValidUnicast(key: number): boolean {
  return key !== 0 && !keyIsMulticast(key);
}

/** The group address that carries an IPv4 group (RFC 1112): 01:00:5e and the low 23 bits. */
export function macOfIp4Group(group: number): number {
  return 0x01005e * HALF + (group & 0x7fffff);
}

/** The group address that carries an IPv6 group (RFC 2464): 33:33 and the last 32 bits. */
export function macOfIp6Group(lastWord: number): number {
  return 0x3333 * 0x100000000 + lastWord;
}

export function ethDstHi(b: Uint8Array, off: number): number {
  return u24(b, off);
}

export function ethDstLo(b: Uint8Array, off: number): number {
  return u24(b, off + 3);
}

export function ethSrcHi(b: Uint8Array, off: number): number {
  return u24(b, off + 6);
}

export function ethSrcLo(b: Uint8Array, off: number): number {
  return u24(b, off + 9);
}

export function ethDst(b: Uint8Array, off: number): number {
  return macKey(b, off);
}

export function ethSrc(b: Uint8Array, off: number): number {
  return macKey(b, off + ETH_SRC);
}

export function ethType(b: Uint8Array, off: number): number {
  return u16(b, off + ETH_TYPE);
}

export function setEthType(b: Uint8Array, off: number, type: number): void {
  setU16(b, off + ETH_TYPE, type);
}

/** The whole header at once. */
export function setEth(b: Uint8Array, off: number, dst: number, src: number, type: number): void {
  setMacKey(b, off, dst);
  setMacKey(b, off + ETH_SRC, src);
  setU16(b, off + ETH_TYPE, type);
}

export interface EthRecord {
  dst: string;
  src: string;
  /** The ethertype, or a length below 0x600. */
  type: number;
  payload: Uint8Array;
}

export function decodeEth(b: Uint8Array, off: number, len: number): EthRecord | null {
  if (!holds(b, off, len, ETH_HLEN)) return null;
  return {
    dst: macText(b, off),
    src: macText(b, off + ETH_SRC),
    type: ethType(b, off),
    payload: slice(b, off + ETH_HLEN, len - ETH_HLEN),
  };
}

export function encodeEth(r: { dst: string; src: string; type: number; payload?: Uint8Array }): Uint8Array {
  const h = new Uint8Array(ETH_HLEN);
  mustSetMac(h, ETH_DST, r.dst);
  mustSetMac(h, ETH_SRC, r.src);
  setU16(h, ETH_TYPE, r.type);
  return concat(h, r.payload ?? EMPTY);
}
