// What a device is like beside its kind and its addresses: IFF_PROMISC, IFF_ALLMULTI and IFF_NOARP, other names, and how IPv6
// behaves on it. What a lab does not say stays as it is.

import type { Decoded } from '../../netlink/message.ts';
import { DEVCONF_ACCEPT_DAD, DEVCONF_ACCEPT_RA, DEVCONF_AUTOCONF, type IfInfoMsg } from '../../uapi/ifla.ts';
import { ADDR_GEN_MODES, type BriefLinkAttrs, IFF_ALLMULTI, IFF_NOARP, IFF_PROMISC } from '../../uapi/link.ts';
import type { DeviceTraits, Ipv6Settings, NetnsRef } from '../file/lab.ts';
import type { Action, LinkChange } from './actions.ts';
import type { Act } from './plan.ts';

export interface Traits {
  /** Of IFF_PROMISC, IFF_ALLMULTI and IFF_NOARP, as somebody set them: what a packet socket asks for is not shown here. */
  readonly flags: number;
  readonly altnames: readonly string[];
  /** By the sysctl's name; empty where there is no IPv6. */
  readonly conf6: Readonly<Record<string, number>>;
  /** IN6_ADDR_GEN_MODE_*; null: no IPv6. */
  readonly addrGenMode: number | null;
}

export interface WantedTraits {
  /** Which flags are spoken of, and which of them shall be set. */
  readonly mask: number;
  readonly flags: number;
  /** null: left as they are. */
  readonly altnames: readonly string[] | null;
  readonly conf6: Readonly<Record<string, number>>;
  readonly addrGenMode: number | null;
}

type Where = { readonly place: NetnsRef; readonly ifname: string };

const FLAGS = [
  [IFF_PROMISC, 'promisc'],
  [IFF_ALLMULTI, 'allmulti'],
  [IFF_NOARP, 'arp'],
] as const;
const MASK = IFF_PROMISC | IFF_ALLMULTI | IFF_NOARP;

/** net.ipv6.conf.DEV.*, and their places in IFLA_INET6_CONF. */
const CONF6 = [
  ['accept_ra', DEVCONF_ACCEPT_RA, 'acceptRa'],
  ['autoconf', DEVCONF_AUTOCONF, 'autoconf'],
  ['accept_dad', DEVCONF_ACCEPT_DAD, 'acceptDad'],
] as const;

/** It needs a secret, which has to be there before; a lab does not say it, and what is taken back does not ask for it. */
const STABLE_SECRET = 2;

export const NO_TRAITS: WantedTraits = { mask: 0, flags: 0, altnames: null, conf6: {}, addrGenMode: null };

export function wantedTraits(said: DeviceTraits, six: Ipv6Settings): WantedTraits {
  const asked = [
    [IFF_PROMISC, said.promisc],
    [IFF_ALLMULTI, said.allmulti],
    [IFF_NOARP, said.arp === null ? null : !said.arp],
  ] as const;
  const names: readonly string[] = ADDR_GEN_MODES;
  return {
    mask: asked.reduce((mask, [flag, on]) => (on === null ? mask : mask | flag), 0),
    flags: asked.reduce((flags, [flag, on]) => (on === true ? flags | flag : flags), 0),
    altnames: said.altnames,
    conf6: Object.fromEntries(
      CONF6.flatMap(([name, , field]) => (six[field] === undefined ? [] : [[name, six[field]]])),
    ),
    addrGenMode: six.addrGenMode === undefined ? null : names.indexOf(six.addrGenMode),
  };
}

export function traitsOf({ header, attrs }: Decoded<IfInfoMsg, BriefLinkAttrs>): Traits {
  const six = attrs.afSpec?.inet6;
  const conf = six?.conf;
  return {
    flags: header.flags & MASK,
    altnames: attrs.propList ?? [],
    conf6: conf === undefined ? {} : Object.fromEntries(CONF6.map(([name, at]) => [name, conf[at]])),
    addrGenMode: six?.addrGenMode ?? null,
  };
}

