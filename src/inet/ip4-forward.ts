// Forwarding: a hop fewer, perhaps a redirect, and out. Linux: net/ipv4/ip_forward.c, ip_rt_send_redirect() in route.c.

import { Drop } from '../net/drop.ts';
import { networkLen } from '../net/gso.ts';
import { CSUM_COMPLETE, CSUM_NONE, PKT_HOST, type Skb } from '../net/skb.ts';
import { IP4_DF, ip4DecTtl, ip4Dst, ip4Frag, ip4Src, ip4Tos, ip4Ttl } from '../wire/ip4.ts';
import { icmpSend } from './icmp-send.ts';
import { CB_FORWARDED, ipOutput } from './ip4-out.ts';
import { peerOf } from './peers.ts';
import { type Dst, forwardMtu, RTCF_DOREDIRECT } from './route.ts';
import type { InetNs } from './state.ts';
import { tosPriority } from './tos.ts';

/** Sends a redirect at most 9 times, each wait twice the one before; silence of 20 s begins anew. */
const REDIRECT_LOAD_NS = 20e6;
const REDIRECT_NUMBER = 9;
const REDIRECT_SILENCE_NS = REDIRECT_LOAD_NS * 1024;

/** Takes. Linux: ip_forward(). */
export function ipForward(ins: InetNs, skb: Skb, d: Dst): void {
  const trace = ins.kernel.trace;
  if (trace.step !== null) trace.step('ip_forward', skb, skb.dev);
  if (skb.pktType !== PKT_HOST) {
    skb.slabs.free(skb, Drop.IpNotForUs);
    return;
  }
  if (skb.ipSummed === CSUM_COMPLETE) skb.ipSummed = CSUM_NONE;
  if (ip4Ttl(skb.bytes, skb.off) <= 1) {
    ins.ip.InHdrErrors++;
    icmpSend(ins, skb, 11, 0, 0);
    skb.slabs.free(skb, Drop.IpTtl);
    return;
  }
  ins.ip.OutForwDatagrams++;
  const mtu = forwardMtu(ins, d);
  if (networkLen(skb) > mtu && (ip4Frag(skb.bytes, skb.off) & IP4_DF) !== 0) {
    ins.ip.FragFails++;
    icmpSend(ins, skb, 3, 4, mtu);
    skb.slabs.free(skb, Drop.PacketTooBig);
    return;
  }
  if (!skb.slabs.unshare(skb)) {
    skb.slabs.free(skb, Drop.NoMemory);
    return;
  }
  ip4DecTtl(skb.bytes, skb.off);
  if ((d.flags & RTCF_DOREDIRECT) !== 0) sendRedirect(ins, skb, d);
  if (ins.set.ipForwardUpdatePriority !== 0) skb.priority = tosPriority(ip4Tos(skb.bytes, skb.off));
  skb.cb1 = CB_FORWARDED;
  skb.tstampNs = 0;
  ipOutput(ins, skb, d);
}

function sendRedirect(ins: InetNs, skb: Skb, d: Dst): void {
  const peer = peerOf(ins, ip4Src(skb.bytes, skb.off));
  const now = ins.now;
  if (now > peer.rateLastNs + REDIRECT_SILENCE_NS) {
    peer.tokensNs = 0;
    peer.redirects = 0;
  }
  if (peer.redirects >= REDIRECT_NUMBER) {
    peer.rateLastNs = now;
    return;
  }
  if (peer.redirects > 0 && now <= peer.rateLastNs + REDIRECT_LOAD_NS * 2 ** peer.redirects) return;
  icmpSend(ins, skb, 5, 1, d.gateway !== 0 ? d.gateway : ip4Dst(skb.bytes, skb.off));
  peer.rateLastNs = now;
  peer.redirects++;
}
