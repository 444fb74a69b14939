// Proxy entries of one family: addresses for which a namespace answers on behalf of another host, and the questions that
// wait a random time, so that a true owner answers first.
// Linux: struct pneigh_entry, pneigh_lookup(), pneigh_ifdown_and_unlock(), pneigh_enqueue() in net/core/neighbour.c.

import { Drop } from '../net/drop.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { Skb } from '../net/skb.ts';
import type { NeighHome } from './neigh-home.ts';

/** `A` is the family's address. */
export interface ProxyEntry<A> {
  readonly dst: A;
  /** null: on every device. */
  readonly dev: NetDevice | null;
  flags: number;
  protocol: number;
  permanent: boolean;
}

/** What a family does in its own way. Linux: pconstructor and pdestructor of struct neigh_table. */
export interface ProxyOps<A> {
  equal(a: A, b: A): boolean;
  /** A new entry; false: the device cannot have one. */
  came(dst: A, dev: NetDevice | null): boolean;
  went(dst: A, dev: NetDevice | null): void;
}

/** The proxy entries of a namespace, the newest first. Linux: phash_buckets of struct neigh_table. */
export class ProxyTable<A> {
  readonly entries: Array<ProxyEntry<A>> = [];
  private readonly ops: ProxyOps<A>;

  constructor(ops: ProxyOps<A>) {
    this.ops = ops;
  }

  /** What answers for an address on a device. Linux: pneigh_lookup(). */
  find(dst: A, dev: NetDevice | null): ProxyEntry<A> | null {
    for (const p of this.entries) if (this.ops.equal(p.dst, dst) && (p.dev === dev || p.dev === null)) return p;
    return null;
  }

  /** The entry for just these, made if needed; null: the device cannot have one. Keeps `dst`. Linux: pneigh_create(). */
  make(dst: A, dev: NetDevice | null): ProxyEntry<A> | null {
    const there = this.entries.find((e) => this.ops.equal(e.dst, dst) && e.dev === dev);
    if (there !== undefined) return there;
    if (!this.ops.came(dst, dev)) return null;
    const p: ProxyEntry<A> = { dst, dev, flags: 0, protocol: 0, permanent: false };
    this.entries.unshift(p);
    return p;
  }

  /** False: there is none. Linux: pneigh_delete(). */
  delete(dst: A, dev: NetDevice | null): boolean {
    const i = this.entries.findIndex((e) => this.ops.equal(e.dst, dst) && e.dev === dev);
    if (i < 0) return false;
    this.entries.splice(i, 1);
    this.ops.went(dst, dev);
    return true;
  }

  /** The family stops on a device. Linux: pneigh_ifdown_and_unlock(). */
  drop(dev: NetDevice, keepPermanent: boolean): void {
    for (let i = this.entries.length - 1; i >= 0; i--) {
      const p = this.entries[i];
      if (p.dev !== dev || (keepPermanent && p.permanent)) continue;
      this.entries.splice(i, 1);
      this.ops.went(p.dst, dev);
    }
  }
}

/** Do as many questions wait as may? */
export function proxyQueueFull(home: NeighHome): boolean {
  return home.delayed.size >= home.parms.proxyQlen;
}

/** Keeps a question; `later` takes it and must forget it in home.delayed. Linux: pneigh_enqueue(). */
export function proxyEnqueue<H extends NeighHome>(home: H, skb: Skb, later: (home: H, skb: Skb) => void): void {
  const { loop, stream } = home.tbl;
  const delayMs = stream.below(Math.max(1, Math.floor(home.parms.proxyDelayNs / 1e6)));
  home.delayed.set(skb, loop.after(delayMs * 1e6, later, home, skb));
}

/** The device goes: what waited ends. Linux: pneigh_queue_purge(). */
export function dropDelayed(home: NeighHome): void {
  for (const [skb, event] of home.delayed) {
    home.tbl.loop.cancel(event);
    skb.slabs.free(skb, Drop.DeviceGone);
  }
  home.delayed.clear();
}
