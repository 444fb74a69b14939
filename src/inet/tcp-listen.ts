// A SYN for a listener, and the handshake's last step. The new connection is a socket from the SYN on, in SYN_RECV; Linux
// has a smaller record for it. A full queue sends cookies in Linux; here the record is kept, up to a bound, and counted so.
// Linux: tcp_conn_request(), tcp_check_req(), tcp_create_openreq_child().

import type { Skb } from '../net/skb.ts';
import { TCP_ACK, TCP_RST, TCP_SYN } from '../wire/tcp.ts';
import type { InetNs } from './state.ts';
import { updateRtt } from './tcp-ack.ts';
import type { TcpAf } from './tcp-af.ts';
import * as c from './tcp-const.ts';
import { transmitSyn } from './tcp-header.ts';
import { seg } from './tcp-options.ts';
import { syncMss } from './tcp-output.ts';
import { replyReset } from './tcp-reply.ts';
import type { TcpSock } from './tcp-sock.ts';
import { setState, tcpDone } from './tcp-state.ts';
import { hashEnd, inheritPort } from './tcp-table.ts';
import { armRetransmit, disarmRetransmit, keepaliveTime } from './tcp-timers.ts';
import { initBufferSpace, selectInitialWindow } from './tcp-window.ts';

/** Linux: tcp_max_syn_backlog. */
const MAX_SYN_BACKLOG = 2048;

/** A socket for a connection that somebody else began. Filled in by tcp-socket.ts, which knows the class. */
export const maker: { child: (parent: TcpSock, af: TcpAf) => TcpSock } = {
  child: () => {
    throw new Error('tcp-socket.ts is not loaded');
  },
};

/** Initial sequence number and time stamp offset: drawn, where Linux hashes with a secret. */
export function drawIsn(ins: InetNs): number {
  return ins.kernel.stream('inet:tcp-isn').u32() | 0;
}

/** A SYN without ACK and RST for a listener. Borrows. */
export function connRequest(listener: TcpSock, skb: Skb, af: TcpAf): void {
  const st = listener.ins.tcp.stats;
  if (listener.acceptQueue.length > listener.backlog) {
    st.ListenOverflows++;
    st.ListenDrops++;
    return;
  }
  if (listener.synQueue >= listener.backlog) {
    const cookies = listener.ins.ns.sysctl.get('net/ipv4/tcp_syncookies') !== '0';
    if (!cookies || listener.synQueue >= MAX_SYN_BACKLOG) {
      st.TCPReqQFullDrop++;
      st.ListenDrops++;
      return;
    }
    st.TCPReqQFullDoCookies++;
    st.SyncookiesSent++;
  }
  const s = maker.child(listener, af);
  if (s.af.accept(s, skb) !== 0) {
    st.ListenDrops++;
    return;
  }
  const set = s.ins.set;
  s.parent = listener;
  listener.synQueue++;
  s.irs = seg.seq;
  s.rcvNxt = (seg.seq + 1) | 0;
  s.rcvWup = s.rcvNxt;
  s.copiedSeq = s.rcvNxt;
  s.tstampOk = seg.sawTs && set.tcpTimestamps !== 0;
  s.sackOk = seg.sackPerm && set.tcpSack !== 0;
  s.wscaleOk = seg.wscale >= 0 && set.tcpWindowScaling !== 0;
  s.sndWscale = s.wscaleOk ? seg.wscale : 0;
  s.mssClamp = clampMss(s, seg.mss);
  if (s.tstampOk) {
    s.tsRecent = seg.tsval;
    s.tsRecentNs = s.ins.now;
    s.hdrLen = 32;
  }
  s.iss = drawIsn(s.ins);
  s.tsOffset = drawIsn(s.ins);
  startSequence(s);
  s.advmss = s.af.advmss(s);
  selectInitialWindow(s, s.advmss - (s.tstampOk ? 12 : 0), s.wscaleOk);
  if (!s.wscaleOk) s.rcvWscale = 0;
  s.sndWnd = seg.window;
  s.sndWl1 = seg.seq;
  s.state = c.TCP_SYN_RECV;
  inheritPort(s, listener.lport);
  hashEnd(s.ins.tcp, s);
  s.hashed = true;
  s.lastSentNs = s.ins.now;
  transmitSyn(s, TCP_SYN | TCP_ACK);
  s.rtoNs = c.TIMEOUT_INIT_NS;
  armRetransmit(s, c.TIME_RETRANS, s.rtoNs);
}

