// The tree of computed files, and /sys and /proc on it, as a process meets them.

import { describe, expect, test } from 'vitest';
import { createModel } from './model.ts';
import { folder, knob, listNode, lookup, readNode, text, walk, writeNode } from './vfs.ts';

describe('a tree', () => {
  let value = 'x';
  const root = folder({
    a: folder({
      plain: text(() => 7),
      knob: knob(
        () => value,
        (v) => ((value = v), 0),
      ),
      hidden: { file: { read: null, write: null } },
    }),
    any: lookup(
      () => ['one'],
      (name) => (name.startsWith('o') ? text(() => name) : null),
    ),
  });

  test('paths, whatever their slashes', () => {
    expect(['/a/plain', 'a//plain', './a/./plain'].map((p) => readNode(root, p))).toEqual([7, 7, 7]);
    expect([readNode(root, '/any/other'), listNode(root, '/any'), listNode(root, '')]).toEqual([
      'other',
      ['one'],
      ['a', 'any'],
    ]);
  });

  test('errnos', () => {
    expect([
      readNode(root, '/a/none'),
      readNode(root, '/a/plain/x'),
      readNode(root, '/a'),
      readNode(root, '/a/hidden'),
    ]).toEqual([-2, -20, -21, -13]);
    expect([
      writeNode(root, '/a/plain', '1'),
      writeNode(root, '/a', '1'),
      writeNode(root, '/a/knob', 'new'),
      value,
    ]).toEqual([-13, -21, 0, 'new']);
    expect([listNode(root, '/a/plain'), walk(root, '/none')]).toEqual([-20, -2]);
  });
});

describe('the model as a process sees it', () => {
  const read = (path: string): string | number => model.os.readFile(ns, path);
  const model = createModel({ seed: 1 });
  const ns = model.os.initNs;

  test('/sys/class/net of a device', () => {
    expect(model.os.listDir(ns, '/sys/class/net')).toEqual(['lo']);
    expect(
      ['address', 'ifindex', 'mtu', 'flags', 'operstate', 'carrier', 'type', 'tx_queue_len'].map((f) =>
        read(`/sys/class/net/lo/${f}`),
      ),
    ).toEqual(['00:00:00:00:00:00\n', '1\n', '65536\n', '0x9\n', 'unknown\n', '1\n', '772\n', '1000\n']);
    expect([read('/sys/class/net/lo/speed'), read('/sys/class/net/none/mtu')]).toEqual([-22, -2]);
  });

  test('a change through /sys is told once', () => {
    let told = 0;
    const before = model.kernel.hooks.linkChanged;
    model.kernel.hooks.linkChanged = () => told++;
    model.kernel.notifiers.add((event) => ((told += event === 7 ? 1 : 0), 0));
    expect([model.os.writeFile(ns, '/sys/class/net/lo/mtu', '1400\n'), told, read('/sys/class/net/lo/mtu')]).toEqual([
      0,
      1,
      '1400\n',
    ]);
    expect(['x', '-1', ''].map((v) => model.os.writeFile(ns, '/sys/class/net/lo/mtu', v))).toEqual([-22, -22, -22]);
    model.kernel.hooks.linkChanged = before;
  });

  test('a namespace lives as long as something holds it', () => {
    const pod = model.os.nsCreate();
    expect([model.os.nsBind('pod', pod), model.os.nsBind('pod', pod)]).toEqual([0, -17]);
    const fd = model.os.nsOpen(pod);
    const socket = model.os.netlink(pod, 0);
    expect([model.os.nsUnbind('pod'), model.os.nsUnbind('pod'), pod.dead]).toEqual([0, -2, false]);
    model.os.nsClose(fd);
    model.os.nsClose(fd);
    expect(pod.dead).toBe(false);
    socket.close();
    socket.close();
    expect([pod.dead, pod.holds]).toEqual([true, 0]);
  });

  test('a handle of another kernel is a mistake, not a device', () => {
    expect(() => model.os.nsHold({ inode: 1 })).toThrow('a namespace of another kernel');
    model.close();
    expect(model.kernel.namespaces).toEqual([]);
  });
});
