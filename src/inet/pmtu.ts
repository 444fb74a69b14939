// What ICMP teaches about a destination: a smaller MTU on the path, a nearer gateway. Kept at the route's nexthop for
// ip_rt_mtu_expires. Linux: __ip_rt_update_pmtu(), __ip_do_redirect() in net/ipv4/route.c.

import type { Skb } from '../net/skb.ts';
import { RTN_UNICAST } from '../uapi/route.ts';
import { u32 } from '../wire/bytes.ts';
import { ip4Dst, ip4Src, ip4Tos } from '../wire/ip4.ts';
import { ACCEPT_REDIRECTS, FORWARDING, SECURE_REDIRECTS, SHARED_MEDIA } from './conf.ts';
import { Exception, FibKey, fibResult, type Route } from './fib.ts';
import { addrType, fibLookup } from './fib-lookup.ts';
import { onLink } from './inetdev.ts';
import { INADDR_BROADCAST, isMulticast, isZeronet } from './ipaddr.ts';
import { NUD_VALID } from './neigh.ts';
import { neighFor } from './neigh-table.ts';
import { andConf, type InDevice, type InetNs, inDev, orConf } from './state.ts';

const REDIRECT_NS = 300e9;
const RTAX_LOCK = 1;
const RTAX_MTU = 2;
const key = new FibKey();

function routeTo(ins: InetNs, daddr: number, tos: number): Route | null {
  key.dst = daddr;
  key.tos = tos;
  return fibLookup(ins, key) === 0 ? fibResult.route : null;
}

function exceptionFor(ins: InetNs, r: Route, daddr: number): Exception {
  r.exceptions ??= new Map();
  let e = r.exceptions.get(daddr);
  if (e === undefined) {
    e = new Exception();
    r.exceptions.set(daddr, e);
  }
  ins.genid++;
  return e;
}

/** "Fragmentation needed": packets to `daddr` may be `mtu` long from now on. */
export function learnMtu(ins: InetNs, daddr: number, tos: number, mtu: number): void {
  const r = routeTo(ins, daddr, tos);
  if (r === null || r.dev === null) return;
  if (r.metrics.some(([t, v]) => t === RTAX_LOCK && (v & (1 << RTAX_MTU)) !== 0)) return;
  const known = r.exceptions?.get(daddr);
  const now = ins.now;
  const valid = known !== undefined && known.pmtu !== 0 && known.expiresNs > now;
  const old = valid ? known.pmtu : r.mtu !== 0 ? r.mtu : r.dev.mtu;
  if (old < mtu) return;
  const lock = mtu < ins.set.minPmtu;
  const e = exceptionFor(ins, r, daddr);
  e.pmtu = lock ? Math.min(old, ins.set.minPmtu) : mtu;
  e.pmtuLocked = lock;
  e.expiresNs = now + ins.set.mtuExpiresS * 1e9;
}

/** A redirect: `quoted` is the offset of the packet that it is about. */
export function learnRedirect(ins: InetNs, skb: Skb, quoted: number): void {
  const b = skb.bytes;
  const gw = u32(b, skb.off + 4);
  const from = ip4Src(b, skb.net);
  const daddr = ip4Dst(b, quoted);
  const dev = skb.dev;
  const ind = dev === null ? null : inDev(dev);
  if (ind === null || b[skb.off + 1] > 3) return;
  const r = routeTo(ins, daddr, ip4Tos(b, quoted));
  if (r === null || r.dev === null) return;
  const known = r.exceptions?.get(daddr);
  const current = known !== undefined && known.gateway !== 0 ? known.gateway : r.gateway;
  if (current !== from || !acceptable(ins, ind, gw, from)) return;
  const outd = inDev(r.dev);
  const n = outd === null ? null : neighFor(outd, gw);
  if (n === null) return;
  if ((n.state & NUD_VALID) === 0) {
    n.eventSend(null);
    return;
  }
  const e = exceptionFor(ins, r, daddr);
  e.gateway = gw;
  e.expiresNs = ins.now + REDIRECT_NS;
}

function acceptable(ins: InetNs, ind: InDevice, gw: number, old: number): boolean {
  const on = ind.conf.v[FORWARDING] !== 0 ? andConf(ind, ACCEPT_REDIRECTS) : orConf(ind, ACCEPT_REDIRECTS);
  if (!on || gw === old || isMulticast(gw) || gw === INADDR_BROADCAST || isZeronet(gw)) return false;
  if (orConf(ind, SHARED_MEDIA)) return addrType(ins, gw) === RTN_UNICAST;
  return onLink(ind, gw, old) && (!orConf(ind, SECURE_REDIRECTS) || isDefaultGw(ins, gw));
}

/** Is it one of the gateways of a default route? Linux: ip_fib_check_default(). */
function isDefaultGw(ins: InetNs, gw: number): boolean {
  return (ins.main.bucket(0, 0) ?? []).some((r) => r.gateway === gw);
}
