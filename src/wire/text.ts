// Addresses in place as text: the edge of this room, for records and printers. Nothing here runs per frame.
// How addresses are spelled is uapi/format.ts; here are offsets, and encoders that must not be given nonsense.

import {
  bytesOfMac,
  formatIp4,
  formatIp6,
  formatMac,
  macOfBytes,
  parseIp4,
  parseIp6,
  parseMac,
} from '../uapi/format.ts';
import { setU32 } from './bytes.ts';

/** `02:00:00:00:00:07` */
export function macText(b: Uint8Array, at: number): string {
  return formatMac(macOfBytes(b, at));
}

/** Writes six bytes; false (and nothing written) when the text is no MAC. */
export function setMacText(b: Uint8Array, at: number, text: string): boolean {
  const key = parseMac(text);
  if (key !== null) b.set(bytesOfMac(key), at);
  return key !== null;
}

/** 48-bit number to text and back; NaN when the text is no MAC. */
export function macKeyText(key: number): string {
  return formatMac(key);
}

export function macKeyOf(text: string): number {
  return parseMac(text) ?? Number.NaN;
}

/** `10.0.0.2` from an unsigned 32-bit number. */
export function ip4Text(addr: number): string {
  return formatIp4(addr);
}

/** Unsigned 32-bit number, or NaN. Four decimal parts, as inet_pton() wants them. */
export function ip4Of(text: string): number {
  return parseIp4(text) ?? Number.NaN;
}

/** RFC 5952. */
export function ip6Text(b: Uint8Array, at: number): string {
  return formatIp6(b.subarray(at, at + 16));
}

/** Writes sixteen bytes; false (and nothing written) when the text is no IPv6 address. */
export function setIp6Text(b: Uint8Array, at: number, text: string): boolean {
  const bytes = parseIp6(text);
  if (bytes !== null) b.set(bytes, at);
  return bytes !== null;
}

/** Sixteen bytes, or null. */
export function ip6Of(text: string): Uint8Array | null {
  return parseIp6(text);
}

/** An address for an encoder: text that is no address is the caller's bug. */
export function mustSetIp4(b: Uint8Array, at: number, text: string): void {
  const v = ip4Of(text);
  if (Number.isNaN(v)) throw new TypeError(`not an IPv4 address: ${text}`);
  setU32(b, at, v);
}

export function mustSetIp6(b: Uint8Array, at: number, text: string): void {
  if (!setIp6Text(b, at, text)) throw new TypeError(`not an IPv6 address: ${text}`);
}

export function mustSetMac(b: Uint8Array, at: number, text: string): void {
  if (!setMacText(b, at, text)) throw new TypeError(`not a MAC address: ${text}`);
}
