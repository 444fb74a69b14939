// What status tells of each macvlan and of each device that carries some: plain data. Rates come of two readings.

import { L2_FWD_OFFLOAD } from '../apply/features.ts';
import { namespaceName, type SnapLink, type SnapStats, type Snapshot } from '../snapshot/snapshot.ts';
import { isUnicastMac, labOfLink, type MacvlanSpot, type Spot, spotName, View } from './view.ts';

export interface Status {
  readonly taken: string;
  readonly macvlans: readonly MacvlanRow[];
  readonly lowers: readonly LowerRow[];
  /** What could not be looked at. */
  readonly unseen: readonly string[];
}

export interface MacvlanRow {
  /** `netns/name`. */
  readonly device: string;
  readonly namespace: string;
  readonly namespaceId: number;
  /** The process or container that the namespace is of; null: nobody's, or the host's. */
  readonly holder: string | null;
  readonly name: string;
  /** macvlan or macvtap. */
  readonly kind: string;
  readonly mode: string;
  readonly mac: string | null;
  /** As `ip addr` writes them. */
  readonly addresses: readonly string[];
  /** null: in a namespace that was not seen. */
  readonly lower: string | null;
  readonly state: string;
  readonly mtu: number;
  readonly offload: OffloadState;
  readonly counters: Counters;
  /** null until a second reading. */
  readonly rates: Counters | null;
  readonly bcQueue: { readonly limit: number | null; readonly used: number | null; readonly cutoff: number };
  /** The lab whose tag it carries. */
  readonly lab: string | null;
}

export interface LowerRow {
  readonly device: string;
  readonly kind: string;
  readonly state: string;
  readonly mac: string | null;
  readonly mtu: number;
  readonly master: string | null;
  readonly driver: string;
  /** l2-fwd-offload. */
  readonly offload: 'on' | 'off' | 'none';
  /** The queues, and which of them are lent to a macvlan (a traffic class like 0-1). */
  readonly txQueues: number;
  readonly lentQueues: readonly number[];
  readonly qdisc: string;
  /** Addresses of single devices, beside its own, that it was asked to receive. */
  readonly fdb: readonly string[];
  readonly promiscuity: number;
  readonly macvlans: number;
  readonly bcQueue: number | null;
  readonly counters: Counters;
  readonly rates: Counters | null;
}

/**
 * As far as Linux shows it: `nic` when the lowerdev offloads and was not asked to receive the macvlan's address itself, `software`
 * when it was, `off` when it could and may not, `none` when it cannot.
 */
export type OffloadState = 'nic' | 'software' | 'off' | 'none' | 'unknown';

/** Packets, bytes and drops; of rates, per second. */
export interface Counters {
  readonly rxPackets: number;
  readonly rxBytes: number;
  readonly rxDropped: number;
  readonly txPackets: number;
  readonly txBytes: number;
  readonly txDropped: number;
}

/** An earlier reading, and how long ago it was. */
export interface Before {
  readonly snapshot: Snapshot;
  readonly seconds: number;
}

export function statusOf(snapshot: Snapshot, before: Before | null = null): Status {
  const view = new View(snapshot);
  const earlier = before === null ? null : countersByDevice(before.snapshot);
  const seconds = before?.seconds ?? 0;
  const rates = (spot: Spot): Counters | null => {
    const then = earlier?.get(keyOf(spot));
    return then === undefined || seconds <= 0 ? null : rateOf(then, countersOf(spot.link.stats), seconds);
  };
  return {
    taken: snapshot.taken,
    macvlans: view.macvlans.map((spot) => macvlanRow(view, spot, rates(spot))),
    lowers: view.lowers.map((spot) => lowerRow(view, spot, rates(spot))),
    unseen: snapshot.unseen,
  };
}

function keyOf({ ns, link }: Spot): string {
  return `${ns.id}/${link.index}`;
}

function countersByDevice(snapshot: Snapshot): Map<string, Counters> {
  const found = new Map<string, Counters>();
  for (const ns of snapshot.namespaces) {
    for (const link of ns.links) found.set(keyOf({ ns, link }), countersOf(link.stats));
  }
  return found;
}

