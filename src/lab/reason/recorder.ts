// What happened to packets in the model, told finely enough to say where one was lost: every step of every copy, also inside
// switches and peers, which a call trace for people leaves out. It listens to the trace points and changes nothing.

import { Drop, type DropReason, dropNames } from '../../net/drop.ts';
import type { Kernel } from '../../net/kernel.ts';
import type { NetDevice } from '../../net/netdev.ts';
import type { Skb } from '../../net/skb.ts';
import { frameOf } from '../../probe/frame-bytes.ts';
import { watch } from '../../probe/watch.ts';

export interface Mark {
  /** Virtual ns. */
  readonly ns: number;
  readonly dev: NetDevice | null;
  /** The kernel's spelling. */
  readonly fn: string;
  /** kfree_skb_reason: why; else Drop.None. */
  readonly drop: DropReason;
  /** dev_hard_start_xmit: what the driver answered. */
  rc: number;
  /** __netif_receive_skb_core: it came from a driver, not off the backlog. */
  readonly fromDriver: boolean;
  /** VLAN id of a tag beside or in the bytes, 0: none. */
  readonly vid: number;
}

export interface Packet {
  /** From the link header on, as it was when it first went into a device. */
  frame: Uint8Array;
  readonly marks: Mark[];
  sent: boolean;
}

/** Steps that are kept of one packet: a flood over thousands of ports is cut here. */
const MOST_MARKS = 20_000;

export class Recorder {
  /** In the order in which they were first seen. */
  readonly packets: Packet[] = [];
  readonly #kernel: Kernel;
  readonly #known = new Map<number, Packet>();
  readonly #stops: Array<() => void>;
  readonly #dropped: Kernel['skbs']['onDrop'];
  readonly #running: Array<Mark | null> = [];
  /** Copies on the backlog, by packet and device. */
  readonly #backlog = new Map<Packet, Map<NetDevice, number>>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#dropped = kernel.skbs.onDrop;
    kernel.skbs.onDrop = (skb, reason) => {
      this.#dropped?.(skb, reason);
      this.#saw(skb, skb.dev, 'kfree_skb_reason', reason);
    };
    this.#stops = [
      watch(kernel, 'step', (fn, skb, dev) => this.#saw(skb, dev, fn)),
      watch(kernel, 'devQueueXmit', (skb, dev) => this.#saw(skb, dev, '__dev_queue_xmit')),
      watch(kernel, 'startXmit', (skb, dev) => this.#running.push(this.#saw(skb, dev, 'dev_hard_start_xmit'))),
      watch(kernel, 'xmitDone', (_trace, _dev, rc) => {
        const mark = this.#running.pop();
        if (mark !== null && mark !== undefined) mark.rc = rc;
      }),
      watch(kernel, 'netifRx', (skb, dev) => this.#netifRx(skb, dev)),
      watch(kernel, 'receive', (skb, dev) => this.#receive(skb, dev)),
      watch(kernel, 'deliver', (skb, dev) => this.#saw(skb, dev, 'deliver_skb')),
    ];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#kernel.skbs.onDrop = this.#dropped;
  }

  #netifRx(skb: Skb, dev: NetDevice): void {
    this.#saw(skb, dev, 'netif_rx');
    const packet = this.#known.get(skb.trace);
    if (packet === undefined) return;
    const waiting = this.#backlog.get(packet) ?? new Map<NetDevice, number>();
    this.#backlog.set(packet, waiting.set(dev, (waiting.get(dev) ?? 0) + 1));
  }

  #receive(skb: Skb, dev: NetDevice): void {
    const packet = this.#known.get(skb.trace);
    const waiting = packet === undefined ? undefined : this.#backlog.get(packet);
    const n = waiting?.get(dev) ?? 0;
    if (n > 0) waiting?.set(dev, n - 1);
    this.#saw(skb, dev, '__netif_receive_skb_core', Drop.None, n === 0);
  }

  #saw(skb: Skb, dev: NetDevice | null, fn: string, drop: DropReason = Drop.None, fromDriver = false): Mark | null {
    if (skb.trace === 0) skb.trace = this.#kernel.newTrace();
    let packet = this.#known.get(skb.trace);
    if (packet === undefined) {
      packet = { frame: frameOf(skb) ?? new Uint8Array(0), marks: [], sent: false };
      this.#known.set(skb.trace, packet);
      this.packets.push(packet);
    }
    if (!packet.sent && fn === '__dev_queue_xmit') {
      packet.frame = frameOf(skb) ?? packet.frame;
      packet.sent = true;
    }
    if (packet.marks.length >= MOST_MARKS) return null;
    const vid = skb.vlanProto === 0 ? 0 : skb.vlanTci & 0xfff;
    const mark: Mark = { ns: this.#kernel.loop.now, dev, fn, drop, rc: 0, fromDriver, vid };
    packet.marks.push(mark);
    return mark;
  }
}

/** For evidence: `eth0 macvlan_handle_frame`, `blue/eth0 lost: DeviceDown`. */
export function markText(mark: Mark): string {
  const where = mark.dev === null ? '' : `${mark.dev.label}: `;
  return `${where}${mark.drop === Drop.None ? mark.fn : `lost, ${dropNames[mark.drop]}`}`;
}
