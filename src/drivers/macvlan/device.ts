// A macvlan as a device: opened and closed, its MAC, MTU and fdb entries. What it sends is in xmit.ts, what it hears in
// rx.ts. Linux: drivers/net/macvlan.c, macvlan_netdev_ops, macvlan_common_setup().

import { devMcUnsync, devUcAdd, devUcDel, devUcUnsync } from '../../net/addrlist.ts';
import { validUnicast } from '../../net/dev.ts';
import { linkSettings } from '../../net/ethtool.ts';
import {
  IFF_ALLMULTI,
  IFF_PROMISC,
  PRIV_LIVE_ADDR_CHANGE,
  PRIV_MACVLAN_PORT,
  PRIV_NO_QUEUE,
  PRIV_UNICAST_FLT,
} from '../../net/flags.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { vidAdd, vidDel } from '../../net/vlan.ts';
import { MACVLAN_FLAG_NOPROMISC } from '../../uapi/linkinfo.ts';
import { keyIsMulticast } from '../../wire/ethernet.ts';
import { E, etherSetup } from '../common.ts';
import { stopBroadcasts } from './broadcast.ts';
import { initFeatures, macvlanFixFeatures } from './features.ts';
import { macvlanChangeRxFlags, macvlanSetRxMode } from './filter.ts';
import { PASSTHRU } from './modes.ts';
import { addStation, delStation, note } from './offload.ts';
import type { Macvlan, MacvlanPort } from './port.ts';
import { macvlanStartXmit } from './xmit.ts';

const NLM_F_REPLACE = 0x100;

/** Fills in a fresh device; newlink gives it its Macvlan. */
export function setupDevice(dev: NetDevice): void {
  etherSetup(dev);
  dev.privFlags = PRIV_NO_QUEUE | PRIV_UNICAST_FLT | PRIV_LIVE_ADDR_CHANGE;
  dev.changeProtoDown = true;
  dev.lltx = true;
  dev.init = init;
  dev.uninit = uninit;
  dev.open = open;
  dev.stop = stop;
  dev.startXmit = macvlanStartXmit;
  dev.setRxMode = macvlanSetRxMode;
  dev.changeRxFlags = macvlanChangeRxFlags;
  dev.setMac = setMac;
  dev.changeMtu = changeMtu;
  dev.fixFeatures = macvlanFixFeatures;
  dev.getIflink = iflink;
  dev.fdbAdd = fdbAdd;
  dev.fdbDel = fdbDel;
  dev.vlanRxAddVid = vlanRxAddVid;
  dev.vlanRxKillVid = vlanRxKillVid;
  dev.driverInfo = { driver: 'macvlan', version: '0.1', fwVersion: '', busInfo: '' };
  // Linux: macvlan_ethtool_get_link_ksettings().
  dev.ethtool = { linkSettings: (d) => linkSettings(macvlanOf(d).lower) };
}

function macvlanOf(dev: NetDevice): Macvlan {
  return dev.priv as Macvlan;
}

function iflink(dev: NetDevice): number {
  return macvlanOf(dev).lower.ifindex;
}

/** At registration: what is inherited from the lowerdev. */
function init(dev: NetDevice): number {
  const { lower, port } = macvlanOf(dev);
  dev.carrier = lower.carrier;
  dev.dormant = lower.dormant;
  initFeatures(dev, lower);
  inheritTso(dev, lower);
  dev.hardHeaderLen = lower.hardHeaderLen;
  port.count++;
  return 0;
}

/** The last one takes the port along. */
function uninit(dev: NetDevice): void {
  const vlan = macvlanOf(dev);
  const port = vlan.port;
  port.sources.flush(vlan);
  if (--port.count === 0) portDestroy(port);
}

/** Linux: macvlan_port_destroy(). */
export function portDestroy(port: MacvlanPort): void {
  const lower = port.dev;
  lower.privFlags &= ~PRIV_MACVLAN_PORT;
  lower.core.rxHandlerUnregister(lower);
  stopBroadcasts(port);
  // A passthru macvlan set the lowerdev's address: the one it had goes back.
  if (port.passthru && lower.addr !== port.permAddr) lower.core.setMacAddress(lower, port.permAddr);
}

/** Linux: netif_inherit_tso_max(). */
export function inheritTso(dev: NetDevice, lower: NetDevice): void {
  dev.tsoMaxSize = lower.tsoMaxSize;
  dev.tsoMaxSegs = lower.tsoMaxSegs;
  if (dev.gsoMaxSize > dev.tsoMaxSize) dev.gsoMaxSize = dev.tsoMaxSize;
  if (dev.gsoIpv4MaxSize > dev.tsoMaxSize) dev.gsoIpv4MaxSize = dev.tsoMaxSize;
  if (dev.gsoMaxSegs > dev.tsoMaxSegs) dev.gsoMaxSegs = dev.tsoMaxSegs;
}

