// RTM_NEWRULE, RTM_DELRULE, RTM_GETRULE: the policy databases of IPv4 and IPv6. What rules can ask of a packet that nothing
// here carries (marks, ports, protocols) is refused by name. Linux: net/core/fib_rules.c, fib_nl2rule(),
// fib_nl_dumprule(), fib_nl_fill_rule().

import { NO_SUPPRESS } from '../inet/fib-rules.ts';
import {
  RULES4,
  RULES6,
  type RuleFamily,
  type RuleInfo,
  type RuleRequest,
  ruleAdd,
  ruleDel,
  ruleDump,
} from '../inet/rule-control.ts';
import { encodeTo } from '../netlink/attrs.ts';
import { NlError } from '../netlink/error.ts';
import { writeStruct } from '../netlink/struct.ts';
import type { Writer } from '../netlink/writer.ts';
import type { IpAddr } from '../uapi/attr.ts';
import { AF_INET, AF_INET6 } from '../uapi/link.ts';
import { RTM_DELRULE, RTM_NEWRULE } from '../uapi/msgtype.ts';
import { NLM_F_EXCL } from '../uapi/netlink.ts';
import { RT_TABLE_COMPAT } from '../uapi/route.ts';
import { RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE } from '../uapi/rtnlgrp.ts';
import { FIB_RULE_HDR, FIB_RULE_INVERT, type FibRuleHdr, FR_ACT_GOTO, FRA } from '../uapi/rule.ts';
import { In6 } from '../wire/in6.ts';
import type { Dump } from './dump.ts';
import { notify } from './listeners.ts';
import { originOf } from './origin.ts';
import type { Request } from './request.ts';
import type { Tb } from './tb.ts';

/** FRA_*. */
const F = {
  DST: 1,
  SRC: 2,
  IIFNAME: 3,
  GOTO: 4,
  PRIORITY: 6,
  FWMARK: 10,
  FLOW: 11,
  TUN_ID: 12,
  SUPPRESS_IFGROUP: 13,
  SUPPRESS_PREFIXLEN: 14,
  TABLE: 15,
  FWMASK: 16,
  OIFNAME: 17,
  L3MDEV: 19,
  UID_RANGE: 20,
  PROTOCOL: 21,
  IP_PROTO: 22,
  SPORT_RANGE: 23,
  DPORT_RANGE: 24,
} as const;

const IFNAMSIZ = 16;
const ECN_BITS = 3;

/** What a rule may ask of a packet in Linux, and may not here. */
const NOT_HERE: ReadonlyArray<readonly [type: number, what: string]> = [
  [F.FWMARK, 'by mark'],
  [F.FWMASK, 'by mark'],
  [F.TUN_ID, 'by tunnel'],
  [F.L3MDEV, 'by VRF'],
  [F.IP_PROTO, 'by protocol'],
  [F.SPORT_RANGE, 'by port'],
  [F.DPORT_RANGE, 'by port'],
];

interface Family<A> {
  readonly family: number;
  readonly bytes: number;
  readonly group: number;
  readonly rules: RuleFamily<A>;
  readonly none: A;
  read(tb: Tb, type: number): A;
  /** As the codec writes it. */
  text(addr: A): IpAddr;
}

const V4: Family<number> = {
  family: AF_INET,
  bytes: 4,
  group: RTNLGRP_IPV4_RULE,
  rules: RULES4,
  none: 0,
  read: (tb, type) => tb.be32(type),
  text: (addr) => addr,
};

const V6: Family<In6> = {
  family: AF_INET6,
  bytes: 16,
  group: RTNLGRP_IPV6_RULE,
  rules: RULES6,
  none: new In6(),
  read: (tb, type) => new In6().read(tb.bytes(type), 0),
  text: (addr) => addr.bytes(),
};

export function newRule(req: Request): void {
  if (req.family === AF_INET6) change(V6, req, ruleAdd);
  else change(V4, req, ruleAdd);
}

