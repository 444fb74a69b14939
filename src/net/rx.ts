// The receive path: from a driver or the backlog, past the taps and the rx handler, to a protocol or its end.
// Linux: net/core/dev.c, __netif_receive_skb_core(); net/ethernet/eth.c, eth_type_trans().

import { assert } from '../base/assert.ts';
import { Drop } from './drop.ts';
import { RX_ANOTHER, RX_CONSUMED, RX_EXACT, TC_PASS } from './flags.ts';
import type { Kernel } from './kernel.ts';
import type { NetDevice, ProtoTap } from './netdev.ts';
import type { NetNs } from './netns.ts';
import { PKT_BROADCAST, PKT_HOST, PKT_MULTICAST, PKT_OTHERHOST, type Skb } from './skb.ts';

const ETH_P_8021Q = 0x8100;
const ETH_P_8021AD = 0x88a8;

export class Receive {
  private readonly kernel: Kernel;
  /** Set by an rx handler that goes on with another skb than it was given. Linux: the handler's *pskb. */
  replaced: Skb | null = null;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** Reads the Ethernet header at skb.off, classifies the frame for `dev` and steps behind the header. */
  ethTypeTrans(skb: Skb, dev: NetDevice): void {
    assert(skb.len >= 14, 'a frame without a link header');
    const b = skb.bytes;
    const at = skb.off;
    skb.dev = dev;
    skb.mac = at;
    skb.pktType = classify(b, at, dev);
    const type = (b[at + 12] << 8) | b[at + 13];
    skb.protocol = type >= 0x600 ? type : ipxOr8022(b, at + 14, skb.len - 14);
    skb.off = at + 14;
    skb.len -= 14;
  }

  /** Processes one received frame (skb.dev, mac, off behind the link header). Takes it. */
  netifReceiveSkb(skb: Skb): void {
    let dev = skb.dev as NetDevice;
    if (dev.regState !== 'registered') {
      skb.slabs.free(skb, Drop.DeviceGone);
      return;
    }
    const origDev = dev;
    const trace = this.kernel.trace;
    let tapped = false; // a watcher counts as a receiver, unless an rx handler or a tag came after it
    for (;;) {
      skb.iif = dev.ifindex; // of the device that has it now, so a macvlan's in the end
      skb.net = skb.off;
      if (trace.receive !== null) trace.receive(skb, dev);
      if (skb.vlanProto === 0 && (skb.protocol === ETH_P_8021Q || skb.protocol === ETH_P_8021AD)) {
        if (!this.untag(skb)) break;
      }
      const ns = dev.ns;
      tapped = ns.taps.length > 0 || dev.taps.length > 0;
      if (ns.taps.length > 0) showTaps(ns.taps, skb, dev);
      if (dev.taps.length > 0) showTaps(dev.taps, skb, dev);
      if (dev.tcIngress !== null && dev.tcIngress(skb, dev) !== TC_PASS) break;
      if (skb.vlanProto !== 0) tapped = false; // the tag is looked at after the taps were served
      if (skb.vlanProto !== 0 && dev.vlans !== null && this.kernel.hooks.vlanReceive !== null) {
        if (this.kernel.hooks.vlanReceive(skb, dev)) {
          if (!skb.live) break;
          dev = skb.dev as NetDevice;
          continue;
        }
      }
      const handler = dev.rxHandler;
      if (handler !== null) {
        tapped = false;
        const verdict = handler(skb, dev);
        if (this.replaced !== null) {
          skb = this.replaced;
          this.replaced = null;
        }
        if (trace.rxHandled !== null && verdict !== RX_CONSUMED) trace.rxHandled(skb, dev, verdict);
        if (verdict === RX_CONSUMED) break;
        if (verdict === RX_ANOTHER) {
          dev = skb.dev as NetDevice;
          continue;
        }
        if (verdict === RX_EXACT) {
          this.deliverExact(skb, dev, origDev);
          break;
        }
      }
      if (skb.vlanProto !== 0 && !this.forgetTag(skb)) break;
      this.deliver(skb, dev, origDev, tapped);
      break;
    }
  }

  private deliver(skb: Skb, dev: NetDevice, origDev: NetDevice, tapped: boolean): void {
    let seen = showProto(dev.ns.protoTaps, skb, dev) || tapped;
    if (origDev.protoTaps.length > 0 && origDev !== dev && origDev.ns === dev.ns) {
      seen = showProto(origDev.protoTaps, skb, dev) || seen;
    }
    if (dev.protoTaps.length > 0) seen = showProto(dev.protoTaps, skb, dev) || seen;
    const handler = this.kernel.protocols.get(skb.protocol);
    if (handler === undefined) {
      if (!seen) {
        dev.coreRxDropped++;
        skb.slabs.free(skb, Drop.NoHandler);
      } else skb.slabs.free(skb, Drop.None);
      return;
    }
    if (this.kernel.trace.deliver !== null) this.kernel.trace.deliver(skb, dev);
    handler(skb, dev, origDev);
  }

