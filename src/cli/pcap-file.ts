// --pcap FILE: the kernel's frames, as they pass, into a file; with --trace, each with the functions that it has passed.

import { closeSync, openSync, writeSync } from 'node:fs';
import type { Model } from '../lab/model.ts';
import type { CallTrace } from '../probe/call-trace.ts';
import { reason } from './open-model.ts';
import { Usage } from './usage.ts';

/** Enough that a run of millions of frames does not make as many system calls. */
const flushBytes = 1 << 20;

export function openPcap(model: Pick<Model, 'pcap'>, file: string, trace: CallTrace | null = null): { close(): void } {
  let fd: number;
  try {
    fd = openSync(file, 'w');
  } catch (error) {
    throw new Usage(`${file}: ${reason(error)}`);
  }
  let parts: Uint8Array[] = [];
  let size = 0;
  const flush = (): void => {
    for (const part of parts) writeSync(fd, part);
    parts = [];
    size = 0;
  };
  const finish = model.pcap(
    (bytes) => {
      parts.push(bytes.slice());
      size += bytes.length;
      if (size >= flushBytes) flush();
    },
    trace === null ? undefined : (skb) => trace.passedSince(skb),
  );
  return {
    close() {
      finish();
      flush();
      closeSync(fd);
    },
  };
}
