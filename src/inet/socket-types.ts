// What a socket is to its user: the model's IPv4 stack offers it, and so does the system-call seam (lab/os.ts) of any kernel.
// Types only. IPv4 addresses are unsigned 32-bit numbers in host order.

import type { In6 } from '../wire/in6.ts';

/** The kinds of socket that there are. `ping4` is SOCK_DGRAM/IPPROTO_ICMP, `packet` SOCK_RAW and `packet-dgram` SOCK_DGRAM. */
export type SocketKind =
  | 'udp6'
  | 'raw6'
  | 'ping6'
  | 'tcp4'
  | 'tcp6'
  | 'udp4'
  | 'raw4'
  | 'ping4'
  | 'packet'
  | 'packet-dgram';

/** An endpoint of any family; fields that a family lacks stay 0 or null. IPv4 addresses are unsigned 32-bit, host order. */
export interface SockAddr {
  addr4: number;
  port: number;
  /** packet sockets: interface, ethertype, and for `packet-dgram` the link-layer address (48-bit MacKey). */
  ifindex: number;
  protocol: number;
  mac: number;
  /** IPv6 sockets: the address, with `ifindex` as its scope (0: none); absent from IPv4's. */
  addr6?: In6;
}

/** One message that a socket received. */
export interface Received {
  /** raw4: from the IP header on; raw6: from behind it; udp and ping: the payload; packet: from the link header on. A private copy. */
  data: Uint8Array;
  from: SockAddr;
  /** Time of arrival, virtual ns. */
  tstampNs: number;
  /** raw4, ping4, udp4: TTL of the packet and the device it came in by. */
  ttl: number;
  ifindex: number;
  /** packet sockets: PACKET_HOST 0, BROADCAST 1, MULTICAST 2, OTHERHOST 3, OUTGOING 4; and the length on the wire. */
  pktType: number;
  wireLen: number;
  /** packet sockets: 802.1Q tag kept beside the frame (PACKET_AUXDATA), or -1. */
  vlanTci: number;
  /** The ethertype of that tag; absent: 0x8100. */
  vlanTpid?: number;
}

/** One entry of a socket's error queue (IP_RECVERR). Linux: struct sock_extended_err. */
export interface SockError {
  /** Positive errno. */
  errno: number;
  /** SO_EE_ORIGIN_LOCAL 1, SO_EE_ORIGIN_ICMP 2. */
  origin: number;
  type: number;
  code: number;
  /** The next hop's MTU for EMSGSIZE. */
  info: number;
  /** Who sent the ICMP error, host order; 0 when local. */
  offender4: number;
  /** The same of ICMPv6, origin SO_EE_ORIGIN_ICMP6 3; absent from IPv4's. */
  offender6?: In6;
  /** sin6_scope_id of a link-local offender: the device that the error came by. */
  offenderScope?: number;
  /** Payload of the packet that failed. */
  data: Uint8Array;
}

/** Options by their Linux names; values are numbers except where a name is asked for. */
export type SockOption =
  | 'SO_BROADCAST'
  | 'SO_BINDTODEVICE'
  | 'SO_SNDBUF'
  | 'SO_RCVBUF'
  | 'SO_MARK'
  | 'SO_PRIORITY'
  | 'SO_REUSEADDR'
  | 'SO_REUSEPORT'
  | 'SO_KEEPALIVE'
  | 'SO_LINGER'
  | 'TCP_NODELAY'
  | 'TCP_CORK'
  | 'TCP_MAXSEG'
  | 'TCP_KEEPIDLE'
  | 'TCP_KEEPINTVL'
  | 'TCP_KEEPCNT'
  | 'TCP_USER_TIMEOUT'
  | 'IP_TTL'
  | 'IP_TOS'
  | 'IP_RECVERR'
  | 'IP_MTU_DISCOVER'
  | 'IP_HDRINCL'
  | 'IP_OPTIONS'
  | 'IP_MULTICAST_TTL'
  | 'IP_MULTICAST_IF'
  | 'IP_MULTICAST_LOOP'
  | 'IP_ADD_MEMBERSHIP'
  | 'IP_DROP_MEMBERSHIP'
  | 'ICMP_FILTER'
  | 'IPV6_V6ONLY'
  | 'IPV6_UNICAST_HOPS'
  | 'IPV6_MULTICAST_HOPS'
  | 'IPV6_MULTICAST_IF'
  | 'IPV6_MULTICAST_LOOP'
  | 'IPV6_UNICAST_IF'
  | 'IPV6_ADD_MEMBERSHIP'
  | 'IPV6_DROP_MEMBERSHIP'
  | 'IPV6_TCLASS'
  | 'IPV6_RECVERR'
  | 'IPV6_MTU_DISCOVER'
  | 'IPV6_DONTFRAG'
  | 'IPV6_RECVHOPLIMIT'
  | 'IPV6_RECVPKTINFO'
  | 'IPV6_RECVTCLASS'
  | 'IPV6_CHECKSUM'
  | 'IPV6_HDRINCL'
  | 'IPV6_FLOWINFO'
  | 'IPV6_ADDR_PREFERENCES'
  | 'ICMP6_FILTER'
  | 'PACKET_ADD_MEMBERSHIP'
  | 'PACKET_DROP_MEMBERSHIP'
  | 'PACKET_IGNORE_OUTGOING';

