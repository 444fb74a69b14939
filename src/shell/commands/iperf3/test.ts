// A test that runs, on either side: streams, the clock, and the loop that moves the data. A write takes virtual time, as a
// process needs to copy and the kernel to send: about 10 Gbit/s, what one core of a small machine does.
// Linux tool: iperf 3.12, iperf_run_client(), iperf_run_server(), iperf_send(), iperf_recv(), iperf_check_throttle().

import type { Proc, Readable } from '../../process.ts';
import { Writable } from '../sockets.ts';
import { type Control, Interrupted } from './control.ts';
import type { Json } from './format.ts';
import type { IperfOptions } from './options.ts';
import type { IntervalResult, IperfStream } from './stream.ts';

/** A system call, and each KiB that it copies. */
const CALL_NS = 4000;
const KIB_NS = 780;
const PACE_NS = 1e6;
const MULTISEND = 10;

export type OnInterval = (results: Array<[IperfStream, IntervalResult]>) => void;

export class IperfTest {
  readonly proc: Proc;
  readonly o: IperfOptions;
  readonly streams: IperfStream[] = [];
  readonly onInterval: OnInterval;
  startNs = 0;
  endNs = 0;
  private lastMarkNs = 0;

  constructor(proc: Proc, o: IperfOptions, onInterval: OnInterval) {
    this.proc = proc;
    this.o = o;
    this.onInterval = onInterval;
  }

  get elapsedS(): number {
    return (this.proc.os.nowNs() - this.startNs) / 1e9;
  }

  begin(): void {
    this.startNs = this.proc.os.nowNs();
    this.lastMarkNs = this.startNs;
  }

  /** Moves data until `done()` or until the other side says something: that, or null. */
  async pump(control: Control, done: () => boolean, endNs: number): Promise<number | null> {
    const { proc, o } = this;
    const every = o.intervalS * 1e9;
    let nextMark = every > 0 ? this.startNs + every : Number.POSITIVE_INFINITY;
    const writables = new Map(this.streams.map((s) => [s, new Writable(s.socket)]));
    for (;;) {
      const now = proc.os.nowNs();
      if (now >= nextMark) {
        this.mark(now);
        nextMark += every;
      }
      if (done()) return null;
      const state = control.poll();
      if (state !== null) return state;
      for (const s of this.streams) if (!s.sender) s.read(now);
      const sent = this.send(done);
      if (sent.costNs > 0) {
        if (!(await proc.sleep(sent.costNs))) throw new Interrupted();
        continue;
      }
      let wake = Math.min(nextMark, endNs);
      if (sent.paced) wake = Math.min(wake, this.startNs + (Math.floor((now - this.startNs) / PACE_NS) + 1) * PACE_NS);
      const objs: Readable[] = [control.socket];
      for (const s of this.streams) {
        if (!s.sender) objs.push(s.socket);
        else if (!sent.paced || s.inBlock) objs.push(writables.get(s) as Writable);
      }
      const wait = Number.isFinite(wake) ? Math.max(0, wake - now) : -1;
      const woken = await proc.waitReadable(objs, wait);
      if (woken === null && proc.os.nowNs() < wake) throw new Interrupted();
    }
  }

  /** One round over the senders: what it cost, and whether a rate held somebody back. */
  private send(done: () => boolean): { costNs: number; paced: boolean } {
    const { o, proc } = this;
    let costNs = 0;
    let paced = false;
    const most = o.burst > 0 ? o.burst : o.rate === 0 ? MULTISEND : 1;
    for (const s of this.streams) {
      if (!s.sender || s.broken !== 0) continue;
      for (let i = 0; i < most; i++) {
        if (o.rate > 0 && i === 0 && !s.inBlock && !this.green(s)) {
          paced = true;
          break;
        }
        if (!s.inBlock && done()) break;
        const before = s.bytes;
        const more = s.write(proc.os.nowNs() + costNs);
        if (s.bytes > before) costNs += CALL_NS + Math.floor(((s.bytes - before) * KIB_NS) / 1024);
        if (!more || !s.udp) break;
      }
    }
    return { costNs, paced };
  }

  private green(s: IperfStream): boolean {
    const seconds = this.elapsedS;
    return seconds <= 0 ? s.bytes === 0 : (s.bytes * 8) / seconds < this.o.rate;
  }

  private mark(now: number): void {
    const start = (this.lastMarkNs - this.startNs) / 1e9;
    const end = (now - this.startNs) / 1e9;
    this.lastMarkNs = now;
    this.onInterval(this.streams.map((s) => [s, s.mark(start, end)]));
  }

  /** The end: a last interval if it is long enough or moved anything. */
  finish(): void {
    const now = this.proc.os.nowNs();
    this.endNs = now;
    for (const s of this.streams) if (!s.sender) s.read(now);
    const length = (now - this.lastMarkNs) / 1e9;
    if (length >= this.o.intervalS * 0.1 || this.streams.some((s) => s.pendingBytes() > 0)) this.mark(now);
  }

  get durationS(): number {
    return (this.endNs - this.startNs) / 1e9;
  }

  /** What this side tells the other. */
  results(): Json {
    const retrans = this.streams.some((s) => s.sender && !s.udp);
    const tcp = this.streams.find((s) => !s.udp);
    return {
      cpu_util_total: 0,
      cpu_util_user: 0,
      cpu_util_system: 0,
      sender_has_retransmits: retrans ? 1 : 0,
      ...(tcp === undefined ? {} : { congestion_used: (tcp.socket as { congestion?: string }).congestion ?? 'cubic' }),
      streams: this.streams.map((s) => ({
        id: s.id,
        bytes: s.bytes,
        retransmits: s.retransmits,
        jitter: s.jitter,
        errors: s.errors,
        packets: s.packets,
        start_time: 0,
        end_time: Math.round(this.durationS * 1e6) / 1e6,
      })),
    };
  }

  /** What the other side told. */
  takeResults(value: Record<string, unknown>): void {
    const list = Array.isArray(value.streams) ? (value.streams as Array<Record<string, number>>) : [];
    for (const r of list) {
      const s = this.streams.find((x) => x.id === r.id);
      if (s === undefined) continue;
      s.peerBytes = r.bytes;
      s.peerRetransmits = r.retransmits > 1e18 ? -1 : r.retransmits;
      s.peerJitter = r.jitter;
      s.peerErrors = r.errors;
      s.peerPackets = r.packets;
      s.peerEndS = r.end_time;
    }
  }
}
