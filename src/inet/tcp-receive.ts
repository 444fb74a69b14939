// Payload and FINs of a connection: into the stream, or beside it until the gap is closed, and when to say that they
// came. Linux: tcp_data_queue(), tcp_data_queue_ofo(), tcp_fin(), tcp_event_data_recv(), __tcp_ack_snd_check().

import type { Skb } from '../net/skb.ts';
import { copyOf } from '../wire/bytes.ts';
import { TCP_FIN } from '../wire/tcp.ts';
import * as c from './tcp-const.ts';
import { sendAck } from './tcp-header.ts';
import { seg } from './tcp-options.ts';
import { ACK_NOMEM, ACK_NOW, ACK_SCHED, ACK_TIMER, type OfoRun, type TcpSock } from './tcp-sock.ts';
import { setState, timeWait } from './tcp-state.ts';
import { growWindow, measureRcvMss, rcvRttMeasure, windowNow } from './tcp-window.ts';

/** Acknowledge the next segments at once. Linux: tcp_enter_quickack_mode(). */
export function enterQuickack(s: TcpSock, most: number): void {
  incrQuickack(s, most);
  s.pingpong = 0;
  s.atoNs = c.ATO_MIN_NS;
}

function incrQuickack(s: TcpSock, most: number): void {
  let n = Math.floor(s.rcvWnd / (2 * s.rcvMss));
  if (n === 0) n = 2;
  n = Math.min(n, most);
  if (n > s.quick) s.quick = n;
}

/** Data arrived: how quickly must it be acknowledged? Linux: tcp_event_data_recv(). */
function eventDataRecv(s: TcpSock, skb: Skb): void {
  s.ackPending |= ACK_SCHED;
  measureRcvMss(s, seg.len, skb.gsoSize, skb.truesize);
  rcvRttMeasure(s);
  const now = s.ins.now;
  if (s.atoNs === 0) {
    incrQuickack(s, c.MAX_QUICKACKS);
    s.atoNs = c.ATO_MIN_NS;
  } else {
    const m = now - s.lastRcvNs;
    if (m <= c.ATO_MIN_NS / 2) s.atoNs = s.atoNs / 2 + c.ATO_MIN_NS / 2;
    else if (m < s.atoNs) s.atoNs = Math.min(s.atoNs / 2 + m, s.rtoNs);
    else if (m > s.rtoNs) incrQuickack(s, c.MAX_QUICKACKS);
  }
  s.lastRcvNs = now;
  growWindow(s, seg.len, skb.truesize);
}

/** The segment in `seg`, known to touch the window. Borrows. Linux: tcp_data_queue(). */
export function dataQueue(s: TcpSock, skb: Skb): void {
  const st = s.ins.tcp.stats;
  if (seg.seq === seg.end) return;
  const window = s.receiveWindow();
  if (seg.seq === s.rcvNxt) {
    if (window === 0 && seg.len > 0) {
      st.TCPZeroWindowDrop++;
      outOfWindow(s);
      return;
    }
    if (!roomFor(s, skb)) {
      st.TCPRcvQDrop++;
      s.ackPending |= ACK_SCHED | ACK_NOW | ACK_NOMEM;
      s.wakeRead();
      return;
    }
    inOrder(s, skb, 0);
    return;
  }
  if (!c.after(seg.end, s.rcvNxt)) {
    // A repetition.
    setDsack(s, seg.seq, seg.end, true);
    outOfWindow(s);
    return;
  }
  if (!c.before(seg.seq, (s.rcvNxt + window) | 0)) {
    outOfWindow(s);
    return;
  }
  if (c.before(seg.seq, s.rcvNxt)) {
    setDsack(s, seg.seq, s.rcvNxt, true);
    if (window === 0) {
      st.TCPZeroWindowDrop++;
      outOfWindow(s);
      return;
    }
    inOrder(s, skb, (s.rcvNxt - seg.seq) | 0);
    return;
  }
  tooEarly(s, skb);
}

function outOfWindow(s: TcpSock): void {
  enterQuickack(s, c.MAX_QUICKACKS);
  s.ackPending |= ACK_SCHED;
}

/** Linux: tcp_try_rmem_schedule(): the buffer may be overrun by one segment. */
function roomFor(s: TcpSock, skb: Skb): boolean {
  return s.rmem <= s.rcvBuf || s.inq.length + skb.len <= s.rcvBuf;
}

