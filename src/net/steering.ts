// Which txq a frame takes. Linux: net/core/dev.c, netdev_core_pick_tx(), skb_tx_hash().

import type { NetDevice, TxQueue } from './netdev.ts';
import type { Skb } from './skb.ts';

/** Picks the queue of a multi-queue device: the driver's choice, the recorded rx queue, or the flow's hash. */
export function pickTx(skb: Skb, dev: NetDevice, sbDev: NetDevice | null): TxQueue {
  const n = dev.realNumTxQueues;
  if (n === 1) return dev.txq[0];
  const from = sbDev ?? dev;
  const q = dev.selectQueue === null ? txHash(skb, dev, from) : dev.selectQueue(skb, dev, sbDev);
  return dev.txq[q < n ? q : 0];
}

/** skb_tx_hash(): the recorded rx queue folded, else the flow hash scaled, within the traffic class's range. */
export function txHash(skb: Skb, dev: NetDevice, from: NetDevice): number {
  let count = dev.realNumTxQueues;
  let offset = 0;
  if (dev.numTc !== 0) {
    const range = from.tcToTxq[0];
    if (range !== undefined && range.count > 0) {
      count = range.count;
      offset = range.offset;
    }
  }
  if (skb.rxQueue > 0) {
    let q = skb.rxQueue - 1;
    if (q >= offset) q -= offset;
    while (q >= count) q -= count;
    return q + offset;
  }
  return Math.floor((flowHash(skb) * count) / 0x100000000) + offset;
}

/** A flow's hash over addresses, protocol and ports of IPv4, else over the Ethernet header; kept in the skb. */
export function flowHash(skb: Skb): number {
  if (skb.hash !== 0) return skb.hash;
  const b = skb.bytes;
  const at = skb.mac >= 0 ? skb.mac : skb.off;
  let h = 0x9e3779b9;
  let from = at;
  let to = at + 14;
  const ip = at + 14;
  if (b[at + 12] === 8 && b[at + 13] === 0) {
    from = ip + 12;
    to = ip + 20;
    const proto = b[ip + 9];
    h ^= proto;
    const fragment = ((b[ip + 6] & 0x3f) << 8) | b[ip + 7];
    if ((proto === 6 || proto === 17) && fragment === 0) to += 4;
  }
  for (let i = from; i < to; i++) h = Math.imul(h ^ b[i], 0x01000193);
  h ^= h >>> 15;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  skb.hash = h >>> 0 === 0 ? 1 : h >>> 0;
  return skb.hash;
}
