// IP output: from a finished packet and a Dst to the neighbour. Loops multicasts and broadcasts back to this host,
// fragments what is too long. Linux: net/ipv4/ip_output.c, ip_local_out(), ip_output(), ip_mc_output(), ip_finish_output2().

import { Drop } from '../net/drop.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { Skb } from '../net/skb.ts';
import { setU16 } from '../wire/bytes.ts';
import { ETH_P_IP } from '../wire/ethernet.ts';
import {
  IP4_DF,
  IP4_DST,
  IP4_FRAG,
  IP4_ID,
  IP4_PROTO,
  IP4_SRC,
  IP4_TTL,
  ip4Dst,
  ip4Frag,
  ip4Ttl,
  setIp4Check,
  setIp4TotalLen,
} from '../wire/ip4.ts';
import { EINVAL, EMSGSIZE, ENOBUFS } from './errno.ts';
import { fragment } from './frag-out.ts';
import { icmpSend } from './icmp-send.ts';
import { neighOutput } from './neigh-out.ts';
import { neighFor } from './neigh-table.ts';
import { type Dst, dstMtu, forwardMtu, RTCF_BROADCAST, RTCF_MULTICAST } from './route.ts';
import { type InDevice, type InetNs, inDev } from './state.ts';

/** skb.cb0 in this room: the RTCF_* flags of its route. skb.cb1: these. Linux: IPSKB_*, skb->ignore_df. */
export const CB_FORWARDED = 1;
export const CB_IGNORE_DF = 2;
export const CB_NO_MC_LOOP = 4;

/**
 * A header of 20 bytes from d.saddr to d.daddr, whose length and checksum ipLocalOut() adds. The addresses are not
 * arguments: those past 127.255.255.255 are no small integers and would be boxed for the call.
 */
export function writeHeader(
  b: Uint8Array,
  at: number,
  tos: number,
  id: number,
  frag: number,
  ttl: number,
  proto: number,
  d: Dst,
): void {
  const saddr = d.saddr;
  const daddr = d.daddr;
  b[at] = 0x45;
  b[at + 1] = tos;
  setU16(b, at + IP4_ID, id);
  setU16(b, at + IP4_FRAG, frag);
  b[at + IP4_TTL] = ttl;
  b[at + IP4_PROTO] = proto;
  b[at + IP4_SRC] = saddr >>> 24;
  b[at + IP4_SRC + 1] = saddr >>> 16;
  b[at + IP4_SRC + 2] = saddr >>> 8;
  b[at + IP4_SRC + 3] = saddr;
  b[at + IP4_DST] = daddr >>> 24;
  b[at + IP4_DST + 1] = daddr >>> 16;
  b[at + IP4_DST + 2] = daddr >>> 8;
  b[at + IP4_DST + 3] = daddr;
}

/** A packet made here: length and checksum, then out. Takes. 0, an NET_XMIT code or -errno. Linux: __ip_local_out(). */
export function ipLocalOut(ins: InetNs, skb: Skb, d: Dst): number {
  skb.net = skb.off;
  setIp4TotalLen(skb.bytes, skb.off, skb.len);
  setIp4Check(skb.bytes, skb.off);
  ins.ip.OutRequests++;
  const trace = ins.kernel.trace;
  if (trace.step !== null) trace.step('ip_local_out', skb, d.dev);
  return ipOutput(ins, skb, d);
}

/** ip_send_skb(): the device's refusal as an errno for the sender. */
export function ipSend(ins: InetNs, skb: Skb, d: Dst): number {
  const trace = ins.kernel.trace;
  if (trace.step !== null) trace.step('ip_send_skb', skb, d.dev);
  const rc = ipLocalOut(ins, skb, d);
  if (rc === 0) return 0;
  const err = xmitErrno(rc);
  if (err !== 0) ins.ip.OutDiscards++;
  return err;
}

/** Congestion is success, another loss is ENOBUFS. Linux: net_xmit_errno(). */
export function xmitErrno(rc: number): number {
  return rc > 0 ? (rc === 2 ? 0 : -ENOBUFS) : rc;
}

/** A complete packet (skb.off and skb.net at its header) leaves by `d`. Takes. */
export function ipOutput(ins: InetNs, skb: Skb, d: Dst): number {
  const dev = d.dev as NetDevice;
  const trace = ins.kernel.trace;
  skb.dev = dev;
  skb.protocol = ETH_P_IP;
  skb.cb0 = d.flags;
  if (trace.step !== null) trace.step(d.mcOutput ? 'ip_mc_output' : 'ip_output', skb, dev);
  if (d.mcOutput && !loopCopy(ins, skb, d, dev)) return 0;
  return ipFinishOutput(ins, skb, d);
}

/** A copy of a multicast or broadcast for listeners on this host; false: the packet was only for them. */
function loopCopy(ins: InetNs, skb: Skb, d: Dst, dev: NetDevice): boolean {
  const multicast = (d.flags & RTCF_MULTICAST) !== 0;
  if (!multicast || (skb.cb1 & CB_NO_MC_LOOP) === 0) ins.kernel.softirq.loopbackXmit(skb, dev);
  if (multicast && ip4Ttl(skb.bytes, skb.off) === 0) {
    skb.slabs.free(skb, Drop.None);
    return false;
  }
  return true;
}

/** Fragments if it must. Linux: __ip_finish_output(). */
function ipFinishOutput(ins: InetNs, skb: Skb, d: Dst): number {
  const trace = ins.kernel.trace;
  if (trace.step !== null) trace.step('ip_finish_output', skb, d.dev);
  const mtu = (skb.cb1 & CB_FORWARDED) !== 0 ? forwardMtu(ins, d) : dstMtu(d);
  if (skb.len <= mtu || skb.gsoSize > 0) return ipFinishOutput2(ins, skb, d);
  if ((ip4Frag(skb.bytes, skb.off) & IP4_DF) !== 0 && (skb.cb1 & CB_IGNORE_DF) === 0) {
    ins.ip.FragFails++;
    icmpSend(ins, skb, 3, 4, mtu);
    skb.slabs.free(skb, Drop.PacketTooBig);
    return -EMSGSIZE;
  }
  return fragment(ins, skb, d, mtu);
}

/** The next hop's entry, then its output. Linux: ip_finish_output2(). */
export function ipFinishOutput2(ins: InetNs, skb: Skb, d: Dst): number {
  const dev = d.dev as NetDevice;
  const trace = ins.kernel.trace;
  if (trace.step !== null) trace.step('ip_finish_output2', skb, dev);
  const ip = ins.ip;
  ip.OutTransmits++;
  ip.OutOctets += skb.len;
  if ((d.flags & (RTCF_MULTICAST | RTCF_BROADCAST)) !== 0) countGroup(ins, skb, d);
  if (dev.hardHeaderLen === 0) return dev.core.kernel.tx.devQueueXmit(skb, null);
  let n = d.neigh;
  if (n === null || n.dead) {
    n = neighFor(inDev(dev) as InDevice, d.gateway !== 0 ? d.gateway : ip4Dst(skb.bytes, skb.off));
    d.neigh = n;
    if (n === null) {
      skb.slabs.free(skb, Drop.NoMemory);
      return -EINVAL;
    }
  }
  return neighOutput(n, skb);
}

function countGroup(ins: InetNs, skb: Skb, d: Dst): void {
  if ((d.flags & RTCF_MULTICAST) !== 0) {
    ins.ip.OutMcastPkts++;
    ins.ip.OutMcastOctets += skb.len;
  } else {
    ins.ip.OutBcastPkts++;
    ins.ip.OutBcastOctets += skb.len;
  }
}
