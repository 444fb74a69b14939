// ICMPv6 lines: errors, echo, neighbour discovery with options, multicast listeners. tcpdump: print-icmp6.c.

import { l4Checksum6 } from '../../../wire/checksum.ts';
import { ip6Text } from '../../../wire/text.ts';
import { putHex } from './hexdump.ts';
import { recordTypes } from './print-igmp.ts';
import { shouldBe } from './print-ip.ts';
import { bits, hex, type Printer, type Tok, tok } from './printer.ts';

const types: Tok = [
  [1, 'destination unreachable'],
  [2, 'packet too big'],
  [3, 'time exceeded in-transit'],
  [4, 'parameter problem'],
  [128, 'echo request'],
  [129, 'echo reply'],
  [130, 'multicast listener query'],
  [131, 'multicast listener report'],
  [132, 'multicast listener done'],
  [133, 'router solicitation'],
  [134, 'router advertisement'],
  [135, 'neighbor solicitation'],
  [136, 'neighbor advertisement'],
  [137, 'redirect'],
  [138, 'router renumbering'],
  [141, 'inverse neighbor solicitation'],
  [142, 'inverse neighbor advertisement'],
  [143, 'multicast listener report v2'],
  [144, 'ha discovery request'],
  [145, 'ha discovery reply'],
  [146, 'mobile router solicitation'],
  [147, 'mobile router advertisement'],
  [200, 'mtrace response'],
  [201, 'mtrace message'],
];
const unreachable: Tok = [
  [0, 'unreachable route'],
  [1, ' unreachable prohibited'],
  [2, 'beyond scope'],
  [3, 'unreachable address'],
  [4, 'unreachable port'],
];
const optionNames: Tok = [
  [1, 'source link-address'],
  [2, 'destination link-address'],
  [3, 'prefix info'],
  [4, 'redirected header'],
  [5, 'mtu'],
  [7, 'advertisement interval'],
  [8, 'homeagent information'],
  [24, 'route info'],
  [25, 'rdnss'],
  [31, 'dnssl'],
];
const naFlags: Tok = [
  [0x80, 'router'],
  [0x40, 'solicited'],
  [0x20, 'override'],
];
const raFlags: Tok = [
  [0x80, 'managed'],
  [0x40, 'other stateful'],
  [0x20, 'home agent'],
];
const piFlags: Tok = [
  [0x80, 'onlink'],
  [0x40, 'auto'],
  [0x20, 'router'],
];
const preference = ['medium', 'high', 'rsv', 'low'];
/** Their length comes early in verbose lines, since options follow. */
const lengthFirst: ReadonlySet<number> = new Set([133, 134, 135, 136, 137]);

export function printIcmp6(p: Printer, ip: number, at: number, length: number, fragmented: boolean): void {
  p.proto = 'icmp6';
  if (p.o.v > 0 && !fragmented && p.has(at, length)) {
    const sum = l4Checksum6(p.b, ip, 58, at, length);
    const field = p.u16(at + 2);
    const bad = `[bad icmp6 cksum 0x${hex(field, 4)} -> 0x${hex(shouldBe(field, sum), 4)}!] `;
    p.put(sum === 0 ? '[icmp6 sum ok] ' : bad);
  }
  const type = p.u8(at);
  p.put(`ICMP6, ${tok(types, type, `unknown icmp6 type (${type})`)}`);
  if (p.o.v > 0 && lengthFirst.has(type)) p.put(`, length ${length}`);
  p.need(at + 1, 1);
  if (type === 1 && !putUnreachable(p, at)) {
    if (p.o.v <= 1) putHex(p, at, length, '\n\t');
    return;
  }
  if (!putBody(p, at, type, length)) {
    p.put(`, length ${length}`);
    if (p.o.v <= 1) putHex(p, at, length, '\n\t');
    return;
  }
  if (p.o.v === 0) p.put(`, length ${length}`);
}

