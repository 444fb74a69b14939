// Packets from a capture file (-r), and into one (-w). Both classic pcap and pcapng are read; classic pcap is written.

import { strerror } from '../../../uapi/errno.ts';
import { concat } from '../../../wire/bytes.ts';
import { type PcapPacket, PcapWriter, readPcap } from '../../../wire/pcap.ts';
import { isPcapng, readPcapng } from '../../../wire/pcapng-read.ts';
import type { Proc } from '../../process.ts';

export type Captured = PcapPacket;

export interface SavedCapture {
  linkType: number;
  snapLen: number;
  packets: Captured[];
  /** Why reading ended early, or null. */
  problem: string | null;
}

const EISDIR = 21;

/** The file's packets, or tcpdump's complaint. */
export async function readCapture(proc: Proc, name: string): Promise<SavedCapture | string> {
  const bytes = name === '-' ? proc.stdinBytes : await proc.readBytes(name);
  if (typeof bytes === 'number') {
    return bytes === -EISDIR ? 'error reading dump file: Is a directory' : `${name}: ${strerror(-bytes)}`;
  }
  if (!isPcapng(bytes)) {
    const f = readPcap(bytes);
    return f.snapLen === 0 && f.problem !== null ? f.problem : f;
  }
  const f = readPcapng(bytes);
  if (f.interfaces.length === 0) return f.problem ?? 'the capture file has no Interface Description Blocks';
  const { linkType, snapLen } = f.interfaces[0];
  return { linkType, snapLen, packets: f.packets, problem: f.problem };
}

const FLUSH_AT = 65_536;

/** A file that grows; written when enough has come together, and at the end. */
export class CaptureFile {
  private readonly proc: Proc;
  private readonly name: string;
  private readonly writer: PcapWriter;
  private chunks: Uint8Array[] = [];
  private size = 0;

  constructor(proc: Proc, name: string, linkType: number, snapLen: number) {
    this.proc = proc;
    this.name = name;
    this.writer = new PcapWriter(
      (chunk) => {
        this.chunks.push(chunk);
        this.size += chunk.length;
      },
      linkType,
      snapLen,
    );
  }

  /** Creates the file; null, or tcpdump's complaint. */
  async create(): Promise<string | null> {
    if (this.name === '-') return null;
    const made = await this.proc.writeFile(this.name, new Uint8Array(0));
    return made < 0 ? `${this.name}: ${strerror(-made)}` : null;
  }

  /** Takes a packet; null, or a complaint about writing. */
  async add(packet: Captured, atOnce: boolean): Promise<string | null> {
    this.writer.packet(packet);
    return atOnce || this.size >= FLUSH_AT ? this.flush() : null;
  }

  async flush(): Promise<string | null> {
    if (this.size === 0) return null;
    const bytes = concat(...this.chunks);
    this.chunks = [];
    this.size = 0;
    if (this.name === '-') {
      this.proc.outBytes(bytes);
      return null;
    }
    const done = await this.proc.appendFile(this.name, bytes);
    return done < 0 ? `${this.name}: ${strerror(-done)}` : null;
  }
}
