// The steps of a plan that concern one link: made, changed while it lives, made anew, removed.

import { formatMac } from '../../uapi/format.ts';
import { MACVLAN_MODE_PASSTHRU, MACVLAN_MODE_SOURCE, MACVLAN_MODES } from '../../uapi/linkinfo.ts';
import { deviceName } from './access.ts';
import type { Action } from './actions.ts';
import type { CurrentLink, OwnLink } from './current.ts';
import { ipv6Path } from './current.ts';
import { type Desired, type MacvlanSettings, prefixText, routeText, type WantedLink } from './desired.ts';
import { goingGroupOf, tagOf } from './names.ts';
import type { Act, Step } from './plan.ts';
import { inetActs } from './plan-inet.ts';
import { bearTraits, beforeUp, traitChanges, traitWords } from './traits.ts';

export interface Around {
  /** Where it is now, when that is elsewhere; ''. */
  readonly moved: string;
  readonly lowerAnew: boolean;
  /** The device that it shall stand on, if that is there. */
  readonly lower: CurrentLink | undefined;
  /** It is wanted in the host's namespace. */
  readonly home: boolean;
}

/** Why a link cannot be changed into what is wanted; null: it can. */
export function whyAnew(wanted: WantedLink, own: OwnLink, around: Around): string | null {
  if (around.moved !== '') return `it was ${around.moved}`;
  if (own.ifname !== wanted.ifname) return `it was called ${own.ifname}`;
  if (own.kind !== wanted.kind) return `it was a ${own.kind}`;
  if (own.vlan !== wanted.vlan) return `its VLAN was ${own.vlan}`;
  if (around.lowerAnew) return `${wanted.lower} is made anew`;
  if (around.lower === undefined || own.lower !== around.lower.index || own.lowerHere !== around.home) {
    return 'it stands on another device';
  }
  if (wanted.mac !== null && own.mac !== wanted.mac) return `its address was ${formatMac(own.mac)}`;
  if (wanted.queues !== null && own.queues !== wanted.queues) return `it had ${own.queues} queues`;
  const passthru = (mode: number | undefined): boolean => mode === MACVLAN_MODE_PASSTHRU;
  if (passthru(own.macvlan?.mode) !== passthru(wanted.macvlan?.mode)) return 'passthru is for life';
  return null;
}

export function makeLink(desired: Desired, wanted: WantedLink): Step {
  const { place, ifname, kind, lower, mac, mtu, queues, txQueueLen, macvlan, vlan } = wanted;
  // IPv6 takes its first address when a link comes up.
  const up = wanted.ipv6 && !beforeUp(wanted.traits);
  const link = {
    ifname,
    kind,
    lower,
    group: desired.group,
    index: null,
    mac,
    mtu,
    queues,
    txQueueLen,
    macvlan,
    vlan,
    up,
  };
  const later: Action[] = [];
  if (!wanted.ipv6) later.push({ do: 'sysctl', place, path: ipv6Path(ifname), value: '1' });
  const { first, change, last } = bearTraits({ place, ifname }, wanted.traits);
  later.push(...first);
  const tag = { alias: tagOf(desired.lab, wanted.object), ...change };
  later.push({ do: 'link-set', place, ifname, change: up ? tag : { ...tag, up: true } });
  later.push(...last);
  for (const address of wanted.addresses) later.push({ do: 'address-add', place, ifname, address });
  for (const route of wanted.routes) later.push({ do: 'route-add', place, ifname, route });
  const acts: Act[] = [{ action: { do: 'link-add', place, link }, undo: [{ do: 'link-del', place, ifname }] }];
  for (const action of later) acts.push({ action, undo: [] }); // the link takes it all along
  return { sign: '+', text: describe(wanted), acts };
}

function describe(wanted: WantedLink): string {
  const { kind, lower, mac, mtu, macvlan, vlan, addresses, routes, ipv6 } = wanted;
  const parts = [`${kind} on ${lower}`];
  if (vlan !== null) parts.push(`VLAN ${vlan}`);
  if (macvlan !== null) parts.push(`mode ${MACVLAN_MODES.get(macvlan.mode) ?? macvlan.mode}`);
  if (mac !== null) parts.push(formatMac(mac));
  if (mtu !== null) parts.push(`mtu ${mtu}`);
  if (wanted.queues !== null) parts.push(`${wanted.queues} queues`);
  if (wanted.txQueueLen !== null) parts.push(`txqueuelen ${wanted.txQueueLen}`);
  if (!ipv6) parts.push('no IPv6');
  parts.push(...traitWords(wanted.traits));
  parts.push(...addresses.map(prefixText), ...routes.map(routeText));
  return `${deviceName(wanted.place, wanted.ifname)}: ${parts.join(', ')}`;
}

