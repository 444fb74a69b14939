// The door for rtnl/: everything that a request can ask of IPv4, and the hooks for what it must be told. Refused requests
// throw a Refusal with Linux's errno and words and change nothing. Nothing here knows netlink's bytes.
// Linux: net/ipv4/devinet.c, fib_frontend.c, route.c, net/core/neighbour.c, from their *_doit functions on.

import type { Kernel } from '../net/kernel.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { routeNew, routeRemove } from './fib-change.ts';
import { inDev, inetNs, stackOf } from './state.ts';
import type { InetHooks, McInfo, RouteRequest } from './types.ts';

export { addrAdd, addrDel, addrDump, addrLifetimes } from './addr-control.ts';
export { NEIGH4, NEIGH6, neighAdd, neighDel, neighDump, neighGet } from './neigh-control.ts';
export { hasTable, routeDump, routeExceptions, routeGet } from './route-get.ts';
export type * from './types.ts';

/** The kernel's notification hooks; rtnl installs its functions in the fields. */
export function inetHooks(kernel: Kernel): InetHooks {
  return stackOf(kernel).hooks;
}

/** NLM_F_CREATE, EXCL, REPLACE and APPEND in req.nlFlags mean what they mean in Linux. */
export function routeAdd(ns: NetNs, req: RouteRequest): void {
  routeNew(inetNs(ns), req);
}

export function routeDel(ns: NetNs, req: RouteRequest): void {
  routeRemove(inetNs(ns), req);
}

/** Groups that IPv4 listens to. Linux: RTM_GETMULTICAST. */
export function mcDump(ns: NetNs): McInfo[] {
  const out: McInfo[] = [];
  for (const dev of ns.devices()) {
    const d = inDev(dev);
    if (d === null) continue;
    for (const g of d.groups) out.push({ dev, group: g.group, users: g.users });
  }
  return out;
}

/** IFLA_AF_SPEC's AF_INET array: IPV4_DEVCONF values from number 1 on; null when the device has no IPv4 state. */
export function inetConf(dev: NetDevice): number[] | null {
  const d = inDev(dev);
  return d === null ? null : [...d.conf.v.subarray(1)];
}
