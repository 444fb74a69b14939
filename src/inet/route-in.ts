// Whose is a packet that came in: ours, to forward, or nobody's? Linux: ip_route_input_slow(), ip_route_input_mc(),
// __fib_validate_source(), __mkroute_input() in net/ipv4/route.c.

import type { NetDevice } from '../net/netdev.ts';
import { RT_SCOPE_HOST, RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST, RTN_UNICAST, RTN_UNREACHABLE } from '../uapi/route.ts';
import { ip4Text } from '../wire/text.ts';
import {
  ACCEPT_LOCAL,
  BC_FORWARDING,
  FORWARDING,
  LOG_MARTIANS,
  ROUTE_LOCALNET,
  RP_FILTER,
  SEND_REDIRECTS,
  SHARED_MEDIA,
} from './conf.ts';
import { EHOSTUNREACH, EINVAL, EXDEV } from './errno.ts';
import { FibKey, fibResult, type Route } from './fib.ts';
import { fibLookup } from './fib-lookup.ts';
import { LOOPBACK_IFINDEX } from './fib-rules.ts';
import { mcIsMember } from './igmp.ts';
import { onLink } from './inetdev.ts';
import { INADDR_BROADCAST, isLocalMulticast, isLoopback, isMulticast, isZeronet } from './ipaddr.ts';
import { type Dst, fillForward, RTCF_BROADCAST, RTCF_DOREDIRECT, RTCF_LOCAL, RTCF_MULTICAST } from './route.ts';
import { type InDevice, type InetNs, inDev, maxConf, orConf } from './state.ts';

const IPPROTO_IGMP = 2;
const key = new FibKey();

/**
 * Fills `d` for a packet that `dev` received. 0, or -EINVAL (martian), -EXDEV (reverse path). An unreachable destination
 * is 0 with d.type RTN_UNREACHABLE and d.error. `isIp`: an IPv4 packet, not ARP asking on behalf of one.
 */
export function routeInput(
  ins: InetNs,
  d: Dst,
  daddr: number,
  saddr: number,
  tos: number,
  dev: NetDevice,
  proto: number,
  isIp: boolean,
): number {
  const ind = inDev(dev);
  if (ind === null) return -EINVAL;
  d.daddr = daddr;
  d.saddr = saddr;
  d.genid = 0;
  d.error = 0;
  d.neigh = null;
  d.route = null;
  if (isMulticast(daddr)) return inputMulticast(ins, d, ind, daddr, saddr, tos, proto, isIp);
  if (isMulticast(saddr) || saddr === INADDR_BROADCAST) return martian(ins, ind, daddr, saddr, 'source');
  if (daddr === INADDR_BROADCAST || (saddr === 0 && daddr === 0)) return inputBroadcast(ins, d, ind, saddr, tos, isIp);
  if (isZeronet(saddr)) return martian(ins, ind, daddr, saddr, 'source');
  if (isZeronet(daddr)) return martian(ins, ind, daddr, saddr, 'destination');
  if (isLoopback(daddr)) {
    if (!orConf(ind, ROUTE_LOCALNET)) return martian(ins, ind, daddr, saddr, 'destination');
  } else if (isLoopback(saddr) && !orConf(ind, ROUTE_LOCALNET)) return martian(ins, ind, daddr, saddr, 'source');
  key.dst = daddr;
  key.src = saddr;
  key.iif = dev.ifindex;
  key.tos = tos;
  key.oif = 0;
  const err = fibLookup(ins, key);
  const forwarding = ind.conf.v[FORWARDING] !== 0;
  if (err !== 0) return unreachable(d, dev, forwarding ? -err : EHOSTUNREACH);
  const r = fibResult.route as Route;
  if (r.type === RTN_BROADCAST) {
    if (ind.conf.v[BC_FORWARDING] === 0) return inputBroadcast(ins, d, ind, saddr, tos, isIp);
  } else if (r.type === RTN_LOCAL) {
    const bad = validateSource(ins, saddr, daddr, tos, 0, ind);
    if (bad < 0) return martianSource(ins, ind, daddr, saddr, bad);
    return local(d, dev, RTN_LOCAL, RTCF_LOCAL);
  }
  if (!forwarding) return unreachable(d, dev, EHOSTUNREACH);
  if (r.type !== RTN_UNICAST && r.type !== RTN_BROADCAST) return martian(ins, ind, daddr, saddr, 'destination');
  return forward(ins, d, ind, r, daddr, saddr, tos, isIp);
}

function local(d: Dst, dev: NetDevice, type: number, flags: number): number {
  d.type = type;
  d.flags = flags;
  d.dev = dev;
  return 0;
}

function unreachable(d: Dst, dev: NetDevice, error: number): number {
  d.type = RTN_UNREACHABLE;
  d.flags = 0;
  d.dev = dev;
  d.error = error;
  return 0;
}

