// What ifconfig prints. Linux tool: net-tools 2.10, lib/interface.c, ife_print_long(), ife_print_short().

import { formatIp4, formatMac } from '../../../uapi/format.ts';
import type { Address6 } from './addr6.ts';
import type { Address, Link } from './state.ts';

const FLAG_NAMES: ReadonlyArray<[number, string]> = [
  [0x1, 'UP'],
  [0x2, 'BROADCAST'],
  [0x4, 'DEBUG'],
  [0x8, 'LOOPBACK'],
  [0x10, 'POINTOPOINT'],
  [0x20, 'NOTRAILERS'],
  [0x40, 'RUNNING'],
  [0x80, 'NOARP'],
  [0x100, 'PROMISC'],
  [0x200, 'ALLMULTI'],
  [0x400, 'SLAVE'],
  [0x800, 'MASTER'],
  [0x1000, 'MULTICAST'],
  [0x8000, 'DYNAMIC'],
];

/** `1536` as people read it: `1.5 KiB`. */
function human(bytes: number): string {
  const units: Array<[number, string]> = [
    [2 ** 60, 'EiB'],
    [2 ** 50, 'PiB'],
    [2 ** 40, 'TiB'],
    [2 ** 30, 'GiB'],
    [2 ** 20, 'MiB'],
    [2 ** 10, 'KiB'],
  ];
  for (const [size, name] of units)
    if (bytes > size) return `${(Math.floor((bytes * 10) / size) / 10).toFixed(1)} ${name}`;
  return `${bytes.toFixed(1)} B`;
}

const mask = (prefixlen: number): number => (prefixlen === 0 ? 0 : (0xffffffff << (32 - prefixlen)) >>> 0);

/** As /proc/net/if_inet6 has them. */
const SCOPES: ReadonlyMap<number, string> = new Map([
  [0, 'global'],
  [0x10, 'host'],
  [0x20, 'link'],
  [0x40, 'site'],
  [0x80, 'compat'],
]);

/** The entry of one label: a device, or an alias of it (which has no counters). */
export function printLong(label: string, link: Link, address: Address | null, address6: readonly Address6[]): string {
  const flags = link.flags & 0xffff;
  const names = FLAG_NAMES.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
  const a = link.attrs;
  let out = `${label}: flags=${(flags << 16) >> 16}<${names.join(',')}>  mtu ${a.mtu ?? 0}\n`;
  if (address !== null) {
    out += `        inet ${formatIp4(address.local)}  netmask ${formatIp4(mask(address.prefixlen))}`;
    if ((flags & 0x2) !== 0) out += `  broadcast ${formatIp4(address.broadcast)}`;
    out += '\n';
  }
  for (const a6 of address6) {
    const scope = SCOPES.get(a6.scope) ?? 'unknown';
    out += `        inet6 ${a6.address}  prefixlen ${a6.prefixlen}  scopeid 0x${a6.scope.toString(16)}<${scope}>\n`;
  }
  if (link.type === 772) out += `        loop  txqueuelen ${a.txqlen ?? 0}  (Local Loopback)\n`;
  else if (link.type === 1)
    out += `        ether ${formatMac(a.address ?? 0)}  txqueuelen ${a.txqlen ?? 0}  (Ethernet)\n`;
  else
    out += `        unspec ${formatMac(a.address ?? 0)
      .toUpperCase()
      .replaceAll(':', '-')}  txqueuelen ${a.txqlen ?? 0}  (UNSPEC)\n`;
  const s = a.stats64;
  if (s !== undefined && !label.includes(':')) {
    const frame = s.rxLengthErrors + s.rxOverErrors + s.rxCrcErrors + s.rxFrameErrors;
    const carrier = s.txCarrierErrors + s.txAbortedErrors + s.txWindowErrors + s.txHeartbeatErrors;
    out += `        RX packets ${s.rxPackets}  bytes ${s.rxBytes} (${human(s.rxBytes)})\n`;
    out += `        RX errors ${s.rxErrors}  dropped ${s.rxDropped + s.rxMissedErrors}  overruns ${s.rxFifoErrors}  frame ${frame}\n`;
    out += `        TX packets ${s.txPackets}  bytes ${s.txBytes} (${human(s.txBytes)})\n`;
    out += `        TX errors ${s.txErrors}  dropped ${s.txDropped} overruns ${s.txFifoErrors}  carrier ${carrier}  collisions ${s.collisions}\n`;
  }
  return `${out}\n`;
}

export const SHORT_HEAD = 'Iface      MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n';

const SHORT_FLAGS: ReadonlyArray<[number, string]> = [
  [0x200, 'A'],
  [0x2, 'B'],
  [0x4, 'D'],
  [0x8, 'L'],
  [0x1000, 'M'],
  [0x100, 'P'],
  [0x20, 'N'],
  [0x80, 'O'],
  [0x10, 'P'],
  [0x40, 'R'],
  [0x1, 'U'],
];

/** -s: a line in columns. */
export function printShort(label: string, link: Link): string {
  const letters = SHORT_FLAGS.filter(([bit]) => (link.flags & bit) !== 0)
    .map(([, c]) => c)
    .join('');
  let out = `${label.padEnd(15)} ${String(link.attrs.mtu ?? 0).padStart(5)} `;
  const s = link.attrs.stats64;
  if (s === undefined || label.includes(':')) out += '     - no statistics available -                        ';
  else {
    const n = (v: number, w: number): string => String(v).padStart(w);
    out += `${n(s.rxPackets, 8)} ${n(s.rxErrors, 6)} ${n(s.rxDropped, 6)} ${String(s.rxFifoErrors).padEnd(6)} `;
    out += `${n(s.txPackets, 8)} ${n(s.txErrors, 6)} ${n(s.txDropped, 6)} ${n(s.txFifoErrors, 6)} `;
  }
  return `${out}${letters}\n`;
}
