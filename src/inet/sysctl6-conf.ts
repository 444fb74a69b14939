// net/ipv6/conf/WHO/NAME: settings of a device, of all, and of devices to come; and what follows from a write.
// Linux: addrconf_sysctl[] in net/ipv6/addrconf.c and the functions that it names.

import { IFF_MULTICAST } from '../net/flags.ts';
import { Ev } from '../net/notifier.ts';
import { IFA_F_TENTATIVE } from '../uapi/addr.ts';
import { IN6_ALL_ROUTERS, In6, in6Of } from '../wire/in6.ts';
import { GEN_STABLE_PRIVACY } from './addr-gen6.ts';
import { ifDown, initAutoAddrs, linkChanged } from './addrconf.ts';
import { joinAnycast, leaveAnycast } from './addrconf-addr.ts';
import * as dc from './conf6.ts';
import { purgeDefaultRouters6 } from './fib6-sync.ts';
import { mc6Join, mc6Leave } from './mc6.ts';
import { type Inet6Dev, type Inet6Ns, in6Dev } from './state6.ts';
import { type Knob, parseInteger } from './sysctl-table.ts';

const EIO = 5;
const EINVAL = 22;
const INT_MIN = -2147483648;
const INT_MAX = 2147483647;
const UINT_MAX = 4294967295;
const ANY = [INT_MIN, INT_MAX] as const;
const BOOL = [0, 1] as const;
const NETCONF_ALL = -1;
const NETCONF_DEFAULT = -2;
/** NETCONFA_* */
const FORWARDING = 2;
const PROXY_NEIGH = 5;
const IGNORE_LINKDOWN = 6;
const FORCE_FORWARDING = 9;
const MIN_MTU = 1280;

const INTERFACE_ALL_ROUTERS = new In6(0xff010000, 0, 0, 2);
const SITE_ALL_ROUTERS = new In6(0xff050000, 0, 0, 2);

/** Name, number in the conf array, bounds, how many of ours make one of the file's. */
type Line = readonly [name: string, index: number, range?: readonly [number, number], unit?: number];

