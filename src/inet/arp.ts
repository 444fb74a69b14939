// ARP: asking, answering and learning. Linux: net/ipv4/arp.c, arp_solicit(), arp_send_dst(), arp_rcv(), arp_process().
// Only Ethernet and IPv4; answers on behalf of others are arp-proxy.ts.

import { Drop } from '../net/drop.ts';
import { IFF_NOARP } from '../net/flags.ts';
import type { NetDevice } from '../net/netdev.ts';
import { PKT_HOST, PKT_LOOPBACK, PKT_OTHERHOST, type Skb } from '../net/skb.ts';
import { NUD_REACHABLE, NUD_STALE } from '../uapi/neigh.ts';
import { RT_SCOPE_HOST, RT_SCOPE_LINK, RTN_LOCAL, RTN_UNICAST } from '../uapi/route.ts';
import {
  ARP_LEN,
  ARPOP_REPLY,
  ARPOP_REQUEST,
  arpIsEthIp4,
  arpOp,
  arpSha,
  arpSpa,
  arpTha,
  arpTpa,
  setArp,
} from '../wire/arp.ts';
import { ETH_P_ARP } from '../wire/ethernet.ts';
import { ip4Src } from '../wire/ip4.ts';
import { proxyAnswer } from './arp-proxy.ts';
import {
  ARP_ACCEPT,
  ARP_ANNOUNCE,
  ARP_FILTER,
  ARP_IGNORE,
  DROP_GRATUITOUS_ARP,
  FORWARDING,
  ROUTE_LOCALNET,
} from './conf.ts';
import { addrType, isLocalAddr } from './fib-lookup.ts';
import { confirmAddr, onLink, selectAddr } from './inetdev.ts';
import { isLoopback, isMulticast } from './ipaddr.ts';
import { F_OVERRIDE, type Neigh } from './neigh.ts';
import { sendTo } from './neigh-out.ts';
import { neighFor, neighLookup } from './neigh-table.ts';
import { routeOutput } from './route.ts';
import { routeInput } from './route-in.ts';
import { type InDevice, inDev, inetNs, maxConf, orConf } from './state.ts';

/** Sends one ARP message; `dst` is where the frame goes, `tha` what the message says. Linux: arp_send_dst(). */
export function arpSend(dev: NetDevice, op: number, dst: number, spa: number, tha: number, tpa: number): void {
  if ((dev.flags & IFF_NOARP) !== 0) return;
  const kernel = dev.core.kernel;
  const skb = kernel.skbs.alloc(ARP_LEN);
  if (skb === null) return;
  skb.net = skb.off;
  skb.protocol = ETH_P_ARP;
  skb.dev = dev;
  skb.trace = kernel.newTrace();
  setArp(skb.bytes, skb.off, op, dev.addr, spa, tha, tpa);
  if (kernel.trace.step !== null) kernel.trace.step('arp_xmit', skb, dev);
  sendTo(dev, skb, dst);
}

/** Asks for a neighbour; `skb` is the newest frame that waits for it. Linux: arp_solicit(). */
export function arpSolicit(n: Neigh, skb: Skb | null): void {
  const ind = n.ind as InDevice;
  const ins = ind.ins;
  let src = skb === null ? 0 : ip4Src(skb.bytes, skb.net);
  const announce = maxConf(ind, ARP_ANNOUNCE);
  if (src !== 0) {
    const keep = announce < 2 && isLocalAddr(ins, src) && (announce === 0 || onLink(ind, n.dst, src));
    if (!keep) src = 0;
  }
  if (src === 0) src = selectAddr(ins, n.dev, n.dst, RT_SCOPE_LINK);
  const p = ind.parms;
  const past = n.probes - p.ucastProbes;
  if (past >= 0 && past < p.appProbes) return; // a user-space ARP daemon's turn: nobody listens in the model
  const to = past < 0 ? n.lladdr : n.dev.broadcast;
  arpSend(n.dev, ARPOP_REQUEST, to, src, 0, n.dst);
}

/** Tells everyone on the link about our addresses. Linux: inetdev_send_gratuitous_arp(). */
export function arpAnnounce(ind: InDevice): void {
  const dev = ind.dev;
  for (const ifa of ind.addrs) arpSend(dev, ARPOP_REQUEST, dev.broadcast, ifa.local, 0, ifa.local);
}

/** The protocol handler of 0x0806. Takes. Linux: arp_rcv(). */
export function arpRcv(skb: Skb, dev: NetDevice): void {
  const trace = dev.core.kernel.trace;
  if (trace.step !== null) trace.step('arp_rcv', skb, dev);
  if ((dev.flags & IFF_NOARP) !== 0 || skb.pktType === PKT_OTHERHOST || skb.pktType === PKT_LOOPBACK) {
    skb.slabs.free(skb, skb.pktType === PKT_OTHERHOST ? Drop.OtherHost : Drop.ArpBad);
    return;
  }
  if (!arpIsEthIp4(skb.bytes, skb.off, skb.len)) {
    skb.slabs.free(skb, Drop.ArpBad);
    return;
  }
  const ok = arpProcess(skb, dev, false);
  if (ok !== KEPT) skb.slabs.free(skb, ok === 1 ? Drop.None : Drop.ArpBad);
}

