// The status for people: a table of macvlans, and one of the devices that carry them.

import { printable } from '../../base/printable.ts';
import type { Counters, LowerRow, MacvlanRow, Status } from './rows.ts';
import { type Column, tableLines } from './table.ts';

/** `width`: the terminal's; null: a pipe or a file, where nothing is cut or left out. */
export function statusText(status: Status, width: number | null): string {
  const { macvlans, lowers, unseen } = status;
  const notes = unseen.map((u) => `not seen: ${u}`);
  if (macvlans.length === 0) return lines(['no macvlan on this machine', ...notes]);
  const lowerTable = lowers.length === 0 ? [] : ['', ...tableLines(lowerColumns(lowers), width)];
  return lines([...tableLines(macvlanColumns(macvlans), width), ...lowerTable, ...notes]);
}

function lines(all: readonly string[]): string {
  return printable(all.map((l) => `${l}\n`).join(''));
}

function macvlanColumns(rows: readonly MacvlanRow[]): Column[] {
  const column = (title: string, keep: number, cell: (row: MacvlanRow) => string, right = false): Column => ({
    title,
    keep,
    cells: rows.map(cell),
    right,
  });
  return [
    column('NAMESPACE', 0, (r) => (r.namespace === '' ? 'host' : r.namespace)),
    ...some(
      rows,
      (r) => r.holder !== null,
      column('HELD BY', 5, (r) => r.holder ?? '-'),
    ),
    column('DEVICE', 0, (r) => r.name),
    ...some(
      rows,
      (r) => r.kind !== 'macvlan',
      column('KIND', 2, (r) => r.kind),
    ),
    column('MODE', 9, (r) => r.mode),
    column('MAC', 6, (r) => r.mac ?? '-'),
    column('ADDRESSES', 8, (r) => r.addresses.join(' ') || '-'),
    column('LOWER', 10, (r) => r.lower ?? '?'),
    column('STATE', 0, (r) => r.state),
    column('OFFLOAD', 3, (r) => (r.offload === 'none' ? '-' : r.offload)),
    column('RX', 7, (r) => traffic(r, 'rx'), true),
    column('TX', 7, (r) => traffic(r, 'tx'), true),
    column('DROPS', 4, drops, true),
    column('BCQUEUE', 1, queue, true),
    ...some(
      rows,
      (r) => r.lab !== null,
      column('LAB', 5, (r) => r.lab ?? '-'),
    ),
  ];
}

/** A column that says nothing of any row is left out. */
function some<R>(rows: readonly R[], has: (row: R) => boolean, column: Column): Column[] {
  return rows.some(has) ? [column] : [];
}

function lowerColumns(rows: readonly LowerRow[]): Column[] {
  const column = (title: string, keep: number, cell: (row: LowerRow) => string, right = false): Column => ({
    title,
    keep,
    cells: rows.map(cell),
    right,
  });
  return [
    column('LOWER', 0, (r) => r.device),
    column('KIND', 4, (r) => r.kind || r.driver || 'hardware'),
    column('STATE', 0, (r) => (r.master === null ? r.state : `${r.state}, port of ${r.master}`)),
    column('MTU', 5, (r) => String(r.mtu), true),
    column('MACVLANS', 9, (r) => String(r.macvlans), true),
    column('OFFLOAD', 6, (r) => (r.offload === 'none' ? '-' : r.offload)),
    column('TX QUEUES', 3, queues),
    column('QDISC', 3, (r) => r.qdisc),
    column('ASKED MACS', 2, (r) => String(r.fdb.length), true),
    column('PROMISC', 2, (r) => String(r.promiscuity), true),
    column('BCQUEUE', 4, (r) => String(r.bcQueue ?? '-'), true),
    column('RX', 7, (r) => traffic(r, 'rx'), true),
    column('TX', 7, (r) => traffic(r, 'tx'), true),
    column('DROPS', 8, drops, true),
  ];
}

function queues({ txQueues, lentQueues }: LowerRow): string {
  return lentQueues.length === 0 ? String(txQueues) : `${txQueues}, lent ${lentQueues.join(' ')}`;
}

interface Counted {
  readonly counters: Counters;
  readonly rates: Counters | null;
}

/** `12k 3.4M`: packets and bytes; with rates, both a second. */
function traffic({ counters, rates }: Counted, way: 'rx' | 'tx'): string {
  const c = rates ?? counters;
  const [packets, bytes] = way === 'rx' ? [c.rxPackets, c.rxBytes] : [c.txPackets, c.txBytes];
  const unit = rates === null ? '' : '/s';
  return `${short(packets)}p${unit} ${short(bytes)}B${unit}`;
}

/** All since it was made; with rates, what is lost a second where something is. */
function drops({ counters, rates }: Counted): string {
  const all = counters.rxDropped + counters.txDropped;
  const now = rates === null ? 0 : rates.rxDropped + rates.txDropped;
  return now === 0 ? short(all) : `${short(all)} +${short(now)}/s`;
}

/** The limit that holds on the lowerdev; what this one asked for where that is another. */
function queue({ bcQueue: { limit, used } }: MacvlanRow): string {
  if (used === null && limit === null) return '-';
  return used === null || limit === null || used === limit ? String(used ?? limit) : `${used} (asked ${limit})`;
}

const UNITS = ['', 'k', 'M', 'G', 'T', 'P'];

/** Three digits and a unit of thousands: 12345 is `12.3k`. */
export function short(n: number): string {
  let value = n;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 ? (Number.isInteger(value) || value >= 100 ? 0 : 1) : value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)}${UNITS[unit]}`;
}
