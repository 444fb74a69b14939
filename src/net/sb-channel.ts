// Traffic classes of a multi-queue device, and subordinate channels: ranges of its txqs that it lends to an upperdev.
// Configuration only; net/steering.ts reads what is set here, per frame.
// Linux: net/core/dev.c, netdev_set_num_tc(), netdev_set_tc_queue(), netdev_set_sb_channel(),
// netdev_bind_sb_channel_queue(), netdev_unbind_sb_channel().

import type { NetDevice } from './netdev.ts';

const EINVAL = 22;
const ENODEV = 19;
/** Linux: S16_MAX, as num_tc is a signed 16-bit number. */
const MAX_CHANNEL = 32767;
const MAX_TC = 16;

/** How many traffic classes the device has, each without queues yet; ends every channel. 0 or -errno. */
export function setNumTc(dev: NetDevice, count: number): number {
  if (count > MAX_TC) return -EINVAL;
  unbindAll(dev);
  dev.numTc = count;
  dev.tcToTxq.length = 0;
  for (let tc = 0; tc < count; tc++) dev.tcToTxq.push({ count: 0, offset: 0 });
  dev.prioTcMap = null;
  dev.xps = null;
  return 0;
}

/** Gives a traffic class its queues. */
export function setTcQueue(dev: NetDevice, tc: number, count: number, offset: number): number {
  if (tc >= dev.numTc) return -EINVAL;
  dev.xps?.fill(0, offset, offset + count);
  dev.tcToTxq[tc] = { count, offset };
  return 0;
}

/** The traffic class of a txq; -1: none. Linux: netdev_txq_to_tc(). */
export function txqToTc(dev: NetDevice, txq: number): number {
  if (dev.numTc === 0) return 0;
  return dev.tcToTxq.findIndex(
    (range) => range !== undefined && txq >= range.offset && txq - range.offset < range.count,
  );
}

/** `vdev` becomes channel `channel` of a device below; 0 makes it an ordinary device again. */
export function setSbChannel(vdev: NetDevice, channel: number): number {
  if (vdev.txq.length > 1) return -ENODEV; // netif_is_multiqueue()
  if (channel > MAX_CHANNEL) return -EINVAL;
  vdev.numTc = channel === 0 ? 0 : -channel; // not -0
  return 0;
}

/** 0: `vdev` is nobody's channel. Linux: netdev_get_sb_channel(). */
export function sbChannel(vdev: NetDevice): number {
  return vdev.numTc < 0 ? -vdev.numTc : 0;
}

/** Lends queues offset..offset+count of `dev` to `vdev` for a traffic class. */
export function bindSbChannelQueue(dev: NetDevice, vdev: NetDevice, tc: number, count: number, offset: number): number {
  if (sbChannel(vdev) === 0 || tc >= dev.numTc || tc < 0) return -EINVAL;
  if (offset + count > dev.realNumTxQueues) return -EINVAL;
  lendQueues(dev, vdev, tc, count, offset);
  return 0;
}

/** As bindSbChannelQueue(), unchecked: kernels before 4.18 had no channels, and drivers kept such a range themselves. */
export function lendQueues(dev: NetDevice, vdev: NetDevice, tc: number, count: number, offset: number): void {
  while (vdev.tcToTxq.length <= tc) vdev.tcToTxq.push({ count: 0, offset: 0 });
  vdev.tcToTxq[tc] = { count, offset };
  for (let i = 0; i < count; i++) dev.txq[offset + i].sbDev = vdev;
}

/** Takes the queues back. */
export function unbindSbChannel(dev: NetDevice, vdev: NetDevice): void {
  vdev.tcToTxq.length = 0;
  vdev.xps = null;
  for (const txq of dev.txq) if (txq.sbDev === vdev) txq.sbDev = null;
}

function unbindAll(dev: NetDevice): void {
  for (const txq of dev.txq) if (txq.sbDev !== null) unbindSbChannel(dev, txq.sbDev);
}
