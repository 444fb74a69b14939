// A prediction for people: the matrix in symbols, one line for each reason with the pairs that it covers, the routes that are
// not simply on the link, and what was expected. And the same as plain data.

import type { Lab, Traffic } from '../file/lab.ts';
import type { Way } from '../measure/cells.ts';
import type { Code } from './codes.ts';
import { type NamedSet, namesText, pairsText } from './groups.ts';
import type { PredictedCell, Prediction } from './predict.ts';
import type { Reason } from './reason.ts';

type Kinds = ReadonlyArray<readonly [Traffic, string]>;

const TRAFFIC: Kinds = [
  ['ipv4', 'IPv4'],
  ['ipv6', 'IPv6'],
  ['broadcast', 'broadcast'],
  ['multicast', 'multicast'],
];

const SYMBOLS: { readonly [C in Code]?: string } = {
  'ok-local': 'l',
  'ok-software': 's',
  'ok-veb': 'v',
  'ok-hairpin': 'h',
  'ok-wire': 'w',
};

const LEGEND: ReadonlyArray<readonly [string, string]> = [
  ['s', 'in software'],
  ['w', 'over the wire'],
  ['h', 'out and back by a hairpin'],
  ['v', "by the NIC's VEB"],
  ['l', 'in one namespace'],
  ['-', 'not'],
  [' ', 'blank: not both have such an address'],
];

/** In larger tables those that are alike share a row. */
const MOST_ROWS = 12;
/** Nobody measures all of a larger one: what is told of it is a list, not a table. */
export const MOST_PARTIES = 100;

