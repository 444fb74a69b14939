// IPv6's tables: order, choice among routes of one prefix, and what is refused. Words and order are Linux 6.18's.

import { expect, test } from 'vitest';
import { Refusal } from '../net/linkops.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { IFA_F_NODAD } from '../uapi/addr.ts';
import { NLM_F_CREATE, NLM_F_REPLACE } from '../uapi/netlink.ts';
import { RTN_BLACKHOLE, RTN_PROHIBIT, RTN_THROW, RTN_UNREACHABLE } from '../uapi/route.ts';
import { in6 } from '../wire/in6.ts';
import { route6Del, route6Get, route6Learned } from './control6.ts';
import { learnMtu6 } from './pmtu6.ts';
import { cable, up } from './testing.ts';
import { addr6, makeKernel6, ns6, route6, routes6 } from './testing6.ts';
import type { RouteGet6Request } from './types6.ts';

function host(): { ns: NetNs; x: NetDevice } {
  const k = makeKernel6();
  const ns = k.createNs('a');
  up(ns.dev('lo') as NetDevice);
  const [x, p] = cable(ns, 'eth0', k.createNs('b'), 'p0');
  up(x);
  up(p);
  addr6(x, 'fd00::1/64', IFA_F_NODAD);
  k.loop.runUntil(5e9);
  return { ns, x };
}

const question: Omit<RouteGet6Request, 'dst'> = {
  src: null,
  tos: 0,
  oif: 0,
  iif: 0,
  mark: 0,
  ipProto: 0,
  sport: 0,
  dport: 0,
  flowLabel: 0,
  fibMatch: false,
};

function way(ns: NetNs, dst: string): string {
  try {
    const a = route6Get(ns, { ...question, dst: in6(dst) });
    return `${a.gateway === null ? 'direct' : a.gateway} ${a.dev.name} ${a.metric}`;
  } catch (e) {
    if (e instanceof Refusal) return String(-e.errno);
    throw e;
  }
}

const refused = (f: () => void): string => {
  try {
    f();
  } catch (e) {
    if (e instanceof Refusal) return `${e.errno} ${e.message}`.trim();
    throw e;
  }
  return 'done';
};

test('listed as Linux walks its tree: the longer first, the default last', () => {
  const { ns, x } = host();
  const dev = { oif: x.ifindex };
  route6(ns, 'default', { gateway: in6('fd00::9') });
  route6(ns, 'fd00::/16', dev);
  route6(ns, 'fd00:0:0:1::/64', dev);
  route6(ns, '2001:db8::/32', dev);
  expect(routes6(ns)).toEqual([
    '2001:db8::/32 dev eth0 metric 1024',
    'fd00::/64 dev eth0 proto kernel metric 256',
    'fd00:0:0:1::/64 dev eth0 metric 1024',
    'fd00::/16 dev eth0 metric 1024',
    'fe80::/64 dev eth0 proto kernel metric 256',
    'default via fd00::9 dev eth0 metric 1024',
  ]);
});

test('the longest prefix, then the least metric, then the preference of the router', () => {
  const { ns } = host();
  route6(ns, 'default', { gateway: in6('fd00::9'), metric: 50 });
  route6(ns, 'default', { gateway: in6('fd00::8'), metric: 20 });
  expect(way(ns, '2001::1')).toBe('fd00::8 eth0 20');
  route6(ns, '2001::/16', { gateway: in6('fd00::7') });
  expect(way(ns, '2001::1')).toBe('fd00::7 eth0 1024');
  expect(way(ns, 'fd00::5')).toBe('direct eth0 256');
  expect(way(ns, 'fd00::1')).toBe('direct lo 0');
});

test('routes that say no', () => {
  const { ns } = host();
  for (const [i, type] of [RTN_UNREACHABLE, RTN_PROHIBIT, RTN_BLACKHOLE, RTN_THROW].entries()) {
    route6(ns, `fd0${i + 1}::/64`, { type });
  }
  expect(['fd01::1', 'fd02::1', 'fd03::1', 'fd04::1'].map((a) => way(ns, a))).toEqual(['-113', '-13', '-22', '-101']);
});

test('what is refused, and why', () => {
  const { ns, x } = host();
  const via = (gw: string, more = {}) => refused(() => route6(ns, 'fd05::/64', { gateway: in6(gw), ...more }));
  expect(via('fd00::1')).toBe('22 Gateway can not be a local address');
  expect(via('ff02::1', { oif: x.ifindex })).toBe('22 Invalid gateway address');
  expect(via('fe80::5')).toBe('22 Egress device not specified');
  expect(via('::1')).toBe('22 Egress device can not be loopback device for this route');
  expect(via('fd77::1')).toMatch(/^113/);
  expect(via('fd77::1', { oif: x.ifindex, flags: 4 })).toBe('done');
  expect(via('fd00::2')).toMatch(/^17/);
  expect(refused(() => route6(ns, 'fd06::/64', { oif: x.ifindex, prefsrc: in6('fd00::9') }))).toBe(
    '22 Invalid source address',
  );
  expect(refused(() => route6(ns, 'fd06::/64', { oif: 99 }))).toMatch(/^19/);
  expect(via('fd00::3', { nlFlags: NLM_F_CREATE })).toMatch(/^95 Multipath/);
});

test('replaced and deleted', () => {
  const { ns } = host();
  route6(ns, 'fd05::/64', { gateway: in6('fd00::2') });
  route6(ns, 'fd05::/64', { gateway: in6('fd00::3'), nlFlags: NLM_F_CREATE | NLM_F_REPLACE });
  expect(way(ns, 'fd05::1')).toBe('fd00::3 eth0 1024');
  const gone = (gw: string | null): string =>
    refused(() =>
      route6Del(ns, {
        dst: in6('fd05::'),
        dstLen: 64,
        srcLen: 0,
        table: 254,
        protocol: 0,
        type: 1,
        flags: 0,
        oif: 0,
        gateway: gw === null ? null : in6(gw),
        metric: 0,
        prefsrc: null,
        metrics: null,
        expiresS: 0,
        pref: 0,
        hasMultipath: false,
        hasEncap: false,
        hasVia: false,
        nhId: 0,
        nlFlags: 0,
      }),
    );
  expect(gone('fd00::2')).toMatch(/^3\b/);
  expect(gone(null)).toBe('done');
  expect(gone(null)).toMatch(/^3\b/);
  expect(way(ns, 'fd05::1')).toBe('-101');
});

test('what ICMPv6 taught is listed apart, and forgotten on request', () => {
  const { ns, x } = host();
  route6(ns, 'default', { gateway: in6('fd00::9') });
  learnMtu6(ns6(ns), in6('2001::5'), 1400, 0);
  const [e, ...more] = route6Learned(ns);
  expect(more).toEqual([]);
  expect([String(e.dst), e.dstLen, String(e.gateway), e.dev, e.metrics]).toEqual([
    '2001::5',
    128,
    'fd00::9',
    x,
    [[2, 1400]],
  ]);
  expect(routes6(ns)).toHaveLength(3);
  learnMtu6(ns6(ns), in6('2001::6'), 1279, 0); // below the least MTU: not believed
  learnMtu6(ns6(ns), in6('2001::5'), 1450, 0); // no smaller than what is known
  expect(route6Learned(ns).map((r) => r.metrics)).toEqual([[[2, 1400]]]);
});
