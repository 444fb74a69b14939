// Counters of a whole lab at one moment, and what changed between two: devices as user space sees them, and why frames
// ended. Reading changes nothing.

import { dropNames } from '../net/drop.ts';
import type { Kernel } from '../net/kernel.ts';
import { readStats } from '../net/stats.ts';

/** Name of a device or of a drop reason, name of its counter, its value: only what is not 0. */
export type CounterLine = readonly [of: string, counter: string, value: number];

export class Snapshot {
  readonly lines: readonly CounterLine[];

  constructor(lines: readonly CounterLine[]) {
    this.lines = lines;
  }

  /** What was counted since `before`, in this snapshot's order. */
  since(before: Snapshot): CounterLine[] {
    const old = new Map(before.lines.map(([of, counter, value]) => [`${of} ${counter}`, value]));
    return this.lines.flatMap(([of, counter, value]): CounterLine[] => {
      const by = value - (old.get(`${of} ${counter}`) ?? 0);
      return by === 0 ? [] : [[of, counter, by]];
    });
  }

  /** `eth0 txPackets 3`, one per line. */
  text(): string {
    return this.lines.map((l) => l.join(' ')).join('\n');
  }
}

/** Drops come last, as `drop BacklogFull 3`. */
export function snapshot(kernel: Kernel): Snapshot {
  const lines: CounterLine[] = [];
  for (const ns of kernel.namespaces) {
    for (const dev of ns.devices()) {
      for (const [counter, value] of Object.entries(readStats(dev))) {
        if (value !== 0) lines.push([dev.label, counter, value as number]);
      }
    }
  }
  for (let i = 1; i < dropNames.length; i++) {
    if (kernel.skbs.ended[i] !== 0) lines.push(['drop', dropNames[i], kernel.skbs.ended[i]]);
  }
  return new Snapshot(lines);
}
