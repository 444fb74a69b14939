// What may be sent now, and in which pieces: window, congestion window, Nagle, frames of many segments for devices that
// cut them. Linux: net/ipv4/tcp_output.c, tcp_write_xmit() and around it.

import type { NetDevice } from '../net/netdev.ts';
import { SKB_OVERHEAD } from '../net/skb.ts';
import { TCP_ACK, TCP_FIN } from '../wire/tcp.ts';
import * as c from './tcp-const.ts';
import { pushFlag, sackSpace, transmit } from './tcp-header.ts';
import { SENT_FIN } from './tcp-sent.ts';
import type { TcpSock } from './tcp-sock.ts';
import { armRetransmit, disarmRetransmit, rearmRto, scheduleLossProbe } from './tcp-timers.ts';
import { expandSndbuf } from './tcp-window.ts';

/** Takes a path MTU into use: payload per segment. Linux: tcp_sync_mss(). */
export function syncMss(s: TcpSock, pmtu: number): number {
  s.pmtuCookie = pmtu;
  const room = pmtu - s.af.netHeader - 20;
  let mss = Math.min(room, s.mssClamp);
  mss = Math.max(mss, s.ins.set.tcpMinSndMss) - (s.hdrLen - 20);
  const half = s.maxWindow >> 1;
  if (s.maxWindow > 536 && mss > half) mss = Math.max(half, 68 - s.hdrLen);
  else if (s.maxWindow > 0 && s.maxWindow <= 536 && mss > s.maxWindow) mss = Math.max(s.maxWindow, 68 - s.hdrLen);
  s.mss = mss;
  return mss;
}

/** Payload per segment for the next one; follows the route. Linux: tcp_current_mss(). */
export function currentMss(s: TcpSock): number {
  if (s.af.route(s) === 0) {
    const mtu = s.af.mtu(s);
    if (mtu !== s.pmtuCookie) syncMss(s, mtu);
    setupCaps(s);
  }
  return s.mss - sackSpace(s);
}

/**
 * How many segments a frame may have, whatever the device can: the core cuts them for it, and adds up what it does not.
 * Linux: sk_setup_caps(), which gives TCP NETIF_F_GSO since 4.17.
 */
function setupCaps(s: TcpSock): void {
  const dev = s.outDev() as NetDevice;
  const size = Math.min(dev.gsoMaxSize, s.af.family === 2 ? dev.gsoIpv4MaxSize : dev.gsoMaxSize) - 1 - 320;
  s.gsoMaxSegs = Math.max(1, Math.min(dev.gsoMaxSegs, Math.floor(Math.min(size, c.GSO_PAYLOAD) / s.mss)));
}

/** Segments per frame: what a millisecond brings at the present rate, more on short paths. Linux: tcp_tso_autosize(). */
function tsoSegs(s: TcpSock, mss: number): number {
  if (s.gsoMaxSegs <= 1) return 1;
  let bytes = s.pacingRate() / 1024;
  const r = s.minRttUs < 0 ? 32 : s.minRttUs >> s.ins.set.tcpTsoRttLog;
  if (r < 31) bytes += 65536 >> r;
  const segs = Math.max(Math.floor(Math.min(bytes, c.GSO_PAYLOAD) / mss), s.ins.set.tcpMinTsoSegs);
  return segs < s.gsoMaxSegs ? segs : s.gsoMaxSegs;
}

/** Bytes of data (not the FIN) that were never sent. */
function dataLeft(s: TcpSock): number {
  const left = (s.writeSeq - s.sndNxt) | 0;
  return s.finQueued && left > 0 ? left - 1 : left;
}

/** May a short segment go? Linux: tcp_nagle_test(). */
function nagleAllows(s: TcpSock, push: boolean): boolean {
  if (push || s.finQueued) return true;
  if (s.cork) return false;
  if (s.nodelay) return true;
  const smallUnderWay = ((s.sndSml - s.sndUna) | 0) > 0 && ((s.sndNxt - s.sndSml) | 0) >= 0;
  return s.sent.count === 0 || !smallUnderWay;
}

