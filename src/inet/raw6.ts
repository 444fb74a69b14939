// Raw IPv6 sockets: see every packet of a protocol from behind its IPv6 header, and send the same. For ICMPv6 the kernel
// writes the checksum. Linux: net/ipv6/raw.c.

import type { NetDevice } from '../net/netdev.ts';
import { CSUM_NONE, type Skb } from '../net/skb.ts';
import { setU16 } from '../wire/bytes.ts';
import { l4Checksum6 } from '../wire/checksum.ts';
import { icmp6CheckOk } from '../wire/icmp6.ts';
import { In6 } from '../wire/in6.ts';
import { IP6_DST, IP6_SRC, IPPROTO_ICMPV6, ip6HopLimit } from '../wire/ip6.ts';
import { EADDRNOTAVAIL, EAGAIN, EDESTADDRREQ, EINVAL, EMSGSIZE, ENOBUFS } from './errno.ts';
import { icmp6Errno, icmp6Fatal, queueIcmp6Error } from './icmp6-err.ts';
import { icmp6Iif, icmp6OutCount } from './icmp6-send.ts';
import { addSocket, PMTUDISC_DO, removeSocket } from './inet-socket.ts';
import { from6, Inet6Socket } from './inet6-socket.ts';
import { xmitErrno } from './ip4-out.ts';
import { ip6Output } from './ip6-out.ts';
import { learnMtu6 } from './pmtu6.ts';
import type { SockAddr, SockOption } from './socket-types.ts';
import type { InetNs } from './state.ts';
import type { Inet6Ns } from './state6.ts';

const IPPROTO_RAW = 255;
const PKT_TOOBIG = 2;
const remote = new In6();
const local = new In6();

export class Raw6Socket extends Inet6Socket {
  /** ICMPv6 types that are not wanted, as bits. */
  readonly icmpFilter = new Uint32Array(8);
  hdrIncl: boolean;
  /** Where the kernel writes (and checks) a checksum; -1: nowhere. */
  private checkAt: number;

  constructor(ins: InetNs, proto: number) {
    super(ins, proto);
    this.hdrIncl = proto === IPPROTO_RAW;
    this.checkAt = proto === IPPROTO_ICMPV6 ? 2 : -1;
    addSocket(this.i6.raw, proto, this);
  }

  bind(addr: SockAddr): number {
    if (addr.addr6 === undefined || addr.addr6.isMapped) return addr.addr6 === undefined ? -EINVAL : -EADDRNOTAVAIL;
    const err = this.checkBind(addr.addr6, addr.ifindex);
    if (err === 0) this.setBound(addr.addr6);
    return err;
  }

  connect(addr: SockAddr): number {
    return addr.addr6 === undefined ? -EINVAL : this.connectTo(addr.addr6, addr.ifindex, 0);
  }

  /** Linux: rawv6_sendmsg(). The port, if any, must be the protocol. */
  sendTo(data: Uint8Array, to: SockAddr | null): number {
    const len = data.length;
    if (to === null && !this.connected) return -EDESTADDRREQ;
    if (to !== null) {
      if (to.addr6 === undefined) return -EINVAL;
      if (to.port !== 0 && to.port !== this.proto && this.proto !== IPPROTO_RAW) return -EINVAL;
      if (to.port > 255) return -EINVAL;
    }
    const err = this.routeTo(to?.addr6 ?? this.daddr, to?.ifindex ?? 0);
    if (err !== 0) return err;
    if (!this.maySend()) return -EAGAIN;
    if (this.hdrIncl) return this.sendHeader(data);
    const skb = this.allocPacket(len, this.proto === IPPROTO_ICMPV6 && len > 1 ? (data[0] << 8) | data[1] : 0);
    if (skb === null) return this.allocError;
    const b = skb.bytes;
    const at = skb.transport;
    b.set(data, at);
    if (this.checkAt >= 0 && this.checkAt + 2 <= len) {
      setU16(b, at + this.checkAt, 0);
      const sum = l4Checksum6(b, skb.off, this.proto, at, len);
      setU16(b, at + this.checkAt, sum === 0 ? 0xffff : sum);
    }
    if (this.proto === IPPROTO_ICMPV6 && len > 0) icmp6OutCount(this.i6, this.dst.idev, data[0]);
    const rc = this.sendPacket(skb);
    return rc === 0 ? len : rc;
  }

