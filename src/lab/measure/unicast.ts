// Unicast, as a host does it: ask the routing, ask for the next hop's MAC address, send an echo request, wait for the reply.
// Everything that can be sent is sent at once; what is heard decides what comes next. Each frame is sent a few times at most.

import { push } from '../../base/push.ts';
import { parseIp } from '../../uapi/format.ts';
import type { Cell, Outcome } from './cells.ts';
import { echoRequest, type Heard, whoHas } from './frames.ts';
import type { Seat } from './seats.ts';
import type { Route, Station, StationLink } from './station.ts';
import { type Neighbour, outcomeOf, type Probe, stageOf, type UnicastCell } from './unicast-outcome.ts';

/** A frame that is due. */
export interface Sending {
  readonly station: Station;
  readonly link: StationLink;
  readonly bytes: Uint8Array;
  /** Goes before all that is not. */
  readonly urgent: boolean;
  /** Is told the errno that came of it; 0: it went. */
  readonly sent: (errno: number) => void;
}

export type Send = (sending: Sending) => void;

/** An entry in a neighbour table that asking has made. */
export interface Entry {
  readonly station: Station;
  readonly ifindex: number;
  readonly address: string;
}

export class Unicast {
  readonly #cells: UnicastCell[] = [];
  readonly #neighbours = new Map<string, Neighbour>();
  /** By what they ask, `target asker`; and by the answer that they wait for. */
  readonly #asked = new Map<string, Neighbour>();
  readonly #answers = new Map<string, Neighbour[]>();
  readonly #probes = new Map<number, Probe>();
  readonly #waiting = new Map<Neighbour, Probe[]>();
  /** Echo requests that are out. */
  readonly #inFlight = new Set<Probe>();
  /** What those who were asked have learned since it was last forgotten. */
  entries: Entry[] = [];
  /** Cells that are reached, or for which nothing was ever to be sent. */
  decided = 0;
  readonly #run: number;
  readonly #tries: number;
  readonly #send: Send;

  constructor(run: number, tries: number, send: Send) {
    this.#run = run;
    this.#tries = tries;
    this.#send = send;
  }

  /** `number`: of its first probe; the next free one is the answer. */
  add(index: number, cell: Cell, from: Seat, to: Seat, number: number): number {
    const asked: UnicastCell = { index, cell, from, to, probes: [], reached: false };
    const family = cell.traffic === 'ipv6' ? 6 : 4;
    const speaks = from.addresses[family].length > 0 || from.party.device === null;
    const targets = speaks ? to.addresses[family] : [];
    asked.probes = targets.map((target, i) => this.#probe(asked, target, number + i));
    asked.reached = asked.probes.some((p) => stageOf(p) === 'reached');
    if (asked.reached || asked.probes.every((p) => p.neighbour === null)) this.decided++;
    this.#cells.push(asked);
    return number + targets.length;
  }

  #probe(cell: UnicastCell, target: string, number: number): Probe {
    const route = routeOf(cell.from, target);
    const neighbour = route.kind === 'via' && route.link.ether ? this.#neighbour(cell.from.station, route) : null;
    const probe = { cell, number, target, route, neighbour, sent: 0, errno: 0, arrivedAt: null, answeredAt: null };
    this.#probes.set(number, probe);
    if (neighbour !== null) push(this.#waiting, neighbour, probe);
    return probe;
  }

  #neighbour(station: Station, route: Route & { kind: 'via' }): Neighbour {
    const { link, nextHop: target, way } = route;
    const key = `${station.ns.inode} ${link.index} ${target} ${way.source}`;
    const known = this.#neighbours.get(key);
    if (known !== undefined) return known;
    const made: Neighbour = {
      station,
      link,
      source: way.source,
      target,
      macs: [],
      heardAt: null,
      sent: 0,
      errno: 0,
    };
    this.#neighbours.set(key, made);
    this.#asked.set(`${target} ${way.source}`, made);
    const answer = answerKey(station, link, target);
    push(this.#answers, answer, made);
    return made;
  }

  /** Sends what still lacks its answer and may be sent again. Is there anything to wait for? */
  round(): boolean {
    let open = false;
    for (const [neighbour, probes] of this.#waiting) {
      const wanted = probes.filter((p) => !p.cell.reached);
      if (wanted.length === 0) continue;
      if (neighbour.macs.length === 0) {
        if (neighbour.sent >= this.#tries) continue;
        open = true;
        neighbour.sent++;
        const from = { mac: neighbour.link.mac, address: neighbour.source };
        this.#send({
          station: neighbour.station,
          link: neighbour.link,
          bytes: whoHas(from, neighbour.target),
          urgent: false,
          sent: (errno) => {
            neighbour.errno = errno;
          },
        });
      } else {
        for (const probe of wanted)
          open = this.#echo(probe, neighbour.macs[probe.sent % neighbour.macs.length]) || open;
      }
    }
    return open;
  }

