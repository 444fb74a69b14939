// The 802.1Q tag: it sits between the source address and the ethertype. Linux: include/linux/if_vlan.h.

import { concat, EMPTY, holds, setU16, slice, u16 } from './bytes.ts';
import { ETH_HLEN, ETH_P_8021AD, ETH_P_8021Q, ETH_TYPE } from './ethernet.ts';

export const VLAN_HLEN = 4;
export const VLAN_VID_MASK = 0x0fff;
export const VLAN_DEI = 0x1000;
export const VLAN_PRIO_SHIFT = 13;

export function isVlanType(type: number): boolean {
  return type === ETH_P_8021Q || type === ETH_P_8021AD;
}

/** All of these take the offset of the tag's TCI, two bytes after its TPID: ETH_HLEN for an outer tag. */
export function vlanTci(b: Uint8Array, off: number): number {
  return u16(b, off);
}

export function vlanVid(b: Uint8Array, off: number): number {
  return u16(b, off) & VLAN_VID_MASK;
}

export function vlanPrio(b: Uint8Array, off: number): number {
  return b[off] >>> 5;
}

export function vlanInnerType(b: Uint8Array, off: number): number {
  return u16(b, off + 2);
}

/**
 * Takes the outer tag out of the frame of `len` bytes at `off` by moving the addresses up four bytes: the frame then
 * begins at off + VLAN_HLEN. Returns the TCI, or -1 when the frame has no whole tag. Linux: skb_vlan_untag().
 */
export function vlanStrip(b: Uint8Array, off: number, len: number): number {
  if (len < ETH_HLEN + VLAN_HLEN || !isVlanType(u16(b, off + ETH_TYPE))) return -1;
  const tci = u16(b, off + ETH_HLEN);
  b.copyWithin(off + VLAN_HLEN, off, off + ETH_TYPE);
  return tci;
}

/** Puts a tag into the frame at `off`, which needs four bytes of room before it: the frame then begins at off - VLAN_HLEN. */
export function vlanInsert(b: Uint8Array, off: number, tpid: number, tci: number): void {
  b.copyWithin(off - VLAN_HLEN, off, off + ETH_TYPE);
  setU16(b, off - VLAN_HLEN + ETH_TYPE, tpid);
  setU16(b, off - VLAN_HLEN + ETH_HLEN, tci);
}

export interface VlanRecord {
  vid: number;
  prio: number;
  dei: boolean;
  /** The ethertype inside. */
  type: number;
  payload: Uint8Array;
}

/** From the TCI on. */
export function decodeVlan(b: Uint8Array, off: number, len: number): VlanRecord | null {
  if (!holds(b, off, len, VLAN_HLEN)) return null;
  return {
    vid: vlanVid(b, off),
    prio: vlanPrio(b, off),
    dei: (vlanTci(b, off) & VLAN_DEI) !== 0,
    type: vlanInnerType(b, off),
    payload: slice(b, off + VLAN_HLEN, len - VLAN_HLEN),
  };
}

export function encodeVlan(r: {
  vid: number;
  prio?: number;
  dei?: boolean;
  type: number;
  payload?: Uint8Array;
}): Uint8Array {
  const h = new Uint8Array(VLAN_HLEN);
  setU16(h, 0, ((r.prio ?? 0) << VLAN_PRIO_SHIFT) | (r.dei ? VLAN_DEI : 0) | (r.vid & VLAN_VID_MASK));
  setU16(h, 2, r.type);
  return concat(h, r.payload ?? EMPTY);
}
