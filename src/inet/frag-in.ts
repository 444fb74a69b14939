// Reassembly. Fragments wait in a queue per (source, destination, id, protocol, user); 30 s after the first one the rest
// is given up and the sender told. Users: local delivery, and macvlan's broadcast path, which has an id of its own so that
// the two never mix. Bound: ipfrag_high_thresh bytes. The queue itself is frag-queue.ts. Linux: net/ipv4/ip_fragment.c.

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
import { FragQueue, IPFRAG_OK, IPFRAG_OVERLAP, inherit } from './frag-queue.ts';
import { icmpSend } from './icmp-send.ts';
import { type InetNs, inetNs } from './state.ts';

/** Linux: enum ip_defrag_users. */
export const DEFRAG_LOCAL = 0;
const DEFRAG_MACVLAN = 9;
const ETH_P_IP = 0x0800;
const IP_MAX = 65535;

/** Linux: struct ipq. */
export class ReasmQueue extends FragQueue {
  readonly ins: InetNs;
  readonly user: number;

  constructor(ins: InetNs, key: string, user: number) {
    super(ins.reasm, key);
    this.ins = ins;
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
  let q = ins.reasm.queues.get(key);
  if (q === undefined) {
    if (ins.reasm.bytes > ins.set.fragHighThresh) return fail(ins, skb);
    q = new ReasmQueue(ins, key, user);
    ins.reasm.add(q, ins.set.fragTimeS, expired);
  }
  return insert(q, skb) && q.complete ? assemble(q) : null;
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
  const got = q.insert(skb, offset, end, more);
  if (got === IPFRAG_OVERLAP) {
    q.kill(Drop.IpFragBad);
    q.ins.ip.ReasmFails++;
  }
  if (got !== IPFRAG_OK) skb.slabs.free(skb, Drop.IpFragBad);
  return got === IPFRAG_OK;
}

/** Linux: ip_expire(). */
function expired(q: ReasmQueue): void {
  const ins = q.ins;
  ins.ip.ReasmFails++;
  ins.ip.ReasmTimeout++;
  const head = q.pieces[0];
  if (q.user === DEFRAG_LOCAL && q.first && head !== undefined && head.dev !== null) icmpSend(ins, head, 11, 1, 0);
  q.kill(Drop.IpFragTimeout);
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
    q.kill(Drop.IpFragBad);
    return null;
  }
  const b = whole.bytes;
  b.copyWithin(whole.off, head.off, head.off + hlen);
  q.gather(b, whole.off + hlen, dataOf);
  if (head.mac >= 0) {
    whole.mac = whole.off - (head.off - head.mac);
    b.copyWithin(whole.mac, head.mac, head.off);
  }
  setIp4TotalLen(b, whole.off, total);
  setIp4Frag(b, whole.off, 0);
  setIp4Check(b, whole.off);
  inherit(whole, head);
  ins.ip.ReasmOKs++;
  q.kill(Drop.None);
  return whole;
}

function dataOf(piece: Skb): number {
  return piece.off + ip4Hlen(piece.bytes, piece.off);
}

/** kernel.hooks.defrag, for macvlan's multicast path: what is no fragment comes back as it was. Linux: ip_check_defrag(). */
export function defragForMacvlan(skb: Skb, ns: NetNs): Skb | null {
  const b = skb.bytes;
  if (skb.protocol !== ETH_P_IP || skb.len < IP4_HLEN || !ip4HeaderOk(b, skb.off, skb.len)) return skb;
  if (!ip4IsFragment(b, skb.off)) return skb;
  skb.trim(ip4TotalLen(b, skb.off));
  return defrag(inetNs(ns), skb, DEFRAG_MACVLAN);
}
