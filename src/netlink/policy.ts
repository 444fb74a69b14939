// What a kernel refuses about attributes before it looks at their meaning: lengths, ranges, things user space may not
// send. The model's kernel side asks here first and decodes after. Lenient is what rtnetlink's older requests use,
// strict what generic netlink does. Linux: lib/nlattr.c, validate_nla() and __nla_validate_parse().

import type { AnyLine, AnyTable, Kind, Policy } from '../uapi/attr.ts';
import type { NlPolicy } from '../uapi/netlink.ts';
import * as nl from '../uapi/netlink.ts';
import { codecOf, NLA_HDRLEN, type Source, sourceOf } from './attrs.ts';
import { NlError } from './error.ts';
import { NLMSG_HDRLEN, type NlMessage } from './message.ts';
import { align4 } from './writer.ts';

export interface Refusal {
  readonly errno: 'ERANGE' | 'EINVAL';
  readonly text: string;
  /** Where the attribute begins in the bytes that were given; absent when none is to blame. */
  readonly at?: number;
  /** The policy that it failed, as the kernel tells it. */
  readonly policy?: NlPolicy;
}

export interface Strictness {
  /** Unknown types, wrong lengths, missing NLA_F_NESTED and leftover bytes are refused too (NL_VALIDATE_STRICT). */
  readonly strict?: boolean;
  /** Unknown types and leftover bytes alone are refused (NL_VALIDATE_DEPRECATED_STRICT): what NETLINK_GET_STRICT_CHK asks for. */
  readonly closed?: boolean;
  /** Look into nests whose table is known from here. Nests that another layer reads later are left to it: false. */
  readonly deep?: boolean;
}

const FAILED = 'Attribute failed policy validation';

/** The first thing that a kernel would refuse about bytes[at, end), or null. */
export function validate(
  table: AnyTable,
  bytes: Uint8Array,
  at = 0,
  end = bytes.length,
  how: Strictness = {},
): Refusal | null {
  return validateFrom(table, sourceOf(bytes), at, end, how);
}

/** The same for a message whose attributes begin at `at`; throws it as the NlError that the asker should see. */
export function refuseInvalid(table: AnyTable, msg: NlMessage, at: number, how: Strictness = {}): void {
  const refusal = validateFrom(table, msg, at, msg.end, how);
  if (refusal === null) return;
  const { errno, text, at: blamed, policy } = refusal;
  if (blamed === undefined) throw new NlError(errno, text);
  const offset = blamed - (msg.at - NLMSG_HDRLEN);
  throw new NlError(errno, policy === undefined ? { text, offset } : { text, offset, policy });
}

function validateFrom(table: AnyTable, src: Source, at: number, end: number, how: Strictness): Refusal | null {
  const { byType } = codecOf(table);
  while (at + NLA_HDRLEN <= end) {
    const length = src.view.getUint16(at, true);
    if (length < NLA_HDRLEN || at + length > end) break; // the kernel takes it for leftover bytes
    const rawType = src.view.getUint16(at + 2, true);
    const line = byType[rawType & nl.NLA_TYPE_MASK];
    const refusal =
      line === undefined
        ? unknownType(how, at)
        : validateAttr(line, src, at, at + length, (rawType & nl.NLA_F_NESTED) !== 0, how);
    if (refusal !== null) return refusal;
    at += align4(length);
  }
  if (at < end && closed(how)) return { errno: 'EINVAL', text: 'bytes leftover after parsing attributes' };
  return null;
}

/** Where the parsing of bytes[at, end) ends as the kernel sees it: leftover bytes are not attributes. */
export function attributesEnd(src: Source, at: number, end: number): number {
  while (at + NLA_HDRLEN <= end) {
    const length = src.view.getUint16(at, true);
    if (length < NLA_HDRLEN || at + length > end) break;
    at = Math.min(at + align4(length), end);
  }
  return at;
}

/** The byte where the attribute at the end of a path of types begins, or undefined when it is not there. */
export function attrOffset(src: Source, at: number, end: number, path: readonly number[]): number | undefined {
  let found: number | undefined;
  const [type, ...deeper] = path;
  const stop = attributesEnd(src, at, end);
  while (at + NLA_HDRLEN <= stop) {
    const length = src.view.getUint16(at, true);
    if ((src.view.getUint16(at + 2, true) & nl.NLA_TYPE_MASK) === type) {
      found = deeper.length === 0 ? at : attrOffset(src, at + NLA_HDRLEN, at + length, deeper);
    }
    at += align4(length);
  }
  return found;
}

function closed(how: Strictness): boolean {
  return how.strict === true || how.closed === true;
}

function unknownType(how: Strictness, at: number): Refusal | null {
  return closed(how) ? { errno: 'EINVAL', text: 'Unknown attribute type', at } : null;
}

