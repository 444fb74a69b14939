// A frame at the embedded switch: does it stay inside, on its way out, and does a station take it, on its way in? Only
// asked while there are stations. veb.ts has the table; docs/offload.md says which of these rules no kernel can prove.

import { Drop } from '../../net/drop.ts';
import type { Skb } from '../../net/skb.ts';
import { type CableEnd, LINE_OVERHEAD } from '../../sim/cable.ts';
import { ethSrcHi, ethSrcLo, macIsMulticast } from '../../wire/ethernet.ts';
import type { NicPort } from './port.ts';
import type { Stations } from './stations.ts';
import type { TxRing } from './tx-ring.ts';
import { VEB, VEPA } from './veb.ts';

/** From a ring: true when the frame is for this NIC alone; then it is taken. Multicast goes both ways, as copies. */
export function staysInside(
  port: NicPort,
  stations: Stations,
  ring: TxRing,
  skb: Skb,
  waitNs: number,
  pieces: number,
): boolean {
  const { fabric } = stations;
  if (fabric.mode !== VEB) return false;
  const from = ring.vsi;
  if (macIsMulticast(skb.bytes, skb.off)) {
    if (from !== null && port.filter.accepts(port.dev, skb.bytes, skb.off)) {
      port.passInside(skb.slabs.clone(skb), port.own, waitNs);
    }
    if (fabric.replicates) {
      for (const vsi of fabric.all) if (vsi !== from) port.passInside(skb.slabs.clone(skb), vsi, waitNs);
    }
    return false;
  }
  let to = fabric.find(skb);
  // The port's own filters count here, not what else it lets in while it is promiscuous.
  if (to === null && from !== null && port.filter.exact(port.dev, skb.bytes, skb.off)) to = port.own;
  if (to === null) return false;
  const { trace, loop } = port.kernel;
  if (trace.step !== null) trace.step('veb_switch', skb, port.dev);
  const end = port.end as CableEnd<Skb>;
  end.occupy(skb.len + (pieces - 1) * LINE_OVERHEAD, waitNs);
  if (to === from) skb.slabs.free(skb, Drop.None);
  else port.passInside(skb, to, end.busyUntilNs - loop.now);
  return true;
}

/** From the line: true when a station took the frame, or nobody may have it. */
export function takenByStation(port: NicPort, stations: Stations, skb: Skb): boolean {
  const { fabric } = stations;
  if (fabric.mode === VEPA && stations.profile.sourcePruning && isOwnSource(port, skb)) {
    port.filtered++;
    skb.slabs.free(skb, Drop.None);
    return true;
  }
  if (macIsMulticast(skb.bytes, skb.off)) {
    if (fabric.replicates) for (const vsi of fabric.all) port.store(skb.slabs.clone(skb), vsi);
    return false;
  }
  const vsi = fabric.find(skb);
  if (vsi === null) return false;
  port.store(skb, vsi);
  return true;
}

/** Came a frame of the port's own back? */
function isOwnSource(port: NicPort, skb: Skb): boolean {
  return ethSrcHi(skb.bytes, skb.off) * 0x1000000 + ethSrcLo(skb.bytes, skb.off) === port.dev.addr;
}
