// More requests whose answers are pinned, so that every type of message that our commands send is among them: rules and
// settings of IP, IPv6, classes and filters, sockets, and the changes that ethtool asks for.

import { ETHTOOL } from '../../../src/netlink/genl.ts';
import type { Payload } from '../../../src/netlink/message.ts';
import * as P from '../../../src/netlink/payload.ts';
import { parseIp6 } from '../../../src/uapi/format.ts';
import type { GENLMSGHDR } from '../../../src/uapi/genl.ts';
import * as rtm from '../../../src/uapi/msgtype.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../../src/uapi/netlink.ts';
import { SOCK_DIAG_BY_FAMILY } from '../../../src/uapi/sockdiag.ts';
import { Scenario } from './steps.ts';

const NEW = NLM_F_CREATE | NLM_F_EXCL;
const [INET, INET6, BRIDGE] = [2, 10, 7];
type Any = Payload<NonNullable<typeof GENLMSGHDR.sample>, object>;
const mac = (n: number): number => 0x02_00_00_00_00_00 + n;
const ip = (a: number, b: number, c: number, d: number): number => ((a * 256 + b) * 256 + c) * 256 + d;
const ip6 = (text: string): Uint8Array => parseIp6(text) as Uint8Array;

function pair(s: Scenario): Scenario {
  const peer = { header: {}, attrs: { ifname: 'v1', address: mac(2), numTxQueues: 1 } };
  s.change('add v0 and v1', P.LINK, rtm.RTM_NEWLINK, NEW, {}, {
    ifname: 'v0', address: mac(1), numTxQueues: 1, numRxQueues: 1, linkinfo: { kind: 'veth', data: { peer } as never },
  }, { waitMs: 1200 });
  for (const index of [1, 2, 3]) {
    s.change(`${index} up`, P.LINK, rtm.RTM_NEWLINK, 0, { index, flags: 1, change: 1 }, {}, { waitMs: 1200 });
  }
  return s;
}

export function rules(): Scenario {
  const s = pair(new Scenario(0, true));
  for (const family of [INET, INET6]) {
    const to = (text4: number, text6: string): never => (family === INET ? text4 : ip6(text6)) as never;
    const add = (what: string, header: object, attrs: object, flags = NEW): Scenario =>
      s.change(`${family}: ${what}`, P.RULE, rtm.RTM_NEWRULE, flags, { family, action: 1, table: 100, ...header }, attrs as never);
    const del = (what: string, header: object, attrs: object): Scenario =>
      s.change(`${family}: ${what}`, P.RULE, rtm.RTM_DELRULE, 0, { family, ...header }, attrs as never);
    const [from, far] = [to(ip(10, 1, 0, 0), 'fd01::'), to(ip(10, 2, 0, 0), 'fd02::')];
    add('from', { srcLen: 16 }, { src: from, priority: 100 });
    add('the same again', { srcLen: 16 }, { src: from, priority: 100 });
    add('without a number', { dstLen: 16 }, { dst: far });
    add('a table above 255', { table: 0 }, { table: 1000, priority: 200 });
    add('another without a number', { dstLen: 16 }, { dst: far, protocol: 5 });
    add('devices', {}, { iifname: 'v0', oifname: 'v1', priority: 201 });
    add('a device that is not there', {}, { iifname: 'nosuch', priority: 202 });
    add('a name that is too long', {}, { iifname: 'abcdefghijklmnopq', priority: 203 });
    add('users', {}, { uidRange: { start: 0, end: 10 }, priority: 206 });
    add('suppressed', {}, { suppressPrefixlen: 0, suppressIfgroup: 3, priority: 207 });
    add('by whom', {}, { protocol: 4, priority: 208 });
    add('blackhole', { action: 6, table: 0 }, { priority: 209 });
    add('unreachable', { action: 7, table: 0 }, { priority: 210 });
    add('prohibit', { action: 8, table: 0 }, { priority: 211 });
    add('goto one that is there', { action: 2, table: 0 }, { goto: 211, priority: 150 });
    add('goto one that is not', { action: 2, table: 0 }, { goto: 5000, priority: 151 });
    add('goto backwards', { action: 2, table: 0 }, { goto: 100, priority: 152 });
    add('goto nowhere', { action: 2, table: 0 }, { priority: 153 });
    add('not', { flags: 2, srcLen: 16 }, { src: from, priority: 212 });
    add('no table', { table: 0 }, { priority: 213 });
    add('no action', { action: 0 }, { priority: 214 });
    add('a length without an address', { srcLen: 16 }, { priority: 215 });
    add('a length that is too much', { srcLen: 129 }, { src: from, priority: 216 });
    if (family === INET) {
      add('tos', { tos: 0x10 }, { priority: 217 });
      add('tos that cannot be', { tos: 0x03 }, { priority: 218 });
    }
    s.dump(`${family}: all`, P.RULE, rtm.RTM_GETRULE, { family }, {});
    s.dump(`${family}: all, strict`, P.RULE, rtm.RTM_GETRULE, { family }, {}, { strict: true });
    s.dump(`${family}: strict with a table`, P.RULE, rtm.RTM_GETRULE, { family, table: 5 }, {}, { strict: true });
    del('one that is there', { srcLen: 16 }, { src: from, priority: 100 });
    del('one that is not', {}, { priority: 7777 });
    del('by number alone', {}, { priority: 201 });
    del('the local one', {}, { priority: 0 });
    del('the target of a goto', {}, { priority: 211 });
    del('nothing said', {}, {});
    s.dump(`${family}: at the end`, P.RULE, rtm.RTM_GETRULE, { family }, {});
  }
  s.change('a family that has none', P.RULE, rtm.RTM_NEWRULE, NEW, { family: 1, action: 1, table: 100 }, {});
  s.dump('of every family', P.RULE, rtm.RTM_GETRULE, { family: 0 }, {});
  return s;
}