  /** Only receivers bound to exactly this device. Linux: RX_HANDLER_EXACT. */
  private deliverExact(skb: Skb, dev: NetDevice, origDev: NetDevice): void {
    let seen = origDev !== dev && origDev.ns === dev.ns && showProto(origDev.protoTaps, skb, dev);
    seen = showProto(dev.protoTaps, skb, dev) || seen;
    if (!seen) dev.coreRxNohandler++;
    skb.slabs.free(skb, seen ? Drop.None : Drop.NoHandler);
  }

  /** Nobody was there for the tag: the frame is for others, unless the tag (or all of them) only says how urgent it is. */
  private forgetTag(skb: Skb): boolean {
    while (skb.vlanProto !== 0) {
      const tagged = (skb.vlanTci & 0xfff) !== 0;
      skb.vlanProto = 0;
      skb.vlanTci = 0;
      if (tagged) skb.pktType = PKT_OTHERHOST;
      else if ((skb.protocol === ETH_P_8021Q || skb.protocol === ETH_P_8021AD) && !this.untag(skb)) return false;
    }
    return true;
  }

  /** Moves an 802.1Q tag from the bytes into the skb. False: the frame was too short and is gone. */
  private untag(skb: Skb): boolean {
    if (skb.len < 6) {
      skb.slabs.free(skb, Drop.Malformed);
      return false;
    }
    if (!skb.slabs.unshare(skb)) {
      skb.slabs.free(skb, Drop.NoMemory);
      return false;
    }
    const b = skb.bytes;
    skb.vlanProto = skb.protocol;
    skb.vlanTci = (b[skb.off] << 8) | b[skb.off + 1];
    const inner = (b[skb.off + 2] << 8) | b[skb.off + 3];
    b.copyWithin(skb.mac + 4, skb.mac, skb.mac + 12);
    skb.mac += 4;
    skb.off += 4;
    skb.len -= 4;
    skb.net = skb.off;
    skb.protocol = inner >= 0x600 ? inner : ipxOr8022(b, skb.off, skb.len);
    return true;
  }
}

/** PACKET_HOST and friends for a frame that `dev` received. Reads the addresses itself: as arguments they would be allocated. */
function classify(b: Uint8Array, at: number, dev: NetDevice): number {
  const hi = (b[at] << 16) | (b[at + 1] << 8) | b[at + 2];
  const lo = (b[at + 3] << 16) | (b[at + 4] << 8) | b[at + 5];
  const mac = hi * 0x1000000 + lo;
  if (mac === dev.addr) return PKT_HOST;
  if ((b[at] & 1) === 0) return PKT_OTHERHOST;
  return mac === dev.broadcast ? PKT_BROADCAST : PKT_MULTICAST;
}

/** Behind a length field: raw 802.3 (ETH_P_802_3) or 802.2 LLC (ETH_P_802_2). */
function ipxOr8022(b: Uint8Array, at: number, len: number): number {
  return len >= 2 && b[at] === 0xff && b[at + 1] === 0xff ? 1 : 4;
}

function showTaps(taps: NetDevice['taps'], skb: Skb, dev: NetDevice): void {
  for (let i = 0; i < taps.length; i++) taps[i].frame(skb, dev, false);
}

function showProto(taps: ProtoTap[], skb: Skb, dev: NetDevice): boolean {
  let seen = false;
  for (let i = 0; i < taps.length; i++) {
    if (taps[i].protocol !== skb.protocol) continue;
    taps[i].frame(skb, dev, false);
    seen = true;
  }
  return seen;
}

/** Prepares a frame for the receive side of `dev`, in another place than it was sent from. Linux: skb_scrub_packet(). */
export function scrub(skb: Skb, fromNs: NetNs | null, toNs: NetNs): void {
  skb.iif = 0;
  skb.pktType = PKT_HOST;
  skb.slabs.orphan(skb);
  skb.priority = 0;
  skb.fwdMark = 0;
  skb.tstampNs = 0;
  if (fromNs !== toNs) skb.mark = 0;
}

/** Is a frame of this length acceptable for `dev` to receive? Linux: __is_skb_forwardable(). */
export function isForwardable(dev: NetDevice, skb: Skb): boolean {
  if (!dev.up) return false;
  return skb.len <= dev.mtu + dev.hardHeaderLen + 4 || skb.gsoSize > 0;
}

/**
 * Hands a frame that was sent (skb.off at the link header) to the receive side of `dev`. Takes it. Linux:
 * dev_forward_skb(): a frame that `dev` cannot take is dropped and counted there.
 */
export function forwardSkb(dev: NetDevice, skb: Skb): number {
  if (!isForwardable(dev, skb)) {
    dev.coreRxDropped++;
    skb.slabs.free(skb, dev.up ? Drop.TooBig : Drop.DeviceDown);
    return 1;
  }
  scrub(skb, skb.dev === null ? null : skb.dev.ns, dev.ns);
  dev.core.kernel.rx.ethTypeTrans(skb, dev);
  return dev.core.kernel.softirq.netifRx(skb);
}
