// NETLINK_SOCK_DIAG: what sockets there are and how they do. TCP, UDP and raw sockets of both families; other families
// (unix, packet, netlink) have none to show. Linux: net/core/sock_diag.c, net/ipv4/inet_diag.c, tcp_diag.c, udp_diag.c.

import type { Inet4Socket } from '../inet/inet4-socket.ts';
import { timerOf } from '../inet/proc-tcp.ts';
import { inetNs } from '../inet/state.ts';
import { TCP_CLOSE, TCP_ESTABLISHED, TCP_LISTEN, TCP_SYN_RECV } from '../inet/tcp-const.ts';
import { tcpInfo } from '../inet/tcp-info.ts';
import type { TcpEnd, TcpSock } from '../inet/tcp-sock.ts';
import { encodeTo } from '../netlink/attrs.ts';
import { NlError } from '../netlink/error.ts';
import { writeStruct } from '../netlink/struct.ts';
import type { Writer } from '../netlink/writer.ts';
import { NLM_F_DUMP } from '../uapi/netlink.ts';
import { INET_DIAG, INET_DIAG_MSG, INET_DIAG_REQ, type InetDiagAttrs, SOCK_DIAG_BY_FAMILY } from '../uapi/sockdiag.ts';
import { Dump } from './dump.ts';
import { ANSWERED, type Outcome, receive } from './receive.ts';
import type { Request } from './request.ts';
import type { NlSocket } from './socket.ts';

const AF_INET = 2;
const AF_INET6 = 10;
const AF_MAX = 46;
const ENOENT = 2;
const ANY = new Uint8Array(16);
/** INET_DIAG_NOCOOKIE. */
const NO_COOKIE = 0xffffffff;
const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;
const IPPROTO_RAW = 255;
/** Families that Linux knows here; the model's kernel has no such sockets to tell of. */
const EMPTY_FAMILIES = new Set([1, 16, 17, 40]);

export function receiveSockDiag(sock: NlSocket, datagram: Uint8Array): void {
  receive(sock, datagram, sockDiagMessage);
}

function sockDiagMessage(req: Request): Outcome {
  if (req.type !== SOCK_DIAG_BY_FAMILY) throw new NlError('EINVAL');
  if (req.len < 2) throw new NlError('EINVAL');
  const { family } = req;
  if (family >= AF_MAX) throw new NlError('EINVAL');
  if (family !== AF_INET && family !== AF_INET6 && !EMPTY_FAMILIES.has(family)) throw new NlError('ENOENT');
  if ((req.flags & NLM_F_DUMP) !== NLM_F_DUMP) return tellOne(req);
  const out = new Dump(req.sock, req.msg.seq);
  const known = (family !== AF_INET && family !== AF_INET6) || dumpInet(req, out);
  out.finish(true, known ? 0 : ENOENT);
  return ANSWERED;
}

/** One TCP socket by its four words, a connection before a listener. Linux: inet_diag_find_one_icsk(). */
function tellOne(req: Request): Outcome {
  if (req.len < INET_DIAG_REQ.size) throw new NlError('EINVAL');
  const w = req.header(INET_DIAG_REQ);
  if (w.protocol !== IPPROTO_TCP) throw new NlError('EOPNOTSUPP', 'of single sockets only those of TCP are modelled');
  const { tcp } = inetNs(req.ns);
  const at = (e: TcpEnd, remote: boolean, wanted: Uint8Array): boolean =>
    address(e, remote).every((byte, i) => byte === wanted[i]);
  const here = (e: TcpEnd): boolean => e.af.family === w.family && e.lport === w.sport;
  const found =
    [...tcp.connections()].find((e) => here(e) && e.dport === w.dport && at(e, false, w.src) && at(e, true, w.dst)) ??
    [...tcp.listeners.values()].flat().find((s) => here(s) && (at(s, false, w.src) || at(s, false, ANY)));
  const cookie = found?.tw == null ? (found as TcpSock | undefined)?.inode : found.tw.inode;
  const anyCookie = w.cookieLow === NO_COOKIE && w.cookieHigh === NO_COOKIE;
  const another = !anyCookie && (w.cookieLow !== cookie || w.cookieHigh !== 0);
  if (found === undefined || another) throw new NlError('ENOENT');
  const out = new Dump(req.sock, req.msg.seq);
  out.multi = 0;
  if (found.tw !== null) waitMessage(out, found);
  else tcpMessage(out, w, found as TcpSock);
  out.flush();
  return { errno: 0, extack: {}, answered: false };
}

/** What a request asks for. */
interface Wanted {
  family: number;
  states: number;
  ext: number;
  sport: number;
  dport: number;
}

