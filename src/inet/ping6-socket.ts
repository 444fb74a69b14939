// Echo sockets over IPv6 (SOCK_DGRAM, IPPROTO_ICMPV6); as ping-socket.ts. Linux: net/ipv6/ping.c, net/ipv4/ping.c.

import { Drop } from '../net/drop.ts';
import type { Skb } from '../net/skb.ts';
import { setU16, u16 } from '../wire/bytes.ts';
import { ICMPV6_ECHO_REQUEST, setIcmp6Check } from '../wire/icmp6.ts';
import { type In6, In6 as In6Value } from '../wire/in6.ts';
import { IP6_DST, IPPROTO_ICMPV6, ip6HopLimit } from '../wire/ip6.ts';
import { EAGAIN, EDESTADDRREQ, EINVAL, EMSGSIZE } from './errno.ts';
import { icmp6Errno, icmp6Fatal, queueIcmp6Error } from './icmp6-err.ts';
import { icmp6Iif, icmp6OutCount } from './icmp6-send.ts';
import { PMTUDISC_DO, removeSocket } from './inet-socket.ts';
import { from6, Inet6Socket } from './inet6-socket.ts';
import { pingIdent } from './ping-socket.ts';
import type { SockAddr } from './socket-types.ts';
import type { InetNs } from './state.ts';
import type { Inet6Ns } from './state6.ts';

const PKT_TOOBIG = 2;
const local = new In6Value();

export class Ping6Socket extends Inet6Socket {
  constructor(ins: InetNs) {
    super(ins, IPPROTO_ICMPV6);
  }

  bind(addr: SockAddr): number {
    if (this.lport !== 0 || addr.addr6 === undefined) return -EINVAL;
    const err = this.checkBind(addr.addr6, addr.ifindex);
    if (err !== 0) return err;
    this.setBound(addr.addr6);
    return pingIdent(this, this.i6.ping, addr.port);
  }

  connect(addr: SockAddr): number {
    if (addr.addr6 === undefined) return -EINVAL;
    if (this.lport === 0 && pingIdent(this, this.i6.ping, 0) !== 0) return -EAGAIN;
    return this.connectTo(addr.addr6, addr.ifindex, addr.port);
  }

  /** Linux: ping_v6_sendmsg(). */
  sendTo(data: Uint8Array, to: SockAddr | null): number {
    const len = data.length;
    if (len > 0xffff) return -EMSGSIZE;
    if (len < 8 || data[0] !== ICMPV6_ECHO_REQUEST || data[1] !== 0) return -EINVAL;
    if (to === null && !this.connected) return -EDESTADDRREQ;
    if (to !== null && to.addr6 === undefined) return -EINVAL;
    const dst: In6 = to?.addr6 ?? this.daddr;
    const scope = to?.ifindex ?? 0;
    if (dst.isMapped) return -EINVAL;
    if (dst.needsScope) {
      const oif = scope !== 0 ? scope : this.boundIf;
      if (oif === 0 || (this.boundIf !== 0 && oif !== this.boundIf)) return -EINVAL;
    }
    if (this.lport === 0 && pingIdent(this, this.i6.ping, 0) !== 0) return -EAGAIN;
    const err = this.routeTo(dst, scope);
    if (err !== 0) return err;
    if (!this.maySend()) return -EAGAIN;
    const skb = this.allocPacket(len, this.lport);
    if (skb === null) return this.allocError;
    const b = skb.bytes;
    b.set(data, skb.transport);
    setU16(b, skb.transport + 4, this.lport);
    setIcmp6Check(b, skb.off, skb.transport, len);
    icmp6OutCount(this.i6, this.dst.idev, ICMPV6_ECHO_REQUEST);
    const rc = this.sendPacket(skb);
    return rc === 0 ? len : rc;
  }

  override close(): void {
    if (!this.closed && this.lport !== 0) removeSocket(this.i6.ping, this.lport, this);
    super.close();
  }
}

/** An echo reply (skb.off at its ICMPv6 header). Takes. Linux: ping_rcv(). */
export function ping6Rcv(i6: Inet6Ns, skb: Skb): void {
  const b = skb.bytes;
  const s = i6.ping.get(u16(b, skb.off + 4))?.[0];
  if (s !== undefined) {
    const iif = icmp6Iif(i6, skb);
    local.read(b, skb.net + IP6_DST);
    const fits = (s.rcvAddr.isAny || s.rcvAddr.equals(local)) && (s.boundIf === 0 || s.boundIf === iif);
    if (fits) s.enqueueCopy(skb, skb.off, skb.len, from6(skb, 0, iif), ip6HopLimit(b, skb.net), iif);
  }
  skb.slabs.free(skb, Drop.None);
}

/** An error about an echo request of ours, whose ICMPv6 header is at `inner`. Borrows. Linux: ping_err(). */
export function ping6Error(i6: Inet6Ns, skb: Skb, inner: number, type: number, code: number, info: number): void {
  const s = i6.ping.get(u16(skb.bytes, inner + 4))?.[0];
  if (s === undefined) return;
  const errno = icmp6Errno(type, code);
  const hard = type === PKT_TOOBIG ? s.pmtuDisc === PMTUDISC_DO : icmp6Fatal(type, code);
  if (s.recvErr) queueIcmp6Error(s, skb, errno, type, code, info, inner);
  else if (!hard || !s.connected) return;
  s.setError(errno);
}