/** Each difference is a step of its own. */
export function changeLink(desired: Desired, wanted: WantedLink, own: OwnLink): Step[] {
  const { place, ifname } = own;
  const steps: Step[] = [];
  const name = deviceName(place, ifname);
  const step = (text: string, acts: readonly Act[]): void => {
    steps.push({ sign: '~', text: `${name}: ${text}`, acts });
  };
  const set = (text: string, to: object, from: object): void =>
    step(text, [
      {
        action: { do: 'link-set', place, ifname, change: to },
        undo: [{ do: 'link-set', place, ifname, change: from }],
      },
    ]);
  const tag = tagOf(desired.lab, wanted.object);
  const going = goingGroupOf(desired.group); // a removal was killed
  if (own.group === going) set(`group ${desired.group}`, { group: desired.group }, { group: going });
  if (own.alias !== tag) set(`tag ${tag}`, { alias: tag }, { alias: own.alias });
  if (wanted.mtu !== null && wanted.mtu !== own.mtu) {
    set(`mtu ${own.mtu} -> ${wanted.mtu}`, { mtu: wanted.mtu }, { mtu: own.mtu });
  }
  const { txQueueLen } = wanted;
  if (txQueueLen !== null && txQueueLen !== own.txQueueLen) {
    set(`txqueuelen ${own.txQueueLen} -> ${txQueueLen}`, { txQueueLen }, { txQueueLen: own.txQueueLen });
  }
  if (wanted.macvlan !== null && own.macvlan !== null) {
    const { texts, to, from } = settings(wanted.macvlan, own.macvlan);
    const kind = own.kind === 'macvtap' ? ({ kind: 'macvtap' } as const) : {};
    if (texts.length > 0) set(texts.join(', '), { macvlan: to, ...kind }, { macvlan: from, ...kind });
  }
  const six = ipv6Act(wanted, own);
  if (six !== null) step(wanted.ipv6 ? 'IPv6 on' : 'IPv6 off', [six]);
  for (const { text, acts } of traitChanges({ place, ifname }, wanted.traits, own.traits)) step(text, acts);
  if (!own.up) set('down -> up', { up: true }, { up: false });
  for (const { text, acts } of inetActs(wanted, own, six !== null && !wanted.ipv6)) step(text, acts);
  return steps;
}

function settings(
  wanted: MacvlanSettings,
  own: MacvlanSettings,
): { texts: string[]; to: Partial<MacvlanSettings>; from: Partial<MacvlanSettings> } {
  const texts: string[] = [];
  let to: Partial<MacvlanSettings> = {};
  let from: Partial<MacvlanSettings> = {};
  const differs = (text: string, change: Partial<MacvlanSettings>, back: Partial<MacvlanSettings>): void => {
    texts.push(text);
    to = { ...to, ...change };
    from = { ...from, ...back };
  };
  const { mode, flags, sources, bcQueueLen, bcCutoff } = wanted;
  const name = (m: number): string => MACVLAN_MODES.get(m) ?? `${m}`;
  if (mode !== own.mode) differs(`mode ${name(own.mode)} -> ${name(mode)}`, { mode }, { mode: own.mode });
  if (flags !== own.flags) differs(`flags ${own.flags} -> ${flags}`, { flags }, { flags: own.flags });
  if (mode === MACVLAN_MODE_SOURCE && sources.join() !== own.sources.join()) {
    const list = sources.map(formatMac).join(' ') || 'nobody';
    differs(`hears ${list}`, { sources }, own.mode === MACVLAN_MODE_SOURCE ? { sources: own.sources } : {});
  } else if (mode !== own.mode && own.mode === MACVLAN_MODE_SOURCE) {
    from = { ...from, sources: own.sources }; // the kernel forgets them with the mode
  }
  if (bcQueueLen !== null && bcQueueLen !== own.bcQueueLen) {
    const back = own.bcQueueLen ?? 1000;
    differs(`broadcast queue ${back} -> ${bcQueueLen}`, { bcQueueLen }, { bcQueueLen: back });
  }
  if (bcCutoff !== null && bcCutoff !== own.bcCutoff) {
    differs(`broadcast cutoff ${own.bcCutoff} -> ${bcCutoff}`, { bcCutoff }, { bcCutoff: own.bcCutoff });
  }
  return { texts, to, from };
}

/** It is turned on again only where new devices have it: whoever runs the namespace may have turned it off. */
function ipv6Act(wanted: WantedLink, own: OwnLink): Act | null {
  const off = !wanted.ipv6 && own.ipv6 === true;
  if (!off && !(wanted.ipv6 && own.ipv6 === false && own.ipv6Default)) return null;
  const { place, ifname } = own;
  const write = (value: string): Action => ({ do: 'sysctl', place, path: ipv6Path(ifname), value });
  const undo: Action[] = [write(off ? '0' : '1')];
  if (off) {
    const lost = own.addresses.filter((a) => a.family === 6);
    const routes = own.routes.filter((r) => (r.to?.address ?? r.via ?? '').includes(':'));
    for (const address of lost) undo.push({ do: 'address-keep', place, ifname, address });
    for (const route of routes) undo.push({ do: 'route-keep', place, ifname, route });
  }
  return { action: write(off ? '1' : '0'), undo };
}
