// When a change of carrier is noticed, and what state it makes (net/core/link_watch.c).

import { describe, expect, test } from 'vitest';
import type { NetDevice } from './netdev.ts';
import { addDev, Diary, makeCore, plainQueue, upDev, useQueue } from './testing.ts';

const SEC = 1e9;

/** When, in ms, the diary gets each of its lines. */
function timed(kernel: ReturnType<typeof makeCore>['kernel'], diary: Diary, untilNs: number): string[] {
  const out: string[] = [];
  for (;;) {
    const next = kernel.loop.nextTime();
    if (next < 0 || next > untilNs) break;
    kernel.loop.step();
    for (const line of diary.take()) if (line.includes('NEWLINK')) out.push(`${Math.floor(next / 1e6)} ${line}`);
  }
  kernel.loop.runUntil(untilNs);
  return out;
}

describe('timing', () => {
  test('a plain device is heard once a second, a stacked one at once', () => {
    const { kernel, ns } = makeCore();
    const watch = kernel.linkWatch;
    const a = upDev(ns, 'a');
    const m = upDev(ns, 'm', { tune: (d) => (d.getIflink = () => 1) });
    const diary = new Diary(kernel);
    watch.carrierOff(a); // the first batch is due now
    expect(timed(kernel, diary, SEC / 2)).toEqual(['0 a NEWLINK 0 up']);
    watch.carrierOn(a);
    watch.carrierOff(a);
    watch.carrierOff(m);
    expect(timed(kernel, diary, 2 * SEC)).toEqual(['500 m NEWLINK 0 up', '1000 a NEWLINK 0 up']);
  });

  test('a carrier that comes while frames meet noop is urgent', () => {
    const { kernel, ns } = makeCore();
    useQueue(kernel, plainQueue(10, false));
    const d = upDev(ns, 'a', { tune: (dev) => (dev.privFlags = 0) });
    const diary = new Diary(kernel);
    kernel.linkWatch.carrierOff(d);
    timed(kernel, diary, SEC / 4);
    kernel.linkWatch.carrierOn(d);
    expect([timed(kernel, diary, SEC / 2), d.txq[0].qdisc.kind]).toEqual([['250 a NEWLINK 0 up'], 'plain']);
  });

  test('off and on between two looks: one message, nothing lost', () => {
    const { kernel, ns } = makeCore();
    const d = upDev(ns, 'a');
    const diary = new Diary(kernel);
    kernel.linkWatch.carrierOff(d);
    kernel.linkWatch.carrierOn(d);
    expect([timed(kernel, diary, SEC), d.carrierUpCount, d.carrierDownCount, d.operState]).toEqual([
      ['0 a NEWLINK 0 up'],
      1,
      1,
      6,
    ]);
  });

  test('somebody who asks does not wait; a device that is down changes its state and tells nobody', () => {
    const { kernel, ns } = makeCore();
    const [a, b] = [upDev(ns, 'a'), addDev(ns, 'b')];
    const diary = new Diary(kernel);
    kernel.linkWatch.carrierOff(a);
    kernel.linkWatch.carrierOff(b);
    kernel.linkWatch.sync(a);
    expect([a.operState, diary.take()]).toEqual([2, ['a Change', 'a NEWLINK 0 up']]);
    expect([timed(kernel, diary, SEC), b.operState]).toEqual([[], 2]);
  });

  test('a device that is gone is not looked at', () => {
    const { kernel, ns } = makeCore();
    const d = upDev(ns, 'a');
    kernel.linkWatch.carrierOff(d);
    kernel.dev.delete(d);
    const diary = new Diary(kernel);
    expect(timed(kernel, diary, SEC)).toEqual([]);
  });
});

describe('states', () => {
  const state = (d: NetDevice): number => {
    d.core.kernel.linkWatch.updateOperState(d);
    return d.operState;
  };

  test('without carrier: LOWERLAYERDOWN only if the device with the index of the one below, here, has none either', () => {
    const { kernel, ns } = makeCore();
    const low = addDev(ns, 'low');
    const m = addDev(ns, 'm', { tune: (d) => (d.getIflink = () => low.ifindex) });
    m.carrier = false;
    expect(state(m)).toBe(2);
    low.carrier = false;
    expect(state(m)).toBe(3);
    kernel.dev.moveToNs(m, kernel.createNs('n1'));
    expect(state(m)).toBe(2);
  });

  test('testing, dormant, link modes', () => {
    const { ns } = makeCore();
    const d = addDev(ns, 'a');
    d.linkMode = 1;
    expect(state(d)).toBe(5);
    d.linkMode = 2;
    expect(state(d)).toBe(4);
    d.linkMode = 0;
    expect(state(d)).toBe(6);
    d.dormant = true;
    expect(state(d)).toBe(5);
    d.carrier = false;
    expect(state(d)).toBe(2);
    d.testing = true;
    expect(state(d)).toBe(4);
  });

  test('a device on top follows state and carrier of the one below', () => {
    const { kernel, ns } = makeCore();
    const [low, top] = [upDev(ns, 'low'), upDev(ns, 'top')];
    low.operState = 5;
    low.dormant = true;
    kernel.linkWatch.stackedTransfer(low, top);
    kernel.loop.runUntil(2 * SEC);
    expect([top.dormant, top.operState]).toEqual([true, 5]);
    low.operState = 6;
    low.carrier = false;
    kernel.linkWatch.stackedTransfer(low, top);
    expect([top.dormant, top.carrier]).toEqual([false, false]);
  });
});
