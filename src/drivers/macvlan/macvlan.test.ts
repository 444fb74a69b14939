// macvlan requests: the order of checks, errnos, what is inherited, and what a refused change leaves behind.

import { expect, test } from 'vitest';
import { F_GRO, F_HW_CSUM, F_L2FW_DOFFLOAD, F_SG } from '../../net/features.ts';
import { addLink, cable, down, errnoOf, mac, makeKernel, settle, up } from '../testing.ts';
import { vethLink } from '../veth/veth.ts';
import { macvlanFillInfo, macvlanLink } from './macvlan.ts';
import { BRIDGE, PASSTHRU, PRIVATE, SOURCE, VEPA } from './modes.ts';
import type { Macvlan } from './port.ts';

const H0 = mac('02:00:00:00:00:f0');
const A = mac('02:00:00:00:00:0a');
const B = mac('02:00:00:00:00:0b');

function lab() {
  const made = makeKernel();
  const sw = made.kernel.createNs('sw');
  const [h0, s0] = cable(made.host, 'h0', H0, sw, 's0', mac('02:00:00:00:00:f1'));
  settle(made.kernel);
  return {
    ...made,
    sw,
    h0,
    s0,
    vlan: (name: string, data = {}, tb = {}) => addLink(made.host, macvlanLink, name, { link: h0, data, tb }),
  };
}

test('what is inherited', () => {
  const { h0, vlan } = lab();
  const m = vlan('m0', { mode: BRIDGE });
  expect(m.features.toString(16)).toBe('10e4fdf0869');
  expect(m.hwFeatures.toString(16)).toBe('a0002000000c800');
  expect([m.mtu, m.minMtu, m.maxMtu, m.iflink, m.tsoMaxSize, m.carrier]).toEqual([
    1500,
    68,
    65535,
    h0.ifindex,
    524280,
    true,
  ]);
  expect(macvlanFillInfo(m)).toEqual({ mode: 4, flags: 0, macaddrCount: 0, bcQueueLen: 1000, bcQueueLenUsed: 1000 });
  expect(Object.keys(macvlanFillInfo(vlan('m1', { bcCutoff: 0 })))).toEqual([
    'mode',
    'flags',
    'macaddrCount',
    'bcQueueLen',
    'bcQueueLenUsed',
    'bcCutoff',
  ]);
});

test('newlink: errnos', () => {
  const { host, h0, vlan, kernel } = lab();
  const lo = host.dev('lo')!;
  expect(errnoOf(() => addLink(host, macvlanLink, 'm0', {}))).toBe(22);
  expect(errnoOf(() => addLink(host, macvlanLink, 'm0', { tb: { link: 99 } }))).toBe(19);
  expect(errnoOf(() => addLink(host, macvlanLink, 'm0', { link: lo }))).toBe(22);
  expect(errnoOf(() => vlan('m0', { mode: 3 }))).toBe(22);
  expect(errnoOf(() => vlan('m0', { mode: 32 }))).toBe(22);
  expect(errnoOf(() => vlan('m0', { flags: 4 }))).toBe(22);
  expect(errnoOf(() => vlan('m0', { macaddrMode: 4 }))).toBe(22);
  expect(errnoOf(() => vlan('m0', { macaddrMode: 0, macaddr: A }))).toBe(22);
  expect(errnoOf(() => vlan('m0', { mode: SOURCE, macaddrMode: 0 }))).toBe(22);
  expect(errnoOf(() => vlan('m0', { macaddr: 0xffffffffffff }))).toBe(99);
  expect(errnoOf(() => vlan('m0', { macaddrData: [A, 0] }))).toBe(99);
  expect(errnoOf(() => vlan('m0', { macaddrCount: 1 }))).toBe(22);
  expect(errnoOf(() => vlan('m0', {}, { address: 0 }))).toBe(99);
  expect(errnoOf(() => vlan('m0', {}, { mtu: 1501 }))).toBe(22);
  expect(h0.rxHandler).toBeNull(); // every refusal took its fresh port along
  vlan('m0', { mode: PASSTHRU });
  expect(errnoOf(() => vlan('m1'))).toBe(22);
  kernel.dev.delete(host.dev('m0')!);
  expect(h0.rxHandler).toBeNull();
  vlan('m0');
  expect(errnoOf(() => vlan('m1', { mode: PASSTHRU }))).toBe(22);
  expect(errnoOf(() => vlan('h0'))).toBe(17);
  kernel.dev.rxHandlerRegister(host.dev('lo')!, () => 3, null);
});

