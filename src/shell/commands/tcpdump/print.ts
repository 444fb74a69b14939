// One packet as tcpdump prints it: number, time, protocols, bytes. Pure: what it remembers between packets (TCP
// conversations, times) is in the state that it is given. tcpdump: print.c, print-ascii.c.

import { LINKTYPE_LINUX_SLL2 } from '../../../wire/pcapng.ts';
import { asciiText, hexAsciiLines, hexLines } from './hexdump.ts';
import { printEther, printSll2 } from './print-ether.ts';
import { Printer, type PrintOptions, type TcpFlow } from './printer.ts';
import { type PacketTime, timeText } from './time.ts';

export interface PacketMeta {
  time: PacketTime;
  /** Length on the wire. */
  wireLen: number;
  linkType: number;
}

export interface LineOptions extends PrintOptions {
  /** How many times -t, -x, -X were given; -A; -#. */
  t: number;
  x: number;
  X: number;
  A: boolean;
  number: boolean;
  /** Nanoseconds instead of microseconds. */
  nano: boolean;
}

export interface PrintState {
  flows: Map<string, TcpFlow>;
  first: PacketTime | null;
  previous: PacketTime | null;
  count: number;
}

export function newPrintState(): PrintState {
  return { flows: new Map(), first: null, previous: null, count: 0 };
}

/** The packet's text, without the last line feed. */
export function printPacket(data: Uint8Array, meta: PacketMeta, o: LineOptions, state: PrintState): string {
  state.count++;
  const p = new Printer(data, o, state.flows);
  if (o.number) p.put(`${String(state.count).padStart(5)}  `);
  p.put(timeText(meta.time, o.t, o.nano, state));
  let hdr = 0;
  p.guard(() => {
    hdr = meta.linkType === LINKTYPE_LINUX_SLL2 ? printSll2(p, 0, meta.wireLen) : printEther(p, 0, meta.wireLen);
  });
  if (o.X > 0 || o.x > 0 || o.A) p.put(dump(data, hdr, o));
  return p.text;
}

function dump(data: Uint8Array, hdr: number, o: LineOptions): string {
  const from = o.X > 1 || (o.X === 0 && o.x > 1) ? 0 : hdr;
  if (from >= data.length && from > 0) return '';
  if (o.X > 0) return hexAsciiLines(data, from, data.length, '\n\t');
  if (o.x > 0) return hexLines(data, from, data.length, '\n\t');
  return asciiText(data, from, data.length);
}
