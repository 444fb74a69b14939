// How a connection changes its state and how it ends: resets, the minute of TIME_WAIT, and what is forgotten when.
// Linux: tcp_set_state(), tcp_done(), tcp_reset() in net/ipv4, tcp_time_wait() and tcp_timewait_state_process() in
// tcp_minisocks.c.

import type { Skb } from '../net/skb.ts';
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../wire/tcp.ts';
import { ECONNREFUSED, ECONNRESET, EPIPE } from './errno.ts';
import { oowLimited } from './tcp-ack.ts';
import * as c from './tcp-const.ts';
import { seg } from './tcp-options.ts';
import { purgeOut } from './tcp-output.ts';
import { replyAck, replyReset } from './tcp-reply.ts';
import { type TcpSock, TcpTimeWait } from './tcp-sock.ts';
import { hashEnd, releasePort, remove, type TcpNs, unhashEnd } from './tcp-table.ts';

export function setState(s: TcpSock, state: number): void {
  const st = s.ins.tcp.stats;
  const old = s.state;
  const was = old === c.TCP_ESTABLISHED || old === c.TCP_CLOSE_WAIT;
  const is = state === c.TCP_ESTABLISHED || state === c.TCP_CLOSE_WAIT;
  if (is && !was) st.CurrEstab++;
  if (was && !is) {
    st.CurrEstab--;
    if (state === c.TCP_CLOSE) st.EstabResets++;
  }
  s.state = state;
}

/** The end of it; who still holds the socket sees a closed one. Linux: tcp_done(). */
export function tcpDone(s: TcpSock): void {
  const ns = s.ins.tcp;
  if (s.state === c.TCP_SYN_SENT || s.state === c.TCP_SYN_RECV) ns.stats.AttemptFails++;
  if (s.state === c.TCP_SYN_RECV && s.parent !== null) s.parent.synQueue--;
  setState(s, c.TCP_CLOSE);
  endTimers(s);
  if (s.hashed) {
    s.hashed = false;
    unhashEnd(ns, s);
  }
  s.rcvShutdown = true;
  s.sndShutdown = true;
  purgeOut(s);
  if (s.closed || s.parent !== null) destroy(s);
  else {
    if (!s.boundPort) releasePort(s);
    s.wakeRead();
    s.wakeWrite();
  }
}

function endTimers(s: TcpSock): void {
  s.pending = c.TIME_NONE;
  s.rtimer.end();
  s.dtimer.end();
  s.ktimer.end();
}

/** Nobody holds it any more. Linux: inet_csk_destroy_sock(). */
export function destroy(s: TcpSock): void {
  if (s.orphan) {
    s.orphan = false;
    s.ins.tcp.orphans--;
  }
  releasePort(s);
  s.inq.clear();
  s.ofo.length = 0;
  s.rmem = 0;
}

/** The peer reset it. Linux: tcp_reset(). */
export function tcpReset(s: TcpSock): void {
  const errno = s.state === c.TCP_SYN_SENT ? ECONNREFUSED : s.state === c.TCP_CLOSE_WAIT ? EPIPE : ECONNRESET;
  purgeOut(s);
  if (!s.closed) s.reportError(errno);
  tcpDone(s);
}

/** A small record takes the connection's place. `delayNs` 0: a minute. Linux: tcp_time_wait(). */
export function timeWait(s: TcpSock, substate: number, delayNs: number): void {
  const ns = s.ins.tcp;
  const tw = new TcpTimeWait(s, substate, twEnded);
  if (s.hashed) {
    s.hashed = false;
    unhashEnd(ns, s);
  }
  hashEnd(ns, tw);
  const list = ns.twPorts.get(tw.lport);
  if (list === undefined) ns.twPorts.set(tw.lport, [tw]);
  else list.push(tw);
  ns.timeWaits++;
  armTw(tw, substate === c.TCP_FIN_WAIT2 && delayNs > 0 ? delayNs : c.TIMEWAIT_NS);
  tcpDone(s);
}

function armTw(tw: TcpTimeWait, delayNs: number): void {
  tw.endsNs = tw.ins.now + delayNs;
  tw.timer.arm(delayNs);
}

function twEnded(tw: TcpTimeWait): void {
  tw.ins.tcp.stats.TW++;
  twKill(tw);
}

/** Linux: inet_twsk_deschedule_put(). */
function twKill(tw: TcpTimeWait): void {
  const ns = tw.ins.tcp;
  tw.timer.end();
  unhashEnd(ns, tw);
  remove(ns.twPorts, tw.lport, tw);
  ns.timeWaits--;
}

/** True: a SYN that may begin a new connection; the record is gone. Borrows. Linux: tcp_timewait_state_process(). */
export function twReceive(tw: TcpTimeWait, skb: Skb): boolean {
  const st = tw.ins.tcp.stats;
  const { flags } = seg;
  const rst = (flags & TCP_RST) !== 0;
  const syn = (flags & TCP_SYN) !== 0;
  const ack = (flags & TCP_ACK) !== 0;
  const paws = tw.tstampOk && seg.sawTs && !rst && ((seg.tsval - tw.tsRecent) | 0) < 0;
  if (tw.substate === c.TCP_FIN_WAIT2) {
    finWait2(tw, skb, paws);
    return false;
  }
  if (!paws && seg.seq === tw.rcvNxt && (seg.seq === seg.end || rst)) {
    if (rst) twKill(tw);
    else armTw(tw, c.TIMEWAIT_NS);
    return false;
  }
  const newer = c.after(seg.seq, tw.rcvNxt) || (tw.tstampOk && seg.sawTs && ((tw.tsRecent - seg.tsval) | 0) < 0);
  if (syn && !rst && !ack && !paws && newer) {
    twKill(tw);
    return true;
  }
  if (paws) st.PAWSEstab++;
  if (!rst) {
    if (paws || ack) armTw(tw, c.TIMEWAIT_NS);
    if (!oowLimited(tw)) replyAck(tw, skb);
  }
  return false;
}

function finWait2(tw: TcpTimeWait, skb: Skb, paws: boolean): void {
  const { flags } = seg;
  const inWindow = !c.before(seg.end, tw.rcvNxt) && !c.after(seg.seq, (tw.rcvNxt + tw.rcvWnd) | 0);
  if (paws || !inWindow) {
    if (!oowLimited(tw)) replyAck(tw, skb);
    return;
  }
  if ((flags & TCP_RST) !== 0) {
    twKill(tw);
    return;
  }
  if ((flags & TCP_SYN) !== 0 && !c.before(seg.seq, tw.rcvNxt)) {
    twKill(tw);
    replyReset(tw.ins, tw.af, skb);
    return;
  }
  if ((flags & TCP_ACK) === 0 || !c.after(seg.end, tw.rcvNxt) || seg.end === seg.seq) return;
  if ((flags & TCP_FIN) === 0 || seg.end !== ((tw.rcvNxt + 1) | 0)) {
    // Data for somebody who closed.
    twKill(tw);
    replyReset(tw.ins, tw.af, skb);
    return;
  }
  tw.substate = c.TCP_TIME_WAIT;
  tw.rcvNxt = seg.end;
  if (seg.sawTs) tw.tsRecent = seg.tsval;
  armTw(tw, c.TIMEWAIT_NS);
  replyAck(tw, skb);
}

/** The namespace ends: nothing is sent any more. Linux: inet_twsk_purge() and timers that find their namespace gone. */
export function tcpNsExit(ns: TcpNs): void {
  for (const e of [...ns.connections()]) {
    if (e.tw !== null) twKill(e.tw);
    else tcpDone(e as TcpSock);
  }
}
