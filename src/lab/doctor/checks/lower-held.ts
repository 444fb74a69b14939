// A device that a lab wants and cannot have: it is a port of a bridge or bond, an ipvlan has it, or it is not there.
// Linux: macvlan_common_newlink() wants the rx handler for itself, EBUSY.

import { shellWord } from '../../../base/shell-word.ts';
import { type Check, type Finding, finding } from '../finding.ts';

export const lowerHeld: Check = {
  codes: ['lower-missing', 'lower-held'],
  examine({ view, wanted }) {
    const { links } = view.host;
    return wanted.flatMap((name): Finding[] => {
      const link = links.find((l) => l.name === name || l.altnames.includes(name));
      if (link === undefined) {
        return [
          finding('error', 'lower-missing', name, `the lab wants ${name}, and the host has no such device`, {
            evidence: [`there are ${links.map((l) => l.name).join(', ')}`],
          }),
        ];
      }
      const master = links.find((l) => l.index === link.master);
      if (master !== undefined) {
        const text = `${name} is a port of the ${master.kind} ${master.name}, which takes all that it receives: it can carry no macvlan`;
        return [
          finding('error', 'lower-held', name, text, {
            cure: `put the macvlans on ${master.name}, or: ip link set ${shellWord(name)} nomaster`,
          }),
        ];
      }
      const ipvlan = links.find((l) => (l.kind === 'ipvlan' || l.kind === 'ipvtap') && l.link === link.index);
      if (ipvlan === undefined) return [];
      const text = `${ipvlan.name} is an ipvlan on ${name}; ipvlan and macvlan cannot share a device`;
      return [
        finding('error', 'lower-held', name, text, {
          cure: `use ipvlan for all, or remove it: ip link del ${shellWord(ipvlan.name)}`,
        }),
      ];
    });
  },
};
