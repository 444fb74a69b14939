// A VLAN as a device: what it takes over from the lowerdev, opened and closed, its MAC and MTU. Frames are in path.ts.
// Linux: net/8021q/vlan_dev.c, vlan_setup(), vlan_dev_init(), vlan_netdev_ops.

import { devMcSync, devMcUnsync, devUcAdd, devUcDel, devUcSync, devUcUnsync } from '../../net/addrlist.ts';
import { validUnicast } from '../../net/dev.ts';
import { type LinkSettings, linkSettings as settingsOf } from '../../net/ethtool.ts';
import {
  F_FRAGLIST,
  F_GSO_ENCAP_ALL,
  F_GSO_SOFTWARE,
  F_HIGHDMA,
  F_HW_CSUM,
  F_IP_CSUM,
  F_IPV6_CSUM,
  F_RXCSUM,
  F_SCTP_CRC,
  F_SG,
  F_SOFT,
  F_VLAN_CTAG_TX,
  F_VLAN_STAG_TX,
} from '../../net/features.ts';
import {
  ADDR_STOLEN,
  IFF_ALLMULTI,
  IFF_MASTER,
  IFF_PROMISC,
  IFF_SLAVE,
  IFF_UP,
  PRIV_NO_QUEUE,
  PRIV_UNICAST_FLT,
  PRIV_VLAN,
} from '../../net/flags.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { Ev } from '../../net/notifier.ts';
import { VLAN_FLAG_BRIDGE_BINDING, VLAN_FLAG_LOOSE_BINDING } from '../../uapi/linkinfo.ts';
import { ETH_P_8021AD } from '../../wire/ethernet.ts';
import { VLAN_HLEN } from '../../wire/vlan.ts';
import { E, etherSetup } from '../common.ts';
import { vlanHardHeader, vlanStartXmit } from './path.ts';
import { vlanOf } from './priv.ts';

const NONE = BigInt(0);
const FEATURES = F_HW_CSUM | F_SG | F_FRAGLIST | F_GSO_SOFTWARE | F_GSO_ENCAP_ALL | F_HIGHDMA | F_SCTP_CRC;
const CSUMS = F_IP_CSUM | F_IPV6_CSUM;

export function setupDevice(dev: NetDevice): void {
  etherSetup(dev);
  dev.privFlags = PRIV_VLAN | PRIV_NO_QUEUE | PRIV_UNICAST_FLT;
  dev.lltx = true;
  dev.minMtu = 0;
  dev.maxMtu = 65535;
  dev.broadcast = 0;
  dev.init = init;
  dev.open = open;
  dev.stop = stop;
  dev.startXmit = vlanStartXmit;
  dev.hardHeader = vlanHardHeader;
  dev.setRxMode = setRxMode;
  dev.changeRxFlags = changeRxFlags;
  dev.setMac = setMac;
  dev.changeMtu = changeMtu;
  dev.fixFeatures = fixFeatures;
  dev.getIflink = (d) => vlanOf(d).lower.ifindex;
  dev.driverInfo = { driver: '802.1Q VLAN Support', version: '1.8', fwVersion: 'N/A', busInfo: '' };
  dev.ethtool = { linkSettings };
}

/** Those of the device below. */
function linkSettings(dev: NetDevice): LinkSettings {
  const { lower } = vlanOf(dev);
  const unknown = { speed: 0, autoneg: false, port: 255, supported: [], advertising: [] };
  return settingsOf(lower) ?? unknown;
}

function init(dev: NetDevice): number {
  const vlan = vlanOf(dev);
  const { lower } = vlan;
  dev.flags = lower.flags & ~(IFF_UP | IFF_PROMISC | IFF_ALLMULTI | IFF_MASTER | IFF_SLAVE);
  dev.carrier = lower.carrier && (vlan.flags & VLAN_FLAG_BRIDGE_BINDING) === 0;
  dev.dormant = lower.dormant;
  dev.hwFeatures = FEATURES;
  dev.features |= FEATURES;
  inherit(dev);
  dev.vlanFeatures = lower.vlanFeatures;
  if (dev.addr === 0) {
    dev.addr = lower.addr;
    dev.addrAssignType = ADDR_STOLEN;
  }
  if (dev.broadcast === 0) dev.broadcast = lower.broadcast;
  dev.neededHeadroom = lower.neededHeadroom;
  return 0;
}

