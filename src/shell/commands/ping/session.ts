// One run of ping: ICMP echo over a raw socket, with iputils' timing and words. What is IPv6's own is ping6.ts.
// Linux tool: iputils 20221126, ping/ping.c and ping_common.c.

import type { Received, SockAddr, SockError, Socket } from '../../../lab/os.ts';
import { strerror } from '../../../uapi/errno.ts';
import { formatIp4 } from '../../../uapi/format.ts';
import { csumFold, csumPartial, inetChecksum } from '../../../wire/checksum.ts';
import {
  ICMP_DEST_UNREACH,
  ICMP_ECHO,
  ICMP_ECHOREPLY,
  ICMP_PARAMETERPROB,
  ICMP_REDIRECT,
  ICMP_SOURCE_QUENCH,
  ICMP_TIME_EXCEEDED,
  icmpId,
  icmpSeq,
} from '../../../wire/icmp.ts';
import { IPPROTO_ICMP, ip4Dst, ip4Hlen, ip4IsMulticast, ip4Proto, ip4Ttl } from '../../../wire/ip4.ts';
import type { Proc } from '../../process.ts';
import type { Host } from '../hosts.ts';
import { icmpErrorText } from './icmp-text.ts';
import { die, type PingOptions } from './options.ts';
import { deviceIndex, openProbe } from './source.ts';
import { Tally } from './tally.ts';

const MININTERVAL = 10;
/** A struct timeval at the head of the payload. */
const STAMP = 16;
const EAGAIN = 11;
const ENOBUFS = 105;
const ENOMEM = 12;

/** A run of ping over IPv4; the timing of both families. */
export class Session {
  protected readonly proc: Proc;
  protected readonly o: PingOptions;
  protected readonly named: boolean;
  protected readonly tally = new Tally();
  protected readonly timing: boolean;
  protected readonly ident: number;
  private whereto: number;
  private source = 0;
  protected multicast = false;
  protected socket!: Socket;
  private startNs = 0;
  private lastNs = -1;
  private tokens = 0;
  private oom = 0;
  private intervalMs: number;
  private alarmNs = -1;
  private exiting = false;
  /** A burst of flood dots is written like the tool: one by one. */
  protected readonly hostname: string;

  constructor(proc: Proc, o: PingOptions, target: Host) {
    this.proc = proc;
    this.o = o;
    this.whereto = target.ip;
    this.named = target.named && !o.numeric;
    this.hostname = target.canonical;
    this.timing = o.size >= STAMP;
    this.ident = o.ident ?? proc.pid & 0xffff;
    this.intervalMs = o.intervalMs;
  }

  async run(): Promise<number> {
    this.socket = await this.open();
    try {
      this.configure();
      this.banner();
      return await this.loop();
    } finally {
      this.socket.close();
    }
  }

  /** The raw socket, once it is known that there is a way and from which address. */
  protected async open(): Promise<Socket> {
    const { proc, o } = this;
    this.source = o.source;
    const probe = await this.probe();
    if (probe !== null) this.source = probe;
    if (this.whereto === 0) this.whereto = this.source;
    return rawSocket(proc, 'raw4', IPPROTO_ICMP);
  }

  /** stdout is not buffered by lines yet when a line of -v is written: what goes to stderr until then comes first. */
  private async probe(): Promise<number | null> {
    const { o, proc } = this;
    try {
      return await openProbe(proc, o, this.whereto);
    } finally {
      if (o.verbose) proc.out(`ai->ai_family: AF_INET, ai->ai_canonname: '${this.hostname}'\n`);
    }
  }

  protected must(rc: number, what: string): void {
    if (rc < 0) die(`${what}: ${strerror(-rc)}`);
  }

