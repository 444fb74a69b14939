// A timeline of two ports under load: sums agree with the counters, queues are seen to fill and to come to rest, idle time
// leaves no record, and nothing is kept alive.

import { expect, test } from 'vitest';
import { BROADCAST, cable, makeKernel, send, settle } from '../drivers/testing.ts';
import { Loop } from '../sim/loop.ts';
import { type DeviceRecord, type DropRecord, Timeline, type TimelineRecord } from './timeline.ts';

const STEP = 100_000;

test('what devices carried in each step, and nothing while they rest', () => {
  const { kernel, host } = makeKernel();
  const far = kernel.createNs('far');
  const [a] = cable(host, 'a', 0x0200000000a1, far, 'b', 0x0200000000b1);
  settle(kernel);
  const records: TimelineRecord[] = [];
  const timeline = new Timeline(kernel, STEP, (r) => records.push(r));
  const start = kernel.loop.now;
  for (let i = 0; i < 5; i++) send(a, BROADCAST);
  settle(kernel);
  kernel.loop.runUntil(kernel.loop.now + 50 * STEP);
  for (let i = 0; i < 3; i++) send(a, BROADCAST);
  settle(kernel);
  timeline.finish();
  expect(records[0]).toEqual({ kind: 'lowerdev timeline', version: 1, stepNs: STEP });
  const of = (dev: string): DeviceRecord[] => records.filter((r): r is DeviceRecord => 'dev' in r && r.dev === dev);
  const sum = (dev: string, key: 'txPackets' | 'rxPackets' | 'txBytes'): number =>
    of(dev).reduce((n, r) => n + r[key], 0);
  expect(sum('far/b', 'rxPackets')).toBe(8);
  expect(sum('a', 'txPackets')).toBeGreaterThanOrEqual(8);
  for (const r of of('far/b')) expect(r.rxPackets + r.rxDropped).toBeGreaterThan(0);
  const times = of('far/b').map((r) => r.t);
  expect(times[0] - start).toBeLessThanOrEqual(3 * STEP);
  expect(times[times.length - 1] - times[0]).toBeGreaterThan(40 * STEP);
  expect(times.length).toBeLessThan(10);
});

test('lost frames by reason', () => {
  const { kernel, host } = makeKernel();
  const far = kernel.createNs('far');
  const [a] = cable(host, 'a', 0x0200000000a1, far, 'b', 0x0200000000b1);
  settle(kernel);
  const records: TimelineRecord[] = [];
  const timeline = new Timeline(kernel, STEP, (r) => records.push(r));
  send(a, BROADCAST);
  settle(kernel);
  timeline.finish();
  const drops = records.filter((r): r is DropRecord => 'drops' in r);
  expect(drops.map((r) => r.drops)).toEqual([{ NoHandler: 1 }]);
});

test('a watcher is called before the event, once, and keeps nothing alive', () => {
  const loop = new Loop();
  const seen: string[] = [];
  loop.watch(10, () => seen.push(`watcher at ${loop.now}`));
  expect(loop.nextTime()).toBe(-1);
  loop.at(9, () => seen.push('nine'), null, null);
  loop.at(12, () => seen.push('twelve'), null, null);
  loop.at(13, () => seen.push('thirteen'), null, null);
  while (loop.step());
  expect(seen).toEqual(['nine', 'watcher at 12', 'twelve', 'thirteen']);
});
