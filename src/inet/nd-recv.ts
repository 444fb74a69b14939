// Neighbour discovery that comes in: solicitations are answered, advertisements learned from. Router advertisements are
// addrconf's. Linux: ndisc_rcv(), ndisc_recv_ns(), ndisc_recv_na(), ndisc_recv_rs() in net/ipv6/ndisc.c.

import { Drop } from '../net/drop.ts';
import type { NetDevice } from '../net/netdev.ts';
import { PKT_HOST, PKT_LOOPBACK, type Skb } from '../net/skb.ts';
import { IFA_F_OPTIMISTIC, IFA_F_TENTATIVE } from '../uapi/addr.ts';
import { NTF_ROUTER, NUD_FAILED, NUD_REACHABLE, NUD_STALE } from '../uapi/neigh.ts';
import { macKey } from '../wire/ethernet.ts';
import { IN6_ALL_NODES, In6, in6At } from '../wire/in6.ts';
import { IP6_DST, IP6_HOP, IP6_SRC } from '../wire/ip6.ts';
import {
  ND_LEN,
  ND_OPT_NONCE,
  ND_OPT_SOURCE_LL_ADDR,
  ND_OPT_TARGET_LL_ADDR,
  ND_OPTIONS,
  ND_TARGET,
  NDISC_NEIGHBOUR_ADVERTISEMENT,
  NDISC_NEIGHBOUR_SOLICITATION,
  NDISC_REDIRECT,
  NDISC_ROUTER_ADVERTISEMENT,
  NDISC_ROUTER_SOLICITATION,
  ndIsOverride,
  ndIsRouter,
  ndIsSolicited,
  ndOption,
} from '../wire/nd.ts';
import { getIfaddr6, onLink6 } from './addr6.ts';
import { isAnycast } from './anycast6.ts';
import {
  DC_ACCEPT_UNTRACKED_NA,
  DC_DROP_UNSOLICITED_NA,
  DC_FORWARDING,
  DC_PROXY_NDP,
  DC_SUPPRESS_FRAG_NDISC,
} from './conf6.ts';
import { purgeRouter6 } from './fib6-sync.ts';
import { CB6_FRAGMENTED } from './ip6-out.ts';
import { sendNa } from './nd-send.ts';
import { F_ISROUTER, F_OVERRIDE, F_OVERRIDE_ISROUTER, F_WEAK_OVERRIDE } from './neigh.ts';
import { proxyEnqueue, proxyQueueFull } from './neigh-proxy.ts';
import { neigh6Create, neigh6For, neigh6Lookup } from './neigh6-table.ts';
import { learnRedirect6 } from './pmtu6.ts';
import type { Ifaddr6, Inet6Dev, Inet6Ns } from './state6.ts';

const HOPS = 255;
const SOLICITED = 0xff02;
const saddr = new In6();
const daddr = new In6();

/** skb.off at the ICMPv6 header. Borrows. */
export function ndRcv(i6: Inet6Ns, skb: Skb, id: Inet6Dev): void {
  const b = skb.bytes;
  if ((skb.cb1 & CB6_FRAGMENTED) !== 0 && id.conf.v[DC_SUPPRESS_FRAG_NDISC] !== 0) return;
  if (b[skb.net + IP6_HOP] !== HOPS || b[skb.off + 1] !== 0) return;
  saddr.read(b, skb.net + IP6_SRC);
  daddr.read(b, skb.net + IP6_DST);
  switch (b[skb.off]) {
    case NDISC_NEIGHBOUR_SOLICITATION:
      if (skb.len >= ND_LEN) solicited(i6, skb, id, false);
      break;
    case NDISC_NEIGHBOUR_ADVERTISEMENT:
      if (skb.len >= ND_LEN) advertised(i6, skb, id);
      break;
    case NDISC_ROUTER_SOLICITATION:
      routerSolicited(skb, id);
      break;
    case NDISC_ROUTER_ADVERTISEMENT:
      i6.stack.door.routerAdvert(skb, id);
      break;
    case NDISC_REDIRECT:
      if (saddr.isLinkLocal) learnRedirect6(i6, skb, id);
      break;
  }
}

