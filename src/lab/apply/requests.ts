// The actions that are one netlink request, and the request that each is. Most of a plan is such, so that many go to the
// kernel at once.

import type { NlClient, Request } from '../../netlink/client.ts';
import { ADDR, LINK, ROUTE } from '../../netlink/payload.ts';
import { IFA_F_NODAD } from '../../uapi/addr.ts';
import { parseIp } from '../../uapi/format.ts';
import { AF_INET, AF_INET6, IFF_UP } from '../../uapi/link.ts';
import { MACVLAN_MACADDR_FLUSH, MACVLAN_MACADDR_SET, type MacvlanAttrs } from '../../uapi/linkinfo.ts';
import {
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_DELLINKPROP,
  RTM_DELROUTE,
  RTM_GETLINK,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWLINKPROP,
  RTM_NEWROUTE,
} from '../../uapi/msgtype.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../uapi/netlink.ts';
import {
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_MAIN,
  RTN_UNICAST,
  RTPROT_STATIC,
} from '../../uapi/route.ts';
import type { LabRoute, NetnsRef } from '../file/lab.ts';
import type { Access, Place } from './access.ts';
import type { Action, LinkChange, NewLink } from './actions.ts';
import type { MacvlanSettings } from './desired.ts';
import { eachLink } from './dump.ts';

/** A request, and where it is asked. */
export interface Asked {
  readonly client: NlClient;
  readonly request: Request<unknown, unknown>;
  /** An errno that is no refusal: what was asked for is so already. */
  readonly fine: string | null;
  /** When it was granted. */
  readonly done?: () => void;
}

type Inet = Extract<Action, { ifname: string; place: NetnsRef; address: unknown } | { route: unknown }>;
type OfLinks = 'link-add' | 'link-set' | 'link-del' | 'group-del' | 'altname-add' | 'altname-del';
export type AskedAction = Extract<Action, { do: OfLinks }> | Inet;

export function isAsked(action: Action): action is AskedAction {
  return /^(link-add|link-set|link-del|group-del|altname-.*|address-.*|route-.*)$/.test(action.do);
}

/** May ask for an ifindex. Throws an Error where a namespace or a device is not there. */
export function requestOf(access: Access, action: AskedAction): Asked {
  const place = access.at(action.place);
  const { client, indices } = place;
  switch (action.do) {
    case 'link-add':
      return addLink(access, place, action.link);
    case 'link-set':
      return { client, request: setLink(action.ifname, action.change), fine: null };
    case 'link-del':
      return { client, request: request(LINK, RTM_DELLINK, 0, {}, { ifname: action.ifname }), ...forget(indices) };
    case 'group-del':
      return { client, request: request(LINK, RTM_DELLINK, 0, {}, { group: action.group }), ...forget(indices) };
    case 'altname-add':
    case 'altname-del': {
      const type = action.do === 'altname-add' ? RTM_NEWLINKPROP : RTM_DELLINKPROP;
      const flags = action.do === 'altname-add' ? CREATE : 0;
      const header = { index: indexOf(place, action.ifname) };
      return { client, request: request(LINK, type, flags, header, { propList: [action.name] }), fine: null };
    }
    case 'address-add':
    case 'address-keep':
    case 'address-del':
      return changeAddress(place, action);
    case 'route-add':
    case 'route-keep':
    case 'route-del':
      return changeRoute(place, action);
  }
}

function request<H, A>(
  form: Request<H, A>['form'],
  type: number,
  flags: number,
  header: Partial<H>,
  attrs: A,
): Request<unknown, unknown> {
  return { form, type, flags, header, attrs } as Request<unknown, unknown>;
}

/** Names may mean other devices afterwards. What stood on a removed VLAN device was removed before. */
function forget(indices: Map<string, number>): { fine: null; done: () => void } {
  return { fine: null, done: () => indices.clear() };
}

/**
 * Created where it shall be: moving it there takes a hundred times as long. With an ifindex that is free, so that whatever
 * follows need not ask for it; never its lower device's, since Linux takes a link that has that for none on top of another
 * and tells of its carrier up to a second late.
 */
function addLink(access: Access, to: Place, link: NewLink): Asked {
  const { host } = access;
  const lower = typeof link.lower === 'number' ? link.lower : indexOf(host, link.lower);
  const index = link.index ?? freeIndex(to, lower);
  const data = link.macvlan !== null ? macvlanData(link.macvlan, true) : { id: link.vlan ?? undefined };
  const header = { index, ...(link.up ? { flags: IFF_UP, change: IFF_UP } : {}) };
  const attrs = {
    ifname: link.ifname,
    link: lower,
    group: link.group,
    ...(to === host ? {} : { netNsFd: to.fd }),
    ...(link.mac === null ? {} : { address: link.mac }),
    ...(link.mtu === null ? {} : { mtu: link.mtu }),
    ...(link.txQueueLen == null ? {} : { txqlen: link.txQueueLen }),
    ...(link.queues == null ? {} : { numTxQueues: link.queues, numRxQueues: link.queues }),
    linkinfo: { kind: link.kind, data: data as never },
  };
  to.indices.set(link.ifname, index);
  return { client: host.client, request: request(LINK, RTM_NEWLINK, CREATE, header, attrs), fine: null };
}

