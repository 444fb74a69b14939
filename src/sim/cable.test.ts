// A cable's arithmetic: serialisation, delay, loss, and the two directions that do not disturb each other.

import { expect, test } from 'vitest';
import { Stream } from '../base/random.ts';
import { gbit, us } from '../base/units.ts';
import { Cable, type CableEnd, type CableOptions } from './cable.ts';
import { Loop } from './loop.ts';

type Seen = Array<[end: string, timeNs: number, frame: string]>;

function cable(options: Partial<CableOptions>, seed = 1): { loop: Loop; c: Cable<string>; seen: Seen; lost: string[] } {
  const loop = new Loop();
  const c = new Cable<string>(loop, new Stream(seed, 'cable:a/b'), {
    rateBps: gbit(10),
    delayNs: us(5),
    lossNum: 0,
    lossDen: 1,
    ...options,
  });
  const seen: Seen = [];
  const lost: string[] = [];
  const plug = (end: CableEnd<string>, name: string): void => {
    end.owner = name;
    end.arrive = (owner, frame) => seen.push([owner as string, loop.now, frame]);
    end.lost = (_, frame) => lost.push(frame);
  };
  plug(c.a, 'a');
  plug(c.b, 'b');
  return { loop, c, seen, lost };
}

const run = (loop: Loop): void => {
  while (loop.step());
};

test('a frame takes its time on the line and then the delay', () => {
  const { loop, c, seen } = cable({});
  c.a.send('x', 1000, 0);
  expect(c.a.busyUntilNs).toBe(820); // (1000 + 24) * 8 / 10 ns, rounded up
  run(loop);
  expect(seen).toEqual([['b', 5820, 'x']]);
});

test('frames follow each other; the other direction is a line of its own', () => {
  const { loop, c, seen } = cable({ delayNs: 0 });
  c.a.send('1', 1226, 0);
  c.a.send('2', 1226, 0);
  c.b.send('3', 1226, 0);
  run(loop);
  expect(seen).toEqual([
    ['b', 1000, '1'],
    ['a', 1000, '3'],
    ['b', 2000, '2'],
  ]);
});

test('a short frame occupies the line as the smallest one does', () => {
  const { c } = cable({});
  c.a.send('arp', 42, 0);
  expect(c.a.busyUntilNs).toBe(Math.ceil((60 + 24) * 0.8));
  expect(c.a.sentBytes).toBe(42);
});

test('without a rate only the delay counts', () => {
  const { loop, c, seen } = cable({ rateBps: 0 });
  c.a.send('x', 9000, 100);
  run(loop);
  expect(seen).toEqual([['b', 5100, 'x']]);
});

test('losses are counted, come from the seed and are handed back', () => {
  const one = cable({ lossNum: 1, lossDen: 10 });
  for (let i = 0; i < 1000; i++) one.c.a.send(String(i), 100, 0);
  run(one.loop);
  expect(one.seen.length + one.lost.length).toBe(1000);
  expect(one.c.a.lostFrames).toBe(one.lost.length);
  expect(one.lost.length).toBeGreaterThan(70);
  expect(one.lost.length).toBeLessThan(130);
  const again = cable({ lossNum: 1, lossDen: 10 });
  for (let i = 0; i < 1000; i++) again.c.a.send(String(i), 100, 0);
  expect(again.lost).toEqual(one.lost);
});

test('a link needs both ends up; both are told', () => {
  const { c } = cable({});
  const told: string[] = [];
  c.a.linkChanged = (_, on) => told.push(`a ${on}`);
  c.b.linkChanged = (_, on) => told.push(`b ${on}`);
  c.a.setUp(true);
  expect(told).toEqual([]);
  c.b.setUp(true);
  c.b.setUp(true);
  c.a.setUp(false);
  c.b.setUp(false);
  expect(told).toEqual(['b true', 'a true', 'a false', 'b false']);
});
