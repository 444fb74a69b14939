// What all sockets have in common: the receive queue with its bound, the charge for frames under way, pending errors,
// wake-ups, and the options that are not about one protocol. Linux: net/core/sock.c, struct sock.
// A message wakes its reader kernel.timing.wakeNs after it was queued; many messages, one wake-up.

import { datagramTruesize, type Skb, type SkbOwner } from '../net/skb.ts';
import { EINVAL, ENODEV, ENOPROTOOPT, EOPNOTSUPP } from './errno.ts';
import type { Received, SockAddr, SockError, Socket, SockOption } from './socket-types.ts';
import type { InetNs } from './state.ts';

const MIN_SNDBUF = 4608;
const MIN_RCVBUF = 2304;
/** At most this many errors wait. Linux bounds them by the receive buffer. */
const MAX_ERRORS = 256;

/** A message with what it is charged at. */
export interface Queued extends Received {
  truesize: number;
}

export abstract class BaseSocket implements Socket, SkbOwner {
  readonly ins: InetNs;
  /** As /proc/net and ss show it. */
  readonly inode: number;
  onReadable: (() => void) | null = null;
  onWritable: (() => void) | null = null;
  closed = false;
  /** Linux: sk_bound_dev_if. */
  boundIf = 0;
  priority = 0;
  mark = 0;
  broadcast = false;
  recvErr = false;
  sndBuf: number;
  rcvBuf: number;
  /** Bytes charged: received and not read; sent and not gone. */
  rmem = 0;
  wmem = 0;
  /** Messages lost for want of room. */
  drops = 0;
  txQueue = -1;
  keepsRoute = false;
  soError = 0;
  private queue: Queued[] = [];
  private head = 0;
  private errors: SockError[] = [];
  private wakeSet = false;
  private wantsWrite = false;
  private onSent: (() => void) | null = null;

  constructor(ins: InetNs) {
    this.ins = ins;
    this.inode = ins.tcp.nextInode++;
    this.sndBuf = ins.set.wmemDefault;
    this.rcvBuf = ins.set.rmemDefault;
  }

  abstract bind(addr: SockAddr): number;
  abstract connect(addr: SockAddr): number;
  abstract sendTo(data: Uint8Array, to: SockAddr | null): number;
  abstract getName(): SockAddr;

  /** Is there room for one more frame under way? Else the caller gets EAGAIN and onWritable later. */
  maySend(): boolean {
    if (this.wmem < this.sndBuf) return true;
    this.wantsWrite = true;
    return false;
  }

  /** A frame of ours is under way. Linux: skb_set_owner_w(). */
  charge(skb: Skb): void {
    skb.truesize = datagramTruesize(skb.len);
    skb.owner = this;
    this.wmem += skb.truesize;
  }

  /** TCP alone may, when nothing is under way. */
  mayReorder(_truesize: number): boolean {
    return false;
  }

  /** Linux: sock_wfree(), sock_def_write_space(). */
  sentDone(truesize: number): void {
    this.wmem -= truesize;
    if (this.wmem === 0 && this.onSent !== null) this.allSent();
    if (!this.wantsWrite || this.wmem * 2 > this.sndBuf) return;
    this.wantsWrite = false;
    if (this.onWritable !== null)
      this.ins.kernel.loop.post(this.ins.kernel.timing.wakeNs, wakeWriter, this as BaseSocket, 0);
  }

  /**
   * Calls back when nothing of this socket is under way, at once if nothing is: a closed socket lives on until then, and its
   * namespace with it. Linux: sk_free() leaves the rest to sock_wfree().
   */
  whenSent(done: () => void): void {
    if (this.wmem === 0) done();
    else this.onSent = done;
  }

  private allSent(): void {
    const done = this.onSent;
    this.onSent = null;
    // Not in the middle of what let the frame go.
    if (done !== null) this.ins.kernel.loop.post(0, run, done, 0);
  }

  /** False: there was no room, and the message counts as lost. */
  enqueue(m: Queued): boolean {
    if (this.rmem >= this.rcvBuf) {
      this.drops++;
      return false;
    }
    this.rmem += m.truesize;
    this.queue.push(m);
    this.wake();
    return true;
  }

  protected wake(): void {
    if (this.wakeSet || this.onReadable === null) return;
    this.wakeSet = true;
    this.ins.kernel.loop.post(this.ins.kernel.timing.wakeNs, wakeReader, this as BaseSocket, 0);
  }

  /** For the loop only. */
  woken(): void {
    this.wakeSet = false;
    if (!this.closed && this.onReadable !== null) this.onReadable();
  }

  recv(): Received | null {
    if (this.head === this.queue.length) return null;
    const m = this.queue[this.head++];
    if (this.head === this.queue.length) {
      this.queue.length = 0;
      this.head = 0;
    } else if (this.head > 1024 && this.head * 2 > this.queue.length) {
      this.queue.copyWithin(0, this.head);
      this.queue.length -= this.head;
      this.head = 0;
    }
    this.rmem -= m.truesize;
    return m;
  }

  recvError(): SockError | null {
    const e = this.errors.shift();
    if (e === undefined) return null;
    const next = this.errors[0];
    // A pending SO_ERROR is that of the next ICMP error, if there is one. Linux: sock_dequeue_err_skb().
    if (next !== undefined && next.origin === 2) this.soError = next.errno;
    else if (e.origin === 2) this.soError = 0;
    return e;
  }

  /** Linux: sock_queue_err_skb(). */
  queueError(e: SockError): void {
    if (this.errors.length >= MAX_ERRORS) return;
    this.errors.push(e);
    this.wake();
  }

  /** sk_err, and whoever waits is woken. Linux: sk_error_report(). */
  setError(errno: number): void {
    this.soError = errno;
    this.wake();
  }

  takeError(): number {
    const e = this.soError;
    this.soError = 0;
    return e;
  }

  setOption(name: SockOption, value: number, _aux = 0): number {
    const set = this.ins.set;
    switch (name) {
      case 'SO_BROADCAST':
        this.broadcast = value !== 0;
        return 0;
      case 'SO_BINDTODEVICE':
        if (value !== 0 && this.ins.ns.devByIndex(value) === null) return -ENODEV;
        this.boundIf = value;
        this.optionChanged();
        return 0;
      case 'SO_SNDBUF':
        this.sndBuf = Math.max(Math.min(value, set.wmemMax) * 2, MIN_SNDBUF);
        return 0;
      case 'SO_RCVBUF':
        this.rcvBuf = Math.max(Math.min(value, set.rmemMax) * 2, MIN_RCVBUF);
        return 0;
      case 'SO_MARK':
        this.mark = value >>> 0;
        this.optionChanged();
        return 0;
      case 'SO_PRIORITY':
        if (value < 0) return -EINVAL;
        this.priority = value;
        return 0;
      case 'IP_OPTIONS':
        return -EOPNOTSUPP;
      default:
        return -ENOPROTOOPT;
    }
  }

  /** What was remembered of a route may be wrong now. */
  protected optionChanged(): void {}

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.onReadable = null;
    this.onWritable = null;
    this.queue = [];
    this.head = 0;
    this.errors = [];
  }
}

function run(done: () => void): void {
  done();
}

function wakeReader(s: BaseSocket): void {
  s.woken();
}

function wakeWriter(s: BaseSocket): void {
  if (!s.closed && s.onWritable !== null) s.onWritable();
}

export function noAddr(): SockAddr {
  return { addr4: 0, port: 0, ifindex: 0, protocol: 0, mac: 0 };
}
