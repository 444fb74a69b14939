// Every code provoked in the model, and its cure tried: the same lab with only that thing changed is ok. So the reason names the
// rule that stopped the packet, and nothing that merely goes along with it.

import { describe, expect, test } from 'vitest';
import { addrAdd } from '../../src/inet/control.ts';
import type { Traffic } from '../../src/lab/file/lab.ts';
import type { Model } from '../../src/lab/model.ts';
import { CODES, type Code } from '../../src/lab/reason/codes.ts';
import { lostAt } from '../../src/lab/reason/losses.ts';
import { macvlanOf } from '../../src/lab/reason/topology.ts';
import { Drop } from '../../src/net/drop.ts';
import { TC_DROPPED, XOFF_DRV } from '../../src/net/flags.ts';
import type { NetDevice } from '../../src/net/netdev.ts';
import { parseIp4 } from '../../src/uapi/format.ts';
import { ask } from './arm.ts';

interface Setting {
  machine?: string;
  networks: string;
  endpoints: string;
  prepare?: (model: Model) => void;
}

interface Case {
  code: Code;
  /** Part of the text. */
  says: string;
  where: string | null;
  direction?: 'there' | 'back';
  cell: readonly [from: string, to: string, traffic?: Traffic];
  lab: Setting;
  /** What alone is changed. */
  cure: Partial<Setting>;
}

const SWITCHED = `
  nics: { p0: {}, p1: {}, p2: {} }
  switches: { sw: { ports: [a, b, c] } }
  cables: [{ between: [p0, sw/a] }, { between: [sw/b, far/eth0] }, { between: [p1, sw/c] }]
  peers: { far: { nic: { name: eth0, mac: "02:fa:00:00:00:09" }, addresses: [192.168.7.9/24] } }`;
const HAIRPIN = SWITCHED.replace('ports: [a, b, c]', 'ports: [a, b, c], hairpin: [a]');
const CABLE = `
  nics: { p0: {} }
  cables: [{ between: [p0, far/eth0] }]
  peers: { far: { addresses: [192.168.7.9/24] } }`;
const AB = '{ a: { addresses: [192.168.7.1/24, "fd00:7::1/64"] }, b: { addresses: [192.168.7.2/24, "fd00:7::2/64"] } }';
const lan = (rest: string): string => `{ lan: { lower: p0, ${rest} } }`;

function textOf({ machine = SWITCHED, networks, endpoints }: Setting): string {
  return `lab: t\nmachine: ${machine}\nnetworks: ${networks}\nendpoints: ${endpoints}\n`;
}

const dev = (model: Model, ns: string, name: string): NetDevice => {
  const found = model.kernel.namespaces.find((n) => n.label === ns)?.dev(name);
  if (found == null) throw new Error(`no ${ns}/${name}`);
  return found;
};

const write = (ns: string, path: string, value: string) => (model: Model) => {
  const found = model.kernel.namespaces.find((n) => n.label === ns);
  expect(model.os.writeFile(found as never, `/proc/sys/net/${path}`, value)).toBe(0);
};

/** The host's own address on p0. */
function hostAddress(model: Model): void {
  const p0 = dev(model, '', 'p0');
  const local = parseIp4('192.168.7.5') as number;
  addrAdd(p0.ns, {
    ...{ ifindex: p0.ifindex, prefixLen: 24, scope: 0, flags: 0, local, address: local, broadcast: null, label: null },
    ...{ rtPriority: 0, proto: 0, validLft: null, preferredLft: null, nlFlags: 0x600 },
  });
}

const SIBLINGS: Setting = { networks: lan('mode: bridge'), endpoints: AB };

