// What the runs of all scenarios come to: a table per group, the list that may only shrink, and the README's table.

import type { Difference, Expectation } from './compare.ts';

export const groupNames: Record<number, string> = {
  1: 'the classic demo',
  2: 'pairs of modes on three kinds of wire',
  3: 'the host and its shim',
  4: 'errors: exit code and exact text',
  5: 'source mode',
  6: 'nesting, bridges above and below',
  7: 'life cycle, namespaces, rename, MTU, MAC',
  8: 'ARP',
  9: 'counters, promiscuity, broadcast queue',
  10: 'IPv6',
  11: 'output of ping',
  12: 'JSON and text of ip and ethtool',
};

export interface Outcome {
  expectation: Expectation;
  fields: number;
  agreeing: number;
  differences: Difference[];
  ms: number;
}

/** Scenarios that must pass, and those known to fail, each with the reason. */
export interface Ratchet {
  pass: string[];
  missing: Record<string, string>;
}

interface Row {
  group: number;
  scenarios: number;
  passed: number;
  probes: number;
  probesPassed: number;
  fields: number;
  agreeing: number;
}

export function rowsOf(outcomes: Outcome[]): Row[] {
  const rows = new Map<number, Row>();
  for (const { expectation, fields, agreeing, differences } of outcomes) {
    const group = expectation.group;
    const row = rows.get(group) ?? {
      group,
      scenarios: 0,
      passed: 0,
      probes: 0,
      probesPassed: 0,
      fields: 0,
      agreeing: 0,
    };
    const bad = new Set(differences.map((difference) => difference.id));
    row.scenarios++;
    if (differences.length === 0) row.passed++;
    row.probes += expectation.probes.length;
    row.probesPassed += expectation.probes.filter((probe) => !bad.has(probe.id)).length;
    row.fields += fields;
    row.agreeing += agreeing;
    rows.set(group, row);
  }
  return [...rows.values()].sort((a, b) => a.group - b.group);
}

function totalOf(rows: Row[]): Row {
  const total: Row = { group: 0, scenarios: 0, passed: 0, probes: 0, probesPassed: 0, fields: 0, agreeing: 0 };
  for (const row of rows) {
    total.scenarios += row.scenarios;
    total.passed += row.passed;
    total.probes += row.probes;
    total.probesPassed += row.probesPassed;
    total.fields += row.fields;
    total.agreeing += row.agreeing;
  }
  return total;
}

export function textTable(outcomes: Outcome[]): string {
  const rows = rowsOf(outcomes);
  const line = (name: string, row: Row): string =>
    name.padEnd(46) +
    `${row.passed}/${row.scenarios}`.padStart(9) +
    `${row.probesPassed}/${row.probes}`.padStart(12) +
    `${row.agreeing}/${row.fields}`.padStart(14);
  return [
    `${'group'.padEnd(46)}${'scenarios'.padStart(9)}${'probes'.padStart(12)}${'fields'.padStart(14)}`,
    ...rows.map((row) => line(`${String(row.group).padStart(2)} ${groupNames[row.group] ?? ''}`, row)),
    line('all', totalOf(rows)),
  ].join('\n');
}

export function markdownTable(outcomes: Outcome[]): string {
  const rows = rowsOf(outcomes);
  const total = totalOf(rows);
  return [
    '| group | scenarios that agree | probes that agree |',
    '|---|---|---|',
    ...rows.map(
      (row) =>
        `| ${row.group}: ${groupNames[row.group] ?? ''} | ${row.passed} of ${row.scenarios} | ${row.probesPassed} of ${row.probes} |`,
    ),
    `| all | **${total.passed} of ${total.scenarios}** | ${total.probesPassed} of ${total.probes} |`,
  ].join('\n');
}

const begin = '<!-- conformance: written by `npm run conformance -- --update-readme` -->';
const end = '<!-- end of conformance -->';

/** The text with the table between the two marks replaced; null when the marks are missing. */
export function withTable(readme: string, table: string): string | null {
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) return null;
  return `${readme.slice(0, from + begin.length)}\n\n${table}\n\n${readme.slice(to)}`;
}

export function show(value: unknown): string {
  const text = value === undefined ? '(absent)' : JSON.stringify(value);
  return text.length > 240 ? `${text.slice(0, 240)}...` : text;
}

export interface Verdicts {
  passed: string[];
  regressed: Outcome[];
  missing: string[];
  /** Listed as missing, and passing now. */
  better: string[];
}

export function judge(outcomes: Outcome[], ratchet: Ratchet): Verdicts {
  const verdicts: Verdicts = { passed: [], regressed: [], missing: [], better: [] };
  for (const outcome of outcomes) {
    const name = outcome.expectation.scenario;
    const excused = ratchet.missing[name] !== undefined;
    if (outcome.differences.length === 0) {
      verdicts.passed.push(name);
      if (excused) verdicts.better.push(name);
    } else if (excused) verdicts.missing.push(name);
    else verdicts.regressed.push(outcome);
  }
  return verdicts;
}

/** The list after this run: what passes is promised; a reason that someone wrote is kept; a promise is never taken back. */
export function tightened(outcomes: Outcome[], old: Ratchet): Ratchet {
  const pass = new Set(old.pass);
  const missing = new Map(Object.entries(old.missing));
  for (const { expectation, differences } of outcomes) {
    const name = expectation.scenario;
    if (differences.length === 0) {
      pass.add(name);
      missing.delete(name);
    } else if (!pass.has(name) && /^(?:\d+ differences?, |$)/.test(missing.get(name) ?? '')) {
      const [first] = differences;
      missing.set(name, `${differences.length} differences, the first in \`${first.cmd}\`: ${first.field}`);
    }
  }
  const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return {
    pass: [...pass].sort(byName),
    missing: Object.fromEntries([...missing].sort(([a], [b]) => byName(a, b))),
  };
}
