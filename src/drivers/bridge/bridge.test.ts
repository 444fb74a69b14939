// A bridge as a live 6.18 shows it: features, address, carrier, MTU, and where frames go.

import { expect, test } from 'vitest';
import { type Attrs, Refusal } from '../../net/linkops.ts';
import { Ev } from '../../net/notifier.ts';
import { IFLA_BR, IFLA_BRPORT } from '../../uapi/bridge.ts';
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
  switchLab,
  up,
} from '../testing.ts';
import { bridgeLink } from './bridge.ts';

const hex = (n: bigint) => n.toString(16);
const set = (slave: Parameters<typeof send>[0], data: Attrs) => bridgeLink.slaveChangelink!(slave.master!, slave, data);
const info = (dev: Parameters<typeof send>[0]) => bridgeLink.fillInfo!(dev) as Record<string, never>;
const slaveInfo = (dev: Parameters<typeof send>[0]) =>
  bridgeLink.fillSlaveInfo!(dev.master!, dev) as Record<string, never>;

function fdbOf(br: Parameters<typeof send>[0]): string[] {
  const out: string[] = [];
  const names: Record<number, string> = { 128: 'permanent', 64: 'static', 2: '', 4: 'stale' };
  for (const port of [null, ...br.lowers]) {
    br.fdbDump!(br, port, (e) => out.push(`${e.mac.toString(16)} dev ${e.dev.name} ${names[e.state]}`.trim()));
  }
  return out;
}

test('alone: a random address, carrier, features of its own', () => {
  const { kernel, host } = makeKernel();
  const br = addLink(host, bridgeLink, 'br0');
  expect([hex(br.features), hex(br.hwFeatures)]).toEqual(['200fffff48e9', 'a00220fffff48e9']);
  expect(info(br)).toMatchObject({ bridgeId: { prio: 0x8000, addr: 0 }, gcTimer: 0 });
  expect(fdbOf(br)).toEqual([`${br.addr.toString(16)} dev br0 permanent`]);
  up(br);
  settle(kernel, 1100);
  expect([br.carrier, br.operState]).toEqual([true, 0]);
  expect(errnoOf(() => kernel.dev.moveToNs(br, kernel.createNs('x')))).toBe(22);
});

test('with a port: its address, features, MTU and carrier; without: none', () => {
  const { kernel, host } = makeKernel();
  const br = addLink(host, bridgeLink, 'br0', { up: true });
  const [v1, v0] = cable(host, 'v1', mac('02:00:00:00:00:11'), host, 'v0', mac('02:00:00:00:00:12'));
  settle(kernel, 1100);
  const told: string[] = [];
  kernel.hooks.linkChanged = (dev, change) => told.push(`${dev.name} ${change}`);
  kernel.hooks.fdbChanged = (e, gone) => told.push(`${gone ? '-' : '+'}${e.dev.name} ${e.mac.toString(16)}`);
  kernel.hooks.bridgePortChanged = (dev, gone) => told.push(`${gone ? '-' : ''}port ${dev.name}`);
  kernel.notifiers.add((event, dev) => {
    if (event === Ev.FeatChange || event === Ev.ChangeAddr) told.push(`event ${event} ${dev.name}`);
    return 0;
  });
  const random = br.addr.toString(16);
  expect(br.addSlave!(br, v1)).toBe(0);
  expect(told).toEqual([
    'v1 0',
    'v1 256',
    'event 11 br0',
    '+v1 20000000011',
    `-br0 ${random}`,
    'port v1',
    'port v1',
    'port v1',
    'event 8 br0',
  ]);
  expect([v1.promiscuity, v1.allmulti, v1.master]).toEqual([1, 1, br]);
  expect(hex(br.features)).toBe('200fffdd48e9');
  expect([br.addr, br.tsoMaxSize]).toEqual([v1.addr, 524280]);
  settle(kernel, 1100);
  expect([br.carrier, br.operState, slaveInfo(v1).state]).toEqual([true, 6, 3]);
  kernel.dev.setMtu(v1, 1400);
  expect(br.mtu).toBe(1400);
  kernel.dev.setMtu(br, 1300);
  kernel.dev.setMtu(v1, 1450);
  expect(br.mtu).toBe(1300);
  down(v0);
  settle(kernel, 1100);
  expect([br.carrier, slaveInfo(v1).state]).toEqual([false, 0]);
  expect(br.delSlave!(br, v1)).toBe(0);
  expect([br.addr, v1.promiscuity, v1.allmulti, hex(br.features)]).toEqual([0, 0, 0, '200fffff48e9']);
  expect(fdbOf(br)).toEqual([]);
  kernel.dev.setMacAddress(br, mac('02:00:00:00:00:99'));
  br.addSlave!(br, v1);
  expect(br.addr).toBe(mac('02:00:00:00:00:99'));
  expect(fdbOf(br)).toEqual(['20000000099 dev br0 permanent', '20000000011 dev v1 permanent']);
});

