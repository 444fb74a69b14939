// pcapng, read: both byte orders, any number of sections, every block type tolerated. Whatever is broken ends the reading
// with a reason; what came before it is kept. Never throws, never reads out of bounds.

import { utf8Decode } from '../base/utf8.ts';
import { copyOf } from './bytes.ts';
import {
  BLOCK_EPB,
  BLOCK_IDB,
  BLOCK_ISB,
  BLOCK_PB,
  BLOCK_SHB,
  BLOCK_SPB,
  BYTE_ORDER_MAGIC,
  EPB_DROPCOUNT,
  EPB_FLAGS,
  IF_DESCRIPTION,
  IF_NAME,
  IF_TSOFFSET,
  IF_TSRESOL,
  ISB_IFDROP,
  ISB_IFRECV,
  OPT_COMMENT,
  SHB_HARDWARE,
  SHB_OS,
  SHB_USERAPPL,
} from './pcapng.ts';

export interface ReadInterface {
  section: number;
  name: string;
  description: string;
  linkType: number;
  snapLen: number;
  /** From its statistics block; -1 when there is none. */
  received: number;
  dropped: number;
}

export interface ReadPacket {
  /** Index into `interfaces`, which counts through all sections. */
  ifId: number;
  sec: number;
  nsec: number;
  data: Uint8Array;
  wireLen: number;
  /** Direction bits of epb_flags: 0 unknown, 1 in, 2 out. */
  direction: number;
  comments: string[];
  /** -1 when not told. */
  drops: number;
}

export interface PcapngFile {
  sections: Array<{ hardware: string; os: string; application: string }>;
  interfaces: ReadInterface[];
  packets: ReadPacket[];
  /** Blocks of types that carry no packets and that nobody here reads. */
  skipped: number;
  /** Why reading ended early, or null. */
  problem: string | null;
}

interface Reader {
  b: Uint8Array;
  v: DataView;
  le: boolean;
  file: PcapngFile;
  /** Where this section's interfaces begin. */
  base: number;
  /** Ticks per second and offset in seconds, by interface. */
  clocks: Array<{ perSec: bigint; offset: bigint }>;
}

export function isPcapng(b: Uint8Array): boolean {
  return b.length >= 12 && b[0] === 0x0a && b[1] === 0x0d && b[2] === 0x0d && b[3] === 0x0a;
}

export function readPcapng(b: Uint8Array): PcapngFile {
  const file: PcapngFile = { sections: [], interfaces: [], packets: [], skipped: 0, problem: null };
  const r: Reader = { b, v: new DataView(b.buffer, b.byteOffset, b.byteLength), le: true, file, base: 0, clocks: [] };
  if (!isPcapng(b)) {
    file.problem = 'not a pcapng file';
    return file;
  }
  for (let at = 0; at < b.length && file.problem === null; ) at = readBlock(r, at);
  return file;
}

/** Reads the block at `at` and returns where the next begins. */
function readBlock(r: Reader, at: number): number {
  if (at + 12 > r.b.length) return fail(r, `truncated block at byte ${at}`);
  const isSection = r.v.getUint32(at) === BLOCK_SHB;
  if (isSection) {
    r.le = r.v.getUint32(at + 8, true) === BYTE_ORDER_MAGIC;
    if (!r.le && r.v.getUint32(at + 8) !== BYTE_ORDER_MAGIC) return fail(r, `bad byte order magic at byte ${at}`);
  }
  const total = r.v.getUint32(at + 4, r.le);
  if (total < 12 || total % 4 !== 0) return fail(r, `bad block length ${total} at byte ${at}`);
  if (at + total > r.b.length) return fail(r, `truncated block at byte ${at}`);
  if (r.v.getUint32(at + total - 4, r.le) !== total) return fail(r, `block lengths differ at byte ${at}`);
  readBody(r, isSection ? BLOCK_SHB : r.v.getUint32(at, r.le), at + 8, at + total - 4);
  return at + total;
}

function fail(r: Reader, problem: string): number {
  r.file.problem = problem;
  return r.b.length;
}

function readBody(r: Reader, type: number, at: number, end: number): void {
  if (type === BLOCK_SHB) readSection(r, at, end);
  else if (type === BLOCK_IDB) readInterface(r, at, end);
  else if (type === BLOCK_EPB || type === BLOCK_PB) readPacket(r, type, at, end);
  else if (type === BLOCK_SPB) readSimplePacket(r, at, end);
  else if (type === BLOCK_ISB) readStatistics(r, at, end);
  else r.file.skipped++;
}

function readSection(r: Reader, at: number, end: number): void {
  if (end - at < 16) return void fail(r, `short section header at byte ${at}`);
  r.base = r.file.interfaces.length;
  const s = { hardware: '', os: '', application: '' };
  eachOption(r, at + 16, end, (code, from, len) => {
    const text = (): string => utf8Decode(r.b.subarray(from, from + len));
    if (code === SHB_HARDWARE) s.hardware = text();
    if (code === SHB_OS) s.os = text();
    if (code === SHB_USERAPPL) s.application = text();
  });
  r.file.sections.push(s);
}

