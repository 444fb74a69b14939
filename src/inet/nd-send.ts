// Neighbour discovery messages that we send: solicitations, advertisements, router solicitations; and MLD's, which go
// out the same way, without a route. Linux: ndisc_send_skb(), ndisc_send_ns(), ndisc_send_na(), ndisc_send_rs() in
// net/ipv6/ndisc.c; mld_sendpack() in mcast.c.

import type { NetDevice } from '../net/netdev.ts';
import { IFA_F_OPTIMISTIC, IFA_F_TENTATIVE } from '../uapi/addr.ts';
import { setMacKey } from '../wire/ethernet.ts';
import { setIcmp6Check } from '../wire/icmp6.ts';
import { IN6_ALL_NODES, In6, solicitedNode } from '../wire/in6.ts';
import { IP6_HLEN, IPPROTO_ICMPV6, NEXTHDR_HOP } from '../wire/ip6.ts';
import {
  ND_LEN,
  ND_OPT_NONCE,
  ND_OPT_SOURCE_LL_ADDR,
  ND_OPT_TARGET_LL_ADDR,
  ND_TARGET,
  NDISC_NEIGHBOUR_ADVERTISEMENT,
  NDISC_NEIGHBOUR_SOLICITATION,
  NDISC_ROUTER_SOLICITATION,
  setNdLlOption,
} from '../wire/nd.ts';
import { getIfaddr6 } from './addr6.ts';
import { DC_FORCE_TLLAO, DC_FORWARDING, DC_NDISC_TCLASS } from './conf6.ts';
import { icmp6OutCount } from './icmp6-send.ts';
import { CB6_NO_MC_LOOP, ip6LocalOut, writeHeader6 } from './ip6-out.ts';
import { D6_MULTICAST } from './route6.ts';
import { lladdrOf, selectSource6 } from './saddr6.ts';
import type { Inet6Dev } from './state6.ts';

const ND_HOPS = 255;
const own = new In6();

/**
 * An ICMPv6 message out by this device without a route lookup; its checksum is written here. `ext`: a hop-by-hop header of
 * eight bytes, or null. Linux: ndisc_send_skb(), mld_sendpack().
 */
export function sendIcmp6(
  d: Inet6Dev,
  saddr: In6,
  daddr: In6,
  hopLimit: number,
  message: Uint8Array,
  ext: Uint8Array | null,
): void {
  emit(d, saddr, daddr, hopLimit, message, ext, ext === null ? CB6_NO_MC_LOOP : 0, 0);
}

function emit(
  d: Inet6Dev,
  saddr: In6,
  daddr: In6,
  hopLimit: number,
  message: Uint8Array,
  ext: Uint8Array | null,
  cb: number,
  tclass: number,
): void {
  const i6 = d.i6;
  const extLen = ext === null ? 0 : ext.length;
  const skb = i6.kernel.skbs.alloc(IP6_HLEN + extLen + message.length);
  if (skb === null) return;
  const r = i6.ndDst;
  r.genid = 0;
  r.route = null;
  r.dev = d.dev;
  r.idev = d.dev;
  r.neigh = null;
  r.flags = daddr.isMulticast ? D6_MULTICAST : 0;
  r.mtu = 0;
  r.pmtu = 0;
  r.gateway.clear();
  r.saddr.set(saddr);
  r.daddr.set(daddr);
  const b = skb.bytes;
  const at = skb.off + IP6_HLEN + extLen;
  writeHeader6(b, skb.off, tclass, 0, ext === null ? IPPROTO_ICMPV6 : NEXTHDR_HOP, hopLimit, r);
  if (ext !== null) {
    b.set(ext, skb.off + IP6_HLEN);
    b[skb.off + IP6_HLEN] = IPPROTO_ICMPV6;
  }
  b.set(message, at);
  setIcmp6Check(b, skb.off, at, message.length);
  skb.net = skb.off;
  skb.transport = at;
  skb.cb1 = cb;
  skb.trace = i6.kernel.newTrace();
  const trace = i6.kernel.trace;
  if (trace.step !== null) trace.step('ndisc_send_skb', skb, d.dev);
  const type = message[0];
  if (ip6LocalOut(i6, skb, r) >= 0) icmp6OutCount(i6, d.dev, type);
}

