// Whose a link is. A tag says it. A link that was being made when its maker was killed has the lab's group and no tag yet; but
// whoever uses groups may have the same number, so it has to be in every respect a link that the lab was about to make.

import { deviceName, placeName } from './access.ts';
import type { CurrentLink, CurrentNs } from './current.ts';
import type { BegunLink, Desired } from './desired.ts';
import { goingGroupOf, objectOf } from './names.ts';

export class Proof {
  /** Links with the lab's group and without a tag that may be anybody's. */
  readonly unproven: string[] = [];
  readonly #desired: Desired;
  readonly #byName: ReadonlyMap<string, CurrentNs>;
  readonly #host: CurrentNs;
  readonly #groups: readonly number[];

  constructor(desired: Desired, byName: ReadonlyMap<string, CurrentNs>, host: CurrentNs) {
    this.#desired = desired;
    this.#byName = byName;
    this.#host = host;
    this.#groups = [desired.group, goingGroupOf(desired.group)];
  }

  isOwn(ns: CurrentNs, link: CurrentLink): boolean {
    const { kind, alias, group } = link;
    if (alias !== '') return kind !== '' && objectOf(this.#desired.lab, alias) !== null;
    if (!this.#groups.includes(group) || !/^(macvlan|macvtap|vlan)$/.test(kind)) return false;
    const { links, begun = [] } = this.#desired;
    if ([...links, ...begun].some((b) => this.#isThat(ns, link, b))) return true;
    this.unproven.push(deviceName(ns.ref, link.ifname));
    return false;
  }

  #isThat(ns: CurrentNs, link: CurrentLink, begun: BegunLink): boolean {
    if (begun.ifname !== link.ifname || begun.kind !== link.kind) return false;
    if (this.#byName.get(placeName(begun.place)) !== ns || link.lowerHere !== (ns === this.#host)) return false;
    if (begun.mac !== null && begun.mac !== link.mac) return false;
    return (
      begun.lower === link.lower || this.#host.links.some((l) => l.ifname === begun.lower && l.index === link.lower)
    );
  }
}
