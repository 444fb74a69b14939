// Random frames: to whom, from whom, of what kind and size.

import { inetChecksum } from '../../src/wire/checksum.ts';
import type { Draw } from './generate.ts';
import type { FrameSpec } from './lab.ts';
import { hex, unhex } from './text.ts';

/** Addresses of macvlans, of what is outside, and of groups. The first two outsiders are host/h0 and x/x0. */
export const MACS = Array.from({ length: 10 }, (_, i) => `02:00:00:00:00:${(10 + i).toString(16).padStart(2, '0')}`);
export const EXTERNALS = ['02:00:00:00:00:f0', '02:00:00:00:00:e0', '02:00:00:00:00:77', '02:00:00:00:b0:0b'];
export const GROUPS = ['01:00:5e:00:00:05', '33:33:00:00:00:06', '01:00:5e:00:00:01', '33:33:00:00:00:01'];
const LINK_LOCAL = ['01:80:c2:00:00:00', '01:80:c2:00:00:01', '01:80:c2:00:00:0e'];
export const ADDRESSES = Array.from({ length: 6 }, (_, i) => `10.0.0.${i + 1}`);
export const BROADCAST = 'ff:ff:ff:ff:ff:ff';

/** An experimental ethertype; and others: pause, 802.3 length, ARP, IPv4, IPv6 and LLDP with rubbish inside. */
const PLAIN = '88b5';
const LLC = '0020';
const ODD = ['8808', LLC, '0806', '0800', '86dd', '88cc', '0000', 'ffff', '0600'];

/** A priority tag, tags with and without priority, a service tag, and two of them. */
const DOUBLE = ['8100000581000006', '88a8000581000006'];
const TAGS = ['81000000', '8100e000', '81000005', '8100200a', '88a80005', ...DOUBLE];

export function randomFrames(d: Draw, macvlans: number): FrameSpec[] {
  const dst = target(d, macvlans);
  const src = source(d, macvlans);
  if (d.on.has('fragments') && d.chance(1, 5)) return fragments(d, dst, src);
  if (d.on.has('addresses') && d.chance(1, 3)) return [arp(d, dst, src)];
  const rest = kind(d);
  let length = size(d);
  // br_netfilter, where it is loaded, drops a frame whose inner tag is cut short; a bridge alone does not look.
  if (DOUBLE.some((tags) => rest.startsWith(tags)) && (length === 20 || length === 21)) length = 22;
  const one: FrameSpec = { dst, src, rest, length };
  // A burst into a short broadcast queue would tell how fast the machine is.
  if (d.on.has('bursts') && !d.on.has('queues') && d.chance(1, 6))
    return Array.from({ length: d.between(2, 6) }, (_, i) => ({ ...one, rest: `${one.rest}0${i}` }));
  return [one];
}

function target(d: Draw, macvlans: number): string {
  const n = d.stream.below(16);
  if (n < 6) return d.pick(MACS.slice(0, macvlans));
  if (n < 9) return d.pick(EXTERNALS);
  if (n < 12) return BROADCAST;
  if (n < 15) return d.pick(GROUPS);
  return d.pick([...LINK_LOCAL, '00:00:00:00:00:00', ...MACS]);
}

function source(d: Draw, macvlans: number): string | null {
  if (!d.on.has('forged') || d.chance(3, 5)) return null;
  return d.pick([
    ...MACS.slice(0, macvlans),
    ...EXTERNALS,
    ...MACS,
    ...(d.chance(1, 6) ? [GROUPS[0], BROADCAST, '00:00:00:00:00:00'] : []),
  ]);
}

function kind(d: Draw): string {
  if (d.on.has('tagged') && d.chance(1, 5)) return d.pick(TAGS) + PLAIN;
  if (!d.on.has('odd') || d.chance(2, 3)) return PLAIN;
  // 802.2 has a receiver where there is a bridge driver; a kernel with it built in has one always.
  return d.pick(d.on.has('direct') ? ODD.filter((type) => type !== LLC && type !== '0000') : ODD);
}

function size(d: Draw): number {
  if (d.on.has('oversized') && d.chance(1, 6)) return d.pick([1514, 1515, 1518, 1519, 1522, 9014, 1414, 1415, 2000]);
  if (d.on.has('runts') && d.chance(1, 6)) return d.pick([13, 14, 15, 16, 17, 18, 20, 22, 34, 41, 42]);
  return d.pick([60, 60, 60, 300, 600]);
}

/** Nobody has it. */
const NOBODY = '10.0.0.99';

/**
 * A question or an answer, which may say what is true or not. Only who is asked alone may have the address: an answer to a
 * question that is flooded races with the copies of it, which move the asker's place in the tables of bridges.
 */
function arp(d: Draw, dst: string, src: string | null): FrameSpec {
  const mac = src ?? d.pick([...EXTERNALS, ...MACS]);
  const [from, wanted] = [d.pick([...ADDRESSES, '10.0.0.200', '0.0.0.0', '192.0.2.1']), d.pick(ADDRESSES)];
  const answer = d.chance(1, 6);
  const all = d.chance(1, 2) || (Number.parseInt(dst.slice(0, 2), 16) & 1) === 1;
  const to = answer || !all ? wanted : NOBODY;
  const bytes = new Uint8Array(28);
  bytes.set([0, 1, 8, 0, 6, 4, 0, answer ? 2 : 1]);
  bytes.set(unhex(mac.replaceAll(':', '')), 8);
  bytes.set(from.split('.').map(Number), 14);
  if (answer) bytes.set(unhex(dst.replaceAll(':', '')), 18);
  bytes.set(to.split('.').map(Number), 24);
  return { dst: all ? BROADCAST : dst, src: mac, rest: `0806${hex(bytes)}`, length: d.pick([42, 60]) };
}

/** An IPv4 datagram to a group in two pieces: in order, the other way round, one missing, or one that overlaps. */
function fragments(d: Draw, dst: string, src: string | null): FrameSpec[] {
  const id = d.stream.below(0x10000);
  const first = piece(id, 0x2000, 64);
  const second = piece(id, 8, 40);
  const frame = (ip: Uint8Array): FrameSpec => ({
    dst,
    src,
    rest: `0800${hex(ip)}`,
    length: Math.max(60, 14 + ip.length),
  });
  const pieces = d.pick([
    [first, second],
    [second, first],
    [first],
    [second],
    [first, first, second],
    [first, piece(id, 7, 40)],
  ]);
  return pieces.map(frame);
}

/** `field`: flags and offset in units of 8 bytes. */
function piece(id: number, field: number, payload: number): Uint8Array {
  const ip = new Uint8Array(20 + payload);
  const view = new DataView(ip.buffer);
  ip.set([0x45, 0]);
  view.setUint16(2, ip.length);
  view.setUint16(4, id);
  view.setUint16(6, field);
  ip.set([64, 253, 0, 0, 10, 9, 9, 1, 224, 0, 0, 5], 8);
  view.setUint16(10, inetChecksum(ip, 0, 20));
  ip.fill(field & 0xff, 20);
  return ip;
}
