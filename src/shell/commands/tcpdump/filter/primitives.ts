// Primitives that name something: hosts, networks, ports, protocols, MACs. libpcap: gencode.c, gen_ncode(), gen_scode().

import { wordTable } from '../../../../base/word-table.ts';
import { ip6Of, setMacText } from '../../../../wire/text.ts';
import { protocolNumber, servicePort } from '../names.ts';
import {
  type Direction,
  etherHost,
  etherType,
  host6,
  hostAt,
  ip4Proto,
  ip6Proto,
  or,
  ports,
  type Test,
} from './gen.ts';
import { FilterError, prefixOf, SYNTAX, type Token } from './lex.ts';
import type { Parser } from './parse.ts';

export interface Qualifiers {
  /** '' when nothing was said. */
  proto: string;
  dir: Direction;
  hasDir: boolean;
  /** host, net, port, portrange, proto, protochain, gateway, or ''. */
  type: string;
}

const portProtos = wordTable<number>({ tcp: 6, udp: 17, sctp: 132 });

export function byIdentifier(p: Parser, q: Qualifiers): Test {
  const t = p.tokens[p.at++];
  if (t.kind === 'end' || t.kind === 'word') throw new FilterError(SYNTAX);
  if (q.type === 'gateway') throw new FilterError("'gateway' not supported in this configuration");
  if (q.type === 'protochain') throw new FilterError("'protochain' is not supported by this tcpdump's filters");
  if (t.kind === 'mac') return byMac(p, q, t);
  if (t.kind === 'ip6') return byIp6(p, q, t);
  if (q.type === 'port' || q.type === 'portrange') return byPort(p, q, t);
  if (q.type === 'proto') return byProto(p, q, t);
  if (t.kind === 'name') return byName(q, t);
  return byIp4(p, q, t);
}

function byMac(p: Parser, q: Qualifiers, t: Token): Test {
  if (q.proto !== 'ether' || (q.type !== 'host' && q.type !== '')) {
    throw new FilterError('ethernet address used in non-ether expression');
  }
  const hex =
    t.text.includes(':') || t.text.includes('-') || t.text.split('.').length === 6
      ? t.text
      : t.text.replaceAll('.', '').replace(/(..)(?=.)/g, '$1:');
  const mac = new Uint8Array(6);
  if (!setMacText(mac, 0, hex.replace(/[-.]/g, ':'))) throw new FilterError('illegal link layer address');
  return etherHost(p.layout, mac, q.dir);
}

/** Names: nothing resolves host names in a lab. */
function byName(q: Qualifiers, t: Token): Test {
  if (q.proto === 'ether') throw new FilterError(`unknown ether host '${t.text}'`);
  throw new FilterError(q.type === 'net' ? `unknown network '${t.text}'` : `unknown host '${t.text}'`);
}

const notHosts: ReadonlySet<string> = new Set(
  'sctp tcp udp icmp igmp igrp pim vrrp carp icmp6 ah esp stp iso atalk aarp decnet lat sca moprc mopdl ipx netbeui'.split(
    ' ',
  ),
);

function byIp4(p: Parser, q: Qualifiers, t: Token): Test {
  let addr = t.value;
  let mask = 0xffffffff;
  if (t.kind === 'ip4') {
    const prefix = prefixOf(t.text);
    if (prefix === null) throw new FilterError(`invalid IPv4 address '${t.text}'`);
    addr = prefix.addr;
    mask = prefix.mask;
  } else if (q.type === 'net') {
    while (addr !== 0 && addr < 0x1000000) {
      addr *= 256;
      mask = (mask << 8) >>> 0;
    }
  }
  if (q.proto === 'ether') throw new FilterError('illegal link layer address');
  const said = readMask(p, t);
  if (said !== null) {
    if (q.type !== 'net') throw new FilterError('Mask syntax for networks only');
    mask = said.mask;
    if ((addr & ~mask) !== 0) throw new FilterError(`non-network bits set in "${t.text}${said.text}"`);
  }
  return hostTest(p, q, addr, mask);
}

/** `/24` or `mask 255.255.255.0`, or null. */
function readMask(p: Parser, t: Token): { mask: number; text: string } | null {
  if (t.kind === 'ip4' && p.take('/')) {
    const n = p.number();
    if (n > 32) throw new FilterError('mask length must be <= 32');
    return { mask: n === 0 ? 0 : (0xffffffff << (32 - n)) >>> 0, text: `/${n}` };
  }
  if (t.kind !== 'ip4' || !p.take('mask')) return null;
  const m = p.tokens[p.at++];
  const prefix = m.kind === 'ip4' ? prefixOf(m.text) : null;
  if (prefix === null) throw new FilterError(SYNTAX);
  return { mask: prefix.addr, text: ` mask ${m.text}` };
}

