// Virtual time for processes. A thread of control is either running (JavaScript is busy with it) or blocked; when all
// are blocked, and only then, the event loop of the kernel steps until one of them is woken. Promises only, no timers:
// two runs step alike. A host may pace the clock or take a turn (Ctrl-C, output) through `Host`.
// Bound: a run has a stock of `maxEvents` events, each frame on a device counting as one. Progress fills it up a little:
// a command that begins, something that a command receives (a clock that rings is none). Used up: NoProgress.

import type { Loop } from '../sim/loop.ts';

/** What the program around us lends. The command line's is cli/host.ts; tests use none. */
export interface Host {
  /** A promise when the host wants a turn, else null. Asked often; must be cheap. */
  breathe(): Promise<void> | null;
  /** `--realtime`: a promise to wait for before virtual time may reach `ns`, else null. */
  pace(ns: number): Promise<void> | null;
  /** Nothing will happen unless the user does something: wait for that. Null: there is no user to wait for. */
  idle(): Promise<void> | null;
}

export const noHost: Host = { breathe: () => null, pace: () => null, idle: () => null };

/** The run cannot go on. */
export class NoProgress extends Error {
  override readonly name = 'NoProgress';
}

export interface SchedulerOptions {
  loop: Loop;
  host?: Host;
  maxEvents?: number;
  /** Devices that carried most, for the message. */
  busiest?: () => string[];
  /** Called when a wait begins: busiest() counts from there. */
  mark?: () => void;
  /** Frames that all devices carried so far: one event may carry many. */
  frames?: () => number;
}

/** A second or two of a storm. What commands wait for comes about within thousands of events. */
export const defaultMaxEvents = 3_000_000;
/** Nobody waits longer than this for one thing to happen; the lab's clock ends at 104 days. */
const longestWaitNs = 30 * 86_400e9;

export class Scheduler {
  readonly loop: Loop;
  readonly host: Host;
  /** Rejects when the run cannot go on; whoever started the run races it. */
  readonly failed: Promise<never>;
  private fail: (error: Error) => void = () => undefined;
  private readonly maxEvents: number;
  private readonly busiest: () => string[];
  private readonly mark: () => void;
  private readonly frames: () => number;
  private framesBefore = 0;
  private running = 0;
  private blocked = 0;
  private pumping = false;
  private left: number;
  private turn = 0;
  private sinceNs = 0;
  /** busiest() counts from the moment at which the stock ran low. */
  private marked = false;
  private dead = false;

  constructor(options: SchedulerOptions) {
    this.loop = options.loop;
    this.host = options.host ?? noHost;
    this.maxEvents = options.maxEvents ?? defaultMaxEvents;
    this.left = this.maxEvents;
    this.busiest = options.busiest ?? (() => []);
    this.mark = options.mark ?? (() => undefined);
    this.frames = options.frames ?? (() => 0);
    this.failed = new Promise((_, reject) => {
      this.fail = reject;
    });
    this.failed.catch(() => undefined);
  }

  /** A thread of control begins. */
  enter(): void {
    this.running++;
  }

  /** It ends. */
  leave(): void {
    this.running--;
    this.kick();
  }

  /** Runs `body` as a thread of its own; it begins when all others are blocked. */
  spawn(body: () => Promise<void>): void {
    this.enter();
    const begin = this.block((wake) => {
      const id = this.loop.after(0, call, wake, 0);
      return () => {
        this.loop.cancel(id);
      };
    });
    begin
      .then(body)
      .then(() => this.leave())
      .catch((error: unknown) => this.stop(error instanceof Error ? error : new Error(String(error))));
  }

  /** The run gets on: `events` more may follow. */
  progress(events: number): void {
    this.left = Math.min(this.maxEvents, this.left + events);
    this.sinceNs = this.loop.now;
    if (this.left > this.maxEvents >> 1) this.marked = false;
  }

  /** Stops the run: nobody is woken any more. */
  stop(error: Error): void {
    if (this.dead) return;
    this.dead = true;
    this.fail(error);
  }

  /** Blocks the calling thread until `wake` is called. `arm` may return what undoes it. */
  block(arm: (wake: () => void) => (() => void) | undefined): Promise<void> {
    return new Promise((resolve) => {
      let woken = false;
      let disarm: (() => void) | undefined;
      const wake = (): void => {
        if (woken) return;
        woken = true;
        this.running++;
        this.blocked--;
        disarm?.();
        resolve();
      };
      this.blocked++;
      this.running--;
      disarm = arm(wake);
      if (woken) disarm?.();
      this.kick();
    });
  }

  private kick(): void {
    if (this.running > 0 || this.pumping || this.dead) return;
    this.pumping = true;
    // Not at once: the thread that blocks is still in the middle of its statement.
    Promise.resolve()
      .then(() => this.pump())
      .catch((error: unknown) => this.stop(error instanceof Error ? error : new Error(String(error))))
      .finally(() => {
        this.pumping = false;
        if (this.blocked > 0) this.kick();
      });
  }

  private async pump(): Promise<void> {
    const loop = this.loop;
    while (this.running === 0 && this.blocked > 0 && !this.dead) {
      const next = loop.nextTime();
      if (next < 0) {
        const idle = this.host.idle();
        if (idle === null) throw new NoProgress('nothing more can happen, and a command still waits');
        await idle;
        continue;
      }
      const pace = this.host.pace(next);
      if (pace !== null) {
        await pace;
        continue;
      }
      loop.step();
      this.left--;
      if ((++this.turn & 0x1ff) === 0) this.takeStock();
      if (this.left < 0) throw new NoProgress(this.storm());
      if (loop.now - this.sinceNs > longestWaitNs) throw new NoProgress('a command waited 30 days of virtual time');
      if ((this.turn & 0x1ff) === 0) await this.host.breathe();
    }
  }

  /** Counts the frames, too, and begins to note names when the run becomes suspicious: both are walks over all devices. */
  private takeStock(): void {
    const frames = this.frames();
    this.left -= Math.max(0, frames - this.framesBefore);
    this.framesBefore = frames;
    if (this.left < this.maxEvents >> 1 && !this.marked) {
      this.mark();
      this.marked = true;
    }
  }

  private storm(): string {
    const who = this.busiest();
    const names = who.length === 0 ? '' : `; busiest: ${who.join(', ')}`;
    return `no progress after ${this.maxEvents} events and frames, at ${(this.loop.now / 1e9).toFixed(6)} s of virtual time${names} (--max-events raises the limit)`;
  }
}

function call(wake: () => void): void {
  wake();
}
