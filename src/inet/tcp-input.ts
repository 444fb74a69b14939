// A segment came in: whose is it, is it acceptable, and what does it do to the connection. Linux: tcp_v4_rcv(),
// tcp_rcv_established(), tcp_rcv_state_process(), tcp_validate_incoming(), tcp_rcv_synsent_state_process().

import { Drop } from '../net/drop.ts';
import { CSUM_NONE, PKT_HOST, type Skb } from '../net/skb.ts';
import { TCP_ACK, TCP_FIN, TCP_HLEN, TCP_RST, TCP_SYN, tcpHlen } from '../wire/tcp.ts';
import type { InetNs } from './state.ts';
import { challengeAck, oowLimited, processAck } from './tcp-ack.ts';
import type { TcpAf } from './tcp-af.ts';
import * as c from './tcp-const.ts';
import { sendAck, transmitSyn } from './tcp-header.ts';
import { checkRequest, clampMss, connRequest, establish } from './tcp-listen.ts';
import { readSegment, seg } from './tcp-options.ts';
import { dataSndCheck, pushPending, syncMss } from './tcp-output.ts';
import { ackSndCheck, dataQueue, delayAck, enterQuickack } from './tcp-receive.ts';
import { replyReset } from './tcp-reply.ts';
import type { TcpSock } from './tcp-sock.ts';
import { setState, tcpDone, tcpReset, timeWait, twReceive } from './tcp-state.ts';
import { lookupConnection, lookupListener } from './tcp-table.ts';
import { armRetransmit } from './tcp-timers.ts';
import { rcvRttMeasureTs } from './tcp-window.ts';

/** skb.off at the TCP header, skb.net at the IP header. Takes. */
export function tcpRcv(ins: InetNs, skb: Skb, af: TcpAf): void {
  const trace = ins.kernel.trace;
  if (trace.step !== null) trace.step('tcp_v4_rcv', skb, skb.dev);
  const st = ins.tcp.stats;
  if (skb.pktType !== PKT_HOST) return end(skb, Drop.OtherHost);
  st.InSegs++;
  const hlen = skb.len < TCP_HLEN ? 0 : tcpHlen(skb.bytes, skb.off);
  if (hlen < TCP_HLEN || skb.len < hlen) {
    st.InErrs++;
    return end(skb, Drop.Malformed);
  }
  if (skb.ipSummed === CSUM_NONE && !af.verify(skb)) {
    st.InCsumErrors++;
    st.InErrs++;
    return end(skb, Drop.TcpChecksum);
  }
  readSegment(skb);
  const found = lookupConnection(ins.tcp, af, skb);
  if (found !== null) {
    if (found.tw !== null) {
      if (!twReceive(found.tw, skb)) return end(skb, Drop.None);
    } else {
      connection(found as TcpSock, skb);
      return end(skb, Drop.None);
    }
  }
  const listener = lookupListener(ins.tcp, af, skb);
  if (listener !== null) {
    listen(listener, skb, af);
    return end(skb, Drop.None);
  }
  replyReset(ins, af, skb);
  end(skb, Drop.NoSocket);
}

function end(skb: Skb, reason: 0 | 11 | 12 | 31 | 42): void {
  skb.slabs.free(skb, reason);
}

function listen(listener: TcpSock, skb: Skb, af: TcpAf): void {
  listener.segsIn++;
  const { flags } = seg;
  if ((flags & TCP_RST) !== 0) return;
  if ((flags & TCP_ACK) !== 0) {
    replyReset(listener.ins, af, skb);
    return;
  }
  if ((flags & TCP_SYN) !== 0 && (flags & TCP_FIN) === 0) connRequest(listener, skb, af);
}

function connection(s: TcpSock, skb: Skb): void {
  s.segsIn += skb.gsoSegs > 1 ? skb.gsoSegs : 1;
  if (seg.len > 0) s.dataSegsIn += skb.gsoSegs > 1 ? skb.gsoSegs : 1;
  if (s.state === c.TCP_ESTABLISHED) {
    established(s, skb);
    return;
  }
  if (s.state === c.TCP_SYN_SENT) {
    synSent(s, skb);
    return;
  }
  if (s.state === c.TCP_SYN_RECV && s.parent !== null) {
    if (checkRequest(s, skb)) established(s, skb);
    return;
  }
  otherState(s, skb);
}

/** Linux: tcp_rcv_established(). */
function established(s: TcpSock, skb: Skb): void {
  if ((seg.flags & (TCP_ACK | TCP_RST | TCP_SYN)) === 0) return;
  if (!validate(s)) return;
  if ((seg.flags & TCP_ACK) === 0) return;
  storeTsRecent(s);
  if (processAck(s) < 0) return;
  rcvRttMeasureTs(s);
  dataQueue(s, skb);
  dataSndCheck(s);
  ackSndCheck(s);
}

