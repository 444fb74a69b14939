// Test data: frames that between them reach every printer, for the comparison with the real tcpdump.

import { concat } from '../../../wire/bytes.ts';
import { type DhcpMessage, encodeDhcp, newDhcp } from '../../../wire/dhcp.ts';
import { type FrameLayers, frame } from '../../../wire/frame.ts';
import { encodeIp4 } from '../../../wire/ip4.ts';
import { encodeIp6, encodeIp6Frag, encodeIp6Options } from '../../../wire/ip6.ts';
import { encodeUdp } from '../../../wire/udp.ts';

const eth = { dst: '02:00:00:00:00:01', src: '02:00:00:00:00:02' };
const all = { dst: 'ff:ff:ff:ff:ff:ff', src: '02:00:00:00:00:02' };
const ip4 = { src: '10.0.0.1', dst: '10.0.0.2' };
const ip6 = { src: 'fe80::1', dst: 'fe80::2', hopLimit: 255 };
const bytes = (n: number): Uint8Array => Uint8Array.from({ length: n }, (_, i) => i);
const text = Uint8Array.from('hello\r\nworld\t.\n', (c) => c.charCodeAt(0));
const ping = { type: 8, id: 4660, seq: 1 };

const arps: FrameLayers[] = [
  { eth: all, arp: { op: 1, sha: eth.src, spa: '10.0.0.1', tpa: '10.0.0.2' } },
  { eth: all, arp: { op: 1, sha: eth.src, spa: '10.0.0.1', tha: eth.dst, tpa: '10.0.0.2' }, pad: true },
  { eth, arp: { op: 2, sha: eth.src, spa: '10.0.0.1', tha: eth.dst, tpa: '10.0.0.2' }, pad: true },
  { eth: all, arp: { op: 2, sha: eth.src, spa: '10.0.0.1', tha: all.dst, tpa: '10.0.0.1' } },
  { eth: { ...all, type: 0x8035 }, arp: { op: 3, sha: eth.src, spa: '0.0.0.0', tha: eth.src, tpa: '0.0.0.0' } },
  { eth: { ...all, type: 0x8035 }, arp: { op: 4, sha: eth.src, spa: '1.2.3.4', tha: eth.src, tpa: '4.3.2.1' } },
  { eth: all, arp: { op: 8, sha: eth.src, spa: '1.2.3.4', tha: eth.dst, tpa: '4.3.2.1' } },
  { eth: all, arp: { op: 9, sha: eth.src, spa: '1.2.3.4', tha: eth.dst, tpa: '4.3.2.1' } },
  { eth: all, arp: { op: 77, sha: eth.src, spa: '1.2.3.4', tha: eth.dst, tpa: '4.3.2.1' } },
  {
    eth: { ...all, type: 0x0806 },
    payload: Uint8Array.of(0, 6, 8, 0, 2, 4, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
  },
  { eth: { ...all, type: 0x0806 }, payload: Uint8Array.of(0, 99, 0x12, 0x34, 6, 4, 0, 1, ...bytes(20)) },
  { eth: { ...all, type: 0x0806 }, payload: Uint8Array.of(0, 1, 8, 0, 0, 4, 0, 2, ...bytes(8)) },
];

const inner = encodeIp4({
  ...ip4,
  ttl: 1,
  id: 9,
  proto: 17,
  payload: encodeUdp({ sport: 40000, dport: 33434, payload: bytes(12) }),
});
const innerTcp = encodeIp4({ ...ip4, proto: 6, payload: bytes(20) });
const longInner = encodeIp4({
  ...ip4,
  proto: 1,
  df: true,
  payload: concat(Uint8Array.of(8, 0, 0, 0, 0, 1, 0, 1), bytes(300)),
});
const icmps: FrameLayers[] = [
  { eth, ip4, icmp: ping, payload: bytes(56) },
  { eth, ip4: { ...ip4, ttl: 1, df: true, tos: 0x10 }, icmp: { type: 0, id: 4660, seq: 65535 }, payload: bytes(56) },
  { eth, ip4: { ...ip4, check: 0x1234, tos: 3 }, icmp: { ...ping, check: 0xbeef }, payload: bytes(8) },
  ...[0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16].map((code) => ({
    eth,
    ip4,
    icmp: { type: 3, code },
    payload: inner,
  })),
  { eth, ip4, icmp: { type: 3, code: 3 }, payload: innerTcp },
  { eth, ip4, icmp: { type: 3, code: 3 }, payload: encodeIp4({ ...ip4, proto: 99, payload: bytes(8) }) },
  { eth, ip4, icmp: { type: 3, code: 4, seq: 1400 }, payload: inner },
  { eth, ip4, icmp: { type: 3, code: 4 }, payload: inner },
  ...[3, 11, 12].map((type) => ({ eth, ip4, icmp: { type, code: 1 }, payload: longInner })),
  ...[0, 1, 2, 3, 4].map((code) => ({ eth, ip4, icmp: { type: 5, code, id: 0x0a00, seq: 0x0063 }, payload: inner })),
  ...[0, 1, 2].map((code) => ({ eth, ip4, icmp: { type: 11, code }, payload: inner })),
  { eth, ip4, icmp: { type: 12, id: 0x1400 }, payload: inner },
  { eth, ip4, icmp: { type: 12, code: 1 }, payload: inner },
  ...[4, 10, 13, 15, 16, 17, 42].map((type) => ({ eth, ip4, icmp: { type, id: 7, seq: 8 }, payload: inner })),
  { eth, ip4, icmp: { type: 14, id: 7, seq: 8 }, payload: Uint8Array.of(0, 1, 2, 3, 0, 2, 3, 4, 4, 5, 6, 7) },
  { eth, ip4, icmp: { type: 18, id: 7, seq: 8 }, payload: Uint8Array.of(255, 255, 255, 0) },
];

const ips: FrameLayers[] = [
  { eth, ip4: { ...ip4, id: 7, mf: true }, icmp: ping, payload: bytes(40) },
  { eth, ip4: { ...ip4, id: 7, mf: true, fragOff: 48, proto: 1 }, payload: bytes(48) },
  { eth, ip4: { ...ip4, id: 7, fragOff: 96, proto: 17 }, payload: bytes(8) },
  { eth, ip4: { ...ip4, id: 7, mf: true }, udp: { sport: 9000, dport: 9001 }, payload: bytes(40) },
  { eth, ip4: { ...ip4, proto: 99 }, payload: bytes(10) },
  { eth, ip4: { ...ip4, proto: 17, totalLen: 60 }, payload: bytes(20) },
  { eth, ip4: { ...ip4, proto: 17, totalLen: 10 }, payload: bytes(20) },
  { eth, ip4: { ...ip4, totalLen: 0 }, udp: { sport: 9000, dport: 9001 }, payload: bytes(20) },
  { eth, ip4: { ...ip4, options: Uint8Array.of(7, 11, 4, 0, 0, 0, 0, 1, 2, 3, 4, 1) }, icmp: ping, payload: bytes(8) },
  { eth, ip4: { ...ip4, options: Uint8Array.of(148, 4, 0, 1, 1, 1, 0, 0) }, icmp: ping },
  { eth, ip4: { ...ip4, options: Uint8Array.of(131, 7, 8, 10, 0, 0, 9, 0) }, icmp: ping },
  { eth, ip4: { ...ip4, options: Uint8Array.of(200, 1, 0, 0) }, icmp: ping },
  { eth, ip4: { ...ip4, options: Uint8Array.of(200, 40, 0, 0) }, icmp: ping },
  { eth, ip4: { ...ip4, proto: 4 }, payload: inner },
  { eth, ip4: { ...ip4, proto: 41 }, payload: encodeIp6({ src: '::1', dst: '2001:db8::1', next: 59 }) },
  { eth: { ...eth, type: 0x0800 }, payload: bytes(30) },
  { eth: { ...eth, type: 0x0800 }, payload: Uint8Array.of(0x65, ...bytes(30)) },
  { eth: { ...eth, type: 0x0800 }, payload: Uint8Array.of(0x44, ...bytes(30)) },
  { eth: { ...eth, type: 0x86dd }, payload: Uint8Array.of(0x44, ...bytes(50)) },
];

const tcp = { sport: 40000, dport: 7777 };
const syn = Uint8Array.of(2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 1, 0, 0, 0, 0, 0, 1, 3, 3, 7);
const back = { src: '10.0.0.2', dst: '10.0.0.1' };
const tcps: FrameLayers[] = [
  { eth, ip4, tcp: { ...tcp, seq: 1000, flags: 0x02, window: 64240, options: syn } },
  { eth, ip4: back, tcp: { sport: 7777, dport: 40000, seq: 5000, ack: 1001, flags: 0x12, options: syn } },
  {
    eth,
    ip4,
    tcp: { ...tcp, seq: 1001, ack: 5001, flags: 0x10, options: Uint8Array.of(1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2) },
  },
  { eth, ip4, tcp: { ...tcp, seq: 1001, ack: 5001, flags: 0x18 }, payload: text },
  {
    eth,
    ip4: back,
    tcp: {
      sport: 7777,
      dport: 40000,
      seq: 5001,
      ack: 1016,
      flags: 0x10,
      options: Uint8Array.of(1, 1, 5, 10, 0, 0, 4, 0, 0, 0, 4, 80),
    },
  },
  { eth, ip4, tcp: { ...tcp, seq: 1016, ack: 5001, flags: 0x11 } },
  { eth, ip4, tcp: { ...tcp, seq: 1017, ack: 5002, flags: 0x14 }, payload: text },
  { eth, ip4, tcp: { ...tcp, flags: 0 } },
  { eth, ip4, tcp: { ...tcp, flags: 0xff, urgent: 3, check: 1 }, payload: bytes(40) },
  { eth, ip4, tcp: { ...tcp, seq: 0xfffffffe, flags: 0x08 }, payload: bytes(5) },
  { eth, ip4, tcp: { ...tcp, flags: 2, options: Uint8Array.of(2, 3, 5, 0) } },
  { eth, ip4, tcp: { ...tcp, flags: 2, options: Uint8Array.of(2, 40, 5, 0) } },
  { eth, ip4, tcp: { ...tcp, flags: 2, options: Uint8Array.of(253, 6, 1, 2, 3, 4, 0, 0) } },
  { eth, ip4, tcp: { ...tcp, flags: 2, options: Uint8Array.of(34, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1) } },
  {
    eth,
    ip4: { ...ip4, proto: 6 },
    payload: Uint8Array.of(0, 1, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0x40, 2, 0, 0, 0, 0, 0, 0),
  },
  {
    eth,
    ip4: { ...ip4, proto: 6 },
    payload: Uint8Array.of(0, 1, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0xf0, 2, 0, 0, 0, 0, 0, 0),
  },
  { eth, ip6, tcp: { ...tcp, seq: 1, flags: 0x12, ack: 7, options: syn } },
  {
    eth,
    ip6: { ...ip6, src: 'fe80::2', dst: 'fe80::1' },
    tcp: { sport: 7777, dport: 40000, seq: 7, ack: 3, flags: 0x10 },
  },
];

const udps: FrameLayers[] = [
  { eth, ip4, udp: { sport: 40000, dport: 9999 }, payload: text },
  { eth, ip4, udp: { sport: 40000, dport: 9999, check: 0 }, payload: bytes(1) },
  { eth, ip4, udp: { sport: 40000, dport: 9999, check: 5 } },
  { eth, ip6, udp: { sport: 40000, dport: 9999 }, payload: bytes(7) },
  { eth, ip6, udp: { sport: 40000, dport: 9999, check: 5 }, payload: bytes(7) },
  { eth, ip4: { ...ip4, proto: 17 }, payload: Uint8Array.of(0, 1, 0, 2, 0, 3, 0, 0, 0) },
  { eth, ip4: { ...ip4, proto: 17 }, payload: Uint8Array.of(0, 1, 0, 2, 0, 99, 0, 0, 0) },
  { eth, ip4: { ...ip4, proto: 17 }, payload: Uint8Array.of(0, 1, 0, 2, 0) },
];

const dhcp = (m: Partial<DhcpMessage>, options: Array<[number, number[]]>, least = 0): Uint8Array => {
  const all = options.map(([code, data]) => ({ code, data: Uint8Array.from(data) }));
  return encodeDhcp({ ...newDhcp(1, 1, 0x1234, Uint8Array.of(2, 0, 0, 0, 0, 2)), ...m, options: all }, least);
};
const chars = (t: string): number[] => Array.from(t, (c) => c.charCodeAt(0));
const dhcps: FrameLayers[] = [
  dhcp(
    {},
    [
      [53, [1]],
      [57, [2, 64]],
      [55, [1, 3, 6, 12, 15, 28, 43, 99]],
      [60, chars('udhcp\x01\xe9')],
      [61, [1, 2, 0, 0, 0, 0, 2]],
    ],
    280,
  ),
  dhcp({ op: 2, yiaddr: 0x0a000064, siaddr: 0x0a000001, giaddr: 0x0a000002, ciaddr: 1, flags: 0x8000, sname: 'zork' }, [
    [53, [5]],
    [54, [10, 0, 0, 1]],
    [51, [0, 1, 81, 128]],
    [6, [10, 0, 0, 1, 10, 0, 0, 2, 7]],
    [121, [24, 10, 1, 2, 10, 0, 0, 1, 0, 10, 0, 0, 1, 33]],
    [33, [10, 0, 0, 0, 10, 0, 0, 1]],
    [2, [255, 255, 255, 0]],
    [19, [0]],
    [20, [7]],
    [46, [8]],
    [52, [3]],
    [53, [99]],
    [61, [0, ...chars('me')]],
    [61, []],
    [61, [77, 1, 2]],
    [81, [5, 0, 1, ...chars('host')]],
    [81, [1]],
    [77, [3, ...chars('abc'), 0]],
    [99, [1, 2, 3]],
    [199, [1, 2, 3, 4]],
    [200, [1, 2]],
    [23, [64, 65]],
  ]),
  dhcp({ op: 9, htype: 6, hlen: 8, hops: 3, secs: 7, xid: 0, file: 'pxe' }, [
    [121, [24, 10, 1]],
    [249, [16, 10, 1, 10, 0]],
    [82, [1, 3, ...chars('abc'), 9, 1, 5, 2, 99, 1]],
    [46, []],
    [1, [1, 2, 3]],
  ]),
  dhcp({}, []).fill(7, 236, 240),
  dhcp({}, [[12, chars('cut')]]).slice(0, 243),
].flatMap((payload) => [{ eth, ip4, udp: { sport: 68, dport: 67 }, payload }]);

const igmp4 = { ...ip4, dst: '224.0.0.22', ttl: 1, options: Uint8Array.of(148, 4, 0, 0) };
const igmps: FrameLayers[] = [
  { eth, ip4: igmp4, igmp: { type: 0x22, records: [{ type: 4, group: '239.1.1.1', sources: [] }] } },
  {
    eth,
    ip4: igmp4,
    igmp: {
      type: 0x22,
      records: [
        { type: 1, group: '239.1.1.1', sources: ['10.0.0.9', '10.0.0.8'] },
        { type: 9, group: '239.1.1.2', sources: [] },
      ],
    },
  },
  { eth, ip4: igmp4, igmp: { type: 0x16, group: '239.1.1.1' } },
  { eth, ip4: igmp4, igmp: { type: 0x12, group: '239.1.1.1' } },
  { eth, ip4: igmp4, igmp: { type: 0x17, group: '239.1.1.1' } },
  { eth, ip4: igmp4, igmp: { type: 0x11, maxResp: 100 } },
  { eth, ip4: igmp4, igmp: { type: 0x11, maxResp: 10, group: '239.1.1.1' } },
  { eth, ip4: igmp4, igmp: { type: 0x11 } },
  { eth, ip4: { ...igmp4, proto: 2 }, payload: Uint8Array.of(0x11, 100, 0, 0, 0, 0, 0, 0, 2, 125, 0, 0) },
  { eth, ip4: { ...igmp4, proto: 2 }, payload: Uint8Array.of(0x11, 50, 0, 0, 239, 1, 1, 1, 2, 125, 0, 1, 10, 0, 0, 1) },
  { eth, ip4: { ...igmp4, proto: 2 }, payload: Uint8Array.of(0x11, 250, 0, 0, 239, 1, 1, 1, 2, 125, 0, 0) },
  { eth, ip4: { ...igmp4, proto: 2 }, payload: Uint8Array.of(0x55, 50, 0, 0, 239, 1, 1, 1) },
];

const inner6 = encodeIp6({
  src: 'fe80::1',
  dst: '2001:db8::9',
  next: 17,
  payload: encodeUdp({ sport: 5, dport: 6, payload: bytes(4) }),
});
const ra = Uint8Array.of(
  3,
  4,
  64,
  0xc0,
  0,
  1,
  0x51,
  0x80,
  0,
  0,
  0x38,
  0x40,
  0,
  0,
  0,
  0,
  0x20,
  1,
  0x0d,
  0xb8,
  ...new Uint8Array(12),
);
const mldRecord = Uint8Array.of(4, 0, 0, 0, 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 7);
const mldSources = Uint8Array.of(1, 0, 0, 1, 0xff, 5, ...new Uint8Array(14), 0xfe, 0x80, ...new Uint8Array(14));
const group = Uint8Array.of(0xff, 2, ...new Uint8Array(13), 9);
const routerAlert = encodeIp6Options(58, Uint8Array.of(5, 2, 0, 0));
const hop = { next: 0, ext: routerAlert };
const icmp6s: FrameLayers[] = [
  { eth, ip6, icmp6: { type: 128, id: 3, seq: 4 }, payload: bytes(56) },
  {
    eth,
    ip6: { ...ip6, tclass: 0x20, flow: 0xabcde },
    icmp6: { type: 129, id: 3, seq: 4, check: 77 },
    payload: bytes(56),
  },
  { eth, ip6: { ...ip6, dst: 'ff02::1:ff00:2' }, nd: { type: 135, target: 'fe80::2', lladdr: eth.src } },
  { eth, ip6: { ...ip6, src: '::', dst: 'ff02::1:ff00:2' }, nd: { type: 135, target: 'fe80::2' } },
  {
    eth,
    ip6: { ...ip6, src: '::', dst: 'ff02::1:ff00:2' },
    icmp6: { type: 135 },
    payload: concat(group, Uint8Array.of(14, 1, 1, 2, 3, 4, 5, 6)),
  },
  { eth, ip6, nd: { type: 136, target: 'fe80::2', lladdr: eth.src, solicited: true, override: true } },
  { eth, ip6, nd: { type: 136, target: 'fe80::2', router: true } },
  { eth, ip6, nd: { type: 136, target: 'fe80::2' } },
  { eth, ip6: { ...ip6, dst: 'ff02::2' }, icmp6: { type: 133 } },
  { eth, ip6: { ...ip6, dst: 'ff02::2' }, icmp6: { type: 133 }, payload: Uint8Array.of(1, 1, 2, 0, 0, 0, 0, 1) },
  {
    eth,
    ip6,
    icmp6: { type: 134, id: 0x4088, seq: 1800 },
    payload: concat(bytes(8), ra, Uint8Array.of(5, 1, 0, 0, 0, 0, 5, 0xdc, 1, 1, 2, 0, 0, 0, 0, 1)),
  },
  {
    eth,
    ip6,
    icmp6: { type: 134, id: 0x40c0, seq: 0 },
    payload: concat(bytes(8), Uint8Array.of(1, 0, 2, 0, 0, 0, 0, 1)),
  },
  { eth, ip6, icmp6: { type: 137 }, payload: concat(group, group, Uint8Array.of(4, 1, 1, 2, 3, 4, 5, 6)) },
  ...[0, 1, 2, 3, 4, 5].map((code) => ({ eth, ip6, icmp6: { type: 1, code }, payload: inner6 })),
  { eth, ip6, icmp6: { type: 2, seq: 1280 }, payload: inner6 },
  ...[0, 1, 2].map((code) => ({ eth, ip6, icmp6: { type: 3, code }, payload: inner6 })),
  ...[0, 1, 2, 3].map((code) => ({ eth, ip6, icmp6: { type: 4, code, seq: 40 }, payload: inner6 })),
  { eth, ip6: { ...ip6, ...hop, dst: 'ff02::16', hopLimit: 1 }, icmp6: { type: 143, seq: 1 }, payload: mldRecord },
  {
    eth,
    ip6: { ...ip6, ...hop, dst: 'ff02::16', hopLimit: 1 },
    icmp6: { type: 143, seq: 2 },
    payload: concat(mldRecord, mldSources),
  },
  { eth, ip6: { ...ip6, ...hop, hopLimit: 1 }, icmp6: { type: 130, id: 1000 }, payload: group },
  {
    eth,
    ip6: { ...ip6, ...hop, hopLimit: 1 },
    icmp6: { type: 130, id: 10000 },
    payload: concat(new Uint8Array(16), Uint8Array.of(2, 125, 0, 0)),
  },
  {
    eth,
    ip6: { ...ip6, ...hop, hopLimit: 1 },
    icmp6: { type: 130, id: 10000 },
    payload: concat(group, Uint8Array.of(10, 25, 0, 1), group),
  },
  { eth, ip6: { ...ip6, ...hop, hopLimit: 1 }, icmp6: { type: 131 }, payload: group },
  { eth, ip6: { ...ip6, ...hop, hopLimit: 1 }, icmp6: { type: 132 }, payload: group },
  { eth, ip6, icmp6: { type: 200, id: 1, seq: 2 }, payload: bytes(20) },
];

const ip6s: FrameLayers[] = [
  {
    eth,
    ip6: { ...ip6, next: 44, ext: encodeIp6Frag({ next: 17, fragOff: 0, mf: true, id: 99 }) },
    udp: { sport: 9, dport: 9999 },
    payload: bytes(16),
  },
  {
    eth,
    ip6: { ...ip6, next: 44, ext: encodeIp6Frag({ next: 17, fragOff: 1448, mf: false, id: 99 }) },
    payload: bytes(16),
  },
  { eth, ip6: { ...ip6, next: 59 } },
  { eth, ip6: { ...ip6, next: 60, ext: encodeIp6Options(59, Uint8Array.of(1, 2, 0, 0)) } },
  {
    eth,
    ip6: { ...ip6, next: 60, ext: encodeIp6Options(17, Uint8Array.of(0, 0, 0x33, 1, 5)) },
    udp: { sport: 9, dport: 9999 },
  },
  { eth, ip6: { ...ip6, next: 99 }, payload: bytes(12) },
  { eth, ip6: { ...ip6, payloadLen: 100 }, icmp6: { type: 128, id: 3, seq: 4 }, payload: bytes(8) },
];

const bpdu = Uint8Array.of(
  0x42,
  0x42,
  3,
  0,
  0,
  0,
  0,
  0x81,
  0x80,
  0,
  2,
  0,
  0,
  0,
  0,
  1,
  0,
  0,
  0,
  100,
  0x80,
  0,
  2,
  0,
  0,
  0,
  0,
  2,
  0x80,
  1,
  1,
  0,
  20,
  0,
  2,
  0,
  15,
  0,
);
const rstp = bpdu.slice();
rstp.set([2, 2, 0x7c], 5);
const stp = { dst: '01:80:c2:00:00:00', src: eth.src };
const others: FrameLayers[] = [
  { eth: stp, payload: bpdu },
  { eth: stp, payload: bpdu, pad: true },
  { eth: stp, payload: concat(rstp, Uint8Array.of(0)) },
  { eth: stp, payload: Uint8Array.of(0x42, 0x42, 3, 0, 0, 0, 0x80), pad: true },
  { eth, payload: Uint8Array.of(0xaa, 0xaa, 3, 0, 0, 0, 8, 0, ...inner) },
  { eth, payload: Uint8Array.of(0xaa, 0xaa, 3, 0, 0, 0, 0x12, 0x34, ...bytes(9)) },
  { eth, payload: Uint8Array.of(0xaa, 0xaa, 3, 8, 9, 10, 0x12, 0x34, ...bytes(9)) },
  { eth, payload: Uint8Array.of(0x06, 0x08, 0x13, ...bytes(9)) },
  { eth, payload: Uint8Array.of(0x10, 0x11, 0xe3, ...bytes(9)) },
  { eth, payload: Uint8Array.of(0x10, 0x10, 0x01, 0x04, ...bytes(9)) },
  { eth, payload: Uint8Array.of(0x10, 0x11, 0x04, 0x05, ...bytes(9)) },
  { eth: { ...eth, type: 0x88b5 }, payload: text },
  { eth: { ...eth, type: 0x1234 }, payload: bytes(46) },
  { eth: { ...eth, src: '00:00:0c:01:02:03', type: 0x6007 }, payload: bytes(3) },
  { eth, vlan: [{ vid: 5 }], ip4, icmp: ping, payload: bytes(8) },
  {
    eth,
    vlan: [{ vid: 5, prio: 3, dei: true }, { vid: 6 }],
    arp: { op: 1, sha: eth.src, spa: '10.0.0.1', tpa: '10.0.0.2' },
  },
  { eth, vlan: [{ vid: 5, tpid: 0x88a8 }], ip6, icmp6: { type: 128, id: 3, seq: 4 } },
  { eth: { ...eth, type: 0x88b5 }, vlan: [{ vid: 7 }], payload: bytes(5) },
  { eth: stp, vlan: [{ vid: 7 }], payload: bpdu },
];

export const corpus: Uint8Array[] = [arps, icmps, ips, tcps, udps, dhcps, igmps, icmp6s, ip6s, others]
  .flat()
  .map(frame);