/** The link-layer address of option `type`: -1 when it is missing, -2 when the options are no good. */
function lladdrAt(skb: Skb, options: number, type: number, dev: NetDevice): number {
  const b = skb.bytes;
  const at = ndOption(b, skb.off + options, skb.off + skb.len, type);
  if (at < 0) return at;
  return b[at + 1] !== 1 || dev.addrLen !== 6 ? -2 : macKey(b, at + 2);
}

/** Does the nonce option say that this is our own message, come back? RFC 7527. */
function isOwnNonce(skb: Skb, ifa: Ifaddr6): boolean {
  const b = skb.bytes;
  const at = ndOption(b, skb.off + ND_OPTIONS, skb.off + skb.len, ND_OPT_NONCE);
  const nonce = ifa.dadNonce;
  if (at < 0 || b[at + 1] !== 1 || nonce === null) return false;
  for (let i = 0; i < 6; i++) if (b[at + 2 + i] !== nonce[i]) return false;
  return true;
}

/** Linux: ndisc_recv_ns(). `delayed`: it has waited for its proxy delay. */
function solicited(i6: Inet6Ns, skb: Skb, id: Inet6Dev, delayed: boolean): void {
  const b = skb.bytes;
  const dev = id.dev;
  const target = in6At(b, skb.off + ND_TARGET);
  const dad = saddr.isAny;
  if (target.isMulticast) return;
  if (dad && !isSolicitedNode(daddr)) return;
  const mac = lladdrAt(skb, ND_OPTIONS, ND_OPT_SOURCE_LL_ADDR, dev);
  if (mac === -2 || (dad && mac >= 0)) return;
  const group = daddr.isMulticast;
  const ifa = getIfaddr6(i6, target, dev, true);
  let router = id.conf.v[DC_FORWARDING] !== 0;
  if (ifa !== null) {
    if ((ifa.flags & (IFA_F_TENTATIVE | IFA_F_OPTIMISTIC)) !== 0) {
      if (dad) {
        if (isOwnNonce(skb, ifa)) {
          i6.kernel.hooks.log(
            `IPv6: ${dev.name}: IPv6 DAD loopback for address ${target} nonce ${nonceText(ifa)} ignored`,
            dev,
          );
        } else i6.stack.door.dadConflict(ifa, skb);
        return;
      }
      if ((ifa.flags & IFA_F_OPTIMISTIC) === 0) return;
    }
  } else if (!isAnycast(id, target)) {
    const p = router && proxies(i6, id) ? i6.proxies.find(target, dev) : null;
    if (p === null) return;
    router = (p.flags & NTF_ROUTER) !== 0;
    if (!delayed && mayWait(skb, id, group)) return delay(skb, id);
  } else if (!delayed && mayWait(skb, id, group)) return delay(skb, id);
  if (dad) {
    sendNa(id, IN6_ALL_NODES, target, router, false, ifa !== null, true);
    return;
  }
  const asker = saddr.copy();
  const n = !group || mac >= 0 || dev.addrLen === 0 ? neigh6For(id, asker) : neigh6Lookup(id, asker);
  if (n === null) return;
  n.update(mac, NUD_STALE, F_WEAK_OVERRIDE | F_OVERRIDE);
  sendNa(id, asker, target, router, true, ifa !== null && group, group);
}

function isSolicitedNode(a: In6): boolean {
  return a.a >>> 16 === SOLICITED && (a.a & 0xffff) === 0 && a.b === 0 && a.c === 1 && a.d >>> 24 === 0xff;
}

function nonceText(ifa: Ifaddr6): string {
  return [...(ifa.dadNonce ?? [])].map((x) => x.toString(16).padStart(2, '0')).join(':');
}

function proxies(i6: Inet6Ns, id: Inet6Dev): boolean {
  return i6.confAll.v[DC_PROXY_NDP] !== 0 || id.conf.v[DC_PROXY_NDP] !== 0;
}

