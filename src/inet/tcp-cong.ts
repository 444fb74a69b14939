// Congestion control: how the window grows and what a loss leaves of it. Reno and CUBIC, chosen by name (sysctl
// tcp_congestion_control, TCP_CONGESTION). CUBIC in integers with the kernel's scaling, HyStart included.
// Linux: net/ipv4/tcp_cong.c, tcp_cubic.c; RFC 5681, RFC 9438.

import { after, before, INFINITE_SSTHRESH } from './tcp-const.ts';
import type { TcpSock } from './tcp-sock.ts';

export interface TcpCong {
  readonly name: string;
  /** Slow-start threshold after a loss. Linux: .ssthresh */
  ssthresh(s: TcpSock): number;
  /** `acked` segments were delivered while the window was the limit. Linux: .cong_avoid */
  congAvoid(s: TcpSock, acked: number): void;
  /** A round-trip time in us was measured; -1: none. Linux: .pkts_acked */
  pktsAcked(s: TcpSock, rttUs: number): void;
  /** After an RTO, or when a connection begins. */
  reset(s: TcpSock): void;
  /** First data after a pause. Linux: CA_EVENT_TX_START */
  txStart(s: TcpSock): void;
}

/** Doubles per round trip until ssthresh; what is left of `acked`. Linux: tcp_slow_start(). */
function slowStart(s: TcpSock, acked: number): number {
  const cwnd = Math.min(s.cwnd + acked, s.ssthresh);
  const left = acked - (cwnd - s.cwnd);
  s.cwnd = cwnd;
  return left;
}

/** One segment more for every `w` acknowledged. Linux: tcp_cong_avoid_ai(). */
function congAvoidAi(s: TcpSock, w: number, acked: number): void {
  if (s.cwndCnt >= w) {
    s.cwndCnt = 0;
    s.cwnd++;
  }
  s.cwndCnt += acked;
  if (s.cwndCnt >= w) {
    const delta = Math.floor(s.cwndCnt / w);
    s.cwndCnt -= delta * w;
    s.cwnd += delta;
  }
}

const reno: TcpCong = {
  name: 'reno',
  ssthresh: (s) => Math.max(s.cwnd >> 1, 2),
  congAvoid(s, acked) {
    let left = acked;
    if (s.cwnd < s.ssthresh) {
      left = slowStart(s, acked);
      if (left === 0) return;
    }
    congAvoidAi(s, s.cwnd, left);
  },
  pktsAcked() {},
  reset() {},
  txStart() {},
};

/** State of CUBIC on one connection. Linux: struct bictcp. */
export class Cubic {
  cnt = 0;
  lastMaxCwnd = 0;
  lastCwnd = 0;
  lastTimeNs = 0;
  originPoint = 0;
  /** Time to the origin point, in 1/1024 s. */
  k = 0;
  delayMinUs = 0;
  epochStartNs = 0;
  ackCnt = 0;
  tcpCwnd = 0;
  /** HyStart. */
  found = false;
  sampleCnt = 0;
  endSeq = 0;
  roundStartNs = 0;
  lastAckNs = 0;
  currRttUs = 0;
}

const BETA = 717;
const BETA_SCALE = 1024;
const BIC_SCALE = 41;
/** 8 * (BICTCP_BETA_SCALE + beta) / 3 / (BICTCP_BETA_SCALE - beta) */
const ACK_SCALE = Math.trunc((8 * (BETA_SCALE + BETA)) / 3 / (BETA_SCALE - BETA));
/** 2^(10+3*10) / bic_scale, and 2^40 / 410 in the kernel's words: cube_factor. */
const CUBE_FACTOR = Math.floor(2 ** 40 / (BIC_SCALE * 10));
const HYSTART_LOW_WINDOW = 16;
const HYSTART_MIN_SAMPLES = 8;
const HYSTART_ACK_DELTA_NS = 2e6;
const JIFFY_MS = 4;

/** Integer cube root by bisection: the same on every engine. */
function cubeRoot(a: number): number {
  let low = 0;
  let high = 2_000_000;
  while (low < high) {
    const mid = Math.floor((low + high + 1) / 2);
    if (mid * mid * mid <= a) low = mid;
    else high = mid - 1;
  }
  return low;
}

function cubicOf(s: TcpSock): Cubic {
  s.cubic ??= new Cubic();
  return s.cubic;
}

/** How many segments must be acknowledged for one more. Linux: bictcp_update(). */
function update(s: TcpSock, ca: Cubic, acked: number): void {
  const now = s.ins.now;
  ca.ackCnt += acked;
  if (ca.lastCwnd === s.cwnd && now - ca.lastTimeNs <= 1e9 / 32) return;
  if (ca.epochStartNs === 0 || now !== ca.lastTimeNs) epoch(s, ca, now);
  const w = friendly(s, ca);
  ca.cnt = Math.max(w, 2);
}

