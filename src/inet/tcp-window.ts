// The receive window: what may be promised to the peer, how it grows as long as the reader keeps up, and how the buffer
// behind it grows. Linux: tcp_select_initial_window(), __tcp_select_window(), tcp_select_window(), tcp_grow_window(),
// tcp_rcv_space_adjust().

import { TCP_SYN } from '../wire/tcp.ts';
import { INIT_CWND, MAX_WSCALE } from './tcp-const.ts';
import { seg } from './tcp-options.ts';
import { ACK_NOMEM, type TcpSock } from './tcp-sock.ts';

const MAX_CLAMP = 65535 << MAX_WSCALE;

function roundUp(v: number, shift: number): number {
  const unit = 1 << shift;
  return Math.ceil(v / unit) * unit;
}

/** For the SYN: window and scale, from the buffer and an `mss` that already lacks the timestamps. */
export function selectInitialWindow(s: TcpSock, mss: number, wscaleOk: boolean): void {
  const set = s.ins.set;
  if (s.windowClamp === 0) s.windowClamp = MAX_CLAMP;
  let space = Math.min(s.fullSpace(), s.windowClamp);
  if (space > mss) space -= space % mss;
  s.rcvWnd = Math.min(space, 65535);
  s.rcvWscale = 0;
  if (wscaleOk) {
    const most = Math.min(Math.max(space, set.tcpRmemMax, set.rmemMax), s.windowClamp);
    s.rcvWscale = Math.max(0, Math.min(31 - Math.clz32(most) - 15, MAX_WSCALE));
  }
  s.windowClamp = Math.min(65535 << s.rcvWscale, s.windowClamp);
  s.rcvSsthresh = s.rcvWnd;
}

/** When the handshake is over. Linux: tcp_init_buffer_space(). */
export function initBufferSpace(s: TcpSock): void {
  if (!s.sndBufLocked) expandSndbuf(s);
  s.rcvqNs = s.ins.now;
  s.rcvqSeq = s.copiedSeq;
  const most = s.fullSpace();
  if (s.windowClamp >= most) s.windowClamp = most;
  // One segment in reserve.
  if (s.windowClamp > 2 * s.advmss && s.windowClamp + s.advmss > most) {
    s.windowClamp = Math.max(2 * s.advmss, most - s.advmss);
  }
  s.rcvSsthresh = Math.min(s.rcvSsthresh, s.windowClamp);
  s.rcvqSpace = Math.min(s.rcvSsthresh, s.rcvWnd, INIT_CWND * s.advmss);
}

/** Room for two windows of segments. Linux: tcp_sndbuf_expand(). */
export function expandSndbuf(s: TcpSock): void {
  const perMss = pow2(Math.max(s.mssClamp, s.mss) + 256 + 320) + 256;
  const segments = Math.max(INIT_CWND, s.cwnd, s.reordering + 1);
  const want = 2 * segments * perMss;
  if (s.sndBuf < want) s.sndBuf = Math.min(want, s.ins.set.tcpWmemMax);
}

function pow2(v: number): number {
  let p = 1;
  while (p < v) p *= 2;
  return p;
}

/** Linux: __tcp_select_window(). */
export function windowNow(s: TcpSock): number {
  let mss = s.rcvMss;
  let free = s.space();
  const allowed = s.fullSpace();
  const full = Math.min(s.windowClamp, allowed);
  if (mss > full) {
    mss = full;
    if (mss <= 0) return 0;
  }
  if (free < full >> 1) {
    s.quick = 0;
    free = free <= 0 ? 0 : free - (free % (1 << s.rcvWscale));
    if (free < allowed >> 4 || free < mss) return 0;
  }
  if (free > s.rcvSsthresh) free = s.rcvSsthresh;
  if (s.rcvWscale > 0) return roundUp(free, s.rcvWscale);
  let window = s.rcvWnd;
  if (window <= free - mss || window > free) window = free - (free % mss);
  else if (mss === full && free > window + (full >> 1)) window = free;
  return window;
}

/** The number for the header. A window never shrinks. Linux: tcp_select_window(). */
export function selectWindow(s: TcpSock, flags: number): number {
  if ((flags & TCP_SYN) !== 0) {
    s.rcvWup = s.rcvNxt;
    return s.rcvWnd < 65535 ? s.rcvWnd : 65535;
  }
  if ((s.ackPending & ACK_NOMEM) !== 0) {
    s.rcvWnd = 0;
    s.rcvWup = s.rcvNxt;
    return 0;
  }
  const st = s.ins.tcp.stats;
  const old = s.rcvWnd;
  const current = s.receiveWindow();
  let next = windowNow(s);
  if (next < current) {
    if (next === 0) st.TCPWantZeroWindowAdv++;
    next = roundUp(current, s.rcvWscale);
  }
  s.rcvWnd = next;
  s.rcvWup = s.rcvNxt;
  let shown = next;
  if (s.rcvWscale === 0) shown = Math.min(shown, s.wscaleOk ? 65535 : 32767 * 2 + 1);
  else shown = Math.min(shown, 65535 << s.rcvWscale);
  shown >>>= s.rcvWscale;
  if (shown === 0) {
    if (old !== 0) st.TCPToZeroWindowAdv++;
  } else if (old === 0) st.TCPFromZeroWindowAdv++;
  return shown;
}

