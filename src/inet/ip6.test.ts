// IPv6 end to end in two or three namespaces: discovery, echo, errors, fragments, forwarding. Lines were compared with what
// tcpdump shows of the same on Linux 6.18; test/live/ip6-frames.test.ts compares bytes.

import { expect, test } from 'vitest';
import type { Kernel } from '../net/kernel.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { IFA_F_NODAD } from '../uapi/addr.ts';
import { NUD_REACHABLE, NUD_STALE } from '../uapi/neigh.ts';
import { in6 } from '../wire/in6.ts';
import { DC_ACCEPT_RA, DC_FORWARDING, DC_RTR_SOLICITS } from './conf6.ts';
import { neigh6Lookup } from './neigh6-table.ts';
import { openSocket } from './socket-api.ts';
import { cable, up } from './testing.ts';
import { addr6, dev6, heard6, makeKernel6, ns6, route6, sendPing6, watch6 } from './testing6.ts';

interface Pair {
  k: Kernel;
  a: NetNs;
  b: NetNs;
  x: NetDevice;
  y: NetDevice;
}

/** No router solicitations, so that only what is asked for is seen. */
function quiet(ns: NetNs): void {
  for (const conf of [ns6(ns).confDefault, ns6(ns).confAll]) {
    conf.v[DC_RTR_SOLICITS] = 0;
    conf.v[DC_ACCEPT_RA] = 0;
  }
}

function pair(): Pair {
  const k = makeKernel6();
  const a = k.createNs('a');
  const b = k.createNs('b');
  quiet(a);
  quiet(b);
  const [x, y] = cable(a, 'eth0', b, 'eth0');
  for (const ns of [a, b]) up(ns.dev('lo') as NetDevice);
  up(x);
  up(y);
  addr6(x, 'fd00::1/64', IFA_F_NODAD);
  addr6(y, 'fd00::2/64', IFA_F_NODAD);
  k.loop.runUntil(5e9);
  return { k, a, b, x, y };
}

function run(k: Kernel, ns: number): void {
  k.loop.runUntil(k.loop.now + ns);
}

test('a neighbour is asked for, answers and is asked again when it has been silent', () => {
  const { k, a, x } = pair();
  const lines = watch6(x);
  const p = sendPing6(a, 'fd00::2');
  run(k, 1e9);
  expect(p.rc).toBe(64);
  expect(heard6(p.sock)).toEqual(['129/0 fd00::2 64']);
  expect(lines).toEqual([
    '5000.0 > fd00::1 > ff02::1:ff00:2 ns fd00::2 opt1 hl 255',
    '5000.0 < fd00::2 > fd00::1 na fd00::2 [SO] opt2 hl 255',
    '5000.0 > fd00::1 > fd00::2 icmp6 128/0 len 64 hl 64',
    '5000.0 < fd00::2 > fd00::1 icmp6 129/0 len 64 hl 64',
  ]);
  expect(neigh6Lookup(dev6(x), in6('fd00::2'))?.state).toBe(NUD_REACHABLE);
  lines.length = 0;
  run(k, 60e9);
  // The other side only heard of us: five seconds after its answer it makes sure, by unicast and from its own link.
  expect(lines).toEqual([
    '10000.0 < fe80::ff:fe00:2 > fd00::1 ns fd00::1 opt1 hl 255',
    '10000.0 > fd00::1 > fe80::ff:fe00:2 na fd00::1 [S] hl 255',
    '15000.0 > fe80::ff:fe00:1 > fe80::ff:fe00:2 ns fe80::ff:fe00:2 opt1 hl 255',
    '15000.0 < fe80::ff:fe00:2 > fe80::ff:fe00:1 na fe80::ff:fe00:2 [S] hl 255',
    '20000.0 < fe80::ff:fe00:2 > fe80::ff:fe00:1 ns fe80::ff:fe00:1 opt1 hl 255',
    '20000.0 > fe80::ff:fe00:1 > fe80::ff:fe00:2 na fe80::ff:fe00:1 [S] hl 255',
  ]);
  expect(neigh6Lookup(dev6(x), in6('fd00::2'))?.state).toBe(NUD_STALE);
});

