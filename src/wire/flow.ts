// One number per flow, for steering: which queue, which path. Both directions of a flow give the same number, fragments
// of one datagram too, and all frames that are not IP share one.
// The mix is Bob Jenkins' lookup3 final (public domain), as jhash_3words() uses. Linux: net/core/flow_dissector.c.

import { u16 } from './bytes.ts';
import { ETH_HLEN, ETH_P_IP, ETH_P_IPV6, ETH_TYPE } from './ethernet.ts';
import { IP4_HLEN, IPPROTO_TCP, IPPROTO_UDP, ip4Dst, ip4Hlen, ip4IsFragment, ip4Proto, ip4Src } from './ip4.ts';
import { IP6_HLEN, ip6DstWord, ip6FragHdrOff, ip6SrcWord, ip6UpperOff, ip6UpperProto } from './ip6.ts';
import { isVlanType, VLAN_HLEN } from './vlan.ts';

const GOLDEN = 0xdeadbeef;

/** Three words into one, unsigned. Good in every bit; not secret. */
export function mix3(x: number, y: number, z: number, seed: number): number {
  const base = (GOLDEN + 12 + seed) | 0;
  let a = (x + base) | 0;
  let b = (y + base) | 0;
  let c = (z + base) | 0;
  c = ((c ^ b) - ((b << 14) | (b >>> 18))) | 0;
  a = ((a ^ c) - ((c << 11) | (c >>> 21))) | 0;
  b = ((b ^ a) - ((a << 25) | (a >>> 7))) | 0;
  c = ((c ^ b) - ((b << 16) | (b >>> 16))) | 0;
  a = ((a ^ c) - ((c << 4) | (c >>> 28))) | 0;
  b = ((b ^ a) - ((a << 14) | (a >>> 18))) | 0;
  c = ((c ^ b) - ((b << 24) | (b >>> 8))) | 0;
  return c >>> 0;
}

/** The hash of a flow by its parts; the order of the two ends does not matter. */
export function flowHash(src: number, dst: number, proto: number, sport: number, dport: number, seed: number): number {
  const swap = src > dst || (src === dst && sport > dport);
  const ports = swap ? (dport << 16) | sport : (sport << 16) | dport;
  return swap ? mix3(dst, src, ports ^ proto, seed) : mix3(src, dst, ports ^ proto, seed);
}

/** The hash of the frame of `len` bytes at `off`: addresses, protocol, and ports when the frame has them. */
export function frameFlowHash(b: Uint8Array, off: number, len: number, seed: number): number {
  const end = off + len;
  let at = off + ETH_HLEN;
  let type = u16(b, off + ETH_TYPE);
  while (isVlanType(type) && at + VLAN_HLEN <= end) {
    type = u16(b, at + 2);
    at += VLAN_HLEN;
  }
  if (type === ETH_P_IP && at + IP4_HLEN <= end) return hash4(b, at, end, seed);
  if (type === ETH_P_IPV6 && at + IP6_HLEN <= end) return hash6(b, at, end, seed);
  return mix3(0, 0, 0, seed);
}

function hash4(b: Uint8Array, at: number, end: number, seed: number): number {
  const proto = ip4Proto(b, at);
  const l4 = at + ip4Hlen(b, at);
  const ported = (proto === IPPROTO_TCP || proto === IPPROTO_UDP) && !ip4IsFragment(b, at) && l4 + 4 <= end;
  return flowHash(ip4Src(b, at), ip4Dst(b, at), proto, ported ? u16(b, l4) : 0, ported ? u16(b, l4 + 2) : 0, seed);
}

function hash6(b: Uint8Array, at: number, end: number, seed: number): number {
  const src = fold6(ip6SrcWord(b, at, 0), ip6SrcWord(b, at, 1), ip6SrcWord(b, at, 2), ip6SrcWord(b, at, 3));
  const dst = fold6(ip6DstWord(b, at, 0), ip6DstWord(b, at, 1), ip6DstWord(b, at, 2), ip6DstWord(b, at, 3));
  const proto = ip6UpperProto(b, at, end);
  const l4 = ip6UpperOff(b, at, end);
  const ported =
    (proto === IPPROTO_TCP || proto === IPPROTO_UDP) && l4 > 0 && l4 + 4 <= end && ip6FragHdrOff(b, at, end) < 0;
  return flowHash(src, dst, proto & 255, ported ? u16(b, l4) : 0, ported ? u16(b, l4 + 2) : 0, seed);
}

function fold6(w0: number, w1: number, w2: number, w3: number): number {
  return mix3(w0, w1, w2, w3);
}

/** A hash scaled to 0 .. n-1 without a division, as reciprocal_scale() does. */
export function hashScale(hash: number, n: number): number {
  return Math.floor((hash * n) / 0x100000000);
}
