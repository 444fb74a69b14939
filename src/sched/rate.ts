// A rate in bytes per second as qdiscs reckon with it: time of a length, length in a time, in the kernel's integers.
// Linux: net/sched/sch_generic.c, struct psched_ratecfg, psched_ratecfg_precompute(); include/net/sch_generic.h.

import type { TcRateSpec } from '../uapi/qdisc.ts';

export class Rate {
  readonly bytesPerSecond: number;
  readonly overhead: number;
  readonly linklayer: number;
  /** mult / 2^shift: exact in a double, as mult has 32 bits. */
  readonly nsPerByte: number;

  /** `wide`: the rate when it does not fit the spec's 32 bits, else 0. */
  constructor(spec: TcRateSpec | null, wide: number) {
    this.bytesPerSecond = spec === null ? 0 : Math.max(spec.rate, wide);
    this.overhead = spec?.overhead ?? 0;
    this.linklayer = (spec?.linklayer ?? 0) & 0x0f;
    this.nsPerByte = multOf(this.bytesPerSecond);
  }

  /** ns that so many bytes take. Linux: psched_l2t_ns(). */
  timeOf(len: number): number {
    return Math.floor((len + this.overhead) * this.nsPerByte);
  }

  /** Bytes that go in so many ns. Linux: psched_ns_t2l(). */
  bytesIn(ns: number): number {
    const len = Number((BigInt(ns) * BigInt(this.bytesPerSecond)) / 1_000_000_000n);
    return Math.min(0xffffffff, len > this.overhead ? len - this.overhead : 0);
  }

  /** struct tc_ratespec. Linux: psched_ratecfg_getrate(). */
  spec(): TcRateSpec {
    const rate = Math.min(this.bytesPerSecond, 0xffffffff);
    return { cellLog: 0, linklayer: this.linklayer, overhead: this.overhead, cellAlign: 0, mpu: 0, rate };
  }
}

function multOf(rate: number): number {
  if (rate === 0) return 1;
  let factor = 1_000_000_000n;
  for (let shift = 0; ; shift++) {
    const mult = factor / BigInt(rate);
    if (mult >= 0x8000_0000n || factor >= 0x8000_0000_0000_0000n) return Number(mult) / 2 ** shift;
    factor <<= 1n;
  }
}
