// Address lists of devices: who asked, and how often.

import { expect, test } from 'vitest';
import { AddrList, devMcAddGlobal } from './addrlist.ts';
import { makeCore, upDev } from './testing.ts';

const GROUP = 0x01005e000005;

test('an address that user space adds is global: the list says so, and it can be taken back as such', () => {
  const list = new AddrList();
  expect(list.addExcl(GROUP)).toBe(0);
  expect(list.entries.get(GROUP)).toMatchObject({ global: true, refcount: 1 });
  expect(list.addExcl(GROUP)).toBe(-17);
  list.add(GROUP);
  expect(list.entries.get(GROUP)).toMatchObject({ global: true, refcount: 2 });
  expect(list.del(GROUP)).toBe(0);
  expect(list.del(GROUP)).toBe(0);
  expect(list.del(GROUP)).toBe(-2);
});

test('the device is told each time that user space asks for a group, also for one that is there', () => {
  const { ns } = makeCore();
  let told = 0;
  const d = upDev(ns, 'a', { tune: (dev) => (dev.setRxMode = () => told++) });
  told = 0;
  devMcAddGlobal(d, GROUP);
  devMcAddGlobal(d, GROUP);
  expect([told, d.mc.entries.get(GROUP)?.refcount]).toEqual([2, 1]);
});