/** The echo for our time stamps: of what we acknowledged last. Linux: tcp_replace_ts_recent(). */
function storeTsRecent(s: TcpSock): void {
  if (!seg.sawTs || !s.tstampOk || c.after(seg.seq, s.rcvWup)) return;
  if (((seg.tsval - s.tsRecent) | 0) < 0) return;
  s.tsRecent = seg.tsval;
  s.tsRecentNs = s.ins.now;
}

/** True: it is acceptable. Linux: tcp_validate_incoming(). */
function validate(s: TcpSock): boolean {
  const st = s.ins.tcp.stats;
  const rst = (seg.flags & TCP_RST) !== 0;
  const syn = (seg.flags & TCP_SYN) !== 0;
  if (s.tstampOk && seg.sawTs && ((s.tsRecent - seg.tsval) | 0) > 0 && pawsDiscard(s)) {
    if (!rst) {
      st.PAWSEstab++;
      if (syn) {
        st.TCPSYNChallenge++;
        challengeAck(s);
        return false;
      }
      if (!limitedFor(s)) dupAck(s);
      return false;
    }
  }
  const beyond = c.after(seg.seq, (s.rcvNxt + s.receiveWindow()) | 0);
  if (c.before(seg.end, s.rcvWup) || beyond) {
    if (beyond) st.BeyondWindow++;
    if (!rst) {
      if (syn) {
        st.TCPSYNChallenge++;
        challengeAck(s);
        return false;
      }
      if (!limitedFor(s)) dupAck(s);
    }
    return false;
  }
  if (rst) {
    if (seg.seq === s.rcvNxt || sackEdge(s)) tcpReset(s);
    else challengeAck(s);
    return false;
  }
  if (syn) {
    st.TCPSYNChallenge++;
    challengeAck(s);
    return false;
  }

  return true;
}

/** An old time stamp: not of a mere acknowledgement out of order. Linux: tcp_paws_discard(), tcp_disordered_ack(). */
function pawsDiscard(s: TcpSock): boolean {
  const plainAck = seg.seq === seg.end && seg.seq === s.rcvNxt && seg.ack === s.sndUna;
  return !plainAck && s.ins.now - s.tsRecentNs < 24 * 86400e9;
}

/** Data is answered always, empty segments not too often. Linux: tcp_oow_rate_limited(). */
function limitedFor(s: TcpSock): boolean {
  if (seg.len > 0 && (seg.flags & TCP_SYN) === 0) return false;
  if (!oowLimited(s)) return false;
  s.ins.tcp.stats.TCPACKSkippedSeq++;
  return true;
}

/** RFC 5961 allows a reset at the edge of what we told by SACK. Linux: tcp_reset_check(), the SACK part. */
function sackEdge(s: TcpSock): boolean {
  let most = s.rcvNxt;
  for (let i = 1; i < s.sacks.length; i += 2) if (c.after(s.sacks[i], most)) most = s.sacks[i];
  return s.sacks.length > 0 && seg.seq === most;
}

/** Linux: tcp_send_dupack(). */
function dupAck(s: TcpSock): void {
  if (seg.end !== seg.seq && c.before(seg.seq, s.rcvNxt)) {
    enterQuickack(s, c.MAX_QUICKACKS);
    if (s.sackOk && s.ins.set.tcpDsack !== 0) {
      s.ins.tcp.stats.TCPDSACKOldSent++;
      s.dsack = true;
      s.dsackStart = seg.seq;
      s.dsackEnd = c.after(seg.end, s.rcvNxt) ? s.rcvNxt : seg.end;
    }
  }
  sendAck(s);
}

/** Linux: tcp_rcv_synsent_state_process(). */
function synSent(s: TcpSock, skb: Skb): void {
  const { flags } = seg;
  if ((flags & TCP_ACK) !== 0) {
    if (seg.ack !== s.sndNxt) {
      replyReset(s.ins, s.af, skb);
      return;
    }
    if (seg.sawTs && seg.tsecr !== 0 && ((s.tsNow() - seg.tsecr) | 0) < 0) {
      s.ins.tcp.stats.PAWSActive++;
      replyReset(s.ins, s.af, skb);
      return;
    }
    if ((flags & TCP_RST) !== 0) {
      tcpReset(s);
      return;
    }
    if ((flags & TCP_SYN) === 0) return;
    synOptions(s);
    establish(s);
    s.wakeWrite();
    s.wakeRead();
    if (s.quick === 0 && s.pingpong >= c.PINGPONG) {
      enterQuickack(s, c.MAX_QUICKACKS);
      delayAck(s);
    } else sendAck(s);
    pushPending(s, false);
    return;
  }
  if ((flags & TCP_RST) !== 0 || (flags & TCP_SYN) === 0) return;
  // Both sides called each other at the same time.
  synOptions(s);
  s.sndWnd = seg.window;
  s.sndWl1 = seg.seq;
  s.maxWindow = s.sndWnd;
  syncMss(s, s.af.mtu(s));
  setState(s, c.TCP_SYN_RECV);
  transmitSyn(s, TCP_SYN | TCP_ACK);
  armRetransmit(s, c.TIME_RETRANS, s.rtoNs);
}

