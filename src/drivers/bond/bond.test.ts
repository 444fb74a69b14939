// Bonds without a shell: who carries the frames, what moves at a failover, what is refused. A real kernel's answers to longer
// stories are in test/oracle-devices.

import { expect, test } from 'vitest';
import type { Attrs } from '../../net/linkops.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { Ev } from '../../net/notifier.ts';
import { macvlanLink } from '../macvlan/macvlan.ts';
import {
  addLink,
  BROADCAST,
  cable,
  counters,
  down,
  errnoOf,
  mac,
  makeKernel,
  Recorder,
  send,
  settle,
  up,
} from '../testing.ts';
import { vlanLink } from '../vlan/vlan.ts';
import { bondLink } from './bond.ts';
import { bondOf } from './state.ts';

const P = [mac('02:00:00:00:00:10'), mac('02:00:00:00:00:11')];
const FAR = [mac('02:00:00:00:01:10'), mac('02:00:00:00:01:11')];

/** bond0 over p0 and p1, whose other ends are s0 and s1. */
function lab(data: Attrs = {}) {
  const { kernel, host } = makeKernel();
  const sw = kernel.createNs('sw');
  const p: NetDevice[] = [];
  const s: NetDevice[] = [];
  for (const i of [0, 1]) {
    [p[i], s[i]] = cable(host, `p${i}`, P[i], sw, `s${i}`, FAR[i]);
    down(p[i]);
  }
  const bond = addLink(host, bondLink, 'bond0', { data: { bondMode: 1, miimon: 100, ...data } });
  for (const dev of p) expect(bond.addSlave?.(bond, dev)).toBe(0);
  up(bond);
  settle(kernel, 2000);
  return { kernel, host, sw, bond, p, s };
}

const activeOf = (bond: NetDevice) => bondOf(bond).active?.dev.name ?? null;
const change = (bond: NetDevice, data: Attrs) => bondLink.changelink?.(bond, {}, data);

test('the active slave carries everything; the other hears for itself alone', () => {
  const { kernel, bond, p, s } = lab();
  expect([activeOf(bond), bond.addr, p[1].addr, bond.carrier]).toEqual(['p0', P[0], P[0], true]);
  const seen = new Recorder([bond, s[0], s[1]]);
  send(bond, FAR[0]);
  send(s[0], P[0]);
  send(s[1], P[0]);
  settle(kernel);
  expect(seen.take()).toEqual(['bond0 OUT', 'sw/s0 OUT', 'sw/s1 OUT', 'sw/s0 HOST', 'bond0 HOST']);
  expect(counters(p[1])).toContain('rxNohandler 1');
  send(s[1], 0x0180c200000e);
  settle(kernel);
  expect(seen.take()).toEqual(['sw/s1 OUT']);
});

test('failover by carrier: traffic, lists and news move', () => {
  const { kernel, host, bond, p, s } = lab();
  const m = addLink(host, macvlanLink, 'm0', { link: bond, data: { mode: 4 }, up: true });
  const v = addLink(host, vlanLink, 'v5', { link: bond, data: { id: 5 }, up: true });
  const told: string[] = [];
  kernel.notifiers.add((event, dev) => {
    if (event === Ev.NotifyPeers || event === Ev.BondingFailover) told.push(`${event} ${dev.name}`);
    return 0;
  });
  expect([p[0].uc.has(m.addr), p[1].uc.has(m.addr)]).toEqual([true, false]);
  down(s[0]);
  settle(kernel, 300);
  expect([activeOf(bond), p[0].uc.has(m.addr), p[1].uc.has(m.addr)]).toEqual(['p1', false, true]);
  expect(told).toEqual(
    ['12 bond0', '12 m0', '12 v5', '19 bond0', '19 m0', '19 v5'].sort((a, b) => told.indexOf(a) - told.indexOf(b)),
  );
  const seen = new Recorder([s[1]]);
  send(m, BROADCAST);
  send(v, BROADCAST);
  settle(kernel);
  expect(seen.take()).toEqual(['sw/s1 BROADCAST', 'sw/s1 BROADCAST']);
  down(s[1]);
  settle(kernel, 2000);
  expect([activeOf(bond), bond.carrier, m.carrier]).toEqual([null, false, false]);
  expect(send(bond, FAR[0])).not.toBe(0);
  expect(kernel.skbs.live).toBe(0);
});