/** What follows the lowerdev's features. Linux: vlan_transfer_features(), netif_inherit_tso_max(). */
export function inherit(dev: NetDevice): void {
  const { lower, proto } = vlanOf(dev);
  dev.tsoMaxSize = lower.tsoMaxSize;
  dev.tsoMaxSegs = lower.tsoMaxSegs;
  if (dev.gsoMaxSize > dev.tsoMaxSize) dev.gsoMaxSize = dev.tsoMaxSize;
  if (dev.gsoIpv4MaxSize > dev.tsoMaxSize) dev.gsoIpv4MaxSize = dev.tsoMaxSize;
  if (dev.gsoMaxSegs > dev.tsoMaxSegs) dev.gsoMaxSegs = dev.tsoMaxSegs;
  const inserts = proto === ETH_P_8021AD ? F_VLAN_STAG_TX : F_VLAN_CTAG_TX;
  dev.hardHeaderLen = lower.hardHeaderLen + ((lower.features & inserts) !== NONE ? 0 : VLAN_HLEN);
  dev.hwEncFeatures = lower.features & lower.vlanFeatures & lower.hwEncFeatures;
}

/** A stolen address follows the lowerdev's. True when it does. Linux: vlan_dev_inherit_address(). */
export function inheritAddress(dev: NetDevice): boolean {
  if (dev.addrAssignType !== ADDR_STOLEN) return false;
  dev.addr = vlanOf(dev).lower.addr;
  dev.core.kernel.notifiers.call(Ev.ChangeAddr, dev);
  return true;
}

function open(dev: NetDevice): number {
  const vlan = vlanOf(dev);
  const { lower } = vlan;
  if (!lower.up && (vlan.flags & VLAN_FLAG_LOOSE_BINDING) === 0) return -E.ENETDOWN;
  if (dev.addr !== lower.addr && !inheritAddress(dev)) devUcAdd(lower, dev.addr);
  vlan.lowerAddr = lower.addr;
  if (lower.carrier && (vlan.flags & VLAN_FLAG_BRIDGE_BINDING) === 0) dev.core.kernel.linkWatch.carrierOn(dev);
  return 0;
}

function stop(dev: NetDevice): void {
  const vlan = vlanOf(dev);
  const { lower } = vlan;
  devMcUnsync(lower, dev);
  devUcUnsync(lower, dev);
  if (dev.addr !== lower.addr) devUcDel(lower, dev.addr);
  if ((vlan.flags & VLAN_FLAG_BRIDGE_BINDING) === 0) dev.core.kernel.linkWatch.carrierOff(dev);
}

function setRxMode(dev: NetDevice): void {
  const { lower } = vlanOf(dev);
  devMcSync(lower, dev);
  devUcSync(lower, dev);
}

/** Up or not: since Linux 6.15 (and 6.1.130 or so) opening and closing change nothing about them. */
function changeRxFlags(dev: NetDevice, change: number): void {
  const { lower } = vlanOf(dev);
  if ((change & IFF_ALLMULTI) !== 0) dev.core.setAllmulti(lower, (dev.flags & IFF_ALLMULTI) !== 0 ? 1 : -1);
  if ((change & IFF_PROMISC) !== 0) dev.core.setPromiscuity(lower, (dev.flags & IFF_PROMISC) !== 0 ? 1 : -1);
}

function setMac(dev: NetDevice, mac: number): number {
  if (!validUnicast(mac)) return -E.EADDRNOTAVAIL;
  const { lower } = vlanOf(dev);
  if (dev.up) {
    if (mac !== lower.addr) devUcAdd(lower, mac);
    if (dev.addr !== lower.addr) devUcDel(lower, dev.addr);
  }
  dev.addr = mac;
  return 0;
}

function changeMtu(dev: NetDevice, mtu: number): number {
  if (vlanOf(dev).lower.mtu < mtu) return -E.ERANGE;
  dev.mtu = mtu;
  return 0;
}

/** What hardware can do for a tagged frame; segmentation in software is always there. */
function fixFeatures(dev: NetDevice, wanted: bigint): bigint {
  const { lower } = vlanOf(dev);
  let below = intersect(lower.vlanFeatures | F_RXCSUM, lower.features);
  if ((below & CSUMS) !== NONE) below |= F_HW_CSUM; // so that its user can still switch it
  return intersect(wanted, below) | (wanted & (F_SOFT | F_GSO_SOFTWARE));
}

/** HW_CSUM stands for the weaker kinds. Linux: netdev_intersect_features(). */
function intersect(a: bigint, b: bigint): bigint {
  if (((a ^ b) & F_HW_CSUM) !== NONE) {
    if ((a & F_HW_CSUM) !== NONE) return (a | CSUMS) & b;
    return a & (b | CSUMS);
  }
  return a & b;
}
