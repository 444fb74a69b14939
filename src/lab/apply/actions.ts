// What a plan's steps do, as plain data, and how each is done on a kernel. Devices are named, not numbered: most do not exist
// yet when a plan is made.

import { NlError } from '../../netlink/error.ts';
import { LINK } from '../../netlink/payload.ts';
import { IFF_UP } from '../../uapi/link.ts';
import { RTM_DELLINK, RTM_NEWLINK } from '../../uapi/msgtype.ts';
import type { LabRoute, NetnsRef, Prefix } from '../file/lab.ts';
import type { Access } from './access.ts';
import type { MacvlanSettings } from './desired.ts';
import { briefLinks } from './dump.ts';
import { setOffload } from './features.ts';
import { type Asked, isAsked, requestOf } from './requests.ts';

const ENOENT = 2;

export interface NewLink {
  readonly ifname: string;
  readonly kind: 'macvlan' | 'macvtap' | 'vlan';
  /** By name, or where nobody may have renamed it meanwhile by ifindex; in the host's namespace. */
  readonly lower: string | number;
  readonly group: number;
  /** null: one that is free. */
  readonly index: number | null;
  readonly mac: number | null;
  readonly mtu: number | null;
  /** Absent: the kernel's. */
  readonly queues?: number | null;
  readonly txQueueLen?: number | null;
  readonly macvlan: Partial<MacvlanSettings> | null;
  readonly vlan: number | null;
  readonly up: boolean;
}

/** What is absent stays as it is. */
export interface LinkChange {
  readonly alias?: string;
  readonly group?: number;
  readonly up?: boolean;
  readonly mtu?: number;
  readonly txQueueLen?: number;
  /** IFF_*, without IFF_UP. */
  readonly flags?: { readonly value: number; readonly mask: number };
  readonly addrGenMode?: number;
  readonly macvlan?: Partial<MacvlanSettings>;
  /** Of the device, where it is not a macvlan. */
  readonly kind?: 'macvtap';
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
  /** These, in one go: marked with a group that nobody is in, and removed by it. */
  | { readonly do: 'links-del'; readonly place: NetnsRef; readonly ifnames: readonly string[]; readonly group: number }
  | {
      readonly do: 'altname-add' | 'altname-del';
      readonly place: NetnsRef;
      readonly ifname: string;
      readonly name: string;
    }
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
  if (isAsked(action)) {
    const asked = requestOf(access, action);
    const [refusal] = asked.client.batch([asked.request]);
    settle(asked, refusal);
    return;
  }
  switch (action.do) {
    case 'netns-add':
      return addNamespace(access, action.name, action.tag);
    case 'netns-del':
      return granted(access.unname(action.name), action.name);
    case 'netns-back':
      return granted(access.nameAgain(action.name), action.name);
    case 'links-del':
      return removeLinks(access, action.place, action.ifnames, action.group);
    case 'sysctl':
      return writeSysctl(access, action.place, action.path, action.value);
    case 'offload':
      return setOffload(access, action.ifname, action.on);
  }
}

/** Throws the refusal, unless it is none to this action; else takes note of what has changed. */
export function settle(asked: Asked, refusal: NlError | null): void {
  if (refusal !== null && refusal.code !== asked.fine) throw refusal;
  asked.done?.();
}

function granted(rc: number, what: string): void {
  if (rc < 0) throw new NlError(-rc, what);
}

function writeSysctl(access: Access, place: NetnsRef, path: string, value: string): void {
  const { ns } = access.at(place);
  const before = access.kernel.readFile(ns, path);
  if (typeof before === 'string' && before.trim() === value) return;
  const rc = access.kernel.writeFile(ns, path, value);
  if (rc === -ENOENT && path.startsWith('/proc/sys/net/ipv6/')) return; // a kernel without IPv6 has none to turn off
  granted(rc, path);
}

/** Tagged before it has its name: one that was made halfway is gone with the process. */
function addNamespace(access: Access, name: string, tag: string): void {
  const place = access.create();
  place.client.request(LINK, RTM_NEWLINK, 0, { index: 1, flags: IFF_UP, change: IFF_UP }, { ifalias: tag });
  granted(access.nameIt(name, place), `/run/netns/${name}`);
}

/** A killed process leaves them in the group, which is recognised as the lab's. */
function removeLinks(access: Access, place: NetnsRef, ifnames: readonly string[], group: number): void {
  const { client, indices } = access.at(place);
  const others = briefLinks(client).filter((m) => m.attrs.group === group && !ifnames.includes(m.attrs.ifname ?? ''));
  if (others.length > 0) throw new NlError('EBUSY', `${others[0].attrs.ifname} is in group ${group}`);
  const mark = ifnames.map((ifname) => ({ form: LINK, type: RTM_NEWLINK, header: {}, attrs: { ifname, group } }));
  const refusal = client.batch(mark as never).find((r) => r !== null);
  if (refusal !== undefined) throw refusal;
  indices.clear();
  client.request(LINK, RTM_DELLINK, 0, {}, { group });
}
