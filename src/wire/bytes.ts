// Big-endian numbers in place. Every lens of this room is built from these.
// They never check bounds: a read past the end gives zeros, a write past the end is lost; callers compare lengths first.

export function u16(b: Uint8Array, at: number): number {
  return (b[at] << 8) | b[at + 1];
}

export function u24(b: Uint8Array, at: number): number {
  return (b[at] << 16) | (b[at + 1] << 8) | b[at + 2];
}

/** Unsigned, 0 to 2^32 - 1. */
export function u32(b: Uint8Array, at: number): number {
  return ((b[at] << 24) | (b[at + 1] << 16) | (b[at + 2] << 8) | b[at + 3]) >>> 0;
}

export function setU16(b: Uint8Array, at: number, v: number): void {
  b[at] = v >>> 8;
  b[at + 1] = v;
}

export function setU24(b: Uint8Array, at: number, v: number): void {
  b[at] = v >>> 16;
  b[at + 1] = v >>> 8;
  b[at + 2] = v;
}

export function setU32(b: Uint8Array, at: number, v: number): void {
  b[at] = v >>> 24;
  b[at + 1] = v >>> 16;
  b[at + 2] = v >>> 8;
  b[at + 3] = v;
}

/** Pieces in one array; for records and tests, never for the hot path. */
export function concat(...parts: Uint8Array[]): Uint8Array {
  let n = 0;
  for (const p of parts) n += p.length;
  const out = new Uint8Array(n);
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

/** The part of [off, off + len) that exists. Never throws, whatever the numbers are. */
export function slice(b: Uint8Array, off: number, len: number): Uint8Array {
  const from = Math.max(0, Math.min(b.length, off));
  return b.subarray(from, Math.max(from, Math.min(b.length, off + len)));
}

const plainSlice = Uint8Array.prototype.slice;

/** A private copy of [off, off + len), a plain Uint8Array whatever the source is (Node's Buffer.slice() does not copy). */
export function copyOf(b: Uint8Array, off: number, len: number): Uint8Array {
  if (b.constructor === Uint8Array) return plainSlice.call(b, off, off + len);
  const out = new Uint8Array(len);
  out.set(b.subarray(off, off + len));
  return out;
}

/** Does [off, off + len) lie inside b, and is it at least `need` long? Every decoder asks this first. */
export function holds(b: Uint8Array, off: number, len: number, need: number): boolean {
  return off >= 0 && len >= need && off + len <= b.length;
}

export const EMPTY = new Uint8Array(0);