/** False when the type is unknown. */
function putBody(p: Printer, at: number, type: number, length: number): boolean {
  if (type === 1) return true;
  if (type === 2) p.put(`, mtu ${p.u32(at + 4)}`);
  else if (type === 3) putTimeExceeded(p, at);
  else if (type === 4) putParameterProblem(p, at);
  else if (type === 128 || type === 129) p.put(`, id ${p.u16(at + 4)}, seq ${p.u16(at + 6)}`);
  else if (type === 130 && length !== 24) putMldQuery2(p, at, length);
  else if (type >= 130 && type <= 132) putMld(p, at);
  else if (type === 143) putMldReport2(p, at, length);
  else if (type === 141 || type === 142) return true;
  else return putNd(p, at, type, length);
  return true;
}

/** False for a code that nobody knows. */
function putUnreachable(p: Printer, at: number): boolean {
  const code = p.u8(at + 1);
  p.put(`, ${tok(unreachable, code, `unknown unreach code (${code})`)}`);
  const dst = code <= 4 ? p.ip6(at + 32) : '';
  if (code === 0 || code === 1 || code === 3) p.put(` ${dst}`);
  else if (code === 2) p.put(` ${dst}, source address ${p.ip6(at + 16)}`);
  else if (code === 4) {
    const proto = p.u8(at + 14);
    const port = p.u16(at + 50);
    if (proto === 6) p.put(`, ${dst} tcp port ${p.port('tcp', port)}`);
    else if (proto === 17) p.put(`, ${dst} udp port ${p.port('udp', port)}`);
    else p.put(`, ${dst} protocol ${proto} port ${port} unreachable`);
  }
  return code <= 4;
}

function putTimeExceeded(p: Printer, at: number): void {
  const code = p.u8(at + 1);
  p.put(code === 0 ? ` for ${p.ip6(at + 32)}` : code === 1 ? ' (reassembly)' : `, unknown code (${code})`);
}

function putParameterProblem(p: Printer, at: number): void {
  const code = p.u8(at + 1);
  p.need(at + 32, 16);
  const what = ['erroneous', 'next header', 'option', 'incomplete header chain'][code];
  p.put(what === undefined ? `, code-#${code}` : `, ${what} - octet ${p.u32(at + 4)}`);
}

function putNd(p: Printer, at: number, type: number, length: number): boolean {
  let options = 0;
  if (type === 133) options = 8;
  else if (type === 134) {
    options = 16;
    if (p.o.v > 0) putRouterAdvert(p, at);
  } else if (type === 135) {
    options = 24;
    p.put(`, who has ${p.ip6(at + 8)}`);
  } else if (type === 136) {
    options = 24;
    p.put(`, tgt is ${p.ip6(at + 8)}`);
    if (p.o.v > 0) p.put(`, Flags [${bits(naFlags, p.u8(at + 4), 'none')}]`);
  } else if (type === 137) {
    options = 40;
    p.put(`, ${p.ip6(at + 24)} to ${p.ip6(at + 8)}`);
  } else return false;
  if (p.o.v > 0) putOptions(p, at + options, length - options);
  return true;
}

function putRouterAdvert(p: Printer, at: number): void {
  const flags = p.u8(at + 5);
  p.need(at + 12, 4);
  p.put(`\n\thop limit ${p.u8(at + 4)}, Flags [${bits(raFlags, flags, 'none')}], pref ${preference[(flags >> 3) & 3]}`);
  p.put(`, router lifetime ${p.u16(at + 6)}s, reachable time ${p.u32(at + 8)}ms, retrans timer ${p.u32(at + 12)}ms`);
}

function putOptions(p: Printer, from: number, length: number): void {
  let at = from;
  for (let left = length; left > 0 && at < p.end; ) {
    const type = p.u8(at);
    const n = p.u8(at + 1) * 8;
    if (n === 0 || !p.has(at, n)) return void p.putTrunc();
    p.put(`\n\t  ${tok(optionNames, type, 'unknown')} option (${type}), length ${n} (${n / 8}): `);
    if (!putOption(p, at, type, n)) {
      // One that nobody knows ends the list, except when all are dumped.
      if (p.o.v <= 1) {
        putHex(p, at + 2, n - 2, '\n\t  ');
        return;
      }
    }
    if (p.o.v > 1) putHex(p, at + 2, n - 2, '\n\t    ');
    at += n;
    left -= n;
  }
}

