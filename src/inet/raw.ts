// Raw IPv4 sockets: see every packet of a protocol, headers included, and send with or without one's own header.
// Linux: net/ipv4/raw.c.

import type { NetDevice } from '../net/netdev.ts';
import type { Skb } from '../net/skb.ts';
import {
  IPPROTO_ICMP,
  ip4Dst,
  ip4Hlen,
  ip4Id,
  ip4Src,
  ip4Ttl,
  setIp4Check,
  setIp4Id,
  setIp4Src,
  setIp4TotalLen,
} from '../wire/ip4.ts';
import { EAGAIN, EDESTADDRREQ, EINVAL, EMSGSIZE, ENOBUFS } from './errno.ts';
import { icmpErrno, icmpFatal, queueIcmpError } from './icmp-err.ts';
import { icmpOutCount } from './icmp-send.ts';
import { selectIdent } from './ident.ts';
import { addSocket, PMTUDISC_DONT, removeSocket } from './inet-socket.ts';
import { from4, Inet4Socket } from './inet4-socket.ts';
import { CB_IGNORE_DF, ipOutput, xmitErrno } from './ip4-out.ts';
import type { SockAddr, SockOption } from './socket-types.ts';
import { type InetNs, inetIif } from './state.ts';

const IPPROTO_RAW = 255;

export class RawSocket extends Inet4Socket {
  /** ICMP types that are not wanted, as bits. */
  icmpFilter = 0;

  constructor(ins: InetNs, proto: number) {
    super(ins, proto);
    this.hdrIncl = proto === IPPROTO_RAW;
    addSocket(ins.raw, proto, this);
  }

  bind(addr: SockAddr): number {
    const err = this.checkBind(addr.addr4);
    if (err === 0) this.setBound(addr.addr4);
    return err;
  }

  connect(addr: SockAddr): number {
    return this.connectTo(addr.addr4, 0);
  }

  /** Linux: raw_sendmsg(). */
  sendTo(data: Uint8Array, to: SockAddr | null): number {
    const len = data.length;
    if (len > 0xffff) return -EMSGSIZE;
    if (to === null && !this.connected) return -EDESTADDRREQ;
    const err = this.routeTo(to === null ? this.daddr : to.addr4);
    if (err !== 0) return err;
    if (!this.maySend()) return -EAGAIN;
    if (this.hdrIncl) return this.sendHeader(data);
    const skb = this.allocPacket(len);
    if (skb === null) return this.allocError;
    skb.bytes.set(data, skb.transport);
    if (this.proto === IPPROTO_ICMP && len > 0) icmpOutCount(this.ins, data[0]);
    const rc = this.sendPacket(skb);
    return rc === 0 ? len : rc;
  }

  /** IP_HDRINCL: length and checksum are ours, identifier and source when they are 0. Linux: raw_send_hdrinc(). */
  private sendHeader(data: Uint8Array): number {
    const d = this.dst;
    const ins = this.ins;
    const mtu = (d.dev as NetDevice).mtu;
    const len = data.length;
    if (len > mtu) {
      this.localError(EMSGSIZE, mtu);
      return -EMSGSIZE;
    }
    if (len < 20 || ip4Hlen(data, 0) > len) return -EINVAL;
    const skb = ins.kernel.skbs.alloc(len);
    if (skb === null) return -ENOBUFS;
    const b = skb.bytes;
    const at = skb.off;
    b.set(data, at);
    if (ip4Hlen(b, at) >= 20) {
      if (ip4Src(b, at) === 0) setIp4Src(b, at, d.saddr);
      setIp4TotalLen(b, at, len);
      if (ip4Id(b, at) === 0) setIp4Id(b, at, selectIdent(ins, ip4Dst(b, at) | 0, ip4Src(b, at) | 0, data[9]));
      setIp4Check(b, at);
    }
    skb.net = at;
    skb.priority = this.priority;
    skb.mark = this.mark;
    skb.cb1 = CB_IGNORE_DF;
    skb.trace = ins.kernel.newTrace();
    this.charge(skb);
    const err = xmitErrno(ipOutput(ins, skb, d));
    if (err === 0) return len;
    ins.ip.OutDiscards++;
    return err === -ENOBUFS && !this.recvErr ? len : err;
  }

  override setOption(name: SockOption, value: number, aux = 0): number {
    if (name === 'IP_HDRINCL') {
      this.hdrIncl = value !== 0;
      this.optionChanged();
      return 0;
    }
    if (name === 'ICMP_FILTER' && this.proto === IPPROTO_ICMP) {
      this.icmpFilter = value >>> 0;
      return 0;
    }
    return super.setOption(name, value, aux);
  }

  /** Is the packet between `local` and `remote` one for this socket? Linux: raw_v4_match(). */
  matches(remote: number, local: number, ifindex: number): boolean {
    return (
      (this.daddr === 0 || this.daddr === remote) &&
      (this.rcvAddr === 0 || this.rcvAddr === local) &&
      (this.boundIf === 0 || this.boundIf === ifindex)
    );
  }

  /** Borrows. */
  deliver(skb: Skb): void {
    const b = skb.bytes;
    if (this.proto === IPPROTO_ICMP && b[skb.off] < 32 && ((this.icmpFilter >>> b[skb.off]) & 1) !== 0) return;
    const len = skb.off + skb.len - skb.net;
    this.enqueueCopy(skb, skb.net, len, from4(skb, 0), ip4Ttl(b, skb.net), inetIif(this.ins, skb));
  }

  override close(): void {
    if (!this.closed) removeSocket(this.ins.raw, this.proto, this);
    super.close();
  }
}

/** Shows a packet (skb.off behind its IP header) to raw sockets; true when one took it. Linux: raw_local_deliver(). */
export function rawDeliver(ins: InetNs, skb: Skb, proto: number): boolean {
  const list = ins.raw.get(proto);
  if (list === undefined) return false;
  const b = skb.bytes;
  const iif = inetIif(ins, skb);
  let any = false;
  for (let i = 0; i < list.length; i++) {
    const s = list[i];
    if (!s.matches(ip4Src(b, skb.net), ip4Dst(b, skb.net), iif)) continue;
    any = true;
    s.deliver(skb);
  }
  return any;
}

/** An ICMP error about a packet of such a socket. Borrows. Linux: raw_icmp_error(), raw_err(). */
export function rawError(
  ins: InetNs,
  skb: Skb,
  quoted: number,
  proto: number,
  type: number,
  code: number,
  info: number,
): void {
  const list = ins.raw.get(proto);
  if (list === undefined || type === 4 || type === 5) return;
  const b = skb.bytes;
  const remote = ip4Dst(b, quoted);
  const local = ip4Src(b, quoted);
  // Not inetIif(): an error of this host itself comes in by lo, and one bound to another device does not hear of it.
  const iif = (skb.dev as NetDevice).ifindex;
  for (const s of [...list]) {
    if (!s.matches(remote, local, iif)) continue;
    if (!s.recvErr && !s.connected) continue;
    const errno = icmpErrno(type, code);
    const hard = type === 3 && code === 4 ? s.pmtuDisc !== PMTUDISC_DONT : icmpFatal(type, code);
    const payload = s.hdrIncl ? quoted : quoted + ip4Hlen(b, quoted);
    if (s.recvErr) queueIcmpError(s, skb, errno, type, code, info, payload);
    if (s.recvErr || hard) s.setError(errno);
  }
}
