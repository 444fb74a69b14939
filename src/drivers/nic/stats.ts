// ethtool -S: a line is a name and where its number comes from. Names are the driver's (stat-names.ts); numbers are this
// port's. '0' is a register that counts what never happens here (CRC errors, pause frames).

import type { NetDevice } from '../../net/netdev.ts';
import type { Counts } from './counts.ts';
import type { NicPort } from './port.ts';

export type StatSource =
  | '0'
  | 'rxPackets'
  | 'txPackets'
  | 'rxBytes'
  | 'txBytes'
  | 'rxErrors'
  | 'txErrors'
  | 'rxDropped'
  | 'txDropped'
  | 'multicast'
  | 'rxMissed'
  | 'rxLength'
  | 'rxNicFrames'
  | 'txNicFrames'
  | 'rxNicBytes'
  | 'txNicBytes'
  | 'linkChanges'
  | 'txBusy'
  | 'txRestart'
  | 'filtered'
  | 'noLink'
  | `${'rx' | 'tx'}:${'unicast' | 'multicast' | 'broadcast' | 'size64' | 'size127' | 'size255' | 'size511' | 'size1023' | 'size1522' | 'sizeBig'}`;

/** A counter, or lines per queue: `%` is the queue's number. */
export type StatLine =
  | readonly [name: string, source: StatSource]
  | { readonly perQueue: ReadonlyArray<readonly [name: string, ring: 'tx' | 'rx', what: 'packets' | 'bytes']> };

export function readNicStats(port: NicPort, lines: readonly StatLine[]): Array<[string, number]> {
  const out: Array<[string, number]> = [];
  for (const line of lines) {
    if (!('perQueue' in line)) {
      out.push([line[0], numberOf(port, line[1])]);
      continue;
    }
    for (let q = 0; q < port.tx.length; q++) {
      for (const [name, ring, what] of line.perQueue)
        out.push([name.replace('%', String(q)), port[ring][q]?.[what] ?? 0]);
    }
  }
  return out;
}

function numberOf(port: NicPort, source: StatSource): number {
  const at = source.indexOf(':');
  if (at > 0) {
    const counts: Counts = source.startsWith('rx') ? port.received : port.sent;
    return counts[source.slice(at + 1) as 'unicast'];
  }
  return plain[source as keyof typeof plain](port, port.dev);
}

const sum = (rings: ReadonlyArray<{ busy: number; restarts: number }>, what: 'busy' | 'restarts'): number =>
  rings.reduce((n, ring) => n + ring[what], 0);

const plain: Record<string, (port: NicPort, dev: NetDevice) => number> = {
  '0': () => 0,
  rxPackets: (_, dev) => dev.stats.rxPackets,
  txPackets: (_, dev) => dev.stats.txPackets,
  rxBytes: (_, dev) => dev.stats.rxBytes,
  txBytes: (_, dev) => dev.stats.txBytes,
  rxErrors: (_, dev) => dev.stats.rxErrors,
  txErrors: (_, dev) => dev.stats.txErrors,
  rxDropped: (_, dev) => dev.stats.rxDropped,
  txDropped: (_, dev) => dev.stats.txDropped,
  multicast: (_, dev) => dev.stats.multicast,
  rxMissed: (_, dev) => dev.stats.rxMissedErrors,
  rxLength: (_, dev) => dev.stats.rxLengthErrors,
  rxNicFrames: (port) => port.received.frames,
  txNicFrames: (port) => port.sent.frames,
  // The registers count the FCS.
  rxNicBytes: (port) => port.received.bytes + 4 * port.received.frames,
  txNicBytes: (port) => port.sent.bytes + 4 * port.sent.frames,
  linkChanges: (port) => port.linkChanges,
  txBusy: (port) => sum(port.tx, 'busy'),
  txRestart: (port) => sum(port.tx, 'restarts'),
  filtered: (port) => port.filtered,
  noLink: (port) => port.droppedNoLink,
};
