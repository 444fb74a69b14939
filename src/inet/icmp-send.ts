// ICMP messages that we send: errors about a packet, and answers. When an error may be sent at all, from which address,
// how much it quotes, and how often. Linux: __icmp_send(), icmp_reply(), icmpv4_xrlim_allow(), icmp_global_allow() in
// net/ipv4/icmp.c; ipv4_link_failure() in route.c.

import { IFF_LOOPBACK } from '../net/flags.ts';
import type { NetDevice } from '../net/netdev.ts';
import { PKT_HOST, type Skb } from '../net/skb.ts';
import { RT_SCOPE_LINK } from '../uapi/route.ts';
import { setU16, setU32 } from '../wire/bytes.ts';
import { setIcmpCheck } from '../wire/icmp.ts';
import {
  IP4_HLEN,
  IP4_OFFSET_MASK,
  IPPROTO_ICMP,
  ip4Dst,
  ip4Frag,
  ip4Hlen,
  ip4Proto,
  ip4Src,
  ip4Tos,
} from '../wire/ip4.ts';
import { selectIdent } from './ident.ts';
import { selectAddr } from './inetdev.ts';
import { CB_IGNORE_DF, ipSend, writeHeader } from './ip4-out.ts';
import { INADDR_DUMMY } from './ipaddr.ts';
import { peerAllows, peerOf } from './peers.ts';
import { type Dst, dstMtu, RTCF_BROADCAST, RTCF_LOCAL, RTCF_MULTICAST, routeOutput } from './route.ts';
import type { InetNs } from './state.ts';

const DEST_UNREACH = 3;
const FRAG_NEEDED = 4;
const ERROR_TYPES = (1 << 3) | (1 << 4) | (1 << 5) | (1 << 11) | (1 << 12);
const NR_ICMP_TYPES = 18;
/** An ICMP error is at most this long, IP header included. */
const MOST = 576;

function isError(type: number): boolean {
  return type > NR_ICMP_TYPES || (ERROR_TYPES & (1 << type)) !== 0;
}

/**
 * Tells the sender of `skb` (skb.net at its IP header, cb0 the flags of its route) what became of it. Borrows.
 * `info` is the second word: the MTU, the gateway.
 */
export function icmpSend(ins: InetNs, skb: Skb, type: number, code: number, info: number): void {
  if (skb.pktType !== PKT_HOST || (skb.cb0 & (RTCF_BROADCAST | RTCF_MULTICAST)) !== 0) return;
  const b = skb.bytes;
  const at = skb.net;
  if ((ip4Frag(b, at) & IP4_OFFSET_MASK) !== 0) return;
  if (ip4Proto(b, at) === IPPROTO_ICMP && isError(b[at + ip4Hlen(b, at)])) return;
  const lo = skb.dev !== null && (skb.dev.flags & IFF_LOOPBACK) !== 0;
  if (!lo && !globalAllows(ins, type, code)) return;
  const to = ip4Src(b, at);
  let src = 0;
  if ((skb.cb0 & RTCF_LOCAL) !== 0) src = ip4Dst(b, at);
  else if (ins.set.icmpErrorsUseInbound !== 0 && skb.iif !== 0) {
    const dev = ins.ns.devByIndex(skb.iif);
    if (dev !== null) src = selectAddr(ins, dev, to, RT_SCOPE_LINK);
  }
  const tos = (ip4Tos(b, at) & 0x1c) | 0xc0;
  const d = ins.icmpDst;
  if (routeOutput(ins, d, to, src, 0, tos, IPPROTO_ICMP) !== 0) return;
  if (!hostAllows(ins, d, type, code)) return;
  const room = Math.min(dstMtu(d), MOST) - IP4_HLEN - 8;
  if (room <= IP4_HLEN) return;
  const quote = Math.min(skb.off + skb.len - at, room);
  if (d.saddr === 0) d.saddr = INADDR_DUMMY;
  send(ins, d, type, code, info, tos, skb, at, quote);
}

/** Linux: icmp_out_count(). */
export function icmpOutCount(ins: InetNs, type: number): void {
  ins.icmp.OutMsgs++;
  ins.icmp.outType[type]++;
}

