// Dumps that are whole: one that something changed under (NLM_F_DUMP_INTR) is asked again.

import type { Dump, NlClient } from '../../netlink/client.ts';
import { type Decoded, payload } from '../../netlink/message.ts';
import { ADDR, LINK, ROUTE } from '../../netlink/payload.ts';
import { type AddrAttrs, IFA, IFADDRMSG, type IfAddrMsg } from '../../uapi/addr.ts';
import { only } from '../../uapi/attr.ts';
import { IFINFOMSG, type IfInfoMsg } from '../../uapi/ifla.ts';
import {
  AF_INET,
  AF_INET6,
  type BriefLinkAttrs,
  IFLA_BRIEF,
  type LinkAttrs,
  RTEXT_FILTER_SKIP_STATS,
} from '../../uapi/link.ts';
import { RTM_GETADDR, RTM_GETLINK, RTM_GETROUTE } from '../../uapi/msgtype.ts';
import { type RouteAttrs, RTN_UNICAST, RTPROT_STATIC, type RtMsg } from '../../uapi/route.ts';

const BRIEF_LINK = payload(IFINFOMSG, IFLA_BRIEF);
const BRIEF_ADDR = payload(IFADDRMSG, only(IFA, 'address', 'local', 'flags', 'proto'));
type BriefAddr = Pick<AddrAttrs, 'address' | 'local' | 'flags' | 'proto'>;

/** Something on the machine changes all the time. */
const TRIES = 20;

export function dumpLinks(client: NlClient): Decoded<IfInfoMsg, LinkAttrs>[] {
  return whole(() => client.dump(LINK, RTM_GETLINK, {}, { extMask: RTEXT_FILTER_SKIP_STATS }));
}

/** Of each link what a plan needs. */
export function briefLinks(client: NlClient): Decoded<IfInfoMsg, BriefLinkAttrs>[] {
  return whole(() => client.dump(BRIEF_LINK, RTM_GETLINK, {}, { extMask: RTEXT_FILTER_SKIP_STATS }));
}

export function dumpAddresses(client: NlClient): Decoded<IfAddrMsg, AddrAttrs>[] {
  return whole(() => client.dump(ADDR, RTM_GETADDR, {}, {}));
}

/** Of each address who gave it and which it is. */
export function briefAddresses(client: NlClient): Decoded<IfAddrMsg, BriefAddr>[] {
  return whole(() => client.dump(BRIEF_ADDR, RTM_GETADDR, {}, {}));
}

/** Unicast routes that somebody set. Linux before 4.20 tells all: the caller looks again. */
export function staticRoutes(client: NlClient): Decoded<RtMsg, RouteAttrs>[] {
  return [AF_INET, AF_INET6].flatMap((family) =>
    whole(() => client.dump(ROUTE, RTM_GETROUTE, { family, protocol: RTPROT_STATIC, type: RTN_UNICAST }, {})).filter(
      (m) => m.header.family === family,
    ),
  );
}

export function dumpRoutes(client: NlClient): Decoded<RtMsg, RouteAttrs>[] {
  return [AF_INET, AF_INET6].flatMap((family) =>
    // A kernel without the family answers for all families.
    whole(() => client.dump(ROUTE, RTM_GETROUTE, { family }, {})).filter((m) => m.header.family === family),
  );
}

function whole<H, A>(ask: () => Dump<H, A>): Decoded<H, A>[] {
  for (let i = 0; i < TRIES; i++) {
    const dump = ask();
    if (!dump.interrupted) return dump.messages;
  }
  throw new Error(`what the kernel told changed while it was told, ${TRIES} times in a row`);
}