test('a lowerdev that somebody else handles is busy', () => {
  const { h0, vlan, kernel } = lab();
  kernel.dev.rxHandlerRegister(h0, () => 3, null);
  expect(errnoOf(() => vlan('m0'))).toBe(16);
});

test('a cutoff stays although the creation fails', () => {
  const { host, h0, vlan } = lab();
  const m0 = vlan('m0');
  host.kernel.notifiers.add((event, dev) => (event === 5 && dev.name === 'bad' ? -22 : 0));
  expect(errnoOf(() => vlan('bad', { bcCutoff: 7 }))).toBe(22);
  expect(macvlanFillInfo(m0).bcCutoff).toBe(7);
  expect(h0.uppers.map((u) => u.name)).toEqual(['m0']);
});

test('a macvlan on a macvlan becomes its sibling, across namespaces too', () => {
  const { kernel, h0, vlan } = lab();
  const m0 = vlan('m0');
  const na = kernel.createNs('na');
  kernel.dev.moveToNs(m0, na);
  const m1 = addLink(na, macvlanLink, 'm1', { link: m0 });
  expect(m1.iflink).toBe(h0.ifindex);
  expect(macvlanLink.linkNet!(m1)).toBe(h0.ns);
});

test('Q23: a MAC in use is refused at open and at a change, never at creation', () => {
  const { h0, vlan, kernel } = lab();
  const a = vlan('a', {}, { address: A });
  const b = vlan('b', {}, { address: A });
  expect(up(a)).toBe(0);
  expect(up(b)).toBe(-98);
  expect(kernel.dev.setMacAddress(b, H0)).toBe(-98);
  expect(kernel.dev.setMacAddress(b, B)).toBe(0);
  expect(kernel.dev.setMacAddress(b, A)).toBe(-98);
  expect(up(b)).toBe(0);
  expect(kernel.dev.setMacAddress(b, mac('02:00:00:00:00:0c'))).toBe(0);
  expect([...h0.uc.entries.keys()]).toEqual([A, mac('02:00:00:00:00:0c')]);
  expect(kernel.dev.setMacAddress(h0, A)).toBe(0); // the lowerdev may take a macvlan's
  down(a);
  expect(up(a)).toBe(-98);
});

test('changelink commits part of a request before it refuses the rest', () => {
  const { vlan } = lab();
  const m = vlan('m0', { mode: SOURCE, macaddrMode: 0, macaddr: A });
  const change = (data: object) => errnoOf(() => macvlanLink.changelink!(m, {}, data as never));
  expect(macvlanFillInfo(m)).toMatchObject({ mode: SOURCE, macaddrCount: 1, macaddrData: [A] });
  expect(change({ mode: BRIDGE, macaddrMode: 0, macaddr: B })).toBe(22);
  expect(macvlanFillInfo(m)).toMatchObject({ mode: BRIDGE, macaddrCount: 0 });
  expect(change({ mode: PASSTHRU })).toBe(22);
  expect(change({ mode: PRIVATE, flags: 2 })).toBe(0);
  expect(macvlanFillInfo(m)).toMatchObject({ mode: PRIVATE, flags: 2 });
  expect(change({ mode: SOURCE, macaddrMode: 3, macaddrData: [A, B] })).toBe(0);
  expect((m.priv as Macvlan).sources.size).toBe(2);
  expect(change({ macaddrMode: 1, macaddr: 0x020000000099 })).toBe(0);
  expect(change({ macaddrMode: 1, macaddr: A })).toBe(0);
  expect(change({ macaddrMode: 1 })).toBe(22);
  expect(macvlanFillInfo(m).macaddrData).toEqual([B]);
});

