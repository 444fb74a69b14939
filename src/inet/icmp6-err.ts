// What an ICMPv6 error means to a socket. Linux: icmpv6_err_convert() in net/ipv6/icmp.c, ipv6_icmp_error() in datagram.c.

import type { Skb } from '../net/skb.ts';
import { copyOf } from '../wire/bytes.ts';
import { ICMPV6_DEST_UNREACH, ICMPV6_PARAMPROB, ICMPV6_PKT_TOOBIG, ICMPV6_TIME_EXCEED } from '../wire/icmp6.ts';
import { in6At } from '../wire/in6.ts';
import { IP6_SRC } from '../wire/ip6.ts';
import { EACCES, ECONNREFUSED, EHOSTUNREACH, EMSGSIZE, ENETUNREACH, EPROTO } from './errno.ts';
import type { BaseSocket } from './socket.ts';

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
  const b = skb.bytes;
  const end = skb.off + skb.len;
  const data = copyOf(b, Math.min(payload, end), Math.max(0, end - payload));
  const offender6 = in6At(b, skb.net + IP6_SRC);
  s.queueError({ errno, origin: 3, type, code, info, offender4: 0, offender6, data });
}
