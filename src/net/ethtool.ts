// What a device may offer to ethtool beside features and counters. Every door is optional: without it ethtool says that
// the operation is not supported, as for a Linux driver without it. Linux: struct ethtool_ops.

import type { NetDevice } from './netdev.ts';

/** Linux: struct ethtool_link_ksettings. */
export interface LinkSettings {
  /** Mbit/s; 0: unknown. */
  readonly speed: number;
  /** DUPLEX_HALF 0, DUPLEX_FULL 1, DUPLEX_UNKNOWN 255; absent: full, or unknown without a speed. */
  readonly duplex?: number;
  readonly autoneg: boolean;
  /** PORT_TP 0, PORT_FIBRE 3, PORT_OTHER 255. */
  readonly port: number;
  /** Names of link modes, as in uapi/ethtool-names (LINK_MODE_NAMES). */
  readonly supported: readonly string[];
  readonly advertising: readonly string[];
}

/** Numbers of queues: how many there are and how many there can be. Linux: struct ethtool_channels. */
export interface Channels {
  readonly rxMax: number;
  readonly rxCount: number;
  readonly txMax: number;
  readonly txCount: number;
  readonly otherMax: number;
  readonly otherCount: number;
  readonly combinedMax: number;
  readonly combinedCount: number;
}

/** Descriptors of the rings. Linux: struct ethtool_ringparam. */
export interface Rings {
  readonly rxMax: number;
  readonly rx: number;
  readonly txMax: number;
  readonly tx: number;
}

/** Interrupt moderation: the parameters that a driver has; others are absent. Linux: struct ethtool_coalesce. */
export interface Coalesce {
  readonly rxUsecs?: number;
  readonly rxMaxFrames?: number;
  readonly txUsecs?: number;
  readonly txMaxFrames?: number;
  readonly useAdaptiveRx?: number;
  readonly useAdaptiveTx?: number;
}

export interface EthtoolOps {
  /** It does not even say whether it has a link. Linux: no get_link. */
  readonly noLink?: true;
  linkSettings?(dev: NetDevice): LinkSettings | null;
  channels?(dev: NetDevice): Channels;
  /** 0 or -errno; throws a Refusal with words. */
  setChannels?(dev: NetDevice, want: Channels): number;
  rings?(dev: NetDevice): Rings;
  setRings?(dev: NetDevice, want: Rings): number;
  coalesce?(dev: NetDevice): Coalesce;
  /** 0 or -errno; throws a Refusal with words. */
  setCoalesce?(dev: NetDevice, want: Coalesce): number;
  /** Private flags: name and whether it is on. */
  privFlags?(dev: NetDevice): ReadonlyArray<readonly [string, boolean]>;
  setPrivFlag?(dev: NetDevice, name: string, on: boolean): number;
}

/** Link settings of a device; null: it has none. Linux: __ethtool_get_link_ksettings(). */
export function linkSettings(dev: NetDevice): LinkSettings | null {
  return dev.ethtool?.linkSettings?.(dev) ?? null;
}

/** Line speed in Mbit/s; 0: unknown. */
export function linkSpeed(dev: NetDevice): number {
  return linkSettings(dev)?.speed ?? 0;
}
