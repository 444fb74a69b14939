// Lookups over the tables of a namespace: by the rules that it is born with (local and main are then the one trie that they
// are in Linux), or by its own. Also: what kind of address is this? Linux: fib_lookup(), __fib_lookup(),
// inet_addr_type() in net/ipv4/fib_frontend.c, fib_rules.c.

import { RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST, RTN_UNICAST } from '../uapi/route.ts';
import { EAGAIN, ENETUNREACH } from './errno.ts';
import { FibKey, FibTable, fibLookupIn, fibResult, type Route } from './fib.ts';
import { type FibRule, prefixEqual4, suppressed } from './fib-rules.ts';
import { INADDR_BROADCAST, isMulticast, isZeronet } from './ipaddr.ts';
import type { InetNs } from './state.ts';

/** 0 or -errno; the route is in fibResult. */
export function fibLookup(ins: InetNs, key: FibKey): number {
  if (ins.rules !== null) return lookupByRules(ins, key);
  let err = fibLookupIn(ins.local, ins.main, key);
  if (err === 0) return 0;
  const last = ins.tables.get(253);
  if (last !== undefined) err = fibLookupIn(last, null, key);
  return err === -EAGAIN ? -ENETUNREACH : err;
}

function lookupByRules(ins: InetNs, key: FibKey): number {
  const ask = (table: number): number => {
    const t = ins.tables.get(table);
    return t === undefined ? -EAGAIN : fibLookupIn(t, null, key);
  };
  fibResult.route = null;
  const err = ins.rules?.lookup(key, addressesFit, ask, tooShort) ?? -EAGAIN;
  return err === -EAGAIN ? -ENETUNREACH : err;
}

/** Linux: fib4_rule_match(). */
function addressesFit(rule: FibRule<number>, key: FibKey): boolean {
  return prefixEqual4(rule.src, key.src, rule.srcLen) && prefixEqual4(rule.dst, key.dst, rule.dstLen);
}

function tooShort(rule: FibRule<number>): boolean {
  const r = fibResult.route as Route;
  return suppressed(rule, r.dstLen, r.dev?.group ?? 0);
}

export function tableOf(ins: InetNs, id: number): FibTable {
  let t = ins.tables.get(id);
  if (t === undefined) {
    t = new FibTable(id);
    ins.tables.set(id, t);
  }
  return t;
}

const typeKey = new FibKey();

/** RTN_* of an address by the local table. Linux: inet_addr_type(). */
export function addrType(ins: InetNs, addr: number): number {
  if (isZeronet(addr) || addr === INADDR_BROADCAST) return RTN_BROADCAST;
  if (isMulticast(addr)) return RTN_MULTICAST;
  typeKey.dst = addr;
  return fibLookupIn(ins.local, ins.rules === null ? ins.main : null, typeKey) === 0 && fibResult.route !== null
    ? fibResult.route.type
    : RTN_UNICAST;
}

/** As addrType(), but a table other than local: for preferred sources of routes. Linux: inet_addr_type_table(). */
export function addrTypeIn(ins: InetNs, addr: number, table: number): number {
  if (table === 254 || table === 255) return addrType(ins, addr);
  if (isZeronet(addr) || addr === INADDR_BROADCAST) return RTN_BROADCAST;
  if (isMulticast(addr)) return RTN_MULTICAST;
  const t = ins.tables.get(table);
  if (t === undefined) return RTN_UNICAST;
  typeKey.dst = addr;
  return fibLookupIn(t, null, typeKey) === 0 && fibResult.route !== null ? fibResult.route.type : RTN_UNICAST;
}

export function isLocalAddr(ins: InetNs, addr: number): boolean {
  return addrType(ins, addr) === RTN_LOCAL;
}
