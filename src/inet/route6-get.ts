// RTM_GETROUTE for one IPv6 destination. Linux: net/ipv6/route.c, inet6_rtm_getroute(), rt6_fill_node().

import { Refusal } from '../net/linkops.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { RTM_F_CLONED } from '../uapi/route.ts';
import { In6 } from '../wire/in6.ts';
import { ENETUNREACH, ENODEV, EOPNOTSUPP } from './errno.ts';
import { Dst6, routeInput6, routeOutput6 } from './route6.ts';
import { selectSource6 } from './saddr6.ts';
import { inet6Ns } from './state6.ts';
import type { RouteGet6Answer, RouteGet6Request } from './types6.ts';

export function route6Get(ns: NetNs, req: RouteGet6Request): RouteGet6Answer {
  const i6 = inet6Ns(ns);
  if (i6 === null) throw new Refusal(EOPNOTSUPP);
  const d = new Dst6();
  d.daddr.set(req.dst);
  if (req.src !== null) d.saddr.set(req.src);
  if (req.iif !== 0) {
    const dev = ns.devByIndex(req.iif);
    if (dev === null) throw new Refusal(ENODEV);
    routeInput6(i6, d, dev);
  } else routeOutput6(i6, d, req.oif, false);
  if (d.error !== 0) throw new Refusal(-d.error);
  const { route, dev } = d;
  if (route === null || dev === null) throw new Refusal(ENETUNREACH);
  const source = new In6();
  const chosen = route.prefsrc ?? (selectSource6(i6, route.dev, req.dst, 0, source) === 0 ? source : null);
  const learned = d.pmtu !== 0;
  return {
    dst: req.dst,
    src: req.src,
    prefsrc: chosen,
    type: route.type,
    table: route.table,
    protocol: route.protocol,
    dev: dev as NetDevice,
    gateway: d.gateway.isAny ? null : d.gateway.copy(),
    metric: route.metric,
    rtf: route.rtf,
    nhFlags: route.nhFlags,
    flags: learned ? RTM_F_CLONED : 0,
    iif: req.iif,
    pref: route.pref,
    error: 0,
    expiresNs: d.expiresNs,
    metrics: learned ? [...route.metrics.filter(([k]) => k !== 2), [2, d.pmtu] as [number, number]] : route.metrics,
    route,
  };
}
