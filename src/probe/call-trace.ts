// The call trace of chosen packets: every function that a packet passes, in the kernel's spelling, with device, queue,
// qdisc, time and verdict, on both sides of the cable. It listens to the trace points of the core and changes nothing.
// Copies of one packet (a flood, a clone for a tap) share its number and its trace.

import { dropNames } from '../net/drop.ts';
import type { Kernel } from '../net/kernel.ts';
import type { NetDevice, TxQueue } from '../net/netdev.ts';
import type { Qdisc } from '../net/qdisc.ts';
import type { Skb } from '../net/skb.ts';
import { errnoName } from '../uapi/errno.ts';
import { frameOf } from './frame-bytes.ts';
import { watch } from './watch.ts';

/** One function that the packet passed. */
export interface CallStep {
  /** Virtual time, ns since boot. */
  ns: number;
  /** The kernel's spelling. */
  fn: string;
  /** `netns/name`; '' when the packet has no device yet. */
  dev: string;
  /** Tx queue; -1 where none is chosen yet. */
  queue: number;
  /** How many drivers' transmit functions it is inside of. */
  depth: number;
  /** What the function decided or was given: a qdisc, an upperdev, a verdict, why the packet ended. */
  note: string;
}

export interface PacketTrace {
  /** From 1 in the order in which packets were chosen. */
  id: number;
  /** The packet when it was chosen, from the link header on (made up of zeros where it had none yet). */
  frame: Uint8Array;
  steps: CallStep[];
}

export interface CallTraceOptions {
  /** Which packets; left out: all. Asked with the frame from the link header on, whenever that is new. */
  chooses?: (frame: Uint8Array) => boolean;
  /** How many packets at most. */
  limit?: number;
}

/** A packet that may still be chosen. */
interface Candidate extends PacketTrace {
  chosen: boolean;
}

/** So many packets that were not chosen yet are remembered. */
const REMEMBERED = 4096;
/** Copies of one packet end up everywhere: a flood over thousands of ports is cut here. */
const MAX_STEPS = 2000;

const rxVerdicts = ['', 'RX_HANDLER_ANOTHER', 'RX_HANDLER_EXACT', 'RX_HANDLER_PASS'];

export class CallTrace {
  /** The chosen ones, in the order in which they were. */
  readonly packets: PacketTrace[] = [];
  private readonly kernel: Kernel;
  private readonly chooses: (frame: Uint8Array) => boolean;
  private readonly limit: number;
  private readonly stops: Array<() => void>;
  private readonly known = new Map<number, Candidate>();
  /** Transmit functions that are running now, innermost last: the step that each began with. */
  private readonly running: Array<CallStep | null> = [];
  /** Numbers of packets that wait in a qdisc. */
  private readonly waiting = new Set<number>();
  private readonly dropped: Kernel['skbs']['onDrop'];
  private readonly commentsAt = new Map<number, number>();

  constructor(kernel: Kernel, options: CallTraceOptions = {}) {
    this.kernel = kernel;
    this.chooses = options.chooses ?? (() => true);
    this.limit = options.limit ?? Number.POSITIVE_INFINITY;
    this.dropped = kernel.skbs.onDrop;
    kernel.skbs.onDrop = (skb, reason) => {
      this.dropped?.(skb, reason);
      this.saw(skb, skb.dev, 'kfree_skb_reason', dropNames[reason]);
    };
    this.stops = [
      watch(kernel, 'step', (fn, skb, dev) => this.saw(skb, dev, fn, '')),
      watch(kernel, 'devQueueXmit', (skb, dev, sbDev) => {
        if (sbDev !== null) this.saw(skb, dev, 'dev_queue_xmit_accel', `for ${sbDev.label}`);
        this.saw(skb, dev, '__dev_queue_xmit', '');
      }),
      watch(kernel, 'qdiscEnqueue', (skb, q) => {
        this.saw(skb, q.dev, 'dev_qdisc_enqueue', qdiscText(q), q.txq);
        this.waiting.add(skb.trace);
      }),
      watch(kernel, 'startXmit', (skb, dev, txq) => this.starts(skb, dev, txq)),
      watch(kernel, 'xmitDone', (_trace, _dev, rc) => {
        const step = this.running.pop();
        if (step !== null && step !== undefined && rc !== 0) step.note = verdictText(rc);
      }),
      watch(kernel, 'netifRx', (skb, dev) => this.saw(skb, dev, 'netif_rx', '')),
      watch(kernel, 'receive', (skb, dev) => this.saw(skb, dev, '__netif_receive_skb_core', '')),
      watch(kernel, 'rxHandled', (skb, dev, verdict) => this.answered(skb, dev, verdict)),
    ];
  }

