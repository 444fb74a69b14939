// Labs that are no chance: one for each part of what macvlan has to do when it sends and receives. All pairs of modes, plain
// and behind a switch that reflects, every kind of frame; filters, queues, source lists, fragments, and the traps. As in
// storms both kernels get the same requests and the same frames, and must agree on all that can be seen.
//
// The stage: host/h0 is the lowerdev, sw/br0 the switch (it learns nothing), x/x0 an outsider; a/m0 and b/m1 the macvlans.

import { inetChecksum } from '../../src/wire/checksum.ts';
import type { FrameSpec, Lab, LinkFlag, MacvlanWords, Op } from './lab.ts';
import { hex } from './text.ts';

export const MODES = { private: 1, vepa: 2, bridge: 4, source: 16 } as const;
const PASSTHRU = 8;
const NOPROMISC = 1;
const NODST = 2;
type Mode = keyof typeof MODES;
const FOUR = Object.keys(MODES) as Mode[];

const H0 = '02:00:00:00:00:f0';
const X0 = '02:00:00:00:00:e0';
const A = '02:00:00:00:00:0a';
const B = '02:00:00:00:00:0b';
const UNKNOWN = '02:00:00:00:00:77';
const ALL = 'ff:ff:ff:ff:ff:ff';
const GROUP = '01:00:5e:00:00:05';
const OTHER = '01:00:5e:00:00:06';
const PLAIN = '88b5';
const PAUSE = '8808';

const up = (dev: string, on = true): Op => ({ do: 'flag', dev, flag: 'up', on });
const flag = (dev: string, which: LinkFlag, on = true): Op => ({ do: 'flag', dev, flag: which, on });
const send = (dev: string, dst: string, more: Partial<FrameSpec> = {}): Op => ({
  do: 'send',
  dev,
  frames: [{ dst, src: null, rest: PLAIN, length: 60, ...more }],
});
const change = (dev: string, data: MacvlanWords): Op => ({ do: 'change', dev, data });
const join = (dev: string, mac: string, on = true): Op => ({ do: 'group', dev, join: on, mac });
const sources = (dev: string, how: 'add' | 'del' | 'set' | 'flush', ...macs: string[]): Op => ({
  do: 'sources',
  dev,
  how,
  macs,
});
const macvlan = (
  dev: string,
  ns: string,
  mac: string,
  data: MacvlanWords,
  more: { mtu?: number; sources?: string[] } = {},
): Op => ({
  do: 'macvlan',
  dev,
  ns,
  on: 'h0',
  mac,
  data,
  ...more,
});

function stage(hairpin: boolean): Op[] {
  return [
    { do: 'veth', dev: 'h0', ns: 'host', mac: H0, peer: 's0', peerNs: 'sw', peerMac: '02:00:00:00:d1:00' },
    { do: 'veth', dev: 'x0', ns: 'x', mac: X0, peer: 's1', peerNs: 'sw', peerMac: '02:00:00:00:d1:01' },
    { do: 'bridge', dev: 'br0', ns: 'sw', mac: '02:00:00:00:b0:0b' },
    ...['s0', 's1'].flatMap((dev): Op[] => [
      { do: 'master', dev, master: 'br0' },
      { do: 'port', dev, word: 'learning', on: false },
    ]),
    ...(hairpin ? [{ do: 'port', dev: 's0', word: 'hairpin', on: true } as Op] : []),
    ...['h0', 's0', 'x0', 's1', 'br0'].map((dev) => up(dev)),
  ];
}

/** Two macvlans that are up and have joined a group. */
const two = (data: MacvlanWords): Op[] => [
  macvlan('m0', 'a', A, data),
  macvlan('m1', 'b', B, data),
  up('m0'),
  up('m1'),
  join('m0', GROUP),
  join('m1', GROUP),
];

/** What one sends: to the other, to itself, to all, to a group that is joined and to one that is not, and a PAUSE frame. */
const everything = (dev: string, to: string, own: string): Op[] => [
  send(dev, to),
  send(dev, own),
  send(dev, UNKNOWN),
  send(dev, ALL),
  send(dev, GROUP),
  send(dev, OTHER),
  send(dev, ALL, { rest: PAUSE }),
];

