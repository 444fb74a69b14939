// A device becomes a slave of a bond and ceases to be one. It must be down, takes the bond's MAC and MTU, and gets its own
// back. Linux: drivers/net/bonding/bond_main.c, bond_enslave(), __bond_release_one().

import { F_VLAN_CHALLENGED } from '../../net/features.ts';
import { ADDR_RANDOM, IFF_MASTER, IFF_RUNNING, IFF_SLAVE, IFF_UP } from '../../net/flags.ts';
import { Refusal } from '../../net/linkops.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { Ev } from '../../net/notifier.ts';
import { vidsAddByDev, vidsDelByDev, vlanUsesDev } from '../../net/vlan.ts';
import { BOND_LINK_BACK, BOND_LINK_DOWN, BOND_LINK_UP, BOND_MODE_ACTIVEBACKUP, BOND_MODES } from '../../uapi/bond.ts';
import { formatMac } from '../../uapi/format.ts';
import { E, randomAddress } from '../common.ts';
import { changeActive, lowerStateChanged, selectActive, setCarrier, setInactive, takeAddress } from './failover.ts';
import { computeFeatures } from './features.ts';
import { hasLink } from './miimon.ts';
import { bondHandleFrame } from './path.ts';
import { type Bond, BondSlave, bondOf, FOM_ACTIVE, FOM_FOLLOW, FOM_NONE, slaveLog } from './state.ts';

const EPERM = 1;
const NONE = BigInt(0);

function refuse(errno: number, words: string): never {
  throw new Refusal(errno, words);
}

/** ndo_add_slave: 0 or -errno, or a Refusal with words. */
export function enslave(master: NetDevice, dev: NetDevice): number {
  const bond = bondOf(master);
  check(bond, dev);
  const core = master.core;
  core.kernel.notifiers.call(Ev.Join, dev);
  try {
    if (bond.slaves.length === 0 && master.addrAssignType === ADDR_RANDOM) takeAddress(bond, dev);
    const err = addSlave(bond, dev);
    if (err < 0) throw new Refusal(-err);
  } catch (refusal) {
    // The bond must not go about with the address of a device that it does not have.
    if (bond.slaves.length === 0 && master.addr === dev.addr) randomAddress(master, 'bond');
    throw refusal;
  }
  return 0;
}

function check(bond: Bond, dev: NetDevice): void {
  const master = bond.dev;
  if ((dev.flags & IFF_MASTER) !== 0 && dev.linkOps?.kind !== 'bond') {
    refuse(EPERM, 'Device type (master device) cannot be enslaved');
  }
  if (dev.rxHandler !== null) refuse(E.EBUSY, 'Device is in use and cannot be enslaved');
  if (master === dev) refuse(EPERM, 'Cannot enslave bond to itself.');
  if (bond.mode !== BOND_MODE_ACTIVEBACKUP) {
    refuse(E.EOPNOTSUPP, `mode ${BOND_MODES[bond.mode]} of a bond is not modelled: only active-backup is`);
  }
  if ((dev.features & F_VLAN_CHALLENGED) !== NONE) {
    if (vlanUsesDev(master)) refuse(EPERM, 'Can not enslave VLAN challenged device to VLAN enabled bond');
    bond.log(
      `(slave ${dev.name}): enslaved VLAN challenged slave. Adding VLANs will be blocked as long as it is part of bond.`,
    );
  }
  if (dev.up) refuse(EPERM, 'Device can not be enslaved while up');
  if (dev.type !== master.type) refuse(E.EOPNOTSUPP, 'A bond of devices that are not Ethernet is not modelled');
}

