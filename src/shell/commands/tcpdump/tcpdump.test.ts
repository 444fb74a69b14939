// The command on a fake machine: one Ethernet device, a packet socket fed by hand, files in a map.
import { beforeEach, describe, expect, test } from 'vitest';
import type { Received, Socket } from '../../../lab/os.ts';
import { encodeDone, encodeMessage } from '../../../netlink/message.ts';
import { ADDR, LINK } from '../../../netlink/payload.ts';
import { concat } from '../../../wire/bytes.ts';
import { frame } from '../../../wire/frame.ts';
import { readPcap } from '../../../wire/pcap.ts';
import type { Proc, Signal } from '../../process.ts';
import { tcpdump } from './tcpdump.ts';

const eth = { dst: '02:00:00:00:00:01', src: '02:00:00:00:00:02' };
const arp = frame({ eth, arp: { op: 1, sha: eth.src, spa: '10.0.0.1', tpa: '10.0.0.2' } });
const ping = frame({
  eth,
  ip4: { src: '10.0.0.1', dst: '10.0.0.2' },
  icmp: { type: 8, id: 1, seq: 1 },
  payload: new Uint8Array(8),
});
const pong = frame({
  eth,
  ip4: { src: '10.0.0.2', dst: '10.0.0.1' },
  icmp: { type: 0, id: 1, seq: 1 },
  payload: new Uint8Array(8),
});
const VERBOSE = 'tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n';
const LISTENING = `${VERBOSE}listening on eth0, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n`;
const stats = (captured: string, received: string): string =>
  `${captured} captured\n${received} received by filter\n0 packets dropped by kernel\n`;

let out = '';
let err = '';
let queue: Received[] = [];
let signals: Signal[] = [];
let sockError = 0;
let closed = 0;
let calls: string[] = [];
const files = new Map<string, Uint8Array>();
const links = [
  { index: 1, flags: 0x10049, type: 772, ifname: 'lo' },
  { index: 2, flags: 0x11043, type: 1, ifname: 'eth0' },
  { index: 3, flags: 0x1002, type: 1, ifname: 'eth1' },
];

beforeEach(() => {
  [out, err, queue, signals, sockError, closed, calls] = ['', '', [], [], 0, 0, []];
  files.clear();
});

function arrive(data: Uint8Array, pktType: number, more: Partial<Received> = {}): void {
  const from = { addr4: 0, port: 0, ifindex: 2, protocol: 0x0800, mac: 0x020000000002 };
  const tstampNs = queue.length * 1_000_000 + 1_000_000_123;
  queue.push({ data, from, tstampNs, ttl: 0, ifindex: 2, pktType, wireLen: data.length, vlanTci: -1, ...more });
}

function note(call: string): number {
  calls.push(call);
  return 0;
}

function store(path: string, bytes: Uint8Array): number {
  files.set(path, bytes);
  return 0;
}

function fakeSocket(kind: string): Socket {
  const s = {
    bind: (a: { ifindex: number }) => note(`${kind} bind ${a.ifindex}`),
    setOption: (name: string, value: number, aux: number) => note(`${name} ${value} ${aux}`),
    recv: () => queue.shift() ?? null,
    takeError: () => sockError,
    close: () => void closed++,
    onReadable: null,
  };
  return s as unknown as Socket;
}

function fakeNetlink(): unknown {
  const answers: Uint8Array[] = [];
  return {
    portId: 7,
    send(request: Uint8Array) {
      const type = request[4];
      const seq = new DataView(request.buffer, request.byteOffset).getUint32(8, true);
      const head = { type: type - 2, flags: 2, seq, pid: 7 };
      const found =
        type === 18
          ? links.map((l) => encodeMessage(LINK, head, l, { ifname: l.ifname }))
          : [encodeMessage(ADDR, head, { index: 2, prefixlen: 24 }, {})];
      answers.push(concat(...found, encodeDone(seq, 7)));
    },
    recv: () => answers.shift() ?? null,
    join: () => undefined,
    onReadable: null,
    close: () => undefined,
  };
}

async function run(...argv: string[]): Promise<number> {
  const os = {
    nowNs: () => 5e9,
    wallNs: () => 1_767_225_605e9,
    netlink: fakeNetlink,
    socket: (_ns: unknown, kind: string) => fakeSocket(kind),
  };
  const proc = {
    argv,
    os,
    ns: { inode: 1 },
    stdinBytes: new Uint8Array(0),
    out: (t: string) => void (out += t),
    err: (t: string) => void (err += t),
    outBytes: (b: Uint8Array) => void files.set('-', concat(files.get('-') ?? new Uint8Array(0), b)),
    readBytes: async (path: string) => files.get(path) ?? -2,
    readText: async () => -2,
    writeFile: async (path: string, b: Uint8Array) => (path.startsWith('/nodir') ? -2 : store(path, b)),
    appendFile: async (path: string, b: Uint8Array) => store(path, concat(files.get(path) as Uint8Array, b)),
    handleSignals: () => undefined,
    takeSignal: () => signals.shift() ?? null,
    waitReadable: async () => {
      signals.push('SIGINT');
      return null;
    },
  };
  return tcpdump.run(proc as unknown as Proc);
}

