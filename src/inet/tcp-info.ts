// TCP_INFO: what a connection tells of itself. Linux: tcp_get_info(), struct tcp_info in include/uapi/linux/tcp.h.

import type { TcpInfo } from './socket-types.ts';
import { INFINITE_SSTHRESH, TCP_LISTEN } from './tcp-const.ts';
import type { TcpSock } from './tcp-sock.ts';

export function tcpInfo(s: TcpSock): TcpInfo {
  const now = s.ins.now;
  const ms = (ns: number): number => Math.max(0, Math.floor((now - ns) / 1e6));
  const listening = s.state === TCP_LISTEN;
  return {
    state: s.state,
    caState: s.caState,
    retransmits: s.retransmits,
    probes: s.probesOut,
    backoff: s.backoff,
    options: (s.tstampOk ? 1 : 0) | (s.sackOk ? 2 : 0) | (s.wscaleOk ? 4 : 0),
    sndWscale: s.sndWscale,
    rcvWscale: s.rcvWscale,
    appLimited: s.sndNxt === s.writeSeq,
    rtoUs: s.rtoNs / 1000,
    atoUs: s.atoNs / 1000,
    sndMss: s.mss,
    rcvMss: s.rcvMss,
    unacked: listening ? s.acceptQueue.length : s.sent.count,
    sacked: listening ? s.backlog : s.sackedOut,
    lost: s.lostOut,
    retrans: s.retransOut,
    lastDataSentMs: ms(s.lastSentNs),
    lastDataRecvMs: ms(s.lastRcvNs),
    lastAckRecvMs: ms(s.lastAckRcvNs),
    pmtu: s.pmtuCookie,
    rcvSsthresh: s.rcvSsthresh,
    rttUs: Math.floor(s.srttUs / 8),
    rttvarUs: Math.floor(s.mdevUs / 4),
    sndSsthresh: s.ssthresh === INFINITE_SSTHRESH ? INFINITE_SSTHRESH : s.ssthresh,
    sndCwnd: s.cwnd,
    advmss: s.advmss,
    reordering: s.reordering,
    rcvRttUs: Math.floor(s.rcvRttUs / 8),
    rcvSpace: s.rcvqSpace,
    totalRetrans: s.totalRetrans,
    pacingRate: Math.floor(s.pacingRate()),
    bytesAcked: s.bytesAcked,
    bytesReceived: s.bytesReceived,
    segsOut: s.segsOut,
    segsIn: s.segsIn,
    notsentBytes: Math.max(0, s.unsent()),
    minRttUs: s.minRttUs < 0 ? 0xffffffff : s.minRttUs,
    dataSegsIn: s.dataSegsIn,
    dataSegsOut: s.dataSegsOut,
    delivered: s.delivered,
    bytesSent: s.bytesSent,
    bytesRetrans: s.bytesRetrans,
    dsackDups: s.dsackDups,
    rcvOooPack: s.rcvOooPack,
    sndWnd: s.sndWnd,
    rcvWnd: s.rcvWnd,
  };
}