export function delRule(req: Request): void {
  if (req.family === AF_INET6) change(V6, req, ruleDel);
  else change(V4, req, ruleDel);
}

export function dumpRules(req: Request, out: Dump): void {
  checkDump(req);
  dump(V4, req, out);
}

export function dumpRules6(req: Request, out: Dump): void {
  checkDump(req);
  if (req.ns.inet6 !== null) dump(V6, req, out);
}

/** A family without rules. */
export function noRules(_req: Request): void {
  throw new NlError('EAFNOSUPPORT', 'Rule family not supported');
}

/** Linux: fib_nl_dumprule() with AF_UNSPEC. */
export function dumpAllRules(req: Request, out: Dump): void {
  checkDump(req);
  if (req.family !== 0) throw new NlError('EAFNOSUPPORT');
  dump(V4, req, out);
  dumpRules6(req, out);
}

/** Linux: fib_valid_dumprule_req(). */
function checkDump(req: Request): void {
  if (!req.strict) return;
  if (req.len < FIB_RULE_HDR.size) throw new NlError('EINVAL', 'Invalid header for fib rule dump request');
  const { family: _, ...rest } = req.header(FIB_RULE_HDR);
  if (Object.values(rest).some((value) => value !== 0)) {
    throw new NlError('EINVAL', 'Invalid values in header for fib rule dump request');
  }
  if (req.len > FIB_RULE_HDR.size) throw new NlError('EINVAL', 'Invalid data after header in fib rule dump request');
}

function change<A>(f: Family<A>, req: Request, doIt: typeof ruleAdd): void {
  const info = doIt(f.rules, req.ns, requestOf(f, req));
  notify(req.ns, f.group, req.type, originOf(req.ns, RTM_NEWRULE, RTM_DELRULE), (w) => fill(f, info, w));
}

function requestOf<A>(f: Family<A>, req: Request): RuleRequest<A> {
  const tb = parseRule(req);
  const frh = req.header(FIB_RULE_HDR);
  const [srcLen, dstLen] = [lengthOf(f, tb, F.SRC, frh.srcLen, 'source'), lengthOf(f, tb, F.DST, frh.dstLen, 'dst')];
  if (tb.has(F.GOTO) && frh.action !== FR_ACT_GOTO) throw new NlError('EINVAL', 'Unexpected goto');
  if (!tb.has(F.GOTO) && frh.action === FR_ACT_GOTO && req.type === RTM_NEWRULE) {
    throw new NlError('EINVAL', 'Missing goto target for action goto');
  }
  if (f.family === AF_INET && (frh.tos & ECN_BITS) !== 0) {
    throw new NlError('EINVAL', 'Invalid dsfield (tos): ECN bits must be 0');
  }
  refuseWhatIsNotHere(f, tb, frh);
  return {
    src: srcLen === 0 ? f.none : f.read(tb, F.SRC),
    srcLen,
    dst: dstLen === 0 ? f.none : f.read(tb, F.DST),
    dstLen,
    pref: tb.u32(F.PRIORITY),
    hasPref: tb.has(F.PRIORITY),
    exclusive: (req.flags & NLM_F_EXCL) !== 0,
    action: frh.action,
    table: tb.has(F.TABLE) ? tb.u32(F.TABLE) : frh.table,
    invert: (frh.flags & FIB_RULE_INVERT) !== 0,
    iifname: tb.text(F.IIFNAME, IFNAMSIZ - 1),
    oifname: tb.text(F.OIFNAME, IFNAMSIZ - 1),
    goto: tb.u32(F.GOTO),
    tos: frh.tos,
    protocol: tb.u8(F.PROTOCOL),
    flow: f.family === AF_INET ? tb.u32(F.FLOW) : 0,
    suppressPrefixlen: tb.has(F.SUPPRESS_PREFIXLEN) ? tb.s32(F.SUPPRESS_PREFIXLEN) : NO_SUPPRESS,
    suppressIfgroup: tb.has(F.SUPPRESS_IFGROUP) ? tb.s32(F.SUPPRESS_IFGROUP) : NO_SUPPRESS,
    uidRange: uidRangeOf(tb),
  };
}

