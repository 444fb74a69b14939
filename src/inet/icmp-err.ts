// What an ICMP error means to a socket. Linux: icmp_err_convert[] in net/ipv4/icmp.c, ip_icmp_error() in ip_sockglue.c.

import type { Skb } from '../net/skb.ts';
import { copyOf } from '../wire/bytes.ts';
import { ip4Src } from '../wire/ip4.ts';
import {
  ECONNREFUSED,
  EHOSTDOWN,
  EHOSTUNREACH,
  EMSGSIZE,
  ENETUNREACH,
  ENONET,
  ENOPROTOOPT,
  EOPNOTSUPP,
  EPROTO,
} from './errno.ts';
import type { BaseSocket } from './socket.ts';

/** Of DEST_UNREACH, by code: errno, and does it end a conversation? */
const UNREACH: ReadonlyArray<readonly [number, boolean]> = [
  [ENETUNREACH, false],
  [EHOSTUNREACH, false],
  [ENOPROTOOPT, true],
  [ECONNREFUSED, true],
  [EMSGSIZE, false],
  [EOPNOTSUPP, false],
  [ENETUNREACH, true],
  [EHOSTDOWN, true],
  [ENONET, true],
  [ENETUNREACH, true],
  [EHOSTUNREACH, true],
  [ENETUNREACH, false],
  [EHOSTUNREACH, false],
  [EHOSTUNREACH, true],
  [EHOSTUNREACH, true],
  [EHOSTUNREACH, true],
];

export function icmpErrno(type: number, code: number): number {
  if (type === 12) return EPROTO;
  if (type !== 3 || code >= UNREACH.length) return EHOSTUNREACH;
  return UNREACH[code][0];
}

export function icmpFatal(type: number, code: number): boolean {
  if (type === 12) return true;
  return type === 3 && code < UNREACH.length && UNREACH[code][1];
}

/** Into the error queue; `payload` is where the quoted packet's payload begins. Borrows. */
export function queueIcmpError(
  s: BaseSocket,
  skb: Skb,
  errno: number,
  type: number,
  code: number,
  info: number,
  payload: number,
): void {
  const offender4 = ip4Src(skb.bytes, skb.net);
  s.queueError({ errno, origin: 2, type, code, info, offender4, data: quoted(skb, payload) });
}

/** What an error (skb up to its end) quotes from `payload` on; a private copy. */
export function quoted(skb: Skb, payload: number): Uint8Array {
  const end = skb.off + skb.len;
  return copyOf(skb.bytes, Math.min(payload, end), Math.max(0, end - payload));
}