/** Who hears whom among two of the four modes. */
function pairs(): Op[] {
  const ops = two({ mode: MODES.private });
  for (const from of FOUR) {
    ops.push(change('m0', { mode: MODES[from] }));
    for (const to of FOUR) ops.push(change('m1', { mode: MODES[to] }), ...everything('m0', B, A));
  }
  // A source macvlan that lists its sibling.
  return [...ops, change('m1', { mode: MODES.source }), sources('m1', 'add', A), ...everything('m0', B, A)];
}

/** From outside, from the host, and from somebody who forges the macvlan's address. */
const strangers = (own: string): Op[] => [
  ...everything('x0', own, H0),
  ...everything('h0', own, X0),
  ...[ALL, GROUP, own, UNKNOWN].map((dst) => send('x0', dst, { src: own })),
  send('x0', own, { src: H0 }),
];

function outside(): Op[] {
  const ops = two({ mode: MODES.private });
  for (const mode of FOUR)
    ops.push(change('m0', { mode: MODES[mode] }), ...strangers(A), send('m0', H0), send('m0', X0));
  return [...ops, sources('m0', 'set', X0, H0), ...strangers(A)];
}

function passthru(flags: number): Op[] {
  const made = macvlan('m0', 'a', A, { mode: PASSTHRU, flags });
  return [
    made,
    // Never up: unicast is lost to the host already.
    ...everything('x0', H0, X0),
    up('m0'),
    join('m0', GROUP),
    ...strangers(H0),
    ...everything('m0', X0, H0),
    send('m0', UNKNOWN, { src: A }),
    flag('m0', 'allmulticast'),
    flag('m0', 'promisc'),
    change('m0', { flags: flags ^ NOPROMISC }),
    ...everything('x0', H0, UNKNOWN),
    up('m0', false),
    ...everything('x0', H0, UNKNOWN),
    change('m0', { flags }),
    { do: 'mac', dev: 'm0', mac: A },
    { do: 'mac', dev: 'h0', mac: B },
    up('m0'),
    ...everything('x0', B, A),
    macvlan('m1', 'b', A, { mode: MODES.bridge }),
    change('m0', { mode: MODES.vepa }),
    { do: 'delete', dev: 'm0' },
    ...everything('x0', B, H0),
  ];
}

/** What is sent where it cannot go: too long, no carrier, a sibling that is down, a forged sender. */
function transmit(): Op[] {
  return [
    ...two({ mode: MODES.bridge }),
    // 1500 + 14 + 4 is the most that the lowerdev forwards, whatever the receiver's MTU; floods ask the receiver's.
    ...[1514, 1518, 1519].flatMap((length) => [send('m0', B, { length }), send('m0', ALL, { length })]),
    { do: 'mtu', dev: 'm1', mtu: 1000 },
    ...[1014, 1018, 1019, 1418].flatMap((length) => [send('m0', B, { length }), send('m0', ALL, { length })]),
    send('m0', B, { src: UNKNOWN }),
    send('m0', ALL, { src: B }),
    send('m0', ALL, { src: H0 }),
    // Its own broadcast and multicast, with the tag of a VLAN and without a payload.
    send('m0', B, { rest: `81000005${PLAIN}` }),
    send('m0', ALL, { rest: `81000005${PLAIN}` }),
    send('m0', B, { length: 14 }),
    send('m0', B, { length: 13 }),
    // A sibling that is down is unknown: the wire has it.
    up('m1', false),
    send('m0', B),
    send('m0', ALL),
    up('m1'),
    // No carrier: nothing is seen, and the sender is told that all is well.
    up('s0', false),
    ...everything('m0', B, A),
    up('s0'),
    // The lowerdev is down.
    up('h0', false),
    ...everything('m0', B, A),
    up('h0'),
    ...everything('m0', B, A),
    // The sender is down.
    up('m0', false),
    send('m0', B),
    flag('m1', 'multicast', false),
    send('h0', GROUP),
    send('x0', GROUP),
  ];
}

/** Joined and left, promiscuous and not: what a macvlan lets through, and when that changes. */
function filters(): Op[] {
  const both = [GROUP, OTHER, '33:33:00:00:00:06', ALL, UNKNOWN].flatMap((dst) => [send('x0', dst), send('m1', dst)]);
  return [
    macvlan('m0', 'a', A, { mode: MODES.bridge }),
    macvlan('m1', 'b', B, { mode: MODES.bridge }),
    up('m0'),
    up('m1'),
    ...both,
    join('m0', GROUP),
    ...both,
    // A group that was left passes until the filter is made again.
    join('m0', GROUP, false),
    ...both,
    join('m0', OTHER),
    ...both,
    join('m0', OTHER, false),
    ...both,
    flag('m0', 'allmulticast'),
    ...both,
    flag('m0', 'allmulticast', false),
    flag('m0', 'promisc'),
    ...both,
    flag('m0', 'promisc', false),
    ...both,
    up('m0', false),
    flag('m0', 'allmulticast'),
    ...both,
    up('m0'),
    ...both,
    { do: 'fdb', dev: 'm0', add: true, mac: GROUP, to: 'self', static: false },
    { do: 'fdb', dev: 'm0', add: true, mac: UNKNOWN, to: 'self', static: false },
    ...both,
  ];
}

