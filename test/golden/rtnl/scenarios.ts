// The requests whose answers are pinned: each scenario runs on the kernel that it was captured from and on the model.
// Addresses are given, so that nothing random is compared; indices are those of fresh namespaces (lo is 1).

import { CTRL, ETHTOOL } from '../../../src/netlink/genl.ts';
import type { Payload } from '../../../src/netlink/message.ts';
import * as P from '../../../src/netlink/payload.ts';
import { GENL_ID_CTRL, type GENLMSGHDR } from '../../../src/uapi/genl.ts';
import * as rtm from '../../../src/uapi/msgtype.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_ECHO, NLM_F_EXCL, NLM_F_REPLACE } from '../../../src/uapi/netlink.ts';
import * as everything from './scenarios-more.ts';
import { FD_A, FD_B, Scenario } from './steps.ts';

const { ethtoolSets, ...more } = everything;

const NEW = NLM_F_CREATE | NLM_F_EXCL;
const IFF_UP = 1;
/** The id that the ethtool family has on the captured machine. */
const ETH = 21;
type Any = Payload<NonNullable<typeof GENLMSGHDR.sample>, object>;
const mac = (n: number): number => 0x02_00_00_00_00_00 + n;
const ip = (a: number, b: number, c: number, d: number): number => ((a * 256 + b) * 256 + c) * 256 + d;

function up(s: Scenario, what: string, index: number, more = {}): Scenario {
  return s.change(`${what} up`, P.LINK, rtm.RTM_NEWLINK, 0, { index, flags: IFF_UP, change: IFF_UP }, {}, { waitMs: 1200, ...more });
}

function down(s: Scenario, what: string, index: number, more = {}): Scenario {
  return s.change(`${what} down`, P.LINK, rtm.RTM_NEWLINK, 0, { index, flags: 0, change: IFF_UP }, {}, more);
}

/** v0 (2) and v1 (3), a veth pair. The device that was asked for gets the higher index. */
function pair(s: Scenario): Scenario {
  const peer = { header: {}, attrs: { ifname: 'v1', address: mac(2) } };
  return s.change('add v0 and v1', P.LINK, rtm.RTM_NEWLINK, NEW, {}, {
    ifname: 'v0', address: mac(1), linkinfo: { kind: 'veth', data: { peer } as never },
  }, { waitMs: 1200 });
}

function macvlan(s: Scenario, name: string, link: number, n: number, data: object, header = {}, more: object = {}): Scenario {
  return s.change(`add ${name}`, P.LINK, rtm.RTM_NEWLINK, NEW, header, {
    ifname: name, link, address: mac(n), ...more, linkinfo: { kind: 'macvlan', data: data as never },
  }, { waitMs: 1200 });
}

