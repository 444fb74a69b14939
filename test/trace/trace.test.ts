// The call trace through the user's doors: the `trace` command of scripts, and what it says of both sides of a packet.

import { expect, test } from 'vitest';
import { runScript } from '../../src/index.ts';

const siblings = `
ip link add v0 type veth peer name v1
ip link set v0 up; ip link set v1 up
for n in a b; do
  ip netns add $n
  ip link add m$n link v0 type macvlan mode bridge
  ip link set m$n netns $n
  ip -n $n link set m$n up
done
ip -n a addr add 10.0.0.1/24 dev ma; ip -n b addr add 10.0.0.2/24 dev mb
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
  expect(packet.outcome).toBe('received by icmp_rcv on b/mb');
  expect(packet.steps.map((s) => [s.fn, s.dev, s.depth, s.note])).toEqual([
    ['ip_send_skb', 'a/ma', 0, ''],
    ['ip_local_out', 'a/ma', 0, ''],
    ['ip_output', 'a/ma', 0, ''],
    ['ip_finish_output', 'a/ma', 0, ''],
    ['ip_finish_output2', 'a/ma', 0, ''],
    ['neigh_resolve_output', 'a/ma', 0, ''],
    ['__dev_queue_xmit', 'a/ma', 0, ''],
    ['dev_hard_start_xmit', 'a/ma', 0, 'noqueue'],
    ['macvlan_start_xmit', 'a/ma', 1, ''],
    ['dev_forward_skb', 'v0', 1, ''],
    ['netif_rx', 'v0', 1, ''],
    ['__netif_receive_skb_core', 'v0', 0, ''],
    ['macvlan_handle_frame', 'v0', 0, 'RX_HANDLER_ANOTHER'],
    ['__netif_receive_skb_core', 'b/mb', 0, ''],
    ['ip_rcv', 'b/mb', 0, ''],
    ['ip_local_deliver', 'b/mb', 0, ''],
    ['icmp_rcv', 'b/mb', 0, ''],
  ]);
  const times = packet.steps.map((s) => s.ns);
  expect(times).toEqual([...times].sort((x, y) => x - y));
});

test('a packet that is lost says where and why', async () => {
  const [packet] = await traced('trace -j -e icmp ip netns exec a ping -c 1 -W 4 10.0.0.9 2>&1 >/tmp/x; cat /tmp/x');
  expect(packet.outcome).toBe('dropped on a/ma: NeighFailed');
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
