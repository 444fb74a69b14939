// Room in a neighbour table that is nearly full: old entries are looked for now and then, not with each new one.

import { expect, test } from 'vitest';
import { NeighTable } from './neigh-home.ts';
import { makeRoom } from './neigh-table.ts';

test('between gc_thresh2 and gc_thresh3 every five seconds, from gc_thresh3 on always', () => {
  let looked = 0;
  const all = (): never[] => {
    looked++;
    return [];
  };
  const loop = { now: 0 };
  const table = new NeighTable(loop as never, null as never, { all } as never);
  const ask = (count: number, now: number): [boolean, number] => {
    looked = 0;
    table.count = count;
    loop.now = now;
    return [makeRoom(table), looked];
  };
  expect(ask(511, 0)).toEqual([true, 0]);
  expect(ask(600, 1e9)).toEqual([true, 1]);
  expect(ask(601, 6e9)).toEqual([true, 0]);
  expect(ask(602, 6e9 + 1)).toEqual([true, 1]);
  expect(ask(1024, 6e9 + 2)).toEqual([false, 1]);
  expect(ask(1024, 6e9 + 2)).toEqual([false, 1]);
});
