// Who answers ARP, from what is learned, and what is announced. Each expectation was seen on a real kernel.

import { expect, test } from 'vitest';
import { frame } from '../wire/frame.ts';
import { ip4Of } from '../wire/text.ts';
import { NEIGH4, neighAdd, neighDump } from './control.ts';
import { sysctlWrite } from './sysctl.ts';
import { addr, cable, makeKernel, up, watch } from './testing.ts';

function lab() {
  const kernel = makeKernel();
  const a = kernel.createNs('a');
  const [v0] = cable(a, 'v0', kernel.createNs('b'), 'v1');
  up(v0);
  up(a.dev('lo')!);
  addr(v0, '10.0.0.1/24');
  const lines = watch(v0);
  /** A message arrives; what v0 sends within `s` seconds. */
  const arrive = (op: number, spa: string, tpa: string, s = 0.01, unicast = false): string[] => {
    lines.length = 0;
    const mac = '02:00:00:00:00:02';
    const bytes = frame({
      eth: { dst: unicast ? '02:00:00:00:00:01' : 'ff:ff:ff:ff:ff:ff', src: mac },
      arp: { op, sha: mac, spa, tha: op === 2 ? mac : '00:00:00:00:00:00', tpa },
    });
    const skb = kernel.skbs.alloc(bytes.length)!;
    skb.bytes.set(bytes, skb.off);
    kernel.rx.ethTypeTrans(skb, v0);
    kernel.rx.netifReceiveSkb(skb);
    kernel.loop.runUntil(kernel.loop.now + s * 1e9);
    return lines.filter((l) => l.includes(' > ')).map((l) => l.split(' > ')[1]);
  };
  const set = (name: string, value: number, dev = 'v0'): number =>
    sysctlWrite(a, `net/ipv4/conf/${dev}/${name}`, String(value));
  const known = (): string[] =>
    neighDump(NEIGH4, a, false)
      .filter((n) => n.dev === v0)
      .map((n) => `${n.dst & 255} ${n.state}`);
  return { kernel, a, v0, arrive, set, known, lines };
}

test('arp_ignore', () => {
  const { a, arrive, set } = lab();
  addr(a.dev('lo')!, '10.5.0.1/32');
  addr(a.dev('lo')!, '10.6.0.1/32', { scope: 254 });
  const answers = (): string =>
    ['10.0.0.1', '10.5.0.1', '10.6.0.1'].filter((ip) => arrive(1, '10.0.0.2', ip).length > 0).join(' ');
  expect(answers()).toBe('10.0.0.1 10.5.0.1 10.6.0.1');
  set('arp_ignore', 1);
  expect(answers()).toBe('10.0.0.1');
  set('arp_ignore', 3);
  expect(answers()).toBe('10.0.0.1 10.5.0.1');
  set('arp_ignore', 8);
  expect(answers()).toBe('');
});

test('duplicate address detection is answered and teaches nothing', () => {
  const { arrive, known } = lab();
  expect(arrive(1, '0.0.0.0', '10.0.0.1')).toEqual(['10.0.0.1 is-at 01']);
  expect(arrive(1, '0.0.0.0', '10.0.0.7')).toEqual([]);
  expect(known()).toEqual([]);
});

test('who asks us becomes known; strangers only with arp_accept', () => {
  const { arrive, set, known } = lab();
  arrive(1, '10.0.0.2', '10.0.0.1');
  expect(known()).toEqual(['2 4']);
  arrive(1, '10.0.0.3', '10.0.0.3');
  arrive(2, '10.0.0.4', '10.0.0.4');
  expect(known()).toEqual(['2 4']);
  set('arp_accept', 2);
  arrive(1, '10.9.0.9', '10.9.0.9');
  arrive(1, '10.0.0.3', '10.0.0.3');
  expect(known()).toEqual(['2 4', '3 4']);
  set('arp_accept', 1);
  arrive(1, '10.9.0.9', '10.9.0.9');
  expect(known()).toEqual(['2 4', '3 4', '9 4']);
});

test('for others: proxy_arp waits up to 0.8 s, a proxy entry names one address, pvlan answers for the own link', () => {
  const { a, arrive, set, v0 } = lab();
  const [d0] = cable(a, 'd0', a, 'd1');
  up(d0);
  addr(d0, '10.7.0.1/24');
  set('forwarding', 1);
  expect(arrive(1, '10.0.0.2', '10.7.0.5', 1)).toEqual([]);
  set('proxy_arp', 1);
  expect(arrive(1, '10.0.0.2', '10.7.0.5', 0.001)).toEqual([]);
  expect(arrive(1, '10.0.0.2', '10.7.0.5', 1).length).toBeGreaterThanOrEqual(1);
  expect(arrive(1, '10.0.0.2', '10.7.0.5', 0.001, true)).toEqual(['10.7.0.5 is-at 01']);
  expect(arrive(1, '10.0.0.2', '10.0.0.66', 1)).toEqual([]);
  set('proxy_arp', 0);
  neighAdd(NEIGH4, a, {
    ifindex: v0.ifindex,
    dst: ip4Of('10.7.0.5'),
    lladdr: null,
    lladdrShort: false,
    state: 0,
    flags: 8,
    flagsExt: 0,
    protocol: 0,
    nlFlags: 0x400,
  });
  expect(arrive(1, '10.0.0.2', '10.7.0.5', 1)).toEqual(['10.7.0.5 is-at 01']);
  expect(arrive(1, '10.0.0.2', '10.7.0.6', 1)).toEqual([]);
  set('proxy_arp_pvlan', 1);
  expect(arrive(1, '10.0.0.2', '10.0.0.66', 1)).toEqual(['10.0.0.66 is-at 01']);
});

test('a request that waits for its proxy delay ends with its device', () => {
  const { kernel, arrive, set, v0 } = lab();
  set('forwarding', 1);
  set('proxy_arp_pvlan', 1);
  arrive(1, '10.0.0.2', '10.0.0.66', 0);
  expect(kernel.skbs.live).toBe(1);
  kernel.dev.delete(v0);
  expect(kernel.skbs.live).toBe(0);
});

test('arp_notify announces every address when the device comes up or changes its own', () => {
  const { kernel, v0, set, lines } = lab();
  addr(v0, '10.0.0.3/24');
  set('arp_notify', 1);
  lines.length = 0;
  kernel.dev.setMacAddress(v0, 0x020000000055);
  expect(lines.map((l) => l.split(' > ')[1])).toEqual([
    'who-has 10.0.0.1 tell 10.0.0.1',
    'who-has 10.0.0.3 tell 10.0.0.3',
  ]);
});
