// VLANs of a bridge: which ids a port (or the bridge's own device) is in, which of them untagged, and the one that untagged
// frames belong to (pvid). A bridge has none of this until somebody asks for it, as on a kernel without VLAN filtering;
// from then on it starts like any: everyone in the default VLAN, filtering off. Not modelled, and refused by name: 802.1ad
// as its protocol, statistics by VLAN. Linux: net/bridge/br_vlan.c.

import { Refusal } from '../../net/linkops.ts';
import type { NetDevice } from '../../net/netdev.ts';
import type { Skb } from '../../net/skb.ts';
import { vidAdd, vidDel } from '../../net/vlan.ts';
import { ETH_P_8021Q, ETH_TYPE } from '../../wire/ethernet.ts';
import { VLAN_HLEN, VLAN_VID_MASK, vlanInsert } from '../../wire/vlan.ts';
import { E } from '../common.ts';
import type { Bridge, BridgePort } from './br.ts';

const MEMBER = 1;
const UNTAGGED = 2;

/** Of one port, or of the bridge itself. Linux: struct net_bridge_vlan_group. */
class VlanGroup {
  /** 0: none, and then untagged frames are not let in. */
  pvid = 0;
  /** By id: MEMBER, UNTAGGED. */
  readonly bits = new Uint8Array(VLAN_VID_MASK + 1);

  has(vid: number): boolean {
    return this.bits[vid] !== 0;
  }

  untagged(vid: number): boolean {
    return (this.bits[vid] & UNTAGGED) !== 0;
  }

  ids(): number[] {
    const out: number[] = [];
    for (let vid = 1; vid < VLAN_VID_MASK; vid++) if (this.bits[vid] !== 0) out.push(vid);
    return out;
  }

  /** New, or with other flags. Linux: __vlan_flags_update(). */
  set(vid: number, pvid: boolean, untagged: boolean): void {
    if (pvid) this.pvid = vid;
    else if (this.pvid === vid) this.pvid = 0;
    this.bits[vid] = untagged ? MEMBER | UNTAGGED : MEMBER;
  }

  remove(vid: number): void {
    this.bits[vid] = 0;
    if (this.pvid === vid) this.pvid = 0;
  }
}

/** What a bridge knows of VLANs once it knows of any. */
export class BridgeVlans {
  filtering = false;
  defaultPvid = 1;
  readonly own = new VlanGroup();
  readonly ports = new Map<BridgePort, VlanGroup>();

  groupOf(port: BridgePort | null): VlanGroup {
    return port === null ? this.own : (this.ports.get(port) as VlanGroup);
  }
}

/** The bridge's VLANs; made now if there were none. */
export function vlansOf(br: Bridge): BridgeVlans {
  if (br.vlans !== null) return br.vlans;
  br.vlans = new BridgeVlans();
  addVlan(br, null, br.vlans.defaultPvid, true, true);
  for (const port of [...br.ports].reverse()) joinPort(port);
  return br.vlans;
}

/** A port that joined is in the default VLAN. Linux: nbp_vlan_init(). */
export function joinPort(port: BridgePort): void {
  const vlans = port.br.vlans;
  if (vlans === null) return;
  vlans.ports.set(port, new VlanGroup());
  if (vlans.defaultPvid !== 0) addVlan(port.br, port, vlans.defaultPvid, true, true);
}

/** Linux: nbp_vlan_flush(). */
export function leavePort(port: BridgePort): void {
  const vlans = port.br.vlans;
  if (vlans === null) return;
  for (const vid of vlans.groupOf(port).ids()) vidDel(port.dev, ETH_P_8021Q, vid);
  vlans.ports.delete(port);
}

/** `port` null: the bridge itself. */
export function addVlan(br: Bridge, port: BridgePort | null, vid: number, pvid: boolean, untagged: boolean): void {
  const group = vlansOf(br).groupOf(port);
  if (!group.has(vid)) {
    if (port !== null) {
      const err = vidAdd(port.dev, ETH_P_8021Q, vid);
      if (err < 0) throw new Refusal(-err);
    }
    group.set(vid, pvid, untagged);
    br.fdb.addLocal(port, (port?.dev ?? br.dev).addr, vid);
  } else group.set(vid, pvid, untagged);
}

