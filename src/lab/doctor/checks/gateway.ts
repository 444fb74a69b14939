// A macvlan whose gateway does not answer: ARP or ND got nothing back. The first sign of an upstream that drops its frames.

import { namespaceName, type SnapRoute } from '../../snapshot/snapshot.ts';
import { macvlanState } from '../../status/rows.ts';
import { spotName } from '../../status/view.ts';
import { type Check, finding } from '../finding.ts';

export const gateway: Check = {
  codes: ['gateway-silent'],
  examine({ view }) {
    return view.macvlans.flatMap((spot) => {
      const { ns, link } = spot;
      if (macvlanState(spot) !== 'up') return [];
      const via = ns.routes.filter((r): r is SnapRoute & { via: string } => r.dev === link.index && r.via !== null);
      const silent = new Set(
        via
          .map((r) => r.via)
          .filter((ip) => ns.neighbours.some((n) => n.dev === link.index && n.address === ip && n.state === 'FAILED')),
      );
      return [...silent].map((ip) => {
        const local = view.macvlans.find((m) => m !== spot && m.addresses.some((a) => a.address === ip));
        const host = spot.lower !== null && view.addresses(spot.lower).some((a) => a.address === ip);
        const text = `${spotName(spot)} has the gateway ${ip}, which does not answer`;
        return finding('error', 'gateway-silent', spotName(spot), text, {
          evidence: [
            `${ip} dev ${link.name} FAILED in ${namespaceName(ns) || 'the host'}`,
            ...(host ? [`${ip} is the host's own address on the lowerdev, which its macvlans do not reach`] : []),
            ...(local === undefined ? [] : [`${ip} is on ${spotName(local)}`]),
          ],
          cure: host
            ? 'a shim of the host with the gateway address, or a gateway beyond the device'
            : 'see whether frames leave (tcpdump on the lowerdev) and whether the switch takes this address',
        });
      });
    });
  },
};
