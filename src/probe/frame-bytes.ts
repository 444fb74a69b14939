// The bytes of a packet on its way, from the link header on, as filters and printers want them.

import type { Skb } from '../net/skb.ts';
import { ETH_HLEN } from '../wire/ethernet.ts';

/** A copy; null when the packet has no network header either. A packet of the IP layer gets a link header of zeros. */
export function frameOf(skb: Skb): Uint8Array | null {
  const end = skb.off + skb.len;
  if (skb.mac >= 0 && end - skb.mac >= ETH_HLEN) return withTag(skb, skb.bytes.slice(skb.mac, end));
  if (skb.net < 0 || skb.net > end || skb.protocol === 0) return null;
  const frame = new Uint8Array(ETH_HLEN + end - skb.net);
  frame[12] = skb.protocol >> 8;
  frame[13] = skb.protocol;
  frame.set(skb.bytes.subarray(skb.net, end), ETH_HLEN);
  return frame;
}

/** A tag that travels beside the bytes is put back into them. */
export function withTag(skb: Skb, frame: Uint8Array): Uint8Array {
  if (skb.vlanProto === 0) return frame;
  const out = new Uint8Array(frame.length + 4);
  out.set(frame.subarray(0, 12));
  out.set([skb.vlanProto >> 8, skb.vlanProto & 0xff, skb.vlanTci >> 8, skb.vlanTci & 0xff], 12);
  out.set(frame.subarray(12), 16);
  return out;
}
