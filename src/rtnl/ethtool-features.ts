// ETHTOOL_MSG_FEATURES_GET and _SET: which offloads are possible, wanted and on. A request that is not met is no error:
// the answer says what was wanted and is not, and what changed. Linux: net/ethtool/features.c.

import { F_NEVER_CHANGE } from '../net/features.ts';
import type { NetDevice } from '../net/netdev.ts';
import { encodeTo } from '../netlink/attrs.ts';
import { NlError } from '../netlink/error.ts';
import {
  ETHTOOL_A_FEATURES,
  ETHTOOL_GENL_VERSION,
  ETHTOOL_MSG_FEATURES_GET_REPLY,
  ETHTOOL_MSG_FEATURES_SET_REPLY,
  type FeaturesAttrs,
} from '../uapi/ethtool.ts';
import { FEATURE_NAMES } from '../uapi/ethtool-names.ts';
import { parseBitset, putBitset } from './ethtool-bitset.ts';
import { ETHTOOL_ID, ethDevice, getter, headerOf } from './ethtool-header.ts';
import { putGenl } from './genl-put.ts';
import type { Request } from './request.ts';
import type { Tb } from './tb.ts';

/** NETDEV_FEATURE_COUNT. */
export const FEATURE_COUNT = 64;
const ALL = (1n << BigInt(FEATURE_COUNT)) - 1n;
const WANTED = 3;
/** Bits that have a name and may be asked for. Linux: NETIF_F_ETHTOOL_BITS. */
const NAMED = FEATURE_NAMES.reduce((set, name, bit) => (name === '' ? set : set | (1n << BigInt(bit))), 0n);
const SETTABLE = NAMED & ~F_NEVER_CHANGE;

function set(value: bigint, mask: bigint | null, compact: boolean): FeaturesAttrs['hw'] {
  return putBitset(value, mask, FEATURE_NAMES, FEATURE_COUNT, compact);
}

export function features(dev: NetDevice, compact: boolean): FeaturesAttrs {
  return {
    hw: set(dev.hwFeatures, ALL, compact),
    wanted: set(dev.wantedFeatures, null, compact),
    active: set(dev.features, null, compact),
    nochange: set(F_NEVER_CHANGE, null, compact),
  };
}

export const getFeatures = getter(ETHTOOL_A_FEATURES, ETHTOOL_MSG_FEATURES_GET_REPLY, features);

export function setFeatures(req: Request, tb: Tb): void {
  const { dev, compact, omitReply } = ethDevice(req, tb);
  if (!tb.has(WANTED)) throw new NlError('EINVAL');
  const asked = parseBitset(req, tb, WANTED, FEATURE_NAMES, FEATURE_COUNT);
  if ((asked.mask & ~SETTABLE) !== 0n) throw new NlError('EINVAL', 'attempt to change non-ethtool features');
  const oldActive = dev.features;
  const oldWanted = dev.wantedFeatures;
  const wanted = (oldWanted & ~asked.mask) | (asked.value & asked.mask);
  if (wanted !== oldWanted) {
    dev.wantedFeatures = (dev.wantedFeatures & ~dev.hwFeatures) | (wanted & dev.hwFeatures);
    dev.core.updateFeatures(dev);
  }
  if (omitReply) return;
  const active = dev.features;
  const unmet = (wanted ^ active) & asked.mask;
  const changed = oldActive ^ active;
  req.reply(ETHTOOL_ID, (w) => {
    putGenl(w, ETHTOOL_MSG_FEATURES_SET_REPLY, ETHTOOL_GENL_VERSION);
    const answer = { wanted: set(wanted & unmet, unmet, compact), active: set(active & changed, changed, compact) };
    encodeTo(ETHTOOL_A_FEATURES, { header: headerOf(dev), ...answer }, w);
  });
}
