// VLANs without a shell: the tag, who gets a frame, what is inherited, what is refused. A real kernel's answers to longer
// stories are in test/oracle-devices.

import { expect, test } from 'vitest';
import { F_VLAN_CTAG_FILTER } from '../../net/features.ts';
import { Refusal } from '../../net/linkops.ts';
import { vidAdd, vidDel, vlansOf } from '../../net/vlan.ts';
import { macvlanLink } from '../macvlan/macvlan.ts';
import { addLink, cable, counters, down, errnoOf, mac, makeKernel, Recorder, send, settle, up } from '../testing.ts';
import { vlanLink } from './vlan.ts';

const A = mac('02:00:00:00:00:01');
const B = mac('02:00:00:00:00:02');

function pair() {
  const { kernel, host } = makeKernel();
  const far = kernel.createNs('far');
  const [v0, v1] = cable(host, 'v0', A, far, 'v1', B);
  settle(kernel, 1100); // carrier is told once a second
  return { kernel, host, far, v0, v1 };
}

test('both ends of a VLAN reach each other, and another id does not', () => {
  const { kernel, host, far, v0, v1 } = pair();
  const a = addLink(host, vlanLink, 'a', { link: v0, data: { id: 10 }, up: true });
  const b = addLink(far, vlanLink, 'b', { link: v1, data: { id: 10 }, up: true });
  const c = addLink(far, vlanLink, 'c', { link: v1, data: { id: 11 }, up: true });
  const seen = new Recorder([b, c], true);
  send(a, B);
  settle(kernel);
  expect(seen.take()).toEqual(['far/b HOST 60']);
  expect([counters(a), counters(b)]).toEqual(['txPackets 1 txBytes 60', 'rxPackets 1 rxBytes 46']);
  down(b);
  send(a, B);
  settle(kernel);
  expect([seen.take(), kernel.skbs.live]).toEqual([[], 0]);
});

test('the priority of a frame is mapped out and in', () => {
  const { kernel, host, far, v0, v1 } = pair();
  const a = addLink(host, vlanLink, 'a', { link: v0, data: { id: 10, egressQos: [{ from: 0, to: 5 }] }, up: true });
  const b = addLink(far, vlanLink, 'b', { link: v1, data: { id: 10, ingressQos: [{ from: 5, to: 77 }] }, up: true });
  let priority = -1;
  b.taps.push({ frame: (skb) => void (priority = skb.priority), owner: null, ignoreOutgoing: false });
  send(a, B);
  settle(kernel);
  expect(priority).toBe(77);
});

test('refused in the words of the kernel', () => {
  const { host, v0 } = pair();
  const make =
    (data: Record<string, unknown>, tb = {}) =>
    () =>
      addLink(host, vlanLink, 'x', { link: v0, data, tb });
  expect(make({})).toThrow(new Refusal(22, '8021q: VLAN id not specified'));
  expect(make({ id: 4095 })).toThrow('8021q: Invalid VLAN id');
  expect(make({ id: 1, protocol: 0x800 })).toThrow('8021q: Invalid VLAN protocol');
  expect(make({ id: 1, vlanFlags: { flags: 32, mask: 32 } })).toThrow('8021q: Invalid VLAN flags');
  expect(make({ id: 1, vlanFlags: { flags: 2, mask: 2 } })).toThrow('GVRP of a VLAN is not modelled');
  expect(make({ id: 1, vlanFlags: { flags: 16, mask: 16 } })).toThrow('bridge_binding of a VLAN is not modelled');
  expect(errnoOf(make({ id: 1 }, { mtu: 1501 }))).toBe(22);
  expect([v0.vlans, v0.mc.size]).toEqual([null, 0]);
});

test('a filter counts who wants an id, and is told once', () => {
  const { host, v0 } = pair();
  const told: string[] = [];
  v0.features |= F_VLAN_CTAG_FILTER;
  v0.vlanRxAddVid = (_dev, _proto, vid) => told.push(`+${vid}`) * 0;
  v0.vlanRxKillVid = (_dev, _proto, vid) => told.push(`-${vid}`) * 0;
  const m = addLink(host, macvlanLink, 'm', { link: v0 });
  const a = addLink(host, vlanLink, 'a', { link: v0, data: { id: 10 } });
  vidAdd(v0, 0x8100, 10);
  const b = addLink(host, vlanLink, 'b', { link: m, data: { id: 20 } }); // a macvlan passes it on
  expect(told).toEqual(['+0', '+10', '+20']); // 0: priority tags, as the device is up when 802.1Q comes
  a.core.delete(a);
  vidDel(v0, 0x8100, 10);
  b.core.delete(b);
  expect(told.slice(3)).toEqual(['-10', '-20']);
});

test('a VLAN goes with its lowerdev, and follows it up and down unless it is loose', () => {
  const { kernel, host, v0 } = pair();
  const a = addLink(host, vlanLink, 'a', { link: v0, data: { id: 1 } });
  const loose = addLink(host, vlanLink, 'loose', { link: v0, data: { id: 2, vlanFlags: { flags: 4, mask: 4 } } });
  up(a);
  up(loose);
  down(v0);
  expect([a.up, loose.up, loose.carrier, up(a)]).toEqual([false, true, true, -100]);
  up(v0);
  expect([a.up, vlansOf(v0).map((d) => d.name)]).toEqual([true, ['a', 'loose']]);
  kernel.dev.delete(v0);
  expect([host.dev('a'), host.dev('loose')]).toEqual([null, null]);
});

test('reorder_hdr off: watchers of the VLAN see the tag, IP does not', () => {
  const { kernel, host, far, v0, v1 } = pair();
  const a = addLink(host, vlanLink, 'a', { link: v0, data: { id: 10 }, up: true });
  const off = { id: 10, vlanFlags: { flags: 0, mask: 1 } };
  const b = addLink(far, vlanLink, 'b', { link: v1, data: off, up: true });
  const seen = new Recorder([b], true);
  let length = 0;
  kernel.protocols.set(0x88b5, (skb) => {
    length = skb.len;
    skb.slabs.free(skb, 0);
  });
  send(a, B);
  settle(kernel);
  expect([seen.take(), length]).toEqual([['far/b HOST 64'], 46]);
});
