// IPv6 input: checks the header, asks whose the packet is, delivers it here, forwards it or ends it.
// Linux: net/ipv6/ip6_input.c, ip6_rcv_core(), ip6_mc_input(), ip6_protocol_deliver_rcu(); ip6_pkt_drop() in route.c.

import { Drop, type DropReason } from '../net/drop.ts';
import { IFF_LOOPBACK } from '../net/flags.ts';
import type { NetDevice } from '../net/netdev.ts';
import { PKT_BROADCAST, PKT_LOOPBACK, PKT_MULTICAST, PKT_OTHERHOST, type Skb } from '../net/skb.ts';
import { In6, word } from '../wire/in6.ts';
import { IPPROTO_UDP } from '../wire/ip4.ts';
import {
  IP6_DST,
  IP6_FRAG_HLEN,
  IP6_HLEN,
  IP6_NEXT,
  IP6_SRC,
  IPPROTO_ICMPV6,
  ip6IsMulticast,
  ip6PayloadLen,
  NEXTHDR_DEST,
  NEXTHDR_FRAGMENT,
  NEXTHDR_HOP,
  NEXTHDR_NONE,
  NEXTHDR_ROUTING,
} from '../wire/ip6.ts';
import { DC_DISABLE_IPV6, DC_DROP_UNICAST_IN_L2_MULTICAST } from './conf6.ts';
import { EACCES, EINVAL } from './errno.ts';
import { paramProblem, parseDestOptions, parseHopOptions, parseRouting, seenAlert } from './exthdr6.ts';
import { defrag6 } from './frag6-in.ts';
import { icmp6Rcv } from './icmp6.ts';
import { icmp6Send } from './icmp6-send.ts';
import { ip6Forward } from './ip6-forward.ts';
import { CB6_ROUTER_ALERT } from './ip6-out.ts';
import { mc6IsMember } from './mc6.ts';
import { raw6Deliver } from './raw6.ts';
import { D6_ANYCAST, D6_LOCAL, D6_MULTICAST, Dst6, dst6Valid, routeInput6 } from './route6.ts';
import { type Inet6Dev, type Inet6Ns, in6Dev, inet6Ns } from './state6.ts';
import { udp6Rcv } from './udp6.ts';

const CACHE_MASK = 255;
const UNK_NEXTHDR = 1;
const ADM_PROHIBITED = 1;
const NOROUTE = 0;
const group = new In6();

/** The protocol handler of 0x86dd. Takes. */
export function ip6Rcv(skb: Skb, dev: NetDevice): void {
  const i6 = inet6Ns(dev.ns) as Inet6Ns;
  const trace = i6.kernel.trace;
  if (trace.step !== null) trace.step('ipv6_rcv', skb, dev);
  const id = ours(i6, skb, dev);
  if (id === null || !wellFormed(i6, id, skb)) return;
  if ((dev.flags & IFF_LOOPBACK) !== 0 || skb.pktType === PKT_LOOPBACK) return inputKept(i6, id, skb);
  const d = inputDst(i6, skb.bytes, skb.net, dev);
  skb.cb0 = d.flags;
  if (d.error !== 0) return noRoute(i6, id, skb, d);
  if ((d.flags & (D6_LOCAL | D6_ANYCAST)) !== 0) ip6Input(i6, skb, id);
  else if ((d.flags & D6_MULTICAST) !== 0) mcInput(i6, id, skb);
  else ip6Forward(i6, skb, d, id);
}

/** Counts a packet. IPv6 of its device; null: it ended, since it is another host's or the device has no IPv6. */
function ours(i6: Inet6Ns, skb: Skb, dev: NetDevice): Inet6Dev | null {
  if (skb.pktType === PKT_OTHERHOST) {
    dev.coreRxOtherhost++;
    skb.slabs.free(skb, Drop.OtherHost);
    return null;
  }
  const id = in6Dev(dev);
  const ip = i6.ip;
  ip.InReceives++;
  ip.InOctets += skb.len;
  if (id === null) {
    ip.InDiscards++;
    skb.slabs.free(skb, Drop.Ip6Disabled);
    return null;
  }
  id.ip.InReceives++;
  id.ip.InOctets += skb.len;
  if (id.conf.v[DC_DISABLE_IPV6] === 0) return id;
  ip.InDiscards++;
  id.ip.InDiscards++;
  skb.slabs.free(skb, Drop.Ip6Disabled);
  return null;
}

