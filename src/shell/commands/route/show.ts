// The table as `route -n` prints it. Linux tool: net-tools 2.10, inet_gr.c, rprint_fib().

import { formatIp4 } from '../../../uapi/format.ts';
import type { Proc } from '../../process.ts';

interface Row {
  dev: string;
  dst: string;
  gateway: string;
  flags: number;
  mask: string;
  metric: string;
  mss: string;
  window: string;
  irtt: string;
}

export function showRoutes(proc: Proc, extended: number, cache: boolean): number {
  proc.out(`Kernel IP routing ${cache ? 'cache' : 'table'}\n`);
  if (cache) {
    // There has been none since 3.6.
    proc.out('Source          Destination     Gateway         Flags Metric Ref    Use Iface\n');
    return 0;
  }
  proc.out(`Destination     Gateway         Genmask         ${heads[Math.min(extended, 2)]}\n`);
  for (const row of rows(proc)) proc.out(`${line(row, extended)}\n`);
  return 0;
}

const heads = [
  'Flags Metric Ref    Use Iface',
  'Flags   MSS Window  irtt Iface',
  'Flags Metric Ref    Use Iface    MSS   Window irtt',
];

/** Numbers of /proc/net/route are hexadecimal, addresses in network order. Linux: fib_route_seq_show(). */
function rows(proc: Proc): Row[] {
  const text = proc.os.readFile(proc.ns, '/proc/net/route');
  if (typeof text === 'number') return [];
  const lines = text
    .split('\n')
    .slice(1)
    .filter((l) => l.trim() !== '');
  return lines.map((l) => {
    const [dev, dst, gateway, flags, , , metric, mask, mss, window, irtt] = l.trim().split(/\s+/);
    return {
      dev,
      dst: address(dst),
      gateway: address(gateway),
      flags: Number.parseInt(flags, 16),
      mask: address(mask),
      metric,
      mss,
      window,
      irtt,
    };
  });
}

function address(hex: string): string {
  return formatIp4(Number.parseInt((hex.match(/../g) ?? []).reverse().join(''), 16));
}

const RTF_UP = 1;
const RTF_GATEWAY = 2;
const RTF_HOST = 4;
const RTF_REJECT = 0x200;

function flagsText(flags: number): string {
  const first = (flags & RTF_REJECT) !== 0 ? '!' : (flags & RTF_UP) !== 0 ? 'U' : '';
  return `${first}${(flags & RTF_GATEWAY) !== 0 ? 'G' : ''}${(flags & RTF_HOST) !== 0 ? 'H' : ''}`;
}

function line(r: Row, extended: number): string {
  const reject = (r.flags & RTF_REJECT) !== 0;
  const dash = (value: string): string => (reject ? '-' : value);
  const head = [r.dst, dash(r.gateway), r.mask].map((t) => t.padEnd(15)).join(' ');
  const flags = flagsText(r.flags).padEnd(5);
  const [dev, mss, window, irtt] = [r.dev, r.mss, r.window, r.irtt].map(dash);
  if (extended === 1) return `${head} ${flags} ${mss.padStart(5)} ${window.padEnd(5)} ${irtt.padStart(6)} ${dev}`;
  const base = `${head} ${flags} ${r.metric.padEnd(6)} ${dash('0').padEnd(2)} ${'0'.padStart(7)} `;
  return extended === 0 ? `${base}${dev}` : `${base}${dev.padEnd(8)} ${mss.padEnd(5)} ${window.padEnd(6)} ${irtt}`;
}
