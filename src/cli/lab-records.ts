// What apply remembers of a lab until the next boot. The tags on links and namespaces say what is the lab's; this says where to
// look when a namespace has no name, and which labs were cut short or have lost their file.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { placesOf } from '../lab/apply/desired.ts';
import type { Lab, NetnsRef } from '../lab/file/lab.ts';
import { isNamespaceFile } from '../linux/netns.ts';
import { Records } from '../linux/run-dir.ts';
import { isStdin } from './lab-file.ts';

export interface LabRecord {
  /** Where the lab file was; null: standard input. */
  readonly file: string | null;
  /** Namespaces that are known by process or path. */
  readonly places: readonly NetnsRef[];
  /** A change was begun, and not ended yet; or never, when its process was killed. */
  readonly unfinished: boolean;
}

export function labRecords(): Records<LabRecord> {
  return new Records('labs');
}

export interface Remembered {
  /** What the system says when it cannot be recorded; null: it was. */
  readonly unwritten: string | null;
  /** The change is done. */
  done(): void;
  /** It was taken back: what was recorded before holds again. */
  takenBack(): void;
}

/** Before a change of the machine: from now on, whoever finds the record knows that it was begun. */
export function remember(lab: Lab, file: string): Remembered {
  const records = labRecords();
  const before = records.read(lab.name);
  const record = recordOf(lab, file);
  const both = [...new Map([...(before?.places ?? []), ...record.places].map((p) => [JSON.stringify(p), p])).values()];
  const unwritten = attempt(() => records.write(lab.name, { ...record, places: both, unfinished: true }));
  return {
    unwritten,
    done: () => void attempt(() => records.write(lab.name, record)),
    takenBack: () => void attempt(() => (before === null ? records.remove(lab.name) : records.write(lab.name, before))),
  };
}

/** Nothing had to be changed: the file that was applied may be another one, and the record may have gone. */
export function renew(lab: Lab, file: string): void {
  const records = labRecords();
  const record = recordOf(lab, file);
  if (JSON.stringify(records.read(lab.name)) !== JSON.stringify(record)) attempt(() => records.write(lab.name, record));
}

function recordOf(lab: Lab, file: string): LabRecord {
  return { file: isStdin(file) ? null : resolve(file), places: nameless(placesOf(lab)), unfinished: false };
}

/** Where a lab may have something, beyond the namespaces with names. */
export function placesKnown(name: string, lab: Lab | null): NetnsRef[] {
  const places = [...(lab === null ? [] : placesOf(lab)), ...(labRecords().read(name)?.places ?? [])];
  // Whatever was bound to a plain file is bound no more, and nothing can be in it.
  return places.filter((p) => p.kind !== 'path' || isNamespaceFile(p.path) !== false);
}

/** Why a lab counts as abandoned; null: it does not. */
export function whyAbandoned(record: LabRecord): string | null {
  if (record.unfinished) return 'a change of it was cut short';
  if (record.file !== null && !existsSync(record.file)) return `its file ${record.file} is gone`;
  return null;
}

function nameless(places: readonly NetnsRef[]): NetnsRef[] {
  return places.filter((p) => p.kind === 'pid' || p.kind === 'path');
}

function attempt(body: () => void): string | null {
  try {
    body();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
