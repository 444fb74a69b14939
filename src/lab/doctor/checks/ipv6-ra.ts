// A macvlan in a namespace that forwards ignores router advertisements (accept_ra 1 means: unless it is a router), while the
// device below gets its address from one. Linux: ipv6_accept_ra().

import { confName } from '../../conf-name.ts';
import { execIn } from '../../snapshot/commands.ts';
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
        const ignored = whyIgnored(ipv6);
        if (ignored === null) return [];
        const text = `${spotName(upper)} takes no router advertisements, and has no IPv6 address but its link-local one`;
        return [
          finding('warning', 'ra-ignored', spotName(upper), text, {
            evidence: [ignored.why, `${spotName(lower)} has a route from a router advertisement`],
            cure: execIn(upper.ns, `sysctl -w ${confName(6, upper.link.name, ignored.setting)}=${ignored.value}`),
          }),
        ];
      });
    });
  },
};

function hasIpv6(view: View, upper: Parameters<View['addresses']>[0]): boolean {
  return view.addresses(upper).some((a) => a.family === 6 && isGlobal(a));
}

/** The setting that keeps it from taking an address, and what it has to be. */
function whyIgnored(ipv6: Readonly<Record<string, number>>): { why: string; setting: string; value: number } | null {
  const { accept_ra: accept, autoconf } = ipv6;
  const router = ipv6.forwarding === 1;
  if (accept === 0) return { why: 'accept_ra is 0', setting: 'accept_ra', value: router ? 2 : 1 };
  if (router && accept === 1) {
    return { why: 'forwarding is 1, and accept_ra is 1 where it has to be 2', setting: 'accept_ra', value: 2 };
  }
  return autoconf === 0 ? { why: 'autoconf is 0', setting: 'autoconf', value: 1 } : null;
}
