// RTM_GETNETCONF and its notifications: the few settings of IPv4 that netlink tells, per device, for all and by default.
// Linux: net/ipv4/devinet.c, inet_netconf_fill_devconf(), inet_netconf_notify_devconf().

import * as conf from '../inet/conf.ts';
import { inetConf } from '../inet/control.ts';
import { inetNs } from '../inet/state.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { type DevEvent, Ev } from '../net/notifier.ts';
import { encodeTo } from '../netlink/attrs.ts';
import { NlError } from '../netlink/error.ts';
import { writeStruct } from '../netlink/struct.ts';
import type { Writer } from '../netlink/writer.ts';
import { AF_INET } from '../uapi/link.ts';
import { RTM_DELNETCONF, RTM_NEWNETCONF } from '../uapi/msgtype.ts';
import {
  NETCONFA,
  NETCONFA_IFINDEX_ALL,
  NETCONFA_IFINDEX_DEFAULT,
  NETCONFMSG,
  type NetconfAttrs,
} from '../uapi/netconf.ts';
import { RTNLGRP_IPV4_NETCONF } from '../uapi/rtnlgrp.ts';
import type { Dump } from './dump.ts';
import { NOBODY, notify } from './listeners.ts';
import type { Request } from './request.ts';

const IFINDEX = 1;

/** NETCONFA_*, in the kernel's order, and the setting that each tells. */
const TOLD: ReadonlyArray<readonly [key: keyof NetconfAttrs, type: number, setting: number]> = [
  ['forwarding', 2, conf.FORWARDING],
  ['rpFilter', 3, conf.RP_FILTER],
  ['mcForwarding', 4, conf.MC_FORWARDING],
  ['bcForwarding', 8, conf.BC_FORWARDING],
  ['proxyNeigh', 5, conf.PROXY_ARP],
  ['ignoreRoutesWithLinkdown', 6, conf.IGNORE_LINKDOWN],
];
/** NETCONFA_ALL. */
const EVERY = -1;

/** Values by IPV4_DEVCONF number; null: no IPv4 there. */
type Values = ArrayLike<number> | null;

function valuesOf(ns: NetNs, ifindex: number): Values {
  if (ifindex === NETCONFA_IFINDEX_ALL) return inetNs(ns).confAll.v;
  if (ifindex === NETCONFA_IFINDEX_DEFAULT) return inetNs(ns).confDefault.v;
  const dev = ns.devByIndex(ifindex);
  return dev === null ? null : ofDevice(dev);
}

function ofDevice(dev: NetDevice): Values {
  const values = dev.inet === null ? null : inetConf(dev);
  return values === null ? null : [0, ...values];
}

function fill(w: Writer, ifindex: number, values: Values, type: number): void {
  writeStruct(NETCONFMSG, { family: AF_INET }, w);
  w.pad4();
  const a: Record<string, number> = { ifindex };
  if (values !== null)
    for (const [key, attr, setting] of TOLD) if (type === EVERY || type === attr) a[key] = values[setting];
  encodeTo(NETCONFA, a as NetconfAttrs, w);
}

export function getNetconf(req: Request): void {
  const tb = req.parse(NETCONFMSG, NETCONFA, req.strict);
  if (!tb.has(IFINDEX)) throw new NlError('EINVAL');
  const ifindex = tb.s32(IFINDEX);
  const values = valuesOf(req.ns, ifindex);
  if (values === null) throw new NlError(ifindex > 0 ? 'ENODEV' : 'EINVAL');
  req.reply(RTM_NEWNETCONF, (w) => fill(w, ifindex, values, EVERY));
}

export function dumpNetconf(req: Request, out: Dump): void {
  if (req.strict && req.len > NETCONFMSG.size) {
    throw new NlError('EINVAL', 'ipv4: Invalid data after header in netconf dump request');
  }
  const put = (ifindex: number, values: Values): void => {
    if (values !== null) out.message(RTM_NEWNETCONF, (w) => fill(w, ifindex, values, EVERY));
  };
  for (const dev of req.ns.devices()) put(dev.ifindex, ofDevice(dev));
  for (const ifindex of [NETCONFA_IFINDEX_ALL, NETCONFA_IFINDEX_DEFAULT]) put(ifindex, valuesOf(req.ns, ifindex));
}

/** One setting changed (its number in inet/conf.ts); most are nobody's business. Linux: devinet_conf_proc(). */
export function netconfChanged(ns: NetNs, ifindex: number, setting: number): void {
  const told = TOLD.find((line) => line[2] === setting && setting !== conf.BC_FORWARDING);
  const values = valuesOf(ns, ifindex);
  if (told !== undefined && values !== null) tell(ns, RTM_NEWNETCONF, ifindex, values, told[1]);
}

function tell(ns: NetNs, message: number, ifindex: number, values: Values, type: number): void {
  notify(ns, RTNLGRP_IPV4_NETCONF, message, NOBODY, (w) => fill(w, ifindex, values, type));
}

/** A device's settings come and go with its IPv4 state, and anew when it is renamed. Hears of it after IPv4. */
export function netconfEvent(event: DevEvent, dev: NetDevice): number {
  const come = event === Ev.Register || event === Ev.MoveIn;
  const go = event === Ev.Unregister || event === Ev.MoveOut;
  const anew = event === Ev.ChangeName;
  if (go || (anew && dev.inet !== null)) tell(dev.ns, RTM_DELNETCONF, dev.ifindex, null, EVERY);
  if (come || anew) {
    const values = ofDevice(dev);
    if (values !== null) tell(dev.ns, RTM_NEWNETCONF, dev.ifindex, values, EVERY);
  }
  return 0;
}
