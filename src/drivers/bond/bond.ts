// The link kind bond: several devices as one, in the mode active-backup: one carries everything, the others stand by.
// Watched by carrier (miimon). Not modelled, and refused by name: the other modes, the ARP monitor.
// Linux: drivers/net/bonding/bond_netlink.c, bond_main.c.

import { type Attrs, type LinkOps, Refusal } from '../../net/linkops.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { checkAddress, E } from '../common.ts';
import { setupDevice } from './device.ts';
import { watchSlaves } from './events.ts';
import { changeOptions, changeSlave, fillOptions, initOptions } from './options.ts';
import { bondOf, slaveOf } from './state.ts';

/** tx_queues of the module. */
const QUEUES = 16;

export const bondLink: LinkOps = {
  kind: 'bond',
  txQueues: QUEUES,
  rxQueues: QUEUES,
  setup,
  validate: checkAddress,
  newlink,
  changelink: (dev, _tb, data) => changeOptions(bondOf(dev), data),
  fillInfo: (dev) => fillOptions(bondOf(dev)),
  fillSlaveInfo,
  slaveChangelink,
};

function setup(dev: NetDevice): void {
  setupDevice(dev);
  initOptions(bondOf(dev));
}

function newlink(dev: NetDevice, _tb: Attrs, data: Attrs): void {
  const core = dev.core;
  core.kernel.load('bonding', watchSlaves);
  changeOptions(bondOf(dev), data);
  core.register(dev, dev.ifindex);
  core.kernel.linkWatch.carrierOff(dev);
}

/** In the kernel's order. */
function fillSlaveInfo(_master: NetDevice, dev: NetDevice): Attrs | null {
  const slave = slaveOf(dev);
  if (slave === null) return null;
  return {
    bondState: slave.backup ? 1 : 0,
    miiStatus: slave.link,
    linkFailureCount: slave.linkFailureCount,
    permHwaddr: slave.permAddr,
    queueId: slave.queueId,
    prio: slave.prio,
  };
}

function slaveChangelink(_master: NetDevice, dev: NetDevice, data: Attrs): void {
  const slave = slaveOf(dev);
  if (slave === null) throw new Refusal(E.EINVAL);
  changeSlave(slave, data);
}
