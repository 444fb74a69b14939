// What is lost, and how the window shrinks for it: RACK with SACK, NewReno without, proportional rate reduction, the RTO's
// fresh start, and undoing it all when the loss was none. Linux: tcp_recovery.c, tcp_fastretrans_alert(), tcp_enter_loss(),
// tcp_cwnd_reduction(), tcp_xmit_retransmit_queue() in net/ipv4; RFC 8985, RFC 6582, RFC 6937.

import { TCP_ACK, TCP_FIN } from '../wire/tcp.ts';
import * as c from './tcp-const.ts';
import { transmit } from './tcp-header.ts';
import { seg } from './tcp-options.ts';
import { currentMss } from './tcp-output.ts';
import { SENT_EVER_RETRANS, SENT_FIN, SENT_LOST, SENT_RETRANS, SENT_SACKED } from './tcp-sent.ts';
import type { TcpSock } from './tcp-sock.ts';
import { armRetransmit } from './tcp-timers.ts';

/** Sends the i-th entry again. 0, a local loss (1) or -errno. Linux: tcp_retransmit_skb(). */
export function retransmit(s: TcpSock, i: number): number {
  const q = s.sent;
  const mss = currentMss(s);
  let at = q.at(i);
  if (q.len[at] > mss + 1) {
    const seq = q.seq[at];
    recut(s, mss);
    for (let j = 0; j < q.count; j++) if (q.seq[q.at(j)] === seq) at = q.at(j);
  }
  if (((q.seq[at] - s.wndEnd()) | 0) >= 0 && q.seq[at] !== s.sndUna) return -11;
  const fin = (q.flags[at] & SENT_FIN) !== 0;
  const len = q.len[at] - (fin ? 1 : 0);
  const st = s.ins.tcp.stats;
  st.RetransSegs++;
  s.bytesRetrans += len;
  const rc = transmit(s, q.seq[at], len, TCP_ACK | (fin ? TCP_FIN : 0) | (lastOf(s, at) ? 8 : 0), mss);
  s.totalRetrans++;
  if (rc !== 0) {
    st.TCPRetransFail++;
    if (rc === -12 || rc === -105) return rc;
  }
  if ((q.flags[at] & SENT_RETRANS) === 0) s.retransOut++;
  q.flags[at] |= SENT_RETRANS | SENT_EVER_RETRANS;
  q.sentNs[at] = s.ins.now;
  if (s.retransStampNs === 0) s.retransStampNs = s.ins.now;
  s.undoRetrans++;
  return rc;
}

/** The segment that ends what was pushed keeps its PSH. */
function lastOf(s: TcpSock, at: number): boolean {
  const len = s.sent.len[at] - ((s.sent.flags[at] & SENT_FIN) !== 0 ? 1 : 0);
  return len > 0 && ((s.sent.seq[at] + len) | 0) === s.pushedSeq;
}

function markLost(s: TcpSock, at: number): void {
  const f = s.sent.flags[at];
  if ((f & SENT_SACKED) !== 0) return;
  if ((f & SENT_LOST) === 0) {
    s.lostOut++;
    s.sent.flags[at] |= SENT_LOST;
  }
  if ((f & SENT_RETRANS) !== 0) {
    s.sent.flags[at] &= ~SENT_RETRANS;
    s.retransOut--;
    s.ins.tcp.stats.TCPLostRetransmit++;
  }
}

/** Which segment was delivered that was sent last? Linux: tcp_rack_advance(). */
export function rackAdvance(s: TcpSock, at: number): void {
  const q = s.sent;
  const sent = q.sentNs[at];
  const end = (q.seq[at] + q.len[at]) | 0;
  const rtt = s.ins.now - sent;
  if ((q.flags[at] & SENT_EVER_RETRANS) !== 0) {
    // Too quick for the copy: it was the original that arrived.
    if (s.minRttUs >= 0 && rtt < s.minRttUs * 1000) return;
    if (seg.sawTs && ((seg.tsecr - ((Math.floor(sent / 1e6) + s.tsOffset) | 0)) | 0) < 0) return;
  }
  s.rackRttNs = rtt;
  if (sent > s.rackNs || (sent === s.rackNs && c.after(end, s.rackEndSeq))) {
    s.rackNs = sent;
    s.rackEndSeq = end;
  }
}

