/// <reference types="node" />
// Capture files against the tools that everybody reads them with. Skipped, with the reason in the name, where they are absent.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { concat } from './bytes.ts';
import { frame } from './frame.ts';
import { PcapWriter, readPcap } from './pcap.ts';
import { DIR_INBOUND, DIR_OUTBOUND, PcapngWriter } from './pcapng.ts';
import { isPcapng, readPcapng } from './pcapng-read.ts';

const dir = mkdtempSync(join(tmpdir(), 'lowerdev-wire-'));
afterAll(() => rmSync(dir, { recursive: true }));

function absent(tool: string): string | null {
  return spawnSync(tool, ['--version']).status === 0 ? null : `${tool} is not installed`;
}

function run(tool: string, ...args: string[]): string {
  return execFileSync(tool, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, TZ: 'UTC' },
  });
}

const eth = { dst: '02:00:00:00:00:01', src: '02:00:00:00:00:02' };
const ip4 = { src: '10.0.0.1', dst: '10.0.0.2' };
const payload = Uint8Array.from({ length: 33 }, (_, i) => i);
const frames = [
  frame({ eth: { ...eth, dst: 'ff:ff:ff:ff:ff:ff' }, arp: { op: 1, sha: eth.src, spa: '10.0.0.1', tpa: '10.0.0.2' } }),
  frame({ eth, ip4, icmp: { type: 8, id: 1, seq: 1 }, payload }),
  frame({ eth, vlan: [{ vid: 5 }], ip4, udp: { sport: 9000, dport: 9001 }, payload }),
  frame({ eth, ip4, tcp: { sport: 80, dport: 1024, flags: 0x12, options: Uint8Array.of(2, 4, 5, 0xb4) } }),
  frame({
    eth,
    ip6: { src: 'fe80::1', dst: 'fe80::2', hopLimit: 255 },
    nd: { type: 135, target: 'fe80::2', lladdr: eth.src },
  }),
  frame({
    eth: { ...eth, dst: '01:00:5e:00:00:16' },
    ip4: { ...ip4, dst: '224.0.0.22', ttl: 1, options: Uint8Array.of(0x94, 4, 0, 0) },
    igmp: { type: 0x22, records: [{ type: 4, group: '239.1.2.3', sources: [] }] },
  }),
  frame({ eth, ip6: { src: 'fe80::1', dst: 'fe80::2' }, tcp: { sport: 80, dport: 1024, flags: 2 } }),
];
const EPOCH = 1_767_225_600;
const times = frames.map((_, i) => i * 1_000_000_007 + 123);
const exact = times.map((t) => `${EPOCH + Math.floor(t / 1e9)}.${String(t % 1e9).padStart(9, '0')}`);

function pcapng(): Uint8Array {
  const chunks: Uint8Array[] = [];
  const w = new PcapngWriter((c) => chunks.push(c), {
    hardware: 'a lab',
    os: 'model',
    application: 'lowerdev',
    epochSec: EPOCH,
  });
  const ids = [w.addInterface({ name: 'host/eth0' }), w.addInterface({ name: 'pod0/mv0', description: 'macvlan' })];
  frames.forEach((data, i) => {
    const direction = i % 2 === 0 ? DIR_OUTBOUND : DIR_INBOUND;
    w.packet({
      ifId: ids[i % 2],
      tsNs: times[i],
      data,
      direction,
      comment: i === 1 ? 'drop reason: größer' : undefined,
    });
  });
  w.statistics(0, times[6], 4, 2);
  return concat(...chunks);
}

function pcap(): Uint8Array {
  const chunks: Uint8Array[] = [];
  const w = new PcapWriter((c) => chunks.push(c));
  for (const [i, data] of frames.entries()) {
    w.packet({ sec: EPOCH + Math.floor(times[i] / 1e9), nsec: times[i] % 1e9, data, wireLen: data.length });
  }
  return concat(...chunks);
}

