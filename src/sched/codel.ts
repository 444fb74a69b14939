// CoDel, controlled delay: drops (or marks) at the head when frames have stayed longer than `target` for a whole
// `interval`, ever more often while that lasts. Times are in units of 1024 ns, as 32-bit numbers that wrap.
// Linux: include/net/codel.h, codel_impl.h; RFC 8289.

import type { Skb } from '../net/skb.ts';
import { setCongestionExperienced, trafficClass } from './ecn.ts';

/** Parameters, in codel's units of time. */
export class CodelParams {
  target = msTime(5);
  interval = msTime(100);
  /** Frames that stayed longer are marked; DISABLED: none. */
  ceThreshold = 0x7fffffff;
  ceThresholdSelector = 0;
  ceThresholdMask = 0;
  ecn = true;
  mtu: number;

  constructor(mtu: number) {
    this.mtu = mtu;
  }
}

export const CODEL_DISABLED = 0x7fffffff;

function msTime(ms: number): number {
  return usToTime(ms * 1000);
}

export function usToTime(us: number): number {
  return Math.floor((us * 1000) / 1024) >>> 0;
}

export function timeToUs(time: number): number {
  return Math.floor((time * 1024) / 1000);
}

/** What CoDel knows of one queue. Linux: struct codel_vars. */
export class CodelVars {
  count = 0;
  lastcount = 0;
  dropping = false;
  /** 1/sqrt(count), 16 bits of fraction. */
  recInvSqrt = 0xffff;
  firstAbove = 0;
  dropNext = 0;
  ldelay = 0;

  reset(): void {
    this.count = 0;
    this.lastcount = 0;
    this.dropping = false;
    this.recInvSqrt = 0xffff;
    this.firstAbove = 0;
    this.dropNext = 0;
    this.ldelay = 0;
  }
}

/** Where CoDel takes frames from and gives them to; the numbers are the owner's. */
export interface CodelQueue {
  readonly params: CodelParams;
  /** Now, in codel's time (signed 32 bit). */
  now: number;
  maxpacket: number;
  ecnMark: number;
  ceMark: number;
  dropCount: number;
  dropLen: number;
  /** Bytes of the whole qdisc. */
  backlog(): number;
  /** The next frame of the queue at hand; skb.cb0 is when it came. */
  next(): Skb | null;
  lose(skb: Skb): void;
  lenOf(skb: Skb): number;
}

/** The next frame of a queue, after the drops that are due. Linux: codel_dequeue(). */
export function codelDequeue(c: CodelQueue, v: CodelVars): Skb | null {
  let skb = c.next();
  if (skb === null) {
    v.dropping = false;
    return null;
  }
  let drop = shouldDrop(c, v, skb);
  const { interval } = c.params;
  if (v.dropping) {
    if (!drop) v.dropping = false;
    else {
      while (v.dropping && ((c.now - v.dropNext) | 0) >= 0) {
        v.count = (v.count + 1) | 0;
        newtonStep(v);
        if (marked(c, skb as Skb)) {
          v.dropNext = controlLaw(v.dropNext, interval, v.recInvSqrt);
          break;
        }
        skb = dropAndNext(c, skb as Skb);
        if (!shouldDrop(c, v, skb)) v.dropping = false;
        else v.dropNext = controlLaw(v.dropNext, interval, v.recInvSqrt);
      }
    }
  } else if (drop) {
    if (!marked(c, skb)) {
      skb = dropAndNext(c, skb);
      drop = shouldDrop(c, v, skb);
    }
    v.dropping = true;
    // Soon after the last time of dropping, that one's rate is a good one to begin with.
    const delta = (v.count - v.lastcount) | 0;
    if (delta > 1 && ((c.now - v.dropNext - 16 * interval) | 0) < 0) {
      v.count = delta;
      newtonStep(v);
    } else {
      v.count = 1;
      v.recInvSqrt = 0xffff;
    }
    v.lastcount = v.count;
    v.dropNext = controlLaw(c.now, interval, v.recInvSqrt);
  }
  if (skb !== null && v.ldelay > c.params.ceThreshold) markLate(c, skb);
  return skb;
}

function marked(c: CodelQueue, skb: Skb): boolean {
  if (!c.params.ecn || !setCongestionExperienced(skb)) return false;
  c.ecnMark++;
  return true;
}

function markLate(c: CodelQueue, skb: Skb): void {
  const { ceThresholdMask, ceThresholdSelector } = c.params;
  if (ceThresholdMask !== 0) {
    const field = trafficClass(skb);
    if (field < 0 || (field & ceThresholdMask) !== ceThresholdSelector) return;
  }
  if (setCongestionExperienced(skb)) c.ceMark++;
}

function dropAndNext(c: CodelQueue, skb: Skb): Skb | null {
  c.dropLen += c.lenOf(skb);
  c.dropCount++;
  c.lose(skb);
  return c.next();
}

function shouldDrop(c: CodelQueue, v: CodelVars, skb: Skb | null): boolean {
  if (skb === null) {
    v.firstAbove = 0;
    return false;
  }
  const len = c.lenOf(skb);
  v.ldelay = (c.now - skb.cb0) | 0;
  if (len > c.maxpacket) c.maxpacket = len;
  if (((v.ldelay - c.params.target) | 0) < 0 || c.backlog() <= c.params.mtu) {
    v.firstAbove = 0;
    return false;
  }
  if (v.firstAbove === 0) {
    v.firstAbove = (c.now + c.params.interval) | 0;
    return false;
  }
  return ((c.now - v.firstAbove) | 0) > 0;
}

/** One step of Newton's method for 1/sqrt(count), in the kernel's integers. Linux: codel_Newton_step(). */
function newtonStep(v: CodelVars): void {
  const r = v.recInvSqrt;
  const val = Math.floor((3 * 0x1_0000_0000 - v.count * (r * r)) / 4);
  v.recInvSqrt = Math.floor((val * r) / 0x8000_0000) & 0xffff;
}

/** t + interval / sqrt(count). */
function controlLaw(t: number, interval: number, recInvSqrt: number): number {
  return (t + Math.floor((interval * recInvSqrt) / 0x10000)) | 0;
}
