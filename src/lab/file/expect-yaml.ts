// What a lab expects: `a -> b`, `a <-> b`, `a -/> b (broadcast)`, or a map with the same.

import type { Machine } from '../machine.ts';
import type { Cursor } from '../yaml-cursor.ts';
import type { Expectation, LabEndpoint, Traffic } from './lab.ts';

const TRAFFIC: readonly Traffic[] = ['ipv4', 'ipv6', 'broadcast', 'multicast'];
const FORM = /^(\S+)\s+(->|<->|-\/>|<\/>)\s+(\S+)(?:\s+\((\w+)\))?$/;

export function readExpectations(
  at: Cursor,
  endpoints: readonly LabEndpoint[],
  machine: Machine | null,
): Expectation[] {
  const peers = machine?.peers.map((p) => p.name) ?? [];
  const known = ['host', ...endpoints.map((e) => e.name), ...peers];
  return at
    .items()
    .flatMap((item) => (item.isText ? readText(item, known, endpoints) : readMap(item, known, endpoints)));
}

function readText(at: Cursor, known: readonly string[], endpoints: readonly LabEndpoint[]): Expectation[] {
  const text = at.text() ?? '';
  const m = FORM.exec(text.trim());
  if (m === null) {
    at.problem(`expected "a -> b", "a <-> b" or "a -/> b" (must not), found "${text}"`);
    return [];
  }
  const [, from, arrow, to, word] = m;
  const traffic = trafficOf(at, word, from, endpoints);
  const both = named(at, from, known) && named(at, to, known);
  if (!both || traffic === null) return [];
  const reach = !arrow.includes('/');
  const there = { from, to, traffic, reach };
  return arrow.startsWith('<') ? [there, { from: to, to: from, traffic, reach }] : [there];
}

function readMap(at: Cursor, known: readonly string[], endpoints: readonly LabEndpoint[]): Expectation[] {
  const f = at.fields(['from', 'to', 'traffic', 'reach']);
  const [from, to] = [f.from?.text() ?? '', f.to?.text() ?? ''];
  if (f.from === undefined || f.to === undefined) {
    at.problem('an expectation needs "from" and "to"');
    return [];
  }
  const traffic = trafficOf(f.traffic ?? at, f.traffic?.text() ?? undefined, from, endpoints);
  const both = named(f.from, from, known) && named(f.to, to, known);
  return both && traffic !== null ? [{ from, to, traffic, reach: f.reach?.flag() ?? true }] : [];
}

function named(at: Cursor, name: string, known: readonly string[]): boolean {
  if (known.includes(name)) return true;
  at.unknown('endpoint', name, known);
  return false;
}

/** IPv4 when nothing is said, unless the sender has only IPv6. */
function trafficOf(
  at: Cursor,
  word: string | undefined,
  from: string,
  endpoints: readonly LabEndpoint[],
): Traffic | null {
  if (word === undefined) {
    const own = endpoints.find((e) => e.name === from)?.addresses ?? [];
    return own.length > 0 && own.every((a) => a.family === 6) ? 'ipv6' : 'ipv4';
  }
  const found = TRAFFIC.find((t) => t === word);
  if (found === undefined) at.unknown('traffic', word, TRAFFIC);
  return found ?? null;
}
