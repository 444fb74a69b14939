// Groups of a device and how they are reported (compared with tcpdump of a real kernel).

import { expect, test } from 'vitest';
import { Ev } from '../net/notifier.ts';
import { decodeFrame } from '../wire/frame.ts';
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