/** biome-ignore format: one look */
const LINES: readonly Line[] = [
  ['accept_dad', dc.DC_ACCEPT_DAD], ['accept_ra', dc.DC_ACCEPT_RA], ['accept_ra_defrtr', dc.DC_ACCEPT_RA_DEFRTR],
  ['accept_ra_from_local', dc.DC_ACCEPT_RA_FROM_LOCAL], ['accept_ra_min_hop_limit', dc.DC_ACCEPT_RA_MIN_HOP_LIMIT],
  ['accept_ra_min_lft', dc.DC_ACCEPT_RA_MIN_LFT], ['accept_ra_mtu', dc.DC_ACCEPT_RA_MTU],
  ['accept_ra_pinfo', dc.DC_ACCEPT_RA_PINFO], ['accept_ra_rt_info_max_plen', dc.DC_ACCEPT_RA_RT_INFO_MAX_PLEN],
  ['accept_ra_rt_info_min_plen', dc.DC_ACCEPT_RA_RT_INFO_MIN_PLEN], ['accept_ra_rtr_pref', dc.DC_ACCEPT_RA_RTR_PREF],
  ['accept_redirects', dc.DC_ACCEPT_REDIRECTS], ['accept_source_route', dc.DC_ACCEPT_SOURCE_ROUTE],
  ['accept_untracked_na', dc.DC_ACCEPT_UNTRACKED_NA, [0, 2]], ['addr_gen_mode', dc.DC_ADDR_GEN_MODE, [0, 3]],
  ['autoconf', dc.DC_AUTOCONF], ['dad_transmits', dc.DC_DAD_TRANSMITS], ['disable_ipv6', dc.DC_DISABLE_IPV6],
  ['disable_policy', dc.DC_DISABLE_POLICY], ['drop_unicast_in_l2_multicast', dc.DC_DROP_UNICAST_IN_L2_MULTICAST],
  ['drop_unsolicited_na', dc.DC_DROP_UNSOLICITED_NA], ['enhanced_dad', dc.DC_ENHANCED_DAD],
  ['force_forwarding', dc.DC_FORCE_FORWARDING, BOOL], ['force_mld_version', dc.DC_FORCE_MLD_VERSION],
  ['force_tllao', dc.DC_FORCE_TLLAO], ['forwarding', dc.DC_FORWARDING], ['hop_limit', dc.DC_HOPLIMIT, [1, 255]],
  ['ignore_routes_with_linkdown', dc.DC_IGNORE_LINKDOWN], ['ioam6_enabled', dc.DC_IOAM6_ENABLED, BOOL],
  ['ioam6_id', dc.DC_IOAM6_ID, [0, 65535]], ['ioam6_id_wide', dc.DC_IOAM6_ID_WIDE, [0, UINT_MAX]],
  ['keep_addr_on_down', dc.DC_KEEP_ADDR_ON_DOWN], ['max_addresses', dc.DC_MAX_ADDRESSES],
  ['max_desync_factor', dc.DC_MAX_DESYNC_FACTOR], ['mc_forwarding', dc.DC_MC_FORWARDING],
  ['mldv1_unsolicited_report_interval', dc.DC_MLDV1_INTERVAL],
  ['mldv2_unsolicited_report_interval', dc.DC_MLDV2_INTERVAL], ['mtu', dc.DC_MTU6],
  ['ndisc_evict_nocarrier', dc.DC_NDISC_EVICT_NOCARRIER, BOOL], ['ndisc_notify', dc.DC_NDISC_NOTIFY],
  ['ndisc_tclass', dc.DC_NDISC_TCLASS, [0, 255]], ['optimistic_dad', dc.DC_OPTIMISTIC_DAD],
  ['proxy_ndp', dc.DC_PROXY_NDP], ['ra_defrtr_metric', dc.DC_RA_DEFRTR_METRIC, [1, UINT_MAX]],
  ['ra_honor_pio_life', dc.DC_RA_HONOR_PIO_LIFE, BOOL], ['ra_honor_pio_pflag', dc.DC_RA_HONOR_PIO_PFLAG, BOOL],
  ['regen_max_retry', dc.DC_REGEN_MAX_RETRY], ['regen_min_advance', dc.DC_REGEN_MIN_ADVANCE],
  ['router_probe_interval', dc.DC_RTR_PROBE_INTERVAL, ANY, 1000],
  ['router_solicitation_delay', dc.DC_RTR_SOLICIT_DELAY, ANY, 1000],
  ['router_solicitation_interval', dc.DC_RTR_SOLICIT_INTERVAL, ANY, 1000],
  ['router_solicitation_max_interval', dc.DC_RTR_SOLICIT_MAX_INTERVAL, ANY, 1000],
  ['router_solicitations', dc.DC_RTR_SOLICITS, [-1, INT_MAX]], ['rpl_seg_enabled', dc.DC_RPL_SEG_ENABLED, BOOL],
  ['seg6_enabled', dc.DC_SEG6_ENABLED], ['seg6_require_hmac', dc.DC_SEG6_REQUIRE_HMAC],
  ['suppress_frag_ndisc', dc.DC_SUPPRESS_FRAG_NDISC], ['temp_prefered_lft', dc.DC_TEMP_PREFERED_LFT],
  ['temp_valid_lft', dc.DC_TEMP_VALID_LFT], ['use_oif_addrs_only', dc.DC_USE_OIF_ADDRS_ONLY],
  ['use_optimistic', dc.DC_USE_OPTIMISTIC], ['use_tempaddr', dc.DC_USE_TEMPADDR],
];
const BY_NAME: ReadonlyMap<string, Line> = new Map(LINES.map((l) => [l[0], l]));
const SECRET = 'stable_secret';

export const CONF6_FILES: readonly string[] = [...BY_NAME.keys(), SECRET];

/** Whose settings: all's, those of devices to come, a device's. */
interface Holder {
  readonly i6: Inet6Ns;
  readonly who: 'all' | 'default' | 'dev';
  readonly conf: dc.DevConf6;
  readonly d: Inet6Dev | null;
}

export function devices6(i6: Inet6Ns): Inet6Dev[] {
  const out: Inet6Dev[] = [];
  for (const dev of i6.ns.registered()) {
    const d = in6Dev(dev);
    if (d !== null) out.push(d);
  }
  return out;
}

function holderOf(i6: Inet6Ns, who: string): Holder | null {
  if (who === 'all') return { i6, who, conf: i6.confAll, d: null };
  if (who === 'default') return { i6, who, conf: i6.confDefault, d: null };
  const dev = i6.ns.byName.get(who) ?? null;
  const d = dev === null || dev.name !== who ? null : in6Dev(dev);
  return d === null ? null : { i6, who: 'dev', conf: d.conf, d };
}