describe('a live capture', () => {
  test('lines until a signal, and the counts', async () => {
    arrive(arp, 1);
    arrive(ping, 4);
    expect(await run('-n', '-i', 'eth0')).toBe(0);
    expect(err).toBe(LISTENING + stats('2 packets', '2 packets'));
    expect(out).toBe(
      '00:00:01.000000 ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28\n' +
        '00:00:01.001000 IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 1, seq 1, length 16\n\n',
    );
    expect(calls).toEqual(['packet bind 2', 'PACKET_ADD_MEMBERSHIP 1 2']);
    expect(closed).toBe(1);
  });

  test('-c, -Q, -p and a filter: what is left in the socket counts as received', async () => {
    for (const f of [arp, ping, pong, ping]) arrive(f, f === ping ? 4 : 0);
    expect(await run('-nt', '-p', '-Q', 'in', '-c', '1', '-i', 'eth0', 'icmp')).toBe(0);
    expect(out).toBe('IP 10.0.0.2 > 10.0.0.1: ICMP echo reply, id 1, seq 1, length 16\n');
    expect(err).toBe(LISTENING + stats('1 packet', '3 packets'));
    expect(calls).toEqual(['packet bind 2']);
  });

  test('any: cooked headers, device and direction first, the loopback once', async () => {
    const cooked = { wireLen: ping.length - 14 };
    arrive(ping.slice(14), 4, cooked);
    arrive(pong.slice(14), 0, cooked);
    const lo = { addr4: 0, port: 0, ifindex: 1, protocol: 0x0800, mac: 0 };
    arrive(ping.slice(14), 4, { ...cooked, from: lo });
    arrive(ping.slice(14), 0, { ...cooked, from: lo });
    expect(await run('-nt', '-i', 'any')).toBe(0);
    expect(out.split('\n')).toEqual([
      'eth0  Out IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 1, seq 1, length 16',
      'eth0  In  IP 10.0.0.2 > 10.0.0.1: ICMP echo reply, id 1, seq 1, length 16',
      'lo    In  IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 1, seq 1, length 16',
      '',
      '',
    ]);
    const on = 'listening on any, link-type LINUX_SLL2 (Linux cooked v2), snapshot length 262144 bytes\n';
    expect(err).toBe(`tcpdump: data link type LINUX_SLL2\n${VERBOSE}${on}${stats('3 packets', '4 packets')}`);
    expect(calls).toEqual(['packet-dgram bind 0']);
  });

  test('a tag that the kernel keeps beside the frame is put back, and only `vlan` filters see it', async () => {
    arrive(ping, 0, { vlanTci: 5 });
    await run('-nte', '-i', 'eth0', 'icmp');
    expect(out).toContain('ethertype 802.1Q (0x8100), length 54: vlan 5, p 0, ethertype IPv4 (0x0800), 10.0.0.1');
    out = '';
    arrive(ping, 0, { vlanTci: 5 });
    arrive(ping, 0);
    await run('-nt', '-i', 'eth0', 'vlan', '5', 'and', 'icmp');
    expect(out.split('\n').length).toBe(3);
  });

  test('-w and -r: the same frames come back', async () => {
    arrive(arp, 1);
    arrive(ping, 4);
    expect(await run('-i', 'eth0', '-w', 'x.pcap', '-s', '45')).toBe(0);
    expect(out).toBe('');
    expect(err).toBe(
      `tcpdump: listening on eth0, link-type EN10MB (Ethernet), snapshot length 45 bytes\n${stats('2 packets', '2 packets')}`,
    );
    const saved = readPcap(files.get('x.pcap') as Uint8Array);
    expect(saved.packets.map((p) => [p.sec, p.data.length, p.wireLen])).toEqual([
      [1_767_225_601, 42, 42],
      [1_767_225_601, 45, 50],
    ]);
    err = '';
    expect(await run('-nt', '-r', 'x.pcap', 'icmp')).toBe(0);
    expect(err).toBe('reading from file x.pcap, link-type EN10MB (Ethernet), snapshot length 45\n');
    expect(out).toBe('IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 1, seq 1, length 16\n');
    out = '';
    expect(await run('--count', '-r', 'x.pcap')).toBe(0);
    expect(out).toBe('2 packets\n');
  });

  test('the device goes away', async () => {
    sockError = 100;
    expect(await run('-n', '-i', 'eth0')).toBe(1);
    expect(err).toBe(`${LISTENING}tcpdump: pcap_loop: The interface went down\n${stats('0 packets', '0 packets')}`);
  });
});

test.each([
  [['-i', 'nope'], 'tcpdump: nope: No such device exists\n(No such device exists)\n'],
  [['-i', 'eth1'], 'tcpdump: eth1: That device is not up\n'],
  [['-i', 'eth0', 'foo', 'bar'], "tcpdump: can't parse filter expression: syntax error\n"],
  [['-c', '0'], 'tcpdump: invalid packet count 0\n'],
  [['-s', 'x'], 'tcpdump: invalid snaplen x (must be >= 0 and <= 262144)\n'],
  [['-Q', 'foo'], "tcpdump: unknown capture direction `foo'\n"],
  [['-r', 'none'], 'tcpdump: none: No such file or directory\n'],
  [['-i', 'eth0', '-F', 'none'], "tcpdump: can't open none: No such file or directory\n"],
  [['-i', 'eth0', '-w', '/nodir/x'], 'tcpdump: /nodir/x: No such file or directory\n'],
  [['-T', 'vat'], 'tcpdump: option -T is not supported by this tcpdump\n'],
])('%j is refused in the words of tcpdump', async (argv, said) => {
  expect(await run(...argv)).toBe(1);
  expect(err).toBe(said);
});

test('usage, version, devices', async () => {
  expect(await run('-k')).toBe(1);
  expect(err).toMatch(/^tcpdump: invalid option -- 'k'\ntcpdump version 4\.99\.3\n(.*\n)*Usage: tcpdump \[/);
  expect(await run('-D')).toBe(0);
  expect(out).toBe(
    '1.eth0 [Up, Running, Connected]\n2.any (Pseudo-device that captures on all interfaces) [Up, Running]\n' +
      '3.lo [Up, Running, Loopback]\n4.eth1 [none, Disconnected]\n',
  );
});
