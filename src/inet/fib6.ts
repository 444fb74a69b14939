// An IPv6 routing table: routes in the order in which Linux walks them, and the lookup with its choice among routes of one
// prefix. One map per prefix length that is in use, walked from the longest. What makes a request valid is
// fib6-create.ts, what happens with devices is fib6-sync.ts. Linux: net/ipv6/ip6_fib.c, fib6_table_lookup() in route.c.

import type { NetDevice } from '../net/netdev.ts';
import { NUD_FAILED } from '../uapi/neigh.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../uapi/netlink.ts';
import {
  RTN_ANYCAST,
  RTN_BLACKHOLE,
  RTN_LOCAL,
  RTN_PROHIBIT,
  RTN_THROW,
  RTN_UNICAST,
  RTN_UNREACHABLE,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
} from '../uapi/route.ts';
import { In6, In6Map, in6Compare, in6PrefixEqual, maskWord } from '../wire/in6.ts';
import { DC_IGNORE_LINKDOWN } from './conf6.ts';
import { EACCES, EAGAIN, EEXIST, EHOSTUNREACH, EINVAL, ENOENT } from './errno.ts';
import { type Inet6Ns, in6Dev } from './state6.ts';
import type { Route6Info } from './types6.ts';

/** Route6.rtf. Linux: RTF_* in include/uapi/linux/ipv6_route.h and route.h; signed where the top bit is set. */
export const RTF_UP = 0x0001;
export const RTF_GATEWAY = 0x0002;
export const RTF_HOST = 0x0004;
export const RTF_REINSTATE = 0x0008;
export const RTF_DYNAMIC = 0x0010;
export const RTF_MODIFIED = 0x0020;
export const RTF_REJECT = 0x0200;
export const RTF_DEFAULT = 0x00010000;
export const RTF_ALLONLINK = 0x00020000;
export const RTF_ADDRCONF = 0x00040000;
export const RTF_PREFIX_RT = 0x00080000;
export const RTF_ANYCAST = 0x00100000;
export const RTF_NONEXTHOP = 0x00200000;
export const RTF_EXPIRES = 0x00400000;
export const RTF_ROUTEINFO = 0x00800000;
export const RTF_CACHE = 0x01000000;
export const RTF_FLOW = 0x02000000;
export const RTF_POLICY = 0x04000000;
/** ICMPv6 router preference, two bits from bit 27 on. */
export const RTF_PREF_SHIFT = 27;
export const RTF_LOCAL = -0x80000000;

/** What a nexthop learned about one destination. Linux: struct rt6_exception. */
export class Exception6 {
  readonly dst: In6;
  gateway: In6 | null = null;
  pmtu = 0;
  expiresNs = 0;

  constructor(dst: In6) {
    this.dst = dst.copy();
  }
}

/** A route with its only nexthop. Linux: struct fib6_info, fib6_nh. */
export class Route6 implements Route6Info {
  readonly dst: In6;
  readonly dstLen: number;
  readonly table: number;
  protocol = 0;
  type: number = RTN_UNICAST;
  rtf = RTF_UP;
  nhFlags = 0;
  dev: NetDevice | null = null;
  gateway: In6 | null = null;
  metric = 0;
  prefsrc: In6 | null = null;
  metrics: Array<[number, number]> = [];
  /** RTAX_MTU, RTAX_HOPLIMIT; 0: the device's. */
  mtu = 0;
  hopLimit = 0;
  expiresNs = 0;
  /** 0 medium, 1 high, 3 low. */
  pref = 0;
  exceptions: In6Map<Exception6> | null = null;

  constructor(dst: In6, dstLen: number, table: number) {
    this.dst = dst.copy();
    this.dstLen = dstLen;
    this.table = table;
  }

