// Carries out the fixes of findings one after the other, each checked afterwards by the check that found it.

import type { Snapshot } from '../snapshot/snapshot.ts';
import { diagnose } from './catalogue.ts';
import type { FixReport } from './doctor-text.ts';
import type { Finding } from './finding.ts';
import { carryOut, type DoctorKernel } from './fix.ts';

/** Those that have a fix. */
export function curable(findings: readonly Finding[]): Finding[] {
  return findings.filter((f) => f.fix !== null);
}

/** `read` takes a new snapshot. Before each fix the machine is looked at again: an earlier one may have cured it too. */
export async function treat(
  kernel: DoctorKernel,
  read: () => Snapshot,
  wanted: readonly string[],
  findings: readonly Finding[],
): Promise<FixReport[]> {
  const reports: FixReport[] = [];
  for (const { code, where } of curable(findings)) {
    const same = (f: Finding): boolean => f.code === code && f.where === where && f.fix !== null;
    const snapshot = read();
    const finding = diagnose(snapshot, wanted).find(same);
    if (finding === undefined || finding.fix === null) continue;
    try {
      await carryOut(kernel, snapshot, finding.fix);
      const left = diagnose(read(), wanted).find((f) => f.code === code && f.where === where);
      const cured = left === undefined ? 'yes' : left.fix === null ? 'partly' : 'no';
      reports.push({ finding, done: true, cured, error: null });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      reports.push({ finding, done: false, cured: 'no', error: error.message });
    }
  }
  return reports;
}
