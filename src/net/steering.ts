// Which txq a frame takes: the driver's choice, else the queue that its socket used last, else XPS, else the flow's hash
// within the traffic class's range. With `sbDev` (the upperdev of a subordinate channel) range and XPS are that device's.
// Linux: net/core/dev.c, netdev_core_pick_tx(), netdev_pick_tx(), get_xps_queue(), skb_tx_hash().

import { ETH_P_8021AD, ETH_P_8021Q, ETH_P_IP, ETH_P_IPV6 } from '../wire/ethernet.ts';
import { LOG_WARNING } from './log.ts';
import type { NetDevice, TxQueue } from './netdev.ts';
import { txqToTc } from './sb-channel.ts';
import type { Skb, SkbOwner } from './skb.ts';

const EINVAL = 22;
const IPPROTO_FRAGMENT = 44;
/** Extension headers that are looked behind. Linux: MAX_FLOW_DISSECT_HDRS. */
const MAX_HEADERS = 15;

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

/**
 * Which CPUs may send on a txq: kept with the upperdev that has the queue as its channel, if one has. 0 or -errno.
 * Linux: netif_set_xps_queue().
 */
export function setXps(dev: NetDevice, index: number, mask: number): number {
  const rc = maySetXps(dev, index);
  if (rc !== 0) return rc;
  const owner = dev.txq[index].sbDev ?? dev;
  owner.xps ??= new Uint32Array(dev.txq.length);
  owner.xps[index] = mask;
  return 0;
}

/** Not on what is a channel itself, nor on a queue that no traffic class has. 0 or -errno. */
export function maySetXps(dev: NetDevice, index: number): number {
  if (dev.numTc === 0) return 0;
  if (dev.numTc < 0) return -EINVAL;
  return txqToTc(dev.txq[index].sbDev ?? dev, index) < 0 ? -EINVAL : 0;
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

/**
 * A flow's hash, kept in the skb: over the addresses, the protocol and the ports of IPv4 and IPv6, behind VLAN tags too; without
 * ports for fragments; with its flow label instead of ports where IPv6 has one; of anything else over its ethertype alone.
 * Linux: skb_get_hash(), __skb_flow_dissect() with the flow_keys dissector.
 */
export function flowHash(skb: Skb): number {
  if (skb.hash !== 0) return skb.hash;
  const b = skb.bytes;
  let at = (skb.mac >= 0 ? skb.mac : skb.off) + 12;
  let type = (b[at] << 8) | b[at + 1];
  while (type === ETH_P_8021Q || type === ETH_P_8021AD) {
    at += 4;
    type = (b[at] << 8) | b[at + 1];
  }
  at += 2;
  let h = mix(0x9e3779b9, type);
  const end = skb.off + skb.len;
  if (type === ETH_P_IP) h = hashIp4(b, at, end, h);
  else if (type === ETH_P_IPV6) h = hashIp6(b, at, end, h);
  h ^= h >>> 15;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  skb.hash = h >>> 0 === 0 ? 1 : h >>> 0;
  return skb.hash;
}

function mix(h: number, value: number): number {
  return Math.imul(h ^ value, 0x01000193);
}

function hashBytes(b: Uint8Array, from: number, to: number, h: number): number {
  let sum = h;
  for (let i = from; i < to; i++) sum = Math.imul(sum ^ b[i], 0x01000193);
  return sum;
}

function hashIp4(b: Uint8Array, ip: number, end: number, h: number): number {
  const proto = b[ip + 9];
  const sum = hashBytes(b, ip + 12, ip + 20, mix(h, proto));
  const fragment = ((b[ip + 6] & 0x3f) << 8) | b[ip + 7];
  const ports = ip + (b[ip] & 15) * 4;
  return fragment === 0 && hasPorts(proto) && ports + 4 <= end ? hashBytes(b, ports, ports + 4, sum) : sum;
}

function hashIp6(b: Uint8Array, ip: number, end: number, h: number): number {
  let next = b[ip + 6];
  let sum = hashBytes(b, ip + 8, ip + 40, h);
  const label = ((b[ip + 1] & 15) << 16) | (b[ip + 2] << 8) | b[ip + 3];
  if (label !== 0) return mix(mix(sum, label), next);
  let at = ip + 40;
  // Options for every hop, a route, options for the end: what is behind them counts.
  for (let n = 0; n < MAX_HEADERS && at + 8 <= end && (next === 0 || next === 43 || next === 60); n++) {
    next = b[at];
    at += (b[at + 1] + 1) * 8;
  }
  sum = mix(sum, next === IPPROTO_FRAGMENT ? b[at] : next);
  return hasPorts(next) && at + 4 <= end ? hashBytes(b, at, at + 4, sum) : sum;
}

/** TCP, UDP, DCCP, SCTP, UDP-Lite. */
function hasPorts(proto: number): boolean {
  return proto === 6 || proto === 17 || proto === 33 || proto === 132 || proto === 136;
}