export function netconf(): Scenario {
  const s = pair(new Scenario(0, true));
  for (const family of [INET, INET6]) {
    for (const ifindex of [-1, -2, 1, 3, 99]) {
      s.ask(`${family}: of ${ifindex}`, P.NETCONF, rtm.RTM_GETNETCONF, 0, { family }, { ifindex });
    }
    s.ask(`${family}: of nobody`, P.NETCONF, rtm.RTM_GETNETCONF, 0, { family }, {});
    s.dump(`${family}: all`, P.NETCONF, rtm.RTM_GETNETCONF, { family }, {});
    s.dump(`${family}: strict with an attribute`, P.NETCONF, rtm.RTM_GETNETCONF, { family }, { ifindex: 3 }, { strict: true });
  }
  s.dump('of every family', P.NETCONF, rtm.RTM_GETNETCONF, { family: 0 }, {});
  s.change('add v2', P.LINK, rtm.RTM_NEWLINK, NEW, {}, { ifname: 'm0', link: 3, address: mac(9), linkinfo: { kind: 'macvlan' } });
  s.change('away', P.LINK, rtm.RTM_DELLINK, 0, { index: 4 }, {});
  return s;
}

export function classes(): Scenario {
  const s = pair(new Scenario());
  const root = { ifindex: 3, parent: 0xffffffff };
  const qdisc = (what: string, header: object, attrs: object, flags = NEW): Scenario =>
    s.change(what, P.QDISC, rtm.RTM_NEWQDISC, flags, { ...root, ...header }, attrs as never);
  const tclass = (what: string, type: number, flags: number, header: object, attrs: object): Scenario =>
    s.change(what, P.QDISC, type, flags, { ifindex: 3, ...header }, attrs as never);
  s.dump('no classes', P.QDISC, rtm.RTM_GETTCLASS, { ifindex: 3 }, {});
  qdisc('a qdisc without classes', { handle: 0x10000 }, { kind: 'pfifo_fast' });
  tclass('a class of a qdisc without', rtm.RTM_NEWTCLASS, NEW, { parent: 0x10000, handle: 0x10001 }, { kind: 'pfifo_fast' });
  tclass('a class of nobody', rtm.RTM_NEWTCLASS, NEW, { parent: 0x70000, handle: 0x70001 }, { kind: 'htb' });
  tclass('a class is not there', rtm.RTM_DELTCLASS, 0, { parent: 0x10000, handle: 0x10001 }, {});
  tclass('get one that is not there', rtm.RTM_GETTCLASS, 0, { parent: 0x10000, handle: 0x10001 }, {});
  tclass('of no device', rtm.RTM_GETTCLASS, 0, { ifindex: 99 }, {});
  s.dump('classes of no device', P.QDISC, rtm.RTM_GETTCLASS, { ifindex: 99 }, {});
  // Filters: a hook for them, and what is refused.
  qdisc('clsact', { parent: 0xfffffff1, handle: 0xffff0000 }, { kind: 'clsact' });
  qdisc('clsact again', { parent: 0xfffffff1, handle: 0xffff0000 }, { kind: 'clsact' });
  s.dump('qdiscs', P.QDISC, rtm.RTM_GETQDISC, {}, {});
  const filter = (what: string, type: number, flags: number, header: object, attrs: object): Scenario =>
    s.change(what, P.QDISC, type, flags, { ifindex: 3, parent: 0xfffffff2, ...header }, attrs as never);
  const info = (prio: number, protocol: number): number => prio * 0x10000 + (protocol >> 8) + (protocol & 255) * 256;
  const u32 = { kind: 'u32' };
  filter('an unknown classifier', rtm.RTM_NEWTFILTER, NEW, { info: info(1, 0x800) }, { kind: 'nosuch' });
  filter('no kind', rtm.RTM_NEWTFILTER, NEW, { info: info(1, 0x800) }, {});
  filter('no options', rtm.RTM_NEWTFILTER, NEW, { info: info(1, 0x800) }, u32);
  filter('priority 0, not to be made', rtm.RTM_NEWTFILTER, 0, { info: info(0, 0x800) }, u32);
  filter('none to delete', rtm.RTM_DELTFILTER, 0, { info: info(1, 0x800) }, u32);
  filter('delete with priority 0 and a protocol', rtm.RTM_DELTFILTER, 0, { info: info(0, 0x800) }, u32);
  filter('all away', rtm.RTM_DELTFILTER, 0, { info: 0 }, {});
  filter('none to get', rtm.RTM_GETTFILTER, 0, { info: info(1, 0x800) }, u32);
  filter('get with priority 0', rtm.RTM_GETTFILTER, 0, { info: 0 }, u32);
  filter('no such device', rtm.RTM_NEWTFILTER, NEW, { ifindex: 99, info: info(1, 0x800) }, u32);
  filter('no such parent', rtm.RTM_NEWTFILTER, NEW, { parent: 0x50000, info: info(1, 0x800) }, u32);
  s.dump('filters', P.QDISC, rtm.RTM_GETTFILTER, { ifindex: 3, parent: 0xfffffff2 }, {});
  s.dump('filters of no device', P.QDISC, rtm.RTM_GETTFILTER, { ifindex: 99, parent: 0xfffffff2 }, {});
  s.change('clsact away', P.QDISC, rtm.RTM_DELQDISC, 0, { ifindex: 3, parent: 0xfffffff1 }, {});
  return s;
}

