// The frames of a measurement, read back by the decoders that everything else is read with: addresses, lengths, checksums.

import { expect, test } from 'vitest';
import { echoRequest, heard, markOf, shout, whoHas } from '../../src/lab/measure/frames.ts';
import { l4Checksum6 } from '../../src/wire/checksum.ts';
import { decodeFrame } from '../../src/wire/frame.ts';
import { udpCheckOk4 } from '../../src/wire/udp.ts';

const MAC = 0x020000000001;
const FROM4 = { mac: MAC, address: '192.168.7.1' };
const FROM6 = { mac: MAC, address: 'fd00:7::1' };
const MARK = { run: 0x89abcdef, probe: 70_000 };
const sound6 = (b: Uint8Array): boolean => l4Checksum6(b, 14, 58, 54, b.length - 54) === 0;

test('who has', () => {
  const arp = decodeFrame(whoHas(FROM4, '192.168.7.2'));
  expect(arp).toMatchObject({ dst: 'ff:ff:ff:ff:ff:ff', src: '02:00:00:00:00:01' });
  const asked = { sha: '02:00:00:00:00:01', spa: '192.168.7.1', tha: '00:00:00:00:00:00', tpa: '192.168.7.2' };
  expect(arp?.arp).toEqual({ op: 1, ...asked });
  const bytes = whoHas(FROM6, 'fd00:7::ab:cdef');
  const nd = decodeFrame(bytes);
  expect(nd?.dst).toBe('33:33:ff:ab:cd:ef');
  expect(nd?.ip6).toMatchObject({ src: 'fd00:7::1', dst: 'ff02::1:ffab:cdef', hopLimit: 255 });
  expect(nd?.nd).toMatchObject({ type: 135, target: 'fd00:7::ab:cdef', lladdr: '02:00:00:00:00:01' });
  expect(sound6(bytes)).toBe(true);
  expect(heard(bytes)).toEqual({ what: 'who-has', target: 'fd00:7::ab:cdef', asker: 'fd00:7::1' });
});

test('echo requests', () => {
  const four = decodeFrame(echoRequest(FROM4, 0x020000000002, '10.0.0.9', MARK));
  expect(four?.ip4).toMatchObject({ src: '192.168.7.1', dst: '10.0.0.9', ttl: 64, checkOk: true });
  expect(four?.icmp).toMatchObject({ type: 8, code: 0, id: 0xcdef, seq: 70_000 & 0xffff, checkOk: true });
  const bytes = echoRequest(FROM6, 0x020000000002, 'fd00:9::9', MARK);
  expect(decodeFrame(bytes)).toMatchObject({
    dst: '02:00:00:00:00:02',
    ip6: { src: 'fd00:7::1', dst: 'fd00:9::9', hopLimit: 64 },
    icmp6: { type: 128, id: 0xcdef, seq: 70_000 & 0xffff },
  });
  expect(sound6(bytes)).toBe(true);
  expect(markOf(bytes)).toEqual(MARK);
});

test('to everybody', () => {
  for (const [kind, mac, ip] of [
    ['broadcast', 'ff:ff:ff:ff:ff:ff', '255.255.255.255'],
    ['multicast', '01:00:5e:00:00:01', '224.0.0.1'],
  ] as const) {
    const bytes = shout(FROM4, kind, MARK);
    const f = decodeFrame(bytes);
    expect(f).toMatchObject({ dst: mac, ip4: { dst: ip, ttl: 1, checkOk: true }, udp: { sport: 9, dport: 9 } });
    expect(udpCheckOk4(bytes, 14, 34)).toBe(true);
    expect(heard(bytes)).toEqual({ what: 'shout', mark: MARK });
  }
});

test("what is cut short, or another's, says nothing", () => {
  const frames = [whoHas(FROM4, '10.0.0.1'), echoRequest(FROM4, MAC, '10.0.0.1', MARK)];
  for (const f of frames) for (let n = 0; n < f.length; n++) expect(heard(f.slice(0, n))).toBe(null);
  const nd = whoHas(FROM6, 'fd00::2'); // what comes last in it is an option, and may be missing
  for (let n = 0; n < nd.length - 8; n++) expect(heard(nd.slice(0, n))).toBe(null);
  expect(heard(whoHas(FROM4, '10.0.0.1'), new Set([0x0a000002]))).toBe(null);
  const other = echoRequest(FROM4, MAC, '10.0.0.1', MARK);
  other[42] ^= 1;
  expect(heard(other)).toBe(null);
});
