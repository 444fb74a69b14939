// What an ICMPv6 error means to a socket. Linux: icmpv6_err_convert() in net/ipv6/icmp.c, ipv6_icmp_error() in datagram.c.

import { IFF_LOOPBACK } from '../net/flags.ts';
import type { Skb } from '../net/skb.ts';
import { ICMPV6_DEST_UNREACH, ICMPV6_PARAMPROB, ICMPV6_PKT_TOOBIG, ICMPV6_TIME_EXCEED } from '../wire/icmp6.ts';
import { in6At } from '../wire/in6.ts';
import { IP6_DST, IP6_SRC } from '../wire/ip6.ts';
import { getIfaddr6 } from './addr6.ts';
import { EACCES, ECONNREFUSED, EHOSTUNREACH, EMSGSIZE, ENETUNREACH, EPROTO } from './errno.ts';
import { quoted } from './icmp-err.ts';
import type { BaseSocket } from './socket.ts';
import { inet6Ns } from './state6.ts';

/** Of DEST_UNREACH, by code: errno, and does it end a conversation? */
const UNREACH: ReadonlyArray<readonly [number, boolean]> = [
  [ENETUNREACH, false],
  [EACCES, true],
  [EHOSTUNREACH, false],
  [EHOSTUNREACH, false],
  [ECONNREFUSED, true],
  [EACCES, true],
  [EACCES, true],
];

export function icmp6Errno(type: number, code: number): number {
  switch (type) {
    case ICMPV6_DEST_UNREACH:
      return code < UNREACH.length ? UNREACH[code][0] : EPROTO;
    case ICMPV6_PKT_TOOBIG:
      return EMSGSIZE;
    case ICMPV6_TIME_EXCEED:
      return EHOSTUNREACH;
    default:
      return EPROTO;
  }
}

export function icmp6Fatal(type: number, code: number): boolean {
  if (type === ICMPV6_PARAMPROB) return true;
  return type === ICMPV6_DEST_UNREACH && (code >= UNREACH.length || UNREACH[code][1]);
}

/** Into the error queue; `payload` is where the quoted packet's payload begins. Borrows. */
export function queueIcmp6Error(
  s: BaseSocket,
  skb: Skb,
  errno: number,
  type: number,
  code: number,
  info: number,
  payload: number,
): void {
  const offender6 = in6At(skb.bytes, skb.net + IP6_SRC);
  const offenderScope = offender6.needsScope ? scopeOf(s, skb) : 0;
  const data = quoted(skb, payload);
  s.queueError({ errno, origin: 3, type, code, info, offender4: 0, offender6, offenderScope, data });
}

/** What this host tells itself comes by the device whose address it is for. Linux: inet6_iif(), ip6_rcv_core(). */
function scopeOf(s: BaseSocket, skb: Skb): number {
  const { dev } = skb;
  if (dev === null || (dev.flags & IFF_LOOPBACK) === 0) return dev?.ifindex ?? 0;
  const i6 = inet6Ns(s.ins.ns);
  const own = i6 === null ? null : getIfaddr6(i6, in6At(skb.bytes, skb.net + IP6_DST), null, false);
  return (own?.dev ?? dev).ifindex;
}
