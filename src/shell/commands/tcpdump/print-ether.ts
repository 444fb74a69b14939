// Ethernet headers, VLAN tags, and which printer comes next. tcpdump: print-ether.c, print-sll.c.

import { putDump } from './hexdump.ts';
import { ethertypeNames } from './names.ts';
import { printArp } from './print-arp.ts';
import { printIp } from './print-ip.ts';
import { printIp6 } from './print-ip6.ts';
import { type Macs, printLlc } from './print-llc.ts';
import { hex, type Printer, type Tok, tok } from './printer.ts';

const MAX_LENGTH = 1500;
const vlanTypes: ReadonlySet<number> = new Set([0x8100, 0x9100, 0x9200, 0x88a8]);

/** Prints the frame and returns where its link header ends, for -x. `length` is what it was on the wire. */
export function printEther(p: Printer, at: number, length: number): number {
  p.proto = 'ether';
  if (!p.has(at, 14) || length < 14) {
    p.putTrunc();
    return p.end;
  }
  const type = p.u16(at + 12);
  if (p.o.e && vlanTypes.has(type) && (!p.has(at + 14, 4) || length < 18)) {
    p.put(`${p.mac(at + 6)} > ${p.mac(at)}, `);
    p.proto = 'vlan';
    p.putTrunc();
    return p.end;
  }
  if (p.o.e) putHeader(p, at, length, type);
  const macs = { src: at + 6, dst: at };
  let hdr = at + 14;
  p.guard(() => {
    hdr = printTyped(p, at + 14, length - 14, type, macs, (et) => putHeader(p, at, length, et));
  });
  return hdr;
}

function putHeader(p: Printer, at: number, length: number, type: number): void {
  p.put(`${p.mac(at + 6)} > ${p.mac(at)}`);
  if (type <= MAX_LENGTH) {
    p.put(`, 802.3, length ${type}: `);
    return;
  }
  p.put(`, ${typeText(p, type)}, length ${length}: `);
}

function typeText(p: Printer, type: number): string {
  const number = hex(type, 4);
  if (p.o.q > 0) return tok(ethertypeNames, type, `Unknown Ethertype (0x${number})`);
  return `ethertype ${tok(ethertypeNames, type, 'Unknown')} (0x${number})`;
}

/** From behind the type field on. Returns where link headers end. */
function printTyped(
  p: Printer,
  from: number,
  len: number,
  type: number,
  macs: Macs,
  header: (et: number) => void,
): number {
  let at = from;
  let length = len;
  let et = type;
  while (vlanTypes.has(et)) {
    if (!p.has(at, 4) || length < 4) {
      p.proto = 'vlan';
      p.putTrunc();
      return p.end;
    }
    if (p.o.e) p.put(`${tciText(p.u16(at))}, `);
    et = p.u16(at + 2);
    at += 4;
    length -= 4;
    const cut = vlanTypes.has(et) && (!p.has(at, 4) || length < 4);
    if (p.o.e && !cut) p.put(et > MAX_LENGTH ? `${typeText(p, et)}, ` : '802.3');
  }
  if (et <= MAX_LENGTH) return printLlcFrame(p, at, length, et, macs);
  if (!printEthertype(p, et, at, length)) {
    if (!p.o.e) header(et);
    putDump(p, at);
  }
  return at;
}

function printLlcFrame(p: Printer, at: number, length: number, said: number, macs: Macs): number {
  const len = Math.min(length, said);
  const end = p.end;
  p.end = Math.min(p.end, at + len);
  const n = printLlc(p, at, len, macs);
  if (n < 0) putDump(p, at);
  p.end = end;
  return at + Math.abs(n);
}

function tciText(tci: number): string {
  return `vlan ${tci & 0xfff}, p ${tci >>> 13}${(tci & 0x1000) !== 0 ? ', DEI' : ''}`;
}

/** False when no printer knows the type. */
export function printEthertype(p: Printer, type: number, at: number, length: number): boolean {
  if (type === 0x0800) printIp(p, at, length);
  else if (type === 0x86dd) printIp6(p, at, length);
  else if (type === 0x0806 || type === 0x8035) printArp(p, at, length);
  else return false;
  return true;
}

const packetTypes: Tok = [
  [0, 'In'],
  [1, 'B'],
  [2, 'M'],
  [3, 'P'],
  [4, 'Out'],
];
/** DLT_LINUX_SLL2's header, which `-i any` puts before each packet. */
export const SLL2_HLEN = 20;

/** A frame of `-i any`: the cooked header, then what the frame carried. */
export function printSll2(p: Printer, at: number, length: number): number {
  p.proto = 'sll2';
  if (!p.has(at, SLL2_HLEN)) {
    p.putTrunc();
    return p.end;
  }
  const ifindex = p.u32(at + 4);
  p.put(`${(p.o.ifName(ifindex) ?? '?').padEnd(5)} `);
  p.put(`${tok(packetTypes, p.u8(at + 10), '?').padEnd(3)} `);
  const type = p.u16(at);
  const header = (len: number): void => {
    p.put(`ifindex ${ifindex} `);
    if (p.u8(at + 11) === 6) p.put(`${p.mac(at + 12)} `);
    if (p.o.q > 0) return;
    const known = type === 4 ? '802.2' : type === 1 ? '802.3' : null;
    p.put(known ?? `ethertype ${tok(ethertypeNames, type, 'Unknown')} (0x${hex(type, 4)})`);
    p.put(`, length ${len}: `);
  };
  if (p.o.e) header(length);
  let hdr = at + SLL2_HLEN;
  p.guard(() => {
    hdr = printCooked(p, at + SLL2_HLEN, length - SLL2_HLEN, type, header);
  });
  return hdr;
}

function printCooked(p: Printer, from: number, len: number, type: number, header: (len: number) => void): number {
  let at = from;
  let length = len;
  let et = type;
  while (et === 0x8100) {
    if (!p.has(at, 4) || length < 4) {
      p.proto = 'vlan';
      p.putTrunc();
      return p.end;
    }
    if (p.o.e) p.put(`${tciText(p.u16(at))}, `);
    et = p.u16(at + 2);
    if (et <= MAX_LENGTH) et = 4;
    if (p.o.q === 0) p.put(`ethertype ${tok(ethertypeNames, et, 'Unknown')}, `);
    at += 4;
    length -= 4;
  }
  if (et === 4) {
    const n = printLlc(p, at, length, null);
    if (n < 0) putDump(p, at);
    return at + Math.max(0, n);
  }
  if (!printEthertype(p, et, at, length)) {
    if (!p.o.e && et > MAX_LENGTH) header(length + SLL2_HLEN);
    putDump(p, at);
  }
  return at;
}