const CREATE = NLM_F_CREATE | NLM_F_EXCL;

/** Past all that there are: a number that was in use a moment ago is not given again. */
function freeIndex(place: Place, lower: number): number {
  if (place.lastIndex === 0) noteIndices(place, eachLink(place.client, named));
  place.lastIndex += place.lastIndex + 1 === lower ? 2 : 1;
  return place.lastIndex;
}

interface Named {
  readonly index: number;
  readonly ifname: string;
}

const named = ({ header, attrs }: { header: { index: number }; attrs: { ifname?: string } }): Named => ({
  index: header.index,
  ifname: attrs.ifname ?? '',
});

/** Which ifindex each device of a namespace has. */
export function noteIndices(place: Place, links: readonly Named[]): void {
  for (const { index, ifname } of links) {
    place.indices.set(ifname, index);
    if (index > place.lastIndex) place.lastIndex = index;
  }
}

function setLink(
  ifname: string,
  { alias, group, up, mtu, txQueueLen, flags, addrGenMode, macvlan, kind }: LinkChange,
): Request<unknown, unknown> {
  const value = (flags?.value ?? 0) | (up === true ? IFF_UP : 0);
  const change = (flags?.mask ?? 0) | (up === undefined ? 0 : IFF_UP);
  const header = change === 0 ? {} : { flags: value, change };
  return request(LINK, RTM_NEWLINK, 0, header, {
    ifname,
    ...(addrGenMode === undefined ? {} : { afSpec: { inet6: { addrGenMode } } }),
    ...(alias === undefined ? {} : { ifalias: alias }),
    ...(group === undefined ? {} : { group }),
    ...(mtu === undefined ? {} : { mtu }),
    ...(txQueueLen === undefined ? {} : { txqlen: txQueueLen }),
    ...(macvlan === undefined
      ? {}
      : { linkinfo: { kind: kind ?? 'macvlan', data: macvlanData(macvlan, false) as never } }),
  });
}

function macvlanData(s: Partial<MacvlanSettings>, created: boolean): MacvlanAttrs {
  const { mode, flags, sources, bcQueueLen, bcCutoff } = s;
  const none = sources === undefined || (created && sources.length === 0);
  const list =
    sources?.length === 0
      ? { macaddrMode: MACVLAN_MACADDR_FLUSH }
      : { macaddrMode: MACVLAN_MACADDR_SET, macaddrData: [...(sources ?? [])] };
  return {
    ...(mode === undefined ? {} : { mode }),
    ...(flags === undefined ? {} : { flags }),
    ...(none ? {} : list),
    ...(bcQueueLen == null ? {} : { bcQueueLen }),
    ...(bcCutoff == null ? {} : { bcCutoff }),
  };
}

function indexOf({ client, indices }: Place, ifname: string): number {
  const index = indices.get(ifname) ?? client.get(LINK, RTM_GETLINK, {}, { ifname }).header.index;
  indices.set(ifname, index);
  return index;
}

function changeAddress(place: Place, action: Extract<Inet, { address: unknown }>): Asked {
  const { do: how, address, ifname } = action;
  const ip = parseIp(address.address) ?? undefined;
  const family = address.family === 4 ? AF_INET : AF_INET6;
  const header = { family, prefixlen: address.length, index: indexOf(place, ifname) };
  const [type, flags] = how === 'address-del' ? [RTM_DELADDR, 0] : [RTM_NEWADDR, CREATE];
  // The last primary address of an IPv4 network takes its secondary ones along.
  const fine = { 'address-add': null, 'address-keep': 'EEXIST', 'address-del': 'EADDRNOTAVAIL' }[how];
  const attrs = { local: ip, address: ip, ...(address.nodad === true ? { flags: IFA_F_NODAD } : {}) };
  return { client: place.client, request: request(ADDR, type, flags, header, attrs), fine };
}

function changeRoute(place: Place, action: Extract<Inet, { route: unknown }>): Asked {
  const { do: how, ifname } = action;
  const { to, via }: LabRoute = action.route;
  const gateway = via === null ? undefined : (parseIp(via) ?? undefined);
  const four = to === null ? typeof gateway === 'number' : to.family === 4;
  const scope = !four || via !== null ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
  const header = {
    family: four ? AF_INET : AF_INET6,
    dstLen: to?.length ?? 0,
    table: RT_TABLE_MAIN,
    protocol: RTPROT_STATIC,
    scope: how === 'route-del' ? RT_SCOPE_NOWHERE : scope,
    type: RTN_UNICAST,
  };
  const attrs = {
    ...(to === null ? {} : { dst: parseIp(to.address) ?? undefined }),
    ...(gateway === undefined ? {} : { gateway }),
    oif: indexOf(place, ifname),
  };
  const { client } = place;
  if (how === 'route-del') return { client, request: request(ROUTE, RTM_DELROUTE, 0, header, attrs), fine: null };
  const fine = how === 'route-keep' ? 'EEXIST' : null;
  return { client, request: request(ROUTE, RTM_NEWROUTE, CREATE, header, attrs), fine };
}
