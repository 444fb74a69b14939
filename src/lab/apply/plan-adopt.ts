// Links that are there already, are nobody's, and are just as a lab wants them: with `adopt` they become the lab's, by its tag
// and its group. Nothing else of them changes, so nobody who uses them notices.

import { deviceName, HOST } from './access.ts';
import type { Action } from './actions.ts';
import type { Current, OwnLink } from './current.ts';
import type { Desired, WantedLink } from './desired.ts';
import { tagOf } from './names.ts';
import type { Step } from './plan.ts';
import { changeLink, whyAnew } from './plan-link.ts';

export interface Adoptions {
  readonly taken: ReadonlyMap<WantedLink, OwnLink>;
  /** Why a device that is in the way cannot be taken over, or how it can. */
  readonly remarks: ReadonlyMap<WantedLink, string>;
}

/** `missing`: wanted links that the lab does not have. `here`: whether a link is in the place of a wanted one. */
export function adoptionsOf(
  desired: Desired,
  current: Current,
  missing: readonly WantedLink[],
  here: (own: OwnLink, wanted: WantedLink) => boolean,
): Adoptions {
  const taken = new Map<WantedLink, OwnLink>();
  const remarks = new Map<WantedLink, string>();
  if (current.strangers.length === 0) return { taken, remarks };
  for (const wanted of missing) {
    const found = current.strangers.find((s) => s.ifname === wanted.ifname && here(s, wanted));
    if (found === undefined) continue;
    const differs = differences(desired, current, wanted, found, here);
    if (differs.length > 0) {
      const what = `it is not as the lab says: ${differs.join(', ')}`;
      if (desired.adopt === true) remarks.set(wanted, `; it cannot be taken over, since ${what}`);
    } else if (desired.adopt === true) taken.set(wanted, found);
    else remarks.set(wanted, '; it is just as the lab says: --adopt takes it over');
  }
  return { taken, remarks };
}

/** What would have to change, in the words of a plan. */
function differences(
  desired: Desired,
  current: Current,
  wanted: WantedLink,
  found: OwnLink,
  here: (own: OwnLink, wanted: WantedLink) => boolean,
): string[] {
  const lower = current.host.links.find((l) => l.ifname === wanted.lower);
  const home = here(found, { ...wanted, place: HOST });
  const anew = whyAnew(wanted, found, { moved: '', lowerAnew: false, lower, home });
  if (anew !== null) return [anew];
  const tagged = { ...found, alias: tagOf(desired.lab, wanted.object), group: desired.group };
  const head = `${deviceName(found.place, found.ifname)}: `;
  return changeLink(desired, wanted, tagged).map((step) => step.text.slice(head.length));
}

export function takeOver(desired: Desired, wanted: WantedLink, own: OwnLink): Step {
  const { place, ifname, alias, group } = own;
  const set = (change: { alias: string; group: number }): Action => ({ do: 'link-set', place, ifname, change });
  const action = set({ alias: tagOf(desired.lab, wanted.object), group: desired.group });
  return {
    sign: '~',
    text: `${deviceName(place, ifname)}: taken over`,
    acts: [{ action, undo: [set({ alias, group })] }],
  };
}
