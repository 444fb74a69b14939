// Queries for multicast listeners, and who answers when: within the time that the querier gives, in the oldest version of
// IGMP that one of them speaks. Linux: net/ipv4/igmp.c, igmp_heard_query(), igmp_timer_expire(), igmp_group_added().

import { Drop } from '../net/drop.ts';
import type { NetDevice } from '../net/netdev.ts';
import { PKT_BROADCAST, PKT_MULTICAST, type Skb } from '../net/skb.ts';
import { Timer } from '../sim/timer.ts';
import { u16 } from '../wire/bytes.ts';
import {
  IGMP_HOST_LEAVE_MESSAGE,
  IGMP_HOST_MEMBERSHIP_QUERY,
  IGMP_HOST_MEMBERSHIP_REPORT,
  IGMPV2_HOST_MEMBERSHIP_REPORT,
  igmpGroup,
  igmpMaxResp,
} from '../wire/igmp.ts';
import { FORCE_IGMP_VERSION, IGMPV2_INTERVAL } from './conf.ts';
import { forgetChanges, reportJoin, reportLeave, reportState, sendOld, speaks } from './igmp-report.ts';
import { type InDevice, type InetNs, inDev, maxConf } from './state.ts';

const TICK_NS = 4e6;
/** IGMP_QUERY_INTERVAL, IGMP_QUERY_RESPONSE_INTERVAL: a querier's unless it says otherwise. */
const QUERY_INTERVAL_NS = 125e9;
const RESPONSE_NS = 10e9;
const TENTH_NS = 1e8;

/** A group with an answer due, or that was told of to a querier of version 1 or 2. Linux: struct ip_mc_list. */
class Answer {
  readonly group: number;
  readonly timer: Timer<Answer>;
  readonly ind: InDevice;
  /** How often a join is still to be told. */
  left = 0;
  /** It was we who told of it last. */
  reporter = false;

  constructor(ind: InDevice, group: number) {
    this.ind = ind;
    this.group = group;
    this.timer = new Timer(ind.ins.kernel.loop, due, this as Answer);
  }
}

/** What a device knows of its queriers. Linux: struct in_device, mr_*. */
class Queriers {
  v1UntilNs = 0;
  v2UntilNs = 0;
  readonly answers = new Map<number, Answer>();
  readonly general: Timer<InDevice>;

  constructor(ind: InDevice) {
    this.general = new Timer(ind.ins.kernel.loop, answerAll, ind);
  }
}

const known = new WeakMap<InDevice, Queriers>();

function queriersOf(ind: InDevice): Queriers {
  let q = known.get(ind);
  if (q === undefined) {
    q = new Queriers(ind);
    known.set(ind, q);
  }
  return q;
}

/** IGMP_V1_SEEN, IGMP_V2_SEEN. */
function version(ind: InDevice): 1 | 2 | 3 {
  const forced = maxConf(ind, FORCE_IGMP_VERSION);
  if (forced === 1 || forced === 2) return forced;
  const q = known.get(ind);
  if (q === undefined) return 3;
  return q.v1UntilNs > ind.ins.now ? 1 : q.v2UntilNs > ind.ins.now ? 2 : 3;
}

export function igmpJoined(ind: InDevice, group: number): void {
  if (!speaks(ind, group)) return;
  if (version(ind) === 3) return reportJoin(ind, group);
  const a = answerFor(ind, group);
  a.left = ind.ins.set.igmpQrv;
  arm(a, TICK_NS);
}

export function igmpLeft(ind: InDevice, group: number): void {
  if (!speaks(ind, group)) return;
  const q = known.get(ind);
  const a = q?.answers.get(group);
  a?.timer.disarm();
  q?.answers.delete(group);
  const v = version(ind);
  if (v === 3) reportLeave(ind, group);
  else if (v === 2 && a?.reporter === true) sendOld(ind, IGMP_HOST_LEAVE_MESSAGE, group);
}