/** Checks header, addresses, length and hop-by-hop options; false: it ended. Linux: ip6_rcv_core(). */
function wellFormed(i6: Inet6Ns, id: Inet6Dev, skb: Skb): boolean {
  const b = skb.bytes;
  const at = skb.off;
  if (skb.len < IP6_HLEN || b[at] >>> 4 !== 6) return badHeader(i6, id, skb, Drop.IpHeader);
  countEcn(i6, id, b[at + 1]);
  const bad = badAddresses(skb, b, at, (id.dev.flags & IFF_LOOPBACK) !== 0, id);
  if (bad !== Drop.None) return badHeader(i6, id, skb, bad);
  const len = IP6_HLEN + ip6PayloadLen(b, at);
  if (len > skb.len) {
    i6.ip.InTruncatedPkts++;
    id.ip.InTruncatedPkts++;
    skb.slabs.free(skb, Drop.IpHeader);
    return false;
  }
  skb.len = len;
  skb.net = at;
  skb.cb1 = 0;
  if (b[at + IP6_NEXT] === NEXTHDR_HOP) {
    if (!parseHopOptions(i6, skb)) return false;
    if (seenAlert.value >= 0) skb.cb1 = CB6_ROUTER_ALERT;
  }
  return true;
}

/** It was routed when it was sent, and kept its route. Linux: skb_valid_dst(). */
function inputKept(i6: Inet6Ns, id: Inet6Dev, skb: Skb): void {
  const multicast = ip6IsMulticast(skb.bytes, skb.net + IP6_DST);
  skb.cb0 = multicast ? D6_MULTICAST : D6_LOCAL;
  if (multicast) mcInput(i6, id, skb);
  else ip6Input(i6, skb, id);
}

function badHeader(i6: Inet6Ns, id: Inet6Dev, skb: Skb, reason: DropReason): false {
  i6.ip.InHdrErrors++;
  id.ip.InHdrErrors++;
  skb.slabs.free(skb, reason);
  return false;
}

function countEcn(i6: Inet6Ns, id: Inet6Dev, second: number): void {
  const ecn = (second >>> 4) & 3;
  if (ecn === 0) {
    i6.ip.InNoECTPkts++;
    id.ip.InNoECTPkts++;
  } else if (ecn === 1) {
    i6.ip.InECT1Pkts++;
    id.ip.InECT1Pkts++;
  } else if (ecn === 2) {
    i6.ip.InECT0Pkts++;
    id.ip.InECT0Pkts++;
  } else {
    i6.ip.InCEPkts++;
    id.ip.InCEPkts++;
  }
}

/** Addresses that must not be seen on a wire. RFC 4291 2.5.3, 2.7. Drop.None: all is well. */
function badAddresses(skb: Skb, b: Uint8Array, at: number, lo: boolean, id: Inet6Dev): DropReason {
  if (!lo && (isLoopbackAt(b, at + IP6_SRC) || isLoopbackAt(b, at + IP6_DST))) return Drop.IpHeader;
  if (b[at + IP6_SRC] === 0xff) return Drop.IpHeader;
  if (b[at + IP6_DST] === 0xff) {
    const scope = b[at + IP6_DST + 1] & 15;
    if (scope === 0 || (scope === 1 && !lo && skb.pktType !== PKT_LOOPBACK)) return Drop.IpHeader;
  } else if (skb.pktType === PKT_BROADCAST || skb.pktType === PKT_MULTICAST) {
    if (id.conf.v[DC_DROP_UNICAST_IN_L2_MULTICAST] !== 0) return Drop.IpNotForUs;
  }
  return Drop.None;
}

function isLoopbackAt(b: Uint8Array, at: number): boolean {
  return word(b, at + 12) === 1 && (word(b, at) | word(b, at + 4) | word(b, at + 8)) === 0;
}

/** The input route, remembered per flow until anything about routing changes. */
function inputDst(i6: Inet6Ns, b: Uint8Array, at: number, dev: NetDevice): Dst6 {
  const to = word(b, at + IP6_DST + 12);
  const mid = word(b, at + IP6_DST + 8) ^ word(b, at + IP6_DST);
  const h = (Math.imul(to, 0x9e3779b1) ^ Math.imul(mid, 0x85ebca6b) ^ Math.imul(dev.ifindex, 0x27d4eb2f)) >>> 24;
  const cache = i6.rxCache;
  let e = cache[h & CACHE_MASK];
  if (e !== null && e.iif === dev.ifindex && dst6Valid(i6, e) && e.daddr.equalsAt(b, at + IP6_DST)) {
    if (i6.rules === null || e.saddr.equalsAt(b, at + IP6_SRC)) return e;
  }
  if (e === null) {
    e = new Dst6();
    cache[h & CACHE_MASK] = e;
  }
  e.daddr.read(b, at + IP6_DST);
  e.saddr.read(b, at + IP6_SRC);
  e.iif = dev.ifindex;
  routeInput6(i6, e, dev);
  return e;
}

