// TCP lines: flags, relative sequence numbers, window, options. No protocol above TCP is decoded. tcpdump: print-tcp.c.

import { l4Checksum4, l4Checksum6 } from '../../../wire/checksum.ts';
import { shouldBe } from './print-ip.ts';
import { endsText } from './print-udp.ts';
import { bits, hex, type Printer, type TcpFlow, type Tok, tok } from './printer.ts';

const flagBits: Tok = [
  [0x01, 'F'],
  [0x02, 'S'],
  [0x04, 'R'],
  [0x08, 'P'],
  [0x10, '.'],
  [0x20, 'U'],
  [0x40, 'E'],
  [0x80, 'W'],
];
const optionNames: Tok = [
  [0, 'eol'],
  [1, 'nop'],
  [2, 'mss'],
  [3, 'wscale'],
  [4, 'sackOK'],
  [5, 'sack'],
  [6, 'echo'],
  [7, 'echoreply'],
  [8, 'TS'],
  [11, 'cc'],
  [12, 'ccnew'],
  [13, ''],
  [19, 'md5'],
  [20, 'scps'],
  [28, 'uto'],
  [29, 'tcp-ao'],
  [30, 'mptcp'],
  [34, 'tfo'],
  [254, 'exp'],
];
const FIN_SYN_RST = 0x07;

export function printTcp(
  p: Printer,
  ip: number,
  version: 4 | 6,
  at: number,
  length: number,
  fragmented: boolean,
): void {
  p.proto = 'tcp';
  if (!p.has(at, 4)) {
    return void p.put(`${endsText(p, ip, version, 'tcp', null)}[|tcp]`);
  }
  p.put(endsText(p, ip, version, 'tcp', [p.u16(at), p.u16(at + 2)]));
  p.need(at, 20);
  const hlen = (p.u8(at + 12) >>> 4) * 4;
  if (hlen < 20) return void p.put(` tcp ${length - hlen} [bad hdr length ${hlen} - too short, < 20]`);
  const tooLong = hlen > length ? ` [bad hdr length ${hlen} - too long, > ${length}]` : '';
  if (p.o.q > 0) return void p.put(`tcp ${(length - hlen) >>> 0}${tooLong}`);
  const flags = p.u8(at + 13);
  p.put(`Flags [${bits(flagBits, flags, 'none', '')}]`);
  const rel = relative(p, ip, version, at, flags);
  if (tooLong !== '') return void p.put(tooLong);
  if (p.o.v > 0 && !fragmented) putChecksum(p, ip, version, at, length);
  const data = length - hlen;
  if (p.o.v > 1 || data > 0 || (flags & FIN_SYN_RST) !== 0) {
    p.put(`, seq ${rel.seq}${data > 0 ? `:${(rel.seq + data) % 0x100000000}` : ''}`);
  }
  if ((flags & 0x10) !== 0) p.put(`, ack ${rel.ack}`);
  p.put(`, win ${p.u16(at + 14)}`);
  if ((flags & 0x20) !== 0) p.put(`, urg ${p.u16(at + 18)}`);
  if (hlen > 20) {
    p.put(', options [');
    const end = putOptions(p, at + 20, hlen - 20, rel.base);
    p.put(end);
    if (end !== ']') return;
  }
  p.put(`, length ${data}`);
  if (data > 0 && (flags & 0x04) !== 0 && p.o.v > 0) putResetData(p, at + hlen, data);
}

interface Relative {
  seq: number;
  ack: number;
  /** Subtracted from SACK edges. */
  base: number;
}

const sub = (a: number, b: number): number => (a - b) >>> 0;

/** Numbers relative to the first packet with ACK of this conversation, which is remembered. */
function relative(p: Printer, ip: number, version: 4 | 6, at: number, flags: number): Relative {
  const seq = p.u32(at + 4);
  const ack = p.u32(at + 8);
  if (p.o.absoluteSeq || (flags & 0x10) === 0) return { seq, ack, base: 0 };
  const a = version === 4 ? p.ip4(ip + 12) : p.ip6(ip + 8);
  const b = version === 4 ? p.ip4(ip + 16) : p.ip6(ip + 24);
  const sport = p.u16(at);
  const dport = p.u16(at + 2);
  const reversed = sport > dport || (sport === dport && addressAfter(p, ip, version));
  const key = reversed ? `${b} ${a} ${dport} ${sport}` : `${a} ${b} ${sport} ${dport}`;
  const known = p.flows.get(key);
  if (known === undefined || (flags & 0x02) !== 0) {
    const flow: TcpFlow = reversed ? { seq: sub(ack, 1), ack: seq } : { seq, ack: sub(ack, 1) };
    p.flows.set(key, flow);
    return { seq, ack, base: reversed ? flow.seq : flow.ack };
  }
  if (reversed) return { seq: sub(seq, known.ack), ack: sub(ack, known.seq), base: known.seq };
  return { seq: sub(seq, known.seq), ack: sub(ack, known.ack), base: known.ack };
}

