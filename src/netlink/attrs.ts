// The attribute codec: reads and writes what the tables of uapi/ describe. Tables become maps once, at first use.
// Decoding yields plain records with only what was present, in the order it came; encoding writes a record's keys in
// their order, so whoever builds the record decides the order on the wire. What no table names is kept and written back.
// Linux: lib/nlattr.c (__nla_parse, nla_put). What the kernel refuses before it looks further is policy.ts.

import { assert } from '../base/assert.ts';
import type { AnyLine, AnyStruct, AnyTable, AttrTable, Kind, KindCode, UnknownAttr } from '../uapi/attr.ts';
import { NLA_F_NESTED, NLA_TYPE_MASK } from '../uapi/netlink.ts';
import { NlFormatError } from './error.ts';
import { fitsNumbers, readStruct, writeStruct } from './struct.ts';
import { MISFIT, PLAIN, type Source, sourceOf, type ValueCodec } from './values.ts';
import { align4, Writer } from './writer.ts';

export { type Source, sourceOf } from './values.ts';

export const NLA_HDRLEN = 4;

type Fields = Record<string, unknown>;

interface Codec {
  /** Lines by attribute type; a hole is a type that the table does not name. */
  readonly byType: (AnyLine | undefined)[];
  readonly byKey: Map<string, AnyLine>;
}

/** A table's maps, made at first use. */
export function codecOf(table: AnyTable): Codec {
  if (table.compiled !== null) return table.compiled as Codec;
  const codec: Codec = { byType: [], byKey: new Map() };
  for (const line of table.lines) {
    assert(codec.byType[line.type] === undefined, `${table.prefix} names attribute ${line.type} twice`);
    codec.byType[line.type] = line;
    codec.byKey.set(line.key, line);
  }
  table.compiled = codec;
  return codec;
}

/** Attributes as a record. Throws NlFormatError where a header or length leaves [at, end). */
export function decode<R>(table: AttrTable<R>, bytes: Uint8Array, at = 0, end = bytes.length): R {
  return decodeFrom(table, sourceOf(bytes), at, end);
}

export function decodeFrom<R>(table: AttrTable<R>, src: Source, at: number, end: number): R {
  return decodeLast(table, src, at, end, null) ?? (decodeLast(table, src, at, end, supersededIn(src, at, end)) as R);
}

/** Null when an attribute came twice and `superseded` did not say so beforehand. */
function decodeLast<R>(
  table: AttrTable<R>,
  src: Source,
  at: number,
  end: number,
  superseded: Set<number> | null,
): R | null {
  const codec = codecOf(table);
  const out: Fields = {};
  let unknown: UnknownAttr[] | null = null;
  let waiting: Waiting[] | null = null;
  let index = 0;
  while (at < end) {
    const attrEnd = endOfAttr(src, at, end);
    const rawType = src.view.getUint16(at + 2, true);
    const type = rawType & NLA_TYPE_MASK;
    const from = at + NLA_HDRLEN;
    const line = codec.byType[type];
    let value: unknown = MISFIT;
    if (line !== undefined && superseded?.has(index) !== true) {
      if (line.key in out) return null;
      if (line.kind.code === 'byKind') {
        // The sibling may follow: keep the place in the order, fill it when all siblings are known.
        waiting ??= [];
        waiting.push({ line, rawType, from, attrEnd, index });
        value = undefined;
      } else {
        value = readValue(line.kind, src, from, attrEnd);
      }
    }
    if (value !== MISFIT) out[(line as AnyLine).key] = value;
    else if (!table.partial) {
      unknown ??= [];
      unknown.push(unknownAttr(rawType, src.bytes.slice(from, attrEnd), index));
    }
    index++;
    at = align4(attrEnd);
  }
  if (waiting !== null) unknown = settle(waiting, out, src, unknown);
  if (unknown !== null) out.unknown = unknown;
  return out as R;
}

/** Places of attributes that come again later: the last one counts, as for the kernel. Rare, so a pass of its own. */
function supersededIn(src: Source, at: number, end: number): Set<number> {
  const places: number[] = [];
  const out = new Set<number>();
  for (let index = 0; at < end; index++) {
    const attrEnd = endOfAttr(src, at, end);
    const type = src.view.getUint16(at + 2, true) & NLA_TYPE_MASK;
    if (places[type] !== undefined) out.add(places[type]);
    places[type] = index;
    at = align4(attrEnd);
  }
  return out;
}

