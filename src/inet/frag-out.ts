// Cuts a packet into fragments that fit an MTU. Linux: ip_do_fragment(), ip_frag_next() in net/ipv4/ip_output.c.

import { Drop } from '../net/drop.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { Skb, SkbOwner } from '../net/skb.ts';
import {
  IP4_DF,
  IP4_MF,
  IP4_OFFSET_MASK,
  ip4Frag,
  ip4Hlen,
  setIp4Check,
  setIp4Frag,
  setIp4TotalLen,
} from '../wire/ip4.ts';
import { finishChecksum } from './csum.ts';
import { ENOMEM } from './errno.ts';
import { ipFinishOutput2 } from './ip4-out.ts';
import type { Dst } from './route.ts';
import type { InetNs } from './state.ts';

/** An owner that also counts what is charged to it. */
interface Charger extends SkbOwner {
  charge(skb: Skb): void;
}

/** Sends `skb` in pieces. Takes. 0 or the first failure. */
export function fragment(ins: InetNs, skb: Skb, d: Dst, mtu: number): number {
  const trace = ins.kernel.trace;
  if (trace.step !== null) trace.step('ip_do_fragment', skb, skb.dev);
  finishChecksum(skb);
  const hlen = ip4Hlen(skb.bytes, skb.off);
  const room = (mtu - hlen) & ~7;
  const was = ip4Frag(skb.bytes, skb.off);
  const total = skb.len - hlen;
  let err = 0;
  for (let at = 0; at < total && err === 0; at += room) {
    const len = Math.min(room, total - at);
    const piece = cut(skb, hlen, at, len);
    if (piece === null) {
      err = -ENOMEM;
      break;
    }
    const b = piece.bytes;
    const more = at + len < total || (was & IP4_MF) !== 0 ? IP4_MF : 0;
    setIp4Frag(b, piece.off, (was & IP4_DF) | more | ((was & IP4_OFFSET_MASK) + (at >>> 3)));
    if (at > 0 && hlen > 20) dropUncopied(b, piece.off, hlen);
    setIp4TotalLen(b, piece.off, piece.len);
    setIp4Check(b, piece.off);
    ins.ip.FragCreates++;
    err = ipFinishOutput2(ins, piece, d);
  }
  if (err === 0) ins.ip.FragOKs++;
  else ins.ip.FragFails++;
  skb.slabs.free(skb, err === 0 ? Drop.None : Drop.PacketTooBig);
  return err;
}

function cut(skb: Skb, hlen: number, at: number, len: number): Skb | null {
  const piece = skb.slabs.alloc(hlen + len);
  if (piece === null) return null;
  const b = piece.bytes;
  b.copyWithin(piece.off, skb.off, skb.off + hlen);
  b.copyWithin(piece.off + hlen, skb.off + hlen + at, skb.off + hlen + at + len);
  piece.net = piece.off;
  piece.transport = piece.off + hlen;
  copyMetadata(piece, skb);
  return piece;
}

/** What a fragment of either family has of its packet. Linux: ip_copy_metadata(), ip6_copy_metadata(). */
export function copyMetadata(piece: Skb, skb: Skb): void {
  piece.dev = skb.dev as NetDevice;
  piece.protocol = skb.protocol;
  piece.priority = skb.priority;
  piece.mark = skb.mark;
  piece.iif = skb.iif;
  piece.pktType = skb.pktType;
  piece.trace = skb.trace;
  piece.cb0 = skb.cb0;
  piece.cb1 = skb.cb1;
  if (skb.owner !== null) (skb.owner as Charger).charge(piece);
}

/** Options without the copied bit are only in the first fragment. Linux: ip_options_fragment(). */
function dropUncopied(b: Uint8Array, off: number, hlen: number): void {
  let at = off + 20;
  const end = off + hlen;
  while (at < end && b[at] !== 0) {
    if (b[at] === 1) {
      at++;
      continue;
    }
    const n = b[at + 1];
    if (n < 2 || at + n > end) return;
    if ((b[at] & 0x80) === 0) b.fill(1, at, at + n);
    at += n;
  }
}
