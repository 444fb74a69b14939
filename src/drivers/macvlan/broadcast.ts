// Floods: a clone for every macvlan that should hear a multicast or broadcast frame, at once or by a worker that takes
// them off a queue. The queue is bounded by what the macvlans ask for; a frame beyond it is lost for all of them and
// counted on the lowerdev. Linux: drivers/net/macvlan.c, macvlan_broadcast(), macvlan_broadcast_enqueue(),
// macvlan_process_broadcast().

import { Drop } from '../../net/drop.ts';
import { forwardSkb } from '../../net/rx.ts';
import { PKT_BROADCAST, PKT_MULTICAST, type Skb } from '../../net/skb.ts';
import { ETH_HLEN, ETH_P_PAUSE, ethDst, ethDstHi, ethDstLo } from '../../wire/ethernet.ts';
import { countRx } from './count.ts';
import { EXTERNAL, ruleOf } from './modes.ts';
import type { Macvlan, MacvlanPort } from './port.ts';

/**
 * What a clone of the worker's leads to on its CPU (an answer, what that asks for, over veths and bridges) is over before
 * the next clone is made: at most so many frames of it. Linux: dev_rx_weight.
 */
const MAX_STEPS = 64;

/** A bridge macvlan sends a broadcast: its siblings hear it. Borrows; skb.off is at the link header. */
export function floodLocal(port: MacvlanPort, src: Macvlan, skb: Skb): void {
  const modes = ruleOf(src.mode).localFlood;
  if (!floods(port, skb, modes)) return;
  const hi = ethDstHi(skb.bytes, skb.mac);
  const lo = ethDstLo(skb.bytes, skb.mac);
  const length = lengthOf(skb);
  const all = port.flood;
  for (let i = 0; i < all.length; i++) {
    const vlan = all[i];
    if (hears(vlan, src, modes, hi, lo)) countRx(vlan, length, forwardSkb(vlan.dev, skb.slabs.clone(skb)), true);
  }
}

/** A broadcast came in on the lowerdev. Borrows. Linux: macvlan_multicast_rx(). */
export function multicastRx(port: MacvlanPort, src: Macvlan | null, skb: Skb): void {
  const modes = reflectedTo(src);
  if (!floods(port, skb, modes)) return;
  const hi = ethDstHi(skb.bytes, skb.mac);
  const lo = ethDstLo(skb.bytes, skb.mac);
  const length = lengthOf(skb);
  const all = port.flood;
  for (let i = 0; i < all.length; i++) {
    const vlan = all[i];
    if (hears(vlan, src, modes, hi, lo)) countRx(vlan, length, deliver(vlan, skb.slabs.clone(skb)), true);
  }
}

/** Modes that hear what came in from this macvlan, or from outside. */
function reflectedTo(src: Macvlan | null): number {
  return (src === null ? EXTERNAL : ruleOf(src.mode)).reflectedFlood;
}

function floods(port: MacvlanPort, skb: Skb, modes: number): boolean {
  if (skb.protocol === ETH_P_PAUSE || modes === 0) return false;
  const trace = port.kernel.trace;
  if (trace.step !== null) trace.step('macvlan_broadcast', skb, port.dev);
  return true;
}

/** `hi`, `lo`: the frame's destination, read once for all. */
function hears(vlan: Macvlan, src: Macvlan | null, modes: number, hi: number, lo: number): boolean {
  return vlan !== src && (vlan.mode & modes) !== 0 && vlan.mcFilter.has(hi, lo);
}

/** Counted from the frame as it lies here: with its link header on the way out, which counts the header twice. */
function lengthOf(skb: Skb): number {
  return skb.len + ETH_HLEN;
}

/** Gives a frame to a macvlan as its own multicast. Takes it. Linux: macvlan_broadcast_one(), netif_rx(). */
export function deliver(vlan: Macvlan, skb: Skb): number {
  const dev = vlan.dev;
  skb.dev = dev;
  skb.pktType = ethDst(skb.bytes, skb.mac) === dev.broadcast ? PKT_BROADCAST : PKT_MULTICAST;
  return dev.core.kernel.softirq.netifRx(skb);
}