test('who may not be a port', () => {
  const { kernel, host } = makeKernel();
  const br = addLink(host, bridgeLink, 'br0');
  const br1 = addLink(host, bridgeLink, 'br1');
  const [v1, v0] = cable(host, 'v1', mac('02:00:00:00:00:11'), host, 'v0', mac('02:00:00:00:00:12'));
  expect(br.addSlave!(br, host.dev('lo')!)).toBe(-22);
  expect(() => br.addSlave!(br, br1)).toThrow(new Refusal(40, 'Can not enslave a bridge to a bridge'));
  const m = addLink(host, macvlanLink, 'm0', { link: v0 });
  expect(br.addSlave!(br, v0)).toBe(-16);
  expect([v0.allmulti, v0.master]).toEqual([0, null]);
  expect(br.addSlave!(br, m)).toBe(0); // a macvlan itself may
  expect(br.addSlave!(br, v1)).toBe(0);
  expect(br1.addSlave!(br1, v1)).toBe(-16);
  expect(errnoOf(() => addLink(host, macvlanLink, 'm1', { link: v1 }))).toBe(16);
  kernel.dev.delete(br);
  expect([v1.master, v1.rxHandler, v1.promiscuity]).toEqual([null, null, 0]);
});

test('learning, unicast, flooding, and what the bridge itself hears', () => {
  const { kernel, h0, x0, br0, s0, s1 } = switchLab({ learning: true });
  const seen = new Recorder([h0, x0, br0, s1]);
  send(h0, 0x020000000077);
  settle(kernel);
  expect(seen.take()).toEqual(['h0 OUT', 'sw/s1 OUT', 'x/x0 OTHERHOST']);
  expect(fdbOf(br0)).toContain('200000000f0 dev s0');
  send(x0, h0.addr);
  settle(kernel);
  expect(seen.take()).toEqual(['x/x0 OUT', 'sw/s1 OTHERHOST', 'h0 HOST']);
  send(h0, BROADCAST);
  settle(kernel);
  expect(seen.take()).toEqual(['h0 OUT', 'sw/s1 OUT', 'sw/br0 BROADCAST', 'x/x0 BROADCAST']);
  send(h0, br0.addr);
  settle(kernel);
  expect(seen.take()).toEqual(['h0 OUT', 'sw/br0 HOST']);
  send(br0, x0.addr);
  settle(kernel);
  expect(seen.take()).toEqual(['sw/br0 OUT', 'sw/s1 OUT', 'x/x0 HOST']);
  expect(counters(br0)).toBe('rxPackets 2 txPackets 1 rxBytes 92 txBytes 60');
  expect(kernel.skbs.live).toBe(0);
  expect(s0.promiscuity).toBe(1);
});

test('an entry moves with its owner and ages after 300 s of silence', () => {
  const { kernel, h0, x0, br0 } = switchLab({ learning: true });
  const roaming = mac('02:00:00:00:00:55');
  send(h0, BROADCAST, roaming);
  settle(kernel);
  expect(fdbOf(br0)).toContain('20000000055 dev s0');
  send(x0, BROADCAST, roaming);
  settle(kernel);
  expect(fdbOf(br0)).toContain('20000000055 dev s1');
  settle(kernel, 299_000);
  expect(fdbOf(br0)).toContain('20000000055 dev s1');
  settle(kernel, 1_100);
  expect(fdbOf(br0).join()).not.toContain('20000000055');
  expect(info(br0).fdbNLearned).toBe(0);
});

