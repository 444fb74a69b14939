// What the NIC families differ in: how they divide their queues, what switching the feature off does, and macvlan before 4.18.

import { expect, test } from 'vitest';
import { divide, type Layout } from '../../src/drivers/nic/offload-profiles.ts';
import { findProfile } from '../../src/drivers/nic/profiles.ts';
import { parseMachine } from '../../src/lab/machine-yaml.ts';
import { createModel } from '../../src/lab/model.ts';
import { runText } from '../../src/shell/testing/run.ts';

const partition = (name: string) => findProfile(name)!.offload!.partition;

test('ixgbe: 15 stations of 4 queues, then 31 of 2, then 63 of 1', () => {
  const grow = (now: Layout | null) => divide(partition('ixgbe'), 16, now);
  const first = grow(null) as Layout;
  expect(first).toEqual({ own: 4, stations: 15, queues: 4 });
  const second = grow(first) as Layout;
  expect(second).toEqual({ own: 2, stations: 31, queues: 2 });
  const third = grow(second) as Layout;
  expect(third).toEqual({ own: 1, stations: 63, queues: 1 });
  expect(grow(third)).toBe(-16);
});

test('i40e: once, by how many queues it has', () => {
  const by = (queues: number) => divide(partition('i40e'), queues, null);
  expect(by(129)).toEqual({ own: 1, stations: 128, queues: 1 });
  expect(by(128)).toEqual({ own: 32, stations: 24, queues: 4 });
  expect(by(64)).toEqual({ own: 16, stations: 24, queues: 2 });
  expect(by(32)).toEqual({ own: 16, stations: 16, queues: 1 });
  expect(by(16)).toEqual({ own: 8, stations: 8, queues: 1 });
  expect(by(4)).toEqual({ own: 1, stations: 3, queues: 1 });
  expect(by(1)).toBe(-22);
  expect(divide(partition('i40e'), 16, by(16) as Layout)).toBe(-22);
});

/** A ping while the feature is on, after it went off, and after the macvlan was down and up again. */
async function toggled(profile: string): Promise<string[]> {
  const machine = `
nics: { eth0: { profile: ${profile} } }
cables: [{ between: [eth0, far/eth0] }]
peers: { far: { addresses: [10.0.0.2/24] } }
`;
  const script = `
ip link set eth0 up
ethtool -K eth0 l2-fwd-offload on
ip netns add a
ip link add mv0 link eth0 netns a type macvlan mode private
ip -n a addr add 10.0.0.1/24 dev mv0
ip -n a link set mv0 up
sleep 0.1
reach() { ip netns exec a ping -c 2 -i 0.2 -W 1 -q 10.0.0.2 > /dev/null && echo yes || echo no; }
reach
ip -n a neigh replace 10.0.0.2 lladdr $(ip -n a -j neigh show dev mv0 | jq -r .[0].lladdr) dev mv0 nud permanent
ethtool -K eth0 l2-fwd-offload off
sleep 0.1
reach
ip -n a link set mv0 down
ip -n a link set mv0 up
sleep 0.1
reach
`;
  const model = createModel({ seed: 1, machine: parseMachine(machine, 'm.yaml') });
  const { output } = await runText(script, { kernel: model });
  return output.trim().split('\n');
}

test.each([
  ['generic', ['yes', 'yes', 'yes']],
  ['ixgbe', ['yes', 'yes', 'yes']],
  ['i40e', ['yes', 'no', 'yes']],
  ['fm10k', ['yes', 'yes', 'yes']],
])('%s: on, switched off, down and up', async (profile, expected) => {
  expect(await toggled(profile)).toEqual(expected);
});

const flood = `
ip link set eth0 up
ethtool -K eth0 l2-fwd-offload on
ip link add mv0 link eth0 type macvlan mode bridge
ip addr add 10.0.0.1/24 dev mv0
ip link set mv0 up
sleep 0.1
ping -c 1 -q 10.0.0.2 > /dev/null
flood -j -t 300ms -s 1000 --cost 100us 10.0.0.2 | jq -c '.errors | keys'
`;

async function flooded(machine: string, before = ''): Promise<string> {
  const rest = 'cables: [{ between: [eth0, far/eth0], rate: 10Mbit }]\npeers: { far: { addresses: [10.0.0.2/24] } }\n';
  const model = createModel({ seed: 1, machine: parseMachine(`${machine}\n${rest}`, 'm.yaml') });
  return (await runText(before + flood, { kernel: model })).output.trim();
}

test('ENETDOWN: ixgbe before 4.18, and nobody since', async () => {
  expect(await flooded('macvlan: before-4.18\nnics: { eth0: { profile: ixgbe } }')).toBe('["ENETDOWN"]');
  expect(await flooded('nics: { eth0: { profile: ixgbe } }')).toBe('[]');
});

test('lowerdev.noqueue_xoff=drop: the sender hears success', async () => {
  const machine = 'nics: { eth0: { offload: { ringOnUpper: true } } }';
  expect(await flooded(machine)).toBe('["ENETDOWN"]');
  expect(await flooded(machine, 'sysctl -q -w lowerdev.noqueue_xoff=drop\n')).toBe('[]');
});
