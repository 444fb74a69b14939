// Two hosts on a cable: ARP, echo, failures, fragments.

import { expect, test } from 'vitest';
import { NEIGH4, neighDump } from './control.ts';
import { addr, cable, down, heard, makeKernel, sendPing, up, watch } from './testing.ts';

function twoHosts() {
  const kernel = makeKernel();
  const a = kernel.createNs('a');
  const b = kernel.createNs('b');
  const [e0, e1] = cable(a, 'e0', b, 'e1');
  up(e0);
  up(e1);
  addr(e0, '10.0.0.1/24');
  addr(e1, '10.0.0.2/24');
  return { kernel, a, b, e0, e1 };
}

test('the first ping resolves the neighbour, the second does not ask', () => {
  const { kernel, a, e0 } = twoHosts();
  const seen = watch(e0);
  const first = sendPing(a, '10.0.0.2');
  expect(first.rc).toBe(64);
  kernel.loop.runUntil(1e9);
  expect(heard(first.sock)).toEqual(['0/0 10.0.0.2']);
  const second = sendPing(a, '10.0.0.2');
  kernel.loop.runUntil(2e9);
  expect(heard(second.sock)).toEqual(['0/0 10.0.0.2']);
  expect(seen).toEqual([
    '0.0 > who-has 10.0.0.2 tell 10.0.0.1',
    '0.0 < 10.0.0.2 is-at 02',
    '0.0 > 10.0.0.1 > 10.0.0.2 icmp 8/0 len 64',
    '0.0 < 10.0.0.2 > 10.0.0.1 icmp 0/0 len 64',
    '1000.0 > 10.0.0.1 > 10.0.0.2 icmp 8/0 len 64',
    '1000.0 < 10.0.0.2 > 10.0.0.1 icmp 0/0 len 64',
  ]);
  kernel.loop.runUntil(100e9);
  expect(kernel.skbs.live).toBe(0);
});

test('nobody answers: three requests a second apart, then failure and a message to the sender', () => {
  const { kernel, a, e0 } = twoHosts();
  up(a.dev('lo')!);
  const seen = watch(e0);
  const { sock } = sendPing(a, '10.0.0.9');
  kernel.loop.runUntil(5e9);
  expect(seen).toEqual([
    '0.0 > who-has 10.0.0.9 tell 10.0.0.1',
    '1000.0 > who-has 10.0.0.9 tell 10.0.0.1',
    '2000.0 > who-has 10.0.0.9 tell 10.0.0.1',
  ]);
  expect(heard(sock)).toEqual(['3/1 10.0.0.1']);
  expect(
    neighDump(NEIGH4, a, false)
      .filter((n) => n.dst === 0x0a000009)
      .map((n) => n.state),
  ).toEqual([0x20]);
  expect(kernel.skbs.live).toBe(0);
});

test('without lo the sender does not hear of it', () => {
  const { kernel, a } = twoHosts();
  const { sock } = sendPing(a, '10.0.0.9');
  kernel.loop.runUntil(5e9);
  expect(heard(sock)).toEqual([]);
  expect(kernel.skbs.live).toBe(0);
});

test('errors at once: no route, a device that is down', () => {
  const { a, e0 } = twoHosts();
  expect(sendPing(a, '8.8.8.8').rc).toBe(-101);
  down(e0);
  expect(sendPing(a, '10.0.0.2').rc).toBe(-101);
});

test('4000 bytes travel as three fragments each way', () => {
  const { kernel, a, e0 } = twoHosts();
  const seen = watch(e0);
  const { rc, sock } = sendPing(a, '10.0.0.2', 4000);
  expect(rc).toBe(4008);
  kernel.loop.runUntil(1e9);
  expect(heard(sock)).toEqual(['0/0 10.0.0.2']);
  expect(seen.slice(2)).toEqual([
    '0.0 > 10.0.0.1 > 10.0.0.2 frag 0+1480+',
    '0.0 > 10.0.0.1 > 10.0.0.2 frag 1480+1480+',
    '0.0 > 10.0.0.1 > 10.0.0.2 frag 2960+1048',
    '0.0 < 10.0.0.2 > 10.0.0.1 frag 0+1480+',
    '0.0 < 10.0.0.2 > 10.0.0.1 frag 1480+1480+',
    '0.0 < 10.0.0.2 > 10.0.0.1 frag 2960+1048',
  ]);
  kernel.loop.runUntil(100e9);
  expect(kernel.skbs.live).toBe(0);
});

test('a broadcast ping is not answered by default, and is when icmp_echo_ignore_broadcasts is 0', async () => {
  const { sysctlWrite } = await import('./sysctl.ts');
  const { kernel, a, b } = twoHosts();
  up(a.dev('lo')!);
  const quiet = sendPing(a, '10.0.0.255');
  kernel.loop.runUntil(1e9);
  expect(heard(quiet.sock)).toEqual(['8/0 10.0.0.1']); // its own copy
  expect(sysctlWrite(a, 'net/ipv4/icmp_echo_ignore_broadcasts', '0')).toBe(0);
  expect(sysctlWrite(b, 'net/ipv4/icmp_echo_ignore_broadcasts', '0')).toBe(0);
  const { sock } = sendPing(a, '10.0.0.255');
  kernel.loop.runUntil(2e9);
  expect(heard(sock).sort((x, y) => (x < y ? -1 : 1))).toEqual(['0/0 10.0.0.1', '0/0 10.0.0.2', '8/0 10.0.0.1']);
});
