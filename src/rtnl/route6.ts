// RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE and the dump of IPv6 routes. route.ts is IPv4's.
// Linux: net/ipv6/route.c, rtm_to_fib6_config(), rt6_fill_node(), inet6_rtm_getroute(), inet6_dump_fib().

import { route6Add, route6Del, route6Dump, route6Get, route6Learned } from '../inet/control6.ts';
import { RTF_CACHE, RTF_EXPIRES } from '../inet/fib6.ts';
import type { Route6Info, Route6Request, RouteGet6Answer, RouteGet6Request } from '../inet/types6.ts';
import type { NetNs } from '../net/netns.ts';
import { encodeTo } from '../netlink/attrs.ts';
import { NlError } from '../netlink/error.ts';
import { writeStruct } from '../netlink/struct.ts';
import type { Writer } from '../netlink/writer.ts';
import { AF_INET6 } from '../uapi/link.ts';
import { RTM_DELROUTE, RTM_NEWROUTE } from '../uapi/msgtype.ts';
import { NLM_F_DUMP_FILTERED } from '../uapi/netlink.ts';
import {
  type RouteAttrs,
  RT_TABLE_COMPAT,
  RTA,
  RTM_F_CLONED,
  RTM_F_FIB_MATCH,
  RTM_F_PREFIX,
  RTMSG,
  type RtMsg,
} from '../uapi/route.ts';
import { RTNLGRP_IPV6_ROUTE } from '../uapi/rtnlgrp.ts';
import { IN6_ANY, In6 } from '../wire/in6.ts';
import type { Dump } from './dump.ts';
import { notify } from './listeners.ts';
import { originOf } from './origin.ts';
import type { Request } from './request.ts';
import { filterOf, metricsOf, metricsRecord, R } from './route.ts';
import type { Tb } from './tb.ts';
import { NS_PER_TICK } from './ticks.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const PREF = 20;
const EXPIRES = 23;
const FLOWLABEL = 31;
const FOREVER = 0xffffffff;
const MAY_HAVE = new Set<number>([R.SRC, R.DST, R.IIF, R.OIF, R.MARK, R.UID, R.SPORT, R.DPORT, R.IP_PROTO, FLOWLABEL]);

export function newRoute6(req: Request): void {
  route6Add(req.ns, requestOf(req));
}

export function delRoute6(req: Request): void {
  route6Del(req.ns, requestOf(req));
}

/** As many bytes as the prefix has; the rest is zero. */
function prefixOf(tb: Tb, type: number, bits: number): In6 {
  const out = new Uint8Array(16);
  if (!tb.has(type)) return new In6();
  const bytes = (bits + 7) >>> 3;
  if (tb.len(type) < bytes) throw new NlError('EINVAL');
  out.set(tb.bytes(type).subarray(0, Math.min(bytes, 16)));
  return new In6().read(out, 0);
}

function whole(tb: Tb, type: number): In6 | null {
  if (!tb.has(type)) return null;
  if (tb.len(type) < 16) throw new NlError('EINVAL');
  return new In6().read(tb.bytes(type), 0);
}

/** Linux: rtm_to_fib6_config(). */
function requestOf(req: Request): Route6Request {
  const tb = req.parse(RTMSG, RTA);
  const rtm = req.header(RTMSG);
  if (rtm.tos !== 0) {
    throw new NlError('EINVAL', 'Invalid dsfield (tos): option not available for IPv6');
  }
  if (tb.has(R.VIA)) throw new NlError('EINVAL', 'IPv6 does not support RTA_VIA attribute');
  const expires = tb.has(EXPIRES) ? tb.u32(EXPIRES) : FOREVER;
  const pref = tb.u8(PREF);
  return {
    dst: prefixOf(tb, R.DST, rtm.dstLen),
    dstLen: rtm.dstLen,
    srcLen: rtm.srcLen,
    table: tb.has(R.TABLE) ? tb.u32(R.TABLE) : rtm.table,
    protocol: rtm.protocol,
    type: rtm.type,
    flags: rtm.flags,
    oif: tb.u32(R.OIF),
    gateway: whole(tb, R.GATEWAY),
    metric: tb.u32(R.PRIORITY),
    prefsrc: whole(tb, R.PREFSRC),
    metrics: metricsOf(tb),
    expiresS: expires === FOREVER ? 0 : expires,
    pref: pref === 1 || pref === 3 ? pref : 0,
    hasMultipath: tb.has(R.MULTIPATH),
    hasEncap: tb.u16(R.ENCAP_TYPE) !== 0,
    hasVia: false,
    nhId: tb.u32(R.NH_ID),
    nlFlags: req.flags,
  };
}

