// ICMPv6 messages that we send: errors about a packet, and answers. When an error may be sent at all, from which address,
// how much it quotes, and how often. Linux: icmp6_send(), icmpv6_echo_reply(), icmpv6_xrlim_allow() in net/ipv6/icmp.c;
// ip6_link_failure() in route.c.

import { IFF_LOOPBACK } from '../net/flags.ts';
import type { NetDevice } from '../net/netdev.ts';
import { PKT_HOST, type Skb } from '../net/skb.ts';
import { u16 } from '../wire/bytes.ts';
import { ICMPV6_DEST_UNREACH, ICMPV6_PARAMPROB, ICMPV6_PKT_TOOBIG, setIcmp6, setIcmp6Check } from '../wire/icmp6.ts';
import { In6 } from '../wire/in6.ts';
import {
  IP6_DST,
  IP6_HLEN,
  IP6_NEXT,
  IP6_SRC,
  IPPROTO_ICMPV6,
  ip6Class,
  ip6ExtLen,
  ip6Flow,
  ip6IsExtension,
  NEXTHDR_FRAGMENT,
} from '../wire/ip6.ts';
import { hasAddress } from './addr6.ts';
import { isAnycast } from './anycast6.ts';
import { takeGlobal } from './icmp-send.ts';
import { flowLabel, ip6Send, writeHeader6 } from './ip6-out.ts';
import { peer6Of, peerAllows } from './peers.ts';
import { D6_ANYCAST, type Dst6, dst6HopLimit, lookupOut6 } from './route6.ts';
import { inetNs } from './state.ts';
import { type Inet6Ns, in6Dev } from './state6.ts';

const MIN_MTU = 1280;
const UNK_OPTION = 2;
const src = new In6();
const dst = new In6();

/**
 * Tells the sender of `skb` (skb.net at its IPv6 header) what became of it. Borrows. `info` is the second word: the MTU,
 * the pointer.
 */
export function icmp6Send(i6: Inet6Ns, skb: Skb, type: number, code: number, info: number): void {
  const dev = skb.dev;
  if (dev === null) return;
  const b = skb.bytes;
  const at = skb.net;
  const end = skb.off + skb.len;
  src.read(b, at + IP6_SRC);
  dst.read(b, at + IP6_DST);
  const d = i6.icmpDst;
  const id = in6Dev(dev);
  let ours = hasAddress(i6, dst, dev, false) !== null || (id !== null && isAnycast(id, dst) && dst.isLinkLocal);
  if (dst.isMulticast || skb.pktType !== PKT_HOST) {
    const asked = type === ICMPV6_PARAMPROB && code === UNK_OPTION && (b[at + info] & 0xc0) === 0x80;
    if (type !== ICMPV6_PKT_TOOBIG && !asked) return;
    ours = false;
  }
  if (src.isAny || src.isMulticast) return;
  if (isIneligible(b, at, end)) return;
  const limit = limited(i6, type);
  if (limit && (dev.flags & IFF_LOOPBACK) === 0 && !takeGlobal(inetNs(i6.ns))) return;
  d.daddr.set(src);
  if (ours) d.saddr.set(dst);
  else d.saddr.clear();
  const oif = src.needsScope ? icmp6Iif(i6, skb) : 0;
  if (lookupOut6(i6, d, oif, false, 0) !== 0) return;
  if (limit && !hostAllows(i6, d)) return;
  if ((d.flags & D6_ANYCAST) !== 0 && i6.set.icmpErrorAnycastAsUnicast === 0) return;
  const quote = Math.min(end - at, MIN_MTU - IP6_HLEN - 8);
  emit(i6, d, type, code, info, 0, 0, skb, at, quote);
}

/** ICMPv6 errors are never answered; of a fragment that does not show its type nobody knows. Linux: is_ineligible(). */
function isIneligible(b: Uint8Array, from: number, end: number): boolean {
  let next = b[from + IP6_NEXT];
  let at = from + IP6_HLEN;
  let fragment = false;
  if (at > end) return true;
  while (ip6IsExtension(next)) {
    if (at + 8 > end) return false;
    if (next === NEXTHDR_FRAGMENT) {
      if ((u16(b, at + 2) & 0xfff8) !== 0) return false;
      if (u16(b, at + 2) !== 0) fragment = true;
    }
    const n = ip6ExtLen(b, at, next);
    next = b[at];
    at += n;
  }
  if (next !== IPPROTO_ICMPV6) return false;
  return at < end ? b[at] < 128 : !fragment;
}