function links(): Scenario {
  const s = pair(new Scenario());
  s.dump('all links', P.LINK, rtm.RTM_GETLINK, {}, {});
  s.dump('all links, strict, without counters', P.LINK, rtm.RTM_GETLINK, {}, { extMask: 9 }, { strict: true });
  up(s, 'lo', 1);
  up(s, 'v0', 3);
  up(s, 'v1', 2, { waitMs: 1200 });
  macvlan(s, 'm0', 3, 0x10, { mode: 4 });
  s.ask('m0 by name', P.LINK, rtm.RTM_GETLINK, 0, {}, { ifname: 'm0' });
  up(s, 'm0', 4, { waitMs: 1200 });
  macvlan(s, 'm1', 3, 0x11, { mode: 16 }, { flags: IFF_UP, change: IFF_UP });
  s.change('m1: a source list', P.LINK, rtm.RTM_NEWLINK, 0, { index: 5 }, {
    linkinfo: { kind: 'macvlan', data: { macaddrMode: 3, macaddrData: [mac(0xa1), mac(0xa2)] } as never },
  });
  s.change('m0: mtu', P.LINK, rtm.RTM_NEWLINK, 0, { index: 4 }, { mtu: 1400 });
  s.change('m0: mtu above v0', P.LINK, rtm.RTM_NEWLINK, 0, { index: 4 }, { mtu: 1501 });
  s.change('v0: mtu', P.LINK, rtm.RTM_NEWLINK, 0, { index: 3 }, { mtu: 1300 });
  s.change('m0: address', P.LINK, rtm.RTM_NEWLINK, 0, { index: 4 }, { address: mac(0x20) });
  s.change('m0: name', P.LINK, rtm.RTM_NEWLINK, 0, { index: 4 }, { ifname: 'new0' });
  s.change('m0: name that exists', P.LINK, rtm.RTM_NEWLINK, 0, { index: 4 }, { ifname: 'm1' });
  s.change('m0: alias', P.LINK, rtm.RTM_NEWLINK, 0, { index: 4 }, { ifalias: 'some words' });
  s.change('m0: group, txqlen', P.LINK, rtm.RTM_NEWLINK, 0, { index: 4 }, { group: 7, txqlen: 50 });
  s.change('m0: promisc', P.LINK, rtm.RTM_NEWLINK, 0, { index: 4, flags: 0x100, change: 0x100 }, {});
  s.change('m0: no promisc', P.LINK, rtm.RTM_NEWLINK, 0, { index: 4, flags: 0, change: 0x100 }, {});
  s.change('m0: allmulti', P.LINK, rtm.RTM_NEWLINK, 0, { index: 4, flags: 0x200, change: 0x200 }, {});
  s.change('m0: protodown', P.LINK, rtm.RTM_NEWLINK, 0, { index: 4 }, { protoDown: 1 }, { waitMs: 1200 });
  s.change('m0: no protodown', P.LINK, rtm.RTM_NEWLINK, 0, { index: 4 }, { protoDown: 0 }, { waitMs: 1200 });
  s.change('m0: carrier', P.LINK, rtm.RTM_NEWLINK, 0, { index: 4 }, { carrier: 0 });
  s.change('m0: other names', P.LINK, rtm.RTM_NEWLINKPROP, NEW | NLM_F_APPEND, { index: 4 }, { propList: ['one', 'two'] });
  s.ask('m0 by another name', P.LINK, rtm.RTM_GETLINK, 0, {}, { altIfname: 'two' });
  s.change('m0: one name less', P.LINK, rtm.RTM_DELLINKPROP, 0, { index: 4 }, { propList: ['one'] });
  s.change('m0: a name twice', P.LINK, rtm.RTM_NEWLINKPROP, NEW | NLM_F_APPEND, { index: 4 }, { propList: ['two'] });
  s.change('m0: gso limits', P.LINK, rtm.RTM_NEWLINK, 0, { index: 4 }, { gsoMaxSize: 30000, gsoMaxSegs: 10 });
  s.change('m0: gso too big', P.LINK, rtm.RTM_NEWLINK, 0, { index: 4 }, { gsoMaxSize: 600000 });
  s.dump('links of kind macvlan', P.LINK, rtm.RTM_GETLINK, {}, { linkinfo: { kind: 'macvlan' } });
  down(s, 'v0', 3, { waitMs: 1200 });
  up(s, 'v0', 3, { waitMs: 1200 });
  s.change('m0 away to b', P.LINK, rtm.RTM_NEWLINK, 0, { index: 4 }, { netNsFd: FD_B });
  s.dump('links of b', P.LINK, rtm.RTM_GETLINK, {}, {}, { ns: 'b' });
  s.change('a macvlan of v0 in b', P.LINK, rtm.RTM_NEWLINK, NEW, {}, {
    ifname: 'm2', link: 3, address: mac(0x30), netNsFd: FD_B, linkinfo: { kind: 'macvlan', data: { mode: 1 } as never },
  });
  s.change('m0 back to a', P.LINK, rtm.RTM_NEWLINK, 0, { index: 4 }, { netNsFd: FD_A }, { ns: 'b' });
  s.change('delete m0 with echo', P.LINK, rtm.RTM_DELLINK, NLM_F_ECHO, { index: 4 }, {});
  s.change('delete m1', P.LINK, rtm.RTM_DELLINK, 0, {}, { ifname: 'm1' });
  s.change('create with echo', P.LINK, rtm.RTM_NEWLINK, NEW | NLM_F_ECHO, {}, {
    ifname: 'e0', link: 3, address: mac(0x31), linkinfo: { kind: 'macvlan', data: { mode: 2 } as never },
  });
  s.change('a name of the kernel', P.LINK, rtm.RTM_NEWLINK, NEW, {}, {
    link: 3, address: mac(0x32), linkinfo: { kind: 'macvlan' },
  });
  s.change('with index 77', P.LINK, rtm.RTM_NEWLINK, NEW, { index: 77 }, {
    ifname: 'i%d', link: 3, address: mac(0x33), group: 5, linkinfo: { kind: 'macvlan' },
  });
  s.change('delete group 5', P.LINK, rtm.RTM_DELLINK, 0, {}, { group: 5 });
  s.change('delete v0', P.LINK, rtm.RTM_DELLINK, 0, { index: 3 }, {}, { waitMs: 200 });
  s.dump('what is left', P.LINK, rtm.RTM_GETLINK, {}, {});
  s.dump('ids', P.NSID, rtm.RTM_GETNSID, {}, {}, { ns: 'b' });
  s.change('give an id', P.NSID, rtm.RTM_NEWNSID, 0, {}, { nsid: 9, fd: FD_B });
  s.change('give it twice', P.NSID, rtm.RTM_NEWNSID, 0, {}, { nsid: 10, fd: FD_B });
  s.ask('ask for it', P.NSID, rtm.RTM_GETNSID, 0, {}, { fd: FD_B });
  s.ask('ask for an unknown one', P.NSID, rtm.RTM_GETNSID, 0, {}, { nsid: 55 });
  return s;
}

