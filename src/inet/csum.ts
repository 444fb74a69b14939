// Checksums that are left to the device, and those that were and must be there after all.
// Linux: CHECKSUM_PARTIAL, skb_checksum_help() in net/core/dev.c.

import { CSUM_NONE, CSUM_PARTIAL, type Skb } from '../net/skb.ts';
import { csumFinish } from '../wire/checksum.ts';

/** The device fills in the checksum `offset` bytes behind `start`. `seed`: the pseudo header's sum, see csumSeed(). */
export function leaveChecksum(skb: Skb, start: number, offset: number, seed: number): void {
  const b = skb.bytes;
  skb.ipSummed = CSUM_PARTIAL;
  skb.csumStart = start;
  skb.csumOffset = offset;
  b[start + offset] = seed >>> 8;
  b[start + offset + 1] = seed;
}

/** A packet that is cut has its checksum first. */
export function finishChecksum(skb: Skb): void {
  if (skb.ipSummed !== CSUM_PARTIAL) return;
  csumFinish(skb.bytes, skb.csumStart, skb.csumOffset, skb.off + skb.len);
  skb.ipSummed = CSUM_NONE;
}
