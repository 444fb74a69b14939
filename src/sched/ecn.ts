// Explicit congestion notification in a frame that waits in a qdisc (skb.off at its link header).
// Linux: include/net/inet_ecn.h, INET_ECN_set_ce(), skb_get_dsfield().

import type { Skb } from '../net/skb.ts';

const ETH_P_IP = 0x0800;
const ETH_P_IPV6 = 0x86dd;

/** TOS or traffic class; -1: neither IPv4 nor IPv6. */
export function trafficClass(skb: Skb): number {
  const b = skb.bytes;
  const at = skb.off + 14;
  const type = (b[skb.off + 12] << 8) | b[skb.off + 13];
  if (type === ETH_P_IP && skb.len >= 34) return b[at + 1];
  if (type === ETH_P_IPV6 && skb.len >= 54) return ((b[at] & 0xf) << 4) | (b[at + 1] >> 4);
  return -1;
}

/** Marks a frame whose sender understands it; false: it does not, and has to be told by a loss. */
export function setCongestionExperienced(skb: Skb): boolean {
  const field = trafficClass(skb);
  if (field < 0 || (field & 3) === 0) return false;
  if ((field & 3) === 3) return true;
  if (!skb.slabs.unshare(skb)) return false;
  const b = skb.bytes;
  const at = skb.off + 14;
  if (b[at] >> 4 === 6) {
    b[at + 1] |= 0x30;
    return true;
  }
  b[at + 1] = field | 3;
  // RFC 1624: the checksum changes by as much as the word does.
  let sum =
    (~((b[at + 10] << 8) | b[at + 11]) & 0xffff) + (~((b[at] << 8) | field) & 0xffff) + ((b[at] << 8) | field | 3);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = ~sum & 0xffff;
  b[at + 10] = sum >> 8;
  b[at + 11] = sum & 0xff;
  return true;
}
