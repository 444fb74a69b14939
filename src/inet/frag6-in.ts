// Reassembly of IPv6 fragments: a queue per (source, destination, id, device of link-local ones); ip6frag_time after the
// first piece the rest is given up and the sender told. Bound: ip6frag_high_thresh bytes. The queue itself is frag-queue.ts.
// Linux: net/ipv6/reassembly.c.

import { Drop } from '../net/drop.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { Skb } from '../net/skb.ts';
import { u16, u32 } from '../wire/bytes.ts';
import { ICMPV6_PARAMPROB, ICMPV6_TIME_EXCEED } from '../wire/icmp6.ts';
import { In6, in6At } from '../wire/in6.ts';
import {
  IP6_DST,
  IP6_FRAG_HLEN,
  IP6_HLEN,
  IP6_SRC,
  ip6ExtLen,
  ip6IsExtension,
  ip6PayloadLen,
  setIp6PayloadLen,
} from '../wire/ip6.ts';
import { FragQueue, IPFRAG_OK, IPFRAG_OVERLAP, inherit } from './frag-queue.ts';
import { icmp6Send } from './icmp6-send.ts';
import { CB6_FRAGMENTED } from './ip6-out.ts';
import { type Inet6Ns, in6Dev } from './state6.ts';

const MAX_PLEN = 65535;
const HDR_FIELD = 0;
const HDR_INCOMP = 3;
const EXC_FRAGTIME = 1;
const daddr = new In6();

/** Linux: struct frag_queue. In pieces, skb.transport is the fragment header. */
export class Reasm6Queue extends FragQueue {
  readonly i6: Inet6Ns;

  constructor(i6: Inet6Ns, key: string) {
    super(i6.reasm, key);
    this.i6 = i6;
  }
}

function count(
  i6: Inet6Ns,
  skb: Skb,
  what: 'ReasmReqds' | 'ReasmFails' | 'ReasmOKs' | 'ReasmTimeout' | 'InHdrErrors',
): void {
  i6.ip[what]++;
  const id = skb.dev === null ? null : in6Dev(skb.dev as NetDevice);
  if (id !== null) id.ip[what]++;
}

/**
 * Takes a packet with a fragment header at `at`; `nextAt` is the byte that named it. The whole packet without that header,
 * or null while it waits or when it was no good. What was no fragment after all comes back as it is: go on at `at` + 8.
 * Linux: ipv6_frag_rcv().
 */
export function defrag6(i6: Inet6Ns, skb: Skb, at: number, nextAt: number): Skb | null {
  const b = skb.bytes;
  count(i6, skb, 'ReasmReqds');
  if (ip6PayloadLen(b, skb.net) === 0 || at + IP6_FRAG_HLEN > skb.off + skb.len) return wrong(i6, skb, at);
  if ((u16(b, at + 2) & 0xfff9) === 0) {
    count(i6, skb, 'ReasmOKs');
    return skb;
  }
  if ((u16(b, at + 2) & 0xfff8) === 0 && !headersComplete(b, at, skb.off + skb.len)) {
    count(i6, skb, 'InHdrErrors');
    icmp6Send(i6, skb, ICMPV6_PARAMPROB, HDR_INCOMP, 0);
    skb.slabs.free(skb, Drop.IpFragBad);
    return null;
  }
  daddr.read(b, skb.net + IP6_DST);
  const vif = daddr.needsScope && skb.dev !== null ? skb.dev.ifindex : 0;
  const key = `${in6At(b, skb.net + IP6_SRC)} ${daddr} ${u32(b, at + 4)} ${vif}`;
  let q = i6.reasm.queues.get(key);
  if (q === undefined) {
    if (i6.reasm.bytes > i6.set.fragHighThresh) {
      count(i6, skb, 'ReasmFails');
      skb.slabs.free(skb, Drop.IpFragBad);
      return null;
    }
    q = new Reasm6Queue(i6, key);
    i6.reasm.add(q, i6.set.fragTimeS, expired);
  }
  skb.transport = at;
  return insert(q, skb) && q.complete ? assemble(q, nextAt - skb.net) : null;
}

