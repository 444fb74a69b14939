// UDP lines: addresses, ports, checksum and length. Above UDP only DHCP is decoded. tcpdump: print-udp.c.

import { l4Checksum4, l4Checksum6 } from '../../../wire/checksum.ts';
import { printDhcp } from './print-dhcp.ts';
import { shouldBe } from './print-ip.ts';
import { hex, type Printer } from './printer.ts';

/** `a.port > b.port: `; under other headers than its own IP header (tunnels) the ports alone. */
export function endsText(
  p: Printer,
  ip: number,
  version: 4 | 6,
  proto: 'tcp' | 'udp',
  ports: [number, number] | null,
): string {
  const number = proto === 'tcp' ? 6 : 17;
  const direct = version === 4 ? p.u8(ip + 9) === number : p.u8(ip + 6) === number;
  const src = version === 4 ? p.ip4(ip + 12) : p.ip6(ip + 8);
  const dst = version === 4 ? p.ip4(ip + 16) : p.ip6(ip + 24);
  if (ports === null) return direct ? `${src} > ${dst}: ` : '';
  const s = p.port(proto, ports[0]);
  const d = p.port(proto, ports[1]);
  return direct ? `${src}.${s} > ${dst}.${d}: ` : `${s} > ${d}: `;
}

export function printUdp(
  p: Printer,
  ip: number,
  version: 4 | 6,
  at: number,
  length: number,
  fragmented: boolean,
): void {
  p.proto = 'udp';
  if (!p.has(at, 4)) {
    p.put(endsText(p, ip, version, 'udp', null));
    return void p.putTrunc();
  }
  p.put(endsText(p, ip, version, 'udp', [p.u16(at), p.u16(at + 2)]));
  if (length < 8) {
    p.put(`truncated-udp ${length}`);
    return;
  }
  if (!p.has(at, 6)) return void p.putTrunc();
  const ulen = p.u16(at + 4);
  if (ulen < 8) {
    p.put(`truncated-udplength ${ulen}`);
    return;
  }
  if (!p.has(at, 8)) return void p.putTrunc();
  const n = Math.min(ulen, length);
  // IPv4 checksums are shown from -vv on, IPv6 ones from -v on.
  if (p.o.v > (version === 4 ? 1 : 0) && !fragmented) putChecksum(p, ip, version, at, n);
  const dhcp = [67, 68].some((port) => p.u16(at) === port || p.u16(at + 2) === port);
  if (dhcp && p.o.q === 0) return printDhcp(p, at + 8, length - 8);
  p.put(ulen > length ? `UDP, bad length ${ulen - 8} > ${length - 8}` : `UDP, length ${ulen - 8}`);
}

function putChecksum(p: Printer, ip: number, version: 4 | 6, at: number, n: number): void {
  const field = p.u16(at + 6);
  if (p.o.noCheck || (version === 6 && p.u16(ip + 4) === 0)) return;
  if (version === 4 && field === 0) return void p.put('[no cksum] ');
  if (!p.has(at, n)) return;
  const sum = version === 4 ? l4Checksum4(p.b, ip, 17, at, n) : l4Checksum6(p.b, ip, 17, at, n);
  p.put(sum === 0 ? '[udp sum ok] ' : `[bad udp cksum 0x${hex(field, 4)} -> 0x${hex(shouldBe(field, sum), 4)}!] `);
}