/** Queues a copy for the worker. Borrows. */
export function enqueueBroadcast(port: MacvlanPort, src: Macvlan | null, skb: Skb): void {
  const kernel = port.kernel;
  if (kernel.trace.step !== null) kernel.trace.step('macvlan_broadcast_enqueue', skb, port.dev);
  const copy = skb.slabs.clone(skb);
  copy.dev = port.dev;
  if (port.bcLength < port.bcQueueLenUsed) {
    copy.cbRef = src;
    if (port.bcTail === null) port.bcHead = copy;
    else port.bcTail.next = copy;
    port.bcTail = copy;
    port.bcLength++;
  } else {
    skb.slabs.free(copy, Drop.BcQueueFull);
    port.dev.coreRxDropped++;
  }
  if (!port.bcWorkPending) wakeWorker(port);
}

function wakeWorker(port: MacvlanPort): void {
  const kernel = port.kernel;
  port.bcWorkPending = true;
  port.bcWork = kernel.loop.after(kernel.timing.bcWorkNs, processBroadcast, port, 0);
}

/** The worker: takes all that waits now. What a sender's mode means is asked now, not when it was queued. */
function processBroadcast(port: MacvlanPort): void {
  if (port.bcTaken === null) {
    port.bcTaken = port.bcHead;
    port.bcHead = null;
    port.bcTail = null;
    port.bcLength = 0;
    port.bcTodo = -1;
  }
  while (port.bcTaken !== null) {
    const skb: Skb = port.bcTaken;
    if (port.bcTodo < 0) beginFlood(port, skb);
    if (!continueFlood(port, skb)) return;
    port.bcTaken = skb.next;
    port.bcTodo = -1;
    skb.next = null;
    skb.slabs.free(skb, Drop.None);
  }
  port.bcWorkPending = false;
  if (port.bcHead !== null) wakeWorker(port);
}

/** Whom the worker has still to give the frame to: port.bcHearers from port.bcTodo on. */
function beginFlood(port: MacvlanPort, skb: Skb): void {
  const trace = port.kernel.trace;
  if (trace.step !== null) trace.step('macvlan_process_broadcast', skb, port.dev);
  const src = skb.cbRef as Macvlan | null;
  const modes = reflectedTo(src);
  port.bcHearerCount = 0;
  port.bcTodo = 0;
  if (!floods(port, skb, modes)) return;
  const hi = ethDstHi(skb.bytes, skb.mac);
  const lo = ethDstLo(skb.bytes, skb.mac);
  for (let i = 0; i < port.flood.length; i++) {
    if (hears(port.flood[i], src, modes, hi, lo)) port.bcHearers[port.bcHearerCount++] = port.flood[i];
  }
}

/** One clone after the other; false: what the last one led to is not over, the worker comes back. */
function continueFlood(port: MacvlanPort, skb: Skb): boolean {
  const kernel = port.kernel;
  const hearers = port.bcHearers;
  while (port.bcTodo < port.bcHearerCount) {
    const vlan = hearers[port.bcTodo];
    if (port.bcSteps === 0 && vlan.slot >= 0) {
      countRx(vlan, lengthOf(skb), deliver(vlan, skb.slabs.clone(skb)), true);
      kernel.softirq.runNow(); // netif_rx() outside of a softirq lets bottom halves run
    }
    if (
      kernel.softirq.backlog > 0 &&
      port.bcSteps < MAX_STEPS &&
      (port.bcTodo + 1 < port.bcHearerCount || skb.next !== null)
    ) {
      port.bcSteps++;
      port.bcWork = kernel.loop.after(kernel.timing.softirqNs, processBroadcast, port, 0);
      return false;
    }
    port.bcSteps = 0;
    port.bcTodo++;
  }
  return true;
}

/** The port goes: the worker does not run again, and what waits ends. Linux: cancel_work_sync(), skb_queue_purge(). */
export function stopBroadcasts(port: MacvlanPort): void {
  if (port.bcWorkPending) port.kernel.loop.cancel(port.bcWork);
  port.bcWorkPending = false;
  port.bcHearers.length = 0;
  endAll(port.bcTaken);
  endAll(port.bcHead);
  port.bcTaken = null;
  port.bcHead = null;
  port.bcTail = null;
  port.bcLength = 0;
}

function endAll(list: Skb | null): void {
  let skb = list;
  while (skb !== null) {
    const next: Skb | null = skb.next;
    skb.next = null;
    skb.slabs.free(skb, Drop.DeviceGone);
    skb = next;
  }
}
