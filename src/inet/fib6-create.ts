// From a request to an IPv6 route: every check that Linux makes, in its order and with its words. Multipath, nexthop
// objects, encapsulation and source prefixes are refused by name. Linux: ip6_route_info_create(), ip6_validate_gw(),
// fib6_nh_init(), ip6_route_del() in net/ipv6/route.c.

import { IFF_LOOPBACK } from '../net/flags.ts';
import { Refusal } from '../net/linkops.ts';
import type { NetDevice } from '../net/netdev.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../uapi/netlink.ts';
import {
  RTN_ANYCAST,
  RTN_BLACKHOLE,
  RTN_LOCAL,
  RTN_PROHIBIT,
  RTN_THROW,
  RTN_UNREACHABLE,
  RTNH_F_ONLINK,
} from '../uapi/route.ts';
import { type In6, in6Prefix } from '../wire/in6.ts';
import { chkAddrFlags, hasAddress } from './addr6.ts';
import { DC_DISABLE_IPV6 } from './conf6.ts';
import { EACCES, EHOSTUNREACH, EINVAL, ENETDOWN, ENODEV, ENOENT, EOPNOTSUPP, ESRCH } from './errno.ts';
import {
  F6_IFACE,
  type Fib6Table,
  fib6LookupIn,
  Route6,
  RTF_ADDRCONF,
  RTF_ANYCAST,
  RTF_DYNAMIC,
  RTF_EXPIRES,
  RTF_GATEWAY,
  RTF_LOCAL,
  RTF_NONEXTHOP,
  RTF_PREF_SHIFT,
  RTF_REJECT,
  RTF_UP,
} from './fib6.ts';
import { fib6Lookup, fib6Result } from './fib6-lookup.ts';
import { carrier, delRoute6, insertRoute6 } from './fib6-sync.ts';
import { type Inet6Ns, in6Dev } from './state6.ts';
import type { Route6Request } from './types6.ts';

const RTN_MAX = 11;
const USER_METRIC = 1024;
const MAIN = 254;
const RTAX_LOCK = 1;
const RTAX_MTU = 2;
const RTAX_ADVMSS = 8;
const RTAX_HOPLIMIT = 10;
const RTAX_MAX = 17;
const RTM_F_CLONED = 0x200;

function no(text: string, errno: number = EINVAL): never {
  throw new Refusal(errno, text);
}

/** RTM_NEWROUTE. Throws a Refusal. */
export function route6New(i6: Inet6Ns, req: Route6Request): void {
  refuse(req);
  const r = create(i6, req);
  if ((req.nlFlags & (NLM_F_EXCL | NLM_F_REPLACE)) === 0 && joinsOther(i6, r)) {
    no('Multipath routes are not part of this model yet', EOPNOTSUPP);
  }
  const err = insertRoute6(i6, r, req.nlFlags | ((req.nlFlags & NLM_F_REPLACE) === 0 ? NLM_F_CREATE : 0));
  if (err === -ENOENT) no('Can not replace route - no match found', ENOENT);
  if (err < 0) throw new Refusal(-err);
}

/** Would Linux make one multipath route of this one and another? Linux: rt6_qualify_for_ecmp(). */
function joinsOther(i6: Inet6Ns, r: Route6): boolean {
  if (r.gateway === null) return false;
  const list = i6.tables.get(r.table)?.bucket(r.dst, r.dstLen) ?? [];
  return list.some(
    (o) =>
      o.metric === r.metric &&
      o.gateway !== null &&
      (o.rtf & (RTF_ADDRCONF | RTF_DYNAMIC)) === 0 &&
      !(o.dev === r.dev && o.gateway.equals(r.gateway as In6)),
  );
}

/** What the model lacks. */
function refuse(req: Route6Request): void {
  if (req.hasMultipath) no('Multipath routes are not part of this model yet', EOPNOTSUPP);
  if (req.hasEncap) no('Lightweight tunnel encapsulation is not part of this model', EOPNOTSUPP);
  if (req.nhId !== 0) no('Nexthop objects are not part of this model', EOPNOTSUPP);
  if (req.hasVia) no('IPv6 does not support RTA_VIA attribute');
  if (req.srcLen > 0) no('Routes by source prefix are not part of this model', EOPNOTSUPP);
}

