// Reassembly. Fragments wait in a queue per (source, destination, id, protocol, user); 30 s after the first one the rest
// is given up and the sender told. Overlaps end the whole queue. Users: local delivery, and macvlan's broadcast path,
// which has an id of its own so that the two never mix. Bound: ipfrag_high_thresh bytes. Linux: net/ipv4/ip_fragment.c.

import { Drop } from '../net/drop.ts';
import type { NetNs } from '../net/netns.ts';
import type { Skb } from '../net/skb.ts';
import {
  IP4_HLEN,
  ip4Dst,
  ip4FragOff,
  ip4HeaderOk,
  ip4Hlen,
  ip4Id,
  ip4IsFragment,
  ip4MoreFrags,
  ip4Proto,
  ip4Src,
  ip4TotalLen,
  setIp4Check,
  setIp4Frag,
  setIp4TotalLen,
} from '../wire/ip4.ts';
import { icmpSend } from './icmp-send.ts';
import { type InetNs, inetNs } from './state.ts';

/** Linux: enum ip_defrag_users. */
export const DEFRAG_LOCAL = 0;
export const DEFRAG_MACVLAN = 9;
const ETH_P_IP = 0x0800;
const IP_MAX = 65535;

/** Linux: struct ipq. */
export class ReasmQueue {
  readonly key: string;
  readonly user: number;
  readonly ins: InetNs;
  /** Sorted by offset; skb.cb2 is the offset, skb.cb3 the end. */
  readonly pieces: Skb[] = [];
  meat = 0;
  /** End of the datagram as far as it is known. */
  len = 0;
  first = false;
  last = false;
  timer = 0;

  constructor(ins: InetNs, key: string, user: number) {
    this.ins = ins;
    this.key = key;
    this.user = user;
  }
}

/** Takes a fragment (skb.off at the IP header). The whole datagram, or null while it waits or when it was no good. */
export function defrag(ins: InetNs, skb: Skb, user: number): Skb | null {
  ins.ip.ReasmReqds++;
  const b = skb.bytes;
  const at = skb.off;
  const vif = user === DEFRAG_MACVLAN ? (skb.dev === null ? 0 : skb.dev.ifindex) : 0;
  const key = `${ip4Src(b, at)} ${ip4Dst(b, at)} ${ip4Id(b, at)} ${ip4Proto(b, at)} ${user} ${vif}`;
  let q = ins.reasm.get(key);
  if (q === undefined) {
    if (ins.reasmBytes > ins.set.fragHighThresh) return fail(ins, skb);
    q = new ReasmQueue(ins, key, user);
    ins.reasm.set(key, q);
    q.timer = ins.kernel.loop.after(ins.set.fragTimeS * 1e9, expired, q, 0);
  }
  if (!insert(q, skb)) return null;
  if (!q.first || !q.last || q.meat !== q.len) return null;
  return assemble(q);
}

function fail(ins: InetNs, skb: Skb): null {
  ins.ip.ReasmFails++;
  skb.slabs.free(skb, Drop.IpFragBad);
  return null;
}

/** False: it was a duplicate, or the queue is gone with it. Linux: ip_frag_queue(). */
function insert(q: ReasmQueue, skb: Skb): boolean {
  const b = skb.bytes;
  const hlen = ip4Hlen(b, skb.off);
  const offset = ip4FragOff(b, skb.off);
  let end = offset + ip4TotalLen(b, skb.off) - hlen;
  const more = ip4MoreFrags(b, skb.off);
  if (more) end -= (end - offset) & 7;
  const contradicts = more ? end > q.len && q.last : end < q.len || (q.last && end !== q.len);
  if (contradicts || end === offset) return discard(q, skb);
  let i = q.pieces.length;
  while (i > 0 && q.pieces[i - 1].cb2 >= offset) i--;
  const before = i > 0 ? q.pieces[i - 1] : null;
  const after = i < q.pieces.length ? q.pieces[i] : null;
  if (after !== null && after.cb2 === offset && after.cb3 === end) {
    skb.slabs.free(skb, Drop.IpFragBad); // the same once more
    return false;
  }
  if ((before !== null && before.cb3 > offset) || (after !== null && after.cb2 < end)) return discard(q, skb);
  if (!more) q.last = true;
  if (end > q.len) q.len = end;
  if (offset === 0) q.first = true;
  skb.cb2 = offset;
  skb.cb3 = end;
  q.pieces.splice(i, 0, skb);
  q.meat += end - offset;
  q.ins.reasmBytes += skb.truesize;
  return true;
}

function discard(q: ReasmQueue, skb: Skb): false {
  kill(q, Drop.IpFragBad);
  fail(q.ins, skb);
  return false;
}

function kill(q: ReasmQueue, reason: 26 | 27 | 0 | 40): void {
  q.ins.kernel.loop.cancel(q.timer);
  q.ins.reasm.delete(q.key);
  for (const p of q.pieces) {
    q.ins.reasmBytes -= p.truesize;
    p.slabs.free(p, reason);
  }
  q.pieces.length = 0;
}

/** All queues of a namespace that dies. */
export function dropReassembly(ins: InetNs): void {
  for (const q of [...ins.reasm.values()]) kill(q, Drop.NsGone);
}

/** Linux: ip_expire(). */
function expired(q: ReasmQueue): void {
  const ins = q.ins;
  ins.ip.ReasmFails++;
  ins.ip.ReasmTimeout++;
  const head = q.pieces[0];
  if (q.user === DEFRAG_LOCAL && q.first && head !== undefined && head.dev !== null) icmpSend(ins, head, 11, 1, 0);
  kill(q, Drop.IpFragTimeout);
}

/** Linux: ip_frag_reasm(). */
function assemble(q: ReasmQueue): Skb | null {
  const ins = q.ins;
  const head = q.pieces[0];
  const hlen = ip4Hlen(head.bytes, head.off);
  const total = hlen + q.len;
  const whole = total > IP_MAX ? null : head.slabs.alloc(total);
  if (whole === null) {
    ins.ip.ReasmFails++;
    kill(q, Drop.IpFragBad);
    return null;
  }
  const b = whole.bytes;
  b.copyWithin(whole.off, head.off, head.off + hlen);
  for (const p of q.pieces) {
    const from = p.off + ip4Hlen(b, p.off);
    b.copyWithin(whole.off + hlen + p.cb2, from, from + p.cb3 - p.cb2);
  }
  if (head.mac >= 0) {
    whole.mac = whole.off - (head.off - head.mac);
    b.copyWithin(whole.mac, head.mac, head.off);
  }
  setIp4TotalLen(b, whole.off, total);
  setIp4Frag(b, whole.off, 0);
  setIp4Check(b, whole.off);
  inherit(whole, head);
  ins.ip.ReasmOKs++;
  kill(q, Drop.None);
  return whole;
}

function inherit(whole: Skb, head: Skb): void {
  whole.net = whole.off;
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
  whole.trace = head.trace;
}

/** kernel.hooks.defrag, for macvlan's multicast path: what is no fragment comes back as it was. Linux: ip_check_defrag(). */
export function defragForMacvlan(skb: Skb, ns: NetNs): Skb | null {
  const b = skb.bytes;
  if (skb.protocol !== ETH_P_IP || skb.len < IP4_HLEN || !ip4HeaderOk(b, skb.off, skb.len)) return skb;
  if (!ip4IsFragment(b, skb.off)) return skb;
  skb.trim(ip4TotalLen(b, skb.off));
  return defrag(inetNs(ns), skb, DEFRAG_MACVLAN);
}