test('primary and primary_reselect', () => {
  const { kernel, bond, p, s } = lab();
  change(bond, { primary: p[1].ifindex });
  expect(activeOf(bond)).toBe('p1');
  down(s[1]);
  settle(kernel, 300);
  expect(activeOf(bond)).toBe('p0');
  change(bond, { primaryReselect: 2 });
  up(s[1]);
  settle(kernel, 300);
  expect(activeOf(bond)).toBe('p0');
  change(bond, { primaryReselect: 0 });
  expect(activeOf(bond)).toBe('p1');
  kernel.dev.rename(p[1], 'other');
  expect([bondOf(bond).primary, activeOf(bond)]).toEqual([null, 'p0']);
  kernel.dev.rename(p[1], 'p1');
  expect(activeOf(bond)).toBe('p1');
});

test('updelay and downdelay', () => {
  const { kernel, bond, s } = lab({ updelay: 500, downdelay: 300 });
  down(s[0]);
  settle(kernel, 250);
  expect(activeOf(bond)).toBe('p0');
  settle(kernel, 300);
  expect(activeOf(bond)).toBe('p1');
  up(s[0]);
  settle(kernel, 300);
  expect(bondOf(bond).slaves[0].link).toBe(3);
  settle(kernel, 400);
  expect(bondOf(bond).slaves[0].link).toBe(0);
});

test('released: MAC and MTU come back, and the bond gets a new address', () => {
  const { kernel, bond, p } = lab();
  kernel.dev.setMtu(bond, 1400);
  kernel.dev.setMacAddress(bond, mac('02:00:00:00:00:99'));
  expect([p[0].mtu, p[1].addr]).toEqual([1400, mac('02:00:00:00:00:99')]);
  for (const dev of p) bond.delSlave?.(bond, dev);
  expect(p.map((d) => [d.addr, d.mtu, d.up, d.flags & 0x800])).toEqual([
    [P[0], 1500, false, 0],
    [P[1], 1500, false, 0],
  ]);
  expect([bond.carrier, bond.addr === P[0], bond.addrAssignType]).toEqual([false, false, 1]);
});

test('a slave that is deleted or moved leaves; the bond that is deleted lets go', () => {
  const { kernel, bond, p, sw } = lab();
  kernel.dev.moveToNs(p[0], sw);
  expect([activeOf(bond), p[0].master]).toEqual(['p1', null]);
  kernel.dev.delete(bond);
  expect([p[1].master, p[1].rxHandler, p[1].addr]).toEqual([null, null, P[1]]);
});

test('refused in the words of the kernel, or by name', () => {
  const { host, bond, p, kernel } = lab();
  expect(() => bond.addSlave?.(bond, bond)).toThrow('Cannot enslave bond to itself.');
  expect(() => bond.addSlave?.(bond, p[0])).toThrow('Device is in use and cannot be enslaved');
  const [x] = cable(host, 'x', mac('02:00:00:00:00:66'), host, 'y', mac('02:00:00:00:00:67'));
  expect(() => bond.addSlave?.(bond, x)).toThrow('Device can not be enslaved while up');
  expect(() => change(bond, { bondMode: 1 })).toThrow('unable to set option because the bond device has slaves');
  expect(() => change(bond, { failOverMac: 1 })).toThrow('unable to set option because the bond device has slaves');
  expect(() => change(bond, { arpInterval: 100 })).toThrow('The ARP monitor of a bond is not modelled');
  expect(errnoOf(() => change(bond, { packetsPerSlave: 2 }))).toBe(13);
  expect(() => addLink(host, bondLink, 'b1', { data: { bondMode: 4 } })).toThrow(
    'mode 802.3ad of a bond is not modelled',
  );
  const rr = addLink(host, bondLink, 'b1');
  down(x);
  expect(() => rr.addSlave?.(rr, x)).toThrow('mode balance-rr of a bond is not modelled');
  expect(errnoOf(() => kernel.dev.moveToNs(rr, kernel.createNs('z')))).toBe(22);
});

test('fail_over_mac follow: the active slave has the address of the bond', () => {
  const { bond, p } = lab({ failOverMac: 2 });
  change(bond, { activeSlave: p[1].ifindex });
  expect([bond.addr, p[1].addr, p[0].addr]).toEqual([P[0], P[0], P[1]]);
});
