// ethtool over generic netlink: commands, and the attributes of each. Names of features, modes and message classes are
// ethtool-names.ts. Linux: include/uapi/linux/ethtool_netlink.h, ethtool_netlink_generated.h; net/ethtool/.

import { attrs, bytes, flag, listOf, nested, string, u8, u32, u32s, u64 } from './attr.ts';

export const ETHTOOL_GENL_NAME = 'ethtool';
export const ETHTOOL_GENL_VERSION = 1;
export const ETHTOOL_MCGRP_MONITOR_NAME = 'monitor';

// What user space sends
export const ETHTOOL_MSG_STRSET_GET = 1;
export const ETHTOOL_MSG_LINKINFO_GET = 2;
export const ETHTOOL_MSG_LINKINFO_SET = 3;
export const ETHTOOL_MSG_LINKMODES_GET = 4;
export const ETHTOOL_MSG_LINKMODES_SET = 5;
export const ETHTOOL_MSG_LINKSTATE_GET = 6;
export const ETHTOOL_MSG_DEBUG_GET = 7;
export const ETHTOOL_MSG_DEBUG_SET = 8;
export const ETHTOOL_MSG_WOL_GET = 9;
export const ETHTOOL_MSG_WOL_SET = 10;
export const ETHTOOL_MSG_FEATURES_GET = 11;
export const ETHTOOL_MSG_FEATURES_SET = 12;
export const ETHTOOL_MSG_PRIVFLAGS_GET = 13;
export const ETHTOOL_MSG_PRIVFLAGS_SET = 14;
export const ETHTOOL_MSG_RINGS_GET = 15;
export const ETHTOOL_MSG_RINGS_SET = 16;
export const ETHTOOL_MSG_CHANNELS_GET = 17;
export const ETHTOOL_MSG_CHANNELS_SET = 18;
export const ETHTOOL_MSG_COALESCE_GET = 19;
export const ETHTOOL_MSG_COALESCE_SET = 20;
export const ETHTOOL_MSG_PAUSE_GET = 21;
export const ETHTOOL_MSG_PAUSE_SET = 22;
export const ETHTOOL_MSG_EEE_GET = 23;
export const ETHTOOL_MSG_EEE_SET = 24;
export const ETHTOOL_MSG_TSINFO_GET = 25;
export const ETHTOOL_MSG_CABLE_TEST_ACT = 26;
export const ETHTOOL_MSG_CABLE_TEST_TDR_ACT = 27;
export const ETHTOOL_MSG_TUNNEL_INFO_GET = 28;
export const ETHTOOL_MSG_FEC_GET = 29;
export const ETHTOOL_MSG_FEC_SET = 30;
export const ETHTOOL_MSG_MODULE_EEPROM_GET = 31;
export const ETHTOOL_MSG_STATS_GET = 32;
export const ETHTOOL_MSG_PSE_GET = 36;
export const ETHTOOL_MSG_PSE_SET = 37;
export const ETHTOOL_MSG_RSS_GET = 38;
export const ETHTOOL_MSG_PLCA_GET_CFG = 39;
export const ETHTOOL_MSG_PLCA_SET_CFG = 40;
export const ETHTOOL_MSG_PLCA_GET_STATUS = 41;
export const ETHTOOL_MSG_MM_GET = 42;
export const ETHTOOL_MSG_MM_SET = 43;

// What the kernel sends
export const ETHTOOL_MSG_STRSET_GET_REPLY = 1;
export const ETHTOOL_MSG_LINKINFO_GET_REPLY = 2;
export const ETHTOOL_MSG_LINKINFO_NTF = 3;
export const ETHTOOL_MSG_LINKMODES_GET_REPLY = 4;
export const ETHTOOL_MSG_LINKMODES_NTF = 5;
export const ETHTOOL_MSG_LINKSTATE_GET_REPLY = 6;
export const ETHTOOL_MSG_DEBUG_GET_REPLY = 7;
export const ETHTOOL_MSG_DEBUG_NTF = 8;
export const ETHTOOL_MSG_WOL_GET_REPLY = 9;
export const ETHTOOL_MSG_WOL_NTF = 10;
export const ETHTOOL_MSG_FEATURES_GET_REPLY = 11;
export const ETHTOOL_MSG_FEATURES_SET_REPLY = 12;
export const ETHTOOL_MSG_FEATURES_NTF = 13;
export const ETHTOOL_MSG_PRIVFLAGS_GET_REPLY = 14;
export const ETHTOOL_MSG_PRIVFLAGS_NTF = 15;
export const ETHTOOL_MSG_RINGS_GET_REPLY = 16;
export const ETHTOOL_MSG_RINGS_NTF = 17;
export const ETHTOOL_MSG_CHANNELS_GET_REPLY = 18;
export const ETHTOOL_MSG_CHANNELS_NTF = 19;
export const ETHTOOL_MSG_COALESCE_GET_REPLY = 20;
export const ETHTOOL_MSG_COALESCE_NTF = 21;
export const ETHTOOL_MSG_PAUSE_GET_REPLY = 22;
export const ETHTOOL_MSG_PAUSE_NTF = 23;
export const ETHTOOL_MSG_EEE_GET_REPLY = 24;
export const ETHTOOL_MSG_EEE_NTF = 25;
export const ETHTOOL_MSG_TSINFO_GET_REPLY = 26;
export const ETHTOOL_MSG_STATS_GET_REPLY = 33;
export const ETHTOOL_MSG_RSS_GET_REPLY = 38;

