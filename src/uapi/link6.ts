// Links as IPv6 tells of them (RTM_NEWLINK under AF_INET6): what every link has, and IPv6's own part in IFLA_PROTINFO.
// Linux: inet6_fill_ifinfo() in net/ipv6/addrconf.c.

import { attrs, nestedNoflag } from './attr.ts';
import { IFLA_INET6, LINK_LINES } from './ifla.ts';

export const IFLA6 = attrs('IFLA', { ...LINK_LINES, protinfo: [12, nestedNoflag(IFLA_INET6)] });
export type Link6Attrs = NonNullable<typeof IFLA6.sample>;
