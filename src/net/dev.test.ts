// The life of a device, told as Linux 6.18 tells it (net/core/dev.c).

import { describe, expect, test } from 'vitest';
import { IFF_PROMISC } from './flags.ts';
import { Ev } from './notifier.ts';
import { addDev, Diary, fakeDev, makeCore, receive, refusal, setUp, upDev } from './testing.ts';

describe('registration', () => {
  test('names: patterns take the lowest free number, bad ones are refused', () => {
    const { kernel, ns } = makeCore();
    const { dev } = kernel;
    addDev(ns, 'eth0');
    addDev(ns, 'eth2');
    expect(addDev(ns, 'eth%d').name).toBe('eth1');
    expect(addDev(ns, 'eth%d').name).toBe('eth3');
    dev.rename(ns.dev('eth1')!, 'other');
    expect(addDev(ns, 'eth%d').name).toBe('eth1');
    dev.delete(ns.dev('eth0')!);
    expect([addDev(ns, 'eth%d').name, addDev(ns, 'eth%d').name]).toEqual(['eth0', 'eth4']);
    expect(refusal(() => addDev(ns, 'eth0'))).toBe('17');
    for (const bad of [
      '',
      '.',
      '..',
      'a/b',
      'a:b',
      'a b',
      'a\tb',
      '0123456789abcdef',
      'äöüäöüäö',
      'a%s',
      '%d%d',
      'a%',
    ]) {
      expect(
        refusal(() => addDev(ns, bad)),
        bad,
      ).toBe('22');
    }
    expect(dev.validName('0123456789abcde')).toBe(true);
    expect(dev.validName('äöüäöüä')).toBe(true);
  });

  test('an alternative name is taken as well', () => {
    const { ns } = makeCore();
    const d = addDev(ns, 'a');
    d.altNames.push('long-name');
    ns.byName.set('long-name', d);
    expect(refusal(() => addDev(ns, 'long-name'))).toBe('17');
  });

  test('indexes: the next one never goes back, an asked one does not move it', () => {
    const { kernel, ns } = makeCore();
    const a = addDev(ns, 'a');
    kernel.dev.delete(a);
    expect(addDev(ns, 'b').ifindex).toBe(2);
    const c = fakeDev(ns, 'c');
    kernel.dev.register(c, 40);
    expect([c.ifindex, addDev(ns, 'd').ifindex]).toEqual([40, 3]);
    expect(refusal(() => kernel.dev.register(fakeDev(ns, 'e'), 40))).toBe('16');
  });

  test('tells in order; a device made by request announces itself later', () => {
    const { kernel, ns } = makeCore();
    const diary = new Diary(kernel);
    addDev(ns, 'a');
    addDev(ns, 'b', { byRequest: true });
    expect(diary.take()).toEqual(['a PostInit', 'a Register', 'a NEWLINK ffffffff down', 'b PostInit', 'b Register']);
  });

  test('each failure leaves nothing, and undoes exactly what was done', () => {
    const { kernel, ns } = makeCore();
    const diary = new Diary(kernel);
    const done: string[] = [];
    const make = (init: number): unknown =>
      addDev(ns, 'a', {
        tune: (d) => {
          d.init = () => init;
          d.uninit = () => done.push('uninit');
        },
      });
    expect([refusal(() => make(-12)), done.splice(0)]).toEqual(['12', []]);
    diary.veto = (ev) => (ev === Ev.PostInit ? -22 : 0);
    expect([refusal(() => make(0)), done.splice(0), diary.take()]).toEqual(['22', ['uninit'], ['a PostInit']]);
    diary.veto = (ev) => (ev === Ev.Register ? -17 : 0);
    expect([refusal(() => make(0)), done.splice(0)]).toEqual(['17', ['uninit']]);
    expect(diary.take()).toEqual(['a PostInit', 'a Register', 'a Unregister', 'a DELLINK']);
    expect([ns.byName.size, ns.byIndex.size]).toEqual([0, 0]);
  });

  test('without carrier the state is known at once, with it only when the link watch has run', () => {
    const { kernel, ns } = makeCore();
    const off = addDev(ns, 'off', { tune: (d) => (d.carrier = false) });
    expect([off.operState, kernel.loop.pending]).toEqual([2, 0]);
    const on = addDev(ns, 'on');
    expect(on.operState).toBe(0);
  });
});