  /** -errno of a route that says no, or 0. Linux: fib6_props, ip6_rt_type_to_error(). */
  get error(): number {
    switch (this.type) {
      case RTN_BLACKHOLE:
        return -EINVAL;
      case RTN_UNREACHABLE:
        return -EHOSTUNREACH;
      case RTN_PROHIBIT:
        return -EACCES;
      case RTN_THROW:
        return -EAGAIN;
      default:
        return 0;
    }
  }

  get isLocal(): boolean {
    return this.type === RTN_LOCAL || this.type === RTN_ANYCAST;
  }
}

export class Fib6Table {
  readonly id: number;
  /** As Linux walks its tree: a longer prefix before the one that holds it, else by address. */
  readonly routes: Route6[] = [];
  private readonly byLen: Array<In6Map<Route6[]> | null> = new Array(129).fill(null);
  lens = new Int32Array(0);
  private readonly probe = new In6();

  constructor(id: number) {
    this.id = id;
  }

  /** Routes of exactly this prefix, by metric; or null. The bits behind `len` do not count. */
  bucket(addr: In6, len: number): Route6[] | null {
    const m = this.byLen[len];
    if (m === null) return null;
    const p = this.probe;
    p.a = addr.a & maskWord(len);
    p.b = addr.b & maskWord(len - 32);
    p.c = addr.c & maskWord(len - 64);
    p.d = addr.d & maskWord(len - 96);
    return m.get(p);
  }

  /** Inserts by the rules of nlmsg_flags: -errno, or the flags to tell. Linux: fib6_add_rt2node(). */
  insert(r: Route6, nlFlags: number, replaced: (old: Route6) => void): number {
    const list = this.bucket(r.dst, r.dstLen) ?? [];
    const create = (nlFlags & NLM_F_CREATE) !== 0;
    let at = 0;
    let same = -1;
    // Whoever hears of the route is told whether it is the only one of its kind, whatever was asked.
    let alone = NLM_F_EXCL;
    for (; at < list.length; at++) {
      const o = list[at];
      if (o.metric > r.metric) break;
      if (o.metric !== r.metric) continue;
      if ((nlFlags & NLM_F_EXCL) !== 0) return -EEXIST;
      alone = 0;
      if ((nlFlags & NLM_F_REPLACE) !== 0) {
        if (same < 0) same = at;
        continue;
      }
      if (sameNexthop(o, r)) {
        // The same once more: it lives as long as the new one would.
        if ((o.rtf & RTF_EXPIRES) !== 0) {
          o.expiresNs = r.expiresNs;
          if ((r.rtf & RTF_EXPIRES) === 0) o.rtf &= ~RTF_EXPIRES;
        }
        return -EEXIST;
      }
    }
    if ((nlFlags & NLM_F_REPLACE) !== 0) {
      if (same >= 0) {
        const old = list[same];
        list[same] = r;
        this.routes[this.routes.indexOf(old)] = r;
        replaced(old);
        return NLM_F_REPLACE;
      }
      if (!create) return -ENOENT;
    }
    this.put(r, at);
    return NLM_F_CREATE | alone | (nlFlags & NLM_F_APPEND);
  }

  remove(r: Route6): boolean {
    const i = this.routes.indexOf(r);
    if (i < 0) return false;
    this.routes.splice(i, 1);
    const m = this.byLen[r.dstLen] as In6Map<Route6[]>;
    const list = m.get(r.dst) as Route6[];
    list.splice(list.indexOf(r), 1);
    if (list.length > 0) return true;
    m.delete(r.dst);
    if (m.size === 0) {
      this.byLen[r.dstLen] = null;
      this.noteLens();
    }
    return true;
  }

  private put(r: Route6, at: number): void {
    let m = this.byLen[r.dstLen];
    if (m === null) {
      m = new In6Map();
      this.byLen[r.dstLen] = m;
      this.noteLens();
    }
    const list = m.get(r.dst);
    if (list === null) m.set(r.dst, [r]);
    else list.splice(at, 0, r);
    let i = 0;
    const all = this.routes;
    while (i < all.length && order(all[i], r) < 0) i++;
    all.splice(i + at, 0, r);
  }

