// UDP: ports, datagrams out and in. Linux: net/ipv4/udp.c, udp_sendmsg(), udp_rcv(), __udp4_lib_err(); ports are given
// out by a labelled stream. A reader gets private copies, or a sink (onDatagram) the bytes in place, at once.

import { Drop } from '../net/drop.ts';
import { CSUM_NONE, type Skb } from '../net/skb.ts';
import { u16 } from '../wire/bytes.ts';
import { csumSeed, pseudo4 } from '../wire/checksum.ts';
import { IP4_DST, IP4_HLEN, IP4_SRC, IPPROTO_UDP, ip4Dst, ip4Hlen, ip4Src, ip4Ttl } from '../wire/ip4.ts';
import { setUdp, setUdpCheck4, UDP_CHECK, UDP_HLEN, udpCheckOk4, udpDport, udpLen, udpSport } from '../wire/udp.ts';
import { leaveChecksum } from './csum.ts';
import { EADDRINUSE, EAGAIN, EDESTADDRREQ, EINVAL, EMSGSIZE } from './errno.ts';
import { icmpErrno, icmpFatal, queueIcmpError } from './icmp-err.ts';
import { icmpSend } from './icmp-send.ts';
import { addSocket, PMTUDISC_DONT, pickNumber, removeSocket } from './inet-socket.ts';
import { from4, Inet4Socket } from './inet4-socket.ts';
import { ipSend } from './ip4-out.ts';
import { s32 } from './ipaddr.ts';
import { dstMtu, RTCF_BROADCAST, RTCF_MULTICAST } from './route.ts';
import type { Received, SockAddr, SockOption } from './socket-types.ts';
import { type InetNs, inetIif } from './state.ts';
import { bestReceiver, deliverToGroup, type UdpReceiver, udpSent } from './udp-shared.ts';

/** Reads a datagram in place; the bytes are only good until it returns. */
export type DatagramSink = (bytes: Uint8Array, off: number, len: number, addr: number, port: number) => void;

export class UdpSocket extends Inet4Socket implements UdpReceiver {
  onDatagram: DatagramSink | null = null;

  constructor(ins: InetNs) {
    super(ins, IPPROTO_UDP);
  }

  bind(addr: SockAddr): number {
    if (this.lport !== 0) return -EINVAL;
    const err = this.checkBind(addr.addr4);
    if (err !== 0) return err;
    const got = this.takePort(addr.port, addr.addr4);
    if (got !== 0) return got;
    this.setBound(addr.addr4);
    return 0;
  }

  /** Linux: udp_lib_get_port(). `port` 0: any free one. */
  private takePort(port: number, addr: number): number {
    const { localPortMin: low, localPortMax: high } = this.ins.set;
    if (port !== 0) {
      if (!this.portFree(port, addr)) return -EADDRINUSE;
      this.lport = port;
    } else {
      const stream = this.ins.kernel.stream('inet:udp-port');
      const free = pickNumber(stream, low, high - low + 1, (n) => this.portFree(n, addr));
      if (free < 0) return -EADDRINUSE;
      this.lport = free;
    }
    addSocket(this.ins.udpPorts, this.lport, this, true);
    return 0;
  }

  /** SO_REUSEADDR: shares its port with others that have it. */
  private reuse = false;

  override setOption(name: SockOption, value: number, aux = 0): number {
    if (name !== 'SO_REUSEADDR') return super.setOption(name, value, aux);
    this.reuse = value !== 0;
    return 0;
  }

  private portFree(port: number, addr: number): boolean {
    const list = this.ins.udpPorts.get(port);
    if (list === undefined) return true;
    return !list.some(
      (s) =>
        !(s.reuse && this.reuse) &&
        (s.boundIf === 0 || this.boundIf === 0 || s.boundIf === this.boundIf) &&
        (s.rcvAddr === 0 || addr === 0 || s.rcvAddr === addr),
    );
  }

  connect(addr: SockAddr): number {
    const got = this.lport === 0 ? this.takePort(0, this.rcvAddr) : 0;
    if (got !== 0) return -EAGAIN;
    return this.connectTo(addr.addr4, addr.port);
  }

  /** Linux: udp_sendmsg(). */
  sendTo(data: Uint8Array, to: SockAddr | null): number {
    const len = data.length;
    if (len > 0xffff) return -EMSGSIZE;
    if (to === null && !this.connected) return -EDESTADDRREQ;
    if (to !== null && to.port === 0) return -EINVAL;
    if (this.lport === 0 && this.takePort(0, this.rcvAddr) !== 0) return -EAGAIN;
    const err = this.routeTo(to === null ? this.daddr : to.addr4);
    if (err !== 0) return err;
    if (!this.maySend()) return -EAGAIN;
    const skb = this.allocPacket(UDP_HLEN + len);
    if (skb === null) return this.allocError;
    const b = skb.bytes;
    const at = skb.transport;
    b.set(data, at + UDP_HLEN);
    setUdp(b, at, this.lport, to === null ? this.dport : to.port, UDP_HLEN + len);
    this.checksum(skb, at, UDP_HLEN + len);
    const trace = this.ins.kernel.trace;
    if (trace.step !== null) trace.step('udp_send_skb', skb, this.dst.dev);
    return udpSent(this, this.ins.udp, ipSend(this.ins, skb, this.dst), len);
  }

