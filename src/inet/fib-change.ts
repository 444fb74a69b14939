// Adding and deleting routes, with what rtnetlink is told. Linux: fib_table_insert(), fib_table_delete(),
// inet_rtm_newroute(), inet_rtm_delroute().

import { Refusal } from '../net/linkops.ts';
import { RT_SCOPE_NOWHERE, RTN_LOCAL, RTPROT_KERNEL } from '../uapi/route.ts';
import { ESRCH } from './errno.ts';
import type { Route } from './fib.ts';
import { checkRequest, createRoute } from './fib-create.ts';
import { tableOf } from './fib-lookup.ts';
import type { InetNs } from './state.ts';
import type { RouteRequest } from './types.ts';

/** Puts a route into its table; throws a Refusal when the flags forbid it. */
export function addRoute(ins: InetNs, r: Route, nlFlags: number): void {
  const rc = tableOf(ins, r.table).insert(r, nlFlags);
  if (rc < 0) throw new Refusal(-rc);
  if (rc === 0) return; // replaced by its equal
  ins.genid++;
  if (r.type === RTN_LOCAL && r.protocol !== RTPROT_KERNEL) ins.customLocalRoutes = true;
  ins.stack.hooks.routeChanged(false, ins.ns, r, rc);
}

export function routeNew(ins: InetNs, req: RouteRequest): void {
  checkRequest(req);
  addRoute(ins, createRoute(ins, req), req.nlFlags);
}

export function routeRemove(ins: InetNs, req: RouteRequest): void {
  checkRequest(req);
  deleteMatching(ins, req);
}

/** Deletes the first route that the request fits; throws ESRCH. */
export function deleteMatching(ins: InetNs, req: RouteRequest): void {
  const table = ins.tables.get(req.table === 0 ? 254 : req.table);
  if (table === undefined) throw new Refusal(ESRCH, 'FIB table does not exist');
  const list = table.bucket(req.dst, req.dstLen);
  const r = list?.find((one) => fits(one, req));
  if (r === undefined) throw new Refusal(ESRCH);
  table.remove(r);
  ins.genid++;
  ins.stack.hooks.routeChanged(true, ins.ns, r, 0);
}

function fits(r: Route, req: RouteRequest): boolean {
  if (r.tos !== req.tos) return false;
  if (req.type !== 0 && r.type !== req.type) return false;
  if (req.scope !== RT_SCOPE_NOWHERE && r.scope !== req.scope) return false;
  if (req.prefsrc !== 0 && r.prefsrc !== req.prefsrc) return false;
  if (req.protocol !== 0 && r.protocol !== req.protocol) return false;
  if (req.priority !== 0 && r.priority !== req.priority) return false;
  if (req.oif !== 0 && (r.dev === null || r.dev.ifindex !== req.oif)) return false;
  if (req.gateway !== null && req.gateway !== 0 && r.gateway !== req.gateway) return false;
  return (req.metrics ?? []).every(([t, v]) => t === 0 || r.metrics.some((m) => m[0] === t && m[1] === v));
}
