// `ip token`: the lower half that addresses made from advertised prefixes get on one device. Linux: inet6_set_iftoken().

import { IFF_LOOPBACK, IFF_NOARP } from '../net/flags.ts';
import { Refusal } from '../net/linkops.ts';
import type { In6 } from '../wire/in6.ts';
import { acceptsRa, isReady, solicitRouters } from './addrconf-dad.ts';
import { verifyLifetimes } from './addrconf-life.ts';
import { DC_RTR_SOLICITS } from './conf6.ts';
import { EINVAL } from './errno.ts';
import type { Inet6Dev } from './state6.ts';

/** `::` takes it away. What an older token made ends now, and routers are asked anew. Throws a Refusal. */
export function setToken6(d: Inet6Dev, token: In6): void {
  const { dev } = d;
  if ((dev.flags & IFF_LOOPBACK) !== 0) throw new Refusal(EINVAL, 'ipv6: Device is loopback');
  if ((dev.flags & IFF_NOARP) !== 0) throw new Refusal(EINVAL, 'ipv6: Device does not do neighbour discovery');
  if (!acceptsRa(d)) throw new Refusal(EINVAL, 'ipv6: Router advertisement is disabled on device');
  if (d.conf.v[DC_RTR_SOLICITS] === 0) throw new Refusal(EINVAL, 'Router solicitation is disabled on device');
  d.token.c = token.c;
  d.token.d = token.d;
  if (!token.isAny && isReady(d)) solicitRouters(d);
  for (const ifa of d.addrs) {
    if (!ifa.tokenized) continue;
    ifa.validLft = 0;
    ifa.preferredLft = 0;
  }
  d.i6.stack.hooks.linkInfoChanged(dev);
  verifyLifetimes(d.i6);
}
