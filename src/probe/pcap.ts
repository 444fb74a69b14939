// Every frame that every device sees, as pcapng: one interface per device and name (`netns/name`), declared when its first
// frame passes, with direction and nanoseconds. Bytes go to the sink as they are made; nothing is kept. Devices of hidden
// namespaces are left out unless asked for. A tag that travels beside the bytes is put back into them, as libpcap does.

import type { Kernel } from '../net/kernel.ts';
import type { NetDevice, Tap } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import type { Skb } from '../net/skb.ts';
import { DIR_INBOUND, DIR_OUTBOUND, PcapngWriter, type Sink } from '../wire/pcapng.ts';
import { withTag } from './frame-bytes.ts';

export interface CaptureOptions {
  /** Capture hidden namespaces too: external switches and peers. */
  hidden?: boolean;
  /** Seconds since 1970 at virtual time 0. */
  epochSec?: number;
  /** Who writes the file: `lowerdev 0.1.0, seed 1`. */
  application?: string;
  /** What to say of a packet. */
  comment?: (skb: Skb) => string | undefined;
  /** Frames after so many bytes are counted and left out. */
  limitBytes?: number;
  /** Told once, when the first frame is left out. */
  onFull?: () => void;
}

interface Seen {
  id: number;
  label: string;
  frames: number;
  /** Left out, since the file was full. */
  missed: number;
}

export class Capture implements Tap {
  readonly owner: unknown = this;
  ignoreOutgoing = false;
  private readonly kernel: Kernel;
  private readonly hidden: boolean;
  private readonly comment: CaptureOptions['comment'];
  private readonly limitBytes: number;
  private onFull: (() => void) | null;
  private bytes = 0;
  private readonly writer: PcapngWriter;
  private readonly interfaces = new Map<NetDevice, Seen>();
  private readonly all: Seen[] = [];
  private readonly join = (ns: NetNs): void => {
    ns.taps.push(this);
  };

  constructor(kernel: Kernel, sink: Sink, options: CaptureOptions = {}) {
    this.kernel = kernel;
    this.hidden = options.hidden ?? false;
    this.comment = options.comment;
    this.limitBytes = options.limitBytes ?? Number.POSITIVE_INFINITY;
    this.onFull = options.onFull ?? null;
    const counted: Sink = (part) => {
      this.bytes += part.length;
      sink(part);
    };
    this.writer = new PcapngWriter(counted, {
      application: options.application ?? 'lowerdev',
      epochSec: options.epochSec ?? 0,
    });
    for (const ns of kernel.namespaces) this.join(ns);
    kernel.hooks.nsInit.push(this.join);
  }

  frame(skb: Skb, dev: NetDevice, outgoing: boolean): void {
    if (dev.ns.hidden && !this.hidden) return;
    const on = this.interfaceOf(dev);
    if (this.bytes >= this.limitBytes) {
      on.missed++;
      this.onFull?.();
      this.onFull = null;
      return;
    }
    on.frames++;
    this.writer.packet({
      ifId: on.id,
      tsNs: this.kernel.loop.now,
      data: frameBytes(skb, outgoing),
      direction: outgoing ? DIR_OUTBOUND : DIR_INBOUND,
      comment: this.comment?.(skb),
    });
  }

  /** Frames that were left out. */
  get missed(): number {
    return this.all.reduce((sum, i) => sum + i.missed, 0);
  }

  /** Declares the devices that no frame passed, and ends the file with what each interface saw. */
  finish(): void {
    for (const ns of this.kernel.namespaces) {
      if (!ns.hidden || this.hidden) for (const dev of ns.devices()) this.interfaceOf(dev);
      const at = ns.taps.indexOf(this);
      if (at >= 0) ns.taps.splice(at, 1);
    }
    const init = this.kernel.hooks.nsInit;
    init.splice(init.indexOf(this.join), 1);
    for (const i of this.all) this.writer.statistics(i.id, this.kernel.loop.now, i.frames + i.missed, i.missed);
  }

  /** A device that was renamed or moved is another interface from then on. */
  private interfaceOf(dev: NetDevice): Seen {
    const label = dev.label;
    const known = this.interfaces.get(dev);
    if (known !== undefined && known.label === label) return known;
    const before = this.all.find((i) => i.label === label);
    const on = before ?? {
      id: this.writer.addInterface({ name: label, description: describe(dev) }),
      label,
      frames: 0,
      missed: 0,
    };
    if (before === undefined) this.all.push(on);
    this.interfaces.set(dev, on);
    return on;
  }
}

function describe(dev: NetDevice): string {
  return dev.linkOps?.kind ?? dev.driverInfo?.driver ?? '';
}

/** From the link header on: behind skb.mac on the way in, at skb.off on the way out. */
function frameBytes(skb: Skb, outgoing: boolean): Uint8Array {
  const from = outgoing || skb.mac < 0 ? skb.off : skb.mac;
  return withTag(skb, skb.bytes.subarray(from, skb.off + skb.len));
}