describe('pcapng', () => {
  test('what the writer wrote, the reader reads', () => {
    const f = readPcapng(pcapng());
    expect(f.problem).toBeNull();
    expect(f.sections).toEqual([{ hardware: 'a lab', os: 'model', application: 'lowerdev' }]);
    expect(f.interfaces.map((i) => [i.name, i.description, i.received, i.dropped])).toEqual([
      ['host/eth0', '', 4, 2],
      ['pod0/mv0', 'macvlan', -1, -1],
    ]);
    expect(f.packets.map((p) => `${p.sec}.${String(p.nsec).padStart(9, '0')}`)).toEqual(exact);
    expect(f.packets.map((p) => p.direction)).toEqual([2, 1, 2, 1, 2, 1, 2]);
    expect(f.packets[1].comments).toEqual(['drop reason: größer']);
    expect(f.packets.map((p) => p.data)).toEqual(frames);
  });

  const noShark = absent('tshark');
  test.skipIf(noShark !== null)(
    `tshark: exact times, names and directions, nothing malformed${noShark ? ` (${noShark})` : ''}`,
    () => {
      const file = join(dir, 'a.pcapng');
      writeFileSync(file, pcapng());
      const fields = ['frame.time_epoch', 'frame.interface_name', 'frame.packet_flags_direction', 'frame.comment'];
      const checks = ['-o', 'ip.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE', '-o', 'udp.check_checksum:TRUE'];
      const out = run('tshark', '-r', file, '-T', 'fields', '-E', 'separator=|', ...fields.flatMap((f) => ['-e', f]));
      const rows = out
        .trimEnd()
        .split('\n')
        .map((l) => l.split('|'));
      expect(rows.map((r) => r[0])).toEqual(exact);
      expect(rows.map((r) => r[1])).toEqual(frames.map((_, i) => (i % 2 === 0 ? 'host/eth0' : 'pod0/mv0')));
      expect(rows.map((r) => Number(r[2]))).toEqual([2, 1, 2, 1, 2, 1, 2]);
      expect(rows[1][3]).toBe('drop reason: größer');
      expect(run('tshark', '-r', file, ...checks, '-Y', '_ws.malformed || _ws.expert.severity >= 0x600000')).toBe('');
    },
  );

  const noCapinfos = absent('capinfos');
  test.skipIf(noCapinfos !== null)(`capinfos reads the header${noCapinfos ? ` (${noCapinfos})` : ''}`, () => {
    const file = join(dir, 'b.pcapng');
    writeFileSync(file, pcapng());
    const out = run('capinfos', file);
    for (const line of [
      /Number of packets: +7/,
      /Capture hardware: +a lab/,
      /Capture application: +lowerdev/,
      /Name = pod0\/mv0/,
      /timestamp precision: +nanoseconds/,
    ]) {
      expect(out).toMatch(line);
    }
  });

  const noEditcap = absent('editcap');
  test.skipIf(noEditcap !== null)(
    `what Wireshark's own writer writes is read${noEditcap ? ` (${noEditcap})` : ''}`,
    () => {
      const from = join(dir, 'c.pcapng');
      const to = join(dir, 'd.pcapng');
      writeFileSync(from, pcapng());
      run('editcap', '-F', 'pcapng', from, to);
      const f = readPcapng(readFileSync(to));
      expect(f.problem).toBeNull();
      expect(f.packets.map((p) => [p.sec, p.nsec, p.data])).toEqual(
        readPcapng(pcapng()).packets.map((p) => [p.sec, p.nsec, p.data]),
      );
    },
  );

  test('big endian, microseconds, simple packets and unknown blocks', () => {
    const be = (...words: number[]): Uint8Array => {
      const b = new Uint8Array(words.length * 4);
      const v = new DataView(b.buffer);
      for (let i = 0; i < words.length; i++) v.setUint32(4 * i, words[i]);
      return b;
    };
    const f = readPcapng(
      concat(
        be(0x0a0d0d0a, 28, 0x1a2b3c4d, 0x00010000, 0xffffffff, 0xffffffff, 28),
        be(1, 20, 0x00010000, 0, 20),
        be(0xbad, 16, 0, 16),
        be(6, 36, 0, 0, 1_500_000, 4, 60, 0x01020304, 36),
        be(3, 20, 4, 0x05060708, 20),
      ),
    );
    expect(f).toMatchObject({ problem: null, skipped: 1 });
    expect(f.packets.map((p) => [p.sec, p.nsec, p.wireLen, p.data])).toEqual([
      [1, 500_000_000, 60, Uint8Array.of(1, 2, 3, 4)],
      [0, 0, 4, Uint8Array.of(5, 6, 7, 8)],
    ]);
  });
});

describe('classic pcap', () => {
  test('what the writer wrote, the reader reads, in microseconds', () => {
    const f = readPcap(pcap());
    expect(f).toMatchObject({ linkType: 1, snapLen: 262144, problem: null });
    expect(f.packets.map((p) => p.data)).toEqual(frames);
    expect(f.packets.map((p) => p.nsec)).toEqual(times.map((t) => Math.floor((t % 1e9) / 1000) * 1000));
  });

  const noTcpdump = absent('tcpdump');
  test.skipIf(noTcpdump !== null)(`tcpdump copies our file byte for byte${noTcpdump ? ` (${noTcpdump})` : ''}`, () => {
    const from = join(dir, 'e.pcap');
    const to = join(dir, 'f.pcap');
    writeFileSync(from, pcap());
    run('tcpdump', '-r', from, '-w', to);
    expect(new Uint8Array(readFileSync(to))).toEqual(pcap());
  });

  test('a cut file keeps what is whole, and says what is wrong', () => {
    const whole = pcap();
    const f = readPcap(whole.subarray(0, whole.length - 1));
    expect(f.packets.length).toBe(6);
    expect(f.problem).toBe('truncated dump file; tried to read 74 captured bytes, only got 73');
    expect(readPcap(Uint8Array.of(1, 2)).problem).toBe(
      'truncated dump file; tried to read 4 file header bytes, only got 2',
    );
  });
});

test('rubbish into both readers: a reason, never an exception', () => {
  const seeds = [pcapng(), pcap()];
  const flips = fc.array(fc.tuple(fc.nat(900), fc.nat(255)), { maxLength: 6 });
  fc.assert(
    fc.property(fc.constantFrom(...seeds), flips, fc.nat(1000), (seed, flip, cut) => {
      const b = seed.slice(0, cut);
      for (const [at, v] of flip) if (at < b.length) b[at] = v;
      if (isPcapng(b)) readPcapng(b);
      else readPcap(b);
    }),
    { numRuns: 500 },
  );
});
