// A router between two links: what it forwards, what it tells the sender, what the sender learns.

import { expect, test } from 'vitest';
import { NUD_PERMANENT } from '../uapi/neigh.ts';
import { NLM_F_CREATE, NLM_F_REPLACE } from '../uapi/netlink.ts';
import { RTN_BLACKHOLE, RTN_PROHIBIT, RTN_UNREACHABLE } from '../uapi/route.ts';
import { encodeIcmp } from '../wire/icmp.ts';
import { ip4Of } from '../wire/text.ts';
import { NEIGH4, neighAdd, routeAdd, routeGet } from './control.ts';
import type { RawSocket } from './raw.ts';
import { openSocket } from './socket-api.ts';
import { inetNs } from './state.ts';
import { sysctlWrite } from './sysctl.ts';
import { addr, cable, heard, makeKernel, routeRequest, sendPing, up, via, watch } from './testing.ts';

function lab() {
  const kernel = makeKernel();
  const a = kernel.createNs('a');
  const r = kernel.createNs('r');
  const b = kernel.createNs('b');
  const [v0, v1] = cable(a, 'v0', r, 'v1');
  const [v2, v3] = cable(r, 'v2', b, 'v3');
  for (const dev of [v0, v1, v2, v3]) up(dev);
  addr(v0, '10.0.0.1/24');
  addr(v1, '10.0.0.254/24');
  addr(v2, '10.0.1.254/24');
  addr(v3, '10.0.1.2/24');
  via(a, 'default', '10.0.0.254');
  via(b, 'default', '10.0.1.254');
  sysctlWrite(r, 'net/ipv4/ip_forward', '1');
  const ping = (to: string, s = 0.1): string[] => {
    const { sock } = sendPing(a, to);
    kernel.loop.runUntil(kernel.loop.now + s * 1e9);
    const out = heard(sock);
    sock.close();
    return out;
  };
  const get = (dst: string) =>
    routeGet(a, {
      dst: ip4Of(dst),
      src: 0,
      tos: 0,
      oif: 0,
      iif: 0,
      mark: 0,
      ipProto: 0,
      sport: 0,
      dport: 0,
      fibMatch: false,
    });
  return { kernel, a, r, b, v0, v1, v2, v3, ping, get };
}

test('there and back, a hop shorter', () => {
  const { kernel, v3, ping } = lab();
  const seen = watch(v3);
  expect(ping('10.0.1.2')).toEqual(['0/0 10.0.1.2']);
  expect(seen.filter((l) => l.includes('icmp')).length).toBe(2);
  kernel.loop.runUntil(60e9);
  expect(kernel.skbs.live).toBe(0);
});

// Each of these errors costs two of the sender's tokens, of which it has five and gets one a second.
test('what cannot go on is told, with the right word', () => {
  const { r, ping } = lab();
  expect(ping('8.8.8.8', 3)).toEqual(['3/0 10.0.0.254']);
  const no = (dst: string, type: number): void => routeAdd(r, routeRequest(dst, { type, scope: 0 }));
  no('9.0.0.0/8', RTN_UNREACHABLE);
  no('11.0.0.0/8', RTN_PROHIBIT);
  no('12.0.0.0/8', RTN_BLACKHOLE);
  expect([ping('9.0.0.1', 3), ping('11.0.0.1', 3), ping('12.0.0.1')]).toEqual([
    ['3/1 10.0.0.254'],
    ['3/13 10.0.0.254'],
    [],
  ]);
  expect(ping('10.0.1.99', 4)).toEqual(['3/1 10.0.0.254']);
});

test('without forwarding nothing is said', () => {
  const { r, ping } = lab();
  sysctlWrite(r, 'net/ipv4/ip_forward', '0');
  expect(ping('10.0.1.2')).toEqual([]);
  expect(ping('10.0.1.254')).toEqual(['0/0 10.0.1.254']);
  expect(inetNs(r).ip.InAddrErrors).toBe(1);
});

test('the last hop is spent', () => {
  const { kernel, a } = lab();
  const sock = openSocket(kernel, a, 'raw4', 1) as RawSocket;
  sock.setOption('IP_TTL', 1);
  sock.sendTo(encodeIcmp({ type: 8 }), { addr4: ip4Of('10.0.1.2'), port: 0, ifindex: 0, protocol: 0, mac: 0 });
  kernel.loop.runUntil(1e9);
  expect(heard(sock)).toEqual(['11/0 10.0.0.254']);
});

test('a narrow link: the sender learns the MTU, and forgets it with the cache or after ten minutes', () => {
  const { kernel, a, v2, v3, get } = lab();
  kernel.dev.setMtu(v2, 1400);
  kernel.dev.setMtu(v3, 1400);
  const { sock } = sendPing(a, '10.0.1.2', 1450);
  kernel.loop.runUntil(1e9);
  expect(heard(sock)).toEqual(['3/4 10.0.0.254']);
  expect(get('10.0.1.2').pmtu).toBe(1400);
  const again = sendPing(a, '10.0.1.2', 1450);
  kernel.loop.runUntil(2e9);
  expect(heard(again.sock)).toEqual(['0/0 10.0.1.2']);
  kernel.loop.runUntil(602e9);
  expect(get('10.0.1.2').pmtu).toBe(0);
  sendPing(a, '10.0.1.2', 1450);
  kernel.loop.runUntil(603e9);
  expect(get('10.0.1.2').pmtu).toBe(1400);
  sysctlWrite(a, 'net/ipv4/route/flush', '1');
  expect(get('10.0.1.2').pmtu).toBe(0);
});

test('a redirect to a neighbour of the sender is sent, and heeded once that neighbour is known', () => {
  const { kernel, a, r, v0, get, ping } = lab();
  via(r, '7.0.0.0/8', '10.0.0.77');
  expect(ping('7.0.0.1')[0]).toBe('5/1 10.0.0.254');
  expect(get('7.0.0.1').gateway).toBe(ip4Of('10.0.0.254')); // asked for, not there yet
  neighAdd(NEIGH4, a, {
    ifindex: v0.ifindex,
    dst: ip4Of('10.0.0.77'),
    lladdr: 0x020000000077,
    lladdrShort: false,
    state: NUD_PERMANENT,
    flags: 0,
    flagsExt: 0,
    protocol: 0,
    nlFlags: NLM_F_CREATE | NLM_F_REPLACE,
  });
  kernel.loop.runUntil(30e9);
  ping('7.0.0.1');
  expect(get('7.0.0.1').gateway).toBe(ip4Of('10.0.0.77'));
  sysctlWrite(a, 'net/ipv4/conf/v0/accept_redirects', '0');
  sysctlWrite(a, 'net/ipv4/conf/all/accept_redirects', '0');
  ping('7.0.0.2');
  expect(get('7.0.0.2').gateway).toBe(ip4Of('10.0.0.254'));
});

test('martians: our own address, loopback and groups as a source; reverse path', () => {
  const { r, ping } = lab();
  addrLo(r);
  expect(ping('10.0.1.2')).toEqual(['0/0 10.0.1.2']);
  sysctlWrite(r, 'net/ipv4/conf/v1/rp_filter', '1');
  expect(ping('10.0.1.2')).toEqual(['0/0 10.0.1.2']);
  routeAdd(r, routeRequest('10.0.0.1/32', { oif: r.dev('v2')!.ifindex }));
  expect(ping('10.0.1.2')).toEqual([]);
  expect(inetNs(r).ip.IPReversePathFilter).toBe(1);
});

function addrLo(ns: ReturnType<typeof lab>['a']): void {
  up(ns.dev('lo')!);
}
