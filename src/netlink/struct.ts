// Fixed structs (ifinfomsg, rtmsg, counters, cache infos) read and written by the field lists of uapi/.
// Nothing is aligned here: holes are fields of their own. Fields are plain kinds (values.ts), or bytes of a fixed number.

import { assert } from '../base/assert.ts';
import type { AnyStruct, Kind, StructDef, StructField } from '../uapi/attr.ts';
import { MISFIT, PLAIN, type PlainCode, raw, type Source, type ValueCodec } from './values.ts';
import type { Writer } from './writer.ts';

/** Whether every number in a struct fits a plain number exactly. One that does not is better kept as bytes. */
export function fitsNumbers(def: AnyStruct, view: DataView, at: number): boolean {
  return def.fields.every((field) => field.code !== 'u64' || view.getUint32(at + field.at + 4, true) < 0x20_0000);
}

/** The caller has seen that the struct is there whole. */
export function readStruct<R>(def: StructDef<R>, view: DataView, bytes: Uint8Array, at: number): R {
  const src: Source = { bytes, view };
  const out: Record<string, unknown> = {};
  for (const field of def.fields) {
    if (field.code === 'pad') continue;
    const from = at + field.at;
    const value = fieldCodec(field).read(src, from, from + field.size, NO_KIND);
    if (value === MISFIT) assert(false, `${def.name}.${field.key} is past 2^53`);
    out[field.key] = value;
  }
  return out as R;
}

/** Fields that the record does not have are zero. */
export function writeStruct(def: AnyStruct, record: Record<string, unknown>, w: Writer): void {
  for (const field of def.fields) {
    const value = record[field.key];
    const at = w.length;
    if (field.code === 'pad' || value === undefined) w.grow(field.size);
    else fieldCodec(field).write(w, value, NO_KIND);
    if (w.length !== at + field.size) assert(false, `${def.name}.${field.key} has ${field.size} bytes`);
  }
}

const NO_KIND = {} as Kind<unknown>; // fields are of plain kinds without further description

function fieldCodec(field: StructField): ValueCodec {
  return field.code === 'raw' ? raw : PLAIN[field.code as PlainCode];
}
