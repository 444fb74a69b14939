// What a machine file may say, and what is said about a bad one. The example of docs/machine-file.md is read here too.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Stream } from '../base/random.ts';
import { findProfile } from '../drivers/nic/profiles.ts';
import { MachineError } from './machine.ts';
import { parseMachine } from './machine-yaml.ts';

const doc = readFileSync(new URL('../../docs/machine-file.md', import.meta.url), 'utf8');
const example = /```yaml\n([\s\S]*?)```/.exec(doc)![1];

/** All complaints about a file, one per line. */
function complaints(text: string): string[] {
  try {
    parseMachine(text, 'm.yaml');
  } catch (e) {
    expect(e).toBeInstanceOf(MachineError);
    return (e as MachineError).message.split('\n');
  }
  return [];
}

test('the example of the docs', () => {
  const m = parseMachine(example, 'machine.yaml');
  expect(m.nics.map((n) => [n.name, n.profile, n.queues])).toEqual([
    ['enp137s0f0', 'i40e', null],
    ['enp137s0f1', 'i40e', null],
    ['eth0', 'ixgbe', 8],
  ]);
  expect(m.nics[1].mac).toBe(0x3cfdfe000001);
  expect(m.cables.map((c) => [c.rateBps, c.delayNs, c.lossNum, c.lossDen])).toEqual([
    [10e9, 5000, 0, 1],
    [10e9, 500, 1, 1000],
    [null, 500, 0, 1],
    [null, 500, 0, 1],
  ]);
  expect(m.switches).toEqual([
    { name: 'rack', ports: ['p1', 'p2', 'p3'], learning: true, hairpin: ['p1'], ageingNs: 300e9 },
  ]);
  expect(m.peers[0].addresses).toEqual([{ addr: 0xc0a8000a, prefixLen: 24 }]);
  expect(m.peers[0].routes).toEqual([{ dst: 0, prefixLen: 0, via: 0xc0a80001 }]);
  expect([m.peers[1].nic.name, m.peers[1].nic.profile, m.peers[1].up]).toEqual(['eth0', 'generic', true]);
});

test('an empty file is a machine without hardware', () => {
  expect(parseMachine('', 'm.yaml')).toEqual({ nics: [], cables: [], switches: [], peers: [] });
  expect(parseMachine('nics:\n', 'm.yaml').nics).toEqual([]);
  expect(parseMachine('nics: { eth0: }', 'm.yaml').nics[0].profile).toBe('generic');
});

test('the offload of a NIC: fields of the profile, overridden; the era of macvlan', () => {
  const nic = (text: string) => parseMachine(`nics: { e: { profile: ixgbe, ${text} } }`, 'm').nics[0];
  expect(nic('bql: false').bql).toBe(false);
  expect(nic('queues: 4').offload).toBeUndefined();
  expect(nic('offload: false').offload).toBeNull();
  expect(nic('offload: { whenOff: ignore }').offload).toEqual({ ...findProfile('ixgbe')?.offload, whenOff: 'ignore' });
  expect(nic('offload: { stations: 3, queuesPerStation: 2 }').offload?.partition).toEqual({
    kind: 'fixed',
    stations: 3,
    queues: 2,
  });
  expect(nic('offload: { ringOnUpper: true }').offload?.partition.kind).toBe('pools');
  expect(parseMachine('macvlan: before-4.18', 'm').macvlan).toBe('before-4.18');
});

test('hairpin of all ports or of none', () => {
  const hairpin = (value: string): readonly string[] =>
    parseMachine(`switches: { s: { ports: [a, b], hairpin: ${value} } }`, 'm').switches[0].hairpin;
  expect([hairpin('true'), hairpin('false'), hairpin('[b]')]).toEqual([['a', 'b'], [], ['b']]);
});

