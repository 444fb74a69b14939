// Who hears whom follows the mode table. Knows no driver: the table says which devices it is about, on what they stand and
// what their modes mean. A frame reaches an upperdev from a sibling directly, or over the wire; each way has its rule.

import type { Kernel } from '../net/kernel.ts';
import type { NetDevice } from '../net/netdev.ts';
import { PKT_LOOPBACK, type Skb } from '../net/skb.ts';
import { timeText, watch } from './watch.ts';

/** What a mode means for its sender; sets of modes are bits. The shape of drivers/macvlan/modes. */
export interface ModeRule {
  readonly localUnicast: number;
  readonly localFlood: number;
  readonly reflectedFlood: number;
  readonly reflectedToSelf: boolean;
  readonly byDestination: boolean;
}

export interface ModeTable {
  /** null: the table is not about this device. */
  modeOf(dev: NetDevice): number | null;
  lowerOf(dev: NetDevice): NetDevice;
  ruleOf(mode: number): ModeRule;
  readonly external: ModeRule;
  /** Modes that hear by other rules: the only one on its lowerdev, and by source address. */
  readonly passthru: number;
  readonly source: number;
}

/** Where a packet has been. */
interface Way {
  /** An upperdev that sent it. */
  from: NetDevice;
  /** It left by that one's lowerdev; it came in again. */
  out: boolean;
  back: boolean;
  /** The NIC's own switch saw it, which knows addresses and no modes. */
  switched: boolean;
}

const MAX_WAYS = 100_000;

export class ModeCheck {
  readonly stops: Array<() => void>;
  readonly wrong: string[] = [];
  private readonly kernel: Kernel;
  private readonly table: ModeTable;
  /** By packet: one way for each upperdev that sent it; several where an upperdev is the port of a bridge. */
  private readonly ways = new Map<number, Way[]>();

  constructor(kernel: Kernel, table: ModeTable) {
    this.kernel = kernel;
    this.table = table;
    this.stops = [
      watch(kernel, 'devQueueXmit', (skb: Skb, dev: NetDevice) => this.leaves(skb, dev)),
      watch(kernel, 'startXmit', (skb: Skb, dev: NetDevice) => {
        for (const way of this.ways.get(skb.trace) ?? []) if (this.table.lowerOf(way.from) === dev) way.out = true;
      }),
      watch(kernel, 'step', (fn: string, skb: Skb, dev: NetDevice | null) => {
        if (fn !== 'veb_switch') return;
        for (const way of this.ways.get(skb.trace) ?? []) {
          if (this.table.lowerOf(way.from) === dev) way.back = way.switched = true;
        }
      }),
      watch(kernel, 'receive', (skb: Skb, dev: NetDevice) => this.comes(skb, dev)),
    ];
  }

  private leaves(skb: Skb, dev: NetDevice): void {
    if (skb.trace === 0 || this.table.modeOf(dev) === null) return;
    if (this.ways.size > MAX_WAYS) this.ways.clear();
    const ways = this.ways.get(skb.trace) ?? [];
    const again = ways.findIndex((way) => way.from === dev);
    if (again >= 0) ways.splice(again, 1);
    ways.push({ from: dev, out: false, back: false, switched: false });
    this.ways.set(skb.trace, ways);
  }

  private comes(skb: Skb, dev: NetDevice): void {
    // What IP loops back to itself (dev_loopback_xmit) was never on the link.
    if (skb.trace === 0 || skb.mac < 0 || skb.pktType === PKT_LOOPBACK) return;
    const ways = this.ways.get(skb.trace) ?? [];
    const mode = this.table.modeOf(dev);
    if (mode === null) {
      for (const way of ways) if (way.out && this.table.lowerOf(way.from) === dev) way.back = true;
      return;
    }
    if (mode === this.table.source || mode === this.table.passthru) return;
    const lower = this.table.lowerOf(dev);
    const siblings = ways.filter((way) => this.table.lowerOf(way.from) === lower);
    if (siblings.some((way) => this.direct(skb, dev, mode, way.from))) return;
    const unicast = (skb.bytes[skb.mac] & 1) === 0;
    if (unicast && siblings.some((way) => way.switched) && macAt(skb, 0) === dev.addr) return;
    const wired = siblings.length === 0 || siblings.some((way) => way.back);
    if (wired && this.overWire(skb, dev, mode, lower)) return;
    const kind = unicast ? 'unicast' : 'broadcast';
    const last = ways[ways.length - 1];
    const sender = last === undefined ? 'outside' : `${last.from.label} (mode ${this.table.modeOf(last.from)})`;
    const path = last?.back === true ? 'over the wire' : 'directly';
    this.wrong.push(
      `modes: ${dev.label} (mode ${mode}) heard a ${kind} of ${sender} ${path}, trace ${skb.trace}, ${timeText(this.kernel.loop.now)}`,
    );
  }

  private direct(skb: Skb, dev: NetDevice, mode: number, from: NetDevice): boolean {
    const rule = this.table.ruleOf(this.table.modeOf(from) as number);
    if ((skb.bytes[skb.mac] & 1) !== 0) return dev !== from && (rule.localFlood & mode) !== 0;
    return (rule.localUnicast & mode) !== 0 && macAt(skb, 0) === dev.addr;
  }

  /** Over the wire a sibling is known by its source address alone. */
  private overWire(skb: Skb, dev: NetDevice, mode: number, lower: NetDevice): boolean {
    if ((skb.bytes[skb.mac] & 1) === 0) return this.table.ruleOf(mode).byDestination && macAt(skb, 0) === dev.addr;
    const source = macAt(skb, 6);
    // One that is down is not in the hash: its frames count as those of a stranger.
    const sender = lower.uppers.find((u) => u.up && this.table.modeOf(u) !== null && u.addr === source);
    if (sender === undefined) return (this.table.external.reflectedFlood & mode) !== 0;
    const rule = this.table.ruleOf(this.table.modeOf(sender) as number);
    return sender === dev ? rule.reflectedToSelf : (rule.reflectedFlood & mode) !== 0;
  }
}

function macAt(skb: Skb, at: number): number {
  const v = skb.slabs.frames.view;
  return v.getUint16(skb.mac + at) * 0x100000000 + v.getUint32(skb.mac + at + 2);
}
