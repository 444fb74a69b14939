// Findings for people, and as data for programs.

import { printable } from '../../base/printable.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { View } from '../status/view.ts';
import type { Finding, Severity } from './finding.ts';

/** What --fix did about a finding, or would do (`done` false and no `error`). */
export interface FixReport {
  readonly finding: Finding;
  readonly done: boolean;
  /** The check was run again and finds nothing; `partly`: something that has no safe fix. */
  readonly cured: 'yes' | 'partly' | 'no';
  readonly error: string | null;
}

/** `fixes`: with what --fix would do. */
export function findingsText(snapshot: Snapshot, findings: readonly Finding[], fixes: boolean): string {
  if (findings.length === 0) return `nothing suspicious: ${censusText(snapshot)}\n`;
  const all = findings.map((f) => findingText(f, fixes)).join('\n');
  return printable(`${all}\n${countText(findings)}; ${censusText(snapshot)}\n`);
}

function findingText({ severity, code, text, evidence, cure, fix }: Finding, fixes: boolean): string {
  const lines = [`${severity} ${code}: ${text}`, ...evidence.map((e) => `  seen: ${e}`)];
  if (cure !== null) lines.push(`  cure: ${cure}`);
  if (fix !== null && fixes) lines.push(...fix.commands.map((c) => `  --fix: ${c}`));
  return lines.map((l) => `${l}\n`).join('');
}

function countText(findings: readonly Finding[]): string {
  const count = (severity: Severity): string[] => {
    const n = findings.filter((f) => f.severity === severity).length;
    return n === 0 ? [] : [`${n} ${severity}${n === 1 ? '' : 's'}`];
  };
  return [...count('error'), ...count('warning'), ...count('note')].join(', ');
}

/** What was looked at. */
function censusText(snapshot: Snapshot): string {
  const view = new View(snapshot);
  const namespaces = snapshot.namespaces.length;
  const seen = `${plural(view.macvlans.length, 'macvlan')} on ${plural(view.lowers.length, 'device')} in ${plural(namespaces, 'namespace')}`;
  return [seen, ...snapshot.unseen.map((u) => `\nnot seen: ${u}`)].join('');
}

function plural(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? '' : 's'}`;
}

const DONE = { yes: 'cured', partly: 'done; what is left of it has no safe fix', no: 'done, and it is still there' };

/** What --fix is about to do, or has done. */
export function fixesText(reports: readonly FixReport[]): string {
  const texts = reports.map(({ finding, done, cured, error }) => {
    const head = `${finding.code} ${finding.where}`;
    const commands = (finding.fix?.commands ?? []).map((c) => `  ${done ? '+' : ' '} ${c}\n`).join('');
    if (error !== null) return `${head}: not done: ${error}\n${commands}`;
    return `${head}: ${done ? DONE[cured] : 'would do'}\n${commands}`;
  });
  return printable(texts.join(''));
}

export function findingsData(snapshot: Snapshot, findings: readonly Finding[], fixes: readonly FixReport[]): object {
  const told = findings.map(({ fix, ...rest }) => ({ ...rest, fix: fix === null ? null : fix.commands }));
  const done = fixes.map(({ finding, ...rest }) => ({
    code: finding.code,
    where: finding.where,
    commands: finding.fix?.commands ?? [],
    ...rest,
  }));
  return { taken: snapshot.taken, kernel: snapshot.kernel, findings: told, fixes: done, unseen: snapshot.unseen };
}
