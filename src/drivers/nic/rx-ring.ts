// A receive ring: frames that the hardware stored and the driver has not seen. The first one asks for an interrupt, which
// comes after the moderation's delay; the poll that follows takes what is there, at most `BUDGET` frames at a time.
// Bound: `count` frames; one that comes when it is full is missed (rx_missed_errors). Linux: NAPI, napi_poll().

import { Drop, type DropReason } from '../../net/drop.ts';
import type { Skb } from '../../net/skb.ts';

/** Frames per poll. Linux: NAPI_POLL_WEIGHT. */
export const BUDGET = 64;

export class RxRing {
  /** Whose ring it is: handed to the poll. */
  readonly port: unknown;
  readonly index: number;
  readonly count: number;
  packets = 0;
  bytes = 0;
  missed = 0;
  length = 0;
  /** An interrupt or a poll is on its way. */
  scheduled = false;
  /** The event of the interrupt that is still to come; 0: none, or it may not be hurried any more. */
  interrupt = 0;
  /** Linked by skb.next: a ring of thousands of descriptors, mostly empty, would be walked through the cache for nothing. */
  private head: Skb | null = null;
  private tail: Skb | null = null;

  constructor(port: unknown, index: number, count: number) {
    this.port = port;
    this.index = index;
    this.count = count;
  }

  /** Takes the frame; false: the ring was full and it ended. */
  store(skb: Skb): boolean {
    if (this.length === this.count) {
      this.missed++;
      skb.slabs.free(skb, Drop.RingFull);
      return false;
    }
    skb.next = null;
    if (this.tail === null) this.head = skb;
    else this.tail.next = skb;
    this.tail = skb;
    this.length++;
    return true;
  }

  /** The oldest frame goes to the caller. Only with frames in it. */
  take(): Skb {
    const skb = this.head as Skb;
    this.head = skb.next;
    if (this.head === null) this.tail = null;
    skb.next = null;
    this.length--;
    return skb;
  }

  drain(reason: DropReason): void {
    while (this.length > 0) {
      const skb = this.take();
      skb.slabs.free(skb, reason);
    }
  }
}
