// Policy routing: which table is asked for a packet. A namespace begins with the rules that it is born with, which the
// lookups know by heart; a list exists from the first change on. One class for both families, which differ in how an
// address is compared and what an answer of a table looks like. Linux: net/core/fib_rules.c.

import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { RT_TABLE_DEFAULT, RT_TABLE_LOCAL, RT_TABLE_MAIN, RTPROT_KERNEL } from '../uapi/route.ts';
import {
  FIB_RULE_IIF_DETACHED,
  FIB_RULE_INVERT,
  FIB_RULE_OIF_DETACHED,
  FIB_RULE_UNRESOLVED,
  FR_ACT_GOTO,
  FR_ACT_NOP,
  FR_ACT_PROHIBIT,
  FR_ACT_TO_TBL,
  FR_ACT_UNREACHABLE,
} from '../uapi/rule.ts';
import { EACCES, EAGAIN, EINVAL, ENETUNREACH } from './errno.ts';
import { maskOf } from './ipaddr.ts';

/** A rule that was made for no such device: no ifindex is it. */
const DETACHED = -1;
/** Every process of the model is root's. */
const UID = 0;
/** "No upper bound": what a rule without these says in a dump. */
export const NO_SUPPRESS = -1;
/** flowi_iif of what this host sends. */
export const LOOPBACK_IFINDEX = 1;

/** What a rule says, apart from whose addresses it means. Linux: struct fib_rule. */
export interface RuleSpec {
  pref: number;
  action: number;
  table: number;
  invert: boolean;
  iifname: string;
  oifname: string;
  goto: number;
  tos: number;
  protocol: number;
  flow: number;
  suppressPrefixlen: number;
  suppressIfgroup: number;
  uidRange: { start: number; end: number } | null;
}

/** `A` is the family's address; lengths of 0 mean any. */
export class FibRule<A> implements RuleSpec {
  pref = 0;
  action = FR_ACT_TO_TBL;
  table = 0;
  invert = false;
  iifname = '';
  oifname = '';
  goto = 0;
  tos = 0;
  protocol = 0;
  flow = 0;
  suppressPrefixlen = NO_SUPPRESS;
  suppressIfgroup = NO_SUPPRESS;
  uidRange: { start: number; end: number } | null = null;
  readonly src: A;
  readonly srcLen: number;
  readonly dst: A;
  readonly dstLen: number;
  /** Of iifname and oifname; 0: any, DETACHED: there is no such device. */
  iif = 0;
  oif = 0;

  constructor(src: A, srcLen: number, dst: A, dstLen: number) {
    this.src = src;
    this.srcLen = srcLen;
    this.dst = dst;
    this.dstLen = dstLen;
  }
}

/** The rules of one family in one namespace, in the order in which they are asked. */
export class RuleList<A> {
  readonly rules: Array<FibRule<A>> = [];
  /** Realms of the rule by which the last lookup ended. Linux: fib_rules_tclass(). */
  flow = 0;
  private readonly ns: NetNs;

  constructor(ns: NetNs, any: A, tables: ReadonlyArray<readonly [pref: number, table: number]>) {
    this.ns = ns;
    for (const [pref, table] of tables) {
      const rule = new FibRule(any, 0, any, 0);
      rule.pref = pref;
      rule.table = table;
      rule.protocol = RTPROT_KERNEL;
      this.rules.push(rule);
    }
  }

  /** Behind those of the same preference. */
  add(rule: FibRule<A>): void {
    const at = this.rules.findIndex((r) => r.pref > rule.pref);
    this.rules.splice(at < 0 ? this.rules.length : at, 0, rule);
    rule.iif = this.indexOf(rule.iifname);
    rule.oif = this.indexOf(rule.oifname);
  }

  remove(rule: FibRule<A>): void {
    this.rules.splice(this.rules.indexOf(rule), 1);
  }

  /** In front of the second rule: what a rule without a preference gets. Linux: fib_default_rule_pref(). */
  get freePref(): number {
    const second = this.rules[1];
    return second === undefined || second.pref === 0 ? 0 : second.pref - 1;
  }

  /** FIB_RULE_* as a dump tells them. */
  flagsOf(rule: FibRule<A>): number {
    return (
      (rule.invert ? FIB_RULE_INVERT : 0) |
      (rule.action === FR_ACT_GOTO && this.targetOf(rule) < 0 ? FIB_RULE_UNRESOLVED : 0) |
      (rule.iif === DETACHED ? FIB_RULE_IIF_DETACHED : 0) |
      (rule.oif === DETACHED ? FIB_RULE_OIF_DETACHED : 0)
    );
  }

