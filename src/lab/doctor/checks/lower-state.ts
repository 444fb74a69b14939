// Macvlans that are up and carry nothing, since the device below is down, has no carrier, or is not to be seen from here.

import { shellWord } from '../../../base/shell-word.ts';
import { inNs } from '../../snapshot/commands.ts';
import { macvlanState } from '../../status/rows.ts';
import { type MacvlanSpot, spotName } from '../../status/view.ts';
import { type Check, type Finding, finding } from '../finding.ts';
import { list, nsText } from '../words.ts';

export const lowerState: Check = {
  codes: ['lower-down', 'no-carrier', 'protodown', 'unseen-lower'],
  examine({ view }) {
    const below = view.lowers.flatMap((lower): Finding[] => {
      const { ns, link } = lower;
      const up = view.uppers(lower).filter((u) => u.link.up);
      if (up.length === 0) return [];
      const who = list(up.map(spotName));
      if (!link.up) {
        const cure = inNs(ns, 'ip', `link set ${shellWord(link.name)} up`);
        return [
          finding('error', 'lower-down', spotName(lower), `${spotName(lower)} is down, and ${who} on it with it`, {
            cure,
          }),
        ];
      }
      if (link.carrier) return [];
      const master = `operstate ${link.operstate}, ${link.stats.carrierChanges} changes of carrier so far`;
      return [
        finding(
          'error',
          'no-carrier',
          spotName(lower),
          `${spotName(lower)} has no carrier, and so has none of ${who}`,
          {
            evidence: [master],
            cure: link.kind === 'veth' ? 'bring its other end up' : 'look at the cable and the switch port',
          },
        ),
      ];
    });
    return [...below, ...view.macvlans.flatMap(ofMacvlan)];
  },
};

function ofMacvlan(spot: MacvlanSpot): Finding[] {
  const where = spotName(spot);
  if (spot.lower === null) {
    const text = `${where} stands on a device in a namespace that is not seen from ${nsText(spot.ns)}`;
    return [
      finding('note', 'unseen-lower', where, text, {
        evidence: [`its lowerdev is number ${spot.link.link ?? '?'} there`],
        cure: 'run doctor where that device is: on the host, as root',
      }),
    ];
  }
  if (macvlanState(spot) !== 'no carrier' || !spot.lower.link.carrier) return [];
  const cure = inNs(spot.ns, 'ip', `link set ${shellWord(spot.link.name)} protodown off`);
  return [
    finding(
      'error',
      'protodown',
      where,
      `${where} has no carrier though ${spotName(spot.lower)} has: it was put to protodown`,
      { cure },
    ),
  ];
}
