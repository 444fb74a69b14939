// net.ipv6.conf.*: one array of numbers per device, one for `all`, one for `default`, by the numbers that IFLA_INET6_CONF
// uses. Linux: include/uapi/linux/ipv6.h, DEVCONF_*; ipv6_devconf and ipv6_devconf_dflt in net/ipv6/addrconf.c.

export const DC_FORWARDING = 0;
export const DC_HOPLIMIT = 1;
export const DC_MTU6 = 2;
export const DC_ACCEPT_RA = 3;
export const DC_ACCEPT_REDIRECTS = 4;
export const DC_AUTOCONF = 5;
export const DC_DAD_TRANSMITS = 6;
export const DC_RTR_SOLICITS = 7;
/** In ms here as in IFLA_INET6_CONF; /proc shows seconds. */
export const DC_RTR_SOLICIT_INTERVAL = 8;
export const DC_RTR_SOLICIT_DELAY = 9;
export const DC_USE_TEMPADDR = 10;
export const DC_TEMP_VALID_LFT = 11;
export const DC_TEMP_PREFERED_LFT = 12;
export const DC_REGEN_MAX_RETRY = 13;
export const DC_MAX_DESYNC_FACTOR = 14;
export const DC_MAX_ADDRESSES = 15;
export const DC_FORCE_MLD_VERSION = 16;
export const DC_ACCEPT_RA_DEFRTR = 17;
export const DC_ACCEPT_RA_PINFO = 18;
export const DC_ACCEPT_RA_RTR_PREF = 19;
export const DC_RTR_PROBE_INTERVAL = 20;
export const DC_ACCEPT_RA_RT_INFO_MAX_PLEN = 21;
export const DC_PROXY_NDP = 22;
export const DC_OPTIMISTIC_DAD = 23;
export const DC_ACCEPT_SOURCE_ROUTE = 24;
export const DC_MC_FORWARDING = 25;
export const DC_DISABLE_IPV6 = 26;
export const DC_ACCEPT_DAD = 27;
export const DC_FORCE_TLLAO = 28;
export const DC_NDISC_NOTIFY = 29;
export const DC_MLDV1_INTERVAL = 30;
export const DC_MLDV2_INTERVAL = 31;
export const DC_SUPPRESS_FRAG_NDISC = 32;
export const DC_ACCEPT_RA_FROM_LOCAL = 33;
export const DC_USE_OPTIMISTIC = 34;
export const DC_ACCEPT_RA_MTU = 35;
export const DC_STABLE_SECRET = 36;
export const DC_USE_OIF_ADDRS_ONLY = 37;
export const DC_ACCEPT_RA_MIN_HOP_LIMIT = 38;
export const DC_IGNORE_LINKDOWN = 39;
export const DC_DROP_UNICAST_IN_L2_MULTICAST = 40;
export const DC_DROP_UNSOLICITED_NA = 41;
export const DC_KEEP_ADDR_ON_DOWN = 42;
export const DC_RTR_SOLICIT_MAX_INTERVAL = 43;
export const DC_SEG6_ENABLED = 44;
export const DC_SEG6_REQUIRE_HMAC = 45;
export const DC_ENHANCED_DAD = 46;
export const DC_ADDR_GEN_MODE = 47;
export const DC_DISABLE_POLICY = 48;
export const DC_ACCEPT_RA_RT_INFO_MIN_PLEN = 49;
export const DC_NDISC_TCLASS = 50;
export const DC_RPL_SEG_ENABLED = 51;
export const DC_RA_DEFRTR_METRIC = 52;
export const DC_IOAM6_ENABLED = 53;
export const DC_IOAM6_ID = 54;
export const DC_IOAM6_ID_WIDE = 55;
export const DC_NDISC_EVICT_NOCARRIER = 56;
export const DC_ACCEPT_UNTRACKED_NA = 57;
export const DC_ACCEPT_RA_MIN_LFT = 58;
export const DC_FORCE_FORWARDING = 59;
/** As many does IFLA_INET6_CONF show; the rest is for /proc alone. */
export const DC_COUNT = 60;
export const DC_RA_HONOR_PIO_LIFE = 60;
export const DC_RA_HONOR_PIO_PFLAG = 61;
export const DC_REGEN_MIN_ADVANCE = 62;
const DC_ALL = 63;

export class DevConf6 {
  readonly v = new Int32Array(DC_ALL);

  constructor(from: DevConf6 | null) {
    if (from !== null) this.v.set(from.v);
  }
}

const DEFAULTS: ReadonlyArray<readonly [number, number]> = [
  [DC_HOPLIMIT, 64],
  [DC_MTU6, 1280],
  [DC_ACCEPT_RA, 1],
  [DC_ACCEPT_REDIRECTS, 1],
  [DC_AUTOCONF, 1],
  [DC_MLDV1_INTERVAL, 10000],
  [DC_MLDV2_INTERVAL, 1000],
  [DC_DAD_TRANSMITS, 1],
  [DC_RTR_SOLICITS, -1],
  [DC_RTR_SOLICIT_INTERVAL, 4000],
  [DC_RTR_SOLICIT_MAX_INTERVAL, 3600000],
  [DC_RTR_SOLICIT_DELAY, 1000],
  [DC_TEMP_VALID_LFT, 604800],
  [DC_TEMP_PREFERED_LFT, 86400],
  [DC_REGEN_MAX_RETRY, 3],
  [DC_MAX_DESYNC_FACTOR, 600],
  [DC_MAX_ADDRESSES, 16],
  [DC_ACCEPT_RA_DEFRTR, 1],
  [DC_RA_DEFRTR_METRIC, 1024],
  [DC_ACCEPT_RA_MIN_HOP_LIMIT, 1],
  [DC_ACCEPT_RA_PINFO, 1],
  [DC_ACCEPT_RA_RTR_PREF, 1],
  [DC_RTR_PROBE_INTERVAL, 60000],
  [DC_SUPPRESS_FRAG_NDISC, 1],
  [DC_ACCEPT_RA_MTU, 1],
  [DC_ENHANCED_DAD, 1],
  [DC_IOAM6_ID, 65535],
  [DC_IOAM6_ID_WIDE, -1],
  [DC_NDISC_EVICT_NOCARRIER, 1],
  [DC_REGEN_MIN_ADVANCE, 2],
];

/** Values compiled into the kernel for `all`. Linux: ipv6_devconf. */
export function conf6All(): DevConf6 {
  const c = new DevConf6(null);
  for (const [i, v] of DEFAULTS) c.v[i] = v;
  return c;
}

/** Those for `default`. Linux: ipv6_devconf_dflt. */
export function conf6Default(): DevConf6 {
  const c = conf6All();
  c.v[DC_ACCEPT_DAD] = 1;
  return c;
}