test('port flags: hairpin, flood, isolated, learning', () => {
  const { kernel, h0, x0, s0, s1 } = switchLab();
  const seen = new Recorder([h0, x0]);
  const stranger = mac('02:00:00:00:00:77');
  const probe = (dst: number) => {
    send(h0, dst);
    settle(kernel);
    return seen
      .take()
      .slice(1)
      .map((l) => l.split(' ')[0]);
  };
  expect(probe(stranger)).toEqual(['x/x0']);
  set(s0, { mode: 1 });
  expect(probe(stranger)).toEqual(['x/x0', 'h0']); // the newest port first
  set(s0, { mode: 0 });
  set(s1, { unicastFlood: 0 });
  expect(probe(stranger)).toEqual([]);
  expect(probe(BROADCAST)).toEqual(['x/x0']);
  set(s1, { bcastFlood: 0, mcastFlood: 0 });
  expect(probe(BROADCAST)).toEqual([]);
  expect(probe(mac('01:00:5e:01:01:01'))).toEqual([]);
  set(s1, { bcastFlood: 1, mcastFlood: 1, unicastFlood: 1, isolated: 1 });
  expect(probe(stranger)).toEqual(['x/x0']);
  set(s0, { isolated: 1 });
  expect(probe(stranger)).toEqual([]);
  expect(slaveInfo(s0)).toMatchObject({ isolated: 1, learning: 0, mode: 0, cost: 2, id: 0x8001, no: 1 });
});

test('link-local groups stay on the port, unless the mask says otherwise; STP passes while the protocol is off', () => {
  const { kernel, h0, x0, br0, s0 } = switchLab();
  const seen = new Recorder([x0, br0]);
  const group = (last: number) => {
    send(h0, 0x0180c2000000 + last);
    settle(kernel);
    return seen.take();
  };
  expect(group(0)).toEqual(['sw/br0 MULTICAST', 'x/x0 MULTICAST']);
  expect(group(1)).toEqual([]);
  expect(group(14)).toEqual([]);
  bridgeLink.changelink!(br0, {}, { groupFwdMask: 0x4000 });
  expect(group(14)).toEqual(['sw/br0 MULTICAST', 'x/x0 MULTICAST']);
  expect(errnoOf(() => bridgeLink.changelink!(br0, {}, { groupFwdMask: 7 }))).toBe(22);
  set(s0, { groupFwdMask: 8 });
  expect(group(3)).toEqual(['sw/br0 MULTICAST', 'x/x0 MULTICAST']);
});

test('entries by request', () => {
  const { br0, s0, kernel, h0, x0 } = switchLab();
  const M = mac('02:00:00:00:00:01');
  const CREATE_EXCL = 0x600;
  expect(br0.fdbAdd!(s0, M, 0, CREATE_EXCL, 0x80, 4)).toBe(0);
  expect(br0.fdbAdd!(s0, M, 0, CREATE_EXCL, 0x80, 4)).toBe(-17);
  expect(br0.fdbAdd!(s0, M + 1, 0, CREATE_EXCL, 0x40, 4)).toBe(0);
  expect(br0.fdbAdd!(s0, M + 2, 0, CREATE_EXCL, 0x02, 4)).toBe(0);
  expect(br0.fdbAdd!(s0, M + 3, 0, 0, 0x02, 4)).toBe(-2);
  expect(br0.fdbAdd!(br0, M + 4, 0, CREATE_EXCL, 0x80, 2)).toBe(0);
  expect(br0.fdbAdd!(br0, M + 5, 0, CREATE_EXCL, 0x40, 2)).toBe(-22);
  expect(br0.fdbAdd!(s0, 0, 0, CREATE_EXCL, 0x40, 4)).toBe(-22);
  expect(br0.fdbAdd!(s0, M + 6, 5, CREATE_EXCL, 0x40, 4)).toBe(-22);
  expect(br0.fdbDel!(s0, M + 4, 0)).toBe(-2);
  expect(br0.fdbDel!(s0, M + 9, 0)).toBe(-2);
  expect(fdbOf(br0)).toEqual([
    '20000000005 dev br0 permanent',
    '20000000003 dev s0',
    '20000000002 dev s0 static',
    '20000000001 dev s0 permanent',
    '200000000f1 dev s0 permanent',
    '200000000e1 dev s1 permanent',
  ]);
  const seen = new Recorder([h0, br0]);
  send(x0, M + 1);
  send(x0, M + 4);
  settle(kernel);
  expect(seen.take()).toEqual(['sw/br0 OTHERHOST', 'h0 OTHERHOST']);
  expect(br0.fdbDel!(br0, M + 4, 0)).toBe(0);
});

