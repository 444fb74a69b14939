// Lab files: what a whole one comes to, what is taken for granted, and what is said of every mistake.

import { expect, test } from 'vitest';
import { LabError } from './lab.ts';
import { parseLab } from './lab-yaml.ts';

const WHOLE = `
lab: demo
machine:
  nics: { p0: {}, p1: {} }
  cables: [{ between: [p0, far/eth0] }]
  peers: { far: { addresses: [192.168.0.10/24] } }
networks:
  web:
    lower: p0
    mode: source
    nodst: true
    vlan: 10
    mtu: 1400
    offload: true
    hostShim: 192.168.0.250/24
    macs: random
    broadcastQueue: 0
    broadcastCutoff: -1
    ipv6: false
  pass: { lower: p1, ipv6: { acceptRa: 0, autoconf: false, acceptDad: 2, addrGenMode: none }, mode: passthru, nopromisc: true, hostShim: { device: s, addresses: [fd00::9/64], routes: [192.168.0.7], promisc: true, arp: false, altnames: [shim] } }
endpoints:
  a:
    network: web
    netns: blue
    device: macvlan0
    mac: 02:00:00:00:00:01
    addresses: [192.168.0.1/24, fd00::1/64]
    gateway: 192.168.0.254
    routes: [10.0.0.0/8 via 192.168.0.1]
    sources: [02:00:00:00:00:02]
  b: { network: pass, netns: { pid: 4711 }, kind: macvtap, promisc: true, allmulti: false, arp: false, altnames: [x, y], addresses: [fd00::2/64 nodad] }
  c: { network: web, netns: host, device: mc }
expect:
  - a -> far
  - a <-> b (broadcast)
  - b -/> host
  - { from: a, to: c, traffic: multicast, reach: false }
`;

test('a whole file', () => {
  const lab = parseLab(WHOLE, 'x.yaml');
  expect(lab.name).toBe('demo');
  expect(lab.networks[0]).toEqual({
    name: 'web',
    lower: 'p0',
    mode: 'source',
    vlan: 10,
    mtu: 1400,
    offload: true,
    hostShim: {
      device: 'web-shim',
      addresses: [{ family: 4, address: '192.168.0.250', length: 24 }],
      routes: [],
      promisc: null,
      allmulti: null,
      arp: null,
      altnames: null,
    },
    macs: 'random',
    queues: null,
    txQueueLen: null,
    bcQueueLen: 0,
    bcCutoff: -1,
    nopromisc: false,
    nodst: true,
    ipv6: false,
    ipv6Settings: {},
  });
  expect(lab.networks[1]).toMatchObject({
    ipv6: true,
    ipv6Settings: { acceptRa: 0, autoconf: 0, acceptDad: 2, addrGenMode: 'none' },
  });
  expect(lab.endpoints[1]).toMatchObject({
    ...{ kind: 'macvtap', promisc: true, allmulti: false, arp: false, altnames: ['x', 'y'] },
    addresses: [{ family: 6, address: 'fd00::2', length: 64, nodad: true }],
  });
  expect(lab.endpoints[2]).toMatchObject({ kind: 'macvlan', promisc: null, allmulti: null, arp: null, altnames: null });
  expect(lab.networks[1].hostShim).toMatchObject({ promisc: true, allmulti: null, arp: false, altnames: ['shim'] });
  expect(lab.networks[1].hostShim?.routes).toEqual([
    { to: { family: 4, address: '192.168.0.7', length: 32 }, via: null },
  ]);
  expect(lab.endpoints[0]).toMatchObject({
    netns: { kind: 'name', name: 'blue' },
    mac: 0x020000000001,
    sources: [0x020000000002],
    routes: [
      { to: { family: 4, address: '10.0.0.0', length: 8 }, via: '192.168.0.1' },
      { to: null, via: '192.168.0.254' },
    ],
  });
  expect(lab.endpoints.map((e) => e.netns.kind)).toEqual(['name', 'pid', 'host']);
  expect(lab.expect.map((e) => `${e.from} ${e.reach ? '->' : '-/>'} ${e.to} ${e.traffic}`)).toEqual([
    'a -> far ipv4',
    'a -> b broadcast',
    'b -> a broadcast',
    'b -/> host ipv6',
    'a -/> c multicast',
  ]);
});

test('what is taken for granted', () => {
  const lab = parseLab('host: true\nnetworks: { n: { lower: eth0 } }\nendpoints: { a: {} }', 'labs/web/lab.yaml');
  expect([lab.name, lab.machine]).toEqual(['web', null]);
  expect(lab.networks[0]).toMatchObject({ mode: 'bridge', macs: 'stable', offload: null, vlan: null, ipv6: true });
  expect(lab.endpoints[0]).toMatchObject({
    network: 'n',
    netns: { kind: 'name', name: 'a' },
    device: 'eth0',
    mac: null,
  });
});

