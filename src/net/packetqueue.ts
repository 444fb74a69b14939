// A first-in-first-out chain of frames through skb.next, with its length and bytes. Knows no limit: its owner does.
// Linux: struct qdisc_skb_head, struct sk_buff_head.

import type { DropReason } from './drop.ts';
import type { Skb } from './skb.ts';

export class PacketQueue {
  head: Skb | null = null;
  private tail: Skb | null = null;
  length = 0;
  bytes = 0;

  /** Takes the frame. */
  push(skb: Skb): void {
    skb.next = null;
    if (this.tail === null) this.head = skb;
    else this.tail.next = skb;
    this.tail = skb;
    this.length++;
    this.bytes += skb.len;
  }

  /** Takes the frame and puts it first. */
  pushFront(skb: Skb): void {
    skb.next = this.head;
    this.head = skb;
    if (this.tail === null) this.tail = skb;
    this.length++;
    this.bytes += skb.len;
  }

  /** Gives the oldest frame to the caller; null when there is none. */
  shift(): Skb | null {
    const skb = this.head;
    if (skb === null) return null;
    this.head = skb.next;
    if (this.head === null) this.tail = null;
    skb.next = null;
    this.length--;
    this.bytes -= skb.len;
    return skb;
  }

  /** Ends all of them. */
  purge(reason: DropReason): void {
    for (let skb = this.shift(); skb !== null; skb = this.shift()) skb.slabs.free(skb, reason);
  }
}
