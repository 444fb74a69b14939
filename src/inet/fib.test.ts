// Tables: order, longest prefix, flags of requests, refusals in Linux's words.

import { expect, test } from 'vitest';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_REPLACE } from '../uapi/netlink.ts';
import { RTN_BLACKHOLE, RTN_THROW } from '../uapi/route.ts';
import { ip4Of, ip4Text } from '../wire/text.ts';
import { routeAdd, routeDel, routeGet } from './control.ts';
import { addr, cable, down, makeKernel, routeRequest, routes, up, via } from './testing.ts';
import type { RouteRequest } from './types.ts';

function lab(): { ns: NetNs; v0: NetDevice } {
  const kernel = makeKernel();
  const ns = kernel.createNs('a');
  const [v0, v1] = cable(ns, 'v0', kernel.createNs('b'), 'v1');
  up(v0);
  up(v1);
  addr(v0, '10.0.0.1/24');
  return { ns, v0 };
}

function to(ns: NetNs, dst: string, more: Partial<RouteRequest> = {}): string {
  try {
    const a = routeGet(ns, {
      dst: ip4Of(dst),
      src: 0,
      tos: more.tos ?? 0,
      oif: more.oif ?? 0,
      iif: 0,
      mark: 0,
      ipProto: 0,
      sport: 0,
      dport: 0,
      fibMatch: false,
    });
    return `${a.gateway === 0 ? 'link' : ip4Text(a.gateway)} ${a.dev.name} ${ip4Text(a.prefsrc)}`;
  } catch (e) {
    return `errno ${(e as { errno: number }).errno}`;
  }
}

test('a table is walked by prefix, the longer one first', () => {
  const { ns } = lab();
  for (const dst of ['20.0.0.0/8', '10.0.0.0/25', 'default', '20.0.0.0/16', '20.0.0.1/32']) via(ns, dst, '10.0.0.9');
  expect(routes(ns).map((r) => r.split(' ')[0])).toEqual([
    'default',
    '10.0.0.0/25',
    '10.0.0.0/24',
    '20.0.0.0/16',
    '20.0.0.0/8',
    '20.0.0.1',
  ]);
});

test('add, append, prepend, replace', () => {
  const { ns } = lab();
  const add = (gw: string, nlFlags: number, priority = 0): void =>
    routeAdd(ns, routeRequest('default', { gateway: ip4Of(gw), nlFlags, priority }));
  add('10.0.0.4', NLM_F_CREATE);
  add('10.0.0.3', NLM_F_CREATE | NLM_F_APPEND);
  add('10.0.0.2', NLM_F_CREATE);
  add('10.0.0.5', NLM_F_CREATE, 100);
  add('10.0.0.6', NLM_F_CREATE | NLM_F_REPLACE, 100);
  expect(() => add('10.0.0.3', NLM_F_CREATE)).toThrow('errno 17');
  expect(() => add('10.0.0.3', NLM_F_REPLACE, 7)).toThrow('errno 2');
  expect(() => via(ns, 'default', '10.0.0.8')).toThrow('errno 17');
  expect(
    routes(ns)
      .slice(0, 4)
      .map((r) => r.split(' dev')[0] + r.slice(r.indexOf('v0') + 2)),
  ).toEqual([
    'default via 10.0.0.2',
    'default via 10.0.0.4',
    'default via 10.0.0.3',
    'default via 10.0.0.6 metric 100',
  ]);
  routeDel(ns, routeRequest('default', { type: 0, scope: 255, protocol: 0 }));
  expect(to(ns, '8.8.8.8')).toBe('10.0.0.4 v0 10.0.0.1');
});

test('longest prefix, metric, tos, throw, a device that is asked for', () => {
  const { ns, v0 } = lab();
  expect(to(ns, '8.8.8.8')).toBe('errno 101');
  expect(to(ns, '8.8.8.8', { oif: v0.ifindex })).toBe('link v0 10.0.0.1');
  via(ns, 'default', '10.0.0.2');
  via(ns, '8.0.0.0/8', '10.0.0.3');
  routeAdd(ns, routeRequest('8.8.0.0/16', { type: RTN_BLACKHOLE, scope: 0 }));
  routeAdd(ns, routeRequest('8.9.0.0/16', { type: RTN_THROW, scope: 0 }));
  routeAdd(ns, routeRequest('9.0.0.0/8', { oif: v0.ifindex }));
  routeAdd(ns, routeRequest('9.0.0.0/8', { gateway: ip4Of('10.0.0.4'), tos: 0x10 }));
  expect(['1.1.1.1', '8.1.1.1', '8.8.1.1', '8.9.1.1'].map((d) => to(ns, d))).toEqual([
    '10.0.0.2 v0 10.0.0.1',
    '10.0.0.3 v0 10.0.0.1',
    'errno 22',
    'errno 101',
  ]);
  expect([to(ns, '9.1.1.1'), to(ns, '9.1.1.1', { tos: 0x10 })]).toEqual(['link v0 10.0.0.1', '10.0.0.4 v0 10.0.0.1']);
  expect(to(ns, '10.0.0.1')).toBe('link lo 10.0.0.1');
});

test('refusals', () => {
  const { ns, v0 } = lab();
  const add = (dst: string, more: Partial<RouteRequest>) => () => routeAdd(ns, routeRequest(dst, more));
  expect(add('1.0.0.0/8', { gateway: ip4Of('10.9.9.9') })).toThrow('Nexthop has invalid gateway');
  expect(add('1.0.0.0/8', { gateway: ip4Of('10.0.0.255') })).toThrow('Nexthop has invalid gateway');
  expect(add('1.0.0.1/8', { oif: v0.ifindex })).toThrow('Invalid prefix for given prefix length');
  expect(add('1.0.0.0/8', { oif: v0.ifindex, prefsrc: ip4Of('10.9.9.9') })).toThrow('Invalid prefsrc address');
  expect(add('1.0.0.0/8', {})).toThrow('errno 19');
  expect(add('1.0.0.0/8', { type: RTN_BLACKHOLE, scope: 0, oif: v0.ifindex })).toThrow(
    'Gateway, device and multipath can not be specified for this route type',
  );
  expect(add('1.0.0.0/8', { hasMultipath: true })).toThrow('Multipath routes are not part of this model yet');
  down(v0);
  expect(add('1.0.0.0/8', { oif: v0.ifindex })).toThrow('Device for nexthop is not up');
  expect(() => routeDel(ns, routeRequest('1.0.0.0/8', { table: 77 }))).toThrow('FIB table does not exist');
});
