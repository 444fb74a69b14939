// Primitives that need no identifier: protocols alone, broadcast, multicast, less, greater, vlan, inbound.
// libpcap: gencode.c, gen_proto_abbrev() and its neighbours.

import { wordTable } from '../../../../base/word-table.ts';
import { and, etherType, ip4Proto, ip6Proto, type Layout, llcSap, load, or, type Test, vlan } from './gen.ts';
import { FilterError, SYNTAX } from './lex.ts';
import type { Parser } from './parse.ts';

/** Protocols over IPv4 and IPv6, over one of them, and ethertypes. */
const overBoth = wordTable<number>({ tcp: 6, udp: 17, sctp: 132, pim: 103, ah: 51, esp: 50 });
const overIp4: Readonly<Record<string, number>> = { icmp: 1, igmp: 2, igrp: 9, vrrp: 112, carp: 112 };
const types = wordTable<number>({
  ip: 0x0800,
  ip6: 0x86dd,
  arp: 0x0806,
  rarp: 0x8035,
  atalk: 0x809b,
  aarp: 0x80f3,
  decnet: 0x6003,
  lat: 0x6004,
  sca: 0x6007,
  mopdl: 0x6001,
  moprc: 0x6002,
});
const saps = wordTable<number>({ stp: 0x42, iso: 0xfe, ipx: 0xe0, netbeui: 0xf0 });

export function bareProto(p: Parser, proto: string): Test {
  const l = p.layout;
  if (Object.hasOwn(overBoth, proto)) return or(ip4Proto(l, overBoth[proto]), ip6Proto(l, overBoth[proto]));
  if (Object.hasOwn(overIp4, proto)) return ip4Proto(l, overIp4[proto]);
  if (proto === 'icmp6') return ip6Proto(l, 58);
  if (Object.hasOwn(types, proto)) return etherType(l, types[proto]);
  if (Object.hasOwn(saps, proto)) return llcSap(l, saps[proto]);
  const more = p.token.kind !== 'end' && p.token.kind !== 'word';
  throw new FilterError(more ? SYNTAX : 'link layer applied in wrong context');
}

const NO_MULTICAST =
  'link-layer multicast filters supported only on ethernet/FDDI/token ring/ARCNET/802.11/ATM LANE/Fibre Channel';
const unsupported = ['mpls', 'pppoed', 'pppoes', 'radio', 'ifindex', 'byte'];

/** Null when none of these words stands here. `proto` is what was said before broadcast or multicast. */
export function otherPrimitive(p: Parser, proto = ''): Test | null {
  for (const word of unsupported) {
    if (p.is(word)) throw new FilterError(`'${word}' is not supported by this tcpdump's filters`);
  }
  if (p.take('broadcast')) return broadcast(p, proto);
  if (p.take('multicast')) return multicast(p.layout, proto);
  if (p.take('less')) return bySize(p, (len, n) => len <= n);
  if (p.take('greater')) return bySize(p, (len, n) => len >= n);
  if (p.take('inbound')) return byPacketType(p, false);
  if (p.take('outbound')) return byPacketType(p, true);
  if (p.take('llc')) {
    const at = p.layout.type;
    return (s) => load(s, at, 2) <= 1500;
  }
  return p.take('vlan') ? tagged(p) : null;
}

function bySize(p: Parser, test: (len: number, n: number) => boolean): Test {
  const n = p.number();
  return (s) => test(s.len, n);
}

function byPacketType(p: Parser, outgoing: boolean): Test {
  if (!p.ctx.live) throw new FilterError('inbound/outbound not supported on Ethernet when reading savefiles');
  return (s) => (s.pktType === 4) === outgoing;
}

/** Everything behind it in the filter looks inside the tag. */
function tagged(p: Parser): Test {
  const id = p.token.kind === 'num' ? p.number() : null;
  if (id !== null && id > 4095) throw new FilterError(`VLAN tag ${id} greater than maximum 4095`);
  const test = vlan(p.layout, id);
  p.layout = { ...p.layout, type: p.layout.payload + 2, payload: p.layout.payload + 4 };
  p.usesVlan = true;
  return test;
}

function broadcast(p: Parser, proto: string): Test {
  const l = p.layout;
  if (proto === '' || proto === 'ether') {
    if (!l.ethernet) throw new FilterError('not a broadcast link');
    return (s) => load(s, 2, 4) === 0xffffffff && load(s, 0, 2) === 0xffff;
  }
  if (proto !== 'ip') throw new FilterError('only link-layer/IP broadcast filters supported');
  const hostmask = ~p.ctx.netmask >>> 0;
  const hits: Test = (s) => {
    const host = (load(s, l.payload + 16, 4) & hostmask) >>> 0;
    return host === 0 || host === hostmask;
  };
  return and(etherType(l, 0x0800), hits);
}

function multicast(l: Layout, proto: string): Test {
  if (proto === '' || proto === 'ether') {
    if (!l.ethernet) throw new FilterError(NO_MULTICAST);
    return (s) => (load(s, 0, 1) & 1) !== 0;
  }
  if (proto === 'ip') return and(etherType(l, 0x0800), (s) => load(s, l.payload + 16, 1) >= 224);
  if (proto === 'ip6') return and(etherType(l, 0x86dd), (s) => load(s, l.payload + 24, 1) === 255);
  throw new FilterError(NO_MULTICAST);
}
