// The call trace through the user's doors: the `trace` command of scripts, and what it says of both sides of a packet.

import { expect, test } from 'vitest';
import { runScript } from '../../src/index.ts';

const siblings = `
ip link add v0 type veth peer name v1
ip link set v0 up; ip link set v1 up
for n in a b; do
  ip netns add $n
  ip link add mv$n link v0 type macvlan mode bridge
  ip link set mv$n netns $n
  ip -n $n link set mv$n up
done
ip -n a addr add 10.0.0.1/24 dev mva; ip -n b addr add 10.0.0.2/24 dev mvb
sleep 1
`;

interface Traced {
  id: number;
  packet: string;
  outcome: string;
  steps: Array<{ ns: number; fn: string; dev: string; queue: number; depth: number; note: string }>;
}

async function traced(line: string, before = siblings): Promise<Traced[]> {
  const { stdout, stderr } = await runScript(`${before}${line} | sed -n '/^\\[/,$p'`);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Traced[];
}

test('a ping between siblings: every function of both sides, in order', async () => {
  const [packet] = await traced("trace -j -c 1 -e 'icmp[0] = 8' ip netns exec a ping -c 1 10.0.0.2");
  expect(packet.packet).toMatch(/^IP 10\.0\.0\.1 > 10\.0\.0\.2: ICMP echo request/);
  expect(packet.outcome).toBe('received by icmp_rcv on b/mvb');
  expect(packet.steps.map((s) => [s.fn, s.dev, s.depth, s.note])).toEqual([
    ['ip_send_skb', 'a/mva', 0, ''],
    ['ip_local_out', 'a/mva', 0, ''],
    ['ip_output', 'a/mva', 0, ''],
    ['ip_finish_output', 'a/mva', 0, ''],
    ['ip_finish_output2', 'a/mva', 0, ''],
    ['neigh_resolve_output', 'a/mva', 0, ''],
    ['__dev_queue_xmit', 'a/mva', 0, ''],
    ['dev_hard_start_xmit', 'a/mva', 0, 'noqueue'],
    ['macvlan_start_xmit', 'a/mva', 1, ''],
    ['dev_forward_skb', 'v0', 1, ''],
    ['netif_rx', 'v0', 1, ''],
    ['__netif_receive_skb_core', 'v0', 0, ''],
    ['macvlan_handle_frame', 'v0', 0, 'RX_HANDLER_ANOTHER'],
    ['__netif_receive_skb_core', 'b/mvb', 0, ''],
    ['ip_rcv', 'b/mvb', 0, ''],
    ['ip_local_deliver', 'b/mvb', 0, ''],
    ['icmp_rcv', 'b/mvb', 0, ''],
  ]);
  const times = packet.steps.map((s) => s.ns);
  expect(times).toEqual([...times].sort((x, y) => x - y));
});

test('a packet that is lost says where and why', async () => {
  const [packet] = await traced('trace -j -e icmp ip netns exec a ping -c 1 -W 4 10.0.0.9 2>&1 >/tmp/x; cat /tmp/x');
  expect(packet.outcome).toBe('dropped on a/mva: NeighFailed');
  expect(packet.steps[packet.steps.length - 1].fn).toBe('kfree_skb_reason');
});

test('a qdisc is passed in the order of the kernel', async () => {
  const machine = 'nics: {eth0: {profile: generic}, eth1: {profile: generic}}\ncables: [{between: [eth0, eth1]}]\n';
  const { stdout } = await runScript(
    'ip link set eth0 up; ip link set eth1 up; ip addr add 10.9.0.1/24 dev eth0; sleep 3\ntrace -c 1 -e arp ping -c 1 -W 1 10.9.0.9',
    { machine },
  );
  expect(stdout).toMatch(
    /__dev_queue_xmit .*\n.*sch_direct_xmit +eth0 +tx-\d+ +pfifo_fast.*\n.*dev_hard_start_xmit +eth0/,
  );
  expect(stdout).toMatch(/= received by arp_rcv on eth1/);
});

const stationed = `
ip link set p0 up; ip link set p1 up; ip addr add 192.168.0.10/24 dev p1
ethtool -K p0 l2-fwd-offload on
ip netns add net0
ip link add macvlan0 link p0 type macvlan mode bridge
ip link set macvlan0 netns net0
ip -n net0 addr add 192.168.0.1/24 dev macvlan0; ip -n net0 link set macvlan0 up
sleep 3
ip netns exec net0 ping -c 1 192.168.0.10 > /dev/null
`;

/** The document's call trace of an offloaded macvlan; an idle queue is bypassed, and then there is no __qdisc_run. */
const OFFLOADED = [
  'udp_send_skb',
  'ip_send_skb',
  'ip_local_out',
  'ip_output',
  'ip_finish_output',
  'ip_finish_output2',
  '__dev_queue_xmit',
  'dev_hard_start_xmit',
  'macvlan_start_xmit',
  'dev_queue_xmit_accel',
  '__dev_queue_xmit',
  '__qdisc_run',
  'sch_direct_xmit',
  'dev_hard_start_xmit',
  'ixgbe_xmit_frame',
];

test('a UDP send from an offloaded macvlan reads as the call trace of the kernel', async () => {
  const machine = 'nics: {p0: {profile: ixgbe}, p1: {profile: generic}}\ncables: [{between: [p0, p1]}]\n';
  const line =
    'trace -j -w 50ms -c 400 -e udp ip netns exec net0 flood --cost 100ns -n 300 192.168.0.10 > /tmp/t; sed -n "/^\\[/,\\$p" /tmp/t';
  const { stdout } = await runScript(`${stationed}${line}`, { machine });
  const packets = JSON.parse(stdout) as Traced[];
  expect(packets.length).toBe(300);
  const named = (p: Traced): string[] => p.steps.map((s) => s.fn).filter((fn) => OFFLOADED.includes(fn));
  const waited = packets.filter((p) => p.steps.some((s) => s.fn === 'dev_qdisc_enqueue'));
  expect(waited.length).toBeGreaterThan(50);
  for (const p of waited) expect(named(p)).toEqual(OFFLOADED);
  const straight = packets.find((p) => !waited.includes(p)) as Traced;
  expect(named(straight)).toEqual(OFFLOADED.filter((fn) => fn !== '__qdisc_run'));
  const accel = straight.steps.find((s) => s.fn === 'dev_queue_xmit_accel');
  expect([accel?.dev, accel?.note]).toEqual(['p0', 'for net0/macvlan0']);
  expect(straight.steps.find((s) => s.fn === 'ixgbe_xmit_frame')?.depth).toBe(2);
});

test.each([
  ['trace', 'which command?'],
  ['trace -c 0 true', '-c 0: not a number of packets'],
  ['trace -x true', 'there is no option -x'],
  ["trace -e 'prot udp' true", "'prot udp': can't parse filter expression: syntax error"],
])('%s is refused: %s', async (line, message) => {
  const { stderr, exitCode } = await runScript(line);
  expect(stderr).toContain(`trace: ${message}`);
  expect(exitCode).toBe(2);
});

test('the exit code is the command’s, and nothing listens afterwards', async () => {
  const { exitCode, stdout } = await runScript('trace sh -c "exit 7"');
  expect([exitCode, stdout]).toEqual([7, 'no packet was chosen\n']);
});
