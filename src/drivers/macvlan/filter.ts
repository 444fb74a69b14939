// Which multicast frames a macvlan, and the port as a whole, care for. Recomputed when a macvlan's flags or lists change,
// its own filter before the lists are synced down: hence a group that was left still passes until the next change.
// Linux: drivers/net/macvlan.c, macvlan_set_mac_lists(), macvlan_compute_filter(), macvlan_change_rx_flags().

import { devMcSync, devUcSync } from '../../net/addrlist.ts';
import { IFF_ALLMULTI, IFF_PROMISC } from '../../net/flags.ts';
import type { NetDevice } from '../../net/netdev.ts';
import type { McFilter } from './mcfilter.ts';
import type { Macvlan, MacvlanPort } from './port.ts';

/** Every group of the device's own list. */
function ownFilter(filter: McFilter, dev: NetDevice): void {
  filter.clear();
  if ((dev.flags & (IFF_PROMISC | IFF_ALLMULTI)) !== 0) {
    filter.all = true;
    return;
  }
  for (const entry of dev.mc.entries.values()) filter.add(entry.mac);
  filter.add(dev.broadcast);
}

/** Groups of the lowerdev that more than `cutoff` upperdevs asked for. */
function portFilter(filter: McFilter, lower: NetDevice, cutoff: number): void {
  filter.clear();
  if ((lower.flags & (IFF_PROMISC | IFF_ALLMULTI)) !== 0) {
    filter.all = true;
    return;
  }
  for (const entry of lower.mc.entries.values()) if (entry.synced > cutoff) filter.add(entry.mac);
  filter.add(lower.broadcast);
}

/** Which broadcasts go through the queue: those that many hear. Linux: macvlan_recompute_bc_filter(). */
export function updateBcFilter(port: MacvlanPort): void {
  if (port.bcCutoff < 0) port.bcFilter.clear();
  else portFilter(port.bcFilter, port.dev, port.bcCutoff);
}

/** ndo_set_rx_mode. The order of the four steps is what user space can see. */
export function macvlanSetRxMode(dev: NetDevice): void {
  const vlan = dev.priv as Macvlan;
  ownFilter(vlan.mcFilter, dev);
  devUcSync(vlan.lower, dev);
  devMcSync(vlan.lower, dev);
  portFilter(vlan.port.mcFilter, vlan.lower, 0);
  updateBcFilter(vlan.port);
}

/** ndo_change_rx_flags: ALLMULTI and PROMISC of a macvlan that is up are passed on to the lowerdev. */
export function macvlanChangeRxFlags(dev: NetDevice, change: number): void {
  if (!dev.up) return;
  const vlan = dev.priv as Macvlan;
  const core = dev.core;
  if ((change & IFF_ALLMULTI) !== 0) core.setAllmulti(vlan.lower, (dev.flags & IFF_ALLMULTI) !== 0 ? 1 : -1);
  if (!vlan.port.passthru && (change & IFF_PROMISC) !== 0) {
    core.setPromiscuity(vlan.lower, (dev.flags & IFF_PROMISC) !== 0 ? 1 : -1);
  }
}
