// From a request to a route: every check that Linux makes, in its order and with its words. Multipath, nexthop objects,
// encapsulation and IPv6 gateways are refused by name. Linux: rtm_to_fib_config(), fib_create_info(), fib_check_nh(),
// net/ipv4/fib_semantics.c.

import { Refusal } from '../net/linkops.ts';
import {
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RTN_LOCAL,
  RTN_UNICAST,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  RTNH_F_ONLINK,
  RTNH_F_PERVASIVE,
} from '../uapi/route.ts';
import { EINVAL, ENETDOWN, ENODEV, EOPNOTSUPP } from './errno.ts';
import { FibKey, fibError, fibLookupIn, fibResult, fibScope, Route } from './fib.ts';
import { addrType, addrTypeIn, fibLookup } from './fib-lookup.ts';
import { maskOf } from './ipaddr.ts';
import { type InetNs, inDev } from './state.ts';
import type { RouteRequest } from './types.ts';

const RTN_MAX = 11;
const RTN_MULTICAST = 5;
const RTAX_LOCK = 1;
const RTAX_MTU = 2;
const RTAX_ADVMSS = 8;

function no(text: string, errno: number = EINVAL): never {
  throw new Refusal(errno, text);
}

/** What is wrong with a request whatever it is for. Linux: rtm_to_fib_config(). */
export function checkRequest(req: RouteRequest): void {
  if ((req.tos & 3) !== 0) no('Invalid dsfield (tos): ECN bits must be 0');
  if (req.type > RTN_MAX) no('Invalid route type');
  if (req.nhId !== 0) no('Nexthop objects are not part of this model', EOPNOTSUPP);
  if (req.hasEncap) no('Lightweight tunnel encapsulation is not part of this model', EOPNOTSUPP);
  if (req.hasVia6) no('IPv6 gateways of IPv4 routes are not part of this model yet', EOPNOTSUPP);
  if (req.hasMultipath) no('Multipath routes are not part of this model yet', EOPNOTSUPP);
  if (req.dstLen > 32) no('Invalid prefix length');
  if ((req.dst & ~maskOf(req.dstLen)) !== 0) no('Invalid prefix for given prefix length');
}

/** A route as asked for, not yet in a table. Throws a Refusal. Linux: fib_create_info(). */
export function createRoute(ins: InetNs, req: RouteRequest): Route {
  if (fibScope[req.type] > req.scope) no('Invalid scope');
  if ((req.flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN)) !== 0) {
    no('Invalid rtm_flags - can not contain DEAD or LINKDOWN');
  }
  const r = new Route(req.dst, req.dstLen, req.table === 0 ? 254 : req.table);
  r.tos = req.tos;
  r.protocol = req.protocol;
  r.scope = req.scope;
  r.type = req.type;
  r.priority = req.priority;
  r.prefsrc = req.prefsrc;
  r.flow = req.flow ?? 0;
  r.flags = req.flags & (RTNH_F_ONLINK | RTNH_F_PERVASIVE);
  r.gateway = req.gateway ?? 0;
  if (req.metrics !== null) setMetrics(r, req.metrics);
  if (fibError[req.type] !== 0) {
    if (r.gateway !== 0 || req.oif !== 0) no('Gateway, device and multipath can not be specified for this route type');
    return r;
  }
  if (req.type < RTN_UNICAST || req.type > RTN_MULTICAST) no('Invalid route type');
  if (req.scope > RT_SCOPE_HOST) no('Invalid scope');
  if (req.scope === RT_SCOPE_HOST) checkHostScope(ins, r, req);
  else if (r.gateway !== 0) checkGateway(ins, r, req);
  else checkOnLink(ins, r, req);
  if (r.prefsrc !== 0 && !validPrefsrc(ins, r)) no('Invalid prefsrc address');
  return r;
}