/** Is the source address the greater one? */
function addressAfter(p: Printer, ip: number, version: 4 | 6): boolean {
  const src = version === 4 ? ip + 12 : ip + 8;
  const n = version === 4 ? 4 : 16;
  for (let i = 0; i < n; i++) if (p.b[src + i] !== p.b[src + n + i]) return p.b[src + i] > p.b[src + n + i];
  return false;
}

function putChecksum(p: Printer, ip: number, version: 4 | 6, at: number, length: number): void {
  if (p.o.noCheck || !p.has(at, length) || (version === 6 && p.u16(ip + 4) === 0)) return;
  const sum = version === 4 ? l4Checksum4(p.b, ip, 6, at, length) : l4Checksum6(p.b, ip, 6, at, length);
  const field = p.u16(at + 16);
  p.put(`, cksum 0x${hex(field, 4)} ${sum === 0 ? '(correct)' : `(incorrect -> 0x${hex(shouldBe(field, sum), 4)})`}`);
}

/** How the list ends: with `]`, or with what is wrong, and then the line ends too. */
function putOptions(p: Printer, from: number, total: number, base: number): string {
  let at = from;
  let left = total;
  let sep = '';
  while (left > 0) {
    p.put(sep);
    sep = ',';
    const kind = p.u8(at);
    const single = kind <= 1;
    const n = single ? 1 : p.u8(at + 1);
    if (!single && (n < 2 || n > left)) return '[bad opt]';
    p.put(tok(optionNames, kind, `unknown-${kind}`));
    const used = single ? 0 : putOption(p, at + 2, kind, n - 2, left - 2, base);
    if (used < 0) return used === -2 ? ' [|tcp]>' : '[bad opt]';
    const size = single ? 1 : used + 2;
    if (size !== n) p.put(`[len ${n}]`);
    at += size;
    left -= size;
    if (kind === 0) break;
  }
  return ']';
}

/** The value of an option; returns how many of its bytes were used; -1 when it has too few, -2 when too few were captured. */
function putOption(p: Printer, at: number, kind: number, n: number, left: number, base: number): number {
  const fixed = kind === 2 ? 2 : kind === 3 ? 1 : kind === 8 ? 8 : kind === 4 ? 0 : kind >= 6 && kind <= 13 ? 4 : n;
  if (fixed > left) return -1;
  if ((kind === 3 || (kind >= 6 && kind <= 13)) && !p.has(at, fixed)) return -2;
  if (kind === 5) return putSack(p, at, n, base) ? fixed : -2;
  if (kind === 2) p.put(` ${p.u16(at)}`);
  else if (kind === 3) p.put(` ${p.u8(at)}`);
  else if (kind === 8) p.put(` val ${p.u32(at)} ecr ${p.u32(at + 4)}`);
  else if (kind >= 6 && kind <= 13) p.put(` ${p.u32(at)}`);
  else if (kind === 34) putFastOpen(p, at, n);
  else if (kind !== 4 && n > 0) {
    p.put(' 0x');
    for (let i = 0; i < n; i++) p.put(hex(p.u8(at + i), 2));
  }
  return fixed;
}

function putFastOpen(p: Printer, at: number, n: number): void {
  p.need(at, n);
  p.put(n === 0 ? ' cookiereq' : '  cookie ');
  for (let i = 0; i < n; i++) p.put(hex(p.u8(at + i), 2));
}

/** False when an edge was not captured. */
function putSack(p: Printer, at: number, n: number, base: number): boolean {
  p.put(n % 8 !== 0 ? ' malformed sack' : ` ${n / 8} `);
  for (let i = 0; n % 8 === 0 && i < n; i += 8) {
    if (!p.has(at + i, 8)) return false;
    p.put(`{${sub(p.u32(at + i), base)}:${sub(p.u32(at + i + 4), base)}}`);
  }
  return true;
}

function putResetData(p: Printer, at: number, data: number): void {
  p.put(p.has(at, data) ? ' [RST' : ' [!RST');
  const n = Math.min(data, 30);
  p.put(data > 30 ? '+ ' : ' ');
  for (let i = 0; i < n && p.has(at + i, 1); i++) {
    const byte = p.u8(at + i);
    const c = byte & 0x7f;
    p.put(`${byte > c ? 'M-' : ''}${c > 31 && c < 127 ? String.fromCharCode(c) : `^${String.fromCharCode(c ^ 0x40)}`}`);
  }
  p.put(']');
}
