// The words by which `ip route show` and `flush` choose among routes. iproute2: ip/iproute.c, filter_nlmsg().

import type { IpAddr } from '../../../uapi/attr.ts';
import { RT_TABLE_MAIN, RTM_F_CLONED } from '../../../uapi/route.ts';
import { type Args, bitsOf, matches, needPrefix, type Prefix, parseNumber, sameBits } from '../iproute/args.ts';
import { invarg, ToolError } from '../iproute/errors.ts';
import { DSFIELD, familyOf, numberOf, PROTOCOLS, routeType, SCOPES, TABLES } from '../iproute/names.ts';
import type { Ip } from './context.ts';
import { parseRealms } from './route-modify.ts';
import type { RouteMsg, RouteView } from './route-print.ts';
import { tableOf } from './route-print.ts';
import { routeUsage } from './usage.ts';

/** Null: any. */
export interface RouteFilter {
  family: number;
  /** 0: all. */
  table: number;
  cloned: boolean;
  tos: number | null;
  protocol: number | null;
  scope: number | null;
  type: number | null;
  oif: number | null;
  iif: number | null;
  mark: number | null;
  metric: number | null;
  realm: number | null;
  realmMask: number;
  via: Prefix | null;
  src: Prefix | null;
  /** Destinations at least, and at most, as long as these. */
  rootDst: Prefix | null;
  matchDst: Prefix | null;
  rootSrc: Prefix | null;
  matchSrc: Prefix | null;
}

export function parseRouteFilter(ip: Ip, args: Args): RouteFilter {
  const f: RouteFilter = {
    family: ip.opts.family,
    table: RT_TABLE_MAIN,
    cloned: false,
    tos: null,
    protocol: null,
    scope: null,
    type: null,
    oif: null,
    iif: null,
    mark: null,
    metric: null,
    realm: null,
    realmMask: 0,
    via: null,
    src: null,
    rootDst: null,
    matchDst: null,
    rootSrc: null,
    matchSrc: null,
  };
  const names: { iif: string | null; oif: string | null } = { iif: null, oif: null };
  for (; args.more; args.skip()) parseWord(f, names, args);
  if (f.family === 0 && f.table !== 0) f.family = 2;
  if (names.iif !== null) f.iif = ip.links.need(names.iif);
  if (names.oif !== null) f.oif = ip.links.need(names.oif);
  return f;
}

function parseWord(f: RouteFilter, names: { iif: string | null; oif: string | null }, args: Args): void {
  const word = args.word;
  const family = f.family;
  if (matches(word, 'table')) {
    const text = args.need();
    const table = numberOf(TABLES, text);
    if (table !== null) f.table = table;
    else if (text === 'all') f.table = 0;
    else if (text === 'cache') f.cloned = true;
    else if (text === 'help') throw new ToolError(routeUsage, 255);
    else invarg('table id value is invalid\n', text);
  } else if (word === 'vrf') invarg('Invalid VRF\n', args.need());
  else if (matches(word, 'cached') || matches(word, 'cloned')) f.cloned = true;
  else if (word === 'tos' || matches(word, 'dsfield')) {
    const text = args.need();
    f.tos = numberOf(DSFIELD, text) ?? invarg('TOS value is invalid\n', text);
  } else if (matches(word, 'protocol'))
    f.protocol = orAll(args, (text) => numberOf(PROTOCOLS, text), 'invalid "protocol"\n');
  else if (matches(word, 'scope')) f.scope = orAll(args, (text) => numberOf(SCOPES, text), 'invalid "scope"\n');
  else if (matches(word, 'type')) {
    const text = args.need();
    f.type = routeType(text) ?? invarg('node type value is invalid\n', text);
  } else if (word === 'dev' || word === 'oif') names.oif = args.need();
  else if (word === 'iif') names.iif = args.need();
  else if (word === 'mark') f.mark = parseNumber(args.need()) ?? 0;
  else if (matches(word, 'metric') || matches(word, 'priority') || word === 'preference') {
    const text = args.need();
    f.metric = parseNumber(text) ?? invarg('"metric" value is invalid\n', text);
  } else if (word === 'via') {
    let text = args.need();
    const named = familyOf(text);
    if (named !== 0) text = args.need();
    f.via = needPrefix(text, named === 0 ? family : named);
  } else if (word === 'src') f.src = needPrefix(args.need(), family);
  else if (matches(word, 'realms')) parseRealmFilter(f, args.need());
  else if (matches(word, 'from')) {
    args.need();
    const [root, match] = rootMatch(args, family);
    f.rootSrc = root ?? f.rootSrc;
    f.matchSrc = match ?? f.matchSrc;
  } else {
    if (matches(word, 'to')) args.need();
    const [root, match] = rootMatch(args, family);
    f.rootDst = root ?? f.rootDst;
    f.matchDst = match ?? f.matchDst;
  }
}