function refusals(): Scenario {
  const s = pair(new Scenario());
  const mv = (what: string, attrs: object, data: object, flags = NEW, header = {}): Scenario =>
    s.change(what, P.LINK, rtm.RTM_NEWLINK, flags, header, {
      ifname: 'x0', link: 3, ...attrs, linkinfo: { kind: 'macvlan', data: data as never },
    });
  macvlan(s, 'm0', 3, 0x10, { mode: 4 });
  mv('no link', { link: undefined }, { mode: 4 });
  mv('link that is not there', { link: 99 }, { mode: 4 });
  mv('on lo', { link: 1 }, { mode: 4 });
  mv('mode 3', {}, { mode: 3 });
  mv('flags 8', {}, { flags: 8 });
  mv('multicast address', { address: 0x010000000001 }, { mode: 4 });
  mv('zero address', { address: 0 }, { mode: 4 });
  mv('macaddrMode 9', {}, { mode: 16, macaddrMode: 9 });
  mv('macaddrMode with bridge', {}, { mode: 4, macaddrMode: 0, macaddr: mac(9) });
  mv('macaddrMode without macaddr', {}, { mode: 16, macaddrMode: 0 });
  mv('macaddrCount given', {}, { mode: 16, macaddrCount: 0 });
  mv('bcQueueLenUsed given', {}, { mode: 4, bcQueueLenUsed: 1 });
  mv('mtu 10', { mtu: 10 }, { mode: 4 });
  mv('mtu 70000', { mtu: 70000 }, { mode: 4 });
  mv('mtu above the lowerdev', { mtu: 2000 }, { mode: 4 });
  mv('no tx queues', { numTxQueues: 0 }, { mode: 4 });
  mv('5000 rx queues', { numRxQueues: 5000 }, { mode: 4 });
  mv('unknown link netns id', { linkNetnsid: 7 }, { mode: 4 });
  mv('name exists', { ifname: 'm0' }, { mode: 4 });
  mv('name exists, may change, other kind', { ifname: 'v0' }, { mode: 4 }, NLM_F_CREATE);
  mv('replace', { ifname: 'm0' }, { mode: 4 }, NLM_F_CREATE | NLM_F_REPLACE);
  mv('bad name', { ifname: 'a/b' }, { mode: 4 });
  mv('passthru beside others', {}, { mode: 8 });
  mv('negative index', {}, { mode: 4 }, NEW, { index: -5 });
  mv('index in use', { ifname: 'x1' }, { mode: 4 }, NLM_F_CREATE, { index: 1 });
  mv('two namespaces', { netNsFd: FD_B, netNsPid: 1 }, { mode: 4 });
  mv('descriptor of nothing', { netNsFd: 999 }, { mode: 4 });
  mv('protinfo', { protinfo: new Uint8Array(4) }, { mode: 4 });
  mv('address in use, with up', { address: mac(1) }, { mode: 4 }, NEW, { flags: IFF_UP, change: IFF_UP });
  mv('master that cannot', { master: 3, address: mac(0x77) }, { mode: 4 });
  mv('passthru edge', { ifname: 'm0' }, { mode: 8 }, 0);
  s.change('unknown kind', P.LINK, rtm.RTM_NEWLINK, NEW, {}, { ifname: 'x0', linkinfo: { kind: 'nosuchkind' } });
  s.change('no kind', P.LINK, rtm.RTM_NEWLINK, NEW, {}, { ifname: 'x0' });
  s.change('set of nothing', P.LINK, rtm.RTM_SETLINK, 0, {}, {});
  s.change('set of no such name', P.LINK, rtm.RTM_SETLINK, 0, {}, { ifname: 'nosuch' });
  s.change('new of no such name', P.LINK, rtm.RTM_NEWLINK, 0, {}, { ifname: 'nosuch' });
  s.change('protodown of v0', P.LINK, rtm.RTM_SETLINK, 0, { index: 3 }, { protoDown: 1 });
  s.change('carrier of v0', P.LINK, rtm.RTM_SETLINK, 0, { index: 3 }, { carrier: 1 });
  s.change('delete lo', P.LINK, rtm.RTM_DELLINK, 0, { index: 1 }, {});
  s.change('delete group 0', P.LINK, rtm.RTM_DELLINK, 0, {}, { group: 0 });
  s.change('delete group 3', P.LINK, rtm.RTM_DELLINK, 0, {}, { group: 3 });
  s.change('delete nothing', P.LINK, rtm.RTM_DELLINK, 0, {}, {});
  s.change('delete by descriptor', P.LINK, rtm.RTM_DELLINK, 0, { index: 3 }, { netNsFd: FD_B });
  s.change('lo away', P.LINK, rtm.RTM_NEWLINK, 0, { index: 1 }, { netNsFd: FD_B });
  s.ask('get nothing', P.LINK, rtm.RTM_GETLINK, 0, {}, {});
  s.ask('get index 99', P.LINK, rtm.RTM_GETLINK, 0, { index: 99 }, {});
  s.ask('get, strict, with flags', P.LINK, rtm.RTM_GETLINK, 0, { index: 1, flags: 1 }, {}, { strict: true });
  s.dump('dump, strict, by index', P.LINK, rtm.RTM_GETLINK, { index: 1 }, {}, { strict: true });
  s.dump('dump, strict, with a name', P.LINK, rtm.RTM_GETLINK, {}, { ifname: 'v0' }, { strict: true });
  s.raw('type 126', '14000000' + '7e000500' + '01000000' + '00000000' + '00000000');
  s.raw('type 62', '14000000' + '3e000500' + '02000000' + '00000000' + '00000000');
  s.raw('no payload, with ack', '10000000' + '10000500' + '03000000' + '00000000');
  s.raw('a header of four bytes', '14000000' + '10000500' + '04000000' + '00000000' + '00000000');
  s.raw('no request flag', '14000000' + '10000400' + '05000000' + '00000000' + '00000000');
  s.raw('a noop with ack', '10000000' + '01000500' + '06000000' + '00000000');
  s.raw('two in one', ('14000000' + '7e000500' + '07000000' + '00000000' + '00000000').repeat(2));
  s.raw('a length that lies', '40000000' + '10000500' + '08000000' + '00000000' + '00000000');
  s.raw('bulk delete', '20000000' + '11000502' + '09000000' + '00000000' + '00'.repeat(16));
  s.raw('mtu of two bytes', '28000000' + '10000500' + '0a000000' + '00000000' + '0000000003000000' + '00'.repeat(8) + '0600040005000000');
  s.raw('leftover bytes', '24000000' + '10000500' + '0b000000' + '00000000' + '0000000003000000' + '00'.repeat(8) + '02000400');
  return s;
}

