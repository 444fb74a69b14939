// The catalogue: which function answers which rtnetlink request, by family and message type. A new message family adds
// its lines here. Linux: rtnl_register_many() and its callers.

import { AF_BRIDGE, AF_INET, AF_INET6 } from '../uapi/link.ts';
import * as rtm from '../uapi/msgtype.ts';
import { delAddr, dumpAddrs, newAddr } from './addr.ts';
import { delAddr6, dumpAddrs6, dumpAnycasts6, dumpGroups6, getAddr6, newAddr6 } from './addr6.ts';
import { delBridgeLink, dumpBridgeLinks, setBridgeLink } from './bridge-link.ts';
import type { Dump } from './dump.ts';
import { changeFdb, dumpFdb, getFdb } from './fdb.ts';
import { delLink } from './link-del.ts';
import { dumpLinks, getLink } from './link-get.ts';
import { newLink } from './link-new.ts';
import { changeLinkProps } from './link-prop.ts';
import { setLink } from './link-set.ts';
import { dumpLinks6 } from './link6.ts';
import { delNeigh, dumpNeighs, getNeigh, newNeigh } from './neigh.ts';
import { dumpNetconf, getNetconf } from './netconf.ts';
import { dumpNetconf6, getNetconf6 } from './netconf6.ts';
import { dumpNsids, getNsid, newNsid } from './nsid.ts';
import { delQdisc, dumpQdiscs, getQdisc, newQdisc } from './qdisc.ts';
import type { Request } from './request.ts';
import { delRoute, dumpRoutes, newRoute } from './route.ts';
import { getRoute } from './route-get.ts';
import { delRoute6, dumpRoutes6, getRoute6, newRoute6 } from './route6.ts';
import { delRule, dumpAllRules, dumpRules, dumpRules6, newRule, noRules } from './rule.ts';
import { changeClass, dumpClasses } from './tclass.ts';
import { delFilter, dumpFilters, getFilter, newFilter } from './tfilter.ts';

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
  [AF_BRIDGE, rtm.RTM_DELLINK, { doit: delBridgeLink }],
  [AF_BRIDGE, rtm.RTM_NEWNEIGH, { doit: changeFdb }],
  [AF_BRIDGE, rtm.RTM_DELNEIGH, { doit: changeFdb, bulk: true }],
  [AF_BRIDGE, rtm.RTM_GETNEIGH, { doit: getFdb, dump: dumpFdb }],
  [AF_INET, rtm.RTM_NEWADDR, { doit: newAddr }],
  [AF_INET, rtm.RTM_DELADDR, { doit: delAddr }],
  [AF_INET, rtm.RTM_GETADDR, { dump: dumpAddrs }],
  [0, rtm.RTM_GETADDR, { dump: all(dumpAddrs, dumpAddrs6) }],
  [AF_INET, rtm.RTM_NEWROUTE, { doit: newRoute }],
  [AF_INET, rtm.RTM_DELROUTE, { doit: delRoute }],
  [AF_INET, rtm.RTM_GETROUTE, { doit: getRoute, dump: dumpRoutes }],
  [0, rtm.RTM_GETROUTE, { dump: all(dumpRoutes, dumpRoutes6) }],
  [0, rtm.RTM_NEWNEIGH, { doit: newNeigh }],
  [0, rtm.RTM_DELNEIGH, { doit: delNeigh }],
  [0, rtm.RTM_GETNEIGH, { doit: getNeigh, dump: dumpNeighs }],
  [AF_INET, rtm.RTM_NEWRULE, { doit: newRule }],
  [AF_INET, rtm.RTM_DELRULE, { doit: delRule }],
  [AF_INET, rtm.RTM_GETRULE, { dump: dumpRules, sameDatagram: true }],
  [0, rtm.RTM_NEWRULE, { doit: noRules }],
  [0, rtm.RTM_DELRULE, { doit: noRules }],
  [0, rtm.RTM_GETRULE, { dump: dumpAllRules, sameDatagram: true }],
  [0, rtm.RTM_NEWQDISC, { doit: newQdisc }],
  [0, rtm.RTM_DELQDISC, { doit: delQdisc }],
  [0, rtm.RTM_GETQDISC, { doit: getQdisc, dump: dumpQdiscs }],
  [0, rtm.RTM_NEWTCLASS, { doit: changeClass }],
  [0, rtm.RTM_DELTCLASS, { doit: changeClass }],
  [0, rtm.RTM_GETTCLASS, { doit: changeClass, dump: dumpClasses }],
  [0, rtm.RTM_NEWTFILTER, { doit: newFilter }],
  [0, rtm.RTM_DELTFILTER, { doit: delFilter }],
  [0, rtm.RTM_GETTFILTER, { doit: getFilter, dump: dumpFilters }],
  [AF_INET, rtm.RTM_GETNETCONF, { doit: getNetconf, dump: dumpNetconf }],
  [0, rtm.RTM_GETNETCONF, { dump: all(dumpNetconf, dumpNetconf6) }],
  [0, rtm.RTM_NEWNSID, { doit: newNsid }],
  [0, rtm.RTM_GETNSID, { doit: getNsid, dump: dumpNsids }],
  [AF_INET6, rtm.RTM_GETLINK, { dump: dumpLinks6 }],
  [AF_INET6, rtm.RTM_NEWADDR, { doit: newAddr6 }],
  [AF_INET6, rtm.RTM_DELADDR, { doit: delAddr6 }],
  [AF_INET6, rtm.RTM_GETADDR, { doit: getAddr6, dump: dumpAddrs6 }],
  [AF_INET6, rtm.RTM_GETMULTICAST, { dump: dumpGroups6 }],
  [AF_INET6, rtm.RTM_GETANYCAST, { dump: dumpAnycasts6 }],
  [AF_INET6, rtm.RTM_NEWROUTE, { doit: newRoute6 }],
  [AF_INET6, rtm.RTM_DELROUTE, { doit: delRoute6 }],
  [AF_INET6, rtm.RTM_GETROUTE, { doit: getRoute6, dump: dumpRoutes6 }],
  [AF_INET6, rtm.RTM_NEWRULE, { doit: newRule }],
  [AF_INET6, rtm.RTM_DELRULE, { doit: delRule }],
  [AF_INET6, rtm.RTM_GETRULE, { dump: dumpRules6, sameDatagram: true }],
  [AF_INET6, rtm.RTM_GETNETCONF, { doit: getNetconf6, dump: dumpNetconf6 }],
];

/** A dump that names no family asks one after the other. Linux: rtnl_dump_all(). */
function all(...dumps: ReadonlyArray<(req: Request, out: Dump) => void>): (req: Request, out: Dump) => void {
  return (req, out) => {
    for (const dump of dumps) dump(req, out);
  };
}

export const ROUTE_HANDLERS: ReadonlyMap<number, Handler> = new Map(
  LINES.map(([family, type, handler]) => [family * 256 + type, handler]),
);