/** IPv6 is on, and silent: no link-local addresses of its own, no detection of duplicates. */
export function inet6(): Scenario {
  const s = pair(new Scenario(0, true));
  const addr = (what: string, type: number, header: object, attrs: object, flags = NEW): Scenario =>
    s.change(what, P.ADDR, type, type === rtm.RTM_NEWADDR ? flags : 0, { family: INET6, prefixlen: 64, index: 3, flags: 2, ...header }, attrs as never, { waitMs: 400 });
  addr('address', rtm.RTM_NEWADDR, {}, { local: ip6('fd00::1') });
  addr('again', rtm.RTM_NEWADDR, {}, { local: ip6('fd00::1') });
  addr('preferred longer than valid', rtm.RTM_NEWADDR, {}, { local: ip6('fd00::2'), cacheinfo: { prefered: 3000, valid: 2000, cstamp: 0, tstamp: 0 } });
  addr('a peer', rtm.RTM_NEWADDR, { prefixlen: 128 }, { local: ip6('fd00:1::1'), address: ip6('fd00:1::2') });
  addr('link-local', rtm.RTM_NEWADDR, { scope: 253 }, { local: ip6('fe80::1') });
  addr('a metric of its own, no prefix route', rtm.RTM_NEWADDR, { prefixlen: 48 }, { local: ip6('fd00:2::1'), rtPriority: 77, flags: 0x202 });
  addr('multicast', rtm.RTM_NEWADDR, {}, { local: ip6('ff02::5') });
  addr('the loopback address elsewhere', rtm.RTM_NEWADDR, { prefixlen: 128 }, { local: ip6('::1') });
  addr('too long a prefix', rtm.RTM_NEWADDR, { prefixlen: 129 }, { local: ip6('fd00::3') });
  addr('no address', rtm.RTM_NEWADDR, {}, {});
  addr('no device', rtm.RTM_NEWADDR, { index: 99 }, { local: ip6('fd00::3') });
  s.dump('addresses', P.ADDR, rtm.RTM_GETADDR, { family: INET6 }, {});
  s.dump('of one device, strict', P.ADDR, rtm.RTM_GETADDR, { family: INET6, index: 3 }, {}, { strict: true });
  s.ask('one address', P.ADDR, rtm.RTM_GETADDR, 0, { family: INET6 }, { address: ip6('fd00::1') } as never);
  s.ask('one that is not there', P.ADDR, rtm.RTM_GETADDR, 0, { family: INET6 }, { address: ip6('fd00::99') } as never);
  const route = (what: string, type: number, header: object, attrs: object, flags = NEW): Scenario =>
    s.change(what, P.ROUTE, type, type === rtm.RTM_NEWROUTE ? flags : 0, { family: INET6, table: 254, protocol: 3, type: 1, dstLen: 64, ...header }, attrs as never);
  route('by a gateway', rtm.RTM_NEWROUTE, {}, { dst: ip6('fd10::'), gateway: ip6('fd00::9'), oif: 3 });
  route('again', rtm.RTM_NEWROUTE, {}, { dst: ip6('fd10::'), gateway: ip6('fd00::9'), oif: 3 });
  route('on a device', rtm.RTM_NEWROUTE, {}, { dst: ip6('fd11::'), oif: 3, priority: 5 });
  route('a gateway that cannot be reached', rtm.RTM_NEWROUTE, {}, { dst: ip6('fd12::'), gateway: ip6('fdff::9') });
  route('a gateway of our own', rtm.RTM_NEWROUTE, {}, { dst: ip6('fd12::'), gateway: ip6('fd00::1'), oif: 3 });
  route('blackhole', rtm.RTM_NEWROUTE, { type: 6 }, { dst: ip6('fd13::') });
  route('unreachable', rtm.RTM_NEWROUTE, { type: 7 }, { dst: ip6('fd14::') });
  route('prohibit', rtm.RTM_NEWROUTE, { type: 8 }, { dst: ip6('fd15::') });
  route('throw', rtm.RTM_NEWROUTE, { type: 9 }, { dst: ip6('fd16::') });
  route('default', rtm.RTM_NEWROUTE, { dstLen: 0 }, { gateway: ip6('fe80::9'), oif: 3 });
  route('bits beyond the prefix', rtm.RTM_NEWROUTE, {}, { dst: ip6('fd17::1'), oif: 3 });
  route('replaced', rtm.RTM_NEWROUTE, {}, { dst: ip6('fd11::'), oif: 3, priority: 5, metrics: { mtu: 1400 } }, NLM_F_REPLACE);
  route('replaced, not there', rtm.RTM_NEWROUTE, {}, { dst: ip6('fd99::'), oif: 3 }, NLM_F_REPLACE);
  route('no device', rtm.RTM_NEWROUTE, {}, { dst: ip6('fd18::'), oif: 99 });
  route('too long', rtm.RTM_NEWROUTE, { dstLen: 129 }, { dst: ip6('fd18::'), oif: 3 });
  s.dump('routes', P.ROUTE, rtm.RTM_GETROUTE, { family: INET6 }, {});
  s.dump('of table local, strict', P.ROUTE, rtm.RTM_GETROUTE, { family: INET6 }, { table: 255 }, { strict: true });
  for (const to of ['fd10::5', 'fd13::5', 'fd14::5', 'fd15::5', 'fd00::1', 'fd00::77', 'ff02::1', '::1', 'fe80::5']) {
    s.ask(`the way to ${to}`, P.ROUTE, rtm.RTM_GETROUTE, 0, { family: INET6, dstLen: 128 }, { dst: ip6(to) } as never);
  }
  route('away', rtm.RTM_DELROUTE, { type: 0 }, { dst: ip6('fd10::'), oif: 3 });
  route('away, not there', rtm.RTM_DELROUTE, { type: 0 }, { dst: ip6('fd77::'), oif: 3 });
  const neigh = (what: string, type: number, header: object, attrs: object, flags = NEW): Scenario =>
    s.change(what, P.NEIGH, type, type === rtm.RTM_NEWNEIGH ? flags : 0, { family: INET6, ifindex: 3, state: 0x80, ...header }, attrs as never);
  neigh('neighbour', rtm.RTM_NEWNEIGH, {}, { dst: ip6('fd00::9'), lladdr: mac(9) });
  neigh('again', rtm.RTM_NEWNEIGH, {}, { dst: ip6('fd00::9'), lladdr: mac(9) });
  neigh('a router', rtm.RTM_NEWNEIGH, { flags: 0x80 }, { dst: ip6('fd00::9'), lladdr: mac(10) }, NLM_F_REPLACE);
  neigh('without an address', rtm.RTM_NEWNEIGH, {}, { dst: ip6('fd00::8') });
  neigh('noarp', rtm.RTM_NEWNEIGH, { state: 0x40 }, { dst: ip6('fd00::7'), lladdr: mac(7) });
  neigh('proxy', rtm.RTM_NEWNEIGH, { flags: 8 }, { dst: ip6('fd00::6') });
  neigh('appended', rtm.RTM_NEWNEIGH, {}, { dst: ip6('fd00::5'), lladdr: mac(5) }, NLM_F_APPEND | NLM_F_CREATE);
  neigh('no device', rtm.RTM_NEWNEIGH, { ifindex: 99 }, { dst: ip6('fd00::5'), lladdr: mac(5) });
  neigh('no destination', rtm.RTM_NEWNEIGH, {}, { lladdr: mac(5) });
  s.ask('one neighbour', P.NEIGH, rtm.RTM_GETNEIGH, 0, { family: INET6, ifindex: 3 }, { dst: ip6('fd00::9') } as never);
  s.ask('one that is not there', P.NEIGH, rtm.RTM_GETNEIGH, 0, { family: INET6, ifindex: 3 }, { dst: ip6('fd00::44') } as never);
  s.ask('one of no device', P.NEIGH, rtm.RTM_GETNEIGH, 0, { family: INET6, ifindex: 0 }, { dst: ip6('fd00::44') } as never);
  s.dump('proxies', P.NEIGH, rtm.RTM_GETNEIGH, { family: INET6, flags: 8 }, {});
  neigh('away', rtm.RTM_DELNEIGH, {}, { dst: ip6('fd00::7') });
  neigh('away, not there', rtm.RTM_DELNEIGH, {}, { dst: ip6('fd00::44') });
  neigh('proxy away', rtm.RTM_DELNEIGH, { flags: 8 }, { dst: ip6('fd00::6') });
  addr('away', rtm.RTM_DELADDR, {}, { local: ip6('fd00::1') });
  addr('away, not there', rtm.RTM_DELADDR, {}, { local: ip6('fd00::99') });
  s.dump('addresses at the end', P.ADDR, rtm.RTM_GETADDR, { family: INET6 }, {});
  s.dump('routes at the end', P.ROUTE, rtm.RTM_GETROUTE, { family: INET6 }, {});
  return s;
}

