// Who a segment is for: connections by their four numbers, listeners by port, and which ports are taken. One table for
// both families. Linux: net/ipv4/inet_hashtables.c, inet_connection_sock.c (inet_csk_get_port()).

import type { Skb } from '../net/skb.ts';
import { tcpDport, tcpSport } from '../wire/tcp.ts';
import { EADDRINUSE, EADDRNOTAVAIL } from './errno.ts';
import type { InetNs } from './state.ts';
import type { TcpAf } from './tcp-af.ts';
import { congestionControls, type TcpCong } from './tcp-cong.ts';
import { TCP_LISTEN } from './tcp-const.ts';
import type { TcpEnd, TcpSock, TcpTimeWait } from './tcp-sock.ts';
import { TcpStats } from './tcp-stats.ts';

const BUCKETS = 1024;

/** TCP of one namespace. */
export class TcpNs {
  readonly stats = new TcpStats();
  congestion: TcpCong = congestionControls.get('cubic') as TcpCong;
  readonly buckets: Array<TcpEnd | null> = new Array(BUCKETS).fill(null);
  readonly listeners = new Map<number, TcpSock[]>();
  /** Sockets that hold a port, and TIME_WAITs that still do. */
  readonly ports = new Map<number, TcpSock[]>();
  readonly twPorts = new Map<number, TcpTimeWait[]>();
  timeWaits = 0;
  orphans = 0;
  /** Sockets that exist, whatever their state. */
  sockets = 0;
  /** Inode numbers of sockets, as /proc/net/tcp shows them. */
  nextInode = 20001;

  /** Every connection, TIME_WAITs included, in the table's order. */
  *connections(): Generator<TcpEnd> {
    for (const head of this.buckets) for (let e = head; e !== null; e = e.hashNext) yield e;
  }
}

function bucketOf(lport: number, dport: number): number {
  return Math.imul(lport * 0x10001 + dport, 0x9e3779b1) >>> 22;
}

export function hashEnd(ns: TcpNs, e: TcpEnd): void {
  const b = bucketOf(e.lport, e.dport);
  e.hashNext = ns.buckets[b];
  ns.buckets[b] = e;
}

export function unhashEnd(ns: TcpNs, e: TcpEnd): void {
  const b = bucketOf(e.lport, e.dport);
  let prev: TcpEnd | null = null;
  for (let x = ns.buckets[b]; x !== null; x = x.hashNext) {
    if (x === e) {
      if (prev === null) ns.buckets[b] = e.hashNext;
      else prev.hashNext = e.hashNext;
      e.hashNext = null;
      return;
    }
    prev = x;
  }
}

/** The connection that a segment belongs to. Linux: __inet_lookup_established(). */
export function lookupConnection(ns: TcpNs, af: TcpAf, skb: Skb): TcpEnd | null {
  const b = skb.bytes;
  const sport = tcpSport(b, skb.off);
  const dport = tcpDport(b, skb.off);
  for (let e = ns.buckets[bucketOf(dport, sport)]; e !== null; e = e.hashNext) {
    if (e.lport === dport && e.dport === sport && e.af === af && af.matches(e, skb)) return e;
  }
  return null;
}

/** The listener that fits best. A socket of IPv6 may listen for IPv4 too; its af record says so. */
export function lookupListener(ns: TcpNs, af: TcpAf, skb: Skb): TcpSock | null {
  const list = ns.listeners.get(tcpDport(skb.bytes, skb.off));
  if (list === undefined) return null;
  let found: TcpSock | null = null;
  let most = -1;
  for (let i = 0; i < list.length; i++) {
    const v = af.listens(list[i], skb);
    if (v > most) {
      most = v;
      found = list[i];
    }
  }
  return found;
}

function sameDevice(a: TcpEnd, b: TcpEnd): boolean {
  return a.boundIf === 0 || b.boundIf === 0 || a.boundIf === b.boundIf;
}