/** Too little room for a decent frame, and an acknowledgement will soon make more. Linux: tcp_tso_should_defer(). */
function shouldDefer(s: TcpSock, left: number, room: number, mss: number, maxSegs: number, inFlight: number): boolean {
  if (s.caState >= c.CA_RECOVERY || inFlight === 0) return false;
  if (s.ins.now - s.lastSentNs > 1e6) return false;
  const congRoom = (s.cwnd - inFlight) * mss;
  const limit = Math.min(room, congRoom);
  if (limit >= maxSegs * mss || limit >= left) return false;
  const chunk = Math.floor(Math.min(s.sndWnd, s.cwnd * mss) / 3);
  if (limit >= chunk) return false;
  if (congRoom < room && congRoom <= left) s.cwndLimited = true;
  return true;
}

/**
 * Sends what may be sent. True: there is something, nothing is under way, and nothing could go, so that a probe is due.
 * `push`: short segments too. Linux: tcp_write_xmit().
 */
export function writeXmit(s: TcpSock, mss: number, push: boolean, most = -1): boolean {
  const maxSegs = tsoSegs(s, mss);
  let sentPackets = 0;
  let limited = false;
  s.cwndLimited = false;
  while (s.sndNxt !== s.writeSeq && (most < 0 || sentPackets < most)) {
    const inFlight = s.inFlight();
    if (inFlight >= s.cwnd && most < 0) {
      limited = true;
      break;
    }
    const left = dataLeft(s);
    const room = (s.wndEnd() - s.sndNxt) | 0;
    const fin = s.finQueued && left <= mss ? 1 : 0;
    if ((left < mss ? left : mss) + fin > room) break;
    let len: number;
    if (left <= mss) {
      if (left < mss && fin === 0 && !nagleAllows(s, push)) break;
      len = left;
    } else {
      if (most < 0 && shouldDefer(s, left, room, mss, maxSegs, inFlight)) {
        limited = limited || s.cwndLimited;
        break;
      }
      const half = s.cwnd >> 1 > 1 ? s.cwnd >> 1 : 1;
      const quota = most < 0 ? Math.min(half, s.cwnd - inFlight) : 1;
      len = pieceLength(s, left, room, mss, Math.min(maxSegs, quota), push);
    }
    if (tsqFull(s, len)) break;
    if (!sendPiece(s, len, mss)) break;
    sentPackets += Math.max(1, Math.ceil(len / mss));
  }
  if (sentPackets > 0) {
    if (s.inFlight() >= s.cwnd) limited = true;
    if (most < 0) scheduleLossProbe(s, false);
  }
  if (sentPackets > 0 || limited) cwndValidate(s, limited);
  return sentPackets === 0 && s.sent.count === 0 && s.sndNxt !== s.writeSeq;
}

/** Whole segments as far as the limits go; the rest too when it may be short. Linux: tcp_mss_split_point(). */
function pieceLength(s: TcpSock, left: number, room: number, mss: number, segs: number, push: boolean): number {
  const most = segs * mss;
  if (most <= left && most <= room) return most;
  const needed = left < room ? left : room;
  if (most <= needed) return most;
  const partial = needed % mss;
  return partial !== 0 && !(needed === left && nagleAllows(s, push)) && needed > partial ? needed - partial : needed;
}

/**
 * Enough lies in queues below to send the next frame, of `len` bytes, later: two of its size, or what a millisecond brings. One
 * frame always may. Linux: tcp_small_queue_check().
 */
function tsqFull(s: TcpSock, len: number): boolean {
  const most = Math.max(2 * (len + s.hdrLen + SKB_OVERHEAD), s.pacingRate() / 1024);
  if (s.wmem < Math.min(most, s.ins.set.tcpLimitOutputBytes)) return false;
  if (s.sent.count === 0 || ((s.lastPiece - s.sndUna) | 0) <= 0) return false;
  s.tsqThrottled = true;
  return true;
}

