// The loopback device: one in every namespace, index 1, made with it and gone with it. What is sent comes back through
// the backlog. It is no link kind of rtnetlink: nobody creates, changes or deletes one.
// Linux: drivers/net/loopback.c.

import {
  F_FRAGLIST,
  F_GSO_SOFTWARE,
  F_HIGHDMA,
  F_HW_CSUM,
  F_LOOPBACK,
  F_RXCSUM,
  F_SCTP_CRC,
  F_SG,
  F_VLAN_CHALLENGED,
} from '../../net/features.ts';
import {
  ARPHRD_LOOPBACK,
  IFF_LOOPBACK,
  PRIV_LIVE_ADDR_CHANGE,
  PRIV_NO_QUEUE,
  RX_SUCCESS,
  TX_OK,
} from '../../net/flags.ts';
import type { Kernel } from '../../net/kernel.ts';
import type { LinkOps } from '../../net/linkops.ts';
import type { NetDevice } from '../../net/netdev.ts';
import type { NetNs } from '../../net/netns.ts';
import type { Skb } from '../../net/skb.ts';

const LOOPBACK_FEATURES =
  F_SG | F_FRAGLIST | F_GSO_SOFTWARE | F_HW_CSUM | F_RXCSUM | F_SCTP_CRC | F_HIGHDMA | F_VLAN_CHALLENGED | F_LOOPBACK;
/** GSO_MAX_SIZE of the core: what lo and veth accept in one piece. */
const TSO_MAX_SIZE = 524280;

const loLink: LinkOps = { kind: 'lo', setup };

/** From now on every new namespace of `kernel` has its lo. Call it after the rooms whose state a device needs. */
export function attachLo(kernel: Kernel): void {
  kernel.hooks.nsInit.push(addLo);
}

function addLo(ns: NetNs): void {
  const core = ns.kernel.dev;
  core.register(core.alloc(ns, 'lo', loLink));
}

function setup(dev: NetDevice): void {
  dev.type = ARPHRD_LOOPBACK;
  dev.flags = IFF_LOOPBACK;
  dev.privFlags = PRIV_NO_QUEUE | PRIV_LIVE_ADDR_CHANGE;
  dev.mtu = 65536;
  dev.minMtu = 0;
  dev.maxMtu = 0;
  dev.broadcast = 0;
  dev.tsoMaxSize = TSO_MAX_SIZE;
  dev.lltx = true;
  dev.netnsImmutable = true;
  dev.features = LOOPBACK_FEATURES;
  dev.hwFeatures = F_GSO_SOFTWARE;
  dev.startXmit = loopbackXmit;
}

/** Counts the frame once for both directions, without its link header. Linux: loopback_xmit(), dev_lstats_add(). */
function loopbackXmit(skb: Skb, dev: NetDevice): number {
  const kernel = dev.core.kernel;
  if (kernel.trace.step !== null) kernel.trace.step('loopback_xmit', skb, dev);
  skb.slabs.orphan(skb);
  kernel.rx.ethTypeTrans(skb, dev);
  const len = skb.len;
  if (kernel.softirq.netifRx(skb) !== RX_SUCCESS) return TX_OK;
  const stats = dev.stats;
  stats.rxPackets++;
  stats.txPackets++;
  stats.rxBytes += len;
  stats.txBytes += len;
  return TX_OK;
}
