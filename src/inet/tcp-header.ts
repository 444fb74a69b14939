// From a connection's state to a frame: the TCP header with its options in Linux's order, payload, checksum, and down to
// IP. Every frame of a connection passes transmit(). Linux: __tcp_transmit_skb(), tcp_options_write(),
// tcp_established_options(), tcp_syn_options(), tcp_synack_options().

import type { Skb } from '../net/skb.ts';
import { setU16, setU32 } from '../wire/bytes.ts';
import { setTcp, TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN } from '../wire/tcp.ts';
import { ENOBUFS } from './errno.ts';
import { enterCwr } from './tcp-recovery.ts';
import type { TcpSock } from './tcp-sock.ts';
import { selectWindow } from './tcp-window.ts';

const OPT_TS = 0x0101080a;

/** SACK blocks that the next segment carries, a duplicate's first. */
function sackBlocks(s: TcpSock): number {
  if (!s.sackOk) return 0;
  const n = (s.sacks.length >> 1) + (s.dsack ? 1 : 0);
  const most = s.tstampOk ? 3 : 4;
  return n < most ? n : most;
}

/** Bytes that SACK blocks take from the payload. */
export function sackSpace(s: TcpSock): number {
  const n = sackBlocks(s);
  return n === 0 ? 0 : 4 + n * 8;
}

/**
 * Sends a segment: `len` bytes of what the user wrote from `seq` on. Longer than `mss`: for the device (or the core) to
 * cut. 0, an NET_XMIT code of a local loss (1) or -errno.
 */
export function transmit(s: TcpSock, seq: number, len: number, flags: number, mss: number): number {
  const hlen = s.hdrLen + (sackBlocks(s) > 0 ? sackSpace(s) : 0);
  const skb = s.ins.kernel.skbs.alloc(hlen + len);
  if (skb === null) return -ENOBUFS;
  const b = skb.bytes;
  const at = skb.off;
  setTcp(b, at, s.lport, s.dport, seq, (flags & TCP_ACK) !== 0 ? s.rcvNxt : 0, flags, 0);
  setU16(b, at + 14, selectWindow(s, flags));
  b[at + 12] = (hlen >> 2) << 4;
  if (hlen > 20) writeOptions(s, b, at + 20);
  if (len > 0) s.out.copyTo((seq - s.outSeq) | 0, len, b, at + hlen);
  if (len > mss) {
    skb.gsoSize = mss;
    skb.gsoSegs = Math.ceil(len / mss);
    skb.gsoType = s.af.family === 2 ? 1 : 16;
  }
  return out(s, skb, len, flags);
}

/** SYN and SYN-ACK: the options that are only spoken of once. */
export function transmitSyn(s: TcpSock, flags: number): number {
  const ack = (flags & TCP_ACK) !== 0;
  const set = s.ins.set;
  const ts = ack ? s.tstampOk : set.tcpTimestamps !== 0;
  const sack = ack ? s.sackOk : set.tcpSack !== 0;
  const ws = ack ? s.wscaleOk : set.tcpWindowScaling !== 0;
  const hlen = 24 + (ts ? 12 : sack ? 4 : 0) + (ws ? 4 : 0);
  const skb = s.ins.kernel.skbs.alloc(hlen);
  if (skb === null) return -ENOBUFS;
  const b = skb.bytes;
  const at = skb.off;
  setTcp(b, at, s.lport, s.dport, s.iss, ack ? s.rcvNxt : 0, flags, 0);
  setU16(b, at + 14, selectWindow(s, flags));
  b[at + 12] = (hlen >> 2) << 4;
  let o = at + 20;
  setU16(b, o, 0x0204);
  setU16(b, o + 2, advertisedMss(s));
  o += 4;
  if (ts) {
    setU32(b, o, sack ? 0x0402080a : OPT_TS);
    setU32(b, o + 4, s.tsNow());
    setU32(b, o + 8, ack ? s.tsRecent : 0);
    o += 12;
  } else if (sack) {
    setU32(b, o, 0x01010402);
    o += 4;
  }
  if (ws) setU32(b, o, 0x01030300 | s.rcvWscale);
  return out(s, skb, 0, flags);
}

