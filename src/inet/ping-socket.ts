// Echo sockets (SOCK_DGRAM, IPPROTO_ICMP): an identifier instead of a port; the kernel writes it and the checksum.
// Only for groups in net.ipv4.ping_group_range, by default none. Linux: net/ipv4/ping.c.

import { Drop } from '../net/drop.ts';
import type { Skb } from '../net/skb.ts';
import { setU16, u16 } from '../wire/bytes.ts';
import { ICMP_ECHO, setIcmpCheck } from '../wire/icmp.ts';
import { IPPROTO_ICMP, ip4Dst, ip4Hlen, ip4Ttl } from '../wire/ip4.ts';
import { EADDRINUSE, EAGAIN, EDESTADDRREQ, EINVAL, EMSGSIZE } from './errno.ts';
import { icmpErrno, icmpFatal, queueIcmpError } from './icmp-err.ts';
import { icmpOutCount } from './icmp-send.ts';
import { type InetSocket, PMTUDISC_DONT, pickNumber, removeSocket, type SocketTable } from './inet-socket.ts';
import { from4, Inet4Socket } from './inet4-socket.ts';
import type { SockAddr } from './socket-types.ts';
import { type InetNs, inetIif } from './state.ts';

export class PingSocket extends Inet4Socket {
  constructor(ins: InetNs) {
    super(ins, IPPROTO_ICMP);
  }

  bind(addr: SockAddr): number {
    if (this.lport !== 0) return -EINVAL;
    const err = this.checkBind(addr.addr4);
    if (err !== 0) return err;
    this.setBound(addr.addr4);
    return pingIdent(this, this.ins.ping, addr.port);
  }

  connect(addr: SockAddr): number {
    if (this.lport === 0 && pingIdent(this, this.ins.ping, 0) !== 0) return -EAGAIN;
    return this.connectTo(addr.addr4, addr.port);
  }

  /** Linux: ping_v4_sendmsg(). */
  sendTo(data: Uint8Array, to: SockAddr | null): number {
    const len = data.length;
    if (len > 0xffff) return -EMSGSIZE;
    if (len < 8 || data[0] !== ICMP_ECHO || data[1] !== 0) return -EINVAL;
    if (to === null && !this.connected) return -EDESTADDRREQ;
    if (this.lport === 0 && pingIdent(this, this.ins.ping, 0) !== 0) return -EAGAIN;
    const err = this.routeTo(to === null ? this.daddr : to.addr4);
    if (err !== 0) return err;
    if (!this.maySend()) return -EAGAIN;
    const skb = this.allocPacket(len);
    if (skb === null) return this.allocError;
    const b = skb.bytes;
    b.set(data, skb.transport);
    setU16(b, skb.transport + 4, this.lport);
    setIcmpCheck(b, skb.transport, len);
    icmpOutCount(this.ins, ICMP_ECHO);
    const rc = this.sendPacket(skb);
    return rc === 0 ? len : rc;
  }

  override close(): void {
    if (!this.closed && this.lport !== 0) removeSocket(this.ins.ping, this.lport, this);
    super.close();
  }
}

/** Gives a socket its identifier; 0: any free one. 0 or -errno. Linux: ping_get_port(). */
export function pingIdent<S extends InetSocket>(s: S, table: SocketTable<S>, wanted: number): number {
  const { kernel } = s.ins;
  const id = wanted !== 0 ? wanted : pickNumber(kernel.stream('inet:ping-id'), 1, 65535, (n) => !table.has(n));
  if (id < 0 || table.has(id)) return -EADDRINUSE;
  s.lport = id;
  table.set(id, [s]);
  return 0;
}

/** An echo reply (skb.off at its ICMP header). Takes. Linux: ping_rcv(). */
export function pingRcv(ins: InetNs, skb: Skb): void {
  const b = skb.bytes;
  const s = ins.ping.get(u16(b, skb.off + 4))?.[0];
  const fits =
    s !== undefined &&
    (s.rcvAddr === 0 || s.rcvAddr === ip4Dst(b, skb.net)) &&
    (s.boundIf === 0 || s.boundIf === inetIif(ins, skb));
  if (fits) s.enqueueCopy(skb, skb.off, skb.len, from4(skb, 0), ip4Ttl(b, skb.net), inetIif(ins, skb));
  skb.slabs.free(skb, Drop.None);
}

/** Linux: ping_err(). Borrows. */
export function pingError(ins: InetNs, skb: Skb, quoted: number, type: number, code: number, info: number): void {
  const b = skb.bytes;
  const icmp = quoted + ip4Hlen(b, quoted);
  const s = ins.ping.get(u16(b, icmp + 4))?.[0];
  if (s === undefined || b[icmp] !== ICMP_ECHO || type === 4 || type === 5) return;
  const errno = icmpErrno(type, code);
  const hard = type === 3 && code === 4 ? s.pmtuDisc !== PMTUDISC_DONT : icmpFatal(type, code);
  if (s.recvErr) queueIcmpError(s, skb, errno, type, code, info, icmp);
  else if (!hard || !s.connected) return;
  s.setError(errno);
}
