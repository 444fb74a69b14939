// Sockets over IPv6: what may be bound and sent, errors, dual-stack sockets. Errnos are those that Linux 6.18 gave to the
// same calls.

import { expect, test } from 'vitest';
import type { Kernel } from '../net/kernel.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { IFA_F_NODAD } from '../uapi/addr.ts';
import { in6, in6Mapped } from '../wire/in6.ts';
import { ip4Of } from '../wire/text.ts';
import type { Raw6Socket } from './raw6.ts';
import { openSocket } from './socket-api.ts';
import type { SockAddr, Socket, SocketKind } from './socket-types.ts';
import { addr, cable, makeKernel, up } from './testing.ts';
import { addr6, makeKernel6, ns6 } from './testing6.ts';

const to = (ip: string, port = 0, ifindex = 0): SockAddr => ({
  addr4: 0,
  port,
  ifindex,
  protocol: 0,
  mac: 0,
  addr6: in6(ip),
});
const text = (m: { data: Uint8Array } | null): string => (m === null ? 'nothing' : new TextDecoder().decode(m.data));
const hello = new TextEncoder().encode('hello');

function pair(): { k: Kernel; a: NetNs; b: NetNs; x: NetDevice; y: NetDevice } {
  const k = makeKernel6();
  const [a, b] = ['a', 'b'].map((n) => k.createNs(n));
  const [x, y] = cable(a, 'eth0', b, 'eth0');
  for (const ns of [a, b]) up(ns.dev('lo') as NetDevice);
  up(x);
  up(y);
  addr6(x, 'fd00::1/64', IFA_F_NODAD);
  addr6(y, 'fd00::2/64', IFA_F_NODAD);
  addr(x, '10.0.0.1/24');
  addr(y, '10.0.0.2/24');
  k.loop.runUntil(5e9);
  return { k, a, b, x, y };
}

function open(ns: NetNs, kind: SocketKind = 'udp6', protocol = 17): Socket {
  const s = openSocket(ns.kernel, ns, kind, protocol);
  if (typeof s === 'number') throw new Error(`errno ${-s}`);
  return s;
}

test('a kernel without IPv6 has no such sockets', () => {
  const k = makeKernel();
  expect(openSocket(k, k.createNs('a'), 'udp6', 17)).toBe(-97);
});

test('what may be bound', () => {
  const { a, x } = pair();
  const bind = (where: SockAddr): number => open(a).bind(where);
  expect(bind(to('fd00::1'))).toBe(0);
  expect(bind(to('fd00::9'))).toBe(-99);
  expect(bind(to('fe80::ff:fe00:1'))).toBe(-22);
  expect(bind(to('fe80::ff:fe00:1', 0, x.ifindex))).toBe(0);
  expect(bind(to('::'))).toBe(0);
  expect(bind(to('ff02::5'))).toBe(-22);
  expect(bind(to('ff02::5', 0, x.ifindex))).toBe(0);
  expect(bind(to('::ffff:1.2.3.4'))).toBe(-99);
  expect(bind(to('::1'))).toBe(0);
});

test('what may be sent and connected', () => {
  const { a, x } = pair();
  const results = (where: SockAddr): [number, number] => [open(a).sendTo(hello, where), open(a).connect(where)];
  expect(results(to('fd00::2', 9))).toEqual([5, 0]);
  expect(results(to('fe80::ff:fe00:2', 9))).toEqual([5, -22]);
  expect(results(to('fe80::ff:fe00:2', 9, 99))).toEqual([-101, -101]);
  expect(results(to('ff02::1', 9))).toEqual([5, -22]);
  expect(results(to('ff02::5', 9, x.ifindex))).toEqual([5, 0]);
  expect(results(to('::', 9))).toEqual([5, 0]);
  expect(results(to('fd01::1', 9))).toEqual([-101, -101]);
  expect(results(to('::ffff:11.0.0.1', 9))).toEqual([-101, -101]);
});

test('datagrams there and back, with the name of the sender', () => {
  const { k, a, b, y } = pair();
  const server = open(b);
  server.bind(to('::', 7));
  const client = open(a);
  client.sendTo(hello, to('fd00::2', 7));
  k.loop.runUntil(6e9);
  const m = server.recv();
  expect(text(m)).toBe('hello');
  expect([String(m?.from.addr6), m?.ttl, m?.ifindex]).toEqual(['fd00::1', 64, y.ifindex]);
  server.sendTo(hello, m?.from as SockAddr);
  k.loop.runUntil(7e9);
  expect(text(client.recv())).toBe('hello');
  expect([ns6(a).udp.OutDatagrams, ns6(a).udp.InDatagrams]).toEqual([1, 1]);
});