/** 0 or -ENOENT. */
export function delVlan(br: Bridge, port: BridgePort | null, vid: number): number {
  const group = vlansOf(br).groupOf(port);
  if (!group.has(vid)) return -E.ENOENT;
  br.fdb.deleteVlan(port, vid);
  if (port !== null) vidDel(port.dev, ETH_P_8021Q, vid);
  group.remove(vid);
  return 0;
}

/** 0: no default VLAN for ports to come. Those who are in the old one only by default move. */
export function setDefaultPvid(br: Bridge, vid: number): void {
  if (vid >= VLAN_VID_MASK) throw new Refusal(E.EINVAL);
  const vlans = vlansOf(br);
  const old = vlans.defaultPvid;
  if (vid === old) return;
  for (const port of [null, ...[...br.ports].reverse()]) {
    const group = vlans.groupOf(port);
    const byDefault = old !== 0 && group.pvid === old && group.untagged(old);
    if (old !== 0 && !byDefault) continue;
    if (vid !== 0 && group.has(vid)) continue;
    if (vid !== 0) addVlan(br, port, vid, true, true);
    if (byDefault) delVlan(br, port, old);
  }
  vlans.defaultPvid = vid;
}

/**
 * In by `group`'s port: the VLAN that the frame belongs to, which is then in its tag; -1: it may not come in. Borrows.
 * Linux: __allowed_ingress().
 */
export function ingress(group: VlanGroup, skb: Skb): number {
  let vid = 0;
  // What the bridge's own device is given may have its tag in its bytes.
  if (skb.vlanProto === 0 && skb.protocol === ETH_P_8021Q && !fromBytes(skb)) return -1;
  if (skb.vlanProto === ETH_P_8021Q) vid = skb.vlanTci & VLAN_VID_MASK;
  else if (skb.vlanProto !== 0 && !intoBytes(skb)) return -1;
  if (vid === 0) {
    if (group.pvid === 0) return -1;
    vid = group.pvid;
    skb.vlanTci = skb.vlanProto === 0 ? vid : skb.vlanTci | vid;
    skb.vlanProto = ETH_P_8021Q;
  }
  return group.has(vid) ? vid : -1;
}

/** Linux: skb_vlan_untag(). */
function fromBytes(skb: Skb): boolean {
  if (skb.len < VLAN_HLEN || !skb.slabs.unshare(skb)) return false;
  const b = skb.bytes;
  skb.vlanProto = skb.protocol;
  skb.vlanTci = (b[skb.off] << 8) | b[skb.off + 1];
  skb.protocol = (b[skb.off + 2] << 8) | b[skb.off + 3];
  b.copyWithin(skb.mac + VLAN_HLEN, skb.mac, skb.mac + ETH_TYPE);
  skb.mac += VLAN_HLEN;
  skb.pull(VLAN_HLEN);
  return true;
}

/** A tag of another protocol is part of the frame for this bridge. */
function intoBytes(skb: Skb): boolean {
  if (!skb.slabs.unshare(skb)) return false;
  vlanInsert(skb.bytes, skb.mac, skb.vlanProto, skb.vlanTci);
  skb.mac -= VLAN_HLEN;
  skb.off -= VLAN_HLEN;
  skb.len += VLAN_HLEN;
  skb.protocol = skb.vlanProto;
  skb.vlanProto = 0;
  skb.vlanTci = 0;
  return true;
}

/** May it leave by this port? Its VLAN is in its tag. Linux: br_allowed_egress(). */
export function egress(group: VlanGroup, skb: Skb): boolean {
  return group.has(skb.vlanTci & VLAN_VID_MASK);
}

/** Takes the tag off where the VLAN is untagged. Linux: br_handle_vlan(). */
export function strip(group: VlanGroup, skb: Skb): void {
  if (!group.untagged(skb.vlanTci & VLAN_VID_MASK)) return;
  skb.vlanProto = 0;
  skb.vlanTci = 0;
}

/** The VLANs of a port, or of the bridge (`port` null), as user space sees them. */
export function listVlans(
  br: Bridge,
  port: NetDevice | null,
): Array<{ vid: number; pvid: boolean; untagged: boolean }> {
  const { vlans } = br;
  if (vlans === null) return [];
  const of = port === null ? null : (br.ports.find((p) => p.dev === port) ?? null);
  const group = vlans.groupOf(of);
  return group.ids().map((vid) => ({ vid, pvid: group.pvid === vid, untagged: group.untagged(vid) }));
}
