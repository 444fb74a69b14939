// The arena that holds the bytes of every frame of a lab. A buffer is a slot of one of three size classes with a count
// of users: clones share it. Nothing is allocated per frame; the arena doubles when it is full, up to `maxBytes`.
// Growth replaces `bytes` and `view`: read them anew after anything that may take a buffer.

import { assert } from './assert.ts';

/** Room kept in front of a fresh frame for headers that are pushed later. Linux: NET_SKB_PAD and LL_RESERVED_SPACE. */
export const HEADROOM = 128;
/** Odd numbers of cache lines: the same header of many frames then lies in different sets of the cache. */
const CLASS_SIZE = [37 * 64, 161 * 64, 1045 * 64];
const CLASS_BATCH = [256, 32, 8];

export class FrameSlab {
  bytes: Uint8Array;
  view: DataView;
  /** Buffers in use now. */
  live = 0;
  private used = 0;
  private readonly maxBytes: number;
  /** 32-bit: an offset out of a Float64Array would make every field that it is stored in a double. */
  private start = new Int32Array(1024);
  private klass = new Uint8Array(1024);
  private users = new Int32Array(1024);
  private buffers = 0;
  private readonly free: number[][] = [[], [], []];

  constructor(maxBytes = 512 * 1024 * 1024) {
    this.maxBytes = maxBytes;
    this.bytes = new Uint8Array(1 << 21);
    this.view = new DataView(this.bytes.buffer);
  }

  /** A buffer of at least `size` bytes with one user, or -1 when the arena is at its limit. */
  take(size: number): number {
    const c = size <= CLASS_SIZE[0] ? 0 : size <= CLASS_SIZE[1] ? 1 : 2;
    assert(size <= CLASS_SIZE[2], 'a frame larger than 64 KiB');
    const free = this.free[c];
    if (free.length === 0 && !this.extend(c)) return -1;
    const buf = free.pop() as number;
    this.users[buf] = 1;
    this.live++;
    return buf;
  }

  /** One more user of the same bytes. */
  hold(buf: number): void {
    this.users[buf]++;
  }

  /** One user fewer; the last one gives the buffer back. */
  release(buf: number): void {
    const left = --this.users[buf];
    assert(left >= 0, 'a frame buffer was freed twice');
    if (left > 0) return;
    this.live--;
    this.free[this.klass[buf]].push(buf);
  }

  shared(buf: number): boolean {
    return this.users[buf] > 1;
  }

  /** Where the buffer begins in `bytes`, and where it ends. */
  startOf(buf: number): number {
    return this.start[buf];
  }

  endOf(buf: number): number {
    return this.start[buf] + CLASS_SIZE[this.klass[buf]];
  }

  private extend(c: number): boolean {
    const size = CLASS_SIZE[c];
    const need = this.used + size * CLASS_BATCH[c];
    if (need > this.maxBytes) return false;
    if (need > this.bytes.length) {
      const bytes = new Uint8Array(Math.min(this.maxBytes, Math.max(need, this.bytes.length * 2)));
      bytes.set(this.bytes);
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer);
    }
    while (this.buffers + CLASS_BATCH[c] > this.users.length) this.growTables();
    for (let i = CLASS_BATCH[c] - 1; i >= 0; i--) {
      const buf = this.buffers + i;
      this.start[buf] = this.used + i * size;
      this.klass[buf] = c;
      this.free[c].push(buf);
    }
    this.buffers += CLASS_BATCH[c];
    this.used = need;
    return true;
  }

  private growTables(): void {
    const n = this.users.length * 2;
    const start = new Int32Array(n);
    start.set(this.start);
    this.start = start;
    const klass = new Uint8Array(n);
    klass.set(this.klass);
    this.klass = klass;
    const users = new Int32Array(n);
    users.set(this.users);
    this.users = users;
  }
}
