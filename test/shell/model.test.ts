// Scripts on the model where the shell, its tools and the kernel meet: what a user reads must be what Linux's tools say.

import { expect, test } from 'vitest';
import { createModel } from '../../src/lab/model.ts';
import { Session } from '../../src/shell/session.ts';

async function run(script: string): Promise<string> {
  const model = createModel({ seed: 1 });
  let output = '';
  const write = (_stream: 'out' | 'err', text: string): void => {
    output += text;
  };
  const session = new Session({ kernel: model, terminal: { write, isTty: false, columns: 80 }, seed: 1 });
  model.os.nsOfPid = (pid) => session.computer.nsOfPid(pid);
  await session.run(script);
  return output;
}

test('a command that fails lets go of the namespaces it opened', async () => {
  const output = await run(`ip netns add a
ip link add v0 type veth peer name v1 netns a
ip link set v0 netns a nonsense more 2> /dev/null
ip netns del a
ip link show v0; ip netns list-id`);
  expect(output).toBe('Device "v0" does not exist.\n');
});

test('ids of namespaces are told of, and that they are gone, with the name they had', async () => {
  const output = await run(`ip netns add a; ip netns add b; ip netns set b 7
timeout 1 ip monitor nsid & sleep 0.1
ip netns set a 4; ip netns del a; ip netns del b; wait`);
  expect(output).toBe(`nsid 4 (iproute2 netns name: a)
Deleted nsid 4 (iproute2 netns name: a)
Deleted nsid 7 (iproute2 netns name: b)
`);
});

test('a link whose lowerdev is elsewhere gives that namespace an id, though nobody listens', async () => {
  const output = await run(`ip netns add a; ip netns add b
ip link add v0 type veth peer name v1
ip link add link v0 name m0 netns a type macvlan
ip -n a netns list-id
ip -n a link add link m0 name m1 link-netns b type macvlan; ip -n a netns list-id`);
  expect(output).toBe('nsid 0 \nRTNETLINK answers: No such device\nnsid 0 \nnsid 1 (iproute2 netns name: b)\n');
});

test('ip monitor says why a link is told of', async () => {
  const output = await run(`ip link add v0 type veth peer name v1
timeout 1 ip -br monitor link > /dev/null & timeout 1 ip -o monitor link & sleep 0.1
ethtool -K v0 tx off > /dev/null; wait`);
  expect(output).toMatch(/^\d+: v0@v1: .* group default event FEATURE CHANGE \\ +link\/ether/);
});

test('a file of /sys that answers with an error is there', async () => {
  const output = await run(`ip link add v0 type veth peer name v1; cd /sys/class/net/v0
cat speed mtu; cat /sys/class/net/v0/carrier; head -1 /sys/class/net/v0/speed; cat nope; grep . /sys/class/net/v0/duplex
[ -r speed ] && echo readable`);
  expect(output).toBe(`cat: speed: Invalid argument
1500
cat: /sys/class/net/v0/carrier: Invalid argument
head: error reading '/sys/class/net/v0/speed': Invalid argument
cat: nope: No such file or directory
grep: /sys/class/net/v0/duplex: Invalid argument
readable
`);
});

test("a macvlan's speed and duplex in /sys are those of its lowerdev", async () => {
  const output = await run(`ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up
ip link add link v0 name m0 type macvlan; ip link set m0 up
cat /sys/class/net/m0/speed /sys/class/net/m0/duplex`);
  expect(output).toBe('10000\nfull\n');
});
