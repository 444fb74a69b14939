// --pcap FILE: the kernel's frames, as they pass, into a file; with --trace, each with the functions that it has passed.
// --pcap-limit bounds the file: a flood of seconds makes gigabytes. What comes after is counted, and said on stderr.

import { closeSync, openSync, writeSync } from 'node:fs';
import type { Model } from '../lab/model.ts';
import { parseBytes } from '../lab/quantity.ts';
import type { CallTrace } from '../probe/call-trace.ts';
import { reason } from './open-model.ts';
import { Usage } from './usage.ts';

/** Enough that a run of millions of frames does not make as many system calls. */
const flushBytes = 1 << 20;

/** What a laptop opens in Wireshark without trouble. */
const defaultLimit = '1G';

export interface PcapOptions {
  /** As --pcap-limit has it. */
  limit?: string;
  trace?: CallTrace | null;
  /** Is told in words when the file is full, and in the end how much is missing. */
  say?: (message: string) => void;
}

export function openPcap(
  model: Pick<Model, 'pcap' | 'loop'>,
  file: string,
  options: PcapOptions = {},
): { close(): void } {
  const { limit = defaultLimit, trace = null, say = () => {} } = options;
  const limitBytes = parseBytes(limit);
  if (limitBytes === null || limitBytes < 4096) {
    throw new Usage(`--pcap-limit ${limit}: expected a size of 4K or more, as 100M or 2G, or unlimited`);
  }
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
    {
      comment: trace === null ? undefined : (skb) => trace.passedSince(skb),
      limitBytes,
      onFull: () => {
        const at = (model.loop.now / 1e9).toFixed(6);
        say(
          `--pcap: ${file} is full (${limit}) at ${at} s; later frames are left out. --pcap-limit takes another size`,
        );
      },
    },
  );
  return {
    close() {
      const missed = finish();
      flush();
      closeSync(fd);
      if (missed > 0) say(`--pcap: ${missed} frames are not in ${file}`);
    },
  };
}