/** `skip`: bytes at the front that we have already. */
function inOrder(s: TcpSock, skb: Skb, skip: number): void {
  const fin = (seg.flags & TCP_FIN) !== 0;
  const n = seg.len - skip;
  if (n > 0) take(s, skb.bytes, seg.at + skip, n, skb.truesize);
  if (n > 0) eventDataRecv(s, skb);
  if (fin) finArrived(s, seg.end);
  if (s.ofo.length > 0) {
    closeGap(s);
    if (s.ofo.length === 0) s.ackPending |= ACK_NOW;
  }
  if (s.sacks.length > 0) pruneSacks(s);
  s.wakeRead();
}

function take(s: TcpSock, bytes: Uint8Array, at: number, n: number, truesize: number): void {
  s.inq.append(bytes, at, n);
  s.rmem += truesize;
  s.rcvNxt = (s.rcvNxt + n) | 0;
  s.bytesReceived += n;
}

/** Linux: tcp_ofo_queue(). */
function closeGap(s: TcpSock): void {
  while (s.ofo.length > 0) {
    const run = s.ofo[0];
    if (c.after(run.seq, s.rcvNxt)) return;
    s.ofo.shift();
    s.rmem -= run.truesize;
    const skip = (s.rcvNxt - run.seq) | 0;
    const n = run.data.length - skip;
    if (n > 0) take(s, run.data, skip, n, run.truesize);
    if (run.fin && !s.finReceived && run.end === ((s.rcvNxt + 1) | 0)) finArrived(s, run.end);
  }
}

/** Kept until what lies before it comes. Linux: tcp_data_queue_ofo(). */
function tooEarly(s: TcpSock, skb: Skb): void {
  const st = s.ins.tcp.stats;
  s.ackPending |= ACK_SCHED;
  if (s.rmem > s.rcvBuf) {
    st.TCPOFODrop++;
    return;
  }
  st.TCPOFOQueue++;
  s.rcvOooPack++;
  const fin = (seg.flags & TCP_FIN) !== 0;
  let i = 0;
  while (i < s.ofo.length && c.before(s.ofo[i].seq, seg.seq)) i++;
  // What it shares with its neighbours is known; the rest makes runs of its own.
  const prev: OfoRun | undefined = s.ofo[i - 1];
  let from = seg.seq;
  if (prev !== undefined && c.after(prev.end, from)) {
    setDsack(s, from, c.before(prev.end, seg.end) ? prev.end : seg.end, false);
    from = prev.end;
    if (!c.before(from, seg.end)) {
      st.TCPOFOMerge++;
      return;
    }
  }
  while (i < s.ofo.length && !c.after(s.ofo[i].end, seg.end) && !c.before(s.ofo[i].seq, from)) {
    const inside = s.ofo[i];
    setDsack(s, inside.seq, inside.end, false);
    s.rmem -= inside.truesize;
    s.ofo.splice(i, 1);
    st.TCPOFOMerge++;
  }
  const next: OfoRun | undefined = s.ofo[i];
  let end = seg.end;
  if (next !== undefined && c.before(next.seq, end)) {
    setDsack(s, next.seq, end, false);
    end = next.seq;
  }
  const skip = (from - seg.seq) | 0;
  const dataEnd = (seg.seq + seg.len) | 0;
  const n = ((c.before(end, dataEnd) ? end : dataEnd) - from) | 0;
  const run: OfoRun = {
    seq: from,
    end,
    data: copyOf(skb.bytes, seg.at + skip, Math.max(0, n)),
    fin: fin && end === seg.end,
    truesize: skb.truesize,
  };
  s.ofo.splice(i, 0, run);
  s.rmem += skb.truesize;
  growWindow(s, seg.len, skb.truesize);
  if (s.sackOk) sackFor(s, from, end);
}

/** A block that grows its neighbours, and comes first. Linux: tcp_sack_new_ofo_skb(). */
function sackFor(s: TcpSock, seq: number, end: number): void {
  let start = seq;
  let stop = end;
  for (let i = 0; i < s.sacks.length; ) {
    if (!c.after(start, s.sacks[i + 1]) && !c.after(s.sacks[i], stop)) {
      if (c.before(s.sacks[i], start)) start = s.sacks[i];
      if (c.after(s.sacks[i + 1], stop)) stop = s.sacks[i + 1];
      s.sacks.splice(i, 2);
    } else i += 2;
  }
  s.sacks.unshift(start, stop);
  if (s.sacks.length > 8) s.sacks.length = 8;
}

