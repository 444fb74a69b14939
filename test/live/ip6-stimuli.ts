// What the live comparison of IPv6 gives to a host: a setup, and frames by name. The host has e0 (fd00:1::1, fe80::1) and e1
// (fd00:2::1, MTU 1280) and forwards; behind them is `out`, where nothing answers by itself. 02:..:02 is the neighbour at e0.

import { concat, setU16 } from '../../src/wire/bytes.ts';
import { ETH_P_IPV6, encodeEth } from '../../src/wire/ethernet.ts';
import { type FrameLayers, frame } from '../../src/wire/frame.ts';
import { encodeIp6, encodeIp6Frag, encodeIp6Options } from '../../src/wire/ip6.ts';

export const SETUP = `
ip netns add host; ip netns add out
ip link add e0 address 02:00:00:00:00:01 netns host type veth peer name x0 address 02:00:00:00:00:02 netns out
ip link add e1 address 02:00:00:00:01:01 netns host type veth peer name x1 address 02:00:00:00:01:02 netns out
ip netns exec out sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.x0.disable_ipv6=1 net.ipv6.conf.x1.disable_ipv6=1
ip netns exec host sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv6.conf.e0.router_solicitations=0 net.ipv6.conf.e1.router_solicitations=0 net.ipv6.icmp.ratelimit=0
ip netns exec host sysctl -qw net.ipv6.conf.e0.addr_gen_mode=1 net.ipv6.conf.e1.addr_gen_mode=1
ip -n host link set lo up
ip -n out link set x0 up; ip -n out link set x1 up
ip -n host link set e0 up; ip -n host link set e1 mtu 1280 up
ip -n host addr add fd00:1::1/64 dev e0 nodad; ip -n host addr add fe80::1/64 dev e0 nodad
ip -n host addr add fd00:2::1/64 dev e1 nodad; ip -n host addr add fe80::1/64 dev e1 nodad
ip -n host neigh add fd00:1::2 lladdr 02:00:00:00:00:02 dev e0 nud permanent
ip -n host neigh add fe80::2 lladdr 02:00:00:00:00:02 dev e0 nud permanent
ip -n host neigh add fd00:2::2 lladdr 02:00:00:00:01:02 dev e1 nud permanent
ip -n host neigh add fd00:1::7 lladdr 02:00:00:00:00:07 dev e0 nud permanent
ip -n host route add unreachable fd00:aa::/64
ip -n host route add prohibit fd00:ab::/64
ip -n host route add blackhole fd00:ac::/64
ip -n host route add throw fd00:ad::/64
ip -n host route add fd00:3::/64 via fd00:2::2
sleep 6
`;

export interface Stimulus {
  name: string;
  dev: string;
  frames: Uint8Array[];
  /** How long to listen, in seconds; else until it is quiet. */
  waitS?: number;
}

/** A command instead of frames: what it prints is compared. */
export interface Question {
  name: string;
  sh: string;
}

const eth = { dst: '02:00:00:00:00:01', src: '02:00:00:00:00:02' };
const group = { dst: '33:33:00:00:00:01', src: '02:00:00:00:00:02' };
const solicited = { dst: '33:33:ff:00:00:01', src: '02:00:00:00:00:02' };
const ip = { src: 'fd00:1::2', dst: 'fd00:1::1' };
const echo = { type: 128, id: 7, seq: 1 };
const bytes = (n: number): Uint8Array => Uint8Array.from({ length: n }, (_, i) => i & 255);
const body = bytes(16);

function one(name: string, f: FrameLayers, dev = 'x0'): Stimulus {
  return { name, dev, frames: [frame(f)] };
}

/** An echo request behind extension headers. */
function behind(name: string, next: number, ext: Uint8Array, to = ip.dst): Stimulus {
  return one(name, { eth, ip6: { ...ip, dst: to, next, ext }, icmp6: echo, payload: body });
}

/** Edits the bytes of a frame. */
function bent(name: string, f: FrameLayers, edit: (b: Uint8Array) => void): Stimulus {
  const b = frame(f);
  edit(b);
  return { name, dev: 'x0', frames: [b] };
}

const options = (...list: number[]): Uint8Array => encodeIp6Options(58, Uint8Array.from(list));
const plain: FrameLayers = { eth, ip6: ip, icmp6: echo, payload: body };

