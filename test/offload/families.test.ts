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

/** What a script prints on a machine with eth0 of that profile, and eth1 at the other end of its cable. */
async function printed(profile: string, script: string, also = ''): Promise<string[]> {
  const nics = `{ eth0: { profile: ${profile}, mac: "02:00:00:00:00:01", unicastFilters: 1 }, eth1: {} }`;
  const machine = parseMachine(`${also}nics: ${nics}\ncables: [{ between: [eth0, eth1] }]\n`, 'm.yaml');
  const start = `
ip link set eth0 up; ip link set eth1 up; ethtool -K eth0 l2-fwd-offload on; sleep 0.1
at() { cat /sys/class/net/$1/statistics/$2; }
station() { ip link add $1 link eth0 address $2 type macvlan mode bridge; ip link set $1 up; sleep 0.1; }
`;
  const model = createModel({ seed: 1, machine });
  return (await runText(start + script, { kernel: model })).output.trim().split('\n');
}

const look = 'echo $(cat /sys/class/net/eth0/carrier_changes) $(ls /sys/class/net/eth0/queues | grep -c tx)';

test.each([
  ['ixgbe', '3 64'], // the link goes and comes
  ['i40e', '1 16'],
])('%s: what the first station does to the port, and the second does not', async (profile, after) => {
  const lines = await printed(
    profile,
    `${look}\nstation m1 02:00:00:00:00:11\n${look}\nip link set m1 down; station m2 02:00:00:00:00:12\n${look}`,
  );
  expect(lines).toEqual(['1 16', after, after]);
});

test('ixgbe: the mode of its switch can be set once there are pools', async () => {
  const set = 'bridge link set dev eth0 hwmode vepa 2>&1; echo $?';
  const lines = await printed('ixgbe', `${set}\nstation m1 02:00:00:00:00:11\n${set}`);
  expect(lines).toEqual(['RTNETLINK answers: Operation not supported', '255', '0']);
});

test('ixgbe: no room for the address of a station: a line in the log, and software', async () => {
  const lines = await printed(
    'ixgbe',
    'station m1 02:00:00:00:00:11; station m2 02:00:00:00:00:12; dmesg | grep -c "L2FW offload disabled due to L2 filter error"\nlowerdev offload | grep -c "in software"',
  );
  expect(lines).toEqual(['1', '1']);
});

test('ixgbe as a VEPA: what comes back with its own address as the sender is pruned', async () => {
  const back = `frame eth1 ffffffffffff020000000001${'88b5'.padEnd(96, '0')}; sleep 0.01; at eth0 rx_packets`;
  const lines = await printed(
    'ixgbe',
    `station m1 02:00:00:00:00:11; at eth0 rx_packets; ${back}
bridge link set dev eth0 hwmode vepa; ${back}`,
  );
  const [before, veb, vepa] = lines.map(Number);
  expect([veb - before, vepa - veb]).toEqual([1, 0]);
});

test.each([
  ['ixgbe', [0, 1]],
  ['fm10k', [0, 1]],
  ['i40e', [1, 1]],
])('%s: frames of a station are seen by the port, by the macvlan', async (profile, expected) => {
  const both = 'at eth0 rx_packets; at m1 rx_packets';
  const lines = await printed(
    profile,
    `station m1 02:00:00:00:00:11; ${both}\nframe eth1 020000000011020000000099${'88b5'.padEnd(96, '0')}; sleep 0.01; ${both}`,
  );
  const [a, b, c, d] = lines.map(Number);
  expect([c - a, d - b]).toEqual(expected);
});

test.each([
  ['', '0'],
  ['macvlan: before-4.18\n', '1'],
])('%j: frames between stations of mode bridge that leave by the port', async (also, sent) => {
  const frame = `frame m1 020000000012020000000011${'88b5'.padEnd(96, '0')}; sleep 0.01`;
  const script = `sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
station m1 02:00:00:00:00:11; station m2 02:00:00:00:00:12; n=$(at eth0 tx_packets); ${frame}
echo $(($(at eth0 tx_packets) - n))`;
  expect(await printed('generic', script, also)).toEqual([sent]);
});

test('before 4.18 a station has one queue, two or four, as many in as out', async () => {
  const made = [1, 2, 3, 4, 5].map(
    (n) => `ip link add m${n} numtxqueues ${n} numrxqueues ${n} link eth0 type macvlan; ip link set m${n} up`,
  );
  const script = `${made.join('\n')}\ndmesg | grep -o "m[0-9]: Supports.*"`;
  const words = 'Supports RX/TX Queue counts 1,2, and 4';
  expect(await printed('generic', script, 'macvlan: before-4.18\n')).toEqual([`m3: ${words}`, `m5: ${words}`]);
});
