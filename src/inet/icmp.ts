// ICMP that we receive: echo and timestamp are answered, errors go to the socket they are about, redirects and MTUs are
// learned. Linux: net/ipv4/icmp.c, icmp_rcv() and its handlers.

import { Drop } from '../net/drop.ts';
import type { NetDevice } from '../net/netdev.ts';
import { CSUM_NONE, type Skb } from '../net/skb.ts';
import { RT_SCOPE_LINK, RT_SCOPE_UNIVERSE } from '../uapi/route.ts';
import { setU32, u32 } from '../wire/bytes.ts';
import {
  ICMP_DEST_UNREACH,
  ICMP_ECHO,
  ICMP_ECHOREPLY,
  ICMP_PARAMETERPROB,
  ICMP_REDIRECT,
  ICMP_SOURCE_QUENCH,
  ICMP_TIME_EXCEEDED,
  ICMP_TIMESTAMP,
  ICMP_TIMESTAMPREPLY,
  icmpCheckOk,
} from '../wire/icmp.ts';
import {
  IP4_HLEN,
  IPPROTO_ICMP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  ip4Dst,
  ip4Hlen,
  ip4Proto,
  ip4Src,
  ip4Tos,
} from '../wire/ip4.ts';
import { FibKey, fibResult, type Route } from './fib.ts';
import { fibLookup } from './fib-lookup.ts';
import { icmpReply } from './icmp-send.ts';
import { selectAddr } from './inetdev.ts';
import { isZeronet } from './ipaddr.ts';
import { pingError, pingRcv } from './ping-socket.ts';
import { learnMtu, learnRedirect } from './pmtu.ts';
import { rawError } from './raw.ts';
import { RTCF_BROADCAST, RTCF_MULTICAST, routePrefsrc } from './route.ts';
import type { InetNs } from './state.ts';
import { tcp4Error } from './tcp4.ts';
import { udpError } from './udp.ts';

const NR_ICMP_TYPES = 18;
const GROUP = RTCF_BROADCAST | RTCF_MULTICAST;

/** skb.off at the ICMP header. Takes. */
export function icmpRcv(ins: InetNs, skb: Skb): void {
  const trace = ins.kernel.trace;
  if (trace.step !== null) trace.step('icmp_rcv', skb, skb.dev);
  const st = ins.icmp;
  st.InMsgs++;
  const b = skb.bytes;
  const at = skb.off;
  if (skb.len < 8 || (skb.ipSummed === CSUM_NONE && !icmpCheckOk(b, at, skb.len))) {
    if (skb.len >= 8) st.InCsumErrors++;
    st.InErrors++;
    skb.slabs.free(skb, skb.len < 8 ? Drop.Malformed : Drop.IcmpChecksum);
    return;
  }
  const type = b[at];
  st.inType[type]++;
  const group = (skb.cb0 & GROUP) !== 0;
  if (type > NR_ICMP_TYPES) {
    st.InErrors++;
    skb.slabs.free(skb, Drop.NoHandler);
    return;
  }
  if (group && !allowedForGroup(ins, type)) {
    st.InErrors++;
    skb.slabs.free(skb, Drop.IpNotForUs);
    return;
  }
  handle(ins, skb, type);
}

/** RFC 1122 3.2.2.6: who pings a group may be ignored, and is by default. */
function allowedForGroup(ins: InetNs, type: number): boolean {
  if (type === ICMP_ECHO || type === ICMP_TIMESTAMP) return ins.set.icmpEchoIgnoreBroadcasts === 0;
  return type === 17 || type === 18;
}

