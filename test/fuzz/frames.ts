// Random bytes as frames, from packet sockets into every device there is: whole rubbish, rubbish behind a sane Ethernet
// header, and ARP, IPv4, ICMP, UDP and 802.1Q frames with some bytes changed or cut off. Nothing falls over, every frame ends.

import assert from 'node:assert/strict';
import { Stream } from '../../src/base/random.ts';
import type { SockAddr, Socket } from '../../src/lab/os.ts';
import { Zoo } from './zoo.ts';

const framesPerRound = 400;

const hex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
const head = 'ffffffffffff020000000001';
const samples = [
  // ARP request and reply; gratuitous ARP; RARP's shape
  `${head}0806000108000604000102000000000100000000000000000a010001`.padEnd(120, '0'),
  `${head}0806000108000604000202000000000a0a01000b02000000000b0a010001`.padEnd(120, '0'),
  // ICMP echo to 10.1.0.1, to a broadcast, with options, a fragment, the last fragment
  `${head}08004500001c0001000040010000${'0a01000b0a010001'}0800f7fd00010001`,
  `${head}08004500001c0001000040010000${'0a01000b0a0100ff'}0800f7fd00010001`,
  `${head}08004700002400010000400100000a01000b0a010001940400000101010108000000000100010000`,
  `${head}080045000020000120004001${'0000'}0a01000b0a0100010800f7fd0001000100000000`,
  `${head}080045000020000100024001${'0000'}0a01000b0a0100010800f7fd0001000100000000`,
  // ICMP errors around a packet; redirect; UDP; IGMP query and report; TCP SYN; IPv6; VLAN in VLAN; LLDP; pause; 802.3 length
  `${head}0800450000380001000040010000${'0a01000b0a010001'}030400000000020045000028000100004011000${'0'}0a0100010a01000b0035003500140000`,
  `${head}0800450000380001000040010000${'0a01000b0a010001'}050100000a01006345000028000100004001000${'0'}0a0100010a01000b0800000000010001`,
  `${head}080045000024000100004011${'0000'}0a01000b0a010001003500350010000000000000000000`,
  `01005e000001020000000001080046000020000100000102${'0000'}0a01000be00000019404000011640000${'00000000'}`,
  `${head}080045000028000100004006${'0000'}0a01000b0a0100010016001600000000000000005002ffff00000000`,
  `33330000000102000000000186dd6000000000183afffe80000000000000000000000000000aff0200000000000000000000000000018000000000010001`,
  `${head}8100000a8100600508004500001c000100004001${'0000'}0a01000b0a0100010800f7fd00010001`,
  '0180c200000e02000000000188cc0207040200000000010403303a3106020078',
  '0180c2000001020000000001880800010000'.padEnd(120, '0'),
  `${head}00264242030000000000`.padEnd(120, '0'),
].map(hex);

function frameOf(random: Stream, macs: readonly number[]): Uint8Array {
  const rubbish = (length: number): Uint8Array => Uint8Array.from({ length }, () => random.below(256));
  if (random.chance(1, 8)) return rubbish(random.below(random.chance(1, 4) ? 1600 : 64));
  const frame = random.chance(1, 8) ? rubbish(14 + random.below(1500)) : samples[random.below(samples.length)].slice();
  for (let at = 0; at < 12; at += 6) {
    if (random.chance(1, 2) && frame.length >= 12) putMac(frame, at, macs[random.below(macs.length)]);
  }
  const changes = random.chance(1, 3) ? 0 : 1 + random.below(4);
  for (let i = 0; i < changes; i++) frame[random.below(frame.length)] = random.below(256);
  if (frame.length > 34 && frame[12] === 8 && frame[13] === 0 && random.chance(3, 4)) fixChecksum(frame, 14);
  return random.chance(1, 6) ? frame.slice(0, random.below(frame.length + 1)) : frame;
}

function putMac(frame: Uint8Array, at: number, mac: number): void {
  for (let i = 5, left = mac; i >= 0; i--, left = Math.floor(left / 256)) frame[at + i] = left % 256;
}

/** So that what is changed behind the IPv4 header's checksum is looked at. */
function fixChecksum(frame: Uint8Array, at: number): void {
  const end = Math.min(frame.length & ~1, at + (frame[at] & 15) * 4);
  frame[at + 10] = 0;
  frame[at + 11] = 0;
  let sum = 0;
  for (let i = at; i + 1 < end; i += 2) sum += (frame[i] << 8) | frame[i + 1];
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  frame[at + 10] = (~sum >> 8) & 255;
  frame[at + 11] = ~sum & 255;
}

const to = (ifindex: number): SockAddr => ({ addr4: 0, port: 0, ifindex, protocol: 0x0003, mac: 0 });

/** One lab, `framesPerRound` frames. The number of frames sent. */
export async function frameRound(seed: number): Promise<number> {
  let accepted = 0;
  const zoo = await new Zoo(seed).build();
  const { kernel, os } = zoo.model;
  const random = new Stream(seed, 'fuzz:frames');
  const ways: Array<{ socket: Socket; ifindex: number }> = [];
  const macs = [0xffffffffffff, 0x01005e000001, 0x333300000001, 0x0180c2000000, 0x020000000001, 0];
  for (const ref of zoo.namespaces()) {
    const ns = kernel.namespaces.find((one) => one === (ref as unknown));
    for (const dev of ns?.devices() ?? []) {
      const socket = os.socket(ref, 'packet', 0x0003);
      if (typeof socket === 'number') throw new Error(`no packet socket: ${socket}`);
      ways.push({ socket, ifindex: dev.ifindex });
      macs.push(dev.addr);
    }
  }
  assert.ok(ways.length > 20);
  for (let i = 0; i < framesPerRound; i++) {
    const { socket, ifindex } = ways[random.below(ways.length)];
    if (socket.sendTo(frameOf(random, macs), to(ifindex)) > 0) accepted++;
    if (random.chance(1, 4)) zoo.run(random.below(random.chance(1, 20) ? 2e9 : 100_000));
    if (random.chance(1, 50)) for (const way of ways) while (way.socket.recv() !== null);
  }
  zoo.run(1e9);
  const left = random.chance(1, 2) ? ways : [];
  for (const { socket } of left) socket.close();
  zoo.end();
  assert.ok(accepted > 20, `seed ${seed}: only ${accepted} frames were sent`);
  return framesPerRound;
}
