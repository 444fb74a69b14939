// A macvlan that sends larger frames than the device below takes. Linux refuses to set that; a lowerdev that was exchanged or
// a kernel without the check leaves it.

import { shellWord } from '../../../base/shell-word.ts';
import { inNs } from '../../snapshot/commands.ts';
import { spotName } from '../../status/view.ts';
import { type Check, finding } from '../finding.ts';

export const mtu: Check = {
  codes: ['mtu-above-lower'],
  examine({ view }) {
    return view.macvlans.flatMap((spot) => {
      const { ns, link, lower } = spot;
      if (lower === null || link.mtu <= lower.link.mtu) return [];
      const text = `the mtu of ${spotName(spot)} is ${link.mtu}, and that of ${spotName(lower)} ${lower.link.mtu}: larger packets are lost`;
      return [
        finding('error', 'mtu-above-lower', spotName(spot), text, {
          cure: inNs(ns, 'ip', `link set ${shellWord(link.name)} mtu ${lower.link.mtu}`),
        }),
      ];
    });
  },
};