export function dumpRoutes6(req: Request, out: Dump): void {
  const filter = req.strict ? filterOf(req) : { table: 0, protocol: 0, type: 0, oif: 0, flags: 0 };
  const flags = req.strict || req.len < RTMSG.size ? filter.flags : req.header(RTMSG).flags;
  const learned = (flags & (RTM_F_CLONED | RTM_F_PREFIX)) === RTM_F_CLONED;
  if (filter.table !== 0 || filter.protocol !== 0 || filter.type !== 0 || filter.oif !== 0) {
    out.extraFlags = out.answerFlags = NLM_F_DUMP_FILTERED;
  }
  const routes = route6Dump(req.ns, filter.table);
  if (routes === null) {
    if (req.family !== AF_INET6) return;
    throw new NlError('ENOENT', 'ipv6: FIB table does not exist');
  }
  for (const route of learned ? route6Learned(req.ns, filter.table) : routes) {
    if (filter.protocol !== 0 && route.protocol !== filter.protocol) continue;
    if (filter.type !== 0 && route.type !== filter.type) continue;
    if (filter.oif !== 0 && route.dev?.ifindex !== filter.oif) continue;
    out.message(RTM_NEWROUTE, (w) => fillRoute6(w, req.ns, route));
  }
}

function headerOf(type: number, table: number, protocol: number, dstLen: number, flags: number): RtMsg {
  const shown = table < 256 ? table : RT_TABLE_COMPAT;
  return { family: AF_INET6, dstLen, srcLen: 0, tos: 0, table: shown, protocol, scope: 0, type, flags: flags >>> 0 };
}

function ticksLeft(ns: NetNs, expiresNs: number): number {
  return Math.trunc((expiresNs - ns.kernel.loop.now) / NS_PER_TICK);
}

function cacheinfo(clntref: number, expires: number, error: number): NonNullable<RouteAttrs['cacheinfo']> {
  return { clntref, lastuse: 0, expires, error: error >>> 0, used: 0, id: 0, ts: 0, tsage: 0 };
}

function fillRoute6(w: Writer, ns: NetNs, r: Route6Info): void {
  writeStruct(
    RTMSG,
    headerOf(r.type, r.table, r.protocol, r.dstLen, r.nhFlags | ((r.rtf & RTF_CACHE) !== 0 ? RTM_F_CLONED : 0)),
    w,
  );
  const a: Mutable<RouteAttrs> = { table: r.table };
  if (r.dstLen > 0) a.dst = r.dst.bytes();
  if (r.prefsrc !== null) a.prefsrc = r.prefsrc.bytes();
  if (r.metrics.length > 0) a.metrics = metricsRecord(r.metrics);
  a.priority = r.metric;
  if (r.gateway !== null) a.gateway = r.gateway.bytes();
  if (r.dev !== null) a.oif = r.dev.ifindex;
  a.cacheinfo = cacheinfo(0, (r.rtf & RTF_EXPIRES) !== 0 ? ticksLeft(ns, r.expiresNs) : 0, 0);
  a.pref = r.pref;
  encodeTo(RTA, a, w);
}

function be16(tb: Tb, type: number): number {
  return tb.len(type) < 2 ? 0 : tb.src.view.getUint16(tb.start(type), false);
}