  /** Listens no more. */
  stop(): void {
    for (const stop of this.stops) stop();
    this.kernel.skbs.onDrop = this.dropped;
  }

  /** What a chosen packet has passed since this was asked for it last: for the comment on its next sighting. */
  passedSince(skb: Skb): string | undefined {
    const packet = this.known.get(skb.trace);
    if (packet === undefined || !packet.chosen) return undefined;
    const from = this.commentsAt.get(skb.trace) ?? 0;
    this.commentsAt.set(skb.trace, packet.steps.length);
    const passed = packet.steps.slice(from).map((s) => (s.note === '' ? s.fn : `${s.fn} (${s.note})`));
    return `packet ${packet.id}: ${passed.join(' > ')}`;
  }

  /** dev_hard_start_xmit(), and how it came to be called: straight, or by a run of the qdisc. */
  private starts(skb: Skb, dev: NetDevice, txq: TxQueue): void {
    const q = txq.qdisc;
    if (q.enqueue !== null) {
      if (this.waiting.delete(skb.trace)) this.saw(skb, dev, '__qdisc_run', '', txq);
      this.saw(skb, dev, 'sch_direct_xmit', qdiscText(q), txq);
    }
    this.running.push(this.saw(skb, dev, 'dev_hard_start_xmit', q.enqueue === null ? 'noqueue' : '', txq));
  }

  private answered(skb: Skb, dev: NetDevice, verdict: number): void {
    const steps = this.known.get(skb.trace)?.steps;
    const label = dev.label;
    const handler = steps?.findLast((s) => s.dev === label && s.fn !== '__netif_receive_skb_core');
    if (handler !== undefined) handler.note = rxVerdicts[verdict] ?? '';
  }

  private saw(skb: Skb, dev: NetDevice | null, fn: string, note: string, txq: TxQueue | null = null): CallStep | null {
    if (dev?.ns.hidden) return null;
    const packet = this.packetOf(skb);
    if (packet === null || packet.steps.length >= MAX_STEPS) return null;
    const step: CallStep = {
      ns: this.kernel.loop.now,
      fn,
      dev: dev === null ? '' : dev.label,
      queue: txq === null ? -1 : txq.index,
      depth: this.running.length,
      note,
    };
    packet.steps.push(step);
    if (!packet.chosen) this.consider(packet, skb);
    return step;
  }

  private packetOf(skb: Skb): Candidate | null {
    if (skb.trace === 0) {
      if (this.packets.length >= this.limit) return null;
      skb.trace = this.kernel.newTrace();
    }
    const known = this.known.get(skb.trace);
    if (known !== undefined) return known;
    if (this.packets.length >= this.limit) return null;
    const packet: Candidate = { id: 0, frame: new Uint8Array(0), steps: [], chosen: false };
    this.known.set(skb.trace, packet);
    if (this.known.size > REMEMBERED) this.forgetOne();
    return packet;
  }

  private consider(packet: Candidate, skb: Skb): void {
    const frame = frameOf(skb);
    if (frame === null || this.packets.length >= this.limit || !this.chooses(frame)) return;
    packet.frame = frame;
    packet.chosen = true;
    packet.id = this.packets.push(packet);
  }

  /** The oldest that was not chosen. */
  private forgetOne(): void {
    for (const [number, packet] of this.known) {
      if (packet.chosen) continue;
      this.known.delete(number);
      this.waiting.delete(number);
      return;
    }
  }
}

function qdiscText(q: Qdisc): string {
  return q.handle === 0 ? q.kind : `${q.kind} ${(q.handle >>> 16).toString(16)}:`;
}

/** NETDEV_TX_OK is not told. Linux: netdev_tx_t, NET_XMIT_*. */
function verdictText(rc: number): string {
  if (rc < 0) return `-${errnoName(-rc) ?? -rc}`;
  return rc === 1 ? 'NET_XMIT_DROP' : rc === 2 ? 'NET_XMIT_CN' : rc === 16 ? 'NETDEV_TX_BUSY' : `${rc}`;
}
