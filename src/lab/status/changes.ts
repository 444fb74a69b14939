// What differs between two statuses, counters aside: what `status --watch` tells.

import { printable } from '../../base/printable.ts';
import type { LowerRow, MacvlanRow, Status } from './rows.ts';

export interface Change {
  readonly change: 'present' | 'added' | 'removed' | 'changed';
  readonly device: string;
  /** The fields that differ, each with what it was and is; of a device that is new or gone all are in `row`. */
  readonly fields: Readonly<Record<string, { readonly was: unknown; readonly is: unknown }>>;
  readonly row: MacvlanRow | LowerRow;
}

/** `before` null: everything is `present`. */
export function changesBetween(before: Status | null, after: Status): Change[] {
  const then = before === null ? new Map<string, Row>() : rowsByKey(before);
  const now = rowsByKey(after);
  const out: Change[] = [];
  for (const [key, row] of then) {
    if (!now.has(key)) out.push({ change: 'removed', device: row.device, fields: {}, row });
  }
  for (const [key, row] of now) {
    const was = then.get(key);
    if (was === undefined) {
      out.push({ change: before === null ? 'present' : 'added', device: row.device, fields: {}, row });
      continue;
    }
    const fields = fieldsBetween(was, row);
    if (Object.keys(fields).length > 0) out.push({ change: 'changed', device: row.device, fields, row });
  }
  return out;
}

type Row = MacvlanRow | LowerRow;

/** Macvlans first: a device may be both, and then it has two rows. */
function rowsByKey({ macvlans, lowers }: Status): Map<string, Row> {
  return new Map<string, Row>([
    ...macvlans.map((row) => [`macvlan ${row.namespaceId} ${row.name}`, row] as const),
    ...lowers.map((row) => [`lower ${row.device}`, row] as const),
  ]);
}

/** Counters; and a list that a row of its own follows for each entry. */
const MOVING = new Set(['counters', 'rates', 'fdb']);

function fieldsBetween(was: Row, is: Row): Change['fields'] {
  const out: Record<string, { was: unknown; is: unknown }> = {};
  const now = new Map<string, unknown>(Object.entries(is));
  for (const [name, value] of Object.entries(was)) {
    if (MOVING.has(name) || JSON.stringify(value) === JSON.stringify(now.get(name))) continue;
    out[name] = { was: value, is: now.get(name) };
  }
  return out;
}

/** `~ blue/eth0: state up -> lower down`. */
export function changeText(change: Change): string {
  return printable(wordsOf(change));
}

function wordsOf({ change, device, fields, row }: Change): string {
  if (change === 'removed') return `- ${device}`;
  if (change === 'changed') {
    const parts = Object.entries(fields).map(([name, { was, is }]) => `${name} ${valueText(was)} -> ${valueText(is)}`);
    return `~ ${device}: ${parts.join(', ')}`;
  }
  const what =
    'mode' in row
      ? [row.kind, row.mode, row.mac ?? '', ...row.addresses, `on ${row.lower ?? '?'}`]
      : ['carries', String(row.macvlans), row.macvlans === 1 ? 'macvlan' : 'macvlans'];
  return `${change === 'present' ? ' ' : '+'} ${device}: ${[...what, row.state].filter((t) => t !== '').join(' ')}`;
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(' ');
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
