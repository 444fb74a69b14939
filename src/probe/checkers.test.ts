// The checkers are silent about what macvlan does in every pair of modes, with and without a reflecting switch, and speak
// up about each kind of wrong that they are for.

import { describe, expect, test } from 'vitest';
import { Stream } from '../base/random.ts';
import { bridgeLink } from '../drivers/bridge/bridge.ts';
import { macvlanLink } from '../drivers/macvlan/macvlan.ts';
import { BRIDGE, EXTERNAL, PASSTHRU, PRIVATE, ruleOf, SOURCE, VEPA } from '../drivers/macvlan/modes.ts';
import type { Macvlan } from '../drivers/macvlan/port.ts';
import { createNic, portOf } from '../drivers/nic/nic.ts';
import { findProfile } from '../drivers/nic/profiles.ts';
import { addLink, BROADCAST, makeKernel, send, settle, up } from '../drivers/testing.ts';
import { Drop } from '../net/drop.ts';
import type { Kernel } from '../net/kernel.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import type { Skb } from '../net/skb.ts';
import { attachSched } from '../sched/catalogue.ts';
import { Cable } from '../sim/cable.ts';
import type { ModeRule, ModeTable } from './check-modes.ts';
import { attachCheckers } from './checkers.ts';

const table: ModeTable = {
  modeOf: (dev) => (dev.linkOps?.kind === 'macvlan' ? (dev.priv as Macvlan).mode : null),
  lowerOf: (dev) => (dev.priv as Macvlan).lower,
  ruleOf,
  external: EXTERNAL,
  passthru: PASSTHRU,
  source: SOURCE,
};
const deaf: ModeRule = {
  localUnicast: 0,
  localFlood: 0,
  reflectedFlood: 0,
  reflectedToSelf: false,
  byDestination: false,
};

interface Lab {
  kernel: Kernel;
  host: NetNs;
  p0: NetDevice;
  p1: NetDevice;
  vlans: NetDevice[];
}

/** Macvlans in namespaces of their own on p0; p1 at the other end sends everything back, or not. */
function lab(modes: number[], reflect = false): Lab {
  const { kernel, host } = makeKernel();
  attachSched(kernel);
  const far = kernel.createNs('far');
  const options = {
    profile: findProfile('ixgbe')!,
    mac: null,
    queues: 4,
    ring: null,
    speedBps: null,
    mtu: null,
    busInfo: null,
  };
  const p0 = createNic(host, { ...options, name: 'p0', unicastFilters: null, timing: null });
  const p1 = createNic(far, { ...options, name: 'p1', unicastFilters: null, timing: null });
  const cable = new Cable<Skb>(kernel.loop, new Stream(1, 'c'), {
    rateBps: 10e9,
    delayNs: 500,
    lossNum: 0,
    lossDen: 1,
  });
  portOf(p0).plug(cable.a);
  portOf(p1).plug(cable.b);
  up(p0);
  up(p1);
  if (reflect) {
    p1.core.setPromiscuity(p1, 1);
    p1.core.rxHandlerRegister(
      p1,
      (skb, dev) => {
        skb.push(14);
        skb.dev = dev;
        kernel.tx.devQueueXmit(skb, null);
        return 0;
      },
      null,
    );
  }
  settle(kernel);
  const vlans = modes.map((mode, i) => {
    const dev = addLink(host, macvlanLink, `m${i}`, { link: p0, data: { mode } });
    kernel.dev.moveToNs(dev, kernel.createNs(`net${i}`));
    up(dev);
    return dev;
  });
  settle(kernel);
  return { kernel, host, p0, p1, vlans };
}

/** Everybody to everybody, and to all. */
function talk({ kernel, p0, p1, vlans }: Lab): void {
  const all = [...vlans, p0, p1];
  for (const from of all) {
    for (const to of all) if (from !== to) send(from, to.addr);
    send(from, BROADCAST);
    settle(kernel);
  }
}

function end(l: Lab): void {
  for (const ns of [...l.kernel.namespaces].reverse()) l.kernel.destroyNs(ns, l.host);
  settle(l.kernel);
}

describe('silence', () => {
  const modes = [PRIVATE, VEPA, BRIDGE, SOURCE];
  for (const reflect of [false, true]) {
    for (const a of modes) {
      for (const b of modes) {
        test(`modes ${a} and ${b}${reflect ? ' at a reflecting switch' : ''}`, () => {
          const l = lab([a, b, BRIDGE], reflect);
          const check = attachCheckers(l.kernel, { modes: table });
          talk(l);
          expect(check.verify()).toEqual([]);
          end(l);
          expect(check.verifyEmpty()).toEqual([]);
        });
      }
    }
  }

  test('a macvlan that is the port of a bridge on which macvlans stand, and a switch that reflects to it', () => {
    const { kernel, host, p0, p1, vlans } = lab([BRIDGE], true);
    const checks = attachCheckers(kernel, { modes: table });
    const br0 = addLink(host, bridgeLink, 'br0', { up: true });
    kernel.dev.moveToNs(vlans[0], host);
    up(vlans[0]);
    br0.addSlave?.(br0, vlans[0]);
    const two = [0, 1].map((i) =>
      addLink(host, macvlanLink, `b${i}`, {
        link: br0,
        data: { mode: BRIDGE },
        tb: { address: 0x020000000060 + i },
        up: true,
      }),
    );
    settle(kernel, 1100);
    send(two[0], BROADCAST);
    send(two[0], p1.addr);
    send(two[0], two[1].addr);
    settle(kernel);
    expect([p0.up, checks.verify()]).toEqual([true, []]);
  });

  test('passthru', () => {
    const l = lab([PASSTHRU]);
    const check = attachCheckers(l.kernel, { modes: table });
    talk(l);
    end(l);
    expect(check.verifyEmpty()).toEqual([]);
  });

  test('under load, with all that is held counted', () => {
    const l = lab([BRIDGE, VEPA]);
    const held = (): number => portOf(l.p0).held + portOf(l.p1).held;
    const check = attachCheckers(l.kernel, { modes: table, held });
    const end0 = l.kernel.loop.now + 3e6;
    for (let i = 0; i < 400; i++) send(l.vlans[0], l.p1.addr, undefined, 0x88b5, 1500);
    while (l.kernel.loop.now < end0 && l.kernel.loop.step()) expect(check.verify()).toEqual([]);
    expect(l.p1.stats.rxPackets).toBe(400);
  });
});

