// ETHTOOL_MSG_STRSET_GET: the names behind numbers and bits. Sets of a device (counters, private flags) and of nobody.
// Linux: net/ethtool/strset.c.

import type { NetDevice } from '../net/netdev.ts';
import { encodeTo } from '../netlink/attrs.ts';
import { NlError } from '../netlink/error.ts';
import {
  ETH_SS_FEATURES,
  ETH_SS_LINK_MODES,
  ETH_SS_MSG_CLASSES,
  ETH_SS_SOF_TIMESTAMPING,
  ETH_SS_STATS,
  ETH_SS_TS_RX_FILTERS,
  ETH_SS_TS_TX_TYPES,
  ETH_SS_WOL_MODES,
  ETHTOOL_A_STRSET,
  ETHTOOL_GENL_VERSION,
  ETHTOOL_MSG_STRSET_GET_REPLY,
} from '../uapi/ethtool.ts';
import {
  FEATURE_NAMES,
  LINK_MODE_NAMES,
  MSG_CLASS_NAMES,
  RSS_HASH_FUNCS,
  SOF_TIMESTAMPING_NAMES,
  TS_RX_FILTER_NAMES,
  TS_TX_TYPE_NAMES,
  WOL_MODE_NAMES,
} from '../uapi/ethtool-names.ts';
import { FEATURE_COUNT } from './ethtool-features.ts';
import { ETHTOOL_ID, ethRequest, headerOf } from './ethtool-header.ts';
import { putGenl } from './genl-put.ts';
import type { Request } from './request.ts';
import { Tb } from './tb.ts';

const STRINGSETS = 2;
const COUNTS_ONLY = 3;
const SET_ID = 1;
const ETH_SS_RSS_HASH_FUNCS = 5;

/** Sets that belong to no device, by id. */
const COMMON: ReadonlyMap<number, readonly string[]> = new Map<number, readonly string[]>([
  [ETH_SS_FEATURES, [...FEATURE_NAMES, ...new Array<string>(FEATURE_COUNT).fill('')].slice(0, FEATURE_COUNT)],
  [ETH_SS_RSS_HASH_FUNCS, RSS_HASH_FUNCS],
  [ETH_SS_LINK_MODES, LINK_MODE_NAMES],
  [ETH_SS_MSG_CLASSES, MSG_CLASS_NAMES],
  [ETH_SS_WOL_MODES, WOL_MODE_NAMES],
  [ETH_SS_SOF_TIMESTAMPING, SOF_TIMESTAMPING_NAMES],
  [ETH_SS_TS_TX_TYPES, TS_TX_TYPE_NAMES],
  [ETH_SS_TS_RX_FILTERS, TS_RX_FILTER_NAMES],
]);
/** ETH_SS_* that a device has of its own. */
const PER_DEVICE: readonly number[] = [0, 1, 2, 7];

export function getStrset(req: Request, tb: Tb): void {
  const { dev } = ethRequest(req, tb);
  const asked = new Set<number>();
  if (tb.has(STRINGSETS)) {
    tb.each(STRINGSETS, (_type, from, to) => {
      const set = new Tb(req.msg, from, to);
      if (!set.has(SET_ID)) throw new NlError('EINVAL');
      asked.add(set.u32(SET_ID));
    });
  }
  const ids = [...asked].sort((a, b) => a - b);
  if (dev === null) {
    const own = ids.find((id) => PER_DEVICE.includes(id));
    if (own !== undefined) throw new NlError('EINVAL', 'requested per device strings without dev');
  }
  const wanted = ids.length > 0 ? ids : dev === null ? [...COMMON.keys()] : [...PER_DEVICE];
  const stringsets = wanted.flatMap((id) => oneSet(dev, id, tb.has(COUNTS_ONLY)));
  const header = dev === null ? {} : { header: headerOf(dev) };
  req.reply(ETHTOOL_ID, (w) => {
    putGenl(w, ETHTOOL_MSG_STRSET_GET_REPLY, ETHTOOL_GENL_VERSION);
    encodeTo(ETHTOOL_A_STRSET, { ...header, stringsets }, w);
  });
}

function oneSet(dev: NetDevice | null, id: number, countsOnly: boolean) {
  const names = PER_DEVICE.includes(id) ? ownNames(dev, id) : (COMMON.get(id) ?? []);
  if (names.length === 0) return [];
  const set = { id, count: names.length };
  return [countsOnly ? set : { ...set, strings: names.map((value, index) => ({ index, value })) }];
}

function ownNames(dev: NetDevice | null, id: number): readonly string[] {
  if (dev === null || id !== ETH_SS_STATS || dev.ethtoolStats === null) return [];
  return dev.ethtoolStats(dev).map(([name]) => name);
}