test('who does not answer is asked three times, and the sender is told', () => {
  const { k, a, x } = pair();
  const lines = watch6(x);
  const p = sendPing6(a, 'fd00::99');
  run(k, 5e9);
  expect(lines.map((l) => l.split(' ')[0])).toEqual(['5000.0', '6000.0', '7000.0']);
  expect(heard6(p.sock)).toEqual(['1/3 fd00::1 64']);
  const e = p.sock.recvError();
  expect({ errno: e?.errno, origin: e?.origin, type: e?.type, code: e?.code }).toEqual({
    errno: 113,
    origin: 3,
    type: 1,
    code: 3,
  });
  expect(String(e?.offender6)).toBe('fd00::1');
});

test('all nodes on the link, this one too', () => {
  const { k, a, x } = pair();
  const p = sendPing6(a, 'ff02::1', 56, x.ifindex);
  run(k, 1e9);
  expect(heard6(p.sock).sort()).toEqual(['129/0 fe80::ff:fe00:1 64', '129/0 fe80::ff:fe00:2 64']);
});

test('to itself over lo', () => {
  const { k, a } = pair();
  for (const to of ['::1', 'fd00::1']) {
    const p = sendPing6(a, to);
    run(k, 1e9);
    expect(heard6(p.sock)).toEqual([`129/0 ${to} 64`]);
  }
});

test('fragments both ways', () => {
  const { k, a, x } = pair();
  sendPing6(a, 'fd00::2');
  run(k, 1e9);
  const lines = watch6(x);
  const p = sendPing6(a, 'fd00::2', 3000);
  run(k, 1e9);
  expect(heard6(p.sock)).toEqual(['129/0 fd00::2 64']);
  expect(lines.map((l) => l.split(' ').slice(1).join(' '))).toEqual([
    '> fd00::1 > fd00::2 frag 0+1448+',
    '> fd00::1 > fd00::2 frag 1448+1448+',
    '> fd00::1 > fd00::2 frag 2896+112',
    '< fd00::2 > fd00::1 frag 0+1448+',
    '< fd00::2 > fd00::1 frag 1448+1448+',
    '< fd00::2 > fd00::1 frag 2896+112',
  ]);
  const ip = ns6(a).ip;
  expect([ip.FragOKs, ip.FragCreates, ip.ReasmReqds, ip.ReasmOKs]).toEqual([1, 3, 3, 1]);
});

test('nothing is left when a device goes while frames wait for it', () => {
  const { k, a, x } = pair();
  sendPing6(a, 'fd00::99');
  run(k, 1e8);
  const before = k.skbs.live;
  k.dev.unregisterMany([x]);
  run(k, 1e9);
  expect(before).toBeGreaterThan(0);
  expect(k.skbs.live).toBe(0);
});

/** a - r - b, with an MTU of 1400 behind the router. */
function routed(): Pair & { r: NetNs; left: NetDevice; right: NetDevice } {
  const k = makeKernel6();
  const [a, r, b] = ['a', 'r', 'b'].map((n) => k.createNs(n));
  for (const ns of [a, r, b]) {
    quiet(ns);
    up(ns.dev('lo') as NetDevice);
  }
  const [x, left] = cable(a, 'eth0', r, 'r0');
  const [right, y] = cable(r, 'r1', b, 'eth0');
  ns6(r).confAll.v[DC_FORWARDING] = 1;
  right.core.setMtu(right, 1400);
  for (const dev of [x, left, right, y]) {
    up(dev);
    if (dev.ns === r) dev6(dev).conf.v[DC_FORWARDING] = 1;
  }
  addr6(x, 'fd00:1::2/64', IFA_F_NODAD);
  addr6(left, 'fd00:1::1/64', IFA_F_NODAD);
  addr6(right, 'fd00:2::1/64', IFA_F_NODAD);
  addr6(y, 'fd00:2::2/64', IFA_F_NODAD);
  route6(a, 'default', { gateway: in6('fd00:1::1') });
  route6(b, 'default', { gateway: in6('fd00:2::1') });
  k.loop.runUntil(5e9);
  return { k, a, b, r, x, y, left, right };
}

