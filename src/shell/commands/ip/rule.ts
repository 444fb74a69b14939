// `ip rule`: show, add, del, flush. iproute2: ip/iprule.c.

import { utf8Encode } from '../../../base/utf8.ts';
import { wordTable } from '../../../base/word-table.ts';
import { RULE } from '../../../netlink/payload.ts';
import type { IpAddr } from '../../../uapi/attr.ts';
import { RTM_DELRULE, RTM_GETRULE, RTM_NEWRULE } from '../../../uapi/msgtype.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../../uapi/netlink.ts';
import { RT_TABLE_MAIN } from '../../../uapi/route.ts';
import {
  FIB_RULE_INVERT,
  type FibRuleHdr,
  FR_ACT_GOTO,
  FR_ACT_NOP,
  FR_ACT_TO_TBL,
  FR_ACT_UNSPEC,
  type RuleAttrs,
} from '../../../uapi/rule.ts';
import { Args, matches, needPrefix, parseNumber } from '../iproute/args.ts';
import { invarg, ToolError } from '../iproute/errors.ts';
import { DSFIELD, numberOf, PROTOCOLS, routeType, TABLES } from '../iproute/names.ts';
import type { Ip } from './context.ts';
import { parseGroup } from './link-names.ts';
import { parseRealms } from './route-modify.ts';
import { printRule, type RuleMsg } from './rule-print.ts';
import { ruleUsage } from './usage.ts';

const TRANSPORTS = wordTable<number>({ icmp: 1, tcp: 6, udp: 17, sctp: 132 });

export function doRule(ip: Ip, words: readonly string[]): number {
  const [verb, ...rest] = words;
  const args = new Args(rest);
  if (verb === undefined) return show(ip, args);
  if (matches(verb, 'list') || matches(verb, 'lst') || matches(verb, 'show')) return show(ip, args);
  if (matches(verb, 'save') || matches(verb, 'restore'))
    throw new ToolError(`ip: lowerdev has no "rule ${verb}" yet\n`, 1);
  if (matches(verb, 'add')) return modify(ip, args, RTM_NEWRULE);
  if (matches(verb, 'delete')) return modify(ip, args, RTM_DELRULE);
  if (matches(verb, 'flush')) return flush(ip, args);
  if (matches(verb, 'help')) throw new ToolError(ruleUsage, 255);
  throw new ToolError(`Command "${verb}" is unknown, try "ip rule help".\n`, 255);
}

function rules(ip: Ip, family: number): RuleMsg[] {
  return ip.dumpOrDie(() => ip.client.dump(RULE, RTM_GETRULE, { family }, {})).messages;
}

function show(ip: Ip, args: Args): number {
  const wanted = { table: 0, priority: null as number | null };
  for (; args.more; args.skip()) {
    const word = args.word;
    if (matches(word, 'preference') || matches(word, 'order') || matches(word, 'priority')) {
      const text = args.need();
      wanted.priority = parseNumber(text) ?? invarg('preference value is invalid\n', text);
    } else if (matches(word, 'table') || matches(word, 'lookup')) {
      const text = args.need();
      wanted.table = numberOf(TABLES, text) ?? invarg('table id value is invalid\n', text);
    } else if (matches(word, 'help')) throw new ToolError(ruleUsage, 255);
    else throw new ToolError(`ip: lowerdev's "rule show" chooses by priority and table only, not by "${word}"\n`, 1);
  }
  ip.out.begin();
  try {
    for (const msg of rules(ip, ip.opts.family === 0 ? 2 : ip.opts.family)) {
      if (wanted.priority !== null && (msg.attrs.priority ?? 0) !== wanted.priority) continue;
      if (wanted.table === 0 || (msg.attrs.table ?? msg.header.table) === wanted.table) printRule(ip, msg);
    }
  } finally {
    ip.out.finish();
  }
  return 0;
}

interface Parsed {
  header: FibRuleHdr;
  attrs: RuleAttrs;
  table: boolean;
}

function modify(ip: Ip, args: Args, type: number): number {
  const add = type === RTM_NEWRULE;
  if (!args.more) throw new ToolError(`"ip rule ${add ? 'add' : 'del'}" requires arguments.\n`, 1);
  const p: Parsed = {
    header: {
      family: ip.opts.family,
      dstLen: 0,
      srcLen: 0,
      tos: 0,
      table: 0,
      res1: 0,
      res2: 0,
      action: add ? FR_ACT_TO_TBL : FR_ACT_UNSPEC,
      flags: 0,
    },
    attrs: {},
    table: false,
  };
  for (; args.more; args.skip()) parseWord(p, args);
  if (p.header.family === 0) p.header.family = 2;
  if (!p.table && add && p.header.action === FR_ACT_TO_TBL && p.attrs.l3mdev === undefined)
    p.header.table = RT_TABLE_MAIN;
  ip.talk(() => ip.client.request(RULE, type, add ? NLM_F_CREATE | NLM_F_EXCL : 0, p.header, p.attrs));
  return 0;
}

function number(args: Args, what: string): number {
  const text = args.need();
  return parseNumber(text) ?? invarg(what, text);
}