/** arpProcess(): the frame was taken and waits for its proxy delay. */
export const KEPT = 2;

/**
 * Understands a message; borrows it unless KEPT. 1: it was for somebody; 0: it was not acceptable. `delayed`: it has
 * waited for its proxy delay. Linux: arp_process().
 */
export function arpProcess(skb: Skb, dev: NetDevice, delayed: boolean): number {
  const ind = inDev(dev);
  if (ind === null) return 0;
  const ins = ind.ins;
  const b = skb.bytes;
  const op = arpOp(b, skb.off);
  if (op !== ARPOP_REPLY && op !== ARPOP_REQUEST) return 0;
  const sha = arpSha(b, skb.off);
  const sip = arpSpa(b, skb.off);
  const tip = arpTpa(b, skb.off);
  if (isMulticast(tip) || (isLoopback(tip) && !orConf(ind, ROUTE_LOCALNET))) return 0;
  if (sip === tip && orConf(ind, DROP_GRATUITOUS_ARP)) return 0;
  if (sip === 0) {
    // RFC 2131 duplicate address detection: nothing is learned from it.
    if (op === ARPOP_REQUEST && isLocalAddr(ins, tip) && !arpIgnore(ind, sip, tip)) {
      arpSend(dev, ARPOP_REPLY, sha, tip, sha, sip);
    }
    return 1;
  }
  const d = ins.rxDst;
  if (op === ARPOP_REQUEST && routeInput(ins, d, tip, sip, 0, dev, 0, false) === 0) {
    if (d.type === RTN_LOCAL) {
      answerForUs(ind, sha, sip, tip);
      return 1;
    }
    if (ind.conf.v[FORWARDING] !== 0 && d.type === RTN_UNICAST && d.dev !== null) {
      const done = proxyAnswer(ind, skb, d.dev, sha, sip, tip, delayed);
      if (done !== 0) return done;
    }
  }
  learn(ind, skb, op, sha, sip, tip, arpTha(b, skb.off));
  return 1;
}

function answerForUs(ind: InDevice, sha: number, sip: number, tip: number): void {
  if (arpIgnore(ind, sip, tip)) return;
  if (orConf(ind, ARP_FILTER) && filtered(ind, sip, tip)) return;
  if (neighEvent(ind, sha, sip)) arpSend(ind.dev, ARPOP_REPLY, sha, tip, sha, sip);
}

/** The asker is heard of: its entry is made or refreshed. Linux: neigh_event_ns(). */
export function neighEvent(ind: InDevice, sha: number, sip: number): boolean {
  const n = neighFor(ind, sip);
  if (n === null) return false;
  n.update(sha, NUD_STALE, F_OVERRIDE);
  return true;
}

/** Linux: the end of arp_process(). */
function learn(ind: InDevice, skb: Skb, op: number, sha: number, sip: number, tip: number, tha: number): void {
  let n = neighLookup(ind, sip);
  const accept = acceptUnknown(ind, sip);
  if (n === null && !accept) return;
  const uni = addrType(ind.ins, sip) === RTN_UNICAST;
  const gratuitous = sip === tip && (op !== ARPOP_REPLY || tha === sha) && uni;
  if (n === null && (gratuitous || (op === ARPOP_REPLY && uni))) n = neighFor(ind, sip);
  if (n === null) return;
  // Of several answers back to back the first wins: it is the nearest proxy's.
  const override = gratuitous || ind.ins.now > n.updatedNs + ind.parms.locktimeNs;
  const state = op === ARPOP_REPLY && skb.pktType === PKT_HOST ? NUD_REACHABLE : NUD_STALE;
  n.update(sha, state, override ? F_OVERRIDE : 0);
}

/** net.ipv4.conf.*.arp_accept: 1 always, 2 if the sender is in a subnet of ours. Linux: arp_accept(). */
function acceptUnknown(ind: InDevice, sip: number): boolean {
  const v = maxConf(ind, ARP_ACCEPT);
  if (v === 1) return true;
  return v === 2 && confirmAddr(ind.ins, ind, sip, 0, RT_SCOPE_LINK);
}

/** Linux: arp_ignore(). */
function arpIgnore(ind: InDevice, sip: number, tip: number): boolean {
  switch (maxConf(ind, ARP_IGNORE)) {
    case 1:
      return !confirmAddr(ind.ins, ind, 0, tip, RT_SCOPE_HOST);
    case 2:
      return !confirmAddr(ind.ins, ind, sip, tip, RT_SCOPE_HOST);
    case 3:
      return !confirmAddr(ind.ins, null, 0, tip, RT_SCOPE_LINK);
    case 8:
      return true;
    default:
      return false;
  }
}

/** arp_filter: only the device by which we would answer answers. Linux: arp_filter(). */
function filtered(ind: InDevice, sip: number, tip: number): boolean {
  const ins = inetNs(ind.dev.ns);
  const d = ins.tmpDst;
  if (routeOutput(ins, d, sip, tip, 0, 0, 0) !== 0) return true;
  if (d.dev === ind.dev) return false;
  ins.ip.ArpFilter++;
  return true;
}
