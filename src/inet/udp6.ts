// UDP over IPv6. A socket that is not IPV6_V6ONLY also has IPv4's side: a twin among IPv4's sockets, which holds the port
// there, sends to mapped addresses and hands over what it hears. Linux: net/ipv6/udp.c.

import { Drop } from '../net/drop.ts';
import { CSUM_NONE, type Skb } from '../net/skb.ts';
import { setU16, u16 } from '../wire/bytes.ts';
import { csumAbsent, csumSeed, l4Checksum6, pseudo6 } from '../wire/checksum.ts';
import { In6, in6Mapped, mapped4 } from '../wire/in6.ts';
import { IPPROTO_UDP } from '../wire/ip4.ts';
import { IP6_DST, IP6_HLEN, IP6_SRC, ip6HopLimit, ip6IsMulticast } from '../wire/ip6.ts';
import { setUdp, UDP_CHECK, UDP_HLEN, udpDport, udpLen, udpSport } from '../wire/udp.ts';
import { leaveChecksum } from './csum.ts';
import { EADDRINUSE, EADDRNOTAVAIL, EAGAIN, EDESTADDRREQ, EINVAL, EMSGSIZE, ENETUNREACH } from './errno.ts';
import { icmp6Errno, icmp6Fatal, queueIcmp6Error } from './icmp6-err.ts';
import { icmp6Iif, icmp6Send } from './icmp6-send.ts';
import { addSocket, PMTUDISC_DO, pickNumber, removeSocket } from './inet-socket.ts';
import { from6, Inet6Socket } from './inet6-socket.ts';
import { ip6Send } from './ip6-out.ts';
import { learnMtu6 } from './pmtu6.ts';
import { dst6Mtu } from './route6.ts';
import type { Queued } from './socket.ts';
import type { Received, SockAddr, SockError, SockOption } from './socket-types.ts';
import type { InetNs } from './state.ts';
import type { Inet6Dev, Inet6Ns } from './state6.ts';
import { UdpSocket } from './udp.ts';
import { bestReceiver, deliverToGroup, type UdpReceiver, udpSent } from './udp-shared.ts';

const PKT_TOOBIG = 2;
const remote = new In6();
const local = new In6();

/** Reads a datagram in place; bytes and address are only good until it returns. */
export type Datagram6Sink = (bytes: Uint8Array, off: number, len: number, addr: In6, port: number) => void;

/** IPv4's side of an IPv6 socket. */
class Twin extends UdpSocket {
  private readonly owner6: Udp6Socket;

  constructor(owner: Udp6Socket) {
    super(owner.ins);
    this.owner6 = owner;
    this.boundIf = owner.boundIf;
  }

  override enqueue(m: Queued): boolean {
    m.from.addr6 = in6Mapped(m.from.addr4);
    return this.owner6.enqueue(m);
  }

  override queueError(e: SockError): void {
    this.owner6.queueError(e);
  }

  override setError(errno: number): void {
    this.owner6.setError(errno);
  }
}

export class Udp6Socket extends Inet6Socket implements UdpReceiver {
  onDatagram: Datagram6Sink | null = null;
  private twin: Twin | null = null;
  /** SO_REUSEADDR: shares its port with others that have it. */
  private reuse = false;

  constructor(ins: InetNs) {
    super(ins, IPPROTO_UDP);
  }

  bind(addr: SockAddr): number {
    const a = addr.addr6;
    if (this.lport !== 0 || a === undefined) return -EINVAL;
    if (a.isMapped && this.v6only) return -EINVAL;
    if (!a.isMapped) {
      const err = this.checkBind(a, addr.ifindex);
      if (err !== 0) return err;
    }
    const got = this.takePort(addr.port, a);
    if (got !== 0) return got;
    this.setBound(a);
    return 0;
  }

  /** Linux: udp_v6_get_port(). `port` 0: any that is free in both families. */
  private takePort(port: number, addr: In6): number {
    const { localPortMin: low, localPortMax: high } = this.ins.set;
    if (port !== 0) return this.tryPort(port, addr);
    const stream = this.ins.kernel.stream('inet:udp-port');
    let err = -EADDRINUSE;
    pickNumber(stream, low, high - low + 1, (n) => {
      err = this.tryPort(n, addr);
      return err !== -EADDRINUSE;
    });
    return err;
  }