function parseWord(p: Parsed, args: Args): void {
  const { header, attrs } = p;
  const word = args.word;
  if (word === 'not') header.flags |= FIB_RULE_INVERT;
  else if (word === 'from') {
    const [addr, length] = prefix(p, args.need());
    header.srcLen = length;
    attrs.src = addr;
  } else if (word === 'to') {
    const [addr, length] = prefix(p, args.need());
    header.dstLen = length;
    attrs.dst = addr;
  } else if (matches(word, 'preference') || matches(word, 'order') || matches(word, 'priority')) {
    attrs.priority = number(args, 'preference value is invalid\n');
  } else if (word === 'tos' || matches(word, 'dsfield')) {
    const text = args.need();
    header.tos = numberOf(DSFIELD, text) ?? invarg('TOS value is invalid\n', text);
  } else if (word === 'fwmark') parseMark(attrs, args.need());
  else if (matches(word, 'realms')) {
    const text = args.need();
    attrs.flow = parseRealms(text) ?? invarg('invalid realms\n', text);
  } else if (matches(word, 'protocol')) {
    const text = args.need();
    attrs.protocol = numberOf(PROTOCOLS, text) ?? invarg('"protocol" value is invalid\n', text);
  } else if (matches(word, 'table') || word === 'lookup') {
    const text = args.need();
    const table = numberOf(TABLES, text) ?? invarg('invalid table ID\n', text);
    if (table < 256) header.table = table;
    else attrs.table = table;
    p.table = true;
  } else if (matches(word, 'suppress_prefixlength') || word === 'sup_pl') {
    const what = 'suppress_prefixlength value is invalid\n';
    const text = args.need();
    attrs.suppressPrefixlen = parseNumber(text, 0x7fffffff) ?? invarg(what, text);
  } else if (matches(word, 'suppress_ifgroup') || word === 'sup_group') {
    const text = args.need();
    attrs.suppressIfgroup = parseGroup(text) ?? invarg('Invalid "suppress_ifgroup" value\n', text);
  } else if (word === 'dev' || word === 'iif') attrs.iifname = ifname(args, '"iif"/"dev"');
  else if (word === 'oif') attrs.oifname = ifname(args, '"oif"');
  else if (word === 'l3mdev') attrs.l3mdev = 1;
  else if (word === 'uidrange') {
    const text = args.need();
    const [start, end] = scanRange(text, 32);
    if (start === null || end === null) invarg('invalid UID range\n', text);
    attrs.uidRange = { start, end };
  } else if (word === 'ipproto') {
    const text = args.need();
    attrs.ipProto = TRANSPORTS[text] ?? parseNumber(text, 255) ?? invarg('Invalid "ipproto" value\n', text);
  } else if (word === 'sport' || word === 'dport') {
    const text = args.need();
    const [start, end] = scanRange(text, 16);
    if (start === null) invarg(`invalid ${word === 'sport' ? 'port' : word} range\n`, text);
    attrs[`${word}Range`] = { start, end: end ?? start };
  } else if (word === 'nat' || word === 'map-to') throw new ToolError('ip: lowerdev has no "nat" of rules yet\n', 1);
  else parseAction(p, args);
}

/** Linux tool: get_ifname(). */
function ifname(args: Args, what: string): string {
  const text = args.need();
  const bad = text === '' || utf8Encode(text).length > 15 || /[\s/]/.test(text);
  return bad ? invarg(`${what} not a valid ifname`, text) : text;
}

/** scanf's "%u-%u" of so many bits: what is too long for it is cut, and the kernel says what it makes of the rest. */
function scanRange(text: string, bits: number): [number | null, number | null] {
  const read = (digits: string | undefined): number | null => {
    if (digits === undefined) return null;
    const n = BigInt(digits.replace('+', ''));
    return Number(BigInt.asUintN(bits, n < 1n << 64n && n > -(1n << 64n) ? n : -1n));
  };
  const m = /^\s*([-+]?[0-9]+)(?:-\s*([-+]?[0-9]+))?/.exec(text);
  return [read(m?.[1]), read(m?.[2])];
}

function prefix(p: Parsed, text: string): [IpAddr | undefined, number] {
  const a = needPrefix(text, p.header.family); // which leaves the family as it is: without -6 it will be IPv4's
  return [a.ip ?? undefined, a.length];
}

/** VALUE or VALUE/MASK. */
function parseMark(attrs: RuleAttrs, text: string): void {
  const [value, mask] = text.split('/');
  attrs.fwmark = parseNumber(value) ?? invarg('fwmark value is invalid\n', value);
  if (mask !== undefined) attrs.fwmask = parseNumber(mask) ?? invarg('fwmask value is invalid\n', mask);
}

function parseAction(p: Parsed, args: Args): void {
  const { header, attrs } = p;
  let word = args.word;
  if (word === 'type') word = args.need();
  if (matches(word, 'help')) throw new ToolError(ruleUsage, 255);
  if (matches(word, 'goto')) {
    header.action = FR_ACT_GOTO;
    attrs.goto = number(args, 'invalid target\n');
  } else if (matches(word, 'nop')) header.action = FR_ACT_NOP;
  else header.action = routeType(word) ?? invarg('Failed to parse rule type', word);
}

/** All rules but the one of priority 0. */
function flush(ip: Ip, args: Args): number {
  let protocol: number | null = null;
  for (; args.more; args.skip()) {
    if (!matches(args.word, 'protocol')) throw new ToolError(ruleUsage, 255);
    const text = args.need();
    protocol = numberOf(PROTOCOLS, text);
    if (protocol === null && text !== 'all') invarg('"protocol" value is invalid\n', text);
  }
  for (const msg of rules(ip, ip.opts.family === 0 ? 2 : ip.opts.family)) {
    if (protocol !== null && msg.attrs.protocol !== protocol) continue;
    if (msg.attrs.priority === undefined) continue;
    try {
      ip.talk(() => ip.client.request(RULE, RTM_DELRULE, 0, msg.header, msg.attrs));
    } catch (e) {
      if (!(e instanceof ToolError)) throw e;
      throw new ToolError(`${e.text}Dump terminated\n`, 255);
    }
  }
  return 0;
}
