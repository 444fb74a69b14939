// Addresses, prefixes and numbers as iproute2 takes them: each expectation was seen on the real tool.
import { describe, expect, test } from 'vitest';
import { matches, needAddress, needLladdr, needPrefix, parseNumber, parseShortIp4, sameBits } from './args.ts';
import { ToolError } from './errors.ts';

const refusal = (run: () => unknown): [string, number] => {
  try {
    run();
  } catch (e) {
    if (e instanceof ToolError) return [e.text, e.code];
  }
  return ['', 0];
};

test('an abbreviation is a beginning, and never empty', () => {
  expect(matches('addr', 'address')).toBe(true);
  expect(matches('address', 'addr')).toBe(false);
  expect(matches('', 'address')).toBe(false);
});

test('numbers come in base 0', () => {
  expect([parseNumber('10'), parseNumber('0x10'), parseNumber('010'), parseNumber(' 8'), parseNumber('+8')]).toEqual([
    10, 16, 8, 8, 8,
  ]);
  expect([parseNumber('x'), parseNumber('-1'), parseNumber(''), parseNumber('256', 255), parseNumber('08')]).toEqual([
    null,
    null,
    null,
    null,
    null,
  ]);
});

test('parts of an IPv4 address may be left out, and be in hex', () => {
  expect(parseShortIp4('10.1')).toBe(0x0a010000);
  expect(parseShortIp4('0xa.20.24.1')).toBe(0x0a141801);
  expect([parseShortIp4('10.'), parseShortIp4('10.0.0.300'), parseShortIp4('1.2.3.4.5')]).toEqual([null, null, null]);
});

describe('prefixes', () => {
  test('with and without a length, or with a mask', () => {
    expect(needPrefix('10.0.0.1', 0)).toEqual({ family: 2, ip: 0x0a000001, length: 32, hasLength: false });
    expect(needPrefix('10.0.0.0/255.255.255.0', 0).length).toBe(24);
    expect(needPrefix('fd00::/64', 0)).toMatchObject({ family: 10, length: 64 });
    expect(needPrefix('default', 0)).toEqual({ family: 0, ip: null, length: 0, hasLength: true });
  });

  test('are refused in the words of the family that was asked for', () => {
    expect(refusal(() => needPrefix('x', 0))).toEqual(['Error: any valid prefix is expected rather than "x".\n', 1]);
    expect(refusal(() => needPrefix('fd00::/64', 2))[0]).toBe(
      'Error: inet prefix is expected rather than "fd00::/64".\n',
    );
    expect(refusal(() => needPrefix('10.0.0.0/33', 0))[0]).toContain('"10.0.0.0/33"');
    expect(refusal(() => needPrefix('10.0.0.0/255.0.255.0', 0))[1]).toBe(1);
  });

  test('agree in their first bits', () => {
    expect([sameBits(0x0a000001, 0x0a0000ff, 24), sameBits(0x0a000001, 0x0a0000ff, 32), sameBits(1, 2, 0)]).toEqual([
      true,
      false,
      true,
    ]);
    expect(sameBits(Uint8Array.of(0xfd, 1), Uint8Array.of(0xfd, 2), 14)).toBe(true);
    expect(sameBits(Uint8Array.of(0xfd, 1), Uint8Array.of(0xfd, 2), 15)).toBe(false);
  });
});

test('default is an address where a whole one is wanted, any is none', () => {
  expect(needAddress('default', 0)).toEqual({ family: 2, ip: 0 });
  expect(needAddress('any', 0)).toEqual({ family: 0, ip: null });
});

test('link-layer addresses have any length; the bad part is named', () => {
  expect([...needLladdr('02:0:0:00:00:7')]).toEqual([2, 0, 0, 0, 0, 7]);
  expect([...needLladdr('10.2.3.4')]).toEqual([10, 2, 3, 4]);
  expect(refusal(() => needLladdr('02:zz'))).toEqual(['"zz" is invalid lladdr.\n', 1]);
  expect(refusal(() => needLladdr('500'))[0]).toBe('"500" is invalid lladdr.\n');
});
