// Sockets: what each call answers, as a 6.18 kernel does (the same calls were made there, in a network namespace).

import { describe, expect, test } from 'vitest';
import { ip4Of } from '../wire/text.ts';
import type { PacketSocket } from './packet.ts';
import { openSocket } from './socket-api.ts';
import type { SockAddr, Socket } from './socket-types.ts';
import { sysctlWrite } from './sysctl.ts';
import { addr, cable, down, makeKernel, sendPing, up } from './testing.ts';
import type { UdpSocket } from './udp.ts';

const EACCES = -13;
const EINVAL = -22;
const EMSGSIZE = -90;
const EDESTADDRREQ = -89;
const EADDRINUSE = -98;
const EADDRNOTAVAIL = -99;
const ENETDOWN = -100;
const ENETUNREACH = -101;
const ENODEV = -19;
const ENXIO = -6;

const at = (ip: string, port: number): SockAddr => ({ addr4: ip4Of(ip), port, ifindex: 0, protocol: 0, mac: 0 });
const bytes = (n: number): Uint8Array => new Uint8Array(n);

function lab() {
  const kernel = makeKernel();
  const a = kernel.createNs('a');
  const b = kernel.createNs('b');
  const [v0, v1] = cable(a, 'v0', b, 'v1');
  for (const dev of [v0, v1, a.dev('lo')!, b.dev('lo')!]) up(dev);
  addr(v0, '10.0.0.1/24');
  addr(v1, '10.0.0.2/24');
  const udp = (): UdpSocket => openSocket(kernel, a, 'udp4', 0) as UdpSocket;
  const wait = (s = 1): void => kernel.loop.runUntil(kernel.loop.now + s * 1e9);
  return { kernel, a, b, v0, v1, udp, wait };
}

