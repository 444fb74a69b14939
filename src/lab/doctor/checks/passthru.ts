// A passthru macvlan takes every unicast frame of its device, also while it is down; the host gets none. And promiscuity that it
// left on the device below. Linux: macvlan_handle_frame() uses the list, not the hash; macvlan_changelink() counts while down.

import { shellWord } from '../../../base/shell-word.ts';
import { inNs } from '../../snapshot/commands.ts';
import type { SnapLink } from '../../snapshot/snapshot.ts';
import { type MacvlanSpot, type Spot, spotName, type View } from '../../status/view.ts';
import { isGlobal } from '../address.ts';
import { type Check, type Finding, finding } from '../finding.ts';

export const passthru: Check = {
  codes: ['passthru-down', 'passthru-host', 'promisc-left'],
  examine({ view }) {
    return view.macvlans.flatMap((spot) => {
      if (spot.macvlan.mode !== 'passthru' || spot.lower === null) return [];
      return [...takes(view, spot, spot.lower), ...left(spot, spot.lower)];
    });
  },
};

function takes(view: View, spot: MacvlanSpot, lower: Spot): Finding[] {
  const where = spotName(spot);
  const name = spotName(lower);
  if (!spot.link.up) {
    const text = `${where} is down and in passthru mode: every unicast frame that ${name} receives is lost`;
    const cure = `${inNs(spot.ns, 'ip', `link set ${shellWord(spot.link.name)} up`)}, or remove it: ${inNs(spot.ns, 'ip', `link del ${shellWord(spot.link.name)}`)}`;
    return [finding('error', 'passthru-down', where, text, { cure })];
  }
  const own = view.addresses(lower).filter(isGlobal);
  if (own.length === 0) return [];
  const text = `${where} (passthru) takes every unicast frame of ${name}: the host gets no answer for its own addresses there`;
  return [
    finding('warning', 'passthru-host', where, text, {
      evidence: own.map((a) => `${name} has ${a.address}/${a.length}`),
      cure: `put the host's addresses on ${where}, or use bridge mode`,
    }),
  ];
}

/** A passthru that is down needs none; more than one reference that is up has another reason. */
function left({ link, macvlan }: MacvlanSpot, lower: Spot): Finding[] {
  const due = link.up && !macvlan.nopromisc ? 1 : 0;
  if (lower.link.promiscuity <= due || explained(lower.ns.links, lower.link)) return [];
  const where = spotName(lower);
  const text = `${where} is promiscuous ${lower.link.promiscuity} times, where its passthru macvlan accounts for ${due}`;
  return [
    finding('note', 'promisc-left', where, text, {
      evidence: [
        'nopromisc was changed while the macvlan was down, which leaves a reference for ever; a packet capture would also explain it',
      ],
      cure: null,
    }),
  ];
}

function explained(links: readonly SnapLink[], lower: SnapLink): boolean {
  return lower.flags.includes('PROMISC') || links.some((l) => l.index === lower.master);
}
