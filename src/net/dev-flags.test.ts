// Flags, promiscuity, receive filters and the address lists (net/core/dev.c, dev_addr_lists.c).

import { describe, expect, test } from 'vitest';
import { AddrList, devMcSync, devUcAdd, devUcDel, devUcSync, devUcUnsync, syncAddrs, unsyncAddrs } from './addrlist.ts';
import { IFF_ALLMULTI, IFF_NOARP, IFF_PROMISC, PRIV_UNICAST_FLT } from './flags.ts';
import type { NetDevice } from './netdev.ts';
import { addDev, Diary, makeCore, setUp, upDev } from './testing.ts';

const flag = (dev: NetDevice, bit: number, on: boolean): number =>
  dev.core.changeFlags(dev, on ? dev.core.userFlags(dev) | bit : dev.core.userFlags(dev) & ~bit);

describe('promiscuity', () => {
  test('is counted: reasons of the kernel are told, each of them; the log speaks of the first and the last', () => {
    const { kernel, ns } = makeCore();
    const d = upDev(ns, 'a');
    const diary = new Diary(kernel);
    kernel.dev.setPromiscuity(d, 1);
    flag(d, IFF_PROMISC, true);
    expect([d.promiscuity, d.gflags]).toEqual([2, IFF_PROMISC]);
    kernel.dev.setPromiscuity(d, -1);
    expect(diary.take()).toEqual(['a NEWLINK 100 up', 'a NEWLINK 100 up', 'a NEWLINK 100 up']);
    expect(d.flags & IFF_PROMISC).toBe(IFF_PROMISC);
    flag(d, IFF_PROMISC, false);
    expect([d.promiscuity, d.flags & IFF_PROMISC]).toEqual([0, 0]);
    expect(kernel.logLines).toEqual(['a: entered promiscuous mode', 'a: left promiscuous mode']);
  });

  test('the count has 32 bits and no sign: below zero is the roof, and one more is refused', () => {
    const { kernel, ns } = makeCore();
    const d = upDev(ns, 'a');
    expect([kernel.dev.setPromiscuity(d, -1), d.promiscuity]).toEqual([0, 0xffffffff]);
    expect([kernel.dev.setPromiscuity(d, 1), d.promiscuity]).toEqual([-75, 0xffffffff]);
    expect(kernel.logLines[1]).toContain('promiscuity touches roof');
  });

  test('the same flags again change nothing and tell nothing', () => {
    const { kernel, ns } = makeCore();
    const d = upDev(ns, 'a');
    flag(d, IFF_PROMISC, true);
    const diary = new Diary(kernel);
    flag(d, IFF_PROMISC, true);
    expect([d.promiscuity, diary.take()]).toEqual([1, []]);
  });

  test('the driver hears when it changes, and its filter is set', () => {
    const { ns } = makeCore();
    const calls: string[] = [];
    const d = upDev(ns, 'a', {
      tune: (dev) => {
        dev.changeRxFlags = (_, flags) => calls.push(`flags ${flags.toString(16)}`);
        dev.setRxMode = () => calls.push('mode');
      },
    });
    calls.splice(0);
    d.core.setAllmulti(d, 1);
    d.core.setAllmulti(d, 1);
    d.core.setPromiscuity(d, 1);
    expect(calls).toEqual(['flags 200', 'mode', 'flags 100', 'mode']);
    expect([d.allmulti, d.core.kernel.logLines[0]]).toEqual([2, 'a: entered allmulticast mode']);
  });

  test('allmulti by user space and by the kernel are told apart', () => {
    const { kernel, ns } = makeCore();
    const d = upDev(ns, 'a');
    const diary = new Diary(kernel);
    kernel.dev.setAllmulti(d, 1);
    expect(diary.take()).toEqual([]);
    flag(d, IFF_ALLMULTI, true);
    kernel.dev.setAllmulti(d, -1);
    expect([d.allmulti, diary.take(), d.flags & IFF_ALLMULTI]).toEqual([1, ['a NEWLINK 200 up'], IFF_ALLMULTI]);
  });

  test('a device that does not filter unicast listens to all as long as its list is not empty, in silence', () => {
    const { kernel, ns } = makeCore();
    const plain = upDev(ns, 'plain');
    const filters = upDev(ns, 'filters', { tune: (d) => (d.privFlags |= PRIV_UNICAST_FLT) });
    const diary = new Diary(kernel);
    for (const d of [plain, filters]) {
      devUcAdd(d, 7);
      devUcAdd(d, 7);
      devUcDel(d, 7);
    }
    expect([plain.promiscuity, filters.promiscuity, diary.take()]).toEqual([1, 0, []]);
    expect([devUcDel(plain, 7), plain.promiscuity, devUcDel(plain, 7)]).toEqual([0, 0, -2]);
  });

  test('while it is down nothing is applied; opening catches up', () => {
    const { ns } = makeCore();
    const d = addDev(ns, 'a');
    devUcAdd(d, 7);
    expect(d.promiscuity).toBe(0);
    setUp(d, true);
    expect(d.promiscuity).toBe(1);
  });
});

