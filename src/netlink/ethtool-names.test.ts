import { describe, expect, test } from 'vitest';
import { answersTo, capture } from '../../test/netlink-captures.ts';
import * as names from '../uapi/ethtool-names.ts';
import { ETHTOOL } from './genl.ts';
import { decodeMessage } from './message.ts';

describe('the kernel tells the same names', () => {
  const told = decodeMessage(ETHTOOL.strset, answersTo(capture('ethtool'), 'string sets')[0]).attrs.stringsets;

  test.each([
    [4, names.FEATURE_NAMES],
    [5, names.RSS_HASH_FUNCS],
    [9, names.LINK_MODE_NAMES],
    [10, names.MSG_CLASS_NAMES],
    [11, names.WOL_MODE_NAMES],
    [12, names.SOF_TIMESTAMPING_NAMES],
    [13, names.TS_TX_TYPE_NAMES],
    [14, names.TS_RX_FILTER_NAMES],
  ])('string set %i', (id, ours) => {
    expect(told?.find((set) => set.id === id)?.strings?.map((s) => s.value)).toEqual(ours);
  });
});

test('groups of features, as ethtool -k shows them', () => {
  const group = (short: string) => names.FEATURE_GROUPS.find((g) => g.short === short) as names.FeatureGroup;
  const inGroup = (short: string) => names.FEATURE_NAMES.filter((f) => names.inFeatureGroup(group(short), f));
  expect(inGroup('tso')).toEqual([
    'tx-tcp-segmentation',
    'tx-tcp-ecn-segmentation',
    'tx-tcp-mangleid-segmentation',
    'tx-tcp6-segmentation',
    'tx-tcp-accecn-segmentation',
  ]);
  expect(inGroup('sg')).toEqual(['tx-scatter-gather', 'tx-scatter-gather-fraglist']);
  expect(inGroup('ufo')).toEqual([]);
  expect(names.featureBit('l2-fwd-offload')).toBe(48);
  expect(names.featureBit('')).toBe(-1);
});
