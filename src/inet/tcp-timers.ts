// TCP's timers: retransmission with its backoff, probes of a closed window, the tail loss probe, delayed
// acknowledgements, keepalive. Linux: net/ipv4/tcp_timer.c; RFC 6298.

import { TCP_ACK, TCP_FIN, TCP_SYN } from '../wire/tcp.ts';
import { ETIMEDOUT } from './errno.ts';
import * as c from './tcp-const.ts';
import { sendAck, sendProbe, sendReset, transmit, transmitSyn } from './tcp-header.ts';
import { currentMss, writeXmit } from './tcp-output.ts';
import { enterLoss, rackDetect, retransmit, retransmitQueue } from './tcp-recovery.ts';
import { SENT_SACKED } from './tcp-sent.ts';
import { ACK_SCHED, ACK_TIMER, type TcpSock } from './tcp-sock.ts';
import { tcpDone, timeWait } from './tcp-state.ts';

/** What the retransmission timer is for, and when. Never later than RTO_MAX. */
export function armRetransmit(s: TcpSock, what: number, delayNs: number): void {
  s.pending = what;
  s.rtimer.arm(delayNs < c.RTO_MAX_NS ? delayNs : c.RTO_MAX_NS);
}

export function disarmRetransmit(s: TcpSock): void {
  s.pending = c.TIME_NONE;
  s.rtimer.disarm();
}

/** Whole jiffies, as Linux keeps RTOs. */
export function setRto(s: TcpSock): void {
  const us = Math.floor(s.srttUs / 8) + s.rttvarUs;
  s.rtoNs = Math.ceil((us * 1000) / c.JIFFY_NS) * c.JIFFY_NS;
  if (s.rtoNs > c.RTO_MAX_NS) s.rtoNs = c.RTO_MAX_NS;
}

/** From the oldest segment's time on. Linux: tcp_rearm_rto(). */
export function rearmRto(s: TcpSock): void {
  if (s.sent.count === 0) {
    disarmRetransmit(s);
    return;
  }
  let rto = s.rtoNs;
  if (s.pending === c.TIME_REO || s.pending === c.TIME_LOSS_PROBE) rto = Math.max(rtoLeft(s), 1);
  armRetransmit(s, c.TIME_RETRANS, rto);
}

/** Linux: tcp_rto_delta_us(). */
function rtoLeft(s: TcpSock): number {
  return s.sent.sentNs[s.sent.at(0)] + s.rtoNs - s.ins.now;
}

/** A probe of the tail before the RTO: two round trips after the last segment. Linux: tcp_schedule_loss_probe(). */
export function scheduleLossProbe(s: TcpSock, advancing: boolean): boolean {
  const early = s.ins.set.tcpEarlyRetrans;
  if ((early !== 3 && early !== 4) || s.sent.count === 0 || !s.sackOk) return false;
  if (s.caState !== c.CA_OPEN && s.caState !== c.CA_CWR) return false;
  if (s.sackedOut > 0) return false;
  let timeout: number;
  if (s.srttUs > 0) {
    timeout = Math.floor(s.srttUs / 8) * 2000;
    timeout += s.sent.count === 1 ? c.RTO_MIN_US * 1000 : 2 * c.JIFFY_NS;
  } else timeout = c.TIMEOUT_INIT_NS;
  const left = advancing ? s.rtoNs : rtoLeft(s);
  if (left > 0) timeout = Math.min(timeout, left);
  armRetransmit(s, c.TIME_LOSS_PROBE, timeout);
  return true;
}

/** The timer's handler. Linux: tcp_write_timer_handler(). */
export function onRetransmit(s: TcpSock): void {
  const what = s.pending;
  if (s.state === c.TCP_CLOSE || s.state === c.TCP_LISTEN || what === c.TIME_NONE) return;
  s.pending = c.TIME_NONE;
  if (what === c.TIME_REO) reorderTimeout(s);
  else if (what === c.TIME_LOSS_PROBE) lossProbe(s);
  else if (what === c.TIME_PROBE0) probeTimer(s);
  else retransmitTimer(s);
}

function reorderTimeout(s: TcpSock): void {
  const before = s.inFlight();
  rackDetect(s);
  if (s.inFlight() !== before) retransmitQueue(s, s.caState < c.CA_RECOVERY);
  if (s.pending !== c.TIME_RETRANS) rearmRto(s);
}

/** Linux: tcp_send_loss_probe(). */
function lossProbe(s: TcpSock): void {
  if (!s.tlpSet && s.sent.count > 0) {
    const mss = currentMss(s);
    const had = s.sent.count;
    if (s.sndNxt !== s.writeSeq && ((s.wndEnd() - s.sndNxt) | 0) > 0) writeXmit(s, mss, true, 1);
    let sentNew = s.sent.count > had;
    if (!sentNew) {
      const at = s.sent.at(s.sent.count - 1);
      if ((s.sent.flags[at] & SENT_SACKED) === 0 && retransmit(s, s.sent.count - 1) === 0) {
        s.tlpRetrans = true;
        sentNew = true;
      }
    } else s.tlpRetrans = false;
    if (sentNew) {
      s.tlpSet = true;
      s.tlpHighSeq = s.sndNxt;
      s.rttSeq = 0;
      s.ins.tcp.stats.TCPLossProbes++;
    }
  }
  s.pending = c.TIME_NONE;
  rearmRto(s);
}