/** False: there are no sockets of that protocol. */
function dumpInet(req: Request, out: Dump): boolean {
  if (req.len < INET_DIAG_REQ.size) throw new NlError('EINVAL');
  const asked = req.header(INET_DIAG_REQ);
  const ins = inetNs(req.ns);
  const w: Wanted = asked;
  if (asked.protocol === IPPROTO_TCP) {
    for (const list of ins.tcp.listeners.values()) for (const s of list) if (wants(w, s)) tcpMessage(out, w, s);
    for (const e of ins.tcp.connections()) {
      if (!wants(w, e)) continue;
      if (e.tw !== null) waitMessage(out, e);
      else tcpMessage(out, w, e as TcpSock);
    }
  } else if (w.family === AF_INET && asked.protocol === IPPROTO_UDP) {
    for (const list of ins.udpPorts.values()) for (const s of list) datagramMessage(out, w, s, s.lport);
  } else if (w.family === AF_INET && asked.protocol === IPPROTO_RAW) {
    for (const [protocol, list] of ins.raw) for (const s of list) datagramMessage(out, w, s, protocol);
  } else return asked.protocol === IPPROTO_UDP || asked.protocol === IPPROTO_RAW;
  return true;
}

/** Linux: inet_diag_dump_icsk()'s conditions; a TIME_WAIT counts by its substate. */
function wants(w: Wanted, e: TcpEnd): boolean {
  const state = e.tw !== null ? e.tw.substate : e.state;
  if (e.af.family !== w.family || ((1 << state) & w.states) === 0) return false;
  return (w.sport === 0 || w.sport === e.lport) && (w.dport === 0 || w.dport === e.dport);
}

function address(e: TcpEnd, remote: boolean): Uint8Array {
  const long = remote ? e.ra6 : e.la6;
  const out = new Uint8Array(16);
  if (long !== null) {
    long.write(out, 0);
    return out;
  }
  new DataView(out.buffer).setInt32(0, remote ? e.ra : e.la);
  return out;
}

function put(out: Dump, head: Record<string, unknown>, more: InetDiagAttrs): void {
  out.message(SOCK_DIAG_BY_FAMILY, (w: Writer) => {
    writeStruct(INET_DIAG_MSG, head, w);
    w.pad4();
    encodeTo(INET_DIAG, more, w);
  });
}

const has = (w: Wanted, attr: number): boolean => (w.ext & (1 << (attr - 1))) !== 0;

function tcpMessage(out: Dump, w: Wanted, s: TcpSock): void {
  const listening = s.state === TCP_LISTEN;
  const [timer, leftNs] = listening ? [0, 0] : timerOf(s);
  const queued = Math.max(0, (s.rcvNxt - s.copiedSeq) | 0);
  const attrs: InetDiagAttrs = {};
  if (s.state !== TCP_SYN_RECV) {
    attrs.shutdown = (s.rcvShutdown ? 1 : 0) | (s.sndShutdown ? 2 : 0);
    if (has(w, 5)) attrs.tos = s.tos;
    if (s.af.family === AF_INET6) attrs.skv6only = s.v6only ? 1 : 0;
    if (s.mark !== 0) attrs.mark = s.mark;
    if (has(w, 1)) attrs.meminfo = { rmem: s.rmem, wmem: s.out.length, fmem: 0, tmem: s.wmem };
    if (has(w, 7)) attrs.skmeminfo = [s.rmem, s.rcvBuf, s.wmem, s.sndBuf, 0, s.out.length, 0, 0, s.drops];
    if (has(w, 2)) attrs.info = infoOf(s);
    if (has(w, 4)) attrs.cong = s.cong.name;
  }
  put(
    out,
    {
      family: s.af.family,
      state: s.state,
      timer,
      retrans: timer === 1 ? s.retransmits : s.probesOut,
      sport: s.lport,
      dport: listening ? 0 : s.dport,
      src: address(s, false),
      dst: address(s, true),
      ifindex: s.boundIf,
      cookieLow: s.inode,
      cookieHigh: 0,
      expires: Math.max(0, Math.round(leftNs / 1e6)),
      rqueue: listening ? s.acceptQueue.length : queued,
      wqueue: listening ? s.backlog : Math.max(0, (s.writeSeq - s.sndUna) | 0),
      uid: 0,
      inode: s.closed || s.state === TCP_SYN_RECV ? 0 : s.inode,
    },
    attrs,
  );
}

