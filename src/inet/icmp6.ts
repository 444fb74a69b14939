// ICMPv6 messages that come in: echo, errors for our sockets, neighbour discovery and MLD. Linux: net/ipv6/icmp.c,
// icmpv6_rcv(), icmpv6_notify().

import { Drop } from '../net/drop.ts';
import { CSUM_NONE, type Skb } from '../net/skb.ts';
import { u32 } from '../wire/bytes.ts';
import {
  ICMPV6_DEST_UNREACH,
  ICMPV6_ECHO_REPLY,
  ICMPV6_ECHO_REQUEST,
  ICMPV6_MGM_QUERY,
  ICMPV6_MGM_REDUCTION,
  ICMPV6_MGM_REPORT,
  ICMPV6_MLD2_REPORT,
  ICMPV6_PARAMPROB,
  ICMPV6_PKT_TOOBIG,
  ICMPV6_TIME_EXCEED,
  icmp6CheckOk,
} from '../wire/icmp6.ts';
import { In6 } from '../wire/in6.ts';
import { IPPROTO_UDP } from '../wire/ip4.ts';
import { IP6_DST, IP6_HLEN, IPPROTO_ICMPV6, ip6IsMulticast, ip6UpperOff, ip6UpperProto } from '../wire/ip6.ts';
import { NDISC_REDIRECT, NDISC_ROUTER_SOLICITATION } from '../wire/nd.ts';
import { icmp6Echo, icmp6Iif } from './icmp6-send.ts';
import { ndRcv } from './nd-recv.ts';
import { ping6Error, ping6Rcv } from './ping6-socket.ts';
import { learnMtu6 } from './pmtu6.ts';
import { raw6Error } from './raw6.ts';
import { D6_ANYCAST } from './route6.ts';
import { type Inet6Dev, type Inet6Ns, in6Dev } from './state6.ts';
import { udp6Error } from './udp6.ts';

const dst = new In6();

/** skb.off at the ICMPv6 header. Takes. `id`: the device it came in by. */
export function icmp6Rcv(i6: Inet6Ns, skb: Skb, id: Inet6Dev): void {
  const trace = i6.kernel.trace;
  if (trace.step !== null) trace.step('icmpv6_rcv', skb, skb.dev);
  const home = homeOf(i6, skb, id);
  i6.icmp.InMsgs++;
  home.icmp.InMsgs++;
  const b = skb.bytes;
  const at = skb.off;
  const short = skb.len < 8;
  if (short || (skb.ipSummed === CSUM_NONE && !icmp6CheckOk(b, skb.net, at, skb.len))) {
    if (!short) {
      i6.icmp.InCsumErrors++;
      home.icmp.InCsumErrors++;
    }
    error(i6, home);
    skb.slabs.free(skb, short ? Drop.Malformed : Drop.IcmpChecksum);
    return;
  }
  const type = b[at];
  i6.icmp.inType[type]++;
  home.icmp.inType[type]++;
  handle(i6, skb, id, home, type);
}

/** Over lo the counters are those of the device that has the address. Linux: icmp6_dev(). */
function homeOf(i6: Inet6Ns, skb: Skb, id: Inet6Dev): Inet6Dev {
  if (id.dev !== i6.loopback) return id;
  const dev = i6.ns.devByIndex(icmp6Iif(i6, skb));
  return (dev === null ? null : in6Dev(dev)) ?? id;
}

function error(i6: Inet6Ns, home: Inet6Dev): void {
  i6.icmp.InErrors++;
  home.icmp.InErrors++;
}

function handle(i6: Inet6Ns, skb: Skb, id: Inet6Dev, home: Inet6Dev, type: number): void {
  const b = skb.bytes;
  switch (type) {
    case ICMPV6_ECHO_REQUEST:
      echo(i6, skb);
      break;
    case ICMPV6_ECHO_REPLY:
      ping6Rcv(i6, skb);
      return;
    case ICMPV6_DEST_UNREACH:
    case ICMPV6_PKT_TOOBIG:
    case ICMPV6_TIME_EXCEED:
    case ICMPV6_PARAMPROB:
      notify6(i6, skb, home, type, b[skb.off + 1], u32(b, skb.off + 4), skb.off + 8);
      break;
    case ICMPV6_MGM_QUERY:
    case ICMPV6_MGM_REPORT:
    case ICMPV6_MGM_REDUCTION:
    case ICMPV6_MLD2_REPORT:
      i6.stack.door.mldMessage(skb, id);
      break;
    default:
      if (type >= NDISC_ROUTER_SOLICITATION && type <= NDISC_REDIRECT) ndRcv(i6, skb, id);
      else if (type < 128) notify6(i6, skb, home, type, b[skb.off + 1], u32(b, skb.off + 4), skb.off + 8);
  }
  skb.slabs.free(skb, Drop.None);
}

function echo(i6: Inet6Ns, skb: Skb): void {
  const set = i6.set;
  if (set.icmpEchoIgnoreAll !== 0) return;
  const group = ip6IsMulticast(skb.bytes, skb.net + IP6_DST);
  if (group && set.icmpEchoIgnoreMulticast !== 0) return;
  const anycast = (skb.cb0 & D6_ANYCAST) !== 0;
  if (anycast && set.icmpEchoIgnoreAnycast !== 0) return;
  icmp6Echo(i6, skb, ICMPV6_ECHO_REPLY, !group && (!anycast || set.anycastSrcEchoReply !== 0));
}

/**
 * An error about a packet of ours, whose IPv6 header is at `quoted`: to its protocol, then to raw sockets. Borrows.
 * Linux: icmpv6_notify().
 */
function notify6(
  i6: Inet6Ns,
  skb: Skb,
  home: Inet6Dev,
  type: number,
  code: number,
  info: number,
  quoted: number,
): void {
  const b = skb.bytes;
  const end = skb.off + skb.len;
  const inner = quoted + IP6_HLEN > end ? -1 : ip6UpperOff(b, quoted, end);
  if (inner < 0 || inner + 8 > end) return error(i6, home);
  const proto = ip6UpperProto(b, quoted, end);
  if (proto === IPPROTO_ICMPV6) {
    if (type === ICMPV6_PKT_TOOBIG) learnMtu6(i6, dst.read(b, quoted + IP6_DST), info, (skb.dev ?? home.dev).ifindex);
    if (type < 128 && b[inner] === ICMPV6_ECHO_REQUEST) ping6Error(i6, skb, inner, type, code, info);
  } else if (proto === IPPROTO_UDP) udp6Error(i6, skb, quoted, inner, type, code, info);
  else i6.stack.errors.get(proto)?.(i6, skb, quoted, inner, type, code, info);
  raw6Error(i6, skb, quoted, inner, proto, type, code, info);
}