describe('open and close', () => {
  test('a veto or a failing driver leaves it down', () => {
    const { kernel, ns } = makeCore();
    const diary = new Diary(kernel);
    let answer = -16;
    const d = addDev(ns, 'a', { tune: (dev) => (dev.open = () => answer) });
    diary.take();
    expect([setUp(d, true), d.running, d.up, diary.take()]).toEqual([-16, false, false, ['a PreUp']]);
    answer = 0;
    diary.veto = (ev) => (ev === Ev.PreUp ? -95 : 0);
    expect([setUp(d, true), d.running, d.up]).toEqual([-95, false, false]);
  });

  test('up and down: what is told, and when the driver is called', () => {
    const { kernel, ns } = makeCore();
    const diary = new Diary(kernel);
    const calls: string[] = [];
    const d = addDev(ns, 'a', {
      tune: (dev) => {
        dev.open = () => calls.push(`open ${dev.running} ${dev.up}`) * 0;
        dev.stop = () => calls.push(`stop ${dev.running} ${dev.up}`);
      },
    });
    diary.take();
    setUp(d, true);
    expect(diary.take()).toEqual(['a PreUp', 'a NEWLINK 1 up', 'a Up']);
    setUp(d, false);
    expect(diary.take()).toEqual(['a GoingDown', 'a NEWLINK 1 down', 'a Down']);
    expect(calls).toEqual(['open true false', 'stop false true']);
  });

  test('unregistering closes all first, step by step, then ends one after the other', () => {
    const { kernel, ns } = makeCore();
    const diary = new Diary(kernel);
    const [a, b, c] = ['a', 'b', 'c'].map((name) => addDev(ns, name));
    a.uninit = () => kernel.hooks.linkChanged(c, 0);
    setUp(a, true);
    setUp(b, true);
    diary.take();
    kernel.dev.unregisterMany([a, b]);
    expect(diary.take()).toEqual([
      'a GoingDown',
      'b GoingDown',
      'a NEWLINK 41 down',
      'a Down',
      'b NEWLINK 41 down',
      'b Down',
      'a Unregister',
      'c NEWLINK 0 down',
      'a DELLINK',
      'b Unregister',
      'b DELLINK',
    ]);
    expect([a.regState, ns.byName.size]).toEqual(['gone', 1]);
  });

  test('a frame that waits for a dying device ends, others go on', () => {
    const { kernel, ns } = makeCore();
    const [a, b] = [upDev(ns, 'a'), upDev(ns, 'b')];
    for (const dev of [a, b, a]) {
      const skb = kernel.skbs.alloc(60)!;
      kernel.rx.ethTypeTrans(skb, dev);
      kernel.softirq.netifRx(skb);
    }
    kernel.dev.delete(a);
    expect([kernel.softirq.backlog, kernel.skbs.live]).toEqual([1, 1]);
    kernel.loop.runUntil(1e9);
    expect(kernel.skbs.live).toBe(0);
    receive(a); // a driver that is late
    expect(kernel.skbs.live).toBe(0);
  });
});

