// What iperf3 prints while a test runs and when it is over. Linux tool: iperf 3.12, iperf_locale.c, iperf_print_results().

import type { SockAddr, StreamSocket } from '../../../lab/os.ts';
import { hostText } from '../sockets.ts';
import { g2, unit } from './format.ts';
import type { IperfOptions } from './options.ts';
import type { IntervalResult, IperfStream } from './stream.ts';
import type { IperfTest } from './test.ts';

const SEPARATOR = '- - - - - - - - - - - - - - - - - - - - - - - - -\n';

const span = (from: number, to: number): string => `${from.toFixed(2).padStart(6)}-${to.toFixed(2).padEnd(6)}`;

export class Reporter {
  private readonly o: IperfOptions;
  private readonly server: boolean;
  private readonly out: (text: string) => void;
  private first = true;

  constructor(o: IperfOptions, server: boolean, out: (text: string) => void) {
    this.o = o;
    this.server = server;
    this.out = out;
  }

  connected(s: IperfStream, peer: SockAddr | null): void {
    const me = s.socket.getName();
    const far = peer ?? (s.socket as StreamSocket).peerName();
    const to = far === null ? 'unknown' : `${hostText(far)} port ${far.port}`;
    this.out(`[${String(s.fd).padStart(3)}] local ${hostText(me)} port ${me.port} connected to ${to}\n`);
  }

  private rates(bytes: number, seconds: number): string {
    const rate = seconds > 0 ? bytes / seconds : 0;
    return `${unit(bytes, 'A')}s  ${unit(rate, this.o.format)}s/sec`;
  }

  private tag(s: IperfStream): string {
    return this.o.bidir ? `[${s.sender ? 'TX' : 'RX'}-${this.server ? 'S' : 'C'}]` : '';
  }

  private header(end: boolean, sending: boolean): string {
    const head = `[ ID]${this.o.bidir ? '[Role]' : ''} Interval           Transfer     Bitrate`;
    if (this.o.udp) {
      return end || !sending || this.o.bidir
        ? `${head}         Jitter    Lost/Total Datagrams\n`
        : `${head}         Total Datagrams\n`;
    }
    if (this.server && !sending) return `${head}\n`;
    return end ? `${head}         Retr\n` : `${head}         Retr  Cwnd\n`;
  }

  intervals(results: Array<[IperfStream, IntervalResult]>): void {
    if (results.length === 0) return;
    if (this.first) {
      this.out(
        this.header(
          false,
          results.some(([s]) => s.sender),
        ),
      );
    } else if (results.length > 1) this.out(SEPARATOR);
    this.first = false;
    for (const [s, r] of results) this.line(`[${String(s.fd).padStart(3)}]${this.tag(s)}`, s, r, false);
    for (const sender of [true, false]) {
      const part = results.filter(([s]) => s.sender === sender);
      if (part.length > 1) this.line(`[SUM]${this.tag(part[0][0])}`, part[0][0], sumOf(part.map(([, r]) => r)), true);
    }
  }

  private line(who: string, s: IperfStream, r: IntervalResult, sum: boolean): void {
    const head = `${who} ${span(r.startS, r.endS)} sec  ${this.rates(r.bytes, r.seconds)}`;
    if (s.udp) {
      if (s.sender) this.out(`${head}  ${r.packets}  \n`);
      else this.out(`${head}  ${datagrams(r.jitter, r.lost, r.packets)}  \n`);
    } else if (s.sender) {
      const cwnd = sum ? '          ' : `   ${unit(r.cwnd, 'A')}s`;
      this.out(`${head}  ${String(r.retransmits).padStart(3)}${cwnd}${sum ? '   ' : '       '}\n`);
    } else this.out(`${head}                  \n`);
  }

