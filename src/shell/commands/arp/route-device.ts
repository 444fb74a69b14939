// Which device an address is reached by, as the ioctls of old ask it: by a route on the link, or not at all.
// Linux: net/ipv4/arp.c, arp_req_set().

import type { NlClient } from '../../../netlink/client.ts';
import { NlError } from '../../../netlink/error.ts';
import { ROUTE } from '../../../netlink/payload.ts';
import { RTM_GETROUTE } from '../../../uapi/msgtype.ts';

const EINVAL = 22;

/** Its index, or -errno. */
export function routeDevice(client: NlClient, ip: number): number {
  try {
    const { attrs } = client.get(ROUTE, RTM_GETROUTE, { family: 2, dstLen: 32 }, { dst: ip });
    return attrs.oif ?? -EINVAL;
  } catch (e) {
    if (e instanceof NlError) return -e.errno;
    throw e;
  }
}