function wrong(i6: Inet6Ns, skb: Skb, at: number): null {
  count(i6, skb, 'InHdrErrors');
  icmp6Send(i6, skb, ICMPV6_PARAMPROB, HDR_FIELD, at - skb.net);
  skb.slabs.free(skb, Drop.IpFragBad);
  return null;
}

/** The first fragment must have all headers up to that of the upper layer (RFC 8200). Linux: ipv6frag_thdr_truncated(). */
function headersComplete(b: Uint8Array, from: number, end: number): boolean {
  let next = b[from];
  let at = from + IP6_FRAG_HLEN;
  while (ip6IsExtension(next)) {
    if (at + 8 > end) return false;
    const n = ip6ExtLen(b, at, next);
    next = b[at];
    at += n;
  }
  const need = next === 6 ? 20 : next === 17 || next === 58 ? 8 : next === 59 ? 0 : 1;
  return at + need <= end;
}

/** False: it was a duplicate, or the queue is gone with it. Linux: ip6_frag_queue(). */
function insert(q: Reasm6Queue, skb: Skb): boolean {
  const b = skb.bytes;
  const fh = skb.transport;
  const offset = u16(b, fh + 2) & 0xfff8;
  const more = (b[fh + 3] & 1) !== 0;
  const len = skb.net + IP6_HLEN + ip6PayloadLen(b, skb.net) - fh - IP6_FRAG_HLEN;
  const end = offset + len;
  if (end > MAX_PLEN) {
    count(q.i6, skb, 'InHdrErrors');
    icmp6Send(q.i6, skb, ICMPV6_PARAMPROB, HDR_FIELD, fh + 2 - skb.net);
    skb.slabs.free(skb, Drop.IpFragBad);
    return false;
  }
  if (more && (end & 7) !== 0) {
    count(q.i6, skb, 'InHdrErrors');
    icmp6Send(q.i6, skb, ICMPV6_PARAMPROB, HDR_FIELD, 4);
    skb.slabs.free(skb, Drop.IpFragBad);
    return false;
  }
  const got = q.insert(skb, offset, end, more);
  if (got === IPFRAG_OVERLAP) {
    q.kill(Drop.IpFragBad);
    count(q.i6, skb, 'ReasmFails');
  }
  if (got !== IPFRAG_OK) skb.slabs.free(skb, Drop.IpFragBad);
  return got === IPFRAG_OK;
}

/** Linux: ip6frag_expire_frag_queue(). */
function expired(q: Reasm6Queue): void {
  const head = q.pieces[0];
  if (head !== undefined && head.dev !== null) {
    count(q.i6, head, 'ReasmFails');
    count(q.i6, head, 'ReasmTimeout');
    if (q.first) icmp6Send(q.i6, head, ICMPV6_TIME_EXCEED, EXC_FRAGTIME, 0);
  }
  q.kill(Drop.IpFragTimeout);
}

/** Linux: ip6_frag_reasm(). */
function assemble(q: Reasm6Queue, nextAt: number): Skb | null {
  const i6 = q.i6;
  const head = q.pieces[0];
  const hlen = head.transport - head.net;
  const plen = hlen - IP6_HLEN + q.len;
  const whole = plen > MAX_PLEN ? null : head.slabs.alloc(hlen + q.len);
  if (whole === null) {
    count(i6, head, 'ReasmFails');
    q.kill(Drop.IpFragBad);
    return null;
  }
  const b = whole.bytes;
  b.copyWithin(whole.off, head.net, head.net + hlen);
  q.gather(b, whole.off + hlen, dataOf);
  b[whole.off + nextAt] = b[head.transport];
  if (head.mac >= 0 && head.mac < head.net) {
    whole.mac = whole.off - (head.net - head.mac);
    b.copyWithin(whole.mac, head.mac, head.net);
  }
  setIp6PayloadLen(b, whole.off, plen);
  inherit(whole, head);
  whole.transport = whole.off + hlen;
  whole.cb1 = head.cb1 | CB6_FRAGMENTED;
  count(i6, head, 'ReasmOKs');
  q.kill(Drop.None);
  return whole;
}

function dataOf(piece: Skb): number {
  return piece.transport + IP6_FRAG_HLEN;
}
