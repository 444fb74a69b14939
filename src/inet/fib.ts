// A routing table: routes in the order in which Linux walks them, and the longest-prefix lookup. One Map per prefix
// length that is in use, walked from the longest. Knows nothing of devices' states beyond a route's flags; what makes a
// request valid is fib-create.ts, what happens with devices is fib-sync.ts. Linux: net/ipv4/fib_trie.c.

import type { NetDevice } from '../net/netdev.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../uapi/netlink.ts';
import {
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RT_SCOPE_UNIVERSE,
  RTN_UNICAST,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
} from '../uapi/route.ts';
import { IGNORE_LINKDOWN } from './conf.ts';
import { EACCES, EAGAIN, EEXIST, EHOSTUNREACH, EINVAL, ENOENT } from './errno.ts';
import { maskOf } from './ipaddr.ts';
import type { RouteInfo } from './types.ts';

/** What a type of route answers instead of a way, and the widest scope it may have. Linux: fib_props. */
export const fibError: readonly number[] = [
  0,
  0,
  0,
  0,
  0,
  0,
  -EINVAL,
  -EHOSTUNREACH,
  -EACCES,
  -EAGAIN,
  -EINVAL,
  -EINVAL,
];
export const fibScope: readonly number[] = [
  RT_SCOPE_NOWHERE,
  RT_SCOPE_UNIVERSE,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_LINK,
  RT_SCOPE_UNIVERSE,
  RT_SCOPE_UNIVERSE,
  RT_SCOPE_UNIVERSE,
  RT_SCOPE_UNIVERSE,
  RT_SCOPE_UNIVERSE,
  RT_SCOPE_NOWHERE,
  RT_SCOPE_NOWHERE,
];

/** What a nexthop learned about one destination. Linux: struct fib_nh_exception. */
export class Exception {
  gateway = 0;
  pmtu = 0;
  pmtuLocked = false;
  expiresNs = 0;
  /** A route was made with it. Linux: fnhe_rth_output. */
  used = false;
}

/** A route with its only nexthop. Linux: struct fib_alias, fib_info, fib_nh. */
export class Route implements RouteInfo {
  readonly dst: number;
  readonly dstLen: number;
  tos = 0;
  readonly table: number;
  protocol = 0;
  scope = 0;
  type: number = RTN_UNICAST;
  /** The nexthop's: RTNH_F_DEAD, LINKDOWN, ONLINK. */
  flags = 0;
  dev: NetDevice | null = null;
  gateway = 0;
  /** How far the nexthop is; NOWHERE for addresses of this host. */
  nhScope: number = RT_SCOPE_NOWHERE;
  priority = 0;
  prefsrc = 0;
  flow = 0;
  metrics: Array<[number, number]> = [];
  /** RTAX_MTU and whether it is locked; 0: the device's. */
  mtu = 0;
  /** Its preferred source is gone: it goes, and that is told. */
  prefsrcGone = false;
  exceptions: Map<number, Exception> | null = null;

  constructor(dst: number, dstLen: number, table: number) {
    this.dst = dst;
    this.dstLen = dstLen;
    this.table = table;
  }
}

export class FibTable {
  readonly id: number;
  /** Sorted as the kernel's leaves are. */
  readonly routes: Route[] = [];
  private readonly byLen: Array<Map<number, Route[]> | null> = new Array(33).fill(null);
  /** Lengths in use, longest first. */
  lens = new Int32Array(0);

  constructor(id: number) {
    this.id = id;
  }

  get size(): number {
    return this.routes.length;
  }

  /** Routes of exactly this prefix, or null. */
  bucket(prefix: number, len: number): Route[] | null {
    const m = this.byLen[len];
    if (m === null) return null;
    return m.get(prefix) ?? null;
  }

  /**
   * Inserts by the rules of nlmsg_flags. Returns -errno, or the flags to tell; `replaced` goes away silently.
   * Linux: fib_table_insert().
   */
  insert(r: Route, nlFlags: number): number {
    const list = this.bucket(r.dst, r.dstLen) ?? [];
    let at = 0;
    while (at < list.length && before(list[at], r)) at++;
    let flags = NLM_F_EXCL; // what listeners hear of: nothing of that key was there
    const first = list[at];
    if (first !== undefined && sameKey(first, r)) {
      if ((nlFlags & NLM_F_EXCL) !== 0) return -EEXIST;
      flags = 0;
      let end = at;
      let match = -1;
      while (end < list.length && sameKey(list[end], r)) {
        if (match < 0 && sameRoute(list[end], r)) match = end;
        end++;
      }
      if ((nlFlags & NLM_F_REPLACE) !== 0) {
        if (match >= 0) return match === at ? 0 : -EEXIST;
        this.swap(first, r);
        return NLM_F_REPLACE;
      }
      if (match >= 0) return -EEXIST;
      if ((nlFlags & NLM_F_APPEND) !== 0) {
        flags |= NLM_F_APPEND;
        at = end;
      }
    }
    if ((nlFlags & NLM_F_CREATE) === 0) return -ENOENT;
    this.put(r, at);
    return flags | NLM_F_CREATE;
  }

  remove(r: Route): void {
    this.routes.splice(this.routes.indexOf(r), 1);
    const m = this.byLen[r.dstLen] as Map<number, Route[]>;
    const list = m.get(r.dst) as Route[];
    list.splice(list.indexOf(r), 1);
    if (list.length > 0) return;
    m.delete(r.dst);
    if (m.size === 0) {
      this.byLen[r.dstLen] = null;
      this.noteLens();
    }
  }

