// What every link kind owes the core, whatever it does with frames: it comes and goes without a trace, takes what it gave,
// ends every frame, and refuses what no Ethernet device takes. A new kind adds a line.

import { describe, expect, test } from 'vitest';
import { IFF_ALLMULTI, IFF_PROMISC } from '../net/flags.ts';
import type { LinkOps } from '../net/linkops.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { bondLink } from './bond/bond.ts';
import { bridgeLink } from './bridge/bridge.ts';
import { dummyLink } from './dummy/dummy.ts';
import { macvlanLink } from './macvlan/macvlan.ts';
import { macvtapLink } from './macvtap/macvtap.ts';
import {
  addLink,
  BROADCAST,
  cable,
  down,
  errnoOf,
  mac,
  makeKernel,
  type Request,
  send,
  setFlag,
  settle,
  up,
} from './testing.ts';
import { vethLink } from './veth/veth.ts';
import { vlanLink } from './vlan/vlan.ts';

interface Kind {
  readonly ops: LinkOps;
  /** On a lowerdev: the request that makes one. */
  readonly on?: (lower: NetDevice) => Request;
  /** A master: lowerdevs join it, down. */
  readonly joins?: 'up' | 'down';
  readonly request?: Request;
  /** What Linux itself forgets to take back, by record (test/oracle-devices). */
  readonly leaves?: { readonly promiscuity: number; readonly allmulti: number; readonly flags: number };
}

const KINDS: readonly Kind[] = [
  { ops: vethLink, request: { peer: 'peer' } },
  { ops: bridgeLink, joins: 'up' },
  { ops: bondLink, joins: 'down', request: { data: { bondMode: 1, miimon: 100 } } },
  { ops: dummyLink },
  { ops: macvlanLink, on: (link) => ({ link, data: { mode: 4 } }) },
  { ops: macvtapLink, on: (link) => ({ link, data: { mode: 4 } }) },
  { ops: vlanLink, on: (link) => ({ link, data: { id: 7 } }), leaves: { promiscuity: 1, allmulti: 1, flags: 0x1302 } },
];

function lab() {
  const { kernel, host } = makeKernel();
  const far = kernel.createNs('far');
  const [lower, peer] = cable(host, 'v0', mac('02:00:00:00:00:01'), far, 'v1', mac('02:00:00:00:00:02'));
  settle(kernel, 1100);
  return { kernel, host, lower, peer };
}

function make(kind: Kind, host: NetNs, lower: NetDevice, name = 'x', tb: Request['tb'] = {}): NetDevice {
  const request = kind.on?.(lower) ?? kind.request ?? {};
  const dev = addLink(host, kind.ops, name, { ...request, tb: { ...request.tb, ...tb } });
  if (kind.joins === 'down') down(lower);
  if (kind.joins !== undefined) expect(dev.addSlave?.(dev, lower)).toBe(0);
  return dev;
}

/** All that another device may have changed about the one below. */
function stateOf(dev: NetDevice) {
  const list = (l: NetDevice['uc']) => [...l.entries.values()].map((e) => [e.mac, e.refcount]);
  const { promiscuity, allmulti, addr, mtu, flags } = dev;
  return {
    ...{ promiscuity, allmulti, addr, mtu },
    ...{ flags: flags & ~1, uc: list(dev.uc), mc: list(dev.mc), uppers: dev.uppers.length },
    ...{ master: dev.master, handler: dev.rxHandler, vlans: dev.vlans, vids: [...(dev.vlanVids ?? [])] },
  };
}

describe.each(KINDS.map((kind) => [kind.ops.kind, kind] as const))('%s', (_name, kind) => {
  test('comes and goes: below it all is as before', () => {
    const { kernel, host, lower } = lab();
    const before = stateOf(lower);
    const dev = make(kind, host, lower);
    up(dev);
    setFlag(dev, IFF_PROMISC, true);
    setFlag(dev, IFF_ALLMULTI, true);
    dev.mc.add(mac('01:00:5e:00:00:09'));
    dev.uc.add(mac('02:00:00:00:00:77'));
    dev.core.setRxMode(dev);
    settle(kernel, 1100);
    kernel.dev.delete(dev);
    settle(kernel, 1100);
    expect(host.dev('x')).toBeNull();
    expect(dev.regState).toBe('gone');
    expect(stateOf(lower)).toEqual({ ...before, ...kind.leaves });
  });

  test('ends every frame: up, down, and deleted with frames under way', () => {
    const { kernel, host, lower, peer } = lab();
    const dev = make(kind, host, lower);
    send(dev, BROADCAST);
    up(dev);
    settle(kernel, 1100);
    for (const length of [60, 1514]) send(dev, BROADCAST, dev.addr, 0x88b5, length);
    send(peer, dev.addr);
    down(dev);
    send(dev, BROADCAST);
    settle(kernel);
    expect(kernel.skbs.live).toBe(0);
    up(dev);
    settle(kernel, 1100);
    send(dev, BROADCAST);
    send(peer, BROADCAST);
    kernel.dev.delete(dev);
    settle(kernel);
    expect(kernel.skbs.live).toBe(0);
    expect(kernel.skbs.leaked()).toEqual([]);
  });

  test('goes with its lowerdev, or lets go of it', () => {
    const { kernel, host, lower } = lab();
    const dev = make(kind, host, lower);
    up(dev);
    settle(kernel, 1100);
    kernel.dev.delete(lower);
    settle(kernel, 1100);
    expect(host.dev('x') === null).toBe(kind.on !== undefined);
    expect(dev.lowers).toEqual([]);
  });

  test('refuses what no such device takes', () => {
    const { kernel, host, lower } = lab();
    expect(errnoOf(() => make(kind, host, lower, 'y', { address: 0x010000000001 }))).toBe(99);
    const dev = make(kind, host, lower);
    expect(kernel.dev.setMacAddress(dev, 0x010000000001)).toBe(-99);
    if (dev.minMtu > 0) expect(errnoOf(() => kernel.dev.setMtu(dev, dev.minMtu - 1))).toBe(22);
    if (dev.maxMtu > 0) expect(errnoOf(() => kernel.dev.setMtu(dev, dev.maxMtu + 1))).toBe(22);
    expect(errnoOf(() => kernel.dev.register(kernel.dev.alloc(host, 'x', kind.ops)))).toBe(17);
  });

  test('a name of its own, an index of its own, an address that is valid', () => {
    const { host, lower } = lab();
    const dev = addLink(host, kind.ops, `${kind.ops.kind}%d`, kind.on?.(lower) ?? kind.request ?? {});
    expect(dev.name).toBe(`${kind.ops.kind}0`);
    expect(host.devByIndex(dev.ifindex)).toBe(dev);
    expect([dev.addr !== 0, Math.floor(dev.addr / 0x10000000000) % 2]).toEqual([true, 0]);
    expect(dev.driverInfo?.driver).toBeTruthy();
  });
});
