import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf, hex } from '../../test/netlink-captures.ts';
import * as kinds from '../uapi/attr.ts';
import {
  type AttrTable,
  arrayOf,
  attrs,
  byKind,
  flag,
  headed,
  headedList,
  listOf,
  mac,
  nested,
  nestedNoflag,
  pad,
  rawField,
  string,
  struct,
  structOf,
  u8,
  u16,
  u32,
} from '../uapi/attr.ts';
import { decode, encode } from './attrs.ts';
import { NlFormatError } from './error.ts';

const HEAD = struct('head', { a: u8, hole: pad(1), b: u16, addr: mac, tail: rawField(2) });
const INNER = attrs('INNER', { one: [1, u32], two: [2, string] });
const T = attrs('T', {
  num: [1, u32],
  text: [2, string],
  on: [3, flag],
  inner: [4, nested(INNER)],
  macs: [5, listOf(9, mac)],
  many: [6, arrayOf(1, nestedNoflag(INNER), false)],
  kind: [7, string],
  data: [8, byKind<{ one?: number }>('kind', new Map([['inner', nestedNoflag(INNER)]]))],
  head: [10, structOf(HEAD)],
  peer: [11, headed(HEAD, INNER)],
  small: [12, u8],
});

/** The record that bytes decode to, and the bytes that it encodes to. */
function there<R>(table: AttrTable<R>, text: string): R {
  return decode(table, bytesOf(text));
}

describe('writing', () => {
  test('the order of the keys is the order on the wire', () => {
    expect(hex(encode(T, { small: 1, num: 2 }))).toBe(hex(bytesOf('0500 0c00 01000000 0800 0100 02000000')));
    expect(hex(encode(T, { num: 2, small: 1 }))).toBe(hex(bytesOf('0800 0100 02000000 0500 0c00 01000000')));
  });

  test('absent, undefined and false are not written; zero is', () => {
    expect(hex(encode(T, { num: undefined, on: false }))).toBe('');
    expect(hex(encode(T, { num: 0, on: true }))).toBe(hex(bytesOf('0800 0100 00000000 0400 0300')));
  });

  test('nests with and without their bit, lists, arrays', () => {
    expect(hex(encode(T, { inner: { one: 1 } }))).toBe(hex(bytesOf('0c00 0480 0800 0100 01000000')));
    expect(hex(encode(T, { macs: [1, 2] }))).toBe(
      hex(bytesOf('1c00 0580 0a00 0900 000000000001 0000 0a00 0900 000000000002 0000')),
    );
    expect(hex(encode(T, { many: [{ one: 1 }, {}] }))).toBe(
      hex(bytesOf('1400 0600 0c00 0100 0800 0100 01000000 0400 0200')),
    );
  });

  test('structs are zero where the record says nothing', () => {
    const peer = { header: { a: 1 } as never, attrs: { one: 7 } };
    expect(hex(encode(T, { peer }))).toBe(hex(bytesOf('1800 0b00 01 00 0000 000000000000 0000 0800 0100 07000000')));
  });

  test('what does not fit is our mistake', () => {
    expect(() => encode(T, { num: -1 })).toThrow('does not fit u32');
    expect(() => encode(T, { small: 256 })).toThrow('does not fit u8');
    expect(() => encode(T, { text: 'a\0b' })).toThrow('NUL');
    expect(() => encode(T, { nosuch: 1 } as never)).toThrow('T has no attribute called nosuch');
    expect(() => encode(T, { kind: 'other', data: {} })).toThrow('data of other has no table');
  });
});