/** What ethtool asks to be changed, of devices that can do none or little of it; and requests that are wrong. */
export function ethtoolSets(eth: number): Scenario {
  const s = pair(new Scenario());
  s.change('add m0', P.LINK, rtm.RTM_NEWLINK, NEW, {}, { ifname: 'm0', link: 3, address: mac(16), linkinfo: { kind: 'macvlan' } });
  s.change('add br0', P.LINK, rtm.RTM_NEWLINK, NEW, {}, { ifname: 'br0', address: mac(17), linkinfo: { kind: 'bridge' } });
  const sets = [
    ['linkinfo', 3, { port: 0 }], ['linkmodes', 5, { autoneg: 1, speed: 1000 }], ['debug', 8, { msgmask: { size: 4, value: [1], mask: [1] } }],
    ['wol', 10, {}], ['privflags', 14, {}], ['rings', 16, { rx: 100 }], ['channels', 18, { combinedCount: 1 }],
    ['channels', 18, { rxCount: 1 }], ['channels', 18, { rxCount: 99 }], ['coalesce', 20, { rxUsecs: 10 }], ['pause', 22, { rx: 1 }],
  ] as const;
  for (const [what, cmd, attrs] of sets) {
    for (const devName of ['v0', 'm0', 'br0', 'lo', 'nosuch']) {
      const header = { header: { devName }, ...attrs };
      s.change(`${what} of ${devName} ${JSON.stringify(attrs)}`, ETHTOOL[what] as Any, eth, 0, { cmd, version: 1 }, header, { proto: 16 });
    }
  }
  for (const [what, cmd] of [['linkinfo', 2], ['linkstate', 6], ['debug', 7], ['wol', 9], ['privflags', 13], ['rings', 15], ['channels', 17], ['coalesce', 19], ['pause', 21], ['tsinfo', 25], ['rss', 38]] as const) {
    s.dump(`${what} of all`, ETHTOOL[what] as Any, eth, { cmd, version: 1 }, { header: {} }, { proto: 16 });
    s.change(`${what} of no device`, ETHTOOL[what] as Any, eth, 0, { cmd, version: 1 }, { header: { devIndex: 99 } }, { proto: 16 });
    s.change(`${what} without a header`, ETHTOOL[what] as Any, eth, 0, { cmd, version: 1 }, {}, { proto: 16 });
  }
  return s;
}