/** What is wrong with an attribute is said in the same words, whatever it is. */
function parseRule(req: Request): Tb {
  if (req.len < FIB_RULE_HDR.size) throw new NlError('EINVAL', 'Invalid msg length');
  try {
    return req.parse(FIB_RULE_HDR, FRA);
  } catch (e) {
    if (e instanceof NlError) throw new NlError(e.errno, { ...e.extack, text: 'Error parsing msg' }, e.path);
    throw e;
  }
}

function lengthOf<A>(f: Family<A>, tb: Tb, type: number, length: number, what: string): number {
  if (length === 0) return 0;
  if (!tb.has(type) || length > f.bytes * 8 || tb.len(type) !== f.bytes) {
    throw new NlError('EINVAL', `Invalid ${what} address`);
  }
  return length;
}

function refuseWhatIsNotHere<A>(f: Family<A>, tb: Tb, frh: FibRuleHdr): void {
  for (const [type, name] of [[F.SPORT_RANGE, 'sport'] as const, [F.DPORT_RANGE, 'dport'] as const]) {
    if (!tb.has(type)) continue;
    const at = tb.start(type);
    const [start, end] = [tb.src.view.getUint16(at, true), tb.src.view.getUint16(at + 2, true)];
    if (start === 0 || end === 0xffff || start > end) throw new NlError('EINVAL', `Invalid ${name} range`);
  }
  const asked = NOT_HERE.find(([type]) => tb.has(type) && tb.bytes(type).some((byte) => byte !== 0));
  const what = asked?.[1] ?? (f.family === AF_INET6 && frh.tos !== 0 ? 'by traffic class' : null);
  if (what !== null) throw new NlError('EOPNOTSUPP', `Rules ${what} are not part of this model`);
}

function uidRangeOf(tb: Tb): RuleRequest<unknown>['uidRange'] {
  if (!tb.has(F.UID_RANGE)) return null;
  const at = tb.start(F.UID_RANGE);
  const [start, end] = [tb.src.view.getUint32(at, true), tb.src.view.getUint32(at + 4, true)];
  const NOBODY = 0xffffffff;
  if (start === NOBODY || end === NOBODY || start > end) throw new NlError('EINVAL', 'Invalid uid range');
  return { start, end };
}

function dump<A>(f: Family<A>, req: Request, out: Dump): void {
  for (const info of ruleDump(f.rules, req.ns)) out.message(RTM_NEWRULE, (w) => fill(f, info, w));
}

/** Linux: fib_nl_fill_rule(), fib4_rule_fill(). */
function fill<A>(f: Family<A>, { rule, flags }: RuleInfo<A>, w: Writer): void {
  const { srcLen, dstLen, tos, action, flow } = rule;
  const table = rule.table < 256 ? rule.table : RT_TABLE_COMPAT;
  writeStruct(FIB_RULE_HDR, { family: f.family, dstLen, srcLen, tos, table, action, flags }, w);
  encodeTo(
    FRA,
    {
      table: rule.table,
      suppressPrefixlen: rule.suppressPrefixlen >>> 0,
      protocol: rule.protocol,
      ...(rule.iifname === '' ? {} : { iifname: rule.iifname }),
      ...(rule.oifname === '' ? {} : { oifname: rule.oifname }),
      ...(rule.pref === 0 ? {} : { priority: rule.pref }),
      ...(rule.goto === 0 ? {} : { goto: rule.goto }),
      ...(rule.uidRange === null ? {} : { uidRange: rule.uidRange }),
      ...(rule.suppressIfgroup === NO_SUPPRESS ? {} : { suppressIfgroup: rule.suppressIfgroup >>> 0 }),
      ...(dstLen === 0 ? {} : { dst: f.text(rule.dst) }),
      ...(srcLen === 0 ? {} : { src: f.text(rule.src) }),
      ...(flow === 0 ? {} : { flow }),
    },
    w,
  );
}