/** net/ipv6/conf/WHO/NAME, or null. */
export function conf6Knob(i6: Inet6Ns, who: string, name: string): Knob | null {
  const h = holderOf(i6, who);
  if (h === null) return null;
  if (name === SECRET) return secretKnob(h);
  const line = BY_NAME.get(name);
  if (line === undefined) return null;
  const [, i, range = ANY, unit = 1] = line;
  const unsigned = range[1] === UINT_MAX;
  return {
    read: () => String(Math.trunc((unsigned ? h.conf.v[i] >>> 0 : h.conf.v[i]) / unit)),
    write: (_ins, text) => {
      const [low, high] = i === dc.DC_MTU6 ? [MIN_MTU, h.d?.dev.mtu ?? INT_MAX] : range;
      const v = parseInteger(text, low, high);
      if (Number.isNaN(v) || i === dc.DC_MC_FORWARDING) return -EINVAL;
      return store(h, i, unit === 1 ? v | 0 : Math.min(v * unit, INT_MAX));
    },
  };
}

function store(h: Holder, i: number, v: number): number {
  const was = h.conf.v[i];
  if (i === dc.DC_ADDR_GEN_MODE) return setGenMode(h, v);
  h.conf.v[i] = v;
  h.i6.genid++;
  switch (i) {
    case dc.DC_FORWARDING:
      forwardingChanged(h, was, v);
      break;
    case dc.DC_DISABLE_IPV6:
      disableChanged(h, was, v);
      break;
    case dc.DC_IGNORE_LINKDOWN:
      linkdownChanged(h, was, v);
      break;
    case dc.DC_PROXY_NDP:
      if (was !== v) tell(h, PROXY_NEIGH);
      break;
    case dc.DC_FORCE_FORWARDING:
      if (was !== v) forceChanged(h, v);
      break;
  }
  return 0;
}

function tell(h: Holder, type: number): void {
  const index = h.who === 'all' ? NETCONF_ALL : h.who === 'default' ? NETCONF_DEFAULT : (h.d?.dev.ifindex ?? 0);
  h.i6.stack.hooks.netconfChanged(h.i6.ns, index, type);
}

const tellDev = (d: Inet6Dev, type: number): void => d.i6.stack.hooks.netconfChanged(d.i6.ns, d.dev.ifindex, type);
const flipped = (x: number, y: number): boolean => (x === 0) !== (y === 0);

/** Linux: addrconf_fixup_forwarding(). */
function forwardingChanged(h: Holder, was: number, v: number): void {
  const { i6 } = h;
  if (h.who === 'default') {
    if (flipped(was, v)) tell(h, FORWARDING);
    return;
  }
  if (h.who === 'all') {
    const wasDefault = i6.confDefault.v[dc.DC_FORWARDING];
    i6.confDefault.v[dc.DC_FORWARDING] = v;
    if (flipped(wasDefault, v)) i6.stack.hooks.netconfChanged(i6.ns, NETCONF_DEFAULT, FORWARDING);
    for (const d of devices6(i6)) {
      const old = d.conf.v[dc.DC_FORWARDING];
      if (v === 0) d.conf.v[dc.DC_FORCE_FORWARDING] = 0;
      d.conf.v[dc.DC_FORWARDING] = v;
      if (flipped(old, v)) devForwarding(d);
    }
    if (flipped(was, v)) tell(h, FORWARDING);
  } else if (flipped(was, v) && h.d !== null) devForwarding(h.d);
  if (v !== 0) purgeDefaultRouters6(i6, (dev) => in6Dev(dev)?.conf.v[dc.DC_ACCEPT_RA] === 2);
}

/** A device becomes a router's, or a host's. Linux: dev_forward_change(). */
function devForwarding(d: Inet6Dev): void {
  const on = d.conf.v[dc.DC_FORWARDING] !== 0;
  if ((d.dev.flags & IFF_MULTICAST) !== 0) {
    for (const g of [IN6_ALL_ROUTERS, INTERFACE_ALL_ROUTERS, SITE_ALL_ROUTERS]) {
      if (on) mc6Join(d, g);
      else mc6Leave(d, g);
    }
  }
  for (const ifa of d.addrs) {
    if ((ifa.flags & IFA_F_TENTATIVE) !== 0) continue;
    if (on) joinAnycast(ifa);
    else leaveAnycast(ifa);
  }
  tellDev(d, FORWARDING);
}

