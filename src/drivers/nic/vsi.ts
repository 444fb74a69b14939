// A virtual switch interface: one of the embedded switch's inner ports, with queues of its own. The port itself is VSI 0;
// each station that is bound has one. Its receive queue within the range is the flow hash's choice.
// Linux: ixgbe calls it a pool, i40e and ice a VSI, fm10k a glort.

import type { NetDevice } from '../../net/netdev.ts';
import type { QueueRange } from '../../net/offload.ts';
import type { Skb } from '../../net/skb.ts';
import { flowHash } from '../../net/steering.ts';

export class Vsi {
  readonly id: number;
  /** Who receives: null for the port's own. */
  readonly upper: NetDevice | null;
  readonly tx: QueueRange;
  readonly rx: QueueRange;
  /** false: the station is gone, and what is under way to it ends. */
  live = true;
  /** Frames that it got; from inside the switch. */
  rxPackets = 0;
  loopPackets = 0;

  constructor(id: number, upper: NetDevice | null, tx: QueueRange, rx: QueueRange) {
    this.id = id;
    this.upper = upper;
    this.tx = tx;
    this.rx = rx;
  }

  /** The rx ring of a frame whose link header is at skb.off. */
  rxQueue(skb: Skb): number {
    const { offset, count } = this.rx;
    return count === 1 ? offset : offset + ((flowHash(skb) & 127) % count);
  }
}
