import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8Decode, utf8Encode } from '../base/utf8.ts';
import { ip4Of, ip4Text, ip6Of, ip6Text, macKeyOf, macKeyText } from './text.ts';

describe('addresses as text', () => {
  test('MAC', () => {
    expect(macKeyOf('02:00:00:00:00:07')).toBe(0x020000000007);
    expect(macKeyText(0xffffffffffff)).toBe('ff:ff:ff:ff:ff:ff');
    expect(macKeyOf('02:00:00:00:00')).toBeNaN();
    expect(macKeyOf('02:00:00:00:00:0g')).toBeNaN();
  });

  test('IPv4 takes what inet_pton() takes', () => {
    expect(ip4Of('10.0.0.2')).toBe(0x0a000002);
    expect(ip4Text(0xc0a80101)).toBe('192.168.1.1');
    for (const bad of ['10.0.0', '10.0.0.256', '010.0.0.1', '', '1.2.3.4.5']) expect(ip4Of(bad)).toBeNaN();
  });

  test.each([
    ['::', '::'],
    ['::1', '::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['fe80:0:0:0:0:0:0:0', 'fe80::'],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
    ['FF02::1:FF00:7', 'ff02::1:ff00:7'],
  ])('IPv6 %s is printed %s', (text, printed) => {
    expect(ip6Text(ip6Of(text) as Uint8Array, 0)).toBe(printed);
  });

  test('no IPv6 addresses', () => {
    for (const bad of ['', ':', '1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '::g', '1.2.3.4::']) {
      expect(ip6Of(bad)).toBeNull();
    }
  });

  test('every IPv6 address survives its own text', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 0, 0, 1, 255), { minLength: 16, maxLength: 16 }), (a) => {
        const b = Uint8Array.from(a);
        expect(ip6Of(ip6Text(b, 0))).toEqual(b);
      }),
    );
  });
});

test('UTF-8 there and back, and no exception for rubbish', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (s) => void expect(utf8Decode(utf8Encode(s))).toBe(s)));
  fc.assert(fc.property(fc.uint8Array(), (b) => void utf8Decode(b)));
});
