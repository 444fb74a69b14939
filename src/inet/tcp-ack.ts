// An acknowledgement: what it frees, what its SACK blocks tell, how long the way was, and what may be sent because of it.
// Linux: tcp_ack(), tcp_clean_rtx_queue(), tcp_sacktag_write_queue(), tcp_ack_update_rtt(), tcp_rtt_estimator().

import * as c from './tcp-const.ts';
import { sendAck } from './tcp-header.ts';
import { seg } from './tcp-options.ts';
import { pushPending, syncMss } from './tcp-output.ts';
import { cwndReduction, fastretransAlert, rackAdvance, retransmitQueue } from './tcp-recovery.ts';
import { SENT_EVER_RETRANS, SENT_LOST, SENT_RETRANS, SENT_SACKED } from './tcp-sent.ts';
import type { TcpSock } from './tcp-sock.ts';
import { armRetransmit, disarmRetransmit, rearmRto, scheduleLossProbe, setRto } from './tcp-timers.ts';

/** RFC 6298 with Linux's memory of the deviation. `us`: at least 1. Linux: tcp_rtt_estimator(). */
function rttEstimator(s: TcpSock, us: number): void {
  let m = us;
  let srtt = s.srttUs;
  if (srtt !== 0) {
    m -= Math.floor(srtt / 8);
    srtt += m;
    if (m < 0) {
      m = -m;
      m -= Math.floor(s.mdevUs / 4);
      // A shorter time is no reason to believe that they vary.
      if (m > 0) m = Math.floor(m / 8);
    } else m -= Math.floor(s.mdevUs / 4);
    s.mdevUs += m;
    if (s.mdevUs > s.mdevMaxUs) {
      s.mdevMaxUs = s.mdevUs;
      if (s.mdevMaxUs > s.rttvarUs) s.rttvarUs = s.mdevMaxUs;
    }
    if (c.after(s.sndUna, s.rttSeq)) {
      if (s.mdevMaxUs < s.rttvarUs) s.rttvarUs -= Math.floor((s.rttvarUs - s.mdevMaxUs) / 4);
      s.rttSeq = s.sndNxt;
      s.mdevMaxUs = s.ins.set.tcpRtoMinUs;
    }
  } else {
    srtt = m * 8;
    s.mdevUs = m * 2;
    s.rttvarUs = Math.max(s.mdevUs, s.ins.set.tcpRtoMinUs);
    s.mdevMaxUs = s.rttvarUs;
    s.rttSeq = s.sndNxt;
  }
  s.srttUs = srtt > 1 ? srtt : 1;
}

/** A measured round trip, or -1: then an echoed time stamp may tell. Linux: tcp_ack_update_rtt(). */
export function updateRtt(s: TcpSock, measuredUs: number, advanced: boolean): void {
  let us = measuredUs;
  if (us < 0 && seg.sawTs && seg.tsecr !== 0 && advanced) {
    const ms = (s.tsNow() - seg.tsecr) | 0;
    if (ms >= 0 && ms < 1_000_000) us = Math.max(ms, 1) * 1000;
  }
  if (us < 0) return;
  if (us === 0) us = 1;
  if (s.minRttUs < 0 || us <= s.minRttUs || s.ins.now - s.minRttNs > s.ins.set.tcpMinRttWlen * 1e9) {
    s.minRttUs = us;
    s.minRttNs = s.ins.now;
  }
  rttEstimator(s, us);
  setRto(s);
  s.backoff = 0;
}

/** Of the acknowledgement in hand. */
let delivered = 0;
let firstAckedNs = -1;
let lastAckedNs = -1;
let sackedNs = -1;

/** Marks what the blocks cover. Linux: tcp_sacktag_write_queue(). True: something was not known yet. */
function sackTag(s: TcpSock, priorUna: number): boolean {
  const q = s.sent;
  let news = false;
  for (let b = 0; b < seg.sackCount; b++) {
    const start = seg.sacks[b * 2];
    const end = seg.sacks[b * 2 + 1];
    if (b === 0 && isDsack(s, start, end)) continue;
    if (!c.before(start, end) || c.after(end, s.sndNxt) || c.before(start, priorUna)) continue;
    for (let i = 0; i < q.count; i++) {
      const at = q.at(i);
      const seq = q.seq[at];
      if (!c.before(seq, end)) break;
      if (c.before(seq, start) || c.after((seq + q.len[at]) | 0, end)) continue;
      const f = q.flags[at];
      if ((f & SENT_SACKED) !== 0) continue;
      rackAdvance(s, at);
      if ((f & SENT_EVER_RETRANS) === 0) sackedNs = q.sentNs[at];
      if ((f & SENT_LOST) !== 0) s.lostOut--;
      if ((f & SENT_RETRANS) !== 0) s.retransOut--;
      q.flags[at] = (f & ~(SENT_LOST | SENT_RETRANS)) | SENT_SACKED;
      s.sackedOut++;
      delivered++;
      news = true;
    }
  }
  return news;
}

