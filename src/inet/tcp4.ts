// TCP over IPv4: addresses, routes, headers, and what ICMP says about a connection. Linux: net/ipv4/tcp_ipv4.c.

import { Drop } from '../net/drop.ts';
import { CSUM_NONE, type Skb } from '../net/skb.ts';
import { RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST } from '../uapi/route.ts';
import { u16 } from '../wire/bytes.ts';
import { csumSeed, l4Checksum4, pseudo4 } from '../wire/checksum.ts';
import { in6Mapped } from '../wire/in6.ts';
import { IP4_DF, IP4_DST, IP4_HLEN, IP4_SRC, IPPROTO_TCP, ip4Dst, ip4Hlen, ip4Src } from '../wire/ip4.ts';
import { setTcpCheck4, TCP_CHECK } from '../wire/tcp.ts';
import { leaveChecksum } from './csum.ts';
import { EADDRNOTAVAIL, ENETUNREACH } from './errno.ts';
import { addrType } from './fib-lookup.ts';
import { icmpErrno } from './icmp-err.ts';
import { PMTUDISC_DONT } from './inet-socket.ts';
import { ipLocalOut, writeHeader } from './ip4-out.ts';
import { s32 } from './ipaddr.ts';
import { dstMtu, dstValid, RTCF_BROADCAST, RTCF_MULTICAST, routeOutput } from './route.ts';
import { noAddr } from './socket.ts';
import type { SockAddr } from './socket-types.ts';
import { type InetNs, inetIif } from './state.ts';
import type { TcpAf } from './tcp-af.ts';
import * as c from './tcp-const.ts';
import { tcpRcv } from './tcp-input.ts';
import { syncMss } from './tcp-output.ts';
import { simpleRetransmit } from './tcp-recovery.ts';
import type { TcpEnd, TcpSock } from './tcp-sock.ts';
import { tcpDone } from './tcp-state.ts';

const MAX_ADVMSS = 65535 - 40;

function matches(e: TcpEnd, skb: Skb): boolean {
  const b = skb.bytes;
  const ip = skb.net;
  return (
    e.la === s32(b, ip + IP4_DST) &&
    e.ra === s32(b, ip + IP4_SRC) &&
    (e.boundIf === 0 || e.boundIf === inetIif(e.ins, skb))
  );
}

function listens(s: TcpSock, skb: Skb): number {
  if (s.af !== tcp4) return s.af.listens(s, skb);
  let v = 1;
  if (s.rcvAddr !== 0) {
    if ((s.rcvAddr | 0) !== s32(skb.bytes, skb.net + IP4_DST)) return -1;
    v += 4;
  }
  if (s.boundIf !== 0) {
    if (s.boundIf !== inetIif(s.ins, skb)) return -1;
    v += 4;
  }
  return v;
}

function setEnds(s: TcpSock): void {
  s.la = s.rcvAddr | 0;
  s.ra = s.daddr | 0;
}

/** Linux: tcp_v4_connect(). */
function connect(s: TcpSock, addr: SockAddr): number {
  let daddr = addr.addr4;
  let err = routeOutput(s.ins, s.path, daddr, s.srcAddr, s.boundIf, s.tos, IPPROTO_TCP);
  if (err === 0 && daddr === 0) {
    daddr = s.path.daddr;
    err = routeOutput(s.ins, s.path, daddr, s.path.saddr, s.boundIf, s.tos, IPPROTO_TCP);
  }
  if (err !== 0) {
    if (err === -ENETUNREACH) s.ins.ip.OutNoRoutes++;
    return err;
  }
  if ((s.path.flags & (RTCF_MULTICAST | RTCF_BROADCAST)) !== 0) return -ENETUNREACH;
  if (s.srcAddr === 0) s.srcAddr = s.path.saddr;
  if (s.rcvAddr === 0) s.rcvAddr = s.path.saddr;
  s.daddr = daddr;
  s.dport = addr.port;
  setEnds(s);
  return 0;
}

function accept(s: TcpSock, skb: Skb): number {
  const b = skb.bytes;
  s.rcvAddr = ip4Dst(b, skb.net);
  s.srcAddr = s.rcvAddr;
  s.daddr = ip4Src(b, skb.net);
  s.dport = u16(b, skb.off);
  s.lport = u16(b, skb.off + 2);
  setEnds(s);
  if ((skb.cb0 & (RTCF_MULTICAST | RTCF_BROADCAST)) !== 0) return -ENETUNREACH;
  return route(s);
}

/** Linux: inet_csk_route_req(), __sk_dst_check(), inet_sk_rebuild_header(). */
function route(s: TcpSock): number {
  if (dstValid(s.ins, s.path) && s.path.daddr === s.daddr) return 0;
  const err = routeOutput(s.ins, s.path, s.daddr, s.srcAddr, s.boundIf, s.tos, IPPROTO_TCP);
  if (err !== 0) s.path.genid = 0;
  return err;
}

/** Linux: __ip_queue_xmit(). */
function send(s: TcpSock, skb: Skb): number {
  const err = route(s);
  if (err !== 0) {
    s.ins.ip.OutNoRoutes++;
    skb.slabs.free(skb, Drop.IpNoRoute);
    return err;
  }
  const d = s.path;
  const len = skb.len;
  if (d.hwCsum) {
    leaveChecksum(skb, skb.off, TCP_CHECK, csumSeed(pseudo4(d.saddr, d.daddr, IPPROTO_TCP, len)));
  }
  const at = skb.push(IP4_HLEN);
  // A SYN-ACK has no identifier: it may not be a fragment, and there is no conversation yet.
  let id = 0;
  if (s.state !== c.TCP_SYN_RECV) {
    id = s.ipIdent;
    s.ipIdent = (id + (skb.gsoSegs > 1 ? skb.gsoSegs : 1)) & 0xffff;
  }
  const df = s.pmtuDisc === PMTUDISC_DONT ? 0 : IP4_DF;
  writeHeader(skb.bytes, at, s.tos, id, df, s.ttl >= 0 ? s.ttl : s.ins.set.ipDefaultTtl, IPPROTO_TCP, d);
  if (!d.hwCsum) setTcpCheck4(skb.bytes, at, at + IP4_HLEN, len);
  return ipLocalOut(s.ins, skb, d);
}

