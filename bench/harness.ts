// The shape of a benchmark, and how one is measured: A and B in turn, five times, the median of each. What is measured is
// in benches/, one file each; the catalogue is in main.ts.

/** One side of a comparison: does the work once and says what it came to, in the bench's unit. */
export type Arm = () => number | Promise<number>;

export interface Prepared {
  value: Arm;
  /** What the value is compared with, in words, and how to measure it. Null: nothing to compare with. */
  baseline: { name: string; run: Arm } | null;
  /** It warms up by itself: no unmeasured run first. */
  warm?: boolean;
  close?: () => void;
}

/**
 * What the ratio (or the value) must reach. `gate`: a run fails when it is missed by more than `slack` allows (1.2: a fifth),
 * since it is robust; other goals are only shown, and fail with --strict.
 */
export interface Goal {
  of: 'ratio' | 'value';
  atLeast?: number;
  atMost?: number;
  gate?: boolean;
  slack?: number;
}

export interface Bench {
  name: string;
  /** One line for people. */
  what: string;
  unit: string;
  better: 'higher' | 'lower';
  goal?: Goal;
  /** `scale` is 1, or less for a short run. Throw a Skip when it cannot be measured here. */
  prepare(scale: number): Prepared | Promise<Prepared>;
}

/** Why a benchmark, or its baseline, cannot run on this machine. */
export class Skip extends Error {}

export interface Result {
  name: string;
  value: number;
  unit: string;
  /** What `baselineName` came to, in the same unit; null when there is nothing to compare with. */
  baseline: number | null;
  baselineName: string | null;
  /** value / baseline */
  ratio: number | null;
  runs: number;
  samples: number[];
  baselineSamples: number[];
}

export function median(samples: number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export async function measure(bench: Bench, runs: number, scale: number): Promise<Result> {
  const { value: run, baseline, warm, close } = await bench.prepare(scale);
  try {
    // Once each, unmeasured: the compiler has seen the code, the caches their data.
    if (warm !== true) await run();
    const samples: number[] = [];
    const baselineSamples: number[] = [];
    for (let i = 0; i < runs; i++) {
      samples.push(await run());
      if (baseline !== null) baselineSamples.push(await baseline.run());
    }
    const value = median(samples);
    const other = baseline === null ? null : median(baselineSamples);
    return {
      name: bench.name,
      value,
      unit: bench.unit,
      baseline: other,
      baselineName: baseline?.name ?? null,
      ratio: other === null ? null : value / other,
      runs,
      samples,
      baselineSamples,
    };
  } finally {
    close?.();
  }
}

/** null: no goal, or nothing to hold it against. `slack`: 1, or more to forgive as much. */
export function meetsGoal({ goal }: Bench, result: Result, slack = 1): boolean | null {
  if (goal === undefined) return null;
  const got = goal.of === 'ratio' ? result.ratio : result.value;
  if (got === null) return null;
  const { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = goal;
  return got * slack >= atLeast && got <= atMost * slack;
}

export function now(): number {
  return performance.now();
}

/** Seconds of wall time that a piece of work takes. */
export function seconds(work: () => void): number {
  const from = now();
  work();
  return (now() - from) / 1000;
}