function epoch(s: TcpSock, ca: Cubic, now: number): void {
  ca.lastCwnd = s.cwnd;
  ca.lastTimeNs = now;
  if (ca.epochStartNs === 0) {
    ca.epochStartNs = now;
    ca.ackCnt = s.cwndAcked;
    ca.tcpCwnd = s.cwnd;
    if (ca.lastMaxCwnd <= s.cwnd) {
      ca.k = 0;
      ca.originPoint = s.cwnd;
    } else {
      ca.k = cubeRoot(CUBE_FACTOR * (ca.lastMaxCwnd - s.cwnd));
      ca.originPoint = ca.lastMaxCwnd;
    }
  }
  const ms = Math.floor((now - ca.epochStartNs) / (JIFFY_MS * 1e6)) * JIFFY_MS + Math.floor(ca.delayMinUs / 1000);
  const t = Math.floor((ms * 1024) / 1000);
  const offs = Math.abs(ca.k - t);
  const delta = Math.floor((BIC_SCALE * 10 * offs * offs * offs) / 2 ** 40);
  const target = t < ca.k ? ca.originPoint - delta : ca.originPoint + delta;
  ca.cnt = target > s.cwnd ? Math.floor(s.cwnd / (target - s.cwnd)) : 100 * s.cwnd;
  if (ca.lastMaxCwnd === 0 && ca.cnt > 20) ca.cnt = 20;
}

/** At least as quick as Reno would be. */
function friendly(s: TcpSock, ca: Cubic): number {
  const delta = (s.cwnd * ACK_SCALE) >> 3;
  while (delta > 0 && ca.ackCnt > delta) {
    ca.ackCnt -= delta;
    ca.tcpCwnd++;
  }
  if (ca.tcpCwnd <= s.cwnd) return ca.cnt;
  const maxCnt = Math.floor(s.cwnd / (ca.tcpCwnd - s.cwnd));
  return ca.cnt > maxCnt ? maxCnt : ca.cnt;
}

function hystartReset(s: TcpSock, ca: Cubic): void {
  ca.roundStartNs = s.ins.now;
  ca.lastAckNs = ca.roundStartNs;
  ca.endSeq = s.sndNxt;
  ca.currRttUs = -1;
  ca.sampleCnt = 0;
}

/** Leaves slow start when the path's delay grows or acknowledgements come in a long train. Linux: hystart_update(). */
function hystart(s: TcpSock, ca: Cubic, delayUs: number): void {
  const now = s.ins.now;
  if (after(s.sndUna, ca.endSeq)) hystartReset(s, ca);
  if (now - ca.lastAckNs <= HYSTART_ACK_DELTA_NS) {
    ca.lastAckNs = now;
    // The stack itself sends in bursts; the threshold includes an allowance for that. Linux: hystart_ack_delay().
    const threshold = (ca.delayMinUs * 1000) / 2 + Math.min(1e6, s.ackDelayAllowanceNs());
    if (now - ca.roundStartNs > threshold) {
      ca.found = true;
      s.ins.tcp.stats.TCPHystartTrainDetect++;
      s.ins.tcp.stats.TCPHystartTrainCwnd += s.cwnd;
      s.ssthresh = s.cwnd;
      return;
    }
  }
  if (ca.currRttUs < 0 || ca.currRttUs > delayUs) ca.currRttUs = delayUs;
  if (ca.sampleCnt < HYSTART_MIN_SAMPLES) {
    ca.sampleCnt++;
    return;
  }
  const slack = Math.min(Math.max(ca.delayMinUs >> 3, 4000), 16000);
  if (ca.currRttUs <= ca.delayMinUs + slack) return;
  ca.found = true;
  s.ins.tcp.stats.TCPHystartDelayDetect++;
  s.ins.tcp.stats.TCPHystartDelayCwnd += s.cwnd;
  s.ssthresh = s.cwnd;
}

const cubic: TcpCong = {
  name: 'cubic',
  ssthresh(s) {
    const ca = cubicOf(s);
    ca.epochStartNs = 0;
    // Fast convergence: leave room for a newcomer.
    ca.lastMaxCwnd = s.cwnd < ca.lastMaxCwnd ? Math.floor((s.cwnd * (BETA_SCALE + BETA)) / (2 * BETA_SCALE)) : s.cwnd;
    return Math.max(Math.floor((s.cwnd * BETA) / BETA_SCALE), 2);
  },
  congAvoid(s, acked) {
    let left = acked;
    if (s.cwnd < s.ssthresh) {
      left = slowStart(s, acked);
      if (left === 0) return;
    }
    const ca = cubicOf(s);
    s.cwndAcked = left;
    update(s, ca, left);
    congAvoidAi(s, ca.cnt, left);
  },
  pktsAcked(s, rttUs) {
    if (rttUs < 0) return;
    const ca = cubicOf(s);
    if (ca.epochStartNs !== 0 && s.ins.now - ca.epochStartNs < 1e9) return;
    const delay = rttUs === 0 ? 1 : rttUs;
    if (ca.delayMinUs === 0 || ca.delayMinUs > delay) ca.delayMinUs = delay;
    if (!ca.found && s.cwnd < s.ssthresh && s.cwnd >= HYSTART_LOW_WINDOW) hystart(s, ca, delay);
  },
  reset(s) {
    const was = s.cubic;
    s.cubic = new Cubic();
    if (was !== null) s.cubic.lastMaxCwnd = 0;
    hystartReset(s, s.cubic);
    if (s.ssthresh === INFINITE_SSTHRESH) s.cubic.found = false;
  },
  txStart(s) {
    // Idle time does not count as time in the epoch.
    const ca = cubicOf(s);
    const idle = s.ins.now - s.lastSentNs;
    if (ca.epochStartNs !== 0 && idle > 0) ca.epochStartNs = Math.min(s.ins.now, ca.epochStartNs + idle);
    if (before(ca.endSeq, s.sndUna)) ca.endSeq = s.sndUna;
  },
};

export const congestionControls: ReadonlyMap<string, TcpCong> = new Map([
  ['reno', reno],
  ['cubic', cubic],
]);
