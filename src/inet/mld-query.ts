// MLD messages of others: queries are answered within their time, and a version 1 report of another host makes ours
// superfluous. Linux: net/ipv6/mcast.c, __mld_query_work(), __mld_report_work().

import { PKT_BROADCAST, PKT_MULTICAST, type Skb } from '../net/skb.ts';
import { u16 } from '../wire/bytes.ts';
import { ICMPV6_MGM_QUERY, ICMPV6_MGM_REPORT } from '../wire/icmp6.ts';
import { In6 } from '../wire/in6.ts';
import { IP6_HLEN, IP6_SRC, ip6HopLimit, ip6Next, NEXTHDR_HOP } from '../wire/ip6.ts';
import { DC_FORCE_MLD_VERSION } from './conf6.ts';
import {
  answerIn,
  cancelAnswer,
  cancelEvent,
  inV1Mode,
  MAF_LAST_REPORTER,
  MAF_NOREPORT,
  MAF_TIMER_RUNNING,
  MODE_IS_EXCLUDE,
  mldDelayNs,
  reported,
  sendReports,
  stopChanges,
} from './mld.ts';
import type { Inet6Dev, Mc6Group } from './state6.ts';

const V1_LEN = 24;
const V2_LEN_MIN = 28;
const OPT_ROUTER_ALERT = 5;
/** The longest delay of version 1 that a version 2 querier can mean. */
const V1_DELAY_MAX = 32767;

const source = new In6();
const group = new In6();

/** skb.net at the IPv6 header, skb.off at the message. Borrows. */
export function mldMessage(skb: Skb, d: Inet6Dev): void {
  const type = skb.bytes[skb.off];
  if (type === ICMPV6_MGM_QUERY) query(skb, d);
  else if (type === ICMPV6_MGM_REPORT) reportHeard(skb, d);
}

/** Does a hop-by-hop header say Router Alert, value 0 (MLD)? */
function hasRouterAlert(b: Uint8Array, net: number): boolean {
  if (ip6Next(b, net) !== NEXTHDR_HOP) return false;
  const from = net + IP6_HLEN;
  const end = from + ((b[from + 1] + 1) << 3);
  for (let at = from + 2; at + 1 < end; ) {
    if (b[at] === 0) at++;
    else if (b[at] === OPT_ROUTER_ALERT) return b[at + 1] === 2 && u16(b, at + 2) === 0;
    else at += 2 + b[at + 1];
  }
  return false;
}

function query(skb: Skb, d: Inet6Dev): void {
  const b = skb.bytes;
  const at = skb.off;
  const len = skb.len;
  source.read(b, skb.net + IP6_SRC);
  if (!source.isLinkLocal || ip6HopLimit(b, skb.net) !== 1 || !hasRouterAlert(b, skb.net) || len < V1_LEN) return;
  group.read(b, at + 8);
  if (!group.isAny && !group.isMulticast) return;
  const v1 = len === V1_LEN;
  let delayMs: number;
  if (v1 || inV1Mode(d)) {
    if ((d.i6.confAll.v[DC_FORCE_MLD_VERSION] || d.conf.v[DC_FORCE_MLD_VERSION]) === 2) return;
    delayMs = Math.max(1, v1 ? u16(b, at + 4) : Math.min(u16(b, at + 4), V1_DELAY_MAX));
    obeyV1(d, v1);
  } else {
    if (len < V2_LEN_MIN) return;
    delayMs = obeyV2(d, b, at);
    if (group.isAny) {
      if (u16(b, at + 26) === 0) answerAll(d);
      return;
    }
  }
  for (const g of d.groups) if (group.isAny || g.group.equals(group)) answerLater(d, g, delayMs);
}

/** Linux: mld_process_v1(). */
function obeyV1(d: Inet6Dev, heardV1: boolean): void {
  const m = d.mld;
  if (heardV1) m.v1UntilNs = d.i6.now + (m.qrv * m.qiMs + m.qriMs) * 1e6;
  m.queryEvent = cancelEvent(d, m.queryEvent);
  stopChanges(d);
  m.tomb = [];
}

/** The querier's numbers become ours; the answer's delay in ms. Linux: mld_process_v2(). */
function obeyV2(d: Inet6Dev, b: Uint8Array, at: number): number {
  const m = d.mld;
  const code = u16(b, at + 4);
  const ms = code < 32768 ? code : ((code & 0xfff) | 0x1000) << (((code >>> 12) & 7) + 3);
  const qrv = b[at + 24] & 7;
  if (qrv > 0) m.qrv = qrv;
  m.qrv = Math.max(m.qrv, Math.min(2, d.i6.set.mldQrv));
  const qqic = b[at + 25];
  m.qiMs = 1000 * (qqic < 128 ? qqic : ((qqic & 15) | 16) << (((qqic >>> 4) & 7) + 3));
  m.qriMs = ms;
  m.maxDelayMs = Math.max(1, ms);
  return m.maxDelayMs;
}

/** A general query is answered for all groups at once. Linux: mld_gq_start_work(). */
function answerAll(d: Inet6Dev): void {
  cancelEvent(d, d.mld.queryEvent);
  d.mld.queryEvent = d.i6.kernel.loop.after(mldDelayNs(d, d.mld.maxDelayMs), answerNow, d, 0);
}

function answerNow(d: Inet6Dev): void {
  d.mld.queryEvent = 0;
  sendReports(d, reported(d, MODE_IS_EXCLUDE));
}

/** Linux: igmp6_group_queried(). */
function answerLater(d: Inet6Dev, g: Mc6Group, ms: number): void {
  if ((g.flags & MAF_NOREPORT) !== 0) return;
  let delayNs = ms * 1e6;
  if (cancelAnswer(g)) delayNs = Math.max(0, g.dueNs - d.i6.now);
  if (delayNs >= ms * 1e6) delayNs = d.i6.stack.mldStream.below(ms) * 1e6;
  answerIn(g, delayNs);
}

/** Another host reported: our own answer is not needed. */
function reportHeard(skb: Skb, d: Inet6Dev): void {
  if (skb.pktType !== PKT_MULTICAST && skb.pktType !== PKT_BROADCAST) return;
  if (skb.len < V1_LEN) return;
  source.read(skb.bytes, skb.net + IP6_SRC);
  if (!source.isAny && !source.isLinkLocal) return;
  group.read(skb.bytes, skb.off + 8);
  for (const g of d.groups) {
    if (!g.group.equals(group)) continue;
    cancelAnswer(g);
    g.flags &= ~(MAF_LAST_REPORTER | MAF_TIMER_RUNNING);
  }
}
