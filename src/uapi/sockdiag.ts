// Sockets as netlink tells of them: SOCK_DIAG_BY_FAMILY for IPv4 and IPv6. Linux: include/uapi/linux/inet_diag.h,
// sock_diag.h, tcp.h (struct tcp_info).

import { attrs, be16, bytes, ip6, string, struct, structOf, u8, u32, u32s, u64 } from './attr.ts';

export const SOCK_DIAG_BY_FAMILY = 20;

/** struct inet_diag_req_v2. An IPv4 address is in the first four bytes. */
export const INET_DIAG_REQ = struct('inet_diag_req_v2', {
  family: u8,
  protocol: u8,
  ext: u8,
  pad: u8,
  states: u32,
  sport: be16,
  dport: be16,
  src: ip6,
  dst: ip6,
  ifindex: u32,
  cookieLow: u32,
  cookieHigh: u32,
});

/** struct inet_diag_msg. */
export const INET_DIAG_MSG = struct('inet_diag_msg', {
  family: u8,
  state: u8,
  timer: u8,
  retrans: u8,
  sport: be16,
  dport: be16,
  src: ip6,
  dst: ip6,
  ifindex: u32,
  cookieLow: u32,
  cookieHigh: u32,
  /** ms. */
  expires: u32,
  rqueue: u32,
  wqueue: u32,
  uid: u32,
  inode: u32,
});

export const INET_DIAG_MEMINFO = struct('inet_diag_meminfo', { rmem: u32, wmem: u32, fmem: u32, tmem: u32 });

/** struct tcp_info of 6.18 without what the model never has at its end. max_pacing_rate is all ones: two halves. */
export const TCP_INFO = struct('tcp_info', {
  state: u8,
  caState: u8,
  retransmits: u8,
  probes: u8,
  backoff: u8,
  options: u8,
  /** snd_wscale in the low half, rcv_wscale in the high one. */
  wscale: u8,
  flags: u8,
  rto: u32,
  ato: u32,
  sndMss: u32,
  rcvMss: u32,
  unacked: u32,
  sacked: u32,
  lost: u32,
  retrans: u32,
  fackets: u32,
  lastDataSent: u32,
  lastAckSent: u32,
  lastDataRecv: u32,
  lastAckRecv: u32,
  pmtu: u32,
  rcvSsthresh: u32,
  rtt: u32,
  rttvar: u32,
  sndSsthresh: u32,
  sndCwnd: u32,
  advmss: u32,
  reordering: u32,
  rcvRtt: u32,
  rcvSpace: u32,
  totalRetrans: u32,
  pacingRate: u64,
  maxPacingLow: u32,
  maxPacingHigh: u32,
  bytesAcked: u64,
  bytesReceived: u64,
  segsOut: u32,
  segsIn: u32,
  notsentBytes: u32,
  minRtt: u32,
  dataSegsIn: u32,
  dataSegsOut: u32,
  deliveryRate: u64,
  busyTime: u64,
  rwndLimited: u64,
  sndbufLimited: u64,
  delivered: u32,
  deliveredCe: u32,
  bytesSent: u64,
  bytesRetrans: u64,
  dsackDups: u32,
  reordSeen: u32,
  rcvOooPack: u32,
  sndWnd: u32,
  rcvWnd: u32,
  rehash: u32,
});

export const INET_DIAG = attrs('INET_DIAG', {
  meminfo: [1, structOf(INET_DIAG_MEMINFO)],
  info: [2, structOf(TCP_INFO)],
  vegasinfo: [3, bytes],
  cong: [4, string],
  tos: [5, u8],
  tclass: [6, u8],
  /** SK_MEMINFO_*: rmem, rcvbuf, wmem, sndbuf, fwd, queued, optmem, backlog, drops. */
  skmeminfo: [7, u32s],
  /** RCV_SHUTDOWN 1, SEND_SHUTDOWN 2. */
  shutdown: [8, u8],
  skv6only: [11, u8],
  mark: [15, u32],
});
export type InetDiagAttrs = NonNullable<typeof INET_DIAG.sample>;
export type InetDiagMsg = NonNullable<typeof INET_DIAG_MSG.sample>;
export type TcpInfoStruct = NonNullable<typeof TCP_INFO.sample>;
