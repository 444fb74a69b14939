// Membership reports: a join or leave is told igmp_qrv times. Who asks, and what is told an old querier, is igmp-query.ts.
// Linux: net/ipv4/igmp.c, igmp_ifc_event(), igmpv3_send_report(), igmp_send_report().

import { IFF_LOOPBACK } from '../net/flags.ts';
import { Timer } from '../sim/timer.ts';
import { setU32 } from '../wire/bytes.ts';
import {
  IGMP_HLEN,
  IGMP_HOST_LEAVE_MESSAGE,
  IGMPV3_CHANGE_TO_EXCLUDE,
  IGMPV3_CHANGE_TO_INCLUDE,
  IGMPV3_HOST_MEMBERSHIP_REPORT,
  IGMPV3_MODE_IS_EXCLUDE,
  setIgmp,
  setIgmpCheck,
} from '../wire/igmp.ts';
import { IP4_DF, IPPROTO_IGMP, setIp4, setIp4Check } from '../wire/ip4.ts';
import { IGMPV3_INTERVAL } from './conf.ts';
import { CB_IGNORE_DF, ipSend } from './ip4-out.ts';
import { ALL_HOSTS, isLocalMulticast } from './ipaddr.ts';
import { routeOutput } from './route.ts';
import { type InDevice, maxConf } from './state.ts';

const ALL_ROUTERS = 0xe0000002;
const ALL_V3_ROUTERS = 0xe0000016;
const TICK_NS = 4e6;

/** A change of a group that is still to be reported `left` times. */
interface Change {
  readonly group: number;
  readonly type: number;
  left: number;
}

/** What a device still has to report: leaves, the newest first, then joins in the order of its groups. Linux: mc_tomb, crcount and mr_ifc_timer. */
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

/** Is the group told of at all? Linux: igmp_group_added(). */
export function speaks(ind: InDevice, group: number): boolean {
  if (group === ALL_HOSTS || ind.dead || (ind.dev.flags & IFF_LOOPBACK) !== 0) return false;
  return !isLocalMulticast(group) || ind.ins.set.igmpLinkLocalReports !== 0;
}

/** A join, to a querier of version 3. */
export function reportJoin(ind: InDevice, group: number): void {
  change(ind, group, IGMPV3_CHANGE_TO_EXCLUDE);
}

export function reportLeave(ind: InDevice, group: number): void {
  change(ind, group, IGMPV3_CHANGE_TO_INCLUDE);
}

/** That these groups are listened to. */
export function reportState(ind: InDevice, groups: readonly number[]): void {
  if (groups.length > 0)
    sendReport(
      ind,
      groups.slice(0, 180).map((group) => [IGMPV3_MODE_IS_EXCLUDE, group]),
    );
}

/** What was still to be told of changes is not: an old querier would not understand it. */
export function forgetChanges(ind: InDevice): void {
  const r = reporters.get(ind);
  if (r === undefined) return;
  r.timer.disarm();
  r.leaves = [];
  r.joins = [];
  r.rounds = 0;
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
  const place = (c: Change): number => ind.groups.findIndex((g) => g.group === c.group);
  const all = [...r.leaves, ...r.joins.sort((a, b) => place(a) - place(b))];
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

/** An IGMPv3 report to 224.0.0.22. Linux: igmpv3_newpack(), igmpv3_sendpack(). */
function sendReport(ind: InDevice, records: Array<[number, number]>): void {
  sendIgmp(ind, ALL_V3_ROUTERS, 8 + 8 * records.length, (b, at) => {
    setU32(b, at, IGMPV3_HOST_MEMBERSHIP_REPORT << 24);
    setU32(b, at + 4, records.length);
    records.forEach(([type, group], i) => {
      setU32(b, at + 8 + 8 * i, type << 24);
      setU32(b, at + 12 + 8 * i, group);
    });
  });
}

/** A report or a leave of version 1 or 2. Linux: igmp_send_report(). */
export function sendOld(ind: InDevice, type: number, group: number): void {
  const to = type === IGMP_HOST_LEAVE_MESSAGE ? ALL_ROUTERS : group;
  sendIgmp(ind, to, IGMP_HLEN, (b, at) => setIgmp(b, at, type, 0, group));
}

/** `len` bytes that `fill` writes, with Router Alert. */
function sendIgmp(ind: InDevice, to: number, len: number, fill: (b: Uint8Array, at: number) => void): void {
  const ins = ind.ins;
  const dst = ins.tmpDst;
  if (routeOutput(ins, dst, to, 0, ind.dev.ifindex, 0xc0, IPPROTO_IGMP) !== 0) return;
  const skb = ins.kernel.skbs.alloc(24 + len);
  if (skb === null) return;
  const b = skb.bytes;
  const at = skb.off;
  // An address of another device is none. Linux: igmpv3_get_srcaddr().
  const own = ind.addrs.some((ifa) => ifa.local === dst.saddr);
  setIp4(b, at, 0xc0, 24 + len, 0, IP4_DF, 1, IPPROTO_IGMP, own ? dst.saddr : 0, to);
  b[at] = 0x46;
  setU32(b, at + 20, 0x94040000);
  setIp4Check(b, at);
  const igmp = at + 24;
  fill(b, igmp);
  setIgmpCheck(b, igmp, len);
  skb.priority = 7;
  skb.cb1 = CB_IGNORE_DF;
  skb.transport = igmp;
  skb.trace = ins.kernel.newTrace();
  ipSend(ins, skb, dst);
}