interface Waiting {
  readonly line: AnyLine;
  readonly rawType: number;
  readonly from: number;
  readonly attrEnd: number;
  readonly index: number;
}

function unknownAttr(rawType: number, bytes: Uint8Array, index: number): UnknownAttr {
  const type = rawType & NLA_TYPE_MASK;
  return type === rawType ? { type, bytes, index } : { type, bytes, bits: rawType & ~NLA_TYPE_MASK, index };
}

function settle(waiting: Waiting[], out: Fields, src: Source, unknown: UnknownAttr[] | null): UnknownAttr[] | null {
  for (const { line, rawType, from, attrEnd, index } of waiting) {
    const kind = kindBySibling(line.kind, out);
    const value = kind === undefined ? MISFIT : readValue(kind, src, from, attrEnd);
    if (value !== MISFIT) {
      out[line.key] = value;
      continue;
    }
    delete out[line.key];
    unknown ??= [];
    unknown.push(unknownAttr(rawType, src.bytes.slice(from, attrEnd), index));
    unknown.sort((a, b) => (a.index as number) - (b.index as number));
  }
  return unknown;
}

function kindBySibling(kind: Kind<unknown>, record: Fields): Kind<unknown> | undefined {
  const name = record[kind.sibling];
  return typeof name === 'string' ? kind.kinds?.get(name) : undefined;
}

/** Where the attribute at `at` ends, without its padding. */
function endOfAttr(src: Source, at: number, end: number): number {
  if (at + NLA_HDRLEN > end) throw new NlFormatError(`an attribute header is cut short`, at);
  const length = src.view.getUint16(at, true);
  if (length < NLA_HDRLEN) throw new NlFormatError(`an attribute claims ${length} bytes, less than its header`, at);
  if (at + length > end) throw new NlFormatError(`an attribute claims ${length} bytes, ${end - at} are left`, at);
  return at + length;
}

/** A kind's value in bytes[at, end), or MISFIT. */
function readValue(kind: Kind<unknown>, src: Source, at: number, end: number): unknown {
  const length = end - at;
  if (length < kind.size || (length > kind.size && kind.exact)) return MISFIT;
  return CODECS[kind.code].read(src, at, end, kind);
}

/** Elements of a list (all of one type) or an array (types that count up). Any surprise: the nest is a misfit. */
function readItems(kind: Kind<unknown>, src: Source, at: number, end: number, step: number): unknown {
  const out: unknown[] = [];
  const item = kind.item as Kind<unknown>;
  while (at < end) {
    const itemEnd = endOfAttr(src, at, end);
    const type = src.view.getUint16(at + 2, true) & NLA_TYPE_MASK;
    if (type !== kind.itemType + step * out.length) return MISFIT;
    const value = readValue(item, src, at + NLA_HDRLEN, itemEnd);
    if (value === MISFIT) return MISFIT;
    out.push(value);
    at = align4(itemEnd);
  }
  return out;
}

function readStructAttr(def: AnyStruct, { view, bytes }: Source, at: number): unknown {
  return fitsNumbers(def, view, at) ? readStruct(def, view, bytes, at) : MISFIT;
}

interface HeadedRecord {
  readonly header: Fields;
  readonly attrs: unknown;
}

function readHeaded(kind: Kind<unknown>, src: Source, at: number, end: number): HeadedRecord | typeof MISFIT {
  const def = kind.struct as AnyStruct;
  const from = at + align4(def.size);
  if (from > end) return MISFIT;
  const header = readStruct(def, src.view, src.bytes, at) as Fields;
  return { header, attrs: decodeFrom(kind.table as AnyTable, src, from, end) };
}

function writeHeaded(kind: Kind<unknown>, { header, attrs }: HeadedRecord, w: Writer): void {
  writeStruct(kind.struct as AnyStruct, header, w);
  w.pad4();
  encodeTo(kind.table as AnyTable, attrs, w);
}

function readHeadedList(kind: Kind<unknown>, src: Source, at: number, end: number): HeadedRecord[] | typeof MISFIT {
  const def = kind.struct as AnyStruct;
  const out: HeadedRecord[] = [];
  while (at < end) {
    if (at + def.size > end) return MISFIT;
    const length = src.view.getUint16(at, true);
    if (length < def.size || at + length > end) return MISFIT;
    const one = readHeaded(kind, src, at, at + length);
    if (one === MISFIT) return MISFIT;
    out.push(one);
    at += align4(length);
  }
  return out;
}

