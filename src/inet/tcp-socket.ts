// What a program may do with a TCP socket: connect, listen, accept, send, receive, shut down, close, options. Nothing
// blocks: a would-be sleeper gets -EAGAIN (connect(): -EINPROGRESS) and is called by onReadable or onWritable.
// Linux: net/ipv4/tcp.c, inet_stream_connect(), inet_csk_accept(), tcp_sendmsg(), tcp_recvmsg(), __tcp_close().

import { EAGAIN, EALREADY, EDESTADDRREQ, EINPROGRESS, EINVAL, EISCONN, ENOTCONN, EPIPE } from './errno.ts';
import { noAddr } from './socket.ts';
import type { Received, SockAddr, SockOption, StreamSocket, TcpInfo } from './socket-types.ts';
import type { InetNs } from './state.ts';
import type { TcpAf } from './tcp-af.ts';
import { congestionControls } from './tcp-cong.ts';
import * as c from './tcp-const.ts';
import { sendReset, transmitSyn } from './tcp-header.ts';
import { tcpInfo } from './tcp-info.ts';
import { drawIsn, maker, startSequence } from './tcp-listen.ts';
import { pushPending, sendFin, syncMss } from './tcp-output.ts';
import { cleanupRbuf } from './tcp-receive.ts';
import { TcpSock } from './tcp-sock.ts';
import { inheritOptions, setTcpOption } from './tcp-sockopt.ts';
import { destroy, setState, tcpDone, timeWait } from './tcp-state.ts';
import { bindPort, connectPort, hashEnd, mayListen, releasePort, remove, taken } from './tcp-table.ts';
import { armRetransmit } from './tcp-timers.ts';
import { rcvSpaceAdjust, selectInitialWindow } from './tcp-window.ts';

const TCP_SYN = 2;

export class TcpSocket extends TcpSock implements StreamSocket {
  constructor(ins: InetNs, af: TcpAf) {
    super(ins, af);
    ins.tcp.sockets++;
  }

  bind(addr: SockAddr): number {
    if (this.state !== c.TCP_CLOSE || this.lport !== 0) return -EINVAL;
    const err = this.af.bind(this, addr);
    if (err !== 0) return err;
    const got = bindPort(this, addr.port);
    if (got !== 0) {
      this.af.bind(this, noAddr());
      return got;
    }
    this.boundPort = addr.port !== 0;
    return 0;
  }

  /** -EINPROGRESS when the handshake has begun. Linux: __inet_stream_connect(), tcp_v4_connect(). */
  connect(addr: SockAddr): number {
    if (this.state === c.TCP_SYN_SENT || this.state === c.TCP_SYN_RECV) return -EALREADY;
    if (this.state === c.TCP_LISTEN) return -EISCONN;
    if (this.state !== c.TCP_CLOSE || this.connected) {
      if (this.soError !== 0) return -this.takeError();
      return -EISCONN;
    }
    if (this.soError !== 0) return -this.takeError();
    const err = this.af.connect(this, addr);
    if (err !== 0) return err;
    if (this.lport === 0) {
      const got = connectPort(this);
      if (got !== 0) return got;
    } else if (taken(this, this.lport)) return -99;
    this.iss = drawIsn(this.ins);
    this.tsOffset = drawIsn(this.ins);
    startSequence(this);
    this.ipIdent = this.ins.stack.idStream.below(65536);
    hashEnd(this.ins.tcp, this);
    this.hashed = true;
    this.startConnect();
    return -EINPROGRESS;
  }

  /** Linux: tcp_connect(), tcp_connect_init(). */
  private startConnect(): void {
    const set = this.ins.set;
    this.state = c.TCP_SYN_SENT;
    this.hdrLen = 20 + (set.tcpTimestamps !== 0 ? 12 : 0);
    this.mssClamp = this.userMss > 0 ? this.userMss : 65535;
    this.maxWindow = 0;
    syncMss(this, this.af.mtu(this));
    this.advmss = this.userMss > 0 ? Math.min(this.userMss, this.af.advmss(this)) : this.af.advmss(this);
    selectInitialWindow(this, this.advmss, set.tcpWindowScaling !== 0);
    this.sndWnd = 0;
    this.rtoNs = c.TIMEOUT_INIT_NS;
    this.retransmits = 0;
    this.lastSentNs = this.ins.now;
    this.ins.tcp.stats.ActiveOpens++;
    transmitSyn(this, TCP_SYN);
    armRetransmit(this, c.TIME_RETRANS, this.rtoNs);
  }

  /** Linux: inet_csk_listen_start(). */
  listen(backlog: number): number {
    if (this.state !== c.TCP_CLOSE && this.state !== c.TCP_LISTEN) return -EINVAL;
    const want = Math.min(backlog < 0 ? 2 ** 31 : backlog, this.ins.set.somaxconn);
    if (this.state === c.TCP_LISTEN) {
      this.backlog = want;
      return 0;
    }
    if (this.lport === 0) {
      const got = bindPort(this, 0);
      if (got !== 0) return got;
    } else if (!mayListen(this)) return -98;
    this.backlog = want;
    this.state = c.TCP_LISTEN;
    const list = this.ins.tcp.listeners.get(this.lport);
    if (list === undefined) this.ins.tcp.listeners.set(this.lport, [this]);
    else list.push(this);
    return 0;
  }