test('flags that are no one-bit switch: told to notifiers only while up', () => {
  const { kernel, ns } = makeCore();
  const d = addDev(ns, 'a');
  const diary = new Diary(kernel);
  flag(d, IFF_NOARP, true);
  expect(diary.take()).toEqual(['a NEWLINK 80 down']);
  setUp(d, true);
  diary.take();
  flag(d, IFF_NOARP, false);
  expect(diary.take()).toEqual(['a NEWLINK 80 up', 'a Change']);
  d.core.changeFlags(d, 0x40 | 0x8 | d.flags); // LOOPBACK and RUNNING are not the user's
  expect([d.flags & 0x48, diary.take()]).toEqual([0, []]);
});

describe('address lists', () => {
  const shape = (list: AddrList): string =>
    [...list.entries.values()].map((e) => `${e.mac}:ref${e.refcount} in${e.synced} out${e.syncCount}`).join(' ');

  test('references', () => {
    const list = new AddrList();
    list.add(1);
    list.add(1);
    expect([list.addExcl(1), list.addExcl(2), shape(list)]).toEqual([-17, 0, '1:ref2 in0 out0 2:ref1 in0 out0']);
    expect([list.del(1), list.del(1), list.del(1), list.size]).toEqual([0, 0, -2, 1]);
  });

  test('sync pushes once, takes back when only the sync is left, and keeps what others asked for', () => {
    const [to, x, y] = [new AddrList(), new AddrList(), new AddrList()];
    to.add(1);
    x.add(1);
    x.add(2);
    y.add(2);
    for (const from of [x, x, y]) syncAddrs(to, from);
    expect(shape(to)).toBe('1:ref2 in1 out0 2:ref2 in2 out0');
    expect(shape(x)).toBe('1:ref2 in0 out1 2:ref2 in0 out1');
    x.del(1);
    x.del(2);
    expect(shape(x)).toBe('1:ref1 in0 out1 2:ref1 in0 out1');
    syncAddrs(to, x);
    expect([shape(x), shape(to)]).toEqual(['', '1:ref1 in0 out0 2:ref1 in1 out0']);
    unsyncAddrs(to, y);
    expect([shape(y), shape(to)]).toEqual(['2:ref1 in0 out0', '1:ref1 in0 out0']);
  });

  test('after a flush below (a move to another namespace) Linux goes on believing that it synced', () => {
    const [to, from] = [new AddrList(), new AddrList()];
    from.add(1);
    syncAddrs(to, from);
    to.flush();
    syncAddrs(to, from);
    expect([to.size, shape(from)]).toEqual([0, '1:ref2 in0 out1']);
    from.del(1);
    syncAddrs(to, from);
    unsyncAddrs(to, from);
    expect(shape(from)).toBe('1:ref1 in0 out1');
  });

  test('every sync makes the device below look at its filter', () => {
    const { ns } = makeCore();
    let looks = 0;
    const low = upDev(ns, 'low', { tune: (d) => (d.setRxMode = () => looks++) });
    const top = addDev(ns, 'top');
    looks = 0;
    devUcSync(low, top);
    devMcSync(low, top);
    devUcUnsync(low, top);
    expect(looks).toBe(3);
  });
});
