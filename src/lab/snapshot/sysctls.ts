// The settings under net.ipv4 and net.ipv6 that decide where packets go and who answers ARP and ND. A device's come with
// its link (IFLA_INET_CONF, IFLA_INET6_CONF), so that a thousand devices cost no files; all's are read from /proc.

import * as v4 from '../../inet/conf.ts';
import * as v6 from '../../inet/conf6.ts';

/** Name under conf/DEV/ and number in IFLA_INET_CONF. */
const DEVICE4: ReadonlyArray<readonly [name: string, index: number]> = [
  v4.FORWARDING,
  v4.RP_FILTER,
  v4.ARP_IGNORE,
  v4.ARP_ANNOUNCE,
  v4.ARP_FILTER,
  v4.ARP_ACCEPT,
  v4.ARP_NOTIFY,
  v4.ARP_EVICT_NOCARRIER,
  v4.PROXY_ARP,
  v4.PROXY_ARP_PVLAN,
  v4.ACCEPT_LOCAL,
  v4.ROUTE_LOCALNET,
  v4.SRC_VALID_MARK,
  v4.BC_FORWARDING,
  v4.ACCEPT_REDIRECTS,
  v4.SEND_REDIRECTS,
  v4.IGNORE_LINKDOWN,
  v4.DROP_GRATUITOUS_ARP,
  v4.DROP_UNICAST_IN_L2_MULTICAST,
  v4.PROMOTE_SECONDARIES,
].map((index) => [v4.CONF_NAMES[index], index] as const);

const DEVICE6: ReadonlyArray<readonly [name: string, index: number]> = [
  ['disable_ipv6', v6.DC_DISABLE_IPV6],
  ['forwarding', v6.DC_FORWARDING],
  ['force_forwarding', v6.DC_FORCE_FORWARDING],
  ['accept_ra', v6.DC_ACCEPT_RA],
  ['autoconf', v6.DC_AUTOCONF],
  ['accept_dad', v6.DC_ACCEPT_DAD],
  ['dad_transmits', v6.DC_DAD_TRANSMITS],
  ['accept_redirects', v6.DC_ACCEPT_REDIRECTS],
  ['proxy_ndp', v6.DC_PROXY_NDP],
  ['keep_addr_on_down', v6.DC_KEEP_ADDR_ON_DOWN],
  ['ignore_routes_with_linkdown', v6.DC_IGNORE_LINKDOWN],
  ['ndisc_notify', v6.DC_NDISC_NOTIFY],
  ['optimistic_dad', v6.DC_OPTIMISTIC_DAD],
  ['use_tempaddr', v6.DC_USE_TEMPADDR],
  ['drop_unicast_in_l2_multicast', v6.DC_DROP_UNICAST_IN_L2_MULTICAST],
  ['accept_untracked_na', v6.DC_ACCEPT_UNTRACKED_NA],
];

const ALL4 = [
  'forwarding', 'rp_filter', 'arp_ignore', 'arp_announce', 'arp_filter', 'accept_local', 'proxy_arp', 'route_localnet',
  'ignore_routes_with_linkdown',
]; // biome-ignore format: one look
const ALL6 = [
  'disable_ipv6',
  'forwarding',
  'force_forwarding',
  'proxy_ndp',
  'ignore_routes_with_linkdown',
  'accept_dad',
];

/** Of a namespace, as paths under /proc/sys/. */
export const NAMESPACE_SYSCTLS: readonly string[] = [
  'net/ipv4/ip_forward',
  'net/ipv4/ip_nonlocal_bind',
  'net/ipv4/icmp_echo_ignore_all',
  'net/ipv4/icmp_echo_ignore_broadcasts',
  'net/ipv6/icmp/echo_ignore_all',
  'net/ipv6/icmp/echo_ignore_multicast',
  ...ALL4.map((name) => `net/ipv4/conf/all/${name}`),
  ...ALL6.map((name) => `net/ipv6/conf/all/${name}`),
  'net/ipv4/conf/default/rp_filter',
  'net/ipv6/conf/default/disable_ipv6',
];

/** `net.ipv4.conf.all.rp_filter` of `net/ipv4/conf/all/rp_filter`. */
export function sysctlName(path: string): string {
  return path.replaceAll('/', '.');
}

/** IFLA_INET_CONF as names; the first of its numbers is 1. */
export function deviceConf4(conf: readonly number[]): Record<string, number> {
  return named(DEVICE4, conf, 1);
}

export function deviceConf6(conf: readonly number[]): Record<string, number> {
  return named(DEVICE6, conf, 0);
}

/** What an older kernel does not have is left out. */
function named(
  table: ReadonlyArray<readonly [string, number]>,
  conf: readonly number[],
  first: number,
): Record<string, number> {
  const out: Record<string, number> = {};
  for (const [name, index] of table) {
    const value = conf[index - first];
    if (value !== undefined) out[name] = value | 0;
  }
  return out;
}
