// When do blocked threads run again, and what ends a run that gets nowhere?

import { expect, test } from 'vitest';
import { Loop } from '../sim/loop.ts';
import { NoProgress, Scheduler } from './scheduler.ts';

function sleeper(scheduler: Scheduler, log: string[], name: string, ns: number): void {
  scheduler.spawn(async () => {
    const { loop } = scheduler;
    await scheduler.block((wake) => {
      loop.after(ns, (w: () => void) => w(), wake, 0);
      return undefined;
    });
    log.push(`${name}@${loop.now}`);
  });
}

test('threads wake in the order of their times, and those of one instant in the order they asked', async () => {
  const scheduler = new Scheduler({ loop: new Loop() });
  const log: string[] = [];
  scheduler.enter();
  for (const [name, ns] of [
    ['a', 30],
    ['b', 10],
    ['c', 20],
    ['d', 10],
  ] as const)
    sleeper(scheduler, log, name, ns);
  await scheduler.block((wake) => {
    scheduler.loop.after(100, (w: () => void) => w(), wake, 0);
    return undefined;
  });
  expect(log).toEqual(['b@10', 'd@10', 'c@20', 'a@30']);
  expect(scheduler.loop.now).toBe(100);
});

test('time stands still while a thread runs', async () => {
  const scheduler = new Scheduler({ loop: new Loop() });
  const log: string[] = [];
  scheduler.enter();
  sleeper(scheduler, log, 'a', 10);
  for (let i = 0; i < 50; i++) await Promise.resolve();
  expect(log).toEqual([]);
  expect(scheduler.loop.now).toBe(0);
});

test('a wait for what cannot happen ends the run', async () => {
  const scheduler = new Scheduler({ loop: new Loop() });
  scheduler.enter();
  void scheduler.block(() => undefined);
  await expect(scheduler.failed).rejects.toThrow(/nothing more can happen/);
});

test('a storm ends the run and names the busiest devices', async () => {
  const loop = new Loop();
  let frames = 0;
  const again = (owner: Loop): void => {
    frames += 64;
    owner.after(10, again, owner, 0);
  };
  again(loop);
  const scheduler = new Scheduler({ loop, maxEvents: 100_000, busiest: () => ['br0', 'ns1/v0'], frames: () => frames });
  scheduler.enter();
  void scheduler.block(() => undefined);
  await expect(scheduler.failed).rejects.toThrow(NoProgress);
  await expect(scheduler.failed).rejects.toThrow(/100000 events and frames.*busiest: br0, ns1\/v0/);
  // Frames count: far fewer events than the stock has.
  expect(loop.ran).toBeLessThan(5000);
});