describe('udp', () => {
  test('destinations that are refused at once', () => {
    const { udp } = lab();
    expect(udp().sendTo(bytes(1), at('10.0.0.255', 9))).toBe(EACCES);
    expect(udp().sendTo(bytes(1), at('255.255.255.255', 9))).toBe(ENETUNREACH);
    expect(udp().sendTo(bytes(1), at('8.8.8.8', 9))).toBe(ENETUNREACH);
    expect(udp().connect(at('8.8.8.8', 9))).toBe(ENETUNREACH);
    expect(udp().connect(at('10.0.0.255', 9))).toBe(EACCES);
    expect(udp().sendTo(bytes(1), at('10.0.0.1', 0))).toBe(EINVAL);
    expect(udp().sendTo(bytes(1), null)).toBe(EDESTADDRREQ);
    expect(udp().sendTo(bytes(65507), at('10.0.0.1', 9))).toBe(65507);
    expect(udp().sendTo(bytes(65508), at('10.0.0.1', 9))).toBe(EMSGSIZE);
    expect(udp().sendTo(bytes(1), at('224.5.5.5', 9))).toBe(ENETUNREACH);
  });

  test('IP_PMTUDISC_DO: too long is refused, and the error queue says how long it may be', () => {
    const s = lab().udp();
    s.setOption('IP_MTU_DISCOVER', 2);
    s.setOption('IP_RECVERR', 1);
    expect(s.sendTo(bytes(2000), at('10.0.0.2', 9))).toBe(EMSGSIZE);
    expect(s.recvError()).toMatchObject({ errno: 90, origin: 1, info: 1500 });
  });

  test('a closed port: a connected socket learns of it, another only when it asked to', () => {
    const { udp, wait } = lab();
    const s = udp();
    s.connect(at('10.0.0.1', 9));
    s.sendTo(bytes(1), null);
    wait();
    expect(s.takeError()).toBe(111);
    s.sendTo(bytes(1), null);
    wait();
    expect([s.sendTo(bytes(1), null), s.sendTo(bytes(1), null)]).toEqual([-111, 1]);
    const free = udp();
    free.sendTo(bytes(1), at('10.0.0.1', 9));
    wait();
    expect(free.sendTo(bytes(1), at('10.0.0.1', 9))).toBe(1);
    const asks = udp();
    asks.setOption('IP_RECVERR', 1);
    asks.sendTo(new Uint8Array([97, 98, 99]), at('10.0.0.1', 9));
    wait();
    expect(asks.sendTo(bytes(1), at('10.0.0.1', 9))).toBe(-111);
    const e = asks.recvError();
    expect(e).toMatchObject({ errno: 111, origin: 2, type: 3, code: 3, offender4: ip4Of('10.0.0.1') });
    expect([...e!.data]).toEqual([97, 98, 99]);
  });

  test('binding', () => {
    const { udp } = lab();
    const s = udp();
    expect(s.bind(at('10.0.0.1', 5000))).toBe(0);
    expect(udp().bind(at('10.0.0.1', 5000))).toBe(EADDRINUSE);
    expect(udp().bind(at('0.0.0.0', 5000))).toBe(EADDRINUSE);
    expect(udp().bind(at('127.0.0.1', 5000))).toBe(0);
    expect(udp().bind(at('10.9.9.9', 5000))).toBe(EADDRNOTAVAIL);
    expect(udp().bind(at('10.0.0.255', 5001))).toBe(0);
    expect(udp().bind(at('224.1.1.1', 5001))).toBe(0);
    expect(s.bind(at('10.0.0.1', 5003))).toBe(EINVAL);
    const c = udp();
    c.connect(at('10.0.0.2', 9));
    expect(c.getName().addr4).toBe(ip4Of('10.0.0.1'));
    expect(c.getName().port).toBeGreaterThanOrEqual(32768);
    s.close();
    expect(udp().bind(at('10.0.0.1', 5000))).toBe(0);
  });

  test('there and back, woken once, and not beyond the receive buffer', () => {
    const { kernel, b, udp, wait } = lab();
    const server = openSocket(kernel, b, 'udp4', 0) as UdpSocket;
    server.bind(at('0.0.0.0', 7));
    let woken = 0;
    server.onReadable = () => woken++;
    const s = udp();
    s.connect(at('10.0.0.2', 7));
    for (let i = 0; i < 3; i++) s.sendTo(new Uint8Array([i]), null);
    wait();
    expect(woken).toBe(1);
    const m = server.recv()!;
    expect([m.from.addr4, m.from.port, [...m.data], m.ttl]).toEqual([ip4Of('10.0.0.1'), s.lport, [0], 64]);
    server.sendTo(new Uint8Array([9]), m.from);
    wait();
    expect([...s.recv()!.data]).toEqual([9]);
    server.setOption('SO_RCVBUF', 1);
    for (let i = 0; i < 10; i++) s.sendTo(bytes(100), null);
    wait();
    expect(server.drops).toBeGreaterThan(5);
    for (const x of [s, server]) x.close();
    wait(200);
    expect(kernel.skbs.live).toBe(0);
  });

  test('a full send buffer says so, and calls when there is room', () => {
    const { kernel, b, udp, wait } = lab();
    (openSocket(kernel, b, 'udp4', 0) as UdpSocket).bind(at('0.0.0.0', 7));
    const s = udp();
    s.setOption('SO_SNDBUF', 4000);
    let writable = 0;
    s.onWritable = () => writable++;
    s.connect(at('10.0.0.2', 7));
    let sent = 0;
    while (s.sendTo(bytes(1000), null) > 0) sent++;
    expect(sent).toBe(4); // 8,000 bytes of buffer, 2,304 for each: as Linux charges them
    wait();
    expect([writable, s.wmem]).toEqual([1, 0]);
    expect(s.sendTo(bytes(1000), null)).toBe(1000);
    wait(100);
    expect(kernel.skbs.live).toBe(0);
  });

  test('groups: joined by device, heard by those who are there', () => {
    const { kernel, v0, b, v1, udp, wait } = lab();
    const s = udp();
    expect(s.setOption('IP_ADD_MEMBERSHIP', ip4Of('224.5.5.5'), v0.ifindex)).toBe(0);
    expect(s.setOption('IP_ADD_MEMBERSHIP', ip4Of('224.5.5.5'), v0.ifindex)).toBe(EADDRINUSE);
    expect(s.setOption('IP_ADD_MEMBERSHIP', ip4Of('10.5.5.5'), v0.ifindex)).toBe(EINVAL);
    expect(s.setOption('IP_ADD_MEMBERSHIP', ip4Of('224.5.5.5'), 77)).toBe(ENODEV);
    expect(s.setOption('IP_ADD_MEMBERSHIP', ip4Of('224.5.5.5'), 0)).toBe(ENODEV);
    expect([...v0.mc.entries.keys()]).toEqual([0x01005e000001, 0x01005e050505]);
    s.bind(at('0.0.0.0', 77));
    const from = openSocket(kernel, b, 'udp4', 0) as UdpSocket;
    from.setOption('IP_MULTICAST_IF', 0, v1.ifindex);
    expect(from.sendTo(bytes(4), at('224.5.5.5', 77))).toBe(4);
    wait();
    expect(s.recv()!.data.length).toBe(4);
    s.close();
    expect([...v0.mc.entries.keys()]).toEqual([0x01005e000001]);
    down(v0);
    expect(v0.mc.size).toBe(0);
  });

  test('a device that is down, gone, or without carrier', () => {
    const { kernel, a, v0, udp } = lab();
    down(v0);
    expect(udp().sendTo(bytes(1), at('10.0.0.2', 9))).toBe(ENETUNREACH);
    expect(udp().sendTo(bytes(1), at('10.0.0.1', 9))).toBe(1);
    up(v0);
    down(a.dev('lo')!);
    expect(udp().sendTo(bytes(1), at('10.0.0.1', 9))).toBe(1);
    const s = udp();
    expect(s.sendTo(bytes(1), at('10.0.0.2', 9))).toBe(1);
    kernel.dev.delete(v0);
    expect(s.sendTo(bytes(1), at('10.0.0.2', 9))).toBe(ENETUNREACH);
  });
});

