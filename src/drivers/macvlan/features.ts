// Which features a macvlan has: those of the lowerdev that pass through, and what software does for it anyway, so that
// they cannot be turned off. Linux: drivers/net/macvlan.c, MACVLAN_FEATURES, ALWAYS_ON_FEATURES, macvlan_fix_features().

import {
  F_ALL_FOR_ALL,
  F_FRAGLIST,
  F_GRO,
  F_GSO,
  F_GSO_ENCAP_ALL,
  F_GSO_ROBUST,
  F_GSO_SOFTWARE,
  F_HIGHDMA,
  F_HW_CSUM,
  F_LRO,
  F_RXCSUM,
  F_SG,
  F_TSO,
  F_TSO_ECN,
  F_TSO6,
  F_VLAN_CTAG_FILTER,
  F_VLAN_STAG_FILTER,
  incrementFeatures,
} from '../../net/features.ts';
import type { NetDevice } from '../../net/netdev.ts';
import type { Macvlan } from './port.ts';

const ALWAYS_ON = F_SG | F_HW_CSUM | F_GSO_SOFTWARE | F_GSO_ROBUST | F_GSO_ENCAP_ALL;
const INHERITED =
  F_SG |
  F_HW_CSUM |
  F_HIGHDMA |
  F_FRAGLIST |
  F_GSO |
  F_TSO |
  F_LRO |
  F_TSO_ECN |
  F_TSO6 |
  F_GRO |
  F_RXCSUM |
  F_VLAN_CTAG_FILTER |
  F_VLAN_STAG_FILTER;

/** At registration. */
export function initFeatures(dev: NetDevice, lower: NetDevice): void {
  dev.features = (lower.features & INHERITED) | ALWAYS_ON;
  dev.hwFeatures |= F_LRO;
  dev.vlanFeatures = (lower.vlanFeatures & INHERITED) | ALWAYS_ON;
  dev.hwEncFeatures |= dev.features;
}

export function macvlanFixFeatures(dev: NetDevice, wanted: bigint): bigint {
  const lower = (dev.priv as Macvlan).lower;
  const mask = wanted | F_ALL_FOR_ALL;
  const below = lower.features & (mask | ~F_LRO);
  const features = incrementFeatures(below, mask, mask);
  return (features | ALWAYS_ON) & (ALWAYS_ON | INHERITED);
}