test('a router takes a hop off, and says so when none is left', () => {
  const { k, a, y } = routed();
  const lines = watch6(y);
  const p = sendPing6(a, 'fd00:2::2');
  run(k, 1e9);
  expect(heard6(p.sock)).toEqual(['129/0 fd00:2::2 63']);
  expect(lines.some((l) => l.includes('fd00:1::2 > fd00:2::2 icmp6 128/0 len 64 hl 63'))).toBe(true);
  const q = sendPing6(a, 'fd00:2::2');
  q.sock.setOption('IPV6_UNICAST_HOPS', 1);
  const data = new Uint8Array(64);
  data[0] = 128;
  q.sock.sendTo(data, { addr4: 0, port: 0, ifindex: 0, protocol: 0, mac: 0, addr6: in6('fd00:2::2') });
  run(k, 1e9);
  expect(heard6(q.sock)).toEqual(['3/0 fd00:1::1 64', '129/0 fd00:2::2 63']);
});

test('a smaller MTU behind a router is learned, and fragments fit it from then on', () => {
  const { k, a, x } = routed();
  sendPing6(a, 'fd00:2::2');
  run(k, 1e9);
  const lines = watch6(x);
  const p = sendPing6(a, 'fd00:2::2', 1452);
  run(k, 1e9);
  expect(heard6(p.sock)).toEqual(['2/0 fd00:1::1 64']);
  expect(p.sock.recvError()?.info).toBe(1400);
  const q = sendPing6(a, 'fd00:2::2', 1452);
  run(k, 1e9);
  expect(heard6(q.sock)).toEqual(['129/0 fd00:2::2 63']);
  expect(lines.filter((l) => l.includes('> fd00:1::2 > fd00:2::2 frag')).map((l) => l.split(' frag ')[1])).toEqual([
    '0+1352+',
    '1352+108',
  ]);
  run(k, 601e9);
  lines.length = 0;
  sendPing6(a, 'fd00:2::2', 1452);
  run(k, 1e9);
  expect(lines.some((l) => l.includes('128/0 len 1460'))).toBe(true); // forgotten after ten minutes
});

test('nowhere to go: an error from the router, an errno from the own kernel', () => {
  const { k, a, r } = routed();
  const p = sendPing6(a, 'fd00:9::1');
  run(k, 1e9);
  expect(heard6(p.sock)).toEqual(['1/0 fd00:1::1 64']);
  expect(sendPing6(r, 'fd00:9::1').rc).toBe(-101);
  expect(ns6(r).ip.InNoRoutes).toBe(1);
});

test('the shorter way is told, learned and taken', () => {
  const { k, a, r, left, x } = routed();
  // Another host on the first link, which a believes to be behind the router.
  const c = k.createNs('c');
  quiet(c);
  up(c.dev('lo') as NetDevice);
  const lines = watch6(x);
  const ping = (): void => {
    sendPing6(a, 'fd00:7::7');
    run(k, 1e9);
  };
  route6(r, 'fd00:7::/64', { oif: left.ifindex });
  ping();
  const told = lines.filter((l) => l.includes('redirect'));
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/fe80::ff:fe00:\d > fd00:1::2 redirect fd00:7::7 to fd00:7::7 opt4 hl 255$/);
});

test('errors to one host are limited: six at once, then one in 100 ms', () => {
  const { k, a, b, x } = pair();
  const s = openSocket(k, b, 'udp6', 17);
  if (typeof s === 'number') throw new Error(`errno ${-s}`);
  const lines = watch6(x);
  const counts = [0.16, 0.16, 0.36, 0.6, 0.1].map((wait) => {
    for (let i = 0; i < 20; i++) {
      s.sendTo(new Uint8Array(1), { addr4: 0, port: 9, ifindex: 0, protocol: 0, mac: 0, addr6: in6('fd00::1') });
    }
    run(k, wait * 1e9);
    return lines.splice(0).filter((l) => l.includes('icmp6 1/4')).length;
  });
  expect(counts).toEqual([6, 1, 2, 3, 6]); // as the live kernel
  expect(ns6(a).icmp.OutRateLimitHost).toBe(82);
});
