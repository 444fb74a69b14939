// Measures cells on a kernel: all at once, in rounds, bounded in frames and time. What it leaves behind are entries in neighbour
// tables of those who were asked, as any ping would.

import type { Cell, Outcome, Party } from './cells.ts';
import { heard } from './frames.ts';
import type { MeasureKernel } from './kernel.ts';
import { Seats } from './seats.ts';
import { Shouts } from './shouts.ts';
import type { Recorded } from './station.ts';
import { type Send, Unicast } from './unicast.ts';

export interface MeasureOptions {
  /** How often one frame is sent at most. Default 4. */
  tries?: number;
  /** What the first round waits for answers, ns; each further one twice as long, up to eight times. Default 60 ms. */
  waitNs?: number;
  /** How long carriers and duplicate address detection are waited for, ns. Default 5 s. */
  settleNs?: number;
  /** Gets every frame that passes a device of the parties' namespaces meanwhile. */
  record?: (frame: Recorded) => void;
  /** Told now and then: cells that are decided, of all. */
  progress?: (decided: number, all: number) => void;
}

/** So many frames may be on their way: queues of the kernels between take a thousand. */
const BURST = 32;
const BREATH_NS = 1e6;
const MAX_STEP_NS = 10e6;

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
    for (const station of seats.stations) station.listen(six, options.record !== undefined);
    return await new Measurement(kernel, seats, cells, options).run();
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
  /** Frames that are due. */
  readonly #queue: (() => void)[] = [];

  constructor(kernel: MeasureKernel, seats: Seats, cells: readonly Cell[], options: MeasureOptions) {
    this.#kernel = kernel;
    this.#seats = seats;
    this.#cells = cells;
    this.#options = options;
    const run = Math.floor(kernel.wallNs() / 1000) % 2 ** 32;
    const send: Send = (station, link, bytes, refused) => {
      this.#queue.push(() => refused(Math.abs(station.send(link, bytes))));
    };
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
    const outcomes: Outcome[] = [];
    for (const [i, outcome] of [...this.#unicast.outcomes(), ...this.#shouts.outcomes()]) outcomes[i] = outcome;
    return outcomes;
  }

  /** Everything that is due, and what falls due through the answers. */
  async #flush(): Promise<void> {
    while (this.#queue.length > 0) {
      for (const send of this.#queue.splice(0, BURST)) send();
      await this.#kernel.pause(BREATH_NS);
      this.#drain();
    }
  }

  async #wait(ns: number): Promise<void> {
    const until = this.#kernel.nowNs() + ns;
    for (let stepNs = BREATH_NS; ; stepNs = Math.min(2 * stepNs, MAX_STEP_NS)) {
      this.#drain();
      await this.#flush();
      if ((this.#unicast.complete && this.#shouts.complete) || this.#kernel.nowNs() >= until) return;
      await this.#kernel.pause(stepNs);
    }
  }

  #drain(): void {
    for (const station of this.#seats.stations) {
      station.drain((bytes, link) => {
        const what = heard(bytes);
        if (what === null) return;
        this.#unicast.hear(station, link, what);
        this.#shouts.hear(station, link, what);
      });
      if (this.#options.record !== undefined) station.drainRecorder(this.#options.record);
    }
    this.#options.progress?.(this.#unicast.decided + this.#shouts.decided, this.#cells.length);
  }
}