/** As a plan says them of a new device. */
export function traitWords(t: WantedTraits): string[] {
  return [
    ...FLAGS.flatMap(([flag, name]) => (t.mask & flag ? [flagWord(name, t.flags & flag)] : [])),
    ...(t.altnames ?? []).map((name) => `altname ${name}`),
    ...Object.entries(t.conf6).map(([name, value]) => `${name} ${value}`),
    ...(t.addrGenMode === null ? [] : [`addrgenmode ${ADDR_GEN_MODES[t.addrGenMode]}`]),
  ];
}

function flagWord(name: string, set: number): string {
  return `${name} ${(set !== 0) === (name !== 'arp') ? 'on' : 'off'}`;
}

/** Whether a new device has to be told before it comes up for the first time. */
export function beforeUp(t: WantedTraits): boolean {
  return Object.keys(t.conf6).length > 0 || t.addrGenMode !== null || (t.flags & IFF_NOARP) !== 0;
}

/** Of a device that was just made and has no other names. What goes with the other flags is `change`. */
export function bearTraits(at: Where, t: WantedTraits): { first: Action[]; change: LinkChange; last: Action[] } {
  const first = Object.entries(t.conf6).map(([name, value]) => conf(at, name, value));
  if (t.addrGenMode !== null) first.push(set(at, { addrGenMode: t.addrGenMode }));
  const change = t.mask === 0 ? {} : { flags: { value: t.flags, mask: t.mask } };
  const last: Action[] = (t.altnames ?? []).map((name) => ({ do: 'altname-add', ...at, name }));
  return { first, change, last };
}

/** What differs, each with a text. */
export function traitChanges(at: Where, t: WantedTraits, own: Traits): { text: string; acts: Act[] }[] {
  const out: { text: string; acts: Act[] }[] = [];
  const differs = (text: string, action: Action, back: Action): void => {
    out.push({ text, acts: [{ action, undo: [back] }] });
  };
  for (const [name, value] of Object.entries(t.conf6)) {
    const was = own.conf6[name];
    if (was === undefined || was === value) continue;
    differs(`${name} ${was} -> ${value}`, conf(at, name, value), conf(at, name, was));
  }
  const [to, from] = [t.addrGenMode, own.addrGenMode];
  if (to !== null && from !== null && to !== from) {
    const text = `addrgenmode ${ADDR_GEN_MODES[from] ?? from} -> ${ADDR_GEN_MODES[to]}`;
    differs(text, set(at, { addrGenMode: to }), set(at, { addrGenMode: from }));
  }
  for (const [mask, name] of FLAGS) {
    const [is, shall] = [own.flags & mask, t.flags & mask];
    if ((t.mask & mask) === 0 || is === shall) continue;
    differs(flagWord(name, shall), set(at, { flags: { value: shall, mask } }), set(at, { flags: { value: is, mask } }));
  }
  if (t.altnames === null) return out;
  for (const name of own.altnames.filter((n) => t.altnames?.includes(n) === false)) {
    differs(`no altname ${name}`, { do: 'altname-del', ...at, name }, { do: 'altname-add', ...at, name });
  }
  for (const name of t.altnames.filter((n) => !own.altnames.includes(n))) {
    differs(`altname ${name}`, { do: 'altname-add', ...at, name }, { do: 'altname-del', ...at, name });
  }
  return out;
}

/** What makes a new device like one that has gone. It is not up yet. */
export function restoreTraits(at: Where, own: Traits): Action[] {
  const out = Object.entries(own.conf6).map(([name, value]) => conf(at, name, value));
  if (own.addrGenMode !== null && own.addrGenMode !== STABLE_SECRET)
    out.push(set(at, { addrGenMode: own.addrGenMode }));
  if (own.flags !== 0) out.push(set(at, { flags: { value: own.flags, mask: own.flags } }));
  for (const name of own.altnames) out.push({ do: 'altname-add', ...at, name });
  return out;
}

function conf({ place, ifname }: Where, name: string, value: number): Action {
  return { do: 'sysctl', place, path: `/proc/sys/net/ipv6/conf/${ifname}/${name}`, value: String(value) };
}

function set({ place, ifname }: Where, change: LinkChange): Action {
  return { do: 'link-set', place, ifname, change };
}