/** Marks what must be lost because something sent later arrived. Linux: tcp_rack_mark_lost(). */
export function rackDetect(s: TcpSock): void {
  const q = s.sent;
  const now = s.ins.now;
  const window = reorderWindowNs(s);
  let wait = 0;
  for (let i = 0; i < q.count; i++) {
    const at = q.at(i);
    const f = q.flags[at];
    if ((f & SENT_SACKED) !== 0 || ((f & SENT_LOST) !== 0 && (f & SENT_RETRANS) === 0)) continue;
    const sent = q.sentNs[at];
    const end = (q.seq[at] + q.len[at]) | 0;
    if (sent > s.rackNs || (sent === s.rackNs && !c.before(end, s.rackEndSeq))) continue;
    const left = sent + s.rackRttNs + window - now;
    if (left <= 0) markLost(s, at);
    else if (left > wait) wait = left;
  }
  if (wait > 0) armRetransmit(s, c.TIME_REO, Math.ceil(wait / c.JIFFY_NS) * c.JIFFY_NS);
}

/** None while losses are being repaired or three segments came past; else a quarter of the shortest round trip. */
function reorderWindowNs(s: TcpSock): number {
  if (s.caState >= c.CA_RECOVERY || s.sackedOut >= s.reordering) return 0;
  return Math.min((Math.max(s.minRttUs, 0) * 1000) / 4, (s.srttUs * 1000) / 8);
}

function initReduction(s: TcpSock): void {
  s.highSeq = s.sndNxt;
  s.tlpSet = false;
  s.cwndCnt = 0;
  s.priorCwnd = s.cwnd;
  s.prrDelivered = 0;
  s.prrOut = 0;
  s.ssthresh = s.cong.ssthresh(s);
}

/** Linux: tcp_cwnd_reduction(), RFC 6937. */
export function cwndReduction(s: TcpSock, delivered: number, newlyLost: number, advanced: boolean): void {
  if (delivered <= 0 || s.priorCwnd === 0) return;
  const delta = s.ssthresh - s.inFlight();
  s.prrDelivered += delivered;
  let send: number;
  if (delta < 0) send = Math.ceil((s.ssthresh * s.prrDelivered) / s.priorCwnd) - s.prrOut;
  else {
    send = Math.max(s.prrDelivered - s.prrOut, delivered);
    if (advanced && newlyLost === 0) send++;
    send = Math.min(delta, send);
  }
  send = Math.max(send, s.prrOut === 0 && s.caState === c.CA_RECOVERY ? 1 : 0);
  s.cwnd = Math.max(s.inFlight() + send, 1);
}

function endReduction(s: TcpSock): void {
  if (s.ssthresh < c.INFINITE_SSTHRESH && (s.caState === c.CA_CWR || s.undoSet)) s.cwnd = Math.max(s.ssthresh, 1);
}

/** A loss on this host. Linux: tcp_enter_cwr(). */
export function enterCwr(s: TcpSock): void {
  s.priorSsthresh = 0;
  if (s.caState >= c.CA_CWR) return;
  s.undoSet = false;
  initReduction(s);
  s.caState = c.CA_CWR;
}

function enterRecovery(s: TcpSock): void {
  const st = s.ins.tcp.stats;
  if (s.sackOk) st.TCPSackRecovery++;
  else st.TCPRenoRecovery++;
  s.priorSsthresh = currentSsthresh(s);
  initUndo(s);
  if (s.caState < c.CA_CWR) initReduction(s);
  s.highSeq = s.sndNxt;
  s.caState = c.CA_RECOVERY;
}

function initUndo(s: TcpSock): void {
  s.undoMarker = s.sndUna;
  s.undoSet = true;
  s.undoRetrans = s.retransOut > 0 ? s.retransOut : 0;
}

