// The classic capture file, as tcpdump -w writes it: microseconds, little endian. Reads both byte orders, micro- and
// nanoseconds. Format: pcap-savefile(5).

import { copyOf } from './bytes.ts';
import { DEFAULT_SNAPLEN, LINKTYPE_ETHERNET, type Sink } from './pcapng.ts';

const MAGIC_US = 0xa1b2c3d4;
const MAGIC_NS = 0xa1b23c4d;
const FILE_HEADER = 24;
const PACKET_HEADER = 16;

export interface PcapPacket {
  sec: number;
  nsec: number;
  data: Uint8Array;
  /** Length on the wire. */
  wireLen: number;
}

/** Writes the file header to the sink at once, then a record for each packet. Times are cut to microseconds. */
export class PcapWriter {
  readonly #sink: Sink;

  constructor(sink: Sink, linkType: number = LINKTYPE_ETHERNET, snapLen: number = DEFAULT_SNAPLEN) {
    this.#sink = sink;
    const b = new Uint8Array(FILE_HEADER);
    const v = new DataView(b.buffer);
    v.setUint32(0, MAGIC_US, true);
    v.setUint16(4, 2, true);
    v.setUint16(6, 4, true);
    v.setUint32(16, snapLen, true);
    v.setUint32(20, linkType, true);
    sink(b);
  }

  packet(p: PcapPacket): void {
    const b = new Uint8Array(PACKET_HEADER + p.data.length);
    const v = new DataView(b.buffer);
    v.setUint32(0, p.sec, true);
    v.setUint32(4, Math.floor(p.nsec / 1000), true);
    v.setUint32(8, p.data.length, true);
    v.setUint32(12, p.wireLen, true);
    b.set(p.data, PACKET_HEADER);
    this.#sink(b);
  }
}

export interface PcapFile {
  linkType: number;
  snapLen: number;
  packets: PcapPacket[];
  /** Why reading ended early, or null. In libpcap's words where it has some. */
  problem: string | null;
}

/** Never throws: what came before the problem is kept. */
export function readPcap(b: Uint8Array): PcapFile {
  const file: PcapFile = { linkType: 0, snapLen: 0, packets: [], problem: null };
  if (b.length < FILE_HEADER) {
    file.problem = `truncated dump file; tried to read ${b.length < 4 ? 4 : FILE_HEADER} file header bytes, only got ${b.length}`;
    return file;
  }
  const v = new DataView(b.buffer, b.byteOffset, b.byteLength);
  const magic = v.getUint32(0, true);
  const swapped = v.getUint32(0);
  const le = magic === MAGIC_US || magic === MAGIC_NS;
  if (!le && swapped !== MAGIC_US && swapped !== MAGIC_NS) {
    file.problem = 'unknown file format';
    return file;
  }
  const unit = (le ? magic : swapped) === MAGIC_NS ? 1 : 1000;
  file.snapLen = v.getUint32(16, le);
  file.linkType = v.getUint32(20, le) & 0xffff;
  for (let at = FILE_HEADER; at < b.length; ) at = readRecord(b, v, le, unit, at, file);
  return file;
}

function readRecord(b: Uint8Array, v: DataView, le: boolean, unit: number, at: number, file: PcapFile): number {
  const rest = b.length - at;
  if (rest < PACKET_HEADER) {
    file.problem = `truncated dump file; tried to read ${PACKET_HEADER} header bytes, only got ${rest}`;
    return b.length;
  }
  const caplen = v.getUint32(at + 8, le);
  if (caplen > rest - PACKET_HEADER) {
    file.problem = `truncated dump file; tried to read ${caplen} captured bytes, only got ${rest - PACKET_HEADER}`;
    return b.length;
  }
  const from = at + PACKET_HEADER;
  file.packets.push({
    sec: v.getUint32(at, le),
    nsec: v.getUint32(at + 4, le) * unit,
    data: copyOf(b, from, caplen),
    wireLen: v.getUint32(at + 12, le),
  });
  return from + caplen;
}
