// What has to change so that a machine is as a lab says: steps with a text for people, what each does and what undoes it.
// Nothing to change is no step, so a second plan is empty. It asks the kernel nothing: current.ts has looked.

import { nearest } from '../../base/nearest.ts';
import { push } from '../../base/push.ts';
import type { NetnsRef } from '../file/lab.ts';
import { deviceName, placeName } from './access.ts';
import type { Action } from './actions.ts';
import type { Current, CurrentLink, CurrentNs, OwnLink } from './current.ts';
import type { Desired, WantedLink } from './desired.ts';
import { L2_FWD_OFFLOAD } from './features.ts';
import { tagOf } from './names.ts';
import { type Adoptions, adoptionsOf, takeOver } from './plan-adopt.ts';
import { changeLink, makeLink, whyAnew } from './plan-link.ts';
import { removeLinks } from './plan-remove.ts';

/** One act and what takes it back, in the order in which that is done. */
export interface Act {
  readonly action: Action;
  readonly undo: readonly Action[];
}

export interface Step {
  /** `+` makes, `~` changes, `-` removes. */
  readonly sign: '+' | '~' | '-';
  readonly text: string;
  readonly acts: readonly Act[];
}

export interface Plan {
  readonly lab: string;
  /** IFLA_GROUP of the lab's links. */
  readonly group: number;
  readonly steps: readonly Step[];
  /** Why it cannot be applied; then there is nothing to be done. */
  readonly conflicts: readonly string[];
  /** What is left where one might expect otherwise. */
  readonly notes: readonly string[];
}

/** Devices that a namespace has from birth, where their modules are loaded. */
const FROM_BIRTH = /^(lo|tunl0|gre0|gretap0|erspan0|ip_vti0|ip6_vti0|sit0|ip6tnl0|ip6gre0|teql0|ifb[01]|dummy0)$/;

export function planOf(desired: Desired, current: Current): Plan {
  const { lab, group } = desired;
  const matched = match(desired, current);
  const missing = desired.links.filter((w) => !matched.has(w));
  const adoptions = adoptionsOf(desired, current, missing, (own, { place }) => samePlace(current, own.place, place));
  const conflicts = conflictsOf(desired, current, matched, adoptions);
  if (conflicts.length > 0) return { lab, group, steps: [], conflicts, notes: [] };
  const anew = anewOf(desired, current, matched);
  const steps: Step[] = lowerSteps(desired, current);
  const kept = new Set([...matched].flatMap(([wanted, own]) => (anew.has(wanted) ? [] : [own])));
  const gone = current.own.filter((own) => !kept.has(own));
  const why = new Map([...matched].map(([wanted, own]) => [own, anew.get(wanted) ?? '']));
  steps.push(...removeLinks(gone, current, group, why));
  for (const name of desired.namespaces) {
    if (current.byName.has(name)) continue;
    const action: Action = { do: 'netns-add', name, tag: tagOf(desired.lab, `netns/${name}`) };
    steps.push({ sign: '+', text: `namespace ${name}`, acts: [{ action, undo: [{ do: 'netns-del', name }] }] });
  }
  for (const wanted of desired.links) {
    const own = matched.get(wanted);
    const taken = adoptions.taken.get(wanted);
    if (taken !== undefined) steps.push(takeOver(desired, wanted, taken));
    else if (own === undefined && reused(wanted, current) !== undefined) continue;
    else if (own === undefined || anew.has(wanted)) steps.push(makeLink(desired, wanted));
    else steps.push(...changeLink(desired, wanted, own));
  }
  const theirs =
    adoptions.taken.size > 0 ? ["what is taken over is the lab's from now on: destroy removes it, too"] : [];
  const notes = [...theirs, ...removeNamespaces(desired, current, steps), ...current.unseen];
  return { lab, group, steps, conflicts: [], notes };
}

/** Which link of the lab each wanted one is now. */
function match(desired: Desired, current: Current): Map<WantedLink, OwnLink> {
  const found = new Map<WantedLink, OwnLink>();
  const byObject = new Map<string, OwnLink[]>();
  for (const own of current.own) push(byObject, own.object, own);
  const untagged = byObject.get('') ?? [];
  for (const wanted of desired.links) {
    const here = (own: OwnLink): boolean => own.ifname === wanted.ifname && samePlace(current, own.place, wanted.place);
    const named = byObject.get(wanted.object) ?? [];
    const own = named.find(here) ?? untagged.find(here) ?? named[0];
    if (own !== undefined) found.set(wanted, own);
  }
  return found;
}

/** Links that cannot be changed into what is wanted, each with the reason. Lower ones come first in desired.links. */
function anewOf(desired: Desired, current: Current, matched: Map<WantedLink, OwnLink>): Map<WantedLink, string> {
  const anew = new Map<WantedLink, string>();
  for (const [wanted, own] of matched) {
    const under = desired.links.find((l) => l.kind === 'vlan' && l.ifname === wanted.lower);
    const lower = current.host.links.find((l) => l.ifname === wanted.lower);
    const there = current.byName.get(placeName(wanted.place));
    const moved = samePlace(current, own.place, wanted.place) ? '' : deviceName(own.place, own.ifname);
    const lowerAnew = under !== undefined && (anew.has(under) || (!matched.has(under) && lower === undefined));
    const why = whyAnew(wanted, own, { moved, lowerAnew, lower, home: there === current.host });
    if (why !== null) anew.set(wanted, why);
  }
  return anew;
}