  protected configure(): void {
    const { o, socket, proc } = this;
    if (o.device !== null) {
      socket.setOption('SO_BINDTODEVICE', deviceIndex(proc, o.device));
    }
    if (o.via > 0) die('record route: Operation not permitted'); // the kernel takes no source route from it
    if (o.broadcast || ip4IsMulticast(this.whereto)) {
      this.multicast = true;
      if (o.pmtudisc < 0) o.pmtudisc = 2;
    }
    if (o.pmtudisc >= 0) this.must(socket.setOption('IP_MTU_DISCOVER', o.pmtudisc), 'IP_MTU_DISCOVER');
    if (o.strictSource) this.must(socket.bind(address(this.source)), 'bind');
    const heard = [
      ICMP_SOURCE_QUENCH,
      ICMP_DEST_UNREACH,
      ICMP_TIME_EXCEEDED,
      ICMP_PARAMETERPROB,
      ICMP_REDIRECT,
      ICMP_ECHOREPLY,
    ];
    socket.setOption('ICMP_FILTER', ~heard.reduce((mask, type) => mask | (1 << type), 0) >>> 0);
    socket.setOption('IP_RECVERR', 1);
    if (o.broadcast) socket.setOption('SO_BROADCAST', 1);
    if (o.noLoop) this.must(socket.setOption('IP_MULTICAST_LOOP', 0), "can't disable multicast loopback");
    if (o.ttl !== null) {
      this.must(socket.setOption('IP_MULTICAST_TTL', o.ttl), 'cannot set multicast time-to-live');
      this.must(socket.setOption('IP_TTL', o.ttl), 'cannot set unicast time-to-live');
    }
    if (o.tos !== null) socket.setOption('IP_TOS', o.tos);
    if (o.mark !== null) socket.setOption('SO_MARK', o.mark);
    socket.setOption('SO_SNDBUF', o.sndbuf ?? o.size + 8 + (((o.size + 8 + 511) / 512) | 0) * 260);
    socket.setOption('SO_RCVBUF', Math.max(65536, (o.size + 8) * o.preload));
  }

  protected banner(): void {
    const { o, proc } = this;
    proc.out(`PING ${this.hostname} (${formatIp4(this.whereto)}) `);
    if (o.device !== null || o.strictSource) proc.out(`from ${formatIp4(this.source)} ${o.device ?? ''}: `);
    proc.out(`${o.size}(${o.size + 28}) bytes of data.\n`);
  }

  private async loop(): Promise<number> {
    const { proc, o, tally } = this;
    proc.handleSignals(['SIGINT', 'SIGQUIT', 'SIGALRM']);
    this.startNs = proc.os.nowNs();
    const deadlineNs = o.deadlineS > 0 ? this.startNs + o.deadlineS * 1e9 : -1;
    let lingering = false;
    while (!this.exiting) {
      if (o.count > 0 && tally.received + tally.errors >= o.count) break;
      if (deadlineNs >= 0 && tally.errors > 0) break;
      let nextMs: number;
      do {
        nextMs = this.pinger();
        if (o.count > 0 && tally.transmitted >= o.count && deadlineNs < 0) {
          if (!lingering) {
            lingering = true;
            const lingerNs = this.lingerNs();
            if (lingerNs > 0) this.alarmNs = proc.os.nowNs() + lingerNs; // a timer of 0 is none
          }
          if (this.alarmNs >= 0) nextMs = Math.max(nextMs, (this.alarmNs - proc.os.nowNs()) / 1e6, 0.001);
        }
      } while (nextMs <= 0);
      if (this.drain()) continue;
      const now = proc.os.nowNs();
      let untilNs = now + Math.ceil(nextMs * 1e6);
      if (this.alarmNs >= 0) untilNs = Math.min(untilNs, this.alarmNs);
      if (deadlineNs >= 0) untilNs = Math.min(untilNs, deadlineNs);
      await proc.waitReadable([this.socket], Math.max(0, untilNs - now));
      this.signals();
      this.drain();
      const then = proc.os.nowNs();
      if ((this.alarmNs >= 0 && then >= this.alarmNs) || (deadlineNs >= 0 && then >= deadlineNs)) break;
    }
    const ipg = this.intervalMs === 0 || o.flood || o.adaptive;
    const spanNs = this.lastNs < 0 ? 0 : this.lastNs - this.startNs;
    proc.out(tally.summary(this.hostname, spanNs, this.timing, ipg));
    return tally.received === 0 || (deadlineNs >= 0 && tally.received < o.count) ? 1 : 0;
  }