test('a closed port is an error for who is connected, and in the error queue', () => {
  const { k, a } = pair();
  const s = open(a);
  s.setOption('IPV6_RECVERR', 1);
  s.connect(to('fd00::2', 9));
  s.sendTo(hello, null);
  k.loop.runUntil(6e9);
  expect(s.takeError()).toBe(111);
  const e = s.recvError();
  expect([e?.errno, e?.origin, e?.type, e?.code, String(e?.offender6)]).toEqual([111, 3, 1, 4, 'fd00::2']);
  expect(text(e)).toBe('hello');
});

test('a socket of both families', () => {
  const { k, a, b } = pair();
  const server = open(b);
  expect(server.bind(to('::', 7))).toBe(0);
  const four = open(a, 'udp4');
  four.sendTo(hello, { addr4: ip4Of('10.0.0.2'), port: 7, ifindex: 0, protocol: 0, mac: 0 });
  k.loop.runUntil(6e9);
  const m = server.recv();
  expect(String(m?.from.addr6)).toBe(String(in6Mapped(ip4Of('10.0.0.1'))));
  server.sendTo(hello, m?.from as SockAddr);
  k.loop.runUntil(7e9);
  expect(text(four.recv())).toBe('hello');
  // It holds the port in both families; one of IPv6 alone does not.
  expect(open(b, 'udp4').bind({ addr4: 0, port: 7, ifindex: 0, protocol: 0, mac: 0 })).toBe(-98);
  const only = open(a);
  only.setOption('IPV6_V6ONLY', 1);
  expect(only.bind(to('::', 7))).toBe(0);
  expect(open(a, 'udp4').bind({ addr4: 0, port: 7, ifindex: 0, protocol: 0, mac: 0 })).toBe(0);
  expect(only.sendTo(hello, to('::ffff:10.0.0.2', 7))).toBe(-101);
});

test('a group: joined, heard, left', () => {
  const { k, a, b, x, y } = pair();
  const server = open(b);
  server.bind(to('::', 7));
  const send = (): string => {
    open(a).sendTo(hello, to('ff02::77', 7, x.ifindex));
    k.loop.runUntil(k.loop.now + 1e9);
    return text(server.recv());
  };
  expect(send()).toBe('nothing');
  expect(server.setOption('IPV6_ADD_MEMBERSHIP', y.ifindex, 0, in6('ff02::77'))).toBe(0);
  expect(server.setOption('IPV6_ADD_MEMBERSHIP', y.ifindex, 0, in6('ff02::77'))).toBe(-98);
  expect(send()).toBe('hello');
  expect(server.setOption('IPV6_DROP_MEMBERSHIP', y.ifindex, 0, in6('ff02::77'))).toBe(0);
  expect(send()).toBe('nothing');
});

test('echo sockets get an identifier; raw ones filter', () => {
  const { k, a } = pair();
  expect(openSocket(k, a, 'ping6', 58)).toBe(-13);
  const raw = open(a, 'raw6', 58) as Raw6Socket;
  for (let i = 0; i < 8; i++) raw.setOption('ICMP6_FILTER', -1, i);
  const echo = new Uint8Array(16);
  echo[0] = 128;
  raw.sendTo(echo, to('fd00::2'));
  k.loop.runUntil(k.loop.now + 1e9);
  expect(raw.recv()).toBeNull();
  raw.setOption('ICMP6_FILTER', ~(1 << (129 & 31)), 129 >> 5);
  raw.sendTo(echo, to('fd00::2'));
  k.loop.runUntil(k.loop.now + 1e9);
  expect(raw.recv()?.data[0]).toBe(129);
  expect(raw.setOption('IPV6_CHECKSUM', 2)).toBe(-22);
});

test('a datagram is at most as long as its socket allows', () => {
  const { a } = pair();
  const s = open(a);
  s.setOption('IPV6_RECVERR', 1);
  expect(s.sendTo(new Uint8Array(65536), to('fd00::2', 9))).toBe(-90);
  s.setOption('IPV6_DONTFRAG', 1);
  expect(s.sendTo(new Uint8Array(1453), to('fd00::2', 9))).toBe(-90);
  expect(s.recvError()?.info).toBe(1500);
  expect(s.sendTo(new Uint8Array(1452), to('fd00::2', 9))).toBe(1452);
});