const CASES: Case[] = [
  {
    ...{ code: 'private', says: 'siblings do not hear each other', where: 'p0', cell: ['a', 'b'] },
    lab: { networks: lan('mode: private'), endpoints: AB },
    cure: { networks: lan('mode: bridge') },
  },
  {
    ...{ code: 'private', says: 'siblings do not hear each other', where: 'p0', cell: ['a', 'b', 'broadcast'] },
    lab: { networks: lan('mode: private'), endpoints: AB, machine: HAIRPIN },
    cure: { networks: lan('mode: vepa') },
  },
  {
    ...{ code: 'no-hairpin', says: 'the switch at p0 does not send it back', where: 'sw/a', cell: ['a', 'b'] },
    lab: { networks: lan('mode: vepa'), endpoints: AB },
    cure: { machine: HAIRPIN },
  },
  {
    ...{ code: 'no-hairpin', says: 'p0 leads to far/eth0, which is no switch', where: 'far/eth0', cell: ['a', 'b'] },
    lab: { networks: lan('mode: vepa'), endpoints: AB, machine: CABLE },
    cure: { networks: lan('mode: bridge') },
  },
  {
    ...{ code: 'mixed-modes', says: 'only macvlans in bridge mode', where: 'p0', cell: ['a', 'b'] },
    lab: {
      networks: '{ x: { lower: p0 }, y: { lower: p0, mode: vepa } }',
      endpoints: '{ a: { network: x, addresses: [192.168.7.1/24] }, b: { network: y, addresses: [192.168.7.2/24] } }',
    },
    cure: { networks: '{ x: { lower: p0 }, y: { lower: p0 } }' },
  },
  {
    ...{ code: 'source', says: 'a hears nobody', where: 'a/eth0', cell: ['far', 'a'] },
    lab: { networks: lan('mode: source'), endpoints: '{ a: { addresses: [192.168.7.1/24] } }' },
    cure: { endpoints: '{ a: { addresses: [192.168.7.1/24], sources: ["02:fa:00:00:00:09"] } }' },
  },
  {
    ...{
      code: 'source',
      says: 'a hears only 02:00:00:00:00:07',
      where: 'a/eth0',
      direction: 'back',
      cell: ['a', 'far'],
    },
    lab: {
      networks: lan('mode: source'),
      endpoints: '{ a: { addresses: [192.168.7.1/24], sources: ["02:00:00:00:00:07"] } }',
    },
    cure: { endpoints: '{ a: { addresses: [192.168.7.1/24], sources: ["02:00:00:00:00:07", "02:fa:00:00:00:09"] } }' },
  },
  {
    ...{ code: 'nodst', says: 'a/eth0 takes all that 02:fa:00:00:00:09 sends', where: 'a/eth0', cell: ['far', 'b'] },
    lab: {
      networks: '{ x: { lower: p0, mode: source, nodst: true }, y: { lower: p0 } }',
      endpoints:
        '{ a: { network: x, sources: ["02:fa:00:00:00:09"] }, b: { network: y, addresses: [192.168.7.2/24] } }',
    },
    cure: { networks: '{ x: { lower: p0, mode: source, nodst: false }, y: { lower: p0 } }' },
  },
  {
    ...{ code: 'passthru', says: 'a/eth0 takes all that p0 receives', where: 'p0', cell: ['far', 'host'] },
    lab: { networks: lan('mode: passthru'), endpoints: '{ a: {} }', prepare: hostAddress },
    cure: { networks: lan('mode: bridge') },
  },
  {
    ...{ code: 'host-isolation', says: 'p0 is not a sibling of its macvlans', where: 'p0', cell: ['host', 'a'] },
    lab: { ...SIBLINGS, prepare: hostAddress },
    cure: { networks: lan('hostShim: { addresses: [192.168.7.250/32], routes: [192.168.7.1] }') },
  },
  {
    ...{ code: 'host-isolation', says: 'p0 is not a sibling', where: 'p0', cell: ['a', 'host', 'broadcast'] },
    lab: SIBLINGS,
    cure: { networks: lan('hostShim: 192.168.7.250/24') },
  },
  {
    ...{ code: 'vlan', says: 'sent in VLAN 10, the target listens untagged', where: null, cell: ['a', 'far'] },
    lab: { networks: lan('vlan: 10'), endpoints: AB },
    cure: { networks: lan('mode: bridge') },
  },
  {
    ...{ code: 'vlan', says: 'sent in VLAN 10, the target listens in VLAN 20', where: null, cell: ['a', 'b'] },
    lab: {
      networks: '{ x: { lower: p0, vlan: 10 }, y: { lower: p1, vlan: 20 } }',
      endpoints: '{ a: { network: x, addresses: [192.168.7.1/24] }, b: { network: y, addresses: [192.168.7.2/24] } }',
    },
    cure: { networks: '{ x: { lower: p0, vlan: 10 }, y: { lower: p1, vlan: 10 } }' },
  },
  {
    ...{ code: 'no-address', says: 'b has no IPv4 address', where: null, cell: ['a', 'b'] },
    lab: { networks: lan(''), endpoints: '{ a: { addresses: [192.168.7.1/24] }, b: {} }' },
    cure: { endpoints: AB },
  },
  {
    ...{ code: 'no-source-address', says: 'b has no IPv4 address to send from', where: null, cell: ['b', 'a'] },
    lab: { networks: lan(''), endpoints: '{ a: { addresses: [192.168.7.1/24] }, b: {} }' },
    cure: { endpoints: AB },
  },
  {
    ...{ code: 'no-route', says: 'other subnet, and no route', where: null, cell: ['a', 'b'] },
    lab: { networks: lan(''), endpoints: '{ a: { addresses: [192.168.7.1/24] }, b: { addresses: [10.0.0.2/24] } }' },
    cure: { endpoints: '{ a: { addresses: [192.168.7.1/24, 10.0.0.1/24] }, b: { addresses: [10.0.0.2/24] } }' },
  },
  {
    ...{
      code: 'no-route-back',
      says: 'the target has no route back',
      where: 'b/eth0',
      direction: 'back',
      cell: ['a', 'b'],
    },
    lab: {
      networks: lan(''),
      endpoints: '{ a: { addresses: [192.168.7.1/24], routes: [10.0.0.0/24] }, b: { addresses: [10.0.0.2/24] } }',
    },
    cure: {
      endpoints:
        '{ a: { addresses: [192.168.7.1/24], routes: [10.0.0.0/24] }, b: { addresses: [10.0.0.2/24], routes: [192.168.7.0/24] } }',
    },
  },
  {
    ...{ code: 'no-such-neighbour', says: 'nobody has 192.168.7.254', where: 'a/eth0', cell: ['a', 'b'] },
    lab: {
      networks: lan(''),
      endpoints: '{ a: { addresses: [192.168.7.1/24], gateway: 192.168.7.254 }, b: { addresses: [10.0.0.2/24] } }',
    },
    cure: {
      endpoints:
        '{ a: { addresses: [192.168.7.1/24], gateway: 192.168.7.2 }, b: { addresses: [10.0.0.2/24, 192.168.7.2/24] } }',
    },
  },
  {
    ...{ code: 'not-forwarded', says: '192.168.7.9 does not forward it', where: 'far/eth0', cell: ['a', 'b'] },
    lab: {
      machine: SWITCHED.replace('[192.168.7.9/24]', '[192.168.7.9/24, 10.0.0.9/24]'),
      networks: '{ x: { lower: p0 }, y: { lower: p1 } }',
      endpoints:
        '{ a: { network: x, addresses: [192.168.7.1/24], gateway: 192.168.7.9 }, b: { network: y, addresses: [10.0.0.2/24], gateway: 10.0.0.9 } }',
    },
    cure: { prepare: write('far', 'ipv4/ip_forward', '1') },
  },
  {
    ...{ code: 'link-down', says: 'far/eth0 is down', where: 'far/eth0', cell: ['a', 'far'] },
    lab: { ...SIBLINGS, prepare: (m) => void dev(m, 'far', 'eth0').core.changeFlags(dev(m, 'far', 'eth0'), 0) },
    cure: { prepare: () => {} },
  },
  {
    ...{ code: 'link-down', says: 'p0 is down', where: 'p0', cell: ['a', 'b'] },
    lab: { ...SIBLINGS, prepare: (m) => void dev(m, '', 'p0').core.changeFlags(dev(m, '', 'p0'), 0) },
    cure: { prepare: () => {} },
  },
  {
    ...{ code: 'no-carrier', says: 'p2 has no carrier: no cable', where: 'p2', cell: ['a', 'far'] },
    lab: { networks: '{ lan: { lower: p2 } }', endpoints: AB },
    cure: { networks: lan('') },
  },
  {
    ...{ code: 'no-path', says: 'p0 leads to', where: 'p0', cell: ['a', 'b'] },
    lab: {
      machine: CABLE.replace('p0: {} }', 'p0: {}, p1: {} }')
        .replace('far/eth0] }]', 'far/eth0] }, { between: [p1, other/eth0] }]')
        .replace('/24] } }', '/24] }, other: { addresses: [] } }'),
      networks: '{ x: { lower: p0 }, y: { lower: p1 } }',
      endpoints: '{ a: { network: x, addresses: [192.168.7.1/24] }, b: { network: y, addresses: [192.168.7.2/24] } }',
    },
    cure: { machine: SWITCHED },
  },
  {
    ...{ code: 'ipv6-disabled', says: 'disable_ipv6 is set on b/eth0', where: 'b/eth0', cell: ['a', 'b', 'ipv6'] },
    lab: { ...SIBLINGS, prepare: write('b', 'ipv6/conf/eth0/disable_ipv6', '1') },
    cure: { prepare: () => {} },
  },
  {
    ...{ code: 'dad', says: 'DAD failed', where: 'b/eth0', cell: ['a', 'b', 'ipv6'] },
    lab: {
      networks: '{ x: { lower: p0 }, y: { lower: p1 } }',
      endpoints:
        '{ c: { network: x, addresses: ["fd00:7::2/64"] }, a: { network: y, addresses: ["fd00:7::1/64"] }, b: { network: y, addresses: ["fd00:7::2/64"] } }',
      prepare: (m) => void dev(m, 'c', 'eth0').core.changeFlags(dev(m, 'c', 'eth0'), 0),
    },
    cure: {
      endpoints:
        '{ c: { network: x, addresses: ["fd00:7::3/64"] }, a: { network: y, addresses: ["fd00:7::1/64"] }, b: { network: y, addresses: ["fd00:7::2/64"] } }',
    },
  },
  {
    ...{ code: 'rp-filter', says: 'rp_filter: b/eth0', where: 'b/eth0', direction: 'back' },
    cell: ['a', 'b'],
    lab: {
      networks: '{ x: { lower: p0 }, y: { lower: p1 } }',
      endpoints:
        '{ a: { network: x, addresses: [192.168.7.1/24] }, b: { network: x, addresses: [192.168.7.2/24] }, b2: { network: y, netns: b, device: eth1, addresses: [10.0.0.2/24], routes: [192.168.7.1] } }',
      prepare: (m) => {
        write('b', 'ipv4/conf/all/arp_ignore', '1')(m);
        write('b', 'ipv4/conf/eth0/rp_filter', '1')(m);
      },
    },
    cure: { prepare: write('b', 'ipv4/conf/all/arp_ignore', '1') },
  },
  {
    ...{ code: 'arp-ignored', says: 'b/eth0 hears the question for 192.168.7.2', where: 'b/eth0', direction: 'back' },
    cell: ['a', 'b'],
    lab: { ...SIBLINGS, prepare: write('b', 'ipv4/conf/eth0/arp_ignore', '8') },
    cure: { prepare: () => {} },
  },
  {
    ...{ code: 'echo-ignored', says: 'does not answer echo requests', where: 'b/eth0', direction: 'back' },
    cell: ['a', 'b'],
    lab: { ...SIBLINGS, prepare: write('b', 'ipv4/icmp_echo_ignore_all', '1') },
    cure: { prepare: () => {} },
  },
  {
    ...{ code: 'other-answered', says: 'b/eth0 has 192.168.7.9 too', where: 'b/eth0', cell: ['a', 'far'] },
    // Where both answer, both are tried: so the right one is silent here, and is put right with the other.
    lab: {
      networks: lan(''),
      endpoints: AB.replace('192.168.7.2/24', '192.168.7.9/24'),
      prepare: write('far', 'ipv4/conf/all/arp_ignore', '8'),
    },
    cure: { endpoints: AB, prepare: () => {} },
  },
  {
    ...{ code: 'queue-stopped', says: 'ENETDOWN: the transmit queue of a/eth0 is stopped', where: 'a/eth0' },
    cell: ['a', 'b'],
    lab: {
      ...SIBLINGS,
      prepare: (m) => {
        dev(m, 'a', 'eth0').txq[0].state |= XOFF_DRV;
      },
    },
    cure: { prepare: () => {} },
  },
  {
    ...{ code: 'mtu', says: 'longer than p0 takes (mtu 20)', where: 'p0', direction: 'back' },
    cell: ['a', 'b'],
    lab: {
      ...SIBLINGS,
      prepare: (m) => {
        dev(m, '', 'p0').mtu = 20;
      },
    },
    cure: { prepare: () => {} },
  },
  {
    ...{ code: 'nic-filter', says: 'the filter of p0 does not let', where: 'p0', cell: ['far', 'a'] },
    lab: {
      ...SIBLINGS,
      prepare: (m) => {
        const p0 = dev(m, '', 'p0');
        p0.uc.entries.clear();
        p0.setRxMode?.(p0);
      },
    },
    cure: { prepare: () => {} },
  },
  {
    ...{ code: 'switch', says: 'sw/a does not forward it', where: 'sw/a', cell: ['a', 'far'] },
    lab: {
      ...SIBLINGS,
      prepare: (m) => {
        (dev(m, 'sw', 'a').brPort as { state: number }).state = 0;
      },
    },
    cure: { prepare: () => {} },
  },
  {
    ...{ code: 'cable-loss', says: 'lost on the cable', where: null, cell: ['a', 'far'] },
    lab: { ...SIBLINGS, machine: SWITCHED.replace('[sw/b, far/eth0]', '[sw/b, far/eth0], loss: 1/1') },
    cure: { machine: SWITCHED },
  },
  {
    ...{ code: 'broadcast-queue', says: 'the broadcast queue of p0 is full (0)', where: 'p0' },
    cell: ['far', 'a', 'broadcast'],
    lab: { networks: lan('broadcastQueue: 0'), endpoints: AB },
    cure: { networks: lan('') },
  },
  {
    ...{ code: 'not-joined', says: 'it has not joined 01:00:5e:00:00:01', where: 'b/eth0' },
    cell: ['far', 'b', 'multicast'],
    lab: { ...SIBLINGS, prepare: (m) => macvlanOf(dev(m, 'b', 'eth0'))?.mcFilter.clear() },
    cure: { prepare: () => {} },
  },
  {
    ...{ code: 'not-joined', says: 'it has not joined 01:00:5e:00:00:01', where: 'b/eth0' },
    cell: ['a', 'b', 'multicast'],
    lab: { ...SIBLINGS, prepare: (m) => macvlanOf(dev(m, 'b', 'eth0'))?.mcFilter.clear() },
    cure: { prepare: () => {} },
  },
  {
    ...{ code: 'offload', says: 'before Linux 4.18', where: 'p0', cell: ['a', 'b'] },
    lab: {
      ...SIBLINGS,
      machine: `\n  macvlan: before-4.18${CABLE}`.replace('p0: {}', 'p0: { profile: ixgbe }'),
      networks: lan('offload: true'),
    },
    cure: { networks: lan('offload: false') },
  },
  {
    ...{ code: 'filtered', says: 'a filter of tc on b/eth0', where: 'b/eth0', cell: ['a', 'b'] },
    lab: {
      ...SIBLINGS,
      prepare: (m) => {
        dev(m, 'b', 'eth0').tcIngress = (skb) => {
          skb.slabs.free(skb, Drop.TcIngress);
          return TC_DROPPED;
        };
      },
    },
    cure: { prepare: () => {} },
  },
];