/** The broadcast queue: no room at all, cutoffs, and what several siblings ask for. */
function queue(): Op[] {
  const both = [ALL, GROUP, OTHER].flatMap((dst) => [send('x0', dst), send('m1', dst), send('h0', dst)]);
  const ops = two({ mode: MODES.bridge, bcqueuelen: 0 });
  for (const bccutoff of [1, -1, 0, 1, 2]) ops.push(change('m1', { bccutoff }), ...both);
  ops.push(
    change('m0', { bcqueuelen: 7 }),
    ...both,
    change('m1', { bcqueuelen: 3 }),
    ...both,
    join('m1', GROUP, false),
  );
  for (const bccutoff of [-1, 1]) ops.push(change('m0', { bccutoff }), ...both);
  return [...ops, { do: 'delete', dev: 'm0' }, ...both, change('m1', { bcqueuelen: 4294967295 }), ...both];
}

/** Lists of senders: several listeners, NODST up and down, groups that nobody joined. */
function lists(): Op[] {
  const heard = [A, B, H0, ALL, GROUP, UNKNOWN].flatMap((dst) => [send('x0', dst), send('x0', dst, { src: UNKNOWN })]);
  return [
    macvlan('m0', 'a', A, { mode: MODES.source }, { sources: [X0] }),
    macvlan('m1', 'b', B, { mode: MODES.source }, { sources: [X0, UNKNOWN] }),
    ...heard,
    up('m0'),
    ...heard,
    up('m1'),
    ...heard,
    change('m0', { flags: NODST }),
    ...heard,
    up('m0', false),
    ...heard,
    sources('m0', 'del', X0),
    ...heard,
    sources('m0', 'add', X0),
    sources('m0', 'add', X0),
    up('m0'),
    // A bridge sibling's local unicast passes the list, its flood does not.
    macvlan('m2', 'x', '02:00:00:00:00:0c', { mode: MODES.bridge }),
    macvlan('m3', 'sw', '02:00:00:00:00:0d', { mode: MODES.bridge }),
    up('m2'),
    up('m3'),
    sources('m1', 'add', '02:00:00:00:00:0c'),
    ...everything('m2', '02:00:00:00:00:0d', '02:00:00:00:00:0c'),
    ...everything('m0', B, A),
    // Leaving the mode empties the list, even where the request is refused in the end.
    { do: 'change', dev: 'm1', data: { mode: MODES.bridge } },
    change('m1', { mode: MODES.source }),
    ...heard,
    sources('m1', 'set', A, H0),
    ...heard,
    sources('m1', 'flush'),
    ...heard,
  ];
}

/** Datagrams in pieces: to a group they are put together below the macvlans, else they are left alone. */
function fragments(): Op[] {
  const ops = two({ mode: MODES.bridge });
  let id = 100;
  for (const dev of ['x0', 'm1', 'h0']) {
    for (const dst of [ALL, GROUP, A]) {
      const piece = (field: number, payload: number): FrameSpec => fragment(dst, id, field, payload);
      const [first, second] = [(): FrameSpec => piece(0x2000, 64), (): FrameSpec => piece(8, 40)];
      for (const pieces of [
        [first, second],
        [second, first],
        [first],
        [second],
        [first, first, second],
        [first, (): FrameSpec => piece(7, 40)],
      ]) {
        ops.push(...pieces.map((make): Op => ({ do: 'send', dev, frames: [make()] })));
        id++;
      }
    }
  }
  return ops;
}

function fragment(dst: string, id: number, field: number, payload: number): FrameSpec {
  const ip = new Uint8Array(20 + payload);
  const view = new DataView(ip.buffer);
  ip.set([0x45, 0]);
  view.setUint16(2, ip.length);
  view.setUint16(4, id);
  view.setUint16(6, field);
  ip.set([64, 253, 0, 0, 10, 9, 9, 1, 224, 0, 0, 5], 8);
  view.setUint16(10, inetChecksum(ip, 0, 20));
  ip.fill(field & 0xff, 20);
  return { dst, src: null, rest: `0800${hex(ip)}`, length: 14 + ip.length };
}

