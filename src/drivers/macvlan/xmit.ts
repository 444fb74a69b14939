// The transmit side of a macvlan: straight to the lowerdev, except that bridge-mode siblings reach each other inside.
// Linux: drivers/net/macvlan.c, macvlan_start_xmit(), macvlan_queue_xmit().

import { XMIT_CN, XMIT_SUCCESS } from '../../net/flags.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { forwardSkb } from '../../net/rx.ts';
import type { Skb } from '../../net/skb.ts';
import { ethDstHi, ethDstLo, macIsMulticast } from '../../wire/ethernet.ts';
import { floodLocal } from './broadcast.ts';
import { ruleOf } from './modes.ts';
import type { Macvlan } from './port.ts';

/** Takes the frame; its answer is the lowerdev's, and the sender's. */
export function macvlanStartXmit(skb: Skb, dev: NetDevice): number {
  const vlan = dev.priv as Macvlan;
  const trace = vlan.port.kernel.trace;
  if (trace.step !== null) trace.step('macvlan_start_xmit', skb, dev);
  const length = skb.len;
  const rc = macvlanQueueXmit(skb, vlan);
  const stats = dev.stats;
  if (rc === XMIT_SUCCESS || rc === XMIT_CN) {
    stats.txPackets++;
    stats.txBytes += length;
  } else stats.txDropped++;
  return rc;
}

function macvlanQueueXmit(skb: Skb, vlan: Macvlan): number {
  const port = vlan.port;
  const dev = vlan.dev;
  if (vlan.accelPriv !== null && port.kernel.oldL2fw) {
    skb.dev = vlan.lower; // the mode was the NIC's business. Linux: before 4.18
    return port.kernel.tx.devQueueXmit(skb, dev);
  }
  const rule = ruleOf(vlan.mode);
  if (macIsMulticast(skb.bytes, skb.off)) {
    if (rule.localFlood !== 0) {
      skb.mac = skb.off;
      floodLocal(port, vlan, skb);
    }
  } else if (rule.localUnicast !== 0) {
    const dest = port.lookup(ethDstHi(skb.bytes, skb.off), ethDstLo(skb.bytes, skb.off));
    if (dest !== null && (dest.mode & rule.localUnicast) !== 0) {
      const trace = port.kernel.trace;
      if (trace.step !== null) trace.step('dev_forward_skb', skb, vlan.lower);
      forwardSkb(vlan.lower, skb); // for the lowerdev's taps; its rx handler finds the sibling. The sender hears success
      return XMIT_SUCCESS;
    }
  }
  const trace = port.kernel.trace;
  if (trace.step !== null) trace.step('macvlan_queue_xmit', skb, vlan.lower);
  skb.dev = vlan.lower;
  return port.kernel.tx.devQueueXmit(skb, dev.numTc < 0 ? dev : null);
}
