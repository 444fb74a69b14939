// Measures cells on a kernel: all at once, in rounds, bounded in frames and time. Entries that asking makes in neighbour tables
// are taken out again.

import type { Cell, Outcome, Party } from './cells.ts';
import { heard } from './frames.ts';
import type { MeasureKernel } from './kernel.ts';
import { Seats } from './seats.ts';
import { Shouts } from './shouts.ts';
import type { Recorded } from './station.ts';
import { type Send, type Sending, Unicast } from './unicast.ts';

export interface MeasureOptions {
  /** How often one frame is sent at most. Default 4. */
  tries?: number;
  /** What the first round waits for answers, ns; each further one twice as long, up to eight times. Default 60 ms. */
  waitNs?: number;
  /** How long carriers and duplicate address detection are waited for, ns. Default 5 s. */
  settleNs?: number;
  /** Gets every frame that passes a device of the parties' namespaces meanwhile. */
  record?: (frame: Recorded) => void;
  /** Told in the end of each namespace whose sockets lost frames, and how many. */
  lost?: (namespace: string, frames: number) => void;
  /** Told now and then: cells that are decided, of all. */
  progress?: (decided: number, all: number) => void;
}

/** So many frames may be on their way, counted where they are heard: queues of the kernels between take a thousand. */
const HEARD_AT_ONCE = 600;
const MOST_AT_ONCE = 32;
const BREATH_NS = 200e3;
/** What was heard is looked at after so many frames. */
const LOOK_AFTER = 32;
/** Counting what is decided takes time. */
const TELL_EVERY = 16;
const MAX_STEP_NS = 10e6;
/** After so many entries in neighbour tables they are taken out. Linux: gc_thresh3, 1024 for all namespaces together. */
const ENTRIES = 200;
/** How long echo requests that are out are waited for then. */
const GRACE_NS = 60e6;

/** The outcomes, in the order of the cells. Throws an error where a party or a packet socket is not to be had. */
export async function measure(
  kernel: MeasureKernel,
  parties: readonly Party[],
  cells: readonly Cell[],
  options: MeasureOptions = {},
): Promise<Outcome[]> {
  const seats = new Seats(kernel, parties);
  try {
    await seats.settle(options.settleNs ?? 5e9);
    const six = cells.some((c) => c.traffic === 'ipv6');
    for (const station of seats.stations) {
      station.keepNeighbours();
      station.listen(six, options.record !== undefined);
    }
    const outcomes = await new Measurement(kernel, seats, cells, options).run();
    for (const station of seats.stations) {
      const { name, lost } = station;
      if (lost > 0) options.lost?.(name, lost);
    }
    return outcomes;
  } finally {
    seats.close();
  }
}

class Measurement {
  readonly #kernel: MeasureKernel;
  readonly #seats: Seats;
  readonly #cells: readonly Cell[];
  readonly #options: MeasureOptions;
  readonly #unicast: Unicast;
  readonly #shouts: Shouts;
  /** Frames that are due; urgent ones first. */
  readonly #urgent: Sending[] = [];
  readonly #queue: Sending[] = [];

  constructor(kernel: MeasureKernel, seats: Seats, cells: readonly Cell[], options: MeasureOptions) {
    this.#kernel = kernel;
    this.#seats = seats;
    this.#cells = cells;
    this.#options = options;
    const run = Math.floor(kernel.wallNs() / 1000) % 2 ** 32;
    const send: Send = (sending) => void (sending.urgent ? this.#urgent : this.#queue).push(sending);
    const tries = options.tries ?? 4;
    this.#unicast = new Unicast(run, tries, send);
    this.#shouts = new Shouts(seats, run, tries, send);
    const byName = new Map(seats.all.map((seat) => [seat.party.name, seat]));
    let number = 1;
    for (const [i, cell] of cells.entries()) {
      const [from, to] = [byName.get(cell.from), byName.get(cell.to)];
      if (from === undefined || to === undefined) throw new Error(`nobody is called ${from ? cell.to : cell.from}`);
      const how = cell.traffic === 'broadcast' || cell.traffic === 'multicast' ? this.#shouts : this.#unicast;
      number = how.add(i, cell, from, to, number);
    }
  }

  async run(): Promise<Outcome[]> {
    const first = this.#options.waitNs ?? 60e6;
    for (let waitNs = first; ; waitNs = Math.min(2 * waitNs, 8 * first)) {
      const unicast = this.#unicast.round();
      const shouts = this.#shouts.round();
      if (!unicast && !shouts) break;
      await this.#flush();
      await this.#wait(waitNs);
    }
    this.#unicast.forget();
    const outcomes: Outcome[] = [];
    for (const [i, outcome] of [...this.#unicast.outcomes(), ...this.#shouts.outcomes()]) outcomes[i] = outcome;
    return outcomes;
  }

  /** Everything that is due, and what falls due through the answers. */
  async #flush(): Promise<void> {
    let unheard = 0;
    let looks = 0;
    const most = Math.max(1, Math.min(MOST_AT_ONCE, Math.floor(HEARD_AT_ONCE / this.#seats.stations.length)));
    while (this.#urgent.length + this.#queue.length > 0) {
      const burst = (this.#urgent.length > 0 ? this.#urgent : this.#queue).splice(0, most);
      for (const { station, link, bytes, sent } of burst) sent(Math.abs(station.send(link, bytes)));
      await this.#kernel.pause(BREATH_NS);
      unheard += burst.length;
      if (unheard < LOOK_AFTER && this.#urgent.length + this.#queue.length > 0) continue;
      unheard = 0;
      this.#drain();
      if (looks++ % TELL_EVERY === 0) this.#tell();
      if (this.#urgent.length === 0 && this.#unicast.entries.length >= ENTRIES) await this.#forget();
    }
  }

  async #forget(): Promise<void> {
    const until = this.#kernel.nowNs() + GRACE_NS;
    while (this.#unicast.waiting && this.#kernel.nowNs() < until) {
      await this.#kernel.pause(BREATH_NS);
      this.#drain();
    }
    this.#unicast.forget();
  }

  async #wait(ns: number): Promise<void> {
    const until = this.#kernel.nowNs() + ns;
    for (let stepNs = BREATH_NS; ; stepNs = Math.min(2 * stepNs, MAX_STEP_NS)) {
      this.#drain();
      await this.#flush();
      this.#tell();
      if ((this.#unicast.complete && this.#shouts.complete) || this.#kernel.nowNs() >= until) return;
      await this.#kernel.pause(stepNs);
    }
  }

  #tell(): void {
    this.#options.progress?.(this.#unicast.decided + this.#shouts.decided, this.#cells.length);
  }

  #drain(): void {
    for (const station of this.#seats.stations) {
      station.drain((bytes, link) => {
        const what = heard(bytes, station.own4);
        if (what === null) return;
        this.#unicast.hear(station, link, what);
        this.#shouts.hear(station, link, what);
      });
      if (this.#options.record !== undefined) station.drainRecorder(this.#options.record);
    }
  }
}
