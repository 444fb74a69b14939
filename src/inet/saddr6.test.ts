// Which source address: the rules of RFC 6724, one by one.

import { expect, test } from 'vitest';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { IFA_F_DEPRECATED, IFA_F_NODAD, IFA_F_TEMPORARY } from '../uapi/addr.ts';
import { In6, in6 } from '../wire/in6.ts';
import { PREFER_SRC_TMP, selectSource6 } from './saddr6.ts';
import { cable, up } from './testing.ts';
import { addr6, dev6, makeKernel6, ns6 } from './testing6.ts';

function host(...addrs: string[]): { ns: NetNs; x: NetDevice; y: NetDevice } {
  const k = makeKernel6();
  const ns = k.createNs('a');
  const far = k.createNs('b');
  up(ns.dev('lo') as NetDevice);
  const [x] = cable(ns, 'eth0', far, 'p0');
  const [y] = cable(ns, 'eth1', far, 'p1');
  up(x);
  up(y);
  for (const a of addrs) addr6(x, a, IFA_F_NODAD);
  k.loop.runUntil(5e9);
  return { ns, x, y };
}

function source(ns: NetNs, dev: NetDevice | null, dst: string, prefs = 0): string {
  const out = new In6();
  const rc = selectSource6(ns6(ns), dev, in6(dst), prefs, out);
  return rc === 0 ? String(out) : String(rc);
}

test('the destination itself, then the right scope', () => {
  const { ns, x, y } = host('2001:db8::1/64', 'fd00::1/64');
  expect(source(ns, x, 'fd00::1')).toBe('fd00::1');
  expect(source(ns, x, 'fe80::5')).toBe('fe80::ff:fe00:1');
  expect(source(ns, y, 'fe80::5')).toBe('fe80::ff:fe00:3');
  expect(source(ns, x, 'ff02::1')).toBe('fe80::ff:fe00:1');
  expect(source(ns, x, 'ff0e::1')).toBe('2001:db8::1');
  expect(source(ns, ns.dev('lo'), '::1')).toBe('::1');
});

test('labels keep unique local and global apart; else the longest common prefix', () => {
  const { ns, x } = host('2001:db8:1::1/64', '2001:db8:2::1/64', 'fd00::1/64');
  expect(source(ns, x, '2001:db8:1::9')).toBe('2001:db8:1::1');
  expect(source(ns, x, '2001:db8:2::9')).toBe('2001:db8:2::1');
  expect(source(ns, x, 'fd77::1')).toBe('fd00::1');
});

test('not a deprecated one; a temporary one when it is preferred', () => {
  const { ns, x } = host('2001:db8:1::1/64', '2001:db8:1::2/64');
  const [first, second] = dev6(x).addrs.filter((a) => !a.addr.isLinkLocal);
  first.flags |= IFA_F_DEPRECATED;
  expect(source(ns, x, '2001:db8:9::9')).toBe(String(second.addr));
  first.flags = (first.flags & ~IFA_F_DEPRECATED) | IFA_F_TEMPORARY;
  expect(source(ns, x, '2001:db8:9::9')).toBe(String(second.addr));
  expect(source(ns, x, '2001:db8:9::9', PREFER_SRC_TMP)).toBe(String(first.addr));
});

test('the outgoing device first, another if it has none', () => {
  const { ns, x, y } = host('2001:db8::1/64');
  expect(source(ns, y, '2001:db8:9::9')).toBe('2001:db8::1');
  addr6(y, '2001:db8:5::1/64', IFA_F_NODAD);
  expect(source(ns, y, '2001:db8:9::9')).toBe('2001:db8:5::1');
  expect(source(ns, x, '2001:db8:9::9')).toBe('2001:db8::1');
});

test('none at all', () => {
  const k = makeKernel6();
  const ns = k.createNs('a');
  expect(source(ns, null, '2001:db8::1')).toBe('-99');
});