// Request header flags
export const ETHTOOL_FLAG_COMPACT_BITSETS = 1;
export const ETHTOOL_FLAG_OMIT_REPLY = 2;
export const ETHTOOL_FLAG_STATS = 4;

// String sets (ETHTOOL_A_STRINGSET_ID)
export const ETH_SS_STATS = 1;
export const ETH_SS_PRIV_FLAGS = 2;
export const ETH_SS_FEATURES = 4;
export const ETH_SS_LINK_MODES = 9;
export const ETH_SS_MSG_CLASSES = 10;
export const ETH_SS_WOL_MODES = 11;
export const ETH_SS_SOF_TIMESTAMPING = 12;
export const ETH_SS_TS_TX_TYPES = 13;
export const ETH_SS_TS_RX_FILTERS = 14;

export const PORT_TP = 0;
export const PORT_FIBRE = 3;
export const PORT_NONE = 0xef;
export const PORT_OTHER = 0xff;
export const DUPLEX_HALF = 0;
export const DUPLEX_FULL = 1;
export const DUPLEX_UNKNOWN = 0xff;
/** -1 as the wire has it. */
export const SPEED_UNKNOWN = 0xffffffff;

export const ETHTOOL_A_HEADER = attrs('ETHTOOL_A_HEADER', {
  devIndex: [1, u32],
  devName: [2, string, { max: 127, nul: true }],
  flags: [3, u32, { mask: 7 }],
  phyIndex: [4, u32],
});
const header = [1, nested(ETHTOOL_A_HEADER)] as const;

export const ETHTOOL_A_BITSET_BIT = attrs('ETHTOOL_A_BITSET_BIT', {
  index: [1, u32],
  name: [2, string, { nul: true }],
  value: [3, flag],
});

/** Either `bits`, one by one and by name, or compact: `value` and `mask` as words of 32 bits. */
export const ETHTOOL_A_BITSET = attrs('ETHTOOL_A_BITSET', {
  nomask: [1, flag],
  size: [2, u32],
  bits: [3, listOf(1, nested(ETHTOOL_A_BITSET_BIT))],
  value: [4, u32s],
  mask: [5, u32s],
});
export type Bitset = NonNullable<typeof ETHTOOL_A_BITSET.sample>;
const bitset = nested(ETHTOOL_A_BITSET);

export const ETHTOOL_A_STRING = attrs('ETHTOOL_A_STRING', { index: [1, u32], value: [2, string] });
export const ETHTOOL_A_STRINGSET = attrs('ETHTOOL_A_STRINGSET', {
  id: [1, u32],
  count: [2, u32],
  strings: [3, listOf(1, nested(ETHTOOL_A_STRING))],
});
export const ETHTOOL_A_STRSET = attrs('ETHTOOL_A_STRSET', {
  header,
  stringsets: [2, listOf(1, nested(ETHTOOL_A_STRINGSET))],
  countsOnly: [3, flag],
});

export const ETHTOOL_A_LINKINFO = attrs('ETHTOOL_A_LINKINFO', {
  header,
  port: [2, u8],
  phyaddr: [3, u8],
  tpMdix: [4, u8],
  tpMdixCtrl: [5, u8],
  transceiver: [6, u8],
});

export const ETHTOOL_A_LINKMODES = attrs('ETHTOOL_A_LINKMODES', {
  header,
  autoneg: [2, u8],
  ours: [3, bitset],
  peer: [4, bitset],
  speed: [5, u32],
  duplex: [6, u8],
  masterSlaveCfg: [7, u8],
  masterSlaveState: [8, u8],
  lanes: [9, u32],
  rateMatching: [10, u8],
});

