// Macvlans whose address the kernel drew: made anew they have another, and neighbours, switches and DHCP leases keep the old.
// Linux tells it in /sys alone, of one namespace: addr_assign_type is NET_ADDR_RANDOM.

import { spotName } from '../../status/view.ts';
import { type Check, finding } from '../finding.ts';
import { list } from '../words.ts';

export const randomMac: Check = {
  codes: ['random-mac'],
  examine({ view }) {
    const drawn = view.macvlans.filter((m) => m.macvlan.mode !== 'passthru' && m.link.macRandom === true);
    if (drawn.length === 0) return [];
    const text = `the kernel drew the address of ${list(drawn.map(spotName))}: made anew, it will be another one`;
    return [
      finding('note', 'random-mac', spotName(drawn[0]), text, {
        evidence: drawn.slice(0, 5).map((m) => `${spotName(m)} ${m.link.mac ?? ''}`),
        cure: 'make it with an address: ip link add ... address 02:xx:xx:xx:xx:xx type macvlan; labs do so by themselves',
      }),
    ];
  },
};
