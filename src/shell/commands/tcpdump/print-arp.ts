// ARP and RARP lines. tcpdump: print-arp.c.

import { putDumpAlways } from './hexdump.ts';
import { ethertypeNames } from './names.ts';
import { hex, type Printer, type Tok, tok } from './printer.ts';

const operations: Tok = [
  [1, 'Request'],
  [2, 'Reply'],
  [3, 'Reverse Request'],
  [4, 'Reverse Reply'],
  [8, 'Inverse Request'],
  [9, 'Inverse Reply'],
  [10, 'NACK Reply'],
];
const hardware: Tok = [
  [1, 'Ethernet'],
  [6, 'TokenRing'],
  [7, 'ArcNet'],
  [15, 'FrameRelay'],
  [19, 'ATM'],
  [23, 'Strip'],
  [24, 'IEEE 1394'],
  [32, 'InfiniBand'],
];
const TRAIL = 0x1000;

export function printArp(p: Printer, at: number, length: number): void {
  p.proto = 'arp';
  p.need(at, 8);
  const pro = p.u16(at + 2);
  const hln = p.u8(at + 4);
  const pln = p.u8(at + 5);
  p.need(at + 8 + 2 * hln + pln, pln);
  if (!p.o.e) p.put('ARP, ');
  const isIp = pro === 0x0800 || pro === TRAIL;
  if (!isIp || pln !== 4 || hln === 0 || p.o.v > 0) {
    const hrd = p.u16(at);
    const hname = tok(hardware, hrd, `Unknown Hardware (${hrd})`);
    const pname = tok(ethertypeNames, pro, `Unknown Protocol (0x${hex(pro, 4)})`);
    p.put(`${hname} (len ${hln}), ${pname} (len ${pln})`);
    if (p.o.v === 0) {
      p.put(`, length ${length}`);
      return;
    }
  }
  if (putOperation(p, at, hln, pln, isIp)) p.put(`, length ${length}`);
  else putDumpAlways(p, at);
}

/** False for an operation that nobody knows: its bytes are dumped instead. */
function putOperation(p: Printer, at: number, hln: number, pln: number, isIp: boolean): boolean {
  const op = p.u16(at + 6);
  const sha = at + 8;
  const spa = sha + hln;
  const tha = spa + pln;
  const tpa = tha + hln;
  const addr = (where: number): string => (!isIp ? '<wrong proto type>' : pln !== 4 ? '<wrong len>' : p.ip4(where));
  const link = (where: number): string => (hln === 6 ? p.mac(where) : linkText(p, where, hln));
  p.put(`${p.o.v > 0 ? ', ' : ''}${tok(operations, op, `Unknown (${op})`)} `);
  if (op === 1) {
    p.put(`who-has ${addr(tpa)}`);
    if (anySet(p, tha, hln)) p.put(` (${link(tha)})`);
    p.put(` tell ${addr(spa)}`);
  } else if (op === 2) p.put(`${addr(spa)} is-at ${link(sha)}`);
  else if (op === 3 || op === 8) p.put(`who-is ${link(tha)} tell ${link(sha)}`);
  else if (op === 4) p.put(`${link(tha)} at ${addr(tpa)}`);
  else if (op === 9) p.put(`${link(sha)} at ${addr(spa)}`);
  else return false;
  return true;
}

function anySet(p: Printer, at: number, n: number): boolean {
  for (let i = 0; i < n; i++) if (p.u8(at + i) !== 0) return true;
  return false;
}

function linkText(p: Printer, at: number, n: number): string {
  if (n === 0) return '<empty>';
  const parts: string[] = [];
  for (let i = 0; i < n; i++) parts.push(hex(p.u8(at + i), 2));
  return parts.join(':');
}