  private noteLens(): void {
    const lens: number[] = [];
    for (let len = 128; len >= 0; len--) if (this.byLen[len] !== null) lens.push(len);
    this.lens = Int32Array.from(lens);
  }
}

function order(x: Route6, y: Route6): number {
  const len = Math.min(x.dstLen, y.dstLen);
  if (in6PrefixEqual(x.dst, y.dst, len)) return y.dstLen - x.dstLen;
  return in6Compare(x.dst, y.dst);
}

/** Linux: rt6_duplicate_nexthop(). */
function sameNexthop(x: Route6, y: Route6): boolean {
  if (x.dev !== y.dev) return false;
  if (x.gateway === null || y.gateway === null) return x.gateway === y.gateway;
  return x.gateway.equals(y.gateway);
}

/** strict in fib6Lookup: only routes by `oif`; prefer routers that answer; take routes of devices without carrier. */
export const F6_IFACE = 1;
export const F6_REACHABLE = 2;
const F6_IGNORE_LINKSTATE = 4;

/** The route for `dst` in one table, or null. Linux: fib6_table_lookup(). */
export function fib6LookupIn(i6: Inet6Ns, t: Fib6Table, dst: In6, oif: number, strict: number): Route6 | null {
  const found = walk(i6, t, dst, oif, strict);
  if (found !== null || (strict & F6_REACHABLE) === 0) return found;
  return walk(i6, t, dst, oif, strict & ~F6_REACHABLE);
}

function walk(i6: Inet6Ns, t: Fib6Table, dst: In6, oif: number, strict: number): Route6 | null {
  const lens = t.lens;
  for (let i = 0; i < lens.length; i++) {
    const list = t.bucket(dst, lens[i]);
    if (list === null) continue;
    const r = select(i6, list, oif, strict);
    if (r !== null) return r;
  }
  return null;
}

/** The best of those with the least metric that have any way at all. Linux: rt6_select(), find_rr_leaf(). */
function select(i6: Inet6Ns, list: Route6[], oif: number, strict: number): Route6 | null {
  let found: Route6 | null = null;
  let most = -1;
  for (let i = 0; i < list.length; i++) {
    const r = list[i];
    if (found !== null && r.metric !== found.metric) break;
    if ((r.rtf & RTF_EXPIRES) !== 0 && i6.now > r.expiresNs) continue;
    const s = score(r, oif, strict);
    if (s > most) {
      most = s;
      found = r;
    }
  }
  return found;
}

/** Below 0: not at all. Linux: find_match(), rt6_score_route(). */
function score(r: Route6, oif: number, strict: number): number {
  const dev = r.dev;
  if ((r.nhFlags & RTNH_F_DEAD) !== 0 || dev === null) return -3;
  if ((r.nhFlags & RTNH_F_LINKDOWN) !== 0 && (strict & F6_IGNORE_LINKSTATE) === 0 && ignoresLinkdown(dev)) return -3;
  let m = oif === 0 || dev.ifindex === oif ? 2 : 0;
  if (m === 0 && (strict & F6_IFACE) !== 0) return -3;
  m |= (r.pref ^ 2) << 2;
  if ((strict & F6_REACHABLE) !== 0 && r.gateway !== null && (r.rtf & RTF_NONEXTHOP) === 0) {
    const d = in6Dev(dev);
    const n = d === null ? null : d.neighs.get(r.gateway);
    if (n !== null && n.state === NUD_FAILED) return -2;
  }
  return m;
}

/** net.ipv6.conf.DEV.ignore_routes_with_linkdown. */
function ignoresLinkdown(dev: NetDevice): boolean {
  const d = in6Dev(dev);
  return d !== null && d.conf.v[DC_IGNORE_LINKDOWN] !== 0;
}