function currentSsthresh(s: TcpSock): number {
  if (s.caState === c.CA_CWR || s.caState === c.CA_RECOVERY) return s.ssthresh;
  return Math.max(s.ssthresh, (s.cwnd >> 1) + (s.cwnd >> 2));
}

/** The RTO fired: all is lost, begin with one segment. Linux: tcp_enter_loss(). */
export function enterLoss(s: TcpSock): void {
  const q = s.sent;
  for (let i = 0; i < q.count; i++) markLost(s, q.at(i));
  if (!s.sackOk) s.sackedOut = 0;
  if (s.caState <= c.CA_DISORDER || !c.after(s.highSeq, s.sndUna) || (s.caState === c.CA_LOSS && s.retransmits === 0)) {
    s.priorSsthresh = currentSsthresh(s);
    s.priorCwnd = s.cwnd;
    s.ssthresh = s.cong.ssthresh(s);
    initUndo(s);
    s.retransStampNs = 0;
  }
  s.cwnd = s.inFlight() + 1;
  s.cwndCnt = 0;
  s.cong.reset(s);
  s.caState = c.CA_LOSS;
  s.highSeq = s.sndNxt;
}

/** Was every repetition needless? The echo of a time stamp from before the first one says so. Linux: tcp_packet_delayed(). */
function mayUndo(s: TcpSock): boolean {
  if (!s.undoSet) return false;
  if (s.undoRetrans === 0) return true;
  if (s.retransStampNs === 0 || !seg.sawTs || seg.tsecr === 0) return false;
  return ((seg.tsecr - ((Math.floor(s.retransStampNs / 1e6) + s.tsOffset) | 0)) | 0) < 0;
}

/** Linux: tcp_undo_cwnd_reduction(). */
function undo(s: TcpSock, unmark: boolean): void {
  if (unmark) {
    for (let i = 0; i < s.sent.count; i++) s.sent.flags[s.sent.at(i)] &= ~SENT_LOST;
    s.lostOut = 0;
  }
  if (s.priorSsthresh > 0) {
    s.cwnd = Math.max(s.cwnd, s.priorCwnd);
    if (s.priorSsthresh > s.ssthresh) s.ssthresh = s.priorSsthresh;
  }
  s.undoSet = false;
}

/**
 * After an acknowledgement that may tell of a loss: follows the states, finds losses, says whether the queue of lost
 * segments should be sent. Linux: tcp_fastretrans_alert().
 */
export function fastretransAlert(s: TcpSock, advanced: boolean, dupack: boolean): boolean {
  const st = s.ins.tcp.stats;
  if (s.caState === c.CA_OPEN) {
    if (s.retransOut === 0) s.retransStampNs = 0;
  } else if (!c.before(s.sndUna, s.highSeq)) {
    if (s.caState === c.CA_CWR) {
      if (s.sndUna !== s.highSeq) {
        endReduction(s);
        s.caState = c.CA_OPEN;
      }
    } else if (s.caState === c.CA_RECOVERY) {
      if (!s.sackOk) s.sackedOut = 0;
      if (mayUndo(s)) {
        undo(s, false);
        st.TCPFullUndo++;
      } else endReduction(s);
      s.undoSet = false;
      s.retransStampNs = s.retransOut > 0 ? s.retransStampNs : 0;
      s.caState = c.CA_OPEN;
      return s.lostOut > 0;
    }
  }
  if (s.caState === c.CA_LOSS) {
    if (advanced && mayUndo(s)) {
      undo(s, true);
      st.TCPLossUndo++;
      s.retransmits = 0;
      s.caState = c.CA_OPEN;
      return true;
    }
    if (!c.before(s.sndUna, s.highSeq)) {
      if (!s.sackOk) s.sackedOut = 0;
      s.undoSet = false;
      s.caState = c.CA_OPEN;
      s.retransStampNs = s.retransOut > 0 ? s.retransStampNs : 0;
      return s.lostOut > 0;
    }
    if (s.sackOk) rackDetect(s);
    return true;
  }
  if (!s.sackOk) renoSack(s, advanced, dupack);
  if (s.sackOk) rackDetect(s);
  else renoLost(s, advanced);
  if (s.caState === c.CA_RECOVERY) return true;
  if (s.lostOut === 0) {
    if (s.caState !== c.CA_CWR) s.caState = s.sackedOut > 0 ? c.CA_DISORDER : c.CA_OPEN;
    return false;
  }
  enterRecovery(s);
  st.TCPFastRetrans++;
  return true;
}

