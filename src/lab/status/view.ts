// A snapshot with its macvlans found: on which device each stands, in which namespace, and what is known of both. What
// `status` prints and `doctor` examines. Nothing here asks a kernel.

import { push } from '../../base/push.ts';
import { labOf } from '../apply/names.ts';
import {
  linkName,
  lowerOf,
  type SnapAddress,
  type SnapLink,
  type SnapMacvlan,
  type SnapNamespace,
  type SnapNeighbour,
  type Snapshot,
} from '../snapshot/snapshot.ts';

/** A device and where it is. */
export interface Spot {
  readonly ns: SnapNamespace;
  readonly link: SnapLink;
}

/** A macvlan or macvtap. */
export interface MacvlanSpot extends Spot {
  readonly macvlan: SnapMacvlan;
  /** null: in a namespace that was not seen. */
  readonly lower: Spot | null;
  readonly addresses: readonly SnapAddress[];
}

export class View {
  readonly snapshot: Snapshot;
  readonly host: SnapNamespace;
  readonly macvlans: readonly MacvlanSpot[];
  /** The devices that carry macvlans, each once, as they come in the snapshot. */
  readonly lowers: readonly Spot[];
  readonly #uppers = new Map<SnapLink, MacvlanSpot[]>();
  readonly #addresses: ByDevice<SnapAddress> = new Map();
  readonly #neighbours: ByDevice<SnapNeighbour> = new Map();
  readonly #fdb = new Map<SnapNamespace, Map<number, Set<string>>>();

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
    this.host = snapshot.namespaces.find((ns) => ns.host) ?? snapshot.namespaces[0];
    const lowers = new Map<SnapLink, Spot>();
    this.macvlans = snapshot.namespaces.flatMap((ns) =>
      ns.links.flatMap((link) => {
        if (link.macvlan === null) return [];
        const lower = lowerOf(snapshot, ns, link);
        const spot = { ns, link, macvlan: link.macvlan, lower, addresses: this.addresses({ ns, link }) };
        if (lower === null) return [spot];
        lowers.set(lower.link, lower);
        push(this.#uppers, lower.link, spot);
        return [spot];
      }),
    );
    this.lowers = [...lowers.values()];
  }

  /** The macvlans on a device, in whatever namespace. */
  uppers(lower: Spot): readonly MacvlanSpot[] {
    return this.#uppers.get(lower.link) ?? [];
  }

  addresses({ ns, link }: Spot): readonly SnapAddress[] {
    return of(this.#addresses, ns, ns.addresses, link);
  }

  neighbours({ ns, link }: Spot): readonly SnapNeighbour[] {
    return of(this.#neighbours, ns, ns.neighbours, link);
  }

  /** The MACs in a device's own list (`bridge fdb show dev`); empty where it tells none. */
  ownMacs({ ns, link }: Spot): ReadonlySet<string> {
    let byDev = this.#fdb.get(ns);
    if (byDev === undefined) {
      byDev = new Map();
      for (const { dev, mac, master } of ns.fdb) {
        if (master !== null) continue;
        const set = byDev.get(dev);
        if (set === undefined) byDev.set(dev, new Set([mac]));
        else set.add(mac);
      }
      this.#fdb.set(ns, byDev);
    }
    return byDev.get(link.index) ?? NONE;
  }

  /** The hardware (or whatever has nothing below it) that frames of a device leave by: below VLANs, bonds and bridges. */
  roots(spot: Spot, depth = 0): Spot[] {
    if (depth > MAX_DEPTH) return [spot];
    const { ns, link } = spot;
    if (link.kind === 'bridge' || link.kind === 'bond' || link.kind === 'team') {
      const ports = ns.links.filter((l) => l.master === link.index);
      return ports.length === 0 ? [spot] : ports.flatMap((port) => this.roots({ ns, link: port }, depth + 1));
    }
    if (link.macvlan === null && link.vlan === null) return [spot];
    const lower = lowerOf(this.snapshot, ns, link);
    return lower === null ? [spot] : this.roots(lower, depth + 1);
  }
}

type ByDevice<T> = Map<SnapNamespace, Map<number, T[]>>;

/** Those of one device; a namespace is sorted once. */
function of<T extends { readonly dev: number }>(
  sorted: ByDevice<T>,
  ns: SnapNamespace,
  all: readonly T[],
  link: SnapLink,
): readonly T[] {
  let byDev = sorted.get(ns);
  if (byDev === undefined) {
    byDev = new Map();
    for (const item of all) push(byDev, item.dev, item);
    sorted.set(ns, byDev);
  }
  return byDev.get(link.index) ?? [];
}

const NONE: ReadonlySet<string> = new Set();
const MAX_DEPTH = 8;

/** `blue/eth0`; in the host's namespace `eth0`. */
export function spotName({ ns, link }: Spot): string {
  return linkName(ns, link);
}

/** The lab that a device carries the tag of; null: nobody's or somebody else's. */
export function labOfLink(link: SnapLink): string | null {
  return labOf(link.alias);
}

export function hasFlag(link: SnapLink, flag: string): boolean {
  return link.flags.includes(flag);
}

export function isUnicastMac(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 0;
}