/** How long `n` retries may take. Linux: tcp_model_timeout(). */
function modelTimeoutNs(n: number): number {
  const base = c.RTO_MIN_US * 1000;
  let total = 0;
  let step = base;
  for (let i = 0; i <= n; i++) {
    total += step;
    step = Math.min(step * 2, c.RTO_MAX_NS);
  }
  return total;
}

/** Linux: tcp_write_err(). */
function writeError(s: TcpSock): void {
  s.reportError(s.errSoft !== 0 ? s.errSoft : ETIMEDOUT);
  s.ins.tcp.stats.TCPAbortOnTimeout++;
  tcpDone(s);
}

/** Given up? Linux: tcp_write_timeout(). */
function gaveUp(s: TcpSock): boolean {
  const set = s.ins.set;
  if (s.state === c.TCP_SYN_SENT) return s.retransmits >= set.tcpSynRetries + set.tcpSynLinearTimeouts;
  if (s.state === c.TCP_SYN_RECV) return s.retransmits >= set.tcpSynackRetries;
  let retries = set.tcpRetries2;
  if (s.closed) {
    retries = set.tcpOrphanRetries !== 0 ? set.tcpOrphanRetries : 8;
    if (s.errSoft !== 0 && set.tcpOrphanRetries === 0) retries = 0;
  }
  if (s.retransmits === 0) return false;
  const limit = s.userTimeoutNs > 0 ? s.userTimeoutNs : modelTimeoutNs(retries);
  return s.ins.now - s.retransStampNs >= limit - c.JIFFY_NS;
}

/** Linux: tcp_retransmit_timer(). */
function retransmitTimer(s: TcpSock): void {
  const st = s.ins.tcp.stats;
  if (s.state === c.TCP_SYN_SENT || s.state === c.TCP_SYN_RECV) {
    retransmitSyn(s);
    return;
  }
  if (s.sent.count === 0) return;
  s.tlpSet = false;
  if (s.sndWnd === 0 && !s.closed) {
    // The peer took its window back: ask with the oldest segment, and give up only when it is silent.
    if (s.ins.now - s.lastAckRcvNs > c.RTO_MAX_NS && s.lastAckRcvNs > 0) {
      writeError(s);
      return;
    }
    enterLoss(s);
    retransmit(s, 0);
    s.retransmits++;
    backOff(s);
    return;
  }
  st.TCPTimeouts++;
  if (gaveUp(s)) {
    writeError(s);
    return;
  }
  enterLoss(s);
  s.retransmits++;
  if (retransmit(s, 0) > 0) {
    armRetransmit(s, c.TIME_RETRANS, c.RESOURCE_PROBE_NS); // refused here: not the network's fault
    return;
  }
  st.TCPSlowStartRetrans++;
  backOff(s);
}

function backOff(s: TcpSock): void {
  s.backoff++;
  s.rtoNs = Math.min(s.rtoNs * 2, c.RTO_MAX_NS);
  armRetransmit(s, c.TIME_RETRANS, s.rtoNs);
}

/** SYN and SYN-ACK again. The first SYNs come every second. Linux: tcp_retransmit_timer(), tcp_rtx_synack(). */
function retransmitSyn(s: TcpSock): void {
  const st = s.ins.tcp.stats;
  st.TCPTimeouts++;
  if (gaveUp(s)) {
    if (s.state === c.TCP_SYN_RECV) {
      if (s.parent === null) writeError(s);
      else tcpDone(s);
    } else writeError(s);
    return;
  }
  s.retransmits++;
  if (s.state === c.TCP_SYN_SENT && s.af.route(s) === 0) transmitSyn(s, TCP_SYN);
  else if (s.state === c.TCP_SYN_RECV && s.af.route(s) === 0) transmitSyn(s, TCP_SYN | TCP_ACK);
  st.RetransSegs++;
  st.TCPSynRetrans++;
  s.totalRetrans++;
  if (s.retransStampNs === 0) s.retransStampNs = s.ins.now;
  const linear = s.state === c.TCP_SYN_SENT && s.retransmits <= s.ins.set.tcpSynLinearTimeouts;
  if (!linear) {
    s.backoff++;
    s.rtoNs = Math.min(s.rtoNs * 2, c.RTO_MAX_NS);
  }
  armRetransmit(s, c.TIME_RETRANS, s.rtoNs);
}

