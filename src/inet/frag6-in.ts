// Reassembly of IPv6 fragments: a queue per (source, destination, id, device of link-local ones); ip6frag_time after the
// first piece the rest is given up and the sender told. Overlaps end the whole queue. Bound: ip6frag_high_thresh bytes.
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
import { icmp6Send } from './icmp6-send.ts';
import { CB6_FRAGMENTED } from './ip6-out.ts';
import { type Inet6Ns, in6Dev } from './state6.ts';

const MAX_PLEN = 65535;
const HDR_FIELD = 0;
const HDR_INCOMP = 3;
const EXC_FRAGTIME = 1;
const daddr = new In6();

/** Linux: struct frag_queue. */
export class Reasm6Queue {
  readonly key: string;
  readonly i6: Inet6Ns;
  /** Sorted by offset; skb.cb2 is the offset, skb.cb3 the end, skb.transport the fragment header. */
  readonly pieces: Skb[] = [];
  meat = 0;
  len = 0;
  first = false;
  last = false;
  timer = 0;

  constructor(i6: Inet6Ns, key: string) {
    this.i6 = i6;
    this.key = key;
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
  let q = i6.reasm.get(key);
  if (q === undefined) {
    if (i6.reasmBytes > i6.set.fragHighThresh) {
      count(i6, skb, 'ReasmFails');
      skb.slabs.free(skb, Drop.IpFragBad);
      return null;
    }
    q = new Reasm6Queue(i6, key);
    i6.reasm.set(key, q);
    q.timer = i6.kernel.loop.after(i6.set.fragTimeS * 1e9, expired, q, 0);
  }
  skb.transport = at;
  if (!insert(q, skb)) return null;
  if (!q.first || !q.last || q.meat !== q.len) return null;
  return assemble(q, nextAt - skb.net);
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
  const contradicts = more ? end > q.len && q.last : end < q.len || (q.last && end !== q.len);
  if (contradicts || end === offset) return discard(q, skb);
  let i = q.pieces.length;
  while (i > 0 && q.pieces[i - 1].cb2 >= offset) i--;
  const before = i > 0 ? q.pieces[i - 1] : null;
  const after = i < q.pieces.length ? q.pieces[i] : null;
  if (after !== null && after.cb2 === offset && after.cb3 === end) {
    skb.slabs.free(skb, Drop.IpFragBad);
    return false;
  }
  if ((before !== null && before.cb3 > offset) || (after !== null && after.cb2 < end)) return discard(q, skb);
  if (!more) q.last = true;
  if (end > q.len) q.len = end;
  if (offset === 0) q.first = true;
  skb.cb2 = offset;
  skb.cb3 = end;
  q.pieces.splice(i, 0, skb);
  q.meat += len;
  q.i6.reasmBytes += skb.truesize;
  return true;
}

function discard(q: Reasm6Queue, skb: Skb): false {
  kill(q, Drop.IpFragBad);
  count(q.i6, skb, 'ReasmFails');
  skb.slabs.free(skb, Drop.IpFragBad);
  return false;
}

function kill(
  q: Reasm6Queue,
  reason: typeof Drop.IpFragTimeout | typeof Drop.IpFragBad | typeof Drop.None | typeof Drop.NsGone,
): void {
  q.i6.kernel.loop.cancel(q.timer);
  q.i6.reasm.delete(q.key);
  for (const p of q.pieces) {
    q.i6.reasmBytes -= p.truesize;
    p.slabs.free(p, reason);
  }
  q.pieces.length = 0;
}

/** All queues of a namespace that dies. */
export function dropReassembly6(i6: Inet6Ns): void {
  for (const q of [...i6.reasm.values()]) kill(q, Drop.NsGone);
}

/** Linux: ip6frag_expire_frag_queue(). */
function expired(q: Reasm6Queue): void {
  const head = q.pieces[0];
  if (head !== undefined && head.dev !== null) {
    count(q.i6, head, 'ReasmFails');
    count(q.i6, head, 'ReasmTimeout');
    if (q.first) icmp6Send(q.i6, head, ICMPV6_TIME_EXCEED, EXC_FRAGTIME, 0);
  }
  kill(q, Drop.IpFragTimeout);
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
    kill(q, Drop.IpFragBad);
    return null;
  }
  const b = whole.bytes;
  b.copyWithin(whole.off, head.net, head.net + hlen);
  for (const p of q.pieces) {
    const from = p.transport + IP6_FRAG_HLEN;
    b.copyWithin(whole.off + hlen + p.cb2, from, from + p.cb3 - p.cb2);
  }
  b[whole.off + nextAt] = b[head.transport];
  if (head.mac >= 0 && head.mac < head.net) {
    whole.mac = whole.off - (head.net - head.mac);
    b.copyWithin(whole.mac, head.mac, head.net);
  }
  setIp6PayloadLen(b, whole.off, plen);
  whole.net = whole.off;
  whole.transport = whole.off + hlen;
  whole.dev = head.dev;
  whole.iif = head.iif;
  whole.protocol = head.protocol;
  whole.pktType = head.pktType;
  whole.priority = head.priority;
  whole.mark = head.mark;
  whole.rxQueue = head.rxQueue;
  whole.vlanProto = head.vlanProto;
  whole.vlanTci = head.vlanTci;
  whole.tstampNs = head.tstampNs;
  whole.cb0 = head.cb0;
  whole.cb1 = head.cb1 | CB6_FRAGMENTED;
  whole.trace = head.trace;
  count(i6, head, 'ReasmOKs');
  kill(q, Drop.None);
  return whole;
}
