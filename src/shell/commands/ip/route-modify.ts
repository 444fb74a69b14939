// The words that describe one route, and the request made of them. iproute2: ip/iproute.c, iproute_modify().

import { wordTable } from '../../../base/word-table.ts';
import { ROUTE } from '../../../netlink/payload.ts';
import type { IpAddr } from '../../../uapi/attr.ts';
import { RTM_DELROUTE } from '../../../uapi/msgtype.ts';
import {
  type RouteAttrs,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RTN_ANYCAST,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_NAT,
  RTN_UNICAST,
  RTN_UNSPEC,
  RTNH_F_ONLINK,
  RTPROT_BOOT,
  type RtMsg,
} from '../../../uapi/route.ts';
import { type Address, type Args, matches, needAddress, needPrefix, parseNumber } from '../iproute/args.ts';
import { duparg2, invarg, ToolError } from '../iproute/errors.ts';
import { DSFIELD, familyOf, numberOf, PROTOCOLS, routeType, SCOPES, TABLES } from '../iproute/names.ts';
import type { Ip } from './context.ts';
import { metricsInOrder, parseMetric } from './route-metrics.ts';
import { parseNexthops } from './route-nexthop.ts';
import { routeUsage } from './usage.ts';

const PREFERENCES = wordTable<number>({ low: 3, medium: 0, high: 1 });

export interface RouteRequest {
  header: RtMsg;
  /** In the order in which the words came. */
  attrs: RouteAttrs;
  metrics: NonNullable<RouteAttrs['metrics']>;
  dev: string | null;
  dst: boolean;
  gateway: boolean;
  nexthops: boolean;
  table: boolean;
  scope: boolean;
}

/** Words of the real tool that need what lowerdev does not have. */
const ABSENT = new Set(['encap', 'as']);

export function modifyRoute(ip: Ip, args: Args, type: number, flags: number): number {
  const del = type === RTM_DELROUTE;
  const r: RouteRequest = {
    header: {
      family: ip.opts.family,
      dstLen: 0,
      srcLen: 0,
      tos: 0,
      table: RT_TABLE_MAIN,
      protocol: del ? 0 : RTPROT_BOOT,
      scope: del ? RT_SCOPE_NOWHERE : RT_SCOPE_UNIVERSE,
      type: del ? RTN_UNSPEC : RTN_UNICAST,
      flags: 0,
    },
    attrs: {},
    metrics: {},
    dev: null,
    dst: false,
    gateway: false,
    nexthops: false,
    table: false,
    scope: false,
  };
  for (; args.more && !r.nexthops; args.skip()) {
    if (args.word === 'nexthop') {
      r.nexthops = true;
      break;
    }
    parseWord(r, args);
  }
  if (!r.dst) throw new ToolError(routeUsage, 255);
  if (r.dev !== null) r.attrs.oif = ip.links.need(r.dev);
  if (Object.keys(r.metrics).length > 0) r.attrs.metrics = metricsInOrder(r.metrics);
  if (r.nexthops) r.attrs.multipath = parseNexthops(ip, r, args);
  defaults(r, del);
  ip.talk(() => ip.client.request(ROUTE, type, flags, r.header, r.attrs));
  return 0;
}

function parseWord(r: RouteRequest, args: Args): void {
  const { header, attrs } = r;
  const word = args.word;
  if (word === 'src') attrs.prefsrc = known(r, needAddress(args.need(), header.family));
  else if (word === 'via') parseVia(r, args);
  else if (word === 'from') {
    const p = needPrefix(args.need(), header.family);
    if (p.ip !== null) attrs.src = known(r, p);
    header.srcLen = p.length;
  } else if (word === 'tos' || matches(word, 'dsfield')) {
    const text = args.need();
    header.tos = numberOf(DSFIELD, text) ?? invarg('"tos" value is invalid\n', text);
  } else if (word === 'expires') attrs.expires = numberWord(args, 'expires');
  else if (matches(word, 'metric') || matches(word, 'priority') || word === 'preference')
    attrs.priority = numberWord(args, 'metric');
  else if (word === 'scope') {
    const text = args.need();
    header.scope = numberOf(SCOPES, text) ?? invarg('invalid "scope" value\n', text);
    r.scope = true;
  } else if (parseMetric(args, r.metrics)) {
    // taken
  } else if (matches(word, 'realms')) {
    const text = args.need();
    attrs.flow = parseRealms(text) ?? invarg('"realm" value is invalid\n', text);
  } else if (word === 'onlink') header.flags |= RTNH_F_ONLINK;
  else if (word === 'nhid') {
    const text = args.need();
    attrs.nhId = parseNumber(text) ?? invarg('"id" value is invalid\n', text);
  } else if (matches(word, 'protocol')) {
    const text = args.need();
    header.protocol = numberOf(PROTOCOLS, text) ?? invarg('"protocol" value is invalid\n', text);
  } else if (matches(word, 'table')) {
    const text = args.need();
    const table = numberOf(TABLES, text) ?? invarg('"table" value is invalid\n', text);
    header.table = table < 256 ? table : 0;
    if (table >= 256) attrs.table = table;
    r.table = true;
  } else if (word === 'dev' || word === 'oif') r.dev = args.need();
  else if (matches(word, 'pref')) {
    const text = args.need();
    attrs.pref = PREFERENCES[text] ?? parseNumber(text, 255) ?? invarg('"pref" value is invalid\n', text);
  } else if (word === 'ttl-propagate') {
    const text = args.need();
    attrs.ttlPropagate =
      text === 'enabled' ? 1 : text === 'disabled' ? 0 : invarg('"ttl-propagate" value is invalid\n', text);
  } else if (word === 'vrf') invarg('Invalid VRF\n', args.need());
  else if (ABSENT.has(word)) throw new ToolError(`ip: lowerdev has no "${word}" of routes yet\n`, 1);
  else parseDestination(r, args);
}

