// The door for rtnl/ to IPv6's routes; addresses have theirs in addr6-control.ts. As control.ts, which is the door to
// neighbours of both families.
// Linux: net/ipv6/route.c, inet6_rtm_newroute() and its kin, inet6_rtm_getroute(), rt6_fill_node().

import type { Kernel } from '../net/kernel.ts';
import { Refusal } from '../net/linkops.ts';
import type { NetNs } from '../net/netns.ts';
import { In6 } from '../wire/in6.ts';
import { EAFNOSUPPORT, EINVAL, ENODEV } from './errno.ts';
import { type Exception6, type Route6, RTF_CACHE, RTF_EXPIRES } from './fib6.ts';
import { route6New, route6Remove } from './fib6-create.ts';
import { D6_GATEWAY, D6_REDIRECTED, Dst6, routeInput6, routeOutput6 } from './route6.ts';
import { selectSource6 } from './saddr6.ts';
import { type Inet6Ns, inet6Ns, stack6Of } from './state6.ts';
import type { Inet6Hooks, Route6Info, Route6Request, RouteGet6Answer, RouteGet6Request } from './types6.ts';

export type * from './types6.ts';

const RTM_F_CLONED = 0x200;
const RTAX_MTU = 2;

/** The kernel's notification hooks; rtnl installs its functions in the fields. */
export function inet6Hooks(kernel: Kernel): Inet6Hooks {
  return stack6Of(kernel).hooks;
}

function stateOf(ns: NetNs): Inet6Ns {
  const i6 = inet6Ns(ns);
  if (i6 === null) throw new Refusal(EAFNOSUPPORT);
  return i6;
}

/** NLM_F_CREATE, EXCL, REPLACE and APPEND in req.nlFlags mean what they mean in Linux. */
export function route6Add(ns: NetNs, req: Route6Request): void {
  route6New(stateOf(ns), req);
}

export function route6Del(ns: NetNs, req: Route6Request): void {
  route6Remove(stateOf(ns), req);
}

/** Routes as the kernel lists them: table main first, then local, then the others; `table` 0: all, null: there is none such. */
export function route6Dump(ns: NetNs, table = 0): Route6Info[] | null {
  const i6 = inet6Ns(ns);
  if (i6 === null) return [];
  if (table !== 0 && !i6.tables.has(table)) return null;
  const out: Route6Info[] = [];
  const order = [...i6.tables.values()].sort((a, b) => (a.id & 255) - (b.id & 255) || a.id - b.id);
  for (const t of order) {
    if (table !== 0 && t.id !== table) continue;
    out.push(...t.routes); // expired ones as well, until they are collected
  }
  return out;
}

/** What nexthops learned about single destinations: redirects, path MTUs. `table` 0: all. Linux: rt6_dump_route(). */
export function route6Learned(ns: NetNs, table = 0): Route6Info[] {
  const i6 = inet6Ns(ns);
  if (i6 === null) return [];
  const out: Route6Info[] = [];
  for (const r of [...i6.tables.values()].flatMap((t) => (table === 0 || t.id === table ? t.routes : []))) {
    for (const e of r.exceptions?.values() ?? []) {
      if (e.expiresNs === 0 || e.expiresNs > i6.now) out.push(learned(r, e));
    }
  }
  return out;
}

function learned(r: Route6, e: Exception6): Route6Info {
  const { table, protocol, type, dev, metric, pref } = r;
  const rtf = (r.rtf & ~RTF_EXPIRES) | RTF_CACHE | (e.expiresNs !== 0 ? RTF_EXPIRES : 0);
  const own = r.metrics.filter((m) => m[0] !== RTAX_MTU);
  const metrics = e.pmtu !== 0 ? [...own, [RTAX_MTU, e.pmtu] as const] : r.metrics;
  const way = { dev, gateway: e.gateway ?? r.gateway, nhFlags: 0, prefsrc: null, metrics, expiresNs: e.expiresNs };
  return { dst: e.dst, dstLen: 128, table, protocol, type, rtf, metric, pref, ...way };
}

export function route6Get(ns: NetNs, req: RouteGet6Request): RouteGet6Answer {
  const i6 = stateOf(ns);
  const d = new Dst6();
  d.daddr.set(req.dst);
  if (req.src !== null) d.saddr.set(req.src);
  if (req.iif !== 0) {
    const dev = ns.devByIndex(req.iif);
    if (dev === null) throw new Refusal(ENODEV);
    routeInput6(i6, d, dev);
  } else routeOutput6(i6, d, req.oif, false);
  if (d.error !== 0) throw new Refusal(-d.error);
  const r = d.route as Route6;
  if (d.dev === null) throw new Refusal(EINVAL);
  return {
    dst: req.dst.copy(),
    src: req.src,
    prefsrc: req.iif !== 0 ? null : sourceFor(i6, r, req.dst),
    type: r.type,
    table: r.table,
    protocol: r.protocol,
    dev: d.dev,
    gateway: (d.flags & D6_GATEWAY) !== 0 ? d.gateway.copy() : null,
    metric: r.metric,
    rtf: r.rtf,
    nhFlags: 0, // those are the entry's, not the way's
    flags: d.pmtu !== 0 || (r.exceptions?.has(req.dst) ?? false) ? RTM_F_CLONED : 0,
    iif: req.iif,
    pref: r.pref,
    error: 0,
    expiresNs: d.pmtu !== 0 || (d.flags & D6_REDIRECTED) !== 0 ? d.expiresNs : 0, // of what was learned, not of the entry
    metrics: d.pmtu !== 0 ? [...r.metrics.filter((m) => m[0] !== RTAX_MTU), [RTAX_MTU, d.pmtu]] : r.metrics,
    route: r,
  };
}

/** Linux: ip6_route_get_saddr(). */
function sourceFor(i6: Inet6Ns, r: Route6, dst: In6): In6 | null {
  if (r.prefsrc !== null) return r.prefsrc;
  const out = new In6();
  return selectSource6(i6, r.dev, dst, 0, out) === 0 ? out : null;
}
