// Lookups over the tables of a namespace: table local first, then main, or as its own rules say; a `throw` route sends the
// search on. Linux: fib6_rule_lookup() in net/ipv6/fib6_rules.c.

import { In6, in6PrefixEqual } from '../wire/in6.ts';
import { EAGAIN, ENETUNREACH } from './errno.ts';
import { type FibRule, LOOPBACK_IFINDEX, suppressed } from './fib-rules.ts';
import { Fib6Table, fib6LookupIn, type Route6 } from './fib6.ts';
import type { Inet6Ns } from './state6.ts';

/** The last lookup's answer; read at once. */
export const fib6Result: { route: Route6 | null } = { route: null };

/** What rules ask of a packet; whoever looks up fills it in first. `iif` 1 (lo): this host sends. */
export const rule6Key = { dst: new In6(), src: new In6(), iif: LOOPBACK_IFINDEX, oif: 0, tos: 0 };

/**
 * 0 with the route in fib6Result, or -errno; a route that says no (unreachable and its kin) is there, too. `strict`: F6_*.
 */
export function fib6Lookup(i6: Inet6Ns, dst: In6, oif: number, strict: number): number {
  if (i6.rules !== null) return lookupByRules(i6, dst, oif, strict);
  let r = fib6LookupIn(i6, i6.local, dst, oif, strict);
  if (r === null || r.error === -EAGAIN) r = fib6LookupIn(i6, i6.main, dst, oif, strict);
  if (r !== null && r.error === -EAGAIN) r = null;
  fib6Result.route = r;
  return r === null ? -ENETUNREACH : r.error;
}

function lookupByRules(i6: Inet6Ns, dst: In6, oif: number, strict: number): number {
  const ask = (table: number): number => {
    const t = i6.tables.get(table);
    const r = t === undefined ? null : fib6LookupIn(i6, t, dst, oif, strict);
    if (r === null || r.error === -EAGAIN) return -EAGAIN;
    fib6Result.route = r;
    return r.error;
  };
  fib6Result.route = null;
  rule6Key.dst.set(dst);
  const err = i6.rules?.lookup(rule6Key, addressesFit, ask, tooShort) ?? -EAGAIN;
  if (err === -EAGAIN) fib6Result.route = null;
  return err === -EAGAIN ? -ENETUNREACH : err;
}

/** Linux: fib6_rule_match(). */
function addressesFit(rule: FibRule<In6>): boolean {
  const { src, dst } = rule6Key;
  return in6PrefixEqual(rule.src, src, rule.srcLen) && in6PrefixEqual(rule.dst, dst, rule.dstLen);
}

function tooShort(rule: FibRule<In6>): boolean {
  const r = fib6Result.route as Route6;
  return suppressed(rule, r.dstLen, r.dev?.group ?? 0);
}

export function table6Of(i6: Inet6Ns, id: number): Fib6Table {
  let t = i6.tables.get(id);
  if (t === undefined) {
    t = new Fib6Table(id);
    i6.tables.set(id, t);
  }
  return t;
}