/** The peer had that already: a repetition was needless. Linux: tcp_check_dsack(). */
function isDsack(s: TcpSock, start: number, end: number): boolean {
  const old = c.before(start, seg.ack);
  const inside = !old && seg.sackCount > 1 && !c.after(end, seg.sacks[3]) && !c.before(start, seg.sacks[2]);
  if (!old && !inside) return false;
  s.ins.tcp.stats.TCPDSACKRecv++;
  s.dsackDups++;
  if (s.undoRetrans > 0) s.undoRetrans--;
  return true;
}

/** Frees what is acknowledged. Linux: tcp_clean_rtx_queue(). */
function cleanSent(s: TcpSock): void {
  const q = s.sent;
  const una = s.sndUna;
  let acked = 0;
  let retransAcked = false;
  while (q.count > 0) {
    const at = q.at(0);
    const end = (q.seq[at] + q.len[at]) | 0;
    if (c.after(end, una)) {
      const part = (una - q.seq[at]) | 0;
      if (part > 0) q.trimFirst(part);
      break;
    }
    const f = q.flags[at];
    if ((f & SENT_EVER_RETRANS) !== 0) retransAcked = true;
    else if ((f & SENT_SACKED) === 0) {
      lastAckedNs = q.sentNs[at];
      if (firstAckedNs < 0) firstAckedNs = lastAckedNs;
    }
    if ((f & SENT_SACKED) !== 0) s.sackedOut--;
    else {
      delivered++;
      if (s.sackOk) rackAdvance(s, at);
    }
    if ((f & SENT_LOST) !== 0) s.lostOut--;
    if ((f & SENT_RETRANS) !== 0) s.retransOut--;
    q.dropFirst();
    acked++;
  }
  if (retransAcked) firstAckedNs = -1;
  if (!s.sackOk && acked > 0) {
    // Duplicates stood for segments that are acknowledged now. Linux: tcp_remove_reno_sacks().
    s.sackedOut = Math.max(0, s.sackedOut - (acked > 1 ? acked - 1 : 0));
    if (s.sackedOut > q.count - s.lostOut) s.sackedOut = Math.max(0, q.count - s.lostOut);
  }
  const bytes = (una - s.outSeq) | 0;
  if (bytes > 0) {
    const n = bytes < s.out.length ? bytes : s.out.length;
    s.out.drop(n);
    s.outSeq = (s.outSeq + n) | 0;
  }
}

/** Linux: tcp_ack_update_window(). True: the window changed. */
function updateWindow(s: TcpSock): boolean {
  let window = seg.window;
  if ((seg.flags & 2) === 0) window <<= s.sndWscale;
  const newer =
    c.after(seg.ack, s.sndUna) ||
    c.after(seg.seq, s.sndWl1) ||
    (seg.seq === s.sndWl1 && (window > s.sndWnd || window === 0));
  let changed = false;
  if (newer) {
    s.sndWl1 = seg.seq;
    if (s.sndWnd !== window) {
      changed = true;
      s.sndWnd = window;
      if (window > s.maxWindow) {
        s.maxWindow = window;
        if (s.pmtuCookie > 0) syncMss(s, s.pmtuCookie);
      }
    }
  }
  s.bytesAcked += (seg.ack - s.sndUna) | 0;
  s.sndUna = seg.ack;
  return changed;
}

/** What the acknowledgement of a probe of the tail tells. Linux: tcp_process_tlp_ack(). */
function tlpAck(s: TcpSock, dubious: boolean): void {
  if (c.before(seg.ack, s.tlpHighSeq)) return;
  if (!s.tlpRetrans) s.tlpSet = false;
  else if (seg.sackCount > 0 && c.before(seg.sacks[0], seg.ack)) s.tlpSet = false;
  else if (c.after(seg.ack, s.tlpHighSeq)) {
    // Only the probe repaired it: that was a loss.
    s.tlpSet = false;
    s.ins.tcp.stats.TCPLossProbeRecovery++;
    reduceForTlp(s);
  } else if (!dubious) s.tlpSet = false;
}

function reduceForTlp(s: TcpSock): void {
  if (s.caState >= c.CA_CWR) return;
  s.ssthresh = s.cong.ssthresh(s);
  s.cwnd = Math.max(1, Math.min(s.cwnd, s.ssthresh));
}

/** The window opened, or not, and nothing is under way. Linux: tcp_ack_probe(). */
function ackProbe(s: TcpSock): void {
  if (s.sndNxt === s.writeSeq) return;
  const left = (s.writeSeq - s.sndNxt) | 0;
  const first = left < s.mss ? left : s.mss;
  if (((s.sndNxt + first - s.wndEnd()) | 0) <= 0) {
    s.backoff = 0;
    s.probesStampNs = 0;
    if (s.pending === c.TIME_PROBE0) disarmRetransmit(s);
  } else if (s.pending === c.TIME_PROBE0 || s.pending === c.TIME_NONE) {
    armRetransmit(s, c.TIME_PROBE0, Math.min(Math.max(s.rtoNs, c.RTO_MIN_US * 1000) * 2 ** s.backoff, c.RTO_MAX_NS));
  }
}

