// One neighbour and its state machine (NUD): unresolved frames wait in it, timers probe, confirmations and requests
// move it. Asking is arp.ts and nd-send.ts; finding and making
// entries is neigh-table.ts and neigh6-table.ts. Times are virtual ns, not jiffies.
// Linux: net/core/neighbour.c, __neigh_event_send(), neigh_timer_handler(), __neigh_update().

import { Drop } from '../net/drop.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { Skb } from '../net/skb.ts';
import { Timer } from '../sim/timer.ts';
import {
  NTF_EXT_LEARNED,
  NTF_ROUTER,
  NUD_DELAY,
  NUD_FAILED,
  NUD_INCOMPLETE,
  NUD_NOARP,
  NUD_NONE,
  NUD_PERMANENT,
  NUD_PROBE,
  NUD_REACHABLE,
  NUD_STALE,
} from '../uapi/neigh.ts';
import type { In6 } from '../wire/in6.ts';
import { EINVAL, EPERM } from './errno.ts';
import { drawReachable, type NeighHome } from './neigh-home.ts';
import { neighOutput } from './neigh-out.ts';
import type { NeighInfo } from './types.ts';
import type { Neigh6Info } from './types6.ts';

export const NUD_CONNECTED = NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE;
export const NUD_VALID = NUD_CONNECTED | NUD_PROBE | NUD_STALE | NUD_DELAY;
const NUD_IN_TIMER = NUD_INCOMPLETE | NUD_REACHABLE | NUD_DELAY | NUD_PROBE;
const MIN_WAIT_NS = 1e7;
const REDRAW_NS = 300e9;

/** How update() may treat what is there. Linux: NEIGH_UPDATE_F_*. */
export const F_OVERRIDE = 1;
export const F_WEAK_OVERRIDE = 2;
export const F_USE = 4;
export const F_EXT_LEARNED = 8;
export const F_ISROUTER = 16;
export const F_ADMIN = 32;
export const F_OVERRIDE_ISROUTER = 64;

export class Neigh implements NeighInfo, Neigh6Info {
  readonly ind: NeighHome;
  readonly dev: NetDevice;
  /** IPv4's address, or IPv6's; the other is 0. */
  readonly dst: number;
  readonly dst6: In6;
  lladdr = 0;
  /** Its halves, as frames want them. */
  haHi = 0;
  haLo = 0;
  /** Halves of the source in the header that is kept; -1: none yet. Linux: struct hh_cache. */
  hhHi = -1;
  hhLo = 0;
  state = NUD_NONE;
  flags = 0;
  flagsExt = 0;
  type = 0;
  protocol = 0;
  probes = 0;
  confirmedNs = 0;
  usedNs: number;
  updatedNs: number;
  dead = false;
  readonly proxy = false;
  private readonly timer: Timer<Neigh>;
  private head: Skb | null = null;
  private tail: Skb | null = null;
  private queued = 0;

  constructor(ind: NeighHome, dst: number, dst6: In6) {
    this.ind = ind;
    this.dev = ind.dev;
    this.dst = dst;
    this.dst6 = dst6;
    this.usedNs = ind.tbl.loop.now;
    this.updatedNs = this.usedNs;
    this.timer = new Timer(ind.tbl.loop, timerFired, this as Neigh);
  }

  get hasLladdr(): boolean {
    return (this.state & NUD_VALID) !== 0;
  }

  get refcnt(): number {
    return this.timer.armed ? 1 : 0;
  }

  setLladdr(mac: number): void {
    this.lladdr = mac;
    this.haHi = Math.floor(mac / 0x1000000);
    this.haLo = mac % 0x1000000;
  }

  /**
   * A frame wants out and the entry is not known to be reachable. True: it may go now. False: it was taken, and waits or
   * ended. `skb` null: somebody just wants the entry resolved. Linux: neigh_event_send().
   */
  eventSend(skb: Skb | null): boolean {
    const now = this.ind.tbl.loop.now;
    this.usedNs = now;
    if ((this.state & (NUD_CONNECTED | NUD_DELAY | NUD_PROBE)) !== 0) return true;
    if (this.dead) {
      if (skb !== null) skb.slabs.free(skb, Drop.NeighFailed);
      return false;
    }
    let probeNow = false;
    if ((this.state & (NUD_STALE | NUD_INCOMPLETE)) === 0) {
      const p = this.ind.parms;
      if (p.mcastProbes + p.appProbes === 0) {
        this.state = NUD_FAILED;
        this.updatedNs = now;
        if (skb !== null) skb.slabs.free(skb, Drop.NeighFailed);
        return false;
      }
      this.probes = p.ucastProbes;
      this.state = NUD_INCOMPLETE;
      this.updatedNs = now;
      this.timer.armIn(Math.max(p.retransNs, MIN_WAIT_NS));
      probeNow = true;
    } else if (this.state === NUD_STALE) {
      this.state = NUD_DELAY;
      this.updatedNs = now;
      this.timer.armIn(Math.max(0, this.ind.parms.delayProbeNs));
    }
    const incomplete = this.state === NUD_INCOMPLETE;
    if (incomplete && skb !== null) this.hold(skb);
    if (probeNow) this.probe();
    return !incomplete;
  }

