// What the garbage collector gets from a frame between sendTo() and the reader: nothing. Measured in a process of its own
// (bench/alloc/child.ts); the reader takes datagrams in place, since recv() gives a private copy by contract.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Path } from '../alloc/child.ts';
import { type Bench, median } from '../harness.ts';

declare const REPOSITORY: string;

/** No collection below this many megabytes: a window would have to allocate more than 600 bytes a frame to hide some. */
const YOUNG_MB = 128;

/** Bytes that asking for the size of the heap may be off by. */
const A_FEW = 16_384;

/** Bytes per frame of the path that allocates most: the median of its windows, to a hundredth. */
export function worst(paths: Path[]): number {
  let most = 0;
  for (const { path, frames, bytes } of paths) {
    if (frames === 0) throw new Error(`${path}: no frame arrived`);
    if (path.startsWith('control')) {
      if (Math.max(...bytes) < 64 * frames) throw new Error(`${path}: nothing seen, so nothing is measured: ${bytes}`);
      continue;
    }
    if (Math.min(...bytes) < -A_FEW) throw new Error(`${path}: the collector ran: ${bytes}`);
    most = Math.max(most, Math.round((100 * median(bytes)) / frames) / 100);
  }
  return most;
}

export const alloc: Bench = {
  name: 'model-alloc',
  what: 'allocated per frame: over cables, between macvlans, and in a flood (the worst of them)',
  unit: 'bytes/frame',
  better: 'lower',
  goal: { of: 'value', atMost: 0, gate: true },
  prepare(scale) {
    const frames = Math.max(100_000, Math.round(200_000 * scale));
    const flags = [`--min-semi-space-size=${YOUNG_MB}`, `--max-semi-space-size=${YOUNG_MB}`];
    const argv = [
      ...flags,
      join(REPOSITORY, 'tools/run.mjs'),
      join(REPOSITORY, 'bench/alloc/child.ts'),
      String(frames),
    ];
    const run = (): number => worst(JSON.parse(execFileSync(process.execPath, argv, { encoding: 'utf8' })) as Path[]);
    return { value: run, baseline: null, warm: true };
  },
};
