// Macvlans over Wi-Fi: an access point takes frames only from addresses that have joined it, and a station joins with one.

import { spotName } from '../../status/view.ts';
import { type Check, finding } from '../finding.ts';
import { list } from '../words.ts';

export const wireless: Check = {
  codes: ['wireless-lower'],
  examine({ view }) {
    return view.lowers.flatMap((lower) => {
      const radio = view.roots(lower).find((root) => root.link.wireless);
      const uppers = view.uppers(lower).filter((u) => u.link.mac !== lower.link.mac);
      if (radio === undefined || uppers.length === 0) return [];
      const text = `${spotName(lower)} is Wi-Fi: the access point drops frames from any address but ${radio.link.mac ?? 'its own'}`;
      return [
        finding('error', 'wireless-lower', spotName(lower), text, {
          evidence: [list(uppers.map((u) => `${spotName(u)} sends from ${u.link.mac ?? '?'}`))],
          cure: 'use ipvlan (it shares the address), a routed veth pair, or a wired device',
        }),
      ];
    });
  },
};
