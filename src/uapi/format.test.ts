import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bytesOfMac,
  formatIp,
  formatIp4,
  formatIp6,
  formatMac,
  linkFlagNames,
  macOfBytes,
  parseIp,
  parseIp4,
  parseIp6,
  parseMac,
} from './format.ts';

describe('MAC addresses', () => {
  test('there and back', () => {
    expect(formatMac(0x020000000007)).toBe('02:00:00:00:00:07');
    expect(formatMac(0xffffffffffff)).toBe('ff:ff:ff:ff:ff:ff');
    fc.assert(
      fc.property(fc.nat(0xffffff), fc.nat(0xffffff), (high, low) => {
        const mac = high * 0x1000000 + low;
        expect(parseMac(formatMac(mac))).toBe(mac);
        expect(macOfBytes(bytesOfMac(mac))).toBe(mac);
      }),
    );
  });

  test('short parts are taken, other texts are not', () => {
    expect(parseMac('2:0:0:0:0:A')).toBe(0x02000000000a);
    for (const text of [
      '',
      '02:00:00:00:00',
      '02:00:00:00:00:07:08',
      '02-00-00-00-00-07',
      '02:00:00:00:00:0g',
      '020:0:0:0:0:0',
    ]) {
      expect(parseMac(text), text).toBeNull();
    }
  });
});

describe('IPv4 addresses', () => {
  test('there and back', () => {
    expect(formatIp4(0x0a000001)).toBe('10.0.0.1');
    expect(parseIp4('255.255.255.255')).toBe(0xffffffff);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (ip) => {
        expect(parseIp4(formatIp4(ip))).toBe(ip);
      }),
    );
  });

  test.each(['', '10', '10.0.0', '10.0.0.256', '10.0.0.1.2', '10.0.0.01', '10.0.0.-1', ' 10.0.0.1', '1e1.0.0.1'])(
    '%j is none',
    (text) => {
      expect(parseIp4(text)).toBeNull();
    },
  );
});

describe('IPv6 addresses', () => {
  // what glibc's inet_ntop(inet_pton(text)) prints
  test.each([
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['fd00:0:0:0:0:0:0:7', 'fd00::7'],
    ['FE80::ff:FE00:0100', 'fe80::ff:fe00:100'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:0:2:0:0:3:4', '1::2:0:0:3:4'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['::1:2', '::0.1.0.2'],
    ['::10.0.0.1', '::10.0.0.1'],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
    ['::fffe:10.0.0.1', '::fffe:a00:1'],
    ['64:ff9b::10.0.0.1', '64:ff9b::a00:1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
    ['1:2:3:4:5:6:10.0.0.1', '1:2:3:4:5:6:a00:1'],
  ])('%s is printed as %s', (text, printed) => {
    expect(formatIp6(parseIp6(text) as Uint8Array)).toBe(printed);
  });

  test.each([
    '',
    ':',
    ':::',
    '1',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '1::2::3',
    '12345::',
    'g::',
    '1:',
    ':1:2:3:4:5:6:7',
    '10.0.0.1::',
    '::10.0.0',
    '::10.0.0.1:1',
    'fe80::1%eth0',
  ])('%j is none', (text) => {
    expect(parseIp6(text)).toBeNull();
  });

  test('there and back', () => {
    const zeroRich = fc.array(fc.oneof(fc.constant(0), fc.nat(255)), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(zeroRich, (bytes) => {
        const ip = Uint8Array.from(bytes);
        expect(parseIp6(formatIp6(ip))).toEqual(ip);
      }),
    );
  });

  test('either family by its looks', () => {
    expect(parseIp('10.0.0.1')).toBe(0x0a000001);
    expect(formatIp(parseIp('fd00::1') as Uint8Array)).toBe('fd00::1');
    expect(parseIp('host')).toBeNull();
  });
});

test("a link's flags, as iproute2 prints them", () => {
  expect(linkFlagNames(69699)).toEqual(['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP']);
  expect(linkFlagNames(4099)).toEqual(['NO-CARRIER', 'BROADCAST', 'MULTICAST', 'UP']);
  expect(linkFlagNames(4098)).toEqual(['BROADCAST', 'MULTICAST']);
  expect(linkFlagNames(65609)).toEqual(['LOOPBACK', 'UP', 'LOWER_UP']);
  expect(linkFlagNames(0x8_0000)).toEqual(['80000']);
});
