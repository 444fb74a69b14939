// A transport that plays a recording: each request that comes must be the next recorded one, and its recorded answers
// follow. Sequence numbers and port ids may differ from the recording's; everything else must be the same bytes.

import { assert } from '../base/assert.ts';
import type { NlTransport } from './transport.ts';

/** One request and all datagrams that answered it. */
export interface Exchange {
  readonly request: Uint8Array;
  readonly answers: readonly Uint8Array[];
}

export class ReplayTransport implements NlTransport {
  readonly portId = 1;
  onReadable: (() => void) | null = null;
  readonly #exchanges: readonly Exchange[];
  readonly #waiting: Uint8Array[] = [];
  #next = 0;

  constructor(exchanges: readonly Exchange[]) {
    this.#exchanges = exchanges;
  }

  send(datagram: Uint8Array): void {
    const exchange = this.#exchanges[this.#next];
    assert(exchange !== undefined, `request ${this.#next + 1} came, ${this.#exchanges.length} were recorded`);
    const seqs = seqsOf(datagram);
    const recorded = renumber(exchange.request, new Map(), 0);
    assert(
      sameBytes(recorded, renumber(datagram, new Map(), 0)),
      `request ${this.#next + 1} differs from the recording`,
    );
    const seqByRecorded = new Map(seqsOf(exchange.request).map((seq, i) => [seq, seqs[i]]));
    for (const answer of exchange.answers) this.#waiting.push(renumber(answer, seqByRecorded, this.portId));
    this.#next++;
    this.onReadable?.();
  }

  recv(): Uint8Array | null {
    return this.#waiting.shift() ?? null;
  }

  /** Recorded notifications arrive among the answers, whatever was joined. */
  join(): void {}

  /** A recording that was not played to its end is a broken test. */
  close(): void {
    assert(
      this.#next === this.#exchanges.length,
      `${this.#exchanges.length - this.#next} recorded requests never came`,
    );
  }
}

function seqsOf(datagram: Uint8Array): number[] {
  const seqs: number[] = [];
  eachHeader(datagram, (view, at) => seqs.push(view.getUint32(at + 8, true)));
  return seqs;
}

/** A copy with its sequence numbers mapped (to 0 when the map does not know them) and its port id replaced. */
function renumber(datagram: Uint8Array, seqs: ReadonlyMap<number, number>, portId: number): Uint8Array {
  const copy = datagram.slice();
  eachHeader(copy, (view, at) => {
    const seq = view.getUint32(at + 8, true);
    const notification = seq === 0 && !seqs.has(0);
    view.setUint32(at + 8, seqs.get(seq) ?? 0, true);
    view.setUint32(at + 12, notification ? 0 : portId, true);
  });
  return copy;
}

function eachHeader(datagram: Uint8Array, visit: (view: DataView, at: number) => void): void {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  for (let at = 0; at + 16 <= datagram.length; ) {
    visit(view, at);
    const length = view.getUint32(at, true);
    if (length < 16) return;
    at += (length + 3) & ~3;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
