// The way of a frame through a bond: out by the active slave; in by it alone, but for those who listen on the slave itself
// and for link-local groups. Linux: drivers/net/bonding/bond_main.c, bond_handle_frame(), bond_start_xmit().

import { Drop } from '../../net/drop.ts';
import { RX_ANOTHER, RX_EXACT, RX_PASS, XMIT_DROP } from '../../net/flags.ts';
import type { NetDevice } from '../../net/netdev.ts';
import type { Skb } from '../../net/skb.ts';
import { ethDstHi, ethDstLo } from '../../wire/ethernet.ts';
import type { Bond, BondSlave } from './state.ts';

const LINK_LOCAL_HI = 0x0180c2;

/** The rx handler of a slave. */
export function bondHandleFrame(skb: Skb, dev: NetDevice): number {
  const slave = dev.rxHandlerData as BondSlave;
  const trace = dev.core.kernel.trace;
  if (trace.step !== null) trace.step('bond_handle_frame', skb, dev);
  if (slave.inactive) {
    const b = skb.bytes;
    const linkLocal = ethDstHi(b, skb.mac) === LINK_LOCAL_HI && (ethDstLo(b, skb.mac) & 0xfffff0) === 0;
    return linkLocal ? RX_PASS : RX_EXACT;
  }
  skb.dev = slave.bond.dev;
  return RX_ANOTHER;
}

export function bondStartXmit(skb: Skb, dev: NetDevice): number {
  const bond = dev.priv as Bond;
  const trace = dev.core.kernel.trace;
  if (trace.step !== null) trace.step('bond_start_xmit', skb, dev);
  const { active } = bond;
  if (active === null) {
    dev.coreTxDropped++;
    skb.slabs.free(skb, Drop.NoCarrier);
    return XMIT_DROP;
  }
  skb.dev = active.dev;
  return dev.core.kernel.tx.devQueueXmit(skb, null);
}