function readInterface(r: Reader, at: number, end: number): void {
  if (end - at < 8) return void fail(r, `short interface block at byte ${at}`);
  const i: ReadInterface = {
    section: r.file.sections.length - 1,
    name: '',
    description: '',
    linkType: r.v.getUint16(at, r.le),
    snapLen: r.v.getUint32(at + 4, r.le),
    received: -1,
    dropped: -1,
  };
  const clock = { perSec: 1_000_000n, offset: 0n };
  eachOption(r, at + 8, end, (code, from, len) => {
    if (code === IF_NAME) i.name = utf8Decode(r.b.subarray(from, from + len));
    if (code === IF_DESCRIPTION) i.description = utf8Decode(r.b.subarray(from, from + len));
    if (code === IF_TSRESOL && len >= 1) clock.perSec = ticksPerSecond(r.b[from]);
    if (code === IF_TSOFFSET && len >= 8) clock.offset = r.v.getBigInt64(from, r.le);
  });
  r.file.interfaces.push(i);
  r.clocks.push(clock);
}

function ticksPerSecond(resol: number): bigint {
  return (resol & 0x80) !== 0 ? 1n << BigInt(resol & 0x7f) : 10n ** BigInt(resol);
}

function readPacket(r: Reader, type: number, at: number, end: number): void {
  const local = end - at < 20 ? -1 : type === BLOCK_EPB ? r.v.getUint32(at, r.le) : r.v.getUint16(at, r.le);
  const ifId = r.base + local;
  if (local < 0 || ifId >= r.file.interfaces.length)
    return void fail(r, `packet of an unknown interface at byte ${at}`);
  const caplen = r.v.getUint32(at + 12, r.le);
  if (caplen > end - at - 20) return void fail(r, `packet runs over its block at byte ${at}`);
  const p = newPacket(r, ifId, at + 20, caplen, r.v.getUint32(at + 16, r.le));
  setTime(r, p, at + 4);
  eachOption(r, at + 20 + ((caplen + 3) & ~3), end, (code, from, len) => {
    if (code === OPT_COMMENT) p.comments.push(utf8Decode(r.b.subarray(from, from + len)));
    if (code === EPB_FLAGS && len >= 4) p.direction = r.v.getUint32(from, r.le) & 3;
    if (code === EPB_DROPCOUNT && len >= 8) p.drops = Number(r.v.getBigUint64(from, r.le));
  });
  r.file.packets.push(p);
}

/** No time and no interface number: it belongs to the section's first interface. */
function readSimplePacket(r: Reader, at: number, end: number): void {
  if (end - at < 4 || r.base >= r.file.interfaces.length) return void fail(r, `bad simple packet block at byte ${at}`);
  const wireLen = r.v.getUint32(at, r.le);
  const snapLen = r.file.interfaces[r.base].snapLen;
  const caplen = Math.min(wireLen, end - at - 4, snapLen === 0 ? wireLen : snapLen);
  r.file.packets.push(newPacket(r, r.base, at + 4, caplen, wireLen));
}

function newPacket(r: Reader, ifId: number, from: number, caplen: number, wireLen: number): ReadPacket {
  const data = copyOf(r.b, from, caplen);
  return { ifId, sec: 0, nsec: 0, data, wireLen, direction: 0, comments: [], drops: -1 };
}

function setTime(r: Reader, p: ReadPacket, at: number): void {
  const { perSec, offset } = r.clocks[p.ifId];
  const ticks = (BigInt(r.v.getUint32(at, r.le)) << 32n) | BigInt(r.v.getUint32(at + 4, r.le));
  p.sec = Number(ticks / perSec + offset);
  p.nsec = Number(((ticks % perSec) * 1_000_000_000n) / perSec);
}

function readStatistics(r: Reader, at: number, end: number): void {
  const i = end - at < 12 ? undefined : r.file.interfaces[r.base + r.v.getUint32(at, r.le)];
  if (i === undefined) return void fail(r, `statistics of an unknown interface at byte ${at}`);
  eachOption(r, at + 12, end, (code, from, len) => {
    if (code === ISB_IFRECV && len >= 8) i.received = Number(r.v.getBigUint64(from, r.le));
    if (code === ISB_IFDROP && len >= 8) i.dropped = Number(r.v.getBigUint64(from, r.le));
  });
}

function eachOption(r: Reader, from: number, end: number, f: (code: number, at: number, len: number) => void): void {
  let at = from;
  while (at + 4 <= end) {
    const code = r.v.getUint16(at, r.le);
    const len = r.v.getUint16(at + 2, r.le);
    if (code === 0 || at + 4 + len > end) return;
    f(code, at + 4, len);
    at += 4 + ((len + 3) & ~3);
  }
}
