// Broadcast and multicast: one frame of a party is heard by all others, or by some. One frame measures a row of the matrix.

import { push } from '../../base/push.ts';
import type { Cell, Outcome } from './cells.ts';
import { type Heard, shout } from './frames.ts';
import type { Seat, Seats } from './seats.ts';
import type { Station, StationLink } from './station.ts';
import type { Send } from './unicast.ts';

type Kind = 'broadcast' | 'multicast';

/** What a party calls from one of its devices. */
interface Shout {
  readonly from: Seat;
  readonly kind: Kind;
  readonly link: StationLink;
  readonly number: number;
  sent: number;
  errno: number;
}

interface Listening {
  readonly index: number;
  readonly cell: Cell;
  readonly to: Seat;
  readonly shouts: readonly Shout[];
  /** Which one it heard, and where. */
  heard: { readonly shout: Shout; readonly at: string; readonly tries: number } | null;
}

export class Shouts {
  readonly #seats: Seats;
  readonly #shouts = new Map<string, Shout[]>();
  readonly #byNumber = new Map<number, Listening[]>();
  readonly #listening: Listening[] = [];
  /** Cells that were heard, or for which nothing can be sent. */
  decided = 0;
  readonly #run: number;
  readonly #tries: number;
  readonly #send: Send;

  constructor(seats: Seats, run: number, tries: number, send: Send) {
    this.#seats = seats;
    this.#run = run;
    this.#tries = tries;
    this.#send = send;
  }

  /** `number`: of its first frame; the next free one is the answer. */
  add(index: number, cell: Cell, from: Seat, to: Seat, number: number): number {
    const kind = cell.traffic as Kind;
    const key = `${from.party.name} ${kind}`;
    let shouts = this.#shouts.get(key);
    let next = number;
    if (shouts === undefined) {
      shouts = from.speakers.map((link): Shout => ({ from, kind, link, number: next++, sent: 0, errno: 0 }));
      this.#shouts.set(key, shouts);
    }
    const listening: Listening = { index, cell, to, shouts, heard: null };
    this.#listening.push(listening);
    if (shouts.length === 0) this.decided++;
    for (const { number: n } of shouts) push(this.#byNumber, n, listening);
    return next;
  }

  /** Sends what somebody has not heard yet and may be sent again. Is there anything to wait for? */
  round(): boolean {
    let open = false;
    for (const s of [...this.#shouts.values()].flat()) {
      if (s.sent >= this.#tries || this.#byNumber.get(s.number)?.every((l) => l.heard !== null)) continue;
      open = true;
      s.sent++;
      const address =
        s.from.station.addresses.find((a) => a.family === 4 && a.ifindex === s.link.index)?.text ?? '0.0.0.0';
      const bytes = shout({ mac: s.link.mac, address }, s.kind, { run: this.#run, probe: s.number });
      this.#send({
        station: s.from.station,
        link: s.link,
        bytes,
        urgent: false,
        sent: (errno) => {
          s.errno = errno;
        },
      });
    }
    return open;
  }

  get complete(): boolean {
    return this.decided === this.#listening.length;
  }

  hear(station: Station, link: StationLink | undefined, heard: Heard): void {
    if (heard.what !== 'shout' || heard.mark.run !== this.#run) return;
    const waiting = this.#byNumber.get(heard.mark.probe)?.filter((l) => l.heard === null && l.to.station === station);
    if (waiting === undefined || waiting.length === 0) return;
    const here = this.#seats.at(station, link);
    for (const l of waiting) {
      const s = l.shouts.find((x) => x.number === heard.mark.probe);
      if (s === undefined || !here.includes(l.to)) continue;
      l.heard = { shout: s, at: station.label(link), tries: s.sent };
      this.decided++;
    }
  }

  outcomes(): [index: number, outcome: Outcome][] {
    return this.#listening.map((l) => [l.index, outcomeOf(l)]);
  }
}

function outcomeOf({ cell, to, shouts, heard }: Listening): Outcome {
  const from = shouts.map((s) => s.from.station.label(s.link)).join(', ');
  const unsent = shouts.length === 0 || shouts.every((s) => s.errno !== 0);
  const stage = heard !== null ? 'reached' : unsent ? 'unsent' : 'unheard';
  const words = {
    reached: `a ${cell.traffic} from ${heard === null ? '' : heard.shout.from.station.label(heard.shout.link)} arrived at ${heard?.at}`,
    unsent: shouts.length === 0 ? `${cell.from} has no device that is up` : `${from} sends nothing`,
    unheard: `a ${cell.traffic} from ${from} did not get to ${to.party.name}`,
  };
  return {
    cell,
    reached: heard !== null,
    stage,
    evidence: words[stage],
    there: null,
    back: null,
    arrivedAt: heard?.at ?? null,
    answeredAt: null,
    probes: shouts.map((s) => s.number),
    tries: heard?.tries ?? Math.max(1, ...shouts.map((s) => s.sent)),
  };
}
