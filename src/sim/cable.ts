// What joins two ports: a rate, a delay and a loss, the same both ways. Each direction carries one frame at a time; a frame
// occupies the line with preamble, FCS and the gap behind it (24 bytes), padded to the smallest frame, but arrives with the
// length that it was sent with. Knows no frame's inside: whoever sends says how long it is. Nothing is allocated per frame.
// Bound: none of its own; a sender asks when the line is free (busyUntilNs) and queues on its side.

import { assert } from '../base/assert.ts';
import type { Stream } from '../base/random.ts';
import { txTimeNs } from '../base/units.ts';
import type { Loop } from './loop.ts';

/** Preamble 8, FCS 4, gap 12. */
export const LINE_OVERHEAD = 24;
/** Smallest frame without FCS. Linux: ETH_ZLEN. */
const MIN_FRAME = 60;

export interface CableOptions {
  /** Bits per second; 0: no limit. */
  rateBps: number;
  delayNs: number;
  /** Frames lost: lossNum in lossDen. */
  lossNum: number;
  lossDen: number;
}

/** One end: what a port talks to. `F` is the port's kind of frame. */
export class CableEnd<F> {
  readonly cable: Cable<F>;
  /** The port that is plugged in, handed to its functions. */
  owner: unknown = null;
  /** A frame's last bit is here. Takes it. */
  arrive: (owner: unknown, frame: F) => void = unplugged;
  /** A frame that this end sent was lost. Takes it. */
  lost: (owner: unknown, frame: F) => void = unplugged;
  /** The link came or went. */
  linkChanged: (owner: unknown, on: boolean) => void = ignore;
  /** The line out of here is taken until then. */
  busyUntilNs = 0;
  sentFrames = 0;
  sentBytes = 0;
  lostFrames = 0;
  /** On their way out of here. */
  inFlight = 0;
  private powered = false;

  constructor(cable: Cable<F>) {
    this.cable = cable;
  }

  get far(): CableEnd<F> {
    return this.cable.a === this ? this.cable.b : this.cable.a;
  }

  get up(): boolean {
    return this.powered;
  }

  /** The port is up or down. With both up there is a link, and both are told. */
  setUp(on: boolean): void {
    if (this.powered === on) return;
    this.powered = on;
    const far = this.far;
    if (!far.powered) return;
    this.linkChanged(this.owner, on);
    far.linkChanged(far.owner, on);
  }

  /**
   * Puts a frame of `bytes` (header to payload, no FCS) on the line as soon as it is free, in `waitNs` at the earliest.
   * Takes it. Its last bit leaves at busyUntilNs (times relative and in fields: a double that crosses a call is allocated).
   */
  send(frame: F, bytes: number, waitNs: number): void {
    this.sendLine(frame, bytes, (bytes < MIN_FRAME ? MIN_FRAME : bytes) + LINE_OVERHEAD, waitNs);
  }

  /** The sender is busy as if it had sent `bytes`, but nothing goes out: the frame stays inside the sender. */
  occupy(bytes: number, waitNs: number): void {
    const { loop } = this.cable;
    const begin = loop.now + waitNs;
    const free = this.busyUntilNs;
    this.busyUntilNs =
      (begin > free ? begin : free) + this.cable.txTimeOf((bytes < MIN_FRAME ? MIN_FRAME : bytes) + LINE_OVERHEAD);
  }

  /** As send(), for a frame that goes out in pieces: `lineBytes` is what they occupy together, with their overhead. */
  sendLine(frame: F, bytes: number, lineBytes: number, waitNs: number): void {
    const cable = this.cable;
    const loop = cable.loop;
    const now = loop.now;
    const begin = now + waitNs;
    const free = this.busyUntilNs;
    this.busyUntilNs = (begin > free ? begin : free) + cable.txTimeOf(lineBytes);
    this.sentFrames++;
    this.sentBytes += bytes;
    if (cable.lossNum > 0 && cable.stream.chance(cable.lossNum, cable.lossDen)) {
      this.lostFrames++;
      this.lost(this.owner, frame);
    } else {
      this.inFlight++;
      loop.post(this.busyUntilNs - now + cable.delayNs, land, this.far as CableEnd<unknown>, frame as unknown);
    }
  }
}

export class Cable<F> {
  readonly loop: Loop;
  readonly stream: Stream;
  readonly a: CableEnd<F>;
  readonly b: CableEnd<F>;
  readonly rateBps: number;
  readonly delayNs: number;
  readonly lossNum: number;
  readonly lossDen: number;
  private lastBytes = 0;
  private lastTxNs = 0;

  /** `stream` decides which frames are lost: one that is this cable's own. */
  constructor(loop: Loop, stream: Stream, options: CableOptions) {
    assert(options.rateBps >= 0 && options.delayNs >= 0, 'a cable with a negative rate or delay');
    assert(
      options.lossNum === 0 || (options.lossNum > 0 && options.lossNum <= options.lossDen),
      'a loss that is no ratio',
    );
    this.loop = loop;
    this.stream = stream;
    this.rateBps = options.rateBps;
    this.delayNs = options.delayNs;
    this.lossNum = options.lossNum;
    this.lossDen = options.lossDen;
    this.a = new CableEnd(this as Cable<F>);
    this.b = new CableEnd(this as Cable<F>);
  }

  /** What `lineBytes` take; frames of one size come in rows, so the last answer is kept. */
  txTimeOf(lineBytes: number): number {
    if (lineBytes === this.lastBytes) return this.lastTxNs;
    this.lastBytes = lineBytes;
    this.lastTxNs = txTimeNs(lineBytes, this.rateBps);
    return this.lastTxNs;
  }
}

function land(end: CableEnd<unknown>, frame: unknown): void {
  end.far.inFlight--;
  end.arrive(end.owner, frame);
}

function unplugged(): never {
  throw new Error('a frame on a cable that nobody is plugged into');
}

function ignore(): void {}
