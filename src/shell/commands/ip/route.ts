// `ip route`: which command. Changes are route-modify.ts, listings and flushes route-show.ts, questions route-get.ts.
// iproute2: ip/iproute.c, do_iproute().

import { RTM_DELROUTE, RTM_NEWROUTE } from '../../../uapi/msgtype.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../uapi/netlink.ts';
import { Args, matches } from '../iproute/args.ts';
import { ToolError } from '../iproute/errors.ts';
import type { Ip } from './context.ts';
import { getRoute } from './route-get.ts';
import { modifyRoute } from './route-modify.ts';
import { flushRoutes, showRoutes } from './route-show.ts';
import { routeUsage } from './usage.ts';

/** Verbs that change a route, in the order in which abbreviations are tried. */
const CHANGES: ReadonlyArray<readonly [verb: string, type: number, flags: number]> = [
  ['add', RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL],
  ['change', RTM_NEWROUTE, NLM_F_REPLACE],
  ['chg', RTM_NEWROUTE, NLM_F_REPLACE],
  ['replace', RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE],
  ['prepend', RTM_NEWROUTE, NLM_F_CREATE],
  ['append', RTM_NEWROUTE, NLM_F_CREATE | NLM_F_APPEND],
  ['test', RTM_NEWROUTE, NLM_F_EXCL],
  ['delete', RTM_DELROUTE, 0],
];

export function doRoute(ip: Ip, words: readonly string[]): number {
  const [verb, ...rest] = words;
  const args = new Args(rest);
  if (verb === undefined) return showRoutes(ip, args);
  for (const [name, type, flags] of CHANGES) {
    if (name === 'chg' ? verb === name : matches(verb, name)) return modifyRoute(ip, args, type, flags);
  }
  if (matches(verb, 'list') || matches(verb, 'show') || matches(verb, 'lst')) return showRoutes(ip, args);
  if (matches(verb, 'get')) return getRoute(ip, args);
  if (matches(verb, 'flush')) return flushRoutes(ip, args);
  if (matches(verb, 'save') || matches(verb, 'restore') || matches(verb, 'showdump')) {
    throw new ToolError(`ip: lowerdev has no "route ${verb}" yet\n`, 1);
  }
  if (matches(verb, 'help')) throw new ToolError(routeUsage, 255);
  throw new ToolError(`Command "${verb}" is unknown, try "ip route help".\n`, 255);
}
