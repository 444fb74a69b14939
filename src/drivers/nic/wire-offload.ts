// What the hardware does to a frame on its way to the line: an 802.1Q tag that travels beside the bytes goes into them, a
// checksum that the stack left open is filled in, and a TSO-sized frame is cut. It is cut on the line only (its time and its
// counters): the bytes arrive as one frame, as GRO would put it together again.

import { CSUM_NONE, CSUM_PARTIAL, CSUM_UNNECESSARY, type Skb } from '../../net/skb.ts';
import { LINE_OVERHEAD } from '../../sim/cable.ts';
import { csumFinish } from '../../wire/checksum.ts';

/** Makes the frame fit for the line. False: no memory for a private copy. */
export function finishForWire(skb: Skb): boolean {
  if (skb.vlanProto === 0 && skb.ipSummed !== CSUM_PARTIAL) return true;
  if (!skb.slabs.unshare(skb)) return false;
  if (skb.ipSummed === CSUM_PARTIAL) {
    csumFinish(skb.bytes, skb.csumStart, skb.csumOffset, skb.off + skb.len);
    skb.ipSummed = CSUM_UNNECESSARY;
  }
  if (skb.vlanProto !== 0) insertTag(skb);
  return true;
}

/** Linux: vlan_insert_tag(). */
function insertTag(skb: Skb): void {
  const at = skb.push(4);
  const b = skb.bytes;
  b.copyWithin(at, at + 4, at + 16);
  b[at + 12] = skb.vlanProto >> 8;
  b[at + 13] = skb.vlanProto & 0xff;
  b[at + 14] = skb.vlanTci >> 8;
  b[at + 15] = skb.vlanTci & 0xff;
  skb.mac = at;
  skb.vlanProto = 0;
  skb.vlanTci = 0;
}

/** Descriptors that a frame takes: one per 16 KiB, and a context one for what the hardware has to finish. */
export function descriptorsOf(skb: Skb): number {
  const data = skb.len <= 16384 ? 1 : Math.ceil(skb.len / 16384);
  return skb.gsoSize > 0 || skb.vlanProto !== 0 || skb.ipSummed === CSUM_PARTIAL ? data + 1 : data;
}

/** Frames that a TSO-sized one becomes on the line. */
export function framesOnLine(skb: Skb): number {
  if (skb.gsoSize === 0) return 1;
  return Math.max(1, Math.ceil((skb.len - gsoHeader(skb)) / skb.gsoSize));
}

/** What a TSO-sized frame occupies on the line: headers and gaps come once per segment. */
export function lineBytesOf(skb: Skb, frames: number): number {
  return skb.len + (frames - 1) * gsoHeader(skb) + frames * LINE_OVERHEAD;
}

/** Ethernet, IP and TCP headers, which each segment repeats. */
function gsoHeader(skb: Skb): number {
  const b = skb.bytes;
  const at = skb.off + (b[skb.off + 12] === 0x81 && b[skb.off + 13] === 0 ? 18 : 14);
  const ip = b[at] >> 4 === 4 ? (b[at] & 15) * 4 : 40;
  const tcp = b[at + ip + 12] >> 4;
  return at - skb.off + ip + (tcp >= 5 ? tcp * 4 : 20);
}

/** A frame off the line is a new one: nothing that the sender kept beside the bytes came along, but for its trace number. */
export function freshOffTheLine(skb: Skb): void {
  skb.next = null;
  skb.dev = null;
  skb.iif = 0;
  skb.priority = 0;
  skb.mark = 0;
  skb.hash = 0;
  skb.queue = 0;
  skb.rxQueue = 0;
  skb.fwdMark = 0;
  skb.tstampNs = 0;
  skb.mac = skb.off;
  skb.net = -1;
  skb.transport = -1;
  if (skb.ipSummed !== CSUM_UNNECESSARY) skb.ipSummed = CSUM_NONE;
}
