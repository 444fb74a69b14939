// IP input: checks the header, asks whose the packet is, delivers it here, forwards it or ends it.
// Linux: net/ipv4/ip_input.c, ip_rcv(), ip_rcv_finish(), ip_local_deliver(); ip_error() in route.c.

import { Drop } from '../net/drop.ts';
import { IFF_LOOPBACK } from '../net/flags.ts';
import type { NetDevice } from '../net/netdev.ts';
import { PKT_BROADCAST, PKT_LOOPBACK, PKT_MULTICAST, PKT_OTHERHOST, type Skb } from '../net/skb.ts';
import { RTN_UNREACHABLE } from '../uapi/route.ts';
import { inetChecksum } from '../wire/checksum.ts';
import {
  IP4_DST,
  IP4_PROTO,
  IP4_SRC,
  IPPROTO_ICMP,
  IPPROTO_IGMP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  ip4Dst,
  ip4Hlen,
  ip4IsFragment,
  ip4Proto,
  ip4Src,
  ip4TotalLen,
} from '../wire/ip4.ts';
import { DROP_UNICAST_IN_L2_MULTICAST, FORWARDING } from './conf.ts';
import { EACCES, EHOSTUNREACH, ENETUNREACH, EXDEV } from './errno.ts';
import { DEFRAG_LOCAL, defrag } from './frag-in.ts';
import { icmpRcv } from './icmp.ts';
import { icmpSend } from './icmp-send.ts';
import { mcIsMember } from './igmp.ts';
import { igmpRcv } from './igmp-query.ts';
import { ipForward } from './ip4-forward.ts';
import { s32 } from './ipaddr.ts';
import { peerAllows, peerOf } from './peers.ts';
import { rawDeliver } from './raw.ts';
import { Dst, RTCF_BROADCAST, RTCF_LOCAL, RTCF_MULTICAST } from './route.ts';
import { routeInput } from './route-in.ts';
import { type InDevice, type InetNs, inDev, inetNs, orConf } from './state.ts';
import type { IpStats } from './stats.ts';
import { tcp4Rcv } from './tcp4.ts';
import { udpRcv } from './udp.ts';

const CACHE_MASK = 255;

/** The protocol handler of 0x0800. Takes. */
export function ipRcv(skb: Skb, dev: NetDevice): void {
  const ins = inetNs(dev.ns);
  const trace = ins.kernel.trace;
  if (trace.step !== null) trace.step('ip_rcv', skb, dev);
  if (skb.pktType === PKT_OTHERHOST) {
    dev.coreRxOtherhost++;
    skb.slabs.free(skb, Drop.OtherHost);
    return;
  }
  const ip = ins.ip;
  ip.InReceives++;
  ip.InOctets += skb.len;
  const b = skb.bytes;
  const at = skb.off;
  const hlen = (b[at] & 15) << 2;
  if (skb.len < 20 || b[at] >>> 4 !== 4 || hlen < 20) return badHeader(ins, skb, Drop.IpHeader);
  countEcn(ip, b[at + 1]);
  if (skb.len < hlen) return badHeader(ins, skb, Drop.IpHeader);
  if (inetChecksum(b, at, hlen) !== 0) return badHeader(ins, skb, Drop.IpChecksum);
  const total = ip4TotalLen(b, at);
  if (skb.len < total) {
    ip.InTruncatedPkts++;
    skb.slabs.free(skb, Drop.IpHeader);
    return;
  }
  if (total < hlen) return badHeader(ins, skb, Drop.IpHeader);
  skb.len = total;
  skb.net = at;
  if (skb.pktType === PKT_LOOPBACK || (dev.flags & IFF_LOOPBACK) !== 0) {
    // It was routed when it was sent, and kept its route. Linux: skb_valid_dst().
    if (skb.pktType !== PKT_LOOPBACK) skb.cb0 = sentFlags(ins, skb, dev);
    if ((skb.cb0 & (RTCF_MULTICAST | RTCF_BROADCAST)) !== 0) countGroup(ins, skb, skb.cb0);
    if ((skb.cb0 & RTCF_LOCAL) !== 0) ipLocalDeliver(ins, skb);
    else skb.slabs.free(skb, Drop.IpNotForUs); // Linux: dst_discard()
    return;
  }
  const d = inputDst(ins, b, at, dev);
  if (d === null) {
    const rpf = lastError === -EXDEV;
    if (rpf) ip.IPReversePathFilter++;
    skb.slabs.free(skb, rpf ? Drop.IpRpFilter : Drop.IpNotForUs);
    return;
  }
  accept(ins, skb, dev, d);
}

function badHeader(ins: InetNs, skb: Skb, reason: 21 | 22): void {
  if (reason === Drop.IpChecksum) ins.ip.InCsumErrors++;
  ins.ip.InHdrErrors++;
  skb.slabs.free(skb, reason);
}

function countEcn(ip: IpStats, tos: number): void {
  const ecn = tos & 3;
  if (ecn === 0) ip.InNoECTPkts++;
  else if (ecn === 1) ip.InECT1Pkts++;
  else if (ecn === 2) ip.InECT0Pkts++;
  else ip.InCEPkts++;
}