  private put(r: Route, at: number): void {
    let m = this.byLen[r.dstLen];
    if (m === null) {
      m = new Map();
      this.byLen[r.dstLen] = m;
      this.noteLens();
    }
    const list = m.get(r.dst);
    if (list === undefined) m.set(r.dst, [r]);
    else list.splice(at, 0, r);
    let i = 0;
    const all = this.routes;
    while (i < all.length && (all[i].dst < r.dst || (all[i].dst === r.dst && all[i].dstLen > r.dstLen))) i++;
    all.splice(i + at, 0, r);
  }

  private swap(old: Route, r: Route): void {
    const list = this.bucket(old.dst, old.dstLen) as Route[];
    list[list.indexOf(old)] = r;
    this.routes[this.routes.indexOf(old)] = r;
  }

  private noteLens(): void {
    const lens: number[] = [];
    for (let len = 32; len >= 0; len--) if (this.byLen[len] !== null) lens.push(len);
    this.lens = Int32Array.from(lens);
  }
}

/** Does `a` stand before every route with the key of `r`? Larger tos first, then smaller priority. */
function before(a: Route, r: Route): boolean {
  return a.tos !== r.tos ? a.tos > r.tos : a.priority < r.priority;
}

function sameKey(a: Route, b: Route): boolean {
  return a.tos === b.tos && a.priority === b.priority;
}

/** Would Linux share one fib_info, with the same type? */
function sameRoute(a: Route, b: Route): boolean {
  return (
    a.type === b.type &&
    a.protocol === b.protocol &&
    a.scope === b.scope &&
    a.prefsrc === b.prefsrc &&
    a.flow === b.flow &&
    a.dev === b.dev &&
    a.gateway === b.gateway &&
    a.nhScope === b.nhScope &&
    ((a.flags ^ b.flags) & ~(RTNH_F_DEAD | RTNH_F_LINKDOWN)) === 0 &&
    sameMetrics(a.metrics, b.metrics)
  );
}

function sameMetrics(a: Array<[number, number]>, b: Array<[number, number]>): boolean {
  return a.length === b.length && a.every((m, i) => m[0] === b[i][0] && m[1] === b[i][1]);
}

/** A lookup's question beside the address. Linux: struct flowi4, FIB_LOOKUP_* flags. */
export class FibKey {
  dst = 0;
  /** For rules: the source, 0: none yet, and the device it came by; 1 (lo): this host sends. */
  src = 0;
  iif = 1;
  tos = 0;
  scope = 0;
  oif = 0;
  /** Take routes of devices without carrier all the same. */
  ignoreLinkstate = false;
}

/** The last lookup's answer; read at once. */
export const fibResult: { route: Route | null } = { route: null };

/**
 * Looks in `a`, and at each prefix length then in `b` (null: nowhere). 0, or -errno; the route is in fibResult.
 * Local and main are one trie in Linux as long as there are no rules of one's own. Linux: fib_table_lookup().
 */
export function fibLookupIn(a: FibTable, b: FibTable | null, key: FibKey): number {
  let i = 0;
  let j = 0;
  const la = a.lens;
  const lb = b === null ? NO_LENS : b.lens;
  while (i < la.length || j < lb.length) {
    const x = i < la.length ? la[i] : -1;
    const y = j < lb.length ? lb[j] : -1;
    const len = x > y ? x : y;
    const prefix = (key.dst & maskOf(len)) >>> 0;
    if (x === len) {
      i++;
      const err = tryBucket(a.bucket(prefix, len), key);
      if (err !== 1) return err;
    }
    if (y === len) {
      j++;
      const err = tryBucket((b as FibTable).bucket(prefix, len), key);
      if (err !== 1) return err;
    }
  }
  fibResult.route = null;
  return -EAGAIN;
}

const NO_LENS = new Int32Array(0);

/** 0: found; 1: nothing here; negative: the route says no. */
function tryBucket(list: Route[] | null, key: FibKey): number {
  if (list === null) return 1;
  for (let i = 0; i < list.length; i++) {
    const r = list[i];
    if (r.tos !== 0 && r.tos !== (key.tos & 0x1c)) continue;
    if (r.scope < key.scope) continue;
    const err = fibError[r.type];
    if (err < 0) {
      fibResult.route = r;
      return err;
    }
    if (!usable(r, key)) continue;
    fibResult.route = r;
    return 0;
  }
  return 1;
}

/** Linux: fib_lookup_good_nhc(). */
function usable(r: Route, key: FibKey): boolean {
  if ((r.flags & RTNH_F_DEAD) !== 0) return false;
  const dev = r.dev as NetDevice;
  if (!key.ignoreLinkstate && (r.flags & RTNH_F_LINKDOWN) !== 0 && ignoresLinkdown(dev)) return false;
  return key.oif === 0 || key.oif === dev.ifindex;
}

/** net.ipv4.conf.DEV.ignore_routes_with_linkdown. */
function ignoresLinkdown(dev: NetDevice): boolean {
  const d = dev.inet as { conf: { v: Int32Array } } | null;
  return d !== null && d.conf.v[IGNORE_LINKDOWN] !== 0;
}
