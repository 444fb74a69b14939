// Bitsets of ethtool netlink, both ways: bit by bit with names, or compact as words. Here a set is a bigint.
// Linux: net/ethtool/bitset.c, ethnl_put_bitset32(), ethnl_parse_bitset().

import { NlError } from '../netlink/error.ts';
import type { Bitset } from '../uapi/ethtool.ts';
import type { Request } from './request.ts';
import { Tb } from './tb.ts';

const NOMASK = 1;
const SIZE = 2;
const BITS = 3;
const VALUE = 4;
const MASK = 5;
const BIT_INDEX = 1;
const BIT_NAME = 2;
const BIT_VALUE = 3;

/** A set as the kernel shows it; `mask` null: a list of what is set. */
export function putBitset(
  value: bigint,
  mask: bigint | null,
  names: readonly string[],
  size: number,
  compact: boolean,
): Bitset {
  const out: Bitset = {};
  if (mask === null) out.nomask = true;
  out.size = size;
  if (compact) {
    out.value = words(value, size);
    if (mask !== null) out.mask = words(mask, size);
    return out;
  }
  const shown = mask ?? value;
  const bits: NonNullable<Bitset['bits']> = [];
  for (let i = 0; i < size; i++) {
    if (!bitOf(shown, i)) continue;
    const bit: { index: number; name: string; value?: boolean } = { index: i, name: names[i] ?? '' };
    if (mask !== null && bitOf(value, i)) bit.value = true;
    bits.push(bit);
  }
  out.bits = bits;
  return out;
}

function bitOf(set: bigint, i: number): boolean {
  return ((set >> BigInt(i)) & 1n) !== 0n;
}

function words(set: bigint, size: number): number[] {
  const out: number[] = [];
  for (let i = 0; i < size; i += 32) out.push(Number((set >> BigInt(i)) & 0xffffffffn));
  return out;
}

/** What a request wants: which bits it speaks of, and what they are to be. */
export interface WantedBits {
  value: bigint;
  mask: bigint;
}

export function parseBitset(req: Request, outer: Tb, type: number, names: readonly string[], size: number): WantedBits {
  const tb = outer.nest(type);
  const all = (1n << BigInt(size)) - 1n;
  const noMask = tb.has(NOMASK);
  if (!tb.has(BITS)) return parseCompact(req, outer, type, tb, size);
  if (tb.has(VALUE)) throw req.badAttr('EINVAL', 'value only allowed in compact bitset', tb, VALUE);
  if (tb.has(MASK)) throw req.badAttr('EINVAL', 'mask only allowed in compact bitset', tb, MASK);
  const out: WantedBits = { value: 0n, mask: noMask ? all : 0n };
  tb.each(BITS, (_type, from, to) => {
    const bit = new Tb(req.msg, from, to);
    const index = indexOf(req, bit, from, names, size);
    const one = 1n << BigInt(index);
    if (noMask || bit.has(BIT_VALUE)) out.value |= one;
    if (!noMask) out.mask |= one;
  });
  return out;
}

function indexOf(req: Request, bit: Tb, from: number, names: readonly string[], size: number): number {
  if (bit.has(BIT_INDEX)) {
    const index = bit.u32(BIT_INDEX);
    if (index >= size) throw req.badAttr('EOPNOTSUPP', 'bit index too high', bit, BIT_INDEX);
    if (bit.has(BIT_NAME) && bit.text(BIT_NAME) !== (names[index] ?? '')) {
      throw new NlError('EINVAL', { text: 'bit index and name mismatch', offset: from - 4 - (req.msg.at - 16) });
    }
    return index;
  }
  if (!bit.has(BIT_NAME)) {
    throw new NlError('EINVAL', { text: 'neither bit index nor name specified', offset: from - 4 - (req.msg.at - 16) });
  }
  const index = names.indexOf(bit.text(BIT_NAME));
  if (index < 0) throw req.badAttr('EOPNOTSUPP', 'bit name not found', bit, BIT_NAME);
  return index;
}

function parseCompact(req: Request, outer: Tb, type: number, tb: Tb, size: number): WantedBits {
  if (!tb.has(SIZE)) throw req.badAttr('EINVAL', 'missing size in compact bitset', outer, type);
  if (!tb.has(VALUE)) throw req.badAttr('EINVAL', 'missing value in compact bitset', outer, type);
  const noMask = tb.has(NOMASK);
  if (noMask && tb.has(MASK)) throw req.badAttr('EINVAL', 'mask not allowed in list bitset', tb, MASK);
  if (!noMask && !tb.has(MASK)) throw req.badAttr('EINVAL', 'missing mask in compact bitset', outer, type);
  const given = tb.u32(SIZE);
  const wordsLength = Math.ceil(given / 32) * 4;
  if (tb.len(VALUE) !== wordsLength)
    throw req.badAttr('EINVAL', 'bitset value length does not match its size', tb, VALUE);
  if (!noMask && tb.len(MASK) !== wordsLength)
    throw req.badAttr('EINVAL', 'bitset mask length does not match its size', tb, MASK);
  const all = (1n << BigInt(size)) - 1n;
  const value = numberOf(tb, VALUE);
  const mask = noMask ? all : numberOf(tb, MASK);
  if (given > size && (value | (noMask ? 0n : mask)) >> BigInt(size) !== 0n) {
    throw req.badAttr('EINVAL', 'mask contains invalid bits', outer, type);
  }
  return { value: value & all, mask: mask & all };
}

function numberOf(tb: Tb, type: number): bigint {
  let out = 0n;
  for (let i = tb.len(type) - 4; i >= 0; i -= 4)
    out = (out << 32n) | BigInt(tb.src.view.getUint32(tb.start(type) + i, true));
  return out;
}