  /** Where a `goto` leads in `rules`; -1: nowhere yet. */
  targetOf(rule: FibRule<A>): number {
    return this.rules.findIndex((r) => r.pref === rule.goto);
  }

  /** A device came, went or has another name. Linux: fib_rules_event(). */
  follow(dev: NetDevice, gone: boolean): void {
    for (const rule of this.rules) {
      rule.iif = followed(rule.iif, rule.iifname, dev, gone);
      rule.oif = followed(rule.oif, rule.oifname, dev, gone);
    }
  }

  /**
   * Asks one rule after the other. `matches`: do the addresses fit? `ask`: looks in a table; 0 or -errno. `tooShort`: is what it found
   * a route that the rule suppresses? 0 or -errno; -EAGAIN: no rule knew. Linux: fib_rules_lookup().
   */
  lookup<K extends RuleKey>(
    key: K,
    matches: (rule: FibRule<A>, key: K) => boolean,
    ask: (table: number, key: K) => number,
    tooShort: (rule: FibRule<A>) => boolean,
  ): number {
    for (let i = 0; i < this.rules.length; i++) {
      const rule = this.rules[i];
      if ((here(rule, key) && matches(rule, key)) === rule.invert) continue;
      if (rule.action === FR_ACT_GOTO) {
        const to = this.targetOf(rule);
        if (to >= 0) i = to - 1; // forwards only, and the target is matched, too
        continue;
      }
      if (rule.action === FR_ACT_NOP) continue;
      const err = rule.action === FR_ACT_TO_TBL ? ask(rule.table, key) : refusalOf(rule.action);
      if (err === 0 && tooShort(rule)) continue;
      if (err === -EAGAIN) continue;
      this.flow = rule.flow;
      return err;
    }
    return -EAGAIN;
  }

  private indexOf(name: string): number {
    return name === '' ? 0 : (this.ns.dev(name)?.ifindex ?? DETACHED);
  }
}

/** What a rule asks of a packet beside its addresses. */
export interface RuleKey {
  readonly iif: number;
  readonly oif: number;
  readonly tos: number;
}

/** Linux: fib_rule_match(), without what the family compares. */
function here<A>(rule: FibRule<A>, key: RuleKey): boolean {
  if (rule.iif !== 0 && rule.iif !== key.iif) return false;
  if (rule.oif !== 0 && rule.oif !== key.oif) return false;
  if (rule.tos !== 0 && rule.tos !== (key.tos & 0xfc)) return false;
  return rule.uidRange === null || rule.uidRange.start <= UID;
}

function refusalOf(action: number): number {
  if (action === FR_ACT_UNREACHABLE) return -ENETUNREACH;
  return action === FR_ACT_PROHIBIT ? -EACCES : -EINVAL;
}

function followed(index: number, name: string, dev: NetDevice, gone: boolean): number {
  if (name === '') return 0;
  if (index === dev.ifindex && (gone || name !== dev.name)) return DETACHED;
  return index === DETACHED && !gone && name === dev.name ? dev.ifindex : index;
}

/** Does a route of `prefixLen` by a device of `group` not count for this rule? Linux: fib4_rule_suppress(). */
export function suppressed(rule: RuleSpec, prefixLen: number, group: number): boolean {
  return (
    (rule.suppressPrefixlen !== NO_SUPPRESS && prefixLen <= rule.suppressPrefixlen) ||
    (rule.suppressIfgroup !== NO_SUPPRESS && group === rule.suppressIfgroup)
  );
}

/** Do both agree in the first `len` bits? */
export function prefixEqual4(a: number, b: number, len: number): boolean {
  return ((a ^ b) & maskOf(len)) === 0;
}

/** What IPv4 and IPv6 are born with. Linux: fib_default_rules_init(), fib6_rules_net_init(). */
export const BORN4 = [
  [0, RT_TABLE_LOCAL],
  [32766, RT_TABLE_MAIN],
  [32767, RT_TABLE_DEFAULT],
] as const;
export const BORN6 = [
  [0, RT_TABLE_LOCAL],
  [32766, RT_TABLE_MAIN],
] as const;