function inputBroadcast(ins: InetNs, d: Dst, ind: InDevice, saddr: number, tos: number, isIp: boolean): number {
  if (!isIp) return -EINVAL;
  if (!isZeronet(saddr)) {
    const bad = validateSource(ins, saddr, 0, tos, 0, ind);
    if (bad < 0) return martianSource(ins, ind, d.daddr, saddr, bad);
  }
  return local(d, ind.dev, RTN_BROADCAST, RTCF_BROADCAST | RTCF_LOCAL);
}

function inputMulticast(
  ins: InetNs,
  d: Dst,
  ind: InDevice,
  daddr: number,
  saddr: number,
  tos: number,
  proto: number,
  isIp: boolean,
): number {
  if (!mcIsMember(ind, daddr, proto)) return -EINVAL;
  if (isMulticast(saddr) || saddr === INADDR_BROADCAST || !isIp) return -EINVAL;
  if (isLoopback(saddr) && !orConf(ind, ROUTE_LOCALNET)) return -EINVAL;
  if (isZeronet(saddr)) {
    if (!isLocalMulticast(daddr) && proto !== IPPROTO_IGMP) return -EINVAL;
  } else {
    const bad = validateSource(ins, saddr, 0, tos, 0, ind);
    if (bad < 0) return bad;
  }
  return local(d, ind.dev, RTN_MULTICAST, RTCF_MULTICAST | RTCF_LOCAL);
}

/** Linux: __mkroute_input(). */
function forward(
  ins: InetNs,
  d: Dst,
  ind: InDevice,
  r: Route,
  daddr: number,
  saddr: number,
  tos: number,
  isIp: boolean,
): number {
  const out = r.dev as NetDevice;
  const outd = inDev(out);
  if (outd === null) return -EINVAL;
  const link = validateSource(ins, saddr, daddr, tos, out.ifindex, ind);
  if (link < 0) return martianSource(ins, ind, daddr, saddr, link);
  fillForward(ins, d, r);
  if (out === ind.dev && link > 0 && isIp && orConf(outd, SEND_REDIRECTS)) {
    const gw = d.gateway !== 0 ? d.gateway : daddr;
    if (orConf(outd, SHARED_MEDIA) || onLink(outd, saddr, gw)) d.flags |= RTCF_DOREDIRECT;
  }
  return 0;
}

/**
 * May a packet with this source come in here? Negative: no (-EINVAL, -EXDEV). 1: the source is on this very link.
 * `daddr`: where the answer would come from, for rules; `oif`: where it will go out, 0: nowhere. Linux: fib_validate_source().
 */
function validateSource(ins: InetNs, saddr: number, daddr: number, tos: number, oif: number, ind: InDevice): number {
  const rpf = maxConf(ind, RP_FILTER);
  if (rpf === 0 && (ind.dev.ifindex !== oif || !orConf(ind, SEND_REDIRECTS))) {
    if (orConf(ind, ACCEPT_LOCAL)) return 0;
    if (!ins.customLocalRoutes && ins.rules === null) return ins.addrHash.has(saddr) ? -EINVAL : 0;
  }
  key.src = daddr;
  key.iif = oif !== 0 ? oif : LOOPBACK_IFINDEX;
  return validateFully(ins, saddr, tos, rpf, ind);
}

function validateFully(ins: InetNs, saddr: number, tos: number, rpf: number, ind: InDevice): number {
  const noAddr = ind.addrs.length === 0;
  key.dst = saddr;
  key.tos = tos;
  key.oif = 0;
  if (fibLookup(ins, key) !== 0) return rpf !== 0 ? -EXDEV : 0;
  const r = fibResult.route as Route;
  if (r.type !== RTN_UNICAST && (r.type !== RTN_LOCAL || !orConf(ind, ACCEPT_LOCAL))) return -EINVAL;
  if (r.dev === ind.dev) return r.nhScope >= RT_SCOPE_HOST ? 1 : 0;
  if (noAddr) return rpf !== 0 ? -EXDEV : 0;
  if (rpf === 1) return -EXDEV;
  key.oif = ind.dev.ifindex;
  key.ignoreLinkstate = true;
  const err = fibLookup(ins, key);
  key.ignoreLinkstate = false;
  key.oif = 0;
  if (err !== 0) return 0;
  const back = fibResult.route as Route;
  return back.type === RTN_UNICAST && back.nhScope >= RT_SCOPE_HOST ? 1 : 0;
}

function martianSource(ins: InetNs, ind: InDevice, daddr: number, saddr: number, err: number): number {
  martian(ins, ind, daddr, saddr, 'source');
  return err;
}

function martian(ins: InetNs, ind: InDevice, daddr: number, saddr: number, what: string): number {
  if (orConf(ind, LOG_MARTIANS)) {
    const log = ins.kernel.hooks.log;
    if (what === 'source')
      log(`IPv4: martian source ${ip4Text(daddr)} from ${ip4Text(saddr)}, on dev ${ind.dev.name}`, ind.dev);
    else log(`IPv4: martian destination ${ip4Text(daddr)} from ${ip4Text(saddr)}, dev ${ind.dev.name}`, ind.dev);
  }
  return -EINVAL;
}
