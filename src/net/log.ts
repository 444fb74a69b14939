// The kernel's log, as dmesg reads it: numbered lines with a level and a time, in a ring of LOG_LINES. Lines that a frame
// can provoke go through limited(). Linux: kernel/printk/printk.c; net/core/utils.c, net_ratelimit().

import type { Loop } from '../sim/loop.ts';

/** Linux: KERN_CRIT and friends. */
export const LOG_CRIT = 2;
export const LOG_ERR = 3;
export const LOG_WARNING = 4;
export const LOG_NOTICE = 5;
export const LOG_INFO = 6;

export interface LogLine {
  readonly seq: number;
  readonly timeNs: number;
  readonly level: number;
  readonly text: string;
}

/** Most lines that are kept; the oldest go. */
const LOG_LINES = 8192;
/** Linux: net_ratelimit_state, DEFAULT_RATELIMIT_INTERVAL (net.core.message_cost) and _BURST (message_burst). */
const INTERVAL_NS = 5_000_000_000;
const BURST = 10;

export class Log {
  /** They hear every line as it is written. */
  readonly listeners = new Set<(line: LogLine) => void>();
  /** Lines before it were cleared: only who asks for all sees them. Linux: clear_seq. */
  cleared = 0;
  private readonly loop: Loop;
  private lines: LogLine[] = [];
  private seq = 0;
  private windowNs = -1;
  private printed = 0;
  private missed = 0;

  constructor(loop: Loop) {
    this.loop = loop;
  }

  write(text: string, level = LOG_INFO): void {
    const line = { seq: this.seq++, timeNs: this.loop.now, level, text };
    this.lines.push(line);
    if (this.lines.length > 2 * LOG_LINES) this.lines.splice(0, this.lines.length - LOG_LINES);
    for (const listener of this.listeners) listener(line);
  }

  /** Those of the last LOG_LINES lines that are numbered `seq` or more. */
  since(seq: number): LogLine[] {
    const kept = this.lines.slice(-LOG_LINES);
    return kept.filter((line) => line.seq >= seq);
  }

  /** Number of the next line. */
  get next(): number {
    return this.seq;
  }

  /** At most ten lines in five seconds; then says how many were left out. Linux: net_crit_ratelimited() and the like. */
  limited(text: string, level = LOG_CRIT): void {
    const now = this.loop.now;
    if (this.windowNs < 0 || now - this.windowNs >= INTERVAL_NS) {
      if (this.missed > 0) this.write(`net_ratelimit: ${this.missed} callbacks suppressed`, LOG_WARNING);
      this.windowNs = now;
      this.printed = 0;
      this.missed = 0;
    }
    if (this.printed >= BURST) {
      this.missed++;
      return;
    }
    this.printed++;
    this.write(text, level);
  }
}
