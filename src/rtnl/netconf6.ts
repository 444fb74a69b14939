// RTM_GETNETCONF under AF_INET6 and its notifications. netconf.ts is IPv4's.
// Linux: net/ipv6/addrconf.c, inet6_netconf_fill_devconf(), inet6_netconf_notify_devconf().

import * as dc from '../inet/conf6.ts';
import { in6Dev, inet6Ns } from '../inet/state6.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { encodeTo } from '../netlink/attrs.ts';
import { NlError } from '../netlink/error.ts';
import { writeStruct } from '../netlink/struct.ts';
import type { Writer } from '../netlink/writer.ts';
import { AF_INET6 } from '../uapi/link.ts';
import { RTM_DELNETCONF, RTM_NEWNETCONF } from '../uapi/msgtype.ts';
import {
  NETCONFA,
  NETCONFA_IFINDEX_ALL,
  NETCONFA_IFINDEX_DEFAULT,
  NETCONFMSG,
  type NetconfAttrs,
} from '../uapi/netconf.ts';
import { RTNLGRP_IPV6_NETCONF } from '../uapi/rtnlgrp.ts';
import type { Dump } from './dump.ts';
import { NOBODY, notify } from './listeners.ts';
import type { Request } from './request.ts';

const IFINDEX = 1;
/** NETCONFA_*, in the kernel's order, and the setting that each tells. */
const TOLD: ReadonlyArray<readonly [key: keyof NetconfAttrs, type: number, setting: number]> = [
  ['forwarding', 2, dc.DC_FORWARDING],
  ['mcForwarding', 4, dc.DC_MC_FORWARDING],
  ['proxyNeigh', 5, dc.DC_PROXY_NDP],
  ['ignoreRoutesWithLinkdown', 6, dc.DC_IGNORE_LINKDOWN],
];
/** NETCONFA_ALL. */
const EVERY = -1;

function confOf(ns: NetNs, ifindex: number): dc.DevConf6 | null {
  const i6 = inet6Ns(ns);
  if (ifindex === NETCONFA_IFINDEX_ALL) return i6?.confAll ?? null;
  if (ifindex === NETCONFA_IFINDEX_DEFAULT) return i6?.confDefault ?? null;
  const dev = ns.devByIndex(ifindex);
  return dev === null ? null : (in6Dev(dev)?.conf ?? null);
}

function fill(w: Writer, ifindex: number, conf: dc.DevConf6 | null, type: number): void {
  writeStruct(NETCONFMSG, { family: AF_INET6 }, w);
  w.pad4();
  const a: Record<string, number> = { ifindex };
  if (conf !== null) for (const [key, attr, i] of TOLD) if (type === EVERY || type === attr) a[key] = conf.v[i];
  encodeTo(NETCONFA, a as NetconfAttrs, w);
}

export function getNetconf6(req: Request): void {
  if (req.len < NETCONFMSG.size) throw new NlError('EINVAL', 'ipv6: Invalid header for netconf get request');
  const tb = req.parse(NETCONFMSG, NETCONFA, req.strict);
  if (req.strict && tb.types.some((type) => type !== IFINDEX)) {
    throw new NlError('EINVAL', 'ipv6: Unsupported attribute in netconf get request');
  }
  if (!tb.has(IFINDEX)) throw new NlError('EINVAL');
  const ifindex = tb.s32(IFINDEX);
  const conf = confOf(req.ns, ifindex);
  if (conf === null) throw new NlError('EINVAL');
  req.reply(RTM_NEWNETCONF, (w) => fill(w, ifindex, conf, EVERY));
}

export function dumpNetconf6(req: Request, out: Dump): void {
  if (req.strict && req.len > NETCONFMSG.size) {
    throw new NlError('EINVAL', 'ipv6: Invalid data after header in netconf dump request');
  }
  const indices = [...req.ns.devices().map((d) => d.ifindex), NETCONFA_IFINDEX_ALL, NETCONFA_IFINDEX_DEFAULT];
  for (const ifindex of indices) {
    const conf = confOf(req.ns, ifindex);
    if (conf !== null) out.message(RTM_NEWNETCONF, (w) => fill(w, ifindex, conf, EVERY));
  }
}

/** One setting changed; `type` is NETCONFA_*. */
export function netconf6Changed(ns: NetNs, ifindex: number, type: number): void {
  const conf = confOf(ns, ifindex);
  notify(ns, RTNLGRP_IPV6_NETCONF, RTM_NEWNETCONF, NOBODY, (w) => fill(w, ifindex, conf, type));
}

export function netconf6Came(dev: NetDevice): void {
  netconf6Changed(dev.ns, dev.ifindex, EVERY);
}

export function netconf6Went(dev: NetDevice): void {
  notify(dev.ns, RTNLGRP_IPV6_NETCONF, RTM_DELNETCONF, NOBODY, (w) => fill(w, dev.ifindex, null, 0));
}