/** Linux: tcp_advertise_mss(), tcp_v4_connect's user_mss. */
function advertisedMss(s: TcpSock): number {
  const mss = s.af.advmss(s);
  return s.userMss > 0 && s.userMss < mss ? s.userMss : mss;
}

function writeOptions(s: TcpSock, b: Uint8Array, from: number): void {
  let o = from;
  if (s.tstampOk) {
    setU32(b, o, OPT_TS);
    setU32(b, o + 4, s.tsNow());
    setU32(b, o + 8, s.tsRecent);
    o += 12;
  }
  const blocks = sackBlocks(s);
  if (blocks === 0) return;
  setU16(b, o, 0x0101);
  b[o + 2] = 5;
  b[o + 3] = 2 + blocks * 8;
  o += 4;
  let left = blocks;
  if (s.dsack) {
    setU32(b, o, s.dsackStart);
    setU32(b, o + 4, s.dsackEnd);
    o += 8;
    left--;
    s.dsack = false;
  }
  for (let i = 0; i < left; i++, o += 8) {
    setU32(b, o, s.sacks[i * 2]);
    setU32(b, o + 4, s.sacks[i * 2 + 1]);
  }
}

/** Counts it and hands it to IP. */
function out(s: TcpSock, skb: Skb, len: number, flags: number): number {
  const ins = s.ins;
  skb.transport = skb.off;
  skb.priority = s.priority;
  skb.mark = s.mark;
  skb.trace = ins.kernel.newTrace();
  const trace = ins.kernel.trace;
  if (trace.step !== null) trace.step('tcp_transmit_skb', skb, s.outDev());
  const pieces = skb.gsoSegs > 0 ? skb.gsoSegs : 1;
  if (len > 0 || (flags & (TCP_SYN | TCP_FIN)) !== 0) {
    s.charge(skb);
    if (len > 0) {
      s.bytesSent += len;
      s.dataSegsOut += pieces;
    }
  }
  s.segsOut += pieces;
  ins.tcp.stats.OutSegs += pieces;
  if ((flags & TCP_ACK) !== 0) ackSent(s, pieces);
  if (len > 0) dataSent(s);
  const rc = s.af.send(s, skb);
  if (rc <= 0) return rc;
  enterCwr(s);
  return rc === 2 ? 0 : rc;
}

/** What was to be acknowledged is. Linux: tcp_event_ack_sent(). */
function ackSent(s: TcpSock, pieces: number): void {
  if (s.quick > 0) {
    if (pieces >= s.quick) {
      s.quick = 0;
      s.atoNs = 40e6;
    } else s.quick -= pieces;
  }
  s.ackPending = 0;
  s.dtimer.disarm();
}

/** Linux: tcp_event_data_sent(). */
function dataSent(s: TcpSock): void {
  const now = s.ins.now;
  if (s.inFlight() === 0) s.cong.txStart(s);
  s.lastSentNs = now;
  // A reply within the time that an acknowledgement may wait: the two sides talk in turns.
  if (now - s.lastRcvNs < s.atoNs && s.pingpong < 255) s.pingpong++;
}

/** Sequence number of a segment without payload. Linux: tcp_acceptable_seq(). */
function acceptableSeq(s: TcpSock): number {
  const end = s.wndEnd();
  return ((end - s.sndNxt) | 0) >= 0 ? s.sndNxt : end;
}

/** An acknowledgement, now. Linux: tcp_send_ack(). */
export function sendAck(s: TcpSock): void {
  if (s.state === 7) return;
  transmit(s, acceptableSeq(s), 0, TCP_ACK, s.mss);
}

/** The connection ends without ceremony. Linux: tcp_send_active_reset(). */
export function sendReset(s: TcpSock): void {
  s.ins.tcp.stats.OutRsts++;
  transmit(s, acceptableSeq(s), 0, TCP_ACK | TCP_RST, s.mss);
}

/** An old byte that the peer must answer: keepalive (`urgent` 0) and window probes. Linux: tcp_xmit_probe_skb(). */
export function sendProbe(s: TcpSock): number {
  return transmit(s, (s.sndUna - 1) | 0, 0, TCP_ACK, s.mss);
}

export function pushFlag(end: number, s: TcpSock): number {
  return end === s.pushedSeq ? TCP_PSH : 0;
}
