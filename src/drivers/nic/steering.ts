// Receive side scaling: the flow's hash picks a receive queue through the indirection table, so that a flow stays on one
// queue and keeps its order. Which txq a frame takes is the core's choice (net/steering). Linux: ethtool -x, rss_lut.

import type { Skb } from '../../net/skb.ts';
import { flowHash } from '../../net/steering.ts';

/** Entries of the table. Linux: 128 on ixgbe and fm10k, 512 on i40e and ice; a power of two. */
const TABLE = 128;

export class Rss {
  private readonly table = new Uint16Array(TABLE);
  private queues: number;

  constructor(queues: number) {
    this.queues = queues;
    this.spread(queues);
  }

  /** The default table: round robin over the queues. Linux: ethtool_rxfh_indir_default(). */
  spread(queues: number): void {
    this.queues = queues;
    for (let i = 0; i < TABLE; i++) this.table[i] = i % queues;
  }

  /** The receive queue of a frame whose link header is at skb.off. */
  queue(skb: Skb): number {
    if (this.queues === 1) return 0;
    return this.table[flowHash(skb) & (TABLE - 1)];
  }
}