function open(dev: NetDevice): number {
  const vlan = macvlanOf(dev);
  const { lower, port } = vlan;
  const core = dev.core;
  if (port.passthru) {
    note(vlan, 'passthru');
    if ((vlan.flags & MACVLAN_FLAG_NOPROMISC) === 0) {
      const err = core.setPromiscuity(lower, 1);
      if (err < 0) return err;
    }
  } else {
    if (port.addrBusy(dev.addr)) return -E.EADDRINUSE;
    if (!addStation(vlan)) devUcAdd(lower, dev.addr);
    if ((dev.flags & IFF_ALLMULTI) !== 0) core.setAllmulti(lower, 1);
    if ((dev.flags & IFF_PROMISC) !== 0) core.setPromiscuity(lower, 1);
  }
  port.hashAdd(vlan);
  return 0;
}

/** ALLMULTI and PROMISC are given back as they stand now, not as they stood at open; a passthru port keeps them. */
function stop(dev: NetDevice): void {
  const vlan = macvlanOf(dev);
  const { lower, port } = vlan;
  const core = dev.core;
  delStation(vlan);
  devUcUnsync(lower, dev);
  devMcUnsync(lower, dev);
  if (port.passthru) {
    if ((vlan.flags & MACVLAN_FLAG_NOPROMISC) === 0) core.setPromiscuity(lower, -1);
  } else {
    if ((dev.flags & IFF_ALLMULTI) !== 0) core.setAllmulti(lower, -1);
    if ((dev.flags & IFF_PROMISC) !== 0) core.setPromiscuity(lower, -1);
    devUcDel(lower, dev.addr);
  }
  port.hashDel(vlan);
}

/** A passthru macvlan sets the lowerdev's address, and gets its own by the lowerdev's event. */
function setMac(dev: NetDevice, mac: number): number {
  const vlan = macvlanOf(dev);
  if (!validUnicast(mac)) return -E.EADDRNOTAVAIL;
  if (mac === dev.addr) return 0;
  if (vlan.mode === PASSTHRU) {
    vlan.port.addrChange = true; // stays set when the lowerdev refuses, as in Linux
    return dev.core.setMacAddress(vlan.lower, mac);
  }
  if (vlan.port.addrBusy(mac)) return -E.EADDRINUSE;
  return syncAddress(vlan, mac);
}

/** 0 or -errno. Linux: macvlan_sync_address(). */
export function syncAddress(vlan: Macvlan, mac: number): number {
  const { dev, lower, port } = vlan;
  if (!dev.up) dev.addr = mac;
  else {
    if (port.addrBusy(mac)) return -E.EADDRINUSE;
    if (!port.passthru) {
      devUcAdd(lower, mac);
      devUcDel(lower, dev.addr);
    }
    port.hashDel(vlan);
    dev.addr = mac;
    port.hashAdd(vlan);
  }
  // Not our own change: the lowerdev got a new address, which is now the one to restore.
  if (port.passthru && !port.addrChange) port.permAddr = lower.addr;
  port.addrChange = false;
  return 0;
}

function changeMtu(dev: NetDevice, mtu: number): number {
  if (macvlanOf(dev).lower.mtu < mtu) return -E.EINVAL;
  dev.mtu = mtu;
  return 0;
}

/** Multicast anywhere, unicast on a passthru macvlan only. */
function fdbAdd(dev: NetDevice, mac: number, _vid: number, nlFlags: number): number {
  const multicast = keyIsMulticast(mac);
  if (!macvlanOf(dev).port.passthru && !multicast) return -E.EOPNOTSUPP;
  if ((nlFlags & NLM_F_REPLACE) !== 0) return -E.EOPNOTSUPP;
  const err = (multicast ? dev.mc : dev.uc).addExcl(mac);
  if (err === 0) dev.core.setRxMode(dev);
  return err;
}

function fdbDel(dev: NetDevice, mac: number): number {
  const multicast = keyIsMulticast(mac);
  if (!macvlanOf(dev).port.passthru && !multicast) return -E.EOPNOTSUPP;
  const err = (multicast ? dev.mc : dev.uc).del(mac);
  if (err === 0) dev.core.setRxMode(dev);
  return err;
}

function vlanRxAddVid(dev: NetDevice, proto: number, vid: number): number {
  return vidAdd(macvlanOf(dev).lower, proto, vid);
}

function vlanRxKillVid(dev: NetDevice, proto: number, vid: number): number {
  vidDel(macvlanOf(dev).lower, proto, vid);
  return 0;
}
