// TCP over IPv6, and IPv4 through an IPv6 socket that is not IPV6_V6ONLY. Linux: net/ipv6/tcp_ipv6.c,
// inet6_connection_sock.c.

import { Drop } from '../net/drop.ts';
import { CSUM_NONE, type Skb } from '../net/skb.ts';
import { u16 } from '../wire/bytes.ts';
import { csumSeed, l4Checksum6, pseudo6 } from '../wire/checksum.ts';
import { IN6_LOOPBACK, In6, mapped4 } from '../wire/in6.ts';
import { IPPROTO_TCP } from '../wire/ip4.ts';
import { IP6_DST, IP6_HLEN, IP6_SRC } from '../wire/ip6.ts';
import { setTcpCheck6, TCP_CHECK } from '../wire/tcp.ts';
import { hasAddress } from './addr6.ts';
import { leaveChecksum } from './csum.ts';
import { EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL, ENETUNREACH, ENODEV } from './errno.ts';
import { icmp6Errno } from './icmp6-err.ts';
import { icmp6Iif } from './icmp6-send.ts';
import { flowLabel, ip6LocalOut, writeHeader6 } from './ip6-out.ts';
import { s32 } from './ipaddr.ts';
import { learnMtu6 } from './pmtu6.ts';
import { D6_MULTICAST, Dst6, dst6HopLimit, dst6Mtu, dst6Valid, lookupOut6 } from './route6.ts';
import { noAddr } from './socket.ts';
import type { SockAddr } from './socket-types.ts';
import { type InetNs, inetNs } from './state.ts';
import { type Inet6Ns, inet6Ns, type stack6Of } from './state6.ts';
import type { TcpAf } from './tcp-af.ts';
import { tcpRcv } from './tcp-input.ts';
import type { TcpEnd, TcpSock } from './tcp-sock.ts';
import { tcp4, tcpError } from './tcp4.ts';

const MAX_ADVMSS = 65535 - 60;
const PKT_TOOBIG = 2;

const home = (s: { ins: InetNs }): Inet6Ns => inet6Ns(s.ins.ns) as Inet6Ns;
const localOf = (e: TcpEnd): In6 => e.la6 as In6;
const remoteOf = (e: TcpEnd): In6 => e.ra6 as In6;

/** An IPv6 socket begins with both addresses empty. */
export function setup6(s: TcpSock): void {
  s.la6 = new In6();
  s.ra6 = new In6();
  s.path6 = new Dst6();
  s.v6only = home(s).set.bindv6only !== 0;
}

function matches(e: TcpEnd, skb: Skb): boolean {
  const b = skb.bytes;
  const ip = skb.net;
  return (
    localOf(e).equalsAt(b, ip + IP6_DST) &&
    remoteOf(e).equalsAt(b, ip + IP6_SRC) &&
    (e.boundIf === 0 || e.boundIf === icmp6Iif(home(e), skb))
  );
}

/** IPv4's segments fit a socket without an address of its own, but an IPv4 socket fits better. */
function listens(s: TcpSock, skb: Skb): number {
  const own = localOf(s);
  if (skb.bytes[skb.net] >>> 4 === 4) {
    if (s.v6only) return -1;
    if (own.isAny) return 0;
    return own.isMapped && (mapped4(own) | 0) === s32(skb.bytes, skb.net + 16) ? 4 : -1;
  }
  let v = 1;
  if (!own.isAny) {
    if (!own.equalsAt(skb.bytes, skb.net + IP6_DST)) return -1;
    v += 4;
  }
  if (s.boundIf !== 0) {
    if (s.boundIf !== icmp6Iif(home(s), skb)) return -1;
    v += 4;
  }
  return v;
}

