// The way of a frame through a VLAN device: a tag beside the bytes on the way down, none on the way up.
// Linux: net/8021q/vlan_dev.c, vlan_dev_hard_start_xmit(), vlan_dev_hard_header(); vlan_core.c, vlan_do_receive().

import { Drop } from '../../net/drop.ts';
import { PRIV_BRIDGE_PORT, PRIV_MACVLAN_PORT, XMIT_CN, XMIT_SUCCESS } from '../../net/flags.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { PKT_HOST, PKT_MULTICAST, PKT_OTHERHOST, type Skb } from '../../net/skb.ts';
import { vlanKey } from '../../net/vlan.ts';
import { VLAN_FLAG_REORDER_HDR } from '../../uapi/linkinfo.ts';
import { ETH_TYPE } from '../../wire/ethernet.ts';
import { VLAN_HLEN, VLAN_PRIO_SHIFT, VLAN_VID_MASK, vlanInsert } from '../../wire/vlan.ts';
import type { Vlan } from './priv.ts';

/** Takes the frame; the answer is the lowerdev's. A frame that has the tag already (reorder_hdr off) gets no second one. */
export function vlanStartXmit(skb: Skb, dev: NetDevice): number {
  const vlan = dev.priv as Vlan;
  const trace = dev.core.kernel.trace;
  if (trace.step !== null) trace.step('vlan_dev_hard_start_xmit', skb, dev);
  const b = skb.bytes;
  const type = (b[skb.off + ETH_TYPE] << 8) | b[skb.off + ETH_TYPE + 1];
  if ((vlan.flags & VLAN_FLAG_REORDER_HDR) !== 0 || type !== vlan.proto) {
    skb.vlanProto = vlan.proto;
    skb.vlanTci = vlan.tciFor(skb.priority);
  }
  skb.dev = vlan.lower;
  const length = skb.len;
  const rc = dev.core.kernel.tx.devQueueXmit(skb, null);
  const stats = dev.stats;
  if (rc === XMIT_SUCCESS || rc === XMIT_CN) {
    stats.txPackets++;
    stats.txBytes += length;
  } else stats.txDropped++;
  return rc;
}

/** With reorder_hdr off the tag is part of the header from the start: watchers of the VLAN see it. */
export function vlanHardHeader(skb: Skb, dev: NetDevice): void {
  const vlan = dev.priv as Vlan;
  if ((vlan.flags & VLAN_FLAG_REORDER_HDR) === 0) {
    const tci = vlan.tciFor(skb.priority);
    const at = skb.push(VLAN_HLEN);
    const b = skb.bytes;
    b[at] = tci >>> 8;
    b[at + 1] = tci;
    b[at + 2] = skb.protocol >>> 8;
    b[at + 3] = skb.protocol;
    skb.protocol = vlan.proto;
  }
  if (vlan.lower.hardHeader !== null) vlan.lower.hardHeader(skb, vlan.lower);
}

/**
 * A frame with a tag (beside its bytes) came in by `dev`. True: it is its VLAN's now, or it ended because that VLAN is
 * down; false: there is no such VLAN here. The core's slot vlanReceive.
 */
export function vlanDoReceive(skb: Skb, dev: NetDevice): boolean {
  const upper = dev.vlans?.get(vlanKey(skb.vlanProto, skb.vlanTci & VLAN_VID_MASK));
  if (upper === undefined) return false;
  const trace = dev.core.kernel.trace;
  if (trace.step !== null) trace.step('vlan_do_receive', skb, upper);
  if (!upper.up) {
    skb.slabs.free(skb, Drop.DeviceDown);
    return true;
  }
  const vlan = upper.priv as Vlan;
  skb.dev = upper;
  if (skb.pktType === PKT_OTHERHOST && isFor(skb, upper)) skb.pktType = PKT_HOST;
  const inside = (upper.privFlags & (PRIV_MACVLAN_PORT | PRIV_BRIDGE_PORT)) !== 0;
  if ((vlan.flags & VLAN_FLAG_REORDER_HDR) === 0 && !inside && !putBack(skb)) return true;
  skb.priority = vlan.ingress[skb.vlanTci >>> VLAN_PRIO_SHIFT];
  skb.vlanProto = 0;
  skb.vlanTci = 0;
  const stats = upper.stats;
  stats.rxPackets++;
  stats.rxBytes += skb.len;
  if (skb.pktType === PKT_MULTICAST) stats.multicast++;
  return true;
}

/** The lowerdev compared with its own address; the VLAN may have another. */
function isFor(skb: Skb, dev: NetDevice): boolean {
  const b = skb.bytes;
  const at = skb.mac;
  const hi = (b[at] << 16) | (b[at + 1] << 8) | b[at + 2];
  const lo = (b[at + 3] << 16) | (b[at + 4] << 8) | b[at + 5];
  return hi * 0x1000000 + lo === dev.addr;
}

/** The tag goes back behind the addresses; the packet stays where it is. False: no memory, and the frame is gone. */
function putBack(skb: Skb): boolean {
  if (!skb.slabs.unshare(skb)) {
    skb.slabs.free(skb, Drop.NoMemory);
    return false;
  }
  vlanInsert(skb.bytes, skb.mac, skb.vlanProto, skb.vlanTci);
  skb.mac -= VLAN_HLEN;
  return true;
}
