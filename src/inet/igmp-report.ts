// Membership reports and queries (IGMPv3; v1 and v2 queriers are not modelled and their queries are answered as v3).
// A join or leave is reported igmp_qrv times, a query answered within its time. Linux: net/ipv4/igmp.c,
// igmp_ifc_event(), igmp_heard_query(), igmpv3_send_report().

import { Drop } from '../net/drop.ts';
import { IFF_LOOPBACK } from '../net/flags.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { Skb } from '../net/skb.ts';
import { Timer } from '../sim/timer.ts';
import { setU16, setU32, u16 } from '../wire/bytes.ts';
import {
  IGMP_HOST_MEMBERSHIP_QUERY,
  IGMPV3_CHANGE_TO_EXCLUDE,
  IGMPV3_CHANGE_TO_INCLUDE,
  IGMPV3_HOST_MEMBERSHIP_REPORT,
  IGMPV3_MODE_IS_EXCLUDE,
  igmpGroup,
  igmpMaxResp,
  setIgmpCheck,
} from '../wire/igmp.ts';
import { IP4_DF, IPPROTO_IGMP, setIp4, setIp4Check } from '../wire/ip4.ts';
import { IGMPV3_INTERVAL } from './conf.ts';
import { CB_IGNORE_DF, ipSend } from './ip4-out.ts';
import { ALL_HOSTS, isLocalMulticast } from './ipaddr.ts';
import { routeOutput } from './route.ts';
import { type InDevice, type InetNs, inDev, maxConf } from './state.ts';

const ALL_V3_ROUTERS = 0xe0000016;
const TICK_NS = 4e6;

/** A change of a group that is still to be reported `left` times. */
interface Change {
  readonly group: number;
  readonly type: number;
  left: number;
}

/** What a device still has to report; the newest change stands first. Linux: mc_tomb, crcount and mr_ifc_timer. */
class Reporter {
  readonly ind: InDevice;
  leaves: Change[] = [];
  joins: Change[] = [];
  readonly timer: Timer<Reporter>;
  rounds = 0;

  constructor(ind: InDevice) {
    this.ind = ind;
    this.timer = new Timer(ind.ins.kernel.loop, report, this as Reporter);
  }
}

const reporters = new WeakMap<InDevice, Reporter>();

function speaks(ind: InDevice, group: number): boolean {
  if (group === ALL_HOSTS || ind.dead || (ind.dev.flags & IFF_LOOPBACK) !== 0) return false;
  return !isLocalMulticast(group) || ind.ins.set.igmpLinkLocalReports !== 0;
}

export function igmpJoined(ind: InDevice, group: number): void {
  if (speaks(ind, group)) change(ind, group, IGMPV3_CHANGE_TO_EXCLUDE);
}

export function igmpLeft(ind: InDevice, group: number): void {
  if (speaks(ind, group)) change(ind, group, IGMPV3_CHANGE_TO_INCLUDE);
}

/** A bond has another active slave: switches learn at once where the listeners are. Linux: ip_mc_rejoin_groups(). */
export function igmpRejoin(ind: InDevice): void {
  if (!ind.dev.up) return;
  for (const { group } of ind.groups) if (speaks(ind, group)) sendReport(ind, [[IGMPV3_MODE_IS_EXCLUDE, group]]);
}

/** Linux: igmp_ifc_event(). */
function change(ind: InDevice, group: number, type: number): void {
  let r = reporters.get(ind);
  if (r === undefined) {
    r = new Reporter(ind);
    reporters.set(ind, r);
  }
  const other = (c: Change): boolean => c.group !== group;
  r.leaves = r.leaves.filter(other);
  r.joins = r.joins.filter(other);
  const qrv = ind.ins.set.igmpQrv;
  (type === IGMPV3_CHANGE_TO_INCLUDE ? r.leaves : r.joins).unshift({ group, type, left: qrv });
  r.rounds = qrv;
  r.timer.armIn(2 * TICK_NS);
}

