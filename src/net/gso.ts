// Segmentation in software: a TCP frame of many segments for a device that cannot cut it. Headers are repeated with their
// lengths, identifiers and sequence numbers, checksums are finished. UDP and tunnels are not cut: nobody here makes such
// frames. Linux: net/core/gso.c, skb_segment(); net/ipv4/tcp_offload.c, tcp_gso_segment().

import { csumFold, csumPartial, inetChecksum } from '../wire/checksum.ts';
import { Drop } from './drop.ts';
import { F_TSO, F_TSO6 } from './features.ts';
import type { NetDevice } from './netdev.ts';
import { CSUM_NONE, type Skb } from './skb.ts';

/** Skb.gsoType. Linux: SKB_GSO_TCPV4, SKB_GSO_TCPV6. */
export const GSO_TCPV4 = 1;
export const GSO_TCPV6 = 16;
const FIN_PSH = 0x09;

/** Is it for the core to cut? Ask only when skb.gsoSize is set. Linux: netif_needs_gso(). */
export function needsGso(skb: Skb, dev: NetDevice): boolean {
  return (dev.features & (skb.gsoType === GSO_TCPV6 ? F_TSO6 : F_TSO)) === 0n;
}

/**
 * Cuts a frame (skb.off at its link header). Takes it; a chain by `next`, or null without memory (the frame is gone then).
 * The sender is told when the last piece ends.
 */
export function gsoSegment(skb: Skb): Skb | null {
  const { slabs } = skb;
  let b = skb.bytes;
  const mac = skb.off;
  const ip = mac + (b[mac + 12] === 0x81 && b[mac + 13] === 0 ? 18 : 14);
  const v4 = b[ip] >>> 4 === 4;
  const tcp = ip + (v4 ? (b[ip] & 15) * 4 : 40);
  const hlen = tcp + (b[tcp + 12] >>> 4) * 4 - mac;
  const payload = skb.len - hlen;
  const size = skb.gsoSize;
  let first: Skb | null = null;
  let last: Skb | null = null;
  for (let done = 0, n = 0; done < payload; done += size, n++) {
    const len = payload - done < size ? payload - done : size;
    const piece = slabs.alloc(hlen + len);
    if (piece === null) {
      while (first !== null) {
        const next: Skb | null = first.next;
        first.next = null;
        slabs.free(first, Drop.NoMemory);
        first = next;
      }
      slabs.free(skb, Drop.NoMemory);
      return null;
    }
    b = skb.bytes; // taking a buffer may have moved the arena
    const at = piece.off;
    b.copyWithin(at, mac, mac + hlen);
    b.copyWithin(at + hlen, mac + hlen + done, mac + hlen + done + len);
    takeOver(piece, skb, at - mac);
    headers(b, at + (ip - mac), at + (tcp - mac), v4, hlen - (ip - mac) + len, n, done, done + len === payload);
    if (last === null) first = piece;
    else last.next = piece;
    last = piece;
  }
  if (last !== null) {
    last.owner = skb.owner;
    last.truesize = skb.truesize;
    skb.owner = null;
  }
  slabs.free(skb, Drop.None);
  return first;
}

/** How long the packet (skb.off at its IP header) is on the path: of a large frame, its longest piece. Linux: skb_gso_network_seglen(). */
export function networkLen(skb: Skb): number {
  if (skb.gsoSize === 0) return skb.len;
  const b = skb.bytes;
  const ip = b[skb.off] >>> 4 === 4 ? (b[skb.off] & 15) * 4 : 40;
  return ip + (b[skb.off + ip + 12] >>> 4) * 4 + skb.gsoSize;
}

/** What skb_segment() copies from the head. */
function takeOver(to: Skb, from: Skb, shift: number): void {
  to.mac = from.mac >= 0 ? from.mac + shift : -1;
  to.net = from.net >= 0 ? from.net + shift : -1;
  to.transport = from.transport >= 0 ? from.transport + shift : -1;
  to.dev = from.dev;
  to.iif = from.iif;
  to.protocol = from.protocol;
  to.pktType = from.pktType;
  to.priority = from.priority;
  to.mark = from.mark;
  to.hash = from.hash;
  to.queue = from.queue;
  to.rxQueue = from.rxQueue;
  to.vlanProto = from.vlanProto;
  to.vlanTci = from.vlanTci;
  to.fwdMark = from.fwdMark;
  to.trace = from.trace;
  to.ipSummed = CSUM_NONE;
}

/** Lengths, identifier, sequence number, flags and checksums of the n-th piece; `len`: from the IP header on. */
function headers(
  b: Uint8Array,
  ip: number,
  tcp: number,
  v4: boolean,
  len: number,
  n: number,
  done: number,
  last: boolean,
): void {
  const l4 = len - (tcp - ip);
  if (v4) {
    put16(b, ip + 2, len);
    put16(b, ip + 4, ((b[ip + 4] << 8) | b[ip + 5]) + n);
    put16(b, ip + 10, 0);
    put16(b, ip + 10, inetChecksum(b, ip, tcp - ip));
  } else put16(b, ip + 4, len - 40);
  const seq = (((b[tcp + 4] << 24) | (b[tcp + 5] << 16) | (b[tcp + 6] << 8) | b[tcp + 7]) + done) | 0;
  put16(b, tcp + 4, seq >>> 16);
  put16(b, tcp + 6, seq);
  if (!last) b[tcp + 13] &= ~FIN_PSH;
  put16(b, tcp + 16, 0);
  const pseudo = csumPartial(b, v4 ? ip + 12 : ip + 8, v4 ? 8 : 32, 6 + l4);
  put16(b, tcp + 16, csumFold(csumPartial(b, tcp, l4, pseudo)));
}

function put16(b: Uint8Array, at: number, v: number): void {
  b[at] = v >>> 8;
  b[at + 1] = v;
}