function send(d: Inet6Dev, saddr: In6, daddr: In6, message: Uint8Array): void {
  emit(d, saddr, daddr, ND_HOPS, message, null, CB6_NO_MC_LOOP, d.conf.v[DC_NDISC_TCLASS]);
}

function llOption(m: Uint8Array, at: number, type: number, dev: NetDevice): void {
  setNdLlOption(m, at, type);
  setMacKey(m, at + 2, dev.addr);
}

/**
 * "Who is `target`?", asked of `daddr`; null: of its group. `saddr` null: a link-local address of the device, if it has one; `::` for duplicate address detection,
 * with a nonce of six bytes (RFC 7527) or null. Linux: ndisc_send_ns().
 */
export function sendNs(d: Inet6Dev, daddr: In6 | null, target: In6, saddr: In6 | null, nonce: Uint8Array | null): void {
  let from = saddr;
  if (from === null) {
    if (!lladdrOf(d, IFA_F_TENTATIVE | IFA_F_OPTIMISTIC, own)) return;
    from = own;
  }
  const opt = !from.isAny && d.dev.addrLen > 0;
  const m = new Uint8Array(ND_LEN + (opt ? 8 : 0) + (nonce !== null ? 8 : 0));
  m[0] = NDISC_NEIGHBOUR_SOLICITATION;
  target.write(m, ND_TARGET);
  if (opt) llOption(m, ND_LEN, ND_OPT_SOURCE_LL_ADDR, d.dev);
  if (nonce !== null) {
    const at = ND_LEN + (opt ? 8 : 0);
    m[at] = ND_OPT_NONCE;
    m[at + 1] = 1;
    m.set(nonce, at + 2);
  }
  send(d, from, daddr ?? solicitedNode(target), m);
}

/** "I am `target`." Linux: ndisc_send_na(). */
export function sendNa(
  d: Inet6Dev,
  daddr: In6,
  target: In6,
  router: boolean,
  solicited: boolean,
  override: boolean,
  withLladdr: boolean,
): void {
  const ifa = getIfaddr6(d.i6, target, d.dev, true);
  let from = target;
  let over = override;
  let opt = withLladdr;
  if (ifa !== null) {
    if ((ifa.flags & IFA_F_OPTIMISTIC) !== 0) over = false;
    opt = opt || d.conf.v[DC_FORCE_TLLAO] !== 0;
  } else {
    // For an anycast address or somebody else's: an own one.
    if (selectSource6(d.i6, d.dev, daddr, 0, own) !== 0) return;
    from = own;
  }
  if (d.dev.addrLen === 0) opt = false;
  const m = new Uint8Array(ND_LEN + (opt ? 8 : 0));
  m[0] = NDISC_NEIGHBOUR_ADVERTISEMENT;
  m[4] = (router ? 0x80 : 0) | (solicited ? 0x40 : 0) | (over ? 0x20 : 0);
  target.write(m, ND_TARGET);
  if (opt) llOption(m, ND_LEN, ND_OPT_TARGET_LL_ADDR, d.dev);
  send(d, from, daddr, m);
}

/** Tells everyone on the link about our addresses. Linux: ndisc_send_unsol_na(). */
export function announce6(d: Inet6Dev): void {
  for (const ifa of [...d.addrs]) {
    if ((ifa.flags & (IFA_F_TENTATIVE | IFA_F_OPTIMISTIC)) === IFA_F_TENTATIVE) continue;
    sendNa(d, IN6_ALL_NODES, ifa.addr, d.conf.v[DC_FORWARDING] !== 0, false, true, true);
  }
}

/** "Are there routers?" With our link-layer address unless the source is optimistic or `::`. Linux: ndisc_send_rs(). */
export function sendRs(d: Inet6Dev, saddr: In6, daddr: In6): void {
  const ifa = getIfaddr6(d.i6, saddr, d.dev, true);
  const opt = d.dev.addrLen > 0 && ifa !== null && (ifa.flags & IFA_F_OPTIMISTIC) === 0;
  const m = new Uint8Array(8 + (opt ? 8 : 0));
  m[0] = NDISC_ROUTER_SOLICITATION;
  if (opt) llOption(m, 8, ND_OPT_SOURCE_LL_ADDR, d.dev);
  send(d, saddr, daddr, m);
}
