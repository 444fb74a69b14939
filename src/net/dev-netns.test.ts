// Devices between namespaces (net/core/dev.c, __dev_change_net_namespace(), default_device_exit_batch()).

import { describe, expect, test } from 'vitest';
import { devUcAdd } from './addrlist.ts';
import { addDev, Diary, fakeDev, frame, makeCore, refusal, upDev } from './testing.ts';

describe('a move', () => {
  test('closes, ends in the old namespace and begins, down, in the new one', () => {
    const { kernel, ns } = makeCore();
    const to = kernel.createNs('n1');
    const d = upDev(ns, 'a');
    devUcAdd(d, 7);
    kernel.softirq.netifRx(frame(d, d.addr));
    const diary = new Diary(kernel);
    kernel.dev.moveToNs(d, to);
    expect(diary.take()).toEqual([
      'a GoingDown',
      'a NEWLINK 41 down',
      'a Down',
      'a MoveOut',
      'a DELLINK to n1 as 1',
      'a MoveIn',
      'a NEWLINK ffffffff down',
    ]);
    expect([d.ns, d.ifindex, d.label, d.uc.size, d.txq[0].qdisc.kind]).toEqual([to, 1, 'n1/a', 0, 'noop']);
    expect([ns.byName.size, to.dev('a'), ns.nsids.get(to), kernel.skbs.live]).toEqual([0, d, 0, 0]);
  });

  test('the index stays unless it is taken; another may be asked for', () => {
    const { kernel, ns } = makeCore();
    const to = kernel.createNs('n1');
    addDev(to, 'x');
    const [a, b, c] = ['a', 'b', 'c'].map((name) => addDev(ns, name));
    kernel.dev.moveToNs(a, to);
    kernel.dev.moveToNs(b, to, null, 9);
    expect([a.ifindex, b.ifindex]).toEqual([2, 9]);
    expect(refusal(() => kernel.dev.moveToNs(c, to, null, 9))).toBe(
      '16 The ifindex 9 is not available in the target netns',
    );
    expect(c.ns).toBe(ns);
  });

  test('another name is used only when its own is taken there', () => {
    const { kernel, ns } = makeCore();
    const to = kernel.createNs('n1');
    const [a, b] = ['a', 'b'].map((name) => addDev(ns, name));
    addDev(to, 'a');
    kernel.dev.moveToNs(b, to, 'z');
    expect(b.name).toBe('b');
    const taken = 'An interface with the same name exists in the target netns';
    expect(refusal(() => kernel.dev.moveToNs(a, to))).toBe(`17 ${taken}`);
    expect(refusal(() => kernel.dev.moveToNs(a, to, 'b'))).toBe(
      "17 Unable to use 'b' for the new interface name in the target netns",
    );
    expect(refusal(() => kernel.dev.moveToNs(a, to, 'b/'))).toBe(
      "22 Unable to use 'b/' for the new interface name in the target netns",
    );
    kernel.dev.moveToNs(a, to, 'b%d');
    expect(a.name).toBe('b0');
  });

  test('what keeps a device where it is', () => {
    const { kernel, ns } = makeCore();
    const to = kernel.createNs('n1');
    const stays = addDev(ns, 's', { tune: (d) => (d.netnsImmutable = true) });
    for (const target of [ns, to]) {
      expect(refusal(() => kernel.dev.moveToNs(stays, target))).toBe('22 The interface netns is immutable');
    }
    const a = addDev(ns, 'a');
    a.altNames.push('other');
    ns.byName.set('other', a);
    addDev(to, 'other');
    expect(refusal(() => kernel.dev.moveToNs(a, to))).toBe(
      '17 An interface with the altname other exists in the target netns',
    );
    const diary = new Diary(kernel);
    kernel.dev.moveToNs(a, ns);
    expect(diary.take()).toEqual([]);
  });
});

describe('the end of a namespace', () => {
  test('hardware goes home, under another name when it must; the rest goes in the opposite order of its coming', () => {
    const { kernel, ns } = makeCore();
    const pod = kernel.createNs('pod');
    addDev(ns, 'eth0');
    addDev(ns, 'dev3');
    addDev(ns, 'alt');
    const made = ['m1', 'm2'].map((name) => addDev(pod, name, { byRequest: true }));
    const nic = addDev(pod, 'eth0');
    nic.altNames.push('alt', 'mine');
    pod.byName.set('alt', nic).set('mine', nic);
    const free = addDev(pod, 'eth7');
    const diary = new Diary(kernel);
    kernel.destroyNs(pod, ns);
    expect([nic.ns, nic.name, nic.altNames, free.name]).toEqual([ns, 'dev0', ['mine'], 'eth7']);
    expect(ns.dev('mine')).toBe(nic);
    const gone = diary.take().filter((line) => /Unregister/.test(line));
    expect(gone).toEqual(['m2 Unregister', 'm1 Unregister']);
    expect([made[0].regState, kernel.namespaces]).toEqual(['gone', [ns]]);
  });

  test('others no longer have an id for it when its devices end', () => {
    const { kernel, ns } = makeCore();
    const pod = kernel.createNs('pod');
    expect(ns.idOf(pod, true)).toBe(0);
    let seen = 99;
    addDev(pod, 'm', { byRequest: true, tune: (d) => (d.uninit = () => (seen = ns.idOf(pod, true))) });
    kernel.destroyNs(pod, ns);
    expect(seen).toBe(-1);
  });

  test('a kind that takes its peer along: each ends once', () => {
    const { kernel, ns } = makeCore();
    const pod = kernel.createNs('pod');
    const pair = ['p0', 'p1'].map((name) => fakeDev(pod, name, { byRequest: true }));
    for (const d of pair) {
      (d.linkOps as { dellink?: unknown }).dellink = (dev: unknown, list: unknown[]) =>
        list.push(dev, pair[dev === pair[0] ? 1 : 0]);
      kernel.dev.register(d);
    }
    const diary = new Diary(kernel);
    kernel.destroyNs(pod, ns);
    expect(diary.take().filter((l) => l.includes('DELLINK'))).toEqual(['p0 DELLINK', 'p1 DELLINK']);
  });
});

test('ids: the lowest free one, given on demand, told once', () => {
  const { kernel, ns } = makeCore();
  const told: number[] = [];
  const gone: number[] = [];
  kernel.hooks.nsidAdded = (_, __, id) => told.push(id);
  kernel.hooks.nsidGone = (_, id) => gone.push(id);
  const [a, b, c] = ['a', 'b', 'c'].map((name) => kernel.createNs(name));
  expect([ns.idOf(a, false), ns.idOf(a, true), ns.idOf(b, true), ns.idOf(a, true)]).toEqual([-1, 0, 1, 0]);
  kernel.destroyNs(a, ns);
  expect([ns.idOf(c, true), told, gone]).toEqual([0, [0, 1, 0], [0]]);
});
