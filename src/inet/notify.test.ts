// What listeners of rtnetlink hear, in the order of a real 6.18 kernel (ip monitor of the same steps).

import { expect, test } from 'vitest';
import { IFA_F_SECONDARY } from '../uapi/addr.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_REPLACE } from '../uapi/netlink.ts';
import { ip4Of, ip4Text } from '../wire/text.ts';
import { addrDel, inetHooks, NEIGH4, neighAdd, neighDel, routeAdd, routeDel } from './control.ts';
import { sysctlWrite } from './sysctl.ts';
import { addr, addrRequest, cable, down, makeKernel, routeRequest, routes, routeText, up, via } from './testing.ts';
import type { NeighRequest } from './types.ts';

const NUD = new Map([
  [2, 'REACHABLE'],
  [4, 'STALE'],
  [0x20, 'FAILED'],
  [0x40, 'NOARP'],
  [0x80, 'PERMANENT'],
]);

function lab() {
  const kernel = makeKernel();
  const ns = kernel.createNs('a');
  const [v0, v1] = cable(ns, 'v0', kernel.createNs('b'), 'v1');
  up(v1);
  let lines: string[] = [];
  const hooks = inetHooks(kernel);
  const say = (gone: boolean, text: string): void => void lines.push((gone ? 'Deleted ' : '') + text);
  hooks.addrChanged = (gone, of, a) => {
    if (of !== ns) return;
    const brd = a.broadcast === 0 ? '' : ` brd ${ip4Text(a.broadcast)}`;
    say(
      gone,
      `${ip4Text(a.local)}/${a.prefixLen}${brd}${(a.flags & IFA_F_SECONDARY) !== 0 ? ' secondary' : ''} ${a.label}`,
    );
  };
  hooks.routeChanged = (gone, of, r) => {
    if (of === ns)
      say(
        gone,
        routeText(r)
          .replace(' proto kernel', '')
          .replace(/ scope (link|host)/, ''),
      );
  };
  hooks.neighChanged = (gone, of, n) => {
    if (of === ns) say(gone, `${ip4Text(n.dst)} ${NUD.get(n.state) ?? n.state}`);
  };
  const heard = (): string[] => {
    const out = lines;
    lines = [];
    return out;
  };
  return { kernel, ns, v0, heard };
}

function del(dev: ReturnType<typeof lab>['v0'], text: string): void {
  const [ip, len] = text.split('/');
  addrDel(dev.ns, { ...addrRequest(dev, ip4Of(ip), Number(len)), label: null });
}

test('addresses and their routes, up and down', () => {
  const { v0, heard } = lab();
  addr(v0, '10.0.0.1/24', { broadcast: ip4Of('10.0.0.255') });
  up(v0);
  expect(heard()).toEqual([
    '10.0.0.1/24 brd 10.0.0.255 v0',
    'local 10.0.0.1 dev v0 src 10.0.0.1',
    'broadcast 10.0.0.255 dev v0 src 10.0.0.1',
    '10.0.0.0/24 dev v0 src 10.0.0.1',
  ]);
  addr(v0, '10.0.0.3/24');
  addr(v0, '10.1.0.1/24');
  expect(heard()).toEqual([
    '10.0.0.3/24 secondary v0',
    'local 10.0.0.3 dev v0 src 10.0.0.1',
    '10.1.0.1/24 v0',
    'local 10.1.0.1 dev v0 src 10.1.0.1',
    '10.1.0.0/24 dev v0 src 10.1.0.1',
    'broadcast 10.1.0.255 dev v0 src 10.1.0.1',
  ]);
  down(v0);
  expect(heard()).toEqual([]);
  up(v0);
  expect(heard()).toEqual([
    'broadcast 10.0.0.255 dev v0 src 10.0.0.1',
    '10.0.0.0/24 dev v0 src 10.0.0.1',
    '10.1.0.0/24 dev v0 src 10.1.0.1',
    'broadcast 10.1.0.255 dev v0 src 10.1.0.1',
  ]);
});