function waitMessage(out: Dump, e: TcpEnd): void {
  const { tw } = e;
  if (tw === null) return;
  put(
    out,
    {
      family: e.af.family,
      state: tw.substate,
      timer: 3,
      retrans: 0,
      sport: e.lport,
      dport: e.dport,
      src: address(e, false),
      dst: address(e, true),
      ifindex: e.boundIf,
      cookieLow: tw.inode,
      cookieHigh: 0,
      expires: Math.max(0, Math.round((tw.endsNs - tw.ins.now) / 1e6)),
      rqueue: 0,
      wqueue: 0,
      uid: 0,
      inode: 0,
    },
    {},
  );
}

function infoOf(s: TcpSock): NonNullable<InetDiagAttrs['info']> {
  const i = tcpInfo(s);
  const listening = s.state === TCP_LISTEN;
  const only = (v: number): number => (listening ? 0 : v);
  return {
    state: i.state,
    caState: i.caState,
    retransmits: i.retransmits & 255,
    probes: i.probes & 255,
    backoff: i.backoff & 255,
    options: only(i.options),
    wscale: only(i.sndWscale | (i.rcvWscale << 4)),
    flags: !listening && i.appLimited ? 1 : 0,
    rto: only(i.rtoUs),
    ato: only(i.atoUs),
    sndMss: only(i.sndMss),
    rcvMss: only(i.rcvMss),
    unacked: i.unacked,
    sacked: i.sacked,
    lost: i.lost,
    retrans: i.retrans,
    fackets: 0,
    lastDataSent: only(i.lastDataSentMs),
    lastAckSent: 0,
    lastDataRecv: only(i.lastDataRecvMs),
    lastAckRecv: only(i.lastAckRecvMs),
    pmtu: only(i.pmtu),
    rcvSsthresh: only(i.rcvSsthresh),
    rtt: only(i.rttUs),
    rttvar: only(i.rttvarUs),
    sndSsthresh: i.sndSsthresh,
    sndCwnd: i.sndCwnd,
    advmss: only(i.advmss),
    reordering: i.reordering,
    rcvRtt: only(i.rcvRttUs),
    rcvSpace: only(i.rcvSpace),
    totalRetrans: i.totalRetrans,
    pacingRate: only(i.pacingRate),
    maxPacingLow: 0xffffffff,
    maxPacingHigh: 0xffffffff,
    bytesAcked: i.bytesAcked,
    bytesReceived: i.bytesReceived,
    segsOut: i.segsOut,
    segsIn: i.segsIn,
    notsentBytes: i.notsentBytes,
    minRtt: i.minRttUs,
    dataSegsIn: i.dataSegsIn,
    dataSegsOut: i.dataSegsOut,
    deliveryRate: 0,
    busyTime: 0,
    rwndLimited: 0,
    sndbufLimited: 0,
    delivered: i.delivered,
    deliveredCe: 0,
    bytesSent: i.bytesSent,
    bytesRetrans: i.bytesRetrans,
    dsackDups: i.dsackDups,
    reordSeen: 0,
    rcvOooPack: i.rcvOooPack,
    sndWnd: only(i.sndWnd),
    rcvWnd: only(i.rcvWnd),
    rehash: 0,
  };
}

function datagramMessage(out: Dump, w: Wanted, s: Inet4Socket, port: number): void {
  const state = s.connected ? TCP_ESTABLISHED : TCP_CLOSE;
  if (((1 << state) & w.states) === 0) return;
  if ((w.sport !== 0 && w.sport !== port) || (w.dport !== 0 && w.dport !== s.dport)) return;
  const addr = (v: number): Uint8Array => {
    const bytes = new Uint8Array(16);
    new DataView(bytes.buffer).setUint32(0, v);
    return bytes;
  };
  put(
    out,
    {
      family: AF_INET,
      state,
      timer: 0,
      retrans: 0,
      sport: port,
      dport: s.connected ? s.dport : 0,
      src: addr(s.rcvAddr),
      dst: addr(s.connected ? s.daddr : 0),
      ifindex: s.boundIf,
      cookieLow: s.inode,
      cookieHigh: 0,
      expires: 0,
      rqueue: s.rmem,
      wqueue: s.wmem,
      uid: 0,
      inode: s.inode,
    },
    {
      shutdown: 0,
      ...(has(w, 5) ? { tos: s.tos } : {}),
      ...(has(w, 1) ? { meminfo: { rmem: s.rmem, wmem: 0, fmem: 0, tmem: s.wmem } } : {}),
      ...(has(w, 7) ? { skmeminfo: [s.rmem, s.rcvBuf, s.wmem, s.sndBuf, 0, 0, 0, 0, s.drops] } : {}),
    },
  );
}
