// `ip route show` and `flush`. iproute2: ip/iproute.c, iproute_list_flush_or_save().

import { ROUTE } from '../../../netlink/payload.ts';
import { errnoName, strerror } from '../../../uapi/errno.ts';
import { RTM_DELROUTE, RTM_GETROUTE } from '../../../uapi/msgtype.ts';
import { type RouteAttrs, RTM_F_CLONED } from '../../../uapi/route.ts';
import type { Args } from '../iproute/args.ts';
import { ToolError } from '../iproute/errors.ts';
import type { Ip } from './context.ts';
import { parseRouteFilter, type RouteFilter, routePasses, viewOf } from './route-filter.ts';
import { printRoute, type RouteMsg } from './route-print.ts';

export function showRoutes(ip: Ip, args: Args): number {
  const f = parseRouteFilter(ip, args);
  ip.out.begin();
  try {
    const view = viewOf(f);
    for (const msg of dump(ip, f, 'Dump')) if (routePasses(f, msg)) printRoute(ip, msg, view);
  } finally {
    ip.out.finish();
  }
  return 0;
}

function dump(ip: Ip, f: RouteFilter, what: 'Dump' | 'Flush'): RouteMsg[] {
  const attrs: RouteAttrs = {};
  if (f.table !== 0) attrs.table = f.table;
  if (f.oif !== null) attrs.oif = f.oif;
  const header = { family: f.family, protocol: f.protocol ?? 0, flags: f.cloned ? RTM_F_CLONED : 0 };
  return ip.dumpOrDie(() => ip.client.dump(ROUTE, RTM_GETROUTE, header, attrs), 2, what).messages;
}

/** Deletes what passes, round after round, until nothing does. */
export function flushRoutes(ip: Ip, args: Args): number {
  if (!args.more) throw new ToolError('"ip route flush" requires arguments.\n', 1);
  const f = parseRouteFilter(ip, args);
  const { proc, opts } = ip;
  if (f.cloned) {
    if (f.family !== 10) {
      const rc = proc.os.writeFile(ip.ns, '/proc/sys/net/ipv4/route/flush', '-1');
      if (rc < 0) throw new ToolError(`Cannot open "/proc/sys/net/ipv4/route/flush": ${strerror(-rc)}\n`, 1);
      if (opts.stats > 0) proc.out('*** IPv4 routing cache is flushed.\n');
    }
    if (f.family === 2) return 0;
  }
  for (let round = 0; ; ) {
    const found = dump(ip, f, 'Flush').filter((msg) => routePasses(f, msg) && !isPermanent(msg));
    if (found.length === 0) {
      if (opts.stats > 0) {
        const nothing = round === 0 && (!f.cloned || f.family === 10);
        proc.out(
          nothing ? 'Nothing to flush.\n' : `*** Flush is complete after ${round} round${round > 1 ? 's' : ''} ***\n`,
        );
      }
      return 0;
    }
    if (opts.stats > 1) for (const msg of found) printRoute(ip, msg, viewOf(f));
    round++;
    const refusals = ip.client.batch(
      found.map((msg) => ({
        form: ROUTE as never,
        type: RTM_DELROUTE,
        header: msg.header as never,
        attrs: msg.attrs as never,
      })),
    );
    const refusal = refusals.find((e) => e !== null && errnoName(e.errno) !== 'ESRCH');
    if (refusal != null) throw new ToolError(`Failed to send flush request: ${strerror(refusal.errno)}\n`, 1);
    if (opts.stats > 0) proc.out(`\n*** Round ${round}, deleting ${found.length} entries ***\n`);
  }
}

/** IPv6's default route to nowhere cannot be deleted. */
function isPermanent({ header, attrs }: RouteMsg): boolean {
  return header.family === 10 && header.dstLen === 0 && header.type === 7 && attrs.priority === 0xffffffff;
}