/** What remains of the traps: addresses in use, moves, a lowerdev that goes down, moves or takes a macvlan's address. */
function lives(): Op[] {
  const probe = (): Op[] => [A, B, H0, ALL, GROUP].flatMap((dst) => [send('x0', dst), send('m0', dst)]);
  return [
    ...two({ mode: MODES.vepa }),
    ...probe(),
    // Addresses are looked at when a macvlan comes up and when it gets one, never when it is made.
    macvlan('m2', 'b', A, { mode: MODES.vepa }),
    up('m2'),
    { do: 'mac', dev: 'm2', mac: B },
    { do: 'mac', dev: 'm2', mac: H0 },
    up('m0', false),
    up('m2'),
    up('m0'),
    { do: 'mac', dev: 'm0', mac: B },
    { do: 'mac', dev: 'm0', mac: '02:00:00:00:00:0c' },
    up('m0'),
    ...probe(),
    // The lowerdev takes an address that a macvlan has: the macvlan keeps it, until it is reopened.
    { do: 'mac', dev: 'h0', mac: B },
    ...probe(),
    up('m1', false),
    up('m1'),
    { do: 'mac', dev: 'h0', mac: H0 },
    up('m1'),
    // MTU follows downwards only.
    { do: 'mtu', dev: 'h0', mtu: 1300 },
    { do: 'mtu', dev: 'h0', mtu: 1500 },
    { do: 'mtu', dev: 'm0', mtu: 1501 },
    { do: 'mtu', dev: 'm0', mtu: 1400 },
    flag('m0', 'promisc'),
    flag('m0', 'allmulticast'),
    { do: 'move', dev: 'm0', ns: 'b' },
    ...probe(),
    up('m0'),
    ...probe(),
    // Up on a lowerdev that is down.
    up('h0', false),
    up('m1', false),
    up('m1'),
    ...probe(),
    up('h0'),
    ...probe(),
    { do: 'move', dev: 'h0', ns: 'sw' },
    ...probe(),
    up('h0'),
    ...probe(),
    join('m0', OTHER),
    ...probe(),
    up('m0', false),
    up('m0'),
    ...probe(),
    { do: 'delete', dev: 'h0' },
  ];
}

/** The host speaks to its macvlans: by a reflecting switch, or by a macvlan of its own. */
function shim(): Op[] {
  const ops: Op[] = [
    ...two({ mode: MODES.bridge }),
    macvlan('m2', 'host', '02:00:00:00:00:0c', { mode: MODES.bridge }),
    up('m2'),
  ];
  for (const mode of FOUR) {
    ops.push(
      change('m0', { mode: MODES[mode] }),
      ...everything('m2', A, '02:00:00:00:00:0c'),
      ...everything('m0', '02:00:00:00:00:0c', H0),
    );
  }
  return ops;
}

/** What the spec calls it, and what is done. */
const LABS: Record<string, { hairpin?: boolean; ops: Op[] }> = {
  'pairs, plain switch': { ops: pairs() },
  'pairs, reflecting switch': { hairpin: true, ops: pairs() },
  'outsider and host, plain switch': { ops: outside() },
  'outsider and host, reflecting switch': { hairpin: true, ops: outside() },
  'passthru, plain switch': { ops: passthru(0) },
  'passthru, reflecting switch': { hairpin: true, ops: passthru(0) },
  'passthru without promiscuity': { ops: passthru(NOPROMISC) },
  'the host as a macvlan of its own': { ops: shim() },
  transmit: { ops: transmit() },
  filters: { ops: filters() },
  'broadcast queue': { ops: queue() },
  'source lists, plain switch': { ops: lists() },
  'source lists, reflecting switch': { hairpin: true, ops: lists() },
  fragments: { ops: fragments() },
  'addresses, moves, carrier': { ops: lives() },
};

export const SPEC_LABS: ReadonlyMap<string, Lab> = new Map(
  Object.entries(LABS).map(([name, { hairpin = false, ops }], i) => [
    name,
    { seed: 9000 + i, spaces: ['host', 'sw', 'x', 'a', 'b'], taps: true, ops: [...stage(hairpin), ...ops] },
  ]),
);
