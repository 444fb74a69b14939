// A bridge's settings: IFLA_BR_* in and out. Four sorts: those that work here, those that are kept and shown because
// nothing here depends on them (timers of multicast snooping without a querier), those whose only accepted value is the
// one that means "off", and what is only shown. Whatever is off and cannot be turned on is refused by name.
// Linux: net/bridge/br_netlink.c, br_changelink(), br_fill_info().

import { type Attrs, Refusal } from '../../net/linkops.ts';
import { ETH_P_8021Q } from '../../wire/ethernet.ts';
import { E } from '../common.ts';
import type { Bridge } from './br.ts';
import { CENTISECOND_NS, GROUP_FWD_RESTRICTED } from './const.ts';
import { syncSnoopers } from './snoop.ts';
import { type BridgeVlans, setDefaultPvid, vlansOf } from './vlan.ts';

const GROUP_ADDR_BASE = 0x0180c2000000;
/** Bits of multiBoolopt: no_ll_learn; mcast_vlan_snooping, mst_enable, mdb_offload_fail_notification, fdb_local_vlan_0. */
const NO_LL_LEARN = 1;
const ALL_BOOLOPTS = 0x1f;

/** Kept and shown: value at creation, and the least and greatest that a request may set. */
const KEPT: ReadonlyArray<readonly [key: string, initial: number, min: number, max: number]> = [
  ['mcastRouter', 1, 0, 2],
  ['mcastSnooping', 1, 0, 1],
  ['mcastQueryUseIfaddr', 0, 0, 1],
  ['mcastHashMax', 4096, 1, 0xffffffff],
  ['mcastLastMemberCnt', 2, 0, 0xffffffff],
  ['mcastStartupQueryCnt', 2, 0, 0xffffffff],
  ['mcastIgmpVersion', 2, 2, 3],
  ['mcastMldVersion', 1, 1, 2],
  ['mcastLastMemberIntvl', 100, 0, Number.MAX_SAFE_INTEGER],
  ['mcastMembershipIntvl', 26000, 0, Number.MAX_SAFE_INTEGER],
  ['mcastQuerierIntvl', 25500, 0, Number.MAX_SAFE_INTEGER],
  ['mcastQueryIntvl', 12500, 0, Number.MAX_SAFE_INTEGER],
  ['mcastQueryResponseIntvl', 1000, 0, Number.MAX_SAFE_INTEGER],
  ['mcastStartupQueryIntvl', 3124, 0, Number.MAX_SAFE_INTEGER],
];

/** Only "off" is accepted, and what the words are for the rest. */
const OFF: ReadonlyArray<readonly [key: string, what: string]> = [
  ['stpState', 'The spanning tree protocol is not modelled'],
  ['vlanStatsEnabled', 'Statistics of VLANs are not modelled'],
  ['vlanStatsPerPort', 'Statistics of VLANs are not modelled'],
  ['mcastQuerier', 'A multicast querier in the bridge is not modelled'],
  ['mcastStatsEnabled', 'Multicast statistics of a bridge are not modelled'],
  ['nfCallIptables', 'Netfilter is not modelled'],
  ['nfCallIp6tables', 'Netfilter is not modelled'],
  ['nfCallArptables', 'Netfilter is not modelled'],
];

export function initOptions(br: Bridge): void {
  for (const [key, initial] of KEPT) br.kept.set(key, initial);
}

/** Not atomic: what comes before a refusal stays. */
export function changeOptions(br: Bridge, data: Attrs): void {
  changeTimes(br, data); // first, as in Linux: a time out of range is refused before what the model lacks
  for (const [key, what] of OFF) {
    if (data[key] !== undefined && data[key] !== 0) throw new Refusal(E.EOPNOTSUPP, what);
  }
  if (data.priority !== undefined) br.priority = data.priority as number;
  changeVlans(br, data);
  if (data.groupFwdMask !== undefined) {
    const mask = data.groupFwdMask as number;
    if ((mask & GROUP_FWD_RESTRICTED) !== 0) throw new Refusal(E.EINVAL);
    br.groupFwdMask = mask;
  }
  if (data.groupAddr !== undefined) changeGroupAddr(br, data.groupAddr as number);
  if (data.fdbFlush !== undefined) br.fdb.flush();
  for (const [key, , min, max] of KEPT) {
    const value = data[key] as number | undefined;
    if (value === undefined) continue;
    if (value < min || value > max) throw new Refusal(E.EINVAL);
    br.kept.set(key, key.endsWith('Intvl') ? wholeJiffies(value) : value);
  }
  syncSnoopers(br);
  if (data.multiBoolopt !== undefined) changeBoolopts(br, data.multiBoolopt as { optval: number; optmask: number });
  if (data.fdbMaxLearned !== undefined) br.fdb.maxLearned = data.fdbMaxLearned as number;
}

/** Turning filtering off where it was never on leaves the bridge without VLANs. */
function changeVlans(br: Bridge, data: Attrs): void {
  if (data.vlanFiltering !== undefined && (data.vlanFiltering !== 0 || br.vlans !== null)) {
    vlansOf(br).filtering = data.vlanFiltering !== 0;
  }
  if (data.vlanProtocol !== undefined) {
    if (data.vlanProtocol !== ETH_P_8021Q) {
      throw new Refusal(E.EOPNOTSUPP, 'A bridge whose VLANs are not 802.1Q is not modelled');
    }
    vlansOf(br);
  }
  if (data.vlanDefaultPvid !== undefined) setDefaultPvid(br, data.vlanDefaultPvid as number);
}

