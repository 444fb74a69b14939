// ETHTOOL_MSG_LINKINFO, LINKMODES, LINKSTATE, TSINFO and CHANNELS: what a device says of its link and its queues. A macvlan
// speaks for the device below it, as in Linux. Linux: net/ethtool/linkinfo.c, linkmodes.c, linkstate.c, tsinfo.c.

import { linkSettings } from '../net/ethtool.ts';
import { PRIV_BRIDGE } from '../net/flags.ts';
import {
  DUPLEX_FULL,
  DUPLEX_UNKNOWN,
  ETHTOOL_A_CHANNELS,
  ETHTOOL_A_LINKINFO,
  ETHTOOL_A_LINKMODES,
  ETHTOOL_A_LINKSTATE,
  ETHTOOL_A_TSINFO,
  ETHTOOL_MSG_CHANNELS_GET_REPLY,
  ETHTOOL_MSG_LINKINFO_GET_REPLY,
  ETHTOOL_MSG_LINKMODES_GET_REPLY,
  ETHTOOL_MSG_LINKSTATE_GET_REPLY,
  ETHTOOL_MSG_TSINFO_GET_REPLY,
  SPEED_UNKNOWN,
} from '../uapi/ethtool.ts';
import { LINK_MODE_NAMES, SOF_TIMESTAMPING_NAMES } from '../uapi/ethtool-names.ts';
import { putBitset } from './ethtool-bitset.ts';
import { getter } from './ethtool-header.ts';

/** SOF_TIMESTAMPING_TX_SOFTWARE, RX_SOFTWARE, SOFTWARE. */
const STAMPS_ALL = (1n << 1n) | (1n << 3n) | (1n << 4n);
const STAMPS_RX = (1n << 3n) | (1n << 4n);

const NO_LINK = 'failed to retrieve link settings';

export const getLinkInfo = getter(
  ETHTOOL_A_LINKINFO,
  ETHTOOL_MSG_LINKINFO_GET_REPLY,
  (dev) => {
    const link = linkSettings(dev);
    return link === null ? null : { port: link.port, phyaddr: 0, tpMdix: 0, tpMdixCtrl: 0, transceiver: 0 };
  },
  NO_LINK,
);

export const getLinkModes = getter(
  ETHTOOL_A_LINKMODES,
  ETHTOOL_MSG_LINKMODES_GET_REPLY,
  (dev, compact) => {
    const link = linkSettings(dev);
    if (link === null) return null;
    const advertising = modes(link.advertising);
    return {
      autoneg: link.autoneg ? 1 : 0,
      ours: putBitset(advertising, modes(link.supported), LINK_MODE_NAMES, LINK_MODE_NAMES.length, compact),
      speed: link.speed === 0 ? SPEED_UNKNOWN : link.speed,
      duplex: link.duplex ?? (link.speed === 0 ? DUPLEX_UNKNOWN : DUPLEX_FULL),
      rateMatching: 0,
    };
  },
  NO_LINK,
);

function modes(names: readonly string[]): bigint {
  let set = 0n;
  for (const name of names) set |= 1n << BigInt(LINK_MODE_NAMES.indexOf(name as never));
  return set;
}

export const getLinkState = getter(ETHTOOL_A_LINKSTATE, ETHTOOL_MSG_LINKSTATE_GET_REPLY, (dev) =>
  dev.ethtool?.noLink === true ? {} : { link: dev.carrier && dev.running ? 1 : 0 },
);

export const getTsInfo = getter(ETHTOOL_A_TSINFO, ETHTOOL_MSG_TSINFO_GET_REPLY, (dev, compact) => {
  const stamps = (dev.privFlags & PRIV_BRIDGE) !== 0 ? STAMPS_RX : STAMPS_ALL;
  return { timestamping: putBitset(stamps, null, SOF_TIMESTAMPING_NAMES, SOF_TIMESTAMPING_NAMES.length, compact) };
});

/** Only kinds of queue that the device has are told. */
export const getChannels = getter(ETHTOOL_A_CHANNELS, ETHTOOL_MSG_CHANNELS_GET_REPLY, (dev) => {
  const c = dev.ethtool?.channels?.(dev) ?? null;
  if (c === null) return null;
  return {
    ...(c.rxMax > 0 ? { rxMax: c.rxMax, rxCount: c.rxCount } : {}),
    ...(c.txMax > 0 ? { txMax: c.txMax, txCount: c.txCount } : {}),
    ...(c.otherMax > 0 ? { otherMax: c.otherMax, otherCount: c.otherCount } : {}),
    ...(c.combinedMax > 0 ? { combinedMax: c.combinedMax, combinedCount: c.combinedCount } : {}),
  };
});
