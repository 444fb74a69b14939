// Rules by request: RTM_NEWRULE, RTM_DELRULE and their dump, for both families. Linux: net/core/fib_rules.c,
// fib_newrule(), fib_delrule(), rule_find(); ipv4/fib_rules.c, fib4_rule_configure(), fib4_rule_compare().

import { Refusal } from '../net/linkops.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { RT_TABLE_LOCAL } from '../uapi/route.ts';
import { FR_ACT_GOTO, FR_ACT_TO_TBL } from '../uapi/rule.ts';
import { In6, in6PrefixEqual } from '../wire/in6.ts';
import { EEXIST, EINVAL, ENOBUFS, ENOENT } from './errno.ts';
import { BORN4, BORN6, FibRule, NO_SUPPRESS, prefixEqual4, RuleList, type RuleSpec } from './fib-rules.ts';
import { table6Of } from './fib6-lookup.ts';
import { inetNs } from './state.ts';
import { inet6Ns } from './state6.ts';

/** A request; addresses as the family has them. */
export interface RuleRequest<A> extends RuleSpec {
  readonly src: A;
  readonly srcLen: number;
  readonly dst: A;
  readonly dstLen: number;
  /** FRA_PRIORITY was there. */
  readonly hasPref: boolean;
  /** NLM_F_EXCL. */
  readonly exclusive: boolean;
}

/** A rule as a dump tells it. */
export interface RuleInfo<A> {
  readonly rule: FibRule<A>;
  /** FIB_RULE_*. */
  readonly flags: number;
}

/** What differs between the families. */
export interface RuleFamily<A> {
  /** Null: only the rules that a namespace is born with. */
  own(ns: NetNs): RuleList<A> | null;
  born(ns: NetNs): RuleList<A>;
  keep(ns: NetNs, list: RuleList<A>): void;
  equal(a: A, b: A, len: number): boolean;
  hasTable(ns: NetNs, id: number): boolean;
  /** A rule without a table gets an empty one; false: it is refused. */
  readonly makesTable: boolean;
  /** A rule asks this table from now on. */
  asks(ns: NetNs, id: number): void;
}

export const RULES4: RuleFamily<number> = {
  own: (ns) => inetNs(ns).rules,
  born: (ns) => new RuleList(ns, 0, BORN4),
  keep: (ns, list) => {
    inetNs(ns).rules = list;
    inetNs(ns).genid++;
  },
  equal: prefixEqual4,
  hasTable: (ns, id) => inetNs(ns).tables.has(id),
  makesTable: true,
  asks: () => {},
};

export const RULES6: RuleFamily<In6> = {
  own: (ns) => inet6Ns(ns)?.rules ?? null,
  born: (ns) => new RuleList(ns, new In6(), BORN6),
  keep: (ns, list) => {
    const i6 = inet6Ns(ns);
    if (i6 === null) return;
    i6.rules = list;
    i6.genid++;
  },
  equal: in6PrefixEqual,
  hasTable: (ns, id) => inet6Ns(ns)?.tables.has(id) ?? false,
  makesTable: false,
  // Linux: fib6_rule_configure().
  asks: (ns, id) => {
    const i6 = inet6Ns(ns);
    if (i6 !== null) table6Of(i6, id);
  },
};

export function ruleDump<A>(family: RuleFamily<A>, ns: NetNs): Array<RuleInfo<A>> {
  const list = family.own(ns) ?? family.born(ns);
  return list.rules.map((rule) => ({ rule, flags: list.flagsOf(rule) }));
}

/** The new rule. Linux: fib_newrule(). */
export function ruleAdd<A>(family: RuleFamily<A>, ns: NetNs, req: RuleRequest<A>): RuleInfo<A> {
  const list = family.own(ns) ?? family.born(ns);
  const pref = req.hasPref ? req.pref : list.freePref;
  if (req.action === FR_ACT_GOTO && req.goto <= pref) throw new Refusal(EINVAL, 'Backward goto not supported');
  const rule = new FibRule(req.src, req.srcLen, req.dst, req.dstLen);
  copySpec(rule, req);
  rule.pref = pref;
  if (req.exclusive && list.rules.some((r) => sameRule(family, r, rule))) throw new Refusal(EEXIST);
  if (rule.table === 0 && rule.action === FR_ACT_TO_TBL) {
    if (!family.makesTable) throw new Refusal(EINVAL, 'Invalid table');
    rule.table = emptyTable(family, ns);
  }
  if (rule.action === FR_ACT_TO_TBL) family.asks(ns, rule.table);
  list.add(rule);
  family.keep(ns, list);
  return { rule, flags: list.flagsOf(rule) };
}

