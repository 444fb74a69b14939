// A segment's header, read once: everything that the rest of TCP asks of it. One record, filled again for every segment.
// Linux: TCP_SKB_CB(), tcp_parse_options(), tcp_fast_parse_options().

import type { Skb } from '../net/skb.ts';
import { u16 } from '../wire/bytes.ts';
import {
  TCP_FIN,
  TCP_SYN,
  TCPOPT_EOL,
  TCPOPT_MSS,
  TCPOPT_NOP,
  TCPOPT_SACK,
  TCPOPT_SACK_PERM,
  TCPOPT_TIMESTAMP,
  TCPOPT_WINDOW,
  tcpFlags,
  tcpHlen,
  tcpWindow,
} from '../wire/tcp.ts';
import { s32 } from './ipaddr.ts';
import { MAX_WSCALE } from './tcp-const.ts';

export class Segment {
  seq = 0;
  /** Behind payload, SYN and FIN. */
  end = 0;
  ack = 0;
  flags = 0;
  /** As it is in the header, not scaled. */
  window = 0;
  /** Where the payload lies in the arena, and how long it is. */
  at = 0;
  len = 0;
  sawTs = false;
  tsval = 0;
  tsecr = 0;
  mss = 0;
  /** -1: not there. */
  wscale = -1;
  sackPerm = false;
  /** SACK blocks: start, end. */
  sackCount = 0;
  readonly sacks = new Int32Array(8);
}

/** The segment in hand. TCP's input never calls itself: frames that it sends arrive by way of a softirq. */
export const seg = new Segment();

/** Reads skb's header (skb.off, already found to be whole). */
export function readSegment(skb: Skb): void {
  const b = skb.bytes;
  const at = skb.off;
  const hlen = tcpHlen(b, at);
  const flags = tcpFlags(b, at);
  seg.seq = s32(b, at + 4);
  seg.ack = s32(b, at + 8);
  seg.flags = flags;
  seg.window = tcpWindow(b, at);
  seg.at = at + hlen;
  seg.len = skb.len - hlen;
  seg.end = (seg.seq + seg.len + ((flags & TCP_SYN) !== 0 ? 1 : 0) + ((flags & TCP_FIN) !== 0 ? 1 : 0)) | 0;
  seg.sawTs = false;
  seg.mss = 0;
  seg.wscale = -1;
  seg.sackPerm = false;
  seg.sackCount = 0;
  if (hlen === 32 && b[at + 20] === 1 && b[at + 21] === 1 && b[at + 22] === 8 && b[at + 23] === 10) {
    seg.sawTs = true;
    seg.tsval = s32(b, at + 24);
    seg.tsecr = s32(b, at + 28);
  } else if (hlen > 20) readOptions(b, at + 20, at + hlen, (flags & TCP_SYN) !== 0);
}

function readOptions(b: Uint8Array, from: number, end: number, syn: boolean): void {
  let i = from;
  while (i < end) {
    const kind = b[i];
    if (kind === TCPOPT_EOL) return;
    if (kind === TCPOPT_NOP) {
      i++;
      continue;
    }
    const len = i + 1 < end ? b[i + 1] : 0;
    if (len < 2 || i + len > end) return;
    if (kind === TCPOPT_MSS && len === 4 && syn) seg.mss = u16(b, i + 2);
    else if (kind === TCPOPT_WINDOW && len === 3 && syn) seg.wscale = Math.min(b[i + 2], MAX_WSCALE);
    else if (kind === TCPOPT_SACK_PERM && len === 2 && syn) seg.sackPerm = true;
    else if (kind === TCPOPT_TIMESTAMP && len === 10) {
      seg.sawTs = true;
      seg.tsval = s32(b, i + 2);
      seg.tsecr = s32(b, i + 6);
    } else if (kind === TCPOPT_SACK && (len - 2) % 8 === 0 && len >= 10) readSacks(b, i + 2, (len - 2) >> 3);
    i += len;
  }
}

function readSacks(b: Uint8Array, at: number, n: number): void {
  seg.sackCount = n < 4 ? n : 4;
  for (let i = 0; i < seg.sackCount * 2; i++) seg.sacks[i] = s32(b, at + i * 4);
}
