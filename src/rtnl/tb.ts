// The attributes of a request as the kernel holds them: an array by type, pointing into the message; of attributes that
// come twice the last counts, leftover bytes are ignored. Getters read as the kernel's do, whatever a codec would say.
// Linux: struct nlattr *tb[], nla_parse(), nla_get_*(), nla_strscpy().

import type { Source } from '../netlink/attrs.ts';
import { NLA_TYPE_MASK } from '../uapi/netlink.ts';

const NLA_HDRLEN = 4;
const utf8 = new TextDecoder();

export class Tb {
  readonly src: Source;
  private readonly from: number[] = [];
  private readonly to: number[] = [];
  /** Types that are there, in the order of their first coming. */
  readonly types: number[] = [];

  constructor(src: Source, at: number, end: number) {
    this.src = src;
    while (at + NLA_HDRLEN <= end) {
      const length = src.view.getUint16(at, true);
      if (length < NLA_HDRLEN || at + length > end) break;
      const type = src.view.getUint16(at + 2, true) & NLA_TYPE_MASK;
      if (this.from[type] === undefined) this.types.push(type);
      this.from[type] = at + NLA_HDRLEN;
      this.to[type] = at + length;
      at += (length + 3) & ~3;
    }
  }

  has(type: number): boolean {
    return this.from[type] !== undefined;
  }

  len(type: number): number {
    return this.has(type) ? this.to[type] - this.from[type] : 0;
  }

  /** Where the payload begins and ends in the message. */
  start(type: number): number {
    return this.from[type];
  }

  end(type: number): number {
    return this.to[type];
  }

  /** Where the attribute's header begins, from the start of the datagram. */
  headerAt(type: number): number {
    return this.from[type] - NLA_HDRLEN;
  }

  u8(type: number): number {
    return this.len(type) < 1 ? 0 : this.src.bytes[this.from[type]];
  }

  u16(type: number): number {
    return this.len(type) < 2 ? 0 : this.src.view.getUint16(this.from[type], true);
  }

  u32(type: number): number {
    return this.len(type) < 4 ? 0 : this.src.view.getUint32(this.from[type], true);
  }

  s32(type: number): number {
    return this.u32(type) | 0;
  }

  be32(type: number): number {
    return this.len(type) < 4 ? 0 : this.src.view.getUint32(this.from[type], false);
  }

  /** The first six bytes as a 48-bit number. */
  mac(type: number): number {
    if (this.len(type) < 6) return 0;
    const { view } = this.src;
    const at = this.from[type];
    return view.getUint16(at, false) * 0x1_0000_0000 + view.getUint32(at + 2, false);
  }

  /** Text up to its NUL or its end, at most `max` bytes. */
  text(type: number, max = 0xffff): string {
    const { bytes } = this.src;
    const at = this.from[type];
    const stop = Math.min(this.to[type], at + max);
    let ascii = '';
    for (let i = at; i < stop; i++) {
      const c = bytes[i];
      if (c === 0) return ascii;
      if (c >= 0x80) return wide(bytes, at, stop);
      ascii += String.fromCharCode(c);
    }
    return ascii;
  }

  bytes(type: number): Uint8Array {
    return this.src.bytes.slice(this.from[type], this.to[type]);
  }

  /** The attributes inside a nest. */
  nest(type: number): Tb {
    return new Tb(this.src, this.from[type], this.to[type]);
  }

  /** Visits every attribute inside a nest, those that come twice as well. Linux: nla_for_each_nested(). */
  each(type: number, visit: (type: number, from: number, to: number) => void): void {
    const { view } = this.src;
    let at = this.from[type];
    const end = this.to[type];
    while (at + NLA_HDRLEN <= end) {
      const length = view.getUint16(at, true);
      if (length < NLA_HDRLEN || at + length > end) return;
      visit(view.getUint16(at + 2, true) & NLA_TYPE_MASK, at + NLA_HDRLEN, at + length);
      at += (length + 3) & ~3;
    }
  }
}

function wide(bytes: Uint8Array, at: number, stop: number): string {
  const nul = bytes.subarray(at, stop).indexOf(0);
  return utf8.decode(bytes.slice(at, nul < 0 ? stop : at + nul));
}
