// TCP over IPv6, by the same code: a conversation, a refusal, a lossy cable, and IPv4 through an IPv6 listener.

import { expect, test } from 'vitest';
import { F_GSO, F_HW_CSUM, F_SG, F_TSO6 } from '../net/features.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { IN6_ANY, in6 } from '../wire/in6.ts';
import { openSocket } from './socket-api.ts';
import type { SockAddr } from './socket-types.ts';
import { TcpSocket } from './tcp-socket.ts';
import { at, Drinker, leftovers, Pourer, type TcpLab, weather } from './tcp-testing.ts';
import { addr, cable, up } from './testing.ts';
import { addr6, makeKernel6 } from './testing6.ts';

function lab6(seed = 1, tso = true): TcpLab {
  const kernel = makeKernel6(seed);
  const a = kernel.createNs('a');
  const b = kernel.createNs('b');
  const [v0, v1] = cable(a, 'v0', b, 'v1', 50_000);
  for (const dev of [v0, v1]) dev.features = F_HW_CSUM | F_SG | F_GSO | (tso ? F_TSO6 : 0n);
  for (const dev of [v0, v1, a.dev('lo'), b.dev('lo')]) up(dev as NetDevice);
  addr6(v0, 'fd00::1/64');
  addr6(v1, 'fd00::2/64');
  addr(v0, '10.0.0.1/24');
  addr(v1, '10.0.0.2/24');
  const lab: TcpLab = {
    kernel,
    a,
    b,
    v0,
    v1,
    wait: (s) => kernel.loop.runUntil(kernel.loop.now + Math.round(s * 1e9)),
    socket: (ns: NetNs) => openSocket(kernel, ns, 'tcp6', 0) as TcpSocket,
  };
  lab.wait(5);
  return lab;
}

const at6 = (text: string, port: number): SockAddr => ({ ...at(0, port), addr6: in6(text) });

function pair(lab: TcpLab): { client: TcpSocket; server: TcpSocket; listener: TcpSocket } {
  const listener = lab.socket(lab.b);
  expect(listener.bind({ ...at(0, 5000), addr6: IN6_ANY })).toBe(0);
  expect(listener.listen(5)).toBe(0);
  const client = lab.socket(lab.a);
  expect(client.connect(at6('fd00::2', 5000))).toBe(-115);
  for (let i = 0; i < 100; i++) {
    lab.wait(0.1);
    const server = listener.accept();
    if (server instanceof TcpSocket) return { client, server, listener };
  }
  throw new Error('no connection');
}

for (const loss of [0, 20]) {
  test(`half a megabyte each way, loss ${loss}/1000, seed ${7 + loss}`, () => {
    const lab = lab6(7 + loss, loss === 0);
    const w = { loss, repeat: 5, late: 20, lateNs: 2_000_000 };
    if (loss > 0) for (const dev of [lab.v0, lab.v1]) weather(dev, w);
    const { client, server, listener } = pair(lab);
    expect([client.info().sndMss, server.peerName()?.addr6?.toString()]).toEqual([1428, 'fd00::1']);
    const drinks = [new Drinker(server), new Drinker(client)];
    new Pourer(client, 500_000, 30_000, 'shutdown');
    new Pourer(server, 500_000, 1000, 'shutdown');
    for (let i = 0; i < 300 && !drinks.every((d) => d.eof); i++) lab.wait(1);
    expect(drinks.map((d) => [d.got, d.eof, d.wrong])).toEqual([
      [500_000, true, -1],
      [500_000, true, -1],
    ]);
    client.close();
    server.close();
    listener.close();
    lab.wait(400);
    expect(leftovers(lab)).toEqual([]);
  });
}

test('refused, and no way there', () => {
  const lab = lab6();
  const s = lab.socket(lab.a);
  s.connect(at6('fd00::2', 9));
  lab.wait(0.5);
  expect(s.takeError()).toBe(111);
  expect(lab.socket(lab.a).connect(at6('fd55::1', 9))).toBe(-101);
  expect(lab.socket(lab.a).connect(at6('fe80::1', 9))).toBe(-22);
});

test('IPv4 reaches a listener that is not IPV6_V6ONLY, and its port is taken in both families', () => {
  const lab = lab6();
  const listener = lab.socket(lab.b);
  listener.bind({ ...at(0, 5000), addr6: IN6_ANY });
  listener.listen(5);
  const four = openSocket(lab.kernel, lab.b, 'tcp4', 0) as TcpSocket;
  expect(four.bind(at(0, 5000))).toBe(-98);
  const client = openSocket(lab.kernel, lab.a, 'tcp4', 0) as TcpSocket;
  client.connect(at(0x0a000002, 5000));
  lab.wait(0.5);
  const server = listener.accept() as TcpSocket;
  expect(server.peerName()?.addr6?.toString()).toBe('::ffff:10.0.0.1');
  client.send(new Uint8Array([1, 2]));
  lab.wait(0.1);
  expect(server.read(10)).toEqual(new Uint8Array([1, 2]));
});
