// One stream of a test: sends or receives, counts, and measures loss and jitter of datagrams (RFC 1889). It writes as much
// as the socket takes and reads as much as there is; when, the test decides. Linux tool: iperf_tcp.c, iperf_udp.c.

import type { Socket, StreamSocket } from '../../../lab/os.ts';
import { EAGAIN } from '../sockets.ts';

/** What is done with one interval. */
export interface IntervalResult {
  bytes: number;
  startS: number;
  endS: number;
  seconds: number;
  retransmits: number;
  cwnd: number;
  sndWnd: number;
  rttUs: number;
  rttvarUs: number;
  pmtu: number;
  packets: number;
  jitter: number;
  lost: number;
  outOfOrder: number;
}

export class IperfStream {
  /** 1, 3, 4, 5 ...: as iperf3 counts them, and the descriptor that it would be. */
  readonly id: number;
  readonly fd: number;
  readonly socket: Socket;
  readonly sender: boolean;
  readonly udp: boolean;
  readonly length: number;
  bytes = 0;
  packets = 0;
  blocks = 0;
  errors = 0;
  outOfOrder = 0;
  jitter = 0;
  broken = 0;
  maxCwnd = 0;
  maxSndWnd = 0;
  maxRtt = 0;
  minRtt = 0;
  sumRtt = 0;
  rttCount = 0;
  /** What the other side says. */
  peerBytes = 0;
  peerRetransmits = -1;
  peerJitter = 0;
  peerErrors = 0;
  peerPackets = 0;
  peerEndS = 0;
  readonly intervals: IntervalResult[] = [];
  private readonly data: Uint8Array;
  /** Of the block that is being written. */
  private rest: number;
  private lastTransitS = 0;
  private markBytes = 0;
  private markPackets = 0;
  private markErrors = 0;
  private markOoo = 0;
  private markRetrans = 0;

  constructor(id: number, fd: number, socket: Socket, sender: boolean, udp: boolean, length: number) {
    this.id = id;
    this.fd = fd;
    this.socket = socket;
    this.sender = sender;
    this.udp = udp;
    this.length = length;
    this.rest = length;
    this.data = new Uint8Array(length);
  }

  private get stream(): StreamSocket {
    return this.socket as StreamSocket;
  }

  /** A block has begun, and the socket did not take all of it. */
  get inBlock(): boolean {
    return this.rest < this.length;
  }

  /** One block or datagram. False: the socket takes no more now, or it broke. */
  write(nowNs: number): boolean {
    if (this.udp) return this.writeDatagram(nowNs);
    const rc = this.stream.send(this.rest === this.length ? this.data : this.data.subarray(0, this.rest));
    if (rc < 0) {
      if (rc !== -EAGAIN) this.broken = -rc;
      return false;
    }
    this.bytes += rc;
    this.rest -= rc;
    if (this.rest > 0) return false;
    this.rest = this.length;
    this.blocks++;
    return true;
  }

  private writeDatagram(nowNs: number): boolean {
    const view = new DataView(this.data.buffer);
    view.setUint32(0, Math.floor(nowNs / 1e9));
    view.setUint32(4, Math.floor((nowNs % 1e9) / 1000));
    view.setUint32(8, this.packets + 1);
    const rc = this.socket.sendTo(this.data, null);
    if (rc < 0) {
      if (rc !== -EAGAIN) this.broken = -rc;
      return false;
    }
    this.packets++;
    this.blocks++;
    this.bytes += rc;
    return true;
  }

  /** Everything that waits. True: something came. */
  read(nowNs: number): boolean {
    let any = false;
    if (!this.udp) {
      for (;;) {
        const n = this.stream.discard(this.length);
        if (n < 0 && n !== -EAGAIN) this.broken = -n;
        if (n <= 0) return any;
        this.bytes += n;
        any = true;
      }
    }
    for (let m = this.socket.recv(); m !== null; m = this.socket.recv()) {
      any = true;
      this.datagram(m.data, nowNs);
    }
    return any;
  }

  private datagram(data: Uint8Array, nowNs: number): void {
    if (data.length < 12) return;
    this.bytes += data.length;
    const view = new DataView(data.buffer, data.byteOffset);
    const number = view.getUint32(8);
    if (number >= this.packets + 1) {
      if (number > this.packets + 1) this.errors += number - 1 - this.packets;
      this.packets = number;
    } else {
      this.outOfOrder++;
      if (this.errors > 0) this.errors--;
    }
    const transit = nowNs / 1e9 - (view.getUint32(0) + view.getUint32(4) / 1e6);
    if (this.packets === 1 && this.bytes === data.length) this.lastTransitS = transit;
    const d = Math.abs(transit - this.lastTransitS);
    this.lastTransitS = transit;
    this.jitter += (d - this.jitter) / 16;
  }

  get retransmits(): number {
    return this.udp ? -1 : this.sender ? this.stream.info().totalRetrans : -1;
  }

  /** Closes an interval. */
  mark(startS: number, endS: number): IntervalResult {
    const r: IntervalResult = {
      bytes: this.bytes - this.markBytes,
      startS,
      endS,
      seconds: endS - startS,
      retransmits: 0,
      cwnd: 0,
      sndWnd: 0,
      rttUs: 0,
      rttvarUs: 0,
      pmtu: 0,
      packets: this.packets - this.markPackets,
      jitter: this.jitter,
      lost: this.errors - this.markErrors,
      outOfOrder: this.outOfOrder - this.markOoo,
    };
    if (!this.udp && this.sender) {
      const info = this.stream.info();
      r.retransmits = info.totalRetrans - this.markRetrans;
      this.markRetrans = info.totalRetrans;
      r.cwnd = info.sndCwnd * info.sndMss;
      r.sndWnd = info.sndWnd;
      r.rttUs = info.rttUs;
      r.rttvarUs = info.rttvarUs;
      r.pmtu = info.pmtu;
      this.maxCwnd = Math.max(this.maxCwnd, r.cwnd);
      this.maxSndWnd = Math.max(this.maxSndWnd, r.sndWnd);
      this.maxRtt = Math.max(this.maxRtt, r.rttUs);
      this.minRtt = this.rttCount === 0 ? r.rttUs : Math.min(this.minRtt, r.rttUs);
      this.sumRtt += r.rttUs;
      this.rttCount++;
    }
    this.markBytes = this.bytes;
    this.markPackets = this.packets;
    this.markErrors = this.errors;
    this.markOoo = this.outOfOrder;
    this.intervals.push(r);
    return r;
  }

  /** What is left behind the last whole interval, if it is worth a line. */
  pendingBytes(): number {
    return this.bytes - this.markBytes;
  }
}
