// Records what this machine's kernel answers to a scenario: several runs, of which is kept what was the same in all.

import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Expectation } from './compare.ts';
import { flatten } from './compare.ts';
import type { Run } from './engine.ts';
import { instrument } from './instrument.ts';
import type { Json, JsonObject } from './parse.ts';

/** How much of an answer is kept as a sample for readers. */
const SAMPLE = 4000;

/** What all runs agree on, in the shape of the .expect.json files. */
export function recording(scenario: string, runs: readonly Run[]): Expectation & JsonObject {
  const source = readFileSync(scenario, 'utf8');
  const { probes } = instrument(source, true);
  const [title, group] = source.split('\n').map((line) => line.replace(/^# */, ''));
  const [first, ...others] = runs;
  const notes = new Map(
    source.split('\n').map((text, i) => [i + 1, /#\?\s+[a-z]+\s*(.*)$/.exec(text)?.[1] ?? ''] as const),
  );
  return {
    scenario: basename(scenario, '.sh'),
    title,
    group: Number(group.replace('group: ', '')),
    runs: runs.length,
    stray: first.stray,
    probes: first.probes.map(({ id, cmd, result }) => {
      const flats = [result, ...others.map((run) => run.probes.find((probe) => probe.id === id)?.result ?? {})].map(
        (r) => flatten(r),
      );
      const [one] = flats;
      const expect: JsonObject = {};
      const unstable: string[] = [];
      for (const field of new Set(flats.flatMap((flat) => [...flat.keys()]))) {
        const same = flats.every((flat) => JSON.stringify(flat.get(field)) === JSON.stringify(one.get(field)));
        if (same) expect[field] = one.get(field) as Json;
        else unstable.push(field);
      }
      const line = Number(id.split('.')[0]);
      const kind = probes.get(line)?.kind ?? 'text';
      return {
        id,
        line,
        kind,
        cmd,
        note: notes.get(line) ?? '',
        expect,
        unstable,
        sample: (first.raw.get(id) ?? '').slice(0, SAMPLE),
      };
    }),
  };
}

/** A fresh answer of the kernel in the place of the record: the fields that the record has, so that chance is left out. */
export function refreshed(record: Expectation, fresh: Run): Expectation {
  const probes = record.probes.map((probe) => {
    const result = fresh.probes.find(({ id }) => id === probe.id)?.result;
    const flat: ReadonlyMap<string, Json> = result === undefined ? new Map() : flatten(result);
    const expect: JsonObject = {};
    for (const field of Object.keys(probe.expect)) {
      const value = flat.get(field);
      if (value !== undefined) expect[field] = value;
    }
    return { ...probe, expect };
  });
  return { ...record, probes, stray: fresh.stray };
}

export function expectFile(folder: string, name: string): string {
  return join(folder, `${name}.expect.json`);
}
