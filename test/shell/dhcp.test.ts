// DHCP clients over minutes of virtual time: renewals, a server that is gone, one that comes back, a device that goes.

import { expect, test } from 'vitest';
import { runScript } from '../../src/index.ts';

const SETUP = `
ip link add eth0 address 02:00:00:00:00:01 type veth peer name lan address 02:00:00:00:00:fe
ip netns add router
ip link set lan netns router up
ip -n router addr add 10.0.0.1/24 dev lan
ip link set eth0 up
printf '%s\\n' 'interface lan' 'start 10.0.0.100' 'end 10.0.0.120' 'opt subnet 255.255.255.0' 'opt lease 60' >/etc/udhcpd.conf
ip netns exec router udhcpd
for n in 1 2; do
  ip netns add c$n
  ip link add mv0 link eth0 netns c$n address 02:00:00:00:00:1$n type macvlan mode bridge
done
ip netns exec c1 udhcpc -i mv0 -p /run/c1.pid 2>/dev/null
ip netns exec c2 dhclient -pf /run/c2.pid mv0
state() {
  for n in 1 2; do echo "$1 c$n" $(ip -n c$n -4 -o addr show dev mv0 2>&1 | grep -o '10[.0-9]*/24'); done
}
`;

test('leases are renewed, lost with the server, and come back with it', async () => {
  const { stdout, exitCode } = await runScript(`${SETUP}
state first
sleep 300
state renewed
kill $(cat /var/run/udhcpd.pid)
sleep 100
state lost
ip netns exec router udhcpd
sleep 400
state back
`);
  expect(exitCode).toBe(0);
  const all = ['c1 10.0.0.119/24', 'c2 10.0.0.120/24'];
  expect(stdout.trim().split('\n')).toEqual([
    ...all.map((line) => `first ${line}`),
    ...all.map((line) => `renewed ${line}`),
    'lost c1',
    'lost c2',
    ...all.map((line) => `back ${line}`),
  ]);
});

test('a device that goes takes its client with it, and nothing is left open', async () => {
  const { stdout } = await runScript(`${SETUP}
ip -n c1 link del mv0
ip netns exec c2 dhclient -pf /run/c2.pid -x mv0 2>/dev/null
sleep 100
ls /run/c1.pid /run/c2.pid 2>&1
for n in 1 2; do ip netns exec c$n ss -Huan; done
`);
  expect(stdout).toBe(
    "ls: cannot access '/run/c1.pid': No such file or directory\nls: cannot access '/run/c2.pid': No such file or directory\n",
  );
});
