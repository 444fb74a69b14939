// Lookups over the tables of a namespace: what the rules 0 and 32766 say. Own rules are not modelled. Table local first,
// then main; a `throw` route sends the search on. Linux: fib6_rule_lookup() in net/ipv6/fib6_rules.c.

import type { In6 } from '../wire/in6.ts';
import { EAGAIN, ENETUNREACH } from './errno.ts';
import { Fib6Table, fib6LookupIn, type Route6 } from './fib6.ts';
import type { Inet6Ns } from './state6.ts';

/** The last lookup's answer; read at once. */
export const fib6Result: { route: Route6 | null } = { route: null };

/**
 * 0 with the route in fib6Result, or -errno; a route that says no (unreachable and its kin) is there, too. `strict`: F6_*.
 */
export function fib6Lookup(i6: Inet6Ns, dst: In6, oif: number, strict: number): number {
  let r = fib6LookupIn(i6, i6.local, dst, oif, strict);
  if (r === null || r.error === -EAGAIN) r = fib6LookupIn(i6, i6.main, dst, oif, strict);
  if (r !== null && r.error === -EAGAIN) r = null;
  fib6Result.route = r;
  return r === null ? -ENETUNREACH : r.error;
}

export function table6Of(i6: Inet6Ns, id: number): Fib6Table {
  let t = i6.tables.get(id);
  if (t === undefined) {
    t = new Fib6Table(id);
    i6.tables.set(id, t);
  }
  return t;
}