/** Linux: __inet6_bind(). */
function bind(s: TcpSock, addr: SockAddr): number {
  const a = addr.addr6 ?? new In6();
  if (a.isMapped && s.v6only) return -EINVAL;
  if (a.isMulticast) return -EINVAL;
  if (!a.isAny && !a.isMapped) {
    if (a.needsScope) {
      if (addr.ifindex !== 0) s.boundIf = addr.ifindex;
      if (s.boundIf === 0) return -EINVAL;
    }
    const dev = s.boundIf === 0 ? null : s.ins.ns.devByIndex(s.boundIf);
    if (s.boundIf !== 0 && dev === null) return -ENODEV;
    const i6 = home(s);
    if (i6.set.ipNonlocalBind === 0 && hasAddress(i6, a, dev, false) === null) return -EADDRNOTAVAIL;
  }
  localOf(s).set(a);
  (s.path6 as Dst6).genid = 0;
  return 0;
}

/** Linux: tcp_v6_connect(). */
function connect(s: TcpSock, addr: SockAddr): number {
  let to = addr.addr6;
  if (to === undefined) return -EAFNOSUPPORT;
  if (to.isAny) to = IN6_LOOPBACK;
  if (to.isMulticast) return -ENETUNREACH;
  if (to.isMapped) {
    // From here on it is a conversation over IPv4.
    if (s.v6only) return -ENETUNREACH;
    s.rcvAddr = localOf(s).isMapped ? mapped4(localOf(s)) : 0;
    s.srcAddr = s.rcvAddr;
    const err = tcp4.connect(s, { ...addr, addr4: mapped4(to) });
    if (err !== 0) return err;
    s.af = tcp4;
    s.mapped = true;
    s.la6 = null;
    s.ra6 = null;
    s.path6 = null;
    return 0;
  }
  if (to.needsScope) {
    if (addr.ifindex !== 0) {
      if (s.boundIf !== 0 && s.boundIf !== addr.ifindex) return -EINVAL;
      s.boundIf = addr.ifindex;
    }
    if (s.boundIf === 0) return -EINVAL;
  }
  remoteOf(s).set(to);
  s.dport = addr.port;
  const err = lookup(s);
  if (err !== 0) return err;
  if (((s.path6 as Dst6).flags & D6_MULTICAST) !== 0) return -ENETUNREACH;
  if (localOf(s).isAny) localOf(s).set((s.path6 as Dst6).saddr);
  return 0;
}

function lookup(s: TcpSock): number {
  const d = s.path6 as Dst6;
  d.daddr.set(remoteOf(s));
  d.saddr.set(localOf(s));
  const err = lookupOut6(home(s), d, s.boundIf, s.boundIf !== 0, 0);
  if (err !== 0) d.genid = 0;
  return err;
}

/** The child of a listener: of the family of the segment. */
function accept(s: TcpSock, skb: Skb): number {
  const b = skb.bytes;
  setup6(s);
  localOf(s).read(b, skb.net + IP6_DST);
  remoteOf(s).read(b, skb.net + IP6_SRC);
  s.dport = u16(b, skb.off);
  s.lport = u16(b, skb.off + 2);
  if (localOf(s).isMulticast) return -ENETUNREACH;
  if (remoteOf(s).needsScope && s.boundIf === 0) s.boundIf = icmp6Iif(home(s), skb);
  return route(s);
}

function route(s: TcpSock): number {
  const d = s.path6 as Dst6;
  return dst6Valid(home(s), d) && d.daddr.equals(remoteOf(s)) ? 0 : lookup(s);
}

/** Linux: inet6_csk_xmit(), ip6_xmit(). */
function send(s: TcpSock, skb: Skb): number {
  const err = route(s);
  if (err !== 0) {
    skb.slabs.free(skb, Drop.IpNoRoute);
    return err;
  }
  const i6 = home(s);
  const d = s.path6 as Dst6;
  const len = skb.len;
  const at = skb.push(IP6_HLEN);
  const label = flowLabel(i6, d, IPPROTO_TCP, (s.lport << 16) | s.dport);
  writeHeader6(skb.bytes, at, s.tos, label, IPPROTO_TCP, s.ttl >= 0 ? s.ttl : dst6HopLimit(i6, d), d);
  if (d.hwCsum) {
    leaveChecksum(skb, at + IP6_HLEN, TCP_CHECK, csumSeed(pseudo6(skb.bytes, at, IPPROTO_TCP, len)));
  } else setTcpCheck6(skb.bytes, at, at + IP6_HLEN, len);
  return ip6LocalOut(i6, skb, d);
}

