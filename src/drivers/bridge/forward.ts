// Frames leave a bridge: by one port, or by all that should hear them. The newest port goes first; the last one gets the
// frame itself, the others clones. Linux: net/bridge/br_forward.c, br_device.c (br_dev_xmit).

import { Drop } from '../../net/drop.ts';
import { TX_OK } from '../../net/flags.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { isForwardable } from '../../net/rx.ts';
import type { Skb } from '../../net/skb.ts';
import { ETH_HLEN, ethDstHi, ethDstLo, macIsBroadcast, macIsMulticast } from '../../wire/ethernet.ts';
import { type Bridge, type BridgePort, bridgeOf } from './br.ts';
import { FORWARDING, P_BCAST_FLOOD, P_FLOOD, P_HAIRPIN, P_ISOLATED, P_MCAST_FLOOD } from './const.ts';
import { egress, ingress, strip } from './vlan.ts';

export const UNICAST = P_FLOOD;
export const MULTICAST = P_MCAST_FLOOD;
export const BROADCAST = P_BCAST_FLOOD;

/** May the frame go out by `to`? `from`: the port it came in by, null: the bridge's own. Linux: should_deliver(). */
function shouldDeliver(to: BridgePort, from: BridgePort | null, skb: Skb): boolean {
  if (to.state !== FORWARDING) return false;
  const vlans = to.br.vlans;
  if (vlans?.filtering === true && !egress(vlans.groupOf(to), skb)) return false;
  if (from === null) return true;
  if (to === from && (to.flags & P_HAIRPIN) === 0) return false;
  return (from.flags & to.flags & P_ISOLATED) === 0;
}

/** Sends by one port. Takes the frame unless `keep`, which sends a clone. Linux: br_forward(). */
export function forwardTo(to: BridgePort | null, from: BridgePort | null, skb: Skb, keep: boolean): void {
  if (to === null || !shouldDeliver(to, from, skb)) {
    if (!keep) skb.slabs.free(skb, Drop.BridgeNoForward);
    return;
  }
  push(to, keep ? skb.slabs.clone(skb) : skb);
}

/** Sends by every port that floods frames of this kind. Takes the frame unless `keep`. Linux: br_flood(). */
export function flood(br: Bridge, from: BridgePort | null, skb: Skb, kind: number, keep: boolean): void {
  const trace = br.dev.core.kernel.trace;
  if (trace.step !== null) trace.step('br_flood', skb, br.dev);
  const ports = br.ports;
  let last: BridgePort | null = null;
  for (let i = 0; i < ports.length; i++) {
    const port = ports[i];
    // What the bridge itself says to all is flooded whatever the port's flags are; its unknown unicast is not.
    if ((port.flags & kind) === 0 && (kind === UNICAST || from !== null)) continue;
    if (!shouldDeliver(port, from, skb)) continue;
    if (last !== null) push(last, skb.slabs.clone(skb));
    last = port;
  }
  if (last !== null) push(last, keep ? skb.slabs.clone(skb) : skb);
  else if (!keep) skb.slabs.free(skb, Drop.BridgeNoForward);
}

/** Into the port's transmit side. Takes it. A frame too long for the port is lost in silence. */
function push(to: BridgePort, skb: Skb): void {
  const dev = to.dev;
  const kernel = dev.core.kernel;
  const vlans = to.br.vlans;
  if (vlans?.filtering === true) strip(vlans.groupOf(to), skb);
  skb.dev = dev;
  skb.push(ETH_HLEN);
  if (kernel.trace.step !== null) kernel.trace.step('br_dev_queue_push_xmit', skb, dev);
  if (!isForwardable(dev, skb)) {
    skb.slabs.free(skb, dev.up ? Drop.TooBig : Drop.DeviceDown);
    return;
  }
  kernel.tx.devQueueXmit(skb, null);
}

/** The bridge itself sends. */
export function brDevXmit(skb: Skb, dev: NetDevice): number {
  const br = bridgeOf(dev);
  const trace = dev.core.kernel.trace;
  if (trace.step !== null) trace.step('br_dev_xmit', skb, dev);
  dev.stats.txPackets++;
  dev.stats.txBytes += skb.len;
  skb.mac = skb.off;
  skb.pull(ETH_HLEN);
  let vid = 0;
  const vlans = br.vlans;
  if (vlans?.filtering === true) {
    vid = ingress(vlans.own, skb);
    if (vid < 0) {
      skb.slabs.free(skb, Drop.VlanUnknown);
      return TX_OK;
    }
  }
  const at = skb.mac;
  const b = skb.bytes;
  if (macIsBroadcast(b, at)) flood(br, null, skb, BROADCAST, false);
  else if (macIsMulticast(b, at)) flood(br, null, skb, MULTICAST, false);
  else {
    const line = br.fdb.find(ethDstHi(b, at), ethDstLo(b, at), vid);
    if (line !== null) forwardTo(line.port, null, skb, false);
    else flood(br, null, skb, UNICAST, false);
  }
  return TX_OK;
}