/** Linux: addrconf_disable_ipv6(). */
function disableChanged(h: Holder, was: number, v: number): void {
  if (h.who === 'all') {
    h.i6.confDefault.v[dc.DC_DISABLE_IPV6] = v;
    for (const d of devices6(h.i6)) {
      const old = d.conf.v[dc.DC_DISABLE_IPV6];
      d.conf.v[dc.DC_DISABLE_IPV6] = v;
      if (flipped(old, v)) devDisabled(d);
    }
  } else if (h.d !== null && flipped(was, v)) devDisabled(h.d);
}

function devDisabled(d: Inet6Dev): void {
  if (d.conf.v[dc.DC_DISABLE_IPV6] !== 0) ifDown(d.dev, d, false);
  else linkChanged(Ev.Up, d.dev, d, false);
}

/** Linux: addrconf_fixup_linkdown(). */
function linkdownChanged(h: Holder, was: number, v: number): void {
  if (h.who === 'default') {
    if (flipped(was, v)) tell(h, IGNORE_LINKDOWN);
    return;
  }
  if (h.who !== 'all') return;
  h.i6.confDefault.v[dc.DC_IGNORE_LINKDOWN] = v;
  for (const d of devices6(h.i6)) {
    const old = d.conf.v[dc.DC_IGNORE_LINKDOWN];
    d.conf.v[dc.DC_IGNORE_LINKDOWN] = v;
    if (flipped(old, v)) tellDev(d, IGNORE_LINKDOWN);
  }
  if (flipped(was, v)) tell(h, IGNORE_LINKDOWN);
}

/** Linux: addrconf_sysctl_force_forwarding(). */
function forceChanged(h: Holder, v: number): void {
  tell(h, FORCE_FORWARDING);
  if (h.who !== 'all') return;
  for (const d of devices6(h.i6)) {
    const old = d.conf.v[dc.DC_FORCE_FORWARDING];
    d.conf.v[dc.DC_FORCE_FORWARDING] = v;
    if (flipped(old, v)) tellDev(d, FORCE_FORWARDING);
  }
}

/** May the device make addresses that way? A stable identifier needs a secret. Linux: check_stable_privacy(). */
export function genModeAllowed(d: Inet6Dev, mode: number): boolean {
  return mode !== GEN_STABLE_PRIVACY || d.stableSecret !== null || d.i6.stableSecret !== null;
}

/** Linux: addrconf_sysctl_addr_gen_mode(). */
function setGenMode(h: Holder, mode: number): number {
  const apply = (d: Inet6Dev): void => {
    if (d.conf.v[dc.DC_ADDR_GEN_MODE] === mode) return;
    d.conf.v[dc.DC_ADDR_GEN_MODE] = mode;
    initAutoAddrs(d.dev);
  };
  if (h.d !== null) {
    if (!genModeAllowed(h.d, mode)) return -EINVAL;
    apply(h.d);
  } else if (h.who === 'all') {
    h.i6.confDefault.v[dc.DC_ADDR_GEN_MODE] = mode;
    for (const d of devices6(h.i6)) apply(d);
  }
  h.conf.v[dc.DC_ADDR_GEN_MODE] = mode;
  return 0;
}

/** Eight groups of four digits; unreadable until it was written. Linux: addrconf_sysctl_stable_secret(). */
function secretKnob(h: Holder): Knob {
  const current = (): In6 | null => (h.d === null ? h.i6.stableSecret : h.d.stableSecret);
  return {
    read: () => {
      const secret = h.who === 'all' ? null : current();
      if (secret === null) return -EIO;
      const hex = [...secret.bytes()].map((x) => x.toString(16).padStart(2, '0')).join('');
      return hex.replace(/....(?!$)/g, '$&:');
    },
    write: (_ins, text) => {
      const secret = in6Of(text.trim());
      if (h.who === 'all' || secret === null) return -EIO;
      if (h.d !== null) {
        h.d.stableSecret = secret;
        h.conf.v[dc.DC_ADDR_GEN_MODE] = GEN_STABLE_PRIVACY;
        return 0;
      }
      h.i6.stableSecret = secret;
      for (const d of devices6(h.i6)) d.conf.v[dc.DC_ADDR_GEN_MODE] = GEN_STABLE_PRIVACY;
      return 0;
    },
  };
}