function isReject(type: number): boolean {
  return type === RTN_UNREACHABLE || type === RTN_BLACKHOLE || type === RTN_PROHIBIT || type === RTN_THROW;
}

function create(i6: Inet6Ns, req: Route6Request): Route6 {
  if ((req.flags & RTM_F_CLONED) !== 0) no('Userspace can not set RTF_CACHE');
  if (req.type > RTN_MAX) no('Invalid route type');
  if (req.dstLen > 128) no('Invalid prefix length');
  let dev: NetDevice | null = null;
  if (req.oif !== 0) {
    dev = i6.ns.devByIndex(req.oif);
    if (dev === null || in6Dev(dev) === null) throw new Refusal(ENODEV);
  }
  if ((req.flags & RTNH_F_ONLINK) !== 0) {
    if (dev === null) no('Nexthop device required for onlink', ENODEV);
    if (!dev.up) no('Nexthop device is not up', ENETDOWN);
  }
  const r = new Route6(in6Prefix(req.dst, req.dstLen), req.dstLen, req.table === 0 ? MAIN : req.table);
  r.type = req.type;
  r.metric = req.metric === 0 ? USER_METRIC : req.metric;
  r.protocol = req.protocol === 0 ? 3 : req.protocol;
  r.pref = req.pref;
  r.rtf = RTF_UP | (req.pref << RTF_PREF_SHIFT);
  if (req.metrics !== null) setMetrics(r, req.metrics);
  if (req.expiresS !== 0) {
    r.rtf |= RTF_EXPIRES;
    r.expiresNs = i6.now + req.expiresS * 1e9;
  }
  const local = req.type === RTN_LOCAL || req.type === RTN_ANYCAST;
  if (local) r.rtf |= req.type === RTN_LOCAL ? RTF_LOCAL : RTF_ANYCAST;
  if (isReject(req.type) || (dev !== null && rejectsOnLo(dev, req) && !local)) {
    if (!isReject(req.type)) r.type = RTN_UNREACHABLE;
    r.rtf |= RTF_REJECT | RTF_NONEXTHOP;
    r.dev = i6.loopback;
    if (r.dev === null) throw new Refusal(ENODEV);
    return r;
  }
  if (req.gateway !== null) {
    dev = validGateway(i6, req, dev, req.gateway);
    r.gateway = req.gateway.copy();
    r.rtf |= RTF_GATEWAY;
  }
  if (dev === null) throw new Refusal(ENODEV);
  const id = in6Dev(dev);
  if (id === null) throw new Refusal(ENODEV);
  if (id.conf.v[DC_DISABLE_IPV6] !== 0) no('IPv6 is disabled on nexthop device', EACCES);
  if (!dev.up) no('Nexthop device is not up', ENETDOWN);
  if (req.prefsrc !== null && !req.prefsrc.isAny) {
    if (hasAddress(i6, req.prefsrc, dev, false) === null) no('Invalid source address');
    r.prefsrc = req.prefsrc.copy();
  }
  r.dev = dev;
  r.nhFlags = req.flags & RTNH_F_ONLINK;
  carrier(r, dev);
  return r;
}

/** A route by lo to somewhere else leads nowhere. */
function rejectsOnLo(dev: NetDevice, req: Route6Request): boolean {
  return (dev.flags & IFF_LOOPBACK) !== 0 && !req.dst.isLoopback;
}

function setMetrics(r: Route6, metrics: Array<[number, number]>): void {
  let lock = 0;
  for (const [type, value] of metrics) {
    if (type === 0 || value === 0) continue;
    if (type > RTAX_MAX) no('Invalid metric type');
    let v = value;
    if (type === RTAX_MTU && v > 65535 - 15) v = 65535 - 15;
    if (type === RTAX_ADVMSS && v > 65535 - 40) v = 65535 - 40;
    if (type === RTAX_HOPLIMIT && v > 255) v = 255;
    if (type === RTAX_LOCK) lock = v;
    else r.metrics.push([type, v]);
    if (type === RTAX_MTU) r.mtu = v;
    if (type === RTAX_HOPLIMIT) r.hopLimit = v;
  }
  r.metrics.sort((a, b) => a[0] - b[0]);
  if (lock !== 0) r.metrics.unshift([RTAX_LOCK, lock]);
}

