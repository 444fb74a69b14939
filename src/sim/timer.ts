// A timer that can be armed again and again. Linux: struct timer_list, mod_timer(), del_timer().

import type { Handler, Loop } from './loop.ts';

export class Timer<O> {
  private readonly loop: Loop;
  private readonly handler: Handler<O, number>;
  private readonly owner: O;
  private id = 0;
  /** When it will fire, or -1. */
  expiresNs = -1;

  constructor(loop: Loop, handler: Handler<O, number>, owner: O) {
    this.loop = loop;
    this.handler = handler;
    this.owner = owner;
  }

  get armed(): boolean {
    return this.expiresNs >= 0;
  }

  /** (Re)arms it for an absolute time. */
  armAt(timeNs: number): void {
    this.disarm();
    this.expiresNs = timeNs;
    this.id = this.loop.at(timeNs, fire, this as Timer<unknown>, 0);
  }

  armIn(delayNs: number): void {
    this.armAt(this.loop.now + delayNs);
  }

  disarm(): void {
    if (this.expiresNs < 0) return;
    this.loop.cancel(this.id);
    this.expiresNs = -1;
  }

  /** Runs the handler; for the loop only. */
  expire(): void {
    this.expiresNs = -1;
    this.handler(this.owner, 0);
  }
}

function fire(timer: Timer<unknown>): void {
  timer.expire();
}
