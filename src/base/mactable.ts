// MAC address to small integer: open addressing with linear probing in one Int32Array of (high 24, low 24, value, state).
// Keys come straight from a frame as two halves, or as one 48-bit number. Values are 0 or more; -1 means absent.

const FREE = 0;
const USED = 1;
const DEAD = 2;

export class MacTable {
  private cells = new Int32Array(16 * 4);
  private mask = 15;
  private filled = 0;
  /** Keys held. */
  size = 0;

  /** The value of a key, or -1. */
  get(hi: number, lo: number): number {
    const cells = this.cells;
    const mask = this.mask;
    let i = hash(hi, lo) & mask;
    for (;;) {
      const at = i << 2;
      const state = cells[at + 3];
      if (state === FREE) return -1;
      if (cells[at + 1] === lo && cells[at] === hi && state === USED) return cells[at + 2];
      i = (i + 1) & mask;
    }
  }

  getKey(mac: number): number {
    return this.get(Math.floor(mac / 0x1000000), mac % 0x1000000);
  }

  setKey(mac: number, value: number): void {
    this.set(Math.floor(mac / 0x1000000), mac % 0x1000000, value);
  }

  deleteKey(mac: number): boolean {
    return this.delete(Math.floor(mac / 0x1000000), mac % 0x1000000);
  }

  set(hi: number, lo: number, value: number): void {
    if ((this.filled + 1) * 2 > this.mask) this.rehash();
    const cells = this.cells;
    let i = hash(hi, lo) & this.mask;
    let grave = -1;
    for (;;) {
      const at = i << 2;
      const state = cells[at + 3];
      if (state === USED && cells[at + 1] === lo && cells[at] === hi) {
        cells[at + 2] = value;
        return;
      }
      if (state === DEAD && grave < 0) grave = at;
      if (state === FREE) {
        const to = grave >= 0 ? grave : at;
        if (grave < 0) this.filled++;
        cells[to] = hi;
        cells[to + 1] = lo;
        cells[to + 2] = value;
        cells[to + 3] = USED;
        this.size++;
        return;
      }
      i = (i + 1) & this.mask;
    }
  }

  delete(hi: number, lo: number): boolean {
    const cells = this.cells;
    let i = hash(hi, lo) & this.mask;
    for (;;) {
      const at = i << 2;
      const state = cells[at + 3];
      if (state === FREE) return false;
      if (state === USED && cells[at + 1] === lo && cells[at] === hi) {
        cells[at + 3] = DEAD;
        this.size--;
        return true;
      }
      i = (i + 1) & this.mask;
    }
  }

  private rehash(): void {
    const old = this.cells;
    let slots = 16;
    while (slots < (this.size + 1) * 4) slots *= 2;
    this.cells = new Int32Array(slots * 4);
    this.mask = slots - 1;
    this.filled = 0;
    this.size = 0;
    for (let at = 0; at < old.length; at += 4) {
      if (old[at + 3] === USED) this.set(old[at], old[at + 1], old[at + 2]);
    }
  }
}

function hash(hi: number, lo: number): number {
  const h = Math.imul(hi ^ Math.imul(lo, 0x9e3779b1), 0x85ebca6b);
  return h ^ (h >>> 15);
}