/** False: refused below; it counts as not sent. Linux: tcp_transmit_skb(), tcp_event_new_data_sent(). */
function sendPiece(s: TcpSock, len: number, mss: number): boolean {
  const seq = s.sndNxt;
  const end = (seq + len) | 0;
  const withFin = s.finQueued && ((s.writeSeq - end) | 0) === 1;
  const flags = TCP_ACK | (len > 0 ? pushFlag(end, s) : 0) | (withFin ? TCP_FIN : 0);
  if (transmit(s, seq, len, flags, mss) !== 0) return false;
  const st = s.ins.tcp.stats;
  const now = s.ins.now;
  const first = s.sent.count === 0;
  s.lastPiece = seq;
  const queue = s.sent;
  let at = 0;
  let done = 0;
  do {
    const n = len - done < mss ? len - done : mss;
    done += n;
    const last = withFin && done === len;
    at = queue.push((seq + done - n) | 0, n + (last ? 1 : 0), last ? SENT_FIN : 0);
    queue.sentNs[at] = now;
    if (n > 0) st.TCPOrigDataSent++;
  } while (done < len);
  s.sndNxt = (end + (withFin ? 1 : 0)) | 0;
  if (len < mss || len % mss !== 0) s.sndSml = s.sndNxt;
  if (first || s.pending === c.TIME_LOSS_PROBE) rearmRto(s);
  return true;
}

/** Was the window used? Linux: tcp_cwnd_validate(). */
function cwndValidate(s: TcpSock, limited: boolean): void {
  if (((s.sndUna - s.cwndUsageSeq) | 0) >= 0 || limited || (!s.isLimited && s.sent.count > s.maxPacketsOut)) {
    s.isLimited = limited;
    s.maxPacketsOut = s.sent.count;
    s.cwndUsageSeq = s.sndNxt;
  }
}

/** Linux: __tcp_push_pending_frames(). */
export function pushPending(s: TcpSock, push: boolean): void {
  if (s.state === c.TCP_CLOSE || s.sndNxt === s.writeSeq) return;
  if (writeXmit(s, currentMss(s), push)) checkProbeTimer(s);
}

/** Linux: tcp_check_probe_timer(), tcp_probe0_base(). */
function checkProbeTimer(s: TcpSock): void {
  if (s.sent.count === 0 && s.pending === c.TIME_NONE) {
    armRetransmit(s, c.TIME_PROBE0, Math.max(s.rtoNs, c.RTO_MIN_US * 1000));
  }
}

/** After an acknowledgement: more may go, and the writer may go on. Linux: tcp_data_snd_check(). */
export function dataSndCheck(s: TcpSock): void {
  if (s.sndNxt !== s.writeSeq) pushPending(s, false);
  checkSpace(s);
}

/** Linux: tcp_check_space(), tcp_new_space(), sk_stream_write_space(). */
function checkSpace(s: TcpSock): void {
  if (s.state === c.TCP_CLOSE) return;
  if (!s.sndBufLocked && s.sent.count < s.cwnd) expandSndbuf(s);
  if (!s.noSpace) return;
  if ((s.sndBuf - s.out.length) * 3 < s.sndBuf) return;
  s.noSpace = false;
  s.wakeWrite();
}

/** Frames of ours left the device's queue. Linux: tcp_tsq_handler(). */
export function writeSpace(s: TcpSock): void {
  if (s.state === c.TCP_CLOSE || s.state === c.TCP_LISTEN) return;
  if (s.sndNxt !== s.writeSeq) writeXmit(s, currentMss(s), false);
}

/** The last byte that the user will write is followed by a FIN. Linux: tcp_send_fin(). */
export function sendFin(s: TcpSock): void {
  if (s.finQueued) return;
  s.finQueued = true;
  s.writeSeq = (s.writeSeq + 1) | 0;
  pushPending(s, true);
}

/** Everything that waits to be sent or acknowledged is forgotten. Linux: tcp_write_queue_purge(). */
export function purgeOut(s: TcpSock): void {
  s.out.clear();
  s.outSeq = s.writeSeq;
  s.sent.clear();
  s.sackedOut = 0;
  s.lostOut = 0;
  s.retransOut = 0;
  disarmRetransmit(s);
}