/** The device by which the gateway is reached. Linux: ip6_validate_gw(). */
function validGateway(i6: Inet6Ns, req: Route6Request, given: NetDevice | null, gw: In6): NetDevice {
  let dev = given;
  if (dev !== null && isOurs(i6, gw, dev)) no('Gateway can not be a local address');
  if (!gw.isLinkLocal) {
    if (gw.isMulticast || gw.isAny) no('Invalid gateway address');
    dev = (req.flags & RTNH_F_ONLINK) !== 0 ? onlink(i6, req, gw, dev as NetDevice) : reached(i6, req, gw, dev);
  }
  if (dev === null) no('Egress device not specified');
  if ((dev.flags & IFF_LOOPBACK) !== 0) no('Egress device can not be loopback device for this route');
  if (given === null && isOurs(i6, gw, dev)) no('Gateway can not be a local address');
  return dev;
}

function isOurs(i6: Inet6Ns, gw: In6, dev: NetDevice): boolean {
  return chkAddrFlags(i6, gw, dev, !gw.isLinkLocal, false, 0) !== null;
}

/** `onlink`: the gateway must not be known to be elsewhere. Linux: ip6_route_check_nh_onlink(). */
function onlink(i6: Inet6Ns, req: Route6Request, gw: In6, dev: NetDevice): NetDevice {
  const t = i6.tables.get(req.table === 0 ? MAIN : req.table);
  const r = t === undefined ? null : fib6LookupIn(i6, t, gw, 0, 0);
  if (r !== null && r.dstLen > 0 && (r.type !== 1 || r.dev !== dev))
    no('Nexthop has invalid gateway or device mismatch');
  return dev;
}

/** It must be a neighbour. Linux: ip6_route_check_nh(). */
function reached(i6: Inet6Ns, req: Route6Request, gw: In6, dev: NetDevice | null): NetDevice {
  const oif = dev === null ? 0 : dev.ifindex;
  const t = req.table === 0 ? undefined : i6.tables.get(req.table);
  let r = t === undefined ? null : fib6LookupIn(i6, t, gw, oif, F6_IFACE);
  if (r === null || !isWay(r, dev)) r = fib6Lookup(i6, gw, oif, F6_IFACE) === 0 ? fib6Result.route : null;
  if (r === null || !isWay(r, dev)) throw new Refusal(EHOSTUNREACH);
  return r.dev as NetDevice;
}

function isWay(r: Route6, dev: NetDevice | null): boolean {
  return (r.rtf & RTF_REJECT) === 0 && r.gateway === null && r.dev !== null && (dev === null || r.dev === dev);
}

/** RTM_DELROUTE. Throws a Refusal. Linux: ip6_route_del(). */
export function route6Remove(i6: Inet6Ns, req: Route6Request): void {
  if (req.dstLen > 128) no('Invalid prefix length');
  const t = i6.tables.get(req.table === 0 ? MAIN : req.table);
  if (t === undefined) no('FIB table does not exist', ESRCH);
  if ((req.flags & RTM_F_CLONED) !== 0) return forget(i6, t, req);
  const list = t.bucket(req.dst, req.dstLen);
  // The default of an empty table is the entry that says no, and that one stays.
  const any = req.oif === 0 && req.gateway === null && req.metric === 0 && req.protocol === 0;
  if (list === null && req.dstLen === 0 && any) throw new Refusal(ENOENT);
  for (const r of list ?? []) {
    if (req.oif !== 0 && r.dev?.ifindex !== req.oif) continue;
    if (req.gateway !== null && (r.gateway === null || !r.gateway.equals(req.gateway))) continue;
    if (req.metric !== 0 && req.metric !== r.metric) continue;
    if (req.protocol !== 0 && req.protocol !== r.protocol) continue;
    delRoute6(i6, r);
    return;
  }
  throw new Refusal(ESRCH);
}

/** Something learned about one destination is forgotten. Linux: ip6_del_cached_rt(). */
function forget(i6: Inet6Ns, t: Fib6Table, req: Route6Request): void {
  for (const r of t.routes) {
    const e = r.exceptions?.get(req.dst) ?? null;
    if (e === null || (req.oif !== 0 && r.dev?.ifindex !== req.oif)) continue;
    if (req.gateway !== null && (e.gateway ?? r.gateway)?.equals(req.gateway) !== true) continue;
    r.exceptions?.delete(req.dst);
    i6.genid++;
    return;
  }
  throw new Refusal(ESRCH);
}
