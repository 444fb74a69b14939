// What a plan reads of a kernel: links, addresses and routes, whole or not at all, and of each what is needed.

import type { NlClient } from '../../netlink/client.ts';
import { collect, DUMP_TRIES } from '../../netlink/collect.ts';
import { type Decoded, type Payload, payload } from '../../netlink/message.ts';
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

type LinkMessage = Decoded<IfInfoMsg, LinkAttrs>;
type BriefLinkMessage = Decoded<IfInfoMsg, BriefLinkAttrs>;

export function dumpLinks(client: NlClient): LinkMessage[] {
  return whole(client, LINK, RTM_GETLINK, {}, SHORT, itself);
}

/** Of each link what a plan needs, and of that what `make` makes. */
export function eachLink<T>(client: NlClient, make: (message: BriefLinkMessage) => T): T[] {
  return whole(client, BRIEF_LINK, RTM_GETLINK, {}, SHORT, make);
}

export function briefLinks(client: NlClient): BriefLinkMessage[] {
  return eachLink(client, itself);
}

export function dumpAddresses(client: NlClient): Decoded<IfAddrMsg, AddrAttrs>[] {
  return whole(client, ADDR, RTM_GETADDR, {}, {}, itself);
}

/** Of each address who gave it and which it is; null: of no interest. */
export function eachAddress<T>(client: NlClient, make: (message: Decoded<IfAddrMsg, BriefAddr>) => T | null): T[] {
  return whole(client, BRIEF_ADDR, RTM_GETADDR, {}, {}, make);
}

/** Unicast routes that somebody set; null: of no interest. Linux before 4.20 tells all: `make` looks again. */
export function eachStaticRoute<T>(client: NlClient, make: (message: Decoded<RtMsg, RouteAttrs>) => T | null): T[] {
  return [AF_INET, AF_INET6].flatMap((family) => {
    const header = { family, protocol: RTPROT_STATIC, type: RTN_UNICAST };
    return whole(client, ROUTE, RTM_GETROUTE, header, {}, (m) => (m.header.family === family ? make(m) : null));
  });
}

export function dumpRoutes(client: NlClient): Decoded<RtMsg, RouteAttrs>[] {
  return [AF_INET, AF_INET6].flatMap((family) =>
    // A kernel without the family answers for all families.
    whole(client, ROUTE, RTM_GETROUTE, { family }, {}, (m) => (m.header.family === family ? m : null)),
  );
}

const SHORT = { extMask: RTEXT_FILTER_SKIP_STATS };
const itself = <T>(message: T): T => message;

/** Of one that keeps changing nothing can be planned. */
function whole<H, A, T>(
  client: NlClient,
  form: Payload<H, A>,
  type: number,
  header: Partial<H>,
  attrs: A,
  make: (message: Decoded<H, A>) => T | null,
): T[] {
  const collected = collect(client, form, type, header, attrs, make);
  if (collected.whole) return collected.made;
  throw new Error(`what the kernel told changed while it was told, ${DUMP_TRIES} times in a row`);
}