/** The window is closed, or the device refused the only segment. Linux: tcp_probe_timer(), tcp_send_probe0(). */
function probeTimer(s: TcpSock): void {
  if (s.sent.count > 0 || s.sndNxt === s.writeSeq) {
    s.probesOut = 0;
    s.backoff = 0;
    return;
  }
  const set = s.ins.set;
  if (s.probesOut === 0) s.probesStampNs = s.ins.now;
  else if (s.userTimeoutNs > 0 && s.ins.now - s.probesStampNs >= s.userTimeoutNs) {
    writeError(s);
    return;
  }
  const retries = s.closed ? (set.tcpOrphanRetries !== 0 ? set.tcpOrphanRetries : 8) : set.tcpRetries2;
  if (s.probesOut >= retries) {
    writeError(s);
    return;
  }
  const rc = writeWakeup(s);
  if (s.sent.count > 0 || s.sndNxt === s.writeSeq) {
    s.probesOut = 0;
    s.backoff = 0;
    return;
  }
  s.probesOut++;
  let delay = c.RESOURCE_PROBE_NS;
  if (rc <= 0) {
    if (s.backoff < set.tcpRetries2) s.backoff++;
    delay = Math.min(Math.max(s.rtoNs, c.RTO_MIN_US * 1000) * 2 ** s.backoff, c.RTO_MAX_NS);
  }
  armRetransmit(s, c.TIME_PROBE0, delay);
}

/** What fits the window, else a question. Linux: tcp_write_wakeup(). */
function writeWakeup(s: TcpSock): number {
  const room = (s.wndEnd() - s.sndNxt) | 0;
  if (s.sndNxt !== s.writeSeq && room > 0) {
    s.pushedSeq = s.writeSeq;
    const mss = currentMss(s);
    const left = (s.writeSeq - s.sndNxt - (s.finQueued ? 1 : 0)) | 0;
    const len = Math.min(left, room, mss);
    const seq = s.sndNxt;
    const fin = s.finQueued && len === left && room > len;
    const rc = transmit(s, seq, len, TCP_ACK | 8 | (fin ? TCP_FIN : 0), mss);
    if (rc === 0) {
      const at = s.sent.push(seq, len + (fin ? 1 : 0), fin ? 16 : 0);
      s.sent.sentNs[at] = s.ins.now;
      s.sndNxt = (seq + len + (fin ? 1 : 0)) | 0;
      rearmRto(s);
    }
    return rc;
  }
  s.ins.tcp.stats.TCPWinProbe++;
  return sendProbe(s);
}

/** An acknowledgement has waited long enough. Linux: tcp_delack_timer_handler(). */
export function onDelack(s: TcpSock): void {
  if (s.state === c.TCP_CLOSE || s.state === c.TCP_LISTEN || (s.ackPending & ACK_TIMER) === 0) return;
  s.ackPending &= ~ACK_TIMER;
  if ((s.ackPending & ACK_SCHED) === 0) return;
  if (s.pingpong < c.PINGPONG) s.atoNs = Math.min(s.atoNs * 2, s.rtoNs);
  else {
    s.pingpong = 0;
    s.atoNs = c.ATO_MIN_NS;
  }
  sendAck(s);
  s.ins.tcp.stats.DelayedACKs++;
}

export function keepaliveTime(s: TcpSock): number {
  return s.keepIdleNs !== 0 ? s.keepIdleNs : s.ins.set.tcpKeepaliveTime * 1e9;
}

/** Keepalive, and the end of a closed socket's FIN_WAIT2. Linux: tcp_keepalive_timer(). */
export function onKeepalive(s: TcpSock): void {
  if (s.state === c.TCP_FIN_WAIT2 && s.closed) {
    const rest = s.ins.set.tcpFinTimeout * 1e9 - c.TIMEWAIT_NS;
    if (rest > 0) timeWait(s, c.TCP_FIN_WAIT2, rest);
    else tcpDone(s);
    return;
  }
  if (!s.keepalive || s.state === c.TCP_CLOSE || s.state === c.TCP_SYN_SENT || s.state === c.TCP_LISTEN) return;
  const idle = keepaliveTime(s);
  if (s.sent.count > 0 || s.sndNxt !== s.writeSeq) {
    s.ktimer.arm(idle);
    return;
  }
  const quietNs = s.ins.now - Math.max(s.lastRcvNs, s.lastAckRcvNs);
  if (quietNs < idle) {
    s.ktimer.arm(idle - quietNs);
    return;
  }
  const most = s.keepCnt !== 0 ? s.keepCnt : s.ins.set.tcpKeepaliveProbes;
  const timedOut = s.userTimeoutNs > 0 ? quietNs >= s.userTimeoutNs && s.probesOut > 0 : s.probesOut >= most;
  if (timedOut) {
    sendReset(s);
    writeError(s);
    return;
  }
  s.ins.tcp.stats.TCPKeepAlive++;
  const sent = sendProbe(s) <= 0;
  if (sent) s.probesOut++;
  const interval = s.keepIntvlNs !== 0 ? s.keepIntvlNs : s.ins.set.tcpKeepaliveIntvl * 1e9;
  s.ktimer.arm(sent ? interval : c.RESOURCE_PROBE_NS);
}