function numberWord(args: Args, what: string): number {
  const text = args.need();
  return parseNumber(text) ?? invarg(`"${what}" value is invalid\n`, text);
}

/** Takes over an address's family where none was known. */
function known(r: { header: { family: number } }, a: Address): IpAddr | undefined {
  if (r.header.family === 0) r.header.family = a.family;
  return a.ip ?? undefined;
}

/** `via [FAMILY] ADDRESS`. A gateway of another family goes by RTA_VIA. */
function parseVia(r: RouteRequest, args: Args): void {
  r.gateway = true;
  const via = gatewayWord(r.header, args);
  if (via instanceof Uint8Array && via.length === 18) r.attrs.via = via;
  else r.attrs.gateway = via;
}

/** A gateway's address; for another family than the route's, an RTA_VIA of 18 or 6 bytes. */
export function gatewayWord(header: { family: number }, args: Args): IpAddr | undefined {
  let text = args.need();
  let family = familyOf(text);
  if (family === 0) family = header.family;
  else text = args.need();
  const a = needAddress(text, family);
  if (header.family === 0) header.family = a.family;
  if (a.family === header.family || !(a.ip instanceof Uint8Array)) return a.ip ?? undefined;
  const via = new Uint8Array(18);
  via[0] = a.family;
  via.set(a.ip, 2);
  return via;
}

/** `[SRC/]DST`, or a raw number. */
export function parseRealms(text: string): number | null {
  const [first, second] = text.split('/');
  const from = second === undefined ? 0 : first === '' ? 0 : parseNumber(first === 'cosmos' ? '0' : first, 0xffff);
  const last = second ?? first;
  const to = last === 'cosmos' ? 0 : parseNumber(last, second === undefined ? 0xffffffff : 0xffff);
  return from === null || to === null ? null : (from * 0x1_0000 + to) >>> 0;
}

function parseDestination(r: RouteRequest, args: Args): void {
  const { header } = r;
  let text = args.word === 'to' ? args.need() : args.word;
  const type = /^[0-9]/.test(text) ? null : routeType(text);
  if (type !== null) {
    header.type = type;
    text = args.need();
  }
  if (matches(text, 'help')) throw new ToolError(routeUsage, 255);
  if (r.dst) duparg2('to', text);
  const p = needPrefix(text, header.family);
  if (header.family === 0) header.family = p.family;
  header.dstLen = p.length;
  r.dst = true;
  if (p.ip !== null) r.attrs.dst = p.ip;
}

/** What follows from the kind of route where nothing was said. */
function defaults(r: RouteRequest, del: boolean): void {
  const { header } = r;
  if (header.family === 0) header.family = 2;
  const { type } = header;
  if (!r.table && (type === RTN_LOCAL || type === RTN_BROADCAST || type === RTN_NAT || type === RTN_ANYCAST))
    header.table = RT_TABLE_LOCAL;
  if (r.scope) return;
  if (header.family === 10) header.scope = RT_SCOPE_UNIVERSE;
  else if (type === RTN_LOCAL || type === RTN_NAT) header.scope = RT_SCOPE_HOST;
  else if (type === RTN_BROADCAST || type === RTN_MULTICAST || type === RTN_ANYCAST) header.scope = RT_SCOPE_LINK;
  else if (type === RTN_UNICAST || type === RTN_UNSPEC) {
    if (del) header.scope = RT_SCOPE_NOWHERE;
    else if (!r.gateway && !r.nexthops && r.attrs.nhId === undefined) header.scope = RT_SCOPE_LINK;
  }
}
