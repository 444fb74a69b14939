// IPv4 lines: header, options, fragments, and the protocol inside. tcpdump: print-ip.c, print-ip-demux.c.

import { inetChecksum } from '../../../wire/checksum.ts';
import { ipprotoNames, protocolName } from './names.ts';
import { printIcmp } from './print-icmp.ts';
import { printIgmp } from './print-igmp.ts';
import { printIp6 } from './print-ip6.ts';
import { printTcp } from './print-tcp.ts';
import { printUdp } from './print-udp.ts';
import { bits, type Printer, type Tok, tok } from './printer.ts';

const fragBits: Tok = [
  [0x2000, '+'],
  [0x4000, 'DF'],
  [0x8000, 'rsvd'],
];
const optionNames: Tok = [
  [0, 'EOL'],
  [1, 'NOP'],
  [68, 'timestamp'],
  [130, 'security'],
  [7, 'RR'],
  [137, 'SSRR'],
  [131, 'LSRR'],
  [148, 'RA'],
  [82, 'traceroute'],
];
const ecn = ['', ',ECT(1)', ',ECT(0)', ',CE'];

export function printIp(p: Printer, at: number, length: number): void {
  p.proto = 'ip';
  const version = p.u8(at) >>> 4;
  if (version !== 4) {
    p.put(version === 6 ? 'IP6, wrong link-layer encapsulation' : `IP${version}`);
    p.put(' (invalid)');
    return;
  }
  if (!p.o.e) p.put('IP ');
  if (!p.has(at, 20)) return void p.putTrunc();
  if (length < 20) return void p.put(`truncated-ip ${length}`);
  const hlen = (p.u8(at) & 15) * 4;
  if (hlen < 20) return void p.put(`bad-hlen ${hlen}`);
  const total = p.u16(at + 2);
  if (length < total) p.put(`truncated-ip - ${total - length} bytes missing! `);
  if (total < hlen) return void p.put(`bad-len ${total}`);
  const end = p.end;
  p.end = Math.min(p.end, at + total);
  if (p.o.v === 0 || putVerbose(p, at, hlen)) printInside(p, at, hlen, total - hlen);
  p.end = end;
}

/** False when the options were cut, and with them the rest of the line. */
function putVerbose(p: Printer, at: number, hlen: number): boolean {
  const tos = p.u8(at + 1);
  const ttl = p.u8(at + 8);
  const frag = p.u16(at + 6);
  const proto = p.u8(at + 9);
  let whole = true;
  p.put(`(tos 0x${tos.toString(16)}${ecn[tos & 3]}${ttl > 0 ? `, ttl ${ttl}` : ''}`);
  p.put(`, id ${p.u16(at + 4)}, offset ${(frag & 0x1fff) * 8}, flags [${bits(fragBits, frag, 'none')}]`);
  p.put(`, proto ${tok(ipprotoNames, proto, 'unknown')} (${proto}), length ${p.u16(at + 2)}`);
  if (hlen > 20) {
    p.put(', options (');
    whole = putOptions(p, at + 20, hlen - 20);
    p.put(whole ? ')' : ' [truncated-option])');
  }
  if (!p.o.noCheck && p.has(at, hlen)) {
    const sum = inetChecksum(p.b, at, hlen);
    if (sum !== 0)
      p.put(`, bad cksum ${p.u16(at + 10).toString(16)} (->${shouldBe(p.u16(at + 10), sum).toString(16)})!`);
  }
  p.put(')\n    ');
  if (!whole) {
    p.put(`${p.ip4(at + 12)} > ${p.ip4(at + 16)}: `);
    p.putTrunc();
  }
  return whole;
}

/** What the field should hold, from what it holds and the sum over all with it. tcpdump: in_cksum_shouldbe(). */
export function shouldBe(field: number, computed: number): number {
  let s = field + computed;
  s = (s & 0xffff) + (s >>> 16);
  return (s + (s >>> 16)) & 0xffff;
}

function putOptions(p: Printer, from: number, total: number): boolean {
  let at = from;
  let sep = '';
  for (let left = total; left > 0; ) {
    p.put(sep);
    sep = ',';
    const code = p.u8(at);
    p.put(tok(optionNames, code, `unknown ${code}`));
    const n = code <= 1 ? 1 : p.u8(at + 1);
    if ((code > 1 && n < 2) || n > left) {
      p.put(` [bad length ${n}]`);
      return true;
    }
    if (!p.has(at, n)) return false;
    if (code === 0) return true;
    if (code === 7 || code === 137 || code === 131) putRoute(p, at, n);
    if (code === 148 && n < 4) p.put(` [bad length ${n}]`);
    if (code === 148 && n >= 4 && p.u16(at + 2) !== 0) p.put(` value ${p.u16(at + 2)}`);
    at += n;
    left -= n;
  }
  return true;
}

function putRoute(p: Printer, at: number, n: number): void {
  if (n < 3) return void p.put(` [bad length ${n}]`);
  if (((n + 1) & 3) !== 0) p.put(` [bad length ${n}]`);
  const ptr = p.u8(at + 2) - 1;
  if (ptr < 3 || ((ptr + 1) & 3) !== 0 || ptr > n + 1) p.put(` [bad ptr ${ptr + 1}]`);
  for (let i = 3; i < n; i += 4) p.put(` ${p.ip4(at + i)}${ptr > i ? ',' : ''}`);
}

function printInside(p: Printer, at: number, hlen: number, length: number): void {
  const frag = p.u16(at + 6);
  const proto = p.u8(at + 9);
  const ends = `${p.ip4(at + 12)} > ${p.ip4(at + 16)}:`;
  if ((frag & 0x1fff) !== 0) {
    if (p.o.q <= 1) p.put(`${ends} ${protoText(p, proto)}`);
    return;
  }
  if (proto !== 6 && proto !== 17) p.put(`${ends} `);
  if (!p.has(at, hlen)) {
    p.put(` [remaining caplen(${p.end - at}) < header length(${hlen})]`);
    p.need(at, hlen);
  }
  printProto(p, at, 4, at + hlen, length, proto, (frag & 0x2000) !== 0);
}

function protoText(p: Printer, proto: number): string {
  return (p.o.n > 0 ? null : protocolName(proto)) ?? `ip-proto-${proto}`;
}

/** The protocol at `at`, under the IP header at `ip`. */
export function printProto(
  p: Printer,
  ip: number,
  version: 4 | 6,
  at: number,
  length: number,
  proto: number,
  fragmented: boolean,
): void {
  if (proto === 6) printTcp(p, ip, version, at, length, fragmented);
  else if (proto === 17) printUdp(p, ip, version, at, length, fragmented);
  else if (proto === 1 && version === 4) printIcmp(p, at, length, fragmented);
  else if (proto === 2 && version === 4) printIgmp(p, at, length);
  else if (proto === 1 || proto === 2) p.put(`[${proto === 1 ? 'icmp' : 'igmp'} requires IPv4]`);
  else if (proto === 4) printIp(p, at, length);
  else if (proto === 41) printIp6(p, at, length);
  else p.put(` ${protoText(p, proto)} ${length}`);
}
