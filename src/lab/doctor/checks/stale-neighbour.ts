// A neighbour table that sends frames to an address that the IP's owner does not have (any more): a macvlan was made anew, or
// its MAC changed, and nobody told. Looked for where the owner is known: on one device and all that stands on it.

import { shellWord } from '../../../base/shell-word.ts';
import { inNs } from '../../snapshot/commands.ts';
import type { SnapNeighbour } from '../../snapshot/snapshot.ts';
import { type MacvlanSpot, type Spot, spotName, type View } from '../../status/view.ts';
import { fixOf } from '../acts.ts';
import { type Check, type Finding, type Fix, finding } from '../finding.ts';

export const staleNeighbour: Check = {
  codes: ['stale-neighbour'],
  examine({ view }) {
    return view.lowers.flatMap((lower) => {
      const spots = [lower, ...view.uppers(lower)];
      const owners = ownersOf(view, spots);
      const uppers = new Set<Spot>(view.uppers(lower));
      return spots.flatMap((spot) =>
        view
          .neighbours(spot)
          .filter(isBelieved)
          .flatMap((n) => {
            const all = owners.get(n.address) ?? [];
            const owner = all.length === 1 ? all[0] : undefined;
            if (owner === undefined || !uppers.has(owner) || owner.ns === spot.ns || owner.link.mac === n.mac)
              return [];
            return [tell(spot, n, owner as MacvlanSpot)];
          }),
      );
    });
  },
};

/** Who has an address, of those that are up. */
function ownersOf(view: View, spots: readonly Spot[]): Map<string, Spot[]> {
  const owners = new Map<string, Spot[]>();
  for (const spot of spots) {
    if (!spot.link.up) continue;
    for (const { address } of view.addresses(spot)) owners.set(address, [...(owners.get(address) ?? []), spot]);
  }
  return owners;
}

const BELIEVED = new Set(['REACHABLE', 'STALE', 'DELAY', 'PROBE', 'PERMANENT']);

function isBelieved({ mac, proxy, state }: SnapNeighbour): boolean {
  return mac !== null && !proxy && BELIEVED.has(state);
}

function tell(spot: Spot, n: SnapNeighbour, owner: MacvlanSpot): Finding {
  const where = spotName(spot);
  const text = `${where} sends frames for ${n.address} to ${n.mac}, but ${spotName(owner)}, which has it, is ${owner.link.mac}`;
  const forget = inNs(spot.ns, 'ip', `neigh del ${n.address} dev ${shellWord(spot.link.name)}`);
  return finding('error', 'stale-neighbour', where, text, {
    evidence: [`${n.address} dev ${spot.link.name} lladdr ${n.mac} ${n.state}`],
    cure:
      n.state === 'PERMANENT' || !hears(spot, owner) ? forget : `an announcement by ${spotName(owner)}, or: ${forget}`,
    fix: n.state === 'PERMANENT' || !hears(spot, owner) ? null : announcement(owner, n.address),
  });
}

/** Only bridge mode reaches siblings, and only those in bridge mode. */
function hears(spot: Spot, owner: MacvlanSpot): boolean {
  return spot.link.macvlan?.mode === 'bridge' && owner.macvlan.mode === 'bridge';
}

function announcement({ ns, link }: MacvlanSpot, address: string): Fix {
  return fixOf(ns, { do: 'announce', ns: ns.id, dev: link.index, mac: link.mac ?? '', addresses: [address] });
}