/** The route says no, or there is none. Linux: ip6_pkt_drop(). */
function noRoute(i6: Inet6Ns, id: Inet6Dev, skb: Skb, d: Dst6): void {
  if (d.error === -EINVAL) {
    skb.slabs.free(skb, Drop.IpNoRoute); // a blackhole
    return;
  }
  if (d.daddr.isAny) {
    i6.ip.InAddrErrors++;
    id.ip.InAddrErrors++;
  } else {
    i6.ip.InNoRoutes++;
    id.ip.InNoRoutes++;
  }
  icmp6Send(i6, skb, 1, d.error === -EACCES ? ADM_PROHIBITED : NOROUTE, 0);
  skb.slabs.free(skb, Drop.IpNoRoute);
}

/** Linux: ip6_mc_input(). */
function mcInput(i6: Inet6Ns, id: Inet6Dev, skb: Skb): void {
  i6.ip.InMcastPkts++;
  i6.ip.InMcastOctets += skb.len;
  id.ip.InMcastPkts++;
  id.ip.InMcastOctets += skb.len;
  if (mc6IsMember(id, group.read(skb.bytes, skb.net + IP6_DST))) {
    ip6Input(i6, skb, id);
    return;
  }
  skb.slabs.free(skb, Drop.IpNotForUs);
}

/** For this host: through the extension headers, to raw sockets and its protocol. Takes. Linux: ip6_input_finish(). */
export function ip6Input(i6: Inet6Ns, first: Skb, id: Inet6Dev): void {
  let skb = first;
  const trace = i6.kernel.trace;
  if (trace.step !== null) trace.step('ip6_input', skb, skb.dev);
  let nextAt = skb.net + IP6_NEXT;
  let at = skb.net + IP6_HLEN;
  if (skb.bytes[nextAt] === NEXTHDR_HOP) {
    nextAt = at;
    at += (skb.bytes[at + 1] + 1) << 3;
  }
  for (;;) {
    const b = skb.bytes;
    const next = b[nextAt];
    skb.transport = at;
    switch (next) {
      case NEXTHDR_DEST:
      case NEXTHDR_ROUTING: {
        if (i6.raw.size > 0) raw6Deliver(i6, skb, next, at);
        if (next === NEXTHDR_DEST ? !parseDestOptions(i6, skb, at) : !parseRouting(i6, skb, at, id)) return;
        nextAt = at;
        at += (b[at + 1] + 1) << 3;
        continue;
      }
      case NEXTHDR_FRAGMENT: {
        const before = nextAt - skb.net;
        const whole = defrag6(i6, skb, at, nextAt);
        if (whole === null) return;
        if (whole === skb) {
          nextAt = at;
          at += IP6_FRAG_HLEN;
        } else {
          nextAt = whole.net + before;
          at = whole.transport;
        }
        skb = whole;
        continue;
      }
      default:
        deliver(i6, skb, id, next, nextAt, at);
        return;
    }
  }
}

function deliver(i6: Inet6Ns, skb: Skb, id: Inet6Dev, proto: number, nextAt: number, at: number): void {
  const raw = i6.raw.size > 0 && raw6Deliver(i6, skb, proto, at);
  skb.pull(at - skb.off);
  if (proto === IPPROTO_UDP || proto === IPPROTO_ICMPV6 || proto === NEXTHDR_NONE || raw) {
    i6.ip.InDelivers++;
    id.ip.InDelivers++;
  }
  if (proto === IPPROTO_UDP) return udp6Rcv(i6, skb, id);
  if (proto === IPPROTO_ICMPV6) return icmp6Rcv(i6, skb, id);
  const other = i6.stack.protocols.get(proto);
  if (other !== undefined) {
    if (!raw) {
      i6.ip.InDelivers++;
      id.ip.InDelivers++;
    }
    return other(i6, skb, id);
  }
  if (raw || proto === NEXTHDR_NONE) {
    skb.slabs.free(skb, Drop.None);
    return;
  }
  i6.ip.InUnknownProtos++;
  id.ip.InUnknownProtos++;
  paramProblem(i6, skb, UNK_NEXTHDR, nextAt - skb.net);
}