/** Linux: inet_csk_bind_conflict(). */
function conflict(s: TcpSock, port: number): boolean {
  const holders = s.ins.tcp.ports.get(port);
  if (holders !== undefined) {
    for (const o of holders) {
      if (o === s || !sameDevice(s, o) || !s.af.sameBinding(s, o)) continue;
      if (s.reusePort && o.reusePort) continue;
      if (s.reuseAddr && o.reuseAddr && o.state !== TCP_LISTEN) continue;
      return true;
    }
  }
  const waits = s.ins.tcp.twPorts.get(port);
  return waits?.some((tw) => sameDevice(s, tw) && !(s.reuseAddr && tw.reuse)) ?? false;
}

/** The other way round: nobody with this port would mind, also when `s` begins to listen. */
export function mayListen(s: TcpSock): boolean {
  return !(s.ins.tcp.ports.get(s.lport) ?? []).some(
    (o) =>
      o !== s && o.state === TCP_LISTEN && sameDevice(s, o) && s.af.sameBinding(s, o) && !(s.reusePort && o.reusePort),
  );
}

function hold(s: TcpSock, port: number): void {
  s.lport = port;
  s.holdsPort = true;
  const list = s.ins.tcp.ports.get(port);
  if (list === undefined) s.ins.tcp.ports.set(port, [s]);
  else list.push(s);
}

/** A child shares its listener's port. */
export function inheritPort(s: TcpSock, port: number): void {
  hold(s, port);
}

export function releasePort(s: TcpSock): void {
  if (!s.holdsPort) return;
  s.holdsPort = false;
  remove(s.ins.tcp.ports, s.lport, s);
}

export function remove<T>(map: Map<number, T[]>, port: number, what: T): void {
  const list = map.get(port);
  if (list === undefined) return;
  const i = list.indexOf(what);
  if (i >= 0) list.splice(i, 1);
  if (list.length === 0) map.delete(port);
}

/** bind(): a port, 0 for any free one. 0 or -errno. Linux: inet_csk_get_port(). */
export function bindPort(s: TcpSock, port: number): number {
  if (port !== 0) {
    if (conflict(s, port)) return -EADDRINUSE;
    hold(s, port);
    return 0;
  }
  // bind() takes odd ports first and leaves the even ones for connect(). Linux: inet_csk_find_open_port().
  const p = search(s.ins, 1, (candidate) => !conflict(s, candidate));
  if (p === 0) return -EADDRINUSE;
  hold(s, p);
  return 0;
}

/** connect(): a port that makes the four numbers unique. Linux: __inet_hash_connect(). */
export function connectPort(s: TcpSock): number {
  const ns = s.ins.tcp;
  const p = search(s.ins, 0, (candidate) => {
    if (ns.ports.get(candidate)?.some((o) => o.boundPort) === true) return false;
    return !taken(s, candidate);
  });
  if (p === 0) return -EADDRNOTAVAIL;
  hold(s, p);
  return 0;
}

/** Is there a conversation with these four numbers? Linux: __inet_check_established(). */
export function taken(s: TcpSock, lport: number): boolean {
  for (let e = s.ins.tcp.buckets[bucketOf(lport, s.dport)]; e !== null; e = e.hashNext) {
    if (e === s || e.lport !== lport || e.dport !== s.dport || e.af !== s.af || !sameEnds(e, s)) continue;
    return true;
  }
  return false;
}

function sameEnds(a: TcpEnd, b: TcpEnd): boolean {
  if (a.la6 === null || a.ra6 === null || b.la6 === null || b.ra6 === null) return a.la === b.la && a.ra === b.ra;
  return a.la6.equals(b.la6) && a.ra6.equals(b.ra6);
}

/** Tries the ports of one parity, then those of the other; 0: none is free. */
function search(ins: InetNs, parity: number, free: (port: number) => boolean): number {
  const { localPortMin: low, localPortMax: high } = ins.set;
  const span = high - low + 1;
  const first = ins.kernel.stream('inet:tcp-port').below(span);
  for (let pass = 0; pass < 2; pass++) {
    for (let i = 0; i < span; i++) {
      const p = low + ((first + i) % span);
      if (((p - low) & 1) !== (pass === 0 ? parity : 1 - parity)) continue;
      if (free(p)) return p;
    }
  }
  return 0;
}
