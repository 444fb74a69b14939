// Dumps of routes and rules, and `ip route get`. Linux: net/ipv4/route.c, inet_rtm_getroute(); fib_frontend.c,
// inet_dump_fib().

import { Refusal } from '../net/linkops.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { RT_TABLE_LOCAL, RT_TABLE_MAIN, RTN_UNREACHABLE } from '../uapi/route.ts';
import { EHOSTUNREACH, ENODEV } from './errno.ts';
import { FibKey, fibResult, type Route } from './fib.ts';
import { fibLookup } from './fib-lookup.ts';
import { LOOPBACK_IFINDEX } from './fib-rules.ts';
import { Dst, RTCF_LOCAL, routeOutput } from './route.ts';
import { routeInput } from './route-in.ts';
import { type InetNs, inDev, inetNs } from './state.ts';
import type { RouteException, RouteGetAnswer, RouteGetRequest, RouteInfo } from './types.ts';

/** Tables in the order of their hash, as a dump of all of them walks. */
/** Tables begin with their first route, and stay; 0 is all of them. */
export function hasTable(ns: NetNs, table: number): boolean {
  return table === 0 || inetNs(ns).tables.has(table);
}

export function routeDump(ns: NetNs, table = 0): RouteInfo[] {
  const ins = inetNs(ns);
  if (table !== 0) return [...(ins.tables.get(table)?.routes ?? [])];
  const tables = [...ins.tables.values()].sort((a, b) => (a.id & 255) - (b.id & 255) || b.id - a.id);
  return tables.flatMap((t) => t.routes);
}

/** What a route learned of single destinations, as far as it is used and has not expired. Linux: fnhe_dump_bucket(). */
export function routeExceptions(ns: NetNs, route: RouteInfo): RouteException[] {
  const { exceptions } = route as Route;
  const { now } = inetNs(ns);
  return [...(exceptions ?? [])].flatMap(([dst, { gateway, pmtu, expiresNs, used }]) =>
    used && expiresNs > now
      ? [{ dst, gateway: gateway || route.gateway, redirected: gateway !== 0, pmtu, expiresNs }]
      : [],
  );
}

const key = new FibKey();

/** The entry that the lookup ends at, asked anew: only for people, so it may cost. */
function entryFor(ins: InetNs, req: RouteGetRequest): Route | null {
  key.dst = req.dst;
  key.src = req.src;
  key.iif = req.iif !== 0 ? req.iif : LOOPBACK_IFINDEX;
  key.tos = req.tos;
  key.oif = req.iif !== 0 ? 0 : req.oif;
  return fibLookup(ins, key) === 0 ? fibResult.route : null;
}

/** Whose realms are not known yet takes them from there. Linux: set_class_tag(). */
function withRealms(flow: number, tag: number): number {
  const to = (flow & 0xffff) === 0 ? tag & 0xffff : flow & 0xffff;
  const from = flow >>> 16 === 0 ? tag >>> 16 : flow >>> 16;
  return ((from << 16) | to) >>> 0;
}

/** RTA_FLOW: realms of the route and of its rule; of what comes in also those of the way back. Linux: rt_set_nexthop(). */
function realmsFor(ins: InetNs, d: Dst, req: RouteGetRequest, entry: Route | null): number {
  const own = (entry?.flow ?? 0) >>> 0;
  const rule = ins.rules?.flow ?? 0;
  if (req.iif === 0) return entry === null ? 0 : withRealms(own, rule);
  key.dst = req.src;
  key.src = req.dst;
  key.iif = LOOPBACK_IFINDEX;
  key.tos = req.tos;
  key.oif = 0;
  const way = fibLookup(ins, key) === 0 ? fibResult.route : null;
  const dev = ins.ns.devByIndex(req.iif);
  // A device without addresses has no way back.
  const known = way !== null && (way.dev === dev || (dev !== null && (inDev(dev)?.addrs.length ?? 0) > 0));
  const back = known ? way.flow : 0;
  const tag = known ? (ins.rules?.flow ?? 0) : 0;
  const source = (((back << 16) >>> 0 || (tag << 16) >>> 0) | (tag >>> 16)) >>> 0; // fib_combine_itag()
  return (d.flags & RTCF_LOCAL) !== 0 ? source : withRealms(withRealms(own, rule), source);
}

export function routeGet(ns: NetNs, req: RouteGetRequest): RouteGetAnswer {
  const ins = inetNs(ns);
  const d = new Dst();
  if (req.iif !== 0) {
    const dev = ns.devByIndex(req.iif);
    if (dev === null) throw new Refusal(ENODEV);
    const err = routeInput(ins, d, req.dst, req.src, req.tos, dev, 0, true);
    if (err !== 0) throw new Refusal(-err);
    if (d.type === RTN_UNREACHABLE) throw new Refusal(d.error === 0 ? EHOSTUNREACH : d.error);
  } else {
    const err = routeOutput(ins, d, req.dst, req.src, req.oif, req.tos, req.ipProto);
    if (err !== 0) throw new Refusal(-err);
  }
  const entry = entryFor(ins, req);
  return {
    dst: req.dst,
    src: req.src,
    prefsrc: req.iif !== 0 ? 0 : d.saddr,
    type: d.type,
    scope: 0,
    // Without rules of one's own local and main are one trie, and the lookup was in main.
    table: entry !== null && (entry.table !== RT_TABLE_LOCAL || ins.rules !== null) ? entry.table : RT_TABLE_MAIN,
    protocol: 0,
    dev: inputLocal(ins, d, req) ?? (d.dev as NetDevice),
    gateway: d.gateway,
    flags: d.flags >>> 0,
    mark: req.mark,
    iif: req.iif,
    flow: realmsFor(ins, d, req, entry),
    pmtu: d.pmtu,
    expiresNs: d.expiresNs,
    metrics: d.route?.metrics ?? [],
    route: entry,
  };
}

/** A packet for this host ends at lo. */
function inputLocal(ins: InetNs, d: Dst, req: RouteGetRequest): NetDevice | null {
  return req.iif !== 0 && (d.flags & RTCF_LOCAL) !== 0 ? ins.loopback : null;
}
