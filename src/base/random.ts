// Seeded random streams. One seed, many streams: each is derived from (seed, label), so that a new consumer does not
// disturb the others. Integer arithmetic only, hence the same bits on every engine. Not for cryptography.
// Generator: sfc32 (Chris Doty-Humphrey, PractRand).

export class Stream {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  constructor(seed: number, label: string) {
    const h = hashLabel(label);
    this.a = seed | 0;
    this.b = Math.floor(seed / 0x100000000) | 0;
    this.c = h;
    this.d = 1;
    for (let i = 0; i < 15; i++) this.u32();
  }

  /** A uniform unsigned 32-bit integer. */
  u32(): number {
    return this.i32() >>> 0;
  }

  /** The same bits, signed: an unsigned one that crosses a call is allocated half of the time. */
  private i32(): number {
    const t = (this.a + this.b + this.d) | 0;
    this.d = (this.d + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + t) | 0;
    return t;
  }

  /** A uniform integer in [0, n); n up to 2^32. Rejects to stay unbiased. */
  below(n: number): number {
    if (n <= 1) return 0;
    const limit = 0x100000000 - (((0xffffffff % n) + 1) % n);
    let x = this.i32() >>> 0;
    while (x >= limit) x = this.i32() >>> 0;
    return x % n;
  }

  /** True with probability num/den. */
  chance(num: number, den: number): boolean {
    return this.below(den) < num;
  }

  /** A locally administered unicast MAC as a 48-bit number. Linux: eth_random_addr(). */
  mac(): number {
    const hi = ((this.u32() & 0xffff) | 0x0200) & 0xfeff;
    return hi * 0x100000000 + this.u32();
  }
}

function hashLabel(label: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < label.length; i++) h = Math.imul(h ^ label.charCodeAt(i), 0x01000193);
  return h | 0;
}