test('Q13: the queue length in use is the most that any sibling asks for', () => {
  const { vlan, kernel } = lab();
  const a = vlan('a', { bcQueueLen: 10 });
  const b = vlan('b', { bcQueueLen: 20 });
  expect(macvlanFillInfo(a)).toMatchObject({ bcQueueLen: 10, bcQueueLenUsed: 20 });
  kernel.dev.delete(b);
  expect(macvlanFillInfo(a)).toMatchObject({ bcQueueLenUsed: 10 });
});

test('the lowerdev goes: every macvlan goes with it, first', () => {
  const { kernel, host, h0, vlan } = lab();
  const na = kernel.createNs('na');
  const gone: string[] = [];
  kernel.hooks.linkGone = (dev, to) => {
    if (to === null) gone.push(dev.label);
  };
  const m0 = vlan('m0');
  kernel.dev.moveToNs(m0, na);
  vlan('m1');
  kernel.dev.delete(h0);
  expect(gone).toEqual(['na/m0', 'm1', 'h0', 'sw/s0']);
  expect(host.devices().map((d) => d.name)).toEqual(['lo']);
});

test('Q19: mtu and carrier follow the lowerdev, up does not, and a lowerdev that is down is no hindrance', () => {
  const { kernel, h0, vlan } = lab();
  const m = vlan('m0', { mode: VEPA });
  expect(kernel.dev.setMtu(m, 1501)).toBe(-22);
  kernel.dev.setMtu(h0, 1400);
  expect(m.mtu).toBe(1400);
  kernel.dev.setMtu(h0, 1500);
  expect(m.mtu).toBe(1400);
  down(h0);
  expect(m.carrier).toBe(false);
  expect(up(m)).toBe(0); // Q19
  settle(kernel, 1100);
  expect([m.up, m.operState]).toEqual([true, 3]);
  up(h0);
  settle(kernel);
  expect([m.carrier, m.operState]).toEqual([true, 6]);
});

test('passthru takes the lowerdev address, sets it, and gives it back', () => {
  const { kernel, h0, vlan } = lab();
  const m = vlan('m0', { mode: PASSTHRU }, { address: A });
  expect(m.addr).toBe(H0);
  up(m);
  expect([h0.promiscuity, h0.uc.size]).toEqual([1, 0]);
  expect(kernel.dev.setMacAddress(m, A)).toBe(0);
  expect([h0.addr, m.addr]).toEqual([A, A]);
  kernel.dev.delete(m);
  expect([h0.addr, h0.promiscuity]).toEqual([H0, 0]);
  const n = vlan('m1', { mode: PASSTHRU });
  kernel.dev.setMacAddress(h0, B);
  expect(n.addr).toBe(B);
  kernel.dev.setMacAddress(n, A);
  kernel.dev.delete(n);
  expect(h0.addr).toBe(B); // the last address that was set through the lowerdev
});

test('Q20: passthru leaves references behind, as Linux does', () => {
  const { kernel, h0, vlan } = lab();
  const m = vlan('m0', { mode: PASSTHRU, flags: 1 });
  macvlanLink.changelink!(m, {}, { flags: 0 }); // while down
  expect(h0.promiscuity).toBe(1);
  up(m);
  expect(h0.promiscuity).toBe(2);
  kernel.dev.changeFlags(m, kernel.dev.userFlags(m) | 0x200);
  expect(h0.allmulti).toBe(1);
  down(m);
  expect([h0.promiscuity, h0.allmulti]).toEqual([1, 1]);
  kernel.dev.delete(m);
  expect(h0.promiscuity).toBe(1);
});

