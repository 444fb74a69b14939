// What a plan says of what a lab does not say.

import { expect, test } from 'vitest';
import { defaultsData, defaultsText } from './defaults.ts';
import { parseLab } from './lab-yaml.ts';

const lab = (networks: string, endpoints: string) =>
  parseLab(`lab: t\nhost: true\nnetworks: ${networks}\nendpoints: ${endpoints}\n`, 't.yaml');

test('all that applies, a line a network, and what the endpoints have in common', () => {
  const { a, b } = {
    a: '{ lower: eth0 }',
    b: '{ lower: eth1, mode: source, mtu: 1400, queues: 4, txQueueLength: 5, ipv6: { acceptRa: 0 } }',
  };
  expect(
    defaultsText(lab(`{ a: ${a}, b: ${b} }`, '{ x: { network: a, device: m0 }, y: { network: b, promisc: true } }')),
  ).toBe(
    'defaults that apply\n' +
      '  a: mode bridge, no VLAN, mtu as eth0, no host shim, stable MAC addresses, 1 queue, txqueuelen 1000, bcqueuelen 1000, bclim 1, IPv6 with accept_ra 1, autoconf 1, accept_dad 1, addrgenmode eui64, offload left as it is\n' +
      '  b: no VLAN, no host shim, stable MAC addresses, bcqueuelen 1000, bclim 1, no nodst, IPv6 with autoconf 1, accept_dad 1, addrgenmode eui64, offload left as it is\n' +
      '  all endpoints: a namespace of its own name, kind macvlan, MAC address as its network says, no addresses, no routes, allmulti, arp, altnames left as they are\n',
  );
});

test('as data, of each', () => {
  const text =
    '{ a: { lower: eth0, mode: passthru, vlan: 5, mtu: 1400, offload: true, hostShim: 10.0.0.1/8, queues: 2, txQueueLength: 1, broadcastQueue: 1, broadcastCutoff: 0, ipv6: false } }';
  expect(
    defaultsData(
      lab(
        text,
        '{ x: { netns: host, device: tap0, kind: macvtap, addresses: [], promisc: false, allmulti: true, arp: true, altnames: [] } }',
      ),
    ),
  ).toEqual({
    networks: { a: { nopromisc: false } },
    endpoints: { x: { mac: null, addresses: [], routes: [] } },
  });
  expect(defaultsData(lab('{ a: { lower: eth0 } }', '{ x: {} }'))).toMatchObject({
    networks: {
      a: { mode: 'bridge', macs: 'stable', queues: 1, mtu: null, ipv6: { acceptRa: 1, addrGenMode: 'eui64' } },
    },
    endpoints: { x: { netns: 'x', device: 'eth0', kind: 'macvlan', altnames: null } },
  });
});