  /** How long to wait after the last packet. Linux tool: __schedule_exit(). */
  private lingerNs(): number {
    if (this.tally.received === 0) return this.o.lingerMs * 1e6;
    return Math.max(2 * this.tally.max * 1000, this.intervalMs * 1e6);
  }

  private signals(): void {
    for (let s = this.proc.takeSignal(); s !== null; s = this.proc.takeSignal()) {
      if (s === 'SIGQUIT') this.proc.err(this.tally.status(this.timing));
      else this.exiting = true;
    }
  }

  /** Sends if it is time; returns how many ms until the next. Linux tool: pinger(). */
  private pinger(): number {
    const { o, tally, proc } = this;
    if (this.exiting || (o.count > 0 && tally.transmitted >= o.count && o.deadlineS === 0)) return 1000;
    const now = proc.os.nowNs();
    const interval = this.intervalMs;
    if (this.lastNs < 0) {
      this.tokens = interval * (o.preload - 1);
    } else {
      let tokens = (now - this.lastNs) / 1e6;
      if (interval === 0 && tokens < MININTERVAL && tally.inFlight >= o.preload) return MININTERVAL - tokens;
      tokens = Math.min(tokens + this.tokens, interval * o.preload);
      if (tokens < interval) return interval - tokens;
      this.tokens = tokens - interval;
    }
    this.lastNs = now;
    if (o.outstanding && tally.transmitted > 0 && !tally.heard(tally.transmitted)) {
      proc.out(`${this.timestamp()}no answer yet for icmp_seq=${tally.transmitted % 65536}\n`);
    }
    return this.transmit();
  }

  private transmit(): number {
    const { o, tally, proc } = this;
    const rc = this.socket.sendTo(this.request(), this.destination());
    if (rc >= 0) {
      this.oom = 0;
      tally.sent();
      if (!o.quiet && o.flood) proc.out('.');
      return this.intervalMs - this.tokens;
    }
    let reported = 0;
    if (rc === -ENOBUFS || rc === -ENOMEM) {
      this.tokens = 0;
      const pause = Math.min(500, Math.max(MININTERVAL, this.intervalMs / 2));
      this.oom++;
      if (this.oom * pause < o.lingerMs) return pause;
    } else if (rc === -EAGAIN) {
      this.tokens += this.intervalMs;
      return MININTERVAL;
    } else {
      reported = this.errorQueue();
      if (reported > 0) {
        this.tokens += this.intervalMs;
        return MININTERVAL;
      }
    }
    tally.sent();
    if (reported === 0 && !o.quiet) {
      if (o.flood) proc.out('E');
      else proc.err(`ping: sendmsg: ${strerror(-rc)}\n`);
    }
    this.tokens = 0;
    return Math.max(MININTERVAL, this.intervalMs);
  }

  protected destination(): SockAddr {
    return address(this.whereto);
  }

  /** An echo request; the checksum is IPv4's, where the kernel does not see to it. */
  protected request(type = ICMP_ECHO): Uint8Array {
    const { o } = this;
    const b = new Uint8Array(8 + o.size);
    for (let i = 8; i < b.length; i++)
      b[i] = o.pattern === null ? (i - 8) & 0xff : o.pattern[(i - 8) % o.pattern.length];
    const view = new DataView(b.buffer);
    b[0] = type;
    view.setUint16(4, this.ident);
    view.setUint16(6, (this.tally.transmitted + 1) & 0xffff);
    if (this.timing) writeStamp(view, 8, this.proc.os.wallNs(), this.proc.os.nowNs());
    if (type === ICMP_ECHO) view.setUint16(2, csumFold(csumPartial(b, 0, b.length, 0)));
    return b;
  }

