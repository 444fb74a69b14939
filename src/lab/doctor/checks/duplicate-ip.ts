// One IP address on two hosts of one network: of the device below and of everything that stands on it, in whatever namespace.

import { shellWord } from '../../../base/shell-word.ts';
import { inNs } from '../../snapshot/commands.ts';
import { type Spot, spotName, type View } from '../../status/view.ts';
import { isGlobal } from '../address.ts';
import { type Check, type Finding, finding } from '../finding.ts';

export const duplicateIp: Check = {
  codes: ['duplicate-ip'],
  examine({ view }) {
    return view.lowers.flatMap((lower) => onNetwork(view, [lower, ...view.uppers(lower)]));
  },
};

function onNetwork(view: View, spots: readonly Spot[]): Finding[] {
  const first = new Map<string, Spot>();
  const found: Finding[] = [];
  for (const spot of spots) {
    if (!spot.link.up) continue;
    for (const { address, length, ...a } of view.addresses(spot).filter(isGlobal)) {
      const other = first.get(address);
      if (other === undefined) first.set(address, spot);
      // Twice in one namespace is one host with two ways to it.
      if (other === undefined || other.ns === spot.ns || a.flags.includes('dadfailed')) continue;
      const text = `${address} is on ${spotName(other)} and on ${spotName(spot)}, which are in one network`;
      found.push(
        finding('error', 'duplicate-ip', spotName(spot), text, {
          evidence: [`${spotName(other)} answers with ${other.link.mac}, ${spotName(spot)} with ${spot.link.mac}`],
          cure: `give one of them up: ${inNs(spot.ns, 'ip', `addr del ${address}/${length} dev ${shellWord(spot.link.name)}`)}`,
        }),
      );
    }
  }
  return found;
}
