// What verify found, for people and for programs: the predicted and the measured matrix side by side, then each cell that
// differs or is not as the lab expects, with both sides' evidence.

import { oneLine } from '../../base/printable.ts';
import type { Traffic } from '../file/lab.ts';
import { cellKey, type Outcome } from './cells.ts';
import { broken, type Compared, different, type Verification } from './verify.ts';

/** Wider matrices are counted, not drawn. */
const WIDEST = 12;
/** So many cells are told of in full. */
const TOLD = 40;

export interface VerifyTextOptions {
  /** Whose answers stand on the right: `this machine`, `the sandbox`, `the model`. */
  readonly on: string;
  readonly seed: number;
  /** Every cell's evidence, not only that of those which differ. */
  readonly all: boolean;
}

export function verifyText(v: Verification, options: VerifyTextOptions): string {
  const lines: string[] = [];
  for (const traffic of ['ipv4', 'ipv6', 'broadcast', 'multicast'] as const) {
    const cells = v.cells.filter((c) => c.cell.traffic === traffic);
    if (cells.length === 0) continue;
    lines.push(...(v.parties.length <= WIDEST ? drawn(v, traffic, cells, options.on) : counted(traffic, cells)), '');
  }
  const [differ, against] = [different(v), broken(v)];
  for (const c of options.all ? v.cells : differ.slice(0, TOLD)) lines.push(...told(c, options.on));
  if (!options.all && differ.length > TOLD) lines.push(`... and ${differ.length - TOLD} more differ (--json has all)`);
  for (const c of against.slice(0, TOLD)) lines.push(...expectation(c));
  for (const note of v.notes) lines.push(`note: ${note}`);
  lines.push(summary(v, options));
  return `${lines.map(oneLine).join('\n')}\n`;
}

function summary(v: Verification, { on, seed }: VerifyTextOptions): string {
  const [d, b] = [different(v).length, broken(v).length];
  const expected = v.cells.filter((c) => c.expected !== null).length;
  const agree = d === 0 ? `${on} and the model agree` : `${d} differ${d === 1 ? 's' : ''} between ${on} and the model`;
  const kept =
    expected === 0
      ? ''
      : b === 0
        ? `, and all that is expected holds (${expected})`
        : `, ${b} of ${expected} expectations do not hold`;
  return `${v.lab}: ${v.cells.length} cells, ${agree}${kept} (seed ${seed})`;
}

/** `ok`, `-`, with `!` where the other side says otherwise. */
function word(outcome: Outcome, { differs }: Compared): string {
  return `${outcome.stage === 'no-address' ? '' : outcome.reached ? 'ok' : '-'}${differs ? '!' : ''}`;
}

function drawn(v: Verification, traffic: Traffic, cells: readonly Compared[], on: string): string[] {
  const byPair = new Map(cells.map((c) => [`${c.cell.from} ${c.cell.to}`, c]));
  const names = v.parties.filter((p) => cells.some((c) => c.cell.from === p || c.cell.to === p));
  const wide = Math.max(...names.map((n) => n.length), 3) + 2;
  const first = Math.max(...names.map((n) => n.length + 2), 9) + 2;
  const line = (head: string, side: (name: string, measured: boolean) => string): string => {
    const half = (measured: boolean): string => names.map((n) => side(n, measured).padEnd(wide)).join('');
    return `${head.padEnd(first)}${half(false)}| ${half(true)}`.trimEnd();
  };
  const rows = names.map((from) =>
    line(`  ${from}`, (to, measured) => {
      const c = byPair.get(`${from} ${to}`);
      return c === undefined ? (from === to ? '.' : '') : word(measured ? c.measured : c.predicted, c);
    }),
  );
  const title = `${traffic.padEnd(first)}${'predicted'.padEnd(names.length * wide)}| measured on ${on}`;
  return [title, line('  from', (n) => n), ...rows];
}

function counted(traffic: Traffic, cells: readonly Compared[]): string[] {
  const count = (side: (c: Compared) => Outcome): string => `${cells.filter((c) => side(c).reached).length} ok`;
  const all = `of ${cells.length}`;
  return [`${traffic.padEnd(10)} predicted ${count((c) => c.predicted)}, measured ${count((c) => c.measured)}, ${all}`];
}

function told(c: Compared, on: string): string[] {
  const say = (o: Outcome): string => `${o.reached ? 'ok' : '-'}  ${o.evidence}`;
  return [
    `${cellKey(c.cell)}${c.differs ? ' differs' : ''}`,
    `  predicted: ${say(c.predicted)}`,
    ...(c.reason === null ? [] : [`             ${c.reason}`]),
    `  measured:  ${say(c.measured)} (${on})`,
  ];
}

function expectation({ cell, expected, measured, reason, differs }: Compared): string[] {
  const arrow = expected ? '->' : '-/>';
  const why = reason === null || differs ? [] : [`  ${reason}`]; // of a prediction that was right
  return [`expected ${cell.from} ${arrow} ${cell.to} (${cell.traffic}): ${measured.evidence}`, ...why];
}

/** Everything, as plain data. */
export function verifyData(v: Verification, options: { readonly on: string; readonly seed: number }): object {
  return {
    lab: v.lab,
    measuredOn: options.on,
    seed: options.seed,
    agree: different(v).length === 0,
    asExpected: broken(v).length === 0,
    differences: different(v).length,
    broken: broken(v).length,
    notes: v.notes,
    cells: v.cells,
  };
}
