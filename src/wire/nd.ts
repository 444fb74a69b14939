// Neighbour discovery (RFC 4861): the ICMPv6 messages that replace ARP, and their options.
// Linux: include/net/ndisc.h, net/ipv6/ndisc.c.

import { concat, holds, setU32, u32 } from './bytes.ts';
import { ip6Text, macText, mustSetIp6, mustSetMac } from './text.ts';

export const NDISC_ROUTER_SOLICITATION = 133;
export const NDISC_ROUTER_ADVERTISEMENT = 134;
export const NDISC_NEIGHBOUR_SOLICITATION = 135;
export const NDISC_NEIGHBOUR_ADVERTISEMENT = 136;
export const NDISC_REDIRECT = 137;

export const ND_OPT_SOURCE_LL_ADDR = 1;
export const ND_OPT_TARGET_LL_ADDR = 2;
export const ND_OPT_PREFIX_INFO = 3;
export const ND_OPT_REDIRECT_HDR = 4;
export const ND_OPT_MTU = 5;
export const ND_OPT_NONCE = 14;

/** Of a neighbour solicitation or advertisement, from its ICMPv6 header on. */
export const ND_TARGET = 8;
export const ND_OPTIONS = 24;
export const ND_LEN = 24;

/** Flags in the second word of an advertisement. */
export const ND_NA_ROUTER = 0x80000000;
export const ND_NA_SOLICITED = 0x40000000;
export const ND_NA_OVERRIDE = 0x20000000;

export function ndIsSolicited(b: Uint8Array, off: number): boolean {
  return (b[off + 4] & 0x40) !== 0;
}

export function ndIsOverride(b: Uint8Array, off: number): boolean {
  return (b[off + 4] & 0x20) !== 0;
}

export function ndIsRouter(b: Uint8Array, off: number): boolean {
  return (b[off + 4] & 0x80) !== 0;
}

/**
 * Where option `type` begins among the options from `off` to `end`, or -1 when it is missing. -2 when the list is malformed
 * (an option of length zero, or one that runs over the end), for which the whole message is to be dropped.
 */
export function ndOption(b: Uint8Array, off: number, end: number, type: number): number {
  let found = -1;
  let at = off;
  while (at < end) {
    if (at + 2 > end) return -2;
    const n = b[at + 1] << 3;
    if (n === 0 || at + n > end) return -2;
    if (b[at] === type && found < 0) found = at;
    at += n;
  }
  return found;
}

/** Writes a link-layer address option of eight bytes; the address itself goes to at + 2. */
export function setNdLlOption(b: Uint8Array, at: number, type: number): void {
  b[at] = type;
  b[at + 1] = 1;
}

/** The solicited-node group of the address at `from` (ff02::1:ffXX:XXXX), written at `to`. */
export function setSolicitedNode(b: Uint8Array, to: number, src: Uint8Array, from: number): void {
  setU32(b, to, 0xff020000);
  setU32(b, to + 4, 0);
  setU32(b, to + 8, 1);
  setU32(b, to + 12, 0xff000000 | (u32(src, from + 12) & 0xffffff));
}

export interface NdRecord {
  type: number;
  target: string;
  router: boolean;
  solicited: boolean;
  override: boolean;
  /** Source or target link-layer address, or null. */
  lladdr: string | null;
}

/** A neighbour solicitation or advertisement from its ICMPv6 header on; null for anything else or a malformed one. */
export function decodeNd(b: Uint8Array, off: number, len: number): NdRecord | null {
  if (!holds(b, off, len, ND_LEN)) return null;
  const type = b[off];
  if (type !== NDISC_NEIGHBOUR_SOLICITATION && type !== NDISC_NEIGHBOUR_ADVERTISEMENT) return null;
  const opt = type === NDISC_NEIGHBOUR_SOLICITATION ? ND_OPT_SOURCE_LL_ADDR : ND_OPT_TARGET_LL_ADDR;
  const at = ndOption(b, off + ND_OPTIONS, off + len, opt);
  if (at === -2) return null;
  return {
    type,
    target: ip6Text(b, off + ND_TARGET),
    router: ndIsRouter(b, off),
    solicited: ndIsSolicited(b, off),
    override: ndIsOverride(b, off),
    lladdr: at < 0 ? null : macText(b, at + 2),
  };
}

export interface NdFields {
  type: number;
  target: string;
  router?: boolean;
  solicited?: boolean;
  override?: boolean;
  lladdr?: string | null;
}

/** What follows the type, code and checksum of an ICMPv6 message: its second word, the target and the option. */
export function encodeNdBody(r: NdFields): Uint8Array {
  const b = new Uint8Array(ND_LEN - 4);
  const router = r.router ? ND_NA_ROUTER : 0;
  setU32(b, 0, (router | (r.solicited ? ND_NA_SOLICITED : 0) | (r.override ? ND_NA_OVERRIDE : 0)) >>> 0);
  mustSetIp6(b, ND_TARGET - 4, r.target);
  if (r.lladdr === undefined || r.lladdr === null) return b;
  const o = new Uint8Array(8);
  setNdLlOption(o, 0, r.type === NDISC_NEIGHBOUR_SOLICITATION ? ND_OPT_SOURCE_LL_ADDR : ND_OPT_TARGET_LL_ADDR);
  mustSetMac(o, 2, r.lladdr);
  return concat(b, o);
}

/** The whole message, checksum 0. */
export function encodeNd(r: NdFields): Uint8Array {
  return concat(new Uint8Array([r.type, 0, 0, 0]), encodeNdBody(r));
}
