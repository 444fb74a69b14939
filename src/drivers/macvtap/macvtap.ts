// The link kind macvtap: a macvlan whose frames a program reads and writes through a character device (tap.ts).
// Linux: drivers/net/macvtap.c.

import { PRIV_NO_QUEUE, RX_CONSUMED, RX_PASS } from '../../net/flags.ts';
import { type Attrs, type LinkOps, type NewLinkContext, Refusal } from '../../net/linkops.ts';
import type { NetDevice } from '../../net/netdev.ts';
import type { Skb } from '../../net/skb.ts';
import { setupDevice } from '../macvlan/device.ts';
import {
  macvlanChangelink,
  macvlanDellink,
  macvlanFillInfo,
  macvlanLinkNet,
  macvlanNewlink,
  macvlanValidate,
} from '../macvlan/macvlan.ts';
import { Tap, tapOf } from './tap.ts';

/** TUN_READQ_SIZE: also how many frames wait for the reader. */
const READQ_SIZE = 500;

export const macvtapLink: LinkOps = {
  kind: 'macvtap',
  setup,
  validate: macvlanValidate,
  newlink,
  changelink: macvlanChangelink,
  dellink,
  fillInfo: macvlanFillInfo,
  linkNet: macvlanLinkNet,
};

function setup(dev: NetDevice): void {
  setupDevice(dev);
  dev.privFlags &= ~PRIV_NO_QUEUE; // unlike a macvlan it has a qdisc, of the default kind
  dev.txQueueLen = READQ_SIZE;
}

function newlink(dev: NetDevice, tb: Attrs, data: Attrs, ctx: NewLinkContext): void {
  const err = dev.core.rxHandlerRegister(dev, tapHandleFrame, new Tap(dev));
  if (err < 0) throw new Refusal(-err);
  macvlanNewlink(dev, tb, data, ctx);
}

function dellink(dev: NetDevice, list: NetDevice[]): void {
  tapOf(dev).close();
  dev.core.rxHandlerUnregister(dev);
  macvlanDellink(dev, list);
}

function tapHandleFrame(skb: Skb, dev: NetDevice): number {
  const tap = tapOf(dev);
  const trace = dev.core.kernel.trace;
  if (!tap.opened) return RX_PASS;
  if (trace.step !== null) trace.step('tap_handle_frame', skb, dev);
  tap.take(skb);
  return RX_CONSUMED;
}
