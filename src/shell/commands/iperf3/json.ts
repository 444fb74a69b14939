// The JSON of -J: one object with start, intervals and end. CPU use is 0: nobody computes in virtual time.
// Linux tool: iperf 3.12, iperf_json_start(), iperf_print_results().

import type { SockAddr, StreamSocket } from '../../../lab/os.ts';
import { hostText } from '../sockets.ts';
import type { Json } from './format.ts';
import type { IperfOptions } from './options.ts';
import { type Side, sides, sumOf, sumSides } from './report.ts';
import type { IntervalResult, IperfStream } from './stream.ts';
import type { IperfTest } from './test.ts';

const us = (s: number): number => Math.round(s * 1e6) / 1e6;
const bits = (bytes: number, s: number): number => (s > 0 ? (bytes * 8) / s : 0);

export class JsonReport {
  private readonly start: Record<string, Json> = {};
  private readonly connected: Json[] = [];
  private readonly intervals: Json[] = [];
  private readonly o: IperfOptions;

  constructor(o: IperfOptions) {
    this.o = o;
  }

  /** Parts of "start" in the order in which they become known. */
  add(key: string, value: Json): void {
    this.start[key] = value;
  }

  stream(s: IperfStream, peer: SockAddr | null): void {
    const me = s.socket.getName();
    const far = peer ?? (s.socket as StreamSocket).peerName();
    this.connected.push({
      socket: s.fd,
      local_host: hostText(me),
      local_port: me.port,
      remote_host: far === null ? '' : hostText(far),
      remote_port: far?.port ?? 0,
    });
  }

  testStart(length: number): void {
    const o = this.o;
    this.add('test_start', {
      protocol: o.udp ? 'UDP' : 'TCP',
      num_streams: o.parallel,
      blksize: length,
      omit: 0,
      duration: o.timeS,
      bytes: o.bytes,
      blocks: o.blocks,
      reverse: o.reverse ? 1 : 0,
      tos: o.tos,
      target_bitrate: o.rate,
    });
  }

  interval(results: Array<[IperfStream, IntervalResult]>): void {
    const one = (s: IperfStream, r: IntervalResult, sum: boolean): Json => ({
      ...(sum ? {} : { socket: s.fd }),
      start: us(r.startS),
      end: us(r.endS),
      seconds: r.seconds,
      bytes: r.bytes,
      bits_per_second: bits(r.bytes, r.seconds),
      ...(!s.udp && s.sender ? { retransmits: r.retransmits } : {}),
      ...(!s.udp && s.sender && !sum
        ? { snd_cwnd: r.cwnd, snd_wnd: r.sndWnd, rtt: r.rttUs, rttvar: r.rttvarUs, pmtu: r.pmtu }
        : {}),
      ...(s.udp && !s.sender
        ? {
            jitter_ms: r.jitter * 1000,
            lost_packets: r.lost,
            packets: r.packets,
            lost_percent: percent(r.lost, r.packets),
          }
        : {}),
      ...(s.udp && s.sender ? { packets: r.packets } : {}),
      omitted: false,
      sender: s.sender,
    });
    const groups = [true, false].map((dir) => results.filter(([s]) => s.sender === dir)).filter((g) => g.length > 0);
    const sums = groups.map((g) => one(g[0][0], sumOf(g.map(([, r]) => r)), true));
    this.intervals.push({
      streams: results.map(([s, r]) => one(s, r, false)),
      sum: sums[0],
      ...(sums.length > 1 ? { sum_bidir_reverse: sums[1] } : {}),
    });
  }

  /** The whole object; `test` null: it never began. */
  finish(test: IperfTest | null, error: string | null): Json {
    const end = test === null ? {} : this.end(test);
    return {
      start: this.ordered(),
      intervals: this.intervals,
      end,
      ...(error === null ? {} : { error }),
    };
  }

  private ordered(): Json {
    const out: Record<string, Json> = {};
    const all: Record<string, Json> = { connected: this.connected, ...this.start };
    const order = [
      'connected',
      'version',
      'system_info',
      'timestamp',
      'connecting_to',
      'accepted_connection',
      'cookie',
    ];
    for (const key of order) if (all[key] !== undefined) out[key] = all[key];
    for (const key of Object.keys(all)) out[key] ??= all[key];
    return out;
  }

  private end(test: IperfTest): Json {
    const { udp } = this.o;
    const all = test.streams.map((s) => ({ s, both: sides(s, test.durationS) }));
    const sent = sumSides(all.map((x) => x.both[0]));
    const received = sumSides(all.map((x) => x.both[1]));
    const mode = test.streams[0]?.sender ?? true;
    const cpu = {
      host_total: 0,
      host_user: 0,
      host_system: 0,
      remote_total: 0,
      remote_user: 0,
      remote_system: 0,
    };
    if (udp) {
      return {
        streams: all.map(({ s, both }) => ({
          udp: { socket: s.fd, ...udpSide(both[0], both[1]), out_of_order: s.outOfOrder, sender: s.sender },
        })),
        sum: { ...udpSide({ ...sent, endS: received.endS }, received), sender: mode },
        sum_sent: { ...udpSide(sent, { ...received, jitter: 0, lost: 0 }), sender: true },
        sum_received: { ...udpSide(received, received), sender: false },
        cpu_utilization_percent: cpu,
      };
    }
    const congestion = (test.streams[0]?.socket as { congestion?: string } | undefined)?.congestion ?? 'cubic';
    return {
      streams: all.map(({ s, both }) => ({
        sender: {
          ...tcpSide(both[0], s.fd),
          retransmits: Math.max(0, both[0].retransmits),
          max_snd_cwnd: s.maxCwnd,
          max_snd_wnd: s.maxSndWnd,
          max_rtt: s.maxRtt,
          min_rtt: s.minRtt,
          mean_rtt: s.rttCount > 0 ? Math.floor(s.sumRtt / s.rttCount) : 0,
          sender: s.sender,
        },
        receiver: { ...tcpSide(both[1], s.fd), sender: s.sender },
      })),
      sum_sent: { ...tcpSide(sent, -1), retransmits: Math.max(0, sent.retransmits), sender: mode },
      sum_received: { ...tcpSide(received, -1), sender: mode },
      cpu_utilization_percent: cpu,
      sender_tcp_congestion: congestion,
      receiver_tcp_congestion: congestion,
    };
  }
}

const percent = (lost: number, total: number): number => (total > 0 ? (100 * lost) / total : 0);

function tcpSide(side: Side, fd: number): Record<string, Json> {
  return {
    ...(fd < 0 ? {} : { socket: fd }),
    start: 0,
    end: us(side.endS),
    seconds: us(side.endS),
    bytes: side.bytes,
    bits_per_second: bits(side.bytes, side.endS),
  };
}

function udpSide(sent: Side, received: Side): Record<string, Json> {
  return {
    start: 0,
    end: us(sent.endS),
    seconds: us(sent.endS),
    bytes: sent.bytes,
    bits_per_second: bits(sent.bytes, sent.endS),
    jitter_ms: received.jitter * 1000,
    lost_packets: received.lost,
    packets: sent.packets,
    lost_percent: percent(received.lost, sent.packets),
  };
}