function bridges(): Scenario {
  const s = pair(new Scenario());
  s.change('add br0', P.LINK, rtm.RTM_NEWLINK, NEW, {}, { ifname: 'br0', address: mac(0x40), linkinfo: { kind: 'bridge' } });
  s.change('v0 into br0', P.LINK, rtm.RTM_NEWLINK, 0, { index: 3 }, { master: 4 });
  s.dump('links', P.LINK, rtm.RTM_GETLINK, {}, {});
  s.dump('ports', P.BRIDGE_LINK, rtm.RTM_GETLINK, { family: 7 }, {});
  s.dump('links of br0', P.LINK, rtm.RTM_GETLINK, {}, { master: 4 });
  up(s, 'br0', 4, { waitMs: 1200 });
  up(s, 'v1', 2, { waitMs: 300 });
  up(s, 'v0', 3, { waitMs: 1500 });
  s.change('hairpin on', P.BRIDGE_LINK, rtm.RTM_SETLINK, 0, { family: 7, index: 3 }, { protinfo: { mode: 1 } });
  s.change('learning off by type', P.LINK, rtm.RTM_NEWLINK, 0, { index: 3 }, {
    linkinfo: { slaveKind: 'bridge', slaveData: { learning: 0 } as never },
  });
  s.change('hwmode of v0', P.BRIDGE_LINK, rtm.RTM_SETLINK, 0, { family: 7, index: 3 }, { afSpec: { flags: 2, mode: 1 } });
  s.change('v1 is no port', P.BRIDGE_LINK, rtm.RTM_SETLINK, 0, { family: 7, index: 2 }, { protinfo: { mode: 1 } });
  s.change('ageing', P.LINK, rtm.RTM_NEWLINK, 0, { index: 4 }, { linkinfo: { kind: 'bridge', data: { ageingTime: 1000 } as never } });
  const fdb = { family: 7, ifindex: 3, state: 0x40 };
  s.change('static entry', P.NEIGH, rtm.RTM_NEWNEIGH, NEW, { ...fdb, flags: 4 }, { lladdr: mac(0x50) });
  s.change('static entry again', P.NEIGH, rtm.RTM_NEWNEIGH, NEW, { ...fdb, flags: 4 }, { lladdr: mac(0x50) });
  s.change('self entry', P.NEIGH, rtm.RTM_NEWNEIGH, NEW, { ...fdb, flags: 2, state: 0x80 }, { lladdr: mac(0x51) });
  s.change('self entry twice', P.NEIGH, rtm.RTM_NEWNEIGH, NEW, { ...fdb, flags: 2, state: 0x80 }, { lladdr: mac(0x51) });
  s.change('self entry of v1', P.NEIGH, rtm.RTM_NEWNEIGH, NEW, { ...fdb, ifindex: 2, flags: 2, state: 0x80 }, { lladdr: 0x333300000099 });
  s.change('no address', P.NEIGH, rtm.RTM_NEWNEIGH, NEW, { ...fdb, flags: 2 }, {});
  s.change('no device', P.NEIGH, rtm.RTM_NEWNEIGH, NEW, { ...fdb, ifindex: 0, flags: 2 }, { lladdr: mac(1) });
  s.change('unknown device', P.NEIGH, rtm.RTM_NEWNEIGH, NEW, { ...fdb, ifindex: 88, flags: 2 }, { lladdr: mac(1) });
  s.change('bad vlan', P.NEIGH, rtm.RTM_NEWNEIGH, NEW, { ...fdb, flags: 2 }, { lladdr: mac(1), vlan: 4095 });
  s.change('master of nobody', P.NEIGH, rtm.RTM_NEWNEIGH, NEW, { ...fdb, ifindex: 2, flags: 4 }, { lladdr: mac(0x52) });
  s.dump('fdb of v0', P.NEIGH, rtm.RTM_GETNEIGH, { family: 7, ifindex: 3 }, {}, { strict: true });
  s.change('delete static', P.NEIGH, rtm.RTM_DELNEIGH, 0, { ...fdb, flags: 4 }, { lladdr: mac(0x50) });
  s.change('delete self', P.NEIGH, rtm.RTM_DELNEIGH, 0, { ...fdb, flags: 2, state: 0x80 }, { lladdr: mac(0x51) });
  s.change('delete what is not there', P.NEIGH, rtm.RTM_DELNEIGH, 0, { ...fdb, flags: 4 }, { lladdr: mac(0x59) });
  s.change('v0 out of br0', P.LINK, rtm.RTM_NEWLINK, 0, { index: 3 }, { master: 0 }, { waitMs: 1200 });
  s.change('v0 into v1', P.LINK, rtm.RTM_NEWLINK, 0, { index: 3 }, { master: 2 });
  s.change('v0 into nothing', P.LINK, rtm.RTM_NEWLINK, 0, { index: 3 }, { master: 99 });
  s.change('delete br0', P.LINK, rtm.RTM_DELLINK, 0, { index: 4 }, {});
  return s;
}

