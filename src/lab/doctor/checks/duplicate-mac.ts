// Two devices of one network with one MAC address. Linux lets only one macvlan of an address be up on a device
// (EADDRINUSE when the second is opened); across devices nobody looks.

import { shellWord } from '../../../base/shell-word.ts';
import { inNs } from '../../snapshot/commands.ts';
import { type MacvlanSpot, type Spot, spotName, type View } from '../../status/view.ts';
import { isGlobal, shareNetwork } from '../address.ts';
import { type Check, type Finding, finding } from '../finding.ts';

export const duplicateMac: Check = {
  codes: ['duplicate-mac', 'lower-took-mac'],
  examine({ view }) {
    return [...view.lowers.flatMap((lower) => onLower(view, lower)), ...acrossLowers(view)];
  },
};

function onLower(view: View, lower: Spot): Finding[] {
  const uppers = view.uppers(lower);
  const same = groups(uppers.filter((u) => u.macvlan.mode !== 'passthru'));
  const twice = same.flatMap((group) => {
    const up = group.find((u) => u.link.up);
    return group
      .filter((u) => u !== (up ?? group[0]))
      .map((u) => {
        const other = up ?? group[0];
        const text = `${spotName(u)} has the address ${u.link.mac} of ${spotName(other)} on the same ${spotName(lower)}, and cannot come up (EADDRINUSE)`;
        return finding('error', 'duplicate-mac', spotName(u), text, { cure: newMac(u) });
      });
  });
  const stolen = uppers.filter((u) => u.macvlan.mode !== 'passthru' && u.link.mac === lower.link.mac);
  return [
    ...twice,
    ...stolen.map((u) => {
      const text = u.link.up
        ? `${spotName(u)} has the address ${u.link.mac} of ${spotName(lower)} itself, which now receives nothing for the host`
        : `${spotName(u)} has the address ${u.link.mac} of ${spotName(lower)} itself, and cannot come up (EADDRINUSE)`;
      return finding('error', 'lower-took-mac', spotName(u), text, { cure: newMac(u) });
    }),
  ];
}

/** On different devices it matters where these lead to one network, which common addresses tell. */
function acrossLowers(view: View): Finding[] {
  const up = view.macvlans.filter((u) => u.link.up && u.lower !== null && u.macvlan.mode !== 'passthru');
  return groups(up).flatMap((group) => {
    const [first, ...others] = group;
    return others.flatMap((other) => {
      if (other.lower?.link === first.lower?.link) return [];
      const shared = first.addresses.find(
        (a) => isGlobal(a) && other.addresses.some((b) => isGlobal(b) && shareNetwork(a, b)),
      );
      if (shared === undefined) return [];
      const text = `${spotName(first)} and ${spotName(other)} both have the address ${first.link.mac}`;
      return [
        finding('warning', 'duplicate-mac', spotName(other), text, {
          evidence: [`they are on two devices, but in one network, ${shared.address}/${shared.length}`],
          cure: newMac(other),
        }),
      ];
    });
  });
}

function groups(spots: readonly MacvlanSpot[]): MacvlanSpot[][] {
  const byMac = new Map<string, MacvlanSpot[]>();
  for (const spot of spots) {
    const { mac } = spot.link;
    if (mac !== null) byMac.set(mac, [...(byMac.get(mac) ?? []), spot]);
  }
  return [...byMac.values()].filter((group) => group.length > 1);
}

function newMac({ ns, link }: Spot): string {
  return `another address: ${inNs(ns, 'ip', `link set ${shellWord(link.name)} address 02:xx:xx:xx:xx:xx`)}`;
}
