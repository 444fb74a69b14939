// Cuts an IPv6 packet into fragments that fit an MTU. Only the sender does that: a forwarded packet that is too long was
// refused before. Linux: ip6_fragment(), ip6_find_1stfragopt() in net/ipv6.

import { Drop } from '../net/drop.ts';
import type { Skb } from '../net/skb.ts';
import { setU16, setU32 } from '../wire/bytes.ts';
import {
  IP6_FRAG_HLEN,
  IP6_HLEN,
  IP6_NEXT,
  ip6ExtLen,
  NEXTHDR_DEST,
  NEXTHDR_FRAGMENT,
  NEXTHDR_HOP,
  NEXTHDR_ROUTING,
  setIp6PayloadLen,
} from '../wire/ip6.ts';
import { finishChecksum } from './csum.ts';
import { EMSGSIZE, ENOMEM } from './errno.ts';
import { copyMetadata } from './frag-out.ts';
import { icmp6Send } from './icmp6-send.ts';
import { CB6_FORWARDED, ip6FinishOutput2 } from './ip6-out.ts';
import { type Dst6, dst6Mtu } from './route6.ts';
import type { Inet6Dev, Inet6Ns } from './state6.ts';

/** Where the fragment header goes: behind what every router must see. `at` is the last next-header byte before it. */
const place = { hlen: 0, at: 0 };

function findPlace(b: Uint8Array, off: number, end: number): void {
  let next = b[off + IP6_NEXT];
  let at = off + IP6_HLEN;
  place.at = off + IP6_NEXT;
  let routed = false;
  while (at + 8 <= end) {
    const skip =
      next === NEXTHDR_HOP ||
      next === NEXTHDR_ROUTING ||
      (next === NEXTHDR_DEST && !routed && leadsToRouting(b, at, end));
    if (!skip) break;
    if (next === NEXTHDR_ROUTING) routed = true;
    place.at = at;
    const n = ip6ExtLen(b, at, next);
    next = b[at];
    at += n;
  }
  place.hlen = at - off;
}

/** Destination options before a routing header are for every router on it. */
function leadsToRouting(b: Uint8Array, at: number, end: number): boolean {
  const n = ip6ExtLen(b, at, NEXTHDR_DEST);
  return at + n <= end && b[at] === NEXTHDR_ROUTING;
}

/** Sends `skb` in pieces. Takes. 0 or the first failure. */
export function fragment6(i6: Inet6Ns, skb: Skb, d: Dst6, id: Inet6Dev): number {
  const trace = i6.kernel.trace;
  if (trace.step !== null) trace.step('ip6_fragment', skb, skb.dev);
  const mtu = dst6Mtu(d);
  findPlace(skb.bytes, skb.off, skb.off + skb.len);
  const { hlen } = place;
  const nextAt = place.at - skb.off;
  const room = (mtu - hlen - IP6_FRAG_HLEN) & ~7;
  if ((skb.cb1 & CB6_FORWARDED) !== 0 || room < 8) {
    icmp6Send(i6, skb, 2, 0, mtu);
    i6.ip.FragFails++;
    id.ip.FragFails++;
    skb.slabs.free(skb, Drop.PacketTooBig);
    return -EMSGSIZE;
  }
  finishChecksum(skb);
  const total = skb.len - hlen;
  const ident = nextIdent6(i6);
  let err = 0;
  for (let at = 0; at < total && err === 0; at += room) {
    const len = Math.min(room, total - at);
    const piece = cut(skb, hlen, nextAt, at, len, at + len < total, ident);
    if (piece === null) {
      err = -ENOMEM;
      break;
    }
    err = ip6FinishOutput2(i6, piece, d, id);
    if (err === 0) {
      i6.ip.FragCreates++;
      id.ip.FragCreates++;
    }
  }
  if (err === 0) {
    i6.ip.FragOKs++;
    id.ip.FragOKs++;
  } else {
    i6.ip.FragFails++;
    id.ip.FragFails++;
  }
  skb.slabs.free(skb, err === 0 ? Drop.None : Drop.PacketTooBig);
  return err;
}

/** Never 0. Linux: __ipv6_select_ident(). */
function nextIdent6(i6: Inet6Ns): number {
  let id = 0;
  while (id === 0) id = i6.stack.stream.u32() | 0;
  return id;
}

function cut(
  skb: Skb,
  hlen: number,
  nextAt: number,
  at: number,
  len: number,
  more: boolean,
  ident: number,
): Skb | null {
  const piece = skb.slabs.alloc(hlen + IP6_FRAG_HLEN + len);
  if (piece === null) return null;
  const b = piece.bytes;
  const fh = piece.off + hlen;
  b.copyWithin(piece.off, skb.off, skb.off + hlen);
  b.copyWithin(fh + IP6_FRAG_HLEN, skb.off + hlen + at, skb.off + hlen + at + len);
  b[fh] = b[piece.off + nextAt];
  b[fh + 1] = 0;
  setU16(b, fh + 2, at | (more ? 1 : 0));
  setU32(b, fh + 4, ident);
  b[piece.off + nextAt] = NEXTHDR_FRAGMENT;
  setIp6PayloadLen(b, piece.off, hlen + IP6_FRAG_HLEN + len - IP6_HLEN);
  piece.net = piece.off;
  piece.transport = fh;
  copyMetadata(piece, skb);
  return piece;
}
