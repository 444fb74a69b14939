// A bond as a device: opened and closed, its MAC, MTU, flags and VLAN ids, which all reach the slaves.
// Linux: drivers/net/bonding/bond_main.c, bond_setup(), bond_netdev_ops.

import { devMcSync, devUcSync } from '../../net/addrlist.ts';
import { validUnicast } from '../../net/dev.ts';
import { type LinkSettings, linkSpeed } from '../../net/ethtool.ts';
import { IFF_ALLMULTI, IFF_MASTER, IFF_PROMISC, PRIV_NO_QUEUE, PRIV_UNICAST_FLT } from '../../net/flags.ts';
import { Refusal } from '../../net/linkops.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { KERNEL_RELEASE } from '../../net/release.ts';
import { vidAdd, vidDel } from '../../net/vlan.ts';
import { E, etherSetup, randomAddress } from '../common.ts';
import { flushFilters, rejoinGroups, setInactive } from './failover.ts';
import { fixFeatures, initFeatures } from './features.ts';
import { monitorLinks, startMonitor } from './miimon.ts';
import { bondStartXmit } from './path.ts';
import { enslave, release, releaseOne } from './ports.ts';
import { Bond, type BondSlave, bondOf } from './state.ts';

export function setupDevice(dev: NetDevice): void {
  etherSetup(dev);
  dev.priv = new Bond(dev, monitorLinks, rejoinGroups);
  dev.flags |= IFF_MASTER;
  dev.privFlags = PRIV_NO_QUEUE | PRIV_UNICAST_FLT;
  dev.lltx = true;
  dev.netnsImmutable = true;
  dev.maxMtu = 65535;
  initFeatures(dev);
  dev.init = init;
  dev.uninit = uninit;
  dev.open = open;
  dev.stop = stop;
  dev.startXmit = bondStartXmit;
  dev.setRxMode = setRxMode;
  dev.changeRxFlags = changeRxFlags;
  dev.setMac = setMac;
  dev.changeMtu = changeMtu;
  dev.fixFeatures = fixFeatures;
  dev.getStats = (d, into) => bondOf(d).addStats(into);
  dev.addSlave = enslave;
  dev.delSlave = release;
  dev.vlanRxAddVid = addVid;
  dev.vlanRxKillVid = killVid;
  dev.driverInfo = { driver: 'bonding', version: KERNEL_RELEASE, fwVersion: '2', busInfo: '' };
  dev.ethtool = { linkSettings };
}

/** As fast as its active slave. Linux: bond_ethtool_get_link_ksettings(). */
function linkSettings(dev: NetDevice): LinkSettings {
  const { active } = bondOf(dev);
  const speed = active === null ? 0 : linkSpeed(active.dev);
  return { speed, duplex: speed > 0 ? 1 : 255, port: 255, autoneg: false, supported: [], advertising: [] };
}

function init(dev: NetDevice): number {
  if (dev.addr === 0) randomAddress(dev, 'bond');
  return 0;
}

function uninit(dev: NetDevice): void {
  const bond = bondOf(dev);
  for (const slave of [...bond.slaves]) releaseOne(bond, slave, true);
  bond.monitor.disarm();
  bond.rejoin.disarm();
  bond.log('Released all slaves');
}

function open(dev: NetDevice): number {
  const bond = bondOf(dev);
  for (const slave of bond.slaves) if (slave !== bond.active) setInactive(slave);
  if (bond.miimon > 0) startMonitor(bond);
  return 0;
}

function stop(dev: NetDevice): void {
  const bond = bondOf(dev);
  bond.monitor.disarm();
  bond.rejoin.disarm();
  bond.sendPeerNotif = 0;
  if (bond.active !== null) flushFilters(dev, bond.active.dev);
}

function setRxMode(dev: NetDevice): void {
  const { active } = bondOf(dev);
  if (active === null) return;
  devUcSync(active.dev, dev);
  devMcSync(active.dev, dev);
}

function changeRxFlags(dev: NetDevice, change: number): void {
  const { active } = bondOf(dev);
  if (active === null) return;
  const core = dev.core;
  if ((change & IFF_PROMISC) !== 0) core.setPromiscuity(active.dev, (dev.flags & IFF_PROMISC) !== 0 ? 1 : -1);
  if ((change & IFF_ALLMULTI) !== 0) core.setAllmulti(active.dev, (dev.flags & IFF_ALLMULTI) !== 0 ? 1 : -1);
}

/** With fail_over_mac the slaves keep their own, and the request changes nothing. */
function setMac(dev: NetDevice, mac: number): number {
  const bond = bondOf(dev);
  if (bond.failOverMac !== 0 && bond.usesPrimary) return 0;
  if (!validUnicast(mac)) return -E.EADDRNOTAVAIL;
  const err = forAll(
    bond,
    (slave) => dev.core.setMacAddress(slave.dev, mac),
    (slave) => dev.core.setMacAddress(slave.dev, dev.addr),
  );
  if (err === 0) dev.addr = mac;
  return err;
}

function changeMtu(dev: NetDevice, mtu: number): number {
  const err = forAll(
    bondOf(dev),
    (slave) => setMtu(slave.dev, mtu),
    (slave) => setMtu(slave.dev, dev.mtu),
  );
  if (err === 0) dev.mtu = mtu;
  return err;
}

/** What a slave's driver says of a bad MTU is not passed on. */
function setMtu(dev: NetDevice, mtu: number): number {
  try {
    return dev.core.setMtu(dev, mtu);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return -refusal.errno;
  }
}

/** All slaves or none: 0 or -errno. */
function forAll(bond: Bond, act: (slave: BondSlave) => number, undo: (slave: BondSlave) => unknown): number {
  const done: BondSlave[] = [];
  for (const slave of bond.slaves) {
    const err = act(slave);
    if (err < 0) {
      for (const d of done) undo(d);
      return err;
    }
    done.push(slave);
  }
  return 0;
}

function addVid(dev: NetDevice, proto: number, vid: number): number {
  return forAll(
    bondOf(dev),
    (slave) => vidAdd(slave.dev, proto, vid),
    (slave) => vidDel(slave.dev, proto, vid),
  );
}

function killVid(dev: NetDevice, proto: number, vid: number): number {
  for (const slave of bondOf(dev).slaves) vidDel(slave.dev, proto, vid);
  return 0;
}
