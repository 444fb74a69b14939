// status: what the model's macvlans look like in rows, tables and changes; the offload state against what the model knows.

import { describe, expect, test } from 'vitest';
import { NodeHost, Quiet } from '../../src/cli/host.ts';
import { parseMachine } from '../../src/lab/machine-yaml.ts';
import { createModel, type Model } from '../../src/lab/model.ts';
import { readSnapshot } from '../../src/lab/snapshot/read.ts';
import { changesBetween, changeText } from '../../src/lab/status/changes.ts';
import { Listeners } from '../../src/lab/status/listeners.ts';
import { type Status, statusOf } from '../../src/lab/status/rows.ts';
import { short, statusText } from '../../src/lab/status/status-text.ts';
import { tableLines } from '../../src/lab/status/table.ts';
import { Session } from '../../src/shell/session.ts';

async function run(model: Model, text: string): Promise<void> {
  const quiet = new Quiet();
  const session = new Session({ kernel: model, terminal: quiet, host: new NodeHost(false, false) });
  model.os.nsOfPid = (pid) => session.computer.nsOfPid(pid);
  await session.run(text);
  expect([quiet.stderr, session.failure]).toEqual(['', null]);
}

const read = (model: Model): Status => statusOf(readSnapshot(model.os));

const SCRIPT = `
ip netns add far
ip link add eth0 address 02:00:00:00:00:f0 type veth peer name p netns far
ip link set eth0 up; ip -n far link set p up
for n in 1 2; do
  ip netns add n$n; ip link add link eth0 name m0 netns n$n address 02:00:00:00:00:0$n type macvlan mode bridge
  ip -n n$n link set m0 up; ip -n n$n addr add 192.168.7.$n/24 dev m0
done
ip link add link eth0 name v0 address 02:00:00:00:00:03 type macvtap mode private
ip link set v0 alias lowerdev:web:endpoint/v
`;

async function veth(ipv6 = true): Promise<Model> {
  const model = createModel({ seed: 1, ipv6 });
  await run(model, SCRIPT);
  return model;
}

describe('rows', () => {
  test('everything of each macvlan, wherever it is', async () => {
    const model = await veth();
    const { macvlans, lowers } = read(model);
    expect(macvlans.map((r) => [r.device, r.kind, r.mode, r.mac, r.state, r.lower, r.lab])).toEqual([
      ['v0', 'macvtap', 'private', '02:00:00:00:00:03', 'down', 'eth0', 'web'],
      ['n1/m0', 'macvlan', 'bridge', '02:00:00:00:00:01', 'up', 'eth0', null],
      ['n2/m0', 'macvlan', 'bridge', '02:00:00:00:00:02', 'up', 'eth0', null],
    ]);
    expect(macvlans[1].addresses[0]).toBe('192.168.7.1/24');
    expect(macvlans[1].bcQueue).toEqual({ limit: 1000, used: 1000, cutoff: 1 });
    expect(lowers.map((r) => [r.device, r.kind, r.state, r.macvlans, r.fdb])).toEqual([
      ['eth0', 'veth', 'up', 3, ['02:00:00:00:00:01', '02:00:00:00:00:02']],
    ]);
    model.close();
  });

  test('a lowerdev that goes down is the state of what stands on it', async () => {
    const model = await veth();
    await run(model, 'ip link set eth0 down');
    expect(read(model).macvlans.map((r) => r.state)).toEqual(['down', 'lower down', 'lower down']);
    await run(model, 'ip link set eth0 up; ip -n far link set p down; sleep 2');
    expect(read(model).macvlans.map((r) => r.state)).toEqual(['down', 'no carrier', 'no carrier']);
    model.close();
  });

  test('rates are what was counted between two readings', async () => {
    const model = await veth(false);
    await run(model, 'ip netns exec n1 ping -c 1 192.168.7.2 > /dev/null');
    const first = readSnapshot(model.os);
    await run(model, 'ip netns exec n1 ping -c 5 -i 0.2 192.168.7.2 > /dev/null');
    const { macvlans } = statusOf(readSnapshot(model.os), { snapshot: first, seconds: 5 });
    const [, one, two] = macvlans;
    expect([one.rates?.txPackets, two.rates?.rxPackets]).toEqual([1, 1]);
    expect(one.rates?.txBytes).toBe(98);
    expect(two.counters.rxPackets).toBeGreaterThan(5);
    model.close();
  });

  test('offload, against what the model knows of it', async () => {
    const machine = parseMachine(
      'nics: { eth0: { profile: ixgbe } }\ncables: [{ between: [eth0, x/eth0] }]\npeers: { x: { nic: {}, addresses: [192.168.9.9/24] } }',
      'm.yaml',
    );
    const model = createModel({ seed: 1, machine });
    await run(
      model,
      `ip link set eth0 up; ethtool -K eth0 l2-fwd-offload on
      ip link add link eth0 name x1 type macvlan mode bridge; ip link set x1 up
      ip link add link eth0 name x2 numtxqueues 2 type macvlan mode bridge; ip link set x2 up
      ip link add link eth0 name x3 type macvlan mode bridge; sleep 5`,
    );
    const { macvlans, lowers } = read(model);
    const known = new Map(model.os.offload().lowers[0].macvlans.map((m) => [m.device, m.offloaded]));
    expect([known.get('x1'), known.get('x2'), known.get('x3')]).toEqual([true, false, false]);
    expect(macvlans.map((m) => m.offload === 'nic')).toEqual(macvlans.map((m) => known.get(m.device)));
    expect(lowers[0].offload).toBe('on');
    const tx = model.os.offload().lowers[0].macvlans.find((m) => m.device === 'x1')?.tx;
    expect(lowers[0].lentQueues).toEqual(Array.from({ length: tx?.count ?? 0 }, (_, i) => (tx?.offset ?? 0) + i));
    model.close();
  });
});

