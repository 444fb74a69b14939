// A call trace for people: the packet as tcpdump prints it, then a line per function, and how it ended.

import type { CallStep, PacketTrace } from '../../../lab/os.ts';
import { LINKTYPE_ETHERNET } from '../../../wire/pcapng.ts';
import { newArgs } from '../tcpdump/args.ts';
import { newPrintState, printPacket } from '../tcpdump/print.ts';

/** As tcpdump -nt has it. */
export function packetText(frame: Uint8Array): string {
  const line = { ...newArgs().line, n: 1, t: 1 };
  const meta = { time: { sec: 0, nsec: 0 }, wireLen: frame.length, linkType: LINKTYPE_ETHERNET };
  return printPacket(frame, meta, line, newPrintState());
}

/** Microseconds since the packet's first function, function, device, queue, note. */
export function traceText(packet: PacketTrace): string {
  const start = packet.steps[0].ns;
  const rows = packet.steps.map((s) => [
    ((s.ns - start) / 1000).toFixed(3),
    `${'  '.repeat(s.depth)}${s.fn}`,
    s.dev,
    s.queue < 0 ? '' : `tx-${s.queue}`,
    s.note,
  ]);
  const width = (column: number): number => Math.max(...rows.map((row) => row[column].length));
  const [time, fn, dev, queue] = [0, 1, 2, 3].map(width);
  const lines = rows.map((row) =>
    `  ${row[0].padStart(time)} us  ${row[1].padEnd(fn)}  ${row[2].padEnd(dev)}  ${row[3].padEnd(queue)}  ${row[4]}`.trimEnd(),
  );
  const head = `packet ${packet.id} at ${(start / 1e9).toFixed(6)} s: ${packetText(packet.frame)}`;
  return `${[head, ...lines, `  = ${outcome(packet.steps)}`].join('\n')}\n`;
}

/** How the copies of the packet ended: who received them, and why others did not. */
export function outcome(steps: readonly CallStep[]): string {
  const received = steps.filter((s) => receivers.has(s.fn));
  const lost = steps.filter((s) => s.fn === 'kfree_skb_reason');
  const parts = [
    ...counted(received.map((s) => `received by ${s.fn} on ${s.dev}`)),
    ...counted(lost.map((s) => `dropped${s.dev === '' ? '' : ` on ${s.dev}`}: ${s.note}`)),
  ];
  if (parts.length > 0) return parts.join('; ');
  const last = steps[steps.length - 1];
  return `last seen in ${last.fn}${last.dev === '' ? '' : ` on ${last.dev}`}`;
}

/** Where a packet has arrived. */
const receivers = new Set([
  'arp_rcv',
  'icmp_rcv',
  'icmpv6_rcv',
  'igmp_rcv',
  'raw_rcv',
  'tap_handle_frame',
  'tcp_v4_rcv',
  'tcp_v6_rcv',
  'udp_rcv',
  'udpv6_rcv',
]);

function counted(texts: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, n]) => (n === 1 ? text : `${text} (${n} times)`));
}
