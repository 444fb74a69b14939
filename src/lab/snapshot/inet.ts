// Addresses, routes, rules and neighbours of a namespace, from netlink to the words of a snapshot.

import type { Decoded } from '../../netlink/message.ts';
import { ADDR, NEIGH, ROUTE, RULE } from '../../netlink/payload.ts';
import * as ifa from '../../uapi/addr.ts';
import type { IpAddr } from '../../uapi/attr.ts';
import { flagNames, formatIp, formatMac } from '../../uapi/format.ts';
import { AF_INET, AF_INET6 } from '../../uapi/link.ts';
import { RTM_GETADDR, RTM_GETNEIGH, RTM_GETROUTE, RTM_GETRULE } from '../../uapi/msgtype.ts';
import * as nud from '../../uapi/neigh.ts';
import * as rt from '../../uapi/route.ts';
import * as fr from '../../uapi/rule.ts';
import type { Dumps } from './dump.ts';
import type { SnapAddress, SnapNeighbour, SnapNexthop, SnapRoute, SnapRule } from './snapshot.ts';

/** In the order in which `ip addr` prints them. */
export const ADDRESS_FLAGS = [
  [ifa.IFA_F_SECONDARY, 'secondary'],
  [ifa.IFA_F_TENTATIVE, 'tentative'],
  [ifa.IFA_F_DEPRECATED, 'deprecated'],
  [ifa.IFA_F_HOMEADDRESS, 'home'],
  [ifa.IFA_F_NODAD, 'nodad'],
  [ifa.IFA_F_OPTIMISTIC, 'optimistic'],
  [ifa.IFA_F_DADFAILED, 'dadfailed'],
  [ifa.IFA_F_MANAGETEMPADDR, 'mngtmpaddr'],
  [ifa.IFA_F_NOPREFIXROUTE, 'noprefixroute'],
  [ifa.IFA_F_MCAUTOJOIN, 'autojoin'],
  [ifa.IFA_F_STABLE_PRIVACY, 'stable-privacy'],
  [ifa.IFA_F_PERMANENT, 'permanent'],
] as const;

export const NEXTHOP_FLAGS = [
  [rt.RTNH_F_DEAD, 'dead'],
  [rt.RTNH_F_PERVASIVE, 'pervasive'],
  [rt.RTNH_F_ONLINK, 'onlink'],
  [rt.RTNH_F_OFFLOAD, 'offload'],
  [rt.RTNH_F_LINKDOWN, 'linkdown'],
  [rt.RTNH_F_UNRESOLVED, 'unresolved'],
] as const;

export const RULE_ACTIONS: ReadonlyMap<number, string> = new Map([
  [fr.FR_ACT_TO_TBL, 'table'],
  [fr.FR_ACT_GOTO, 'goto'],
  [fr.FR_ACT_NOP, 'nop'],
  [fr.FR_ACT_BLACKHOLE, 'blackhole'],
  [fr.FR_ACT_UNREACHABLE, 'unreachable'],
  [fr.FR_ACT_PROHIBIT, 'prohibit'],
]);

const scopeName = (scope: number): string => rt.RT_SCOPE_NAMES.get(scope) ?? String(scope);
const protocolName = (p: number): string => rt.RTPROT_NAMES.get(p) ?? String(p);
const familyNumber = (family: number): 4 | 6 => (family === AF_INET ? 4 : 6);
const text = (ip: IpAddr | undefined): string | null => (ip === undefined ? null : formatIp(ip));
const FAMILIES = [AF_INET, AF_INET6] as const;

export function readAddresses(dumps: Dumps): SnapAddress[] {
  return dumps.each('addresses', ADDR, RTM_GETADDR, {}, {}, ({ header, attrs: a }) => {
    const own = a.local ?? a.address;
    if (own === undefined || (header.family !== AF_INET && header.family !== AF_INET6)) return null;
    const peer = a.address !== undefined && formatIp(a.address) !== formatIp(own) ? formatIp(a.address) : null;
    const seconds = (s: number | undefined) => (s === undefined || s === ifa.INFINITY_LIFE_TIME ? null : s);
    return {
      dev: header.index,
      family: familyNumber(header.family),
      address: formatIp(own),
      length: header.prefixlen,
      peer,
      broadcast: text(a.broadcast),
      scope: scopeName(header.scope),
      label: a.label ?? '',
      flags: flagNames(a.flags ?? header.flags, ADDRESS_FLAGS),
      proto: a.proto ?? 0,
      metric: a.rtPriority ?? 0,
      validSec: seconds(a.cacheinfo?.valid),
      preferredSec: seconds(a.cacheinfo?.prefered),
    };
  });
}

export function readRoutes(dumps: Dumps): SnapRoute[] {
  return FAMILIES.flatMap((family) => {
    const what = family === AF_INET ? 'IPv4 routes' : 'IPv6 routes';
    return dumps.each(what, ROUTE, RTM_GETROUTE, { family }, {}, (m) =>
      // a kernel without the family answers for all; a cached exception is no route
      m.header.family === family && (m.header.flags & rt.RTM_F_CLONED) === 0 ? routeOf(m) : null,
    );
  });
}