function hostTest(p: Parser, q: Qualifiers, addr: number, mask: number): Test {
  const type = q.type === 'net' ? 'net' : 'host';
  const on = (ethertype: number): Test => hostAt(p.layout, ethertype, (addr & mask) >>> 0, mask, q.dir);
  if (q.proto === '') return or(or(on(0x0800), on(0x0806)), on(0x8035));
  if (q.proto === 'ip') return on(0x0800);
  if (q.proto === 'arp') return on(0x0806);
  if (q.proto === 'rarp') return on(0x8035);
  if (q.proto === 'ip6') throw new FilterError("'ip6' modifier applied to ip host");
  if (notHosts.has(q.proto)) throw new FilterError(`'${q.proto}' modifier applied to ${type}`);
  throw new FilterError(SYNTAX);
}

function byIp6(p: Parser, q: Qualifiers, t: Token): Test {
  let bits = 128;
  if (p.take('/')) {
    bits = p.number();
    if (bits > 128) throw new FilterError('mask length must be <= 128');
  }
  if (q.type === 'port' || q.type === 'portrange' || q.type === 'proto') {
    throw new FilterError('invalid qualifier against IPv6 address');
  }
  const addr = ip6Of(t.text) as Uint8Array;
  for (let i = bits; i < 128; i++) {
    if ((addr[i >> 3] & (0x80 >> (i & 7))) !== 0) throw new FilterError(`non-network bits set in "${t.text}/${bits}"`);
  }
  if (q.type !== 'net' && bits !== 128) throw new FilterError('Mask syntax for networks only');
  if (q.proto === 'ether')
    throw new FilterError(`link-layer modifier applied to ip6 ${q.type === 'net' ? 'net' : 'host'}`);
  if (q.proto === '' || q.proto === 'ip6') return host6(p.layout, addr, bits, q.dir);
  throw new FilterError(
    `'${q.proto}' modifier applied to ${q.proto === 'ip' || q.proto === 'arp' || q.proto === 'rarp' ? 'ip6 ' : ''}${q.type === 'net' ? 'net' : 'host'}`,
  );
}

function byPort(p: Parser, q: Qualifiers, t: Token): Test {
  if (q.proto !== '' && !Object.hasOwn(portProtos, q.proto)) throw new FilterError(`illegal qualifier of '${q.type}'`);
  const protos = q.proto === '' ? [6, 17, 132] : [portProtos[q.proto]];
  if (t.kind === 'ip4') throw new FilterError(`'${q.type}' modifier applied to ip host`);
  if (q.type === 'portrange') {
    const [lo, hi] = portRange(p, t);
    return ports(p.layout, protos, Math.min(lo, hi), Math.max(lo, hi), q.dir);
  }
  const port = t.kind === 'num' ? t.value : namedPort(q, t);
  if (port > 65535) throw new FilterError(`illegal port number ${port} > 65535`);
  return ports(p.layout, protos, port, port, q.dir);
}

function namedPort(q: Qualifiers, t: Token): number {
  const found = t.kind === 'name' ? servicePort(t.text) : null;
  if (found === null) throw new FilterError(t.kind === 'name' ? `unknown port '${t.text}'` : SYNTAX);
  if (q.proto !== '' && found.on !== 'both' && found.on !== q.proto)
    throw new FilterError(`port '${t.text}' is ${found.on}`);
  return found.port;
}

/** `1-100`: two numbers with a minus between, or one name that contains it. */
function portRange(p: Parser, t: Token): [number, number] {
  const read = (text: string): number => {
    const n = /^\d+$/.test(text) ? Number(text) : (servicePort(text)?.port ?? -1);
    if (n < 0) throw new FilterError(`unknown port in range '${t.text}'`);
    if (n > 65535) throw new FilterError(`illegal port number ${n} > 65535`);
    return n;
  };
  const dash = t.text.indexOf('-');
  if (dash > 0) return [read(t.text.slice(0, dash)), read(t.text.slice(dash + 1))];
  if (t.kind === 'num' && p.take('-')) return [read(t.text), read(p.tokens[p.at++].text)];
  const one = read(t.text);
  return [one, one];
}

const etherNames = wordTable<number>({
  ip: 0x0800,
  ip6: 0x86dd,
  ipv6: 0x86dd,
  arp: 0x0806,
  rarp: 0x8035,
  atalk: 0x809b,
  aarp: 0x80f3,
  loopback: 0x9000,
  lat: 0x6004,
});

function byProto(p: Parser, q: Qualifiers, t: Token): Test {
  if (t.kind === 'ip4') throw new FilterError(SYNTAX);
  const l = p.layout;
  if (q.proto === 'ether') {
    const type = t.kind === 'num' ? t.value : Object.hasOwn(etherNames, t.text) ? etherNames[t.text] : -1;
    if (type < 0) throw new FilterError(`unknown ether proto '${t.text}'`);
    return etherType(l, type);
  }
  const proto = t.kind === 'num' ? t.value : protocolNumber(t.text);
  if (proto < 0) throw new FilterError(`unknown ip proto '${t.text}'`);
  if (q.proto === 'ip') return ip4Proto(l, proto);
  if (q.proto === 'ip6') return ip6Proto(l, proto);
  if (q.proto === '') return or(ip4Proto(l, proto), ip6Proto(l, proto));
  if (q.proto === 'arp' || q.proto === 'rarp')
    throw new FilterError(`${q.proto} does not encapsulate another protocol`);
  throw new FilterError(`'${q.proto} proto' is bogus`);
}
