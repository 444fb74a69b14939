// What a VLAN does when something happens to its lowerdev. Linux: net/8021q/vlan.c, vlan_device_event().

import { devUcAdd, devUcDel } from '../../net/addrlist.ts';
import type { Kernel } from '../../net/kernel.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { type DevEvent, Ev, Rank } from '../../net/notifier.ts';
import { filters, vidAdd, vidDel, vlansOf } from '../../net/vlan.ts';
import { IFF_UP } from '../../uapi/link.ts';
import { VLAN_FLAG_BRIDGE_BINDING, VLAN_FLAG_LOOSE_BINDING } from '../../uapi/linkinfo.ts';
import { ETH_P_8021Q } from '../../wire/ethernet.ts';
import { E } from '../common.ts';
import { inherit, inheritAddress } from './device.ts';
import { vlanDoReceive } from './path.ts';
import { vlanOf } from './priv.ts';

/** Once per kernel: from the first VLAN on. What is up already is told of as if it came up now. Linux: vlan_proto_init(). */
export function watchLowers(kernel: Kernel): void {
  kernel.hooks.vlanReceive = vlanDoReceive;
  kernel.notifiers.add(deviceEvent, Rank.Drivers);
  for (const ns of kernel.namespaces) for (const dev of ns.devices()) if (dev.up) admitPriorityTags(dev);
}

function deviceEvent(event: DevEvent, dev: NetDevice): number {
  if (event === Ev.Up) admitPriorityTags(dev);
  else if (event === Ev.Down && filters(dev, ETH_P_8021Q)) vidDel(dev, ETH_P_8021Q, 0);
  return dev.vlans === null || dev.vlans.size === 0 ? 0 : lowerEvent(event, dev);
}

/** Frames of VLAN 0 carry a priority and nothing else: a filter has to let them in. */
function admitPriorityTags(dev: NetDevice): void {
  if (!filters(dev, ETH_P_8021Q)) return;
  dev.core.kernel.hooks.log(`8021q: adding VLAN 0 to HW filter on device ${dev.name}`, dev);
  vidAdd(dev, ETH_P_8021Q, 0);
}

function lowerEvent(event: DevEvent, lower: NetDevice): number {
  const core = lower.core;
  switch (event) {
    case Ev.Change:
      for (const dev of vlansOf(lower)) transferState(dev);
      return 0;
    case Ev.ChangeAddr:
      for (const dev of vlansOf(lower)) if (dev.up) syncAddress(dev);
      return 0;
    case Ev.ChangeMtu:
      for (const dev of vlansOf(lower)) if (dev.mtu > lower.mtu) core.setMtu(dev, lower.mtu);
      return 0;
    case Ev.FeatChange:
      for (const dev of vlansOf(lower)) {
        inherit(dev);
        core.updateFeatures(dev);
      }
      return 0;
    case Ev.Down:
      lowerDown(lower);
      return 0;
    case Ev.Up:
      lowerUp(lower);
      return 0;
    case Ev.Unregister:
      deleteAll(lower);
      return 0;
    case Ev.PreTypeChange:
      return -E.EINVAL;
    case Ev.NotifyPeers:
    case Ev.BondingFailover:
    case Ev.ResendIgmp:
      for (const dev of vlansOf(lower)) core.kernel.notifiers.call(event, dev);
      return 0;
    default:
      return 0;
  }
}

/** Linux: vlan_stacked_transfer_operstate(). */
export function transferState(dev: NetDevice): void {
  const { lower, flags } = vlanOf(dev);
  if ((flags & VLAN_FLAG_BRIDGE_BINDING) === 0) dev.core.kernel.linkWatch.stackedTransfer(lower, dev);
}

/** The lowerdev has another address: the VLAN's is its own again, or needs a place in the filter. */
function syncAddress(dev: NetDevice): void {
  const vlan = vlanOf(dev);
  const { lower, lowerAddr } = vlan;
  if (lowerAddr === lower.addr) return;
  if (!inheritAddress(dev)) {
    if (dev.addr !== lowerAddr && dev.addr === lower.addr) devUcDel(lower, dev.addr);
    if (dev.addr === lowerAddr && dev.addr !== lower.addr) devUcAdd(lower, dev.addr);
  }
  vlan.lowerAddr = lower.addr;
}

const isLoose = (dev: NetDevice): boolean => (vlanOf(dev).flags & VLAN_FLAG_LOOSE_BINDING) !== 0;

/** A VLAN with loose binding keeps even its carrier. The last one made goes first, as on the kernel's list. */
function lowerDown(lower: NetDevice): void {
  const closing = vlansOf(lower)
    .filter((dev) => dev.up && !isLoose(dev))
    .reverse();
  lower.core.closeAndTell(...closing);
  for (const dev of closing) transferState(dev);
}

function lowerUp(lower: NetDevice): void {
  const { core } = lower;
  for (const dev of vlansOf(lower)) {
    if (dev.up) continue;
    if (!isLoose(dev)) core.changeFlags(dev, core.userFlags(dev) | IFF_UP);
    transferState(dev);
  }
}

/** A move between namespaces is not that: a VLAN stays with its lowerdev. */
function deleteAll(lower: NetDevice): void {
  const doomed: NetDevice[] = [];
  for (const dev of vlansOf(lower)) dev.linkOps?.dellink?.(dev, doomed);
  lower.core.unregisterMany(doomed);
}