  /** Both sides' sums. The server knows only its own. */
  end(test: IperfTest): void {
    const { streams } = test;
    const sending = streams.some((s) => s.sender);
    this.out(SEPARATOR);
    this.out(this.header(true, sending));
    const total = { sent: [] as Side[], received: [] as Side[] };
    for (const s of streams) {
      const who = `[${String(s.fd).padStart(3)}]${this.tag(s)}`;
      const [sent, received] = sides(s, test.durationS);
      total.sent.push(sent);
      total.received.push(received);
      if (!this.server || s.sender) this.endLine(who, sent, 'sender');
      if (!this.server || !s.sender) this.endLine(who, received, 'receiver');
    }
    for (const dir of [true, false]) {
      const mine = streams.map((s, i) => (s.sender === dir ? i : -1)).filter((i) => i >= 0);
      if (mine.length < 2) continue;
      const who = `[SUM]${this.tag(streams[mine[0]])}`;
      if (!this.server || dir) this.endLine(who, sumSides(mine.map((i) => total.sent[i])), 'sender');
      if (!this.server || !dir) this.endLine(who, sumSides(mine.map((i) => total.received[i])), 'receiver');
    }
    if (!this.server) this.out('\niperf Done.\n');
  }

  private endLine(who: string, side: Side, name: 'sender' | 'receiver'): void {
    const head = `${who} ${span(0, side.endS)} sec  ${this.rates(side.bytes, side.endS)}`;
    if (this.o.udp) this.out(`${head}  ${datagrams(side.jitter, side.lost, side.packets)}  ${name}\n`);
    else if (name === 'sender' && side.retransmits >= 0) {
      this.out(`${head}  ${String(side.retransmits).padStart(3)}             ${name}\n`);
    } else this.out(`${head}                  ${name}\n`);
  }
}

const datagrams = (jitter: number, lost: number, total: number): string =>
  `${(jitter * 1000).toFixed(3)} ms  ${lost}/${total} (${g2(total > 0 ? (100 * lost) / total : 0)}%)`;

export interface Side {
  bytes: number;
  endS: number;
  retransmits: number;
  jitter: number;
  lost: number;
  packets: number;
}

/** Sender's and receiver's numbers of a stream, from both sides' reports. */
export function sides(s: IperfStream, durationS: number): [sent: Side, received: Side] {
  const peerEnd = s.peerEndS > 0 ? s.peerEndS : durationS;
  const sent: Side = {
    bytes: s.sender ? s.bytes : s.peerBytes,
    endS: s.sender ? durationS : peerEnd,
    retransmits: s.sender ? s.retransmits : s.peerRetransmits,
    jitter: 0,
    lost: 0,
    packets: s.sender ? s.packets : s.peerPackets,
  };
  const received: Side = {
    bytes: s.sender ? s.peerBytes : s.bytes,
    endS: s.sender ? peerEnd : durationS,
    retransmits: -1,
    jitter: s.sender ? s.peerJitter : s.jitter,
    lost: s.sender ? s.peerErrors : s.errors,
    packets: s.sender ? s.peerPackets : s.packets,
  };
  return [sent, received];
}

export function sumSides(list: Side[]): Side {
  const add = (pick: (x: Side) => number): number => list.reduce((n, x) => n + pick(x), 0);
  return {
    bytes: add((x) => x.bytes),
    endS: Math.max(...list.map((x) => x.endS)),
    retransmits: list[0].retransmits < 0 ? -1 : add((x) => x.retransmits),
    jitter: add((x) => x.jitter) / list.length,
    lost: add((x) => x.lost),
    packets: add((x) => x.packets),
  };
}

export function sumOf(list: IntervalResult[]): IntervalResult {
  const add = (pick: (x: IntervalResult) => number): number => list.reduce((n, x) => n + pick(x), 0);
  return {
    ...list[0],
    bytes: add((x) => x.bytes),
    retransmits: add((x) => x.retransmits),
    packets: add((x) => x.packets),
    jitter: add((x) => x.jitter) / list.length,
    lost: add((x) => x.lost),
  };
}