export function predictionText(prediction: Prediction, lab: Lab): string {
  const kinds = TRAFFIC.filter(([t]) => prediction.cells.some((c) => c.cell.traffic === t));
  const sets = setsOf(lab);
  return [
    matrixText(prediction, kinds, sets),
    reasonsText(prediction.cells, kinds, sets),
    routesText(prediction.cells),
    expectedText(prediction),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function setsOf(lab: Lab): NamedSet[] {
  const one = lab.networks.length === 1;
  return lab.networks.map(({ name }) => ({
    name: one ? 'all endpoints' : `all of ${name}`,
    members: lab.endpoints.filter((e) => e.network === name).map((e) => e.name),
  }));
}

function symbolOf(reason: Reason | undefined): string {
  return reason === undefined ? ' ' : (SYMBOLS[reason.code] ?? (reason.ok ? 's' : '-'));
}

function matrixText({ parties, cells }: Prediction, kinds: Kinds, sets: readonly NamedSet[]): string {
  if (cells.length === 0 || parties.length > MOST_PARTIES) return '';
  const by = new Map(cells.map((c) => [`${c.cell.from} ${c.cell.to} ${c.cell.traffic}`, c.reason]));
  const field = (from: string, to: string): string =>
    kinds.map(([t]) => symbolOf(by.get(`${from} ${to} ${t}`))).join('');
  const names = parties.map((p) => p.name);
  const rows = names.length > MOST_ROWS ? alike(names, field) : names.map((name) => [name]);
  const heads = rows.map(([name, ...more]) => (more.length === 0 ? name : `${name} +${more.length}`));
  const widths = heads.map((h) => Math.max(h.length, kinds.length));
  const first = Math.max(...heads.map((h) => h.length));
  const line = (head: string, fields: readonly string[]): string =>
    `  ${head.padEnd(first)}  ${fields.map((f, i) => f.padEnd(widths[i])).join('  ')}`.trimEnd();
  const used = new Set(names.flatMap((a) => names.flatMap((b) => (a === b ? [] : [...field(a, b)]))));
  const legend = LEGEND.filter(([s]) => used.has(s)).map(([s, text]) => `${s} ${text}`.trim());
  const inside = (row: readonly string[]): string => (row.length === 1 ? '.' : field(row[0], row[1]));
  return [
    `reachability (from the row to the column: ${kinds.map(([, text]) => text).join(', ')}; ${legend.join(', ')})`,
    line('', heads),
    ...rows.map((from, i) =>
      line(
        heads[i],
        rows.map((to) => (to === from ? inside(from) : field(from[0], to[0]))),
      ),
    ),
    ...rows.flatMap((row, i) => (row.length === 1 ? [] : [`  ${heads[i]}: ${namesText(row, sets)}`])),
    '',
  ].join('\n');
}

/** Parties with equal rows and columns, and equal fields among themselves, as one. */
function alike(names: readonly string[], field: (from: string, to: string) => string): string[][] {
  const groups: string[][] = [];
  const same = (a: string, b: string): boolean =>
    field(a, b) === field(b, a) &&
    names.every((c) => c === a || c === b || (field(a, c) === field(b, c) && field(c, a) === field(c, b)));
  for (const name of names) {
    const group = groups.find((g) => same(g[0], name) && (g.length === 1 || field(g[0], g[1]) === field(g[0], name)));
    if (group === undefined) groups.push([name]);
    else group.push(name);
  }
  return groups;
}

interface Group {
  readonly reason: Reason;
  /** Kinds of traffic by `from to`, and the other way round. */
  readonly pairs: Map<string, string[]>;
}

function reasonsText(cells: readonly PredictedCell[], kinds: Kinds, sets: readonly NamedSet[]): string {
  const groups = new Map<string, Group>();
  for (const { cell, reason } of cells) {
    const key = `${reason.code}\n${reason.text}`;
    const group = groups.get(key) ?? { reason, pairs: new Map<string, string[]>() };
    groups.set(key, group);
    const pair = `${cell.from}\n${cell.to}`;
    const kind = kinds.find(([t]) => t === cell.traffic)?.[1] ?? '';
    group.pairs.set(pair, [...(group.pairs.get(pair) ?? []), kind]);
  }
  const order = [...groups.values()].sort((a, b) => Number(b.reason.ok) - Number(a.reason.ok));
  return order.map((g) => groupText(g, sets)).join('');
}

function groupText({ reason, pairs }: Group, sets: readonly NamedSet[]): string {
  const byKinds = new Map<string, Array<readonly [string, string]>>();
  for (const [pair, kinds] of pairs) {
    const [from, to] = pair.split('\n');
    const key = kinds.join(', ');
    byKinds.set(key, [...(byKinds.get(key) ?? []), [from, to]]);
  }
  const cure = reason.cure === null ? '' : ` (cure: ${reason.cure})`;
  const lines = [...byKinds].map(([kinds, list]) => `      ${pairsText(list, sets)}: ${kinds}`);
  return [`  ${symbolOf(reason)}  ${reason.text}${cure}`, ...lines, ''].join('\n');
}

/** Decisions that are not "on the link, by its own device". */
function routesText(cells: readonly PredictedCell[]): string {
  const lines = new Map<string, string[]>();
  for (const { cell, outcome } of cells) {
    const { there, back } = outcome;
    if (there === null || (there.gateway === null && back !== null && back.gateway === null)) continue;
    const way = `to ${there.destination} ${wayText(there)}; back ${back === null ? 'no route' : wayText(back)}`;
    const key = `${cell.from}\n${way}`;
    lines.set(key, [...(lines.get(key) ?? []), cell.to]);
  }
  if (lines.size === 0) return '';
  const text = [...lines].map(([key, tos]) => {
    const [from, way] = key.split('\n');
    return `  ${from} -> ${namesText(tos, [])}: ${way}\n`;
  });
  return `routes that are not on the link\n${text.join('')}`;
}

function wayText({ device, gateway, source }: Way): string {
  return `${gateway === null ? 'on the link' : `via ${gateway}`} by ${device} from ${source}`;
}

function expectedText({ expectations }: Prediction): string {
  if (expectations.length === 0) return '';
  const lines = expectations.map(({ expectation: e, met, reason }) => {
    const arrow = e.reach ? '->' : '-/>';
    const traffic = e.traffic === 'ipv4' ? '' : ` (${e.traffic})`;
    return `  ${met ? 'met   ' : 'BROKEN'} ${e.from} ${arrow} ${e.to}${traffic}${met ? '' : `: ${reason.text}`}\n`;
  });
  const broken = expectations.filter((e) => !e.met).length;
  const sum = broken === 0 ? `all ${expectations.length} met` : `${broken} of ${expectations.length} broken`;
  return `expectations: ${sum}\n${lines.join('')}`;
}

export function predictionData({ parties, cells, expectations }: Prediction): object {
  return {
    parties: parties.map((p) => p.name),
    cells: cells.map(({ cell, outcome, reason }) => ({
      ...cell,
      reached: outcome.reached,
      stage: outcome.stage,
      reason,
      there: outcome.there,
      back: outcome.back,
    })),
    expectations: expectations.map(({ expectation, met, reason }) => ({ ...expectation, met, reason: reason.text })),
  };
}