/** Linux: ip_send_unicast_reply(). */
function reply(ins: InetNs, to: Skb, out: Skb): void {
  const b = to.bytes;
  const d = ins.tmpDst;
  if ((to.cb0 & (RTCF_MULTICAST | RTCF_BROADCAST)) !== 0) return out.slabs.free(out, Drop.None);
  if (routeOutput(ins, d, ip4Src(b, to.net), ip4Dst(b, to.net), 0, 0, IPPROTO_TCP) !== 0) {
    return out.slabs.free(out, Drop.IpNoRoute);
  }
  const len = out.len;
  const at = out.push(IP4_HLEN);
  writeHeader(out.bytes, at, 0, 0, IP4_DF, ins.set.ipDefaultTtl, IPPROTO_TCP, d);
  setTcpCheck4(out.bytes, at, at + IP4_HLEN, len);
  out.transport = at + IP4_HLEN;
  ipLocalOut(ins, out, d);
}

export const tcp4: TcpAf = {
  family: 2,
  netHeader: IP4_HLEN,
  matches,
  listens,
  bind(s, addr) {
    const type = addr.addr4 === 0 ? RTN_LOCAL : addrType(s.ins, addr.addr4);
    const group = type === RTN_MULTICAST || type === RTN_BROADCAST;
    if (type !== RTN_LOCAL && !group && s.ins.set.ipNonlocalBind === 0) return -EADDRNOTAVAIL;
    s.rcvAddr = addr.addr4;
    s.srcAddr = group ? 0 : addr.addr4;
    s.la = s.rcvAddr | 0;
    s.forgetRoute();
    return 0;
  },
  sameBinding: (a, b) =>
    b.la6 !== null ? b.af.sameBinding(b, a) : a.rcvAddr === 0 || b.rcvAddr === 0 || a.rcvAddr === b.rcvAddr,
  connect,
  accept,
  route,
  mtu: (s) => dstMtu(s.path),
  advmss: (s) => Math.min(Math.max(dstMtu(s.path) - 40, 256), MAX_ADVMSS),
  send,
  reply,
  verify: (skb) => skb.ipSummed !== CSUM_NONE || l4Checksum4(skb.bytes, skb.net, IPPROTO_TCP, skb.off, skb.len) === 0,
  nameOf(s) {
    const a = noAddr();
    a.addr4 = s.srcAddr !== 0 ? s.srcAddr : s.rcvAddr;
    a.port = s.lport;
    if (s.mapped) a.addr6 = in6Mapped(a.addr4);
    return a;
  },
  peerOf(s) {
    const a = noAddr();
    a.addr4 = s.daddr;
    a.port = s.dport;
    if (s.mapped) a.addr6 = in6Mapped(a.addr4);
    return a;
  },
  copyEnds() {},
};

export function tcp4Rcv(ins: InetNs, skb: Skb): void {
  tcpRcv(ins, skb, tcp4);
}

/** An ICMP error about a segment of ours; `quoted`: its IP header. Borrows. Linux: tcp_v4_err(). */
export function tcp4Error(ins: InetNs, skb: Skb, quoted: number, type: number, code: number): void {
  const b = skb.bytes;
  const th = quoted + ip4Hlen(b, quoted);
  const la = s32(b, quoted + IP4_SRC);
  const ra = s32(b, quoted + IP4_DST);
  const lport = u16(b, th);
  const dport = u16(b, th + 2);
  let s: TcpSock | null = null;
  for (const e of ins.tcp.connections()) {
    if (e.lport === lport && e.dport === dport && e.la === la && e.ra === ra && e.af === tcp4) {
      if (e.tw !== null) return;
      s = e as TcpSock;
    }
  }
  if (s === null) {
    ins.icmp.InErrors++;
    return;
  }
  tcpError(s, s32(b, th + 4), type === 3 && code === 4, icmpErrno(type, code), type === 4 || type === 5);
}

/** The same for both families. `mtu`: the path's MTU fell, and the route knows it. */
export function tcpError(s: TcpSock, seq: number, mtu: boolean, errno: number, quiet: boolean): void {
  if (quiet) return;
  if (s.state !== c.TCP_LISTEN && (c.before(seq, s.sndUna) || c.after(seq, s.sndNxt))) {
    s.ins.tcp.stats.OutOfWindowIcmps++;
    return;
  }
  if (mtu) {
    if (s.state === c.TCP_LISTEN || s.pmtuDisc === PMTUDISC_DONT) return;
    if (s.af.route(s) !== 0) return;
    const now = s.af.mtu(s);
    if (now >= s.pmtuCookie) return;
    const old = s.mss;
    syncMss(s, now);
    simpleRetransmit(s, old);
    return;
  }
  if (s.state === c.TCP_SYN_SENT || (s.state === c.TCP_SYN_RECV && s.parent === null)) {
    s.reportError(errno);
    tcpDone(s);
    return;
  }
  if (s.state === c.TCP_SYN_RECV) {
    tcpDone(s);
    s.ins.tcp.stats.ListenDrops++;
    return;
  }
  if (s.recvErr && !s.closed) s.reportError(errno);
  else s.errSoft = errno;
}