/** A VLAN device that the host has already serves, and stays the host's. */
function reused(wanted: WantedLink, current: Current): CurrentLink | undefined {
  if (wanted.kind !== 'vlan') return undefined;
  const lower = current.host.links.find((l) => l.ifname === wanted.lower);
  const there = current.host.links.find((l) => l.ifname === wanted.ifname);
  return there !== undefined && there.vlan === wanted.vlan && there.lower === lower?.index ? there : undefined;
}

function samePlace(current: Current, a: NetnsRef, b: NetnsRef): boolean {
  if (placeName(a) === placeName(b)) return true;
  const ns = current.byName.get(placeName(a));
  return ns !== undefined && ns === current.byName.get(placeName(b));
}

function conflictsOf(
  desired: Desired,
  current: Current,
  matched: Map<WantedLink, OwnLink>,
  { taken, remarks }: Adoptions,
): string[] {
  const out: string[] = [];
  const own = new Set<CurrentLink>(current.own);
  const ownAt = (ns: CurrentNs, ifname: string): boolean =>
    [...own].some((o) => o.ifname === ifname && current.byName.get(placeName(o.place)) === ns);
  for (const { ifname, offload } of desired.lowers) {
    const state = current.offload.get(ifname);
    if (!current.host.links.some((l) => l.ifname === ifname)) {
      const like = nearest(
        ifname,
        current.host.links.map((l) => l.ifname),
      );
      out.push(`there is no device ${ifname}${like === null ? '' : `; did you mean ${like}?`}`);
    } else if (offload === true && state?.offered !== true && state?.active !== true) {
      out.push(`${ifname} does not offer ${L2_FWD_OFFLOAD}: its driver forwards nothing for macvlans`);
    }
  }
  for (const wanted of desired.links) {
    const ns = current.byName.get(placeName(wanted.place));
    if (ns === undefined && wanted.place.kind !== 'name') out.push(`there is no namespace ${placeName(wanted.place)}`);
    if (ns === undefined || matched.has(wanted) || taken.has(wanted) || reused(wanted, current) !== undefined) continue;
    if (ns.links.some((l) => l.ifname === wanted.ifname) && !ownAt(ns, wanted.ifname)) {
      out.push(
        `${deviceName(wanted.place, wanted.ifname)} is there already, and is not this lab's${remarks.get(wanted) ?? ''}`,
      );
    }
  }
  return out;
}

function lowerSteps(desired: Desired, current: Current): Step[] {
  const steps: Step[] = [];
  for (const { ifname, offload } of desired.lowers) {
    const active = current.offload.get(ifname)?.active ?? false;
    if (offload !== null && offload !== active) {
      const [from, to] = offload ? ['off', 'on'] : ['on', 'off'];
      const undo: Action[] = [{ do: 'offload', ifname, on: !offload }];
      const acts = [{ action: { do: 'offload', ifname, on: offload } as const, undo }];
      steps.push({ sign: '~', text: `${ifname}: ${L2_FWD_OFFLOAD} ${from} -> ${to}`, acts });
    }
  }
  const reusedVlans = desired.links.flatMap((l) => reused(l, current)?.ifname ?? []);
  for (const ifname of [...desired.lowers.map((l) => l.ifname), ...reusedVlans]) {
    const link = current.host.links.find((l) => l.ifname === ifname);
    if (link === undefined || link.up || current.own.some((o) => o.object.startsWith('vlan/') && o.ifname === ifname)) {
      continue;
    }
    const set = (up: boolean): Action => ({ do: 'link-set', place: { kind: 'host' }, ifname, change: { up } });
    steps.push({ sign: '~', text: `${ifname}: down -> up`, acts: [{ action: set(true), undo: [set(false)] }] });
  }
  return steps;
}

/** Namespaces that the lab made and does not name any more go, unless somebody else moved in. */
function removeNamespaces(desired: Desired, current: Current, steps: Step[]): string[] {
  const notes: string[] = [];
  const own = new Set(current.own.map((o) => `${placeName(o.place)}/${o.index}`));
  for (const name of current.ownNamespaces) {
    if (desired.namespaces.includes(name)) continue;
    const ns = current.byName.get(name);
    const others = ns?.links.filter((l) => !own.has(`${placeName(l.place)}/${l.index}`) && !FROM_BIRTH.test(l.ifname));
    if (others !== undefined && others.length > 0) {
      notes.push(`namespace ${name} stays: ${others.map((l) => l.ifname).join(', ')} lives there`);
      continue;
    }
    const acts = [{ action: { do: 'netns-del', name } as const, undo: [{ do: 'netns-back', name } as const] }];
    steps.push({ sign: '-', text: `namespace ${name}`, acts });
  }
  return notes;
}
