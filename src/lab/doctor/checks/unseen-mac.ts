// A device that was asked to receive an address which nothing seen has: of a macvlan in a namespace that only an open file
// keeps, most likely. Lists of addresses go down through VLANs and bonds, so any device may be the reason.

import { hasFlag, isUnicastMac, type Spot, spotName } from '../../status/view.ts';
import { type Check, finding } from '../finding.ts';
import { list } from '../words.ts';

export const unseenMac: Check = {
  codes: ['unseen-macvlan'],
  examine({ view }) {
    const { namespaces, unseen } = view.snapshot;
    const notAllowed = unseen.some((text) => /\bEPERM\b|\bEACCES\b|not allowed/.test(text));
    const known = new Set(namespaces.flatMap((ns) => ns.links.map((l) => l.mac)));
    const spots = namespaces.flatMap((ns) =>
      ns.links.filter((l) => l.type === 1 && l.macvlan === null).map((link): Spot => ({ ns, link })),
    );
    return spots.flatMap((spot) => {
      const strange = [...view.ownMacs(spot)].filter((mac) => isUnicastMac(mac) && !known.has(mac));
      if (strange.length === 0 || OWN_TABLES.has(spot.link.kind) || hasFlag(spot.link, 'SLAVE')) return [];
      const text = `${spotName(spot)} was asked to receive ${list(strange)}, and no device that is seen has ${strange.length === 1 ? 'it' : 'them'}`;
      return [
        finding('note', 'unseen-macvlan', spotName(spot), text, {
          evidence: strange.slice(0, 5).map((mac) => `bridge fdb show dev ${spot.link.name} has ${mac} self`),
          cure: notAllowed
            ? 'most likely a macvlan in a namespace that could not be entered: look again as root'
            : 'most likely a macvlan in a namespace that only an open file keeps: lsns -t net; ls -l /proc/*/fd | grep net:',
        }),
      ];
    });
  },
};

/** Devices whose entries are a table of neighbours, not a filter. */
const OWN_TABLES = new Set(['vxlan', 'bridge', 'geneve']);
