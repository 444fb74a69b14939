// What a capture filter's words test in a frame. A test that reads beyond the captured bytes rejects the packet, even
// under `not`, as BPF does. libpcap: gencode.c.

import { wordTable } from '../../../../base/word-table.ts';
import { u16, u24, u32 } from '../../../../wire/bytes.ts';
import { FilterError } from './lex.ts';

/** One frame under test. */
export interface Subject {
  b: Uint8Array;
  /** Length on the wire. */
  len: number;
  /** PACKET_HOST .. PACKET_OUTGOING of a live capture, or -1. */
  pktType: number;
  ifindex: number;
  /** Set by a read out of bounds. */
  fault: boolean;
}

export type Test = (s: Subject) => boolean;
export type Value = (s: Subject) => number;

/** Where things are: after a `vlan` the ethertype and the payload lie four bytes further. */
export interface Layout {
  type: number;
  payload: number;
  ethernet: boolean;
}

export type Direction = 'src' | 'dst' | 'or' | 'and';

export const ETHERNET_LAYOUT: Layout = { type: 12, payload: 14, ethernet: true };
export const SLL2_LAYOUT: Layout = { type: 0, payload: 20, ethernet: false };

/** `n` bytes at `at`, unsigned; beyond the end it is a fault. */
export function load(s: Subject, at: number, n: number): number {
  if (at < 0 || at + n > s.b.length) {
    s.fault = true;
    return 0;
  }
  return n === 1 ? s.b[at] : n === 2 ? u16(s.b, at) : u32(s.b, at);
}

export const and =
  (a: Test, b: Test): Test =>
  (s) =>
    a(s) && !s.fault && b(s);
export const or =
  (a: Test, b: Test): Test =>
  (s) =>
    a(s) || (!s.fault && b(s));
export const not =
  (a: Test): Test =>
  (s) =>
    !a(s);
export const never: Test = () => false;

export function etherType(l: Layout, type: number): Test {
  const at = l.type;
  return (s) => load(s, at, 2) === type;
}

/** An 802.2 frame whose destination SAP is `sap`. */
export function llcSap(l: Layout, sap: number): Test {
  return (s) => load(s, l.type, 2) <= 1500 && !s.fault && load(s, l.payload, 1) === sap;
}

const byteAt =
  (at: number, v: number): Test =>
  (s) =>
    load(s, at, 1) === v;

export function ip4Proto(l: Layout, proto: number): Test {
  return and(etherType(l, 0x0800), byteAt(l.payload + 9, proto));
}

/** The next header, or the one behind a fragment header. No other extension header is passed. */
export function ip6Proto(l: Layout, proto: number): Test {
  const fragment = and(byteAt(l.payload + 6, 44), byteAt(l.payload + 40, proto));
  return and(etherType(l, 0x86dd), or(byteAt(l.payload + 6, proto), fragment));
}

export function byDirection(dir: Direction, src: Test, dst: Test): Test {
  if (dir === 'src') return src;
  if (dir === 'dst') return dst;
  return dir === 'or' ? or(src, dst) : and(src, dst);
}

/** IPv4 addresses in IP packets, and in ARP and RARP messages where `arp` says so. */
export function hostAt(l: Layout, type: number, addr: number, mask: number, dir: Direction): Test {
  const [src, dst] = type === 0x0800 ? [12, 16] : [14, 24];
  const at =
    (off: number): Test =>
    (s) =>
      (load(s, l.payload + off, 4) & mask) >>> 0 === addr;
  return and(etherType(l, type), byDirection(dir, at(src), at(dst)));
}

export function host6(l: Layout, addr: Uint8Array, maskBits: number, dir: Direction): Test {
  const at =
    (off: number): Test =>
    (s) => {
      for (let i = 3; i >= 0; i--) {
        const bits = Math.max(0, Math.min(32, maskBits - 32 * i));
        const mask = bits === 32 ? 0xffffffff : ~(0xffffffff >>> bits);
        if (((load(s, l.payload + off + 4 * i, 4) ^ u32(addr, 4 * i)) & mask) !== 0) return false;
      }
      return true;
    };
  return and(etherType(l, 0x86dd), byDirection(dir, at(8), at(24)));
}

export function etherHost(l: Layout, mac: Uint8Array, dir: Direction): Test {
  if (!l.ethernet) throw new FilterError("'ether' modifier applied to a link that has no Ethernet header");
  const hi = u24(mac, 0);
  const lo = u24(mac, 3);
  const at =
    (off: number): Test =>
    (s) => {
      if (load(s, off + 2, 4) !== u32(mac, 2) || s.fault) return false;
      return u24(s.b, off) === hi && u24(s.b, off + 3) === lo;
    };
  return byDirection(dir, at(6), at(0));
}

/** Ports from `lo` to `hi` of the protocols given, over IPv4 (never in later fragments) and IPv6 (without extension headers). */
export function ports(l: Layout, protos: readonly number[], lo: number, hi: number, dir: Direction): Test {
  const within =
    (at: Value): Test =>
    (s) => {
      const port = load(s, at(s), 2);
      return port >= lo && port <= hi;
    };
  const l4: Value = (s) => l.payload + 4 * (load(s, l.payload, 1) & 15);
  const ends4 = byDirection(
    dir,
    within(l4),
    within((s) => l4(s) + 2),
  );
  const ends6 = byDirection(
    dir,
    within(() => l.payload + 40),
    within(() => l.payload + 42),
  );
  const proto =
    (off: number): Test =>
    (s) =>
      protos.includes(load(s, l.payload + off, 1));
  const v4 = and(and(etherType(l, 0x0800), proto(9)), and(firstFragment(l), ends4));
  const v6 = and(and(etherType(l, 0x86dd), proto(6)), ends6);
  return or(v6, v4);
}

export function firstFragment(l: Layout): Test {
  return (s) => (load(s, l.payload + 6, 2) & 0x1fff) === 0;
}

/** A tagged frame, and one id of it. The layout of what follows moves by the tag: see `parse.ts`. */
export function vlan(l: Layout, id: number | null): Test {
  const tagged: Test = (s) => {
    const type = load(s, l.type, 2);
    return type === 0x8100 || type === 0x88a8 || type === 0x9100;
  };
  return id === null ? tagged : and(tagged, (s) => (load(s, l.payload, 2) & 0x0fff) === id);
}

/** Which bytes `proto[...]` means, and what must hold before they are read. */
export interface Access {
  guard: Test | null;
  base: Value;
}

/** IP protocols whose header `proto[...]` reads behind the IPv4 header. */
const overIp4: Readonly<Record<string, number>> = {
  tcp: 6,
  udp: 17,
  icmp: 1,
  igmp: 2,
  igrp: 9,
  pim: 103,
  vrrp: 112,
  sctp: 132,
};
const linkTypes = wordTable<number>({ ip: 0x0800, arp: 0x0806, rarp: 0x8035, ip6: 0x86dd });

export function access(l: Layout, proto: string): Access | null {
  if (proto === 'ether') return { guard: null, base: () => 0 };
  if (Object.hasOwn(linkTypes, proto)) return { guard: etherType(l, linkTypes[proto]), base: () => l.payload };
  if (Object.hasOwn(overIp4, proto)) {
    const guard = and(ip4Proto(l, overIp4[proto]), firstFragment(l));
    return { guard, base: (s) => l.payload + 4 * (load(s, l.payload, 1) & 15) };
  }
  if (proto === 'icmp6')
    return { guard: and(etherType(l, 0x86dd), byteAt(l.payload + 6, 58)), base: () => l.payload + 40 };
  return null;
}
