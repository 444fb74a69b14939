// The timer of a qdisc that holds frames back: when it is due, the root runs again. Asking twice for the same time costs
// nothing. Linux: struct qdisc_watchdog, qdisc_watchdog_schedule_ns().

import type { Qdisc } from '../net/qdisc.ts';

export class Watchdog {
  private readonly q: Qdisc;
  /** Due then; -1: not armed. */
  private dueNs = -1;
  /** Only the event asked for last counts. */
  private round = 0;

  constructor(q: Qdisc) {
    this.q = q;
  }

  /** Runs the root in `delayNs`. */
  armIn(delayNs: number): void {
    const { loop } = this.q.dev.core.kernel;
    const due = loop.now + delayNs;
    if (this.dueNs === due) return;
    this.dueNs = due;
    this.round = (this.round + 1) & 0x3fffffff;
    loop.post(delayNs, bark, this as Watchdog, this.round);
  }

  disarm(): void {
    this.dueNs = -1;
    this.round = (this.round + 1) & 0x3fffffff;
  }

  /** For the loop only. */
  due(round: number): void {
    if (round !== this.round || this.dueNs < 0) return;
    this.dueNs = -1;
    const { txq, dev } = this.q;
    if (txq !== null) dev.core.kernel.softirq.schedule(txq.qdisc);
  }
}

function bark(dog: Watchdog, round: number): void {
  dog.due(round);
}
