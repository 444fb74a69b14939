// IPv6 lines: header, extension headers, and the protocol inside.
// tcpdump: print-ip6.c, print-ip6opts.c, print-frag6.c, print-rt6.c.

import { ipprotoNames } from './names.ts';
import { printIcmp6 } from './print-icmp6.ts';
import { printProto } from './print-ip.ts';
import { hex, type Printer, tok } from './printer.ts';

const MAX_HEADERS = 100;

export function printIp6(p: Printer, at: number, length: number): void {
  p.proto = 'ip6';
  p.need(at, 40);
  if (length < 40) return void p.put(`truncated-ip6 ${length}`);
  if (!p.o.e) p.put('IP6 ');
  const version = p.u8(at) >>> 4;
  if (version !== 6) return void p.put(`version error: ${version} != 6`);
  const payload = p.u16(at + 4);
  const len = payload + 40;
  if (length < len) p.put(`truncated-ip6 - ${len - length} bytes missing!`);
  const next = p.u8(at + 6);
  if (p.o.v > 0) putVerbose(p, at, next, payload);
  const end = p.end;
  p.end = Math.min(p.end, at + len);
  printHeaders(p, at, next, len - 40);
  p.end = end;
}

function putVerbose(p: Printer, at: number, next: number, payload: number): void {
  const flow = p.u32(at) % 0x10000000;
  const tclass = Math.floor(flow / 0x100000);
  p.put('(');
  if (tclass !== 0) p.put(`class 0x${hex(tclass, 2)}, `);
  if (flow % 0x100000 !== 0) p.put(`flowlabel 0x${hex(flow % 0x100000, 5)}, `);
  p.put(
    `hlim ${p.u8(at + 7)}, next-header ${tok(ipprotoNames, next, 'unknown')} (${next}) payload length: ${payload}) `,
  );
}

function printHeaders(p: Printer, ip: number, first: number, total: number): void {
  let next = first;
  let at = ip + 40;
  let len = total;
  let fragmented = false;
  if (next !== 6 && next !== 17) p.put(`${p.ip6(ip + 8)} > ${p.ip6(ip + 24)}: `);
  for (let i = 0, before = ip; i < MAX_HEADERS && before < p.end; i++) {
    before = at;
    let n = 0;
    if (next === 0 || next === 60) n = printOptions(p, at, next);
    else if (next === 43) n = printRouting(p, at);
    else if (next === 44) {
      n = printFragment(p, at, ip);
      fragmented = true;
      if (p.end <= at + n) return;
    } else return void printUpper(p, ip, at, len, next, fragmented);
    if (n <= 0) return;
    next = p.u8(at);
    at += n;
    len -= n;
  }
}

function printUpper(p: Printer, ip: number, at: number, len: number, next: number, fragmented: boolean): void {
  if (next === 58) printIcmp6(p, ip, at, len, fragmented);
  else if (next === 59) p.put('no next header');
  else printProto(p, ip, 6, at, len, next, fragmented);
}

function printOptions(p: Printer, at: number, kind: number): number {
  p.proto = kind === 0 ? 'hbhopt' : 'dstopt';
  const n = (p.u8(at + 1) + 1) << 3;
  p.need(at, n);
  p.put(kind === 0 ? 'HBH ' : 'DSTOPT ');
  if (p.o.v > 0) {
    for (let i = at + 2; i < at + n; ) i += putOption(p, i, at + n);
    p.put(' ');
  }
  return n;
}

/** One option; returns its length. */
function putOption(p: Printer, at: number, end: number): number {
  const type = p.u8(at);
  if (type === 0) {
    p.put('(pad1)');
    return 1;
  }
  if (at + 2 > end) return end - at;
  const n = p.u8(at + 1) + 2;
  if (at + n > end) return end - at;
  if (type === 1) p.put('(padn)');
  else if (type === 5) p.put(n === 4 ? `(rtalert: 0x${hex(p.u16(at + 2), 4)}) ` : `(rtalert: invalid len ${n - 2})`);
  else p.put(`(opt_type 0x${hex(type, 2)}: len=${n - 2})`);
  return n;
}

function printFragment(p: Printer, at: number, ip: number): number {
  p.proto = 'frag6';
  const off = p.u16(at + 2);
  const size = 40 + p.u16(ip + 4) - (at - ip) - 8;
  p.put(`frag (${p.o.v > 0 ? `0x${hex(p.u32(at + 4), 8)}:` : ''}${off & 0xfff8}|${size})`);
  if ((off & 0xfff8) !== 0) return -1;
  p.put(' ');
  return 8;
}

function printRouting(p: Printer, at: number): number {
  p.proto = 'rt6';
  const len = p.u8(at + 1);
  p.put(`srcrt (len=${len}, type=${p.u8(at + 2)}, segleft=${p.u8(at + 3)}`);
  p.put(') ');
  return (len + 1) << 3;
}
