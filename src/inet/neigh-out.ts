// The last step of IP output: the next hop's link-layer address in front of the packet, and into the device.
// Linux: neigh_output(), neigh_hh_output(), neigh_resolve_output(); ip_finish_output2().

import { Drop } from '../net/drop.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { Skb } from '../net/skb.ts';
import { ETH_HLEN, setEth } from '../wire/ethernet.ts';
import { ENOMEM } from './errno.ts';
import { type Neigh, NUD_CONNECTED } from './neigh.ts';
import type { NeighHome } from './neigh-home.ts';

/** Takes a packet (skb.off at the network header). What the device said, or 0 when it waits or was dropped here. */
export function neighOutput(n: Neigh, skb: Skb): number {
  const dev = n.dev;
  const known = (n.state & NUD_CONNECTED) !== 0;
  if (!known) {
    const trace = dev.core.kernel.trace;
    if (trace.step !== null) trace.step('neigh_resolve_output', skb, dev);
    if (!n.eventSend(skb)) return 0;
  }
  if (dev.hardHeader !== null) dev.hardHeader(skb, dev);
  const at = skb.push(ETH_HLEN);
  const b = skb.bytes;
  const hi = n.haHi;
  const lo = n.haLo;
  b[at] = hi >>> 16;
  b[at + 1] = hi >>> 8;
  b[at + 2] = hi;
  b[at + 3] = lo >>> 16;
  b[at + 4] = lo >>> 8;
  b[at + 5] = lo;
  // The first header is kept for the next frames, with the address that the device had: a new one that nobody is told of
  // (a passthru macvlan's lowerdev got it) does not show until the neighbour is asked for again. Linux: neigh_hh_init().
  if (!known || n.hhHi < 0) {
    const ind = n.ind;
    if (ind.srcMac !== dev.addr) noteSource(ind);
    if (n.hhHi < 0) {
      n.hhHi = ind.srcHi;
      n.hhLo = ind.srcLo;
    }
  }
  const shi = known ? n.hhHi : n.ind.srcHi;
  const slo = known ? n.hhLo : n.ind.srcLo;
  b[at + 6] = shi >>> 16;
  b[at + 7] = shi >>> 8;
  b[at + 8] = shi;
  b[at + 9] = slo >>> 16;
  b[at + 10] = slo >>> 8;
  b[at + 11] = slo;
  b[at + 12] = skb.protocol >>> 8;
  b[at + 13] = skb.protocol;
  skb.dev = dev;
  return dev.core.kernel.tx.devQueueXmit(skb, null);
}

/** The halves of the device's own address: dividing a 48-bit number for every frame would cost more than the rest. */
function noteSource(ind: NeighHome): void {
  ind.srcMac = ind.dev.addr;
  ind.srcHi = Math.floor(ind.srcMac / 0x1000000);
  ind.srcLo = ind.srcMac % 0x1000000;
}

/** With an Ethernet header for any destination: ARP, packet sockets. Takes. */
export function sendTo(dev: NetDevice, skb: Skb, dst: number): number {
  if (!skb.slabs.unshare(skb)) {
    skb.slabs.free(skb, Drop.NoMemory);
    return -ENOMEM;
  }
  if (dev.hardHeader !== null) dev.hardHeader(skb, dev);
  setEth(skb.bytes, skb.push(ETH_HLEN), dst, dev.addr, skb.protocol);
  skb.dev = dev;
  return dev.core.kernel.tx.devQueueXmit(skb, null);
}