describe('complaints', () => {
  const cases: Array<[what: string, text: string, expected: string[]]> = [
    ['a misspelt part', 'nisc: {}', ['m.yaml:1:1: nisc: unknown field "nisc"; did you mean "nics"?']],
    [
      'a misspelt field',
      'nics:\n  eth0:\n    profil: ixgbe',
      ['m.yaml:3:5: nics.eth0.profil: unknown field "profil"; did you mean "profile"?'],
    ],
    [
      'an unknown profile',
      'nics:\n  eth0: { profile: ixgb }',
      ['m.yaml:2:20: nics.eth0.profile: unknown profile "ixgb"; did you mean "ixgbe"?'],
    ],
    [
      'a profile like no other',
      'nics: { eth0: { profile: mlx5 } }',
      ['m.yaml:1:26: nics.eth0.profile: unknown profile "mlx5"; known: generic, ixgbe, i40e, ice, fm10k'],
    ],
    [
      'an offload policy that there is not',
      'nics: { e: { offload: { whenOff: droop } } }',
      ['m.yaml:1:34: nics.e.offload.whenOff: unknown policy "droop"; did you mean "drop"?'],
    ],
    [
      'an era that there is not',
      'macvlan: before-4.17',
      ['m.yaml:1:10: macvlan: unknown era of macvlan "before-4.17"; did you mean "before-4.18"?'],
    ],
    ['a list for a map', 'nics: [eth0]', ['m.yaml:1:7: nics: expected a map, found a list']],
    [
      'a text for a number',
      'nics: { e: { queues: many } }',
      ['m.yaml:1:22: nics.e.queues: expected a whole number, found "many"'],
    ],
    [
      'a number out of range',
      'nics: { e: { queues: 0 } }',
      ['m.yaml:1:22: nics.e.queues: 0 is out of range: 1 to 128'],
    ],
    [
      'an MTU beyond the profile',
      'nics: { e: { profile: i40e, mtu: 9800 } }',
      ['m.yaml:1:34: nics.e.mtu: 9800 is out of range: 68 to 9702'],
    ],
    [
      'a bad MAC',
      'nics: { e: { mac: 02:00:00:00:00 } }',
      ['m.yaml:1:19: nics.e.mac: "02:00:00:00:00" is no MAC address'],
    ],
    [
      'a multicast MAC',
      'nics: { e: { mac: 01:00:5e:00:00:01 } }',
      ["m.yaml:1:19: nics.e.mac: 01:00:5e:00:00:01 cannot be a device's address: it is zero or a multicast"],
    ],
    [
      'a name that is no device name',
      'nics: { a-name-that-is-too-long: }',
      [
        'm.yaml:1:9: nics.a-name-that-is-too-long: "a-name-that-is-too-long" is no device name: at most 15 characters, no spaces, no "/", ":" or "%"',
      ],
    ],
    [
      'bad units',
      'nics: { a: , b: }\ncables:\n  - between: [a, b]\n    rate: 10\n    delay: 5 min\n    loss: often',
      [
        'm.yaml:4:11: cables[0].rate: expected a rate such as 10Gbit, found "10"',
        'm.yaml:5:12: cables[0].delay: expected a time such as 5us, found "5 min"',
        'm.yaml:6:11: cables[0].loss: expected a ratio such as 1/1000 or 0.1%, found "often"',
      ],
    ],
    [
      'ports that are not there, and one that is used twice',
      'nics: { eth0: , eth1: }\ncables:\n  - between: [eth0, eth2]\n  - between: [eth0, eth1]',
      [
        'm.yaml:3:21: cables[0].between[1]: unknown port "eth2"; did you mean "eth0"?',
        'm.yaml:4:15: cables[1].between[0]: port "eth0" has a cable already (cables[0])',
      ],
    ],
    [
      'a cable with one end',
      'nics: { a: }\ncables: [{ between: [a] }]',
      ['m.yaml:2:21: cables[0].between: a cable has two ends, not 1'],
    ],
    [
      'a cable to nowhere',
      'cables: [{ rate: 1Gbit }]',
      ['m.yaml:1:10: cables[0]: a cable needs "between": its two ports'],
    ],
    ['a switch without ports', 'switches: { s: {} }', ['m.yaml:1:13: switches.s: a switch needs its "ports"']],
    [
      'hairpin on a port that is not there',
      'switches: { s: { ports: [p1], hairpin: [p2] } }',
      ['m.yaml:1:41: switches.s.hairpin[0]: unknown port "p2"; did you mean "p1"?'],
    ],
    [
      'a bad address and a bad route',
      'peers: { p: { addresses: [192.168.0.256/24], routes: [via 10.0.0.1, 10.0.0.1/8 via 10.0.0.2] } }',
      [
        'm.yaml:1:27: peers.p.addresses[0]: "192.168.0.256/24" is no IPv4 address with a prefix length',
        'm.yaml:1:55: peers.p.routes[0]: expected a route such as "default via 192.168.0.1", found "via 10.0.0.1"',
        'm.yaml:1:69: peers.p.routes[1]: 10.0.0.1/8 has bits set beyond its prefix length',
      ],
    ],
    [
      'no word for a flag',
      'switches: { s: { ports: [a], learning: yes } }',
      ['m.yaml:1:40: switches.s.learning: expected true or false, found "yes"'],
    ],
    ['the same name twice', 'nics: { a: , a: }', ['m.yaml:1:14: Map keys must be unique']],
  ];
  test.each(cases)('%s', (_, text, expected) => expect(complaints(text)).toEqual(expected));

  test('YAML that is none says where', () => {
    expect(complaints('nics: {').join('\n')).toMatch(/^m\.yaml:1:\d+: /);
    expect(complaints('a: b: c')[0]).toMatch(/^m\.yaml:1:\d+: /);
  });

  test('the example, damaged at random, is read or complained about', () => {
    const chance = new Stream(1, 'machine-yaml');
    for (let round = 0; round < 400; round++) {
      let text = example;
      for (let n = 1 + chance.below(4); n > 0; n--) {
        const at = chance.below(text.length);
        const to = at + chance.below(12);
        const put = ['', ' ', ':', '[', '}', '"', '- ', '\n', '0', example.slice(at / 2, at / 2 + 9)][chance.below(10)];
        text = text.slice(0, at) + put + text.slice(to);
      }
      for (const line of complaints(text)) expect(line).toMatch(/^m\.yaml:\d+:\d+: ./);
    }
  });

  test('nothing crashes the reader', () => {
    for (const text of [
      '[',
      '"',
      '- - -',
      '&a *a',
      '? x',
      '\t',
      '[1,2]',
      '42',
      'nics: !!x y',
      '['.repeat(20_000),
      'nics: {? : }',
    ]) {
      complaints(text);
    }
  });
});
