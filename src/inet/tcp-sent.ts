// The scoreboard: one entry for every segment that was sent and is not acknowledged, oldest first, in a ring of plain
// numbers. An entry is at most one MSS long, also when the frame that carried it was larger: what Linux counts in
// tcp_skb_pcount() is counted in entries here. Linux: the rtx queue, TCP_SKB_CB()->sacked.

export const SENT_SACKED = 1;
export const SENT_LOST = 2;
/** Sent again, and that copy is still under way. */
export const SENT_RETRANS = 4;
export const SENT_EVER_RETRANS = 8;
export const SENT_FIN = 16;

export class SentQueue {
  count = 0;
  seq = new Int32Array(64);
  /** Sequence space, the FIN included. */
  len = new Int32Array(64);
  flags = new Uint8Array(64);
  /** Virtual ns when it was sent last. */
  sentNs = new Float64Array(64);
  private head = 0;

  /** Where the i-th oldest entry lies in the arrays. */
  at(i: number): number {
    return (this.head + i) & (this.seq.length - 1);
  }

  /** Its time of sending is the caller's to set. Returns where it lies. */
  push(seq: number, len: number, flags: number): number {
    if (this.count === this.seq.length) this.grow(this.count * 2);
    const at = this.at(this.count++);
    this.seq[at] = seq;
    this.len[at] = len;
    this.flags[at] = flags;
    return at;
  }

  dropFirst(): void {
    this.head = (this.head + 1) & (this.seq.length - 1);
    this.count--;
  }

  /** The first `n` bytes of the oldest entry were acknowledged. */
  trimFirst(n: number): void {
    this.seq[this.head] += n;
    this.len[this.head] -= n;
  }

  /** Cuts entries that are longer than `mss` (the path's MTU fell). Linux: tcp_fragment() as each is sent again. */
  resegment(mss: number): void {
    const old = new SentQueue();
    for (let i = 0; i < this.count; i++) {
      const at = this.at(i);
      const flags = this.flags[at];
      let left = this.len[at];
      let seq = this.seq[at];
      do {
        const fin = (flags & SENT_FIN) !== 0;
        const take = left > mss + (fin ? 1 : 0) ? mss : left;
        const last = take === left;
        const to = old.push(seq, take, last ? flags : flags & ~SENT_FIN);
        old.sentNs[to] = this.sentNs[at];
        seq = (seq + take) | 0;
        left -= take;
      } while (left > 0);
    }
    this.seq = old.seq;
    this.len = old.len;
    this.flags = old.flags;
    this.sentNs = old.sentNs;
    this.count = old.count;
    this.head = 0;
  }

  clear(): void {
    this.count = 0;
  }

  private grow(size: number): void {
    const seq = new Int32Array(size);
    const len = new Int32Array(size);
    const flags = new Uint8Array(size);
    const sentNs = new Float64Array(size);
    for (let i = 0; i < this.count; i++) {
      const at = this.at(i);
      seq[i] = this.seq[at];
      len[i] = this.len[at];
      flags[i] = this.flags[at];
      sentNs[i] = this.sentNs[at];
    }
    this.seq = seq;
    this.len = len;
    this.flags = flags;
    this.sentNs = sentNs;
    this.head = 0;
  }
}