/** Answers for others and of many wait a random time, so that the real owner comes first. */
function mayWait(skb: Skb, id: Inet6Dev, group: boolean): boolean {
  return skb.pktType !== PKT_HOST && group && id.parms.proxyDelayNs !== 0;
}

function delay(skb: Skb, id: Inet6Dev): void {
  if (proxyQueueFull(id)) return;
  const copy = skb.slabs.clone(skb);
  copy.cb0 = skb.cb0;
  copy.cb1 = skb.cb1;
  proxyEnqueue(id, copy, waited);
}

/** Linux: pneigh_timer_handler(). */
function waited(id: Inet6Dev, skb: Skb): void {
  const b = skb.bytes;
  id.delayed.delete(skb);
  saddr.read(b, skb.net + IP6_SRC);
  daddr.read(b, skb.net + IP6_DST);
  if (id.dev.up) solicited(id.i6, skb, id, true);
  skb.slabs.free(skb, Drop.None);
}

/** Linux: ndisc_recv_na(). */
function advertised(i6: Inet6Ns, skb: Skb, id: Inet6Dev): void {
  const b = skb.bytes;
  const at = skb.off;
  const dev = id.dev;
  const target = in6At(b, at + ND_TARGET);
  const answer = ndIsSolicited(b, at);
  if (target.isMulticast || (daddr.isMulticast && answer)) return;
  if (!answer && id.conf.v[DC_DROP_UNSOLICITED_NA] !== 0) return;
  const mac = lladdrAt(skb, ND_OPTIONS, ND_OPT_TARGET_LL_ADDR, dev);
  if (mac === -2) return;
  const ifa = getIfaddr6(i6, target, dev, true);
  if (ifa !== null) {
    if (skb.pktType === PKT_LOOPBACK) return;
    if ((ifa.flags & IFA_F_TENTATIVE) !== 0) i6.stack.door.dadConflict(ifa, skb);
    else i6.kernel.hooks.log(`ICMPv6: NA: ${macText(skb)} advertised our address ${target} on ${dev.name}!`, dev);
    return;
  }
  let n = neigh6Lookup(id, target);
  let state = answer ? NUD_REACHABLE : NUD_STALE;
  if (n === null && mac >= 0 && id.conf.v[DC_FORWARDING] !== 0 && acceptsUntracked(id)) {
    n = neigh6Create(id, target, false);
    state = NUD_STALE;
  }
  if (n === null || (n.state & NUD_FAILED) !== 0) return;
  if (mac === dev.addr && i6.confAll.v[DC_FORWARDING] !== 0 && i6.confAll.v[DC_PROXY_NDP] !== 0) {
    if (i6.proxies.find(target, dev) !== null) return;
  }
  const was = n.flags;
  const how = F_WEAK_OVERRIDE | F_OVERRIDE_ISROUTER;
  n.update(mac, state, how | (ndIsOverride(b, at) ? F_OVERRIDE : 0) | (ndIsRouter(b, at) ? F_ISROUTER : 0));
  if ((was & ~n.flags & NTF_ROUTER) !== 0) purgeRouter6(i6, saddr.copy());
}

function macText(skb: Skb): string {
  const b = skb.bytes;
  return Array.from({ length: 6 }, (_, i) => b[skb.mac + 6 + i].toString(16).padStart(2, '0')).join(':');
}

/** net.ipv6.conf.*.accept_untracked_na: 1 always, 2 if the sender is in a subnet of ours. */
function acceptsUntracked(id: Inet6Dev): boolean {
  const v = id.conf.v[DC_ACCEPT_UNTRACKED_NA];
  return v === 1 || (v === 2 && onLink6(id, saddr));
}

/** Linux: ndisc_recv_rs(). */
function routerSolicited(skb: Skb, id: Inet6Dev): void {
  if (id.conf.v[DC_FORWARDING] === 0 || saddr.isAny) return;
  const mac = lladdrAt(skb, 8, ND_OPT_SOURCE_LL_ADDR, id.dev);
  if (mac === -2) return;
  neigh6For(id, saddr)?.update(mac, NUD_STALE, F_WEAK_OVERRIDE | F_OVERRIDE | F_OVERRIDE_ISROUTER);
}