/** skb.off at the IGMP header. Takes. Linux: igmp_rcv(). */
export function igmpRcv(ins: InetNs, skb: Skb): void {
  const ind = inDev(skb.dev as NetDevice);
  const type = skb.bytes[skb.off];
  if (ind !== null && skb.len >= 8) {
    if (type === IGMP_HOST_MEMBERSHIP_QUERY) heardQuery(ins, ind, skb);
    else if (type === IGMP_HOST_MEMBERSHIP_REPORT || type === IGMPV2_HOST_MEMBERSHIP_REPORT) {
      // Our own, looped back, is no news; nor is one that only we were told.
      const { pktType } = skb;
      if (pktType === PKT_MULTICAST || pktType === PKT_BROADCAST) heardReport(ind, igmpGroup(skb.bytes, skb.off));
    }
  }
  skb.slabs.free(skb, Drop.None);
}

/** Somebody else told of it: that is enough. */
function heardReport(ind: InDevice, group: number): void {
  const a = known.get(ind)?.answers.get(group);
  if (a === undefined) return;
  a.timer.disarm();
  a.reporter = false;
  a.left = 0;
}

function heardQuery(ins: InetNs, ind: InDevice, skb: Skb): void {
  const [b, at] = [skb.bytes, skb.off];
  const code = igmpMaxResp(b, at);
  let group = igmpGroup(b, at);
  let withinNs = RESPONSE_NS;
  if (skb.len === 8) {
    const until = ins.now + ins.set.igmpQrv * QUERY_INTERVAL_NS + RESPONSE_NS;
    const q = queriersOf(ind);
    if (code === 0) {
      q.v1UntilNs = until;
      group = 0;
    } else {
      q.v2UntilNs = until;
      withinNs = code * TENTH_NS;
    }
    forgetChanges(ind);
  } else if (skb.len < 12) return;
  else if (version(ind) === 1) group = 0;
  else {
    withinNs = Math.max(TICK_NS, exponential(code) * TENTH_NS);
    if (version(ind) === 3 && group === 0) {
      if (u16(b, at + 10) === 0) armGeneral(ins, queriersOf(ind), withinNs);
      return;
    }
  }
  for (const g of ind.groups) {
    if (!speaks(ind, g.group) || (group !== 0 && g.group !== group)) continue;
    const a = answerFor(ind, g.group);
    if (!a.timer.armed || a.timer.expiresNs > ins.now + withinNs) arm(a, withinNs);
  }
}

/** IGMPV3_MRC: from 128 on a mantissa and an exponent. */
function exponential(code: number): number {
  return code < 128 ? code : ((code & 15) | 16) << (((code >>> 4) & 7) + 3);
}

function armGeneral(ins: InetNs, q: Queriers, withinNs: number): void {
  const atNs = ins.now + randomNs(ins, withinNs);
  if (!q.general.armed || q.general.expiresNs > atNs) q.general.armAt(atNs);
}

function answerAll(ind: InDevice): void {
  if (ind.dead || !ind.dev.up) return;
  reportState(
    ind,
    ind.groups.map((g) => g.group).filter((group) => speaks(ind, group)),
  );
}

function answerFor(ind: InDevice, group: number): Answer {
  const { answers } = queriersOf(ind);
  let a = answers.get(group);
  if (a === undefined) {
    a = new Answer(ind, group);
    answers.set(group, a);
  }
  return a;
}

/** Linux: igmp_start_timer(). */
function arm(a: Answer, withinNs: number): void {
  a.timer.armAt(a.ind.ins.now + randomNs(a.ind.ins, withinNs));
}

function randomNs(ins: InetNs, withinNs: number): number {
  return ins.kernel.stream('inet:igmp').below(Math.max(1, Math.floor(withinNs / TICK_NS))) * TICK_NS + 2 * TICK_NS;
}

/** Linux: igmp_timer_expire(). */
function due(a: Answer): void {
  const { ind, group } = a;
  if (ind.dead || !ind.dev.up) return;
  if (a.left > 0 && --a.left > 0) arm(a, Math.max(1, maxConf(ind, IGMPV2_INTERVAL)) * 1e6);
  a.reporter = true;
  const v = version(ind);
  if (v === 3) reportState(ind, [group]);
  else sendOld(ind, v === 1 ? IGMP_HOST_MEMBERSHIP_REPORT : IGMPV2_HOST_MEMBERSHIP_REPORT, group);
}