test('a peer without unicast filtering becomes promiscuous quietly', () => {
  const { kernel, h0, vlan } = lab();
  const told: string[] = [];
  const m = vlan('m0', {}, { address: A });
  kernel.hooks.linkChanged = (dev, change) => told.push(`${dev.name} ${change}`);
  up(m);
  expect([h0.promiscuity, kernel.dev.userFlags(h0) & 0x100]).toEqual([1, 0]);
  expect(told).toEqual(['m0 1']);
  kernel.dev.changeFlags(m, kernel.dev.userFlags(m) | 0x100);
  expect(told.slice(1)).toEqual(['h0 256', 'm0 256']);
  expect(vethLink.kind).toBe('veth');
});

test('fdb entries: groups anywhere, unicast on passthru, and none makes the macvlan promiscuous', () => {
  const { h0, vlan, kernel } = lab();
  const m = vlan('m0', { mode: BRIDGE });
  up(m);
  const group = 0x01005e000007;
  expect(m.fdbAdd!(m, A, 0, 0x600, 0x80, 2)).toBe(-95);
  expect(m.fdbAdd!(m, group, 0, 0x100, 0x80, 2)).toBe(-95);
  expect(m.fdbAdd!(m, group, 0, 0x600, 0x80, 2)).toBe(0);
  expect(m.fdbAdd!(m, group, 0, 0x600, 0x80, 2)).toBe(-17);
  expect(h0.mc.has(group)).toBe(true);
  expect(m.fdbDel!(m, group, 0)).toBe(0);
  expect(m.fdbDel!(m, group, 0)).toBe(-2);
  expect(h0.mc.has(group)).toBe(false);
  kernel.dev.delete(m);
  const p = vlan('p0', { mode: PASSTHRU });
  up(p);
  expect(p.fdbAdd!(p, B, 0, 0x600, 0x80, 2)).toBe(0);
  expect([p.promiscuity, h0.uc.has(B), h0.promiscuity]).toEqual([0, true, 2]);
  down(p);
  expect([p.uc.has(B), h0.uc.has(B)]).toEqual([true, false]);
});

test('offload is asked for at open, refused in silence, and given back', () => {
  const { h0, vlan } = lab();
  const asked: string[] = [];
  let answer: unknown = -16;
  h0.features |= F_L2FW_DOFFLOAD;
  h0.dfwdAddStation = (_dev, upper) => {
    asked.push(`add ${upper.name} ${upper.l2fw!.destFilter()}`);
    return answer;
  };
  h0.dfwdDelStation = (_dev, handle) => asked.push(`del ${String(handle)}`);
  const m = vlan('m0', { mode: BRIDGE }, { address: A });
  up(m);
  expect([h0.uc.has(A), m.l2fw!.accelPriv]).toEqual([true, null]);
  down(m);
  answer = 'pool 3';
  up(m);
  expect([h0.uc.has(A), m.l2fw!.accelPriv]).toEqual([false, 'pool 3']);
  m.l2fw!.release(); // the driver takes it back
  expect([h0.uc.has(A), m.l2fw!.accelPriv]).toEqual([true, null]);
  down(m);
  up(m);
  down(m);
  const s = vlan('s0', { mode: SOURCE }, { address: B });
  up(s);
  down(s);
  expect(asked).toEqual(['add m0 true', 'add m0 true', 'add m0 true', 'del pool 3', 'add s0 false', 'del pool 3']);
});

test('features follow the lowerdev, GRO like a mirror', () => {
  const { h0, vlan, kernel } = lab();
  const m = vlan('m0');
  h0.wantedFeatures |= F_GRO;
  kernel.dev.updateFeatures(h0);
  expect(m.features.toString(16)).toBe('10e4fdf4869');
  h0.wantedFeatures &= ~(F_HW_CSUM | F_SG);
  kernel.dev.updateFeatures(h0);
  expect(m.features.toString(16)).toBe('10e4fdf4069'); // GSO goes with scatter-gather below, nothing else
});