  private tryPort(port: number, addr: In6): number {
    const list = this.i6.udpPorts.get(port);
    if (list?.some((s) => this.conflicts(s, addr)) === true) return -EADDRINUSE;
    if (!this.v6only && (addr.isAny || addr.isMapped)) {
      const twin = new Twin(this);
      twin.setOption('SO_REUSEADDR', this.reuse ? 1 : 0);
      const at: SockAddr = { addr4: addr.isMapped ? mapped4(addr) : 0, port, ifindex: 0, protocol: 0, mac: 0 };
      const err = twin.bind(at);
      if (err !== 0) return err;
      this.twin = twin;
    }
    this.lport = port;
    addSocket(this.i6.udpPorts, port, this, true);
    return 0;
  }

  private conflicts(s: Udp6Socket, addr: In6): boolean {
    return (
      !(s.reuse && this.reuse) &&
      (s.boundIf === 0 || this.boundIf === 0 || s.boundIf === this.boundIf) &&
      (s.rcvAddr.isAny || addr.isAny || s.rcvAddr.equals(addr))
    );
  }

  connect(addr: SockAddr): number {
    const a = addr.addr6;
    if (a === undefined) return -EINVAL;
    const got = this.lport === 0 ? this.takePort(0, this.rcvAddr) : 0;
    if (got !== 0) return -EAGAIN;
    if (!a.isMapped) return this.connectTo(a, addr.ifindex, addr.port);
    if (this.twin === null) return -ENETUNREACH;
    const err = this.twin.connect({ ...addr, addr4: mapped4(a) });
    if (err !== 0) return err;
    this.daddr.set(a);
    this.dport = addr.port;
    this.connected = true;
    this.srcAddr.set(in6Mapped(this.twin.getName().addr4));
    this.rcvAddr.set(this.srcAddr);
    return 0;
  }

  /** Linux: udpv6_sendmsg(). */
  sendTo(data: Uint8Array, to: SockAddr | null): number {
    const len = data.length;
    if (len > 0xffff) return -EMSGSIZE;
    if (to === null && !this.connected) return -EDESTADDRREQ;
    if (to !== null && (to.addr6 === undefined || to.port === 0)) return -EINVAL;
    if (this.lport === 0 && this.takePort(0, this.rcvAddr) !== 0) return -EAGAIN;
    const dst = to?.addr6 ?? this.daddr;
    const port = to === null ? this.dport : to.port;
    if (dst.isMapped) {
      if (this.twin === null) return -ENETUNREACH;
      return this.twin.sendTo(data, { addr4: mapped4(dst), port, ifindex: 0, protocol: 0, mac: 0 });
    }
    if (this.srcAddr.isMapped) return -EADDRNOTAVAIL;
    const err = this.routeTo(dst, to?.ifindex ?? 0);
    if (err !== 0) return err;
    if (!this.maySend()) return -EAGAIN;
    const skb = this.allocPacket(UDP_HLEN + len, (this.lport << 15) ^ port);
    if (skb === null) return this.allocError;
    const b = skb.bytes;
    const at = skb.transport;
    b.set(data, at + UDP_HLEN);
    setUdp(b, at, this.lport, port, UDP_HLEN + len);
    this.checksum(skb, at, UDP_HLEN + len);
    return udpSent(this, this.i6.udp, ip6Send(this.i6, skb, this.dst), len);
  }

  /** The device's work when it can and the datagram is whole; never 0, which would say that there is none. */
  private checksum(skb: Skb, at: number, len: number): void {
    const b = skb.bytes;
    setU16(b, at + UDP_CHECK, 0);
    if (this.dst.hwCsum && IP6_HLEN + len <= dst6Mtu(this.dst)) {
      leaveChecksum(skb, at, UDP_CHECK, csumSeed(pseudo6(b, skb.off, IPPROTO_UDP, len)));
      return;
    }
    const sum = l4Checksum6(b, skb.off, IPPROTO_UDP, at, len);
    setU16(b, at + UDP_CHECK, sum === 0 ? 0xffff : sum);
  }

  override setOption(name: SockOption, value: number, aux = 0, addr6?: In6): number {
    if (name === 'SO_REUSEADDR') {
      this.reuse = value !== 0;
      return 0;
    }
    const rc = super.setOption(name, value, aux, addr6);
    if (rc === 0 && this.twin !== null && name.startsWith('SO_')) this.twin.setOption(name, value, aux);
    return rc;
  }

  override recv(): Received | null {
    const m = super.recv();
    if (m === null) return null;
    if (m.from.addr6?.isMapped === true) this.ins.udp.InDatagrams++;
    else this.i6.udp.InDatagrams++;
    return m;
  }

