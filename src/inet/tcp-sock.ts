// One TCP connection or listener: all that is known about it. Only data, and what is asked for everywhere; what happens
// to it is in tcp-input.ts, tcp-ack.ts, tcp-output.ts, tcp-timers.ts, what its user may ask in tcp-socket.ts.
// Linux: struct tcp_sock, struct inet_connection_sock, struct tcp_timewait_sock.

import type { NetDevice } from '../net/netdev.ts';
import type { Skb } from '../net/skb.ts';
import type { In6 } from '../wire/in6.ts';
import { IPPROTO_TCP } from '../wire/ip4.ts';
import { Inet4Socket } from './inet4-socket.ts';
import type { Dst } from './route.ts';
import type { Dst6 } from './route6.ts';
import type { InetNs } from './state.ts';
import type { TcpAf } from './tcp-af.ts';
import { ByteRing } from './tcp-buf.ts';
import type { Cubic, TcpCong } from './tcp-cong.ts';
import * as c from './tcp-const.ts';
import { writeSpace } from './tcp-output.ts';
import { SentQueue } from './tcp-sent.ts';
import { LazyTimer } from './tcp-timer-slot.ts';
import { onDelack, onKeepalive, onRetransmit } from './tcp-timers.ts';

/** What the table of connections holds: sockets, and what TIME_WAIT leaves of them. */
export interface TcpEnd {
  readonly ins: InetNs;
  af: TcpAf;
  state: number;
  lport: number;
  dport: number;
  boundIf: number;
  /** IPv4 addresses as signed integers; IPv6 addresses. */
  la: number;
  ra: number;
  la6: In6 | null;
  ra6: In6 | null;
  hashNext: TcpEnd | null;
  readonly tw: TcpTimeWait | null;
}

/** A run of bytes that came too early. */
export interface OfoRun {
  seq: number;
  end: number;
  data: Uint8Array;
  fin: boolean;
  truesize: number;
}

export const ACK_SCHED = 1;
export const ACK_TIMER = 2;
export const ACK_NOW = 16;
/** No room was left: the window is closed, whatever was promised. */
export const ACK_NOMEM = 32;

/** What a frame of one byte is charged at. Linux: SKB_TRUESIZE(1). */
const SKB_TRUESIZE_1 = 768;

export abstract class TcpSock extends Inet4Socket implements TcpEnd {
  af: TcpAf;
  state = c.TCP_CLOSE;
  la = 0;
  ra = 0;
  la6: In6 | null = null;
  ra6: In6 | null = null;
  hashNext: TcpEnd | null = null;
  readonly tw: TcpTimeWait | null = null;
  /** IPv6: the remembered route; IPV6_V6ONLY; IPv4's addresses are shown mapped. */
  path6: Dst6 | null = null;
  v6only = false;
  mapped = false;
  /** In the table of connections; holding its port; bound by bind(). */
  hashed = false;
  holdsPort = false;
  boundPort = false;

  // What goes out. Linux's names are snd_una, snd_nxt, snd_sml, write_seq, pushed_seq, snd_wnd, snd_wl1, max_window.
  iss = 0;
  sndUna = 0;
  sndNxt = 0;
  sndSml = 0;
  /** Behind the last byte that the user wrote, and behind the FIN if there is one. */
  writeSeq = 0;
  finQueued = false;
  pushedSeq = 0;
  sndWnd = 0;
  sndWl1 = 0;
  maxWindow = 0;
  sndWscale = 0;
  readonly out = new ByteRing();
  /** Sequence number of the first byte in `out`. */
  outSeq = 0;
  readonly sent = new SentQueue();
  sackedOut = 0;
  lostOut = 0;
  retransOut = 0;
  mss = 536;
  /** What the peer takes. Linux: rx_opt.mss_clamp. */
  mssClamp = 65535;
  userMss = 0;
  advmss = 536;
  pmtuCookie = 0;
  gsoMaxSegs = 1;
  hdrLen = 20;
  lastSentNs = 0;
  /** writeSpace() has something to tell. */
  noSpace = false;
  tsqThrottled = false;
  /** Where the frame sent last begins. */
  lastPiece = 0;
  private writeWakeSet = false;
  ipIdent = 0;

  // What comes in.
  irs = 0;
  rcvNxt = 0;
  rcvWup = 0;
  rcvWnd = 0;
  rcvWscale = 0;
  windowClamp = 0;
  rcvSsthresh = 0;
  readonly inq = new ByteRing();
  readonly ofo: OfoRun[] = [];
  /** SACK blocks to send, the newest first: start and end. */
  readonly sacks: number[] = [];
  dsackStart = 0;
  dsackEnd = 0;
  dsack = false;
  finReceived = false;

  // Options of the conversation.
  wscaleOk = false;
  sackOk = false;
  tstampOk = false;
  tsOffset = 0;
  tsRecent = 0;
  tsRecentNs = -1;

  // Acknowledging. Linux: struct inet_csk_ack.
  ackPending = 0;
  quick = 0;
  pingpong = 0;
  atoNs = 0;
  lastRcvNs = 0;
  rcvMss = 536;
  lastAckRcvNs = 0;
  lastOowAckNs = -1e18;

