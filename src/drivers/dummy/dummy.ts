// The link kind dummy: a device that counts what it is given and forgets it. It has carrier unless it is told otherwise.
// Linux: drivers/net/dummy.c.

import { Drop } from '../../net/drop.ts';
import { F_FRAGLIST, F_GSO_ENCAP_ALL, F_GSO_SOFTWARE, F_HIGHDMA, F_HW_CSUM, F_SG } from '../../net/features.ts';
import { IFF_BROADCAST, IFF_NOARP, PRIV_LIVE_ADDR_CHANGE, PRIV_NO_QUEUE, TX_OK } from '../../net/flags.ts';
import type { Attrs, LinkOps } from '../../net/linkops.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { KERNEL_RELEASE } from '../../net/release.ts';
import type { Skb } from '../../net/skb.ts';
import { checkAddress, randomAddress } from '../common.ts';

const FEATURES = F_SG | F_FRAGLIST | F_GSO_SOFTWARE | F_HW_CSUM | F_HIGHDMA | F_GSO_ENCAP_ALL;

export const dummyLink: LinkOps = { kind: 'dummy', setup, validate: checkAddress, newlink };

function setup(dev: NetDevice): void {
  dev.flags = IFF_BROADCAST | IFF_NOARP;
  dev.privFlags = PRIV_LIVE_ADDR_CHANGE | PRIV_NO_QUEUE;
  dev.lltx = true;
  dev.features = FEATURES;
  dev.hwFeatures = FEATURES;
  dev.hwEncFeatures = FEATURES;
  dev.minMtu = 0;
  dev.maxMtu = 0; // any
  dev.startXmit = dummyXmit;
  dev.setRxMode = () => {}; // whatever the lists hold
  dev.changeCarrier = changeCarrier;
  dev.ethtool = { noLink: true };
  dev.driverInfo = { driver: 'dummy', version: KERNEL_RELEASE, fwVersion: '', busInfo: '' };
}

function newlink(dev: NetDevice, tb: Attrs): void {
  if (tb.address === undefined) randomAddress(dev, 'dummy');
  dev.core.register(dev, dev.ifindex);
}

function dummyXmit(skb: Skb, dev: NetDevice): number {
  const trace = dev.core.kernel.trace;
  if (trace.step !== null) trace.step('dummy_xmit', skb, dev);
  dev.stats.txPackets++;
  dev.stats.txBytes += skb.len;
  skb.slabs.free(skb, Drop.None);
  return TX_OK;
}

function changeCarrier(dev: NetDevice, on: boolean): number {
  const watch = dev.core.kernel.linkWatch;
  if (on) watch.carrierOn(dev);
  else watch.carrierOff(dev);
  return 0;
}