function putOption(p: Printer, at: number, type: number, n: number): boolean {
  if (type === 1 || type === 2) {
    for (let i = 2; i < n; i++) p.put(`${i > 2 ? ':' : ''}${hex(p.u8(at + i), 2)}`);
  } else if (type === 3) {
    p.put(
      `${p.ip6(at + 16)}/${p.u8(at + 2)}${n === 32 ? '' : 'badlen'}, Flags [${bits(piFlags, p.u8(at + 3), 'none')}]`,
    );
    p.put(`, valid time ${lifetime(p.u32(at + 4))}, pref. time ${lifetime(p.u32(at + 8))}`);
  } else if (type === 4) putHex(p, at, n, '\n\t    ');
  else if (type === 5) p.put(` ${p.u32(at + 4)}${n === 8 ? '' : 'bad option length'}`);
  else return false;
  return true;
}

function lifetime(v: number): string {
  return v === 0xffffffff ? 'infinity' : `${v}s`;
}

function putMld(p: Printer, at: number): void {
  if (p.has(at, 24)) p.put(`max resp delay: ${p.u16(at + 4)} addr: ${p.ip6(at + 8)}`);
}

function putMldReport2(p: Printer, at: number, length: number): void {
  if (length < 8) return void p.put(` [invalid len ${length}]`);
  const n = p.u16(at + 6);
  p.put(`, ${n} group record(s)`);
  if (p.o.v === 0) return;
  let off = 8;
  for (let i = 0; i < n; i++) {
    if (length < off + 20) return void p.put(' [invalid number of groups]');
    const type = p.u8(at + off);
    p.put(` [gaddr ${p.ip6(at + off + 4)} ${tok(recordTypes, type, ` [v2-report-#${type}]`)}`);
    const sources = p.u16(at + off + 2);
    if (length < off + 20 + sources * 16) return void p.put(` [invalid number of sources ${sources}]`);
    putSources6(p, at + off + 20, sources);
    p.put(']');
    off += 20 + sources * 16;
  }
}

function putSources6(p: Printer, at: number, n: number): void {
  if (p.o.v <= 1) return void p.put(`, ${n} source(s)`);
  p.put(' {');
  for (let i = 0; i < n; i++) {
    p.need(at + 16 * i, 16);
    p.put(` ${ip6Text(p.b, at + 16 * i)}`);
  }
  p.put(' }');
}

function putMldQuery2(p: Printer, at: number, length: number): void {
  if (length < 28) return void p.put(` unknown-version (len ${length}) `);
  p.put(' v2');
  const mrc = p.u16(at + 4);
  const ms = mrc < 32768 ? mrc : ((mrc & 0x0fff) | 0x1000) << (((mrc & 0x7000) >> 12) + 3);
  if (p.o.v > 0) p.put(` [max resp delay=${ms}]`);
  p.put(` [gaddr ${p.ip6(at + 8)}`);
  if (p.o.v > 0) {
    const qrv = p.u8(at + 24);
    if ((qrv & 8) !== 0) p.put(' sflag');
    if ((qrv & 7) !== 0) p.put(` robustness=${qrv & 7}`);
    const qqic = p.u8(at + 25);
    const qqi = qqic < 128 ? qqic : ((qqic & 15) | 16) << (((qqic & 0x70) >> 4) + 3);
    if (qqi < 600) p.put(` qqi=${qqi}`);
  }
  const n = p.u16(at + 26);
  if (n > 0 && length < 28 + n * 16) p.put(` [invalid number of sources ${n}]`);
  else if (n > 0) putSources6(p, at + 28, n);
  p.put(']');
}
