// IPv6 output: from a finished packet and a Dst6 to the neighbour. Loops multicasts back to this host, fragments what is
// too long. Linux: net/ipv6/ip6_output.c, ip6_local_out(), ip6_output(), ip6_finish_output2().

import { Drop } from '../net/drop.ts';
import { IFF_LOOPBACK } from '../net/flags.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { Skb } from '../net/skb.ts';
import { ETH_P_IPV6 } from '../wire/ethernet.ts';
import { In6 } from '../wire/in6.ts';
import { IP6_DST, IP6_HLEN, IP6_SRC, ip6HopLimit, setIp6, setIp6PayloadLen } from '../wire/ip6.ts';
import { DC_DISABLE_IPV6 } from './conf6.ts';
import { EINVAL } from './errno.ts';
import { fragment6 } from './frag6-out.ts';
import { xmitErrno } from './ip4-out.ts';
import { mc6IsMember } from './mc6.ts';
import { neighOutput } from './neigh-out.ts';
import { neigh6For } from './neigh6-table.ts';
import { D6_GATEWAY, type Dst6, dst6Mtu } from './route6.ts';
import { type Inet6Dev, type Inet6Ns, in6Dev } from './state6.ts';

/** skb.cb0 in this room: the D6_* flags of its route; skb.cb1: these. Linux: IP6SKB_*. */
export const CB6_FORWARDED = 1;
export const CB6_NO_MC_LOOP = 4;
export const CB6_ROUTER_ALERT = 8;
/** It came in pieces. */
export const CB6_FRAGMENTED = 16;

const to = new In6();

/** A header from d.saddr to d.daddr; ip6LocalOut() adds the length. */
export function writeHeader6(
  b: Uint8Array,
  at: number,
  tclass: number,
  flow: number,
  next: number,
  hopLimit: number,
  d: Dst6,
): void {
  setIp6(b, at, tclass, flow, 0, next, hopLimit);
  d.saddr.write(b, at + IP6_SRC);
  d.daddr.write(b, at + IP6_DST);
}

/** A packet made here: its length, then out. Takes. 0, an NET_XMIT code or -errno. Linux: __ip6_local_out(). */
export function ip6LocalOut(i6: Inet6Ns, skb: Skb, d: Dst6): number {
  skb.net = skb.off;
  const len = skb.len - IP6_HLEN;
  setIp6PayloadLen(skb.bytes, skb.off, len > 0xffff ? 0 : len);
  i6.ip.OutRequests++;
  const id = d.idev === null ? null : in6Dev(d.idev);
  if (id !== null) id.ip.OutRequests++;
  return ip6Output(i6, skb, d);
}

/** ip6_send_skb(): the device's refusal as an errno for the sender. */
export function ip6Send(i6: Inet6Ns, skb: Skb, d: Dst6): number {
  const rc = ip6LocalOut(i6, skb, d);
  if (rc === 0) return 0;
  const err = xmitErrno(rc);
  if (err !== 0) i6.ip.OutDiscards++;
  return err;
}

/** A complete packet (skb.off and skb.net at its header) leaves by `d`. Takes. */
export function ip6Output(i6: Inet6Ns, skb: Skb, d: Dst6): number {
  const dev = d.dev as NetDevice;
  const trace = i6.kernel.trace;
  skb.dev = dev;
  skb.protocol = ETH_P_IPV6;
  skb.cb0 = d.flags;
  if (trace.step !== null) trace.step('ip6_output', skb, dev);
  const id = d.idev === null ? null : in6Dev(d.idev);
  if (id === null || id.conf.v[DC_DISABLE_IPV6] !== 0) {
    i6.ip.OutDiscards++;
    if (id !== null) id.ip.OutDiscards++;
    skb.slabs.free(skb, Drop.Ip6Disabled);
    return 0;
  }
  if (skb.len > dst6Mtu(d) && skb.gsoSize === 0) return fragment6(i6, skb, d, id);
  return ip6FinishOutput2(i6, skb, d, id);
}

/** The next hop's entry, then its output. `id`: whose counters count. Linux: ip6_finish_output2(). */
export function ip6FinishOutput2(i6: Inet6Ns, skb: Skb, d: Dst6, id: Inet6Dev): number {
  const dev = d.dev as NetDevice;
  const trace = i6.kernel.trace;
  if (trace.step !== null) trace.step('ip6_finish_output2', skb, dev);
  const multicast = skb.bytes[skb.off + IP6_DST] === 0xff;
  if (multicast && !sendGroup(i6, skb, dev, id)) return 0;
  i6.ip.OutTransmits++;
  i6.ip.OutOctets += skb.len;
  id.ip.OutTransmits++;
  id.ip.OutOctets += skb.len;
  if (dev.hardHeaderLen === 0) return dev.core.kernel.tx.devQueueXmit(skb, null);
  let n = d.neigh;
  if (n === null || n.dead) {
    const out = in6Dev(dev);
    n =
      out === null
        ? null
        : neigh6For(out, (d.flags & D6_GATEWAY) !== 0 ? d.gateway : to.read(skb.bytes, skb.off + IP6_DST));
    d.neigh = n;
    if (n === null) {
      i6.ip.OutNoRoutes++;
      id.ip.OutNoRoutes++;
      skb.slabs.free(skb, Drop.NoMemory);
      return -EINVAL;
    }
  }
  return neighOutput(n, skb);
}

/** A copy for listeners on this host; false: it goes no further. */
function sendGroup(i6: Inet6Ns, skb: Skb, dev: NetDevice, id: Inet6Dev): boolean {
  const b = skb.bytes;
  const at = skb.off;
  const loop = (dev.flags & IFF_LOOPBACK) !== 0;
  if (!loop && (skb.cb1 & CB6_NO_MC_LOOP) === 0) {
    const out = in6Dev(dev);
    if (out !== null && mc6IsMember(out, to.read(b, at + IP6_DST))) {
      i6.kernel.softirq.loopbackXmit(skb, dev);
      if (ip6HopLimit(b, at) === 0) {
        i6.ip.OutDiscards++;
        id.ip.OutDiscards++;
        skb.slabs.free(skb, Drop.None);
        return false;
      }
    }
  }
  i6.ip.OutMcastPkts++;
  i6.ip.OutMcastOctets += skb.len;
  id.ip.OutMcastPkts++;
  id.ip.OutMcastOctets += skb.len;
  if ((b[at + IP6_DST + 1] & 15) <= 1 && !loop) {
    skb.slabs.free(skb, Drop.None);
    return false;
  }
  return true;
}

/** The flow label of a conversation: a hash that only this host can tell. Linux: ip6_make_flowlabel(). */
export function flowLabel(i6: Inet6Ns, d: Dst6, proto: number, ports: number): number {
  if (i6.set.autoFlowlabels === 0) return 0;
  const s = d.saddr;
  const t = d.daddr;
  let h = Math.imul(s.d ^ Math.imul(t.d, 0x9e3779b1) ^ i6.stack.flowSeed, 0x85ebca6b);
  h = Math.imul((h ^ (h >>> 15)) + (s.c ^ Math.imul(t.c, 0x9e3779b1)), 0xc2b2ae35);
  h = Math.imul((h ^ (h >>> 13)) + (s.b ^ t.a) + Math.imul(s.a ^ t.b, 31), 0x27d4eb2f);
  h = Math.imul((h ^ (h >>> 16)) + ports + proto, 0x165667b1);
  const label = (h ^ (h >>> 15)) & 0xfffff;
  return i6.set.flowlabelStateRanges !== 0 ? label | 0x80000 : label;
}