describe('complaints', () => {
  test('who hears whom', () => {
    const l = lab([BRIDGE, BRIDGE]);
    const check = attachCheckers(l.kernel, { modes: { ...table, ruleOf: () => deaf } });
    send(l.vlans[0], l.vlans[1].addr);
    send(l.vlans[0], BROADCAST);
    settle(l.kernel);
    const text = check.verify().join('\n');
    expect(text).toMatch(
      /modes: net1\/m1 \(mode 4\) heard a unicast of net0\/m0 \(mode 4\) directly, trace \d+, [\d.]+us/,
    );
    expect(text).toMatch(/modes: net1\/m1 \(mode 4\) heard a broadcast of net0\/m0/);
  });

  test('who hears whom over the wire', () => {
    const l = lab([VEPA, VEPA], true);
    const check = attachCheckers(l.kernel, { modes: { ...table, ruleOf: () => deaf, external: deaf } });
    send(l.vlans[0], l.vlans[1].addr);
    send(l.vlans[0], BROADCAST);
    send(l.p0, BROADCAST);
    settle(l.kernel);
    const text = check.verify().join('\n');
    expect(text).toMatch(/net1\/m1 \(mode 2\) heard a unicast of net0\/m0 \(mode 2\) over the wire/);
    expect(text).toMatch(/net1\/m1 \(mode 2\) heard a broadcast of net0\/m0 \(mode 2\) over the wire/);
    expect(text).toMatch(/net1\/m1 \(mode 2\) heard a broadcast of outside/);
  });

  test('a frame that never ends, and where it was last', () => {
    const l = lab([BRIDGE]);
    const check = attachCheckers(l.kernel);
    l.p1.core.rxHandlerRegister(l.p1, () => 0, null); // says "consumed" and keeps it
    send(l.p0, l.p1.addr);
    settle(l.kernel);
    expect(check.verifyEmpty().join('\n')).toMatch(
      /frames: 1 never ended\n {2}frame \d+ \(trace \d+\): last seen at receive, far\/p1, [\d.]+us/,
    );
  });

  test('a frame that nobody holds', () => {
    const l = lab([]);
    const check = attachCheckers(l.kernel, { held: () => 0 });
    l.kernel.skbs.alloc(60);
    expect(check.verify()).toEqual([
      'frames: 1 are in use, 0 are held somewhere\n  frame 0: never passed a trace point',
    ]);
  });

  test('the same unicast frame twice', () => {
    const l = lab([VEPA]);
    const check = attachCheckers(l.kernel, { modes: table });
    l.p0.taps.push({
      owner: null,
      ignoreOutgoing: true,
      frame: (skb) => {
        const again = l.kernel.skbs.clone(skb);
        l.p0.taps.length = 0;
        l.kernel.softirq.netifRx(again);
      },
    });
    send(l.p1, l.vlans[0].addr);
    settle(l.kernel);
    expect(check.verify().join('\n')).toMatch(
      /once: net0\/m0 got the unicast frame of trace \d+ at [\d.]+us and again at/,
    );
  });

  test('a qdisc that turns a flow round', () => {
    const l = lab([]);
    const check = attachCheckers(l.kernel);
    for (const txq of l.p0.txq) {
      const stack: Skb[] = [];
      txq.qdisc.canBypass = false;
      txq.qdisc.enqueue = (skb, q) => {
        stack.push(skb);
        q.qlen++;
        return 0;
      };
      txq.qdisc.dequeue = (q) => {
        if (stack.length < 2 && q.qlen < 2) return null;
        q.qlen--;
        return stack.pop() ?? null;
      };
    }
    for (let i = 0; i < 4; i++) send(l.p0, l.p1.addr);
    settle(l.kernel);
    expect(check.verify().join('\n')).toMatch(
      /order: p0 txq \d sent trace \d+ at [\d.]+us, after one of its flow that came later/,
    );
  });

  test('a slab that is not whole', () => {
    const l = lab([]);
    const check = attachCheckers(l.kernel);
    const skb = l.kernel.skbs.alloc(60) as Skb;
    skb.len = 5000;
    expect(check.verify()[0]).toMatch(/slab: frame \d+ lies outside of its buffer/);
    skb.len = 60;
    l.kernel.skbs.live++;
    expect(check.verify()[0]).toMatch(/slab: counts 2 live frames, has 1/);
    l.kernel.skbs.live--;
    l.kernel.skbs.free(skb, Drop.None);
    expect(check.verify()).toEqual([]);
  });
});

test('detached checkers leave no trace point behind', () => {
  const l = lab([BRIDGE]);
  const check = attachCheckers(l.kernel, { modes: table });
  expect(l.kernel.trace.receive).not.toBeNull();
  check.detach();
  expect(Object.values(l.kernel.trace).every((point) => point === null)).toBe(true);
});
