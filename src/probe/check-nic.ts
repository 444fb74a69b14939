// What must hold in a NIC: byte limits count what is in the rings and nothing else, a queue that is empty is not left stopped,
// and no queue belongs to two stations. Looked at when the lab is asked, not per frame.

import { XOFF_DRV, XOFF_STACK } from '../net/flags.ts';
import type { Kernel } from '../net/kernel.ts';
import type { NetDevice, TxQueue } from '../net/netdev.ts';
import type { QueueRange } from '../net/offload.ts';

const STOPPED = XOFF_DRV | XOFF_STACK;

/** A transmit ring as its driver tells it: the txq that it stops, and the bytes that it was given and has not completed. */
export interface RingView {
  readonly txq: TxQueue;
  readonly bytes: number;
}

/** `rings`: those of a NIC; none for another device. */
export class NicCheck {
  private readonly kernel: Kernel;
  private readonly rings: (dev: NetDevice) => readonly RingView[];

  constructor(kernel: Kernel, rings: (dev: NetDevice) => readonly RingView[]) {
    this.kernel = kernel;
    this.rings = rings;
  }

  verify(): string[] {
    const wrong: string[] = [];
    for (const ns of this.kernel.namespaces) {
      for (const dev of ns.devices()) {
        this.checkRings(dev, wrong);
        if (dev.describeOffload !== null) checkRanges(dev, wrong);
      }
    }
    return wrong;
  }

  /** In flight = sent less completed, for each txq over all rings that count on it. */
  private checkRings(dev: NetDevice, wrong: string[]): void {
    const bytes = new Map<TxQueue, number>();
    for (const ring of this.rings(dev)) bytes.set(ring.txq, (bytes.get(ring.txq) ?? 0) + ring.bytes);
    for (const [txq, n] of bytes) {
      const where = `${txq.dev.label} txq ${txq.index}`;
      const { bql } = txq;
      if (bql !== null && bql.inflight > 0x7fffffff) wrong.push(`bql: ${where} has completed more than it sent`);
      else if (bql !== null && bql.inflight !== n) {
        wrong.push(`bql: ${where} says that ${bql.inflight} bytes are in flight, and its rings hold ${n}`);
      }
      if (n === 0 && dev.running && dev.carrier && (txq.state & STOPPED) !== 0) {
        wrong.push(`wake: ${where} is stopped, and nothing is under way that would wake it`);
      }
    }
  }
}

function checkRanges(dev: NetDevice, wrong: string[]): void {
  const state = dev.describeOffload?.(dev);
  if (state === undefined || state === null) return;
  const owners = new Map<number, string>();
  const take = (range: QueueRange, who: string): void => {
    for (let q = range.offset; q < range.offset + range.count; q++) {
      const other = owners.get(q);
      if (other !== undefined) wrong.push(`queues: txq ${q} of ${dev.label} belongs to ${other} and to ${who}`);
      owners.set(q, who);
    }
  };
  if (state.stations.length > 0) take(state.own, 'the port');
  for (const s of state.stations) take(s.tx, s.upper.label);
}
