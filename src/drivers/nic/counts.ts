// What the hardware counts of one direction: kinds of destination and sizes, as ethtool -S shows them. Sizes are those of
// the frame with its FCS, as the registers count. Linux: struct i40e_hw_port_stats and its like.

import type { Skb } from '../../net/skb.ts';

const FCS = 4;

export class Counts {
  frames = 0;
  bytes = 0;
  unicast = 0;
  multicast = 0;
  broadcast = 0;
  size64 = 0;
  size127 = 0;
  size255 = 0;
  size511 = 0;
  size1023 = 0;
  size1522 = 0;
  sizeBig = 0;

  /** Counts a frame whose link header is at skb.off; `pieces` of it on the line. True: it was a multicast. */
  count(skb: Skb, len: number, pieces: number): boolean {
    this.frames += pieces;
    this.bytes += len;
    this.countSize((pieces > 1 ? skb.gsoSize + 54 : len) + FCS, pieces);
    const b = skb.bytes;
    const at = skb.off;
    if ((b[at] & 1) === 0) {
      this.unicast += pieces;
      return false;
    }
    if (
      b[at] === 0xff &&
      b[at + 1] === 0xff &&
      b[at + 2] === 0xff &&
      b[at + 3] === 0xff &&
      b[at + 4] === 0xff &&
      b[at + 5] === 0xff
    ) {
      this.broadcast += pieces;
      return false;
    }
    this.multicast += pieces;
    return true;
  }

  private countSize(size: number, pieces: number): void {
    if (size <= 64) this.size64 += pieces;
    else if (size <= 127) this.size127 += pieces;
    else if (size <= 255) this.size255 += pieces;
    else if (size <= 511) this.size511 += pieces;
    else if (size <= 1023) this.size1023 += pieces;
    else if (size <= 1522) this.size1522 += pieces;
    else this.sizeBig += pieces;
  }
}
