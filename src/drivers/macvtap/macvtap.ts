// The link kind macvtap: a macvlan whose frames a program reads and writes through a character device. The device file
// is stood in for by openTap(): frames as bytes, without the virtio header. One queue per device; nothing is offloaded
// to the reader. While nobody has it open, frames go up the stack, as those of a macvlan do.
// Linux: drivers/net/macvtap.c, drivers/net/tap.c.

import { Drop } from '../../net/drop.ts';
import { PRIV_NO_QUEUE, RX_CONSUMED, RX_PASS } from '../../net/flags.ts';
import { type Attrs, type LinkOps, type NewLinkContext, Refusal } from '../../net/linkops.ts';
import type { NetDevice } from '../../net/netdev.ts';
import type { Skb } from '../../net/skb.ts';
import { ethType } from '../../wire/ethernet.ts';
import { E } from '../common.ts';
import { setupDevice } from '../macvlan/device.ts';
import {
  macvlanChangelink,
  macvlanDellink,
  macvlanFillInfo,
  macvlanLinkNet,
  macvlanNewlink,
  macvlanValidate,
} from '../macvlan/macvlan.ts';

const ETH_HLEN = 14;
/** TUN_READQ_SIZE: also how many frames wait for the reader. */
const READQ_SIZE = 500;

/** The open character device. */
export class Tap {
  readonly dev: NetDevice;
  private readonly queue: Uint8Array[] = [];
  private isOpen = false;

  constructor(dev: NetDevice) {
    this.dev = dev;
  }

  get opened(): boolean {
    return this.isOpen;
  }

  open(): void {
    this.isOpen = true;
  }

  close(): void {
    this.isOpen = false;
    this.queue.length = 0;
  }

  /** All frames that wait, oldest first. */
  recvFrames(): Uint8Array[] {
    return this.queue.splice(0);
  }

  /** Sends a frame as the device's own; 0, a positive NET_XMIT_* or -errno. Linux: tap_get_user(). */
  sendFrame(frame: Uint8Array): number {
    const kernel = this.dev.core.kernel;
    if (frame.length < ETH_HLEN) return -E.EINVAL;
    const skb = kernel.skbs.alloc(frame.length);
    if (skb === null) return -E.ENOMEM;
    skb.bytes.set(frame, skb.off);
    skb.dev = this.dev;
    skb.protocol = ethType(skb.bytes, skb.off);
    skb.trace = kernel.newTrace();
    return kernel.tx.devQueueXmit(skb, null);
  }

  /** Linux: tap_handle_frame(). */
  take(skb: Skb): void {
    if (this.queue.length >= this.dev.txQueueLen) {
      this.dev.stats.rxErrors++;
      this.dev.stats.rxDropped++;
      skb.slabs.free(skb, Drop.SocketBufferFull);
      return;
    }
    this.queue.push(skb.bytes.slice(skb.mac, skb.off + skb.len));
    skb.slabs.free(skb, Drop.None);
  }
}

/** The character device of a macvtap. */
export function tapOf(dev: NetDevice): Tap {
  return dev.rxHandlerData as Tap;
}

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
