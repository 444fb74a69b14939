// Which features are on: what the hardware can, what the user wants, what the driver and the devices around allow.
// Linux: net/core/dev.c, __netdev_update_features(), netdev_fix_features(), register_netdevice().

import type { DevCore } from './dev.ts';
import {
  F_ALL_TSO,
  F_GRO_HW,
  F_GSO,
  F_GSO_PARTIAL,
  F_GSO_UDP_L4,
  F_HIGHDMA,
  F_HW_CSUM,
  F_IP_CSUM,
  F_IPV6_CSUM,
  F_LRO,
  F_NOCACHE_COPY,
  F_RXCSUM,
  F_RXFCS,
  F_SG,
  F_SOFT,
  F_SOFT_OFF,
  F_TSO,
  F_TSO_ECN,
  F_TSO_MANGLEID,
  F_TSO6,
} from './features.ts';
import { IFF_LOOPBACK } from './flags.ts';
import type { NetDevice } from './netdev.ts';
import { Ev } from './notifier.ts';

/** What is off below when a device on top does not want it. Linux: NETIF_F_UPPER_DISABLES. */
const UPPER_DISABLES = F_LRO;

/** What the core adds to the features of a driver, once, at registration. */
export function initFeatures(dev: NetDevice): void {
  dev.hwFeatures |= F_SOFT | F_SOFT_OFF;
  dev.features |= F_SOFT;
  dev.wantedFeatures = dev.features & dev.hwFeatures;
  if ((dev.flags & IFF_LOOPBACK) === 0) dev.hwFeatures |= F_NOCACHE_COPY;
  // Whoever can segment TCP can do it with a fixed IP id as well, when asked.
  if ((dev.hwFeatures & F_TSO) !== 0n) dev.hwFeatures |= F_TSO_MANGLEID;
  if ((dev.vlanFeatures & F_TSO) !== 0n) dev.vlanFeatures |= F_TSO_MANGLEID;
  if ((dev.hwEncFeatures & F_TSO) !== 0n) dev.hwEncFeatures |= F_TSO_MANGLEID;
  dev.vlanFeatures |= F_HIGHDMA;
  dev.hwEncFeatures |= F_SG | F_GSO_PARTIAL;
}

/** Recomputes dev.features and tells; `first`: at registration, nobody is told. True when they changed. */
export function updateFeatures(this: DevCore, dev: NetDevice, first = false): boolean {
  const changed = recompute(dev);
  if (changed && !first) this.kernel.notifiers.call(Ev.FeatChange, dev);
  return changed;
}

/** Linux: __netdev_update_features(). A driver that refuses leaves its features unknown, so that is told, too. */
function recompute(dev: NetDevice): boolean {
  let features = (dev.features & ~dev.hwFeatures) | dev.wantedFeatures;
  if (dev.fixFeatures !== null) features = dev.fixFeatures(dev, features);
  features = fix(features);
  for (const upper of dev.uppers) features &= ~(UPPER_DISABLES & ~upper.wantedFeatures);
  const changed = features !== dev.features;
  if (changed && dev.setFeatures !== null && dev.setFeatures(dev, features) < 0) return true;
  for (const lower of dev.lowers) disableBelow(lower, features);
  dev.features = features;
  return changed;
}

/** Linux: netdev_sync_lower_features(). */
function disableBelow(lower: NetDevice, features: bigint): void {
  const off = UPPER_DISABLES & ~features & lower.features;
  if (off === 0n) return;
  lower.wantedFeatures &= ~off;
  recompute(lower);
  if ((lower.features & off) === 0n) lower.core.kernel.notifiers.call(Ev.FeatChange, lower);
}

/** Features that others need are off when those are. Linux: netdev_fix_features(). */
function fix(f: bigint): bigint {
  if ((f & F_HW_CSUM) !== 0n) f &= ~(F_IP_CSUM | F_IPV6_CSUM);
  if ((f & F_SG) === 0n) f &= ~(F_ALL_TSO | F_GSO);
  if ((f & (F_HW_CSUM | F_IP_CSUM)) === 0n) f &= ~(F_TSO | F_TSO_ECN);
  if ((f & (F_HW_CSUM | F_IPV6_CSUM)) === 0n) f &= ~F_TSO6;
  if ((f & F_TSO) === 0n) f &= ~F_TSO_MANGLEID;
  if ((f & F_ALL_TSO) === F_TSO_ECN) f &= ~F_TSO_ECN;
  if ((f & F_RXCSUM) === 0n) f &= ~F_GRO_HW;
  if ((f & F_RXFCS) !== 0n) f &= ~(F_LRO | F_GRO_HW);
  if ((f & F_GRO_HW) !== 0n) f &= ~F_LRO;
  const everyCsum = (f & F_HW_CSUM) !== 0n || (f & (F_IP_CSUM | F_IPV6_CSUM)) === (F_IP_CSUM | F_IPV6_CSUM);
  if (!everyCsum) f &= ~F_GSO_UDP_L4;
  return f;
}
