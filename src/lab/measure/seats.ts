// Parties on a kernel: each with its station (one a namespace, however many parties live there), its device, and the addresses
// by which it is reached. And the wait until devices and addresses are ready to be used.

import { formatIp, parseIp } from '../../uapi/format.ts';
import type { NsRef } from '../os.ts';
import type { Party, PartyPlace } from './cells.ts';
import type { MeasureKernel } from './kernel.ts';
import { Station, type StationLink } from './station.ts';

/** Of a party that has more, the first are tried. */
const ADDRESSES = 4;
const STEP_NS = 20e6;
const MAX_STEP_NS = 160e6;

export interface Seat {
  readonly party: Party;
  readonly station: Station;
  /** Its device; null: it has none of its own (the host). */
  link: StationLink | null;
  /** Where its broadcasts leave. */
  speakers: StationLink[];
  /** By family; in one spelling. */
  addresses: { readonly 4: string[]; readonly 6: string[] };
}

/** A party's namespace is not there. */
export class NoPlace extends Error {
  override readonly name = 'NoPlace';
}

export class Seats {
  readonly all: readonly Seat[];
  readonly stations: readonly Station[];
  readonly #kernel: MeasureKernel;
  readonly #held: NsRef[];

  /** Throws NoPlace, which names a party whose namespace is not there. */
  constructor(kernel: MeasureKernel, parties: readonly Party[]) {
    this.#kernel = kernel;
    this.#held = [];
    const stations = new Map<number, Station>();
    this.stations = [];
    try {
      this.all = parties.map((party): Seat => {
        const ns = this.#find(party);
        let station = stations.get(ns.inode);
        if (station === undefined) {
          station = new Station(kernel, ns, ns.inode === kernel.initNs.inode ? '' : placeText(party.place));
          stations.set(ns.inode, station);
        }
        return { party, station, link: null, speakers: [], addresses: { 4: [], 6: [] } };
      });
      this.stations = [...stations.values()];
      this.#look();
    } catch (error) {
      for (const station of stations.values()) station.close();
      this.#letGo();
      throw error;
    }
  }

  #find({ name, place }: Party): NsRef {
    if (place.kind === 'ns') return place.ns;
    const ns = lookUp(this.#kernel, place);
    if (ns === null) throw new NoPlace(`${name}: there is no namespace ${placeText(place)}`);
    this.#kernel.nsHold(ns);
    this.#held.push(ns);
    return ns;
  }

  #look(): void {
    for (const seat of this.all) fill(seat);
  }

  /** Who hears a broadcast that arrives there: the party of that device, else the one that owns no device of its own. */
  at(station: Station, link: StationLink | undefined): Seat[] {
    const here = this.all.filter((s) => s.station === station);
    const owners = here.filter((s) => s.link !== null && s.link.index === link?.index);
    return owners.length > 0 ? owners : here.filter((s) => s.party.device === null);
  }

  /** Waits until no device of a party lacks its carrier and no address is tentative, at most so long. What is not ready then. */
  async settle(maxNs: number): Promise<string[]> {
    const until = this.#kernel.nowNs() + maxNs;
    for (let stepNs = STEP_NS; ; stepNs = Math.min(2 * stepNs, MAX_STEP_NS)) {
      const late = this.all.filter((seat) => notReady(seat).length > 0);
      if (late.length === 0 || this.#kernel.nowNs() >= until) return late.flatMap(notReady);
      await this.#kernel.pause(stepNs);
      for (const station of new Set(late.map((seat) => seat.station))) station.look();
      this.#look();
    }
  }

  close(): void {
    for (const station of this.stations) station.close();
    this.#letGo();
  }

  #letGo(): void {
    for (const ns of this.#held.splice(0)) this.#kernel.nsRelease(ns);
  }
}

function lookUp(kernel: MeasureKernel, place: Exclude<PartyPlace, { kind: 'ns' }>): NsRef | null {
  if (place.kind === 'host') return kernel.initNs;
  if (place.kind === 'name') return kernel.nsByName(place.name);
  if (place.kind === 'peer') return kernel.nsOfPeer?.(place.name) ?? null;
  return kernel.nsByPath?.(place.kind === 'pid' ? `/proc/${place.pid}/ns/net` : place.path) ?? null;
}

function placeText(place: PartyPlace): string {
  if (place.kind === 'host') return '';
  if (place.kind === 'pid') return `/proc/${place.pid}/ns/net`;
  return place.kind === 'path' ? place.path : place.name;
}

/** What the party has at this moment. */
function fill(seat: Seat): void {
  const { party, station } = seat;
  seat.link = party.device === null ? null : station.link(party.device);
  const names = party.speaksFrom ?? [...station.links.values()].map((l) => l.ifname);
  seat.speakers = names.flatMap((n) => station.link(n) ?? []).filter((l) => l.ether && l.up);
  // Where a speaker is a port of a bridge or a bond, the addresses are its master's.
  const on = new Set(seat.speakers.flatMap((l) => [l.index, l.master]));
  if (seat.link !== null) on.add(seat.link.index);
  const given = party.addresses.map((a) => ({ family: a.family, text: canonical(a.address) }));
  const own = station.addresses.filter((a) => a.global && on.has(a.ifindex));
  const found = given.length > 0 && party.device !== null ? given : [...given, ...own];
  const of = (family: 4 | 6): string[] =>
    [...new Set(found.flatMap((a) => (a.family === family ? a.text : [])))].slice(0, ADDRESSES);
  seat.addresses = { 4: of(4), 6: of(6) };
}

function canonical(address: string): string {
  const ip = parseIp(address);
  return ip === null ? address : formatIp(ip);
}

function notReady({ station, link, addresses }: Seat): string[] {
  const carrier = link?.up && !link.running ? [`${station.label(link)} has no carrier`] : [];
  const tentative = station.addresses.filter((a) => a.state === 'tentative' && addresses[a.family].includes(a.text));
  return [...carrier, ...tentative.map((a) => `${a.text} is tentative (duplicate address detection)`)];
}
