// `ip route get`: which way would a packet go? iproute2: ip/iproute.c, iproute_get().

import { wordTable } from '../../../base/word-table.ts';
import { ROUTE } from '../../../netlink/payload.ts';
import { RTM_GETROUTE } from '../../../uapi/msgtype.ts';
import { type RouteAttrs, RTM_F_FIB_MATCH, RTM_F_LOOKUP_TABLE, RTM_F_NOTIFY } from '../../../uapi/route.ts';
import { type Args, bitsOf, matches, needPrefix, parseNumber } from '../iproute/args.ts';
import { invarg, ToolError } from '../iproute/errors.ts';
import { DSFIELD, numberOf } from '../iproute/names.ts';
import type { Ip } from './context.ts';
import { printRoute, ROUTE_VIEW_ALL, type RouteMsg } from './route-print.ts';
import { routeUsage } from './usage.ts';

const PROTOCOLS = wordTable<number>({ icmp: 1, tcp: 6, udp: 17, 'ipv6-icmp': 58, icmpv6: 58, sctp: 132 });

interface Question {
  header: { family: number; dstLen: number; srcLen: number; tos: number; flags: number };
  attrs: RouteAttrs;
  iif: string | null;
  oif: string | null;
  mark: number;
  from: boolean;
  fibMatch: boolean;
  connected: boolean;
  address: boolean;
}

export function getRoute(ip: Ip, args: Args): number {
  const q = parse(ip, args);
  const { header, attrs } = q;
  if (!q.address) throw new ToolError('need at least a destination address\n', 1);
  if (q.iif !== null) attrs.iif = ip.links.need(q.iif);
  if (q.oif !== null) attrs.oif = ip.links.need(q.oif);
  if (q.mark !== 0) attrs.mark = q.mark;
  if (header.family === 0) header.family = 2;
  if (header.family === 2) header.flags |= RTM_F_LOOKUP_TABLE; // IPv6 refuses it
  if (q.fibMatch) header.flags |= RTM_F_FIB_MATCH;
  const ask = (): RouteMsg => ip.talk(() => ip.client.get(ROUTE, RTM_GETROUTE, header, attrs));
  const answer = ask();
  ip.out.begin();
  printRoute(ip, answer, ROUTE_VIEW_ALL);
  // The tool means to ask again with the source that was found, but sends the same question.
  if (q.connected && !q.from) {
    if (answer.attrs.prefsrc === undefined && answer.attrs.src === undefined)
      throw new ToolError('Failed to connect the route\n', 1);
    printRoute(ip, ask(), ROUTE_VIEW_ALL);
  }
  ip.out.finish();
  return 0;
}

function parse(ip: Ip, args: Args): Question {
  const q: Question = {
    header: { family: ip.opts.family, dstLen: 0, srcLen: 0, tos: 0, flags: 0 },
    attrs: {},
    iif: null,
    oif: null,
    mark: 0,
    from: false,
    fibMatch: false,
    connected: false,
    address: false,
  };
  for (; args.more; args.skip()) parseWord(ip, q, args);
  return q;
}

function parseWord(ip: Ip, q: Question, args: Args): void {
  const { header, attrs } = q;
  const word = args.word;
  if (word === 'tos' || matches(word, 'dsfield')) {
    const text = args.need();
    header.tos = numberOf(DSFIELD, text) ?? invarg('TOS value is invalid\n', text);
  } else if (matches(word, 'from')) {
    const text = args.need();
    if (matches(text, 'help')) throw new ToolError(routeUsage, 255);
    q.from = true;
    const p = needPrefix(text, header.family);
    if (header.family === 0) header.family = p.family;
    if (p.ip !== null) attrs.src = p.ip;
    header.srcLen = p.length;
  } else if (matches(word, 'iif')) q.iif = args.need();
  else if (matches(word, 'mark')) {
    const text = args.need();
    q.mark = parseNumber(text) ?? invarg('invalid mark value', text);
  } else if (matches(word, 'oif') || word === 'dev') q.oif = args.need();
  else if (matches(word, 'notify')) header.flags |= RTM_F_NOTIFY;
  else if (matches(word, 'connected')) q.connected = true;
  else if (matches(word, 'vrf')) invarg('Invalid VRF\n', args.need());
  else if (matches(word, 'uid')) {
    const text = args.need();
    attrs.uid = parseNumber(text) ?? invarg('invalid UID\n', text);
  } else if (matches(word, 'fibmatch')) q.fibMatch = true;
  else if (word === 'as') throw new ToolError('ip: lowerdev has no "as" of routes yet\n', 1);
  else if (matches(word, 'sport') || matches(word, 'dport')) {
    const key = matches(word, 'sport') ? 'sport' : 'dport';
    const text = args.need();
    attrs[key] = parseNumber(text, 0xffff) ?? invarg(`invalid ${key}\n`, text);
  } else if (matches(word, 'ipproto')) {
    const text = args.need();
    attrs.ipProto = PROTOCOLS[text] ?? parseNumber(text, 255) ?? invarg('Invalid "ipproto" value\n', text);
  } else {
    const text = word === 'to' ? args.need() : word;
    if (matches(text, 'help')) throw new ToolError(routeUsage, 255);
    const p = needPrefix(text, header.family);
    if (header.family === 0) header.family = p.family;
    if (p.ip !== null) attrs.dst = p.ip;
    header.dstLen = p.length;
    q.address = true;
    const whole = bitsOf(p.family);
    if (p.ip !== null && p.length !== whole) {
      ip.proc.err(`Warning: /${p.length} as prefix is invalid, only /${whole} (or none) is supported.\n`);
      header.dstLen = whole;
    }
  }
}
