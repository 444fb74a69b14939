// RTM_NEWROUTE, RTM_DELROUTE and the dump of IPv4 routes. One lookup (RTM_GETROUTE) is route-get.ts.
// Linux: net/ipv4/fib_frontend.c, rtm_to_fib_config(), inet_dump_fib(); fib_semantics.c, fib_dump_info(), rtmsg_fib().

import { hasTable, routeAdd, routeDel, routeDump, routeExceptions } from '../inet/control.ts';
import { RTCF_REDIRECTED } from '../inet/route.ts';
import type { RouteInfo, RouteRequest } from '../inet/types.ts';
import type { NetNs } from '../net/netns.ts';
import { encodeTo } from '../netlink/attrs.ts';
import { NlError } from '../netlink/error.ts';
import { writeStruct } from '../netlink/struct.ts';
import type { Writer } from '../netlink/writer.ts';
import { AF_INET, AF_INET6 } from '../uapi/link.ts';
import { RTM_DELROUTE, RTM_NEWROUTE } from '../uapi/msgtype.ts';
import { NLM_F_DUMP_FILTERED } from '../uapi/netlink.ts';
import { type RouteAttrs, RT_TABLE_COMPAT, RTA, RTAX, RTM_F_CLONED, RTM_F_PREFIX, RTMSG } from '../uapi/route.ts';
import { RTNLGRP_IPV4_ROUTE } from '../uapi/rtnlgrp.ts';
import type { Dump } from './dump.ts';
import { notify } from './listeners.ts';
import { originOf } from './origin.ts';
import type { Request } from './request.ts';
import type { Tb } from './tb.ts';
import { ticksOf } from './ticks.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** RTA_*. */
export const R = {
  DST: 1,
  SRC: 2,
  IIF: 3,
  OIF: 4,
  GATEWAY: 5,
  PRIORITY: 6,
  PREFSRC: 7,
  METRICS: 8,
  MULTIPATH: 9,
  FLOW: 11,
  TABLE: 15,
  MARK: 16,
  VIA: 18,
  ENCAP_TYPE: 21,
  ENCAP: 22,
  UID: 25,
  IP_PROTO: 27,
  SPORT: 28,
  DPORT: 29,
  NH_ID: 30,
} as const;

const ECN_BITS = 3;
const RTN_MAX = 11;
const RTAX_CC_ALGO = 16;
const RTAX_MAX = 17;

export function newRoute(req: Request): void {
  routeAdd(req.ns, requestOf(req));
}

export function delRoute(req: Request): void {
  routeDel(req.ns, requestOf(req));
}

function requestOf(req: Request): RouteRequest {
  const tb = req.parse(RTMSG, RTA);
  const rtm = req.header(RTMSG);
  if ((rtm.tos & ECN_BITS) !== 0) throw new NlError('EINVAL', 'Invalid dsfield (tos): ECN bits must be 0');
  if (rtm.type > RTN_MAX) throw new NlError('EINVAL', 'Invalid route type');
  const via = viaOf(tb);
  if (tb.has(R.GATEWAY) && via !== null) {
    throw new NlError('EINVAL', 'Nexthop configuration can not contain both GATEWAY and VIA');
  }
  return {
    dst: tb.be32(R.DST),
    dstLen: rtm.dstLen,
    tos: rtm.tos,
    table: tb.has(R.TABLE) ? tb.u32(R.TABLE) : rtm.table,
    protocol: rtm.protocol,
    scope: rtm.scope,
    type: rtm.type,
    flags: rtm.flags,
    oif: tb.u32(R.OIF),
    gateway: tb.has(R.GATEWAY) ? tb.be32(R.GATEWAY) : via?.family === AF_INET ? via.address : null,
    priority: tb.u32(R.PRIORITY),
    prefsrc: tb.be32(R.PREFSRC),
    flow: tb.u32(R.FLOW),
    metrics: metricsOf(tb),
    hasMultipath: tb.has(R.MULTIPATH),
    hasEncap: tb.u16(R.ENCAP_TYPE) !== 0,
    hasVia6: via?.family === AF_INET6,
    nhId: tb.u32(R.NH_ID),
    nlFlags: req.flags,
  };
}

/** A gateway of any family: struct rtvia. */
function viaOf(tb: Tb): { family: number; address: number } | null {
  if (!tb.has(R.VIA)) return null;
  const family = tb.u16(R.VIA);
  const room = tb.len(R.VIA) - 2;
  const wanted = family === AF_INET ? 4 : family === AF_INET6 ? 16 : -1;
  if (room !== wanted)
    throw new NlError(
      'EINVAL',
      wanted < 0 ? 'Unsupported address family in RTA_VIA' : 'Invalid IPv4 address in RTA_VIA',
    );
  return { family, address: family === AF_INET ? tb.src.view.getUint32(tb.start(R.VIA) + 2, false) : 0 };
}

export function metricsOf(tb: Tb): Array<[number, number]> | null {
  if (!tb.has(R.METRICS)) return null;
  const out: Array<[number, number]> = [];
  tb.each(R.METRICS, (type, from, to) => {
    if (type === 0) return;
    if (type > RTAX_MAX) throw new NlError('EINVAL', 'Invalid metric type');
    if (type === RTAX_CC_ALGO) throw new NlError('EOPNOTSUPP', 'The model has no congestion control to choose');
    if (to - from !== 4) throw new NlError('EINVAL', 'Invalid attribute in metrics');
    out.push([type, tb.src.view.getUint32(from, true)]);
  });
  return out;
}

/** What a dump is asked for. Linux: struct fib_dump_filter. */
export interface RouteFilter {
  /** rtm_flags: RTM_F_CLONED, RTM_F_PREFIX. */
  flags: number;
  table: number;
  protocol: number;
  type: number;
  oif: number;
}