/** The rule that is gone: the first that is as the request says, where it says something. Linux: fib_delrule(). */
export function ruleDel<A>(family: RuleFamily<A>, ns: NetNs, req: RuleRequest<A>): RuleInfo<A> {
  const list = family.own(ns) ?? family.born(ns);
  const rule = list.rules.find((r) => meant(r, req) && comparable(family, r, req));
  if (rule === undefined) throw new Refusal(ENOENT);
  const flags = list.flagsOf(rule);
  list.remove(rule);
  family.keep(ns, list);
  return { rule, flags };
}

/** A device came, has another name, or went. */
export function rulesFollow(dev: NetDevice, gone: boolean): void {
  RULES4.own(dev.ns)?.follow(dev, gone);
  RULES6.own(dev.ns)?.follow(dev, gone);
}

function copySpec(to: RuleSpec, from: RuleSpec): void {
  to.action = from.action;
  to.table = from.table;
  to.invert = from.invert;
  to.iifname = from.iifname;
  to.oifname = from.oifname;
  to.goto = from.goto;
  to.tos = from.tos;
  to.protocol = from.protocol;
  to.flow = from.flow;
  to.suppressPrefixlen = from.suppressPrefixlen;
  to.suppressIfgroup = from.suppressIfgroup;
  to.uidRange = from.uidRange;
}

/** Linux: rule_exists(). */
function sameRule<A>(family: RuleFamily<A>, a: FibRule<A>, b: FibRule<A>): boolean {
  return (
    a.action === b.action &&
    a.table === b.table &&
    a.pref === b.pref &&
    a.protocol === b.protocol &&
    a.iifname === b.iifname &&
    a.oifname === b.oifname &&
    a.suppressIfgroup === b.suppressIfgroup &&
    a.suppressPrefixlen === b.suppressPrefixlen &&
    sameRange(a.uidRange, b.uidRange) &&
    comparable(family, a, b)
  );
}

function sameRange(a: RuleSpec['uidRange'], b: RuleSpec['uidRange']): boolean {
  return a === b || (a !== null && b !== null && a.start === b.start && a.end === b.end);
}

/** Linux: rule_find(). */
function meant<A>(r: FibRule<A>, req: RuleRequest<A>): boolean {
  return (
    (req.action === 0 || r.action === req.action) &&
    (req.table === 0 || r.table === req.table) &&
    (!req.hasPref || r.pref === req.pref) &&
    (req.iifname === '' || r.iifname === req.iifname) &&
    (req.oifname === '' || r.oifname === req.oifname) &&
    (req.suppressIfgroup === NO_SUPPRESS || r.suppressIfgroup === req.suppressIfgroup) &&
    (req.suppressPrefixlen === NO_SUPPRESS || r.suppressPrefixlen === req.suppressPrefixlen) &&
    (req.uidRange === null || sameRange(r.uidRange, req.uidRange))
  );
}

type Compared<A> = Pick<RuleRequest<A>, 'src' | 'srcLen' | 'dst' | 'dstLen' | 'tos' | 'flow'>;

/** What `b` says of addresses, tos and realms. Linux: fib4_rule_compare(). */
function comparable<A>(family: RuleFamily<A>, a: Compared<A>, b: Compared<A>): boolean {
  if (b.srcLen !== 0 && (a.srcLen !== b.srcLen || !family.equal(a.src, b.src, b.srcLen))) return false;
  if (b.dstLen !== 0 && (a.dstLen !== b.dstLen || !family.equal(a.dst, b.dst, b.dstLen))) return false;
  return (b.tos === 0 || a.tos === b.tos) && (b.flow === 0 || a.flow === b.flow);
}

/** The lowest number without a table. Linux: fib_empty_table(). */
function emptyTable<A>(family: RuleFamily<A>, ns: NetNs): number {
  for (let id = 1; id <= RT_TABLE_LOCAL; id++) if (!family.hasTable(ns, id)) return id;
  throw new Refusal(ENOBUFS);
}
