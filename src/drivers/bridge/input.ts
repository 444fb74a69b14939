// Frames come into a bridge by a port: learn the sender, then to the port of the receiver, to all, or up to the bridge
// itself. Multicast floods like broadcast: a bridge that snoops does no less while there is no querier, and here there
// is none (queries that pass by are not noticed). Linux: net/bridge/br_input.c.

import { Drop } from '../../net/drop.ts';
import { IFF_PROMISC, RX_CONSUMED, RX_PASS } from '../../net/flags.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { PKT_HOST, PKT_LOOPBACK, type Skb } from '../../net/skb.ts';
import {
  ETH_P_8021Q,
  ethDstHi,
  ethDstLo,
  ethSrcHi,
  ethSrcLo,
  macIsBroadcast,
  macIsMulticast,
  macIsZero,
} from '../../wire/ethernet.ts';
import { VLAN_VID_MASK } from '../../wire/vlan.ts';
import type { Bridge, BridgePort } from './br.ts';
import { FORWARDING, LEARNING, P_LEARNING } from './const.ts';
import { BROADCAST, flood, forwardTo, MULTICAST, UNICAST } from './forward.ts';
import { egress, ingress, strip } from './vlan.ts';

const ETH_SRC = 6;
/** 01:80:c2:00:00:0X without its last byte: groups that a bridge keeps to itself. */
const LINK_LOCAL_HI = 0x0180c2;

/** The rx handler of a port. */
export function brHandleFrame(skb: Skb, dev: NetDevice): number {
  if (skb.pktType === PKT_LOOPBACK) return RX_PASS;
  const port = dev.rxHandlerData as BridgePort;
  const trace = dev.core.kernel.trace;
  if (trace.step !== null) trace.step('br_handle_frame', skb, dev);
  const b = skb.bytes;
  const at = skb.mac;
  if (macIsMulticast(b, at + ETH_SRC) || macIsZero(b, at + ETH_SRC)) return lose(skb, Drop.Malformed);
  if (ethDstHi(b, at) === LINK_LOCAL_HI && (ethDstLo(b, at) & 0xfffff0) === 0) {
    const last = b[at + 5];
    if (last === 1) return lose(skb, Drop.BridgeFiltered); // pause frames end at every MAC
    if (!forwardsGroup(port, last)) {
      if (learns(port) && !port.br.noLinkLocalLearn) learnLocal(port, skb);
      return RX_PASS; // up on the port itself
    }
  }
  if (port.state !== FORWARDING && port.state !== LEARNING) return lose(skb, Drop.BridgeNoForward);
  if (ethDstHi(b, at) * 0x1000000 + ethDstLo(b, at) === port.br.dev.addr) skb.pktType = PKT_HOST;
  finish(port, skb);
  return RX_CONSUMED;
}

/** Is a link-local group forwarded? 0 (STP) is, since the protocol is off. */
function forwardsGroup(port: BridgePort, last: number): boolean {
  return last === 0 || ((port.br.groupFwdMask | port.groupFwdMask) & (1 << last)) !== 0;
}

function learns(port: BridgePort): boolean {
  return (port.flags & P_LEARNING) !== 0 && (port.state === FORWARDING || port.state === LEARNING);
}

function learn(port: BridgePort, skb: Skb, vid: number): void {
  port.br.fdb.update(port, ethSrcHi(skb.bytes, skb.mac), ethSrcLo(skb.bytes, skb.mac), vid);
}

/** From a frame that is not forwarded: its VLAN is looked at, its tag is left alone. Linux: br_should_learn(). */
function learnLocal(port: BridgePort, skb: Skb): void {
  const vlans = port.br.vlans;
  if (vlans?.filtering !== true) {
    learn(port, skb, 0);
    return;
  }
  const group = vlans.groupOf(port);
  const tagged = skb.vlanProto === ETH_P_8021Q ? skb.vlanTci & VLAN_VID_MASK : 0;
  const vid = tagged === 0 ? group.pvid : tagged;
  if (vid !== 0 && group.has(vid)) learn(port, skb, vid);
}

function lose(skb: Skb, reason: 12 | 19 | 20): number {
  skb.slabs.free(skb, reason);
  return RX_CONSUMED;
}

/** Linux: br_handle_frame_finish(). Takes the frame. */
function finish(port: BridgePort, skb: Skb): void {
  const br = port.br;
  const kernel = br.dev.core.kernel;
  if (kernel.trace.step !== null) kernel.trace.step('br_handle_frame_finish', skb, port.dev);
  const vlans = br.vlans;
  let vid = 0;
  if (vlans?.filtering === true) {
    vid = ingress(vlans.groupOf(port), skb);
    if (vid < 0) {
      skb.slabs.free(skb, Drop.VlanUnknown);
      return;
    }
  }
  if ((port.flags & P_LEARNING) !== 0) learn(port, skb, vid);
  if (port.state === LEARNING) {
    skb.slabs.free(skb, Drop.BridgeNoForward);
    return;
  }
  const b = skb.bytes;
  const at = skb.mac;
  let up = (br.dev.flags & IFF_PROMISC) !== 0;
  if (macIsMulticast(b, at)) {
    const broadcast = macIsBroadcast(b, at);
    if (!broadcast) br.dev.stats.multicast++;
    flood(br, port, skb, broadcast ? BROADCAST : MULTICAST, true);
    up = true;
  } else {
    const line = br.fdb.find(ethDstHi(b, at), ethDstLo(b, at), vid);
    if (line === null) flood(br, port, skb, UNICAST, up);
    else if (line.local) up = true;
    else {
      line.usedNs = kernel.loop.now;
      forwardTo(line.port, port, skb, up);
    }
  }
  if (up) passUp(br, skb);
}

/** To the bridge's own stack. Counted without the link header. Takes it. Linux: br_pass_frame_up(). */
function passUp(br: Bridge, skb: Skb): void {
  const dev = br.dev;
  const kernel = dev.core.kernel;
  if (kernel.trace.step !== null) kernel.trace.step('br_pass_frame_up', skb, dev);
  dev.stats.rxPackets++;
  dev.stats.rxBytes += skb.len;
  const vlans = br.vlans;
  if (vlans?.filtering === true) {
    // The bridge's own device is a port like any other, but for a watcher that wants everything.
    if (egress(vlans.own, skb)) strip(vlans.own, skb);
    else if ((dev.flags & IFF_PROMISC) === 0) {
      skb.slabs.free(skb, Drop.VlanUnknown);
      return;
    }
  }
  skb.dev = dev;
  kernel.rx.netifReceiveSkb(skb);
}