/** Linux: tcp_sack_remove(). */
function pruneSacks(s: TcpSock): void {
  if (s.ofo.length === 0) {
    s.sacks.length = 0;
    return;
  }
  for (let i = 0; i < s.sacks.length; ) {
    if (!c.before(s.rcvNxt, s.sacks[i])) s.sacks.splice(i, 2);
    else i += 2;
  }
}

/** Tells the sender what it repeated needlessly. Linux: tcp_dsack_set(). */
function setDsack(s: TcpSock, start: number, end: number, old: boolean): void {
  if (!s.sackOk || s.ins.set.tcpDsack === 0) return;
  const st = s.ins.tcp.stats;
  if (old) st.TCPDSACKOldSent++;
  else st.TCPDSACKOfoSent++;
  s.dsack = true;
  s.dsackStart = start;
  s.dsackEnd = end;
}

/** The peer is done. Linux: tcp_fin(). */
function finArrived(s: TcpSock, end: number): void {
  s.rcvNxt = end;
  s.finReceived = true;
  s.ackPending |= ACK_SCHED;
  s.rcvShutdown = true;
  switch (s.state) {
    case c.TCP_SYN_RECV:
    case c.TCP_ESTABLISHED:
      setState(s, c.TCP_CLOSE_WAIT);
      s.pingpong = c.PINGPONG;
      break;
    case c.TCP_FIN_WAIT1:
      sendAck(s);
      setState(s, c.TCP_CLOSING);
      break;
    case c.TCP_FIN_WAIT2:
      sendAck(s);
      timeWait(s, c.TCP_TIME_WAIT, 0);
      break;
  }
  s.ofo.length = 0;
  s.sacks.length = 0;
  if (!s.closed) {
    s.wakeRead();
    s.wakeWrite();
  }
}

/** Now, later, or not at all. Linux: __tcp_ack_snd_check(). */
export function ackSndCheck(s: TcpSock): void {
  if ((s.ackPending & ACK_SCHED) === 0 || s.state === c.TCP_CLOSE) return;
  const unacked = (s.rcvNxt - s.rcvWup) | 0;
  const read = ((s.rcvNxt - s.copiedSeq) | 0) < 1;
  if (
    (unacked > s.rcvMss && (read || windowNow(s) >= s.rcvWnd)) ||
    inQuickack(s) ||
    (s.ackPending & ACK_NOW) !== 0 ||
    s.ofo.length > 0
  ) {
    sendAck(s);
    return;
  }
  delayAck(s);
}

function inQuickack(s: TcpSock): boolean {
  return s.quick > 0 && s.pingpong < c.PINGPONG;
}

/** Linux: tcp_send_delayed_ack(). */
export function delayAck(s: TcpSock): void {
  let ato = s.atoNs;
  if (ato > c.ATO_MIN_NS) {
    let most = 500e6;
    if (s.pingpong >= c.PINGPONG || (s.ackPending & 4) !== 0) most = c.DELACK_MAX_NS;
    if (s.srttUs > 0) {
      const rtt = Math.max(Math.floor(s.srttUs / 8) * 1000, c.ATO_MIN_NS);
      if (rtt < most) most = rtt;
    }
    ato = Math.min(ato, most);
  }
  ato = Math.min(Math.max(ato, c.ATO_MIN_NS), c.DELACK_MAX_NS);
  if ((s.ackPending & ACK_TIMER) !== 0 && s.dtimer.armed) {
    const left = s.dtimer.dueNs - s.ins.now;
    if (left <= ato / 4) {
      sendAck(s);
      return;
    }
    if (left < ato) ato = left;
  }
  s.ackPending |= ACK_SCHED | ACK_TIMER;
  s.dtimer.arm(Math.ceil(ato / c.JIFFY_NS) * c.JIFFY_NS);
}

/** The reader made room, or took the last of it. Linux: tcp_cleanup_rbuf(). */
export function cleanupRbuf(s: TcpSock, copied: number): void {
  let now = false;
  if ((s.ackPending & ACK_SCHED) !== 0) {
    if (
      ((s.rcvNxt - s.rcvWup) | 0) > s.rcvMss ||
      (copied > 0 && (s.ackPending & 8 || ((s.ackPending & 4) !== 0 && s.pingpong < c.PINGPONG)) && s.inq.length === 0)
    ) {
      now = true;
    }
  }
  if (copied > 0 && !now && !s.rcvShutdown) {
    const window = s.receiveWindow();
    if (2 * window <= s.windowClamp) {
      const next = windowNow(s);
      if (next > 0 && next >= 2 * window) now = true;
    }
  }
  if (now && s.state !== c.TCP_CLOSE) sendAck(s);
}
