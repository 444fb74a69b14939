// Tells of prefixes that routers advertise (RTM_NEWPREFIX). Linux: net/ipv6/addrconf.c, inet6_fill_prefix().

import type { PrefixInfo } from '../inet/types6.ts';
import type { NetDevice } from '../net/netdev.ts';
import { encodeTo } from '../netlink/attrs.ts';
import { writeStruct } from '../netlink/struct.ts';
import { AF_INET6 } from '../uapi/link.ts';
import { RTM_NEWPREFIX } from '../uapi/msgtype.ts';
import { PREFIX, PREFIXMSG } from '../uapi/prefix.ts';
import { RTNLGRP_IPV6_PREFIX } from '../uapi/rtnlgrp.ts';
import { ND_OPT_PREFIX_INFO } from '../wire/nd.ts';
import { NOBODY, notify } from './listeners.ts';

export function prefixHeard(dev: NetDevice, p: PrefixInfo): void {
  notify(dev.ns, RTNLGRP_IPV6_PREFIX, RTM_NEWPREFIX, NOBODY, (w) => {
    const header = { family: AF_INET6, ifindex: dev.ifindex, type: ND_OPT_PREFIX_INFO, len: p.length, flags: p.flags };
    writeStruct(PREFIXMSG, header, w);
    encodeTo(PREFIX, { address: p.prefix.bytes(), cacheinfo: { preferred: p.preferredLft, valid: p.validLft } }, w);
  });
}
