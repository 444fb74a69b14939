// The counters under a qdisc, a class or an action. iproute2: tc/tc_util.c, print_tcstats_attr().

import type { QdiscAttrs, TCA_STATS2 } from '../../../uapi/qdisc.ts';
import type { Tc } from './tc.ts';
import { formatSize } from './units.ts';

/** TCA_STATS2 in text and JSON; `indent` begins each line. Gives the kind's own counters, if there are any. */
export function printStats(tc: Tc, attrs: QdiscAttrs, indent: string): Uint8Array | null {
  const { stats2, xstats } = attrs;
  if (stats2 !== undefined) printStats2(tc, stats2, indent);
  return stats2?.app ?? xstats ?? null;
}

export function printStats2(tc: Tc, s: NonNullable<typeof TCA_STATS2.sample>, indent: string): void {
  const { out } = tc;
  if (s.basic !== undefined) {
    const packets = s.pkt64 ?? s.basic.packets;
    out.text(indent);
    out.any('bytes', s.basic.bytes, `Sent ${s.basic.bytes} bytes`);
    out.any('packets', packets, ` ${packets} pkt`);
  }
  const q = s.queue;
  if (q === undefined) return;
  out.any('drops', q.drops, ` (dropped ${q.drops}`);
  out.any('overlimits', q.overlimits, `, overlimits ${q.overlimits}`);
  out.any('requeues', q.requeues, ` requeues ${q.requeues}) `);
  out.newline();
  out.any('backlog', q.backlog, `${indent}backlog ${formatSize(q.backlog)}`);
  out.any('qlen', q.qlen, ` ${q.qlen}p`);
  out.text(` requeues ${q.requeues}`);
}
