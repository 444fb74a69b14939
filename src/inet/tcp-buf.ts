// A byte stream in a ring that grows: what was written and is not acknowledged, or was received and is not read.
// The head is the oldest byte. Bound: whoever writes asks the socket's buffer limit first.

const FIRST = 16384;

export class ByteRing {
  length = 0;
  private bytes = new Uint8Array(0);
  private head = 0;

  /** Appends bytes [off, off + n) of `src`. */
  append(src: Uint8Array, off: number, n: number): void {
    if (this.length + n > this.bytes.length) this.grow(this.length + n);
    const size = this.bytes.length;
    const tail = (this.head + this.length) & (size - 1);
    const first = size - tail < n ? size - tail : n;
    this.bytes.set(off === 0 && first === src.length ? src : src.subarray(off, off + first), tail);
    if (first < n) this.bytes.set(src.subarray(off + first, off + n), 0);
    this.length += n;
  }

  /** Copies n bytes, `from` behind the head, to dst[at]. */
  copyTo(from: number, n: number, dst: Uint8Array, at: number): void {
    const size = this.bytes.length;
    const begin = (this.head + from) & (size - 1);
    const first = size - begin < n ? size - begin : n;
    dst.set(this.bytes.subarray(begin, begin + first), at);
    if (first < n) dst.set(this.bytes.subarray(0, n - first), at + first);
  }

  /** Forgets the first n bytes. */
  drop(n: number): void {
    this.length -= n;
    this.head = this.length === 0 ? 0 : (this.head + n) & (this.bytes.length - 1);
  }

  /** A private copy of the first n bytes. */
  peek(n: number): Uint8Array {
    const out = new Uint8Array(n);
    if (n > 0) this.copyTo(0, n, out, 0);
    return out;
  }

  clear(): void {
    this.length = 0;
    this.head = 0;
    this.bytes = new Uint8Array(0);
  }

  private grow(need: number): void {
    let size = this.bytes.length === 0 ? FIRST : this.bytes.length;
    while (size < need) size *= 2;
    const next = new Uint8Array(size);
    if (this.length > 0) this.copyTo(0, this.length, next, 0);
    this.bytes = next;
    this.head = 0;
  }
}
