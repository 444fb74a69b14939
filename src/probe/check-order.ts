// Order is kept per flow on each txq: what a device was given first goes to its driver first. Frames of one flow with
// another priority are another flow: a qdisc with bands may let them pass.

import type { Kernel } from '../net/kernel.ts';
import type { NetDevice, TxQueue } from '../net/netdev.ts';
import type { Skb } from '../net/skb.ts';
import { frameFlowHash, mix3 } from '../wire/flow.ts';
import { timeText, watch } from './watch.ts';

/** A flow's history is forgotten when there are more flows than that. */
const MAX_FLOWS = 100_000;

export class OrderCheck {
  readonly stops: Array<() => void>;
  readonly wrong: string[] = [];
  private readonly kernel: Kernel;
  private given = 0;
  /** By skb.index: when its device was given it. */
  private readonly givenAt: number[] = [];
  private readonly givenTrace: number[] = [];
  private readonly last = new Map<TxQueue, Map<number, number>>();

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.stops = [
      watch(kernel, 'devQueueXmit', (skb: Skb) => {
        this.givenAt[skb.index] = ++this.given;
        this.givenTrace[skb.index] = skb.trace;
      }),
      watch(kernel, 'startXmit', (skb: Skb, dev: NetDevice, txq: TxQueue) => this.sent(skb, dev, txq)),
    ];
  }

  private sent(skb: Skb, dev: NetDevice, txq: TxQueue): void {
    const at = this.givenAt[skb.index];
    // A piece that the core cut from a large frame is nobody's gift: its skb was last given as another frame.
    if (at === undefined || this.givenTrace[skb.index] !== skb.trace) return;
    let flows = this.last.get(txq);
    if (flows === undefined) this.last.set(txq, (flows = new Map()));
    if (flows.size > MAX_FLOWS) flows.clear();
    const macs = mix3(word(skb, 0), word(skb, 4), word(skb, 8), skb.priority);
    const flow = frameFlowHash(skb.bytes, skb.off, skb.len, macs);
    const before = flows.get(flow);
    // The same frame again is one that the driver had no room for.
    if (before !== undefined && at < before) {
      const when = timeText(this.kernel.loop.now);
      this.wrong.push(
        `order: ${dev.label} txq ${txq.index} sent trace ${skb.trace} at ${when}, after one of its flow that came later`,
      );
      return;
    }
    flows.set(flow, at);
  }
}

function word(skb: Skb, at: number): number {
  return skb.slabs.frames.view.getInt32(skb.off + at);
}
