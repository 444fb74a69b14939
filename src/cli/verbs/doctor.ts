// lowerdev doctor: what is suspicious, and with --fix what would cure it, or its cure.
// Exit codes: 0 nothing found or all cured, 1 findings, 2 bad input, 3 the lab is refused, 4 not allowed.

import { confirmed, diagnose } from '../../lab/doctor/catalogue.ts';
import { type FixReport, findingsData, findingsText, fixesText } from '../../lab/doctor/doctor-text.ts';
import type { Finding } from '../../lab/doctor/finding.ts';
import { curable, treat } from '../../lab/doctor/treat.ts';
import type { Snapshot } from '../../lab/snapshot/snapshot.ts';
import { answering } from '../lab-change.ts';
import { lockMachine } from '../lab-file.ts';
import { type Look, type LookOptions, looking, lowersOf } from '../look.ts';
import { Usage } from '../usage.ts';

export interface DoctorOptions extends LookOptions {
  fix?: boolean;
  yes?: boolean;
  json?: boolean;
}

const LOCK_WAIT_MS = 10_000;
const AGAIN_NS = 300e6;

export async function doctor(options: DoctorOptions): Promise<number> {
  if (options.yes === true && options.fix !== true) throw new Usage('--yes goes with --fix');
  if (options.fix === true && options.snapshot !== undefined) throw new Usage('a saved snapshot cannot be fixed');
  return answering(options, () => looking(options, (look) => examine(look, options)));
}

async function examine(look: Look, options: DoctorOptions): Promise<number> {
  const wanted = lowersOf(look.lab);
  const { snapshot, findings } = await lookTwice(look, wanted);
  const fixable = curable(findings);
  if (options.fix !== true || fixable.length === 0 || look.kernel === null) {
    const none = options.fix === true && findings.length > 0 ? 'nothing of it can safely be fixed by itself\n' : '';
    show(snapshot, findings, [], options, none);
    return findings.length > 0 ? 1 : 0;
  }
  if (options.yes !== true) {
    const reports = fixable.map((finding) => ({ finding, done: false, cured: 'no' as const, error: null }));
    show(snapshot, findings, reports, options, `\n${fixesText(reports)}`);
    process.stderr.write('lowerdev: nothing was changed; --yes does it\n');
    return 1;
  }
  const unlock = options.engine === 'model' ? () => {} : await lockMachine(LOCK_WAIT_MS);
  let reports: FixReport[];
  try {
    reports = await treat(look.kernel, look.read, wanted, findings);
  } finally {
    unlock();
  }
  const after = look.read();
  const left = diagnose(after, wanted);
  show(after, left, reports, options, '', `${fixesText(reports)}\n`);
  if (reports.some((r) => r.error !== null && /\b(EPERM|EACCES)\b/.test(r.error))) {
    process.stderr.write('lowerdev: this takes root, or CAP_NET_ADMIN and CAP_NET_RAW\n');
    return 4;
  }
  return left.length > 0 ? 1 : 0;
}

/** A live machine is looked at again before anything is said of it. */
async function lookTwice(look: Look, wanted: readonly string[]): Promise<{ snapshot: Snapshot; findings: Finding[] }> {
  const first = look.read();
  const findings = diagnose(first, wanted);
  if (findings.length === 0 || look.kernel === null) return { snapshot: first, findings };
  await look.kernel.pause(AGAIN_NS);
  const snapshot = look.read();
  return { snapshot, findings: confirmed(findings, diagnose(snapshot, wanted)) };
}

function show(
  snapshot: Snapshot,
  findings: readonly Finding[],
  reports: readonly FixReport[],
  { json, fix }: DoctorOptions,
  below: string,
  above = '',
): void {
  const text = json
    ? `${JSON.stringify(findingsData(snapshot, findings, reports), null, 2)}\n`
    : `${above}${findingsText(snapshot, findings, fix !== true)}${below}`;
  process.stdout.write(text);
}