/** The pieces of an echo request with `size` bytes behind its header, at these (offset, length, more). */
function pieces(id: number, cuts: Array<[number, number, boolean]>, size = 96): Uint8Array[] {
  const whole = frame({ eth, ip6: ip, icmp6: echo, payload: bytes(size) }).slice(54);
  return cuts.map(([at, len, mf]) => {
    const fh = encodeIp6Frag({ next: 58, fragOff: at, mf, id });
    const payload = concat(fh, whole.slice(at, at + len));
    return encodeEth({ ...eth, type: ETH_P_IPV6, payload: encodeIp6({ ...ip, next: 44, payload }) });
  });
}

const routing = (type: number, left: number): Uint8Array => {
  const b = new Uint8Array(24);
  b.set([58, 2, type, left]);
  return b;
};
const nd = { type: 135, target: 'fd00:1::1' };
const hops = { hopLimit: 255 };

/** Counters, before the first frame and after the last: what is compared is by how much they grew. */
export const COUNTERS = 'counters';

export const STIMULI: Array<Stimulus | Question> = [
  { name: COUNTERS, sh: 'ip netns exec host cat /proc/net/snmp6' },
  one('echo', plain),
  one('echo, traffic class', { ...plain, ip6: { ...ip, tclass: 0xb8, flow: 0x12345 } }),
  one('echo to link-local', { ...plain, ip6: { src: 'fe80::2', dst: 'fe80::1' } }),
  one('echo, global to link-local', { ...plain, ip6: { src: 'fd00:1::2', dst: 'fe80::1' } }),
  one('echo to the other device', { ...plain, ip6: { ...ip, dst: 'fd00:2::1' } }),
  one('echo to all nodes', { ...plain, eth: group, ip6: { ...ip, dst: 'ff02::1' } }),
  one('echo to all routers', { ...plain, eth: { ...group, dst: '33:33:00:00:00:02' }, ip6: { ...ip, dst: 'ff02::2' } }),
  one('echo to a group nobody is in', {
    ...plain,
    eth: { ...group, dst: '33:33:00:00:00:99' },
    ip6: { ...ip, dst: 'ff02::99' },
  }),
  one('echo to the subnet anycast address', { ...plain, ip6: { ...ip, dst: 'fd00:1::' } }),
  one('echo, unicast in a broadcast frame', { ...plain, eth: { ...eth, dst: 'ff:ff:ff:ff:ff:ff' } }),
  one('echo, code 1', { ...plain, icmp6: { ...echo, code: 1 } }),
  bent('echo, checksum wrong', plain, (b) => void (b[60] ^= 1)),
  one('echo from ::', { ...plain, ip6: { ...ip, src: '::' } }),
  one('extended echo request', { ...plain, icmp6: { ...echo, type: 160 } }),
  one('informational type 200', { ...plain, icmp6: { ...echo, type: 200 } }),
  one('from a group', { ...plain, ip6: { ...ip, src: 'ff02::5' } }),
  one('from ::1', { ...plain, ip6: { ...ip, src: '::1' } }),
  one('to ::1', { ...plain, ip6: { ...ip, dst: '::1' } }),
  one('to a group of scope 1', { ...plain, eth: group, ip6: { ...ip, dst: 'ff01::1' } }),
  one('to a group of scope 0', { ...plain, eth: group, ip6: { ...ip, dst: 'ff00::1' } }),
  bent('version 5', plain, (b) => void (b[14] = 0x50)),
  bent('payload length too long', plain, (b) => setU16(b, 18, 200)),
  one('no next header', { eth, ip6: { ...ip, next: 59 } }),
  one('unknown protocol', { eth, ip6: { ...ip, next: 200 }, payload: body }),
  one('unknown protocol to a group', { eth: group, ip6: { ...ip, dst: 'ff02::1', next: 200 }, payload: body }),
  one('UDP, closed port', { eth, ip6: ip, udp: { sport: 5, dport: 6 }, payload: body }),
  one('UDP, closed port, long', { eth, ip6: ip, udp: { sport: 5, dport: 6 }, payload: bytes(1300) }),
  one('UDP, closed port, group', {
    eth: group,
    ip6: { ...ip, dst: 'ff02::1' },
    udp: { sport: 5, dport: 6 },
    payload: body,
  }),
  bent('UDP without a checksum', { eth, ip6: ip, udp: { sport: 5, dport: 6 }, payload: body }, (b) => setU16(b, 60, 0)),
  one('error about an error', { eth, ip6: { ...ip, next: 200 }, payload: body }),
  one('forwarded', { ...plain, ip6: { ...ip, dst: 'fd00:2::2' } }),
  one('forwarded by a gateway', { ...plain, ip6: { ...ip, dst: 'fd00:3::5' } }),
  one('hop limit 1', { ...plain, ip6: { ...ip, dst: 'fd00:2::2', hopLimit: 1 } }),
  one('hop limit 2', { ...plain, ip6: { ...ip, dst: 'fd00:2::2', hopLimit: 2 } }),
  one('too big', { ...plain, ip6: { ...ip, dst: 'fd00:2::2' }, payload: bytes(1400) }),
  one('no route', { ...plain, ip6: { ...ip, dst: 'fd00:ff::1' } }),
  one('unreachable', { ...plain, ip6: { ...ip, dst: 'fd00:aa::1' } }),
  one('prohibit', { ...plain, ip6: { ...ip, dst: 'fd00:ab::1' } }),
  one('blackhole', { ...plain, ip6: { ...ip, dst: 'fd00:ac::1' } }),
  one('throw', { ...plain, ip6: { ...ip, dst: 'fd00:ad::1' } }),
  one('link-local source, forwarded', { ...plain, ip6: { src: 'fe80::2', dst: 'fd00:2::2' } }),
  one('unspecified source, forwarded', { ...plain, ip6: { src: '::', dst: 'fd00:2::2' } }),
  one('back the way it came', { ...plain, ip6: { ...ip, dst: 'fd00:1::7' } }),
  behind('destination options', 60, options(5, 2, 0, 0)),
  behind('destination option 0x1e: skip', 60, options(0x1e, 2, 0, 0)),
  behind('destination option 0x5e: discard', 60, options(0x5e, 2, 0, 0)),
  behind('destination option 0x9e: tell', 60, options(0x9e, 2, 0, 0)),
  behind('destination option 0xde: tell unless a group', 60, options(0xde, 2, 0, 0)),
  behind('too much padding', 60, Uint8Array.from([58, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])),
  behind('padding that is not zero', 60, Uint8Array.from([58, 0, 1, 4, 0, 9, 0, 0])),
  behind('option runs over the end', 60, Uint8Array.from([58, 0, 0x1e, 9, 0, 0, 0, 0])),
  behind('nine options', 60, encodeIp6Options(58, Uint8Array.from(Array(9).fill([0x1e, 0]).flat()))),
  behind('hop-by-hop', 0, options(1, 2, 0, 0)),
  behind('hop-by-hop, router alert', 0, options(5, 2, 0, 0)),
  behind('hop-by-hop, bad router alert', 0, options(5, 1, 0, 0)),
  behind('hop-by-hop 0x9e', 0, options(0x9e, 2, 0, 0)),
  behind('hop-by-hop 0x9e, forwarded', 0, options(0x9e, 2, 0, 0), 'fd00:2::2'),
  behind('hop-by-hop 0x1e, forwarded', 0, options(0x1e, 2, 0, 0), 'fd00:2::2'),
  behind('router alert, forwarded', 0, options(5, 2, 0, 0), 'fd00:2::2'),
  behind('jumbo that is none', 0, options(0xc2, 4, 0, 0, 1, 0)),
  behind(
    'hop-by-hop after destination options',
    60,
    concat(encodeIp6Options(0, Uint8Array.of(1, 2, 0, 0)), options(1, 2, 0, 0)),
  ),
  behind('routing type 0, finished', 43, routing(0, 0)),
  behind('routing type 0', 43, routing(0, 1)),
  behind('routing type 4', 43, routing(4, 0)),
  behind('routing type 9', 43, routing(9, 1)),
  {
    name: 'fragments',
    dev: 'x0',
    frames: pieces(1, [
      [0, 56, true],
      [56, 48, false],
    ]),
  },
  {
    name: 'fragments, the last first',
    dev: 'x0',
    frames: pieces(2, [
      [56, 48, false],
      [0, 56, true],
    ]),
  },
  {
    name: 'fragments that overlap',
    dev: 'x0',
    frames: pieces(3, [
      [0, 56, true],
      [48, 56, false],
    ]),
  },
  {
    name: 'a fragment twice',
    dev: 'x0',
    frames: pieces(4, [
      [0, 56, true],
      [0, 56, true],
      [56, 48, false],
    ]),
  },
  { name: 'a fragment of odd length', dev: 'x0', frames: pieces(5, [[0, 50, true]]) },
  { name: 'atomic fragment', dev: 'x0', frames: pieces(6, [[0, 104, false]]) },
  {
    name: 'fragment past the end',
    dev: 'x0',
    frames: pieces(
      7,
      [[65528, 104, false]].map(([a, l]) => [a, l, false] as [number, number, boolean]),
    ),
  },
  { name: 'first fragment without its header', dev: 'x0', frames: pieces(8, [[0, 0, true]]) },
  one('NS, multicast', {
    eth: solicited,
    ip6: { ...ip, ...hops, dst: 'ff02::1:ff00:1' },
    nd: { ...nd, lladdr: eth.src },
  }),
  one('NS, unicast', { eth, ip6: { ...ip, ...hops }, nd: { ...nd, lladdr: eth.src } }),
  one('NS, unicast without option', { eth, ip6: { ...ip, ...hops }, nd }),
  one('NS from a stranger', {
    eth: { ...solicited, src: '02:00:00:00:00:33' },
    ip6: { src: 'fd00:1::33', dst: 'ff02::1:ff00:1', ...hops },
    nd: { ...nd, lladdr: '02:00:00:00:00:33' },
  }),
  one('NS from a stranger without option', {
    eth: { ...solicited, src: '02:00:00:00:00:34' },
    ip6: { src: 'fd00:1::34', dst: 'ff02::1:ff00:1', ...hops },
    nd,
  }),
  one('NS, hop limit 254', {
    eth: solicited,
    ip6: { ...ip, hopLimit: 254, dst: 'ff02::1:ff00:1' },
    nd: { ...nd, lladdr: eth.src },
  }),
  one('NS, target a group', {
    eth: solicited,
    ip6: { ...ip, ...hops, dst: 'ff02::1:ff00:1' },
    nd: { type: 135, target: 'ff02::1', lladdr: eth.src },
  }),
  one('NS, target not ours', {
    eth: solicited,
    ip6: { ...ip, ...hops, dst: 'ff02::1:ff00:1' },
    nd: { type: 135, target: 'fd00:1::44', lladdr: eth.src },
  }),
  one('NS, duplicate address detection', { eth: solicited, ip6: { src: '::', dst: 'ff02::1:ff00:1', ...hops }, nd }),
  one('NS, detection with an option', {
    eth: solicited,
    ip6: { src: '::', dst: 'ff02::1:ff00:1', ...hops },
    nd: { ...nd, lladdr: eth.src },
  }),
  one('NS, detection to a unicast address', { eth, ip6: { src: '::', dst: 'fd00:1::1', ...hops }, nd }),
  bent(
    'NS, option of length 0',
    { eth: solicited, ip6: { ...ip, ...hops, dst: 'ff02::1:ff00:1' }, nd: { ...nd, lladdr: eth.src } },
    (b) => void (b[14 + 40 + 25] = 0),
  ),
  one('NA from a stranger', {
    eth,
    ip6: { src: 'fd00:1::55', dst: 'fd00:1::1', ...hops },
    nd: { type: 136, target: 'fd00:1::55', lladdr: '02:00:00:00:00:55', override: true },
  }),
  one('NA that moves a stranger', {
    eth,
    ip6: { src: 'fd00:1::33', dst: 'fd00:1::1', ...hops },
    nd: { type: 136, target: 'fd00:1::33', lladdr: '02:00:00:00:00:35', override: true },
  }),
  one('NA of our own address', {
    eth,
    ip6: { src: 'fd00:1::2', dst: 'fd00:1::1', ...hops },
    nd: { type: 136, target: 'fd00:1::1', lladdr: eth.src, override: true },
  }),
  one('RS', {
    eth: { ...eth, src: '02:00:00:00:00:66' },
    ip6: { src: 'fe80::66', dst: 'ff02::2', ...hops },
    icmp6: { type: 133 },
    payload: Uint8Array.of(1, 1, 2, 0, 0, 0, 0, 0x66),
  }),
  one('error for nobody', { eth, ip6: ip, icmp6: { type: 1, code: 4 }, payload: frame(plain).slice(14) }),
  one('error too short', { eth, ip6: ip, icmp6: { type: 1, code: 4 }, payload: bytes(20) }),
  {
    ...one('NS for the subnet anycast address', {
      eth: { ...solicited, dst: '33:33:ff:00:00:00' },
      ip6: { ...ip, ...hops, dst: 'ff02::1:ff00:0' },
      nd: { type: 135, target: 'fd00:1::', lladdr: eth.src },
    }),
    waitS: 2,
  },
  { ...one('no such neighbour', { ...plain, ip6: { ...ip, dst: 'fd00:2::99' } }), waitS: 4 },
  { ...one('to link-local of another', { ...plain, ip6: { src: 'fe80::2', dst: 'fe80::77' } }), waitS: 4 },
  { name: 'neighbours', sh: 'ip -n host -6 neigh show nud all | grep -v NOARP | sort' },
  { name: COUNTERS, sh: 'ip netns exec host cat /proc/net/snmp6' },
];
