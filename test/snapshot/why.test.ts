// Who is meant by a word, what leaves the machine, and what is said beside an answer.

import { describe, expect, test } from 'vitest';
import { applyLab } from '../../src/lab/apply/apply.ts';
import { parseLab } from '../../src/lab/file/lab-yaml.ts';
import { createModel } from '../../src/lab/model.ts';
import type { Snapshot } from '../../src/lab/snapshot/snapshot.ts';
import { EndError, endOf, nameOf } from '../../src/lab/why/ends.ts';
import { answerData, answerText, isReached } from '../../src/lab/why/text.ts';
import { type Answer, why, whyInModel } from '../../src/lab/why/why.ts';
import { SETUP } from './broken.ts';
import { modelAfter, snapshotOf } from './testing.ts';

async function snapshotAfter(machine: string, script: string): Promise<Snapshot> {
  const model = await modelAfter(machine, script);
  const snapshot = snapshotOf(model);
  model.close();
  return snapshot;
}

function ask(snapshot: Snapshot, from: string, to: string): Promise<Answer> {
  return why(snapshot, null, { from, to, traffic: null });
}

describe('who is meant', () => {
  const named = async (text: string): Promise<string> => {
    const snapshot = await snapshotAfter('nics: {}', SETUP);
    try {
      return nameOf(endOf(snapshot, null, text));
    } catch (error) {
      if (error instanceof EndError) return error.message;
      throw error;
    }
  };

  test.each([
    ['host', 'host'],
    ['host/p0', 'host/p0'],
    ['p0', 'host/p0'],
    ['blue', 'blue'],
    ['blue/eth0', 'blue/eth0'],
    ['10.0.0.2', 'green/eth0'],
    ['2001:db8:0::1', 'blue/eth0'],
    ['192.0.2.1', '192.0.2.1'],
    ['f0', 'wire/f0'],
    ['bleu', "nothing here is called 'bleu'; is it blue?"],
    ['eth0', "'eth0' may be blue/eth0, far/eth0, green/eth0: say which, as netns/device (host/eth0)"],
    ['127.0.0.1', '127.0.0.1 is an address of host/lo, blue/lo, far/lo, green/lo, wire/lo: say which, as netns/device'],
  ])('%s', async (text, expected) => expect(await named(text)).toBe(expected));
});

describe('out of the machine', () => {
  const MACHINE =
    'nics: { eth0: { profile: generic } }\ncables: [{ between: [eth0, gw/eth0] }]\npeers: { gw: { addresses: [10.0.0.254/24] } }';
  const UP = `ip link set lo up; ip link set eth0 up; ip addr add 10.0.0.100/24 dev eth0; ip netns add blue
    ip link add link eth0 name eth0 netns blue type macvlan mode vepa; ip -n blue link set eth0 up; ip -n blue addr add 10.0.0.1/24 dev eth0
    ip -n blue route add default via 10.0.0.254; sleep 1`;

  test('what is right on this side is said to leave, and by what', async () => {
    const answer = await ask(await snapshotAfter(MACHINE, UP), 'blue', '192.0.2.9');
    expect(answer.reached).toBe(true);
    expect(answer.leaves).toEqual({ device: 'eth0', by: 'blue/eth0', nextHop: '10.0.0.254' });
    expect(answer.text).toBe(
      'it leaves by eth0 (from blue/eth0), next hop 10.0.0.254; beyond it this snapshot does not see: confirm with a probe',
    );
  });

  test('from outside, too', async () => {
    const answer = await ask(await snapshotAfter(MACHINE, UP), '10.0.0.77', 'blue/eth0');
    expect([answer.reached, answer.leaves?.device]).toEqual([true, 'eth0']);
  });

  test('through a VLAN, by IPv6', async () => {
    const script = `ip link set lo up; ip link set eth0 up; ip netns add blue; ip link add link eth0 name eth0.7 type vlan id 7
      ip link set eth0.7 up; ip link add link eth0.7 name eth0 netns blue type macvlan mode bridge; ip -n blue link set eth0 up
      ip -n blue addr add 2001:db8::1/64 dev eth0 nodad; ip -n blue -6 route add default via 2001:db8::fe; sleep 3`;
    const answer = await ask(await snapshotAfter(MACHINE, script), 'blue', '2001:db8:99::1');
    expect([answer.reached, answer.traffic]).toEqual([true, 'ipv6']);
    expect(answer.leaves).toEqual({ device: 'eth0', by: 'blue/eth0', nextHop: '2001:db8::fe' });
  });

  test('what is wrong on this side is named', async () => {
    const down = await ask(await snapshotAfter(MACHINE, `${UP}; ip link set eth0 down`), 'blue', '192.0.2.9');
    expect([down.reached, down.code, down.where]).toEqual([false, 'link-down', 'eth0']);
    const none = await ask(await snapshotAfter(MACHINE, `${UP}; ip -n blue route del default`), 'blue', '192.0.2.9');
    expect([none.reached, none.code]).toEqual([false, 'no-route']);
  });

  test('from inside a namespace whose neighbours nobody sees', async () => {
    const all = await snapshotAfter('nics: {}', SETUP);
    const inside = all.namespaces
      .filter((ns) => ns.names[0] === 'blue')
      .map((ns) => ({
        ...ns,
        host: true,
        names: [],
        nsids: ns.nsids.map((n) => ({ ...n, namespace: null })),
        links: ns.links.map((l) => ({ ...l, linkNamespace: null })),
      }));
    const answer = await ask({ ...all, namespaces: inside }, 'host', '10.8.0.2');
    expect(answer.notes).toEqual(['eth0: the device that it is on is in a namespace that the snapshot does not have']);
    expect([answer.reached, answer.leaves?.by, answer.leaves?.nextHop]).toEqual([true, 'eth0', '10.0.0.254']);
  });
});

