// Frames are conserved, and the slab is whole. Remembers where each frame was seen last, so that a leak names its place.

import type { Kernel } from '../net/kernel.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { Qdisc } from '../net/qdisc.ts';
import type { Skb } from '../net/skb.ts';
import { timeText, watch } from './watch.ts';

/** At most so many frames are named in one complaint. */
const NAMED = 8;

export class FrameCheck {
  readonly stops: Array<() => void>;
  private readonly kernel: Kernel;
  private readonly held: (() => number) | null;
  /** By skb.index: trace number, point and time of the last sighting. */
  private readonly lastTrace: number[] = [];
  private readonly lastPoint: string[] = [];
  private readonly lastDev: Array<NetDevice | null> = [];
  private readonly lastNs: number[] = [];

  constructor(kernel: Kernel, held: (() => number) | null) {
    this.kernel = kernel;
    this.held = held;
    const at = (point: string) => (skb: Skb, dev: NetDevice) => this.saw(skb, point, dev);
    this.stops = [
      watch(kernel, 'devQueueXmit', at('devQueueXmit')),
      watch(kernel, 'startXmit', at('startXmit')),
      watch(kernel, 'qdiscEnqueue', (skb: Skb, q: Qdisc) => this.saw(skb, `qdiscEnqueue ${q.kind}`, q.dev)),
      watch(kernel, 'netifRx', at('netifRx')),
      watch(kernel, 'receive', at('receive')),
      watch(kernel, 'deliver', at('deliver')),
      watch(kernel, 'step', (fn: string, skb: Skb, dev: NetDevice | null) => this.saw(skb, fn, dev)),
    ];
  }

  private saw(skb: Skb, point: string, dev: NetDevice | null): void {
    const i = skb.index;
    this.lastTrace[i] = skb.trace;
    this.lastPoint[i] = point;
    this.lastDev[i] = dev;
    this.lastNs[i] = this.kernel.loop.now;
  }

  /** While the lab runs: what is in use lies somewhere. Only when told what the other rooms hold. */
  verify(): string[] {
    if (this.held === null) return [];
    const { live } = this.kernel.skbs;
    const expected = this.held() + this.kernel.softirq.backlog + this.inQdiscs();
    return live === expected ? [] : [`frames: ${live} are in use, ${expected} are held somewhere${this.name()}`];
  }

  /** When all namespaces are gone. */
  verifyEmpty(): string[] {
    const { live } = this.kernel.skbs;
    return live === 0 ? [] : [`frames: ${live} never ended${this.name()}`];
  }

  /** The slab's own books: live count, buffers, bounds. */
  verifySlab(): string[] {
    const slab = this.kernel.skbs;
    const frames = slab.frames;
    const live = slab.leaked();
    const wrong: string[] = [];
    if (live.length !== slab.live) wrong.push(`slab: counts ${slab.live} live frames, has ${live.length}`);
    const buffers = new Set(live.map((s) => s.buf));
    if (buffers.size > frames.live) wrong.push(`slab: ${buffers.size} buffers in use, ${frames.live} counted`);
    if (live.length === 0 && frames.live !== 0) wrong.push(`slab: ${frames.live} buffers leaked`);
    for (const skb of live) {
      if (skb.off >= frames.startOf(skb.buf) && skb.len >= 0 && skb.off + skb.len <= frames.endOf(skb.buf)) continue;
      wrong.push(
        `slab: frame ${skb.index} lies outside of its buffer: off ${skb.off}, len ${skb.len}${this.where(skb)}`,
      );
    }
    return wrong;
  }

  private inQdiscs(): number {
    let n = 0;
    for (const ns of this.kernel.namespaces) {
      for (const dev of ns.devices()) {
        const counted = new Set<Qdisc>();
        for (const txq of dev.txq) {
          counted.add(txq.qdisc);
          counted.add(txq.qdiscSleeping);
        }
        for (const q of counted) if (q.txq !== null || q === dev.qdisc) n += q.qlen;
      }
    }
    return n;
  }

  private name(): string {
    const live = this.kernel.skbs.leaked();
    const named = live.slice(0, NAMED).map((skb) => this.where(skb));
    return named.join('') + (live.length > NAMED ? `\n  and ${live.length - NAMED} more` : '');
  }

  private where(skb: Skb): string {
    const i = skb.index;
    const point = this.lastPoint[i];
    if (point === undefined) return `\n  frame ${i}: never passed a trace point`;
    return `\n  frame ${i} (trace ${this.lastTrace[i]}): last seen at ${point}, ${this.lastDev[i]?.label ?? '-'}, ${timeText(this.lastNs[i])}`;
  }
}
