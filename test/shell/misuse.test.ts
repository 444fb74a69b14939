// What a script gets wrong, or asks too much of: it is told in the words of Linux's tools, and the run goes on.

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

test('the zone of an address names a device that is not there', async () => {
  const output = await run(`ip link set lo up
nc -z fe80::9%nope 3; echo $?; curl -s 'http://[fe80::1%nope]/'; echo $?; ping -c 1 fe80::1%nope; echo $?`);
  expect(output).toBe(`nc: getaddrinfo for host "fe80::9%nope" port 3: Name or service not known
1
6
ping: fe80::1%nope: Name or service not known
2
`);
});

test('an address may live longer than virtual time lasts', async () => {
  const output = await run(`ip link add d0 type dummy; ip link set d0 up
for last in 9007198 9007200 2147483648; do ip addr add 10.0.0.1/24 dev d0 valid_lft $last preferred_lft $last; ip -4 addr show d0 | tail -1
ip addr del 10.0.0.1/24 dev d0; done
ip addr add 10.0.0.1/24 dev d0 valid_lft 4294967294 preferred_lft 1; sleep 2; ip -4 -o addr show d0 | grep -o deprecated`);
  expect(output).toMatch(
    /^ +valid_lft 9007198sec .*\n +valid_lft 9007200sec .*\n +valid_lft 2147483648sec preferred_lft 2147483648sec\ndeprecated\n$/,
  );
});

test('sysctl says the reason for every errno', async () => {
  const output = await run('sysctl -w net.ipv4.tcp_congestion_control=nope; sysctl -w net.ipv4.ip_forward=x');
  expect(output).toBe(`sysctl: setting key "net.ipv4.tcp_congestion_control": No such file or directory
sysctl: setting key "net.ipv4.ip_forward": Invalid argument
`);
});

test('a bridge may keep its addresses longer than virtual time lasts', async () => {
  const output = await run(`ip link add br0 up type bridge ageing_time 4294967295; ip link add v0 type veth peer name v1
ip link set v0 up master br0; ip link set v1 up; ip addr add 10.0.0.1/24 dev v1; ip addr add 10.0.0.2/24 dev br0
ping -q -c 1 10.0.0.9 > /dev/null; sleep 86400; bridge fdb show br br0 dynamic | wc -l`);
  expect(output).toBe('1\n');
});
