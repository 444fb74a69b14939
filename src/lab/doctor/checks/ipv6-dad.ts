// IPv6 addresses that failed duplicate address detection: not used until they are set anew. Behind a switch that sends
// frames back, private, source and passthru macvlans hear their own probe, and without enhanced_dad take it for a neighbour's.

import { shellWord } from '../../../base/shell-word.ts';
import { confName } from '../../conf-name.ts';
import { execIn, inNs } from '../../snapshot/commands.ts';
import { type MacvlanSpot, spotName, type View } from '../../status/view.ts';
import { type Check, finding } from '../finding.ts';
import { reflects } from '../reflects.ts';

export const ipv6Dad: Check = {
  codes: ['dad-failed'],
  examine({ view }) {
    return view.macvlans.flatMap((spot) =>
      spot.addresses
        .filter((a) => a.flags.includes('dadfailed'))
        .map(({ address, length }) => {
          const { ns, link } = spot;
          const text = `${spotName(spot)} does not use ${address}: somebody answered its duplicate address detection`;
          const again = `${inNs(ns, 'ip', `addr del ${address}/${length} dev ${shellWord(link.name)}`)}; ${inNs(ns, 'ip', `addr add ${address}/${length} dev ${shellWord(link.name)}`)}`;
          const { evidence, cure } = whoAnswered(view, spot, address);
          return finding('error', 'dad-failed', spotName(spot), text, {
            evidence,
            cure: `${cure}, then set it again: ${again}`,
          });
        }),
    );
  },
};

function whoAnswered(view: View, spot: MacvlanSpot, address: string): { evidence: string[]; cure: string } {
  const { lower, macvlan } = spot;
  const others = lower === null ? [] : [lower, ...view.uppers(lower)].filter((s) => s.link !== spot.link);
  const twin = others.find((s) => view.addresses(s).some((a) => a.address === address));
  if (twin !== undefined) return { evidence: [`${spotName(twin)} has the same address`], cure: 'give it another one' };
  if (macvlan.mode === 'bridge' || macvlan.mode === 'vepa') {
    return { evidence: ['no device on this machine has it'], cure: 'find its owner on the network' };
  }
  const known = lower !== null && reflects(view, lower);
  return {
    evidence: [
      `mode ${macvlan.mode}: what it sends to all comes back to itself where the switch reflects`,
      known
        ? 'the bridge port behind the lowerdev has hairpin on'
        : 'whether the switch outside reflects is not known here',
      'with enhanced_dad (on unless switched off, since Linux 4.10) it would know its own probe',
    ],
    cure: `turn that on: ${execIn(spot.ns, `sysctl -w ${confName(6, spot.link.name, 'enhanced_dad')}=1`)}`,
  };
}
