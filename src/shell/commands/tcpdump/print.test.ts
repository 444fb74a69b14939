/// <reference types="node" />
// Our lines against the lines of the real tcpdump for the same capture file, whole frames and frames cut anywhere.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { concat } from '../../../wire/bytes.ts';
import { type PcapPacket, PcapWriter } from '../../../wire/pcap.ts';
import { LINKTYPE_ETHERNET, LINKTYPE_LINUX_SLL2 } from '../../../wire/pcapng.ts';
import { parseArgs } from './args.ts';
import { corpus } from './corpus.ts';
import { newPrintState, printPacket } from './print.ts';

const dir = mkdtempSync(join(tmpdir(), 'lowerdev-tcpdump-'));
afterAll(() => rmSync(dir, { recursive: true }));

const found = spawnSync('tcpdump', ['--version'], { encoding: 'utf8' });
const version = /tcpdump version (\S+)/.exec(`${found.stdout}${found.stderr}`)?.[1] ?? '';
const reason =
  version === '' ? 'tcpdump is not installed' : version.startsWith('4.99') ? '' : `tcpdump is ${version}, not 4.99`;

const EPOCH = 1_767_225_600;
const packet = (data: Uint8Array, i: number, wireLen = data.length): PcapPacket => {
  return { sec: EPOCH + i * 61, nsec: ((i * 7_654_321) % 1_000_000) * 1000, data, wireLen };
};
const whole = corpus.map((data, i) => packet(data, i));
const cut = corpus.flatMap((data) =>
  Array.from({ length: data.length }, (_, n) => packet(data.slice(0, n + 1), n, data.length)),
);

function file(name: string, packets: PcapPacket[], linkType = LINKTYPE_ETHERNET): string {
  const chunks: Uint8Array[] = [];
  const w = new PcapWriter((c) => chunks.push(c), linkType);
  for (const p of packets) w.packet(p);
  const path = join(dir, name);
  writeFileSync(path, concat(...chunks));
  return path;
}

/** The same frames as `-i any` has them; interface 1 is the loopback, number 77 is nobody. */
const cooked = corpus.map((f, i) => {
  const llc = f[12] * 256 + f[13] <= 1500;
  const type = llc ? [0, 4] : [f[12], f[13]];
  const header = [...type, 0, 0, 0, 0, 0, i % 3 === 0 ? 77 : 1, 0, 1, i % 6, 6, ...f.slice(6, 12), 0, 0];
  return packet(concat(Uint8Array.from(header), f.slice(14)), i);
});

/** The real lines, one entry a packet: continuation lines begin with white space, so a number in front tells them apart. */
function real(path: string, flags: string[]): string {
  return execFileSync('tcpdump', [...flags, '-r', path], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, TZ: 'UTC', RES_OPTIONS: 'timeout:1 attempts:1' },
    maxBuffer: 1 << 28,
  });
}

function ours(packets: PcapPacket[], flags: string[], linkType = LINKTYPE_ETHERNET): string {
  const args = parseArgs(flags);
  if (typeof args === 'string') throw new Error(args);
  args.line.ifName = (ifindex) => (ifindex === 1 ? 'lo' : null);
  const state = newPrintState();
  const out = packets.map((p) => printPacket(p.data, { time: p, wireLen: p.wireLen, linkType }, args.line, state));
  return `${out.join('\n')}\n`;
}

const variants = [
  '-n -t',
  '-n -t -e',
  '-n -t -v',
  '-n -t -vv',
  '-n -t -e -v',
  '-n -t -e -vvv',
  '-n -t -q',
  '-n -t -e -q',
  '-n -t -S',
  '-n -t -K -v',
  '-n -t -x',
  '-n -t -xx',
  '-n -t -X',
  '-n -t -XX',
  '-n -t -A',
  '-n -t -e -X',
  '-n',
  '-n -tt',
  '-n -ttt',
  '-n -tttt',
  '-n -ttttt',
  '-n -# -t',
  '-t',
  '-t -e',
  '-n --nano',
];

describe.skipIf(reason !== '')(`like the real tcpdump${reason ? ` (${reason})` : ''}`, () => {
  test.each(variants)('%s', (flags) => {
    const args = flags.split(' ');
    expect(ours(whole, args).split('\n')).toEqual(real(file('whole.pcap', whole), args).split('\n'));
  });

  test.each(['-n -t -#', '-n -t -# -e', '-n -t -# -v', '-n -t -# -vv -e'])('frames cut at every byte: %s', (flags) => {
    const args = flags.split(' ');
    expect(ours(cut, args).split('\n')).toEqual(real(file('cut.pcap', cut), args).split('\n'));
  });
  test.each(['-n -t', '-n -t -e', '-n -t -e -q', '-n -t -v', '-n -t -X', '-n -t -XX'])('cooked: %s', (flags) => {
    const args = flags.split(' ');
    const theirs = real(file('cooked.pcap', cooked, LINKTYPE_LINUX_SLL2), args);
    expect(ours(cooked, args, LINKTYPE_LINUX_SLL2).split('\n')).toEqual(theirs.split('\n'));
  });
});

test('flipped bytes and rubbish: a line, never an exception', () => {
  const flips = fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { maxLength: 5 });
  const base = fc.oneof(fc.uint8Array({ maxLength: 120 }), fc.constantFrom(...corpus));
  const flags = fc.subarray(['-e', '-v', '-vv', '-q', '-x', '-X', '-A', '-n', '-S']);
  fc.assert(
    fc.property(base, flips, flags, fc.constantFrom(LINKTYPE_ETHERNET, LINKTYPE_LINUX_SLL2), (b, flip, f, linkType) => {
      const data = b.slice();
      for (const [at, v] of flip) if (at < data.length) data[at] = v;
      expect(ours([packet(data, 0)], f, linkType)).toMatch(/\n$/);
    }),
    { numRuns: 2000 },
  );
});