function validateAttr(
  line: AnyLine,
  src: Source,
  at: number,
  end: number,
  nestedBit: boolean,
  how: Strictness,
): Refusal | null {
  const { kind, policy } = line;
  const from = at + NLA_HDRLEN;
  const length = end - from;
  const failed: Failed = (errno, text = FAILED) => ({ errno, text, at, policy: policyTold(line) });
  if (how.strict === true) {
    if (isNumber(kind) && length !== kind.size) return failed('EINVAL', 'invalid attribute length');
    if (isNest(kind) !== nestedBit) {
      return failed('EINVAL', nestedBit ? 'NLA_F_NESTED not expected' : 'NLA_F_NESTED is missing');
    }
  }
  if (policy.reject !== undefined && policy.reject !== false) {
    return { errno: 'EINVAL', text: policy.reject === true ? FAILED : policy.reject, at };
  }
  if (kind.code === 'flag') return length > 0 ? failed('ERANGE') : null;
  if (kind.code === 'string' && policy.min === undefined) return validateText(line, src, from, end, failed);
  if (isNest(kind)) return validateNest(kind, src, from, end, failed, how);
  if (length < (policy.min ?? leastLength(kind))) return failed('ERANGE');
  if (policy.max !== undefined && length > policy.max) return failed('ERANGE');
  if (policy.range === undefined && policy.mask === undefined) return null;
  const value = numberAt(kind, src, from);
  const { range, mask } = policy;
  if (range !== undefined && (value < range[0] || value > range[1])) return failed('ERANGE', 'integer out of range');
  if (mask !== undefined && (value & ~mask) !== 0) return { errno: 'EINVAL', text: 'reserved bit set', at };
  return null;
}

type Failed = (errno: 'ERANGE' | 'EINVAL', text?: string) => Refusal;

function validateText({ policy }: AnyLine, src: Source, from: number, end: number, failed: Failed): Refusal | null {
  const length = end - from;
  if (policy.nul === true) {
    const within = policy.max === undefined ? length : Math.min(length, policy.max + 1);
    if (!src.bytes.subarray(from, from + within).includes(0)) return failed('EINVAL');
  }
  if (length < 1) return failed('ERANGE');
  const text = src.bytes[end - 1] === 0 ? length - 1 : length;
  return policy.max !== undefined && text > policy.max ? failed('ERANGE') : null;
}

function validateNest(
  kind: Kind<unknown>,
  src: Source,
  from: number,
  end: number,
  failed: Failed,
  how: Strictness,
): Refusal | null {
  if (from === end) return null;
  if (end - from < NLA_HDRLEN) return failed('ERANGE');
  if (how.deep === false || kind.code !== 'nest') return null;
  return validateFrom(kind.table as AnyTable, src, from, end, how);
}

function isNest(kind: Kind<unknown>): boolean {
  return kind.code === 'nest' || kind.code === 'list' || kind.code === 'array' || kind.code === 'byKind';
}

function isNumber(kind: Kind<unknown>): boolean {
  return /^(u|s|be)(8|16|32|64)$/.test(kind.code);
}

/** Shortest payload that the kernel takes: ints their size; bytes and addresses of either family any. */
function leastLength(kind: Kind<unknown>): number {
  if (kind.code === 'headed') return kind.struct?.size ?? 0;
  return kind.size > 0 ? kind.size : 0;
}

function numberAt(kind: Kind<unknown>, src: Source, at: number): number {
  switch (kind.size) {
    case 1:
      return kind.code === 's8' ? src.view.getInt8(at) : src.bytes[at];
    case 2:
      return src.view.getUint16(at, kind.code !== 'be16');
    default:
      return kind.code === 's32' ? src.view.getInt32(at, true) : src.view.getUint32(at, kind.code !== 'be32');
  }
}

/** A policy in the words in which the kernel tells it. Linux: netlink_policy_dump_write_attr(). */
function policyTold({ kind, policy }: AnyLine): NlPolicy {
  if (isNest(kind)) return { type: nl.NL_ATTR_TYPE_NESTED };
  if (kind.code === 'flag') return { type: nl.NL_ATTR_TYPE_FLAG };
  if (kind.code === 'string' && policy.min === undefined) {
    return { ...longest(policy), type: policy.nul === true ? nl.NL_ATTR_TYPE_NUL_STRING : nl.NL_ATTR_TYPE_STRING };
  }
  const int = intType(kind, policy);
  if (int === undefined) return { ...longest(policy), type: nl.NL_ATTR_TYPE_BINARY };
  const { type, signed, bits } = int;
  if (bits === 64) return { type }; // limits of 64 bits do not fit a number, and no table has others
  const [min, max] = policy.range ?? (signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1]);
  return signed
    ? { minValueS: s64Bytes(min), maxValueS: s64Bytes(max), type }
    : { minValueU: min, maxValueU: max, type };
}

function longest(policy: Policy): NlPolicy {
  return policy.max === undefined ? {} : { maxLength: policy.max };
}

function intType(kind: Kind<unknown>, policy: Policy): { type: number; signed: boolean; bits: number } | undefined {
  if (kind.code === 'ip' && policy.max === undefined) return { type: nl.NL_ATTR_TYPE_U32, signed: false, bits: 32 };
  if (!isNumber(kind)) return undefined;
  const signed = kind.code.startsWith('s');
  const wider = [1, 2, 4, 8].indexOf(kind.size);
  return { type: (signed ? nl.NL_ATTR_TYPE_S8 : nl.NL_ATTR_TYPE_U8) + wider, signed, bits: 8 * kind.size };
}

function s64Bytes(n: number): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigInt64(0, BigInt(n), true);
  return out;
}