function inet(): Scenario {
  const s = pair(new Scenario());
  up(s, 'lo', 1);
  up(s, 'v1', 2);
  up(s, 'v0', 3, { waitMs: 1200 });
  const ifa = { family: 2, prefixlen: 24, index: 3 };
  s.change('address', P.ADDR, rtm.RTM_NEWADDR, NEW, ifa, { local: ip(10, 0, 0, 1), address: ip(10, 0, 0, 1), broadcast: ip(10, 0, 0, 255) });
  s.change('address again', P.ADDR, rtm.RTM_NEWADDR, NEW, ifa, { local: ip(10, 0, 0, 1), address: ip(10, 0, 0, 1) });
  s.change('second address', P.ADDR, rtm.RTM_NEWADDR, NEW, ifa, { local: ip(10, 0, 0, 9), address: ip(10, 0, 0, 9) });
  s.change('peer address', P.ADDR, rtm.RTM_NEWADDR, NEW, { ...ifa, prefixlen: 32 }, { local: ip(10, 1, 0, 1), address: ip(10, 1, 0, 2), label: 'v0:x' });
  s.change('no local', P.ADDR, rtm.RTM_NEWADDR, NEW, ifa, {});
  s.change('prefix 33', P.ADDR, rtm.RTM_NEWADDR, NEW, { ...ifa, prefixlen: 33 }, { local: ip(10, 0, 0, 1) });
  s.change('no device', P.ADDR, rtm.RTM_NEWADDR, NEW, { ...ifa, index: 99 }, { local: ip(10, 0, 0, 1) });
  s.dump('addresses', P.ADDR, rtm.RTM_GETADDR, { family: 2 }, {});
  s.dump('addresses of v0, strict', P.ADDR, rtm.RTM_GETADDR, { family: 2, index: 3 }, {}, { strict: true });
  s.dump('addresses, strict, bad header', P.ADDR, rtm.RTM_GETADDR, { family: 2, scope: 3 }, {}, { strict: true });
  const rt = { family: 2, table: 254, protocol: 3, scope: 0, type: 1 };
  s.change('route', P.ROUTE, rtm.RTM_NEWROUTE, NEW, { ...rt, dstLen: 16 }, { dst: ip(10, 9, 0, 0), gateway: ip(10, 0, 0, 2), metrics: { mtu: 1400 } });
  s.change('default', P.ROUTE, rtm.RTM_NEWROUTE, NEW, rt, { gateway: ip(10, 0, 0, 254), priority: 100, oif: 3 });
  s.change('blackhole', P.ROUTE, rtm.RTM_NEWROUTE, NEW, { ...rt, dstLen: 16, type: 6 }, { dst: ip(10, 8, 0, 0) });
  s.change('table 1000', P.ROUTE, rtm.RTM_NEWROUTE, NEW, { ...rt, dstLen: 16, table: 0, scope: 253 }, { dst: ip(10, 7, 0, 0), oif: 3, table: 1000, prefsrc: ip(10, 0, 0, 9) });
  s.change('route exists', P.ROUTE, rtm.RTM_NEWROUTE, NEW, { ...rt, dstLen: 16 }, { dst: ip(10, 9, 0, 0), gateway: ip(10, 0, 0, 3) });
  s.change('route replaced', P.ROUTE, rtm.RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, { ...rt, dstLen: 16 }, { dst: ip(10, 9, 0, 0), gateway: ip(10, 0, 0, 3) });
  s.change('gateway out of reach', P.ROUTE, rtm.RTM_NEWROUTE, NEW, { ...rt, dstLen: 16 }, { dst: ip(10, 5, 0, 0), gateway: ip(192, 168, 0, 1) });
  s.change('bits beyond the prefix', P.ROUTE, rtm.RTM_NEWROUTE, NEW, { ...rt, dstLen: 16 }, { dst: ip(10, 5, 0, 1), gateway: ip(10, 0, 0, 2) });
  s.change('no such device', P.ROUTE, rtm.RTM_NEWROUTE, NEW, { ...rt, dstLen: 16 }, { dst: ip(10, 5, 0, 0), oif: 99 });
  s.change('delete what is not there', P.ROUTE, rtm.RTM_DELROUTE, 0, { ...rt, dstLen: 16, scope: 255 }, { dst: ip(10, 44, 0, 0) });
  s.dump('routes', P.ROUTE, rtm.RTM_GETROUTE, { family: 2 }, {});
  s.dump('routes of main, strict', P.ROUTE, rtm.RTM_GETROUTE, { family: 2, table: 254 }, {}, { strict: true });
  s.dump('routes through v0, strict', P.ROUTE, rtm.RTM_GETROUTE, { family: 2 }, { oif: 3 }, { strict: true });
  s.ask('way to 10.9.1.1', P.ROUTE, rtm.RTM_GETROUTE, 0, { family: 2, dstLen: 32 }, { dst: ip(10, 9, 1, 1) });
  s.ask('entry for 10.9.1.1', P.ROUTE, rtm.RTM_GETROUTE, 0, { family: 2, dstLen: 32, flags: 0x2000 }, { dst: ip(10, 9, 1, 1) });
  s.ask('way to itself', P.ROUTE, rtm.RTM_GETROUTE, 0, { family: 2, dstLen: 32, flags: 0x1000 }, { dst: ip(10, 0, 0, 1) });
  s.ask('way into the black hole', P.ROUTE, rtm.RTM_GETROUTE, 0, { family: 2, dstLen: 32 }, { dst: ip(10, 8, 0, 1) });
  s.ask('way of what comes in', P.ROUTE, rtm.RTM_GETROUTE, 0, { family: 2, dstLen: 32, srcLen: 32 }, { dst: ip(10, 0, 0, 1), src: ip(10, 0, 0, 77), iif: 3 });
  const nd = { family: 2, ifindex: 3, state: 0x80 };
  s.change('neighbour', P.NEIGH, rtm.RTM_NEWNEIGH, NEW, nd, { dst: ip(10, 0, 0, 7), lladdr: mac(7) });
  s.change('neighbour again', P.NEIGH, rtm.RTM_NEWNEIGH, NEW, nd, { dst: ip(10, 0, 0, 7), lladdr: mac(8) });
  s.change('neighbour replaced', P.NEIGH, rtm.RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, { ...nd, state: 2 }, { dst: ip(10, 0, 0, 7), lladdr: mac(8) });
  s.change('proxy', P.NEIGH, rtm.RTM_NEWNEIGH, NEW, { ...nd, flags: 8, state: 0 }, { dst: ip(10, 0, 0, 99) });
  s.change('no destination', P.NEIGH, rtm.RTM_NEWNEIGH, NEW, nd, {});
  s.change('no neighbour device', P.NEIGH, rtm.RTM_NEWNEIGH, NEW, { ...nd, ifindex: 0 }, { dst: ip(10, 0, 0, 6) });
  s.change('neighbour to be deleted', P.NEIGH, rtm.RTM_DELNEIGH, 0, nd, { dst: ip(10, 0, 0, 55) });
  s.dump('neighbours', P.NEIGH, rtm.RTM_GETNEIGH, { family: 2 }, {});
  s.dump('proxies', P.NEIGH, rtm.RTM_GETNEIGH, { family: 2, flags: 8 }, {});
  s.ask('one neighbour', P.NEIGH, rtm.RTM_GETNEIGH, 0, { family: 2, ifindex: 3 }, { dst: ip(10, 0, 0, 7) });
  s.ask('no such neighbour', P.NEIGH, rtm.RTM_GETNEIGH, 0, { family: 2, ifindex: 3 }, { dst: ip(10, 0, 0, 78) });
  s.change('delete neighbour', P.NEIGH, rtm.RTM_DELNEIGH, 0, nd, { dst: ip(10, 0, 0, 7) });
  s.change('delete address', P.ADDR, rtm.RTM_DELADDR, 0, ifa, { local: ip(10, 0, 0, 1), address: ip(10, 0, 0, 1) });
  s.change('delete it again', P.ADDR, rtm.RTM_DELADDR, 0, ifa, { local: ip(10, 0, 0, 1), address: ip(10, 0, 0, 1) });
  down(s, 'v0', 3, { waitMs: 300 });
  return s;
}

