// A macvlan as a port of a bridge: it hears frames for its own address alone, and the bridge's other ports have others.

import { shellWord } from '../../../base/shell-word.ts';
import { inNs } from '../../snapshot/commands.ts';
import { findLink } from '../../snapshot/snapshot.ts';
import { spotName } from '../../status/view.ts';
import { type Check, finding } from '../finding.ts';

export const macvlanPort: Check = {
  codes: ['macvlan-port'],
  examine({ view }) {
    return view.macvlans.flatMap((spot) => {
      const { ns, link, macvlan } = spot;
      const master = findLink(ns, link.master);
      if (master?.kind !== 'bridge' || macvlan.mode === 'passthru') return [];
      const text = `${spotName(spot)} is a port of the bridge ${master.name}, and hears only frames for ${link.mac ?? 'itself'}: what is behind the bridge gets no answer`;
      return [
        finding('warning', 'macvlan-port', spotName(spot), text, {
          evidence: [`mode ${macvlan.mode}; being promiscuous opens no macvlan to the unicast of others`],
          cure: `mode passthru, for which it has to be made anew; or no bridge: ${inNs(ns, 'ip', `link set ${shellWord(link.name)} nomaster`)}`,
        }),
      ];
    });
  },
};