function handle(ins: InetNs, skb: Skb, type: number): void {
  switch (type) {
    case ICMP_ECHOREPLY:
      pingRcv(ins, skb);
      return;
    case ICMP_ECHO:
      if (ins.set.icmpEchoIgnoreAll === 0) {
        icmpReply(ins, skb, ICMP_ECHOREPLY, specDst(ins, skb), u32(skb.bytes, skb.off + 4));
      }
      break;
    case ICMP_TIMESTAMP:
      timestamp(ins, skb);
      break;
    case ICMP_DEST_UNREACH:
    case ICMP_TIME_EXCEEDED:
    case ICMP_PARAMETERPROB:
    case ICMP_SOURCE_QUENCH:
      unreach(ins, skb, type);
      break;
    case ICMP_REDIRECT:
      if (skb.len < 8 + IP4_HLEN) ins.icmp.InErrors++;
      else deliverError(ins, skb, type, 0);
      break;
  }
  skb.slabs.free(skb, Drop.None);
}

/** The address to answer from: the one asked, or the best one towards the asker. Linux: fib_compute_spec_dst(). */
function specDst(ins: InetNs, skb: Skb): number {
  const b = skb.bytes;
  if ((skb.cb0 & GROUP) === 0) return ip4Dst(b, skb.net);
  const src = ip4Src(b, skb.net);
  if (isZeronet(src)) return selectAddr(ins, skb.dev as NetDevice, src, RT_SCOPE_LINK);
  key.dst = src;
  key.tos = ip4Tos(b, skb.net);
  if (fibLookup(ins, key) === 0) return routePrefsrc(ins, fibResult.route as Route);
  return selectAddr(ins, skb.dev as NetDevice, src, RT_SCOPE_UNIVERSE);
}

const key = new FibKey();

/** Milliseconds since midnight; the model's day begins when it boots. Linux: icmp_timestamp(). */
function timestamp(ins: InetNs, skb: Skb): void {
  if (skb.len < 20 || !skb.slabs.unshare(skb)) {
    ins.icmp.InErrors++;
    return;
  }
  const ms = Math.floor(ins.now / 1e6) % 86_400_000;
  setU32(skb.bytes, skb.off + 12, ms);
  setU32(skb.bytes, skb.off + 16, ms);
  skb.len = 20;
  icmpReply(ins, skb, ICMP_TIMESTAMPREPLY, specDst(ins, skb), u32(skb.bytes, skb.off + 4));
}

/** Linux: icmp_unreach(). */
function unreach(ins: InetNs, skb: Skb, type: number): void {
  const b = skb.bytes;
  const at = skb.off;
  const code = b[at + 1];
  if (skb.len < 8 + IP4_HLEN || ip4Hlen(b, at + 8) < IP4_HLEN) {
    ins.icmp.InErrors++;
    return;
  }
  let info = 0;
  if (type === ICMP_DEST_UNREACH) {
    if (code > 15) return;
    if (code === 4) {
      if (ins.set.ipNoPmtuDisc === 2) return;
      if (ins.set.ipNoPmtuDisc === 0 || ins.set.ipNoPmtuDisc === 3) info = u32(b, at + 4) & 0xffff;
    }
  } else if (type === ICMP_PARAMETERPROB) info = u32(b, at + 4) >>> 24;
  else if (type === ICMP_TIME_EXCEEDED && code === 1) return;
  deliverError(ins, skb, type, info);
}

/** To raw sockets, then to the protocol that the quoted packet belongs to. Linux: icmp_socket_deliver(). */
function deliverError(ins: InetNs, skb: Skb, type: number, info: number): void {
  const b = skb.bytes;
  const quoted = skb.off + 8;
  const hlen = ip4Hlen(b, quoted);
  if (skb.len - 8 < hlen + 8) {
    ins.icmp.InErrors++;
    return;
  }
  const code = b[skb.off + 1];
  const proto = ip4Proto(b, quoted);
  if (type === ICMP_DEST_UNREACH && code === 4) learnMtu(ins, ip4Dst(b, quoted), ip4Tos(b, quoted), info);
  else if (type === ICMP_REDIRECT) learnRedirect(ins, skb, quoted);
  rawError(ins, skb, quoted, proto, type, code, info);
  if (proto === IPPROTO_UDP) udpError(ins, skb, quoted, type, code, info);
  else if (proto === IPPROTO_TCP) tcp4Error(ins, skb, quoted, type, code);
  else if (proto === IPPROTO_ICMP) pingError(ins, skb, quoted, type, code, info);
}
