// No upperdev gets the same unicast frame twice: same packet (trace number), same bytes. Broadcasts may come twice, where
// a reflecting switch brings them back to one that heard them already; to a bridge, and what
// stands on one, such a switch brings back unicast, too.

import type { Kernel } from '../net/kernel.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { Skb } from '../net/skb.ts';
import { timeText, watch } from './watch.ts';

/** Remembered frames; the oldest half is forgotten beyond that. */
const MAX_SEEN = 100_000;

export class OnceCheck {
  readonly stops: Array<() => void>;
  readonly wrong: string[] = [];
  private readonly kernel: Kernel;
  private seen = new Map<string, number>();
  private older = new Map<string, number>();

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.stops = [watch(kernel, 'receive', (skb: Skb, dev: NetDevice) => this.got(skb, dev))];
  }

  private got(skb: Skb, dev: NetDevice): void {
    if (dev.lowers.length === 0 || skb.trace === 0 || skb.mac < 0 || (skb.bytes[skb.mac] & 1) !== 0) return;
    if (aboveBridge(dev)) return;
    const end = skb.off + skb.len;
    const key = `${dev.ns.inode}/${dev.ifindex}/${skb.trace}/${end - skb.mac}/${hash(skb.bytes, skb.mac, end)}`;
    const before = this.seen.get(key) ?? this.older.get(key);
    if (before !== undefined) {
      const [first, now] = [timeText(before), timeText(this.kernel.loop.now)];
      this.wrong.push(`once: ${dev.label} got the unicast frame of trace ${skb.trace} at ${first} and again at ${now}`);
    }
    this.seen.set(key, this.kernel.loop.now);
    if (this.seen.size <= MAX_SEEN) return;
    this.older = this.seen;
    this.seen = new Map();
  }
}

function aboveBridge(dev: NetDevice): boolean {
  return dev.linkOps?.kind === 'bridge' || dev.lowers.some(aboveBridge);
}

/** FNV-1a. A checksum would not do: fragments of one packet have the same one. */
function hash(b: Uint8Array, from: number, end: number): number {
  let h = 0x811c9dc5;
  for (let i = from; i < end; i++) h = Math.imul(h ^ b[i], 0x01000193);
  return h;
}
