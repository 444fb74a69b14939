// What apply remembers of a lab until the next boot. The tags on links and namespaces say what is the lab's; this says where to
// look when a namespace has no name, and which labs were cut short or have lost their file.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { begunOf } from '../lab/apply/apply.ts';
import { type BegunLink, placesOf } from '../lab/apply/desired.ts';
import type { Plan } from '../lab/apply/plan.ts';
import type { Lab, NetnsRef } from '../lab/file/lab.ts';
import { isNamespaceFile } from '../linux/netns.ts';
import { Records } from '../linux/run-dir.ts';
import { isStdin } from './read-input.ts';

export interface LabRecord {
  /** Where the lab file was; null: standard input. */
  readonly file: string | null;
  /** Namespaces that are known by process or path. */
  readonly places: readonly NetnsRef[];
  /** A change was begun, and not ended yet; or never, when its process was killed. */
  readonly unfinished: boolean;
  /** Then: the links that it was about to make, which have no tag at first. */
  readonly begun?: readonly BegunLink[];
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

/** Before a change of the machine: from now on, whoever finds the record knows that it was begun, and what it comes to. */
export function remember(lab: Lab, file: string, plan: Plan): Remembered {
  const records = labRecords();
  const record = recordOf(lab, file);
  return changing(lab.name, record, plan, () => records.write(lab.name, record));
}

/** The same before all of a lab is removed. */
export function rememberRemoval(name: string, plan: Plan): Remembered {
  const records = labRecords();
  const record = records.read(name) ?? { file: null, places: [], unfinished: true };
  return changing(name, record, plan, () => records.remove(name));
}

function changing(name: string, record: LabRecord, plan: Plan, done: () => void): Remembered {
  const records = labRecords();
  const before = records.read(name);
  const places = each([...(before?.places ?? []), ...record.places]);
  const begun = each([...begunBefore(name), ...begunOf(plan)]);
  const unwritten = attempt(() => records.write(name, { ...record, places, unfinished: true, begun }));
  return {
    unwritten,
    done: () => void attempt(done),
    takenBack: () => void attempt(() => (before === null ? records.remove(name) : records.write(name, before))),
  };
}

/** The links that a change was about to make which was cut short. */
export function begunBefore(name: string): readonly BegunLink[] {
  return labRecords().read(name)?.begun ?? [];
}

function each<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
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
