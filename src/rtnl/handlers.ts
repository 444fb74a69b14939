// The catalogue: which function answers which rtnetlink request, by family and message type. A new message family adds
// its lines here. Linux: rtnl_register_many() and its callers.

import { AF_BRIDGE, AF_INET, AF_INET6 } from '../uapi/link.ts';
import * as rtm from '../uapi/msgtype.ts';
import { delAddr, dumpAddrs, newAddr } from './addr.ts';
import { dumpBridgeLinks, setBridgeLink } from './bridge-link.ts';
import type { Dump } from './dump.ts';
import { changeFdb, dumpFdb, getFdb } from './fdb.ts';
import { delLink } from './link-del.ts';
import { dumpLinks, getLink } from './link-get.ts';
import { newLink } from './link-new.ts';
import { changeLinkProps } from './link-prop.ts';
import { setLink } from './link-set.ts';
import { delNeigh, dumpNeighs, getNeigh, newNeigh } from './neigh.ts';
import { dumpNetconf, getNetconf } from './netconf.ts';
import { dumpNsids, getNsid, newNsid } from './nsid.ts';
import { delQdisc, dumpQdiscs, getQdisc, newQdisc } from './qdisc.ts';
import type { Request } from './request.ts';
import { delRoute, dumpRoutes, newRoute } from './route.ts';
import { getRoute } from './route-get.ts';
import { dumpRules } from './rule.ts';
import { changeClass, dumpClasses } from './tclass.ts';

export interface Handler {
  /** Does it and answers, or throws the refusal. */
  readonly doit?: (req: Request) => void;
  readonly dump?: (req: Request, out: Dump) => void;
  /** Understands NLM_F_BULK. */
  readonly bulk?: boolean;
  /** NLMSG_DONE comes in the last datagram of the dump instead of one of its own. */
  readonly sameDatagram?: boolean;
}

type Line = readonly [family: number, type: number, handler: Handler];

const LINES: readonly Line[] = [
  [0, rtm.RTM_NEWLINK, { doit: newLink }],
  [0, rtm.RTM_DELLINK, { doit: delLink }],
  [0, rtm.RTM_GETLINK, { doit: getLink, dump: dumpLinks }],
  [0, rtm.RTM_SETLINK, { doit: setLink }],
  [0, rtm.RTM_NEWLINKPROP, { doit: changeLinkProps }],
  [0, rtm.RTM_DELLINKPROP, { doit: changeLinkProps }],
  [AF_BRIDGE, rtm.RTM_GETLINK, { dump: dumpBridgeLinks }],
  [AF_BRIDGE, rtm.RTM_SETLINK, { doit: setBridgeLink }],
  [AF_BRIDGE, rtm.RTM_NEWNEIGH, { doit: changeFdb }],
  [AF_BRIDGE, rtm.RTM_DELNEIGH, { doit: changeFdb, bulk: true }],
  [AF_BRIDGE, rtm.RTM_GETNEIGH, { doit: getFdb, dump: dumpFdb }],
  [AF_INET, rtm.RTM_NEWADDR, { doit: newAddr }],
  [AF_INET, rtm.RTM_DELADDR, { doit: delAddr }],
  [AF_INET, rtm.RTM_GETADDR, { dump: dumpAddrs }],
  [0, rtm.RTM_GETADDR, { dump: dumpAddrs }],
  [AF_INET, rtm.RTM_NEWROUTE, { doit: newRoute }],
  [AF_INET, rtm.RTM_DELROUTE, { doit: delRoute }],
  [AF_INET, rtm.RTM_GETROUTE, { doit: getRoute, dump: dumpRoutes }],
  [0, rtm.RTM_GETROUTE, { dump: dumpRoutes }],
  [0, rtm.RTM_NEWNEIGH, { doit: newNeigh }],
  [0, rtm.RTM_DELNEIGH, { doit: delNeigh }],
  [0, rtm.RTM_GETNEIGH, { doit: getNeigh, dump: dumpNeighs }],
  [AF_INET, rtm.RTM_GETRULE, { dump: dumpRules, sameDatagram: true }],
  [0, rtm.RTM_GETRULE, { dump: dumpRules, sameDatagram: true }],
  [0, rtm.RTM_NEWQDISC, { doit: newQdisc }],
  [0, rtm.RTM_DELQDISC, { doit: delQdisc }],
  [0, rtm.RTM_GETQDISC, { doit: getQdisc, dump: dumpQdiscs }],
  [0, rtm.RTM_NEWTCLASS, { doit: changeClass }],
  [0, rtm.RTM_DELTCLASS, { doit: changeClass }],
  [0, rtm.RTM_GETTCLASS, { doit: changeClass, dump: dumpClasses }],
  [AF_INET, rtm.RTM_GETNETCONF, { doit: getNetconf, dump: dumpNetconf }],
  [0, rtm.RTM_GETNETCONF, { dump: dumpNetconf }],
  [0, rtm.RTM_NEWNSID, { doit: newNsid }],
  [0, rtm.RTM_GETNSID, { doit: getNsid, dump: dumpNsids }],
  // IPv6 takes its place here: until then its lists are empty and nothing in them can be changed.
  [AF_INET6, rtm.RTM_GETADDR, { dump: nothing }],
  [AF_INET6, rtm.RTM_GETROUTE, { dump: nothing }],
  [AF_INET6, rtm.RTM_GETRULE, { dump: nothing }],
];

function nothing(): void {}

export const ROUTE_HANDLERS: ReadonlyMap<number, Handler> = new Map(
  LINES.map(([family, type, handler]) => [family * 256 + type, handler]),
);
