// The character device of a macvtap, as far as there can be one here: opened, read and written frame by frame, with the
// virtio header before each as Linux has it by default. One queue per device: whoever opens it twice is refused. While
// nobody has it open, frames go up the stack, as those of a macvlan do.
// Linux: drivers/net/tap.c, tap_open(), tap_handle_frame(), tap_do_read(), tap_get_user(), tap_ioctl().

import { Drop } from '../../net/drop.ts';
import { gsoSegment } from '../../net/gso.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { CSUM_PARTIAL, type Skb } from '../../net/skb.ts';
import { csumFinish } from '../../wire/checksum.ts';
import { ethType } from '../../wire/ethernet.ts';
import { VLAN_HLEN } from '../../wire/vlan.ts';
import { E } from '../common.ts';
import { applyHeader, putHeader, VNET_HDR_LEN } from './vnet-hdr.ts';

const IFF_TAP = 0x2;
const IFF_NO_PI = 0x1000;
export const IFF_VNET_HDR = 0x4000;
const IFF_MULTI_QUEUE = 0x100;
/** What TUNSETIFF may choose; the rest has to be IFF_TAP | IFF_NO_PI. */
const CHOICE = IFF_VNET_HDR | IFF_MULTI_QUEUE;
const ETH_HLEN = 14;
const EAGAIN = 11;
const ADDRESSES = 12;

interface Waiting {
  readonly header: Uint8Array;
  readonly frame: Uint8Array;
}

export class Tap {
  readonly dev: NetDevice;
  private readonly queue: Waiting[] = [];
  private isOpen = false;
  private flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
  private headerSize = VNET_HDR_LEN;

  constructor(dev: NetDevice) {
    this.dev = dev;
  }

  get opened(): boolean {
    return this.isOpen;
  }

  /** 0 or -EBUSY. */
  open(): number {
    if (this.isOpen) return -E.EBUSY;
    this.isOpen = true;
    this.flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
    this.headerSize = VNET_HDR_LEN;
    return 0;
  }

  /** What waits is lost. */
  close(): void {
    this.isOpen = false;
    this.queue.length = 0;
  }

  /** TUNSETIFF: 0 or -EINVAL. */
  setFlags(flags: number): number {
    if ((flags & ~CHOICE) !== (IFF_NO_PI | IFF_TAP)) return -E.EINVAL;
    this.flags = flags;
    return 0;
  }

  /** TUNSETVNETHDRSZ: 0 or -EINVAL. */
  setHeaderSize(bytes: number): number {
    if (bytes < VNET_HDR_LEN) return -E.EINVAL;
    this.headerSize = bytes;
    return 0;
  }

  private get prefix(): number {
    return (this.flags & IFF_VNET_HDR) !== 0 ? this.headerSize : 0;
  }

  /** One frame with its header, cut to `max` bytes; -EAGAIN when none waits. */
  read(max = 65536): Uint8Array | number {
    const next = this.queue.shift();
    if (next === undefined) return -EAGAIN;
    const out = new Uint8Array(this.prefix + next.frame.length);
    if (this.prefix > 0) out.set(next.header);
    out.set(next.frame, this.prefix);
    return out.subarray(0, max);
  }

  /** Sends a header and a frame as the device's own: bytes taken, or -errno. What becomes of the frame is not told. */
  write(bytes: Uint8Array): number {
    const { prefix } = this;
    const bad = bytes.length < prefix;
    const rc = bad ? -E.EINVAL : this.send(bytes.subarray(prefix), prefix > 0 ? bytes : null);
    if (rc !== -E.EINVAL && rc !== -E.ENOMEM) return bytes.length;
    this.dev.stats.txDropped++;
    return rc;
  }

  /** All frames that wait, without headers, oldest first. */
  recvFrames(): Uint8Array[] {
    return this.queue.splice(0).map((w) => w.frame);
  }

  /** Sends a frame without a header; 0, a positive NET_XMIT_* or -errno. */
  sendFrame(frame: Uint8Array): number {
    return this.send(frame, null);
  }

  private send(frame: Uint8Array, header: Uint8Array | null): number {
    const { kernel } = this.dev.core;
    if (frame.length < ETH_HLEN) return -E.EINVAL;
    const skb = kernel.skbs.alloc(frame.length);
    if (skb === null) return -E.ENOMEM;
    skb.bytes.set(frame, skb.off);
    if (header !== null && !applyHeader(header, skb)) {
      skb.slabs.free(skb, Drop.Malformed);
      return -E.EINVAL;
    }
    skb.dev = this.dev;
    skb.protocol = ethType(skb.bytes, skb.off);
    skb.trace = kernel.newTrace();
    return kernel.tx.devQueueXmit(skb, null);
  }

  /** A frame for the device, at the rx handler. Takes it. Without a header it has to be whole: cut, and with its checksum. */
  take(skb: Skb): void {
    if (skb.gsoSize > 0 && (this.flags & IFF_VNET_HDR) === 0) {
      skb.push(skb.off - skb.mac);
      for (let piece = gsoSegment(skb); piece !== null; ) {
        const next: Skb | null = piece.next;
        piece.next = null;
        piece.mac = piece.off;
        piece.pull(ETH_HLEN);
        this.takeOne(piece);
        piece = next;
      }
      return;
    }
    this.takeOne(skb);
  }

  private takeOne(skb: Skb): void {
    if (this.queue.length >= this.dev.txQueueLen) {
      this.dev.stats.rxErrors++;
      this.dev.stats.rxDropped++;
      skb.slabs.free(skb, Drop.SocketBufferFull);
      return;
    }
    const header = new Uint8Array(VNET_HDR_LEN);
    const tag = skb.vlanProto === 0 ? 0 : VLAN_HLEN;
    const from = skb.bytes.subarray(skb.mac, skb.off + skb.len);
    const frame = new Uint8Array(from.length + tag);
    frame.set(from.subarray(0, ADDRESSES));
    if (tag > 0) frame.set([skb.vlanProto >> 8, skb.vlanProto, skb.vlanTci >> 8, skb.vlanTci], ADDRESSES);
    frame.set(from.subarray(ADDRESSES), ADDRESSES + tag);
    if ((this.flags & IFF_VNET_HDR) !== 0) putHeader(header, skb, tag);
    else if (skb.ipSummed === CSUM_PARTIAL) {
      csumFinish(frame, skb.csumStart - skb.mac + tag, skb.csumOffset, frame.length);
    }
    this.queue.push({ header, frame });
    skb.slabs.free(skb, Drop.None);
  }
}

/** The character device of a macvtap. */
export function tapOf(dev: NetDevice): Tap {
  return dev.rxHandlerData as Tap;
}
