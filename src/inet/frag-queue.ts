// The fragments of one datagram that wait for the rest, as both families keep them: in order, with a timer, within a bound
// of bytes. Overlaps end the whole queue. Which fragments belong together and who is told is frag-in.ts and frag6-in.ts.
// Linux: net/ipv4/inet_fragment.c, struct fqdir, struct inet_frag_queue.

import { Drop, type DropReason } from '../net/drop.ts';
import type { Skb } from '../net/skb.ts';
import type { Loop } from '../sim/loop.ts';

/** What became of a fragment. Linux: IPFRAG_*. */
export const IPFRAG_OK = 0;
export const IPFRAG_DUP = 1;
/** It overlaps another one, or contradicts what is known of the whole. */
export const IPFRAG_OVERLAP = 2;

/** One family's queues in a namespace, by a key of text, and the bytes that they hold. */
export class FragDir<Q extends FragQueue> {
  readonly queues = new Map<string, Q>();
  bytes = 0;
  readonly loop: Loop;

  constructor(loop: Loop) {
    this.loop = loop;
  }

  /** A new queue, until `expired` ends it. */
  add(q: Q, seconds: number, expired: (q: Q) => void): void {
    this.queues.set(q.key, q);
    q.timer = this.loop.after(seconds * 1e9, expired, q, 0);
  }

  /** The namespace dies. */
  close(): void {
    for (const q of [...this.queues.values()]) q.kill(Drop.NsGone);
  }
}

export class FragQueue {
  readonly dir: FragDir<FragQueue>;
  readonly key: string;
  /** Sorted by offset; skb.cb2 is the offset, skb.cb3 the end. */
  readonly pieces: Skb[] = [];
  /** Bytes that are there. */
  meat = 0;
  /** End of the datagram as far as it is known. */
  len = 0;
  first = false;
  last = false;
  timer = 0;

  constructor(dir: FragDir<FragQueue>, key: string) {
    this.dir = dir;
    this.key = key;
  }

  get complete(): boolean {
    return this.first && this.last && this.meat === this.len;
  }

  /** Takes the fragment when it is IPFRAG_OK. Linux: ip_frag_queue(), inet_frag_queue_insert(). */
  insert(skb: Skb, offset: number, end: number, more: boolean): number {
    const contradicts = more ? end > this.len && this.last : end < this.len || (this.last && end !== this.len);
    if (contradicts || end === offset) return IPFRAG_OVERLAP;
    const { pieces } = this;
    let i = pieces.length;
    while (i > 0 && pieces[i - 1].cb2 >= offset) i--;
    const before = i > 0 ? pieces[i - 1] : null;
    const after = i < pieces.length ? pieces[i] : null;
    if (after !== null && after.cb2 === offset && after.cb3 === end) return IPFRAG_DUP;
    if ((before !== null && before.cb3 > offset) || (after !== null && after.cb2 < end)) return IPFRAG_OVERLAP;
    if (!more) this.last = true;
    if (end > this.len) this.len = end;
    if (offset === 0) this.first = true;
    skb.cb2 = offset;
    skb.cb3 = end;
    pieces.splice(i, 0, skb);
    this.meat += end - offset;
    this.dir.bytes += skb.truesize;
    return IPFRAG_OK;
  }

  /** Puts the pieces together at `at`; `dataOf`: where a piece's data begins. Linux: inet_frag_reasm_finish(). */
  gather(b: Uint8Array, at: number, dataOf: (piece: Skb) => number): void {
    for (const p of this.pieces) {
      const from = dataOf(p);
      b.copyWithin(at + p.cb2, from, from + p.cb3 - p.cb2);
    }
  }

  /** Linux: inet_frag_kill(). */
  kill(reason: DropReason): void {
    this.dir.loop.cancel(this.timer);
    this.dir.queues.delete(this.key);
    for (const p of this.pieces) {
      this.dir.bytes -= p.truesize;
      p.slabs.free(p, reason);
    }
    this.pieces.length = 0;
  }
}

/** What the whole packet has of its first fragment. */
export function inherit(whole: Skb, head: Skb): void {
  whole.net = whole.off;
  whole.dev = head.dev;
  whole.iif = head.iif;
  whole.protocol = head.protocol;
  whole.pktType = head.pktType;
  whole.priority = head.priority;
  whole.mark = head.mark;
  whole.rxQueue = head.rxQueue;
  whole.vlanProto = head.vlanProto;
  whole.vlanTci = head.vlanTci;
  whole.tstampNs = head.tstampNs;
  whole.cb0 = head.cb0;
  whole.trace = head.trace;
}
