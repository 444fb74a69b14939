// What happens to the macvlans of a port when something happens to their lowerdev. IFF_UP is never passed on; carrier is.
// Linux: drivers/net/macvlan.c, macvlan_device_event().

import type { Kernel } from '../../net/kernel.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { type DevEvent, Ev, Rank } from '../../net/notifier.ts';
import { E } from '../common.ts';
import { inheritTso, syncAddress } from './device.ts';
import { type MacvlanPort, portOf } from './port.ts';

/** Once per kernel: from the first port on, macvlan hears the events of all devices. */
export function watchLowers(kernel: Kernel): void {
  kernel.notifiers.add(deviceEvent, Rank.Drivers);
}

function deviceEvent(event: DevEvent, dev: NetDevice): number {
  const port = portOf(dev);
  return port === null ? 0 : lowerEvent(event, dev, port);
}

function lowerEvent(event: DevEvent, lower: NetDevice, port: MacvlanPort): number {
  const core = lower.core;
  switch (event) {
    case Ev.Up:
    case Ev.Down:
    case Ev.Change:
      for (const vlan of port.vlans) core.kernel.linkWatch.stackedTransfer(lower, vlan.dev);
      return 0;
    case Ev.FeatChange:
      for (const vlan of port.vlans) {
        inheritTso(vlan.dev, lower);
        core.updateFeatures(vlan.dev);
      }
      return 0;
    case Ev.ChangeMtu:
      for (const vlan of port.vlans) if (vlan.dev.mtu > lower.mtu) core.setMtu(vlan.dev, lower.mtu);
      return 0;
    case Ev.ChangeAddr: {
      if (!port.passthru || port.vlans.length === 0) return 0;
      return syncAddress(port.vlans[0], lower.addr);
    }
    case Ev.Unregister:
      deleteAll(port);
      return 0;
    case Ev.PreTypeChange:
      return -E.EINVAL;
    case Ev.NotifyPeers:
    case Ev.BondingFailover:
    case Ev.ResendIgmp:
      for (const vlan of port.vlans) core.kernel.notifiers.call(event, vlan.dev);
      return 0;
    default:
      return 0;
  }
}

/** The lowerdev goes, and every macvlan on it, whatever its namespace. A move between namespaces is not that. */
function deleteAll(port: MacvlanPort): void {
  const doomed: NetDevice[] = [];
  for (const vlan of [...port.vlans]) vlan.dev.linkOps?.dellink?.(vlan.dev, doomed);
  port.dev.core.unregisterMany(doomed);
}
