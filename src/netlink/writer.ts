// Bytes that grow: what messages and attributes are written into. Little-endian, as the machines that lowerdev speaks to.
// Bound: one datagram; the largest that Linux takes or gives is far below the 2^31 that offsets allow here.

import { AssertionError } from '../base/assert.ts';

/** Attributes and messages both begin on four bytes. Linux: NLMSG_ALIGN(), NLA_ALIGN(). */
export function align4(n: number): number {
  return (n + 3) & ~3;
}

export class Writer {
  bytes: Uint8Array;
  view: DataView;
  length = 0;

  constructor(room = 512) {
    this.bytes = new Uint8Array(room);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Appends n zero bytes and returns where they begin. */
  grow(n: number): number {
    const at = this.length;
    const need = at + n;
    if (need > this.bytes.length) {
      const bigger = new Uint8Array(Math.max(need, this.bytes.length * 2));
      bigger.set(this.bytes.subarray(0, at));
      this.bytes = bigger;
      this.view = new DataView(bigger.buffer);
    }
    this.length = need;
    return at;
  }

  pad4(): void {
    const short = align4(this.length) - this.length;
    if (short > 0) this.grow(short);
  }

  u8(v: number): void {
    if (!(v >= 0 && v <= 0xff)) misfit(v, 'u8');
    const at = this.grow(1);
    this.bytes[at] = v;
  }

  u16(v: number): void {
    if (!(v >= 0 && v <= 0xffff)) misfit(v, 'u16');
    const at = this.grow(2);
    this.view.setUint16(at, v, true);
  }

  u32(v: number): void {
    if (!(v >= 0 && v <= 0xffffffff)) misfit(v, 'u32');
    const at = this.grow(4);
    this.view.setUint32(at, v, true);
  }

  u64(v: number): void {
    if (!(Number.isSafeInteger(v) && v >= 0)) misfit(v, 'a u64 held as a number');
    const at = this.grow(8);
    this.view.setUint32(at, v >>> 0, true);
    this.view.setUint32(at + 4, Math.floor(v / 0x1_0000_0000), true);
  }

  s8(v: number): void {
    if (!(v >= -0x80 && v <= 0x7f)) misfit(v, 's8');
    const at = this.grow(1);
    this.view.setInt8(at, v);
  }

  s32(v: number): void {
    if (!(v >= -0x8000_0000 && v <= 0x7fff_ffff)) misfit(v, 's32');
    const at = this.grow(4);
    this.view.setInt32(at, v, true);
  }

  be16(v: number): void {
    if (!(v >= 0 && v <= 0xffff)) misfit(v, 'u16');
    const at = this.grow(2);
    this.view.setUint16(at, v, false);
  }

  be32(v: number): void {
    if (!(v >= 0 && v <= 0xffffffff)) misfit(v, 'u32');
    const at = this.grow(4);
    this.view.setUint32(at, v, false);
  }

  mac(v: number): void {
    if (!(v >= 0 && v <= 0xffff_ffff_ffff)) misfit(v, 'a MAC of 48 bits');
    const at = this.grow(6);
    this.view.setUint16(at, Math.floor(v / 0x1_0000_0000), false);
    this.view.setUint32(at + 2, v >>> 0, false);
  }

  raw(v: Uint8Array): void {
    const at = this.grow(v.length);
    this.bytes.set(v, at);
  }

  /** What was written, in its own bytes. */
  take(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }
}

/** The words are made only when they are needed: this is on the path of every attribute. */
function misfit(v: number, what: string): never {
  throw new AssertionError(`lowerdev broke its own rule: ${v} does not fit ${what}`);
}
