// Extension headers of received IPv6 packets: hop-by-hop and destination options, routing headers. Each either lets the
// packet go on, or ends it and may tell the sender where the trouble is. Linux: net/ipv6/exthdrs.c.

import { Drop } from '../net/drop.ts';
import type { NetDevice } from '../net/netdev.ts';
import { PKT_HOST, type Skb } from '../net/skb.ts';
import { u16, u32 } from '../wire/bytes.ts';
import { ICMPV6_PARAMPROB } from '../wire/icmp6.ts';
import { IP6_DST, IP6_HLEN } from '../wire/ip6.ts';
import { icmp6Send } from './icmp6-send.ts';
import { type Inet6Dev, type Inet6Ns, in6Dev } from './state6.ts';

const PAD1 = 0;
const PADN = 1;
const ROUTER_ALERT = 5;
const CALIPSO = 7;
const JUMBO = 0xc2;
const HDR_FIELD = 0;
const UNK_OPTION = 2;
const SRCRT_RPL = 3;
const SRCRT_SEG6 = 4;

/** Value of a router alert option in the packet read last; -1: it had none. */
export const seenAlert = { value: -1 };

/** A parameter problem at `pointer` bytes behind the IPv6 header's start, and the packet's end. Linux: icmpv6_param_prob(). */
export function paramProblem(i6: Inet6Ns, skb: Skb, code: number, pointer: number): false {
  icmp6Send(i6, skb, ICMPV6_PARAMPROB, code, pointer);
  skb.slabs.free(skb, Drop.Ip6Extension);
  return false;
}

function headerError(i6: Inet6Ns, skb: Skb): false {
  countHeader(i6, skb.dev as NetDevice);
  skb.slabs.free(skb, Drop.Ip6Extension);
  return false;
}

function countHeader(i6: Inet6Ns, dev: NetDevice): void {
  i6.ip.InHdrErrors++;
  const id = in6Dev(dev);
  if (id !== null) id.ip.InHdrErrors++;
}

/** The header at `at` is complete: how long it is, or 0. */
function lengthAt(skb: Skb, at: number): number {
  const end = skb.off + skb.len;
  if (at + 8 > end) return 0;
  const n = (skb.bytes[at + 1] + 1) << 3;
  return at + n > end ? 0 : n;
}

/** Reads the hop-by-hop header, which is right behind the IPv6 one. False: the packet ended. Linux: ipv6_parse_hopopts(). */
export function parseHopOptions(i6: Inet6Ns, skb: Skb): boolean {
  seenAlert.value = -1;
  const at = skb.net + IP6_HLEN;
  const dev = skb.dev as NetDevice;
  const n = lengthAt(skb, at);
  if (n === 0 || n > i6.set.maxHbhLength) return headerError(i6, skb);
  if (!options(i6, skb, at, n, true, i6.set.maxHbhNumber)) {
    countHeader(i6, dev);
    return false;
  }
  return true;
}

/** Reads destination options at `at`. False: the packet ended. Linux: ipv6_destopt_rcv(). */
export function parseDestOptions(i6: Inet6Ns, skb: Skb, at: number): boolean {
  const dev = skb.dev as NetDevice;
  const n = lengthAt(skb, at);
  if (n === 0 || n > i6.set.maxDstLength) return headerError(i6, skb);
  if (options(i6, skb, at, n, false, i6.set.maxDstNumber)) return true;
  countHeader(i6, dev);
  return false;
}

/** Linux: ip6_parse_tlv(). */
function options(i6: Inet6Ns, skb: Skb, from: number, n: number, hop: boolean, most: number): boolean {
  const b = skb.bytes;
  const end = from + n;
  const known = most < 0;
  const max = known ? -most : most;
  let count = 0;
  let padding = 0;
  let at = from + 2;
  while (at < end) {
    const type = b[at];
    if (type === PAD1) {
      at++;
      if (++padding > 7) return bad(skb);
      continue;
    }
    if (at + 2 > end) return bad(skb);
    const len = b[at + 1] + 2;
    if (at + len > end) return bad(skb);
    if (type === PADN) {
      padding += len;
      if (padding > 7) return bad(skb);
      for (let i = 2; i < len; i++) if (b[at + i] !== 0) return bad(skb);
    } else {
      if (++count > max) return bad(skb);
      if (!option(i6, skb, at, type, hop, known)) return false;
      padding = 0;
    }
    at += len;
  }
  return true;
}

function bad(skb: Skb): false {
  skb.slabs.free(skb, Drop.Ip6Extension);
  return false;
}

function option(i6: Inet6Ns, skb: Skb, at: number, type: number, hop: boolean, noUnknown: boolean): boolean {
  const b = skb.bytes;
  if (hop && type === ROUTER_ALERT) {
    if (b[at + 1] !== 2) return bad(skb);
    seenAlert.value = u16(b, at + 2);
    return true;
  }
  if (hop && type === JUMBO) return jumbo(i6, skb, at);
  if (hop && type === CALIPSO) return true;
  return unknownOption(i6, skb, at, type, noUnknown);
}

/** Jumbograms do not occur: what says it is one is wrong. Linux: ipv6_hop_jumbo(). */
function jumbo(i6: Inet6Ns, skb: Skb, at: number): boolean {
  const b = skb.bytes;
  const pointer = at - skb.net;
  if (b[at + 1] !== 4 || (pointer & 3) !== 2) return bad(skb);
  const len = u32(b, at + 2);
  if (len <= 65535) return paramProblem(i6, skb, HDR_FIELD, pointer + 2);
  if (u16(b, skb.net + 4) !== 0) return paramProblem(i6, skb, HDR_FIELD, pointer);
  const id = in6Dev(skb.dev as NetDevice);
  i6.ip.InTruncatedPkts++;
  if (id !== null) id.ip.InTruncatedPkts++;
  return bad(skb);
}

/** The two top bits of its type say what to do. Linux: ip6_tlvopt_unknown(). */
function unknownOption(i6: Inet6Ns, skb: Skb, at: number, type: number, noUnknown: boolean): boolean {
  const how = noUnknown ? 1 : type >>> 6;
  if (how === 0) return true;
  if (how === 1 || (how === 3 && skb.bytes[skb.net + IP6_DST] === 0xff)) return bad(skb);
  return paramProblem(i6, skb, UNK_OPTION, at - skb.net);
}

/** The routing header at `at`. False: the packet ended. Linux: ipv6_rthdr_rcv(). */
export function parseRouting(i6: Inet6Ns, skb: Skb, at: number, id: Inet6Dev): boolean {
  const n = lengthAt(skb, at);
  if (n === 0) return headerError(i6, skb);
  const b = skb.bytes;
  if (b[skb.net + IP6_DST] === 0xff || skb.pktType !== PKT_HOST) {
    i6.ip.InAddrErrors++;
    id.ip.InAddrErrors++;
    return bad(skb);
  }
  const type = b[at + 2];
  // Segment routing and RPL are off by default, and then even a finished one ends the packet.
  if (type === SRCRT_SEG6 || type === SRCRT_RPL) return bad(skb);
  if (b[at + 3] === 0) return true;
  countHeader(i6, skb.dev as NetDevice);
  return paramProblem(i6, skb, HDR_FIELD, at + 2 - skb.net);
}