  /** Queues a frame until the address is known; the oldest make room. */
  private hold(skb: Skb): void {
    const limit = this.ind.parms.queueBytes;
    while (this.head !== null && this.queued + skb.truesize > limit) {
      const old = this.takeFirst() as Skb;
      old.slabs.free(old, Drop.NeighQueueFull);
      this.ind.neighStats.unresDiscards++;
    }
    skb.next = null;
    if (this.tail === null) this.head = skb;
    else this.tail.next = skb;
    this.tail = skb;
    this.queued += skb.truesize;
  }

  private takeFirst(): Skb | null {
    const skb = this.head;
    if (skb === null) return null;
    this.head = skb.next;
    if (this.head === null) this.tail = null;
    skb.next = null;
    this.queued -= skb.truesize;
    return skb;
  }

  private purge(): void {
    for (let skb = this.takeFirst(); skb !== null; skb = this.takeFirst()) skb.slabs.free(skb, Drop.NeighFailed);
    this.queued = 0;
  }

  private probe(): void {
    this.ind.tbl.ops.solicit(this, this.tail);
    this.probes++;
  }

  private maxProbes(): number {
    const p = this.ind.parms;
    return p.ucastProbes + p.appProbes + (this.state === NUD_PROBE ? p.mcastReprobes : p.mcastProbes);
  }

  /** Linux: neigh_timer_handler(). */
  expire(): void {
    const now = this.ind.tbl.loop.now;
    const p = this.ind.parms;
    let next = now + Math.max(p.retransNs, MIN_WAIT_NS);
    let notify = false;
    if ((this.state & NUD_IN_TIMER) === 0) return;
    if (this.state === NUD_REACHABLE) {
      if (now <= this.confirmedNs + p.reachableNs) next = this.confirmedNs + p.reachableNs;
      else if (now <= this.usedNs + p.delayProbeNs) {
        this.become(NUD_DELAY, now);
        next = now + Math.max(0, p.delayProbeNs);
      } else {
        this.become(NUD_STALE, now);
        notify = true;
      }
    } else if (this.state === NUD_DELAY) {
      notify = true;
      if (now <= this.confirmedNs + p.delayProbeNs) {
        this.become(NUD_REACHABLE, now);
        next = this.confirmedNs + p.reachableNs;
      } else {
        this.become(NUD_PROBE, now);
        this.probes = 0;
      }
    }
    const probing = (this.state & (NUD_INCOMPLETE | NUD_PROBE)) !== 0;
    if (probing && this.probes >= this.maxProbes()) {
      this.state = NUD_FAILED;
      this.invalidate();
      this.tell();
      return;
    }
    if ((this.state & NUD_IN_TIMER) !== 0) this.timer.armAt(Math.max(next, now + MIN_WAIT_NS));
    if (probing) this.probe();
    if (notify) this.tell();
  }

  private become(state: number, now: number): void {
    this.state = state;
    this.updatedNs = now;
  }

  /** Resolution failed: senders are told, what waits ends. Linux: neigh_invalidate(). */
  private invalidate(): void {
    this.ind.neighStats.resFailed++;
    this.updatedNs = this.ind.tbl.loop.now;
    while (this.state === NUD_FAILED) {
      const skb = this.takeFirst();
      if (skb === null) break;
      this.ind.tbl.ops.errorReport(this, skb);
      skb.slabs.free(skb, Drop.NeighFailed);
    }
    this.purge();
  }