/** Sockets that are asked for: none are open, and requests that are wrong. */
export function sockets(): Scenario {
  const s = pair(new Scenario());
  const diag = { proto: 4 } as const;
  for (const family of [INET, INET6]) {
    for (const protocol of [6, 17, 1, 132]) {
      s.dump(`all of ${family}/${protocol}`, P.SOCK_DIAG_REQ, SOCK_DIAG_BY_FAMILY, { family, protocol, states: 0xfff, ext: 255 }, {}, diag);
    }
  }
  s.ask('one of 2/6', P.SOCK_DIAG_REQ, SOCK_DIAG_BY_FAMILY, 0, { family: INET, protocol: 6, states: 0xfff, cookieLow: 0xffffffff, cookieHigh: 0xffffffff, sport: 5 }, {}, diag);
  s.dump('of a family that there is not', P.SOCK_DIAG_REQ, SOCK_DIAG_BY_FAMILY, { family: 99, protocol: 6, states: 0xfff }, {}, diag);
  s.dump('of bridges', P.SOCK_DIAG_REQ, SOCK_DIAG_BY_FAMILY, { family: BRIDGE, protocol: 6, states: 0xfff }, {}, diag);
  s.raw('cut short', '14000000' + '14000103' + '63000000' + '00000000' + '02060000', diag);
  s.raw('no such type', '14000000' + '63000100' + '64000000' + '00000000' + '02060000', diag);
  return s;
}