function qdiscs(): Scenario {
  const s = new Scenario();
  s.change('add v0 and v1', P.LINK, rtm.RTM_NEWLINK, NEW, {}, {
    ifname: 'v0', address: mac(1), numTxQueues: 1, numRxQueues: 1,
    linkinfo: { kind: 'veth', data: { peer: { header: {}, attrs: { ifname: 'v1', address: mac(2), numTxQueues: 1 } } } as never },
  }, { waitMs: 1200 });
  s.dump('before up', P.QDISC, rtm.RTM_GETQDISC, {}, {});
  up(s, 'v1', 2);
  up(s, 'v0', 3, { waitMs: 1200 });
  s.dump('after up', P.QDISC, rtm.RTM_GETQDISC, {}, {});
  const root = { ifindex: 3, parent: 0xffffffff };
  s.change('pfifo', P.QDISC, rtm.RTM_NEWQDISC, NEW, { ...root, handle: 0x10000 }, { kind: 'pfifo' });
  s.change('pfifo again', P.QDISC, rtm.RTM_NEWQDISC, NEW, { ...root, handle: 0x10000 }, { kind: 'pfifo' });
  s.change('other handle', P.QDISC, rtm.RTM_NEWQDISC, NEW, { ...root, handle: 0x20000 }, { kind: 'pfifo' });
  s.change('replaced', P.QDISC, rtm.RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, root, { kind: 'bfifo' });
  s.change('unknown', P.QDISC, rtm.RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, root, { kind: 'nosuch' });
  s.dump('now', P.QDISC, rtm.RTM_GETQDISC, {}, {});
  s.change('delete', P.QDISC, rtm.RTM_DELQDISC, 0, root, {});
  s.change('delete the default', P.QDISC, rtm.RTM_DELQDISC, 0, root, {});
  s.change('no device', P.QDISC, rtm.RTM_NEWQDISC, NEW, { ...root, ifindex: 99 }, { kind: 'pfifo' });
  s.dump('at the end', P.QDISC, rtm.RTM_GETQDISC, {}, {});
  s.dump('rules', P.ADDR, rtm.RTM_GETRULE, { family: 2 }, {});
  return s;
}