  /** IPV6_HDRINCL: as it is. Linux: rawv6_send_hdrinc(). */
  private sendHeader(data: Uint8Array): number {
    const d = this.dst;
    const mtu = (d.dev as NetDevice).mtu;
    if (data.length > mtu) {
      this.localError(EMSGSIZE, mtu);
      return -EMSGSIZE;
    }
    if (data.length < 40) return -EINVAL;
    const skb = this.ins.kernel.skbs.alloc(data.length);
    if (skb === null) return -ENOBUFS;
    skb.bytes.set(data, skb.off);
    skb.net = skb.off;
    skb.priority = this.priority;
    skb.mark = this.mark;
    skb.trace = this.ins.kernel.newTrace();
    this.charge(skb);
    this.i6.ip.OutRequests++;
    const err = xmitErrno(ip6Output(this.i6, skb, d));
    if (err === 0) return data.length;
    this.i6.ip.OutDiscards++;
    return err === -ENOBUFS && !this.recvErr ? data.length : err;
  }

  override setOption(name: SockOption, value: number, aux = 0, addr6?: In6): number {
    switch (name) {
      case 'IPV6_HDRINCL':
        this.hdrIncl = value !== 0;
        this.optionChanged();
        return 0;
      case 'IPV6_CHECKSUM':
        // RFC 3542 3.1: ICMPv6's is always the kernel's.
        if (this.proto === IPPROTO_ICMPV6 || (value > 0 && (value & 1) !== 0)) return -EINVAL;
        this.checkAt = value < 0 ? -1 : value;
        return 0;
      case 'ICMP6_FILTER':
        if (this.proto !== IPPROTO_ICMPV6 || aux < 0 || aux > 7) return -EINVAL;
        this.icmpFilter[aux] = value;
        return 0;
      default:
        return super.setOption(name, value, aux, addr6);
    }
  }

  /** Borrows; `at` is where its data begins. True: taken. */
  deliver(skb: Skb, at: number, iif: number): boolean {
    const b = skb.bytes;
    const len = skb.off + skb.len - at;
    if (this.proto === IPPROTO_ICMPV6) {
      if (len < 1) return false;
      const type = b[at];
      if (((this.icmpFilter[type >>> 5] >>> (type & 31)) & 1) !== 0) return false;
      if (skb.ipSummed === CSUM_NONE && !icmp6CheckOk(b, skb.net, at, len)) return false;
    } else if (this.checkAt >= 0 && l4Checksum6(b, skb.net, this.proto, at, len) !== 0) {
      this.drops++;
      return false;
    }
    this.enqueueCopy(skb, at, len, from6(skb, 0, iif), ip6HopLimit(b, skb.net), iif);
    return true;
  }

  override close(): void {
    if (!this.closed) removeSocket(this.i6.raw, this.proto, this);
    super.close();
  }
}

/** Shows a packet whose `proto` begins at `at` to raw sockets; true when one matched. Linux: raw6_local_deliver(). */
export function raw6Deliver(i6: Inet6Ns, skb: Skb, proto: number, at: number): boolean {
  const list = i6.raw.get(proto);
  if (list === undefined) return false;
  const iif = icmp6Iif(i6, skb);
  remote.read(skb.bytes, skb.net + IP6_SRC);
  local.read(skb.bytes, skb.net + IP6_DST);
  let any = false;
  for (let i = 0; i < list.length; i++) {
    if (!list[i].matches6(remote, local, iif)) continue;
    any = true;
    list[i].deliver(skb, at, iif);
  }
  return any;
}

/** An ICMPv6 error about a packet of such a socket. Borrows. Linux: raw6_icmp_error(), rawv6_err(). */
export function raw6Error(
  i6: Inet6Ns,
  skb: Skb,
  quoted: number,
  inner: number,
  proto: number,
  type: number,
  code: number,
  info: number,
): void {
  const list = i6.raw.get(proto);
  if (list === undefined || type >= 128) return;
  const b = skb.bytes;
  const iif = icmp6Iif(i6, skb);
  for (const s of [...list]) {
    remote.read(b, quoted + IP6_DST);
    local.read(b, quoted + IP6_SRC);
    if (!s.matches6(remote, local, iif)) continue;
    if (!s.recvErr && !s.connected) continue;
    if (type === PKT_TOOBIG) learnMtu6(i6, remote, info, s.boundIf);
    const errno = icmp6Errno(type, code);
    const hard = type === PKT_TOOBIG ? s.pmtuDisc === PMTUDISC_DO : icmp6Fatal(type, code);
    if (s.recvErr) queueIcmp6Error(s, skb, errno, type, code, info, s.hdrIncl ? quoted : inner);
    if (s.recvErr || hard) s.setError(errno);
  }
}