/** A socket. Calls return 0 or a count, or a negative errno; none blocks: a would-be sleeper gets -EAGAIN. */
export interface Socket {
  bind(addr: SockAddr): number;
  connect(addr: SockAddr): number;
  /** Bytes sent or -errno. `to` null: the connected peer. */
  sendTo(data: Uint8Array, to: SockAddr | null): number;
  /** The next message, or null when none is waiting. */
  recv(): Received | null;
  /** MSG_ERRQUEUE: the next queued error, or null. */
  recvError(): SockError | null;
  /** SO_ERROR, read and cleared: 0 or a positive errno. */
  takeError(): number;
  /**
   * For IP_ADD_MEMBERSHIP: value = group, aux = ifindex (0: by route). SO_BINDTODEVICE: value = ifindex.
   * IPV6_ADD_MEMBERSHIP: addr6 = group, value = ifindex (0: by route). ICMP6_FILTER: value = a word of the filter, aux = which, 0 to 7.
   */
  setOption(name: SockOption, value: number, aux?: number, addr6?: In6): number;
  getName(): SockAddr;
  /** Messages that found no room, where the kernel tells (PACKET_STATISTICS). */
  readonly drops?: number;
  /** Called when a message or an error arrives; the waiting process installs it. */
  onReadable: (() => void) | null;
  /** Called when a send that would have blocked may be tried again. */
  onWritable: (() => void) | null;
  close(): void;
}

/** A connection of bytes, or a listener for such. Only this kind of socket has these calls. */
export interface StreamSocket extends Socket {
  /** 0 or -errno. */
  listen(backlog: number): number;
  /** The next connection that is ready, -EAGAIN when there is none, or another -errno. */
  accept(): StreamSocket | number;
  /** Bytes that went into the send buffer, or -errno (-EAGAIN: it is full, onWritable follows). `more`: MSG_MORE. */
  send(data: Uint8Array, more?: boolean): number;
  /** Up to `max` bytes (a private copy); none at the end of the stream; -EAGAIN, or another -errno. `peek`: MSG_PEEK. */
  read(max: number, peek?: boolean): Uint8Array | number;
  /** As read(), but the bytes are thrown away (MSG_TRUNC): how many. */
  discard(max: number): number;
  /** Bytes waiting to be read (FIONREAD). */
  readonly readable: number;
  /** SHUT_RD 0, SHUT_WR 1, SHUT_RDWR 2. */
  shutdown(how: number): number;
  /** getpeername(); null when there is no peer. */
  peerName(): SockAddr | null;
  info(): TcpInfo;
  /** TCP_CONGESTION. 0 or -errno. */
  setCongestion(name: string): number;
  readonly congestion: string;
}

/** TCP_INFO. Times in the unit that the name ends with. Linux: struct tcp_info. */
export interface TcpInfo {
  state: number;
  caState: number;
  retransmits: number;
  probes: number;
  backoff: number;
  /** TCPI_OPT_*: timestamps 1, SACK 2, window scale 4. */
  options: number;
  sndWscale: number;
  rcvWscale: number;
  appLimited: boolean;
  rtoUs: number;
  atoUs: number;
  sndMss: number;
  rcvMss: number;
  unacked: number;
  sacked: number;
  lost: number;
  retrans: number;
  lastDataSentMs: number;
  lastDataRecvMs: number;
  lastAckRecvMs: number;
  pmtu: number;
  rcvSsthresh: number;
  rttUs: number;
  rttvarUs: number;
  sndSsthresh: number;
  sndCwnd: number;
  advmss: number;
  reordering: number;
  rcvRttUs: number;
  rcvSpace: number;
  totalRetrans: number;
  pacingRate: number;
  bytesAcked: number;
  bytesReceived: number;
  segsOut: number;
  segsIn: number;
  notsentBytes: number;
  minRttUs: number;
  dataSegsIn: number;
  dataSegsOut: number;
  delivered: number;
  bytesSent: number;
  bytesRetrans: number;
  dsackDups: number;
  rcvOooPack: number;
  sndWnd: number;
  rcvWnd: number;
}