test('a smaller MTU on one side is said beside the answer', async () => {
  const answer = await ask(
    await snapshotAfter('nics: {}', `${SETUP}; ip -n green link set eth0 mtu 1200`),
    'blue',
    'green/eth0',
  );
  expect(answer.reached).toBe(true);
  const warning = (
    await ask(
      await snapshotAfter('nics: {}', `${SETUP}; ip -n green link set eth0 mtu 1200`),
      'blue/eth0',
      'green/eth0',
    )
  ).warnings[0];
  expect([warning.code, warning.cure]).toEqual(['mtu', 'ip netns exec blue ip link set eth0 mtu 1200']);
});

test('in the model of a lab, with its switches and peers', async () => {
  const lab = parseLab(
    `lab: demo
machine:
  nics: { p0: {} }
  cables: [{ between: [p0, far/eth0] }]
  peers: { far: { addresses: [10.0.0.9/24] } }
networks: { lan: { lower: p0, mode: private } }
endpoints:
  blue: { addresses: [10.0.0.1/24] }
  green: { addresses: [10.0.0.2/24] }
`,
    'lab.yaml',
  );
  const model = createModel({ seed: 1, machine: lab.machine ?? undefined });
  applyLab(model.os, lab);
  model.loop.runUntil(5e9);
  const siblings = await whyInModel(model, lab, { from: 'blue', to: 'green', traffic: null });
  expect([siblings.reached, siblings.code]).toEqual([false, 'private']);
  const far = await whyInModel(model, lab, { from: 'blue', to: 'far', traffic: null });
  expect([far.reached, far.code]).toEqual([true, 'ok-wire']);
  await expect(whyInModel(model, lab, { from: 'blue', to: 'grene', traffic: null })).rejects.toThrow('is it green?');
  model.close();
});

test('the kernel decides where it was asked, and a difference is said', async () => {
  const answer = await ask(await snapshotAfter('nics: {}', SETUP), 'blue', 'green/eth0');
  const silent = { reached: false, evidence: 'no answer' };
  expect(isReached(answer, silent)).toBe(false);
  expect(answerText(answer, silent)).toContain('THIS DIFFERS from the model');
  expect(answerData(answer, silent)).toMatchObject({ reached: false, model: true, differs: true });
  expect(answerData(answer, null)).toMatchObject({ reached: true, differs: false });
});

describe('on a host with more than one way', () => {
  const HOST = `ip link set lo up; for n in blue green vepa; do ip netns add $n; done
    ip link add p0 type veth peer name p0x; ip link set p0 up; ip link set p0x up; ip addr add 10.0.0.100/24 dev p0
    ip link add link p0 name eth0 netns blue type macvlan mode bridge; ip link add link p0 name eth0 netns green type macvlan mode private
    ip link add link p0 name eth0 netns vepa type macvlan mode vepa
    N=1; for n in blue green vepa; do ip -n $n link set eth0 up; ip -n $n addr add 10.0.0.$N/24 dev eth0; N=$((N + 1)); done`;

  test('strict rp_filter on other NICs of the host is not why it does not reach a macvlan', async () => {
    const script = `${HOST}; sysctl -qw net.ipv4.conf.all.rp_filter=1; for i in 1 2; do ip link add q$i type veth peer name q$i-x
      ip link set q$i up; ip link set q$i-x up; ip addr add 10.8.0.$i/24 dev q$i; done; sleep 1`;
    const answer = await ask(await snapshotAfter('nics: {}', script), 'host', 'blue');
    expect([answer.code, answer.text]).toEqual([
      'host-isolation',
      'host isolation: p0 is not a sibling of its macvlans',
    ]);
    expect(answer.warnings).toEqual([]);
  });

  test('of the macvlans on a device only those that are asked about are to be changed', async () => {
    const answer = await ask(await snapshotAfter('nics: {}', `${HOST}; sleep 1`), 'blue', 'green');
    expect([answer.code, answer.commands]).toEqual([
      'private',
      ['ip netns exec green ip link set eth0 type macvlan mode bridge'],
    ]);
  });

  test('names that mean something to a shell are quoted in commands', async () => {
    const script = `${HOST}; ip -n green link set eth0 down; ip -n green link set eth0 name 'a;$(id)'; ip -n green link set 'a;$(id)' up; sleep 1`;
    const snapshot = await snapshotAfter('nics: {}', script);
    expect((await ask(snapshot, 'blue', 'green')).commands).toEqual([
      "ip netns exec green ip link set 'a;$(id)' type macvlan mode bridge",
    ]);
  });

  test('where the host has a shim, routes over it are the cure', async () => {
    const script = `${HOST}; ip link add shim link p0 type macvlan mode bridge; ip link set shim up; ip addr add 10.0.0.200/32 dev shim; sleep 1`;
    const answer = await ask(await snapshotAfter('nics: {}', script), 'host', 'blue');
    expect([answer.code, answer.cure]).toEqual(['host-isolation', 'routes to them over shim, not p0']);
    expect(answer.commands).toEqual(['ip route replace 10.0.0.1/32 dev shim']);
    const cured = await ask(await snapshotAfter('nics: {}', `${script}; ${answer.commands[0]}`), 'host', 'blue');
    expect(cured.reached).toBe(true);
    const deaf = await ask(await snapshotAfter('nics: {}', script), 'host', 'green');
    expect(deaf.commands).toEqual([
      'ip netns exec green ip link set eth0 type macvlan mode bridge',
      'ip route replace 10.0.0.2/32 dev shim',
    ]);
  });
});
