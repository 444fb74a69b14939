// Which txq a frame takes: the driver's choice, else the queue that its socket used last, else XPS, else the flow's hash
// within the traffic class's range. With `sbDev` (the upperdev of a subordinate channel) range and XPS are that device's.
// Linux: net/core/dev.c, netdev_core_pick_tx(), netdev_pick_tx(), get_xps_queue(), skb_tx_hash().

import { LOG_WARNING } from './log.ts';
import type { NetDevice, TxQueue } from './netdev.ts';
import type { Skb, SkbOwner } from './skb.ts';

export function pickTx(skb: Skb, dev: NetDevice, sbDev: NetDevice | null): TxQueue {
  const n = dev.realNumTxQueues;
  if (n === 1) return dev.txq[0];
  const q = dev.selectQueue === null ? netdevPickTx(skb, dev, sbDev ?? dev) : dev.selectQueue(skb, dev, sbDev);
  return dev.txq[q < n ? q : 0];
}

/** `from`: the device whose maps count. A queue that a connected socket remembers wins, even if it is nobody's any more. */
export function netdevPickTx(skb: Skb, dev: NetDevice, from: NetDevice): number {
  const owner = skb.owner;
  if (owner === null) return choose(skb, dev, from);
  const old = owner.txQueue;
  if (old >= 0 && old < dev.realNumTxQueues && !owner.mayReorder(skb.truesize)) return old;
  const q = choose(skb, dev, from);
  if (q !== old) remember(owner, q);
  return q;
}

function choose(skb: Skb, dev: NetDevice, from: NetDevice): number {
  if (from.xps !== null) {
    const q = xpsQueue(skb, from.xps, 1 << dev.core.kernel.cpu);
    if (q >= 0) return q;
  }
  return txHash(skb, dev, from);
}

/** Only a socket that keeps its route. Linux: sk_tx_queue_set(). */
function remember(owner: SkbOwner, q: number): void {
  if (owner.keepsRoute) owner.txQueue = q;
}

/** One of the queues that this CPU may use, by hash; -1: none. */
function xpsQueue(skb: Skb, xps: Uint32Array, cpu: number): number {
  let n = 0;
  for (let i = 0; i < xps.length; i++) if ((xps[i] & cpu) !== 0) n++;
  if (n === 0) return -1;
  let nth = n === 1 ? 0 : Math.floor((flowHash(skb) * n) / 0x100000000);
  for (let i = 0; i < xps.length; i++) if ((xps[i] & cpu) !== 0 && nth-- === 0) return i;
  return -1;
}

/** Which CPUs may send on a txq: kept with the upperdev that has the queue as its channel, if one has. */
export function setXps(dev: NetDevice, index: number, mask: number): void {
  const owner = dev.txq[index].sbDev ?? dev;
  owner.xps ??= new Uint32Array(dev.txq.length);
  owner.xps[index] = mask;
}

export function xpsOf(dev: NetDevice, index: number): number {
  const owner = dev.txq[index].sbDev ?? dev;
  return owner.xps === null ? 0 : owner.xps[index];
}

/** skb_tx_hash(): the recorded rx queue folded, else the flow hash scaled, within the traffic class's range. */
export function txHash(skb: Skb, dev: NetDevice, from: NetDevice): number {
  let count = dev.realNumTxQueues;
  let offset = 0;
  if (dev.numTc !== 0) {
    const tc = dev.prioTcMap === null ? 0 : dev.prioTcMap[skb.priority & 15];
    const range = from.tcToTxq[tc];
    if (range !== undefined && range.count > 0) {
      count = range.count;
      offset = range.offset;
    } else invalidRange(dev, from, tc);
  }
  if (skb.rxQueue > 0) {
    let q = skb.rxQueue - 1;
    if (q >= offset) q -= offset;
    while (q >= count) q -= count;
    return q + offset;
  }
  return Math.floor((flowHash(skb) * count) / 0x100000000) + offset;
}

function invalidRange(dev: NetDevice, from: NetDevice, tc: number): void {
  const offset = from.tcToTxq[tc]?.offset ?? 0;
  dev.core.kernel.log.limited(`${from.name}: invalid qcount, qoffset ${offset} for tc ${tc}`, LOG_WARNING);
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
