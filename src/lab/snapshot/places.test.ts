// Namespaces are found while processes come and go: each once, and each that was opened is given back.

import { expect, test } from 'vitest';
import type { NsRef } from '../os.ts';
import type { SnapshotKernel } from './kernel.ts';
import { findPlaces, releasePlaces } from './places.ts';

test('a process that went to another namespace between two looks', () => {
  const open = new Set<NsRef>();
  const opened = (inode: number): NsRef => {
    const ns = { inode };
    open.add(ns);
    return ns;
  };
  const initNs = { inode: 1 };
  const of = (inode: number, pid: number) => ({
    ...{ inode, path: `/proc/${pid}/ns/net`, paths: [], processes: 1 },
    holders: [{ pid, comm: 'sh', container: null }],
  });
  const kernel = {
    initNs,
    nsHold: () => {},
    nsRelease: (ns: NsRef) => void open.delete(ns),
    nsNames: () => ['blue', 'same'],
    nsByName: () => opened(2),
    nsByPath: (path: string) => opened(path === '/proc/7/ns/net' ? 2 : 4),
    foundNamespaces: () => ({ namespaces: [of(2, 5), of(3, 7), of(4, 8), of(5, 9)], unseen: [] }),
  } as unknown as SnapshotKernel;
  const unseen: string[] = [];
  const places = findPlaces(kernel, unseen);
  expect(places.map((p) => [p.ns.inode, p.names, p.holders.map((h) => h.pid)])).toEqual([
    [1, [], []],
    [2, ['blue', 'same'], [5]],
    [4, [], [8]],
  ]);
  expect(unseen).toEqual(
    [7, 9].map((pid) => `namespace /proc/${pid}/ns/net was not looked at: its process has left it`),
  );
  expect(open.size).toBe(2);
  releasePlaces(kernel, places);
  expect(open.size).toBe(0);
});