/** Data arrived and is taken in: the window may open further. `truesize`: what it is charged at. */
export function growWindow(s: TcpSock, len: number, truesize: number): void {
  const room = Math.min(s.windowClamp, s.space()) - s.rcvSsthresh;
  if (room <= 0 || len < 128) return;
  let incr = s.winFromSpace(truesize) <= len ? 2 * s.advmss : growSlowly(s, len, truesize);
  if (incr === 0) return;
  if (incr < 2 * len) incr = 2 * len;
  s.rcvSsthresh += Math.min(room, incr);
}

/** Small segments in large buffers open it only while there is much room. Linux: __tcp_grow_window(). */
function growSlowly(s: TcpSock, len: number, truesize: number): number {
  let size = s.winFromSpace(truesize) >> 1;
  let window = s.winFromSpace(s.ins.set.tcpRmemMax) >> 1;
  while (s.rcvSsthresh <= window) {
    if (size <= len) return 2 * s.rcvMss;
    size >>= 1;
    window >>= 1;
  }
  return 0;
}

/** How long the peer's segments are; it decides when an acknowledgement is due. Linux: tcp_measure_rcv_mss(). */
export function measureRcvMss(s: TcpSock, skbLen: number, gsoSize: number, truesize: number): void {
  const len = gsoSize > 0 ? gsoSize : skbLen;
  if (len >= s.rcvMss) {
    if (len !== s.rcvMss && truesize > 0) {
      s.scalingRatio = Math.max(1, Math.min(255, Math.floor((skbLen * 256) / truesize)));
      s.windowClamp = s.winFromSpace(s.rcvBuf);
    }
    s.rcvMss = Math.min(len, s.advmss);
  } else if (len >= 88 + 20 && len < s.rcvMss && (seg.flags & 8) === 0) s.rcvMss = Math.max(len, 88);
}

/** How long a window takes to be filled, for want of a better clock. Linux: tcp_rcv_rtt_measure(). */
export function rcvRttMeasure(s: TcpSock): void {
  const now = s.ins.now;
  if (s.rcvRttNs !== 0) {
    if (((s.rcvNxt - s.rcvRttSeq) | 0) < 0) return;
    rcvRttSample(s, Math.max(1, Math.floor((now - s.rcvRttNs) / 1000)), true);
  }
  s.rcvRttSeq = (s.rcvNxt + s.rcvWnd) | 0;
  s.rcvRttNs = now;
}

/** A time stamp came back. Linux: tcp_rcv_rtt_measure_ts(). */
export function rcvRttMeasureTs(s: TcpSock): void {
  if (!seg.sawTs || seg.tsecr === 0 || seg.len < s.rcvMss) return;
  const ms = (s.tsNow() - seg.tsecr) | 0;
  if (ms >= 0 && ms < 100_000) rcvRttSample(s, Math.max(ms * 1000, 1000), false);
}

function rcvRttSample(s: TcpSock, us: number, windowBased: boolean): void {
  const old = s.rcvRttUs;
  if (old === 0) s.rcvRttUs = us * 8;
  else if (!windowBased) s.rcvRttUs = old + us - Math.floor(old / 8);
  else if (us * 8 < old) s.rcvRttUs = us * 8;
}

/** The reader took bytes: a buffer for twice what it takes in a round trip. Linux: tcp_rcv_space_adjust(). */
export function rcvSpaceAdjust(s: TcpSock): void {
  const now = s.ins.now;
  if (s.rcvRttUs === 0 || (now - s.rcvqNs) / 1000 < s.rcvRttUs / 8) return;
  const copied = (s.copiedSeq - s.rcvqSeq) | 0;
  if (copied > s.rcvqSpace) {
    growRcvbuf(s, copied);
    s.rcvqSpace = copied;
  }
  s.rcvqSeq = s.copiedSeq;
  s.rcvqNs = now;
}

function growRcvbuf(s: TcpSock, copied: number): void {
  const set = s.ins.set;
  if (set.tcpModerateRcvbuf === 0 || s.rcvBufLocked) return;
  const win = copied * 2 + 16 * s.advmss;
  const grow = Math.floor((win * (copied - s.rcvqSpace)) / Math.max(1, s.rcvqSpace));
  const buf = Math.min(s.spaceFromWin(win + Math.min(2 * grow, win)), set.tcpRmemMax);
  if (buf <= s.rcvBuf) return;
  s.rcvBuf = buf;
  s.windowClamp = s.winFromSpace(buf);
}