/** Without SACK a duplicate acknowledgement is a segment that arrived, nobody knows which. Linux: tcp_add_reno_sack(). */
function renoSack(s: TcpSock, advanced: boolean, dupack: boolean): void {
  if (advanced) {
    if (s.caState !== c.CA_RECOVERY) s.sackedOut = 0;
  } else if (dupack && s.sackedOut < s.sent.count - s.lostOut) s.sackedOut++;
}

/** Linux: tcp_newreno_mark_lost(). */
function renoLost(s: TcpSock, advanced: boolean): void {
  if (s.sent.count === 0) return;
  const first = s.caState < c.CA_RECOVERY && s.sackedOut >= s.reordering;
  if (!first && !(s.caState === c.CA_RECOVERY && advanced)) return;
  markLost(s, s.sent.at(0));
  if (s.sackedOut > s.sent.count - s.lostOut) s.sackedOut = s.sent.count - s.lostOut;
}

/** Sends lost segments again, as many as the window allows. Linux: tcp_xmit_retransmit_queue(). */
export function retransmitQueue(s: TcpSock, ownReduction: boolean): void {
  const q = s.sent;
  if (q.count === 0 || s.lostOut <= 0) return;
  if (ownReduction && s.caState < c.CA_RECOVERY) enterRecovery(s);
  let rearm = false;
  for (let i = 0; i < q.count; i++) {
    const f = q.flags[q.at(i)];
    if ((f & SENT_LOST) === 0 || (f & (SENT_SACKED | SENT_RETRANS)) !== 0) continue;
    if (s.inFlight() >= s.cwnd) break;
    if (retransmit(s, i) !== 0) break;
    if (s.caState === c.CA_CWR || s.caState === c.CA_RECOVERY) s.prrOut++;
    if (s.caState === c.CA_RECOVERY) s.ins.tcp.stats.TCPFastRetrans++;
    else s.ins.tcp.stats.TCPSlowStartRetrans++;
    if (i === 0 && s.pending !== c.TIME_REO) rearm = true;
  }
  if (rearm) armRetransmit(s, c.TIME_RETRANS, s.rtoNs);
}

/** The path's MTU fell: what was too long is sent again at once. Linux: tcp_simple_retransmit(). */
export function simpleRetransmit(s: TcpSock, oldMss: number): void {
  const q = s.sent;
  const mss = s.mss;
  let lost = 0;
  for (let i = 0; i < q.count; i++) {
    const at = q.at(i);
    if (q.len[at] > mss && (q.flags[at] & SENT_SACKED) === 0) {
      markLost(s, at);
      lost++;
    }
  }
  if (lost === 0 || oldMss <= mss) return;
  recut(s, mss);
  if (s.caState !== c.CA_LOSS) {
    s.highSeq = s.sndNxt;
    s.ssthresh = currentSsthresh(s);
    s.priorSsthresh = 0;
    s.undoSet = false;
    s.caState = c.CA_LOSS;
  }
  retransmitQueue(s, false);
}

/** Entries of at most `mss`; the counts are of entries. */
function recut(s: TcpSock, mss: number): void {
  const q = s.sent;
  q.resegment(mss);
  s.lostOut = 0;
  s.retransOut = 0;
  let sacked = 0;
  for (let i = 0; i < q.count; i++) {
    const f = q.flags[q.at(i)];
    if ((f & SENT_LOST) !== 0) s.lostOut++;
    if ((f & SENT_RETRANS) !== 0) s.retransOut++;
    if ((f & SENT_SACKED) !== 0) sacked++;
  }
  if (s.sackOk) s.sackedOut = sacked;
}
