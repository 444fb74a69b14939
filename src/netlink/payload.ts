// Which fixed header and which attributes each rtnetlink message type carries. A new message family adds its lines here.
// Generic netlink has its own list (genl.ts), since there the command decides.

import { IFA, IFADDRMSG } from '../uapi/addr.ts';
import { IFLA_AF_BRIDGE } from '../uapi/bridge.ts';
import { IFINFOMSG } from '../uapi/ifla.ts';
import { AF_BRIDGE, IFLA } from '../uapi/link.ts';
import { IFLA6 } from '../uapi/link6.ts';
import { NDA, NDMSG } from '../uapi/neigh.ts';
import { NETCONFA, NETCONFMSG } from '../uapi/netconf.ts';
import { NETNSA, RTGENMSG } from '../uapi/netns.ts';
import { PREFIX, PREFIXMSG } from '../uapi/prefix.ts';
import { TCA, TCMSG } from '../uapi/qdisc.ts';
import { RTA, RTMSG } from '../uapi/route.ts';
import { FIB_RULE_HDR, FRA } from '../uapi/rule.ts';
import { INET_DIAG, INET_DIAG_MSG, INET_DIAG_REQ } from '../uapi/sockdiag.ts';
import { type NlMessage, type Payload, payload } from './message.ts';

export const LINK = payload(IFINFOMSG, IFLA);
/** RTM_*LINK with family AF_INET6: what IPv6 has of a link. */
export const LINK6 = payload(IFINFOMSG, IFLA6);
/** RTM_*LINK with family AF_BRIDGE: ports, and embedded switches. */
export const BRIDGE_LINK = payload(IFINFOMSG, IFLA_AF_BRIDGE);
export const ADDR = payload(IFADDRMSG, IFA);
export const ROUTE = payload(RTMSG, RTA);
export const NEIGH = payload(NDMSG, NDA);
export const RULE = payload(FIB_RULE_HDR, FRA);
export const NSID = payload(RTGENMSG, NETNSA);
export const QDISC = payload(TCMSG, TCA);
export const NETCONF = payload(NETCONFMSG, NETCONFA);
export const PREFIX_HEARD = payload(PREFIXMSG, PREFIX);
export const SOCK_DIAG = payload(INET_DIAG_MSG, INET_DIAG);
export const SOCK_DIAG_REQ = payload(INET_DIAG_REQ, INET_DIAG);

/** Message types come in fours (NEW, DEL, GET, SET), all of one form. */
const FORMS: ReadonlyMap<number, Payload<unknown, unknown>> = new Map(
  (
    [
      [16, LINK],
      [20, ADDR],
      [24, ROUTE],
      [28, NEIGH],
      [32, RULE],
      [36, QDISC],
      [40, QDISC],
      [44, QDISC],
      [100, QDISC],
      [80, NETCONF],
      [88, NSID],
      [108, LINK],
    ] as const
  ).map(([base, form]) => [base, form as Payload<unknown, unknown>]),
);

/** The form of a message that just came: for traces and for listeners to everything. Null: not one of ours. */
export function formOf(msg: NlMessage): Payload<unknown, unknown> | null {
  const form = FORMS.get(msg.type & ~3) ?? null;
  const family = msg.at < msg.end ? msg.bytes[msg.at] : 0;
  return form === LINK && family === AF_BRIDGE ? (BRIDGE_LINK as Payload<unknown, unknown>) : form;
}
