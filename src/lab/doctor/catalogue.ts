// All checks, and what they find together: the worst first.

import type { Snapshot } from '../snapshot/snapshot.ts';
import { View } from '../status/view.ts';
import { bcQueue } from './checks/bc-queue.ts';
import { duplicateIp } from './checks/duplicate-ip.ts';
import { duplicateMac } from './checks/duplicate-mac.ts';
import { enetdown } from './checks/enetdown.ts';
import { filterLost } from './checks/filter-lost.ts';
import { gateway } from './checks/gateway.ts';
import { hostIsolated } from './checks/host-isolated.ts';
import { ipv6Dad } from './checks/ipv6-dad.ts';
import { ipv6Ra } from './checks/ipv6-ra.ts';
import { leftovers } from './checks/leftovers.ts';
import { lowerHeld } from './checks/lower-held.ts';
import { lowerState } from './checks/lower-state.ts';
import { macvlanPort } from './checks/macvlan-port.ts';
import { mtu } from './checks/mtu.ts';
import { multihomed } from './checks/multihomed.ts';
import { nodstDown } from './checks/nodst-down.ts';
import { offloadUnused } from './checks/offload-unused.ts';
import { passthru } from './checks/passthru.ts';
import { randomMac } from './checks/random-mac.ts';
import { staleNeighbour } from './checks/stale-neighbour.ts';
import { unseenMac } from './checks/unseen-mac.ts';
import { upstreamFilter } from './checks/upstream-filter.ts';
import { wireless } from './checks/wireless.ts';
import type { Check, Finding, Severity } from './finding.ts';

/** Of one severity, findings come in this order: what explains others first. */
export const CHECKS: readonly Check[] = [
  lowerHeld,
  lowerState,
  wireless,
  upstreamFilter,
  passthru,
  nodstDown,
  duplicateMac,
  duplicateIp,
  filterLost,
  mtu,
  bcQueue,
  staleNeighbour,
  ipv6Dad,
  gateway,
  multihomed,
  hostIsolated,
  macvlanPort,
  ipv6Ra,
  enetdown,
  offloadUnused,
  leftovers,
  unseenMac,
  randomMac,
];

const RANK: Record<Severity, number> = { error: 0, warning: 1, note: 2 };

/** `wanted`: devices of the host that a lab wants to put macvlans on. */
export function diagnose(snapshot: Snapshot, wanted: readonly string[] = []): Finding[] {
  const patient = { view: new View(snapshot), wanted };
  return CHECKS.flatMap((check) => check.examine(patient)).sort((a, b) => RANK[a.severity] - RANK[b.severity]);
}

/** Findings that compare what was read at different times, on a machine that changes meanwhile: their words have to agree too. */
const COMPARING = new Set(['filter-lost', 'unseen-macvlan', 'offload-unused', 'duplicate-mac', 'duplicate-ip']);

/** Those of a second look that the first had too: what only passes by (a carrier that comes up, a device that is being made) goes. */
export function confirmed(first: readonly Finding[], second: readonly Finding[]): Finding[] {
  return second.filter((b) =>
    first.some((a) => a.code === b.code && a.where === b.where && (a.text === b.text || !COMPARING.has(a.code))),
  );
}