  #echo(probe: Probe, mac: number): boolean {
    const { route } = probe;
    if (route.kind !== 'via' || probe.sent >= this.#tries) return false;
    probe.sent++;
    const from = { mac: route.link.mac, address: route.way.source };
    this.#send({
      station: probe.cell.from.station,
      link: route.link,
      bytes: echoRequest(from, mac, probe.target, { run: this.#run, probe: probe.number }),
      urgent: true,
      sent: (errno) => {
        probe.errno = errno;
      },
    });
    this.#inFlight.add(probe);
    return true;
  }

  get complete(): boolean {
    return this.decided === this.#cells.length;
  }

  /** Whether somebody is still to answer, as far as that was asked since forget(). */
  get waiting(): boolean {
    return this.#inFlight.size > 0;
  }

  /** Those who were asked forget who asked: all kernels of a machine share one neighbour table of about a thousand entries. */
  forget(): void {
    for (const station of new Set(this.entries.map((e) => e.station))) {
      station.forget(this.entries.filter((e) => e.station === station));
    }
    this.entries = [];
    this.#inFlight.clear();
  }

  hear(station: Station, link: StationLink | undefined, heard: Heard): void {
    if (heard.what === 'who-has') this.#hearQuestion(station, link, heard.target, heard.asker);
    else if (heard.what === 'is-at') this.#hearAnswer(station, link, heard.target, heard.mac);
    else if (heard.what !== 'shout' && heard.mark.run === this.#run) {
      const probe = this.#probes.get(heard.mark.probe);
      if (probe === undefined) return;
      if (heard.what === 'echo' && station === probe.cell.to.station) probe.arrivedAt ??= station.label(link);
      if (heard.what === 'reply' && station === probe.cell.from.station) {
        probe.answeredAt ??= station.label(link);
        this.#inFlight.delete(probe);
      }
      if (probe.cell.reached || stageOf(probe) !== 'reached') return;
      probe.cell.reached = true;
      this.decided++;
    }
  }

  #hearQuestion(station: Station, link: StationLink | undefined, target: string, asker: string): void {
    const neighbour = this.#asked.get(`${target} ${asker}`);
    if (neighbour === undefined || station === neighbour.station || !station.owns(target)) return;
    if (link !== undefined) this.entries.push({ station, ifindex: link.index, address: asker });
    neighbour.heardAt ??= station.label(link);
  }

  /** A kernel keeps what it learns by device, so an answer on another one is none. */
  #hearAnswer(station: Station, link: StationLink | undefined, target: string, mac: number): void {
    if (link === undefined) return;
    for (const neighbour of this.#answers.get(answerKey(station, link, target)) ?? []) {
      if (neighbour.macs.includes(mac)) continue;
      neighbour.macs.push(mac);
      for (const probe of this.#waiting.get(neighbour) ?? []) if (!probe.cell.reached) this.#echo(probe, mac);
    }
  }

  outcomes(): [index: number, outcome: Outcome][] {
    return this.#cells.map((c) => [c.index, outcomeOf(c)]);
  }
}

function answerKey(station: Station, link: StationLink, target: string): string {
  return `${station.ns.inode} ${link.index} ${target}`;
}

/** The namespace's own way; but a party with a device of its own uses that for whoever is on its link. */
function routeOf({ station, link }: Seat, target: string): Route {
  const route = station.route(target);
  if (link === null || route.kind !== 'via' || route.link.index === link.index) return route;
  const onLink = station.addresses.some((a) => a.ifindex === link.index && sameNet(a.text, target, a.length));
  const own = onLink ? station.route(target, link.index) : route;
  return own.kind === 'via' ? own : route;
}

function sameNet(a: string, b: string, length: number): boolean {
  const [x, y] = [bits(a), bits(b)];
  return x.length === y.length && x.slice(0, length) === y.slice(0, length);
}

function bits(address: string): string {
  const ip = parseIp(address) ?? 0;
  if (typeof ip === 'number') return ip.toString(2).padStart(32, '0');
  return [...ip].map((byte) => byte.toString(2).padStart(8, '0')).join('');
}
