// Groups of a device and how they are reported (compared with tcpdump of a real kernel).

import { expect, test } from 'vitest';
import { Ev } from '../net/notifier.ts';
import { decodeFrame, frame } from '../wire/frame.ts';
import { ip4Of } from '../wire/text.ts';
import { mcDump } from './control.ts';
import { openSocket } from './socket-api.ts';
import { addr, cable, makeKernel, up } from './testing.ts';
import type { UdpSocket } from './udp.ts';

function lab() {
  const kernel = makeKernel();
  const a = kernel.createNs('a');
  const [v0, v1] = cable(a, 'v0', kernel.createNs('b'), 'v1');
  up(v0);
  up(v1);
  addr(v0, '10.0.0.1/24');
  const reports: string[] = [];
  v1.taps.push({
    owner: reports,
    ignoreOutgoing: false,
    frame(skb) {
      const igmp = decodeFrame(skb.bytes.slice(skb.mac, skb.off + skb.len))?.igmp;
      if (igmp) reports.push(igmp.records.map((r) => `${r.type} ${r.group}`).join(', '));
    },
  });
  const s = openSocket(kernel, a, 'udp4', 0) as UdpSocket;
  const join = (group: string): number => s.setOption('IP_ADD_MEMBERSHIP', ip4Of(group), v0.ifindex);
  const heard = (): string[] => reports.splice(0);
  return { kernel, a, v0, s, join, heard };
}

test('a device that is up hears 224.0.0.1, and says nothing of it', () => {
  const { kernel, a, heard } = lab();
  up(a.dev('lo')!);
  kernel.loop.runUntil(5e9);
  expect(mcDump(a).map((m) => `${m.dev.name} ${m.group.toString(16)} ${m.users}`)).toEqual([
    'lo e0000001 1',
    'v0 e0000001 1',
  ]);
  expect(heard()).toEqual([]);
});

test('joins and leaves are reported twice, those of one moment together, the newest first', () => {
  const { kernel, s, join, heard } = lab();
  expect(join('239.1.1.1')).toBe(0);
  kernel.loop.runUntil(3e9);
  expect(heard()).toEqual(['4 239.1.1.1', '4 239.1.1.1']);
  s.setOption('IP_DROP_MEMBERSHIP', ip4Of('239.1.1.1'));
  kernel.loop.runUntil(6e9);
  expect(heard()).toEqual(['3 239.1.1.1', '3 239.1.1.1']);
  join('239.1.1.2');
  join('224.0.0.99');
  kernel.loop.runUntil(9e9);
  expect(heard()).toEqual(['4 224.0.0.99, 4 239.1.1.2', '4 224.0.0.99, 4 239.1.1.2']);
  s.close();
  kernel.loop.runUntil(12e9);
  expect(heard()).toEqual(['3 239.1.1.2, 3 224.0.0.99', '3 239.1.1.2, 3 224.0.0.99']);
  expect(kernel.skbs.live).toBe(0);
});

test('after a failover below every group is reported again, each by itself', () => {
  const { kernel, v0, join, heard } = lab();
  join('239.1.1.1');
  join('239.1.1.2');
  kernel.loop.runUntil(5e9);
  heard();
  kernel.notifiers.call(Ev.ResendIgmp, v0);
  kernel.loop.runUntil(6e9);
  expect(heard()).toEqual(['2 239.1.1.2', '2 239.1.1.1']);
});

test('groups joined while the device is down are reported in the order of its list when it comes up', () => {
  const { kernel, a, join, heard } = lab();
  const v0 = a.dev('v0')!;
  v0.core.changeFlags(v0, v0.flags & ~1);
  join('239.1.1.6');
  join('239.1.1.5');
  kernel.loop.runUntil(3e9);
  expect(heard()).toEqual([]);
  up(v0);
  kernel.loop.runUntil(6e9);
  expect(heard()).toEqual(['4 239.1.1.5, 4 239.1.1.6', '4 239.1.1.5, 4 239.1.1.6']);
});

test('a querier of version 2 or 1 is answered in its version, and told of joins and leaves', () => {
  const { kernel, a, s, join, v0 } = lab();
  const told: string[] = [];
  v0.taps.push({
    owner: told,
    ignoreOutgoing: false,
    frame(skb, _dev, outgoing) {
      const igmp = decodeFrame(skb.bytes.slice(skb.mac, skb.off + skb.len))?.igmp;
      if (igmp && outgoing) told.push(`${igmp.type.toString(16)} ${igmp.group}`);
    },
  });
  const heard = (): string[] => told.splice(0);
  join('239.1.1.1');
  kernel.loop.runUntil(3e9);
  expect(heard()).toEqual(['22 ', '22 ']);
  const query = (maxResp: number): void => {
    const igmp = { type: 0x11, maxResp, group: '0.0.0.0' };
    const eth = { dst: '01:00:5e:00:00:01', src: '02:00:00:00:00:99' };
    const bytes = frame({ eth, ip4: { src: '10.0.0.254', dst: '224.0.0.1', ttl: 1 }, igmp });
    const peer = openSocket(kernel, kernel.namespaces.find((ns) => ns !== a && ns.dev('v1') !== null)!, 'packet', 0);
    if (typeof peer === 'number') throw new Error('no packet socket');
    const v1 = peer as unknown as { sendTo(b: Uint8Array, to: object): number; close(): void };
    const ifindex = kernel.namespaces.find((ns) => ns.dev('v1') !== null)!.dev('v1')!.ifindex;
    expect(v1.sendTo(bytes, { addr4: 0, port: 0, ifindex, protocol: 0, mac: 0 })).toBe(bytes.length);
    v1.close();
  };
  query(10);
  kernel.loop.runUntil(5e9);
  expect(heard()).toEqual(['16 239.1.1.1']);
  join('239.1.1.2');
  kernel.loop.runUntil(20e9);
  expect(heard()).toEqual(['16 239.1.1.2', '16 239.1.1.2']);
  s.setOption('IP_DROP_MEMBERSHIP', ip4Of('239.1.1.2'), v0.ifindex);
  kernel.loop.runUntil(21e9);
  expect(heard()).toEqual(['17 239.1.1.2']);
  query(0);
  kernel.loop.runUntil(35e9);
  expect(heard()).toEqual(['12 239.1.1.1']);
  kernel.loop.runUntil(400e9);
  s.setOption('IP_DROP_MEMBERSHIP', ip4Of('239.1.1.1'), v0.ifindex);
  kernel.loop.runUntil(405e9);
  expect(heard()).toEqual(['22 ', '22 ']);
});
