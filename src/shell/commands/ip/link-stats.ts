// The counters below a link (`ip -s link`). iproute2: ip/ipaddress.c, __print_link_stats(), print_num().

import type { LinkAttrs } from '../../../uapi/link.ts';
import type { Ip } from './context.ts';

type Counters = NonNullable<LinkAttrs['stats64']>;

export function printStats(ip: Ip, a: LinkAttrs): void {
  const s = a.stats64 ?? (a.stats as Counters | undefined);
  if (s === undefined) return;
  if (ip.out.json) jsonStats(ip, s, a);
  else textStats(ip, s, a);
}

function jsonStats(ip: Ip, s: Counters, a: LinkAttrs): void {
  const { out } = ip;
  const deep = ip.opts.stats > 1;
  out.openObject(a.stats64 === undefined ? 'stats' : 'stats64');
  out.openObject('rx');
  out.value('bytes', s.rxBytes);
  out.value('packets', s.rxPackets);
  out.value('errors', s.rxErrors);
  out.value('dropped', s.rxDropped);
  out.value('over_errors', s.rxOverErrors);
  out.value('multicast', s.multicast);
  if (s.rxCompressed > 0) out.value('compressed', s.rxCompressed);
  if (deep) {
    out.value('length_errors', s.rxLengthErrors);
    out.value('crc_errors', s.rxCrcErrors);
    out.value('frame_errors', s.rxFrameErrors);
    out.value('fifo_errors', s.rxFifoErrors);
    out.value('missed_errors', s.rxMissedErrors);
    if (s.rxNohandler > 0) out.value('nohandler', s.rxNohandler);
    if (s.rxOtherhostDropped > 0) out.value('otherhost', s.rxOtherhostDropped);
  }
  out.closeObject();
  out.openObject('tx');
  out.value('bytes', s.txBytes);
  out.value('packets', s.txPackets);
  out.value('errors', s.txErrors);
  out.value('dropped', s.txDropped);
  out.value('carrier_errors', s.txCarrierErrors);
  out.value('collisions', s.collisions);
  if (s.txCompressed > 0) out.value('compressed', s.txCompressed);
  if (deep) {
    out.value('aborted_errors', s.txAbortedErrors);
    out.value('fifo_errors', s.txFifoErrors);
    out.value('window_errors', s.txWindowErrors);
    out.value('heartbeat_errors', s.txHeartbeatErrors);
    if (a.carrierChanges !== undefined) out.value('carrier_changes', a.carrierChanges);
  }
  out.closeObject();
  out.closeObject();
}

/** The least width of each column: its longest heading. */
const HEADS = ['*X errors:', 'packets', 'errors', 'dropped', 'heartbt', 'overrun', 'compressed', 'otherhost'];

function textStats(ip: Ip, s: Counters, a: LinkAttrs): void {
  const { out } = ip;
  const deep = ip.opts.stats > 1;
  const rx = [s.rxBytes, s.rxPackets, s.rxErrors, s.rxDropped, s.rxMissedErrors, s.multicast, s.rxCompressed];
  const tx = [s.txBytes, s.txPackets, s.txErrors, s.txDropped, s.txCarrierErrors, s.collisions, s.txCompressed];
  const rxErrors = [
    s.rxLengthErrors,
    s.rxCrcErrors,
    s.rxFrameErrors,
    s.rxFifoErrors,
    s.rxOverErrors,
    s.rxNohandler,
    s.rxOtherhostDropped ?? 0,
  ];
  const txErrors = [s.txAbortedErrors, s.txFifoErrors, s.txWindowErrors, s.txHeartbeatErrors, a.carrierChanges ?? 0];
  const width = HEADS.map((head, i) => {
    const values = [rx[i] ?? 0, tx[i] ?? 0, ...(deep && i > 0 ? [rxErrors[i - 1] ?? 0, txErrors[i - 1] ?? 0] : [])];
    return values.reduce((w, v) => Math.max(w, String(v).length), head.length);
  });
  const headings = (label: string, names: string[]): void => {
    out.text(`    ${label} ${names.map((n, i) => n.padStart(i === 0 ? width[0] - 4 : width[i])).join(' ')}`);
    out.newline();
  };
  const errorHeadings = (label: string, shown: number[], names: string[]): void => {
    out.text(`    ${label} ${shown.map((i) => names[i].padStart(width[i + 1])).join(' ')}`);
    out.newline();
  };
  const cell = (value: number, column: number): string => `${String(value).padStart(width[column])} `;
  const row = (values: number[]): void => out.text(`    ${values.map((v, i) => cell(v, i)).join('')}`);
  const errorRow = (shown: number[], values: number[]): void =>
    out.text(`    ${' '.repeat(width[0])} ${shown.map((i) => cell(values[i], i + 1)).join('')}`);
  headings('RX:', ['bytes', 'packets', 'errors', 'dropped', 'missed', 'mcast', s.rxCompressed > 0 ? 'compressed' : '']);
  row(s.rxCompressed > 0 ? rx : rx.slice(0, 6));
  if (deep) {
    out.newline();
    // The last two have a column only when there are any.
    const shown = [0, 1, 2, 3, 4, 5, 6].filter((i) => i < 5 || rxErrors[i] > 0);
    const names = ['length', 'crc', 'frame', 'fifo', 'overrun', 'nohandler', 'otherhost'];
    errorHeadings('RX errors:', shown, names);
    errorRow(shown, rxErrors);
  }
  out.newline();
  headings('TX:', [
    'bytes',
    'packets',
    'errors',
    'dropped',
    'carrier',
    'collsns',
    s.txCompressed > 0 ? 'compressed' : '',
  ]);
  row(s.txCompressed > 0 ? tx : tx.slice(0, 6));
  if (deep) {
    out.newline();
    const shown = [0, 1, 2, 3, 4];
    errorHeadings('TX errors:', shown, ['aborted', 'fifo', 'window', 'heartbt', 'transns']);
    errorRow(shown, txErrors);
  }
}