export function getRoute6(req: Request): void {
  if (req.len < RTMSG.size) throw new NlError('EINVAL', 'ipv6: Invalid header for get route request');
  const rtm = req.header(RTMSG);
  const tb = req.strict ? strictTb(req, rtm) : req.parse(RTMSG, RTA);
  const asked: RouteGet6Request = {
    dst: whole(tb, R.DST) ?? IN6_ANY.copy(),
    src: whole(tb, R.SRC),
    tos: rtm.tos,
    oif: tb.u32(R.OIF),
    iif: tb.u32(R.IIF),
    mark: tb.u32(R.MARK),
    ipProto: tb.u8(R.IP_PROTO),
    sport: be16(tb, R.SPORT),
    dport: be16(tb, R.DPORT),
    flowLabel: tb.be32(FLOWLABEL),
    fibMatch: (rtm.flags & RTM_F_FIB_MATCH) !== 0,
  };
  const answer = route6Get(req.ns, asked);
  const { route } = answer;
  if (asked.fibMatch && route !== null) req.reply(RTM_NEWROUTE, (w) => fillRoute6(w, req.ns, route));
  else req.reply(RTM_NEWROUTE, (w) => fillAnswer(w, req.ns, asked, answer));
}

/** Linux: inet6_rtm_valid_getroute_req(). */
function strictTb(req: Request, rtm: RtMsg): Tb {
  const bad = (len: number): boolean => len !== 0 && len !== 128;
  if (
    bad(rtm.srcLen) ||
    bad(rtm.dstLen) ||
    rtm.table !== 0 ||
    rtm.protocol !== 0 ||
    rtm.scope !== 0 ||
    rtm.type !== 0
  ) {
    throw new NlError('EINVAL', 'ipv6: Invalid values in header for get route request');
  }
  if ((rtm.flags & ~RTM_F_FIB_MATCH) !== 0) {
    throw new NlError('EINVAL', 'ipv6: Invalid flags for get route request');
  }
  const tb = req.parse(RTMSG, RTA, true);
  if ((tb.has(R.SRC) && rtm.srcLen === 0) || (tb.has(R.DST) && rtm.dstLen === 0)) {
    throw new NlError('EINVAL', 'ipv6: rtm_src_len and rtm_dst_len must be 128 for IPv6');
  }
  for (const type of tb.types) {
    if (!MAY_HAVE.has(type)) throw new NlError('EINVAL', 'ipv6: Unsupported attribute in get route request');
  }
  return tb;
}

/** The way that a packet would take. A host's own source address is only told for what it would send itself. */
function fillAnswer(w: Writer, ns: NetNs, asked: RouteGet6Request, got: RouteGet6Answer): void {
  const header = headerOf(got.type, got.table, got.protocol, 128, got.nhFlags | got.flags);
  header.srcLen = 128;
  writeStruct(RTMSG, header, w);
  const a: Mutable<RouteAttrs> = { table: got.table, dst: got.dst.bytes(), src: (asked.src ?? IN6_ANY).bytes() };
  if (asked.iif !== 0) a.iif = asked.iif;
  else if (got.prefsrc !== null) a.prefsrc = got.prefsrc.bytes();
  if (got.metrics.length > 0) a.metrics = metricsRecord(got.metrics);
  a.priority = got.metric;
  if (got.gateway !== null) a.gateway = got.gateway.bytes();
  a.oif = got.dev.ifindex;
  a.cacheinfo = cacheinfo(2, got.expiresNs === 0 ? 0 : ticksLeft(ns, got.expiresNs), got.error);
  a.pref = got.pref;
  encodeTo(RTA, a, w);
}

export function route6Changed(gone: boolean, ns: NetNs, route: Route6Info, nlFlags: number): void {
  const origin = originOf(ns, RTM_NEWROUTE, RTM_DELROUTE);
  notify(ns, RTNLGRP_IPV6_ROUTE, gone ? RTM_DELROUTE : RTM_NEWROUTE, origin, (w) => fillRoute6(w, ns, route), nlFlags);
}