export const ETHTOOL_A_LINKSTATE = attrs('ETHTOOL_A_LINKSTATE', {
  header,
  link: [2, u8],
  sqi: [3, u32],
  sqiMax: [4, u32],
  extState: [5, u8],
  extSubstate: [6, u8],
  extDownCnt: [7, u32],
});

export const ETHTOOL_A_DEBUG = attrs('ETHTOOL_A_DEBUG', { header, msgmask: [2, bitset] });

export const ETHTOOL_A_WOL = attrs('ETHTOOL_A_WOL', { header, modes: [2, bitset], sopass: [3, bytes] });

/** `hw` can be changed, `wanted` was asked for, `active` is on, `nochange` never changes. */
export const ETHTOOL_A_FEATURES = attrs('ETHTOOL_A_FEATURES', {
  header,
  hw: [2, bitset],
  wanted: [3, bitset],
  active: [4, bitset],
  nochange: [5, bitset],
});
export type FeaturesAttrs = NonNullable<typeof ETHTOOL_A_FEATURES.sample>;

export const ETHTOOL_A_PRIVFLAGS = attrs('ETHTOOL_A_PRIVFLAGS', { header, flags: [2, bitset] });

export const ETHTOOL_A_RINGS = attrs('ETHTOOL_A_RINGS', {
  header,
  rxMax: [2, u32],
  rxMiniMax: [3, u32],
  rxJumboMax: [4, u32],
  txMax: [5, u32],
  rx: [6, u32],
  rxMini: [7, u32],
  rxJumbo: [8, u32],
  tx: [9, u32],
  rxBufLen: [10, u32],
  tcpDataSplit: [11, u8],
  cqeSize: [12, u32],
  txPush: [13, u8],
  rxPush: [14, u8],
  txPushBufLen: [15, u32],
  txPushBufLenMax: [16, u32],
  hdsThresh: [17, u32],
  hdsThreshMax: [18, u32],
});

export const ETHTOOL_A_CHANNELS = attrs('ETHTOOL_A_CHANNELS', {
  header,
  rxMax: [2, u32],
  txMax: [3, u32],
  otherMax: [4, u32],
  combinedMax: [5, u32],
  rxCount: [6, u32],
  txCount: [7, u32],
  otherCount: [8, u32],
  combinedCount: [9, u32],
});

export const ETHTOOL_A_COALESCE = attrs('ETHTOOL_A_COALESCE', {
  header,
  rxUsecs: [2, u32],
  rxMaxFrames: [3, u32],
  rxUsecsIrq: [4, u32],
  rxMaxFramesIrq: [5, u32],
  txUsecs: [6, u32],
  txMaxFrames: [7, u32],
  txUsecsIrq: [8, u32],
  txMaxFramesIrq: [9, u32],
  statsBlockUsecs: [10, u32],
  useAdaptiveRx: [11, u8],
  useAdaptiveTx: [12, u8],
  pktRateLow: [13, u32],
  rxUsecsLow: [14, u32],
  rxMaxFramesLow: [15, u32],
  txUsecsLow: [16, u32],
  txMaxFramesLow: [17, u32],
  pktRateHigh: [18, u32],
  rxUsecsHigh: [19, u32],
  rxMaxFramesHigh: [20, u32],
  txUsecsHigh: [21, u32],
  txMaxFramesHigh: [22, u32],
  rateSampleInterval: [23, u32],
  useCqeModeTx: [24, u8],
  useCqeModeRx: [25, u8],
  txAggrMaxBytes: [26, u32],
  txAggrMaxFrames: [27, u32],
  txAggrTimeUsecs: [28, u32],
});

export const ETHTOOL_A_PAUSE_STAT = attrs('ETHTOOL_A_PAUSE_STAT', {
  pad: [1, bytes],
  txFrames: [2, u64],
  rxFrames: [3, u64],
});
export const ETHTOOL_A_PAUSE = attrs('ETHTOOL_A_PAUSE', {
  header,
  autoneg: [2, u8],
  rx: [3, u8],
  tx: [4, u8],
  stats: [5, nested(ETHTOOL_A_PAUSE_STAT)],
  statsSrc: [6, u32],
});

export const ETHTOOL_A_TSINFO = attrs('ETHTOOL_A_TSINFO', {
  header,
  timestamping: [2, bitset],
  txTypes: [3, bitset],
  rxFilters: [4, bitset],
  phcIndex: [5, u32],
  stats: [6, bytes],
});

export const ETHTOOL_A_RSS = attrs('ETHTOOL_A_RSS', {
  header,
  context: [2, u32],
  hfunc: [3, u32],
  indir: [4, u32s],
  hkey: [5, bytes],
  inputXfrm: [6, u32],
});