export function clampMss(s: TcpSock, offered: number): number {
  const mss = offered === 0 ? 536 : offered;
  return s.userMss > 0 && s.userMss < mss ? s.userMss : mss;
}

export function startSequence(s: TcpSock): void {
  s.sndUna = s.iss;
  s.sndSml = s.iss;
  s.sndNxt = (s.iss + 1) | 0;
  s.writeSeq = s.sndNxt;
  s.pushedSeq = s.sndNxt;
  s.outSeq = s.sndNxt;
}

/**
 * A segment for a connection in SYN_RECV that came from a listener. True: it is established now, and the segment should be
 * looked at as any other. Borrows. Linux: tcp_check_req().
 */
export function checkRequest(s: TcpSock, skb: Skb): boolean {
  const listener = s.parent as TcpSock;
  const st = s.ins.tcp.stats;
  const { flags } = seg;
  const bits = flags & (TCP_RST | TCP_SYN | TCP_ACK);
  if (bits === TCP_SYN && seg.seq === s.irs) {
    transmitSyn(s, TCP_SYN | TCP_ACK); // ours was lost, or is late
    return false;
  }
  if ((flags & TCP_ACK) !== 0 && seg.ack !== ((s.iss + 1) | 0)) {
    replyReset(s.ins, s.af, skb);
    return false;
  }
  const paws = s.tstampOk && seg.sawTs && (flags & TCP_RST) === 0 && ((seg.tsval - s.tsRecent) | 0) < 0;
  const inWindow = !c.before(seg.end, s.rcvNxt) && !c.after(seg.seq, (s.rcvNxt + s.rcvWnd) | 0);
  if (paws || !inWindow) {
    if ((flags & TCP_RST) === 0) transmitSyn(s, TCP_SYN | TCP_ACK);
    if (paws) st.PAWSEstab++;
    return false;
  }
  if ((flags & (TCP_RST | TCP_SYN)) !== 0) {
    st.EmbryonicRsts++;
    if ((flags & TCP_RST) === 0) replyReset(s.ins, s.af, skb);
    tcpDone(s);
    return false;
  }
  if ((flags & TCP_ACK) === 0) return false;
  if (listener.state !== c.TCP_LISTEN || listener.acceptQueue.length > listener.backlog) {
    st.ListenOverflows++;
    if (s.ins.set.tcpAbortOnOverflow !== 0) {
      replyReset(s.ins, s.af, skb);
      tcpDone(s);
    }
    return false;
  }
  listener.synQueue--;
  st.PassiveOpens++;
  if (s.tstampOk && seg.sawTs) s.tsRecent = seg.tsval;
  establish(s);
  listener.acceptQueue.push(s);
  listener.wakeRead();
  return true;
}

/** The handshake is over. Linux: tcp_init_transfer() and what is around it. */
export function establish(s: TcpSock): void {
  const now = s.ins.now;
  disarmRetransmit(s);
  s.sndUna = seg.ack;
  s.sndWnd = (seg.flags & TCP_SYN) !== 0 ? seg.window : seg.window << s.sndWscale;
  s.sndWl1 = seg.seq;
  if (s.sndWnd > s.maxWindow) s.maxWindow = s.sndWnd;
  updateRtt(s, s.retransmits === 0 && s.totalRetrans === 0 ? Math.floor((now - s.lastSentNs) / 1000) : -1, true);
  if (s.totalRetrans > 1) s.cwnd = 1;
  s.retransmits = 0;
  s.backoff = 0;
  s.retransStampNs = 0;
  s.hdrLen = s.tstampOk ? 32 : 20;
  if (s.tstampOk) s.advmss -= 12;
  syncMss(s, s.af.mtu(s));
  s.rcvMss = Math.max(Math.min(s.advmss, s.mss, s.rcvWnd >> 1, 536), c.MIN_MSS);
  s.cwndUsageSeq = s.sndNxt;
  s.lastSentNs = now;
  s.lastRcvNs = 0;
  s.lastAckRcvNs = now;
  setState(s, c.TCP_ESTABLISHED);
  initBufferSpace(s);
  s.cong.reset(s);
  if (s.keepalive) s.ktimer.arm(keepaliveTime(s));
  if (s.ipIdent === 0) s.ipIdent = s.ins.stack.idStream.below(65536);
}
