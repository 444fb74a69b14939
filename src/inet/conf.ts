// net.ipv4.conf.*: one array of numbers per device, one for `all`, one for `default`. How `all` and a device's own value
// combine differs from value to value. Linux: include/linux/inetdevice.h, IN_DEV_*; uapi/linux/ip.h, IPV4_DEVCONF_*.

export const FORWARDING = 1;
export const MC_FORWARDING = 2;
export const PROXY_ARP = 3;
export const ACCEPT_REDIRECTS = 4;
export const SECURE_REDIRECTS = 5;
export const SEND_REDIRECTS = 6;
export const SHARED_MEDIA = 7;
export const RP_FILTER = 8;
export const ACCEPT_SOURCE_ROUTE = 9;
export const BOOTP_RELAY = 10;
export const LOG_MARTIANS = 11;
export const TAG = 12;
export const ARP_FILTER = 13;
export const MEDIUM_ID = 14;
export const DISABLE_XFRM = 15;
export const DISABLE_POLICY = 16;
export const FORCE_IGMP_VERSION = 17;
export const ARP_ANNOUNCE = 18;
export const ARP_IGNORE = 19;
export const PROMOTE_SECONDARIES = 20;
export const ARP_ACCEPT = 21;
export const ARP_NOTIFY = 22;
export const ACCEPT_LOCAL = 23;
export const SRC_VALID_MARK = 24;
export const PROXY_ARP_PVLAN = 25;
export const ROUTE_LOCALNET = 26;
export const IGMPV2_INTERVAL = 27;
export const IGMPV3_INTERVAL = 28;
export const IGNORE_LINKDOWN = 29;
export const DROP_UNICAST_IN_L2_MULTICAST = 30;
export const DROP_GRATUITOUS_ARP = 31;
export const BC_FORWARDING = 32;
export const ARP_EVICT_NOCARRIER = 33;
export const CONF_COUNT = 34;

/** File names under net/ipv4/conf/DEV/, by number. */
export const CONF_NAMES: readonly string[] = [
  '',
  'forwarding',
  'mc_forwarding',
  'proxy_arp',
  'accept_redirects',
  'secure_redirects',
  'send_redirects',
  'shared_media',
  'rp_filter',
  'accept_source_route',
  'bootp_relay',
  'log_martians',
  'tag',
  'arp_filter',
  'medium_id',
  'disable_xfrm',
  'disable_policy',
  'force_igmp_version',
  'arp_announce',
  'arp_ignore',
  'promote_secondaries',
  'arp_accept',
  'arp_notify',
  'accept_local',
  'src_valid_mark',
  'proxy_arp_pvlan',
  'route_localnet',
  'igmpv2_unsolicited_report_interval',
  'igmpv3_unsolicited_report_interval',
  'ignore_routes_with_linkdown',
  'drop_unicast_in_l2_multicast',
  'drop_gratuitous_arp',
  'bc_forwarding',
  'arp_evict_nocarrier',
];

export class DevConf {
  readonly v = new Int32Array(CONF_COUNT);
  /** Set by hand: a change of `default` no longer reaches it. Linux: ipv4_devconf.state. */
  readonly set = new Uint8Array(CONF_COUNT);

  constructor(from: DevConf | null) {
    if (from !== null) this.v.set(from.v);
  }

  setAll(): void {
    this.set.fill(1);
  }
}

const ON = [ACCEPT_REDIRECTS, SECURE_REDIRECTS, SEND_REDIRECTS, SHARED_MEDIA, ARP_EVICT_NOCARRIER];

/** Values compiled into the kernel for `all`. Linux: ipv4_devconf. */
export function confAll(): DevConf {
  const c = new DevConf(null);
  for (const i of ON) c.v[i] = 1;
  c.v[IGMPV2_INTERVAL] = 10000;
  c.v[IGMPV3_INTERVAL] = 1000;
  return c;
}

/** Those for `default`. Linux: ipv4_devconf_dflt. */
export function confDefault(): DevConf {
  const c = confAll();
  c.v[ACCEPT_SOURCE_ROUTE] = 1;
  return c;
}