const GOOD: Array<[code: Code, says: string, cell: Case['cell'], lab: Setting]> = [
  ['ok-software', 'in software, never on the wire', ['a', 'b'], SIBLINGS],
  ['ok-software', 'in software, never on the wire', ['a', 'b', 'ipv6'], SIBLINGS],
  ['ok-software', 'a copy goes out by p0 too', ['a', 'b', 'broadcast'], SIBLINGS],
  [
    'ok-software',
    'by lan-shim on the host',
    ['host', 'a'],
    { ...SIBLINGS, networks: lan('hostShim: 192.168.7.250/24') },
  ],
  ['ok-wire', 'over the wire', ['a', 'far'], SIBLINGS],
  ['ok-wire', 'over the wire', ['far', 'a', 'broadcast'], SIBLINGS],
  [
    'ok-hairpin',
    'the switch sends it back',
    ['a', 'b'],
    { ...SIBLINGS, machine: HAIRPIN, networks: lan('mode: vepa') },
  ],
  [
    'ok-hairpin',
    'the switch sends it back',
    ['a', 'b', 'broadcast'],
    { ...SIBLINGS, machine: HAIRPIN, networks: lan('mode: vepa') },
  ],
  ['ok-veb', "private doesn't hold here", ['a', 'b'], offloaded('private')],
  ['ok-veb', "vepa doesn't hold here", ['a', 'b'], offloaded('vepa')],
  ['ok-veb', "private doesn't hold here", ['a', 'b', 'broadcast'], offloaded('private')],
  ['ok-veb', 'a copy goes out too', ['host', 'a', 'broadcast'], offloaded('private')],
  [
    'ok-local',
    'inside the namespace',
    ['a', 'b'],
    {
      networks: lan(''),
      endpoints: '{ a: { addresses: [192.168.7.1/24] }, b: { netns: a, device: e, addresses: [192.168.7.2/24] } }',
    },
  ],
];

