// What other projects' tests of macvlan check, said again in our words (theirs are GPL and not copied) and run on the model:
// macvlan over a bond, as the kernel's selftest drivers/net/bonding/bond_macvlan.sh has it, and what the Linux Test Project's
// macvlan and macvtap tests of testcases/network/virt put a machine through.

import { expect, test } from 'vitest';
import { checkKernel } from '../../src/lab/checkers.ts';
import { createModel } from '../../src/lab/model.ts';
import { Session } from '../../src/shell/session.ts';

interface Ran {
  code: number;
  output: string;
  wrong: readonly unknown[];
}

async function run(script: string): Promise<Ran> {
  const model = createModel({ seed: 1 });
  const check = checkKernel(model.kernel);
  let output = '';
  const write = (_stream: 'out' | 'err', text: string): void => {
    output += text;
  };
  const session = new Session({ kernel: model, terminal: { write, isTty: false, columns: 80 }, seed: 1 });
  model.os.nsOfPid = (pid) => session.computer.nsOfPid(pid);
  const code = await session.run(script);
  return { code, output, wrong: check.verify() };
}

/** A server with two NICs in a bond, a client, and a switch between them; a macvlan in each of two namespaces of the server. */
const bondLab = (mode: string, setup: string) => `
for n in gw server client m1 m2; do ip netns add $n; ip -n $n link set lo up; done
ip -n gw link add br0 type bridge forward_delay 0
ip -n gw link set br0 up
for i in 0 1; do
  ip -n server link add eth$i type veth peer name s$i netns gw
  ip -n gw link set s$i master br0 up
done
ip -n client link add eth0 type veth peer name c0 netns gw
ip -n gw link set c0 master br0 up
ip -n client link set eth0 up
ip -n client addr add 192.0.2.10/24 dev eth0
ip -n client addr add 2001:db8::10/64 dev eth0 nodad
ip -n server link add bond0 type bond mode ${mode} miimon 100 || exit 77
for i in 0 1; do ip -n server link set eth$i down; ip -n server link set eth$i master bond0; done
ip -n server link set bond0 up
ip -n server addr add 192.0.2.1/24 dev bond0
ip -n server addr add 2001:db8::1/64 dev bond0 nodad
for i in 1 2; do
  ip -n server link add link bond0 name macv0 type macvlan mode bridge
  ip -n server link set macv0 netns m$i
  ip -n m$i link set macv0 up
  ip -n m$i addr add 192.0.2.1$i/24 dev macv0
  ip -n m$i addr add 2001:db8::1$i/64 dev macv0 nodad
done
sleep 3
try() { ip netns exec $1 ping -q -c 2 -i 0.1 -W 1 $2 > /dev/null && echo "$1 $2 ok" || echo "$1 $2 FAILED"; }
${setup}
`;

const pairs = `
for to in 192.0.2.1 2001:db8::1 192.0.2.11 2001:db8::11 192.0.2.12 2001:db8::12; do try client $to; done
for to in 192.0.2.12 2001:db8::12 192.0.2.10 2001:db8::10; do try m1 $to; done
for to in 192.0.2.11 2001:db8::11 192.0.2.10 2001:db8::10; do try m2 $to; done
for to in 192.0.2.10 2001:db8::10; do try server $to; done
`;

test('macvlan over an active-backup bond: everybody reaches everybody, before and after a failover', async () => {
  const failover = 'ip -n server link set eth0 down; sleep 1; ip -n client neigh flush dev eth0';
  const { code, output, wrong } = await run(bondLab('active-backup', `${pairs}\n${failover}\n${pairs}\n`));
  expect(output).not.toContain('FAILED');
  expect([code, output.match(/ ok$/gm)?.length]).toEqual([0, 32]);
  expect(wrong).toEqual([]);
});

test.each(['balance-tlb', 'balance-alb'])('a bond of mode %s is refused by name', async (mode) => {
  const { code, output } = await run(bondLab(mode, ''));
  expect(code).toBe(77);
  expect(output).toMatch(/not modelled/);
});

const LAB = 'ip link add p0 type veth peer name p1; ip link set p0 up; ip link set p1 up\n';

/** Many at once, then gone; one, again and again; each up with an address. */
const manyOf = (kind: string, mode: string, count: number) => `${LAB}
i=0
while [ $i -lt ${mode === 'passthru' ? 1 : count} ]; do
  ip link add link p0 name t$i type ${kind} mode ${mode} || exit 1
  ip link set t$i up || exit 2
  ip addr add 10.$((i / 250)).$((i % 250)).1/24 dev t$i || exit 3
  i=$((i + 1))
done
ip -br link show type ${kind} | wc -l
while [ $i -gt 0 ]; do i=$((i - 1)); ip link del t$i || exit 4; done
while [ $i -lt ${count} ]; do
  ip link add link p0 name mx type ${kind} mode ${mode} && ip link set mx up && ip link del mx || exit 5
  i=$((i + 1))
done
ip -br link show type ${kind} | wc -l
ip -d link show p0 | grep -o 'promiscuity [0-9]*'
`;

const kinds = ['macvlan', 'macvtap'].flatMap((kind) =>
  ['private', 'vepa', 'bridge', 'passthru'].map((mode) => [kind, mode]),
);

test.each(kinds)('many of %s, mode %s, made and deleted', async (kind, mode) => {
  const count = 40;
  const { code, output, wrong } = await run(manyOf(kind, mode, count));
  expect([code, output]).toEqual([0, `${mode === 'passthru' ? 1 : count}\n0\npromiscuity 0\n`]);
  expect(wrong).toEqual([]);
});

test('a macvlan in a namespace of its own carries a stream while its siblings come and go', async () => {
  const { code, output, wrong } = await run(`${LAB}
ip netns add peer; ip link set p1 netns peer; ip -n peer link set p1 up; ip -n peer addr add 10.0.0.1/24 dev p1
ip netns add a; ip link add link p0 name m0 type macvlan mode bridge; ip link set m0 netns a
ip -n a addr add 10.0.0.2/24 dev m0; ip -n a link set m0 up; sleep 1
ip netns exec a ping -q -i 0.01 -c 300 10.0.0.1 > /tmp/stream &
i=0
while [ $i -lt 50 ]; do
  ip link add link p0 name x type macvlan mode private; ip link set x up; sleep 0.02; ip link del x
  i=$((i + 1))
done
wait
grep -o '300 received' /tmp/stream`);
  expect([code, output]).toEqual([0, '300 received\n']);
  expect(wrong).toEqual([]);
});
