// Does what a device sends come back by the port that it went out by (hairpin, reflective relay)? Known only where the other
// end is on this machine: a veth whose peer is a port of a bridge. Of a switch outside nothing is known, and most do not.

import { lowerOf } from '../snapshot/snapshot.ts';
import type { Spot, View } from '../status/view.ts';

export function reflects(view: View, lower: Spot): boolean {
  return view.roots(lower).some(({ ns, link }) => {
    if (link.kind !== 'veth') return false;
    const peer = lowerOf(view.snapshot, ns, link);
    return peer !== null && peer.link.master !== null && Number(peer.link.port.mode ?? 0) !== 0;
  });
}