/** In a NIC that replicates broadcasts to its stations, private macvlans find each other. */
function offloaded(mode: string): Setting {
  return {
    machine: CABLE.replace('p0: {}', 'p0: { offload: { replicates: true } }'),
    networks: lan(`mode: ${mode}, offload: true`),
    endpoints: AB,
  };
}

describe('a reason, and its cure', () => {
  test.each(CASES.map((c) => [`${c.code}: ${c.cell.join(' ')}`, c] as const))('%s', async (_, c) => {
    const [from, to, traffic] = c.cell;
    const bad = await ask(textOf(c.lab), from, to, traffic, c.lab.prepare);
    expect(bad).toMatchObject({ ok: false, code: c.code, direction: c.direction ?? 'there' });
    expect(bad.text).toContain(c.says);
    if (c.where !== null) expect(bad.where).toBe(c.where);
    const cured = { ...c.lab, ...c.cure };
    const good = await ask(textOf(cured), from, to, traffic, cured.prepare);
    expect(good).toMatchObject({ ok: true, direction: null });
  });

  test('a reason that no stage has of its own', () => {
    const mark = { ns: 0, dev: null, fn: 'kfree_skb_reason', rc: 0, fromDriver: false, vid: 0 };
    const dev = { label: 'x', name: 'x', up: true } as NetDevice;
    expect(lostAt({ ...mark, drop: Drop.IpNotForUs }, dev).code).toBe('not-accepted');
    expect(lostAt({ ...mark, drop: Drop.Malformed }, dev)).toMatchObject({ code: 'lost', text: 'lost, Malformed' });
  });

  test('every code has one', () => {
    const provoked = new Set<string>([...CASES.map((c) => c.code), ...GOOD.map((g) => g[0]), 'not-accepted', 'lost']);
    expect(Object.keys(CODES).filter((code) => !provoked.has(code))).toEqual([]);
  });
});

describe('what arrives, and how', () => {
  test.each(GOOD)('%s: %s, %s', async (code, says, [from, to, traffic], lab) => {
    const reason = await ask(textOf(lab), from, to, traffic, lab.prepare);
    expect(reason).toMatchObject({ ok: true, code, direction: null });
    expect(reason.text).toContain(says);
  });
});