test('routes by request, and one that loses its preferred source', () => {
  const { ns, v0, heard } = lab();
  addr(v0, '10.0.0.1/24');
  addr(v0, '10.0.0.3/24');
  up(v0);
  heard();
  via(ns, 'default', '10.0.0.2');
  const to = (gw: string, nlFlags: number): void =>
    routeAdd(ns, routeRequest('default', { gateway: ip4Of(gw), nlFlags }));
  to('10.0.0.3', NLM_F_CREATE | NLM_F_REPLACE);
  to('10.0.0.9', NLM_F_CREATE | NLM_F_REPLACE);
  to('10.0.0.8', NLM_F_CREATE | NLM_F_APPEND);
  routeDel(ns, routeRequest('default', { type: 0, scope: 255, protocol: 0 }));
  routeAdd(ns, routeRequest('1.0.0.0/8', { oif: v0.ifindex, prefsrc: ip4Of('10.0.0.3') }));
  del(v0, '10.0.0.3/24');
  expect(heard()).toEqual([
    'default via 10.0.0.2 dev v0',
    'default via 10.0.0.3 dev v0',
    'default via 10.0.0.9 dev v0',
    'default via 10.0.0.8 dev v0',
    'Deleted default via 10.0.0.9 dev v0',
    '1.0.0.0/8 dev v0 src 10.0.0.3',
    'Deleted 10.0.0.3/24 secondary v0',
    'Deleted local 10.0.0.3 dev v0 src 10.0.0.1',
    'Deleted 1.0.0.0/8 dev v0 src 10.0.0.3',
  ]);
});

test('promoted secondaries take their routes along', () => {
  const { ns, v0, heard } = lab();
  sysctlWrite(ns, 'net/ipv4/conf/all/promote_secondaries', '1');
  up(v0);
  const brd = { broadcast: ip4Of('10.0.0.255') };
  addr(v0, '10.0.0.1/24', brd);
  addr(v0, '10.0.0.2/24', brd);
  addr(v0, '10.0.0.3/24');
  addr(v0, '10.0.1.1/24');
  via(ns, '2.0.0.0/8', '10.0.0.99');
  routeAdd(ns, routeRequest('3.0.0.0/8', { oif: v0.ifindex, prefsrc: ip4Of('10.0.0.1') }));
  heard();
  del(v0, '10.0.0.1/24');
  expect(heard()).toEqual([
    'Deleted broadcast 10.0.0.255 dev v0 src 10.0.0.1',
    'Deleted local 10.0.0.2 dev v0 src 10.0.0.1',
    'Deleted local 10.0.0.3 dev v0 src 10.0.0.1',
    'Deleted 10.0.0.1/24 brd 10.0.0.255 v0',
    'Deleted 10.0.0.0/24 dev v0 src 10.0.0.1',
    'Deleted local 10.0.0.1 dev v0 src 10.0.0.1',
    'Deleted 3.0.0.0/8 dev v0 src 10.0.0.1',
    '10.0.0.2/24 brd 10.0.0.255 v0',
    'local 10.0.0.2 dev v0 src 10.0.0.2',
    'broadcast 10.0.0.255 dev v0 src 10.0.0.2',
    '10.0.0.0/24 dev v0 src 10.0.0.2',
    'local 10.0.0.3 dev v0 src 10.0.0.2',
  ]);
  expect(routes(ns)).toEqual([
    '2.0.0.0/8 via 10.0.0.99 dev v0',
    '10.0.0.0/24 dev v0 proto kernel scope link src 10.0.0.2',
    '10.0.1.0/24 dev v0 proto kernel scope link src 10.0.1.1',
  ]);
  del(v0, '10.0.0.2/24');
  addr(v0, '10.0.0.1/24');
  del(v0, '10.0.0.3/24');
  expect(heard()).toEqual([
    'Deleted local 10.0.0.3 dev v0 src 10.0.0.2',
    'Deleted 10.0.0.2/24 brd 10.0.0.255 v0',
    'Deleted 10.0.0.0/24 dev v0 src 10.0.0.2',
    'Deleted broadcast 10.0.0.255 dev v0 src 10.0.0.2',
    'Deleted local 10.0.0.2 dev v0 src 10.0.0.2',
    '10.0.0.3/24 v0',
    'local 10.0.0.3 dev v0 src 10.0.0.3',
    '10.0.0.0/24 dev v0 src 10.0.0.3',
    'broadcast 10.0.0.255 dev v0 src 10.0.0.3',
    '10.0.0.1/24 secondary v0',
    'local 10.0.0.1 dev v0 src 10.0.0.3',
    'Deleted local 10.0.0.1 dev v0 src 10.0.0.3',
    'Deleted 10.0.0.3/24 v0',
    'Deleted 10.0.0.0/24 dev v0 src 10.0.0.3',
    'Deleted broadcast 10.0.0.255 dev v0 src 10.0.0.3',
    'Deleted local 10.0.0.3 dev v0 src 10.0.0.3',
    '10.0.0.1/24 v0',
    'local 10.0.0.1 dev v0 src 10.0.0.1',
    '10.0.0.0/24 dev v0 src 10.0.0.1',
    'broadcast 10.0.0.255 dev v0 src 10.0.0.1',
  ]);
});

