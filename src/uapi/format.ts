// Addresses and flags as text, the way Linux tools print and take them. Numbers inside, words at the edge: only people
// and command lines see these. A text that is no address parses to null; what to say about it is the command's business.

import type { IpAddr } from './attr.ts';
import { IFF_RUNNING, IFF_UP } from './link.ts';

const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

/** A MAC of 48 bits: 0x020000000007 is "02:00:00:00:00:07". */
export function formatMac(mac: number): string {
  const high = Math.floor(mac / 0x1_0000_0000);
  const low = mac >>> 0;
  return `${HEX[high >>> 8]}:${HEX[high & 255]}:${HEX[low >>> 24]}:${HEX[(low >>> 16) & 255]}:${HEX[(low >>> 8) & 255]}:${HEX[low & 255]}`;
}

/** Six parts of one or two hex digits, as ll_addr_a2n() takes them; null: no MAC. */
export function parseMac(text: string): number | null {
  if (!/^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}$/i.test(text)) return null;
  return text.split(':').reduce((key, part) => key * 256 + Number.parseInt(part, 16), 0);
}

/** Six bytes as a 48-bit number. */
export function macOfBytes(bytes: Uint8Array, at = 0): number {
  let key = 0;
  for (let i = 0; i < 6; i++) key = key * 256 + bytes[at + i];
  return key;
}

/** A 48-bit number as six bytes. */
export function bytesOfMac(mac: number): Uint8Array {
  const high = Math.floor(mac / 0x1_0000_0000);
  return Uint8Array.of(high >>> 8, high, mac >>> 24, mac >>> 16, mac >>> 8, mac);
}

/** 0x0a000001 is "10.0.0.1". */
export function formatIp4(ip: number): string {
  return `${ip >>> 24}.${(ip >>> 16) & 255}.${(ip >>> 8) & 255}.${ip & 255}`;
}

/** Four decimal parts, as inet_pton() takes them; null: no IPv4 address. */
export function parseIp4(text: string): number | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  let ip = 0;
  for (const part of parts) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return null;
    ip = ip * 256 + Number(part);
  }
  return ip;
}

/** Sixteen bytes as inet_ntop() prints them (RFC 5952; IPv4 in dots under ::/96 and ::ffff:0:0/96). */
export function formatIp6(bytes: Uint8Array): string {
  const words = Array.from({ length: 8 }, (_, i) => bytes[2 * i] * 256 + bytes[2 * i + 1]);
  const gap = longestGap(words);
  const dotted = gap.at === 0 && (gap.length === 6 || (gap.length === 5 && words[5] === 0xffff));
  const last = dotted ? 6 : 8;
  let text = '';
  for (let i = 0; i < last; i++) {
    if (i >= gap.at && i < gap.at + gap.length) {
      if (i === gap.at) text += ':';
      continue;
    }
    text += `${i > 0 ? ':' : ''}${words[i].toString(16)}`;
  }
  if (dotted) return `${text}:${formatIp4(words[6] * 0x1_0000 + words[7])}`;
  return gap.at + gap.length === 8 ? `${text}:` : text;
}

/** The first of the longest runs of zero words, if it has two words at least. */
function longestGap(words: number[]): { at: number; length: number } {
  let best = { at: -1, length: 0 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && words[at + length] === 0) length++;
    if (length >= 2 && length > best.length) best = { at, length };
    at += length;
  }
  return best;
}

/** As inet_pton() takes them; null: no IPv6 address. */
export function parseIp6(text: string): Uint8Array | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = wordsOf(halves[0], halves.length === 1);
  const tail = halves.length === 2 ? wordsOf(halves[1], true) : [];
  if (head === null || tail === null) return null;
  const count = head.length + tail.length;
  if (halves.length === 1 ? count !== 8 : count > 7) return null;
  const words = [...head, ...new Array<number>(8 - count).fill(0), ...tail];
  return Uint8Array.from(words.flatMap((w) => [w >>> 8, w & 255]));
}

/** The words of one side of "::"; the last part may be an IPv4 address where `dotted` allows it. */
function wordsOf(text: string, dotted: boolean): number[] | null {
  if (text === '') return [];
  const parts = text.split(':');
  const out: number[] = [];
  for (const [i, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) {
      out.push(Number.parseInt(part, 16));
      continue;
    }
    const ip4 = dotted && i === parts.length - 1 ? parseIp4(part) : null;
    if (ip4 === null) return null;
    out.push(ip4 >>> 16, ip4 & 0xffff);
  }
  return out;
}

export function formatIp(ip: IpAddr): string {
  return typeof ip === 'number' ? formatIp4(ip) : formatIp6(ip);
}

export function parseIp(text: string): IpAddr | null {
  return text.includes(':') ? parseIp6(text) : parseIp4(text);
}

/** Names of set bits, in the order of the list; bits without a name follow as one hex number. */
export function flagNames(flags: number, names: readonly (readonly [bit: number, name: string])[]): string[] {
  const out: string[] = [];
  let rest = flags;
  for (const [bit, name] of names) {
    if ((rest & bit) === 0) continue;
    out.push(name);
    rest &= ~bit;
  }
  if (rest !== 0) out.push((rest >>> 0).toString(16));
  return out;
}

/** In the order in which iproute2 prints them. */
const LINK_FLAGS = [
  [0x8, 'LOOPBACK'],
  [0x2, 'BROADCAST'],
  [0x10, 'POINTOPOINT'],
  [0x1000, 'MULTICAST'],
  [0x80, 'NOARP'],
  [0x200, 'ALLMULTI'],
  [0x100, 'PROMISC'],
  [0x400, 'MASTER'],
  [0x800, 'SLAVE'],
  [0x4, 'DEBUG'],
  [0x8000, 'DYNAMIC'],
  [0x4000, 'AUTOMEDIA'],
  [0x2000, 'PORTSEL'],
  [0x20, 'NOTRAILERS'],
  [0x1, 'UP'],
  [0x1_0000, 'LOWER_UP'],
  [0x2_0000, 'DORMANT'],
  [0x4_0000, 'ECHO'],
] as const;

/** A link's flags as `ip link` prints them between the brackets: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP']. */
export function linkFlagNames(flags: number): string[] {
  const names = flagNames(flags & ~IFF_RUNNING, LINK_FLAGS);
  return (flags & IFF_UP) !== 0 && (flags & IFF_RUNNING) === 0 ? ['NO-CARRIER', ...names] : names;
}