  /** The device's work when it can and the datagram is whole. */
  private checksum(skb: Skb, at: number, len: number): void {
    const d = this.dst;
    if (d.hwCsum && IP4_HLEN + len <= dstMtu(d)) {
      leaveChecksum(skb, at, UDP_CHECK, csumSeed(pseudo4(d.saddr, d.daddr, IPPROTO_UDP, len)));
    } else setUdpCheck4(skb.bytes, skb.off, at);
  }

  override recv(): Received | null {
    const m = super.recv();
    if (m !== null) this.ins.udp.InDatagrams++;
    return m;
  }

  score(skb: Skb, iif: number): number {
    const b = skb.bytes;
    let v = 0;
    if (this.rcvAddr !== 0) {
      if ((this.rcvAddr | 0) !== s32(b, skb.net + IP4_DST)) return -1;
      v += 4;
    }
    if (this.connected) {
      if ((this.daddr | 0) !== s32(b, skb.net + IP4_SRC) || this.dport !== udpSport(b, skb.off)) return -1;
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
    const len = udpLen(b, skb.off) - UDP_HLEN;
    const ip = skb.net;
    if (this.onDatagram !== null) {
      this.ins.udp.InDatagrams++;
      this.onDatagram(b, at, len, ip4Src(b, ip), udpSport(b, skb.off));
      return;
    }
    if (this.enqueueCopy(skb, at, len, from4(skb, udpSport(b, skb.off)), ip4Ttl(b, ip), iif)) return;
    this.ins.udp.RcvbufErrors++;
    this.ins.udp.InErrors++;
  }

  override close(): void {
    if (!this.closed && this.lport !== 0) removeSocket(this.ins.udpPorts, this.lport, this);
    super.close();
  }
}

/** skb.off at the UDP header. Takes. */
export function udpRcv(ins: InetNs, skb: Skb): void {
  const trace = ins.kernel.trace;
  if (trace.step !== null) trace.step('udp_rcv', skb, skb.dev);
  const b = skb.bytes;
  const at = skb.off;
  const ulen = skb.len < UDP_HLEN ? 0 : udpLen(b, at);
  if (ulen < UDP_HLEN || ulen > skb.len) {
    ins.udp.InErrors++;
    skb.slabs.free(skb, Drop.Malformed);
    return;
  }
  skb.len = ulen;
  if (skb.ipSummed === CSUM_NONE && !udpCheckOk4(b, skb.net, at)) {
    ins.udp.InCsumErrors++;
    ins.udp.InErrors++;
    skb.slabs.free(skb, Drop.UdpChecksum);
    return;
  }
  const list = ins.udpPorts.get(udpDport(b, at));
  const iif = inetIif(ins, skb);
  if ((skb.cb0 & (RTCF_BROADCAST | RTCF_MULTICAST)) !== 0) return deliverToGroup(list, skb, iif, ins.udp);
  const s = list === undefined ? null : bestReceiver(list, skb, iif);
  if (s !== null) {
    s.deliver(skb, iif);
    skb.slabs.free(skb, Drop.None);
    return;
  }
  ins.udp.NoPorts++;
  icmpSend(ins, skb, 3, 3, 0);
  skb.slabs.free(skb, Drop.NoSocket);
}

/** An ICMP error about a datagram of ours; `quoted`: its IP header. Borrows. Linux: __udp4_lib_err(). */
export function udpError(ins: InetNs, skb: Skb, quoted: number, type: number, code: number, info: number): void {
  const b = skb.bytes;
  const uh = quoted + ip4Hlen(b, quoted);
  const list = ins.udpPorts.get(u16(b, uh));
  if (list === undefined) return;
  const remote = ip4Dst(b, quoted);
  const local = ip4Src(b, quoted);
  const s = list.find(
    (x) =>
      (x.rcvAddr === 0 || x.rcvAddr === local) && (!x.connected || (x.daddr === remote && x.dport === u16(b, uh + 2))),
  );
  if (s === undefined || type === 4 || type === 5) return;
  const errno = icmpErrno(type, code);
  const frag = type === 3 && code === 4;
  if (frag && s.pmtuDisc === PMTUDISC_DONT) return;
  const hard = frag || icmpFatal(type, code);
  if (s.recvErr) queueIcmpError(s, skb, errno, type, code, info, uh + UDP_HLEN);
  else if (!hard || !s.connected) return;
  s.setError(errno);
}