function countersOf(s: SnapStats): Counters {
  const { rxPackets, rxBytes, rxDropped, txPackets, txBytes, txDropped } = s;
  return { rxPackets, rxBytes, rxDropped, txPackets, txBytes, txDropped };
}

/** A device that was made anew meanwhile counts from zero: no rate is below it. */
function rateOf(then: Counters, now: Counters, seconds: number): Counters {
  const rate = (key: keyof Counters): number => Math.max(0, now[key] - then[key]) / seconds;
  return {
    rxPackets: rate('rxPackets'),
    rxBytes: rate('rxBytes'),
    rxDropped: rate('rxDropped'),
    txPackets: rate('txPackets'),
    txBytes: rate('txBytes'),
    txDropped: rate('txDropped'),
  };
}

function macvlanRow(view: View, spot: MacvlanSpot, rates: Counters | null): MacvlanRow {
  const { ns, link, macvlan, lower } = spot;
  return {
    device: spotName(spot),
    namespace: namespaceName(ns),
    namespaceId: ns.id,
    holder: holderOf(spot),
    name: link.name,
    kind: link.kind,
    mode: macvlan.mode,
    mac: link.mac,
    addresses: spot.addresses.map((a) => `${a.address}/${a.length}`),
    lower: lower === null ? null : spotName(lower),
    state: macvlanState(spot),
    mtu: link.mtu,
    offload: offloadState(view, spot),
    counters: countersOf(link.stats),
    rates,
    bcQueue: { limit: macvlan.bcQueueLen, used: macvlan.bcQueueLenUsed, cutoff: macvlan.bcCutoff },
    lab: labOfLink(link),
  };
}

function holderOf({ ns }: Spot): string | null {
  if (ns.host || ns.holders.length === 0) return null;
  const container = ns.holders.find((h) => h.container !== null)?.container;
  if (container != null) return container;
  const { comm, pid } = ns.holders[0];
  return `${comm}:${pid}${ns.processes > 1 ? `+${ns.processes - 1}` : ''}`;
}

/** What keeps it from carrying frames, if anything does. */
export function macvlanState({ link, lower }: MacvlanSpot): string {
  if (!link.up) return 'down';
  if (lower !== null && !lower.link.up) return 'lower down';
  return link.carrier ? 'up' : 'no carrier';
}

function linkState(link: SnapLink): string {
  if (!link.up) return 'down';
  return link.carrier ? 'up' : 'no carrier';
}

export function offloadState(view: View, { link, macvlan, lower }: MacvlanSpot): OffloadState {
  if (lower === null) return 'unknown';
  const { features } = lower.link;
  if (features === null || (!has(features.on) && !has(features.changeable))) return 'none';
  if (!has(features.on)) return 'off';
  if (macvlan.mode === 'passthru' || !link.up) return 'software';
  return link.mac !== null && view.ownMacs(lower).has(link.mac) ? 'software' : 'nic';
}

function has(names: readonly string[]): boolean {
  return names.includes(L2_FWD_OFFLOAD);
}

function lowerRow(view: View, spot: Spot, rates: Counters | null): LowerRow {
  const { ns, link } = spot;
  const uppers = view.uppers(spot);
  const { features, queues } = link;
  const master = ns.links.find((l) => l.index === link.master);
  return {
    device: spotName(spot),
    kind: link.kind,
    state: linkState(link),
    mac: link.mac,
    mtu: link.mtu,
    master: master?.name ?? null,
    driver: link.driver,
    offload:
      features === null || (!has(features.on) && !has(features.changeable)) ? 'none' : has(features.on) ? 'on' : 'off',
    txQueues: queues.tx,
    lentQueues: queues.trafficClass.flatMap((c, txq) => (/-\d+$/.test(c) ? [txq] : [])),
    qdisc: link.qdisc,
    fdb: [...view.ownMacs(spot)].filter(isUnicastMac),
    promiscuity: link.promiscuity,
    macvlans: uppers.length,
    bcQueue: uppers[0]?.macvlan.bcQueueLenUsed ?? null,
    counters: countersOf(link.stats),
    rates,
  };
}
