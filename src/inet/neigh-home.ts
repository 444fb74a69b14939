// What neighbours of both families live in: a table per kernel with its limits, and a device's share of it with the
// settings. The family's own part (asking, failing, telling) is in NeighOps. Linux: struct neigh_table, struct neigh_parms.

import type { Stream } from '../base/random.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { Skb } from '../net/skb.ts';
import type { Loop } from '../sim/loop.ts';
import type { Neigh } from './neigh.ts';
import type { ProxyTable } from './neigh-proxy.ts';
import type { NeighStats } from './stats.ts';

/** A neighbour table's settings for one device. Linux: struct neigh_parms. */
export class NeighParms {
  retransNs = 1e9;
  baseReachableNs = 30e9;
  /** Drawn from [base/2, 3 base/2), anew every 300 s. */
  reachableNs = 30e9;
  drawnNs = 0;
  delayProbeNs = 5e9;
  intervalProbeNs = 5e9;
  gcStaleNs = 60e9;
  ucastProbes = 3;
  mcastProbes = 3;
  mcastReprobes = 0;
  appProbes = 0;
  queueBytes = 212992;
  proxyDelayNs = 8e8;
  proxyQlen = 64;
  anycastDelayNs = 1e9;
  locktimeNs = 1e9;

  copyFrom(p: NeighParms): void {
    Object.assign(this, p);
  }
}

/** What ARP and neighbour discovery each do in their own way. Linux: struct neigh_ops, neigh_table.solicit. */
export interface NeighOps {
  /** A new entry's type, and its state and address where they need not be asked for. Linux: neigh_table.constructor. */
  construct: (n: Neigh) => void;
  /** Asks for the entry; `skb` is the newest frame that waits for it (borrowed). */
  solicit: (n: Neigh, skb: Skb | null) => void;
  /** Nobody answered: the sender of `skb` is told (borrowed). */
  errorReport: (n: Neigh, skb: Skb) => void;
  changed: (gone: boolean, n: Neigh) => void;
  /** All entries of the kernel. */
  all: () => Neigh[];
}

/** One family's neighbours in a kernel. Entries live with their device; the limits count those of all namespaces. */
export class NeighTable {
  readonly loop: Loop;
  readonly stream: Stream;
  readonly ops: NeighOps;
  /** Entries that count for garbage collection. Linux: gc_entries. */
  count = 0;
  gcThresh1 = 128;
  gcThresh2 = 512;
  gcThresh3 = 1024;
  gcPending = false;
  /** When room was last made; a kernel has been up for a while. Linux: last_flush. */
  lastFlushNs = -6e9;

  constructor(loop: Loop, stream: Stream, ops: NeighOps) {
    this.loop = loop;
    this.stream = stream;
    this.ops = ops;
  }
}

/** A family's part on a device, as its neighbours see it. */
export abstract class NeighHome {
  readonly dev: NetDevice;
  readonly tbl: NeighTable;
  readonly neighStats: NeighStats;
  readonly parms = new NeighParms();
  /** Questions that wait for their proxy delay, with the event. Linux: neigh_table.proxy_queue. */
  readonly delayed = new Map<Skb, number>();
  /** The device's address as frames want it; see neigh-out.ts. */
  srcMac = -1;
  srcHi = 0;
  srcLo = 0;

  constructor(dev: NetDevice, tbl: NeighTable, stats: NeighStats) {
    this.dev = dev;
    this.tbl = tbl;
    this.neighStats = stats;
  }

  /** Its entries, the oldest first. */
  abstract neighList(): Neigh[];
  /** The namespace's proxy entries. */
  abstract get proxies(): ProxyTable<unknown>;
  /** Puts an entry into the device's map. */
  abstract remember(n: Neigh): void;
  /** Takes it out. */
  abstract forget(n: Neigh): void;
}

/** What a time below zero is as an unsigned number: years. */
const UNSIGNED_NS = 2 ** 52;

/** A fresh reachable time from [base/2, 3 base/2). Linux: neigh_rand_reach_time(). */
export function drawReachable(home: NeighHome): void {
  const p = home.parms;
  p.drawnNs = home.tbl.loop.now;
  const baseMs = Math.round(p.baseReachableNs / 1e6);
  if (baseMs < 0) {
    p.reachableNs = UNSIGNED_NS;
    return;
  }
  p.reachableNs = baseMs === 0 ? 0 : (home.tbl.stream.below(baseMs) + Math.floor(baseMs / 2)) * 1e6;
}
