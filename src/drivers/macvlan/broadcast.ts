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

/** How a clone is handed over: from a macvlan's transmit side, from the lowerdev's softirq, or from the worker. */
const LOCAL = 0;
const SOFTIRQ = 1;
const WORKER = 2;

/** A bridge macvlan sends a broadcast: its siblings hear it. Borrows; skb.off is at the link header. */
export function floodLocal(port: MacvlanPort, src: Macvlan, skb: Skb): void {
  flood(port, skb, src, ruleOf(src.mode).localFlood, LOCAL);
}

/** A broadcast came in on the lowerdev. Borrows. Linux: macvlan_multicast_rx(). */
export function multicastRx(port: MacvlanPort, src: Macvlan | null, skb: Skb): void {
  flood(port, skb, src, (src === null ? EXTERNAL : ruleOf(src.mode)).reflectedFlood, SOFTIRQ);
}

function flood(port: MacvlanPort, skb: Skb, src: Macvlan | null, modes: number, how: number): void {
  if (skb.protocol === ETH_P_PAUSE || modes === 0) return;
  const kernel = port.kernel;
  if (kernel.trace.step !== null) kernel.trace.step('macvlan_broadcast', skb, port.dev);
  const hi = ethDstHi(skb.bytes, skb.mac);
  const lo = ethDstLo(skb.bytes, skb.mac);
  // Counted from the frame as it lies here: with its link header on the way out, which counts the header twice.
  const length = skb.len + ETH_HLEN;
  const all = port.flood;
  for (let i = 0; i < all.length; i++) {
    const vlan = all[i];
    if (vlan === src || (vlan.mode & modes) === 0 || !vlan.mcFilter.has(hi, lo)) continue;
    const copy = skb.slabs.clone(skb);
    const verdict = how === LOCAL ? forwardSkb(vlan.dev, copy) : deliver(vlan, copy);
    countRx(vlan, length, verdict, true);
    if (how === WORKER) kernel.softirq.runNow(); // netif_rx() outside of a softirq lets bottom halves run
  }
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
  if (port.bcWorkPending) return;
  port.bcWorkPending = true;
  port.bcWork = kernel.loop.after(kernel.timing.bcWorkNs, processBroadcast, port, 0);
}

/** The worker: takes all that waits now. What a sender's mode means is asked now, not when it was queued. */
function processBroadcast(port: MacvlanPort): void {
  port.bcWorkPending = false;
  const trace = port.kernel.trace;
  let skb = port.bcHead;
  port.bcHead = null;
  port.bcTail = null;
  port.bcLength = 0;
  while (skb !== null) {
    const next: Skb | null = skb.next;
    const src = skb.cbRef as Macvlan | null;
    skb.next = null;
    if (trace.step !== null) trace.step('macvlan_process_broadcast', skb, port.dev);
    flood(port, skb, src, (src === null ? EXTERNAL : ruleOf(src.mode)).reflectedFlood, WORKER);
    skb.slabs.free(skb, Drop.None);
    skb = next;
  }
}

/** The port goes: the worker does not run again, and what waits ends. Linux: cancel_work_sync(), skb_queue_purge(). */
export function stopBroadcasts(port: MacvlanPort): void {
  if (port.bcWorkPending) port.kernel.loop.cancel(port.bcWork);
  port.bcWorkPending = false;
  let skb = port.bcHead;
  port.bcHead = null;
  port.bcTail = null;
  port.bcLength = 0;
  while (skb !== null) {
    const next: Skb | null = skb.next;
    skb.slabs.free(skb, Drop.DeviceGone);
    skb = next;
  }
}