function writeHeadedList(kind: Kind<unknown>, list: HeadedRecord[], w: Writer): void {
  for (const one of list) {
    const at = w.length;
    writeHeaded(kind, one, w);
    w.view.setUint16(at, w.length - at, true);
  }
}

function writeItems(kind: Kind<unknown>, items: readonly unknown[], w: Writer, step: number): void {
  for (let i = 0; i < items.length; i++) writeAttr(kind.itemType + i * step, kind.item as Kind<unknown>, items[i], w);
}

/** A record as attributes, in the order of its keys. Keys that are undefined are absent. */
export function encode<R>(table: AttrTable<R>, record: R): Uint8Array {
  const w = new Writer();
  encodeTo(table, record, w);
  return w.take();
}

export function encodeTo<R>(table: AttrTable<R>, record: R, w: Writer): void {
  const { byKey } = codecOf(table);
  const fields = record as Fields;
  const unknown = (fields.unknown ?? []) as UnknownAttr[];
  let next = 0;
  let index = 0;
  for (const key of Object.keys(fields)) {
    const value = fields[key];
    if (value === undefined || key === 'unknown') continue;
    const line = byKey.get(key);
    if (line === undefined) assert(false, `${table.prefix} has no attribute called ${key}`);
    while (next < unknown.length && unknown[next].index === index) {
      writeRaw(unknown[next++], w);
      index++;
    }
    const kind = line.kind.code === 'byKind' ? kindBySibling(line.kind, fields) : line.kind;
    if (kind === undefined) {
      assert(false, `${table.prefix}: ${key} of ${String(fields[line.kind.sibling])} has no table`);
    }
    writeAttr(line.type, kind, value, w);
    index++;
  }
  while (next < unknown.length) writeRaw(unknown[next++], w);
}

function writeRaw(attr: UnknownAttr, w: Writer): void {
  const at = openAttr(w, attr.type | (attr.bits ?? 0), false);
  w.raw(attr.bytes);
  closeAttr(w, at);
}

/** Begins an attribute; give what it returns to closeAttr(). For formats that no table describes. */
export function openAttr(w: Writer, type: number, flagged: boolean): number {
  const at = w.length;
  w.u16(0);
  w.u16(flagged ? type | NLA_F_NESTED : type);
  return at;
}

export function closeAttr(w: Writer, at: number): void {
  const length = w.length - at;
  if (length > 0xffff) assert(false, `an attribute of ${length} bytes: 65535 is the most`);
  w.view.setUint16(at, length, true);
  w.pad4();
}

function writeAttr(type: number, kind: Kind<unknown>, value: unknown, w: Writer): void {
  if (kind.code === 'flag' && value === false) return;
  const at = openAttr(w, type, kind.flagged);
  CODECS[kind.code].write(w, value, kind);
  closeAttr(w, at);
}

/** Reads and writes of every kind: the plain ones, and those that nest. */
const CODECS: { readonly [K in KindCode]: ValueCodec } = {
  ...PLAIN,
  struct: {
    read: (src, at, _end, kind) => readStructAttr(kind.struct as AnyStruct, src, at),
    write: (w, v, kind) => writeStruct(kind.struct as AnyStruct, v as Fields, w),
  },
  nest: {
    read: (src, at, end, kind) => decodeFrom(kind.table as AnyTable, src, at, end),
    write: (w, v, kind) => encodeTo(kind.table as AnyTable, v, w),
  },
  list: {
    read: (src, at, end, kind) => readItems(kind, src, at, end, 0),
    write: (w, v, kind) => writeItems(kind, v as unknown[], w, 0),
  },
  array: {
    read: (src, at, end, kind) => readItems(kind, src, at, end, 1),
    write: (w, v, kind) => writeItems(kind, v as unknown[], w, 1),
  },
  headed: {
    read: (src, at, end, kind) => readHeaded(kind, src, at, end),
    write: (w, v, kind) => writeHeaded(kind, v as HeadedRecord, w),
  },
  headedList: {
    read: (src, at, end, kind) => readHeadedList(kind, src, at, end),
    write: (w, v, kind) => writeHeadedList(kind, v as HeadedRecord[], w),
  },
  // Tables settle these with the sibling at hand; inside a list or an array there is none.
  byKind: { read: () => MISFIT, write: () => assert(false, 'byKind outside a table') },
};