/** Builds and sends; the quoted bytes come from `from` (or are the body of an answer). */
function send(
  ins: InetNs,
  d: Dst,
  type: number,
  code: number,
  rest: number,
  tos: number,
  from: Skb,
  at: number,
  len: number,
): void {
  const out = from.slabs.alloc(IP4_HLEN + 8 + len);
  if (out === null) return;
  const b = out.bytes;
  const icmp = out.off + IP4_HLEN;
  b.copyWithin(icmp + 8, at, at + len);
  b[icmp] = type;
  b[icmp + 1] = code;
  setU16(b, icmp + 2, 0);
  setU32(b, icmp + 4, rest);
  setIcmpCheck(b, icmp, 8 + len);
  const id = selectIdent(ins, d.daddr | 0, d.saddr | 0, IPPROTO_ICMP);
  writeHeader(b, out.off, tos, id, 0, ins.set.ipDefaultTtl, IPPROTO_ICMP, d);
  out.transport = icmp;
  out.cb1 = CB_IGNORE_DF;
  out.trace = ins.kernel.newTrace();
  if (ins.set.fwmarkReflect !== 0) out.mark = from.mark;
  icmpOutCount(ins, type);
  const trace = ins.kernel.trace;
  if (trace.step !== null) trace.step(isError(type) ? '__icmp_send' : 'icmp_reply', out, d.dev);
  ipSend(ins, out, d);
}

/**
 * Answers a message (skb.off at its ICMP header): the same body, another type. `saddr`: the address it was sent to, or
 * chosen for a group. Borrows. Linux: icmp_reply().
 */
export function icmpReply(ins: InetNs, skb: Skb, type: number, saddr: number, rest: number): void {
  const b = skb.bytes;
  const to = ip4Src(b, skb.net);
  if (!globalAllows(ins, type, 0)) return;
  const tos = ip4Tos(b, skb.net);
  const d = ins.icmpDst;
  if (routeOutput(ins, d, to, saddr, 0, tos, IPPROTO_ICMP) !== 0) return;
  if (hostAllows(ins, d, type, 0)) send(ins, d, type, 0, rest, tos, skb, skb.off + 8, skb.len - 8);
}

/** Is this type one of those that icmp_ratemask limits? */
function limited(ins: InetNs, type: number, code: number): boolean {
  if (type > NR_ICMP_TYPES || (type === DEST_UNREACH && code === FRAG_NEEDED)) return false;
  return ((1 << type) & ins.set.icmpRatemask) !== 0;
}

/** One bucket for all: icmp_msgs_per_sec, icmp_msgs_burst. */
function globalAllows(ins: InetNs, type: number, code: number): boolean {
  return !limited(ins, type, code) || takeGlobal(ins);
}

/** One token, which ICMPv6 takes from the same bucket. Linux: icmp_global_allow(). */
export function takeGlobal(ins: InetNs): boolean {
  const now = ins.now;
  if (ins.icmpCredit <= 0) {
    const delta = Math.min(now - ins.icmpStampNs, 1e9);
    if (delta >= 2e7) {
      ins.icmpCredit = Math.min(
        ins.icmpCredit + Math.floor((ins.set.icmpMsgsPerSec * delta) / 1e9),
        ins.set.icmpMsgsBurst,
      );
      ins.icmpStampNs = now;
    }
  }
  if (ins.icmpCredit > 0) {
    ins.icmpCredit--;
    return true;
  }
  ins.icmp.OutRateLimitGlobal++;
  return false;
}

/** One bucket for each host: icmp_ratelimit. */
function hostAllows(ins: InetNs, d: Dst, type: number, code: number): boolean {
  if (!limited(ins, type, code)) return true;
  if (((d.dev as NetDevice).flags & IFF_LOOPBACK) !== 0) return true;
  if (peerAllows(peerOf(ins, d.daddr), ins.now, ins.set.icmpRatelimit * 1e6)) return true;
  ins.icmp.OutRateLimitHost++;
  return false;
}

/** The next hop did not answer ARP: the sender learns of it. Borrows. Linux: ipv4_link_failure(). */
export function linkFailure(ins: InetNs, skb: Skb): void {
  if (skb.net < 0 || skb.protocol !== 0x0800) return;
  icmpSend(ins, skb, DEST_UNREACH, 1, 0);
}
