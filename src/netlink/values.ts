// How each plain kind of value is read and written: one line per kind. Structs are struct.ts, nests attrs.ts. Reading gives MISFIT for what
// does not fit its kind, so that the caller can keep the bytes; writing asserts, since what is wrong then is ours.

import { assert } from '../base/assert.ts';
import { utf8Encode, utf8Exact } from '../base/utf8.ts';
import type { Kind, KindCode } from '../uapi/attr.ts';
import type { Writer } from './writer.ts';

/** Bytes and their view, made once per message. */
export interface Source {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

export function sourceOf(bytes: Uint8Array): Source {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

export const MISFIT = Symbol('misfit');

/** `read` may rely on as many bytes as the kind's size. */
export interface ValueCodec {
  readonly read: (src: Source, at: number, end: number, kind: Kind<unknown>) => unknown;
  readonly write: (w: Writer, value: unknown, kind: Kind<unknown>) => void;
}

type Nesting = 'struct' | 'nest' | 'list' | 'array' | 'byKind' | 'headed' | 'headedList';
export type PlainCode = Exclude<KindCode, Nesting>;

const number = (
  read: (src: Source, at: number) => unknown,
  put: 'u8' | 'u16' | 'u32' | 'u64' | 's8' | 's32' | 'be16' | 'be32' | 'mac',
): ValueCodec => ({
  read,
  write: (w, v) => w[put](v as number),
});

const numbers = (size: number, one: ValueCodec): ValueCodec => ({
  read: (src, at, end, kind) => readNumbers(src, at, end, size, one, kind),
  write: (w, v, kind) => {
    for (const n of v as number[]) one.write(w, n, kind);
  },
});

const u32 = number((s, at) => s.view.getUint32(at, true), 'u32');
const s32 = number((s, at) => s.view.getInt32(at, true), 's32');
const u64 = number((s, at) => u64At(s.view, at), 'u64');
const be32 = number((s, at) => s.view.getUint32(at, false), 'be32');
export const raw: ValueCodec = {
  read: (s, at, end) => s.bytes.slice(at, end),
  write: (w, v) => w.raw(v as Uint8Array),
};
const ip6: ValueCodec = { read: raw.read, write: (w, v) => writeIp6(w, v as Uint8Array) };

export const PLAIN: { readonly [K in PlainCode]: ValueCodec } = {
  u8: number((s, at) => s.bytes[at], 'u8'),
  u16: number((s, at) => s.view.getUint16(at, true), 'u16'),
  u32,
  u64,
  s8: number((s, at) => s.view.getInt8(at), 's8'),
  s32,
  be16: number((s, at) => s.view.getUint16(at, false), 'be16'),
  be32,
  ip4: be32,
  uint: {
    read: (s, at, end) => (end - at === 4 ? s.view.getUint32(at, true) : end - at === 8 ? u64At(s.view, at) : MISFIT),
    write: (w, v) => ((v as number) > 0xffffffff ? w.u64(v as number) : w.u32(v as number)),
  },
  mac: number((s, at) => s.view.getUint16(at, false) * 0x1_0000_0000 + s.view.getUint32(at + 2, false), 'mac'),
  flag: { read: () => true, write: () => {} },
  string: { read: (s, at, end) => textAt(s.bytes, at, end), write: (w, v) => writeText(w, v as string) },
  bytes: raw,
  ip6,
  ip: {
    read: (s, at, end) =>
      end - at === 4 ? s.view.getUint32(at, false) : end - at === 16 ? s.bytes.slice(at, end) : MISFIT,
    write: (w, v) => (typeof v === 'number' ? w.be32(v) : writeIp6(w, v as Uint8Array)),
  },
  u32s: numbers(4, u32),
  s32s: numbers(4, s32),
  u64s: numbers(8, u64),
};

/** A misfit when it does not fit a number exactly. */
function u64At(view: DataView, at: number): number | typeof MISFIT {
  const high = view.getUint32(at + 4, true);
  return high < 0x20_0000 ? high * 0x1_0000_0000 + view.getUint32(at, true) : MISFIT;
}

function readNumbers(
  src: Source,
  at: number,
  end: number,
  size: number,
  one: ValueCodec,
  kind: Kind<unknown>,
): unknown {
  if ((end - at) % size !== 0) return MISFIT;
  const out: unknown[] = [];
  for (let i = at; i < end; i += size) {
    const n = one.read(src, i, i + size, kind);
    if (n === MISFIT) return MISFIT;
    out.push(n);
  }
  return out;
}

/** Text up to its NUL, which iproute2 leaves out of IFLA_INFO_KIND. A NUL inside, or bytes that are no text: a misfit. */
function textAt(bytes: Uint8Array, at: number, end: number): string | typeof MISFIT {
  const last = end > at && bytes[end - 1] === 0 ? end - 1 : end;
  const text = utf8Exact(bytes, at, last);
  return text === null || text.includes('\0') ? MISFIT : text;
}

function writeText(w: Writer, text: string): void {
  assert(!text.includes('\0'), 'text with a NUL inside');
  w.raw(utf8Encode(text));
  w.u8(0);
}

function writeIp6(w: Writer, value: Uint8Array): void {
  assert(value.length === 16, `an IPv6 address has 16 bytes, not ${value.length}`);
  w.raw(value);
}