  /** Reads what has arrived; true when there was something. */
  private drain(): boolean {
    let any = false;
    for (;;) {
      const m = this.socket.recv();
      if (m !== null) {
        any = true;
        this.reply(m);
      } else {
        const e = this.socket.recvError();
        if (e === null) return any;
        any = true;
        this.oneError(e);
      }
      if (this.tally.inFlight === 0) return true;
    }
  }

  /** Takes one entry. Returns as the tool does: errors from the net, or minus local ones, or 0; an empty queue counts as a
   * local one, so that a refused sendmsg() is seldom told of. */
  private errorQueue(): number {
    const e = this.socket.recvError();
    return e === null ? -1 : this.oneError(e);
  }

  private oneError(e: SockError): number {
    const { tally, proc, o } = this;
    if (e.origin === 1) {
      if (o.quiet) return -1;
      tally.errors++;
      if (o.flood) proc.out('E');
      else {
        proc.err(
          e.errno === 90
            ? `ping: local error: message too long, ${this.mtuWord}${e.info}\n`
            : `ping: local error: ${strerror(e.errno)}\n`,
        );
      }
      return -1;
    }
    if (!this.isMine(e) || icmpId(e.data, 0) !== this.ident) return 0;
    const seq = icmpSeq(e.data, 0);
    tally.acknowledge(seq);
    tally.errors++;
    if (o.quiet) return 1;
    if (o.flood) proc.out('\bE');
    else proc.out(`${this.timestamp()}From ${this.offender(e)} icmp_seq=${seq} ${this.errorText(e)}`);
    return 1;
  }

  protected readonly mtuWord: string = 'mtu=';

  /** An ICMP error about an echo request? */
  protected isMine(e: SockError): boolean {
    return e.origin === 2 && e.data.length >= 8 && e.data[0] === ICMP_ECHO;
  }

  protected offender(e: SockError): string {
    return this.peerName(e.offender4);
  }

  protected errorText(e: SockError): string {
    return icmpErrorText(e.type, e.code, e.info);
  }

  /** Linux tool: ping4_parse_reply(). */
  protected reply(m: Received): void {
    const b = m.data;
    const hlen = ip4Hlen(b, 0);
    if (b.length < hlen + 8) return;
    const bad = inetChecksum(b, hlen, b.length - hlen) !== 0;
    const type = b[hlen];
    if (type === ICMP_ECHOREPLY) {
      if (icmpId(b, hlen) === this.ident) this.echoReply(m, b, hlen, bad);
    } else if (type === ICMP_SOURCE_QUENCH || type === ICMP_REDIRECT) this.notice(m, b, hlen);
    else if (type === ICMP_DEST_UNREACH || type === ICMP_TIME_EXCEEDED || type === ICMP_PARAMETERPROB) {
      const seq = this.quotedSeq(b, hlen + 8);
      if (seq >= 0) this.tally.acknowledge(seq);
    }
  }

  /** Sequence number of our request that an ICMP error quotes; -1: not ours. */
  private quotedSeq(b: Uint8Array, at: number): number {
    if (b.length < at + 28) return -1;
    const icmp = at + ip4Hlen(b, at);
    if (b.length < icmp + 8 || ip4Proto(b, at) !== IPPROTO_ICMP || ip4Dst(b, at) !== this.whereto) return -1;
    return b[icmp] === ICMP_ECHO && icmpId(b, icmp) === this.ident ? icmpSeq(b, icmp) : -1;
  }

  private notice(m: Received, b: Uint8Array, hlen: number): void {
    const seq = this.quotedSeq(b, hlen + 8);
    if (seq < 0 || this.o.quiet || this.o.flood) return;
    const info = new DataView(b.buffer, b.byteOffset).getUint32(hlen + 4);
    this.proc.out(
      `${this.timestamp()}From ${this.peerName(m.from.addr4)}: icmp_seq=${seq} ${icmpErrorText(b[hlen], b[hlen + 1], info)}`,
    );
  }