  /** The next connection that is ready, or -errno. */
  accept(): StreamSocket | number {
    if (this.state !== c.TCP_LISTEN) return -EINVAL;
    const child = this.acceptQueue.shift();
    if (child === undefined) return -EAGAIN;
    child.parent = null;
    if (child.state !== c.TCP_CLOSE) child.connected = true;
    return child as TcpSocket;
  }

  /** Bytes taken into the send buffer, or -errno. `more`: MSG_MORE. Linux: tcp_sendmsg_locked(). */
  send(data: Uint8Array, more = false): number {
    if (this.soError !== 0) return -this.takeError();
    if (this.sndShutdown) return -EPIPE;
    if (this.state !== c.TCP_ESTABLISHED && this.state !== c.TCP_CLOSE_WAIT) {
      if (this.state === c.TCP_SYN_SENT || this.state === c.TCP_SYN_RECV) {
        this.noSpace = true;
        return -EAGAIN;
      }
      return -EPIPE;
    }
    let done = 0;
    while (done < data.length) {
      const room = this.sndBuf - this.out.length;
      if (room <= 0) break;
      // A push after half a window, so that much data does not wait for the end of the call. Linux: forced_push().
      const piece = Math.min(data.length - done, room, Math.max(this.maxWindow >> 1, 536, this.mss));
      this.slowStartAfterIdle();
      this.out.append(data, done, piece);
      this.writeSeq = (this.writeSeq + piece) | 0;
      done += piece;
      if (done < data.length) {
        this.pushedSeq = this.writeSeq;
        pushPending(this, true);
      }
    }
    if (done > 0) {
      if (!more) this.pushedSeq = this.writeSeq;
      if (!more || this.unsent() > this.mss) pushPending(this, false);
    }
    if (done < data.length) this.noSpace = true;
    return done === 0 && data.length > 0 ? -EAGAIN : done;
  }

  /** A window from long ago is no measure of the path now. Linux: tcp_slow_start_after_idle_check(). */
  private slowStartAfterIdle(): void {
    if (this.ins.set.tcpSlowStartAfterIdle === 0 || this.sent.count > 0 || this.sndNxt !== this.writeSeq) return;
    let idle = this.ins.now - this.lastSentNs;
    if (idle <= this.rtoNs) return;
    const restart = Math.min(this.cwnd, c.INIT_CWND);
    this.ssthresh = Math.max(
      this.ssthresh === c.INFINITE_SSTHRESH ? 0 : this.ssthresh,
      (this.cwnd >> 1) + (this.cwnd >> 2),
    );
    for (idle -= this.rtoNs; idle > 0 && this.cwnd > restart; idle -= this.rtoNs) this.cwnd >>= 1;
    this.cwnd = Math.max(this.cwnd, restart);
  }

  /** Bytes waiting to be read. Linux: SIOCINQ. */
  get readable(): number {
    return this.inq.length;
  }

  /** Up to `max` bytes; none at the end of the stream; -EAGAIN when nothing is there yet. */
  read(max: number, peek = false): Uint8Array | number {
    const n = this.readyBytes(max);
    if (n < 0) return n;
    const data = this.inq.peek(n);
    if (!peek) this.consumed(n);
    return data;
  }

  /** As read(), but the bytes are thrown away (MSG_TRUNC): how many, 0 at the end, or -errno. */
  discard(max: number): number {
    const n = this.readyBytes(max);
    if (n > 0) this.consumed(n);
    return n;
  }

  private readyBytes(max: number): number {
    const have = this.inq.length;
    if (have > 0) return have < max ? have : max;
    if (this.state === c.TCP_LISTEN) return -ENOTCONN;
    if (this.finReceived) return 0;
    if (this.soError !== 0) return -this.takeError();
    if (this.rcvShutdown) return 0;
    if (this.state === c.TCP_CLOSE) return this.connected ? 0 : -ENOTCONN;
    return -EAGAIN;
  }

  private consumed(n: number): void {
    this.rmem = this.inq.length === n ? this.ofoMem() : this.rmem - Math.floor((this.rmem * n) / this.inq.length);
    this.inq.drop(n);
    this.copiedSeq = (this.copiedSeq + n) | 0;
    rcvSpaceAdjust(this);
    cleanupRbuf(this, n);
  }

  private ofoMem(): number {
    let mem = 0;
    for (let i = 0; i < this.ofo.length; i++) mem += this.ofo[i].truesize;
    return mem;
  }

