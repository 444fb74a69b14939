// Finding, making and clearing neighbours. Entries live with their device; the limits count those of all namespaces, as
// Linux's one arp_tbl does. Collection: over gc_thresh3 a new entry is refused, over gc_thresh2 the oldest unused ones
// go, over gc_thresh1 stale ones go after gc_stale_time. Linux: net/core/neighbour.c, net/ipv4/arp.c arp_constructor().

import { IFF_LOOPBACK, IFF_NOARP, IFF_POINTOPOINT } from '../net/flags.ts';
import type { Kernel } from '../net/kernel.ts';
import type { NetDevice } from '../net/netdev.ts';
import { NTF_EXT_LEARNED, NUD_FAILED, NUD_NOARP, NUD_PERMANENT } from '../uapi/neigh.ts';
import { RTN_BROADCAST, RTN_MULTICAST } from '../uapi/route.ts';
import { macOfIp4Group } from '../wire/ethernet.ts';
import { IN6_ANY } from '../wire/in6.ts';
import { arpSolicit } from './arp.ts';
import { addrType } from './fib-lookup.ts';
import { linkFailure } from './icmp-send.ts';
import { F_ADMIN, F_OVERRIDE, Neigh, NUD_CONNECTED } from './neigh.ts';
import type { NeighHome, NeighOps, NeighTable } from './neigh-home.ts';
import type { ProxyOps } from './neigh-proxy.ts';
import { type InDevice, inDev } from './state.ts';

/** On loopback and point-to-point devices all next hops are one. */
function keyFor(dev: NetDevice, addr: number): number {
  return (dev.flags & (IFF_LOOPBACK | IFF_POINTOPOINT)) !== 0 ? 0 : addr;
}

export function neighLookup(ind: InDevice, addr: number): Neigh | null {
  return ind.neighs.get(keyFor(ind.dev, addr)) ?? null;
}

/** The entry for a next hop, made if needed; null when the table is full. Linux: ip_neigh_gw4(). */
export function neighFor(ind: InDevice, addr: number): Neigh | null {
  return neighLookup(ind, addr) ?? neighCreate(ind, addr, false);
}

/** Linux: ___neigh_create(). `exempt`: not counted for collection. */
export function neighCreate(ind: InDevice, addr: number, exempt: boolean): Neigh | null {
  if (!exempt && !makeRoom(ind.tbl)) return null;
  const key = keyFor(ind.dev, addr);
  return ind.neighs.get(key) ?? neighBorn(new Neigh(ind, key, IN6_ANY));
}

/** A new entry of either family comes into its table. Linux: the second half of ___neigh_create(). */
export function neighBorn(n: Neigh): Neigh {
  const { tbl, parms } = n.ind;
  tbl.ops.construct(n);
  n.confirmedNs = n.updatedNs - 2 * parms.baseReachableNs;
  n.ind.remember(n);
  tbl.count++;
  scheduleGc(tbl);
  return n;
}

/** Linux: arp_constructor(). */
function construct(n: Neigh): void {
  const dev = n.dev;
  n.type = addrType((n.ind as InDevice).ins, n.dst);
  if (n.type === RTN_MULTICAST) noArp(n, macOfIp4Group(n.dst));
  else if ((dev.flags & (IFF_NOARP | IFF_LOOPBACK)) !== 0) noArp(n, dev.addr);
  else if (n.type === RTN_BROADCAST || (dev.flags & IFF_POINTOPOINT) !== 0) noArp(n, dev.broadcast);
}

export function noArp(n: Neigh, mac: number): void {
  n.state = NUD_NOARP;
  n.setLladdr(mac);
}

/**
 * True when one more entry may be made. Below gc_thresh3 old ones are looked for every five seconds at most, not with each new one.
 * Linux: neigh_alloc(), neigh_forced_gc().
 */