function setMetrics(r: Route, metrics: Array<[number, number]>): void {
  let lock = 0;
  for (const [type, value] of metrics) {
    if (type === 0 || value === 0) continue;
    if (type > 17) no('Invalid metric type');
    let v = value;
    if (type === RTAX_MTU && v > 65535 - 15) v = 65535 - 15;
    if (type === RTAX_ADVMSS && v > 65535 - 40) v = 65535 - 40;
    if (type === 10 && v > 255) v = 255;
    if (type === RTAX_LOCK) lock = v;
    else r.metrics.push([type, v]);
    if (type === RTAX_MTU) r.mtu = v;
  }
  r.metrics.sort((a, b) => a[0] - b[0]);
  if (lock !== 0) r.metrics.unshift([RTAX_LOCK, lock]);
}

function checkHostScope(ins: InetNs, r: Route, req: RouteRequest): void {
  if (r.gateway !== 0) no('Route with host scope can not have a gateway');
  r.nhScope = RT_SCOPE_NOWHERE;
  r.dev = ins.ns.devByIndex(req.oif);
  if (r.dev === null) no('', ENODEV);
}

/** Linux: fib_check_nh_nongw(). */
function checkOnLink(ins: InetNs, r: Route, req: RouteRequest): void {
  if (r.flags !== 0) no('Invalid flags for nexthop - PERVASIVE and ONLINK can not be set');
  const dev = ins.ns.devByIndex(req.oif);
  if (dev === null || inDev(dev) === null) no('', ENODEV);
  if (!dev.up) no('Device for nexthop is not up', ENETDOWN);
  r.dev = dev;
  r.nhScope = RT_SCOPE_HOST;
  if (!dev.carrier) r.flags |= RTNH_F_LINKDOWN;
}

const gwKey = new FibKey();

/** Linux: fib_check_nh_v4_gw(). */
function checkGateway(ins: InetNs, r: Route, req: RouteRequest): void {
  if ((r.flags & RTNH_F_ONLINK) !== 0) return checkForcedOnLink(ins, r, req);
  gwKey.dst = r.gateway;
  gwKey.scope = Math.max(req.scope + 1, RT_SCOPE_LINK);
  gwKey.oif = req.oif;
  gwKey.ignoreLinkstate = true;
  const own = r.table === 254 ? undefined : ins.tables.get(r.table);
  let err = -1;
  if (own !== undefined && own !== ins.local) err = fibLookupIn(own, null, gwKey);
  if (err !== 0) err = fibLookup(ins, gwKey);
  if (err !== 0) no('Nexthop has invalid gateway', -err);
  const via = fibResult.route as Route;
  if (via.type !== RTN_UNICAST && via.type !== RTN_LOCAL) no('Nexthop has invalid gateway');
  r.nhScope = via.scope;
  r.dev = via.dev;
  if (r.dev === null) no('No egress device for nexthop');
  if (!r.dev.carrier) r.flags |= RTNH_F_LINKDOWN;
  if (!r.dev.up) no('', ENETDOWN);
}

function checkForcedOnLink(ins: InetNs, r: Route, req: RouteRequest): void {
  if (req.scope >= RT_SCOPE_LINK) no('Nexthop has invalid scope');
  const dev = ins.ns.devByIndex(req.oif);
  if (dev === null) no('Nexthop device required for onlink', ENODEV);
  if (!dev.up) no('Nexthop device is not up', ENETDOWN);
  if (addrType(ins, r.gateway) !== RTN_UNICAST) no('Nexthop has invalid gateway');
  if (!dev.carrier) r.flags |= RTNH_F_LINKDOWN;
  r.dev = dev;
  r.nhScope = RT_SCOPE_LINK;
}

/** A preferred source must be an address of this host. Linux: fib_valid_prefsrc(). */
function validPrefsrc(ins: InetNs, r: Route): boolean {
  if (r.type === RTN_LOCAL && r.dst !== 0 && r.prefsrc === r.dst) return true;
  const table = r.table === 254 ? 255 : r.table;
  return addrTypeIn(ins, r.prefsrc, table) === RTN_LOCAL || (table !== 255 && addrType(ins, r.prefsrc) === RTN_LOCAL);
}