const replyDst = new Dst6();

function reply(ins: InetNs, to: Skb, out: Skb): void {
  const i6 = inet6Ns(ins.ns);
  const b = to.bytes;
  replyDst.daddr.read(b, to.net + IP6_SRC);
  replyDst.saddr.read(b, to.net + IP6_DST);
  if (i6 === null || replyDst.saddr.isMulticast || replyDst.daddr.isMulticast || replyDst.daddr.isAny) {
    return out.slabs.free(out, Drop.None);
  }
  const oif = replyDst.daddr.needsScope ? icmp6Iif(i6, to) : 0;
  if (lookupOut6(i6, replyDst, oif, oif !== 0, 0) !== 0) return out.slabs.free(out, Drop.IpNoRoute);
  const len = out.len;
  const at = out.push(IP6_HLEN);
  writeHeader6(
    out.bytes,
    at,
    0,
    flowLabel(i6, replyDst, IPPROTO_TCP, 0),
    IPPROTO_TCP,
    dst6HopLimit(i6, replyDst),
    replyDst,
  );
  setTcpCheck6(out.bytes, at, at + IP6_HLEN, len);
  out.transport = at + IP6_HLEN;
  ip6LocalOut(i6, out, replyDst);
}

function named(addr: In6, port: number, s: TcpSock): SockAddr {
  const a = noAddr();
  a.addr6 = addr.copy();
  a.port = port;
  if (addr.needsScope) a.ifindex = s.boundIf;
  return a;
}

export const tcp6: TcpAf = {
  family: 10,
  netHeader: IP6_HLEN,
  matches,
  listens,
  bind,
  sameBinding(a, b) {
    const own = localOf(a);
    if (b.la6 === null) {
      if (a.v6only || (!own.isAny && !own.isMapped)) return false;
      return own.isAny || b.rcvAddr === 0 || mapped4(own) === b.rcvAddr;
    }
    return own.isAny || b.la6.isAny || own.equals(b.la6);
  },
  connect,
  accept,
  route,
  mtu: (s) => dst6Mtu(s.path6 as Dst6),
  advmss: (s) => Math.min(Math.max(dst6Mtu(s.path6 as Dst6) - 60, 1220), MAX_ADVMSS),
  send,
  reply,
  verify: (skb) => skb.ipSummed !== CSUM_NONE || l4Checksum6(skb.bytes, skb.net, IPPROTO_TCP, skb.off, skb.len) === 0,
  nameOf: (s) => named(localOf(s), s.lport, s),
  peerOf: (s) => named(remoteOf(s), s.dport, s),
  copyEnds(from, to) {
    to.la6 = localOf(from).copy();
    to.ra6 = remoteOf(from).copy();
  },
};

/** From attachInet6(): IPv6's packets and errors of TCP come here. Linux: tcpv6_protocol. */
export function attachTcp6(stack: ReturnType<typeof stack6Of>): void {
  stack.protocols.set(IPPROTO_TCP, (i6, skb) => tcpRcv(inetNs(i6.ns), skb, tcp6));
  stack.errors.set(IPPROTO_TCP, (i6, skb, quoted, inner, type, code, info) => {
    const b = skb.bytes;
    const s = find(i6, b, quoted, inner);
    if (s === null) return;
    if (type === PKT_TOOBIG) learnMtu6(i6, remoteOf(s), info, s.boundIf);
    tcpError(s, s32(b, inner + 4), type === PKT_TOOBIG, icmp6Errno(type, code), false);
  });
}

function find(i6: Inet6Ns, b: Uint8Array, quoted: number, inner: number): TcpSock | null {
  const [lport, dport] = [u16(b, inner), u16(b, inner + 2)];
  for (const e of inetNs(i6.ns).tcp.connections()) {
    if (e.af !== tcp6 || e.lport !== lport || e.dport !== dport || e.tw !== null) continue;
    if (localOf(e).equalsAt(b, quoted + IP6_SRC) && remoteOf(e).equalsAt(b, quoted + IP6_DST)) return e as TcpSock;
  }
  return null;
}
