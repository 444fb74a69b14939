// IGMP versions 1 to 3 (RFC 2236, RFC 3376). Linux: include/uapi/linux/igmp.h.

import { concat, holds, setU16, setU32, u16, u32 } from './bytes.ts';
import { inetChecksum } from './checksum.ts';
import { ip4Of, ip4Text, mustSetIp4 } from './text.ts';

export const IGMP_HLEN = 8;
export const IGMP_HOST_MEMBERSHIP_QUERY = 0x11;
export const IGMP_HOST_MEMBERSHIP_REPORT = 0x12;
export const IGMPV2_HOST_MEMBERSHIP_REPORT = 0x16;
export const IGMP_HOST_LEAVE_MESSAGE = 0x17;
export const IGMPV3_HOST_MEMBERSHIP_REPORT = 0x22;

/** Group record types of a version 3 report. */
export const IGMPV3_MODE_IS_INCLUDE = 1;
export const IGMPV3_MODE_IS_EXCLUDE = 2;
export const IGMPV3_CHANGE_TO_INCLUDE = 3;
export const IGMPV3_CHANGE_TO_EXCLUDE = 4;
export const IGMPV3_ALLOW_NEW_SOURCES = 5;
export const IGMPV3_BLOCK_OLD_SOURCES = 6;

export function igmpType(b: Uint8Array, off: number): number {
  return b[off];
}

/** Tenths of a second until an answer is due, in a query. */
export function igmpMaxResp(b: Uint8Array, off: number): number {
  return b[off + 1];
}

/** The group of a query, a version 1 or 2 report, or a leave. */
export function igmpGroup(b: Uint8Array, off: number): number {
  return u32(b, off + 4);
}

export function setIgmp(b: Uint8Array, off: number, type: number, maxResp: number, group: number): void {
  b[off] = type;
  b[off + 1] = maxResp;
  setU16(b, off + 2, 0);
  setU32(b, off + 4, group);
}

export function setIgmpCheck(b: Uint8Array, off: number, len: number): void {
  setU16(b, off + 2, 0);
  setU16(b, off + 2, inetChecksum(b, off, len));
}

export interface IgmpGroupRecord {
  type: number;
  group: string;
  sources: string[];
}

export interface IgmpRecord {
  type: number;
  maxResp: number;
  /** Empty text in a version 3 report. */
  group: string;
  /** Of a version 3 report. */
  records: IgmpGroupRecord[];
  checkOk: boolean;
}

/** Null when it is short, or a version 3 report's records run over its end. */
export function decodeIgmp(b: Uint8Array, off: number, len: number): IgmpRecord | null {
  if (!holds(b, off, len, IGMP_HLEN)) return null;
  const v3 = b[off] === IGMPV3_HOST_MEMBERSHIP_REPORT;
  const records = v3 ? decodeRecords(b, off, len) : [];
  if (records === null) return null;
  return {
    type: b[off],
    maxResp: b[off + 1],
    group: v3 ? '' : ip4Text(igmpGroup(b, off)),
    records,
    checkOk: inetChecksum(b, off, len) === 0,
  };
}

function decodeRecords(b: Uint8Array, off: number, len: number): IgmpGroupRecord[] | null {
  const out: IgmpGroupRecord[] = [];
  const end = off + len;
  let at = off + IGMP_HLEN;
  for (let n = u16(b, off + 6); n > 0; n--) {
    if (at + 8 > end) return null;
    const nsrc = u16(b, at + 2);
    const size = 8 + 4 * nsrc + 4 * b[at + 1];
    if (at + size > end) return null;
    const sources: string[] = [];
    for (let i = 0; i < nsrc; i++) sources.push(ip4Text(u32(b, at + 8 + 4 * i)));
    out.push({ type: b[at], group: ip4Text(u32(b, at + 4)), sources });
    at += size;
  }
  return out;
}

export interface IgmpFields {
  type: number;
  maxResp?: number;
  group?: string;
  records?: IgmpGroupRecord[];
}

export function encodeIgmp(r: IgmpFields): Uint8Array {
  const records = r.records ?? [];
  const h = new Uint8Array(IGMP_HLEN);
  const v3 = r.type === IGMPV3_HOST_MEMBERSHIP_REPORT;
  setIgmp(h, 0, r.type, r.maxResp ?? 0, v3 ? records.length : ip4Of(r.group ?? '0.0.0.0'));
  const b = concat(h, ...records.map(encodeRecord));
  setIgmpCheck(b, 0, b.length);
  return b;
}

function encodeRecord(r: IgmpGroupRecord): Uint8Array {
  const b = new Uint8Array(8 + 4 * r.sources.length);
  b[0] = r.type;
  setU16(b, 2, r.sources.length);
  mustSetIp4(b, 4, r.group);
  for (let i = 0; i < r.sources.length; i++) mustSetIp4(b, 8 + 4 * i, r.sources[i]);
  return b;
}