  /** Linux tool: gather_statistics(). */
  protected echoReply(m: Received, b: Uint8Array, hlen: number, bad: boolean): void {
    const { o, tally, proc } = this;
    const cc = b.length - hlen;
    const seq = icmpSeq(b, hlen);
    if (!bad) tally.acknowledge(seq);
    let us = -1;
    if (this.timing && cc >= 8 + STAMP) {
      const view = new DataView(b.buffer, b.byteOffset);
      const sent = view.getUint32(hlen + 8, true) * 1e6 + view.getUint32(hlen + 16, true);
      const nowNs = o.userLatency ? proc.os.nowNs() : m.tstampNs;
      us = Math.max(0, Math.floor(stampUs(proc.os.wallNs(), proc.os.nowNs(), nowNs)) - sent);
      if (!bad) {
        tally.roundTrip(us);
        if (o.adaptive) this.adapt();
      }
    }
    let duplicate = false;
    if (bad) tally.checksums++;
    else duplicate = tally.reply(seq);
    if (o.quiet) return;
    if (o.flood) {
      proc.out(`${bad ? '\bC' : '\b \b'}${o.audible ? '\x07' : ''}`);
      return;
    }
    let line = `${this.timestamp()}${cc} bytes from ${this.sender(m)}: icmp_seq=${seq}`;
    if (o.verbose) line += ` ident=${this.ident}`;
    line += ` ttl=${hlen === 0 ? m.ttl : ip4Ttl(b, 0)}`;
    if (cc < o.size + 8) {
      proc.out(`${line} (truncated)\n`);
      return;
    }
    if (us >= 0) line += ` time=${Tally.time(us)} ms`;
    if (duplicate && (!this.multicast || o.verbose)) line += ' (DUP!)';
    if (bad) line += ' (BAD CHECKSUM!)';
    if (!this.multicast && this.isStranger(m)) line += ' (DIFFERENT ADDRESS!)';
    proc.out(`${line}${o.audible ? '\x07' : ''}\n`);
  }

  /** -A: as fast as replies come, at most one a millisecond... of round trip. Linux tool: update_interval(). */
  private adapt(): void {
    const est = this.tally.rtt > 0 ? Math.floor(this.tally.rtt / 8) : this.intervalMs * 1000;
    this.intervalMs = Math.floor((est + 500) / 1000);
  }

  protected timestamp(): string {
    if (!this.o.timestamps) return '';
    const ns = this.proc.os.wallNs();
    const s = Math.floor(ns / 1e9);
    const micros = Math.floor((this.proc.os.nowNs() % 1e9) / 1000);
    return `[${s}.${String(micros).padStart(6, '0')}] `;
  }

  protected sender(m: Received): string {
    return this.peerName(m.from.addr4);
  }

  /** Not from whom we asked. */
  protected isStranger(m: Received): boolean {
    return m.from.addr4 !== this.whereto;
  }

  private peerName(ip: number): string {
    if (!this.named || ip !== this.whereto) return formatIp4(ip);
    return `${this.hostname} (${formatIp4(ip)})`;
  }
}

export function rawSocket(proc: Proc, kind: 'raw4' | 'raw6', protocol: number): Socket {
  const socket = proc.os.socket(proc.ns, kind, protocol);
  return typeof socket === 'number' ? die(`socket: ${strerror(-socket)}`) : socket;
}

function address(addr4: number): SockAddr {
  return { addr4, port: 0, ifindex: 0, protocol: 0, mac: 0 };
}

/** Wall-clock microseconds of a moment, without losing them to a double's 53 bits: the epoch is a whole second. */
function stampUs(wallNs: number, nowNs: number, atNs: number): number {
  return (Math.round((wallNs - nowNs) / 1e9) % 0x100000000) * 1e6 + Math.floor(atNs / 1000);
}

function writeStamp(view: DataView, at: number, wallNs: number, nowNs: number): void {
  const us = stampUs(wallNs, nowNs, nowNs);
  view.setUint32(at, Math.floor(us / 1e6), true);
  view.setUint32(at + 4, 0, true);
  view.setUint32(at + 8, us % 1e6, true);
  view.setUint32(at + 12, 0, true);
}
