// Many datagrams over many sockets at once. The kernel works inside send(): where that mostly waits (a device that goes waits for
// all readers, some 30 ms), threads that each send one wait together. Threads only help: whoever calls sends, too.

import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { Sys } from './sys.ts';

export interface Sending {
  readonly fd: number;
  readonly datagram: Uint8Array;
}

/** Fewer are sent one after the other. */
const WORTH_IT = 16;
const MOST_THREADS = 16;
const SENDINGS_A_THREAD = 4;
const SMALL = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 };
/** One that was begun is waited for so long. */
const PATIENCE_MS = 60_000;

// In Int32s: the next one to send, how many are done, then for each its descriptor, where its bytes are, how many, and the result.
const NEXT = 0;
const DONE = 1;
const HEAD = 2;
const FIELDS = 4;

const WORKER = `
const { koffi, numbers, bytes, count } = require('node:worker_threads').workerData;
const k = require(koffi);
const send = k.load(null).func('long send(int fd, const uint8_t *data, size_t len, int flags)');
for (let i = Atomics.add(numbers, ${NEXT}, 1); i < count; i = Atomics.add(numbers, ${NEXT}, 1)) {
  const at = ${HEAD} + i * ${FIELDS};
  const data = bytes.slice(numbers[at + 1], numbers[at + 1] + numbers[at + 2]);
  const n = send(numbers[at], Uint8Array.from(data), data.length, 0);
  numbers[at + 3] = n < 0 ? -k.errno() : n;
  Atomics.add(numbers, ${DONE}, 1);
  Atomics.notify(numbers, ${DONE});
}
`;

/** What send() gave for each: bytes, or a negative errno. */
export function sendTogether(sys: Sys, sendings: readonly Sending[]): number[] {
  const count = sendings.length;
  if (count < WORTH_IT) return sendings.map(({ fd, datagram }) => sys.send(fd, datagram, 0));
  const size = sendings.reduce((n, { datagram }) => n + datagram.length, 0);
  const numbers = new Int32Array(new SharedArrayBuffer(4 * (HEAD + count * FIELDS)));
  const bytes = new Uint8Array(new SharedArrayBuffer(size));
  let offset = 0;
  for (const [i, { fd, datagram }] of sendings.entries()) {
    numbers.set([fd, offset, datagram.length, 0], HEAD + i * FIELDS);
    bytes.set(datagram, offset);
    offset += datagram.length;
  }
  const koffi = createRequire(import.meta.url).resolve('koffi');
  const threads = Math.min(MOST_THREADS, Math.ceil(count / SENDINGS_A_THREAD));
  for (let i = 0; i < threads; i++) {
    const worker = new Worker(WORKER, {
      eval: true,
      workerData: { koffi, numbers, bytes, count },
      resourceLimits: SMALL,
    });
    worker.on('error', () => {}); // a thread that cannot be had: the others do its share
    worker.unref();
  }
  for (let i = Atomics.add(numbers, NEXT, 1); i < count; i = Atomics.add(numbers, NEXT, 1)) {
    numbers[HEAD + i * FIELDS + 3] = sys.send(sendings[i].fd, sendings[i].datagram, 0);
    Atomics.add(numbers, DONE, 1);
  }
  for (let done = Atomics.load(numbers, DONE); done < count; done = Atomics.load(numbers, DONE)) {
    if (Atomics.wait(numbers, DONE, done, PATIENCE_MS) === 'timed-out')
      throw new Error('a request to the kernel does not return');
  }
  return sendings.map((_, i) => numbers[HEAD + i * FIELDS + 3]);
}