/**
 * The acknowledgement in `seg`. 1: taken, 0: old, -1: of something that was never sent (or far too old).
 * Linux: tcp_ack().
 */
export function processAck(s: TcpSock): number {
  const st = s.ins.tcp.stats;
  const priorUna = s.sndUna;
  const ack = seg.ack;
  if (c.before(ack, priorUna)) {
    if (c.before(ack, (priorUna - Math.max(s.maxWindow, 1)) | 0)) {
      challengeAck(s);
      return -1;
    }
    delivered = 0;
    sackedNs = -1;
    if (s.sackOk && seg.sackCount > 0 && s.sent.count > 0) {
      const lost = s.lostOut;
      if (sackTag(s, priorUna)) afterAck(s, false, false, lost);
    }
    return 0;
  }
  if (c.after(ack, s.sndNxt)) return -1;
  const advanced = ack !== priorUna;
  const had = s.sent.count;
  if (advanced) s.retransmits = 0;
  const windowChanged = updateWindow(s);
  delivered = 0;
  firstAckedNs = -1;
  lastAckedNs = -1;
  sackedNs = -1;
  s.errSoft = 0;
  s.probesOut = 0;
  s.lastAckRcvNs = s.ins.now;
  if (had === 0) {
    ackProbe(s);
    return 1;
  }
  const lostBefore = s.lostOut;
  const sackNews = s.sackOk && seg.sackCount > 0 && sackTag(s, priorUna);
  if (advanced) cleanSent(s);
  const now = s.ins.now;
  let rtt = -1;
  if (firstAckedNs >= 0) rtt = Math.floor((now - firstAckedNs) / 1000);
  else if (sackedNs >= 0) rtt = Math.floor((now - sackedNs) / 1000);
  updateRtt(s, rtt, advanced);
  if (delivered > 0) s.cong.pktsAcked(s, lastAckedNs >= 0 ? Math.floor((now - lastAckedNs) / 1000) : -1);
  if (s.tlpSet) tlpAck(s, !advanced);
  if (seg.len === 0 && advanced) st.TCPHPAcks += s.caState === c.CA_OPEN && seg.sackCount === 0 ? 1 : 0;
  if (seg.len === 0) st.TCPPureAcks++;
  // Linux: tcp_set_xmit_timer().
  if (advanced && !scheduleLossProbe(s, true)) rearmRto(s);
  const dupack = !advanced && !windowChanged && seg.len === 0 && s.sent.count > 0 && (seg.flags & 3) === 0;
  afterAck(s, advanced, dupack || sackNews, lostBefore);
  return 1;
}

/** Recovery if it is doubtful, the congestion window, and what was lost. */
function afterAck(s: TcpSock, advanced: boolean, doubtful: boolean, lostBefore: number): void {
  const st = s.ins.tcp.stats;
  s.delivered += delivered;
  st.TCPDelivered += delivered;
  const limited = s.cwnd < s.ssthresh ? s.cwnd < 2 * s.maxPacketsOut : s.isLimited;
  let rexmit = false;
  if (doubtful || s.caState !== c.CA_OPEN || s.sackedOut > 0 || s.lostOut > 0) {
    rexmit = fastretransAlert(s, advanced, doubtful);
  }
  if (s.caState === c.CA_CWR || s.caState === c.CA_RECOVERY) {
    cwndReduction(s, delivered, s.lostOut - lostBefore, advanced);
  } else if ((advanced || delivered > 0) && limited && delivered > 0) {
    const most = 2 ** 30;
    if (s.cwnd < most) s.cong.congAvoid(s, delivered);
  }
  if (rexmit) {
    retransmitQueue(s, false);
    if (s.caState === c.CA_LOSS && s.sndNxt !== s.writeSeq) pushPending(s, false);
  }
}

/** At most one per tcp_invalid_ratelimit. Linux: tcp_send_challenge_ack(). */
export function challengeAck(s: TcpSock): void {
  const st = s.ins.tcp.stats;
  if (oowLimited(s)) {
    st.TCPACKSkippedChallenge++;
    return;
  }
  st.TCPChallengeACK++;
  sendAck(s);
}

/** Answers to what lies outside the window come rarely. Linux: __tcp_oow_rate_limited(). */
export function oowLimited(s: { ins: TcpSock['ins']; lastOowAckNs: number }): boolean {
  const now = s.ins.now;
  if (now - s.lastOowAckNs < s.ins.set.tcpInvalidRatelimitMs * 1e6) return true;
  s.lastOowAckNs = now;
  return false;
}
