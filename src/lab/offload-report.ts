// The truth about L2 forwarding offload: of every NIC its stations and queues, of every macvlan whether the NIC carries it,
// since when, and if not why not and what to do. Linux shows next to none of it; the model keeps it.

import { Macvlan } from '../drivers/macvlan/port.ts';
import type { Kernel } from '../net/kernel.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { OffloadState, QueueRange } from '../net/offload.ts';
import { MACVLAN_MODES } from '../uapi/linkinfo.ts';
import { macKeyText } from '../wire/text.ts';
import { reasonOf } from './offload-reason.ts';
import { warningsOf } from './offload-warnings.ts';

export interface OffloadReport {
  readonly lowers: readonly LowerReport[];
}

/** A device that carries macvlans, or a NIC that could. */
export interface LowerReport {
  /** `netns/name`. */
  readonly device: string;
  /** Null: no NIC, or one without the offload. */
  readonly offload: NicReport | null;
  readonly macvlans: readonly MacvlanReport[];
  readonly warnings: readonly string[];
}

export interface NicReport {
  readonly profile: string;
  readonly enabled: boolean;
  readonly hwmode: 'veb' | 'vepa';
  readonly stations: { readonly used: number; readonly free: number; readonly max: number };
  readonly vsis: number;
  readonly queues: { readonly own: QueueRange; readonly perStation: number };
  readonly ringOnUpper: boolean;
  readonly whenOff: 'release' | 'drop' | 'ignore';
}

export interface MacvlanReport {
  readonly device: string;
  readonly kind: string;
  readonly mode: string;
  readonly mac: string;
  readonly up: boolean;
  readonly offloaded: boolean;
  /** Virtual ns at which the station was given. */
  readonly sinceNs: number | null;
  readonly station: number | null;
  readonly tx: QueueRange | null;
  readonly rx: QueueRange | null;
  /** Not offloaded: why; else ''. */
  readonly why: string;
  /** What would change that; '' where nothing would, or nothing has to. */
  readonly cure: string;
}

/** Of every namespace that is not hidden. */
export function offloadReport(kernel: Kernel): OffloadReport {
  const devices = kernel.namespaces.filter((ns) => !ns.hidden).flatMap((ns) => ns.devices());
  const lowers = devices.filter((dev) => dev.describeOffload !== null || macvlansOf(dev).length > 0);
  return { lowers: lowers.map(lowerReport) };
}

function lowerReport(dev: NetDevice): LowerReport {
  const state = dev.describeOffload === null ? null : dev.describeOffload(dev);
  const vlans = macvlansOf(dev);
  return {
    device: dev.label,
    offload: state === null ? null : nicReport(state),
    macvlans: vlans.map((vlan) => macvlanReport(vlan, state)),
    warnings: warningsOf(dev, state, vlans),
  };
}

function nicReport(s: OffloadState): NicReport {
  return {
    profile: s.profile,
    enabled: s.enabled,
    hwmode: s.hwmode,
    stations: { used: s.stationsUsed, free: s.stationsMax - s.stationsUsed, max: s.stationsMax },
    vsis: s.vsis,
    queues: { own: s.own, perStation: s.queuesPerStation },
    ringOnUpper: s.ringOnUpper,
    whenOff: s.whenOff,
  };
}

function macvlansOf(dev: NetDevice): Macvlan[] {
  return dev.uppers.flatMap((upper) => (upper.priv instanceof Macvlan && upper.priv.lower === dev ? [upper.priv] : []));
}

function macvlanReport(vlan: Macvlan, state: OffloadState | null): MacvlanReport {
  const { dev } = vlan;
  const station = state?.stations.find((s) => s.upper === dev) ?? null;
  const { why, cure } = reasonOf(vlan, state, station);
  return {
    device: dev.label,
    kind: dev.linkOps?.kind ?? '',
    mode: MACVLAN_MODES.get(vlan.mode) ?? String(vlan.mode),
    mac: macKeyText(dev.addr),
    up: dev.running,
    offloaded: station !== null,
    sinceNs: station?.sinceNs ?? null,
    station: station?.id ?? null,
    tx: station === null || station.tx.count === 0 ? null : station.tx,
    rx: station === null || station.rx.count === 0 ? null : station.rx,
    why,
    cure,
  };
}
