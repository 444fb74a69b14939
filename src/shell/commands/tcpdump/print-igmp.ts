// IGMP lines. tcpdump: print-igmp.c.

import { inetChecksum } from '../../../wire/checksum.ts';
import type { Printer, Tok } from './printer.ts';
import { tok } from './printer.ts';

/** Record types of IGMPv3 and MLDv2 reports. */
export const recordTypes: Tok = [
  [1, 'is_in'],
  [2, 'is_ex'],
  [3, 'to_in'],
  [4, 'to_ex'],
  [5, 'allow'],
  [6, 'block'],
];

export function printIgmp(p: Printer, at: number, length: number): void {
  p.proto = 'igmp';
  if (p.o.q > 0) return void p.put('igmp');
  const type = p.u8(at);
  if (type === 0x11) putQuery(p, at, length);
  else if (type === 0x12) p.put(`igmp v1 report ${p.ip4(at + 4)}${length !== 8 ? ` [len ${length}]` : ''}`);
  else if (type === 0x16) p.put(`igmp v2 report ${p.ip4(at + 4)}`);
  else if (type === 0x17) p.put(`igmp leave ${p.ip4(at + 4)}`);
  else if (type === 0x22) {
    p.put('igmp v3 report');
    putReport3(p, at, length);
  } else p.put(`igmp-${type}`);
  if (p.o.v > 0 && p.has(at, length) && inetChecksum(p.b, at, length) !== 0) {
    p.put(` bad igmp cksum ${p.u16(at + 2).toString(16)}!`);
  }
}

function putQuery(p: Printer, at: number, length: number): void {
  p.put('igmp query');
  if (length >= 12) return void putQuery3(p, at, length);
  const max = p.u8(at + 1);
  p.put(max === 0 ? ' v1' : ' v2');
  if (max !== 0 && max !== 100) p.put(` [max resp time ${max}]`);
  if (p.u32(at + 4) !== 0) p.put(` [gaddr ${p.ip4(at + 4)}]`);
  if (length !== 8) p.put(` [len ${length}]`);
}

function putQuery3(p: Printer, at: number, length: number): void {
  p.put(' v3');
  if ((length & 3) !== 0) return void p.put(` [invalid len ${length}]`);
  const mrc = p.u8(at + 1);
  const tenths = mrc < 128 ? mrc : ((mrc & 15) | 16) << (((mrc & 0x70) >> 4) + 3);
  if (mrc !== 100) p.put(` [max resp time ${tenths < 600 ? `${(tenths * 0.1).toFixed(1)}s` : relative(tenths / 10)}]`);
  if (p.u32(at + 4) === 0) return;
  p.put(` [gaddr ${p.ip4(at + 4)}`);
  const n = p.u16(at + 10);
  if (n > 0 && length < 12 + n * 4) p.put(' [invalid number of sources]');
  else if (n > 0) putSources(p, at + 12, n);
  p.put(']');
}

/** Seconds as `1h2m3s`. */
function relative(seconds: number): string {
  const s = Math.floor(seconds);
  const parts: Array<[number, string]> = [
    [Math.floor(s / 3600), 'h'],
    [Math.floor(s / 60) % 60, 'm'],
    [s % 60, 's'],
  ];
  return (
    parts
      .filter(([n]) => n > 0)
      .map(([n, unit]) => `${n}${unit}`)
      .join('') || '0s'
  );
}

function putReport3(p: Printer, at: number, length: number): void {
  if (length < 16 || (length & 3) !== 0) return void p.put(` [invalid len ${length}]`);
  const n = p.u16(at + 6);
  p.put(`, ${n} group record(s)`);
  if (p.o.v === 0) return;
  let off = 8;
  for (let i = 0; i < n; i++) {
    if (length < off + 8) return void p.put(' [invalid number of groups]');
    const type = p.u8(at + off);
    p.put(` [gaddr ${p.ip4(at + off + 4)} ${tok(recordTypes, type, ` [v3-report-#${type}]`)}`);
    const sources = p.u16(at + off + 2);
    if (length < off + 8 + sources * 4) return void p.put(` [invalid number of sources ${sources}]`);
    putSources(p, at + off + 8, sources);
    p.put(']');
    off += 8 + sources * 4;
  }
}

function putSources(p: Printer, at: number, n: number): void {
  if (p.o.v <= 1) return void p.put(`, ${n} source(s)`);
  p.put(' {');
  for (let i = 0; i < n; i++) p.put(` ${p.ip4(at + 4 * i)}`);
  p.put(' }');
}
