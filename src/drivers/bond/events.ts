// What a bond does when something happens to a slave. Carrier is not here: the monitor finds out by itself.
// Linux: drivers/net/bonding/bond_main.c, bond_slave_netdev_event().

import type { Kernel } from '../../net/kernel.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { type DevEvent, Ev, Rank } from '../../net/notifier.ts';
import { selectActive } from './failover.ts';
import { computeFeatures } from './features.ts';
import { release } from './ports.ts';
import { type BondSlave, slaveLog, slaveOf } from './state.ts';

/** Once per kernel. */
export function watchSlaves(kernel: Kernel): void {
  kernel.notifiers.add(deviceEvent, Rank.Drivers);
}

function deviceEvent(event: DevEvent, dev: NetDevice): number {
  const slave = slaveOf(dev);
  if (slave === null) return 0;
  const { bond } = slave;
  switch (event) {
    case Ev.Unregister:
    case Ev.MoveOut:
      release(bond.dev, dev);
      return 0;
    case Ev.ChangeName:
      renamed(slave);
      return 0;
    case Ev.FeatChange:
      if (bond.busy) return 0;
      bond.busy = true;
      computeFeatures(bond);
      bond.busy = false;
      return 0;
    case Ev.ResendIgmp:
      dev.core.kernel.notifiers.call(event, bond.dev);
      return 0;
    default:
      return 0;
  }
}

/** The primary is known by name. */
function renamed(slave: BondSlave): void {
  const { bond } = slave;
  if (!bond.usesPrimary || bond.primaryName === '') return;
  if (slave === bond.primary) bond.primary = null;
  else if (slave.dev.name === bond.primaryName) bond.primary = slave;
  else return;
  slaveLog(slave, `Primary slave changed to ${bond.primary?.dev.name ?? 'none'}, reselecting active slave`);
  selectActive(bond);
}
