import { describe, expect, test } from 'vitest';
import {
  decodeEth,
  encodeEth,
  ethDst,
  ethSrc,
  ethType,
  keyIsMulticast,
  keyIsValidUnicast,
  MAC_BROADCAST,
  macHi,
  macIsBroadcast,
  macIsMulticast,
  macKey,
  macKeyFrom,
  macKeyHi,
  macKeyLo,
  macLo,
  macOfIp4Group,
  macOfIp6Group,
  setEth,
} from './ethernet.ts';
import { macKeyText } from './text.ts';
import { decodeVlan, encodeVlan, vlanInsert, vlanStrip, vlanVid } from './vlan.ts';

describe('Ethernet', () => {
  const b = encodeEth({
    dst: 'ff:ff:ff:ff:ff:ff',
    src: '02:aa:bb:cc:dd:ee',
    type: 0x0806,
    payload: Uint8Array.of(1, 2),
  });

  test('halves and the whole address say the same', () => {
    expect(macHi(b, 6)).toBe(0x02aabb);
    expect(macLo(b, 6)).toBe(0xccddee);
    expect(macKey(b, 6)).toBe(0x02aabbccddee);
    expect(macKeyFrom(macKeyHi(0x02aabbccddee), macKeyLo(0x02aabbccddee))).toBe(0x02aabbccddee);
  });

  test('kinds of address', () => {
    expect(macIsBroadcast(b, 0) && macIsMulticast(b, 0) && !macIsMulticast(b, 6)).toBe(true);
    expect(keyIsMulticast(MAC_BROADCAST)).toBe(true);
    expect(keyIsMulticast(0x020000000001)).toBe(false);
    expect([0, 1, 0x010000000000].map(keyIsValidUnicast)).toEqual([false, true, false]);
    expect(macKeyText(macOfIp4Group(0xefffaa01))).toBe('01:00:5e:7f:aa:01');
    expect(macKeyText(macOfIp6Group(0xff000007))).toBe('33:33:ff:00:00:07');
  });

  test('written in place, read as a record', () => {
    const f = new Uint8Array(20);
    setEth(f, 4, 0x0102030405ff, 0xa1b2c3d4e5f6, 0x86dd);
    expect([ethDst(f, 4), ethSrc(f, 4), ethType(f, 4)]).toEqual([0x0102030405ff, 0xa1b2c3d4e5f6, 0x86dd]);
    expect(decodeEth(b, 0, b.length)).toEqual({
      dst: 'ff:ff:ff:ff:ff:ff',
      src: '02:aa:bb:cc:dd:ee',
      type: 0x0806,
      payload: Uint8Array.of(1, 2),
    });
    expect(decodeEth(b, 0, 13)).toBeNull();
  });
});

describe('VLAN', () => {
  test('a tag goes in and comes out, and the frame is as before', () => {
    const room = new Uint8Array(32);
    const plain = encodeEth({
      dst: '02:00:00:00:00:01',
      src: '02:00:00:00:00:02',
      type: 0x0800,
      payload: Uint8Array.of(9, 8, 7),
    });
    room.set(plain, 8);
    vlanInsert(room, 8, 0x8100, 0x2005);
    expect(ethType(room, 4)).toBe(0x8100);
    expect(vlanVid(room, 4 + 14)).toBe(5);
    expect(vlanStrip(room, 4, plain.length + 4)).toBe(0x2005);
    expect(room.subarray(8, 8 + plain.length)).toEqual(plain);
    expect(vlanStrip(room, 8, plain.length)).toBe(-1);
  });

  test('record', () => {
    const b = encodeVlan({ vid: 100, prio: 5, dei: true, type: 0x0806 });
    expect(decodeVlan(b, 0, 4)).toMatchObject({ vid: 100, prio: 5, dei: true, type: 0x0806 });
    expect(decodeVlan(b, 0, 3)).toBeNull();
  });
});
