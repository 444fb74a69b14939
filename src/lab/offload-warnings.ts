// What is surprising about a NIC's stations: who can talk that should not, who cannot that should, and who will lose frames.

import type { Macvlan } from '../drivers/macvlan/port.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { OffloadState } from '../net/offload.ts';
import { MACVLAN_MODE_PRIVATE, MACVLAN_MODE_SOURCE, MACVLAN_MODE_VEPA } from '../uapi/linkinfo.ts';
import { macKeyText } from '../wire/text.ts';
import { at } from './offload-reason.ts';

export function warningsOf(lower: NetDevice, state: OffloadState | null, vlans: readonly Macvlan[]): string[] {
  if (state === null) return [];
  const stations = new Map(state.stations.map((s) => [s.upper, s]));
  const carried = vlans.filter((v) => stations.has(v.dev));
  const out: string[] = [];
  const named = (list: readonly Macvlan[]): string => list.map((v) => v.dev.label).join(', ');
  const inMode = (mode: number): Macvlan[] => carried.filter((v) => v.mode === mode);

  const vepa = inMode(MACVLAN_MODE_VEPA);
  if (state.hwmode === 'veb' && vepa.length > 0) {
    out.push(
      `${named(vepa)}: vepa mode, but the NIC's switch is a VEB and forwards between stations: frames never reach the external switch (cure: ${at('bridge', lower)} link set dev ${lower.name} hwmode vepa)`,
    );
  }
  const alone = inMode(MACVLAN_MODE_PRIVATE);
  if (state.hwmode === 'veb' && alone.length > 0) {
    out.push(
      `${named(alone)}: private mode, but the VEB lets ${alone.length === 1 ? 'it' : 'them'} talk to other stations (cure: ${at('bridge', lower)} link set dev ${lower.name} hwmode vepa, or no offload)`,
    );
  }
  const source = inMode(MACVLAN_MODE_SOURCE);
  if (source.length > 0)
    out.push(`${named(source)}: the NIC delivers past the list of sources (cure: down and up again)`);

  const noqueue = carried.filter((v) => state.ringOnUpper && v.dev.qdisc.enqueue === null);
  if (noqueue.length > 0) {
    out.push(
      `${named(noqueue)}: noqueue on a ring that may stop: senders get ENETDOWN when it does (cure: ${at('tc', noqueue[0].dev)} qdisc add dev ${noqueue[0].dev.name} root fq_codel)`,
    );
  }
  const stale = carried.filter((v) => stations.get(v.dev)?.filter !== 0 && stations.get(v.dev)?.filter !== v.dev.addr);
  for (const v of stale) {
    out.push(
      `${v.dev.label}: its station still filters ${macKeyText(stations.get(v.dev)?.filter ?? 0)}; frames to its new address come in software (cure: down and up)`,
    );
  }
  const deaf = vlans.filter((v) => v.dev.running && v.outcome?.how === 'station' && !stations.has(v.dev));
  if (deaf.length > 0)
    out.push(`${named(deaf)}: deaf, since the driver dropped the station silently (cure: down and up)`);
  if (!state.enabled && carried.length > 0) {
    out.push(
      `${lower.label}: l2-fwd-offload is off, but ${named(carried)} still ${carried.length === 1 ? 'is a station' : 'are stations'}`,
    );
  }
  return out;
}