test('labels follow a new name: the first loses its suffix', () => {
  const { kernel, v0, heard } = lab();
  addr(v0, '10.0.0.1/24', { label: 'v0:x' });
  addr(v0, '10.1.0.1/24');
  addr(v0, '10.2.0.1/24', { label: 'v0:7' });
  heard();
  kernel.dev.rename(v0, 'w0');
  expect(heard()).toEqual(['10.0.0.1/24 w0', '10.1.0.1/24 w0:2', '10.2.0.1/24 w0:7']);
});

test('neighbours by request, and with their device', () => {
  const { ns, v0, heard } = lab();
  addr(v0, '10.0.0.1/24');
  up(v0);
  heard();
  const req = (lladdr: number, nlFlags: number): NeighRequest => ({
    ifindex: v0.ifindex,
    dst: ip4Of('10.0.0.77'),
    lladdr,
    lladdrShort: false,
    state: 0x80,
    flags: 0,
    flagsExt: 0,
    protocol: 0,
    nlFlags,
  });
  neighAdd(NEIGH4, ns, req(0x020000000077, NLM_F_CREATE));
  neighAdd(NEIGH4, ns, req(0x020000000078, NLM_F_REPLACE));
  neighDel(NEIGH4, ns, req(0, 0));
  neighAdd(NEIGH4, ns, req(0x020000000077, NLM_F_CREATE));
  expect(heard()).toEqual([
    '10.0.0.77 PERMANENT',
    '10.0.0.77 PERMANENT',
    '10.0.0.77 FAILED',
    'Deleted 10.0.0.77 FAILED',
    '10.0.0.77 PERMANENT',
  ]);
  ns.kernel.dev.setMacAddress(v0, 0x020000000999);
  expect(heard()).toEqual(['Deleted 10.0.0.77 PERMANENT']);
});

test('leaving the namespace: addresses go with their own routes, the rest is silent', () => {
  const { kernel, v0, heard } = lab();
  up(v0);
  addr(v0, '10.1.0.1/24');
  addr(v0, '10.2.0.1/24');
  heard();
  kernel.dev.moveToNs(v0, kernel.createNs('c'));
  expect(heard()).toEqual([
    'Deleted 10.1.0.1/24 v0',
    'Deleted local 10.1.0.1 dev v0 src 10.1.0.1',
    'Deleted 10.2.0.1/24 v0',
    'Deleted local 10.2.0.1 dev v0 src 10.2.0.1',
  ]);
});
