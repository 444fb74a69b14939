// The link kind bridge: a learning switch of ports, with a device of its own on top. Modelled: learning, ageing,
// flooding, hairpin, isolation, link-local groups, the forwarding database by request, and what a bridge inherits from
// its ports. VLANs are in vlan.ts. Not modelled, and refused by name: the spanning tree protocol, multicast queriers,
// ARP suppression and proxying. Linux: net/bridge/br_device.c, br_if.c, br_netlink.c.

import { type LinkSettings, linkSpeed } from '../../net/ethtool.ts';
import {
  F_ALL_TSO,
  F_FRAGLIST,
  F_GSO_MASK,
  F_HIGHDMA,
  F_HW_CSUM,
  F_ONE_FOR_ALL,
  F_SG,
  F_VLAN_CTAG_TX,
  F_VLAN_STAG_TX,
  incrementFeatures,
} from '../../net/features.ts';
import { ADDR_RANDOM, PRIV_BRIDGE, PRIV_NO_QUEUE } from '../../net/flags.ts';
import type { Attrs, LinkOps } from '../../net/linkops.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { keyIsValidUnicast } from '../../wire/ethernet.ts';
import { checkAddress, E, etherSetup, randomAddress } from '../common.ts';
import { Bridge, bridgeOf, portOf } from './br.ts';
import { watchPorts } from './events.ts';
import { fdbAdd, fdbDel, fdbDump } from './fdbctl.ts';
import { brDevXmit } from './forward.ts';
import { changeOptions, fillOptions, initOptions } from './options.ts';
import { addPort, delPort, removePort } from './ports.ts';
import { changePort, fillPort } from './slave.ts';
import { syncSnoopers } from './snoop.ts';
import { canForward, changeBridgeId, disableBridge, enableBridge } from './stp.ts';
import { addVlan, delVlan, listVlans } from './vlan.ts';

const COMMON_FEATURES = F_SG | F_FRAGLIST | F_HIGHDMA | F_GSO_MASK | F_HW_CSUM;
const FEATURES = COMMON_FEATURES | F_VLAN_CTAG_TX | F_VLAN_STAG_TX;

export const bridgeLink: LinkOps = {
  kind: 'bridge',
  setup,
  validate,
  newlink,
  changelink: (dev, _tb, data) => changeOptions(bridgeOf(dev), data),
  dellink,
  fillInfo: (dev) => fillOptions(bridgeOf(dev)),
  fillSlaveInfo: fillPort,
  slaveChangelink: changePort,
};

function setup(dev: NetDevice): void {
  const br = new Bridge(dev);
  etherSetup(dev);
  initOptions(br);
  dev.priv = br;
  dev.privFlags = PRIV_BRIDGE | PRIV_NO_QUEUE;
  dev.lltx = true;
  dev.netnsImmutable = true;
  dev.features = FEATURES;
  dev.hwFeatures = FEATURES;
  dev.vlanFeatures = COMMON_FEATURES;
  dev.open = open;
  dev.stop = stop;
  dev.startXmit = brDevXmit;
  dev.setMac = setMac;
  dev.changeMtu = changeMtu;
  dev.fixFeatures = fixFeatures;
  dev.addSlave = addPort;
  dev.delSlave = delPort;
  dev.fdbAdd = fdbAdd;
  dev.fdbDel = fdbDel;
  dev.fdbDump = fdbDump;
  dev.bridgeVlans = {
    list: (d, port) => listVlans(bridgeOf(d), port),
    add: (d, port, vid, pvid, untagged) =>
      addVlan(bridgeOf(d), port === null ? null : portOf(port), vid, pvid, untagged),
    del: (d, port, vid) => delVlan(bridgeOf(d), port === null ? null : portOf(port), vid),
  };
  dev.driverInfo = { driver: 'bridge', version: '2.3', fwVersion: 'N/A', busInfo: 'N/A' };
  dev.ethtool = { linkSettings };
}

/** As fast as its fastest port that has a link. Linux: br_get_link_ksettings(). */
function linkSettings(dev: NetDevice): LinkSettings {
  let speed = 0;
  for (const port of bridgeOf(dev).ports) if (canForward(port.dev)) speed = Math.max(speed, linkSpeed(port.dev));
  return { speed, duplex: 255, port: 255, autoneg: false, supported: [], advertising: [] };
}

function validate(tb: Attrs): void {
  checkAddress(tb);
}

function newlink(dev: NetDevice, tb: Attrs, data: Attrs): void {
  const core = dev.core;
  const br = bridgeOf(dev);
  core.kernel.load('bridge', watchPorts);
  const given = tb.address as number | undefined;
  if (given !== undefined) dev.addr = given;
  else randomAddress(dev, 'bridge');
  core.register(dev, dev.ifindex);
  br.fdb.addLocal(null, dev.addr);
  if (given !== undefined) changeBridgeId(br, given);
  else dev.addrAssignType = ADDR_RANDOM;
  try {
    changeOptions(br, data);
  } catch (refusal) {
    core.delete(dev);
    throw refusal;
  }
}

/** Linux: br_dev_delete(). */
function dellink(dev: NetDevice, list: NetDevice[]): void {
  const br = bridgeOf(dev);
  for (const port of [...br.ports]) removePort(port);
  br.fdb.deleteByPort(null, true);
  br.fdb.stop();
  list.push(dev);
}

function open(dev: NetDevice): number {
  const br = bridgeOf(dev);
  dev.core.updateFeatures(dev);
  br.gcFromNs = dev.core.kernel.loop.now;
  enableBridge(br);
  br.fdb.armGc();
  syncSnoopers(br);
  return 0;
}

function stop(dev: NetDevice): void {
  const br = bridgeOf(dev);
  disableBridge(br);
  br.gcFromNs = -1;
  br.fdb.stop();
  syncSnoopers(br);
}

function setMac(dev: NetDevice, mac: number): number {
  if (!keyIsValidUnicast(mac)) return -E.EADDRNOTAVAIL;
  if (mac !== dev.addr) changeBridgeId(bridgeOf(dev), mac);
  return 0;
}

function changeMtu(dev: NetDevice, mtu: number): number {
  dev.mtu = mtu;
  bridgeOf(dev).mtuSetByUser = true;
  return 0;
}

/** What all ports can, as far as a bridge can. Linux: br_features_recompute(). */
function fixFeatures(dev: NetDevice, wanted: bigint): bigint {
  const br = bridgeOf(dev);
  if (br.ports.length === 0) return wanted;
  let features = wanted & ~F_ONE_FOR_ALL;
  for (const port of br.ports) features = incrementFeatures(features, port.dev.features, wanted);
  return incrementFeatures(features, F_ALL_TSO, wanted); // netdev_add_tso_features()
}