describe('changes', () => {
  test('mtu: limits with words, a veto before, a veto after that takes it back', () => {
    const { kernel, ns } = makeCore();
    const diary = new Diary(kernel);
    const d = addDev(ns, 'a');
    diary.take();
    const { dev } = kernel;
    expect(refusal(() => dev.setMtu(d, 67))).toBe('22 mtu less than device minimum');
    expect(refusal(() => dev.setMtu(d, 65536))).toBe('22 mtu greater than device maximum');
    expect([dev.setMtu(d, 1500), diary.take()]).toEqual([0, []]);
    expect([dev.setMtu(d, 1400), d.mtu, diary.take()]).toEqual([0, 1400, ['a PreChangeMtu', 'a ChangeMtu']]);
    diary.veto = (ev) => (ev === Ev.PreChangeMtu ? -22 : 0);
    expect([dev.setMtu(d, 1300), d.mtu]).toEqual([-22, 1400]);
    diary.veto = (ev) => (ev === Ev.ChangeMtu && d.mtu === 1300 ? -22 : 0);
    diary.take();
    expect([dev.setMtu(d, 1300), d.mtu, diary.take()]).toEqual([
      -22,
      1400,
      ['a PreChangeMtu', 'a ChangeMtu', 'a ChangeMtu'],
    ]);
    d.changeMtu = () => -28;
    diary.veto = () => 0;
    expect([dev.setMtu(d, 1300), d.mtu]).toEqual([-28, 1400]);
  });

  test('address: busy while up unless live changes are allowed; the same again is told but not done', () => {
    const { kernel, ns } = makeCore();
    const d = upDev(ns, 'a');
    const diary = new Diary(kernel);
    const { dev } = kernel;
    expect(dev.setMacAddress(d, 0x020000000005)).toBe(-16);
    expect(diary.take()).toEqual(['a PreChangeAddr']);
    expect([dev.setMacAddress(d, d.addr), diary.take()]).toEqual([0, ['a PreChangeAddr', 'a ChangeAddr']]);
    setUp(d, false);
    expect([dev.setMacAddress(d, 0x010000000005), dev.setMacAddress(d, 0)]).toEqual([-99, -99]);
    expect([dev.setMacAddress(d, 0x020000000005), d.addr, d.addrAssignType]).toEqual([0, 0x020000000005, 3]);
  });

  test('rename: logged, also while up; a veto takes it back', () => {
    const { kernel, ns } = makeCore();
    const d = upDev(ns, 'a');
    addDev(ns, 'b');
    const diary = new Diary(kernel);
    expect(refusal(() => kernel.dev.rename(d, 'b'))).toBe('17');
    kernel.dev.rename(d, 'c%d');
    expect([d.name, ns.dev('c0'), ns.dev('a')]).toEqual(['c0', d, null]);
    expect(kernel.logLines).toEqual(['c0: renamed from a (while UP)']);
    diary.veto = (ev) => (ev === Ev.ChangeName ? -16 : 0);
    expect([refusal(() => kernel.dev.rename(d, 'd')), d.name, ns.dev('d'), ns.dev('c0')]).toEqual([
      '16',
      'c0',
      null,
      d,
    ]);
  });

  test('what user space sees: its own PROMISC, RUNNING by state, DOWN while it is down', () => {
    const { kernel, ns } = makeCore();
    const d = upDev(ns, 'a');
    kernel.dev.setPromiscuity(d, 1);
    expect([(d.flags & IFF_PROMISC) !== 0, kernel.dev.userFlags(d).toString(16)]).toEqual([true, '11043']);
    d.carrier = false;
    d.operState = 2;
    expect(kernel.dev.userFlags(d).toString(16)).toBe('1003');
    d.operState = 6;
    setUp(d, false);
    expect([kernel.dev.userOperState(d), kernel.dev.userFlags(d).toString(16)]).toEqual([2, '1002']);
  });
});

describe('devices on devices', () => {
  test('loops, doubles and a second master are refused', () => {
    const { kernel, ns } = makeCore();
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => addDev(ns, name));
    const { dev } = kernel;
    expect(dev.upperLink(a, a, false)).toBe(-16);
    expect(dev.upperLink(a, b, false)).toBe(0);
    expect(dev.upperLink(b, c, false)).toBe(0);
    expect([dev.upperLink(c, a, false), dev.upperLink(a, b, false), dev.upperLink(a, c, false)]).toEqual([
      -16, -17, -17,
    ]);
    expect([dev.upperLink(a, d, true), dev.upperLink(a, d, true), dev.upperLink(a, c, true)]).toEqual([0, -17, -16]);
    dev.upperUnlink(a, d);
    expect([a.master, a.uppers.length, d.lowers.length]).toEqual([null, 1, 0]);
  });

  test('eight of them stand on each other, a ninth is refused', () => {
    const { kernel, ns } = makeCore();
    let below = addDev(ns, 'd1');
    for (let i = 2; i <= 8; i++) {
      const above = addDev(ns, `d${i}`);
      expect(kernel.dev.upperLink(below, above, false)).toBe(0);
      below = above;
    }
    expect(kernel.dev.upperLink(below, addDev(ns, 'd9'), false)).toBe(-31);
  });

  test('one rx handler per device', () => {
    const { kernel, ns } = makeCore();
    const d = addDev(ns, 'a');
    expect(kernel.dev.rxHandlerRegister(d, () => 3, 1)).toBe(0);
    expect(kernel.dev.rxHandlerRegister(d, () => 3, 2)).toBe(-16);
    kernel.dev.rxHandlerUnregister(d);
    d.privFlags |= 64;
    expect(kernel.dev.rxHandlerRegister(d, () => 3, 2)).toBe(-22);
  });
});
