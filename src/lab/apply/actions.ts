// What a plan's steps do, as plain data, and how each is done on a kernel. Devices are named, not numbered: most do not exist
// yet when a plan is made.

import { NlError } from '../../netlink/error.ts';
import { ADDR, LINK, ROUTE } from '../../netlink/payload.ts';
import { parseIp } from '../../uapi/format.ts';
import { AF_INET, AF_INET6, IFF_UP } from '../../uapi/link.ts';
import { MACVLAN_MACADDR_FLUSH, MACVLAN_MACADDR_SET, type MacvlanAttrs } from '../../uapi/linkinfo.ts';
import {
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_DELROUTE,
  RTM_GETLINK,
  RTM_NEWADDR,
  RTM_NEWLINK,
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
import type { LabRoute, NetnsRef, Prefix } from '../file/lab.ts';
import { type Access, HOST } from './access.ts';
import type { MacvlanSettings } from './desired.ts';
import { setOffload } from './features.ts';

const ENOENT = 2;

export interface NewLink {
  readonly ifname: string;
  readonly kind: 'macvlan' | 'vlan';
  /** By name, or where nobody may have renamed it meanwhile by ifindex; in the host's namespace. */
  readonly lower: string | number;
  readonly group: number;
  /** null: the kernel's choice. */
  readonly index: number | null;
  readonly mac: number | null;
  readonly mtu: number | null;
  readonly macvlan: Partial<MacvlanSettings> | null;
  readonly vlan: number | null;
}

/** What is absent stays as it is. */
export interface LinkChange {
  readonly alias?: string;
  readonly group?: number;
  readonly up?: boolean;
  readonly mtu?: number;
  readonly macvlan?: Partial<MacvlanSettings>;
}

export type Action =
  | { readonly do: 'netns-add'; readonly name: string; readonly tag: string }
  | { readonly do: 'netns-del'; readonly name: string }
  | { readonly do: 'netns-back'; readonly name: string }
  | { readonly do: 'link-add'; readonly place: NetnsRef; readonly link: NewLink }
  | { readonly do: 'link-set'; readonly place: NetnsRef; readonly ifname: string; readonly change: LinkChange }
  | { readonly do: 'link-del'; readonly place: NetnsRef; readonly ifname: string }
  /** Every link of the group, in one go. */
  | { readonly do: 'group-del'; readonly place: NetnsRef; readonly group: number }
  | {
      /** `address-keep`: an address that is there already is no fault. */
      readonly do: 'address-add' | 'address-keep' | 'address-del';
      readonly place: NetnsRef;
      readonly ifname: string;
      readonly address: Prefix;
    }
  | {
      /** `route-keep`: a route that is there already is no fault. */
      readonly do: 'route-add' | 'route-keep' | 'route-del';
      readonly place: NetnsRef;
      readonly ifname: string;
      readonly route: LabRoute;
    }
  | { readonly do: 'sysctl'; readonly place: NetnsRef; readonly path: string; readonly value: string }
  | { readonly do: 'offload'; readonly ifname: string; readonly on: boolean };

/** Does it, or throws: NlError where the kernel refused, an Error where something is not there. */
export function perform(access: Access, action: Action): void {
  switch (action.do) {
    case 'netns-add':
      return addNamespace(access, action.name, action.tag);
    case 'netns-del':
      return granted(access.unname(action.name), action.name);
    case 'netns-back':
      return granted(access.nameAgain(action.name), action.name);
    case 'link-add':
      return addLink(access, action.place, action.link);
    case 'link-set':
      return setLink(access, action.place, action.ifname, action.change);
    case 'link-del':
      return removeLink(access, action.place, { ifname: action.ifname });
    case 'group-del':
      return removeLink(access, action.place, { group: action.group });
    case 'address-add':
    case 'address-keep':
    case 'address-del':
      return changeAddress(access, action.place, action.ifname, action.address, action.do);
    case 'route-add':
    case 'route-keep':
    case 'route-del':
      return changeRoute(access, action.place, action.ifname, action.route, action.do);
    case 'sysctl':
      return writeSysctl(access, action.place, action.path, action.value);
    case 'offload':
      return setOffload(access, action.ifname, action.on);
  }
}

function granted(rc: number, what: string): void {
  if (rc < 0) throw new NlError(-rc, what);
}

function writeSysctl(access: Access, place: NetnsRef, path: string, value: string): void {
  const rc = access.kernel.writeFile(access.at(place).ns, path, value);
  if (rc === -ENOENT && path.startsWith('/proc/sys/net/ipv6/')) return; // a kernel without IPv6 has none to turn off
  granted(rc, path);
}

/** Tagged before it has its name: one that was made halfway is gone with the process. */
function addNamespace(access: Access, name: string, tag: string): void {
  const place = access.create();
  place.client.request(LINK, RTM_NEWLINK, 0, { index: 1, flags: IFF_UP, change: IFF_UP }, { ifalias: tag });
  granted(access.nameIt(name, place), `/run/netns/${name}`);
}

/** Created where it shall be: moving it there takes a hundred times as long. */
function addLink(access: Access, place: NetnsRef, link: NewLink): void {
  const to = access.at(place);
  const { client } = access.host;
  const lower = typeof link.lower === 'number' ? link.lower : indexOf(access, HOST, link.lower);
  const data = link.macvlan !== null ? macvlanData(link.macvlan, true) : { id: link.vlan ?? undefined };
  client.request(LINK, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, link.index === null ? {} : { index: link.index }, {
    ifname: link.ifname,
    link: lower,
    group: link.group,
    ...(to === access.host ? {} : { netNsFd: to.fd }),
    ...(link.mac === null ? {} : { address: link.mac }),
    ...(link.mtu === null ? {} : { mtu: link.mtu }),
    linkinfo: { kind: link.kind, data: data as never },
  });
}

function setLink(access: Access, place: NetnsRef, ifname: string, change: LinkChange): void {
  const { alias, group, up, mtu, macvlan } = change;
  const header = up === undefined ? {} : { flags: up ? IFF_UP : 0, change: IFF_UP };
  access.at(place).client.request(LINK, RTM_NEWLINK, 0, header, {
    ifname,
    ...(alias === undefined ? {} : { ifalias: alias }),
    ...(group === undefined ? {} : { group }),
    ...(mtu === undefined ? {} : { mtu }),
    ...(macvlan === undefined ? {} : { linkinfo: { kind: 'macvlan', data: macvlanData(macvlan, false) as never } }),
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

function indexOf(access: Access, place: NetnsRef, ifname: string): number {
  const { client, indices } = access.at(place);
  const index = indices.get(ifname) ?? client.get(LINK, RTM_GETLINK, {}, { ifname }).header.index;
  indices.set(ifname, index);
  return index;
}

/** Names may mean other devices afterwards. What stood on a removed VLAN device was removed before. */
function removeLink(access: Access, place: NetnsRef, attrs: { ifname: string } | { group: number }): void {
  const { client, indices } = access.at(place);
  indices.clear();
  client.request(LINK, RTM_DELLINK, 0, {}, attrs);
}

function changeAddress(
  access: Access,
  place: NetnsRef,
  ifname: string,
  address: Prefix,
  how: 'address-add' | 'address-keep' | 'address-del',
): void {
  const ip = parseIp(address.address) ?? undefined;
  const header = {
    family: address.family === 4 ? AF_INET : AF_INET6,
    prefixlen: address.length,
    index: indexOf(access, place, ifname),
  };
  const [type, flags] = how === 'address-del' ? [RTM_DELADDR, 0] : [RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL];
  const refusal = access.at(place).client.tryRequest(ADDR, type, flags, header, { local: ip, address: ip });
  // The last primary address of an IPv4 network takes its secondary ones along.
  const fine = { 'address-add': null, 'address-keep': 'EEXIST', 'address-del': 'EADDRNOTAVAIL' }[how];
  if (refusal !== null && refusal.code !== fine) throw refusal;
}

function changeRoute(
  access: Access,
  place: NetnsRef,
  ifname: string,
  { to, via }: LabRoute,
  how: 'route-add' | 'route-keep' | 'route-del',
): void {
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
    oif: indexOf(access, place, ifname),
  };
  const { client } = access.at(place);
  if (how === 'route-del') return client.request(ROUTE, RTM_DELROUTE, 0, header, attrs);
  const refusal = client.tryRequest(ROUTE, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, header, attrs);
  if (refusal !== null && !(how === 'route-keep' && refusal.code === 'EEXIST')) throw refusal;
}