/** The protocol's timers have limits only while it runs, which it never does here. */
function changeTimes(br: Bridge, data: Attrs): void {
  if (data.forwardDelay !== undefined) br.forwardDelay = wholeJiffies(data.forwardDelay as number);
  if (data.helloTime !== undefined) {
    const t = wholeJiffies(data.helloTime as number);
    if (t < 100 || t > 1000) throw new Refusal(E.ERANGE);
    br.helloTime = t;
  }
  if (data.maxAge !== undefined) {
    const t = wholeJiffies(data.maxAge as number);
    if (t < 600 || t > 4000) throw new Refusal(E.ERANGE);
    br.maxAge = t;
  }
  if (data.ageingTime !== undefined) {
    br.ageingTime = wholeJiffies(data.ageingTime as number);
    br.fdb.armGc();
  }
}

/** Hundredths of a second as a kernel with HZ=250 keeps them. */
function wholeJiffies(hundredths: number): number {
  return Math.floor(Math.floor(hundredths * 2.5) / 2.5);
}

function changeGroupAddr(br: Bridge, mac: number): void {
  const last = mac - GROUP_ADDR_BASE;
  if (last < 0 || last > 15 || last === 1 || last === 2 || last === 3) throw new Refusal(E.EINVAL);
  br.groupAddr = mac;
}

function changeBoolopts(br: Bridge, opt: { optval: number; optmask: number }): void {
  if ((opt.optmask & ~ALL_BOOLOPTS) !== 0) throw new Refusal(E.EINVAL, 'Unknown boolean options');
  if ((opt.optval & opt.optmask & ~NO_LL_LEARN) !== 0) {
    throw new Refusal(E.EOPNOTSUPP, 'Of the boolean options only no_linklocal_learn is modelled');
  }
  if ((opt.optmask & NO_LL_LEARN) !== 0) br.noLinkLocalLearn = (opt.optval & NO_LL_LEARN) !== 0;
}

/** In the kernel's order. */
export function fillOptions(br: Bridge): Attrs {
  const id = { prio: br.priority, addr: br.idAddr };
  const kept = (key: string): number => br.kept.get(key) as number;
  return {
    helloTimer: 0,
    tcnTimer: 0,
    topologyChangeTimer: 0,
    gcTimer: gcTimer(br),
    forwardDelay: br.forwardDelay,
    helloTime: br.helloTime,
    maxAge: br.maxAge,
    ageingTime: br.ageingTime,
    stpState: 0,
    priority: br.priority,
    vlanFiltering: br.vlans?.filtering === true ? 1 : 0,
    groupFwdMask: br.groupFwdMask,
    bridgeId: id,
    rootId: id,
    rootPort: 0,
    rootPathCost: 0,
    topologyChange: 0,
    topologyChangeDetected: 0,
    groupAddr: br.groupAddr,
    multiBoolopt: { optval: br.noLinkLocalLearn ? NO_LL_LEARN : 0, optmask: ALL_BOOLOPTS },
    fdbNLearned: br.fdb.learned,
    fdbMaxLearned: br.fdb.maxLearned,
    ...(br.vlans === null ? {} : fillVlans(br.vlans)),
    mcastRouter: kept('mcastRouter'),
    mcastSnooping: kept('mcastSnooping'),
    mcastQueryUseIfaddr: kept('mcastQueryUseIfaddr'),
    mcastQuerier: 0,
    mcastStatsEnabled: 0,
    mcastHashElasticity: 16,
    mcastHashMax: kept('mcastHashMax'),
    mcastLastMemberCnt: kept('mcastLastMemberCnt'),
    mcastStartupQueryCnt: kept('mcastStartupQueryCnt'),
    mcastIgmpVersion: kept('mcastIgmpVersion'),
    mcastMldVersion: kept('mcastMldVersion'),
    mcastLastMemberIntvl: kept('mcastLastMemberIntvl'),
    mcastMembershipIntvl: kept('mcastMembershipIntvl'),
    mcastQuerierIntvl: kept('mcastQuerierIntvl'),
    mcastQueryIntvl: kept('mcastQueryIntvl'),
    mcastQueryResponseIntvl: kept('mcastQueryResponseIntvl'),
    mcastStartupQueryIntvl: kept('mcastStartupQueryIntvl'),
    nfCallIptables: 0,
    nfCallIp6tables: 0,
    nfCallArptables: 0,
  };
}

/** What a kernel with VLAN filtering shows besides. */
function fillVlans(vlans: BridgeVlans): Attrs {
  return { vlanProtocol: ETH_P_8021Q, vlanDefaultPvid: vlans.defaultPvid, vlanStatsEnabled: 0, vlanStatsPerPort: 0 };
}

/** Hundredths until Linux's collector of old entries would run next: 100 ms after the start, then once an ageing time. */
function gcTimer(br: Bridge): number {
  if (br.gcFromNs < 0) return 0;
  const passed = br.dev.core.kernel.loop.now - br.gcFromNs;
  const first = 10 * CENTISECOND_NS;
  if (passed < first) return Math.floor((first - passed) / CENTISECOND_NS);
  const period = Math.max(1, br.ageingTime) * CENTISECOND_NS;
  return Math.floor((period - ((passed - first) % period)) / CENTISECOND_NS);
}
