// RTM_GETROUTE for one destination: which way a packet would go. Linux: net/ipv4/route.c, inet_rtm_getroute(),
// rt_fill_info(), inet_rtm_valid_getroute_req().

import { routeGet } from '../inet/control.ts';
import type { RouteGetAnswer, RouteGetRequest } from '../inet/types.ts';
import { encodeTo } from '../netlink/attrs.ts';
import { NlError } from '../netlink/error.ts';
import { writeStruct } from '../netlink/struct.ts';
import type { Writer } from '../netlink/writer.ts';
import { AF_INET } from '../uapi/link.ts';
import { RTM_NEWROUTE } from '../uapi/msgtype.ts';
import {
  type RouteAttrs,
  RT_TABLE_COMPAT,
  RT_TABLE_MAIN,
  RTA,
  RTM_F_CLONED,
  RTM_F_FIB_MATCH,
  RTM_F_LOOKUP_TABLE,
  RTM_F_NOTIFY,
  RTMSG,
  type RtMsg,
} from '../uapi/route.ts';
import type { Request } from './request.ts';
import { fillRoute, metricsRecord, R } from './route.ts';
import type { Tb } from './tb.ts';
import { ticksOf } from './ticks.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const RTAX_MTU = 2;
const RTCF_NOTIFY = 0x00010000;
const MAY_HAVE = new Set<number>([R.IIF, R.OIF, R.SRC, R.DST, R.IP_PROTO, R.SPORT, R.DPORT, R.MARK, R.UID]);

export function getRoute(req: Request): void {
  if (req.len < RTMSG.size) throw new NlError('EINVAL', 'ipv4: Invalid header for route get request');
  const rtm = req.header(RTMSG);
  const tb = req.strict ? strictTb(req, rtm) : req.parse(RTMSG, RTA);
  const asked: RouteGetRequest = {
    dst: tb.be32(R.DST),
    src: tb.be32(R.SRC),
    tos: rtm.tos,
    oif: tb.u32(R.OIF),
    iif: tb.u32(R.IIF),
    mark: tb.u32(R.MARK),
    ipProto: tb.u8(R.IP_PROTO),
    sport: be16(tb, R.SPORT),
    dport: be16(tb, R.DPORT),
    fibMatch: (rtm.flags & RTM_F_FIB_MATCH) !== 0,
  };
  const answer = routeGet(req.ns, asked);
  const notify = (rtm.flags & RTM_F_NOTIFY) !== 0 ? RTCF_NOTIFY | RTM_F_NOTIFY : 0;
  const { route } = answer;
  if (asked.fibMatch && route !== null) {
    req.reply(RTM_NEWROUTE, (w) => fillRoute(w, route));
    return;
  }
  const table = (rtm.flags & RTM_F_LOOKUP_TABLE) !== 0 ? answer.table : RT_TABLE_MAIN;
  const uid = tb.has(R.UID) ? tb.u32(R.UID) : asked.iif === 0 ? 0 : undefined;
  req.reply(RTM_NEWROUTE, (w) => fillAnswer(w, req, asked, answer, table, uid, notify));
}

function strictTb(req: Request, rtm: RtMsg): Tb {
  const bad = (len: number): boolean => len !== 0 && len !== 32;
  if (
    bad(rtm.srcLen) ||
    bad(rtm.dstLen) ||
    rtm.table !== 0 ||
    rtm.protocol !== 0 ||
    rtm.scope !== 0 ||
    rtm.type !== 0
  ) {
    throw new NlError('EINVAL', 'ipv4: Invalid values in header for route get request');
  }
  if ((rtm.flags & ~(RTM_F_NOTIFY | RTM_F_LOOKUP_TABLE | RTM_F_FIB_MATCH)) !== 0) {
    throw new NlError('EINVAL', 'ipv4: Unsupported rtm_flags for route get request');
  }
  const tb = req.parse(RTMSG, RTA, true);
  if ((tb.has(R.SRC) && rtm.srcLen === 0) || (tb.has(R.DST) && rtm.dstLen === 0)) {
    throw new NlError('EINVAL', 'ipv4: rtm_src_len and rtm_dst_len must be 32 for IPv4');
  }
  for (const type of tb.types) {
    if (!MAY_HAVE.has(type)) throw new NlError('EINVAL', 'ipv4: Unsupported attribute in route get request');
  }
  return tb;
}

function be16(tb: Tb, type: number): number {
  return tb.len(type) < 2 ? 0 : tb.src.view.getUint16(tb.start(type), false);
}

function fillAnswer(
  w: Writer,
  req: Request,
  asked: RouteGetRequest,
  got: RouteGetAnswer,
  table: number,
  uid: number | undefined,
  more: number,
): void {
  const header = {
    family: AF_INET,
    dstLen: 32,
    srcLen: asked.src !== 0 ? 32 : 0,
    tos: got.route?.tos ?? 0,
    table: table < 256 ? table : RT_TABLE_COMPAT,
    protocol: 0,
    scope: 0,
    type: got.type,
    flags: ((got.flags & 0xffff0000) | RTM_F_CLONED | more) >>> 0,
  };
  writeStruct(RTMSG, header, w);
  const a: Mutable<RouteAttrs> = { table, dst: got.dst };
  if (asked.src !== 0) a.src = asked.src;
  a.oif = got.dev.ifindex;
  if (got.flow !== 0) a.flow = got.flow;
  if (got.iif === 0 && got.prefsrc !== 0 && got.prefsrc !== asked.src) a.prefsrc = got.prefsrc;
  if (got.gateway !== 0) a.gateway = got.gateway;
  const metrics =
    got.pmtu === 0
      ? got.metrics
      : [...got.metrics.filter(([type]) => type !== RTAX_MTU), [RTAX_MTU, got.pmtu] as const];
  if (metrics.length > 0) a.metrics = metricsRecord([...metrics].sort((x, y) => x[0] - y[0]));
  if (got.mark !== 0) a.mark = got.mark;
  if (uid !== undefined) a.uid = uid;
  if (got.iif !== 0) a.iif = got.iif;
  const expires = got.expiresNs === 0 ? 0 : ticksOf(got.expiresNs - req.kernel.loop.now);
  a.cacheinfo = { clntref: 0, lastuse: 0, expires, error: 0, used: 0, id: 0, ts: 0, tsage: 0 };
  encodeTo(RTA, a, w);
}