describe('text', () => {
  test('a pipe gets all of it; a terminal what fits, in its width', async () => {
    const model = await veth();
    const status = read(model);
    const full = statusText(status, null);
    expect(full).toContain('02:00:00:00:00:01');
    expect(full).toMatch(/^n1 +m0 +macvlan +bridge +02:00:00:00:00:01 +192\.168\.7\.1\/24 \S+ +eth0 +up /m);
    for (const width of [200, 120, 80, 60, 40]) {
      const lines = statusText(status, width).split('\n');
      expect(lines.filter((l) => l.length > width)).toEqual([]);
      expect(lines[0]).toMatch(/^NAMESPA.*DEVICE.*STATE/);
    }
    expect(statusText(status, 1000)).toBe(full);
    model.close();
  });

  test('no macvlan is said', () => {
    const model = createModel({ seed: 1 });
    expect(statusText(read(model), null)).toBe('no macvlan on this machine\n');
    model.close();
  });

  test('columns: the least wanted goes first, then the longest cell is cut', () => {
    const columns = [
      { title: 'A', cells: ['aaaaaaaaaaaa'], keep: 0 },
      { title: 'B', cells: ['bbbb'], keep: 2, right: true },
      { title: 'C', cells: ['cccc'], keep: 1 },
    ];
    expect(tableLines(columns, null)).toEqual(['A                B  C', 'aaaaaaaaaaaa  bbbb  cccc']);
    expect(tableLines(columns, 18)).toEqual(['A                B', 'aaaaaaaaaaaa  bbbb']);
    expect(tableLines(columns, 10)).toEqual(['A', 'aaaaaaaaa…']);
  });

  test.each([
    [0, '0'],
    [999, '999'],
    [1000, '1.0k'],
    [12_345, '12.3k'],
    [99_950, '100k'],
    [999_499, '999k'],
    [999_500, '1.0M'],
    [1.5, '1.5'],
    [2 ** 40, '1.1T'],
  ])('%d is %s', (n, text) => expect(short(n)).toBe(text));
});

describe('changes', () => {
  test('what came, went and differs, and no counter', async () => {
    const model = await veth();
    const before = read(model);
    expect(changesBetween(before, before)).toEqual([]);
    await run(
      model,
      `ip netns exec n1 ping -c 1 192.168.7.2 > /dev/null
      ip link del v0; ip -n n1 link set m0 type macvlan mode private; ip -n n2 addr add 192.168.8.1/24 dev m0
      ip link add link eth0 name w0 address 02:00:00:00:00:09 type macvlan`,
    );
    expect(changesBetween(before, read(model)).map(changeText)).toEqual([
      '- v0',
      '+ w0: macvlan vepa 02:00:00:00:00:09 on eth0 down',
      '~ n1/m0: mode bridge -> private',
      expect.stringMatching(/^~ n2\/m0: addresses 192.168.7.2\/24 \S+ -> 192.168.7.2\/24 192.168.8.1\/24 \S+$/),
    ]);
    expect(changesBetween(null, before)[1]).toMatchObject({ change: 'present', device: 'n1/m0' });
    model.close();
  });

  test('listeners hear of changes in every namespace, and keep none alive', async () => {
    const model = await veth();
    let heard = 0;
    const listeners = new Listeners(model.os, () => heard++);
    listeners.follow();
    await run(model, 'ip -n n2 link set m0 mtu 1400');
    expect(heard).toBeGreaterThan(0);
    const namespaces = model.kernel.namespaces.length;
    await run(model, 'ip netns del n2');
    listeners.follow();
    expect(model.kernel.namespaces.length).toBe(namespaces - 1);
    listeners.close();
    model.close();
  });
});