  /**
   * A new state and, if not -1, a link-layer address, from ARP or from a request. 0 or -errno; -EINVAL: no address is
   * known and none was given. Linux: __neigh_update().
   */
  update(mac: number, wanted: number, how: number): number {
    const old = this.state;
    if (this.dead) return -EPERM;
    if ((how & F_ADMIN) === 0 && (old & (NUD_NOARP | NUD_PERMANENT)) !== 0) return -EPERM;
    let notify = this.updateFlags(how);
    if ((how & F_USE) !== 0) {
      this.state = old & ~NUD_PERMANENT;
      if (notify) this.tell();
      return 0;
    }
    if ((wanted & NUD_VALID) === 0) {
      this.timer.disarm();
      this.state = wanted;
      if ((old & NUD_VALID) !== 0) notify = true;
      if ((old & (NUD_INCOMPLETE | NUD_PROBE)) !== 0 && (wanted & NUD_FAILED) !== 0) {
        this.invalidate();
        notify = true;
      }
      if (notify) this.tell();
      return 0;
    }
    if (mac < 0 && (old & NUD_VALID) === 0) return -EINVAL;
    const changed = this.settle(mac < 0 ? this.lladdr : mac, wanted, how, old);
    if (notify || changed) this.tell();
    return 0;
  }

  private updateFlags(how: number): boolean {
    if ((how & F_ADMIN) === 0) return false;
    const was = this.flags;
    this.flags &= ~(NTF_EXT_LEARNED | NTF_ROUTER);
    if ((how & F_EXT_LEARNED) !== 0) this.flags |= NTF_EXT_LEARNED;
    if ((how & F_ISROUTER) !== 0) this.flags |= NTF_ROUTER;
    return was !== this.flags;
  }

  /** The second half of update(): the new state is a valid one. True when listeners should know. */
  private settle(mac: number, wanted: number, how: number, old: number): boolean {
    const now = this.ind.tbl.loop.now;
    let state = wanted;
    let isRouter = (how & (F_OVERRIDE_ISROUTER | F_ADMIN)) === F_OVERRIDE_ISROUTER;
    let ha = (old & NUD_VALID) !== 0 && mac === this.lladdr ? this.lladdr : mac;
    if ((state & NUD_CONNECTED) !== 0) this.confirmedNs = now;
    if ((old & NUD_VALID) !== 0) {
      if (ha !== this.lladdr && (how & F_OVERRIDE) === 0) {
        if ((how & F_WEAK_OVERRIDE) === 0 || (old & NUD_CONNECTED) === 0) return false;
        isRouter = false;
        ha = this.lladdr;
        state = NUD_STALE;
      } else if (ha === this.lladdr && state === NUD_STALE && (how & F_ADMIN) === 0) state = old;
    }
    const moved = ha !== this.lladdr || (old & NUD_VALID) === 0;
    if (state !== old || moved) this.updatedNs = now;
    let notify = moved;
    if (state !== old) {
      this.timer.disarm();
      if ((state & NUD_PROBE) !== 0) this.probes = 0;
      if ((state & NUD_IN_TIMER) !== 0) this.timer.armAt(now + (state === NUD_REACHABLE ? this.reachableNs() : 0));
      this.state = state;
      notify = true;
    }
    if (moved) {
      this.setLladdr(ha);
      if ((state & NUD_CONNECTED) === 0) this.confirmedNs = now - 2 * this.ind.parms.baseReachableNs;
    }
    if (state !== old && (old & NUD_VALID) === 0) this.sendWaiting();
    return (isRouter && this.setRouter((how & F_ISROUTER) !== 0)) || notify;
  }

  /** Linux: neigh_update_is_router(). */
  private setRouter(on: boolean): boolean {
    const was = this.flags;
    this.flags = on ? was | NTF_ROUTER : was & ~NTF_ROUTER;
    return was !== this.flags;
  }

  private reachableNs(): number {
    const p = this.ind.parms;
    if (this.ind.tbl.loop.now - p.drawnNs > REDRAW_NS) drawReachable(this.ind);
    return p.reachableNs;
  }

  private sendWaiting(): void {
    while ((this.state & NUD_VALID) !== 0) {
      const skb = this.takeFirst();
      if (skb === null) break;
      neighOutput(this, skb);
    }
    this.purge();
  }

  tell(): void {
    this.ind.tbl.ops.changed(false, this);
  }

  /** The entry leaves the table. Linux: neigh_cleanup_and_release(). */
  kill(): void {
    this.dead = true;
    this.timer.disarm();
    this.purge();
    this.ind.tbl.ops.changed(true, this);
  }

  /** An upper layer heard from it (MSG_CONFIRM, a TCP acknowledgement). Linux: neigh_confirm(). */
  confirm(): void {
    this.confirmedNs = this.ind.tbl.loop.now;
  }
}

function timerFired(n: Neigh): void {
  n.expire();
}
