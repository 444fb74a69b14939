// What TCP costs: a bulk transfer between two macvlans of one port, read and thrown away. Counted in segments of the wire
// (MSS), since a frame carries up to 45 of them. The writer copies 64 KiB at a time, as iperf3 does.

import type { StreamSocket } from '../../src/lab/os.ts';
import { type Bench, seconds } from '../harness.ts';
import { address, type BenchLab, endpoint } from '../lab.ts';
import { siblings } from './macvlan.ts';

const PORT = 5201;
const BLOCK = new Uint8Array(65536);

/** A connection that is never done: what may be written is written, what comes is dropped. */
export class Bulk {
  received = 0;
  private readonly lab: BenchLab;
  private readonly from: StreamSocket;
  private readonly to: StreamSocket;
  private wanted = 0;

  constructor(lab: BenchLab, from: StreamSocket, to: StreamSocket) {
    this.lab = lab;
    this.from = from;
    this.to = to;
    from.onWritable = () => this.write();
    to.onReadable = () => this.read();
  }

  private write(): void {
    while (this.received < this.wanted && this.from.send(BLOCK) > 0);
  }

  private read(): void {
    for (let n = this.to.discard(1 << 20); n > 0; n = this.to.discard(1 << 20)) this.received += n;
  }

  /** Moves `bytes` more. */
  move(bytes: number): void {
    const { loop } = this.lab.model;
    this.wanted = this.received + bytes;
    this.write();
    while (this.received < this.wanted && loop.step());
  }
}

export function bulkPair(): { lab: BenchLab; bulk: Bulk } {
  const { lab, hosts } = siblings(2, 2);
  const { os, loop } = lab.model;
  const listener = os.socket(hosts[1], 'tcp4', 0) as StreamSocket;
  const from = os.socket(hosts[0], 'tcp4', 0) as StreamSocket;
  if (listener.bind(endpoint(0, PORT)) !== 0 || listener.listen(1) !== 0) throw new Error('nobody listens');
  from.connect(endpoint(address(0, 2), PORT));
  loop.runUntil(loop.now + 1e9);
  const to = listener.accept();
  if (typeof to === 'number') throw new Error('no connection');
  const bulk = new Bulk(lab, from, to);
  bulk.move(50_000_000);
  return { lab, bulk };
}

export const tcpBulk: Bench = {
  name: 'model-tcp',
  what: 'TCP, bulk, between two macvlans of one port',
  unit: 'segments/s',
  better: 'higher',
  prepare(scale) {
    const { lab, bulk } = bulkPair();
    const bytes = Math.round(2e9 * scale);
    return {
      value: () => bytes / 1448 / seconds(() => bulk.move(bytes)),
      baseline: null,
      close: () => lab.close(),
    };
  },
};