test.each([
  ['networks: {}', '1:1: where? "machine:"'],
  ['host: true\nmachine: {}', '1:7: host: a lab has a "machine" or a "host", not both'],
  ['host: true\nnetwork: {}', '2:1: network: unknown field "network"; did you mean "networks"?'],
  ['host: true\nnetworks: { n: {} }', '2:13: networks.n: a network needs its "lower"'],
  [
    'host: true\nnetworks: { n: { lower: e, mode: brige } }',
    '2:34: networks.n.mode: unknown mode "brige"; did you mean "bridge"?',
  ],
  ['host: true\nnetworks: { n: { lower: e, vlan: 4095 } }', '2:34: networks.n.vlan: 4095 is out of range: 1 to 4094'],
  ['host: true\nnetworks: { n: { lower: e, nodst: true } }', 'only source mode knows "nodst"'],
  [
    'machine: { nics: { p0: {} } }\nnetworks: { n: { lower: p1 } }',
    'networks.n.lower: unknown NIC "p1"; did you mean "p0"?',
  ],
  [
    'host: true\nnetworks: { n: { lower: e } }\nendpoints: { a: { network: m } }',
    'endpoints.a.network: unknown network "m"',
  ],
  [
    'host: true\nnetworks: { n: { lower: e }, m: { lower: e } }\nendpoints: { a: {} }',
    'endpoints.a: which network: n, m?',
  ],
  [
    'host: true\nnetworks: { n: { lower: e } }\nendpoints: { a: { netns: x }, b: { netns: x } }',
    'endpoints.b: "a" has the device eth0 in that namespace already',
  ],
  ['host: true\nnetworks: { n: { lower: e } }\nendpoints: { host: {} }', 'the name "host" is taken'],
  [
    'host: true\nnetworks: { n: { lower: e } }\nendpoints: { a: { addresses: [10.0.0.1/33] } }',
    'addresses[0]: "10.0.0.1/33" is no address',
  ],
  [
    'host: true\nnetworks: { n: { lower: e } }\nendpoints: { a: { mac: 03:00:00:00:00:01 } }',
    "cannot be a device's address",
  ],
  ['host: true\nnetworks: { n: { lower: e } }\nendpoints: { a: { routes: [default] } }', 'routes[0]: expected a route'],
  [
    'host: true\nnetworks: { n: { lower: e } }\nendpoints: { a: {} }\nexpect: [a -> c]',
    'expect[0]: unknown endpoint "c"',
  ],
  ['host: true\nnetworks: { n: { lower: e } }\nendpoints: { a: {} }\nexpect: [a => a]', 'expect[0]: expected "a -> b"'],
  [
    'host: true\nnetworks: { n: { lower: e } }\nendpoints: { a: { sources: [] } }',
    '"sources" belong to source mode; "n" is in bridge mode',
  ],
  [
    'host: true\nnetworks: { n: { lower: e } }\nendpoints: { a: { kind: mactap } }',
    '3:25: endpoints.a.kind: unknown kind "mactap"; did you mean "macvtap"?',
  ],
  [
    'host: true\nnetworks: { n: { lower: e, ipv6: { acceptRA: 0 } } }',
    '2:36: networks.n.ipv6.acceptRA: unknown field "acceptRA"; did you mean "acceptRa"?',
  ],
  [
    'host: true\nnetworks: { n: { lower: e, ipv6: { acceptRa: 3 } } }',
    'networks.n.ipv6.acceptRa: 3 is out of range: 0 to 2',
  ],
  [
    'host: true\nnetworks: { n: { lower: e, ipv6: { addrGenMode: eui } } }',
    'networks.n.ipv6.addrGenMode: unknown mode "eui"',
  ],
  [
    'host: true\nnetworks: { n: { lower: e } }\nendpoints: { a: { addresses: [10.0.0.1/8 nodad] } }',
    'endpoints.a.addresses[0]: "nodad" belongs to IPv6',
  ],
  [
    'host: true\nnetworks: { n: { lower: e } }\nendpoints: { a: { addresses: [fd00::1/64 nodat] } }',
    'endpoints.a.addresses[0]: unknown word behind an address "nodat"; did you mean "nodad"?',
  ],
  [
    'host: true\nnetworks: { n: { lower: e } }\nendpoints: { a: { altnames: [x, x] } }',
    'endpoints.a.altnames[1]: "x" is said already',
  ],
  [
    'host: true\nnetworks: { n: { lower: e } }\nendpoints: { a: { altnames: [a/b] } }',
    '"a/b" is no other name of a device',
  ],
  ['host: [', '1:8: '],
])('%s', (text, message) => {
  let thrown: unknown;
  try {
    parseLab(text, 'lab.yaml');
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(LabError);
  expect((thrown as LabError).message).toContain(message);
  expect((thrown as LabError).message).toMatch(/^lab\.yaml:\d+:\d+: /);
});