  /** The datagram call, as send(2) and recv(2) have it on a stream. */
  sendTo(data: Uint8Array, to: SockAddr | null): number {
    if (to !== null && !this.connected) return -EDESTADDRREQ;
    return this.send(data);
  }

  override recv(): Received | null {
    const data = this.read(65536);
    if (typeof data === 'number' || data.length === 0) return null;
    return {
      data,
      from: noAddr(),
      tstampNs: this.ins.now,
      ttl: 0,
      ifindex: 0,
      pktType: 0,
      wireLen: data.length,
      vlanTci: -1,
    };
  }

  /** SHUT_RD 0, SHUT_WR 1, SHUT_RDWR 2. Linux: inet_shutdown(), tcp_shutdown(). */
  shutdown(how: number): number {
    if (how < 0 || how > 2) return -EINVAL;
    const rd = how !== 1;
    const wr = how !== 0;
    switch (this.state) {
      case c.TCP_CLOSE:
        return -ENOTCONN;
      case c.TCP_LISTEN:
        if (rd) this.stopListening();
        return 0;
      case c.TCP_SYN_SENT:
        tcpDone(this);
        return 0;
    }
    if (rd) {
      this.rcvShutdown = true;
      this.wakeRead();
    }
    if (wr && !this.sndShutdown) {
      this.sndShutdown = true;
      if (this.state === c.TCP_ESTABLISHED || this.state === c.TCP_CLOSE_WAIT || this.state === c.TCP_SYN_RECV) {
        setState(this, this.state === c.TCP_CLOSE_WAIT ? c.TCP_LAST_ACK : c.TCP_FIN_WAIT1);
        sendFin(this);
      }
    }
    return 0;
  }

  /** Linux: inet_csk_listen_stop(): who was not accepted yet is reset. */
  private stopListening(): void {
    remove(this.ins.tcp.listeners, this.lport, this as TcpSock);
    this.state = c.TCP_CLOSE;
    for (const child of this.acceptQueue.splice(0)) child.close();
    for (const e of [...this.ins.tcp.connections()]) {
      if (e.tw === null && e.state === c.TCP_SYN_RECV && (e as TcpSock).parent === this) tcpDone(e as TcpSock);
    }
    if (!this.boundPort) releasePort(this);
  }

  /** Linux: __tcp_close(). */
  override close(): void {
    if (this.closed) return;
    const unread = this.inq.length > 0 || this.ofo.length > 0;
    super.close();
    this.ins.tcp.sockets--;
    this.parent = null;
    this.rcvShutdown = true;
    this.sndShutdown = true;
    const st = this.ins.tcp.stats;
    if (this.state === c.TCP_LISTEN) this.stopListening();
    if (this.state === c.TCP_CLOSE) {
      destroy(this);
      return;
    }
    this.ins.tcp.orphans++;
    this.orphan = true;
    if (unread) {
      st.TCPAbortOnClose++;
      sendReset(this);
      tcpDone(this);
    } else if (this.lingerS === 0) {
      st.TCPAbortOnData++;
      sendReset(this);
      tcpDone(this);
    } else this.closeState();
  }

  /** Linux: tcp_close_state(). */
  private closeState(): void {
    switch (this.state) {
      case c.TCP_SYN_SENT:
        tcpDone(this);
        return;
      case c.TCP_ESTABLISHED:
      case c.TCP_SYN_RECV:
        setState(this, c.TCP_FIN_WAIT1);
        sendFin(this);
        return;
      case c.TCP_CLOSE_WAIT:
        setState(this, c.TCP_LAST_ACK);
        sendFin(this);
        return;
      case c.TCP_FIN_WAIT2: {
        const rest = this.ins.set.tcpFinTimeout * 1e9;
        if (rest > c.TIMEWAIT_NS) this.ktimer.arm(rest - c.TIMEWAIT_NS);
        else timeWait(this, c.TCP_FIN_WAIT2, rest);
      }
    }
  }

  override getName(): SockAddr {
    return this.af.nameOf(this);
  }

  /** getpeername(); null: not connected. */
  peerName(): SockAddr | null {
    if (this.state === c.TCP_CLOSE && !this.connected && !this.finReceived) return null;
    return this.state === c.TCP_LISTEN || this.dport === 0 ? null : this.af.peerOf(this);
  }

  /** Linux: tcp_get_info(). */
  info(): TcpInfo {
    return tcpInfo(this);
  }

  setCongestion(name: string): number {
    const cong = congestionControls.get(name);
    if (cong === undefined) return -2;
    this.cong = cong;
    if (this.state !== c.TCP_CLOSE) cong.reset(this);
    return 0;
  }

  get congestion(): string {
    return this.cong.name;
  }

  override setOption(name: SockOption, value: number, aux = 0): number {
    return setTcpOption(this, name, value) ?? super.setOption(name, value, aux);
  }
}

maker.child = (parent, af) => {
  const s = new TcpSocket(parent.ins, af);
  s.mapped = parent.af !== af;
  inheritOptions(s, parent);
  s.connected = true;
  return s;
};