test('a bridge that snoops is a member of all snoopers while it is up', () => {
  const { kernel, host } = makeKernel();
  const told: string[] = [];
  kernel.hooks.mcJoin = (dev, group) => told.push(`+${dev.name} ${group.toString(16)}`);
  kernel.hooks.mcLeave = (dev, group) => told.push(`-${dev.name} ${group.toString(16)}`);
  const br = addLink(host, bridgeLink, 'br0', { up: true });
  bridgeLink.changelink!(br, {}, { mcastSnooping: 0 });
  bridgeLink.changelink!(br, {}, { mcastSnooping: 1 });
  down(br);
  expect(told).toEqual(['+br0 e000006a', '-br0 e000006a', '+br0 e000006a', '-br0 e000006a']);
});

test('what is not modelled is refused by name', () => {
  const { br0, s0 } = switchLab();
  const change = (data: Attrs) => () => bridgeLink.changelink!(br0, {}, data);
  expect(change({ stpState: 1 })).toThrow('The spanning tree protocol is not modelled');
  expect(change({ vlanStatsEnabled: 1 })).toThrow('Statistics of VLANs are not modelled');
  expect(change({ vlanProtocol: 0x88a8 })).toThrow('A bridge whose VLANs are not 802.1Q is not modelled');
  expect(change({ mcastQuerier: 1 })).toThrow('querier');
  expect(() => set(s0, { neighSuppress: 1 })).toThrow('neigh_suppress of a bridge port is not modelled');
  expect(change({ stpState: 0, vlanFiltering: 0, ageingTime: 101 })).not.toThrow();
  expect(info(br0).ageingTime).toBe(100);
  expect(errnoOf(change({ helloTime: 50 }))).toBe(34);
});

test('attributes in the order in which a kernel writes them', () => {
  const { br0, s0 } = switchLab();
  const types = (lines: readonly { key: string; type: number }[], record: object) =>
    Object.keys(record).map((key) => lines.find((l) => l.key === key)?.type);
  // captured from Linux 6.18.44
  expect(types(IFLA_BR.lines, info(br0))).toEqual([
    16, 17, 18, 19, 1, 2, 3, 4, 5, 6, 7, 9, 11, 10, 12, 13, 14, 15, 20, 46, 48, 49, 22, 23, 24, 25, 42, 26, 27, 28, 29,
    43, 44, 30, 31, 32, 33, 34, 35, 36, 37, 38,
  ]);
  expect(types(IFLA_BRPORT.lines, slaveInfo(s0))).toEqual([
    1, 2, 3, 4, 5, 6, 7, 28, 8, 9, 27, 30, 10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 29, 31, 32, 35, 36, 33, 39, 40, 43,
    21, 22, 23, 25, 37, 38, 41, 42,
  ]);
});

test('VLAN filtering: members only, tags as each port wants them, a database by VLAN', () => {
  const { kernel, h0, x0, br0, s0, s1 } = switchLab({ learning: true });
  const change = (data: Attrs) => bridgeLink.changelink!(br0, {}, data);
  const vlans = br0.bridgeVlans!;
  const seen = new Recorder([x0, br0]);
  const reach = (src: number, length = 60) => {
    send(h0, BROADCAST, src, 0x88b5, length);
    settle(kernel);
    return seen.take();
  };
  expect([info(br0).vlanFiltering, info(br0).vlanDefaultPvid, vlans.list(br0, s0)]).toEqual([0, undefined, []]);
  change({ vlanFiltering: 1 });
  expect(vlans.list(br0, s0)).toEqual([{ vid: 1, pvid: true, untagged: true }]);
  expect(reach(h0.addr)).toEqual(['sw/br0 BROADCAST', 'x/x0 BROADCAST']);
  vlans.add(br0, s0, 10, true, true);
  expect(reach(h0.addr)).toEqual([]);
  vlans.add(br0, s1, 10, false, false);
  let tag = 0;
  x0.taps.push({ frame: (skb) => void (tag = skb.vlanTci), owner: null, ignoreOutgoing: false });
  expect([reach(h0.addr), tag]).toEqual([['x/x0 BROADCAST'], 10]);
  const known: string[] = [];
  br0.fdbDump!(br0, s0, (e) => known.push(`${e.mac.toString(16)} ${e.vid}`));
  expect(known).toContain(`${h0.addr.toString(16)} 10`);
  expect(vlans.del(br0, s0, 10)).toBe(0);
  expect([vlans.del(br0, s0, 10), reach(h0.addr)]).toEqual([-2, []]); // no pvid is left
  expect(kernel.skbs.live).toBe(0);
});
