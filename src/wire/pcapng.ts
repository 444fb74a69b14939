// pcapng, written: a section header, an interface block per device, and packets with nanosecond times, direction and
// comments. Chunks go to a sink as they come. Reading is pcapng-read.ts. Format: draft-ietf-opsawg-pcapng.

import { utf8Encode } from '../base/utf8.ts';
import { EMPTY } from './bytes.ts';

export const BLOCK_SHB = 0x0a0d0d0a;
export const BLOCK_IDB = 1;
export const BLOCK_PB = 2;
export const BLOCK_SPB = 3;
export const BLOCK_NRB = 4;
export const BLOCK_ISB = 5;
export const BLOCK_EPB = 6;
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

export const OPT_COMMENT = 1;
export const SHB_HARDWARE = 2;
export const SHB_OS = 3;
export const SHB_USERAPPL = 4;
export const IF_NAME = 2;
export const IF_DESCRIPTION = 3;
export const IF_TSRESOL = 9;
export const IF_TSOFFSET = 14;
export const EPB_FLAGS = 2;
export const EPB_DROPCOUNT = 4;
export const ISB_IFRECV = 4;
export const ISB_IFDROP = 5;

export const LINKTYPE_ETHERNET = 1;
export const LINKTYPE_LINUX_SLL2 = 276;
/** tcpdump's default, and no frame is longer. */
export const DEFAULT_SNAPLEN = 262144;

/** epb_flags: the direction bits. */
export const DIR_UNKNOWN = 0;
export const DIR_INBOUND = 1;
export const DIR_OUTBOUND = 2;

export type Sink = (chunk: Uint8Array) => void;

export interface PcapngHeader {
  hardware?: string;
  os?: string;
  application?: string;
  /** Whole seconds since 1970 that are added to every time. */
  epochSec?: number;
}

export interface PcapngInterface {
  /** `netns/name`, or just the name. */
  name: string;
  description?: string;
  linkType?: number;
  snapLen?: number;
}

export interface PcapngPacket {
  ifId: number;
  /** Nanoseconds since the epoch of the file. */
  tsNs: number;
  data: Uint8Array;
  /** Length on the wire when `data` was cut. */
  wireLen?: number;
  direction?: number;
  comment?: string;
  /** Packets that this interface lost between the previous packet and this one. */
  drops?: number;
}

/** Writes to the sink: the section header at once, the rest as it is called. Little endian. */
export class PcapngWriter {
  readonly #sink: Sink;
  readonly #epochSec: number;
  #interfaces = 0;

  constructor(sink: Sink, header: PcapngHeader) {
    this.#sink = sink;
    this.#epochSec = header.epochSec ?? 0;
    const opts = options([
      textOption(SHB_HARDWARE, header.hardware),
      textOption(SHB_OS, header.os),
      textOption(SHB_USERAPPL, header.application),
    ]);
    const body = new Uint8Array(16 + opts.length);
    const v = new DataView(body.buffer);
    v.setUint32(0, BYTE_ORDER_MAGIC, true);
    v.setUint16(4, 1, true);
    v.setBigInt64(8, -1n, true);
    body.set(opts, 16);
    sink(block(BLOCK_SHB, body));
  }

  /** Declares a device and returns its number. */
  addInterface(i: PcapngInterface): number {
    const opts = options([
      textOption(IF_NAME, i.name),
      textOption(IF_DESCRIPTION, i.description),
      option(IF_TSRESOL, Uint8Array.of(9)),
    ]);
    const body = new Uint8Array(8 + opts.length);
    const v = new DataView(body.buffer);
    v.setUint16(0, i.linkType ?? LINKTYPE_ETHERNET, true);
    v.setUint32(4, i.snapLen ?? DEFAULT_SNAPLEN, true);
    body.set(opts, 8);
    this.#sink(block(BLOCK_IDB, body));
    return this.#interfaces++;
  }

  packet(p: PcapngPacket): void {
    if (p.ifId < 0 || p.ifId >= this.#interfaces) throw new RangeError(`pcapng: no interface ${p.ifId}`);
    const opts = options([
      textOption(OPT_COMMENT, p.comment),
      p.direction === undefined ? EMPTY : option(EPB_FLAGS, u32Bytes(p.direction)),
      p.drops === undefined ? EMPTY : option(EPB_DROPCOUNT, u64Bytes(p.drops)),
    ]);
    const padded = (p.data.length + 3) & ~3;
    const body = new Uint8Array(20 + padded + opts.length);
    const v = new DataView(body.buffer);
    v.setUint32(0, p.ifId, true);
    this.#time(v, 4, p.tsNs);
    v.setUint32(12, p.data.length, true);
    v.setUint32(16, p.wireLen ?? p.data.length, true);
    body.set(p.data, 20);
    body.set(opts, 20 + padded);
    this.#sink(block(BLOCK_EPB, body));
  }

  /** Interface statistics, usually written last. */
  statistics(ifId: number, tsNs: number, received: number, dropped: number): void {
    const opts = options([option(ISB_IFRECV, u64Bytes(received)), option(ISB_IFDROP, u64Bytes(dropped))]);
    const body = new Uint8Array(12 + opts.length);
    const v = new DataView(body.buffer);
    v.setUint32(0, ifId, true);
    this.#time(v, 4, tsNs);
    body.set(opts, 12);
    this.#sink(block(BLOCK_ISB, body));
  }

  /** The 64-bit time as two words. Seconds and nanoseconds are kept apart: together they do not fit a double. */
  #time(v: DataView, at: number, tsNs: number): void {
    const sec = this.#epochSec + Math.floor(tsNs / 1e9);
    const high = Math.floor(sec / 0x10000) * 1e9;
    const low = (sec % 0x10000) * 1e9 + (tsNs % 1e9);
    const lo = (high % 0x10000) * 0x10000 + (low % 0x100000000);
    const hi = Math.floor(high / 0x10000) + Math.floor(low / 0x100000000) + Math.floor(lo / 0x100000000);
    v.setUint32(at, hi, true);
    v.setUint32(at + 4, lo % 0x100000000, true);
  }
}

function block(type: number, body: Uint8Array): Uint8Array {
  const total = 12 + body.length;
  const b = new Uint8Array(total);
  const v = new DataView(b.buffer);
  v.setUint32(0, type, true);
  v.setUint32(4, total, true);
  b.set(body, 8);
  v.setUint32(total - 4, total, true);
  return b;
}

function option(code: number, value: Uint8Array): Uint8Array {
  const b = new Uint8Array(4 + ((value.length + 3) & ~3));
  const v = new DataView(b.buffer);
  v.setUint16(0, code, true);
  v.setUint16(2, value.length, true);
  b.set(value, 4);
  return b;
}

/** Longer texts are cut: an option's length is 16 bits. */
function textOption(code: number, text: string | undefined): Uint8Array {
  return text === undefined || text === '' ? EMPTY : option(code, utf8Encode(text).subarray(0, 65532));
}

/** All options and the end mark; nothing at all when there are none. */
function options(list: Uint8Array[]): Uint8Array {
  let n = 0;
  for (const o of list) n += o.length;
  if (n === 0) return EMPTY;
  const b = new Uint8Array(n + 4);
  let at = 0;
  for (const o of list) {
    b.set(o, at);
    at += o.length;
  }
  return b;
}

function u32Bytes(value: number): Uint8Array {
  const b = new Uint8Array(4);
  new DataView(b.buffer).setUint32(0, value, true);
  return b;
}

function u64Bytes(value: number): Uint8Array {
  const b = new Uint8Array(8);
  new DataView(b.buffer).setBigUint64(0, BigInt(value), true);
  return b;
}
