// What ICMPv6 teaches about a destination: a smaller MTU on the path, a nearer router. Kept at the route's nexthop.
// Linux: __ip6_rt_update_pmtu(), rt6_do_redirect() in net/ipv6/route.c.

import type { Skb } from '../net/skb.ts';
import { NUD_STALE } from '../uapi/neigh.ts';
import { macKey } from '../wire/ethernet.ts';
import { type In6, In6Map, In6 as In6Value, in6At } from '../wire/in6.ts';
import { IP6_SRC } from '../wire/ip6.ts';
import { ND_OPT_TARGET_LL_ADDR, ndOption } from '../wire/nd.ts';
import { DC_ACCEPT_REDIRECTS, DC_FORWARDING } from './conf6.ts';
import { Exception6, type Route6 } from './fib6.ts';
import { F_ISROUTER, F_OVERRIDE, F_OVERRIDE_ISROUTER, F_WEAK_OVERRIDE } from './neigh.ts';
import { neigh6For } from './neigh6-table.ts';
import { dst6Mtu, lookupKnown6 } from './route6.ts';
import type { Inet6Dev, Inet6Ns } from './state6.ts';

const MIN_MTU = 1280;
/** rd_msg: the ICMPv6 header, target, destination. */
const TARGET = 8;
const DEST = 24;
const OPTIONS = 40;
const from = new In6Value();

function exceptionFor(i6: Inet6Ns, r: Route6, daddr: In6): Exception6 {
  r.exceptions ??= new In6Map();
  let e = r.exceptions.get(daddr);
  if (e === null) {
    e = new Exception6(daddr);
    r.exceptions.set(daddr, e);
  }
  i6.genid++;
  return e;
}

/** "Packet too big": packets to `daddr` may be `mtu` long from now on. `oif` 0: by any device. */
export function learnMtu6(i6: Inet6Ns, daddr: In6, mtu: number, oif: number): void {
  const d = lookupKnown6(i6, daddr, oif);
  if (d === null || d.route === null || mtu < MIN_MTU || mtu >= dst6Mtu(d)) return;
  const e = exceptionFor(i6, d.route, daddr);
  e.pmtu = mtu;
  e.expiresNs = i6.now + i6.set.mtuExpiresS * 1e9;
}

/** A redirect (skb.off at its ICMPv6 header). Borrows. */
export function learnRedirect6(i6: Inet6Ns, skb: Skb, id: Inet6Dev): void {
  const b = skb.bytes;
  const at = skb.off;
  if (skb.len < OPTIONS) return;
  const target = in6At(b, at + TARGET);
  const dest = in6At(b, at + DEST);
  if (dest.isMulticast) return;
  const onLink = dest.equals(target);
  if (!onLink && !target.isLinkLocal) return;
  if (id.conf.v[DC_FORWARDING] !== 0 || id.conf.v[DC_ACCEPT_REDIRECTS] === 0) return;
  const opt = ndOption(b, at + OPTIONS, at + skb.len, ND_OPT_TARGET_LL_ADDR);
  if (opt === -2) return;
  const mac = opt < 0 ? -1 : macKey(b, opt + 2);
  const d = lookupKnown6(i6, dest, id.dev.ifindex);
  from.read(b, skb.net + IP6_SRC);
  // Only the router that is used now may send us elsewhere.
  if (d === null || d.route === null || d.route.dev !== id.dev || !d.gateway.equals(from)) return;
  const route = d.route;
  id.neighs.get(from)?.confirm();
  const n = neigh6For(id, target);
  if (n === null) return;
  n.update(mac, NUD_STALE, F_WEAK_OVERRIDE | F_OVERRIDE | (onLink ? 0 : F_OVERRIDE_ISROUTER | F_ISROUTER));
  exceptionFor(i6, route, dest).gateway = target;
}
