// Compares what an engine answered with what a real kernel answered. Only the fields that the recording kept are compared,
// each exactly; a device, route, address or neighbour too many is a difference, an unknown attribute of a device is not.

import { type Json, type JsonObject, linesOf } from './parse.ts';

export interface Expectation {
  scenario: string;
  title?: string;
  group: number;
  stray?: string;
  probes: Array<{ id: string; cmd: string; kind: string; expect: JsonObject }>;
}

export interface Actual {
  timedOut: boolean;
  stray: string;
  probes: Array<{ id: string; cmd: string; result: JsonObject }>;
}

export interface Difference {
  id: string;
  cmd: string;
  field: string;
  want: Json | undefined;
  got: Json | undefined;
}

const keyed = ['json', 'features', 'replies_before_last', 'info_data', 'addr_info'];

/** One level of path to value. Containers leave their keys or their length, so that nothing extra goes unseen. */
export function flatten(value: Json, path = '', out: Map<string, Json> = new Map()): Map<string, Json> {
  if (Array.isArray(value)) {
    if (!value.some((entry) => typeof entry === 'object' && entry !== null)) return out.set(path, value);
    out.set(`${path}[len]`, value.length);
    value.forEach((entry, i) => {
      flatten(entry, `${path}/${i}`, out);
    });
    return out;
  }
  if (typeof value !== 'object' || value === null) return out.set(path, value);
  const keys = Object.keys(value);
  if (keys.length === 0) out.set(`${path}{}`, true);
  for (const key of keys) flatten(value[key], `${path === '' ? '' : `${path}/`}${key.replaceAll('/', '|')}`, out);
  if (keyed.some((end) => path.endsWith(end)) || path.includes('/addr_info/')) {
    out.set(
      `${path}{keys}`,
      keys.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)),
    );
  }
  return out;
}

/** `fields`: how many were expected; `agreeing`: how many of them came, and were equal. */
export function compare(
  expectation: Expectation,
  actual: Actual,
): { fields: number; agreeing: number; differences: Difference[] } {
  const differences: Difference[] = [];
  let fields = 0;
  let agreeing = 0;
  const left = new Map(actual.probes.map((probe) => [probe.id, probe]));
  for (const { id, cmd, expect } of expectation.probes) {
    const probe = left.get(id);
    left.delete(id);
    if (probe === undefined) {
      fields += Object.keys(expect).length;
      differences.push({ id, cmd, field: 'probe missing', want: undefined, got: undefined });
      continue;
    }
    const flat = flatten(probe.result);
    for (const [field, want] of Object.entries(expect)) {
      if (field === 'stderr' && !flat.has('stderr')) continue;
      fields++;
      const got = flat.get(field);
      if (agrees(field, want, got, expect)) agreeing++;
      else differences.push({ id, cmd, field, want, got });
    }
  }
  for (const { id, cmd } of left.values()) {
    differences.push({ id, cmd, field: 'extra probe', want: undefined, got: undefined });
  }
  const stray = expectation.stray ?? '';
  if (actual.stray !== stray) {
    differences.push({ id: '-', cmd: '-', field: 'stray output', want: stray, got: actual.stray });
  }
  if (actual.timedOut) differences.push({ id: '-', cmd: '-', field: 'timed out', want: false, got: true });
  return { fields, agreeing, differences };
}

function agrees(field: string, want: Json, got: Json | undefined, expect: JsonObject): boolean {
  if (JSON.stringify(got) === JSON.stringify(want)) return true;
  // A FAILED neighbour may be gone already.
  if (field === 'failed' && Array.isArray(got) && Array.isArray(want))
    return got.every((entry) => want.includes(entry));
  // Recorded as stdout, then stderr; an engine that merges them may interleave the lines.
  if (field === 'text' && typeof got === 'string' && typeof want === 'string' && 'stderr' in expect) {
    return sortedLines(got) === sortedLines(want);
  }
  return false;
}

function sortedLines(text: string): string {
  const lines = linesOf(text);
  return lines.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)).join('\n');
}
