// Why a macvlan is no station, from what opening it came to and what the NIC says. A table of reasons and their cures.

import type { Macvlan } from '../drivers/macvlan/port.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { OffloadState, OffloadStation } from '../net/offload.ts';
import { errnoName } from '../uapi/errno.ts';

export interface Reason {
  readonly why: string;
  readonly cure: string;
}

const NOTHING: Reason = { why: '', cure: '' };

/** `ip`, `tc` or `bridge`, said where the device is. */
export const at = (tool: string, dev: NetDevice): string => (dev.ns.label === '' ? tool : `${tool} -n ${dev.ns.label}`);

const setLink = (dev: NetDevice, how: string): string => `${at('ip', dev)} link set ${dev.name} ${how}`;

/** Its features, by a tool that knows no namespaces. */
function switchOn(lower: NetDevice): string {
  const where = lower.ns.label === '' ? '' : `ip netns exec ${lower.ns.label} `;
  return `${where}ethtool -K ${lower.name} l2-fwd-offload on`;
}

export function reasonOf(vlan: Macvlan, state: OffloadState | null, station: OffloadStation | null): Reason {
  const { dev, lower } = vlan;
  const again = `${setLink(dev, 'down')}; ${setLink(dev, 'up')}`;
  if (station !== null) return station.bound ? NOTHING : waiting(lower);
  const outcome = vlan.outcome;
  if (outcome === null) return { why: 'it is down', cure: setLink(dev, 'up') };
  switch (outcome.how) {
    case 'unsupported':
      return unsupported(vlan);
    case 'passthru':
      return { why: 'passthru mode never asks the NIC for a station', cure: '' };
    case 'feature-off':
      return state?.enabled === true
        ? { why: 'l2-fwd-offload was off when it was opened; it is asked only then', cure: again }
        : {
            why: 'l2-fwd-offload was off when it was opened',
            cure: `${switchOn(lower)}; ${again}`,
          };
    case 'released':
      return {
        why: 'the driver gave its station up when l2-fwd-offload was switched off',
        cure: `${state?.enabled === true ? '' : `${switchOn(lower)}; `}${again}`,
      };
    case 'station':
      return { why: 'the driver dropped its station without a word: it is deaf', cure: again };
    case 'refused':
      return refused(vlan, state, outcome.errno, again);
  }
}

function waiting(lower: NetDevice): Reason {
  return { why: 'the station waits for its queues: the NIC is down', cure: setLink(lower, 'up') };
}

function unsupported(vlan: Macvlan): Reason {
  const { lower } = vlan;
  const kind = lower.linkOps?.kind ?? '';
  if (kind === 'vlan') return { why: `${lower.name} is a VLAN device: those have no stations`, cure: '' };
  if (kind !== '') return { why: `${lower.name} is a ${kind}: only NICs have stations`, cure: '' };
  return { why: `the driver of ${lower.name} has no l2-fwd-offload`, cure: '' };
}

function refused(vlan: Macvlan, state: OffloadState | null, errno: number, again: string): Reason {
  const said = state?.refusals.find((r) => r.upper === vlan.dev)?.why ?? '';
  const name = errno === 0 ? '' : ` (${errnoName(errno) ?? errno})`;
  const why = `the driver refused${name}${said === '' ? '' : `: ${said}`}`;
  const free = state !== null && state.stationsUsed < state.stationsMax;
  if (vlan.dev.txq.length > 1) return { why, cure: 'make it with one tx queue: numtxqueues 1' };
  if (errno === EMEDIUMTYPE) return { why, cure: `${setLink(vlan.dev, 'type macvlan mode bridge')}; ${again}` };
  return { why, cure: free ? again : 'take another macvlan down first, then this one down and up' };
}

const EMEDIUMTYPE = 124;