/** Linux: igmp_ifc_timer_expire(), igmpv3_send_cr(). */
function report(r: Reporter): void {
  const { ind } = r;
  if (ind.dead || !ind.dev.up) {
    r.leaves = [];
    r.joins = [];
    return;
  }
  const all = [...r.leaves, ...r.joins];
  if (all.length > 0)
    sendReport(
      ind,
      all.map((c): [number, number] => [c.type, c.group]),
    );
  for (const c of all) c.left--;
  const more = (c: Change): boolean => c.left > 0;
  r.leaves = r.leaves.filter(more);
  r.joins = r.joins.filter(more);
  if (--r.rounds <= 0) return;
  const waitMs = ind.ins.kernel.stream('inet:igmp').below(Math.max(1, maxConf(ind, IGMPV3_INTERVAL)));
  r.timer.armIn(waitMs * 1e6 + 2 * TICK_NS);
}

/** An IGMPv3 report to 224.0.0.22, with Router Alert. Linux: igmpv3_newpack(), igmpv3_sendpack(). */
function sendReport(ind: InDevice, records: Array<[number, number]>): void {
  const ins = ind.ins;
  const dst = ins.tmpDst;
  if (routeOutput(ins, dst, ALL_V3_ROUTERS, 0, ind.dev.ifindex, 0xc0, IPPROTO_IGMP) !== 0) return;
  const len = 8 + 8 * records.length;
  const skb = ins.kernel.skbs.alloc(24 + len);
  if (skb === null) return;
  const b = skb.bytes;
  const at = skb.off;
  // An address of another device is none. Linux: igmpv3_get_srcaddr().
  const own = ind.addrs.some((ifa) => ifa.local === dst.saddr);
  setIp4(b, at, 0xc0, 24 + len, 0, IP4_DF, 1, IPPROTO_IGMP, own ? dst.saddr : 0, ALL_V3_ROUTERS);
  b[at] = 0x46;
  setU32(b, at + 20, 0x94040000);
  setIp4Check(b, at);
  const igmp = at + 24;
  setU32(b, igmp, IGMPV3_HOST_MEMBERSHIP_REPORT << 24);
  setU32(b, igmp + 4, records.length);
  records.forEach(([type, group], i) => {
    setU32(b, igmp + 8 + 8 * i, type << 24);
    setU32(b, igmp + 12 + 8 * i, group);
  });
  setU16(b, igmp + 2, 0);
  setIgmpCheck(b, igmp, len);
  skb.priority = 7;
  skb.cb1 = CB_IGNORE_DF;
  skb.transport = igmp;
  skb.trace = ins.kernel.newTrace();
  ipSend(ins, skb, dst);
}

/** skb.off at the IGMP header. Takes. Linux: igmp_rcv(). */
export function igmpRcv(ins: InetNs, skb: Skb): void {
  const dev = skb.dev as NetDevice;
  const ind = inDev(dev);
  const b = skb.bytes;
  const at = skb.off;
  if (ind !== null && skb.len >= 12 && b[at] === IGMP_HOST_MEMBERSHIP_QUERY) {
    const code = igmpMaxResp(b, at);
    const tenths = code < 128 ? code : ((code & 15) | 16) << (((code >>> 4) & 7) + 3);
    const group = igmpGroup(b, at);
    const waitMs = ins.kernel.stream('inet:igmp').below(Math.max(1, tenths * 100));
    if (u16(b, at + 10) === 0 || group !== 0) ins.kernel.loop.after(waitMs * 1e6, answer, ind, group);
  }
  skb.slabs.free(skb, Drop.None);
}

function answer(ind: InDevice, group: number): void {
  if (ind.dead || !ind.dev.up) return;
  const records: Array<[number, number]> = [];
  for (const g of ind.groups) {
    if (speaks(ind, g.group) && (group === 0 || g.group === group)) records.push([IGMPV3_MODE_IS_EXCLUDE, g.group]);
  }
  if (records.length > 0) sendReport(ind, records.slice(0, 180));
}
