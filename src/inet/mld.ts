// Who tells routers and snooping switches which groups this host wants: MLDv2 (RFC 3810), and MLDv1 (RFC 2710) while a
// version 1 querier rules. Without source filters: every group is wanted from everybody. Queries are mld-query.ts.
// Linux: net/ipv6/mcast.c, mld_ifc_event(), mld_send_cr(), ipv6_mc_dad_complete().

import { IFF_LOOPBACK } from '../net/flags.ts';
import { IFA_F_TENTATIVE } from '../uapi/addr.ts';
import { setU16 } from '../wire/bytes.ts';
import { ICMPV6_MGM_REDUCTION, ICMPV6_MGM_REPORT, ICMPV6_MLD2_REPORT } from '../wire/icmp6.ts';
import { IN6_ALL_ROUTERS, In6 } from '../wire/in6.ts';
import { DC_FORCE_MLD_VERSION, DC_MLDV1_INTERVAL, DC_MLDV2_INTERVAL } from './conf6.ts';
import { sendIcmp6 } from './nd-send.ts';
import { lladdrOf } from './saddr6.ts';
import type { Inet6Dev, Mc6Group } from './state6.ts';

/** MAF_*: as /proc/net/igmp6 shows them. */
export const MAF_TIMER_RUNNING = 0x01;
export const MAF_LAST_REPORTER = 0x02;
export const MAF_LOADED = 0x04;
export const MAF_NOREPORT = 0x08;

/** Record types of RFC 3810, 5.2.12. */
export const MODE_IS_EXCLUDE = 2;
const CHANGE_TO_INCLUDE = 3;
const CHANGE_TO_EXCLUDE = 4;

const ALL_MLD2_ROUTERS = new In6(0xff020000, 0, 0, 0x16);
/** A hop-by-hop header with Router Alert for MLD (RFC 2711), padded. */
const ROUTER_ALERT = Uint8Array.of(0, 0, 5, 2, 0, 0, 1, 0);
const RECORD = 20;
const REPORT_HEAD = 8;
/** IPv6 and hop-by-hop header before the report. */
const HEADERS = 48;
const BUFFER_MAX = 2048;
const TICK_NS = 4e6;

/** `all` has the last word. Linux: mld_in_v1_mode(). */
export function inV1Mode(d: Inet6Dev): boolean {
  const forced = d.i6.confAll.v[DC_FORCE_MLD_VERSION] || d.conf.v[DC_FORCE_MLD_VERSION];
  if (forced === 2) return false;
  return forced === 1 || d.i6.now < d.mld.v1UntilNs;
}

function unsolicitedMs(d: Inet6Dev): number {
  return Math.max(1, d.conf.v[inV1Mode(d) ? DC_MLDV1_INTERVAL : DC_MLDV2_INTERVAL]);
}

/** A random part of `ms`, and two ticks. */
export function mldDelayNs(d: Inet6Dev, ms: number): number {
  return d.i6.stack.mldStream.below(Math.max(1, ms)) * 1e6 + 2 * TICK_NS;
}

export function mldReset(d: Inet6Dev): void {
  const m = d.mld;
  m.qrv = d.i6.set.mldQrv;
  m.qiMs = 125000;
  m.qriMs = 10000;
  m.v1UntilNs = 0;
  m.maxDelayMs = unsolicitedMs(d);
}

/** A group is wanted. */
export function mldJoined(d: Inet6Dev, g: Mc6Group): void {
  if (inV1Mode(d)) {
    joinV1(d, g);
    return;
  }
  g.crcount = d.mld.qrv;
  changed(d);
}

/** It is wanted no more, or the device goes down. Linux: igmp6_leave_group(). */
export function mldLeft(d: Inet6Dev, g: Mc6Group): void {
  if (!d.dead) {
    if (inV1Mode(d)) {
      if ((g.flags & MAF_LAST_REPORTER) !== 0) sendV1(d, g.group, ICMPV6_MGM_REDUCTION);
    } else {
      d.mld.tomb.unshift({ ...g, crcount: d.mld.qrv, event: 0 });
      changed(d);
    }
  }
  cancelAnswer(g);
}

/** A group that is back need not be reported as left. Linux: mld_del_delrec(). */
export function mldForget(d: Inet6Dev, group: In6): void {
  d.mld.tomb = d.mld.tomb.filter((g) => !g.group.equals(group));
}

/** Did one wait? */
export function cancelAnswer(g: Mc6Group): boolean {
  const waited = g.event !== 0;
  if (waited) g.d.i6.kernel.loop.cancel(g.event);
  g.event = 0;
  return waited;
}

/** Nothing more is sent here. */
export function mldStop(d: Inet6Dev): void {
  const m = d.mld;
  stopChanges(d);
  m.dadEvent = cancelEvent(d, m.dadEvent);
  m.queryEvent = cancelEvent(d, m.queryEvent);
}

export function stopChanges(d: Inet6Dev): void {
  d.mld.ifcCount = 0;
  d.mld.ifcEvent = cancelEvent(d, d.mld.ifcEvent);
}

/** Takes back an event that may be none; gives 0, none. */
export function cancelEvent(d: Inet6Dev, event: number): number {
  if (event !== 0) d.i6.kernel.loop.cancel(event);
  return 0;
}