  /** Its addresses are in `remote` and `local`. */
  score(skb: Skb, iif: number): number {
    let v = 0;
    if (!this.rcvAddr.isAny) {
      if (!this.rcvAddr.equals(local)) return -1;
      v += 4;
    }
    if (this.connected) {
      if (!this.daddr.equals(remote) || this.dport !== udpSport(skb.bytes, skb.off)) return -1;
      v += 8;
    }
    if (this.boundIf !== 0) {
      if (this.boundIf !== iif) return -1;
      v += 4;
    }
    return v;
  }

  deliver(skb: Skb, iif: number): void {
    const b = skb.bytes;
    const at = skb.off + UDP_HLEN;
    const len = skb.len - UDP_HLEN;
    if (this.onDatagram !== null) {
      this.i6.udp.InDatagrams++;
      this.onDatagram(b, at, len, remote, udpSport(b, skb.off));
      return;
    }
    const from = from6(skb, udpSport(b, skb.off), iif);
    if (this.enqueueCopy(skb, at, len, from, ip6HopLimit(b, skb.net), iif)) return;
    this.i6.udp.RcvbufErrors++;
    this.i6.udp.InErrors++;
  }

  override close(): void {
    if (this.closed) return;
    if (this.lport !== 0) removeSocket(this.i6.udpPorts, this.lport, this);
    this.twin?.close();
    super.close();
  }
}

/** skb.off at the UDP header. Takes. Linux: __udp6_lib_rcv(). */
export function udp6Rcv(i6: Inet6Ns, skb: Skb, _id: Inet6Dev): void {
  const trace = i6.kernel.trace;
  if (trace.step !== null) trace.step('udpv6_rcv', skb, skb.dev);
  const b = skb.bytes;
  const at = skb.off;
  const ulen = skb.len < UDP_HLEN ? 0 : udpLen(b, at) === 0 ? skb.len : udpLen(b, at);
  if (ulen < UDP_HLEN || ulen > skb.len) {
    i6.udp.InErrors++;
    skb.slabs.free(skb, Drop.Malformed);
    return;
  }
  skb.len = ulen;
  if (skb.ipSummed === CSUM_NONE && !checkOk(b, skb.net, at, ulen)) {
    i6.udp.InCsumErrors++;
    i6.udp.InErrors++;
    skb.slabs.free(skb, Drop.UdpChecksum);
    return;
  }
  const list = i6.udpPorts.get(udpDport(b, at));
  const iif = icmp6Iif(i6, skb);
  remote.read(b, skb.net + IP6_SRC);
  local.read(b, skb.net + IP6_DST);
  if (ip6IsMulticast(b, skb.net + IP6_DST)) return deliverToGroup(list, skb, iif, i6.udp);
  const s = list === undefined ? null : bestReceiver(list, skb, iif);
  if (s !== null) {
    s.deliver(skb, iif);
    skb.slabs.free(skb, Drop.None);
    return;
  }
  i6.udp.NoPorts++;
  icmp6Send(i6, skb, 1, 4, 0);
  skb.slabs.free(skb, Drop.NoSocket);
}

/** There must be one. RFC 8200 8.1. */
function checkOk(b: Uint8Array, ip: number, at: number, len: number): boolean {
  return !csumAbsent(b, at + UDP_CHECK) && l4Checksum6(b, ip, IPPROTO_UDP, at, len) === 0;
}

/** An ICMPv6 error about a datagram of ours; `inner`: its UDP header. Borrows. Linux: __udp6_lib_err(). */
export function udp6Error(
  i6: Inet6Ns,
  skb: Skb,
  quoted: number,
  inner: number,
  type: number,
  code: number,
  info: number,
): void {
  const b = skb.bytes;
  const list = i6.udpPorts.get(u16(b, inner));
  if (list === undefined || type >= 128) return;
  remote.read(b, quoted + IP6_DST);
  local.read(b, quoted + IP6_SRC);
  const dport = u16(b, inner + 2);
  const s = list.find(
    (x) =>
      (x.rcvAddr.isAny || x.rcvAddr.equals(local)) && (!x.connected || (x.daddr.equals(remote) && x.dport === dport)),
  );
  if (s === undefined) return;
  const tooBig = type === PKT_TOOBIG;
  if (tooBig) learnMtu6(i6, remote, info, s.boundIf);
  const errno = icmp6Errno(type, code);
  const hard = tooBig ? s.pmtuDisc === PMTUDISC_DO : icmp6Fatal(type, code);
  if (s.recvErr) queueIcmp6Error(s, skb, errno, type, code, info, inner + UDP_HLEN);
  else if (!hard || !s.connected) return;
  s.setError(errno);
}
