// ICMP lines. tcpdump: print-icmp.c.

import { inetChecksum } from '../../../wire/checksum.ts';
import { printIp, shouldBe } from './print-ip.ts';
import type { Printer, Tok } from './printer.ts';
import { tok } from './printer.ts';

const types: Tok = [
  [0, 'echo reply'],
  [4, 'source quench'],
  [10, 'router solicitation'],
  [13, 'time stamp request'],
  [14, 'time stamp reply'],
  [15, 'information request'],
  [16, 'information reply'],
  [17, 'address mask request'],
];
/** `@` stands for the destination of the packet that failed. */
const unreachable: Tok = [
  [0, 'net @ unreachable'],
  [1, 'host @ unreachable'],
  [5, '@ unreachable - source route failed'],
  [6, 'net @ unreachable - unknown'],
  [7, 'host @ unreachable - unknown'],
  [8, '@ unreachable - source host isolated'],
  [9, 'net @ unreachable - admin prohibited'],
  [10, 'host @ unreachable - admin prohibited'],
  [11, 'net @ unreachable - tos prohibited'],
  [12, 'host @ unreachable - tos prohibited'],
  [13, 'host @ unreachable - admin prohibited filter'],
  [14, 'host @ unreachable - host precedence violation'],
  [15, 'host @ unreachable - precedence cutoff'],
];
const redirects: Tok = [
  [0, 'redirect @ to net'],
  [1, 'redirect @ to host'],
  [2, 'redirect-tos @ to net'],
  [3, 'redirect-tos @ to host'],
];

export function printIcmp(p: Printer, at: number, length: number, fragmented: boolean): void {
  p.proto = 'icmp';
  const type = p.u8(at);
  p.put(`ICMP ${describe(p, at, type, p.u8(at + 1))}, length ${length}`);
  if (p.o.v === 0) return;
  if (!fragmented && p.has(at, length)) {
    const sum = inetChecksum(p.b, at, length);
    const field = p.u16(at + 2);
    if (sum !== 0) p.put(` (wrong icmp cksum ${field.toString(16)} (->${shouldBe(field, sum).toString(16)})!)`);
  }
  if (type === 3 || type === 4 || type === 5 || type === 11 || type === 12) {
    p.put('\n\t');
    const end = p.end;
    const total = p.u16(at + 10);
    p.end = Math.min(p.end, at + 8 + total);
    printIp(p, at + 8, total);
    p.end = end;
    p.proto = 'icmp';
  }
  if ((type === 3 || type === 11 || type === 12) && length > 156) putExtension(p, at, length);
}

function describe(p: Printer, at: number, type: number, code: number): string {
  if (type === 8 || type === 0)
    return `echo ${type === 8 ? 'request' : 'reply'}, id ${p.u16(at + 4)}, seq ${p.u16(at + 6)}`;
  if (type === 3) return unreach(p, at, code);
  if (type === 5)
    return `${tok(redirects, code, `redirect-#${code} @ to`).replace('@', p.ip4(at + 24))} ${p.ip4(at + 4)}`;
  if (type === 11) {
    p.need(at + 24, 4);
    return code === 0
      ? 'time exceeded in-transit'
      : code === 1
        ? 'ip reassembly time exceeded'
        : `time exceeded-#${code}`;
  }
  if (type === 12) return code === 0 ? `parameter problem - octet ${p.u8(at + 4)}` : `parameter problem - code ${code}`;
  if (type === 18)
    return `address mask is 0x${p
      .u32(at + 8)
      .toString(16)
      .padStart(8, '0')}`;
  if (type === 13) return `time stamp query id ${p.u16(at + 4)} seq ${p.u16(at + 6)}`;
  if (type === 14) return timestampReply(p, at);
  return tok(types, type, `type-#${type}`);
}

function timestampReply(p: Printer, at: number): string {
  const t = [8, 12, 16].map((o) => clock(p.u32(at + o)));
  return `time stamp reply id ${p.u16(at + 4)} seq ${p.u16(at + 6)}: org ${t[0]}, recv ${t[1]}, xmit ${t[2]}`;
}

function clock(ms: number): string {
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}.${String(ms % 1000).padStart(3, '0')}`;
}

function unreach(p: Printer, at: number, code: number): string {
  const dst = p.ip4(at + 24);
  const proto = p.u8(at + 17);
  if (code === 2) return `${dst} protocol ${proto} unreachable`;
  if (code === 3) {
    const port = p.u16(at + 8 + (p.u8(at + 8) & 15) * 4 + 2);
    if (proto === 6) return `${dst} tcp port ${p.port('tcp', port)} unreachable`;
    if (proto === 17) return `${dst} udp port ${p.port('udp', port)} unreachable`;
    return `${dst} protocol ${proto} port ${port} unreachable`;
  }
  if (code === 4) {
    const mtu = p.u16(at + 6);
    return `${dst} unreachable - need to frag${mtu > 0 ? ` (mtu ${mtu})` : ''}`;
  }
  return tok(unreachable, code, `@ unreachable - #${code}`).replace('@', dst);
}

/** RFC 4884 extensions of a long error. Linux sends none: what stands there is the failed packet's own data. */
function putExtension(p: Printer, at: number, length: number): void {
  p.need(at, 141);
  if (p.has(at, length) && inetChecksum(p.b, at + 136, length - 136) !== 0) return;
  const version = p.u8(at + 136) >>> 4;
  p.put(`\n\tICMP Multi-Part extension v${version}${version === 2 ? '' : ' packet not supported'}`);
}