/** Something is to be told, as often as the link asks for. Linux: mld_ifc_event(). */
function changed(d: Inet6Dev): void {
  if (inV1Mode(d)) return;
  d.mld.ifcCount = d.mld.qrv;
  startChanges(d, 1);
}

function startChanges(d: Inet6Dev, ms: number): void {
  cancelEvent(d, d.mld.ifcEvent);
  d.mld.ifcEvent = d.i6.kernel.loop.after(mldDelayNs(d, ms), tellChanges, d, 0);
}

/** Linux: mld_ifc_work(), mld_send_cr(). */
function tellChanges(d: Inet6Dev): void {
  const m = d.mld;
  m.ifcEvent = 0;
  const records: MldRecord[] = [];
  for (const g of m.tomb) {
    records.push([CHANGE_TO_INCLUDE, g.group]);
    g.crcount--;
  }
  m.tomb = m.tomb.filter((g) => g.crcount > 0);
  for (const g of d.groups) {
    if (g.crcount === 0) continue;
    records.push([CHANGE_TO_EXCLUDE, g.group]);
    g.crcount--;
  }
  sendReports(d, records);
  if (m.ifcCount > 0 && --m.ifcCount > 0) startChanges(d, unsolicitedMs(d));
}

/** The first link-local address is good: what was said from `::` is said again from it. Linux: ipv6_mc_dad_complete(). */
export function mldDadComplete(d: Inet6Dev): void {
  d.mld.dadCount = d.mld.qrv;
  tellAll(d);
}

function tellAll(d: Inet6Dev): void {
  const m = d.mld;
  m.dadEvent = 0;
  if (!inV1Mode(d)) sendReports(d, reported(d, CHANGE_TO_EXCLUDE));
  if (m.dadCount > 0 && --m.dadCount > 0) {
    m.dadEvent = d.i6.kernel.loop.after(mldDelayNs(d, unsolicitedMs(d)), tellAll, d, 0);
  }
}

export type MldRecord = readonly [type: number, group: In6];

/** A record for every group that is reported at all. */
export function reported(d: Inet6Dev, type: number): MldRecord[] {
  return d.groups.filter((g) => (g.flags & MAF_NOREPORT) === 0).map((g): MldRecord => [type, g.group]);
}

const source = new In6();

/** `::` while there is no good link-local address. */
function sourceOf(d: Inet6Dev): In6 {
  if (!lladdrOf(d, IFA_F_TENTATIVE, source)) source.clear();
  return source;
}

/** One message, or several when the MTU asks for it. Linux: add_grec(), mld_sendpack(). */
export function sendReports(d: Inet6Dev, records: readonly MldRecord[]): void {
  if ((d.dev.flags & IFF_LOOPBACK) !== 0 || !d.dev.up || d.dead) return;
  const most = Math.floor((Math.min(d.dev.mtu, BUFFER_MAX) - HEADERS - REPORT_HEAD) / RECORD);
  for (let from = 0; from < records.length; from += most) {
    const part = records.slice(from, from + most);
    const b = new Uint8Array(REPORT_HEAD + RECORD * part.length);
    b[0] = ICMPV6_MLD2_REPORT;
    setU16(b, 6, part.length);
    part.forEach(([type, group], i) => {
      const at = REPORT_HEAD + RECORD * i;
      b[at] = type;
      group.write(b, at + 4);
    });
    sendIcmp6(d, sourceOf(d), ALL_MLD2_ROUTERS, 1, b, ROUTER_ALERT);
  }
}

/** A report or (to the routers) a farewell of version 1. Linux: igmp6_send(). */
function sendV1(d: Inet6Dev, group: In6, type: number): void {
  if ((d.dev.flags & IFF_LOOPBACK) !== 0 || !d.dev.up || d.dead) return;
  const b = new Uint8Array(24);
  b[0] = type;
  group.write(b, 8);
  sendIcmp6(d, sourceOf(d), type === ICMPV6_MGM_REDUCTION ? IN6_ALL_ROUTERS : group, 1, b, ROUTER_ALERT);
}

/** Linux: igmp6_join_group(). */
function joinV1(d: Inet6Dev, g: Mc6Group): void {
  sendV1(d, g.group, ICMPV6_MGM_REPORT);
  const drawnNs = d.i6.stack.mldStream.below(unsolicitedMs(d)) * 1e6;
  g.flags |= MAF_LAST_REPORTER;
  answerIn(g, cancelAnswer(g) ? Math.max(0, g.dueNs - d.i6.now) : drawnNs);
}

/** Says in `delayNs` that this group is wanted. */
export function answerIn(g: Mc6Group, delayNs: number): void {
  g.flags |= MAF_TIMER_RUNNING;
  g.dueNs = g.d.i6.now + delayNs;
  g.event = g.d.i6.kernel.loop.after(delayNs, answer, g, 0);
}

/** Linux: mld_mca_work(). */
function answer(g: Mc6Group): void {
  g.event = 0;
  if (inV1Mode(g.d)) sendV1(g.d, g.group, ICMPV6_MGM_REPORT);
  else if ((g.flags & MAF_NOREPORT) === 0) sendReports(g.d, [[MODE_IS_EXCLUDE, g.group]]);
  g.flags |= MAF_LAST_REPORTER;
  g.flags &= ~MAF_TIMER_RUNNING;
}