/** The steps that are taken back, the last first, when one fails. */
function addSlave(bond: Bond, dev: NetDevice): number {
  const master = bond.dev;
  const core = master.core;
  const slave = new BondSlave(bond, dev);
  const undo: Array<() => void> = [];
  const fail = (err: number): number => {
    for (const step of undo.reverse()) step();
    return err;
  };
  slave.originalMtu = dev.mtu;
  let err = core.setMtu(dev, master.mtu);
  if (err < 0) return err;
  undo.push(() => void core.setMtu(dev, slave.originalMtu));
  slave.permAddr = dev.addr;
  if (bond.failOverMac === FOM_NONE) {
    err = core.setMacAddress(dev, master.addr);
    if (err < 0) return fail(err);
    undo.push(() => void core.setMacAddress(dev, slave.permAddr));
  } else if (bond.failOverMac === FOM_FOLLOW && dev.addr === master.addr && bond.slaves.length > 0) {
    core.setMacAddress(dev, core.kernel.stream('mac:bond').mac()); // two of them would have one address
  }
  err = openSlave(dev);
  if (err < 0) return fail(err);
  undo.push(() => core.closeAndTell(dev));
  err = vidsAddByDev(dev, master);
  if (err < 0) return fail(err);
  undo.push(() => vidsDelByDev(dev, master));
  firstLink(bond, slave);
  if (bond.primaryName === dev.name) {
    bond.primary = slave;
    bond.forcePrimary = true;
  }
  setInactive(slave);
  err = core.rxHandlerRegister(dev, bondHandleFrame, slave);
  if (err < 0) return fail(err);
  undo.push(() => core.rxHandlerUnregister(dev));
  bond.slaves.push(slave);
  err = core.upperLink(dev, master, true);
  if (err < 0) {
    bond.slaves.pop();
    return fail(err);
  }
  dev.flags |= IFF_SLAVE;
  lowerStateChanged(slave);
  computeFeatures(bond);
  setCarrier(bond);
  selectActive(bond);
  const role = slave.backup ? 'a backup' : 'an active';
  const link = slave.link === BOND_LINK_DOWN ? 'a down' : 'an up';
  slaveLog(slave, `Enslaving as ${role} interface with ${link} link`);
  return 0;
}

/** dev_open(). */
function openSlave(dev: NetDevice): number {
  const { core } = dev;
  const err = core.open(dev);
  if (err < 0) return err;
  core.kernel.hooks.linkChanged(dev, IFF_UP | IFF_RUNNING);
  core.kernel.notifiers.call(Ev.Up, dev);
  return 0;
}

function firstLink(bond: Bond, slave: BondSlave): void {
  if (bond.miimon === 0) slave.link = BOND_LINK_UP;
  else if (!hasLink(slave)) slave.link = BOND_LINK_DOWN;
  else if (bond.updelay > 0) {
    slave.link = BOND_LINK_BACK;
    slave.delay = bond.updelay;
  } else slave.link = BOND_LINK_UP;
}

/** ndo_del_slave. */
export function release(master: NetDevice, dev: NetDevice): number {
  const bond = bondOf(master);
  const slave = bond.slaves.find((s) => s.dev === dev);
  if (slave === undefined) return -E.EINVAL;
  releaseOne(bond, slave, false);
  return 0;
}

/** `all`: the bond itself goes. */
export function releaseOne(bond: Bond, slave: BondSlave, all: boolean): void {
  const { dev } = slave;
  const master = bond.dev;
  const core = master.core;
  const wasBackup = slave.backup;
  setInactive(slave);
  bond.countSlaves();
  core.rxHandlerUnregister(dev);
  bond.slaves.splice(bond.slaves.indexOf(slave), 1);
  core.upperUnlink(dev, master);
  dev.flags &= ~IFF_SLAVE;
  slaveLog(slave, `Releasing ${wasBackup ? 'backup' : 'active'} interface`);
  if (!all && bond.failOverMac === FOM_NONE && master.addr === slave.permAddr && bond.slaves.length > 0) {
    slaveLog(
      slave,
      `the permanent HWaddr of slave - ${formatMac(slave.permAddr)} - is still in use by bond - set the HWaddr of slave to a different address to avoid conflicts`,
    );
  }
  if (bond.primary === slave) bond.primary = null;
  const wasActive = bond.active === slave;
  if (wasActive) changeActive(bond, null);
  if (all) bond.active = null;
  else if (wasActive) selectActive(bond);
  setCarrier(bond);
  if (bond.slaves.length === 0) {
    randomAddress(master, 'bond');
    core.kernel.notifiers.call(Ev.ChangeAddr, master);
    core.kernel.notifiers.call(Ev.Release, master);
  }
  computeFeatures(bond);
  vidsDelByDev(dev, master);
  if (dev.regState !== 'registered') return; // it goes itself
  core.closeAndTell(dev);
  if (bond.failOverMac !== FOM_ACTIVE) core.setMacAddress(dev, slave.permAddr);
  core.setMtu(dev, slave.originalMtu);
}
