// What the core knows of 802.1Q: the VLAN devices on top of a device, and the ids that its hardware filter lets in, counted
// by who asked. The link kind itself is drivers/vlan. Linux: net/8021q/vlan_core.c, vlan_vid_add(), vlan_vid_del(),
// vlan_vids_add_by_dev(), vlan_find_dev().

import { ETH_P_8021AD, ETH_P_8021Q } from '../wire/ethernet.ts';
import { F_VLAN_CTAG_FILTER, F_VLAN_STAG_FILTER } from './features.ts';
import type { NetDevice } from './netdev.ts';

const STAG = 0x1000;
const NONE = BigInt(0);

/** The key of dev.vlans and dev.vlanVids: small, so that a lookup per frame allocates nothing. */
export function vlanKey(proto: number, vid: number): number {
  return proto === ETH_P_8021AD ? vid | STAG : vid;
}

const protoOfKey = (key: number): number => ((key & STAG) !== 0 ? ETH_P_8021AD : ETH_P_8021Q);

/** Do VLAN devices stand on it? Linux: vlan_uses_dev(). */
export function vlanUsesDev(dev: NetDevice): boolean {
  return dev.vlans !== null && dev.vlans.size > 0;
}

/** The VLAN devices on top, 802.1Q before 802.1ad, each by id. */
export function vlansOf(dev: NetDevice): NetDevice[] {
  if (dev.vlans === null) return [];
  return [...dev.vlans].sort(([a], [b]) => a - b).map(([, vlan]) => vlan);
}

/** Does its hardware filter by VLAN id now? Linux: vlan_hw_filter_capable(). */
export function filters(dev: NetDevice, proto: number): boolean {
  return (dev.features & (proto === ETH_P_8021AD ? F_VLAN_STAG_FILTER : F_VLAN_CTAG_FILTER)) !== NONE;
}

/** One more who wants frames of that id; 0 or -errno. */
export function vidAdd(dev: NetDevice, proto: number, vid: number): number {
  const key = vlanKey(proto, vid);
  dev.vlanVids ??= new Map();
  const users = dev.vlanVids.get(key) ?? 0;
  if (users === 0 && filters(dev, proto) && dev.vlanRxAddVid !== null) {
    const err = dev.vlanRxAddVid(dev, proto, vid);
    if (err < 0) return err;
  }
  dev.vlanVids.set(key, users + 1);
  return 0;
}

export function vidDel(dev: NetDevice, proto: number, vid: number): void {
  const key = vlanKey(proto, vid);
  const users = dev.vlanVids?.get(key) ?? 0;
  if (users === 0) return;
  if (users > 1) {
    dev.vlanVids?.set(key, users - 1);
    return;
  }
  if (filters(dev, proto) && dev.vlanRxKillVid !== null) dev.vlanRxKillVid(dev, proto, vid);
  dev.vlanVids?.delete(key);
}

/** A port of a bond gets all ids of the bond; 0 or -errno, and then none. */
export function vidsAddByDev(dev: NetDevice, byDev: NetDevice): number {
  const done: number[] = [];
  for (const key of byDev.vlanVids?.keys() ?? []) {
    const err = vidAdd(dev, protoOfKey(key), key & 0xfff);
    if (err < 0) {
      for (const k of done) vidDel(dev, protoOfKey(k), k & 0xfff);
      return err;
    }
    done.push(key);
  }
  return 0;
}

export function vidsDelByDev(dev: NetDevice, byDev: NetDevice): void {
  for (const key of byDev.vlanVids?.keys() ?? []) vidDel(dev, protoOfKey(key), key & 0xfff);
}