  // Congestion and recovery.
  cong: TcpCong;
  cubic: Cubic | null = null;
  caState = c.CA_OPEN;
  cwnd = c.INIT_CWND;
  cwndCnt = 0;
  cwndAcked = 0;
  ssthresh = c.INFINITE_SSTHRESH;
  highSeq = 0;
  priorCwnd = 0;
  priorSsthresh = 0;
  undoMarker = 0;
  undoSet = false;
  undoRetrans = 0;
  prrDelivered = 0;
  prrOut = 0;
  retransStampNs = 0;
  reordering = 3;
  maxPacketsOut = 0;
  cwndUsageSeq = 0;
  /** For the round of sending in hand, and for the last window. */
  cwndLimited = false;
  isLimited = false;
  tlpHighSeq = 0;
  tlpSet = false;
  tlpRetrans = false;
  rackNs = 0;
  rackEndSeq = 0;
  rackRttNs = 0;

  // Round-trip time, us: srtt in eighths, mdev in quarters.
  srttUs = 0;
  mdevUs = 0;
  mdevMaxUs = 0;
  rttvarUs = 0;
  rttSeq = 0;
  minRttUs = -1;
  minRttNs = 0;
  rtoNs = c.TIMEOUT_INIT_NS;
  backoff = 0;
  retransmits = 0;
  probesOut = 0;
  /** When the present row of unanswered probes began; 0: none. */
  probesStampNs = 0;
  pending = c.TIME_NONE;
  readonly rtimer: LazyTimer<TcpSock>;
  readonly dtimer: LazyTimer<TcpSock>;
  readonly ktimer: LazyTimer<TcpSock>;

  // Receive buffer's growth. Linux: rcvq_space, rcv_rtt_est.
  scalingRatio = 128;
  rcvqSpace = 0;
  copiedSeq = 0;
  rcvqSeq = 0;
  rcvqNs = 0;
  rcvRttUs = 0;
  rcvRttSeq = 0;
  rcvRttNs = 0;

  // What the user asked for.
  nodelay = false;
  cork = false;
  keepalive = false;
  keepIdleNs = 0;
  keepIntvlNs = 0;
  keepCnt = 0;
  lingerS = -1;
  reuseAddr = false;
  reusePort = false;
  userTimeoutNs = 0;
  sndBufLocked = false;
  rcvBufLocked = false;
  rcvShutdown = false;
  sndShutdown = false;
  errSoft = 0;
  /** Calls that connect() was already told about: its result is taken once. */
  connectDone = false;
  /** Closed by its user, not yet by the protocol. */
  orphan = false;

  // A listener, and who waits for it.
  parent: TcpSock | null = null;
  readonly acceptQueue: TcpSock[] = [];
  backlog = 0;
  synQueue = 0;

  // TCP_INFO's counters.
  bytesAcked = 0;
  bytesReceived = 0;
  bytesSent = 0;
  bytesRetrans = 0;
  segsIn = 0;
  segsOut = 0;
  dataSegsIn = 0;
  dataSegsOut = 0;
  delivered = 0;
  totalRetrans = 0;
  dsackDups = 0;
  rcvOooPack = 0;

  constructor(ins: InetNs, af: TcpAf) {
    super(ins, IPPROTO_TCP);
    const loop = ins.kernel.loop;
    this.af = af;
    this.sndBuf = ins.set.tcpWmemDefault;
    this.rcvBuf = ins.set.tcpRmemDefault;
    this.cong = ins.tcp.congestion;
    this.reordering = ins.set.tcpReordering;
    this.rtimer = new LazyTimer<TcpSock>(loop, onRetransmit, this);
    this.dtimer = new LazyTimer<TcpSock>(loop, onDelack, this);
    this.ktimer = new LazyTimer<TcpSock>(loop, onKeepalive, this);
    this.mss = 536;
    this.keepsRoute = true;
  }

  /** Its frames have a small head, and pages. */
  override charge(skb: Skb): void {
    skb.owner = this;
    this.wmem += skb.truesize;
  }

  /** What was sent before has left the device. Linux: tcp_transmit_skb(), skb->ooo_okay. */
  override mayReorder(truesize: number): boolean {
    return this.wmem - truesize < SKB_TRUESIZE_1;
  }

  /** The remembered route, for the family's functions. */
  get path(): Dst {
    return this.dst;
  }

  get packetsOut(): number {
    return this.sent.count;
  }

  /** Linux: tcp_packets_in_flight(). */
  inFlight(): number {
    return this.sent.count - this.sackedOut - this.lostOut + this.retransOut;
  }

  /** Bytes written that were never sent. */
  unsent(): number {
    return (this.writeSeq - this.sndNxt) | 0;
  }

  /** Where the peer's window ends. */
  wndEnd(): number {
    return (this.sndUna + this.sndWnd) | 0;
  }

  /** Bytes that the peer may still send. Linux: tcp_receive_window(). */
  receiveWindow(): number {
    const win = (this.rcvWup + this.rcvWnd - this.rcvNxt) | 0;
    return win < 0 ? 0 : win;
  }

