// A timer that is moved far more often than it fires: moving it later only writes a number, and the event that comes too
// early asks for itself again. Linux: mod_timer() as TCP uses it, where a timer wheel makes it cheap.

import type { Loop } from '../sim/loop.ts';

export class LazyTimer<O> {
  /** When it is due, virtual ns; -1: not armed. */
  dueNs = -1;
  private readonly loop: Loop;
  private readonly run: (owner: O) => void;
  private readonly owner: O;
  private askedNs = -1;
  private id = 0;

  constructor(loop: Loop, run: (owner: O) => void, owner: O) {
    this.loop = loop;
    this.run = run;
    this.owner = owner;
  }

  get armed(): boolean {
    return this.dueNs >= 0;
  }

  arm(delayNs: number): void {
    const due = this.loop.now + delayNs;
    this.dueNs = due;
    if (this.askedNs >= 0) {
      if (this.askedNs <= due) return;
      this.loop.cancel(this.id);
    }
    this.ask(delayNs);
  }

  disarm(): void {
    this.dueNs = -1;
  }

  /** For good: no event stays behind. */
  end(): void {
    this.dueNs = -1;
    if (this.askedNs >= 0) this.loop.cancel(this.id);
    this.askedNs = -1;
  }

  /** For the loop only. */
  fire(): void {
    this.askedNs = -1;
    const due = this.dueNs;
    if (due < 0) return;
    const left = due - this.loop.now;
    if (left > 0) {
      this.ask(left);
      return;
    }
    this.dueNs = -1;
    this.run(this.owner);
  }

  private ask(delayNs: number): void {
    this.loop.post(delayNs, fire, this as LazyTimer<unknown>, 0);
    this.id = this.loop.lastId;
    this.askedNs = this.loop.now + delayNs;
  }
}

function fire(timer: LazyTimer<unknown>): void {
  timer.fire();
}
