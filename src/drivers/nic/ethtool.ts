// What a port answers to ethtool beside features and counters: its link, its queues and its rings.
// Linux: struct ethtool_ops of an Ethernet driver, e.g. ixgbe_get_link_ksettings(), ixgbe_set_ringparam().

import { setRealNumTxQueues } from '../../net/dev-queues.ts';
import type { EthtoolOps } from '../../net/ethtool.ts';
import type { NetDevice } from '../../net/netdev.ts';
import type { NicPort } from './port.ts';
import type { NicProfile } from './profiles.ts';

const EINVAL = 22;
const MIN_RING = 64;
/** Linux: IXGBE_MAX_EITR >> 2, in µs. */
const MAX_USECS = 1022;
/** Rings are a multiple of that. Linux: IXGBE_REQ_TX_DESCRIPTOR_MULTIPLE, I40E_REQ_DESCRIPTOR_MULTIPLE. */
const RING_STEP = 32;

/** `queues`: how many the port has of its own at most. */
export function nicEthtool(port: NicPort, profile: NicProfile, queues: number): EthtoolOps {
  const link = profile.link;
  return {
    ...(link === null
      ? {}
      : {
          linkSettings: (dev: NetDevice) => ({
            speed: dev.speed,
            autoneg: link.autoneg,
            port: link.port,
            supported: link.modes,
            advertising: link.modes,
          }),
        }),
    channels: (dev) => ({
      rxMax: 0,
      rxCount: 0,
      txMax: 0,
      txCount: 0,
      otherMax: 1,
      otherCount: 1,
      combinedMax: port.stations?.layout == null ? queues : port.own.tx.count,
      combinedCount: port.stations?.layout == null ? dev.realNumTxQueues : port.own.tx.count,
    }),
    setChannels: (dev, want) => {
      if (want.rxCount !== 0 || want.txCount !== 0 || want.otherCount !== 1) return -EINVAL;
      // With stations behind them the port's own queues stay as they are.
      if (port.stations?.layout != null) return want.combinedCount === port.own.tx.count ? 0 : -EINVAL;
      setRealNumTxQueues(dev, want.combinedCount);
      dev.realNumRxQueues = want.combinedCount;
      port.setOwn(want.combinedCount);
      return 0;
    },
    // One vector serves a pair of rings: its moderation is both directions'.
    coalesce: () => ({ rxUsecs: Math.floor(port.timing.irqNs / 1000) }),
    setCoalesce: (_, want) => {
      const usecs = want.rxUsecs ?? 0;
      if (usecs > MAX_USECS) return -EINVAL;
      port.timing.irqNs = usecs * 1000;
      port.timing.irqSpreadNs = Math.min(port.timing.irqSpreadNs, port.timing.irqNs);
      return 0;
    },
    rings: () => ({ rxMax: profile.ringMax, rx: port.rx[0].count, txMax: profile.ringMax, tx: port.tx[0].count }),
    setRings: (_, want) => {
      port.resize(ringSize(want.tx, profile.ringMax), ringSize(want.rx, profile.ringMax));
      return 0;
    },
  };
}

function ringSize(want: number, max: number): number {
  const rounded = Math.ceil(Math.max(want, MIN_RING) / RING_STEP) * RING_STEP;
  return Math.min(rounded, max);
}
