// Links: RTM_NEWLINK and its kin. Flags, states and the attributes of every link, whatever its kind.
// The lines that all links share are in ifla.ts, what only one kind has in linkinfo.ts, a bridge's view of its ports
// (AF_BRIDGE) in bridge.ts.
// Linux: include/uapi/linux/if_link.h, if.h, if_arp.h.

import { attrs, bytes, nestedNoflag, only } from './attr.ts';
import { AF_SPEC, IFLA_INET6, LINK_LINES } from './ifla.ts';
import { LINKINFO } from './linkinfo.ts';

export const AF_UNSPEC = 0;
export const AF_INET = 2;
export const AF_BRIDGE = 7;
export const AF_INET6 = 10;
export const AF_PACKET = 17;

export const ARPHRD_ETHER = 1;
export const ARPHRD_LOOPBACK = 772;
export const ARPHRD_NONE = 0xfffe;

export const IFF_UP = 0x1;
export const IFF_BROADCAST = 0x2;
export const IFF_DEBUG = 0x4;
export const IFF_LOOPBACK = 0x8;
export const IFF_POINTOPOINT = 0x10;
export const IFF_NOTRAILERS = 0x20;
export const IFF_RUNNING = 0x40;
export const IFF_NOARP = 0x80;
export const IFF_PROMISC = 0x100;
export const IFF_ALLMULTI = 0x200;
export const IFF_MASTER = 0x400;
export const IFF_SLAVE = 0x800;
export const IFF_MULTICAST = 0x1000;
export const IFF_PORTSEL = 0x2000;
export const IFF_AUTOMEDIA = 0x4000;
export const IFF_DYNAMIC = 0x8000;
export const IFF_LOWER_UP = 0x1_0000;
export const IFF_DORMANT = 0x2_0000;
export const IFF_ECHO = 0x4_0000;

/** IF_OPER_*, by number; iproute2 prints them in capitals. */
export const OPERSTATES = ['UNKNOWN', 'NOTPRESENT', 'DOWN', 'LOWERLAYERDOWN', 'TESTING', 'DORMANT', 'UP'] as const;
export const IF_OPER_UNKNOWN = 0;
export const IF_OPER_NOTPRESENT = 1;
export const IF_OPER_DOWN = 2;
export const IF_OPER_LOWERLAYERDOWN = 3;
export const IF_OPER_TESTING = 4;
export const IF_OPER_DORMANT = 5;
export const IF_OPER_UP = 6;

export const IF_LINK_MODE_DEFAULT = 0;
export const IF_LINK_MODE_DORMANT = 1;
export const IF_LINK_MODE_TESTING = 2;

/** IN6_ADDR_GEN_MODE_*, by number, as iproute2 spells them. */
export const ADDR_GEN_MODES = ['eui64', 'none', 'stable_secret', 'random'] as const;

export const IFNAMSIZ = 16;
export const ALTIFNAMSIZ = 128;
export const MAX_ADDR_LEN = 32;

// IFLA_EXT_MASK: what a dump should hold beyond the usual
export const RTEXT_FILTER_VF = 1;
export const RTEXT_FILTER_BRVLAN = 2;
export const RTEXT_FILTER_BRVLAN_COMPRESSED = 4;
export const RTEXT_FILTER_SKIP_STATS = 8;

/** A link as RTM_*LINK carries it. */
export const IFLA = attrs('IFLA', {
  ...LINK_LINES,
  protinfo: [12, bytes],
  linkinfo: [18, nestedNoflag(LINKINFO)],
  afSpec: [26, nestedNoflag(AF_SPEC)],
});
export type LinkAttrs = NonNullable<typeof IFLA.sample>;

/** What a plan needs of a link: a thousand of them are read in a third of the time. */
export const IFLA_BRIEF = only(
  attrs('IFLA', {
    ...LINK_LINES,
    linkinfo: [18, nestedNoflag(LINKINFO)],
    afSpec: [
      26,
      nestedNoflag(only(attrs('AF', { inet6: [10, nestedNoflag(only(IFLA_INET6, 'conf', 'addrGenMode'))] }), 'inet6')),
    ],
  }),
  ...([
    'ifname',
    'link',
    'linkNetnsid',
    'master',
    'mtu',
    'txqlen',
    'numTxQueues',
    'address',
    'ifalias',
    'group',
    'linkinfo',
    'afSpec',
    'extMask',
    'propList',
  ] as const),
);
export type BriefLinkAttrs = NonNullable<typeof IFLA_BRIEF.sample>;