describe('packet', () => {
  const head = new Uint8Array([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0]);
  const frame = (n: number, type = 0x0800): Uint8Array => {
    const f = new Uint8Array(n);
    f.set(head.subarray(0, Math.min(n, 14)));
    if (n > 13) f.set([type >> 8, type & 255], 12);
    return f;
  };
  const on = (ifindex: number, protocol = 0): SockAddr => ({ addr4: 0, port: 0, ifindex, protocol, mac: 0 });

  test('lengths, and devices that are not there', () => {
    const { kernel, a, v0 } = lab();
    const p = openSocket(kernel, a, 'packet', 3) as PacketSocket;
    expect(p.sendTo(frame(14), null)).toBe(ENXIO);
    expect(p.bind(on(v0.ifindex))).toBe(0);
    expect(p.sendTo(frame(14), null)).toBe(14);
    expect(p.sendTo(frame(13), null)).toBe(EINVAL);
    expect(p.sendTo(frame(1514), null)).toBe(1514);
    expect(p.sendTo(frame(1515), null)).toBe(EMSGSIZE);
    expect(p.sendTo(frame(1518, 0x8100), null)).toBe(1518);
    expect(p.bind(on(77))).toBe(ENODEV);
    down(v0);
    expect([p.sendTo(frame(14), null), p.sendTo(frame(14), null), p.takeError()]).toEqual([ENETDOWN, ENETDOWN, 100]);
    kernel.dev.delete(v0);
    expect(p.sendTo(frame(14), null)).toBe(ENXIO);
  });

  test('what is seen: both directions, not its own frames, nothing of another protocol', () => {
    const { kernel, a, b, v0, wait } = lab();
    const all = openSocket(kernel, a, 'packet', 3) as PacketSocket;
    const arp = openSocket(kernel, a, 'packet-dgram', 0x0806) as PacketSocket;
    const far = openSocket(kernel, b, 'packet', 3) as PacketSocket;
    all.bind(on(v0.ifindex));
    arp.bind(on(v0.ifindex));
    const list = (s: Socket): string[] => {
      const out: string[] = [];
      for (let m = s.recv(); m !== null; m = s.recv())
        out.push(`${m.pktType} ${m.from.protocol.toString(16)} ${m.data.length}`);
      return out;
    };
    sendPing(a, '10.0.0.2');
    wait();
    expect(list(all)).toEqual(['4 806 42', '0 806 42', '4 800 98', '0 800 98']);
    expect(list(arp)).toEqual(['0 806 28']);
    list(far);
    all.sendTo(frame(60), null);
    wait();
    expect([list(all), list(far)]).toEqual([[], ['0 800 60']]);
    expect(v0.promiscuity).toBe(0);
    all.setOption('PACKET_ADD_MEMBERSHIP', 1, v0.ifindex);
    expect(v0.promiscuity).toBe(1);
    all.close();
    expect([v0.promiscuity, v0.taps.length]).toEqual([0, 0]);
  });

  test('a bound socket survives its device going down and up', () => {
    const { kernel, a, v0, b, wait } = lab();
    const p = openSocket(kernel, a, 'packet', 3) as PacketSocket;
    p.bind(on(v0.ifindex));
    down(v0);
    expect(p.takeError()).toBe(100);
    up(v0);
    sendPing(b, '10.0.0.1');
    wait();
    expect(p.recv()).not.toBeNull();
  });
});

