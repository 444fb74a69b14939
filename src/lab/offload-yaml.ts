// A NIC's `offload` in a machine file: fields of its profile's L2 forwarding offload, overridden. docs/machine-file.md has them.

import type { OffloadProfile } from '../drivers/nic/offload-profiles.ts';
import type { Cursor } from './yaml-cursor.ts';

const FIELDS = [
  'stations',
  'queuesPerStation',
  'whenOff',
  'ringOnUpper',
  'rxOnUpper',
  'testsModes',
  'replicates',
  'sourcePruning',
] as const;
const WHEN_OFF = ['release', 'drop', 'ignore'] as const;

/** The profile with the file's changes; null: without the offload (`offload: false`). */
export function readOffload(at: Cursor, base: OffloadProfile | null): OffloadProfile | null {
  if (at.isFlag) {
    if (at.flag() === false) return null;
    if (base === null) at.problem('this profile has no offload to switch on: give its fields');
    return base;
  }
  const f = at.fields(FIELDS);
  if (base === null) {
    at.problem('this profile has no L2 forwarding offload');
    return null;
  }
  const partition = readPartition(f.stations, f.queuesPerStation, base.partition);
  const whenOff = f.whenOff?.text() ?? base.whenOff;
  if (f.whenOff !== undefined && !WHEN_OFF.some((w) => w === whenOff)) f.whenOff.unknown('policy', whenOff, WHEN_OFF);
  return {
    ...base,
    partition,
    whenOff: whenOff as OffloadProfile['whenOff'],
    ringOnUpper: f.ringOnUpper?.flag() ?? base.ringOnUpper,
    rxOnUpper: f.rxOnUpper?.flag() ?? base.rxOnUpper,
    testsModes: f.testsModes?.flag() ?? base.testsModes,
    replicates: f.replicates?.flag() ?? base.replicates,
    sourcePruning: f.sourcePruning?.flag() ?? base.sourcePruning,
  };
}

/** Either of the two makes a division of its own; what is not said is as much as the profile's largest. */
function readPartition(
  stations: Cursor | undefined,
  queues: Cursor | undefined,
  base: OffloadProfile['partition'],
): OffloadProfile['partition'] {
  const n = stations?.integer(1, 255);
  const q = queues?.integer(1, 16);
  if (n == null && q == null) return base;
  if (base.kind === 'fixed') return { kind: 'fixed', stations: n ?? base.stations, queues: q ?? base.queues };
  return { kind: 'fixed', stations: n ?? 16, queues: q ?? 1 };
}