  winFromSpace(space: number): number {
    return Math.floor((space * this.scalingRatio) / 256);
  }

  spaceFromWin(win: number): number {
    return Math.floor((win * 256) / this.scalingRatio);
  }

  fullSpace(): number {
    return this.winFromSpace(this.rcvBuf);
  }

  space(): number {
    return this.winFromSpace(this.rcvBuf - this.rmem);
  }

  /** This millisecond on the connection's own clock. Linux: tcp_time_stamp_ts(). */
  tsNow(): number {
    return (Math.floor(this.ins.now / 1e6) + this.tsOffset) | 0;
  }

  /** What a burst of 64 KiB frames may add to the gap between acknowledgements. Linux: hystart_ack_delay(). */
  ackDelayAllowanceNs(): number {
    const rate = this.pacingRate();
    return rate === 0 ? 0 : Math.min(1e6, (65536 * 4 * 1e9) / rate);
  }

  /** Bytes per second: twice the present rate in slow start, else 1.2 times. Linux: tcp_update_pacing_rate(). */
  pacingRate(): number {
    if (this.srttUs === 0) return 0;
    const percent = this.cwnd < this.ssthresh >> 1 ? 200 : 120;
    return ((this.mss * 8e6 * percent) / 100 / this.srttUs) * Math.max(this.cwnd, this.sent.count);
  }

  /** A frame of ours is gone from the device. Linux: tcp_wfree(). */
  override sentDone(truesize: number): void {
    this.wmem -= truesize;
    if (!this.tsqThrottled) return;
    this.tsqThrottled = false;
    this.ins.kernel.loop.post(0, writeSpace, this as TcpSock, 0);
  }

  /** A connection goes on after close() by itself; the model lets its namespace go before. */
  override whenSent(done: () => void): void {
    done();
  }

  /** Wakes whoever waits to write, or for connect(). */
  wakeWrite(): void {
    if (this.writeWakeSet || this.onWritable === null) return;
    this.writeWakeSet = true;
    this.ins.kernel.loop.post(this.ins.kernel.timing.wakeNs, wakeWriter, this as TcpSock, 0);
  }

  /** For the loop only. */
  writeWoken(): void {
    this.writeWakeSet = false;
    if (!this.closed && this.onWritable !== null) this.onWritable();
  }

  wakeRead(): void {
    this.wake();
  }

  /** sk_err, and everybody hears of it. */
  reportError(errno: number): void {
    this.setError(errno);
    this.wakeWrite();
  }

  /** Where it leaves. */
  outDev(): NetDevice | null {
    return this.path6 === null ? this.dst.dev : this.path6.dev;
  }

  /** The list of what it is bound to changed, or the route may be another. */
  forgetRoute(): void {
    this.optionChanged();
    if (this.path6 !== null) this.path6.genid = 0;
  }

  chargeFrame(skb: Skb): void {
    this.charge(skb);
  }
}

function wakeWriter(s: TcpSock): void {
  s.writeWoken();
}

/** What is left of a connection for a minute. Linux: struct tcp_timewait_sock. */
export class TcpTimeWait implements TcpEnd {
  readonly ins: InetNs;
  af: TcpAf;
  state: number = c.TCP_TIME_WAIT;
  /** FIN_WAIT2 (the peer may still send a FIN) or TIME_WAIT. */
  substate: number;
  lport: number;
  dport: number;
  boundIf: number;
  la: number;
  ra: number;
  la6: In6 | null = null;
  ra6: In6 | null = null;
  hashNext: TcpEnd | null = null;
  rcvNxt: number;
  sndNxt: number;
  rcvWnd: number;
  rcvWscale: number;
  tstampOk: boolean;
  tsOffset: number;
  tsRecent: number;
  tsRecentNs: number;
  reuse: boolean;
  tos: number;
  mark: number;
  endsNs = 0;
  lastOowAckNs = -1e18;
  readonly timer: LazyTimer<TcpTimeWait>;
  /** The socket's, as the cookie of sock_diag. */
  readonly inode: number;

  constructor(s: TcpSock, substate: number, ended: (tw: TcpTimeWait) => void) {
    this.ins = s.ins;
    this.af = s.af;
    this.substate = substate;
    this.lport = s.lport;
    this.dport = s.dport;
    this.boundIf = s.boundIf;
    this.la = s.la;
    this.ra = s.ra;
    this.rcvNxt = s.rcvNxt;
    this.sndNxt = s.sndNxt;
    this.rcvWnd = s.receiveWindow();
    this.rcvWscale = s.rcvWscale;
    this.tstampOk = s.tstampOk;
    this.tsOffset = s.tsOffset;
    this.tsRecent = s.tsRecent;
    this.tsRecentNs = s.tsRecentNs;
    this.reuse = s.reuseAddr;
    this.tos = s.tos;
    this.mark = s.mark;
    this.inode = s.inode;
    this.timer = new LazyTimer<TcpTimeWait>(s.ins.kernel.loop, ended, this);
    s.af.copyEnds(s, this);
  }

  get tw(): TcpTimeWait {
    return this;
  }
}
