// Which frames the hardware lets in: its own address, the unicast and multicast lists, broadcast, or all of them; and of
// tagged ones, where it filters VLANs (rx-vlan-filter), those with an id that somebody asked for. The rest is counted as filtered and is no loss: Linux never sees it. Bound: `unicastMax` addresses; more of them and the port
// takes every unicast frame, as drivers do when their table overflows.
// Linux: ndo_set_rx_mode(), e.g. ixgbe_set_rx_mode().

import { MacTable } from '../../base/mactable.ts';
import { IFF_ALLMULTI, IFF_PROMISC } from '../../net/flags.ts';
import type { NetDevice } from '../../net/netdev.ts';

export class RxFilter {
  /** Lists changed since they were last copied: a thousand new addresses cost one copy. */
  private stale = true;
  private readonly unicastMax: number;
  private lists = new MacTable();
  private overflow = false;
  private byVid = false;
  private readonly vids = new Uint8Array(4096);

  constructor(unicastMax: number) {
    this.unicastMax = unicastMax;
  }

  /** The device's flags or lists changed. */
  changed(): void {
    this.stale = true;
  }

  /** rx-vlan-filter on (with the ids that are wanted now) or off. */
  filterVlans(on: boolean, dev: NetDevice): void {
    this.byVid = on;
    this.vids.fill(0);
    for (const key of dev.vlanVids?.keys() ?? []) this.admit(key & 0xfff, true);
  }

  /** Linux: ndo_vlan_rx_add_vid(), ndo_vlan_rx_kill_vid(). */
  admit(vid: number, on: boolean): void {
    this.vids[vid] = on ? 1 : 0;
  }

  /** Is the frame at bytes[at] for this device? */
  accepts(dev: NetDevice, bytes: Uint8Array, at: number): boolean {
    if (this.stale) this.copy(dev);
    const flags = dev.flags;
    if ((flags & IFF_PROMISC) !== 0) return true;
    if (this.byVid && bytes[at + 12] === 0x81 && bytes[at + 13] === 0) {
      if (this.vids[((bytes[at + 14] & 0xf) << 8) | bytes[at + 15]] === 0) return false;
    }
    const hi = (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
    const lo = (bytes[at + 3] << 16) | (bytes[at + 4] << 8) | bytes[at + 5];
    if ((bytes[at] & 1) === 0) {
      if (this.overflow || hi * 0x1000000 + lo === dev.addr) return true;
    } else if ((flags & IFF_ALLMULTI) !== 0 || (hi === 0xffffff && lo === 0xffffff)) return true;
    return this.lists.get(hi, lo) >= 0;
  }

  /** Is the unicast frame for an address that was asked for, whatever else the port lets in? What the inner switch looks at. */
  exact(dev: NetDevice, bytes: Uint8Array, at: number): boolean {
    if (this.stale) this.copy(dev);
    const hi = (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
    const lo = (bytes[at + 3] << 16) | (bytes[at + 4] << 8) | bytes[at + 5];
    return hi * 0x1000000 + lo === dev.addr || this.lists.get(hi, lo) >= 0;
  }

  private copy(dev: NetDevice): void {
    this.stale = false;
    this.overflow = dev.uc.size > this.unicastMax;
    this.lists = new MacTable();
    for (const mac of dev.uc.entries.keys()) this.lists.setKey(mac, 0);
    for (const mac of dev.mc.entries.keys()) this.lists.setKey(mac, 0);
  }
}