export function makeRoom(tbl: NeighTable): boolean {
  const now = tbl.loop.now;
  if (tbl.count < tbl.gcThresh3 && (tbl.count < tbl.gcThresh2 || now <= tbl.lastFlushNs + 5e9)) return true;
  tbl.lastFlushNs = now;
  for (const n of tbl.ops.all()) {
    if (tbl.count <= tbl.gcThresh2) break;
    const failed = n.state === NUD_FAILED || n.state === NUD_NOARP || n.type === RTN_MULTICAST;
    if ((n.state & NUD_PERMANENT) !== 0 || (n.flags & NTF_EXT_LEARNED) !== 0) continue;
    if (failed || now - n.updatedNs > 5e9) neighRemove(n);
  }
  return tbl.count < tbl.gcThresh3;
}

/** What ARP does for its table. Linux: arp_tbl, arp_hh_ops. */
export function arpOps(kernel: Kernel): NeighOps {
  return {
    construct,
    solicit: arpSolicit,
    errorReport: (n, skb) => linkFailure((n.ind as InDevice).ins, skb),
    changed: (gone, n) => {
      const ins = (n.ind as InDevice).ins;
      ins.stack.hooks.neighChanged(gone, ins.ns, n);
    },
    all: () => allNeighs(kernel, inDev),
  };
}

/** One family's entries in all namespaces. */
export function allNeighs(kernel: Kernel, homeOf: (dev: NetDevice) => NeighHome | null): Neigh[] {
  const out: Neigh[] = [];
  for (const ns of kernel.namespaces) {
    for (const dev of ns.byIndex.values()) out.push(...(homeOf(dev)?.neighList() ?? []));
  }
  return out;
}

/** Proxy entries of ARP need nothing more. */
export const arpProxyOps: ProxyOps<number> = {
  equal: (a, b) => a === b,
  came: () => true,
  went: () => {},
};

/** Linux: neigh_periodic_work(): nothing happens below gc_thresh1, so no event waits then. */
export function scheduleGc(tbl: NeighTable): void {
  if (tbl.gcPending || tbl.count < tbl.gcThresh1) return;
  tbl.gcPending = true;
  tbl.loop.after(15e9, periodicGc, tbl, 0);
}

function periodicGc(tbl: NeighTable): void {
  tbl.gcPending = false;
  if (tbl.count < tbl.gcThresh1) return;
  const now = tbl.loop.now;
  for (const n of tbl.ops.all()) {
    if ((n.state & NUD_PERMANENT) !== 0 || (n.flags & NTF_EXT_LEARNED) !== 0 || n.refcnt > 0) continue;
    if (n.usedNs < n.confirmedNs) n.usedNs = n.confirmedNs;
    if (n.state === NUD_FAILED || now - n.usedNs > n.ind.parms.gcStaleNs) neighRemove(n);
  }
  scheduleGc(tbl);
}

export function neighRemove(n: Neigh): void {
  if (n.dead) return;
  n.ind.forget(n);
  n.ind.tbl.count--;
  n.kill();
}

/** Forgets a device's neighbours, the newest first; permanent ones may stay. Linux: neigh_flush_dev(). */
export function neighFlush(ind: NeighHome, keepPermanent: boolean): void {
  for (const n of ind.neighList().reverse()) {
    if (keepPermanent && (n.state & NUD_PERMANENT) !== 0) continue;
    neighRemove(n);
  }
}

/** The family stops on the device: entries and proxy entries go. Linux: neigh_ifdown(). */
export function neighIfdown(ind: NeighHome): void {
  neighFlush(ind, false);
  ind.proxies.drop(ind.dev, false);
}

/** Linux: neigh_carrier_down(). */
export function neighCarrierDown(ind: NeighHome): void {
  neighFlush(ind, true);
  ind.proxies.drop(ind.dev, true);
}

/** The entry for an address that became a broadcast address is wrong now. Linux: arp_invalidate(). */
export function arpInvalidate(ind: InDevice, addr: number): void {
  const n = neighLookup(ind, addr);
  if (n === null) return;
  if ((n.state & NUD_CONNECTED) !== 0 && (n.state & NUD_NOARP) !== 0) {
    neighRemove(n);
    return;
  }
  n.update(-1, NUD_FAILED, F_OVERRIDE | F_ADMIN);
  neighRemove(n);
}
