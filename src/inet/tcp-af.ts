// What differs between TCP over IPv4 and over IPv6: addresses, routes, headers. One record per family; the rest of TCP
// never looks at an address. Linux: struct inet_connection_sock_af_ops, struct tcp_request_sock_ops.

import type { Skb } from '../net/skb.ts';
import type { SockAddr } from './socket-types.ts';
import type { InetNs } from './state.ts';
import type { TcpEnd, TcpSock } from './tcp-sock.ts';

export interface TcpAf {
  /** AF_INET or AF_INET6. */
  readonly family: number;
  /** Bytes of the network header: 20 or 40. */
  readonly netHeader: number;
  /** Is the packet (skb.net at its IP header) between this pair of addresses? */
  matches(end: TcpEnd, skb: Skb): boolean;
  /** How well a listener fits, -1: not at all. Linux: compute_score(). */
  listens(s: TcpSock, skb: Skb): number;
  /** May this socket be bound there? 0 or -errno; the port is not its business. */
  bind(s: TcpSock, addr: SockAddr): number;
  /** Would both be bound to one address? For conflicts of ports. */
  sameBinding(a: TcpSock, b: TcpSock): boolean;
  /** Route to a peer, and both addresses of the socket. 0 or -errno. */
  connect(s: TcpSock, addr: SockAddr): number;
  /** A new connection takes its addresses from the SYN. 0 or -errno: no route back. */
  accept(s: TcpSock, skb: Skb): number;
  /** Makes sure that the socket's route is valid. 0 or -errno. */
  route(s: TcpSock): number;
  /** Path MTU of a valid route. */
  mtu(s: TcpSock): number;
  /** RTAX_ADVMSS of the route, or what its MTU leaves. */
  advmss(s: TcpSock): number;
  /** Leaves out the checksum where the device does it. `skb.off` at the TCP header; takes; 0, an NET_XMIT code or -errno. */
  send(s: TcpSock, skb: Skb): number;
  /** Answers a packet without a socket: `out.off` at its TCP header, addresses the other way round. Takes `out`. */
  reply(ins: InetNs, to: Skb, out: Skb): void;
  /** Is the checksum right? skb.off at the TCP header. */
  verify(skb: Skb): boolean;
  /** Both ends for getsockname(), getpeername(). */
  nameOf(s: TcpSock): SockAddr;
  peerOf(s: TcpSock): SockAddr;
  /** TIME_WAIT keeps the addresses. */
  copyEnds(from: TcpSock, to: TcpEnd): void;
}
