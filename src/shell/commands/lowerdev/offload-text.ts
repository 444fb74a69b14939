// The offload report for people.

import type { LowerReport, MacvlanReport, OffloadReport } from '../../../lab/os.ts';

interface Range {
  readonly offset: number;
  readonly count: number;
}

export function offloadText(report: OffloadReport): string {
  if (report.lowers.length === 0) return 'There is no NIC with L2 forwarding offload, and no macvlan.\n';
  return report.lowers.map(lowerText).join('\n');
}

function lowerText(lower: LowerReport): string {
  const out = [head(lower)];
  if (lower.macvlans.length === 0) out.push('  no macvlan');
  else out.push(...table(lower.macvlans));
  for (const warning of lower.warnings) out.push(`  warning: ${warning}`);
  return `${out.join('\n')}\n`;
}

function head(lower: LowerReport): string {
  const o = lower.offload;
  if (o === null) return `${lower.device}: no L2 forwarding offload`;
  const { used, max, free } = o.stations;
  const facts = [
    `${used} of ${max} stations used (${free} free)`,
    `${o.vsis} VSI${o.vsis === 1 ? '' : 's'}`,
    `own queues ${rangeText(o.queues.own)}`,
    o.queues.perStation === 0 ? 'stations share them' : `${o.queues.perStation} a station`,
  ];
  return `${lower.device} (${o.profile}): l2-fwd-offload ${o.enabled ? 'on' : 'off'}, ${o.hwmode.toUpperCase()}\n  ${facts.join(', ')}`;
}

function table(macvlans: readonly MacvlanReport[]): string[] {
  const rows = macvlans.map((m) => [
    m.device,
    m.mode,
    m.station === null ? '-' : String(m.station),
    m.sinceNs === null ? '-' : `${(m.sinceNs / 1e9).toFixed(3)} s`,
    rangeText(m.tx),
    rangeText(m.rx),
    m.offloaded ? (m.why === '' ? 'by the NIC' : m.why) : m.up ? `in software: ${m.why}` : m.why,
  ]);
  const titles = ['macvlan', 'mode', 'station', 'since', 'tx', 'rx', 'forwarded'];
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  const line = (row: readonly string[]): string =>
    `  ${row
      .map((cell, i) => cell.padEnd(widths[i]))
      .join('  ')
      .trimEnd()}`;
  return [
    line(titles),
    ...rows.flatMap((row, i) => {
      const { cure } = macvlans[i];
      return cure === '' ? [line(row)] : [line(row), `      to change that: ${cure}`];
    }),
  ];
}

function rangeText(range: Range | null): string {
  if (range === null || range.count === 0) return '-';
  return range.count === 1 ? String(range.offset) : `${range.offset}-${range.offset + range.count - 1}`;
}
