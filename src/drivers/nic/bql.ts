// Byte queue limits: how many bytes a txq may have handed to the hardware. Learns the smallest limit that never starves
// the line. All counters are unsigned 32-bit and wrap. Consequence of the bound: XOFF_STACK stops the txq, and frames wait
// in its qdisc. Linux: lib/dynamic_queue_limits.c, struct dql; netdev_tx_sent_queue(), netdev_tx_completed_queue().

import { assert } from '../../base/assert.ts';
import { XOFF_STACK } from '../../net/flags.ts';
import type { TxQueue } from '../../net/netdev.ts';

const U32_MAX = 0xffffffff;
/** DQL_MAX_LIMIT: (UINT_MAX / 2) - DQL_MAX_OBJECT. */
const MAX_LIMIT = 1879048192;
const HOLD_NS = 1_000_000_000;

/** Positive part of a modular difference. */
function pos(x: number): number {
  const d = x | 0;
  return d > 0 ? d : 0;
}

export class Bql {
  numQueued = 0;
  numCompleted = 0;
  limit = 0;
  adjLimit = 0;
  lastObjCnt = 0;
  minLimit = 0;
  maxLimit = MAX_LIMIT;
  holdNs = HOLD_NS;
  nowNs = 0;
  private prevNumQueued = 0;
  private prevLastObjCnt = 0;
  private prevOvlimit = 0;
  private lowestSlack = U32_MAX;
  private slackStartNs = 0;

  /** Bytes with the hardware. */
  get inflight(): number {
    return (this.numQueued - this.numCompleted) >>> 0;
  }

  /** Room left; negative: over the limit. */
  get avail(): number {
    return (this.adjLimit - this.numQueued) | 0;
  }

  reset(nowNs: number): void {
    this.numQueued = 0;
    this.numCompleted = 0;
    this.limit = 0;
    this.adjLimit = 0;
    this.lastObjCnt = 0;
    this.prevNumQueued = 0;
    this.prevLastObjCnt = 0;
    this.prevOvlimit = 0;
    this.lowestSlack = U32_MAX;
    this.slackStartNs = nowNs;
  }

  /** `count` bytes go to the hardware. Linux: dql_queued(). */
  queued(count: number): void {
    this.lastObjCnt = count;
    this.numQueued = (this.numQueued + count) >>> 0;
  }

  /** `count` bytes came back: the limit grows when the line starved, and shrinks when there was slack. Linux: dql_completed(). */
  completed(count: number, nowNs: number): void {
    this.nowNs = nowNs;
    this.settle(count);
  }

  /** completed() at this.nowNs: a field, because a double that crosses a call is allocated. */
  settle(count: number): void {
    const nowNs = this.nowNs;
    assert(count <= this.inflight, 'BQL: more bytes completed than were queued');
    const queuedNow = this.numQueued;
    const completed = (this.numCompleted + count) >>> 0;
    let limit = this.limit;
    let ovlimit = pos(queuedNow - this.numCompleted - limit);
    const inprogress = queuedNow !== completed;
    const prevInprogress = this.prevNumQueued !== this.numCompleted;
    const allPrev = ((completed - this.prevNumQueued) | 0) >= 0;
    if ((ovlimit > 0 && !inprogress) || (this.prevOvlimit > 0 && allPrev)) {
      limit += pos(completed - this.prevNumQueued) + this.prevOvlimit;
      this.slackStartNs = nowNs;
      this.lowestSlack = U32_MAX;
    } else if (inprogress && prevInprogress && !allPrev) {
      const slack = pos(limit + this.prevOvlimit - 2 * count);
      const slackLast = this.prevOvlimit > 0 ? pos(this.prevLastObjCnt - this.prevOvlimit) : 0;
      const larger = slack > slackLast ? slack : slackLast;
      if (larger < this.lowestSlack) this.lowestSlack = larger;
      if (nowNs > this.slackStartNs + this.holdNs) {
        limit = pos(limit - this.lowestSlack);
        this.slackStartNs = nowNs;
        this.lowestSlack = U32_MAX;
      }
    }
    if (limit < this.minLimit) limit = this.minLimit;
    if (limit > this.maxLimit) limit = this.maxLimit;
    if (limit !== this.limit) {
      this.limit = limit;
      ovlimit = 0;
    }
    this.adjLimit = (limit + completed) >>> 0;
    this.prevOvlimit = ovlimit;
    this.prevLastObjCnt = this.lastObjCnt;
    this.numCompleted = completed;
    this.prevNumQueued = queuedNow;
  }
}

/** Linux: netdev_tx_sent_queue(). */
export function bqlSent(bql: Bql, txq: TxQueue, bytes: number): void {
  bql.queued(bytes);
  if (bql.avail < 0) txq.state |= XOFF_STACK;
}

/** Linux: netdev_tx_completed_queue(). */
export function bqlCompleted(bql: Bql, txq: TxQueue, bytes: number): void {
  if (bytes === 0) return;
  bql.nowNs = txq.dev.core.kernel.loop.now;
  bql.settle(bytes);
  if (bql.avail < 0 || (txq.state & XOFF_STACK) === 0) return;
  txq.state &= ~XOFF_STACK;
  txq.dev.core.kernel.softirq.schedule(txq.qdisc);
}

/** Linux: netdev_tx_reset_queue(). */
export function bqlReset(bql: Bql, txq: TxQueue, nowNs: number): void {
  txq.state &= ~XOFF_STACK;
  bql.reset(nowNs);
}
