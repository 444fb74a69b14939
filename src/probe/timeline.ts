// The timeline of a lab: at a fixed step of virtual time, what each device carried, how deep its queues were, what byte
// queue limits allowed and had in flight, and why frames were lost. One record per device and step, as JSON lines; steps
// in which nothing changed are left out. The loop calls it before the first event behind a step, so it costs nothing
// between and never keeps a lab alive.

import { dropNames } from '../net/drop.ts';
import type { Kernel } from '../net/kernel.ts';
import type { NetDevice, TxQueue } from '../net/netdev.ts';
import { readStats } from '../net/stats.ts';

export interface TimelineHeader {
  kind: 'lowerdev timeline';
  version: number;
  /** Step, in ns of virtual time. */
  stepNs: number;
}

/** A tx queue at the end of the step. */
export interface QueueRecord {
  queue: number;
  qdisc: string;
  /** Frames and bytes that wait in the qdisc. */
  qlen: number;
  backlog: number;
  /** Byte queue limits; absent where the driver has none. */
  limit?: number;
  inflight?: number;
  stopped: boolean;
}

/** What a device carried during the step, and its queues at the end of it. */
export interface DeviceRecord {
  /** End of the step, ns. */
  t: number;
  dev: string;
  rxPackets: number;
  rxBytes: number;
  txPackets: number;
  txBytes: number;
  rxDropped: number;
  txDropped: number;
  /** Queues that are not at rest; a queue that has come to rest is said once. */
  queues: QueueRecord[];
}

/** Frames that were lost during the step, by reason. */
export interface DropRecord {
  t: number;
  drops: Record<string, number>;
}

export type TimelineRecord = TimelineHeader | DeviceRecord | DropRecord;

interface Known {
  rxPackets: number;
  rxBytes: number;
  txPackets: number;
  txBytes: number;
  rxDropped: number;
  txDropped: number;
  busy: boolean[];
}

export class Timeline {
  private readonly kernel: Kernel;
  private readonly stepNs: number;
  private readonly sink: (record: TimelineRecord) => void;
  private readonly devices = new WeakMap<NetDevice, Known>();
  private readonly ended: Float64Array;

  /** Writes the header at once, and a record for whatever changes from now on. */
  constructor(kernel: Kernel, stepNs: number, sink: (record: TimelineRecord) => void) {
    this.kernel = kernel;
    this.stepNs = stepNs;
    this.sink = sink;
    this.ended = kernel.skbs.ended.slice();
    sink({ kind: 'lowerdev timeline', version: 1, stepNs });
    this.watchNext();
  }

  /** The last, unfinished step, and no more. */
  finish(): void {
    this.kernel.loop.watch(Number.POSITIVE_INFINITY, null);
    this.sample(this.kernel.loop.now);
  }

  private watchNext(): void {
    const { loop } = this.kernel;
    const dueNs = (Math.floor(loop.now / this.stepNs) + 1) * this.stepNs;
    loop.watch(dueNs, () => {
      this.sample(dueNs); // nothing has changed since, even when it is long ago
      this.watchNext();
    });
  }

  private sample(t: number): void {
    for (const ns of this.kernel.namespaces) {
      if (!ns.hidden) for (const dev of ns.devices()) this.device(t, dev);
    }
    const drops: Record<string, number> = {};
    const { ended } = this.kernel.skbs;
    for (let i = 1; i < ended.length; i++) {
      if (ended[i] > this.ended[i]) drops[dropNames[i]] = ended[i] - this.ended[i];
    }
    this.ended.set(ended);
    if (Object.keys(drops).length > 0) this.sink({ t, drops });
  }

  private device(t: number, dev: NetDevice): void {
    const s = readStats(dev);
    const before = this.devices.get(dev) ?? nothing();
    const queues = queuesOf(dev, before.busy);
    const { rxPackets, rxBytes, txPackets, txBytes, rxDropped, txDropped } = s;
    const now: Known = { rxPackets, rxBytes, txPackets, txBytes, rxDropped, txDropped, busy: before.busy };
    this.devices.set(dev, now);
    const record: DeviceRecord = {
      t,
      dev: dev.label,
      rxPackets: rxPackets - before.rxPackets,
      rxBytes: rxBytes - before.rxBytes,
      txPackets: txPackets - before.txPackets,
      txBytes: txBytes - before.txBytes,
      rxDropped: rxDropped - before.rxDropped,
      txDropped: txDropped - before.txDropped,
      queues,
    };
    const moved = record.rxPackets + record.txPackets + record.rxDropped + record.txDropped > 0;
    if (moved || queues.length > 0) this.sink(record);
  }
}

function nothing(): Known {
  return { rxPackets: 0, rxBytes: 0, txPackets: 0, txBytes: 0, rxDropped: 0, txDropped: 0, busy: [] };
}

/** The queues that hold something or have let go of it since `busy` was noted, which is brought up to date. */
function queuesOf(dev: NetDevice, busy: boolean[]): QueueRecord[] {
  const queues: QueueRecord[] = [];
  for (const txq of dev.txq) {
    const record = queueOf(txq);
    const isBusy = record.qlen > 0 || (record.inflight ?? 0) > 0 || record.stopped;
    if (isBusy || busy[txq.index] === true) queues.push(record);
    busy[txq.index] = isBusy;
  }
  return queues;
}

function queueOf(txq: TxQueue): QueueRecord {
  const q = txq.qdisc;
  const base = { queue: txq.index, qdisc: q.kind, qlen: q.qlen, backlog: q.backlog, stopped: txq.state !== 0 };
  const { bql } = txq;
  return bql === null ? base : { ...base, limit: bql.limit, inflight: bql.inflight };
}
