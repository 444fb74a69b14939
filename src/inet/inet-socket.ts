// What the sockets of both families share: their ports, the route that a connection keeps, how a packet comes to be and
// how one is queued; and the tables in which UDP, raw and echo sockets are found. Linux: struct inet_sock.

import type { Stream } from '../base/random.ts';
import type { Skb } from '../net/skb.ts';
import { copyOf } from '../wire/bytes.ts';
import { EMSGSIZE, ENOBUFS } from './errno.ts';
import { BaseSocket } from './socket.ts';
import type { SockAddr } from './socket-types.ts';
import type { InetNs } from './state.ts';

/** IP_PMTUDISC_*, IPV6_PMTUDISC_*. */
export const PMTUDISC_DONT = 0;
export const PMTUDISC_WANT = 1;
export const PMTUDISC_DO = 2;
export const PMTUDISC_PROBE = 3;
export const PMTUDISC_OMIT = 5;

export abstract class InetSocket extends BaseSocket {
  readonly proto: number;
  lport = 0;
  dport = 0;
  connected = false;
  pmtuDisc = PMTUDISC_WANT;
  mcIf = 0;
  mcLoop = true;
  /** Why allocPacket() had no packet: -errno. */
  protected allocError = 0;

  constructor(ins: InetNs, proto: number) {
    super(ins);
    this.proto = proto;
  }

  /** What is too long for the path may be cut on the way. Linux: ip_sk_ignore_df(). */
  protected get ignoresDf(): boolean {
    return this.pmtuDisc < PMTUDISC_DO || this.pmtuDisc === PMTUDISC_OMIT;
  }

  /** A packet of `len` bytes, of which there may be `most`; null: see allocError. `mtu`: what the sender is told. */
  protected allocSkb(len: number, most: number, mtu: number): Skb | null {
    if (len > most) {
      this.localError(EMSGSIZE, mtu);
      this.allocError = -EMSGSIZE;
      return null;
    }
    if (this.soError !== 0) {
      this.allocError = -this.takeError();
      return null;
    }
    const skb = this.ins.kernel.skbs.alloc(len);
    if (skb === null) {
      this.allocError = -ENOBUFS;
      return null;
    }
    skb.priority = this.priority;
    skb.mark = this.mark;
    skb.trace = this.ins.kernel.newTrace();
    this.charge(skb);
    return skb;
  }

  /** An error of our own for the error queue. Linux: ip_local_error(), ipv6_local_error(). */
  protected localError(errno: number, info: number): void {
    if (!this.recvErr) return;
    this.queueError({ errno, origin: 1, type: 0, code: 0, info, offender4: 0, data: new Uint8Array(0) });
  }

  /** What the sender is told: ENOBUFS is only for those who asked (IP_RECVERR, IPV6_RECVERR). */
  protected told(err: number): number {
    return err === -ENOBUFS && !this.recvErr ? 0 : err;
  }

  /** Queues a private copy of `len` bytes at `at`. False: no room. Borrows. */
  enqueueCopy(skb: Skb, at: number, len: number, from: SockAddr, ttl: number, iif: number): boolean {
    return this.enqueue({
      data: copyOf(skb.bytes, at, len),
      from,
      tstampNs: this.ins.now,
      ttl,
      ifindex: iif,
      pktType: skb.pktType,
      wireLen: len,
      vlanTci: -1,
      truesize: skb.truesize,
    });
  }
}

/** Sockets by port, protocol or identifier. Linux: struct udp_table, raw_hashinfo, ping_table. */
export type SocketTable<S> = Map<number, S[]>;

/** Behind those that share the number, or before them. */
export function addSocket<S>(table: SocketTable<S>, number: number, s: S, first = false): void {
  const list = table.get(number);
  if (list === undefined) table.set(number, [s]);
  else if (first) list.unshift(s);
  else list.push(s);
}

export function removeSocket<S>(table: SocketTable<S>, number: number, s: S): void {
  const list = table.get(number);
  if (list === undefined) return;
  list.splice(list.indexOf(s), 1);
  if (list.length === 0) table.delete(number);
}

/** The first of `count` numbers that suits, from a random one on and around; -1: none does. */
export function pickNumber(stream: Stream, low: number, count: number, suits: (n: number) => boolean): number {
  const first = stream.below(count);
  for (let i = 0; i < count; i++) {
    const n = low + ((first + i) % count);
    if (suits(n)) return n;
  }
  return -1;
}
