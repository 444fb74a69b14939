// A source-mode macvlan with nodst that is down still swallows what its sources send, for the host too.
// Linux: macvlan_forward_source() looks at the list, whose entries outlive `down`.

import { shellWord } from '../../../base/shell-word.ts';
import { inNs } from '../../snapshot/commands.ts';
import { spotName } from '../../status/view.ts';
import { type Check, finding } from '../finding.ts';
import { list } from '../words.ts';

export const nodstDown: Check = {
  codes: ['nodst-down'],
  examine({ view }) {
    return view.macvlans.flatMap((spot) => {
      const { ns, link, macvlan } = spot;
      if (link.up || macvlan.mode !== 'source' || !macvlan.nodst || macvlan.sources.length === 0) return [];
      const text = `${spotName(spot)} is down, and with nodst it still takes all frames of its sources from everybody else`;
      return [
        finding('error', 'nodst-down', spotName(spot), text, {
          evidence: [`sources ${list(macvlan.sources)}`],
          cure: `${inNs(ns, 'ip', `link set ${shellWord(link.name)} up`)}, or remove it: ${inNs(ns, 'ip', `link del ${shellWord(link.name)}`)}`,
        }),
      ];
    });
  },
};
