// Virtual time: one queue of events, ordered by (time, sequence number). Same time means the order they were asked
// for. Synchronous: an event is a handler with an owner and an argument, never a closure made per event.
// The queue is a calendar (calendar.ts); cancelled events stay in it until their time and then do nothing.
// Bound: `budget` events, after which the owner of the loop is told (a storm ends with an error, not a hang).

import { assert } from '../base/assert.ts';
import { Calendar } from './calendar.ts';

/** Runs when its time has come. `owner` is whose event it is, `arg` what it is about. */
export type Handler<O, A> = (owner: O, arg: A) => void;
type AnyHandler = (owner: never, arg: never) => void;

const GEN = 0x1000000; // slot numbers stay below this; an id is generation * GEN + slot

export class Loop {
  /** Virtual nanoseconds since the lab began. */
  now = 0;
  /** Events run so far. */
  ran = 0;
  /** Of the event asked for last: for cancel(). */
  lastId = 0;
  private pendingCount = 0;
  private readonly calendar = new Calendar();
  private gen = new Int32Array(1024).fill(1);
  private handler: Array<AnyHandler | null> = [];
  private owner: unknown[] = [];
  private arg: unknown[] = [];
  private free: number[] = [];
  /** Called once, before the first event at or after `watchNs`. */
  private watcher: (() => void) | null = null;
  private watchNs = Number.POSITIVE_INFINITY;
  /** What put() is asked for. A field, as lastId is, because a double that crosses a call is allocated. */
  private askedNs = 0;

  /** Events that wait and were not cancelled. */
  get pending(): number {
    return this.pendingCount;
  }

  /** Asks for `handler(owner, arg)` at `timeNs`. Returns an id for cancel(). */
  at<O, A>(timeNs: number, handler: Handler<O, A>, owner: O, arg: A): number {
    this.askedNs = timeNs;
    this.put(handler as AnyHandler, owner, arg);
    return this.lastId;
  }

  /** Asks for `handler(owner, arg)` in `delayNs` from now. */
  after<O, A>(delayNs: number, handler: Handler<O, A>, owner: O, arg: A): number {
    this.askedNs = this.now + delayNs;
    this.put(handler as AnyHandler, owner, arg);
    return this.lastId;
  }

  /** As after(), but the id is in lastId alone: the way that allocates nothing, wherever it is called from. */
  post<O, A>(delayNs: number, handler: Handler<O, A>, owner: O, arg: A): void {
    this.askedNs = this.now + delayNs;
    this.put(handler as AnyHandler, owner, arg);
  }

  private put(handler: AnyHandler, owner: unknown, arg: unknown): void {
    // Linux has times of centuries, exact nanoseconds end after 104 days: what is later is due then, and no run gets there.
    const timeNs = Math.min(this.askedNs, Number.MAX_SAFE_INTEGER);
    assert(timeNs >= this.now, 'an event lies in the past');
    let slot: number;
    if (this.free.length > 0) slot = this.free.pop() as number;
    else {
      slot = this.handler.length;
      assert(slot < GEN, 'more than 16 million events wait');
      if (slot === this.gen.length) this.grow();
      this.handler.push(null);
      this.owner.push(null);
      this.arg.push(null);
    }
    this.handler[slot] = handler;
    this.owner[slot] = owner;
    this.arg[slot] = arg;
    this.lastId = this.gen[slot] * GEN + slot;
    this.pendingCount++;
    this.calendar.askedNs = timeNs;
    this.calendar.put(slot);
  }

  /** Takes an event back; false when it has already run or was cancelled. */
  cancel(id: number): boolean {
    const slot = id % GEN;
    if (this.gen[slot] !== Math.floor(id / GEN) || this.handler[slot] === null) return false;
    this.handler[slot] = null;
    this.owner[slot] = null;
    this.arg[slot] = null;
    this.pendingCount--;
    return true;
  }

  /**
   * Calls `watcher` once, before the first event at or after `timeNs` runs: everything is still as it was then. Not an
   * event: it keeps nothing alive. There is one watcher; null ends it.
   */
  watch(timeNs: number, watcher: (() => void) | null): void {
    this.watchNs = timeNs;
    this.watcher = watcher;
  }

  /** Time of the next event, or -1 when there is none. */
  nextTime(): number {
    return this.first() < 0 ? -1 : this.calendar.firstNs;
  }

  /** Runs the next event. False when there was none. */
  step(): boolean {
    const slot = this.first();
    if (slot < 0) return false;
    this.run(slot);
    return true;
  }

  /** Runs all events up to and including `timeNs`, then stands at that time. */
  runUntil(timeNs: number): void {
    for (;;) {
      const slot = this.first();
      if (slot < 0 || this.calendar.firstNs > timeNs) break;
      this.run(slot);
    }
    if (timeNs > this.now) this.now = timeNs;
  }

  /** Lets time pass to `timeNs`; no event may lie before it. */
  advanceTo(timeNs: number): void {
    const next = this.nextTime();
    assert(timeNs >= this.now && (next < 0 || next >= timeNs), 'time would jump over an event');
    this.now = timeNs;
  }

  /** The next event that was not cancelled, or -1; its time is calendar.firstNs. */
  private first(): number {
    for (;;) {
      const slot = this.calendar.first();
      if (slot < 0 || this.handler[slot] !== null) return slot;
      this.calendar.takeFirst();
      this.release(slot);
    }
  }

  /** Runs the event that first() found. */
  private run(slot: number): void {
    this.now = this.calendar.firstNs;
    if (this.now >= this.watchNs) this.callWatcher();
    this.calendar.takeFirst();
    const handler = this.handler[slot] as (owner: unknown, arg: unknown) => void;
    const owner = this.owner[slot];
    const arg = this.arg[slot];
    this.release(slot);
    this.pendingCount--;
    this.ran++;
    handler(owner, arg);
  }

  private callWatcher(): void {
    const watcher = this.watcher;
    this.watch(Number.POSITIVE_INFINITY, null);
    watcher?.();
  }

  private release(slot: number): void {
    this.handler[slot] = null;
    this.owner[slot] = null;
    this.arg[slot] = null;
    this.gen[slot] = (this.gen[slot] + 1) & (GEN - 1);
    this.free.push(slot);
  }

  private grow(): void {
    const gen = new Int32Array(this.gen.length * 2).fill(1);
    gen.set(this.gen);
    this.gen = gen;
  }
}