/** The device that a packet counts as having come in by: over lo it is the one that has the address. */
export function icmp6Iif(i6: Inet6Ns, skb: Skb): number {
  const dev = skb.dev as NetDevice;
  if ((dev.flags & IFF_LOOPBACK) === 0) return dev.ifindex;
  dst.read(skb.bytes, skb.net + IP6_DST);
  const list = i6.addrHash.get(dst);
  return list === null ? dev.ifindex : list[0].dev.ifindex;
}

/** Builds and sends; the quoted bytes (or the body of an answer) come from `from`. */
function emit(
  i6: Inet6Ns,
  d: Dst6,
  type: number,
  code: number,
  rest: number,
  tclass: number,
  flow: number,
  from: Skb,
  at: number,
  len: number,
): void {
  const out = from.slabs.alloc(IP6_HLEN + 8 + len);
  if (out === null) return;
  const b = out.bytes;
  const icmp = out.off + IP6_HLEN;
  b.copyWithin(icmp + 8, at, at + len);
  setIcmp6(b, icmp, type, code, rest);
  const label = flow !== 0 ? flow : flowLabel(i6, d, IPPROTO_ICMPV6, (type << 8) | code);
  writeHeader6(b, out.off, tclass, label, IPPROTO_ICMPV6, dst6HopLimit(i6, d), d);
  setIcmp6Check(b, out.off, icmp, 8 + len);
  out.transport = icmp;
  out.trace = i6.kernel.newTrace();
  if (i6.set.fwmarkReflect !== 0) out.mark = from.mark;
  icmp6OutCount(i6, d.idev, type);
  const trace = i6.kernel.trace;
  if (trace.step !== null) trace.step(type < 128 ? 'icmp6_send' : 'icmpv6_echo_reply', out, d.dev);
  ip6Send(i6, out, d);
}

/** Linux: ICMP6MSGOUT_INC_STATS(). */
export function icmp6OutCount(i6: Inet6Ns, dev: NetDevice | null, type: number): void {
  i6.icmp.OutMsgs++;
  i6.icmp.outType[type]++;
  const id = dev === null ? null : in6Dev(dev);
  if (id === null) return;
  id.icmp.OutMsgs++;
  id.icmp.outType[type]++;
}

/**
 * Answers an echo request (skb.off at its ICMPv6 header, cb0 its route's flags). `unicast`: it was sent to an address of
 * ours. Borrows.
 */
export function icmp6Echo(i6: Inet6Ns, skb: Skb, type: number, unicast: boolean): void {
  const b = skb.bytes;
  const d = i6.icmpDst;
  d.daddr.read(b, skb.net + IP6_SRC);
  if (unicast) d.saddr.read(b, skb.net + IP6_DST);
  else d.saddr.clear();
  const oif = icmp6Iif(i6, skb);
  if (lookupOut6(i6, d, oif, false, 0) !== 0) return;
  const at = skb.off;
  const rest = (b[at + 4] << 24) | (b[at + 5] << 16) | (b[at + 6] << 8) | b[at + 7];
  const flow = (i6.set.flowlabelReflect & 4) !== 0 ? ip6Flow(b, skb.net) : 0;
  emit(i6, d, type, b[at + 1], rest, ip6Class(b, skb.net), flow, skb, at + 8, skb.len - 8);
}

/** Is this type one of those that icmp/ratemask limits? Linux: icmpv6_mask_allow(). */
function limited(i6: Inet6Ns, type: number): boolean {
  return type < 128 && type !== ICMPV6_PKT_TOOBIG && i6.set.icmpRatemask[type] !== 0;
}

/** icmp/ratelimit, for each host; as of 6.18 not more for wider prefixes. Linux: icmpv6_xrlim_allow(). */
function hostAllows(i6: Inet6Ns, d: Dst6): boolean {
  if (((d.dev as NetDevice).flags & IFF_LOOPBACK) !== 0) return true;
  if (peerAllows(peer6Of(i6, d.daddr), i6.now, i6.set.icmpRatelimitMs * 1e6)) return true;
  i6.icmp.OutRateLimitHost++;
  return false;
}

/** A neighbour did not answer. Linux: ip6_link_failure(). */
export function linkFailure6(i6: Inet6Ns, skb: Skb): void {
  icmp6Send(i6, skb, ICMPV6_DEST_UNREACH, 3, 0);
}
