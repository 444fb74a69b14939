// One frame's bookkeeping. The bytes lie in the lab's FrameSlab; an Skb is taken from a free list and given back by
// whoever ends it: xmit, receive, enqueue and free take, everything else borrows. Linux: struct sk_buff.

import { assert } from '../base/assert.ts';
import { FrameSlab, HEADROOM } from '../base/frameslab.ts';
import { Drop, type DropReason, dropNames } from './drop.ts';
import type { NetDevice } from './netdev.ts';

/** What a frame is charged beside its bytes. Linux: SKB_TRUESIZE(). */
export const SKB_OVERHEAD = 768;

/** In front of a packet that a socket builds: hard_header_len rounded, and as much as the alignment may take. */
const LL_ROOM = 31;
/** sizeof(struct skb_shared_info) and sizeof(struct sk_buff), each rounded up to a cache line. */
const SHARED_INFO = 320;
const SKB_STRUCT = 256;
/** Linux: SKB_SMALL_HEAD_CACHE_SIZE. */
const SMALL_HEAD = 576;
const LARGEST_HEAD = 16384;

/** What a datagram of `len` bytes costs its sender: its buffer comes in sizes of kmalloc(). Linux: __alloc_skb(), skb->truesize. */
export function datagramTruesize(len: number): number {
  const need = ((len + LL_ROOM + 63) & ~63) + SHARED_INFO;
  if (need > LARGEST_HEAD) return len + SKB_OVERHEAD;
  let size = SMALL_HEAD;
  if (need > size) for (size = 1024; size < need; ) size *= 2;
  return size + SKB_STRUCT;
}

/** skb.pktType. Linux: PACKET_HOST and friends, if_packet.h. */
export const PKT_HOST = 0;
export const PKT_BROADCAST = 1;
export const PKT_MULTICAST = 2;
export const PKT_OTHERHOST = 3;
export const PKT_OUTGOING = 4;
export const PKT_LOOPBACK = 5;

/** skb.ipSummed. Linux: CHECKSUM_*. */
export const CSUM_NONE = 0;
export const CSUM_UNNECESSARY = 1;
export const CSUM_COMPLETE = 2;
export const CSUM_PARTIAL = 3;

/** Who a frame's memory is charged to. A socket is told when the frame ends. */
export interface SkbOwner {
  /** A frame of `truesize` left: as many bytes of the send buffer are free again. */
  sentDone(truesize: number): void;
  /** The txq that it used last, -1: none. Linux: sk_tx_queue_mapping. */
  txQueue: number;
  /** It keeps its route from one packet to the next, and so its txq: connected UDP, TCP. Linux: sk_dst_cache. */
  readonly keepsRoute: boolean;
  /** Nothing of it is under way but this frame of `truesize`, so another txq cannot bring its order to grief. Linux: skb->ooo_okay. */
  mayReorder(truesize: number): boolean;
}

export class Skb {
  readonly slabs: SkbSlab;
  /** Index in the slab's table; stable for life. */
  readonly index: number;
  next: Skb | null = null;
  live = false;
  /** Buffer in the FrameSlab; `off` and `len` are the current layer's bytes within slabs.frames.bytes. */
  buf = -1;
  off = 0;
  len = 0;
  /** Offsets in the arena of each header; -1: not known. */
  mac = -1;
  net = -1;
  transport = -1;
  dev: NetDevice | null = null;
  /** The device that it came in by last (ifindex), 0: made here. Linux: skb_iif. */
  iif = 0;
  /** Ethertype, host order. */
  protocol = 0;
  pktType = PKT_HOST;
  priority = 0;
  mark = 0;
  hash = 0;
  queue = 0;
  /** Recorded rx queue + 1; 0: none. */
  rxQueue = 0;
  /** 802.1Q tag beside the bytes: protocol (0: none) and TCI. */
  vlanProto = 0;
  vlanTci = 0;
  ipSummed = CSUM_NONE;
  csumStart = 0;
  csumOffset = 0;
  gsoSize = 0;
  gsoSegs = 0;
  gsoType = 0;
  /** Socket that sent it; taps skip their own. */
  owner: SkbOwner | null = null;
  truesize = 0;
  /** Already forwarded by a bridge port's offload; kept for switchdev-like marks. */
  fwdMark = 0;
  /** Virtual ns when it was received or sent. */
  tstampNs = 0;
  /** Scratch of the layer that holds it. Linux: skb->cb. */
  cb0 = 0;
  cb1 = 0;
  cb2 = 0;
  cb3 = 0;
  cbRef: unknown = null;
  /** Number of the packet for traces; clones keep it. */
  trace = 0;

  constructor(slabs: SkbSlab, index: number) {
    this.slabs = slabs;
    this.index = index;
  }

  /** The arena now; read it anew after anything that may allocate a frame. */
  get bytes(): Uint8Array {
    return this.slabs.frames.bytes;
  }

  /** Prepends n bytes and returns the new offset. Linux: skb_push(). */
  push(n: number): number {
    this.off -= n;
    this.len += n;
    assert(this.off >= this.slabs.frames.startOf(this.buf), 'skb_push ran out of headroom');
    return this.off;
  }

  /** Removes n bytes from the front. Linux: skb_pull(). */
  pull(n: number): number {
    assert(n <= this.len, 'skb_pull beyond the end');
    this.off += n;
    this.len -= n;
    return this.off;
  }

  /** Appends n bytes and returns their offset. Linux: skb_put(). */
  put(n: number): number {
    const at = this.off + this.len;
    this.len += n;
    assert(at + n <= this.slabs.frames.endOf(this.buf), 'skb_put ran out of tailroom');
    return at;
  }

