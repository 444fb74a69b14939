// What a flood counted, as lines and as JSON.

import { errnoName } from '../../../uapi/errno.ts';
import type { FloodOptions } from './options.ts';

export class Report {
  readonly sinceNs: number;
  sent = 0;
  /** By errno name. */
  readonly errors = new Map<string, number>();

  constructor(sinceNs: number) {
    this.sinceNs = sinceNs;
  }

  get attempts(): number {
    return this.sent + this.failed;
  }

  get failed(): number {
    let n = 0;
    for (const count of this.errors.values()) n += count;
    return n;
  }

  /** What one sendto() returned. */
  note(rc: number): void {
    if (rc >= 0) {
      this.sent++;
      return;
    }
    const name = errnoName(-rc) ?? String(-rc);
    this.errors.set(name, (this.errors.get(name) ?? 0) + 1);
  }
}

/** `  0.00-1.00 s   812341 sent   9.57 Gbit/s   1233 refused: ENETDOWN 1233`. */
export function intervalLine(r: Report, startNs: number, nowNs: number, size: number): string {
  const span = [r.sinceNs, nowNs].map((t) => ((t - startNs) / 1e9).toFixed(2)).join('-');
  return `${span.padStart(11)} s  ${counts(r, nowNs, size)}\n`;
}

export function summary(r: Report, nowNs: number, o: FloodOptions): string {
  const ns = nowNs - r.sinceNs;
  if (!o.json) return `${'total'.padStart(11)}    ${counts(r, nowNs, o.size)}\n`;
  const document = {
    to: o.to,
    port: o.port,
    size: o.size,
    ns,
    attempts: r.attempts,
    sent: r.sent,
    bitsPerSecond: Math.round(rate(r, nowNs, o.size)),
    errors: Object.fromEntries([...r.errors].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function counts(r: Report, nowNs: number, size: number): string {
  const errors = [...r.errors].sort(([, a], [, b]) => b - a).map(([name, n]) => `${name} ${n}`);
  const refused = errors.length === 0 ? '' : `  ${r.failed} refused: ${errors.join(', ')}`;
  return `${String(r.sent).padStart(8)} sent  ${rateText(rate(r, nowNs, size)).padStart(13)}${refused}`;
}

function rate(r: Report, nowNs: number, size: number): number {
  const ns = nowNs - r.sinceNs;
  return ns === 0 ? 0 : (r.sent * size * 8e9) / ns;
}

/** Three digits, units of a thousand, as iperf3 counts. */
function rateText(bps: number): string {
  const units = ['bit/s', 'Kbit/s', 'Mbit/s', 'Gbit/s'];
  let value = bps;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value >= 100 || unit === 0 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)} ${units[unit]}`;
}
