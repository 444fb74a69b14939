// A macvlan in a namespace that forwards ignores router advertisements (accept_ra 1 means: unless it is a router), while the
// device below gets its address from one. Linux: ipv6_accept_ra().

import { spotName, type View } from '../../status/view.ts';
import { isGlobal } from '../address.ts';
import { type Check, finding } from '../finding.ts';

export const ipv6Ra: Check = {
  codes: ['ra-ignored'],
  examine({ view }) {
    return view.lowers.flatMap((lower) => {
      const advertised = lower.ns.routes.find(
        (r) => r.family === 6 && r.protocol === 'ra' && r.dev === lower.link.index,
      );
      if (advertised === undefined) return [];
      return view.uppers(lower).flatMap((upper) => {
        const { ipv6 } = upper.link;
        if (!upper.link.up || ipv6 === null || ipv6.disable_ipv6 === 1 || hasIpv6(view, upper)) return [];
        const why = ignored(ipv6);
        if (why === null) return [];
        const text = `${spotName(upper)} takes no router advertisements, and has no IPv6 address but its link-local one`;
        const path = `net.ipv6.conf.${upper.link.name}.accept_ra`;
        return [
          finding('warning', 'ra-ignored', spotName(upper), text, {
            evidence: [why, `${spotName(lower)} has a route from a router advertisement`],
            cure: `in its namespace: sysctl -w ${path}=${ipv6.forwarding === 1 ? 2 : 1}`,
          }),
        ];
      });
    });
  },
};

function hasIpv6(view: View, upper: Parameters<View['addresses']>[0]): boolean {
  return view.addresses(upper).some((a) => a.family === 6 && isGlobal(a));
}

function ignored(ipv6: Readonly<Record<string, number>>): string | null {
  if (ipv6.accept_ra === 0) return 'accept_ra is 0';
  if (ipv6.forwarding === 1 && ipv6.accept_ra === 1) return 'forwarding is 1, and accept_ra is 1 where it has to be 2';
  return ipv6.autoconf === 0 ? 'autoconf is 0' : null;
}