  /** Cuts to n bytes. Linux: skb_trim(). */
  trim(n: number): void {
    if (n < this.len) this.len = n;
  }
}

/** Hands out skbs and takes them back; counts what ended and why. */
export class SkbSlab {
  readonly frames = new FrameSlab();
  /** Frames that ended, by drop reason. */
  readonly ended = new Float64Array(dropNames.length);
  /** Called for every real drop, when somebody listens. */
  onDrop: ((skb: Skb, reason: DropReason) => void) | null = null;
  /** Skbs in use now: must be 0 when a lab has been torn down. */
  live = 0;
  private freeList: Skb | null = null;
  private all: Skb[] = [];

  /** A frame with `len` bytes (not cleared) behind the usual headroom; null when memory is at its limit. */
  alloc(len: number, headroom = HEADROOM): Skb | null {
    const buf = this.frames.take(len + headroom);
    if (buf < 0) return null;
    const skb = this.take();
    skb.buf = buf;
    skb.off = this.frames.startOf(buf) + headroom;
    skb.len = len;
    skb.truesize = len + SKB_OVERHEAD;
    return skb;
  }

  /** Another skb over the same bytes. Linux: skb_clone(). Writers call unshare() first. */
  clone(skb: Skb): Skb {
    const n = this.take();
    this.frames.hold(skb.buf);
    n.buf = skb.buf;
    n.off = skb.off;
    n.len = skb.len;
    n.mac = skb.mac;
    n.net = skb.net;
    n.transport = skb.transport;
    n.dev = skb.dev;
    n.iif = skb.iif;
    n.protocol = skb.protocol;
    n.pktType = skb.pktType;
    n.priority = skb.priority;
    n.mark = skb.mark;
    n.hash = skb.hash;
    n.queue = skb.queue;
    n.rxQueue = skb.rxQueue;
    n.vlanProto = skb.vlanProto;
    n.vlanTci = skb.vlanTci;
    n.ipSummed = skb.ipSummed;
    n.csumStart = skb.csumStart;
    n.csumOffset = skb.csumOffset;
    n.gsoSize = skb.gsoSize;
    n.gsoSegs = skb.gsoSegs;
    n.gsoType = skb.gsoType;
    n.truesize = skb.truesize;
    n.fwdMark = skb.fwdMark;
    n.tstampNs = skb.tstampNs;
    n.trace = skb.trace;
    return n;
  }

  /** Makes the bytes private before writing to them. False: no memory. Linux: skb_unshare(), pskb_expand_head(). */
  unshare(skb: Skb): boolean {
    const frames = this.frames;
    if (!frames.shared(skb.buf)) return true;
    const from = frames.startOf(skb.buf);
    const size = frames.endOf(skb.buf) - from;
    const buf = frames.take(size);
    if (buf < 0) return false;
    const to = frames.startOf(buf);
    const end = skb.off + skb.len;
    const lowest = skb.mac >= 0 && skb.mac < skb.off ? skb.mac : skb.off;
    frames.bytes.copyWithin(to + (lowest - from), lowest, end);
    const shift = to - from;
    frames.release(skb.buf);
    skb.buf = buf;
    skb.off += shift;
    if (skb.mac >= 0) skb.mac += shift;
    if (skb.net >= 0) skb.net += shift;
    if (skb.transport >= 0) skb.transport += shift;
    if (skb.ipSummed === CSUM_PARTIAL) skb.csumStart += shift;
    return true;
  }

  /** Ends a frame. Drop.None: it arrived; anything else is a loss with a reason. */
  free(skb: Skb, reason: DropReason): void {
    assert(skb.live, 'a frame was ended twice');
    this.ended[reason]++;
    if (reason !== Drop.None && this.onDrop !== null) this.onDrop(skb, reason);
    if (skb.owner !== null) this.orphan(skb);
    this.frames.release(skb.buf);
    skb.live = false;
    skb.dev = null;
    skb.cbRef = null;
    skb.next = this.freeList;
    this.freeList = skb;
    this.live--;
  }

  /** The sender's buffer is free again though the frame goes on. Linux: skb_orphan(). */
  orphan(skb: Skb): void {
    const owner = skb.owner;
    if (owner === null) return;
    skb.owner = null;
    owner.sentDone(skb.truesize);
  }

  /** Every skb that is in use, for the conservation checker. */
  leaked(): Skb[] {
    return this.all.filter((s) => s.live);
  }

  private take(): Skb {
    let skb = this.freeList;
    if (skb === null) {
      skb = new Skb(this, this.all.length);
      this.all.push(skb);
    } else this.freeList = skb.next;
    this.live++;
    skb.next = null;
    skb.live = true;
    skb.mac = -1;
    skb.net = -1;
    skb.transport = -1;
    skb.dev = null;
    skb.iif = 0;
    skb.protocol = 0;
    skb.pktType = PKT_HOST;
    skb.priority = 0;
    skb.mark = 0;
    skb.hash = 0;
    skb.queue = 0;
    skb.rxQueue = 0;
    skb.vlanProto = 0;
    skb.vlanTci = 0;
    skb.ipSummed = CSUM_NONE;
    skb.csumStart = 0;
    skb.csumOffset = 0;
    skb.gsoSize = 0;
    skb.gsoSegs = 0;
    skb.gsoType = 0;
    skb.owner = null;
    skb.truesize = 0;
    skb.fwdMark = 0;
    skb.tstampNs = 0;
    skb.cb0 = 0;
    skb.cb1 = 0;
    skb.cb2 = 0;
    skb.cb3 = 0;
    skb.trace = 0;
    return skb;
  }
}