export function dumpRoutes(req: Request, out: Dump): void {
  const flags = req.len >= RTMSG.size ? req.header(RTMSG).flags : 0;
  const filter = req.strict ? filterOf(req) : { table: 0, protocol: 0, type: 0, oif: 0, flags };
  if ((filter.flags & RTM_F_PREFIX) !== 0) return;
  const cloned = (filter.flags & RTM_F_CLONED) !== 0;
  const filtered = filter.table !== 0 || filter.protocol !== 0 || filter.type !== 0 || filter.oif !== 0;
  if (filtered) out.extraFlags = out.answerFlags = NLM_F_DUMP_FILTERED;
  if (!hasTable(req.ns, filter.table)) {
    if (req.family !== AF_INET) return;
    throw new NlError('ENOENT', 'ipv4: FIB table does not exist');
  }
  for (const route of routeDump(req.ns, filter.table)) {
    if (filter.protocol !== 0 && route.protocol !== filter.protocol) continue;
    if (filter.type !== 0 && route.type !== filter.type) continue;
    if (filter.oif !== 0 && route.dev?.ifindex !== filter.oif) continue;
    if (!req.strict || !cloned) out.message(RTM_NEWROUTE, (w) => fillRoute(w, route));
    if (!req.strict || cloned) dumpExceptions(req, out, route);
  }
}

function dumpExceptions(req: Request, out: Dump, route: RouteInfo): void {
  const { now } = req.kernel.loop;
  for (const { dst, gateway, redirected, pmtu, expiresNs } of routeExceptions(req.ns, route)) {
    const { table, type, dev } = route;
    const flags = (RTM_F_CLONED | (redirected ? RTCF_REDIRECTED : 0)) >>> 0;
    const header = { family: AF_INET, dstLen: 32, table: table < 256 ? table : RT_TABLE_COMPAT, type, flags };
    const a: Mutable<RouteAttrs> = { table, dst, oif: dev?.ifindex ?? 0 };
    if (gateway !== 0) a.gateway = gateway;
    if (pmtu !== 0) a.metrics = { mtu: pmtu };
    const expires = ticksOf(expiresNs - now);
    a.cacheinfo = { clntref: 0, lastuse: 0, expires, error: 0, used: 0, id: 0, ts: 0, tsage: 0 };
    out.message(RTM_NEWROUTE, (w) => {
      writeStruct(RTMSG, header, w);
      encodeTo(RTA, a, w);
    });
  }
}

/** Linux: ip_valid_fib_dump_req(). */
export function filterOf(req: Request): RouteFilter {
  if (req.len < RTMSG.size) throw new NlError('EINVAL', 'Invalid header for FIB dump request');
  const rtm = req.header(RTMSG);
  if (rtm.dstLen !== 0 || rtm.srcLen !== 0 || rtm.tos !== 0 || rtm.scope !== 0) {
    throw new NlError('EINVAL', 'Invalid values in header for FIB dump request');
  }
  if ((rtm.flags & ~(RTM_F_CLONED | RTM_F_PREFIX)) !== 0) {
    throw new NlError('EINVAL', 'Invalid flags for FIB dump request');
  }
  const filter: RouteFilter = { table: rtm.table, protocol: rtm.protocol, type: rtm.type, oif: 0, flags: rtm.flags };
  const tb = req.parse(RTMSG, RTA, true);
  for (const type of tb.types) {
    if (type === R.TABLE) filter.table = tb.u32(type);
    else if (type === R.OIF) {
      filter.oif = tb.u32(type);
      if (req.ns.devByIndex(filter.oif) === null) throw new NlError('ENODEV');
    } else throw new NlError('EINVAL', 'Unsupported attribute in dump request');
  }
  return filter;
}

export function fillRoute(w: Writer, route: RouteInfo): void {
  const header = {
    family: AF_INET,
    dstLen: route.dstLen,
    srcLen: 0,
    tos: route.tos,
    table: route.table < 256 ? route.table : RT_TABLE_COMPAT,
    protocol: route.protocol,
    scope: route.scope,
    type: route.type,
    flags: route.flags,
  };
  writeStruct(RTMSG, header, w);
  const a: Mutable<RouteAttrs> = { table: route.table };
  if (route.dstLen > 0) a.dst = route.dst;
  if (route.priority !== 0) a.priority = route.priority;
  if (route.metrics.length > 0) a.metrics = metricsRecord(route.metrics);
  if (route.prefsrc !== 0) a.prefsrc = route.prefsrc;
  if (route.gateway !== 0) a.gateway = route.gateway;
  if (route.dev !== null) a.oif = route.dev.ifindex;
  if (route.flow !== 0) a.flow = route.flow;
  encodeTo(RTA, a, w);
}

const METRIC_KEYS: ReadonlyMap<number, string> = new Map(RTAX.lines.map((line) => [line.type, line.key]));

export function metricsRecord(metrics: ReadonlyArray<readonly [number, number]>): RouteAttrs['metrics'] {
  const out: Record<string, number> = {};
  for (const [type, value] of metrics) {
    const key = METRIC_KEYS.get(type);
    if (key !== undefined) out[key] = value;
  }
  return out;
}

export function routeChanged(gone: boolean, ns: NetNs, route: RouteInfo, nlFlags: number): void {
  const type = gone ? RTM_DELROUTE : RTM_NEWROUTE;
  const origin = originOf(ns, RTM_NEWROUTE, RTM_DELROUTE);
  notify(ns, RTNLGRP_IPV4_ROUTE, type, origin, (w) => fillRoute(w, route), nlFlags);
}
