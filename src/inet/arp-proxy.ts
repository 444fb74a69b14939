// Answering ARP for somebody else: proxy_arp, proxy_arp_pvlan and proxy entries, after a random delay so that a true
// owner answers first. Linux: arp_fwd_proxy(), arp_fwd_pvlan(), neigh_proxy_process().

import { Drop } from '../net/drop.ts';
import type { NetDevice } from '../net/netdev.ts';
import { PKT_HOST, type Skb } from '../net/skb.ts';
import { ARPOP_REPLY } from '../wire/arp.ts';
import { arpProcess, arpSend, KEPT, neighEvent } from './arp.ts';
import { MEDIUM_ID, PROXY_ARP, PROXY_ARP_PVLAN } from './conf.ts';
import { proxyEnqueue, proxyQueueFull } from './neigh-proxy.ts';
import { type InDevice, inDev, orConf } from './state.ts';

/** 0: not ours to answer; 1: answered; KEPT: waits. `out` is the device by which we would forward. */
export function proxyAnswer(
  ind: InDevice,
  skb: Skb,
  out: NetDevice,
  sha: number,
  sip: number,
  tip: number,
  delayed: boolean,
): number {
  const ours =
    forwards(ind, out) || pvlan(ind, out, sip, tip) || (out !== ind.dev && ind.ins.proxies.find(tip, ind.dev) !== null);
  if (!ours) return 0;
  neighEvent(ind, sha, sip);
  if (delayed || skb.pktType === PKT_HOST || ind.parms.proxyDelayNs === 0) {
    arpSend(ind.dev, ARPOP_REPLY, sha, tip, sha, sip);
    return 1;
  }
  return enqueue(ind, skb);
}

function forwards(ind: InDevice, out: NetDevice): boolean {
  if (out === ind.dev || !orConf(ind, PROXY_ARP)) return false;
  const here = ind.conf.v[MEDIUM_ID];
  if (here === 0) return true;
  if (here === -1) return false;
  const o = inDev(out);
  const there = o === null ? -1 : o.conf.v[MEDIUM_ID];
  return there !== here && there !== -1;
}

function pvlan(ind: InDevice, out: NetDevice, sip: number, tip: number): boolean {
  return out === ind.dev && sip !== tip && ind.conf.v[PROXY_ARP_PVLAN] !== 0;
}

function enqueue(ind: InDevice, skb: Skb): number {
  if (proxyQueueFull(ind)) return 1;
  skb.dev = ind.dev;
  proxyEnqueue(ind, skb, later);
  return KEPT;
}

function later(ind: InDevice, skb: Skb): void {
  ind.delayed.delete(skb);
  if (ind.dev.up && arpProcess(skb, ind.dev, true) === KEPT) return;
  skb.slabs.free(skb, ind.dev.up ? Drop.None : Drop.DeviceDown);
}