function ethtool(): Scenario {
  const s = pair(new Scenario());
  macvlan(s, 'm0', 3, 0x10, { mode: 4 });
  s.change('add br0', P.LINK, rtm.RTM_NEWLINK, NEW, {}, { ifname: 'br0', address: mac(0x40), linkinfo: { kind: 'bridge' } });
  up(s, 'v1', 2);
  up(s, 'v0', 3);
  const g = { proto: 16 } as const;
  const id = GENL_ID_CTRL;
  s.ask('the family', CTRL, id, 0, { cmd: 3, version: 1 }, { familyName: 'ethtool' }, g);
  s.ask('nlctrl', CTRL, id, 0, { cmd: 3, version: 1 }, { familyId: 16 }, g);
  s.ask('no such family', CTRL, id, 0, { cmd: 3, version: 1 }, { familyName: 'nosuch' }, g);
  s.ask('no name', CTRL, id, 0, { cmd: 3, version: 1 }, {}, g);
  s.ask('no such command', CTRL, id, 0, { cmd: 99, version: 1 }, {}, g);
  s.raw('no such id', '14000000' + '99000500' + '01000000' + '00000000' + '01010000', g);
  s.raw('header cut short', '12000000' + '15000500' + '01000000' + '00000000' + '0b010000', g);
  const gets = [
    ['linkinfo', 2], ['linkmodes', 4], ['linkstate', 6], ['debug', 7], ['wol', 9], ['features', 11], ['privflags', 13],
    ['rings', 15], ['channels', 17], ['coalesce', 19], ['pause', 21], ['tsinfo', 25], ['rss', 38],
  ] as const;
  for (const [what, cmd] of gets) {
    for (const devName of ['lo', 'v0', 'm0', 'br0']) {
      s.change(`${what} of ${devName}`, ETHTOOL[what] as Any, ETH, 0, { cmd, version: 1 }, { header: { devName } }, g);
    }
  }
  const feature = (what: string, attrs: object, header: object = { devName: 'v0' }, more = {}): Scenario =>
    s.change(what, ETHTOOL.features as Any, ETH, 0, { cmd: 12, version: 1 }, { header, ...attrs }, { ...g, ...more });
  const bit = (name: string, value: boolean): object => ({ wanted: { bits: [{ name, value }] } });
  feature('gro on', bit('rx-gro', true), { devName: 'v0' }, { waitMs: 200 });
  feature('gro on again', bit('rx-gro', true));
  feature('tx checksums off', bit('tx-checksum-ip-generic', false), { devName: 'v0' }, { waitMs: 200 });
  feature('tx checksums on, by index, without reply', { wanted: { bits: [{ index: 3, value: true }] } }, { devIndex: 3, flags: 2 }, { waitMs: 200 });
  feature('fixed', bit('l2-fwd-offload', true));
  feature('fixed on the macvlan', bit('tx-checksum-ip-generic', false), { devName: 'm0' });
  feature('lro of the macvlan', bit('rx-lro', true), { devName: 'm0' });
  feature('gso of lo', bit('tx-generic-segmentation', false), { devName: 'lo' }, { waitMs: 200 });
  feature('never changes', bit('vlan-challenged', true));
  feature('unknown name', bit('nosuch', true));
  feature('index too high', { wanted: { bits: [{ index: 99, value: true }] } });
  feature('index and name differ', { wanted: { bits: [{ index: 3, name: 'rx-gro', value: true }] } });
  feature('neither', { wanted: { bits: [{ value: true }] } });
  feature('compact', { wanted: { size: 64, value: [0x4000, 0], mask: [0x4000, 0] } }, { devName: 'v0', flags: 1 });
  feature('compact without size', { wanted: { value: [0x4000, 0], mask: [0x4000, 0] } });
  feature('nothing wanted', {});
  feature('no such device', bit('rx-gro', true), { devName: 'nosuch' });
  feature('no such index', bit('rx-gro', true), { devIndex: 99 });
  feature('index and name of two devices', bit('rx-gro', true), { devIndex: 2, devName: 'v0' });
  feature('no device at all', bit('rx-gro', true), {});
  s.change('no header', ETHTOOL.features as Any, ETH, 0, { cmd: 11, version: 1 }, {}, g);
  s.change('compact features', ETHTOOL.features as Any, ETH, 0, { cmd: 11, version: 1 }, { header: { devName: 'm0', flags: 1 } }, g);
  s.dump('features of all', ETHTOOL.features as Any, ETH, { cmd: 11, version: 1 }, { header: { flags: 1 } }, g);
  s.dump('linkmodes of all', ETHTOOL.linkmodes as Any, ETH, { cmd: 4, version: 1 }, { header: {} }, g);
  s.ask('string sets', ETHTOOL.strset as Any, ETH, 0, { cmd: 1, version: 1 }, { header: {}, stringsets: [{ id: 4 }, { id: 9 }] }, g);
  s.ask('counts', ETHTOOL.strset as Any, ETH, 0, { cmd: 1, version: 1 }, { header: {}, stringsets: [{ id: 4 }], countsOnly: true }, g);
  s.ask('names of counters', ETHTOOL.strset as Any, ETH, 0, { cmd: 1, version: 1 }, { header: { devName: 'v0' }, stringsets: [{ id: 1 }] }, g);
  s.ask('counters of nobody', ETHTOOL.strset as Any, ETH, 0, { cmd: 1, version: 1 }, { header: {}, stringsets: [{ id: 1 }] }, g);
  return s;
}

export const SCENARIOS: Readonly<Record<string, () => Scenario>> = {
  links, refusals, bridges, inet, qdiscs, ethtool, ...more, ethtoolSets: () => ethtoolSets(ETH),
};