/** What the peer's SYN or SYN-ACK agrees to. */
function synOptions(s: TcpSock): void {
  const set = s.ins.set;
  s.irs = seg.seq;
  s.rcvNxt = (seg.seq + 1) | 0;
  s.rcvWup = s.rcvNxt;
  s.copiedSeq = s.rcvNxt;
  s.tstampOk = seg.sawTs && set.tcpTimestamps !== 0;
  s.sackOk = seg.sackPerm && set.tcpSack !== 0;
  s.wscaleOk = seg.wscale >= 0 && set.tcpWindowScaling !== 0;
  s.sndWscale = s.wscaleOk ? seg.wscale : 0;
  if (!s.wscaleOk) {
    s.rcvWscale = 0;
    s.windowClamp = Math.min(s.windowClamp, 65535);
  }
  s.mssClamp = clampMss(s, seg.mss);
  if (s.tstampOk) {
    s.tsRecent = seg.tsval;
    s.tsRecentNs = s.ins.now;
  }
}

/** Everything but ESTABLISHED, LISTEN and SYN_SENT. Linux: tcp_rcv_state_process(). */
function otherState(s: TcpSock, skb: Skb): void {
  if (s.state === c.TCP_CLOSE) return;
  if ((seg.flags & (TCP_ACK | TCP_RST | TCP_SYN)) === 0) return;
  if (s.state === c.TCP_SYN_RECV && (seg.flags & TCP_SYN) !== 0 && (seg.flags & TCP_ACK) !== 0) {
    // The second half of a simultaneous open: its SYN is known.
    seg.flags &= ~TCP_SYN;
    seg.seq = (seg.seq + 1) | 0;
  }
  if (!validate(s) || (seg.flags & TCP_ACK) === 0) return;
  if (s.state === c.TCP_SYN_RECV) {
    if (seg.ack !== ((s.iss + 1) | 0)) {
      replyReset(s.ins, s.af, skb);
      return;
    }
    establish(s);
    s.wakeWrite();
    s.wakeRead();
  } else {
    storeTsRecent(s);
    if (processAck(s) < 0) {
      challengeAck(s);
      return;
    }
  }
  if (!ownFinAcked(s, skb)) return;
  if (textAfterClose(s)) {
    s.ins.tcp.stats.TCPAbortOnData++;
    replyReset(s.ins, s.af, skb);
    tcpReset(s);
    return;
  }
  dataQueue(s, skb);
  if (s.state === c.TCP_CLOSE) return;
  dataSndCheck(s);
  ackSndCheck(s);
}

/** Moves on when our FIN was acknowledged. False: the segment is dealt with. */
function ownFinAcked(s: TcpSock, skb: Skb): boolean {
  if (!s.finQueued || s.sndUna !== s.writeSeq) return true;
  switch (s.state) {
    case c.TCP_FIN_WAIT1:
      setState(s, c.TCP_FIN_WAIT2);
      if (!s.closed) {
        s.wakeRead();
        s.wakeWrite();
        return true;
      }
      return orphanFinWait2(s, skb);
    case c.TCP_CLOSING:
      timeWait(s, c.TCP_TIME_WAIT, 0);
      return false;
    case c.TCP_LAST_ACK:
      tcpDone(s);
      return false;
  }
  return true;
}

function orphanFinWait2(s: TcpSock, skb: Skb): boolean {
  if (textAfterClose(s)) {
    s.ins.tcp.stats.TCPAbortOnData++;
    replyReset(s.ins, s.af, skb);
    tcpDone(s);
    return false;
  }
  const rest = s.ins.set.tcpFinTimeout * 1e9;
  if (rest > c.TIMEWAIT_NS) s.ktimer.arm(rest - c.TIMEWAIT_NS);
  else if ((seg.flags & TCP_FIN) !== 0) s.ktimer.arm(rest);
  else {
    timeWait(s, c.TCP_FIN_WAIT2, rest);
    return false;
  }
  return true;
}

/** Payload for somebody who will never read it. */
function textAfterClose(s: TcpSock): boolean {
  if (!s.rcvShutdown || (s.state !== c.TCP_FIN_WAIT1 && s.state !== c.TCP_FIN_WAIT2 && s.state !== c.TCP_CLOSING)) {
    return false;
  }
  const fin = (seg.flags & TCP_FIN) !== 0 ? 1 : 0;
  return seg.end !== seg.seq && c.after((seg.end - fin) | 0, s.rcvNxt);
}
