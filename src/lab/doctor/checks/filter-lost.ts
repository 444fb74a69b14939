// A lowerdev that was moved to another namespace forgets the addresses that its macvlans asked it to receive; nothing puts them
// back but taking each macvlan down and up. Linux: dev_change_net_namespace() flushes the lists.

import { offloadState } from '../../status/rows.ts';
import { spotName } from '../../status/view.ts';
import { type Check, finding } from '../finding.ts';
import { list, upAgain } from '../words.ts';

export const filterLost: Check = {
  codes: ['filter-lost'],
  examine({ view }) {
    return view.lowers.flatMap((lower) => {
      if (!lower.link.up) return [];
      const macs = view.ownMacs(lower);
      const lost = view
        .uppers(lower)
        .filter(
          ({ link, macvlan }) => link.up && macvlan.mode !== 'passthru' && link.mac !== null && !macs.has(link.mac),
        )
        .filter((u) => u.link.mac !== lower.link.mac && ['none', 'off'].includes(offloadState(view, u)));
      if (lost.length === 0) return [];
      const where = spotName(lower);
      const text = `${where} was not told to receive the addresses of ${list(lost.map(spotName))}: it was moved between namespaces, or its driver lost them`;
      return [
        finding(lower.link.promiscuity > 0 ? 'warning' : 'error', 'filter-lost', where, text, {
          evidence: lost.slice(0, 5).map((u) => `bridge fdb show dev ${lower.link.name} has no ${u.link.mac}`),
          cure: `take them down and up (which loses IPv6 addresses and routes): ${upAgain(lost[0])}`,
        }),
      ];
    });
  },
};
