// Features: what depends on what, and on whom (net/core/dev.c, netdev_fix_features(), netdev_sync_*_features()).

import { expect, test } from 'vitest';
import {
  F_GRO,
  F_GRO_HW,
  F_GSO,
  F_GSO_PARTIAL,
  F_GSO_SCTP,
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
  F_SOFT_OFF,
  F_TSO,
  F_TSO_ECN,
  F_TSO_MANGLEID,
  F_TSO6,
} from './features.ts';
import type { NetDevice } from './netdev.ts';
import { addDev, Diary, makeCore } from './testing.ts';

function withFeatures(features: bigint): NetDevice {
  const { ns } = makeCore();
  return addDev(ns, 'a', {
    tune: (d) => {
      d.features = features;
      d.hwFeatures = features;
      d.vlanFeatures = features;
    },
  });
}

test('registration: software segmentation and GRO for all, more to switch on', () => {
  const d = withFeatures(F_SG | F_HW_CSUM | F_TSO);
  expect(d.features).toBe(F_SG | F_HW_CSUM | F_TSO | F_GSO | F_GRO);
  expect(d.wantedFeatures).toBe(d.features);
  expect(d.hwFeatures).toBe(d.features | F_SOFT_OFF | F_NOCACHE_COPY | F_TSO_MANGLEID);
  expect(d.vlanFeatures).toBe(F_SG | F_HW_CSUM | F_TSO | F_TSO_MANGLEID | F_HIGHDMA);
  expect(d.hwEncFeatures).toBe(F_SG | F_GSO_PARTIAL);
});

test.each<[string, bigint, bigint]>([
  ['TSO needs scatter-gather, SCTP segmentation does not', F_HW_CSUM | F_TSO | F_GSO_SCTP, F_HW_CSUM | F_GSO_SCTP],
  ['TSO needs a checksum', F_SG | F_TSO | F_TSO_ECN | F_TSO6, F_SG | F_GSO],
  ['TSO over IPv4 only', F_SG | F_IP_CSUM | F_TSO | F_TSO6, F_SG | F_GSO | F_IP_CSUM | F_TSO],
  ['ECN alone is nothing', F_SG | F_HW_CSUM | F_TSO_ECN, F_SG | F_GSO | F_HW_CSUM],
  ['a fixed id needs TSO', F_SG | F_IPV6_CSUM | F_TSO6 | F_TSO_MANGLEID, F_SG | F_GSO | F_IPV6_CSUM | F_TSO6],
  ['one way to sum', F_HW_CSUM | F_IP_CSUM | F_IPV6_CSUM, F_HW_CSUM],
  ['GRO in hardware needs sums', F_GRO_HW, 0n],
  ['and goes before LRO', F_GRO_HW | F_RXCSUM | F_LRO, F_GRO_HW | F_RXCSUM],
  ['neither with the FCS', F_GRO_HW | F_RXCSUM | F_LRO | F_RXFCS, F_RXCSUM | F_RXFCS],
  ['UDP segmentation needs both sums', F_SG | F_IP_CSUM | F_GSO_UDP_L4, F_SG | F_GSO | F_IP_CSUM],
  ['or the general one', F_SG | F_HW_CSUM | F_GSO_UDP_L4, F_SG | F_GSO | F_HW_CSUM | F_GSO_UDP_L4],
])('%s', (_, given, kept) => {
  expect(withFeatures(given).features).toBe(kept | F_GRO);
});

test('a change asks the driver and is told; a driver that refuses leaves things as they are, and is told as well', () => {
  const { kernel, ns } = makeCore();
  let answer = 0;
  const d = addDev(ns, 'a', { tune: (dev) => (dev.hwFeatures = F_LRO) });
  d.setFeatures = () => answer;
  const diary = new Diary(kernel);
  d.wantedFeatures |= F_LRO;
  expect([kernel.dev.updateFeatures(d), (d.features & F_LRO) !== 0n, diary.take()]).toEqual([
    true,
    true,
    ['a FeatChange'],
  ]);
  expect([kernel.dev.updateFeatures(d), diary.take()]).toEqual([false, []]);
  answer = -22;
  d.wantedFeatures &= ~F_LRO;
  kernel.dev.updateFeatures(d);
  expect([(d.features & F_LRO) !== 0n, diary.take()]).toEqual([true, ['a FeatChange']]);
});

test('LRO that a device on top does not want is off below, and cannot come on', () => {
  const { kernel, ns } = makeCore();
  const lro = (d: NetDevice): void => {
    d.features = F_LRO;
    d.hwFeatures = F_LRO;
  };
  const [low, top] = ['low', 'top'].map((name) => addDev(ns, name, { tune: lro }));
  kernel.dev.upperLink(low, top, false);
  const diary = new Diary(kernel);
  top.wantedFeatures &= ~F_LRO;
  kernel.dev.updateFeatures(top);
  expect([low.features & F_LRO, diary.take()]).toEqual([0n, ['low FeatChange', 'top FeatChange']]);
  low.wantedFeatures |= F_LRO;
  expect([kernel.dev.updateFeatures(low), low.features & F_LRO]).toEqual([false, 0n]);
});
