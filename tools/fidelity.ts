// npm run fidelity: writes the table of docs/fidelity.md from the rows beside this file and from what their proofs hold:
// tests in their files, scenarios that must agree (test/conformance/ratchet.json), command lines, recorded exchanges.
// With --check it writes nothing, and fails when the file is not what it would write.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROWS, type Row } from './fidelity-rows.ts';

const BEGIN = '<!-- fidelity: written by `npm run fidelity` -->';
const END = '<!-- end of fidelity -->';

/** The text of docs/fidelity.md with the table brought up to date. Throws when a proof is missing. */
export function withFidelity(root: string, text: string): string {
  const from = text.indexOf(BEGIN);
  const to = text.indexOf(END);
  if (from < 0 || to < from) throw new Error(`docs/fidelity.md has lost its marks: ${BEGIN} and ${END}`);
  return `${text.slice(0, from)}${BEGIN}\n\n${table(root)}\n\n${text.slice(to)}`;
}

function table(root: string): string {
  const read = (path: string): string => {
    if (!existsSync(join(root, path))) throw new Error(`a proof is gone: ${path}`);
    return readFileSync(join(root, path), 'utf8');
  };
  const scenarios = scenariosByGroup(root, read);
  const lines = ROWS.map((row) => `| ${row.what} | ${row.differs || '—'} | ${proofs(row, read, scenarios)} |`);
  return ['| what | where it differs | proved by |', '|---|---|---|', ...lines].join('\n');
}

type Read = (path: string) => string;

function proofs(row: Row, read: Read, scenarios: ReadonlyMap<number, number>): string {
  const out: string[] = [];
  for (const path of row.tests) {
    if (!/^\s*(?:test|it)(?:\.\w+)*\(/m.test(read(path))) throw new Error(`${path} holds no test`);
    out.push(`[${path.replace(/^(src|test)\/|\.test\.ts$/g, '')}](../${path})`);
  }
  for (const group of row.groups ?? []) {
    const count = scenarios.get(group) ?? 0;
    out.push(`conformance group ${group} (${count} scenarios)`);
  }
  if (row.lines !== undefined)
    out.push(`${row.lines.reduce((sum, path) => sum + linesIn(read(path)), 0)} command lines`);
  for (const path of row.golden ?? []) out.push(`golden/${path} (${stepsIn(read(`test/golden/${path}`))} exchanges)`);
  if (row.storms === true) out.push('storms');
  return out.join(', ');
}

function linesIn(text: string): number {
  return text.split('\n').filter((line) => line.trim() !== '' && !/^[#!]/.test(line)).length;
}

function stepsIn(text: string): number {
  return (JSON.parse(text) as { steps: unknown[] }).steps.length;
}

/** Scenarios that are promised to agree, by group. */
function scenariosByGroup(root: string, read: Read): Map<number, number> {
  const { pass } = JSON.parse(read('test/conformance/ratchet.json')) as { pass: string[] };
  const promised = new Set(pass);
  const out = new Map<number, number>();
  for (const file of readdirSync(join(root, 'test/conformance/scenarios'))) {
    if (!file.endsWith('.sh') || !promised.has(file.slice(0, -3))) continue;
    const group = Number(/^# group: (\d+)$/m.exec(read(`test/conformance/scenarios/${file}`))?.[1]);
    out.set(group, (out.get(group) ?? 0) + 1);
  }
  return out;
}

/** Numbers grow with every test that is added; what is checked is that the rows and their proofs are what the page says. */
export function withoutNumbers(text: string): string {
  return text.replace(/\d+/g, 'N');
}

/** The entry point; not when a test imports this file. */
export function main(root: string, args: readonly string[]): number {
  const file = join(root, 'docs/fidelity.md');
  const text = readFileSync(file, 'utf8');
  const now = withFidelity(root, text);
  if (!args.includes('--check')) writeFileSync(file, now);
  else if (withoutNumbers(now) !== withoutNumbers(text)) {
    console.error('docs/fidelity.md is not up to date: run npm run fidelity');
    return 1;
  }
  return 0;
}

if (/fidelity\.ts$/.test(process.argv[1] ?? '')) process.exitCode = main(process.cwd(), process.argv.slice(2));
