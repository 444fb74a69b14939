// DHCP messages as bytes and back, overloaded fields, and rubbish.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { setU32 } from './bytes.ts';
import {
  addDhcpOption,
  addDhcpOption32,
  BOOTREPLY,
  DHCPACK,
  decodeDhcp,
  dhcpOption,
  dhcpOption32,
  dhcpType,
  encodeDhcp,
  newDhcp,
  OPT_LEASE_TIME,
  OPT_OVERLOAD,
} from './dhcp.ts';

const mac = Uint8Array.of(2, 0, 0, 0, 0, 1);

test('what is written is read', () => {
  const m = newDhcp(BOOTREPLY, DHCPACK, 0xdeadbeef, mac);
  Object.assign(m, {
    secs: 7,
    flags: 0x8000,
    ciaddr: 1,
    yiaddr: 0x0a000064,
    siaddr: 2,
    giaddr: 3,
    sname: 'srv',
    file: 'pxe',
  });
  addDhcpOption32(m, OPT_LEASE_TIME, 600);
  const b = encodeDhcp(m, 300);
  expect(b.length).toBe(300);
  expect(decodeDhcp(b)).toEqual(m);
  expect([dhcpType(m), dhcpOption32(m, OPT_LEASE_TIME), dhcpOption(m, 99)]).toEqual([DHCPACK, 600, null]);
});

test('options go on in the fields for names', () => {
  const m = newDhcp(BOOTREPLY, DHCPACK, 1, mac);
  addDhcpOption(m, OPT_OVERLOAD, Uint8Array.of(3));
  const b = encodeDhcp(m);
  b.set([12, 2, 104, 105, 255], 108);
  b.set([15, 1, 100, 255], 44);
  const r = decodeDhcp(b);
  expect(r?.options.map((o) => o.code)).toEqual([53, 52, 12, 15]);
  expect([r?.file, r?.sname]).toEqual(['', '']);
});

test('an option past the end, another cookie, a short message: nothing', () => {
  const b = encodeDhcp(newDhcp(BOOTREPLY, DHCPACK, 1, mac));
  b[241] = 200;
  expect(decodeDhcp(b)).toBeNull();
  const other = encodeDhcp(newDhcp(BOOTREPLY, DHCPACK, 1, mac));
  setU32(other, 236, 1);
  expect(decodeDhcp(other)).toBeNull();
  expect(decodeDhcp(other.subarray(0, 239))).toBeNull();
});

test('rubbish never throws', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (tail) => {
      const b = new Uint8Array(240 + tail.length);
      setU32(b, 236, 0x63825363);
      b.set(tail, 240);
      const m = decodeDhcp(b);
      if (m !== null) expect(encodeDhcp(m).length).toBeGreaterThan(240);
    }),
  );
});
