// Records as text: a frame in one line, a link in one line, the same for both kernels (live.py writes them too).

import { formatMac, parseMac } from '../../src/uapi/format.ts';
import type { LinkCounters } from '../../src/uapi/ifla.ts';
import { OPERSTATES } from '../../src/uapi/link.ts';
import type { FrameSpec } from './lab.ts';

/** Packet types, and what was read of a macvtap's file. */
export const KINDS = ['HOST', 'BROADCAST', 'MULTICAST', 'OTHERHOST', 'OUT', 'LOOPBACK', 'READ'];

export function macOfText(text: string): number {
  const mac = parseMac(text);
  if (mac === null) throw new Error(`no MAC: ${text}`);
  return mac;
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

export function unhex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (h) => Number.parseInt(h, 16));
}

/** The bytes of a frame, from `own` unless it is forged. */
export function frameBytes(f: FrameSpec, own: string): Uint8Array {
  const bytes = new Uint8Array(f.length);
  bytes.set(unhex(`${f.dst}${f.src ?? own}`.replaceAll(':', '') + f.rest).subarray(0, f.length));
  return bytes;
}

/** `dev KIND length head crc`: the addresses and the ethertype, and a sum over all that follows. */
export function frameLine(dev: string, kind: number, data: Uint8Array, tci: number): string {
  const tag = tci < 0 ? '' : ` vlan ${tci}`;
  return `${dev} ${KINDS[kind]} ${data.length} ${hex(data.subarray(0, 14))} ${crc32(data.subarray(14))}${tag}`;
}

/** Addresses that a kernel makes up start differently from the generator's. */
export const OURS = '02:00:00:';
/** Whose no link ever is. */
export const NOBODY = '02:00:00:0f:0f:0f';

export interface LinkRecord {
  space: string;
  name: string;
  flags: number;
  operstate: number;
  /** Its lower device is in another namespace, and the number of that is a stranger's in this one. */
  vague: boolean;
  mtu: number;
  mac: number;
  link: number;
  master: number;
  promiscuity: number;
  allmulti: number;
  counters: number[];
}

/** The order in which both arms list counters: that of struct rtnl_link_stats64. */
export const COUNTER_ORDER: Array<keyof LinkCounters | 'rxOtherhostDropped'> = [
  'rxPackets',
  'txPackets',
  'rxBytes',
  'txBytes',
  'rxErrors',
  'txErrors',
  'rxDropped',
  'txDropped',
  'multicast',
  'collisions',
  'rxLengthErrors',
  'rxOverErrors',
  'rxCrcErrors',
  'rxFrameErrors',
  'rxFifoErrors',
  'rxMissedErrors',
  'txAbortedErrors',
  'txCarrierErrors',
  'txFifoErrors',
  'txHeartbeatErrors',
  'txWindowErrors',
  'rxCompressed',
  'txCompressed',
  'rxNohandler',
  'rxOtherhostDropped',
];

export function linkLine(l: LinkRecord): string {
  const text = formatMac(l.mac);
  const mac = text.startsWith(OURS) || l.mac === 0 ? text : 'made-up';
  const counters = l.counters.flatMap((n, i) => (n === 0 ? [] : [`${COUNTER_ORDER[i]}=${n}`]));
  return [
    `${l.space}/${l.name}`,
    `0x${l.flags.toString(16)}`,
    operstate(l),
    `mtu=${l.mtu}`,
    mac,
    `link=${l.link}`,
    `master=${l.master}`,
    `promisc=${l.promiscuity}`,
    `allmulti=${l.allmulti}`,
    ...counters,
  ].join(' ');
}

/**
 * A link without carrier is LOWERLAYERDOWN if the device below has none either. Linux looks for that one in the namespace
 * of the link, and may find a stranger; whether that still had carrier when it looked is a matter of time.
 */
export function operstate(l: LinkRecord): string {
  const state = OPERSTATES[l.operstate];
  return l.vague && (state === 'DOWN' || state === 'LOWERLAYERDOWN') ? 'DOWN*' : state;
}

const TABLE = Int32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = (c & 1) !== 0 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

/** As Ethernet and zlib have it. */
export function crc32(bytes: Uint8Array): string {
  let c = -1;
  for (const b of bytes) c = TABLE[(c ^ b) & 255] ^ (c >>> 8);
  return (~c >>> 0).toString(16).padStart(8, '0');
}
