// What a bond can do: what its slaves can. Linux: drivers/net/bonding/bond_main.c, bond_compute_features(),
// bond_fix_features(), bond_setup().

import {
  F_ALL_FOR_ALL,
  F_ALL_TSO,
  F_FRAGLIST,
  F_GSO_ENCAP_ALL,
  F_GSO_PARTIAL,
  F_GSO_SOFTWARE,
  F_HIGHDMA,
  F_HW_CSUM,
  F_LRO,
  F_ONE_FOR_ALL,
  F_RXCSUM,
  F_SG,
  F_VLAN_CTAG_FILTER,
  F_VLAN_CTAG_RX,
  F_VLAN_CTAG_TX,
  F_VLAN_STAG_FILTER,
  F_VLAN_STAG_RX,
  F_VLAN_STAG_TX,
  incrementFeatures,
} from '../../net/features.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { Ev } from '../../net/notifier.ts';
import { type Bond, bondOf } from './state.ts';

const VLAN_FEATURES = F_HW_CSUM | F_SG | F_FRAGLIST | F_GSO_SOFTWARE | F_HIGHDMA | F_LRO;
const ENC_FEATURES = F_HW_CSUM | F_SG | F_RXCSUM | F_GSO_SOFTWARE | F_GSO_PARTIAL;
const VLAN_TX = F_VLAN_CTAG_TX | F_VLAN_STAG_TX;
const VLAN_RX = F_VLAN_CTAG_RX | F_VLAN_CTAG_FILTER | F_VLAN_STAG_RX | F_VLAN_STAG_FILTER;
/** GSO_MAX_SIZE: what a device without a limit of its own may have. */
const TSO_MAX_SIZE = 524280;
const ETH_HLEN = 14;

export function initFeatures(dev: NetDevice): void {
  dev.hwFeatures = VLAN_FEATURES | VLAN_RX | F_GSO_ENCAP_ALL;
  dev.features = dev.hwFeatures | VLAN_TX;
  dev.vlanFeatures = VLAN_FEATURES;
}

export function fixFeatures(dev: NetDevice, wanted: bigint): bigint {
  let features = (wanted & ~F_ONE_FOR_ALL) | F_ALL_FOR_ALL;
  for (const { dev: slave } of bondOf(dev).slaves) features = incrementFeatures(features, slave.features, wanted);
  return incrementFeatures(features, F_ALL_TSO, wanted);
}

export function computeFeatures(bond: Bond): void {
  const { dev } = bond;
  let vlan = VLAN_FEATURES;
  let enc = ENC_FEATURES;
  let size = TSO_MAX_SIZE;
  let segs = 65535;
  if (bond.slaves.length > 0) {
    vlan &= F_ALL_FOR_ALL;
    dev.hardHeaderLen = ETH_HLEN;
  }
  for (const { dev: slave } of bond.slaves) {
    vlan = incrementFeatures(vlan, slave.vlanFeatures, VLAN_FEATURES);
    enc = incrementFeatures(enc, slave.hwEncFeatures, ENC_FEATURES);
    dev.hardHeaderLen = Math.max(dev.hardHeaderLen, slave.hardHeaderLen);
    size = Math.min(size, slave.tsoMaxSize);
    segs = Math.min(segs, slave.tsoMaxSegs);
  }
  dev.vlanFeatures = vlan;
  dev.hwEncFeatures = enc | F_GSO_ENCAP_ALL | VLAN_TX;
  dev.tsoMaxSize = size;
  dev.tsoMaxSegs = segs;
  if (dev.gsoMaxSize > size) dev.gsoMaxSize = size;
  if (dev.gsoMaxSegs > segs) dev.gsoMaxSegs = segs;
  // netdev_change_features(): told even when nothing changed.
  if (!dev.core.updateFeatures(dev)) dev.core.kernel.notifiers.call(Ev.FeatChange, dev);
}