describe('raw and echo sockets', () => {
  test('who may open them', () => {
    const { kernel, a } = lab();
    expect(openSocket(kernel, a, 'raw4', 0)).toBe(-93);
    expect(openSocket(kernel, a, 'ping4', 0)).toBe(EACCES);
    sysctlWrite(a, 'net/ipv4/ping_group_range', '0 10');
    expect(typeof openSocket(kernel, a, 'ping4', 0)).toBe('object');
  });

  test('an echo socket writes identifier and checksum, and gets only its own answers', () => {
    const { kernel, a, wait } = lab();
    sysctlWrite(a, 'net/ipv4/ping_group_range', '0 10');
    const s = openSocket(kernel, a, 'ping4', 0) as Socket;
    const other = openSocket(kernel, a, 'ping4', 0) as Socket;
    const echo = new Uint8Array([8, 0, 0, 0, 0, 0, 0, 5, 1, 2, 3]);
    expect(other.bind(at('0.0.0.0', 0))).toBe(0);
    expect(s.sendTo(echo, at('10.0.0.2', 0))).toBe(11);
    wait();
    const m = s.recv()!;
    expect([m.data[0], m.data[7], m.data.length, m.from.addr4]).toEqual([0, 5, 11, ip4Of('10.0.0.2')]);
    expect(other.recv()).toBeNull();
  });

  test('with its own header: source, length, identifier and checksum are filled in', () => {
    const { kernel, a, b, wait } = lab();
    const far = openSocket(kernel, b, 'raw4', 253) as Socket;
    const s = openSocket(kernel, a, 'raw4', 255) as Socket;
    const packet = new Uint8Array(24);
    packet.set([0x45, 0, 0, 0, 0, 0, 0, 0, 9, 253, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2]);
    expect(s.sendTo(packet, at('10.0.0.2', 0))).toBe(24);
    expect(s.sendTo(bytes(1501), at('10.0.0.2', 0))).toBe(EMSGSIZE);
    wait();
    const m = far.recv()!;
    expect([m.ttl, m.from.addr4, m.data.length]).toEqual([9, ip4Of('10.0.0.1'), 24]);
  });
});