/** Flags of the output route of a packet that came through a loopback device. */
function sentFlags(ins: InetNs, skb: Skb, dev: NetDevice): number {
  const daddr = ip4Dst(skb.bytes, skb.net);
  if (daddr === 0xffffffff) return RTCF_LOCAL | RTCF_BROADCAST;
  if (daddr >>> 28 === 14) {
    // A group that is somebody's address here is routed to the loopback device, which does not listen to it.
    const ind = inDev(dev);
    return ind !== null && mcIsMember(ind, daddr, ip4Proto(skb.bytes, skb.net))
      ? RTCF_LOCAL | RTCF_MULTICAST
      : RTCF_MULTICAST;
  }
  if (ins.addrHash.has(daddr)) return RTCF_LOCAL;
  const r = ins.local.bucket(daddr, 32);
  return r !== null && r[0].type === 3 ? RTCF_LOCAL | RTCF_BROADCAST : RTCF_LOCAL;
}

let lastError = 0;

/** The input route, remembered per flow until anything about routing changes. */
function inputDst(ins: InetNs, b: Uint8Array, at: number, dev: NetDevice): Dst | null {
  const to = s32(b, at + IP4_DST);
  const from = s32(b, at + IP4_SRC);
  const tos = b[at + 1];
  const h = (Math.imul(to, 0x9e3779b1) ^ Math.imul(from, 0x85ebca6b) ^ Math.imul(dev.ifindex, 0x27d4eb2f)) >>> 24;
  const cache = ins.rxCache;
  let e = cache[h & CACHE_MASK];
  if (e !== null && e.genid === ins.genid && (e.daddr | 0) === to && (e.saddr | 0) === from) {
    if (e.iif === dev.ifindex && e.tos === tos && (e.expiresNs === 0 || ins.now < e.expiresNs)) return e;
  }
  if (e === null) {
    e = new Dst();
    cache[h & CACHE_MASK] = e;
  }
  lastError = routeInput(ins, e, to >>> 0, from >>> 0, tos, dev, b[at + IP4_PROTO], true);
  if (lastError < 0) {
    e.genid = 0;
    return null;
  }
  e.genid = ins.genid;
  e.iif = dev.ifindex;
  e.tos = tos;
  return e;
}

function accept(ins: InetNs, skb: Skb, dev: NetDevice, d: Dst): void {
  skb.cb0 = d.flags;
  if ((d.flags & (RTCF_MULTICAST | RTCF_BROADCAST)) !== 0) countGroup(ins, skb, d.flags);
  else if (skb.pktType === PKT_BROADCAST || skb.pktType === PKT_MULTICAST) {
    // A unicast packet in a group frame, RFC 1122 3.3.6.
    if (orConf(inDev(dev) as InDevice, DROP_UNICAST_IN_L2_MULTICAST)) {
      skb.slabs.free(skb, Drop.IpNotForUs);
      return;
    }
  }
  if ((d.flags & RTCF_LOCAL) !== 0) ipLocalDeliver(ins, skb);
  else if (d.type === RTN_UNREACHABLE) ipError(ins, skb, dev, d.error);
  else ipForward(ins, skb, d);
}

function countGroup(ins: InetNs, skb: Skb, flags: number): void {
  if ((flags & RTCF_MULTICAST) !== 0) {
    ins.ip.InMcastPkts++;
    ins.ip.InMcastOctets += skb.len;
  } else {
    ins.ip.InBcastPkts++;
    ins.ip.InBcastOctets += skb.len;
  }
}

/** No way to the destination: told to the sender if we forward at all. Linux: ip_error(). */
function ipError(ins: InetNs, skb: Skb, dev: NetDevice, error: number): void {
  const forwarding = (inDev(dev) as InDevice).conf.v[FORWARDING] !== 0;
  if (error === ENETUNREACH) ins.ip.InNoRoutes++;
  else if (error === EHOSTUNREACH && !forwarding) ins.ip.InAddrErrors++;
  const code = error === EHOSTUNREACH ? 1 : error === ENETUNREACH ? 0 : error === EACCES ? 13 : -1;
  if (forwarding && code >= 0) {
    // ip_rt_error_cost, ip_rt_error_burst: from the same bucket as ICMP's own limit.
    const peer = peerOf(ins, ip4Src(skb.bytes, skb.off));
    if (peerAllows(peer, ins.now, 1e9, 5)) icmpSend(ins, skb, 3, code, 0);
  }
  skb.slabs.free(skb, Drop.IpNoRoute);
}

/** For this host: reassembled, then to raw sockets and its protocol. Takes. Linux: ip_local_deliver(). */
function ipLocalDeliver(ins: InetNs, skb: Skb): void {
  let whole = skb;
  if (ip4IsFragment(skb.bytes, skb.off)) {
    const r = defrag(ins, skb, DEFRAG_LOCAL);
    if (r === null) return;
    whole = r;
  }
  const trace = ins.kernel.trace;
  if (trace.step !== null) trace.step('ip_local_deliver', whole, whole.dev);
  const b = whole.bytes;
  const hlen = ip4Hlen(b, whole.off);
  const proto = ip4Proto(b, whole.off);
  whole.transport = whole.pull(hlen);
  const raw = ins.raw.size > 0 && rawDeliver(ins, whole, proto);
  switch (proto) {
    case IPPROTO_UDP:
      ins.ip.InDelivers++;
      udpRcv(ins, whole);
      return;
    case IPPROTO_TCP:
      ins.ip.InDelivers++;
      tcp4Rcv(ins, whole);
      return;
    case IPPROTO_ICMP:
      ins.ip.InDelivers++;
      icmpRcv(ins, whole);
      return;
    case IPPROTO_IGMP:
      ins.ip.InDelivers++;
      igmpRcv(ins, whole);
      return;
  }
  if (raw) {
    ins.ip.InDelivers++;
    whole.slabs.free(whole, Drop.None);
    return;
  }
  ins.ip.InUnknownProtos++;
  icmpSend(ins, whole, 3, 2, 0);
  whole.slabs.free(whole, Drop.NoSocket);
}