function orAll(args: Args, read: (text: string) => number | null, what: string): number | null {
  const text = args.need();
  const n = read(text);
  if (n === null && text !== 'all') invarg(what, text);
  return n;
}

/** `root P`, `match P`, `exact P` or `P`, from the word at hand on: the lower and the upper bound. */
function rootMatch(args: Args, family: number): [Prefix | null, Prefix | null] {
  const word = args.word;
  if (matches(word, 'root')) return [needPrefix(args.need(), family), null];
  if (matches(word, 'match')) return [null, needPrefix(args.need(), family)];
  const p = needPrefix(matches(word, 'exact') ? args.need() : word, family);
  return [p, p];
}

function parseRealmFilter(f: RouteFilter, text: string): void {
  f.realm = parseRealms(text) ?? invarg('invalid realms\n', text);
  f.realmMask = 0xffffffff;
  if ((f.realm & 0xffff) === 0 && text.endsWith('/')) f.realmMask &= ~0xffff;
  if (f.realm >>> 16 === 0 && (!text.includes('/') || text.startsWith('/'))) f.realmMask &= 0xffff;
}

/** `default`, `any` and `all` match by their length 0 alone. */
const zeroOf = (family: number): IpAddr => (family === 10 ? new Uint8Array(16) : 0);

export function routePasses(f: RouteFilter, msg: RouteMsg): boolean {
  const { header: h, attrs: a } = msg;
  if (f.family !== 0 && h.family !== f.family) return false;
  if (f.cloned !== ((h.flags & RTM_F_CLONED) !== 0)) return false;
  if (f.table > 0 && f.table !== tableOf(msg)) return false;
  if (f.protocol !== null && f.protocol !== h.protocol) return false;
  if (f.scope !== null && f.scope !== h.scope) return false;
  if (f.type !== null && f.type !== h.type) return false;
  if (f.tos !== null && f.tos !== h.tos) return false;
  if (f.oif !== null && f.oif !== (a.oif ?? 0)) return false;
  if (f.iif !== null && f.iif !== (a.iif ?? 0)) return false;
  if (f.mark !== null && f.mark !== (a.mark ?? 0)) return false;
  if (f.metric !== null && f.metric !== (a.priority ?? 0)) return false;
  if (f.realm !== null && ((f.realm ^ (a.flow ?? 0)) & f.realmMask) !== 0) return false;
  if (!between(f.rootDst, f.matchDst, h.family, a.dst, h.dstLen)) return false;
  if (!between(f.rootSrc, f.matchSrc, h.family, a.src, h.srcLen)) return false;
  return within(f.via, h.family, a.gateway) && within(f.src, h.family, a.prefsrc);
}

function between(
  root: Prefix | null,
  match: Prefix | null,
  family: number,
  addr: IpAddr | undefined,
  length: number,
): boolean {
  const ip = addr ?? zeroOf(family);
  if (root !== null && root.family !== 0) {
    if (family !== root.family || root.length > length || !sameBits(ip, root.ip ?? zeroOf(family), root.length))
      return false;
  }
  if (match !== null && match.family !== 0) {
    if (family !== match.family || match.length < length || !sameBits(ip, match.ip ?? zeroOf(family), length))
      return false;
  }
  // `exact default`: no family is known, so the length alone decides.
  if (root !== null && root.family === 0 && root.length > length) return false;
  return match === null || match.family !== 0 || match.length >= length;
}

function within(p: Prefix | null, family: number, addr: IpAddr | undefined): boolean {
  if (p === null || p.family === 0) return true;
  return family === p.family && sameBits(addr ?? zeroOf(family), p.ip ?? zeroOf(family), p.length);
}

const whole = (p: Prefix | null): boolean => p !== null && p.family !== 0 && p.length === bitsOf(p.family);

/** What was asked for is not printed again. */
export function viewOf(f: RouteFilter): RouteView {
  return {
    table: f.table,
    metric: f.metric !== null,
    tos: f.tos !== null,
    protocol: f.protocol !== null,
    scope: f.scope !== null,
    oif: f.oif !== null,
    iif: f.iif !== null,
    realm: f.realm !== null && f.realmMask === 0xffffffff,
    via: whole(f.via),
    src: whole(f.src),
  };
}