describe('reading', () => {
  test('only what is there', () => {
    expect(there(T, '0800 0100 05000000')).toEqual({ num: 5 });
    expect(there(T, '')).toEqual({});
  });

  test('of attributes that come twice the last counts; the others are kept', () => {
    const twice = '0800 0100 05000000 0500 0c00 01000000 0800 0100 06000000';
    expect(there(T, twice)).toMatchObject({ num: 6, small: 1, unknown: [{ type: 1, index: 0 }] });
    expect(hex(encode(T, there(T, twice)))).toBe(hex(bytesOf(twice)));
  });

  test('unknown attributes keep their place and their bits', () => {
    const strange = '0800 0100 05000000 0600 6380 aabb0000 0500 0c00 01000000';
    expect(there(T, strange).unknown).toEqual([
      { type: 0x63, bits: 0x8000, index: 1, bytes: Uint8Array.of(0xaa, 0xbb) },
    ]);
    expect(hex(encode(T, there(T, strange)))).toBe(hex(bytesOf(strange)));
  });

  test('what does not fit its kind is kept as unknown', () => {
    const misfits = '0600 0100 0100 0000 0600 0200 ff41 0000 0800 0580 0400 0a00';
    expect(there(T, misfits).unknown?.map(({ type }) => type)).toEqual([1, 2, 5]);
    expect(hex(encode(T, there(T, misfits)))).toBe(hex(bytesOf(misfits)));
  });

  test('a longer number is read as the kernel reads it', () => {
    expect(there(T, '0800 0c00 07000000')).toEqual({ small: 7 });
  });

  test('text with and without its NUL', () => {
    expect(there(T, '0800 0200 6162 6300')).toEqual({ text: 'abc' });
    expect(there(T, '0700 0200 6162 6300')).toEqual({ text: 'abc' });
    expect(there(T, '0900 0200 c3a9e282 00000000')).toMatchObject({ unknown: [{ type: 2 }] });
    expect(there(T, '0700 0200 c3a90000')).toEqual({ text: 'é' });
  });

  test('a table by its sibling, whichever comes first', () => {
    const data = '0c00 0800 0800 0100 03000000';
    const kind = '0a00 0700 696e6e657200 0000';
    expect(there(T, data + kind)).toEqual({ data: { one: 3 }, kind: 'inner' });
    expect(hex(encode(T, there(T, data + kind)))).toBe(hex(bytesOf(data + kind)));
    expect(there(T, data)).toMatchObject({ unknown: [{ type: 8 }] });
  });

  test.each([
    ['half a header', '0800'],
    ['a length less than the header', '0300 0100'],
    ['a length past the end', '0c00 0100 00000000'],
    ['the same, inside', '0c00 0480 0c00 0100 00000000'],
  ])('%s is refused', (_, text) => {
    expect(() => there(T, text)).toThrow(NlFormatError);
  });
});

test('several headers in a row carry their lengths', () => {
  const HOP = struct('hop', { len: u16, weight: u8, hole: pad(1) });
  const HOPS = attrs('HOPS', { hops: [1, headedList(HOP, INNER)] });
  const hops = [
    { header: { weight: 1 }, attrs: { one: 5 } },
    { header: { weight: 2 }, attrs: {} },
  ];
  const text = '1400 0100 0c00 01 00 0800 0100 05000000 0400 02 00';
  expect(hex(encode(HOPS, { hops }))).toBe(hex(bytesOf(text)));
  expect(there(HOPS, text).hops).toMatchObject(hops);
  expect(there(HOPS, '0800 0100 0c00 01 00')).toMatchObject({ unknown: [{ type: 1 }] });
});

test('every kind round-trips whatever fits it', () => {
  const int = (bits: number) => fc.nat(2 ** bits - 1);
  const word = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));
  const address = fc.uint8Array({ minLength: 16, maxLength: 16 });
  const values: [kinds.Kind<unknown>, fc.Arbitrary<unknown>][] = [
    [kinds.u8, int(8)],
    [kinds.u16, int(16)],
    [kinds.u32, fc.integer({ min: 0, max: 0xffffffff })],
    [kinds.u64, fc.maxSafeNat()],
    [kinds.s8, fc.integer({ min: -128, max: 127 })],
    [kinds.s32, fc.integer()],
    [kinds.be16, int(16)],
    [kinds.be32, fc.integer({ min: 0, max: 0xffffffff })],
    [kinds.uint, fc.maxSafeNat()],
    [kinds.flag, fc.constant(true)],
    [kinds.string, word],
    [kinds.bytes, fc.uint8Array()],
    [kinds.mac, fc.maxSafeNat().map((n) => n % 2 ** 48)],
    [kinds.ip4, fc.integer({ min: 0, max: 0xffffffff })],
    [kinds.ip6, address],
    [kinds.ip, fc.oneof(fc.nat(), address)],
    [kinds.u32s, fc.array(fc.nat())],
    [kinds.s32s, fc.array(fc.integer())],
    [kinds.u64s, fc.array(fc.maxSafeNat())],
  ];
  for (const [kind, value] of values) {
    const table = attrs('K', { v: [1, kind] });
    fc.assert(
      fc.property(value, (v) => {
        expect(decode(table, encode(table, { v })), kind.code).toEqual({ v });
      }),
    );
  }
});