function routeOf({ header: h, attrs: a }: Decoded<rt.RtMsg, rt.RouteAttrs>): SnapRoute {
  const nexthops = (a.multipath ?? []).map(
    ({ header, attrs }): SnapNexthop => ({
      dev: header.ifindex ?? 0,
      via: text(attrs.gateway),
      weight: (header.hops ?? 0) + 1,
      flags: flagNames(header.flags ?? 0, NEXTHOP_FLAGS),
    }),
  );
  const { unknown: _, ...metrics } = a.metrics ?? {};
  return {
    family: familyNumber(h.family),
    table: a.table ?? h.table,
    type: rt.RTN_NAMES[h.type] ?? String(h.type),
    to: a.dst === undefined ? null : { address: formatIp(a.dst), length: h.dstLen },
    dev: a.oif ?? null,
    via: text(a.gateway),
    src: text(a.prefsrc),
    metric: a.priority ?? 0,
    protocol: protocolName(h.protocol),
    scope: scopeName(h.scope),
    tos: h.tos,
    flags: flagNames(h.flags & 0xff, NEXTHOP_FLAGS),
    metrics: metrics as Record<string, number>,
    nexthops,
    other: otherOf(h, a),
  };
}

function otherOf(h: rt.RtMsg, a: rt.RouteAttrs): string[] {
  const out: string[] = [];
  if (a.src !== undefined || h.srcLen !== 0) out.push(`from ${text(a.src) ?? '?'}/${h.srcLen}`);
  if (a.via !== undefined) out.push('via of another family');
  if (a.encapType !== undefined) out.push(`encap ${a.encapType}`);
  if (a.nhId !== undefined) out.push(`nhid ${a.nhId}`);
  return out;
}

export function readRules(dumps: Dumps): SnapRule[] {
  return FAMILIES.flatMap((family) =>
    dumps.each('rules', RULE, RTM_GETRULE, { family }, {}, (m) => (m.header.family === family ? ruleOf(m) : null)),
  );
}

function ruleOf({ header: h, attrs: a }: Decoded<fr.FibRuleHdr, fr.RuleAttrs>): SnapRule {
  const match: Record<string, string> = {};
  const effect: Record<string, string> = {};
  if (a.src !== undefined || h.srcLen > 0) match.from = `${text(a.src) ?? '?'}/${h.srcLen}`;
  if (a.dst !== undefined || h.dstLen > 0) match.to = `${text(a.dst) ?? '?'}/${h.dstLen}`;
  if (h.tos !== 0) match.tos = String(h.tos);
  if (a.iifname !== undefined) match.iif = a.iifname;
  if (a.oifname !== undefined) match.oif = a.oifname;
  if (a.fwmark !== undefined || a.fwmask !== undefined) {
    match.fwmark = `0x${(a.fwmark ?? 0).toString(16)}/0x${(a.fwmask ?? 0).toString(16)}`;
  }
  if (a.l3mdev !== undefined) match.l3mdev = String(a.l3mdev);
  if (a.uidRange !== undefined) match.uidrange = `${a.uidRange.start}-${a.uidRange.end}`;
  if (a.ipProto !== undefined) match.ipproto = String(a.ipProto);
  if (a.sportRange !== undefined) match.sport = `${a.sportRange.start}-${a.sportRange.end}`;
  if (a.dportRange !== undefined) match.dport = `${a.dportRange.start}-${a.dportRange.end}`;
  if (a.tunId !== undefined) match.tun_id = '?';
  if (a.goto !== undefined) effect.goto = String(a.goto);
  if (a.flow !== undefined) effect.realms = String(a.flow);
  if ((a.suppressPrefixlen ?? 0xffffffff) !== 0xffffffff) effect.suppress_prefixlength = String(a.suppressPrefixlen);
  if ((a.suppressIfgroup ?? 0xffffffff) !== 0xffffffff) effect.suppress_ifgroup = String(a.suppressIfgroup);
  return {
    family: familyNumber(h.family),
    priority: a.priority ?? 0,
    action: RULE_ACTIONS.get(h.action) ?? String(h.action),
    table: a.table ?? h.table,
    not: (h.flags & fr.FIB_RULE_INVERT) !== 0,
    match,
    effect,
  };
}

/** Entries that nobody has asked for (NUD_NOARP: multicast, loopback) are left out, as `ip neigh` does. */
export function readNeighbours(dumps: Dumps): SnapNeighbour[] {
  return FAMILIES.flatMap((family) => [
    ...dumps.each('neighbours', NEIGH, RTM_GETNEIGH, { family }, {}, neighbourOf),
    ...dumps.each('proxy neighbours', NEIGH, RTM_GETNEIGH, { family, flags: nud.NTF_PROXY }, {}, neighbourOf),
  ]);
}

function neighbourOf({ header: h, attrs: a }: Decoded<nud.NdMsg, nud.NeighAttrs>): SnapNeighbour | null {
  const proxy = (h.flags & nud.NTF_PROXY) !== 0;
  if (a.dst === undefined || (!proxy && (h.state & ~nud.NUD_NOARP) === 0)) return null;
  return {
    dev: h.ifindex,
    family: familyNumber(h.family),
    address: formatIp(a.dst),
    mac: a.lladdr === undefined ? null : formatMac(a.lladdr),
    state: proxy ? '' : (nud.NUD_NAMES.get(h.state) ?? String(h.state)),
    router: (h.flags & nud.NTF_ROUTER) !== 0,
    proxy,
  };
}
